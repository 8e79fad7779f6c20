"""What the daemon writes of its own accord: what it has to, in one database with other writers, and
by tables and triggers that anybody may drop."""

import sqlite3
import threading
import time

import pytest

from lib import environment
from lib.zones_db import LongWriter

ZONE = "example.test"

WATCH = ("CREATE TABLE watch(row INTEGER);" + "".join(
    f"CREATE TRIGGER watch_{verb} AFTER {verb} ON records BEGIN INSERT INTO watch "
    f"VALUES({row}.id); END;"
    for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))))


def watched(zones_db):
    """The names of rows that were written since the last time, and of rows that are gone, ''."""
    return zones_db.sql("SELECT coalesce(name,'') FROM watch LEFT JOIN records ON id=row "
                        "ORDER BY name; DELETE FROM watch;").split()


def test_only_rows_that_differ_are_written(zones_db, make_aliasd, zone_kind):
    zones_db.add_zone("other.test", [("a.b", "A", "192.0.2.1")])
    make_aliasd()
    zones_db.wait_until_in_order()
    zones_db.sql(WATCH)
    zones_db.wait_until_in_order()
    other = zones_db.sql("SELECT * FROM aliasd_zones,domains WHERE id=domain_id "
                         "AND name='other.test';")
    zones_db.insert(ZONE, "x.new", "A", "192.0.2.9")
    zones_db.wait_until_in_order()
    # The user's row, twice where its ordername was missing; the empty non-terminal above it.
    assert set(watched(zones_db)) == {f"new.{ZONE}", f"x.new.{ZONE}"}
    zones_db.sql(f"UPDATE records SET ttl=ttl+1 WHERE name='www.{ZONE}';")
    zones_db.wait_until_in_order()
    assert watched(zones_db) == [f"www.{ZONE}"]
    assert other == zones_db.sql("SELECT * FROM aliasd_zones,domains WHERE id=domain_id "
                                 "AND name='other.test';")


def commits_within(zones_db, seconds):
    """How often anybody has committed."""
    connection = sqlite3.connect(zones_db.path)
    try:
        first = connection.execute("PRAGMA data_version;").fetchone()[0]
        time.sleep(seconds)
        return connection.execute("PRAGMA data_version;").fetchone()[0] - first
    finally:
        connection.close()


def test_nothing_is_written_while_nothing_changes(zones_db, make_aliasd, zone_kind):
    aliasd = make_aliasd()
    zones_db.wait_until_in_order()
    assert commits_within(zones_db, 2.5) == 0
    zones_db.sql(WATCH)
    zones_db.wait_until_in_order()
    aliasd.restart()
    time.sleep(1)
    zones_db.wait_until_in_order()
    assert watched(zones_db) == []


@pytest.mark.parametrize("is_gone", [False, True], ids=["at_the_start", "made_before"])
def test_zone_upkeep_no_writes_nothing(zones_db, make_aliasd, zone_kind, is_gone):
    """What an earlier daemon has made is left as it is, too."""
    if is_gone:
        aliasd = make_aliasd()
        zones_db.wait_until_in_order()
        aliasd.stop()
    zones_db.sql(f"UPDATE records SET ordername='wrong',auth=0 WHERE name='www.{ZONE}';")
    before = zones_db.shell(".dump")
    aliasd = make_aliasd(name="without", zone_upkeep="no")
    time.sleep(1.5)
    zones_db.sql(f"UPDATE domains SET account='x' WHERE name='{ZONE}';")
    time.sleep(1.5)
    zones_db.sql(f"UPDATE domains SET account=NULL WHERE name='{ZONE}';")
    aliasd.stop()
    assert zones_db.shell(".dump") == before
    assert bool(zones_db.own_objects()) == is_gone


# Locks


