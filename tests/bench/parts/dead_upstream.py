"""ALIAS whose upstream is dead, beside the same with it alive. Dead in two ways: stopped, so that
nothing ever comes, and gone, so that its port is closed. The targets' TTL is small: those of the
dead ones have expired before anything is measured, and stale answers are given, with the same TTL,
since that is how long PowerDNS keeps them."""

import signal
import time

from lib.aliasd import Aliasd

from harness import (ALIASES, CACHES, ZONE, alias_queries, alternate, check_answer, make_bench_zone,
                     make_upstream, powerdns, running, unbound_of, wait_until_known)

LIVING, SILENT, GONE = "with it alive", "silent", "gone"
TARGET_TTL = 10
# After the TTL: what the daemon goes on with while it resolves anew, and its first failures.
EXPIRY = TARGET_TTL + 10


class Stand:
    """A daemon with an upstream of its own, and PowerDNS in each state of its caches."""

    def __init__(self, folder, db, state):
        name = state.split()[-1]
        self.upstream = make_upstream(folder, ttl=TARGET_TTL, name=f"unbound-{name}")
        self.daemon = Aliasd(folder, db.path, name, forward=unbound_of(self.upstream), loglevel=5,
                             stale_ttl=TARGET_TTL)
        self.servers = {
            label: powerdns(folder, f"{name}-{number}", socket=self.daemon.socket, **caches)
            for number, (label, caches) in enumerate(CACHES.items())}

    def processes(self):
        return self.upstream, self.daemon, *self.servers.values()


def kill_upstreams(stands):
    stands[SILENT].upstream.signal(signal.SIGSTOP)
    stands[GONE].upstream.terminate()


def run(bench):
    folder = bench.make_folder("dead")
    db = make_bench_zone(folder)
    stands = {state: Stand(folder, db, state) for state in (SILENT, GONE, LIVING)}
    queries = bench.queries("dead", alias_queries())
    with running(*(process for stand in stands.values() for process in stand.processes())):
        for stand in stands.values():
            wait_until_known(stand.daemon, ALIASES)
        kill_upstreams(stands)
        time.sleep(EXPIRY)
        for label in CACHES:
            servers = {state: stand.servers[label] for state, stand in stands.items()}
            for server in servers.values():
                check_answer(server, f"a1.{ZONE}", "A", "NOERROR", 1)
            compare(bench, label, servers, queries)
        report_stale(bench, stands)


def compare(bench, label, servers, queries):
    """Each of the dead ones beside the living one. PowerDNS's cached answers all expire in one
    moment of each TTL: it takes whole ones to measure what that costs."""
    seconds = bench.seconds if label == "off" or bench.quick else TARGET_TTL
    values = alternate(servers, lambda server, warm: bench.dnsperf(
        f"dead upstream, caches {label}", server, queries, seconds, warm), bench.rounds)
    for state in (SILENT, GONE):
        bench.compare(f"ALIAS, upstream {state}, caches {label}",
                      {state: values[state], LIVING: values[LIVING]}, "queries/s",
                      {LIVING: {"bar": 0.95}})


def report_stale(bench, stands):
    """That the dead ones have answered with what had expired."""
    for state in (SILENT, GONE):
        stats = stands[state].daemon.stats()
        stale = sum(value for name, value in stats.items()
                    if name.startswith("pdns_aliasd_alias_lookups") and "stale" in name)
        bench.report(f"upstream {state}: stale answers given", stale, "families")
