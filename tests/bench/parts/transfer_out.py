"""A zone of 100,000 records transferred to dig, through the relay and from gsqlite3."""

import time

from lib.aliasd import Aliasd
from lib.zones_db import ZonesDb

from harness import alternate, powerdns, running
from zones import ZONE, rows, transfer_size

# SOA, NS and its address, and the SOA at the end.
BESIDE = 4
LIMIT = 120


def seconds_of_transfer(server, count):
    begin = time.monotonic()
    size = transfer_size(server, LIMIT, ZONE)
    took = time.monotonic() - begin
    assert size == count + BESIDE, f"{server.name}: {size} records came of {count + BESIDE}"
    return took


def run(bench):
    count = 10000 if bench.quick else 100000
    folder = bench.make_folder("transfer-out")
    db = ZonesDb(folder / "zones.db")
    db.add_zone(ZONE, rows(count))
    daemon = Aliasd(folder, db.path, fallback_db="", refresh_idle=0, loglevel=5)
    servers = {
        "ours": powerdns(folder, "relay", socket=daemon.socket, relay=()),
        "gsqlite3": powerdns(folder, "gsqlite3", gsqlite3=db.path)}
    with running(daemon, *servers.values()):
        db.wait_until_in_order()
        values = alternate(servers, lambda server, _: seconds_of_transfer(server, count),
                           bench.rounds)
    bench.compare(f"zone transfer of {count:,} records through the relay", values, "s",
                  {"gsqlite3": {"bar": 3.0, "at_most": True}})
