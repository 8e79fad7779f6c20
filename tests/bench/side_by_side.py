"""Speed and scale beside what does the same otherwise: PowerDNS's own backend, its own ALIAS, and a
responder with canned replies as the floor. Prints a table of medians and ratios, and as the last
line all of it as JSON. No figure makes it fail; the exit status is 1 if a part could not run.
"""

import argparse
import dataclasses
import importlib
import json
import os
import platform
import signal
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness  # noqa: E402

PARTS = ["static", "alias", "missing", "dead-upstream", "signed", "transfer-out", "reply-size", "p99", "costs",
         "warm-up", "threads", "scale"]


def read_options():
    arguments = argparse.ArgumentParser(prog="tests/bench/run", description=__doc__)
    arguments.add_argument("parts", nargs="*", metavar="PART",
                           help="of these (all): " + " ".join(PARTS))
    arguments.add_argument("--quick", action="store_true",
                           help="three rounds of one second, and a small scale")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=4, help="of one measurement")
    arguments.add_argument("--records", type=int, default=10000000,
                           help="of the largest database of the part scale, a power of ten")
    arguments.add_argument("--json", metavar="FILE", help="write the JSON there, too")
    options = arguments.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        arguments.error(f"unknown part: {' '.join(sorted(unknown))}")
    if options.quick:
        options.rounds, options.seconds, options.records = 3, 1, 100000
    return options


def run_part(bench, name):
    """Whether it could be measured."""
    print(f"\n== {name} ==", flush=True)
    try:
        importlib.import_module("parts." + name.replace("-", "_")).run(bench)
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
        return False
    return True


def document(bench, options, failed):
    return {
        "quick": options.quick, "rounds": options.rounds, "seconds": options.seconds,
        "records": options.records,
        "cores": os.cpu_count(), "load": os.getloadavg(), "kernel": platform.release(),
        "rows": [{**dataclasses.asdict(row), "met": row.is_met()} for row in bench.rows],
        "reports": bench.reports, "tables": bench.tables, "bad": bench.bad, "failed": failed}


def print_all(bench, options, failed):
    print("\n== all ==")
    if options.quick:
        print("Quick: short rounds and a small scale, to see that it works.")
    harness.print_rows(bench.rows)
    for report in bench.reports:
        print(f"{report['what']}: {harness.number_text(report['figure'])} {report['unit']}")
    for table in bench.tables:
        harness.print_table([table["title"], *table["columns"]], [
            [name, *map(harness.number_text, figures)] for name, figures in table["lines"]])
    if not bench.bad:
        print("Nothing was lost, and no answer was another than expected.")
    for what, count in bench.bad.items():
        print(f"! {what}: {count}")
    for name in failed:
        print(f"! {name}: could not be measured")


def main():
    options = read_options()
    # What is ended by SIGTERM stops its servers, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with harness.bench_folder() as folder:
        bench = harness.Bench(folder, options.rounds, options.seconds, options.records,
                              options.quick)
        failed = [name for name in options.parts or PARTS if not run_part(bench, name)]
    print_all(bench, options, failed)
    line = json.dumps(document(bench, options, failed))
    if options.json:
        Path(options.json).write_text(line + "\n", encoding="utf-8")
    print(line)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
