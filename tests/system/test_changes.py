"""Zones change by the sqlite3 shell while everything is serving."""

import time

import pytest

from lib import environment, query
from lib.zones_db import LongWriter, TypedZonesDb

TARGETS = [("one", "A", "192.0.2.1"), ("two", "A", "192.0.2.2")]


@pytest.fixture
def zones_db(folder):
    return TypedZonesDb(folder / "zones.db")


@pytest.fixture
def chain(zones_db, make_chain):
    zones_db.add_zone("example.test", [("www", "A", "203.0.113.1")])
    return make_chain(TARGETS)


def test_inserted_row_is_seen_by_the_next_query(chain, zones_db):
    assert query.rcode(chain.ask("new.example.test", "A")) == "NXDOMAIN"
    zones_db.insert("example.test", "new", "A", "203.0.113.2")
    assert chain.addresses("new.example.test", "A") == ["203.0.113.2"]


def test_inserted_alias_is_resolved_by_the_next_query(chain, zones_db):
    zones_db.insert("example.test", "alias", "ALIAS", "one.target.test")
    assert chain.addresses("alias.example.test", "A") == ["192.0.2.1"]


def test_changed_alias_target_is_seen_by_the_next_query(chain, zones_db):
    zones_db.insert("example.test", "alias", "ALIAS", "one.target.test")
    assert chain.addresses("alias.example.test", "A") == ["192.0.2.1"]
    zones_db.sql("UPDATE records SET content='two.target.test' WHERE type='ALIAS';")
    assert chain.addresses("alias.example.test", "A") == ["192.0.2.2"]


def test_changed_rows_are_seen_by_every_backend_thread(chain, zones_db):
    for number in range(2, 12):
        zones_db.sql(f"UPDATE records SET content='203.0.113.{number}' "
                     "WHERE name='www.example.test';")
        for _ in range(6):
            assert chain.addresses("www.example.test", "A") == [f"203.0.113.{number}"]


def test_disabled_row_is_gone_and_comes_back(chain, zones_db):
    zones_db.insert("example.test", "alias", "ALIAS", "one.target.test")
    zones_db.sql("UPDATE records SET disabled=1 WHERE type='ALIAS';")
    assert query.rcode(chain.ask("alias.example.test", "A")) == "NXDOMAIN"
    zones_db.sql("UPDATE records SET disabled=0 WHERE type='ALIAS';")
    assert chain.addresses("alias.example.test", "A") == ["192.0.2.1"]


def test_deleted_row_is_gone(chain, zones_db):
    zones_db.sql("DELETE FROM records WHERE name='www.example.test';")
    assert query.rcode(chain.ask("www.example.test", "A")) == "NXDOMAIN"


def test_inserted_zone_is_served_at_once_without_powerdns_zone_cache(chain, zones_db):
    assert query.rcode(chain.ask("new.test", "SOA")) == "REFUSED"
    zones_db.add_zone("new.test", [("", "ALIAS", "one.target.test")])
    assert chain.addresses("new.test", "A") == ["192.0.2.1"]


def test_a_long_writer_delays_nobody(chain, zones_db):
    writer = LongWriter(zones_db.path)
    writer.run("UPDATE records SET content='203.0.113.9' WHERE name='www.example.test';")
    start = time.monotonic()
    for _ in range(20):
        assert chain.addresses("www.example.test", "A") == ["203.0.113.1"]
    assert time.monotonic() - start < 1.0 * environment.SLACK
    writer.release()
    assert chain.addresses("www.example.test", "A") == ["203.0.113.9"]


def test_an_exclusive_lock_gives_servfail_and_passes(zones_db, make_chain):
    zones_db.sql("PRAGMA journal_mode=DELETE;")
    zones_db.add_zone("example.test", [("www", "A", "203.0.113.1")])
    chain = make_chain(TARGETS, zone_upkeep="no", busy_timeout=200)
    assert chain.addresses("www.example.test", "A") == ["203.0.113.1"]
    writer = LongWriter(zones_db.path, exclusive=True)
    assert query.rcode(chain.ask("www.example.test", "A")) == "SERVFAIL"
    writer.release()
    chain.powerdns.wait_for_answer("www.example.test", "A", ["203.0.113.1"])


def rename(zones_db, old, new):
    zones_db.sql(f"PRAGMA legacy_alter_table=1; ALTER TABLE {old} RENAME TO {new};")


@pytest.mark.parametrize("name,kind", [("www.example.test", "A"), ("absent.example.test", "A"),
                                       ("example.test", "MX"), ("alias.example.test", "A")])
def test_a_failing_database_gives_servfail_and_not_nxdomain(chain, zones_db, name, kind):
    zones_db.insert("example.test", "alias", "ALIAS", "one.target.test")
    chain.ask(name, kind)
    rename(zones_db, "records", "broken")
    for _ in range(6):
        assert query.rcode(chain.ask(name, kind)) == "SERVFAIL"
    rename(zones_db, "broken", "records")
    chain.powerdns.wait_for_answer("www.example.test", "A", ["203.0.113.1"])


def test_a_failing_transfer_does_not_look_complete(chain, zones_db):
    assert chain.powerdns.transfer("example.test")
    rename(zones_db, "records", "broken")
    with pytest.raises(Exception):
        chain.powerdns.transfer("example.test")
    rename(zones_db, "broken", "records")
    chain.powerdns.wait_for_answer("www.example.test", "A", ["203.0.113.1"])


def test_bytes_of_rows_are_served_as_they_are(chain, zones_db):
    zones_db.insert("example.test", "latin", "TXT", b'"caf\xe9 \xff"')
    zones_db.insert("example.test", "utf", "TXT", '"caf\u00e9"')
    zones_db.insert("example.test", "mixed", "TXT", b'"\xe9"')
    zones_db.insert("example.test", "mixed", "A", "203.0.113.4")
    assert chain.ask("latin.example.test", "TXT").answer[0][0].strings == (b"caf\xe9 \xff",)
    assert chain.ask("utf.example.test", "TXT").answer[0][0].strings == ("caf\u00e9".encode(),)
    assert chain.addresses("mixed.example.test", "A") == ["203.0.113.4"]


def test_a_row_with_a_nul_leaves_the_rest_of_the_zone_alone(chain, zones_db):
    zones_db.insert("example.test", "nul", "TXT", b'"a\x00b"')
    chain.ask("nul.example.test", "TXT")
    assert chain.addresses("www.example.test", "A") == ["203.0.113.1"]


@pytest.mark.parametrize("name", ["\\233\\255.example.test", "a\\000b.example.test",
                                  "\\000.example.test", "a\\.b.example.test",
                                  "quote\\\"s.example.test", "a\\032b.example.test"])
def test_odd_bytes_in_a_question_are_answered_as_on_gsqlite3(chain, zones_db, make_powerdns, name):
    """PowerDNS itself refuses some of them with SERVFAIL, whatever the backend."""
    gsqlite3 = make_powerdns(name="gsqlite3", gsqlite3=zones_db.path)
    for _ in range(2):
        assert query.rcode(chain.ask(name, "A")) == query.rcode(gsqlite3.ask(name, "A"))
        zones_db.insert("example.test", "*", "A", "203.0.113.8")
    assert chain.addresses("www.example.test", "A") == ["203.0.113.1"]
