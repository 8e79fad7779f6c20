"""The zone database changes, is locked or fails while it is served."""

import os
import threading
import time

import pytest

from lib import environment
from lib.session import message_of
from lib.zones_db import LongWriter, ZonesDb

GSQLITE3_SCHEMA = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"


@pytest.fixture
def filled(zones_db):
    zones_db.add_zone("example.test", [("www", "A", "192.0.2.1")])
    return zones_db


def test_every_change_is_seen_by_the_next_lookup_of_every_session(make_aliasd, filled):
    aliasd = make_aliasd()
    with aliasd.connect() as one, aliasd.connect() as two:
        for number in range(2, 30):
            filled.sql(f"UPDATE records SET content='192.0.2.{number}' "
                       "WHERE name='www.example.test';")
            for session in (one, two):
                assert session.records("www.example.test") == [("A", f"192.0.2.{number}")]


def test_insert_disable_and_delete_are_seen(make_aliasd, filled):
    with make_aliasd().connect() as session:
        assert session.records("new.example.test") == []
        filled.insert("example.test", "new", "A", "192.0.2.9")
        assert session.records("new.example.test") == [("A", "192.0.2.9")]
        filled.sql("UPDATE records SET disabled=1 WHERE name='new.example.test';")
        assert session.records("new.example.test") == []
        filled.sql("UPDATE records SET disabled=0 WHERE name='new.example.test';")
        assert session.records("new.example.test") == [("A", "192.0.2.9")]
        filled.sql("DELETE FROM records WHERE name='new.example.test';")
        assert session.records("new.example.test") == []


def test_new_and_deleted_zones_are_seen(make_aliasd, filled):
    with make_aliasd().connect() as session:
        assert session.result("getDomainInfo", name="new.test.") is False
        filled.add_zone("new.test")
        assert session.result("getDomainInfo", name="new.test.")["zone"].rstrip(".") == "new.test"
        filled.sql("PRAGMA foreign_keys=1; DELETE FROM domains WHERE name='new.test';")
        assert session.result("getDomainInfo", name="new.test.") is False
        assert session.records("new.test") == []


def test_a_schema_change_is_survived(make_aliasd, filled):
    with make_aliasd().connect() as session:
        session.records("www.example.test")
        filled.sql("ALTER TABLE records ADD COLUMN note TEXT; CREATE INDEX x ON records(content);")
        assert session.records("www.example.test") == [("A", "192.0.2.1")]


def test_an_existing_gsqlite3_database_is_served_as_it_is(make_aliasd, folder):
    old = ZonesDb(folder / "old.db", schema=environment.Path(GSQLITE3_SCHEMA))
    old.add_zone("old.test", [("www", "A", "192.0.2.3")])
    with make_aliasd(zones_db=old.path).connect() as session:
        assert session.records("www.old.test") == [("A", "192.0.2.3")]


def test_sql_schema_has_the_tables_and_columns_of_gsqlite3(zones_db, folder):
    old = ZonesDb(folder / "old.db", schema=environment.Path(GSQLITE3_SCHEMA))
    columns = ("SELECT m.name, p.name, upper(p.type), p.\"notnull\" FROM sqlite_master m, "
               "pragma_table_info(m.name) p WHERE m.type='table' ORDER BY 1,2;")
    missing = set(old.sql(columns).splitlines()) - set(zones_db.sql(columns).splitlines())
    assert not missing


def test_a_long_writer_does_not_delay_lookups(make_aliasd, filled):
    with make_aliasd().connect() as session:
        writer = LongWriter(filled.path)
        writer.run("UPDATE records SET content='192.0.2.2' WHERE name='www.example.test';")
        start = time.monotonic()
        assert session.records("www.example.test") == [("A", "192.0.2.1")]
        with_new = time.monotonic() - start
        writer.release()
        assert with_new < 0.3 * environment.SLACK
        assert session.records("www.example.test") == [("A", "192.0.2.2")]


def test_an_exclusively_locked_database_fails_within_the_deadline(make_aliasd, filled):
    filled.sql("PRAGMA journal_mode=DELETE;")
    with make_aliasd(zone_upkeep="no", busy_timeout=300).connect() as session:
        assert session.records("www.example.test") == [("A", "192.0.2.1")]
        writer = LongWriter(filled.path, exclusive=True)
        start = time.monotonic()
        message_of(session.lookup("www.example.test"))
        assert time.monotonic() - start < 1.0 * environment.SLACK
        writer.release()
        assert session.records("www.example.test") == [("A", "192.0.2.1")]