def test_a_long_writer_is_waited_for_and_then_caught_up_with(zones_db, make_aliasd, zone_kind):
    aliasd = make_aliasd()
    zones_db.wait_until_in_order()
    writer = LongWriter(zones_db.path)
    writer.run("INSERT INTO records(domain_id,name,type,content,ttl) "
               f"SELECT id,'x.long.{ZONE}','A','192.0.2.1',60 FROM domains;")
    time.sleep(3)
    writer.run("INSERT INTO records(domain_id,name,type,content,ttl) "
               f"SELECT id,'y.long.{ZONE}','A','192.0.2.1',60 FROM domains;")
    writer.release()
    released = time.monotonic()
    zones_db.wait_until_in_order()
    assert time.monotonic() - released < 2 * environment.SLACK
    assert f"long.{ZONE}" in zones_db.empty_names()
    assert aliasd.is_running()


def test_writers_are_not_starved_while_a_large_zone_is_put_in_order(zones_db, make_aliasd,
                                                                    zone_kind):
    aliasd = make_aliasd()
    zones_db.wait_until_in_order()
    zones_db.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000) "
        "INSERT INTO records(domain_id,name,type,content,ttl,ordername,auth) "
        f"SELECT id,'h'||i||'.x'||(i%100)||'.{ZONE}','A','192.0.2.1',60,'wrong',0 "
        "FROM domains,n;")
    longest = 0
    for number in range(20):
        start = time.monotonic()
        zones_db.sql("UPDATE records SET ttl=61 WHERE id="
                     f"(SELECT min(id)+{number} FROM records);")
        longest = max(longest, time.monotonic() - start)
        time.sleep(0.05)
    assert longest < 3 * environment.SLACK
    zones_db.wait_until_in_order()
    assert aliasd.is_running()
    assert zones_db.sql("SELECT count(*) FROM records WHERE ordername='wrong' OR auth=0;") == "0\n"


def test_commits_without_a_pause_do_not_starve_the_upkeep(zones_db, make_aliasd, zone_kind):
    make_aliasd()
    zones_db.wait_until_in_order()
    ended = threading.Event()

    def write():
        while not ended.is_set():
            zones_db.sql(f"UPDATE records SET ttl=ttl+1 WHERE name='zzz.{ZONE}';")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        zones_db.insert(ZONE, "x.meanwhile", "A", "192.0.2.1")
        environment.wait_until(lambda: f"meanwhile.{ZONE}" in zones_db.empty_names(), 3,
                               "the empty non-terminal")
    finally:
        ended.set()
        writer.join()


# The walk through all zones

ZONES = 3000

MANY_ZONES = f"""
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{ZONES})
INSERT INTO domains(name,type) SELECT 'z'||i||'.test','NATIVE' FROM n;
INSERT INTO records(domain_id,name,type,content,ttl)
SELECT id,name,'SOA','ns.test h.test 1 1 1 1 1',60 FROM domains WHERE name LIKE 'z%.test';
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<8)
INSERT INTO records(domain_id,name,type,content,ttl)
SELECT id,'a.b'||i||'.'||name,'A','192.0.2.1',60 FROM domains,n WHERE name LIKE 'z%.test';
"""


def zones_to_do(zones_db):
    try:
        return int(zones_db.sql("SELECT count(*) FROM aliasd_zones WHERE changes<>done;"))
    except AssertionError:
        # The daemon has not made its tables yet.
        return ZONES


@pytest.fixture
def walk(zones_db, make_aliasd):
    """A daemon that has begun to put many zones in order for the first time."""
    zones_db.sql(MANY_ZONES)
    aliasd = make_aliasd()
    environment.wait_until(lambda: zones_to_do(zones_db) < ZONES, 10, "the walk to begin",
                           interval=0.005)
    return aliasd


def test_writers_are_not_held_up_by_the_walk(zones_db, walk):
    connection = sqlite3.connect(zones_db.path, timeout=10, isolation_level=None)
    waits = []
    try:
        while zones_to_do(zones_db) > 1:
            begin = time.monotonic()
            connection.execute("UPDATE domains SET account='x' WHERE id=1")
            waits.append(time.monotonic() - begin)
    finally:
        connection.close()
    assert len(waits) > 3
    assert max(waits) < 0.5 * environment.SLACK, waits


def test_what_is_edited_goes_before_the_walk(zones_db, walk):
    zone = f"z{ZONES}.test"
    zones_db.insert(zone, "x.new", "A", "192.0.2.9")
    environment.wait_until(lambda: f"new.{zone}" in zones_db.empty_names(), 10,
                           "the empty non-terminal", interval=0.005)
    assert zones_to_do(zones_db) > 1


