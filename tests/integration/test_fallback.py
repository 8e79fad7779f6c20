"""The fallback database: what was learned outlives the daemon, and nothing in it stops it."""

import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from lib import environment
from lib.aliasd import Aliasd

WEB = [("A", "192.0.2.1"), ("AAAA", "2001:db8::1")]


@pytest.fixture
def filled(zones_db):
    zones_db.add_zone("example.test", [("www", "ALIAS", "web.target.test"),
                                       ("none", "ALIAS", "none.target.test")])


@pytest.fixture
def serving(filled, make_resolving):
    return make_resolving([("web", "A", "192.0.2.1"), ("web", "AAAA", "2001:db8::1")])


def records(aliasd, name="www.example.test"):
    with aliasd.connect() as session:
        return session.records(name)


def stored(aliasd):
    """All rows of all tables, as text, read as a user would."""
    try:
        with sqlite3.connect(f"file:{aliasd.fallback_db}?mode=ro", uri=True) as database:
            tables = [row[0] for row in database.execute(
                "SELECT name FROM sqlite_master WHERE type='table'")]
            return [" ".join(map(str, row)) for table in tables
                    for row in database.execute(f"SELECT * FROM \"{table}\"")]
    except sqlite3.Error:
        return []


def wait_stored(aliasd, text="192.0.2.1"):
    environment.wait_until(lambda: any(text in row for row in stored(aliasd)), 10,
                           f"{text} in the fallback database")


def test_answers_are_written_behind_as_readable_text(serving):
    _, aliasd = serving
    assert records(aliasd) == WEB
    wait_stored(aliasd)
    wait_stored(aliasd, "2001:db8::1")
    assert any("web.target.test" in row for row in stored(aliasd))


def test_stale_answer_survives_a_restart_without_upstream(serving):
    upstream, aliasd = serving
    assert records(aliasd) == WEB
    aliasd.stop()
    upstream.stop()
    aliasd.start()
    assert records(aliasd) == WEB


def test_stale_answer_survives_a_kill(serving):
    upstream, aliasd = serving
    assert records(aliasd) == WEB
    wait_stored(aliasd)
    wait_stored(aliasd, "2001:db8::1")
    upstream.stop()
    aliasd.restart_after_kill()
    assert records(aliasd) == WEB


def test_missing_file_is_made(serving):
    _, aliasd = serving
    aliasd.stop()
    aliasd.fallback_db.unlink()
    aliasd.start()
    assert records(aliasd) == WEB
    wait_stored(aliasd)


def moved_aside(aliasd, mark):
    return [path for path in aliasd.folder.glob(f"{aliasd.fallback_db.name}.{mark}*")
            if not path.name.endswith(("-wal", "-shm"))]


def test_corrupt_file_is_moved_aside_and_made_anew(serving):
    _, aliasd = serving
    aliasd.stop()
    aliasd.fallback_db.write_bytes(b"this is no database\n" * 1000)
    aliasd.start()
    assert aliasd.fallback_db.name in aliasd.log()
    assert moved_aside(aliasd, "corrupt")[0].read_bytes().startswith(b"this is no database")
    assert records(aliasd) == WEB
    wait_stored(aliasd)


def test_torn_file_is_moved_aside_and_made_anew(serving):
    _, aliasd = serving
    assert records(aliasd) == WEB
    aliasd.stop()
    content = aliasd.fallback_db.read_bytes()
    aliasd.fallback_db.write_bytes(content[:2048] + b"\xff" * (len(content) - 2048))
    aliasd.start()
    assert records(aliasd) == WEB
    wait_stored(aliasd)
    assert moved_aside(aliasd, "corrupt")


def test_file_of_a_newer_version_is_moved_aside_untouched(serving):
    _, aliasd = serving
    assert records(aliasd) == WEB
    aliasd.stop()
    with sqlite3.connect(aliasd.fallback_db) as database:
        database.execute("PRAGMA user_version=9999")
    aliasd.start()
    assert moved_aside(aliasd, "version-9999")
    assert records(aliasd) == WEB
    wait_stored(aliasd)


def test_unreadable_row_is_skipped_and_the_others_are_loaded(serving):
    upstream, aliasd = serving
    assert records(aliasd) == WEB
    aliasd.stop()
    with sqlite3.connect(aliasd.fallback_db) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'"
                                         ).fetchall():
            columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
            for column in columns:
                if "address" in column:
                    database.execute(f'UPDATE "{table}" SET "{column}"=\'no address\' '
                                     f'WHERE "{column}" LIKE \'%192.0.2.1%\'')
    upstream.stop()
    aliasd.start()
    assert records(aliasd) == [("AAAA", "2001:db8::1")]


