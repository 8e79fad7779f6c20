"""How cost grows with the number of zones: 10 records in each, up to 1,000,000 zones. Names asked
for are a random sample of all of them.

PowerDNS has its answer caches off, and no zone cache, on all sides: a million zones don't fit
through the unix connector in one reply. So it asks for the SOA of each name upward. What it keeps
of metadata is off, too, for what is compared: else it would ask for those of a few zones once, for
those of a million with each query, and that would be measured. Without a bar it is measured with it
on.
"""

import statistics
import time

from lib import environment
from lib.aliasd import Aliasd

from harness import ANSWER_CACHES_OFF, alternate, check_answer, memory, powerdns, running
from scale_db import RECORDS_A_ZONE, host_name, make_zones, random_hosts

SAMPLE = 100000
SESSIONS = (1, 4, 16, 64)
NO_ZONE_CACHE = {**ANSWER_CACHES_OFF, "zone_cache_refresh_interval": 0}
METADATA_CACHED = ", metadata cached"
METADATA = {"": {"domain_metadata_cache_ttl": 0, "dnssec_key_cache_ttl": 0}, METADATA_CACHED: {}}
ORDER_LIMIT = 1800


class Size:
    """The database of so many records, who serves it, and names of it."""

    def __init__(self, bench, folder, records):
        self.records = records
        self.zones = records // RECORDS_A_ZONE
        self.name = f"{records:,} records"
        begin = time.monotonic()
        self.db = make_zones(folder / f"zones{records}.db", self.zones)
        self.made_in = time.monotonic() - begin
        self.daemon = Aliasd(folder, self.db.path, f"aliasd{records}", fallback_db="",
                             refresh_idle=0, loglevel=5)
        sample = list(random_hosts(self.zones, SAMPLE))
        self.names = bench.names(f"scale{records}", sample)
        self.queries = bench.queries(f"scale{records}", [(name, "A") for name, _ in sample])
        self.servers = {}
        for number, (label, options) in enumerate(METADATA.items()):
            self.servers["ours", label] = powerdns(
                folder, f"aliasd{records}-{number}", socket=self.daemon.socket,
                **NO_ZONE_CACHE, **options)
        self.servers["gsqlite3", ""] = powerdns(folder, f"gsqlite3-{records}",
                                                gsqlite3=self.db.path, **NO_ZONE_CACHE,
                                                **METADATA[""])


def run(bench):
    folder = bench.make_folder("scale")
    sizes = [Size(bench, folder, 10 ** power) for power in range(4, len(str(bench.records)))]
    large, small = sizes[-1], sizes[0]
    bench.report(f"database of {large.name} made", large.made_in, "s")
    bench.table("first start", ["first answer, s", "all zones in order, s", "memory at most, KiB"],
                [(size.name, start_first(size)) for size in sizes])
    with running(*(size.daemon for size in sizes)):
        measure_start(bench, large)
        measure_lookups(bench, sizes)
        bench.report(f"memory after lookups, {small.name}", memory(small.daemon), "KiB")
        bench.report(f"memory after lookups, {large.name}", memory(large.daemon), "KiB")
        for kind, label in (("ours", ""), ("ours", METADATA_CACHED), ("gsqlite3", "")):
            measure_queries(bench, kind, label, large, small)


def first_answer(size, begin):
    """Seconds from `begin` to a lookup's answer."""
    with size.daemon.connect() as session:
        assert session.lookup(host_name(size.zones - 1, 0), zone_id=size.zones)["result"]
    return time.monotonic() - begin


def start_first(size):
    """The daemon makes its own tables and puts all zones in order, once. Seconds to the first
    answer and until that has ended, and KiB at most until then."""
    begin = time.monotonic()
    with running(size.daemon):
        answered_in = first_answer(size, begin)
        wait_until_in_order(size)
        return answered_in, time.monotonic() - begin, memory(size.daemon, "VmHWM")


LAST_IS_DONE = ("SELECT changes=done FROM aliasd_zones "
                "WHERE domain_id=(SELECT max(id) FROM domains);")


def is_last_in_order(size):
    try:
        return size.db.sql(LAST_IS_DONE) == "1\n"
    except AssertionError:
        # The daemon has not made its tables yet.
        return False


def wait_until_in_order(size):
    """The table of all zones is read only when the last one is in order: it takes its time."""
    environment.wait_until(lambda: is_last_in_order(size), ORDER_LIMIT,
                           f"the last zone of {size.name} to be in order", interval=0.1)
    size.db.wait_until_in_order(ORDER_LIMIT)


def measure_start(bench, size):
    """Of a database that is in order, to the first answer over the socket."""
    size.daemon.stop()
    begin = time.monotonic()
    size.daemon.start()
    bench.report(f"later start to first answer, {size.name}", first_answer(size, begin), "s")
    bench.report(f"memory after the start, {size.name}", memory(size.daemon), "KiB")


def measure_lookups(bench, sizes):
    """Over the socket, a size after the other, round by round."""
    rates = {}
    for warm in (True, *[False] * min(3, bench.rounds)):
        for size in sizes:
            for sessions in SESSIONS:
                measured = bench.lookups(size.name, size.daemon.socket, size.names, sessions,
                                         1 if warm else min(2, bench.seconds))
                assert measured["rows"] == 1, f"{size.name}: {measured}"
                if not warm:
                    rates.setdefault((size.name, sessions), []).append(measured["rate"])
    bench.table("lookups/s over the socket", [f"{sessions} sessions" for sessions in SESSIONS],
                [(size.name, [statistics.median(rates[size.name, sessions])
                              for sessions in SESSIONS]) for size in sizes])


def measure_queries(bench, kind, label, large, small):
    """`kind`: who serves, on both sides."""
    what = f"{large.zones:,} zones, {large.name}, caches off{label}"
    if kind != "ours":
        what += f", {kind} on both sides"
    with running(large.servers[kind, label], small.servers[kind, label]):
        for size in (large, small):
            check_answer(size.servers[kind, label], host_name(size.zones - 1, 0), "A", "NOERROR",
                         1)
        values = alternate({large.name: large, small.name: small},
                           lambda size, warm: bench.dnsperf(
                               what, size.servers[kind, label], size.queries, bench.seconds, warm),
                           bench.rounds)
    bench.compare(what, values, "queries/s",
                  {small.name: {"bar": 0.80} if (kind, label) == ("ours", "") else None})
