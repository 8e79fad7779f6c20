"""A zone of ALIAS rows transferred, beside one that has the same addresses as records: by the
daemon's own reply to `list`, and through PowerDNS. Rounds alternate; medians, and the median of the
ratios of neighbouring measurements. Nothing here passes or fails.
"""

import argparse
import contextlib
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lib.aliasd import Aliasd
from lib.powerdns import PowerDNS
from lib.upstream import Upstream
from lib.zones_db import ZonesDb

from harness import bench_folder, print_row, unbound_of, wait_until_known
from refresh import target, target_rows
from zones import transfer_size

TTL = 3600
# SOA, NS and its address, which every zone of the tests has, and the SOA at a transfer's end.
BESIDE = 4


def alias_zone(count):
    return f"alias{count}.test"


def plain_zone(count):
    return f"plain{count}.test"


def add_zones(db, count):
    db.add_zone(alias_zone(count), [(f"h{i}", "ALIAS", target(i), TTL) for i in range(count)])
    db.add_zone(plain_zone(count), [(owner, kind, content, ttl) for i in range(count)
                                    for owner, kind, content, ttl in target_rows(i, TTL)])


class Stand:
    """PowerDNS twice: on the unix connector, whose cost grows with the square of a zone's size, and
    on the pipe connector, by way of pdns-aliasd relay."""

    def __init__(self, folder, count, small):
        self.upstream = Upstream(folder, [row for i in range(count) for row in target_rows(i, TTL)])
        self.db = ZonesDb(folder / "zones.db")
        for size in {count, small}:
            add_zones(self.db, size)
        # As the relay before it would be what is measured, the daemon asks unbound itself.
        self.daemon = Aliasd(folder, self.db.path, loglevel=5,
                             forward=unbound_of(self.upstream))
        self.unix = PowerDNS(folder, "unix", socket=self.daemon.socket,
                             connection=",timeout=60000")
        self.pipe = PowerDNS(folder, "pipe", socket=self.daemon.socket, relay=())

    def start(self, stack, count):
        for process in (self.upstream, self.daemon):
            process.start()
            stack.callback(process.stop)
        self.db.wait_until_in_order()
        wait_until_known(self.daemon, count)
        for powerdns in (self.unix, self.pipe):
            powerdns.start()
            stack.callback(powerdns.stop)


def time_of_list(daemon, db, zone):
    """Seconds until the reply is there, undecoded."""
    number = int(db.sql(f"SELECT id FROM domains WHERE name='{zone}';"))
    request = {"method": "list", "parameters": {"zonename": f"{zone}.", "domain_id": number,
                                                "include_disabled": False}}
    with daemon.connect(timeout=60) as session:
        begin = time.monotonic()
        session.send_bytes(json.dumps(request).encode() + b"\n")
        reply = session.read_line()
        took = time.monotonic() - begin
    rows = json.loads(reply)["result"]
    return took, sum(row["qtype"] in ("A", "AAAA") for row in rows) - 1


def time_of_transfer(server, zone):
    """Seconds until dig has it."""
    begin = time.monotonic()
    size = transfer_size(server, 60, zone)
    return time.monotonic() - begin, size - BESIDE


def measure(measurement, zone, records):
    took, found = measurement(zone)
    if found != records:
        print(f"{zone}: {found} of {records} addresses", file=sys.stderr)
    return took


def compare(title, measurement, count, rounds):
    """Prints a row. Each kind is measured once before, and doesn't count."""
    pairs = [[measure(measurement, zone(count), 2 * count) for zone in (alias_zone, plain_zone)]
             for _ in range(rounds + 1)][1:]
    alias, plain = (statistics.median(column) for column in zip(*pairs))
    ratio = statistics.median(first / second for first, second in pairs)
    print_row(f"{title}, {count:,} ALIAS", [f"{alias:.3f} s", f"{plain:.3f} s", f"{ratio:.2f}"])


def run(folder, options):
    stand = Stand(folder, options.aliases, options.small)
    with contextlib.ExitStack() as stack:
        stand.start(stack, options.aliases)
        print_row("transfer", ["ALIAS", "as records", "ratio"])
        print_row("---", ["---"] * 3)
        compare("the daemon's reply", lambda zone: time_of_list(stand.daemon, stand.db, zone),
                options.aliases, options.rounds)
        compare("PowerDNS, relay", lambda zone: time_of_transfer(stand.pipe, zone),
                options.aliases, options.rounds)
        compare("PowerDNS, unix", lambda zone: time_of_transfer(stand.unix, zone),
                options.small, options.rounds)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--aliases", type=int, default=10000, help="rows, each its own target")
    arguments.add_argument("--small", type=int, default=2000, help="rows for the unix connector")
    arguments.add_argument("--rounds", type=int, default=9)
    with bench_folder() as folder:
        run(folder, arguments.parse_args())


if __name__ == "__main__":
    main()
