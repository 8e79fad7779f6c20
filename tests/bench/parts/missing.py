"""Names that don't exist: random labels, of which none is asked for twice within a measurement."""

import random

from lib.aliasd import Aliasd

from harness import (ANSWER_CACHES_OFF, ZONE, CannedResponder, check_answer,
                     check_same_replies, make_bench_zone, powerdns, running)

LABELS = 200000


def random_names():
    """None begins as those that the canned responder knows."""
    numbers = random.Random(1)
    return [f"x{numbers.getrandbits(48):012x}.{ZONE}" for _ in range(LABELS)]


def run(bench):
    folder = bench.make_folder("missing")
    db = make_bench_zone(folder)
    daemon = Aliasd(folder, db.path, fallback_db="", refresh_idle=0, loglevel=5)
    canned = CannedResponder(folder)
    names = random_names()
    queries = bench.queries("missing", [(name, "A") for name in names], rcode="NXDOMAIN")
    servers = {
        "ours": powerdns(folder, "aliasd-off", socket=daemon.socket, **ANSWER_CACHES_OFF),
        "canned responder": powerdns(folder, "canned-off", socket=canned.socket,
                                     **ANSWER_CACHES_OFF),
        "gsqlite3": powerdns(folder, "gsqlite3-off", gsqlite3=db.path, **ANSWER_CACHES_OFF)}
    with running(daemon, canned, *servers.values()):
        db.wait_until_in_order()
        check_same_replies(daemon, canned, [ZONE, names[0], f"*.{ZONE}"])
        for server in servers.values():
            check_answer(server, names[0], "A", "NXDOMAIN", 0)
        bench.compare_answers("names that don't exist, caches off", servers, queries,
                              {"canned responder": {"bar": 0.85}, "gsqlite3": None})
