"""10,000 A records, asked for through PowerDNS."""

from lib.aliasd import Aliasd

from harness import (ANSWER_CACHES_OFF, NAMES, ZONE, CannedResponder, check_answer,
                     check_same_replies, make_bench_zone, powerdns, running)


def run(bench):
    folder = bench.make_folder("static")
    db = make_bench_zone(folder)
    daemon = Aliasd(folder, db.path, fallback_db="", refresh_idle=0, loglevel=5)
    canned = CannedResponder(folder)
    queries = bench.queries("static", [(f"n{i}.{ZONE}", "A") for i in range(NAMES)])
    off = {
        "ours": powerdns(folder, "aliasd-off", socket=daemon.socket, **ANSWER_CACHES_OFF),
        "canned responder": powerdns(folder, "canned-off", socket=canned.socket,
                                     **ANSWER_CACHES_OFF),
        "gsqlite3": powerdns(folder, "gsqlite3-off", gsqlite3=db.path, **ANSWER_CACHES_OFF)}
    on = {"ours": powerdns(folder, "aliasd-on", socket=daemon.socket),
          "gsqlite3": powerdns(folder, "gsqlite3-on", gsqlite3=db.path)}
    with running(daemon, canned, *off.values(), *on.values()):
        db.wait_until_in_order()
        check_same_replies(daemon, canned, [ZONE, f"n1.{ZONE}"])
        for server in (*off.values(), *on.values()):
            check_answer(server, f"n1.{ZONE}", "A", "NOERROR", 1)
        what = "static records, caches off"
        values = bench.compare_answers(what, off, queries,
                                       {"canned responder": {"bar": 0.90}, "gsqlite3": None})
        floor = {name: values[name] for name in ("canned responder", "gsqlite3")}
        bench.compare("the floor: canned responder, caches off", floor, "queries/s",
                      {"gsqlite3": None})
        bench.compare_answers("static records, caches at defaults", on, queries,
                              {"gsqlite3": {"bar": 0.95}})
