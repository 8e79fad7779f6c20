"""Resolutions a second, each target in both families, as 10,000 ALIAS rows are new: noticed by the
daemon itself, and asked for. A local unbound knows all targets."""

import subprocess
import time

from lib.aliasd import Aliasd
from lib.upstream import TARGET_ZONE
from lib.zones_db import ZonesDb

from harness import TTL, ZONE, make_upstream, running, tool, unbound_of, wait_until_known

UNLIMITED = {"zone_targets_max": 0, "zone_resolutions_max": 0, "resolutions_max": 0}
SESSIONS = 16
LIMIT = 600


def make_alias_zone(bench, db, count):
    """A file of its names for lookup-load."""
    number = db.add_zone(ZONE, [(f"a{i}", "ALIAS", f"t{i}.{TARGET_ZONE}", TTL)
                                for i in range(count)])
    return bench.names(f"aliases-{count}", [(f"a{i}.{ZONE}", number) for i in range(count)])


def resolve_by_lookups(bench, daemon, names, count):
    """Asks for all of them until they are known. Returns the seconds."""
    with subprocess.Popen(
            [str(word) for word in (tool("lookup-load"), daemon.socket, names, SESSIONS, LIMIT, 0)],
            stdout=subprocess.DEVNULL) as load:
        try:
            return wait_until_known(daemon, count, LIMIT)
        finally:
            load.kill()


def measure(bench, name, count, act, **settings):
    folder = bench.make_folder(name)
    db = ZonesDb(folder / "zones.db")
    names = make_alias_zone(bench, db, count)
    upstream = make_upstream(folder, count=count)
    daemon = Aliasd(folder, db.path, forward=unbound_of(upstream), loglevel=5, **settings)
    with running(upstream):
        begin = time.monotonic()
        with running(daemon):
            act(daemon, names)
            return 2 * count / (time.monotonic() - begin)


def run(bench):
    count = 1000 if bench.quick else 10000

    def by_lookups(daemon, names):
        resolve_by_lookups(bench, daemon, names, count)

    for what, act, settings in (
            ("noticed", lambda daemon, _: wait_until_known(daemon, count), {}),
            ("asked for", by_lookups, {"refresh_idle": 0}),
            ("asked for, without limits", by_lookups, {"refresh_idle": 0, **UNLIMITED})):
        rate = measure(bench, f"warm-up-{what.replace(' ', '-')}", count, act, **settings)
        bench.report(f"warm-up of {count:,} targets, {what}", rate, "resolutions/s")
