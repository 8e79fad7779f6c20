"""What a session keeps of the names that it has looked up is never older than the last commit."""

import contextlib
import os
import signal
import sqlite3
import threading
import time

import pytest

from lib import environment
from lib.zones_db import ZonesDb

WWW = "www.example.test"


@pytest.fixture
def filled(zones_db):
    zones_db.add_zone("example.test", [
        ("www", "A", "192.0.2.1"), ("alias", "ALIAS", "www.example.test"),
        ("long", "ALIAS", "one.example.test"), ("one", "CNAME", "two.example.test"),
        ("two", "CNAME", "www.example.test")])
    return zones_db


def lookups(aliasd):
    """{from: count}"""
    stats = aliasd.stats()
    return {source: stats[f'pdns_aliasd_lookups_total{{from="{source}"}}']
            for source in ("database", "memory")}


def resident(aliasd):
    """KiB"""
    with open(f"/proc/{aliasd.child.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def test_names_are_read_once_as_long_as_nothing_is_committed(make_aliasd, filled):
    aliasd = make_aliasd()
    filled.wait_until_in_order()
    with aliasd.connect() as session:
        for _ in range(10):
            assert session.records(WWW) == [("A", "192.0.2.1")]
            assert session.records("alias.example.test") == [("A", "192.0.2.1")]
            assert session.records("none.example.test") == []
        assert lookups(aliasd) == {"database": 3, "memory": 27}
        assert [row["qname"] for row in session.lookup("WWW.example.TEST")["result"]] == [
            "WWW.example.TEST"]
        assert session.records(WWW, "TXT") == []
        assert session.records(WWW, "A") == [("A", "192.0.2.1")]
        assert lookups(aliasd) == {"database": 6, "memory": 27}


def test_each_session_has_its_own(make_aliasd, filled):
    aliasd = make_aliasd()
    filled.wait_until_in_order()
    for _ in range(2):
        with aliasd.connect() as session:
            session.records(WWW)
    assert lookups(aliasd) == {"database": 2, "memory": 0}


def test_what_is_committed_is_seen_by_each_lookup_after_it(make_aliasd, filled):
    """A writer commits as fast as it can, and empties the WAL now and then; who looks up after a
    commit sees it or a later one."""
    aliasd = make_aliasd(loglevel=5)
    filled.wait_until_in_order()
    committed = [1]
    calm = threading.Lock()  # nobody else changes the WAL
    faults = []
    end = time.monotonic() + 4

    def write():
        with contextlib.closing(sqlite3.connect(filled.path, timeout=10,
                                                isolation_level=None)) as connection:
            while time.monotonic() < end and committed[0] < 65000:
                number = committed[0] + 1
                with calm:
                    connection.execute("UPDATE records SET content=? WHERE name=? AND type='A'",
                                       (f"10.9.{number >> 8}.{number & 255}", WWW))
                    committed[0] = number
                    if number % 40 == 0:
                        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                if number % 7 == 0:
                    time.sleep(0.005)

    def look_up(session, name):
        least = committed[0]
        content = session.records(name, "A")[0][1].split(".")
        seen = int(content[2]) << 8 | int(content[3])
        if content[:2] == ["10", "9"] and seen < least:
            faults.append((name, seen, least))

    def read(name):
        with aliasd.connect() as session:
            # However seldom a reader runs, it finds something in memory.
            with calm:
                for _ in range(3):
                    look_up(session, name)
            while time.monotonic() < end:
                look_up(session, name)

    threads = [threading.Thread(target=write)] + [
        threading.Thread(target=read, args=(name,))
        for name in (WWW, "alias.example.test", "long.example.test", WWW)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert committed[0] > 1
    counts = lookups(aliasd)
    assert counts["memory"] > 0 and counts["database"] > 0


def test_what_alias_rows_depend_on_is_seen(make_aliasd, filled):
    aliasd = make_aliasd()
    with aliasd.connect() as session:
        def alias():
            return session.records("long.example.test")

        assert alias() == alias() == [("A", "192.0.2.1")]
        filled.insert("example.test", "two", "A", "192.0.2.8")
        filled.sql("DELETE FROM records WHERE name='two.example.test' AND type='CNAME';")
        assert alias() == alias() == [("A", "192.0.2.8")]
        filled.sql("INSERT INTO domainmetadata(domain_id,kind,content) VALUES(1,'X-ALIAS-TXT','1');")
        assert ("TXT", '"ALIAS for one.example.test"') in alias() and len(alias()) == 2
        filled.sql("UPDATE domainmetadata SET kind='PRESIGNED';")
        assert alias() == alias() == [("ALIAS", "one.example.test")]


def test_settings_that_are_reread_count_at_once(make_aliasd, filled):
    aliasd = make_aliasd()
    with aliasd.connect() as session:
        for count, (hops, txt, expected) in enumerate(
                ((16, "no", ["A"]), (16, "yes", ["A", "TXT"]), (1, "yes", ["TXT"]),
                 (16, "no", ["A"])), 1):
            aliasd.configure(alias_hops_max=hops, alias_txt=txt)
            os.kill(aliasd.child.pid, signal.SIGHUP)
            aliasd.wait_for_log("settings reread", count=count)
            for _ in range(3):
                assert sorted(kind for kind, _ in session.records("long.example.test")) == expected


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_file_in_its_place_is_another_one(make_aliasd, folder, journal):
    """Of the same shape to the byte, so that only the connection tells them apart."""
    def make(name, content):
        db = ZonesDb(folder / name)
        db.add_zone("example.test", [("www", "A", content)])
        db.sql(f"PRAGMA journal_mode={journal};")
        return db

    served = make("served.db", "192.0.2.1")
    aliasd = make_aliasd(zones_db=served.path, zone_upkeep="no")
    with aliasd.connect() as session:
        for number in range(2, 8):
            assert session.records(WWW) == session.records(WWW) == [("A", f"192.0.2.{number - 1}")]
            make(f"{number}.db", f"192.0.2.{number}").path.rename(served.path)
            for beside in ("-wal", "-shm"):
                served.path.with_name(served.path.name + beside).unlink(missing_ok=True)
            environment.wait_until(
                lambda: session.records(WWW) == [("A", f"192.0.2.{number}")], 3,  # pylint: disable=cell-var-from-loop
                "the new file to be served")
    assert (lookups(aliasd)["memory"] > 0) == (journal == "WAL")


def test_it_can_be_turned_off(make_aliasd, filled):
    aliasd = make_aliasd(lookup_memory_max=0)
    filled.wait_until_in_order()
    with aliasd.connect() as session:
        for _ in range(5):
            assert session.records(WWW) == [("A", "192.0.2.1")]
    assert lookups(aliasd) == {"database": 5, "memory": 0}


def test_what_is_shown_raw_is_read_each_time(make_aliasd, filled):
    aliasd = make_aliasd()
    filled.wait_until_in_order()
    with aliasd.connect() as session, aliasd.connect(view="raw") as raw:
        for _ in range(3):
            assert session.records("alias.example.test") == [("A", "192.0.2.1")]
            assert raw.records("alias.example.test") == [("ALIAS", "www.example.test")]


@pytest.mark.skipif("ALIASD_SANITIZER_REPORTS" in os.environ,
                    reason="sanitizers keep freed memory for themselves")
def test_it_is_bounded(make_aliasd, filled):
    aliasd = make_aliasd(lookup_memory_max=1)
    filled.wait_until_in_order()
    with aliasd.connect() as session:
        for number in range(2000):
            session.lookup(f"n{number}.example.test")
        before = resident(aliasd)
        for number in range(2000, 40000):
            session.lookup(f"n{number}.example.test")
        assert resident(aliasd) - before < 3 * 1024
