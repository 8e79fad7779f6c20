"""What the parts of the benchmark share: candidates, dnsperf, rounds that alternate, figures.

A machine's speed changes from one minute to the next, so all candidates of a comparison run at the
same time, the idle ones at no cost, and are measured in turn. What is compared is the median of the
ratios of neighbouring measurements. Nothing here passes or fails.
"""

import collections
import contextlib
import dataclasses
import json
import os
import re
import statistics
import subprocess
import time

from lib import environment, query
from lib.powerdns import PowerDNS
from lib.process import Process
from lib.session import Session
from lib.upstream import TARGET_ZONE, Upstream
from lib.zones_db import ZonesDb

ZONE = "bench.example"
NAMES = 10000
ALIASES = 1000
# As the canned responder answers: SOA and NS with these, all else with TTL.
SOA_MINIMUM = 3600
TTL = 300

# Every query reaches the backend; zones, metadata and keys are cached as they always are.
ANSWER_CACHES_OFF = {"cache_ttl": 0, "query_cache_ttl": 0, "negquery_cache_ttl": 0}
CACHES = {"off": ANSWER_CACHES_OFF, "at defaults": {}}

# The same for everybody.
DNSPERF = ["-c", "16", "-q", "100"]

# Seconds, past its own, after which a measurement hangs.
PATIENCE = 120


@dataclasses.dataclass
class Row:
    """A comparison. `ratio`: ours to theirs, the median over the rounds. `bar`: None: a report."""
    what: str
    against: str
    ours: float
    theirs: float
    unit: str
    ratio: float
    bar: float = None
    at_most: bool = False

    def is_met(self):
        if self.bar is None:
            return None
        return self.ratio <= self.bar if self.at_most else self.ratio >= self.bar


@dataclasses.dataclass
class Queries:
    """A file for dnsperf, what is expected of each answer, and options of dnsperf."""
    path: str
    rcode: str = "NOERROR"
    options: tuple = ()


class Bench:
    """One run: how long it measures, how large, where it works, and what it has found."""

    def __init__(self, folder, rounds, seconds, records, quick):
        self.folder = folder
        self.rounds, self.seconds = rounds, seconds
        self.records, self.quick = records, quick
        self.rows = []
        self.reports = []
        self.tables = []
        self.bad = collections.Counter()

    # Places

    def make_folder(self, name):
        folder = self.folder / name
        folder.mkdir()
        return folder

    def queries(self, name, asked, **more):
        """`asked`: (name, type) each."""
        path = self.folder / f"{name}.queries"
        path.write_text("".join(f"{owner} {kind}\n" for owner, kind in asked))
        return Queries(path, **more)

    def names(self, name, asked):
        """A file for lookup-load: (name, domain id) each."""
        path = self.folder / f"{name}.names"
        path.write_text("".join(f"{owner} {number}\n" for owner, number in asked))
        return path

    # Figures

    def add_row(self, *words, **more):
        row = Row(*words, **more)
        self.rows.append(row)
        print(describe(row), flush=True)
        return row

    def report(self, what, figure, unit):
        """A figure that nothing is compared with."""
        self.reports.append({"what": what, "figure": figure, "unit": unit})
        print(f"{what}: {number_text(figure)} {unit}", flush=True)

    def table(self, title, columns, lines):
        """`lines`: a name and a figure for each column (None: not measured)."""
        self.tables.append({"title": title, "columns": columns, "lines": lines})
        print_table([title, *columns],
                    [[name, *map(number_text, figures)] for name, figures in lines])

    def note_bad(self, what, count):
        """What should not have happened: a query lost, another rcode."""
        if count:
            self.bad[what] += count

    # Measuring

    def compare(self, what, values, unit, bars):
        """Rows of the first of `values` ({name: [a figure for each round]}) against others.
        `bars`: {name: None or keyword arguments of Row}."""
        ours = next(iter(values))
        for theirs, bar in bars.items():
            self.add_row(what, theirs, statistics.median(values[ours]),
                         statistics.median(values[theirs]), unit,
                         median_ratio(values[ours], values[theirs]), **(bar or {}))

    def compare_answers(self, what, servers, queries, bars):
        """Queries a second of PowerDNS servers ({name: PowerDNS}), in turn."""
        values = alternate(servers, lambda server, warm: self.dnsperf(
            what, server, queries, self.seconds, warm), self.rounds)
        self.compare(what, values, "queries/s", bars)
        return values

    def dnsperf(self, what, server, queries, seconds, warm=False):
        """Queries a second that were answered."""
        done = subprocess.run(
            ["dnsperf", "-s", server.address, "-p", str(server.port), "-d", str(queries.path),
             "-l", str(seconds), *DNSPERF, *queries.options],
            capture_output=True, text=True, check=True,
            timeout=seconds + PATIENCE).stdout
        lost = int(re.search(r"Queries lost:\s+(\d+)", done).group(1))
        codes = dict(re.findall(r"([A-Z]+) (\d+) \(", re.search(
            r"Response codes:(.*)", done).group(1)))
        if not warm:
            self.note_bad(f"{what}: {server.name}: lost", lost)
            for code, count in codes.items():
                if code != queries.rcode:
                    self.note_bad(f"{what}: {server.name}: {code}", int(count))
        return float(re.search(r"Queries per second:\s+([\d.]+)", done).group(1))

    def lookups(self, what, socket, names, sessions, seconds, rate=0):
        """What lookup-load has measured."""
        done = subprocess.run(
            [str(word) for word in (tool("lookup-load"), socket, names, sessions, seconds, rate)],
            capture_output=True, text=True, check=True,
            timeout=seconds + PATIENCE).stdout
        measured = json.loads(done)
        self.note_bad(f"{what}: lookups without a result", measured["failed"])
        return measured


