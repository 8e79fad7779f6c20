"""Static records with one to four threads of PowerDNS, caches off: threads that answer (each has a
connection of its own), and threads that receive, with one beside each."""

import statistics

from lib.aliasd import Aliasd

from harness import (ANSWER_CACHES_OFF, NAMES, ZONE, alternate, check_answer, make_bench_zone,
                     powerdns, running)

THREADS = (1, 2, 3, 4)
KINDS = {"distributor-threads": "receiver-threads", "receiver-threads": "distributor-threads"}


def run(bench):
    folder = bench.make_folder("threads")
    db = make_bench_zone(folder)
    daemon = Aliasd(folder, db.path, fallback_db="", refresh_idle=0, loglevel=5)
    queries = bench.queries("threads", [(f"n{i}.{ZONE}", "A") for i in range(NAMES)])
    with running(daemon):
        db.wait_until_in_order()
        for varied, other in KINDS.items():
            measure(bench, folder, varied, other, queries,
                    {"ours": {"socket": daemon.socket}, "gsqlite3": {"gsqlite3": db.path}})


def measure(bench, folder, varied, other, queries, backends):
    servers = {
        (name, threads): powerdns(folder, f"{name}-{varied}-{threads}", **backend,
                                  **ANSWER_CACHES_OFF, **{varied: threads, other: 1})
        for threads in THREADS for name, backend in backends.items()}
    with running(*servers.values()):
        for server in servers.values():
            check_answer(server, f"n1.{ZONE}", "A", "NOERROR", 1)
        values = alternate(servers, lambda server, warm: bench.dnsperf(
            f"threads: {varied}", server, queries, bench.seconds, warm), min(3, bench.rounds))
    bench.table(f"queries/s, static, caches off, {varied}", [str(threads) for threads in THREADS],
                [(name, [statistics.median(values[name, threads]) for threads in THREADS])
                 for name in backends])