def test_the_walk_is_cut_short_by_the_end_and_goes_on_at_the_next_start(zones_db, walk):
    begin = time.monotonic()
    walk.stop()
    assert time.monotonic() - begin < 1 * environment.SLACK
    assert zones_to_do(zones_db) > 0
    walk.start()
    zones_db.wait_until_in_order()
    assert len(zones_db.empty_names()) == 8 * ZONES


# Triggers


def own_definitions(zones_db):
    return zones_db.sql("SELECT name,sql FROM sqlite_schema WHERE name LIKE 'aliasd%' "
                        "ORDER BY name;")


REBUILT = ("CREATE TABLE rebuilt AS SELECT * FROM records; DROP TABLE records;"
           "CREATE TABLE records(id INTEGER PRIMARY KEY,domain_id INTEGER,name TEXT,type TEXT,"
           "content TEXT,ttl INTEGER,prio INTEGER,disabled BOOLEAN DEFAULT 0,ordername TEXT,"
           "auth BOOL DEFAULT 1); INSERT INTO records SELECT * FROM rebuilt; DROP TABLE rebuilt;")


@pytest.mark.parametrize("is_down", [True, False], ids=["while_down", "while_running"])
@pytest.mark.parametrize("how", ["dropped", "rebuilt", "changed"])
def test_what_happens_without_triggers_is_found(zones_db, make_aliasd, zone_kind, how, is_down):
    """In one transaction with a change to the zone that no trigger has seen."""
    aliasd = make_aliasd()
    zones_db.wait_until_in_order()
    expected = zones_db.own_triggers()
    definitions = own_definitions(zones_db)
    sql = {"dropped": "".join(f"DROP TRIGGER {name};" for name in expected), "rebuilt": REBUILT,
           "changed": "DROP TRIGGER aliasd_records_insert; CREATE TRIGGER aliasd_records_insert "
                      "AFTER INSERT ON records BEGIN SELECT 1; END;"}[how]
    if is_down:
        aliasd.stop()
    zones_db.sql("BEGIN;" + sql + zones_db.insert_statement(ZONE, "x.unseen", "A", "192.0.2.1")
                 + "COMMIT;")
    if is_down:
        aliasd.start()
    environment.wait_until(lambda: f"unseen.{ZONE}" in zones_db.empty_names(), 5,
                           "the empty non-terminal")
    assert zones_db.own_triggers() == expected
    assert own_definitions(zones_db) == definitions
    zones_db.insert(ZONE, "x.seen", "A", "192.0.2.1")
    zones_db.wait_until_in_order()
    assert f"seen.{ZONE}" in zones_db.empty_names()


@pytest.mark.parametrize("is_down", [True, False], ids=["at_the_start", "while_running"])
def test_a_zone_that_cannot_be_written_keeps_no_other_from_its_turn(zones_db, make_aliasd, is_down):
    """Somebody's own trigger refuses."""
    def insert():
        for zone in ("first.test", "second.test"):
            zones_db.insert(zone, "a.b", "A", "192.0.2.1")

    def empty_names():
        return zones_db.sql("SELECT name FROM records WHERE type IS NULL ORDER BY name;").split()

    for zone in ("first.test", "second.test"):
        zones_db.add_zone(zone)
    zones_db.sql("CREATE TRIGGER own BEFORE INSERT ON records WHEN NEW.type IS NULL AND NEW.name LIKE "
                 "'%.first.test' BEGIN SELECT RAISE(ABORT,'not here'); END;")
    if is_down:
        insert()
    aliasd = make_aliasd()
    if not is_down:
        zones_db.wait_until_in_order()
        insert()
    environment.wait_until(lambda: empty_names() == ["b.second.test"], 5, "the second zone")
    aliasd.wait_for_log("not here")
    zones_db.sql("DROP TRIGGER own;")
    environment.wait_until(lambda: empty_names() == ["b.first.test", "b.second.test"], 5,
                           "the first zone, once it can be written")