def alternate(candidates, measure, rounds):
    """{name: [a figure for each round]}, by measure(candidate, warm). Each is measured once before,
    which doesn't count; every other round goes backwards."""
    values = {name: [] for name in candidates}
    for candidate in candidates.values():
        measure(candidate, True)
    order = list(candidates.items())
    for _ in range(rounds):
        for name, candidate in order:
            values[name].append(measure(candidate, False))
        order.reverse()
    return values


def median_ratio(ours, theirs):
    return statistics.median(a / b for a, b in zip(ours, theirs) if b)


@contextlib.contextmanager
def bench_folder():
    folder = environment.make_folder()
    try:
        yield folder
    finally:
        environment.remove_folder(folder)


@contextlib.contextmanager
def running(*processes):
    """Started in this order; stopped in the other, whatever happens."""
    with contextlib.ExitStack() as stack:
        for process in processes:
            stack.callback(process.stop)
            process.start()
        yield


# Candidates


def tool(name):
    return environment.build_folder() / "tests" / "bench" / name


class CannedResponder(Process):
    """The floor: see canned-responder.c."""

    def __init__(self, folder, zone=ZONE):
        super().__init__("canned", folder)
        self.socket = folder / "canned.sock"
        self.zone = zone

    def start(self):
        self.spawn([tool("canned-responder"), self.socket, self.zone])
        self.wait_for_log("ready")

    def stop(self):
        self.terminate()


def powerdns(folder, name, **options):
    """With its caches, but for what `options` say."""
    return PowerDNS(folder, name, caches=True, **options)


def make_bench_zone(folder):
    """n0..., an A record each, and a0..., an ALIAS each; the target of aI is tI. All addresses are
    those of the canned responder."""
    db = ZonesDb(folder / "zones.db")
    rows = [(f"n{i}", "A", "192.0.2.1", TTL) for i in range(NAMES)]
    rows += [(f"a{i}", "ALIAS", f"t{i}.{TARGET_ZONE}", TTL) for i in range(ALIASES)]
    db.add_zone(ZONE, rows, minimum=SOA_MINIMUM)
    return db


