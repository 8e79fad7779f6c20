"""What a large reply costs: zones of several sizes transferred to dig, and starts of PowerDNS with
several numbers of zones, by the connectors and from gsqlite3. A connector that needs more than a few
seconds is measured once; one that fails isn't tried with more.
"""

import contextlib
import json
import statistics
import time

from lib.aliasd import Aliasd
from lib.zones_db import ZonesDb

from harness import powerdns, running
from scale_db import make_zones
from zones import rows, transfer_size

ZONES = (1000, 5000, 10000, 20000, 100000)
STARTS = (5000, 10000, 15000, 100000)
LIMIT = 60
SLOW = 3
# SOA, NS and its address, and the SOA at the end.
BESIDE = 4

UNIX, PATIENT, RELAY, GSQLITE3 = "unix, 2000 ms", "unix, 60,000 ms", "relay", "gsqlite3"


def ways(socket):
    return {UNIX: {"socket": socket}, PATIENT: {"socket": socket, "connection": ",timeout=60000"},
            RELAY: {"socket": socket, "relay": ()}}


def zone_name(count):
    return f"z{count}.example"


class Attempts:
    """Figures of one way and size, as long as it is worth another try."""

    def __init__(self, action):
        self.action = action
        self.seconds = []
        self.has_failed = False

    def make(self):
        if self.has_failed or (self.seconds and self.seconds[0] > SLOW):
            return
        begin = time.monotonic()
        self.has_failed = not self.action()
        if not self.has_failed:
            self.seconds.append(time.monotonic() - begin)

    def median(self):
        return None if self.has_failed or not self.seconds else statistics.median(self.seconds)


def measure(bench, title, sizes, candidates, act):
    """`act`(way, candidate, size): whether it worked."""
    failed = set()
    lines = []
    for size in sizes:
        attempts = {way: Attempts(lambda way=way, it=it: act(way, it, size))
                    for way, it in candidates.items() if way not in failed}
        for _ in range(bench.rounds):
            for attempt in attempts.values():
                attempt.make()
        failed |= {way for way, attempt in attempts.items() if attempt.has_failed}
        lines.append((f"{size:,}", [attempts[way].median() if way in attempts else None
                                    for way in candidates]))
    bench.table(f"{title}, s (empty: fails)", list(candidates), lines)


def measure_transfers(bench, folder, sizes):
    db = ZonesDb(folder / "zones.db")
    for size in sizes:
        db.add_zone(zone_name(size), rows(size))
    daemon = Aliasd(folder, db.path, fallback_db="", refresh_idle=0, loglevel=5)
    servers = {way: powerdns(folder, f"pdns{number}", **options)
               for number, (way, options) in enumerate(ways(daemon.socket).items())}
    servers[GSQLITE3] = powerdns(folder, "gsqlite3", gsqlite3=db.path)
    with running(daemon, *servers.values()):
        db.wait_until_in_order()
        with daemon.connect() as session:
            for size in sizes:
                request = {"method": "list", "parameters": {"zonename": zone_name(size) + "."}}
                session.send_bytes(json.dumps(request).encode() + b"\n")
                bench.report(f"reply to list, {size:,} records",
                             len(session.read_line()) / 1e6, "MB")
        measure(bench, "transfer of a zone, records", sizes, servers,
                lambda way, server, size:
                transfer_size(server, LIMIT, zone_name(size)) == size + BESIDE)


def start(folder, name, options):
    """Whether it comes up."""
    server = powerdns(folder, name, **options)
    try:
        server.start()
    except (RuntimeError, TimeoutError, AssertionError):
        return False
    finally:
        with contextlib.suppress(AssertionError):
            server.kill()
    return True


def measure_starts(bench, folder, sizes):
    candidates = {}
    for size in sizes:
        db = make_zones(folder / f"zones{size}.db", size)
        candidates[size] = (db, Aliasd(folder, db.path, f"aliasd{size}", fallback_db="",
                                       refresh_idle=0, loglevel=5))
    number = [0]

    def act(way, _, size):
        number[0] += 1
        db, daemon = candidates[size]
        options = {"gsqlite3": db.path} if way == GSQLITE3 else ways(daemon.socket)[way]
        return start(folder, f"start{number[0]}", options)

    names = dict.fromkeys((UNIX, PATIENT, RELAY, GSQLITE3))
    with running(*(daemon for _, daemon in candidates.values())):
        for db, _ in candidates.values():
            db.wait_until_in_order(600)
        measure(bench, "start of PowerDNS, zones", sizes, names, act)


def run(bench):
    folder = bench.make_folder("reply-size")
    measure_transfers(bench, folder, ZONES[:2] if bench.quick else ZONES)
    measure_starts(bench, folder, STARTS[:1] if bench.quick else STARTS)
