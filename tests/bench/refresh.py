"""Refreshing ahead: many ALIAS targets of a small TTL under a steady load. Prints how many calls
waited for the resolver, how many lookups got a stale answer, and how many queries a target the
upstream got in each TTL. Nothing here passes or fails.
"""

import argparse
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lib.aliasd import Aliasd
from lib.upstream import Upstream
from lib.zones_db import ZonesDb

from harness import bench_folder, running, unbound_of, wait_until_known

ZONE = "example.test"
WARM_UP_TTLS = 2
COUNTED = re.compile("pdns_aliasd_(alias_lookups|alias_wait_seconds_count|resolutions)")


def target(number):
    return f"h{number}.target.test"


def target_rows(number, ttl):
    return [(f"h{number}", "A", f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", ttl),
            (f"h{number}", "AAAA", f"2001:db8::{number:x}", ttl)]


def queries(upstream):
    """That unbound has got so far: the relay before it would be what is measured."""
    done = subprocess.run(["unbound-control", "-c", str(upstream.config_path), "stats_noreset"],
                          capture_output=True, text=True, timeout=20, check=True)
    return int(re.search(r"total\.num\.queries=(\d+)", done.stdout).group(1))


class Load:
    """Asks for all names in turn, at an even rate, on a few connections, as soon as it is made."""

    def __init__(self, aliasd, count, rate, seconds, connections=4):
        self.slowest = 0.0
        self.lookups = 0
        self.lock = threading.Lock()
        until = time.monotonic() + seconds
        self.threads = [
            threading.Thread(target=self.run, args=(
                aliasd, range(part, count, connections), connections / rate, until))
            for part in range(connections)]
        for thread in self.threads:
            thread.start()

    def run(self, aliasd, numbers, interval, until):
        slowest = lookups = 0
        due = time.monotonic()
        with aliasd.connect() as session:
            while due < until:
                for number in numbers:
                    due += interval
                    time.sleep(max(0, due - time.monotonic()))
                    begin = time.monotonic()
                    session.lookup(f"h{number}.{ZONE}")
                    slowest = max(slowest, time.monotonic() - begin)
                    lookups += 1
                    if due >= until:
                        break
        with self.lock:
            self.slowest = max(self.slowest, slowest)
            self.lookups += lookups

    def finish(self):
        for thread in self.threads:
            thread.join()
        return self


def measure(folder, options):
    count = options.targets
    upstream = Upstream(folder, [row for number in range(count)
                                 for row in target_rows(number, options.ttl)])
    db = ZonesDb(folder / "zones.db")
    db.add_zone(ZONE, [(f"h{number}", "ALIAS", target(number), 3600) for number in range(count)])
    aliasd = Aliasd(folder, db.path, forward=unbound_of(upstream))
    with running(upstream, aliasd):
        took = wait_until_known(aliasd, count)
        Load(aliasd, count, options.rate, WARM_UP_TTLS * options.ttl).finish()
        before, begin = queries(upstream), time.monotonic()
        stats = aliasd.stats()
        load = Load(aliasd, count, options.rate, options.seconds).finish()
        elapsed, asked = time.monotonic() - begin, queries(upstream) - before
        gained = {name: value - stats[name] for name, value in aliasd.stats().items()}
    print(f"{count:,} targets noticed and resolved in {took:.0f} s")
    print(f"{load.lookups:,} lookups in {elapsed:.0f} s, the slowest {load.slowest * 1000:.0f} ms")
    print(f"upstream queries a target and family in each TTL of {options.ttl} s: "
          f"{asked / (2 * count) / (elapsed / options.ttl):.2f}")
    print("The daemon's count during the load:")
    for name, value in gained.items():
        if COUNTED.match(name):
            print(f"{name} {value:.0f}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--targets", type=int, default=10000)
    arguments.add_argument("--ttl", type=int, default=60)
    arguments.add_argument("--rate", type=int, default=1000, help="lookups a second")
    arguments.add_argument("--seconds", type=int, default=300)
    with bench_folder() as folder:
        measure(folder, arguments.parse_args())


if __name__ == "__main__":
    main()
