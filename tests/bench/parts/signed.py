"""A signed zone with NSEC3, asked with the DO bit. Both serve the same file."""

from lib.aliasd import Aliasd

from harness import NAMES, ZONE, check_answer, make_bench_zone, powerdns, running
from parts.missing import random_names


def run(bench):
    folder = bench.make_folder("signed")
    db = make_bench_zone(folder)
    theirs = powerdns(folder, "gsqlite3", gsqlite3=db.path)
    theirs.pdnsutil("secure-zone", ZONE)
    theirs.pdnsutil("set-nsec3", ZONE, "1 0 0 -")
    theirs.pdnsutil("rectify-zone", ZONE)
    daemon = Aliasd(folder, db.path, fallback_db="", refresh_idle=0, loglevel=5)
    servers = {"ours": powerdns(folder, "aliasd", socket=daemon.socket), "gsqlite3": theirs}
    queries = bench.queries("signed", [(f"n{i}.{ZONE}", "A") for i in range(NAMES)],
                            options=("-D",))
    denied = bench.queries("denied", [(name, "A") for name in random_names()], rcode="NXDOMAIN",
                           options=("-D",))
    with running(daemon, *servers.values()):
        db.wait_until_in_order()
        for server in servers.values():
            check_answer(server, f"n1.{ZONE}", "A", "NOERROR", 1)
            check_signed(server)
        # Each name is signed once, and the signature kept: not what is measured.
        for server in servers.values():
            bench.dnsperf("", server, queries, 2, warm=True)
        bench.compare_answers("signed zone, NSEC3, caches at defaults", servers, queries,
                              {"gsqlite3": {"bar": 0.95}})
        bench.compare_answers("signed zone, NSEC3, names that don't exist, caches at defaults",
                              servers, denied, {"gsqlite3": None})


def check_signed(server):
    for name, kind in ((f"n1.{ZONE}", "RRSIG"), (f"missing.{ZONE}", "NSEC3")):
        text = server.ask(name, "A", do=True).to_text()
        assert f" IN {kind} " in text, f"{server.name}: no {kind}\n{text}"