@pytest.mark.parametrize("method,parameters", [
    ("lookup", {"qname": "www.example.test.", "qtype": "ANY"}),
    ("list", {"zonename": "example.test.", "domain_id": 1, "include_disabled": False}),
    ("getDomainInfo", {"name": "example.test."}),
    ("getAllDomains", {"include_disabled": True}),
    ("getAllDomainMetadata", {"name": "example.test."}),
    ("getDomainMetadata", {"name": "example.test.", "kind": "X"}),
    ("getDomainKeys", {"name": "example.test."}),
    ("getTSIGKey", {"name": "key."}),
    ("getTSIGKeys", {}),
    ("searchRecords", {"pattern": "*", "maxResults": 10}),
])
def test_a_failing_database_is_never_answered_as_nothing_there(make_aliasd, filled, method,
                                                              parameters):
    with make_aliasd().connect() as session:
        session.call(method, **parameters)
        for table in ("records", "domains", "domainmetadata", "cryptokeys", "tsigkeys"):
            filled.sql(f"PRAGMA legacy_alter_table=1; ALTER TABLE {table} RENAME TO x_{table};")
        message_of(session.call(method, **parameters))
        for table in ("records", "domains", "domainmetadata", "cryptokeys", "tsigkeys"):
            filled.sql(f"PRAGMA legacy_alter_table=1; ALTER TABLE x_{table} RENAME TO {table};")
        assert session.call(method, **parameters).get("result") is not None


@pytest.mark.parametrize("method", ["getUpdatedMasters", "getUnfreshSlaveInfos"])
def test_communicator_calls_fail_as_an_empty_list(make_aliasd, filled, method):
    with make_aliasd().connect() as session:
        session.call(method)
        for table in ("records", "domains"):
            filled.sql(f"PRAGMA legacy_alter_table=1; ALTER TABLE {table} RENAME TO x_{table};")
        assert session.result(method) == []


def test_a_corrupted_file_gives_no_result_and_no_crash(make_aliasd, filled):
    aliasd = make_aliasd()
    with aliasd.connect() as session:
        session.records("www.example.test")
    filled.sql("PRAGMA wal_checkpoint(TRUNCATE);")
    size = filled.path.stat().st_size
    with open(filled.path, "r+b") as file:
        file.write(b"\x55" * size)
    with aliasd.connect() as session:
        message_of(session.lookup("www.example.test"))
        message_of(session.call("getAllDomains", include_disabled=True))
    assert aliasd.is_running()


def test_a_row_that_gsqlite3_leaves_out_is_left_out_and_logged(make_aliasd, filled):
    aliasd = make_aliasd()
    filled.insert("example.test", "www", "TXT", '"beside"')
    with aliasd.connect() as session:
        filled.sql("UPDATE records SET ttl='soon' WHERE type='A' AND name='www.example.test';")
        assert session.records("www.example.test") == [("TXT", '"beside"')]
    aliasd.wait_for_log("www.example.test")


def test_a_replica_replaced_by_rename_is_read_anew(make_aliasd, filled, folder):
    filled.sql("PRAGMA journal_mode=DELETE;")
    with make_aliasd(zone_upkeep="no").connect() as session:
        assert session.records("www.example.test") == [("A", "192.0.2.1")]
        replica = ZonesDb(folder / "replica.db")
        replica.add_zone("example.test", [("www", "A", "192.0.2.77")])
        os.rename(replica.path, filled.path)
        environment.wait_until(
            lambda: session.records("www.example.test") == [("A", "192.0.2.77")], 2,
            "the new file's row")


def test_a_read_only_daemon_writes_nothing(make_aliasd, filled):
    filled.sql("PRAGMA journal_mode=DELETE;")
    before = filled.path.read_bytes()
    with make_aliasd(zone_upkeep="no").connect() as session:
        assert session.records("www.example.test") == [("A", "192.0.2.1")]
    assert filled.path.read_bytes() == before


def test_the_journal_is_a_wal_where_the_daemon_may_write(make_aliasd, filled):
    make_aliasd()
    assert filled.sql("PRAGMA journal_mode;").strip() == "wal"


def test_reading_leaves_the_wal_free_to_be_checkpointed(make_aliasd, filled):
    with make_aliasd().connect() as session:
        session.records("www.example.test")
        filled.sql("UPDATE records SET ttl=61;")
        session.records("www.example.test")
        busy = filled.sql("PRAGMA wal_checkpoint(TRUNCATE);").strip().split("|")[0]
        assert busy == "0"


def test_waiting_for_a_lock_and_for_a_target_share_one_deadline(make_upstream, make_aliasd, filled):
    filled.insert("example.test", "alias", "ALIAS", "web.target.test")
    filled.sql("PRAGMA journal_mode=DELETE;")
    upstream = make_upstream()
    upstream.silence()
    aliasd = make_aliasd(forward=upstream.forward, zone_upkeep="no", busy_timeout=900)
    with aliasd.connect() as session:
        session.records("www.example.test")
        writer = LongWriter(filled.path, exclusive=True)
        timer = threading.Timer(0.6, writer.release)
        timer.start()
        start = time.monotonic()
        session.lookup("alias.example.test")
        assert time.monotonic() - start < 1.3 * environment.SLACK
        timer.join()


def test_a_zone_is_listed_by_its_name_where_no_id_is_given(make_aliasd, filled):
    with make_aliasd().connect() as session:
        rows = session.result("list", zonename="Example.Test.")
        assert "www.example.test" in [row["qname"] for row in rows]
        assert session.result("list", zonename="nothing.test.") == []
