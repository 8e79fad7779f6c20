"""The parts of the benchmark: each has run(bench)."""