def make_upstream(folder, ttl=3600, count=ALIASES, name="unbound"):
    return Upstream(folder, [row for i in range(count) for row in (
        (f"t{i}", "A", "192.0.2.1", ttl), (f"t{i}", "AAAA", "2001:db8::1", ttl))], name=name)


def unbound_of(upstream):
    """Its address for `forward`. The relay before it, for faults, would be what is measured."""
    return f"{upstream.address}@{upstream.unbound_port}"


def alias_queries(count=ALIASES):
    return [(f"a{i}.{ZONE}", kind) for i in range(count) for kind in ("A", "AAAA")]


# Checks before anything is measured


def check_answer(server, name, kind, rcode, count):
    """Fails unless the answer has this rcode and so many records of the type."""
    response = query.ask(server.address, server.port, name, kind)
    found = sum(len(rrset) for rrset in response.answer
                if rrset.rdtype == response.question[0].rdtype)
    if (query.rcode(response), found) != (rcode, count):
        raise AssertionError(f"{server.name}: {name} {kind}: expected {rcode}, {count}\n{response}")


def check_same_replies(ours, canned, names, zone_id=1):
    """Fails unless the daemon and the canned responder reply with the same rows: else PowerDNS
    wouldn't have the same to do."""
    replies = []
    for process in (ours, canned):
        with Session(process.socket) as session:
            replies.append([sorted(session.lookup(name, zone_id=zone_id)["result"],
                                   key=lambda row: row["qtype"]) for name in names])
    for name, one, other in zip(names, *replies):
        if one != other:
            raise AssertionError(f"replies for {name} differ:\n{one}\n{other}")


def wait_until_known(daemon, count, timeout=None):
    """Until so many targets, of both families, are resolved and kept. Returns the seconds."""
    begin = time.monotonic()
    kept = ZonesDb(daemon.fallback_db, is_new=False)

    def are_kept():
        try:
            return int(kept.sql("SELECT count(*) FROM entries;")) >= 2 * count
        except AssertionError:
            # The daemon has not made its table yet.
            return False

    environment.wait_until(are_kept, timeout or 30 + count / 20, "all targets to be resolved",
                           interval=0.05)
    return time.monotonic() - begin


# Of processes


def processor_seconds(process):
    with open(f"/proc/{process.child.pid}/stat", encoding="ascii") as file:
        after_name = file.read().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def memory(process, field="VmRSS"):
    """KiB; VmHWM: at most so far."""
    with open(f"/proc/{process.child.pid}/status", encoding="ascii") as file:
        return int(re.search(rf"{field}:\s+(\d+) kB", file.read()).group(1))


# What is printed


def number_text(figure):
    if figure is None:
        return ""
    if isinstance(figure, str):
        return figure
    if figure == 0 or abs(figure) >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if abs(figure) >= 10 else f"{figure:.3g}"


def bar_text(row):
    if row.bar is None:
        return "", ""
    return (f"at {'most' if row.at_most else 'least'} {row.bar:.2f}",
            "met" if row.is_met() else "not met")


def describe(row):
    bar, verdict = bar_text(row)
    return (f"{row.what}: {number_text(row.ours)} {row.unit}, {row.against}: "
            f"{number_text(row.theirs)}; ratio {row.ratio:.3f} {bar and f'({bar}: {verdict})'}")


def print_row(first, cells):
    print("| " + " | ".join([first, *cells]) + " |", flush=True)


def print_table(heads, lines):
    print()
    for first, *cells in (heads, ["---"] * len(heads), *lines):
        print_row(first, cells)
    print()


def print_rows(rows):
    print_table(["what", "against", "ours", "theirs", "ratio", "bar", ""],
                [[row.what, row.against, f"{number_text(row.ours)} {row.unit}",
                  number_text(row.theirs), f"{row.ratio:.3f}", *bar_text(row)] for row in rows])
