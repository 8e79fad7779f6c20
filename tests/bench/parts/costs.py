"""What a lookup costs the daemon, sent straight to its socket, beside the canned responder; and
what it takes of memory."""

import contextlib

from lib.aliasd import Aliasd
from lib.zones_db import ZonesDb

from harness import (ALIASES, NAMES, ZONE, CannedResponder, alternate, make_bench_zone,
                     make_upstream, memory, processor_seconds, running, unbound_of,
                     wait_until_known)
from parts.missing import random_names
from parts.warm_up import UNLIMITED, make_alias_zone, resolve_by_lookups

SESSIONS = 4
IDLE_SESSIONS = 200


def run(bench):
    processor_time(bench)
    memory_of_sessions(bench)
    memory_of_targets(bench, 5000 if bench.quick else 50000)


# Processor time


def measure_processor(bench, process, names, seconds):
    """Microseconds a lookup, and lookups a second."""
    before = processor_seconds(process)
    measured = bench.lookups("costs", process.socket, names, SESSIONS, seconds)
    return ((processor_seconds(process) - before) / measured["lookups"] * 1e6, measured["rate"])


def processor_time(bench):
    folder = bench.make_folder("costs")
    db = make_bench_zone(folder)
    upstream = make_upstream(folder)
    daemon = Aliasd(folder, db.path, forward=unbound_of(upstream), loglevel=5)
    canned = CannedResponder(folder)
    kinds = {"static": [f"n{i}.{ZONE}" for i in range(NAMES)],
             "ALIAS": [f"a{i}.{ZONE}" for i in range(ALIASES)],
             "nothing found": random_names()}
    with running(upstream, daemon, canned):
        db.wait_until_in_order()
        wait_until_known(daemon, ALIASES)
        for kind, asked in kinds.items():
            names = bench.names(f"costs-{kind}", [(name, 1) for name in asked])
            values = alternate(
                {"ours": daemon, "canned responder": canned},
                lambda process, _, names=names: measure_processor(
                    bench, process, names, bench.seconds), bench.rounds)
            for number, (what, unit) in enumerate((("processor time of a lookup", "us"),
                                                   ("lookups over the socket", "lookups/s"))):
                bench.compare(f"{what}, {kind}",
                              {name: [value[number] for value in some]
                               for name, some in values.items()}, unit,
                              {"canned responder": None})


# Memory


def memory_of_sessions(bench):
    folder = bench.make_folder("sessions")
    db = make_bench_zone(folder)
    daemon = Aliasd(folder, db.path, fallback_db="", refresh_idle=0, loglevel=5,
                    max_sessions=IDLE_SESSIONS + 10)
    with running(daemon), contextlib.ExitStack() as sessions:
        db.wait_until_in_order()
        bench.report("memory at rest", memory(daemon), "KiB")

        def add_session(number):
            session = sessions.enter_context(daemon.connect())
            assert session.lookup(f"n{number}.{ZONE}", zone_id=1)["result"]

        add_session(0)
        before = memory(daemon)
        for number in range(IDLE_SESSIONS):
            add_session(number)
        bench.report("memory of an idle session",
                     (memory(daemon) - before) / IDLE_SESSIONS, "KiB")


def memory_of_targets(bench, count):
    """As they are resolved, with what libunbound keeps; and as they are loaded at a start, which is
    what the daemon itself takes."""
    folder = bench.make_folder("targets")
    db = ZonesDb(folder / "zones.db")
    names = make_alias_zone(bench, db, count)
    upstream = make_upstream(folder, count=count)
    daemon = Aliasd(folder, db.path, forward=unbound_of(upstream), loglevel=5, refresh_idle=0,
                    **UNLIMITED)
    with running(upstream, daemon):
        db.wait_until_in_order()
        before = memory(daemon)
        resolve_by_lookups(bench, daemon, names, count)
        bench.report(f"memory of a target, both families, {count:,} resolved",
                     (memory(daemon) - before) / count, "KiB")
        daemon.restart()
        bench.report(f"memory of a target, both families, {count:,} loaded at the start",
                     (memory(daemon) - before) / count, "KiB")