def test_unwritable_place_is_said_once_and_memory_serves_on(filled, make_resolving, folder):
    upstream, aliasd = make_resolving([("web", "A", "192.0.2.1", 1),
                                       ("web", "AAAA", "2001:db8::1")],
                                      fallback_db=folder / "absent" / "fallback.db")
    for _ in range(5):
        assert records(aliasd) == WEB
    assert aliasd.log().count("absent/fallback.db") <= 2
    assert "absent/fallback.db" in aliasd.log()
    upstream.stop()
    assert records(aliasd) == WEB


class MountedAliasd(Aliasd):
    """The daemon with a small file system of its own at `place`, that nobody else sees."""

    def __init__(self, folder, zones_db, options, **settings):
        self.place = folder / "small"
        self.place.mkdir()
        self.options_of_mount = options
        super().__init__(folder, zones_db, fallback_db=self.place / "fallback.db", **settings)

    def command(self, *options):
        script = f'mount -t tmpfs -o {self.options_of_mount} none "{self.place}" && exec "$@"'
        return ["unshare", "-m" if os.getuid() == 0 else "-rm", "sh", "-c", script, "sh",
                *super().command(*options)]

    def seen_from_outside(self, name):
        return Path(f"/proc/{self.child.pid}/root{self.place}/{name}")


@pytest.fixture
def make_mounted(folder, servers, zones_db, filled, make_upstream):
    def make(options, records):
        probe = subprocess.run(["unshare", "-m" if os.getuid() == 0 else "-rm", "true"],
                               capture_output=True, text=True)
        if probe.returncode != 0:
            pytest.skip(f"no private mounts here: {probe.stderr.strip()}")
        upstream = make_upstream(records)
        aliasd = MountedAliasd(folder, zones_db.path, options, forward=upstream.forward,
                               alias_ttl_min=0, loglevel=6)
        servers.append(aliasd)
        return upstream, aliasd.start()

    return make


def test_read_only_place_is_said_and_memory_serves_on(make_mounted):
    upstream, aliasd = make_mounted("ro", [("web", "A", "192.0.2.1"),
                                           ("web", "AAAA", "2001:db8::1")])
    assert records(aliasd) == WEB
    assert "small/fallback.db" in aliasd.log()
    upstream.stop()
    assert records(aliasd) == WEB


def test_full_disk_is_said_once_and_memory_serves_on(make_mounted, zones_db):
    names = [f"{'x' * 50}{number}" for number in range(80)]
    upstream, aliasd = make_mounted("size=1m", [("web", "A", "192.0.2.1"),
                                                ("web", "AAAA", "2001:db8::1")]
                                    + [(name, "A", "192.0.2.9") for name in names])
    assert records(aliasd) == WEB
    environment.wait_until(aliasd.seen_from_outside("fallback.db").exists, 5, "the file")
    try:
        with open(aliasd.seen_from_outside("filler"), "wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 512)
    except OSError:
        pass
    zones_db.add_zone("many.test", [(name, "ALIAS", f"{name}.target.test") for name in names])
    with aliasd.connect() as session:
        for name in names:
            assert session.records(f"{name}.many.test") == [("A", "192.0.2.9")]
    aliasd.wait_for_log("full")
    assert sum("full" in line for line in aliasd.log().splitlines()) <= 2
    assert records(aliasd) == WEB


def test_without_a_fallback_database_memory_serves(filled, make_resolving, folder):
    upstream, aliasd = make_resolving([("web", "A", "192.0.2.1"), ("web", "AAAA", "2001:db8::1")],
                                      fallback_db="")
    assert records(aliasd) == WEB
    upstream.stop()
    assert records(aliasd) == WEB
    assert not list(folder.glob("*fallback*"))


def test_answer_past_max_stale_is_dropped(serving):
    upstream, aliasd = serving
    assert records(aliasd) == WEB
    aliasd.stop()
    with sqlite3.connect(aliasd.fallback_db) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'"
                                         ).fetchall():
            columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
            if "fresh_until" in columns:
                database.execute(f'UPDATE "{table}" SET resolved_at=1000, fresh_until=2000')
    upstream.stop()
    aliasd.start()
    assert records(aliasd) == [("", "")]


def test_known_emptiness_survives_a_restart(serving):
    upstream, aliasd = serving
    assert records(aliasd, "none.example.test") == [("", "")]
    aliasd.stop()
    aliasd.start()
    assert records(aliasd, "none.example.test") == [("", "")]
