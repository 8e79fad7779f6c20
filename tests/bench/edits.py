"""How soon an edit is live: seconds from its commit to the first right answer through PowerDNS with
its caches at their defaults, on pdns-aliasd with the control socket set, and beside it on gsqlite3.

All names are asked for steadily, each from a random moment on, and each is edited once, at a random
moment; until the answer is right it is asked for much more often. One candidate after the other.
Nothing here passes or fails.
"""

import argparse
import contextlib
import dataclasses
import random
import sqlite3
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lib import environment, query
from lib.aliasd import Aliasd
from lib.powerdns import PowerDNS
from lib.primary import control_socket
from lib.zones_db import ZonesDb

from harness import bench_folder, print_row, running

OURS, BESIDE = "pdns-aliasd", "gsqlite3"
BEFORE, AFTER = "192.0.2.1", "192.0.2.2"
# Seconds: in which each name is first asked for, and between two questions for it; between two for
# one whose edit is committed, which is what the figures are exact to.
LEAD, STEADY, IMPATIENT = 60, 0.5, 0.005
# Past all caches.
PATIENCE = 150


@dataclasses.dataclass
class Edit:
    what: str
    owner: str
    statement: str
    expected: list  # None: the name doesn't exist
    first_asked: float = 0.0
    due: float = 0.0
    asked: float = float("-inf")
    committed: float = None
    live: float = None


def make_edits(count):
    """Each in a zone of its own: an edit empties the caches for all of its zone."""
    for i in range(count):
        changed, deleted, new = (f"www.{what}{i}.test" for what in ("changed", "deleted", "new"))
        yield Edit("content changed", changed,
                   f"UPDATE records SET content='{AFTER}' WHERE name='{changed}';", [AFTER])
        yield Edit("row deleted", deleted, f"DELETE FROM records WHERE name='{deleted}';", None)
        yield Edit("new name, asked for before", new,
                   ZonesDb.insert_statement(f"new{i}.test", "www", "A", AFTER, 3600), [AFTER])


def add_zones(db, count, kind):
    for i in range(count):
        for what in ("changed", "deleted", "new"):
            rows = [] if what == "new" else [("www", "A", BEFORE, 3600)]
            db.add_zone(f"{what}{i}.test", rows, kind=kind)


def commit_all(path, edits):
    """Each when it is due."""
    connection = sqlite3.connect(path, timeout=10, isolation_level=None)
    with contextlib.closing(connection):
        for edit in sorted(edits, key=lambda edit: edit.due):
            time.sleep(max(0, edit.due - time.monotonic()))
            connection.execute(edit.statement)
            edit.committed = time.monotonic()


def ask(server, edit):
    edit.asked = time.monotonic()
    response = query.ask(server.address, server.port, edit.owner)
    if edit.committed is None or edit.committed > edit.asked:
        return
    if query.addresses(response, strict=False) == edit.expected:
        edit.live = time.monotonic()


def is_due(edit, now):
    if edit.live is not None or now < edit.first_asked:
        return False
    return now - edit.asked >= (STEADY if edit.committed is None else IMPATIENT)


def ask_until_live(server, edits, end):
    while time.monotonic() < end and any(edit.live is None for edit in edits):
        for edit in edits:
            if is_due(edit, time.monotonic()):
                ask(server, edit)
        time.sleep(0.001)


def measure(folder, candidate, options):
    folder.mkdir()
    numbers = random.Random(environment.SEED)
    db = ZonesDb(folder / "zones.db")
    add_zones(db, options.edits, options.kind)
    processes = []
    if candidate == OURS:
        processes.append(Aliasd(folder, db.path, loglevel=5,
                                pdns_control_socket=control_socket(folder)))
        server = PowerDNS(folder, socket=processes[0].socket, caches=True)
    else:
        db.sql("PRAGMA journal_mode=WAL;")
        server = PowerDNS(folder, gsqlite3=db.path, caches=True)
    processes.append(server)
    edits = list(make_edits(options.edits))
    with running(*processes):
        start = time.monotonic()
        for edit in edits:
            edit.first_asked = start + numbers.uniform(0, LEAD)
            edit.due = start + LEAD + numbers.uniform(0, options.seconds)
        editor = threading.Thread(target=commit_all, args=(db.path, edits))
        editor.start()
        ask_until_live(server, edits, start + LEAD + options.seconds + PATIENCE)
        editor.join()
    return edits


def print_figures(candidate, edits):
    for what in dict.fromkeys(edit.what for edit in edits):
        took = [edit.live - edit.committed for edit in edits
                if edit.what == what and edit.live is not None]
        lost = sum(edit.what == what and edit.live is None for edit in edits)
        print_row(candidate, [what, f"{len(took)}", f"{statistics.median(took):.3f} s",
                              f"{max(took):.3f} s", f"{lost or ''}"])


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--edits", type=int, default=100, help="of each kind")
    arguments.add_argument("--seconds", type=int, default=60, help="in which they are made")
    arguments.add_argument("--kind", default="NATIVE", help="of the zones")
    options = arguments.parse_args()
    print_row("", ["edit", "made", "median", "worst", "never live"])
    print_row("---", ["---"] * 5)
    with bench_folder() as folder:
        for candidate in (OURS, BESIDE):
            print_figures(candidate, measure(folder / candidate, candidate, options))


if __name__ == "__main__":
    main()
