"""Queries a second through PowerDNS: on pdns-aliasd, and beside it, on gsqlite3 with the same file.

Both servers run all the time; rounds alternate between them, and medians are compared, because a
machine's speed changes from one minute to the next. Nothing here passes or fails.
"""

import argparse
import contextlib
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lib import environment
from lib.aliasd import Aliasd
from lib.powerdns import PowerDNS
from lib.upstream import TARGET_ZONE, Upstream
from lib.zones_db import ZonesDb

NAMES = 10000
ALIASES = 1000
ZONE = "bench.example"

# Every query reaches the backend; zones, metadata and keys are cached as they always are.
ANSWER_CACHES_OFF = {"cache_ttl": 0, "query_cache_ttl": 0, "negquery_cache_ttl": 0}


def fill(db):
    rows = [(f"n{i}", "A", f"192.0.2.{i % 256}", 300) for i in range(NAMES)]
    rows += [(f"a{i}", "ALIAS", f"t{i}.{TARGET_ZONE}", 300) for i in range(ALIASES)]
    db.add_zone(ZONE, rows)


def static_queries():
    return "".join(f"n{i}.{ZONE} A\n" for i in range(NAMES))


def alias_queries():
    return "".join(f"a{i}.{ZONE} {kind}\n" for i in range(ALIASES) for kind in ("A", "AAAA"))


def measure(server, queries, seconds):
    """Queries a second that were answered, by dnsperf."""
    done = subprocess.run(
        ["dnsperf", "-s", server.address, "-p", str(server.port), "-d", str(queries),
         "-l", str(seconds), "-c", "4", "-q", "100"],
        capture_output=True, text=True, check=True).stdout
    lost = int(re.search(r"Queries lost:\s+(\d+)", done).group(1))
    codes = re.search(r"Response codes:\s+(.*)", done).group(1)
    rate = float(re.search(r"Queries per second:\s+([\d.]+)", done).group(1))
    if lost or not re.fullmatch(r"NOERROR \d+ \(100\.00%\)", codes):
        print(f"{server.name}: {lost} lost, {codes}", file=sys.stderr)
    return rate


def compare(title, candidates, rounds, seconds):
    """One row: {name: median}, and the ratio of the first to the second."""
    rates = {name: [] for name, _, _ in candidates}
    for _, server, queries in candidates:
        measure(server, queries, 1)
    for _ in range(rounds):
        for name, server, queries in candidates:
            rates[name].append(measure(server, queries, seconds))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    first, second = candidates[0][0], candidates[1][0]
    ratio = statistics.median(a / b for a, b in zip(rates[first], rates[second]))
    return {"what": title, "medians": medians, "ratio": ratio}


@contextlib.contextmanager
def running(*processes):
    with contextlib.ExitStack() as stack:
        for process in processes:
            process.start()
            stack.callback(process.stop)
        yield


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=4, help="of one measurement")
    arguments.add_argument("--quick", action="store_true", help="three rounds of one second")
    options = arguments.parse_args()
    if options.quick:
        options.rounds, options.seconds = 3, 1

    folder = environment.make_folder()
    try:
        rows = run(folder, options.rounds, options.seconds)
    finally:
        environment.remove_folder(folder)
    print(json.dumps(rows))
    print()
    for row in rows:
        medians = ", ".join(f"{name} {rate:.0f}/s" for name, rate in row["medians"].items())
        print(f"{row['what']}: {medians}; ratio {row['ratio']:.2f}")


def run(folder, rounds, seconds):
    db = ZonesDb(folder / "zones.db")
    fill(db)
    static, aliases = folder / "static.txt", folder / "aliases.txt"
    static.write_text(static_queries())
    aliases.write_text(alias_queries())

    upstream = Upstream(folder, [record for i in range(ALIASES) for record in (
        (f"t{i}", "A", f"198.51.100.{i % 256}", 3600),
        (f"t{i}", "AAAA", f"2001:db8::{i:x}", 3600))])
    daemon = Aliasd(folder, db.path, forward=upstream.forward, loglevel=5)
    servers = {}
    for caches in (False, True):
        label = "defaults" if caches else "off"
        options = {} if caches else ANSWER_CACHES_OFF
        servers["aliasd", caches] = PowerDNS(folder, f"aliasd-{label}", socket=daemon.socket,
                                             caches=True, **options)
        servers["gsqlite3", caches] = PowerDNS(folder, f"gsqlite3-{label}", gsqlite3=db.path,
                                               caches=True, **options)
    rows = []
    with running(upstream, daemon, *servers.values()):
        for caches in (False, True):
            ours, theirs = servers["aliasd", caches], servers["gsqlite3", caches]
            label = "at their defaults" if caches else "off"
            rows.append(compare(f"static records, PowerDNS's caches {label}",
                                [("pdns-aliasd", ours, static), ("gsqlite3", theirs, static)],
                                rounds, seconds))
            rows.append(compare(f"ALIAS beside static records, caches {label}",
                                [("ALIAS", ours, aliases), ("static", ours, static)],
                                rounds, seconds))
    return rows


if __name__ == "__main__":
    main()
