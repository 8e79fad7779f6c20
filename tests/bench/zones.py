"""Large zones: how long the daemon takes to put one in order, and which can be transferred in and
out by way of PowerDNS, beside gsqlite3. One measurement each; nothing here passes or fails.
"""

import argparse
import contextlib
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lib import environment, query
from lib.aliasd import Aliasd
from lib.knot import Knot
from lib.nameserver import zone_text
from lib.powerdns import PowerDNS
from lib.zones_db import ZonesDb

from harness import bench_folder, print_row, running

ZONE = "large.example"
NSEC3PARAM = "1 0 0 -"
FAILED = float("nan")

# By what PowerDNS gets at a zone.
WAYS = ("unix, 2000 ms", "unix, 60,000 ms", "relay", "gsqlite3")


def rows(count):
    """Of the shape that hosts have: a tenth of them below empty non-terminals."""
    return [(f"host{i}.rack{i % 100}" if i % 10 == 0 else f"host{i}", "A",
             f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}", 300) for i in range(count)]


def timed(action):
    start = time.monotonic()
    action()
    return time.monotonic() - start


# Order


def secure(util, mode):
    if mode != "unsigned":
        util.pdnsutil("secure-zone", ZONE)
    if mode == "nsec3":
        util.pdnsutil("set-nsec3", ZONE, NSEC3PARAM)


def measure_order(mode, count):
    """Seconds from the commit until the zone is in order; until one more row is; of pdnsutil
    rectify-zone on gsqlite3, on a copy."""
    with bench_folder() as folder:
        db = ZonesDb(folder / "zones.db")
        db.add_zone(ZONE)
        secure(PowerDNS(folder, "util", gsqlite3=db.path), mode)
        copy = db.copy_to(folder / "copy.db")
        inserts = "\n".join(db.insert_statement(ZONE, *row) for row in rows(count))
        copy.sql(f"BEGIN;{inserts}COMMIT;")
        with running(Aliasd(folder, db.path)):
            db.wait_until_in_order()
            db.sql(f"BEGIN;{inserts}COMMIT;")
            whole = timed(lambda: db.wait_until_in_order(timeout=600))
            db.insert(ZONE, "one.more", "A", "192.0.2.1")
            one = timed(lambda: db.wait_until_in_order(timeout=600))
        util = PowerDNS(folder, "rectify", gsqlite3=copy.path)
        return whole, one, timed(lambda: util.pdnsutil("rectify-zone", ZONE))


# Transfers


class Server:
    """A PowerDNS that gets at the zone database in one of the WAYS."""

    def __init__(self, folder, way, db):
        self.daemon = None if way == "gsqlite3" else Aliasd(folder, db.path)
        options = {"secondary": "yes", "axfr_fetch_timeout": 600, "xfr_cycle_interval": 600}
        if way == "gsqlite3":
            self.powerdns = PowerDNS(folder, gsqlite3=db.path, **options)
            return
        self.powerdns = PowerDNS(folder, socket=self.daemon.socket, **options, **{
            "unix, 2000 ms": {}, "unix, 60,000 ms": {"connection": ",timeout=60000"},
            "relay": {"relay": ()}}[way])

    def start(self):
        if self.daemon:
            self.daemon.start()
        self.powerdns.start()

    def stop(self):
        self.powerdns.kill()
        if self.daemon:
            self.daemon.stop()


def measure_in(way, count, limit):
    """From Knot, since PowerDNS was told to fetch it until it serves it."""
    with bench_folder() as folder:
        primary = Knot(folder, "primary")
        primary.add_zone(ZONE, text=zone_text(ZONE, rows(count)))
        db = ZonesDb(folder / "zones.db")
        server = Server(folder, way, db)
        powerdns = server.powerdns
        with running(primary), running(server):
            primary.wait_for_serial(ZONE, 1, timeout=60)
            # The start's own look at unfresh zones is over.
            time.sleep(1)
            db.sql("INSERT INTO domains(name,type,master) "
                   f"VALUES('{ZONE}','SLAVE','{primary.address}:{primary.port}');")
            start = time.monotonic()
            powerdns.control("retrieve", ZONE)
            wait_for_zone(powerdns, limit)
            is_in = query.serial(powerdns.address, powerdns.port, ZONE)
            return time.monotonic() - start if is_in else FAILED


def wait_for_zone(powerdns, limit):
    with contextlib.suppress(TimeoutError):
        environment.wait_until(
            lambda: "Unable to" in powerdns.log() or query.serial(
                powerdns.address, powerdns.port, ZONE), limit, interval=0.02)


def transfer_size(server, limit, zone=ZONE):
    """The number of records, by dig; 0 if the transfer failed."""
    try:
        done = subprocess.run(
            ["dig", f"@{server.address}", "-p", str(server.port), f"+time={limit}", "+tries=1",
             zone, "AXFR"], capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return 0
    match = re.search(r"XFR size: (\d+) records", done.stdout)
    return int(match.group(1)) if match else 0


def measure_out(way, count, limit):
    with bench_folder() as folder:
        db = ZonesDb(folder / "zones.db")
        db.add_zone(ZONE, rows(count))
        server = Server(folder, way, db)
        with running(server):
            if server.daemon:
                db.wait_until_in_order()
            start = time.monotonic()
            size = transfer_size(server.powerdns, limit)
            return time.monotonic() - start if size == count + 4 else FAILED


def seconds_text(seconds):
    return "fails" if seconds != seconds else f"{seconds:.2f} s" if seconds < 10 else \
        f"{seconds:.0f} s"


def print_transfers(title, measure, sizes, limit):
    """A way that failed isn't tried with more records."""
    failed = set()
    print()
    print_row(title, WAYS)
    print_row("---", ["---"] * len(WAYS))
    for count in sizes:
        cells = []
        for way in WAYS:
            seconds = FAILED if way in failed else measure(way, count, limit)
            if seconds != seconds:
                failed.add(way)
            cells.append(seconds_text(seconds))
        print_row(f"{count:,} records", cells)


def print_order(count):
    print_row(f"{count:,} records put in order", ["all", "one more", "rectify-zone on gsqlite3"])
    print_row("---", ["---"] * 3)
    for mode in ("unsigned", "nsec", "nsec3"):
        print_row(mode, [seconds_text(seconds) for seconds in measure_order(mode, count)])


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, default=100000, help="of the zone put in order")
    arguments.add_argument("--sizes", default="5000,10000,20000,50000,100000",
                           help="of the zones transferred")
    arguments.add_argument("--limit", type=int, default=120,
                           help="seconds after which a transfer has failed")
    options = arguments.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    print_order(options.records)
    print_transfers("Transfer out", measure_out, sizes, options.limit)
    print_transfers("Transfer in", measure_in, sizes, options.limit)


if __name__ == "__main__":
    main()
