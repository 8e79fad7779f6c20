"""1,000 ALIAS names, A and AAAA, whose targets are known. Beside us PowerDNS's own ALIAS, which
asks a local unbound that has all of it in memory, and for the floor addresses as canned replies."""

from lib.aliasd import Aliasd

from harness import (ANSWER_CACHES_OFF, ALIASES, CACHES, ZONE, CannedResponder,
                     alias_queries, check_answer, check_same_replies, make_bench_zone,
                     make_upstream, powerdns, running, unbound_of, wait_until_known)

OWN = "PowerDNS's own ALIAS on gsqlite3"


def run(bench):
    folder = bench.make_folder("alias")
    db = make_bench_zone(folder)
    upstream = make_upstream(folder)
    daemon = Aliasd(folder, db.path, forward=unbound_of(upstream), loglevel=5)
    canned = CannedResponder(folder)
    queries = bench.queries("alias", alias_queries())
    own = {"expand_alias": "yes", "resolver": f"{upstream.address}:{upstream.unbound_port}"}
    servers = {}
    for number, (label, caches) in enumerate(CACHES.items()):
        servers[label] = {
            "ours": powerdns(folder, f"aliasd-{number}", socket=daemon.socket, **caches),
            OWN: powerdns(folder, f"own-{number}", gsqlite3=db.path, **own, **caches)}
    servers["off"]["canned responder"] = powerdns(folder, "canned", socket=canned.socket,
                                                  **ANSWER_CACHES_OFF)
    everyone = [server for some in servers.values() for server in some.values()]
    with running(upstream, daemon, canned, *everyone):
        wait_until_known(daemon, ALIASES)
        check_same_replies(daemon, canned, [ZONE, f"a1.{ZONE}"])
        for server in everyone:
            for kind in ("A", "AAAA"):
                check_answer(server, f"a1.{ZONE}", kind, "NOERROR", 1)
        bench.compare_answers("ALIAS, caches at defaults", servers["at defaults"], queries,
                              {OWN: {"bar": 2.4}})
        bench.compare_answers("ALIAS, caches off", servers["off"], queries,
                              {"canned responder": {"bar": 0.90}, OWN: None})
