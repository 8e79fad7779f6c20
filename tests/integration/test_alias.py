"""ALIAS rows over the socket: expanded and raw, waiting, families, state that is shared."""

import contextlib
import sqlite3
import threading
import time

import pytest

from lib import environment

ROWS = [("", "ALIAS", "web.target.test"), ("", "MX", "mail.example.test", 60, 10),
        ("two", "ALIAS", "web.target.test"), ("two", "ALIAS", "other.target.test"),
        ("v4", "ALIAS", "v4.target.test"), ("none", "ALIAS", "none.target.test"),
        ("chain", "ALIAS", "c1.target.test"), ("explicit", "ALIAS", "web.target.test"),
        ("explicit", "A", "203.0.113.1"), ("cname", "ALIAS", "web.target.test"),
        ("cname", "CNAME", "elsewhere.test"), ("*.w", "ALIAS", "web.target.test"),
        ("off", "ALIAS", "web.target.test", 60, None, 1), ("short", "ALIAS", "web.target.test", 7),
        ("bad", "ALIAS", ""), ("bad", "TXT", '"beside"')]
TARGETS = [("web", "A", "192.0.2.1", 50), ("web", "A", "192.0.2.2", 50),
           ("web", "AAAA", "2001:db8::1", 40), ("other", "A", "192.0.2.2"),
           ("other", "A", "192.0.2.3"), ("v4", "A", "192.0.2.4"), ("c1", "CNAME", "c2"),
           ("c2", "CNAME", "web")]
WEB = [("A", "192.0.2.1"), ("A", "192.0.2.2"), ("AAAA", "2001:db8::1")]


@pytest.fixture
def serving(zones_db, make_resolving):
    zones_db.add_zone("example.test", ROWS)
    return make_resolving(TARGETS)


@pytest.fixture
def session(serving):
    with serving[1].connect() as session:
        yield session


def addresses(session, name):
    return [row for row in session.records(name) if row[0] in ("A", "AAAA", "ALIAS", "")]


def test_alias_is_expanded_beside_the_other_rows(session):
    rows = session.records("example.test")
    assert [row for row in rows if row[0] in ("A", "AAAA")] == WEB
    assert ("MX", "10 mail.example.test") in rows and any(kind == "SOA" for kind, _ in rows)
    assert not any(kind == "ALIAS" for kind, _ in rows)


def test_several_alias_rows_are_merged_without_duplicates(session):
    assert addresses(session, "two.example.test") == [
        ("A", "192.0.2.1"), ("A", "192.0.2.2"), ("A", "192.0.2.3"), ("AAAA", "2001:db8::1")]


def test_one_family_only(session):
    assert addresses(session, "v4.example.test") == [("A", "192.0.2.4")]


def test_cname_chain_of_the_target_is_followed(session):
    assert addresses(session, "chain.example.test") == WEB


def test_explicit_rows_win_for_their_family_only(session):
    assert addresses(session, "explicit.example.test") == [("A", "203.0.113.1"),
                                                           ("AAAA", "2001:db8::1")]


def test_cname_beside_wins_and_is_logged(serving, session):
    assert session.records("cname.example.test") == [("CNAME", "elsewhere.test")]
    serving[1].wait_for_log("cname.example.test")


def test_wildcard_owner_is_expanded(session):
    assert addresses(session, "*.w.example.test") == WEB


def test_disabled_alias_is_not_there(session):
    assert session.records("off.example.test") == []


def test_nothing_to_answer_is_an_empty_non_terminal(session):
    assert session.records("none.example.test") == [("", "")]


def test_broken_target_does_not_take_its_neighbours_down(session):
    assert ("TXT", '"beside"') in session.records("bad.example.test")


def test_ttl_is_the_smallest_and_the_same_for_a_set(session):
    rows = session.lookup("example.test")["result"]
    assert {row["ttl"] for row in rows if row["qtype"] == "A"} == {50}
    assert {row["ttl"] for row in rows if row["qtype"] == "AAAA"} == {40}
    rows = session.lookup("short.example.test")["result"]
    assert {row["ttl"] for row in rows} == {7}


def test_ttl_has_floor_and_ceiling(zones_db, make_resolving):
    zones_db.add_zone("example.test", [("low", "ALIAS", "low.target.test", 3600),
                                       ("high", "ALIAS", "high.target.test", 3600)])
    _, aliasd = make_resolving([("low", "A", "192.0.2.1", 1), ("high", "A", "192.0.2.2", 3000)],
                               alias_ttl_min=20, alias_ttl_max=100)
    with aliasd.connect() as session:
        assert session.lookup("low.example.test")["result"][0]["ttl"] == 20
        assert session.lookup("high.example.test")["result"][0]["ttl"] == 100


def test_auth_and_domain_id_are_those_of_the_row(session):
    for row in session.lookup("example.test")["result"]:
        assert row["domain_id"] == 1 and row.get("auth", 1) == 1


def test_list_is_expanded_for_transfers(session):
    rows = session.result("list", zonename="example.test.", domain_id=1, include_disabled=False)
    found = sorted((row["qtype"], row["content"]) for row in rows
                   if row["qname"].rstrip(".") == "example.test"
                   and row["qtype"] in ("A", "AAAA"))
    assert found == WEB
    assert not any(row["qtype"] == "ALIAS" for row in rows)


def test_alias_row_that_comes_while_a_zone_is_listed_is_not_told_as_stored(zones_db, session):
    """The zone has the row, and hasn't, from one commit to the next."""
    zone_id = zones_db.add_zone("flips.test", [("www", "A", "192.0.2.1")])
    stop = threading.Event()

    def flip():
        with contextlib.closing(sqlite3.connect(zones_db.path, timeout=10,
                                                isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = OFF")
            while not stop.is_set():
                for kind, content in (("ALIAS", "v4.target.test"), ("A", "192.0.2.1")):
                    database.execute("UPDATE records SET type = ?, content = ? "
                                     "WHERE name = 'www.flips.test'", (kind, content))

    thread = threading.Thread(target=flip)
    thread.start()
    try:
        end = time.monotonic() + 3
        while time.monotonic() < end:
            rows = session.result("list", zonename="flips.test.", domain_id=zone_id,
                                  include_disabled=False)
            assert not any(row["qtype"] == "ALIAS" for row in rows)
    finally:
        stop.set()
        thread.join()


def test_management_list_and_api_lookup_are_raw(session):
    rows = session.result("list", zonename="example.test.", domain_id=1, include_disabled=True)
    kinds = [row["qtype"] for row in rows if row["qname"].rstrip(".") == "two.example.test"]
    assert kinds == ["ALIAS", "ALIAS"]
    assert not any(row["qname"].startswith("off.") for row in rows)
    rows = session.result("APILookup", qtype="ANY", qname="v4.example.test.",
                          **{"zone-id": 1, "include-disabled": True})
    assert [(row["qtype"], row["content"].rstrip(".")) for row in rows] == [("ALIAS",
                                                                            "v4.target.test")]


def test_raw_view_of_a_connection(zones_db, make_resolving):
    zones_db.add_zone("example.test", ROWS)
    upstream, aliasd = make_resolving(TARGETS, refresh_idle=0)
    with aliasd.connect(view="raw") as session:
        rows = session.records("v4.example.test")
        assert [(kind, content.rstrip(".")) for kind, content in rows] == [("ALIAS",
                                                                            "v4.target.test")]
        rows = session.result("list", zonename="example.test.", domain_id=1,
                              include_disabled=False)
        assert sum(row["qtype"] == "ALIAS" for row in rows) == sum(
            row[1] == "ALIAS" for row in ROWS) - 1
    assert upstream.count() == 0


def test_unknown_view_is_refused_or_ignored_loudly(serving):
    _, aliasd = serving
    with aliasd.connect(initialize=False) as session:
        reply = session.call("initialize", view="upside-down")
        assert reply.get("result") is not True or "upside-down" in aliasd.log()


def test_presigned_zone_is_never_expanded(zones_db, serving, session):
    zones_db.sql("INSERT INTO domainmetadata(domain_id,kind,content) VALUES(1,'PRESIGNED','1');")
    assert not any(kind in ("A", "AAAA") for kind, _ in session.records("v4.example.test"))


def test_both_families_are_asked_at_the_same_time(serving, session):
    upstream, _ = serving
    upstream.delay("web.target.test", 0.2)
    start = time.monotonic()
    assert addresses(session, "short.example.test") == WEB
    assert time.monotonic() - start < 0.5 * environment.SLACK


def test_names_that_share_a_target_share_its_resolution(zones_db, make_resolving):
    zones_db.add_zone("many.test", [(f"h{number}", "ALIAS", "web.target.test")
                                    for number in range(30)])
    upstream, aliasd = make_resolving(TARGETS)
    upstream.delay("web.target.test", 0.2)
    found = []

    def client(number):
        with aliasd.connect() as session:
            found.append(session.records(f"h{number}.many.test"))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [WEB] * 30
    assert upstream.count("web.target.test", "A") == 1
    assert upstream.count("web.target.test", "AAAA") == 1


def test_target_is_taken_in_any_case_and_with_a_dot(zones_db, serving, session):
    upstream, _ = serving
    assert addresses(session, "example.test") == WEB
    before = upstream.count("web.target.test")
    zones_db.insert("example.test", "case", "ALIAS", "WEB.Target.TEST.")
    assert addresses(session, "case.example.test") == WEB
    assert upstream.count("web.target.test") == before


def test_fresh_answers_ask_nobody(serving, session):
    upstream, _ = serving
    session.records("example.test")
    before = upstream.count("web.target.test")
    for _ in range(50):
        session.records("example.test")
    assert upstream.count("web.target.test") == before


def test_answer_holds_a_limited_number_of_addresses(zones_db, make_resolving):
    """The same ones in lookups and transfers; the limit is for each family."""
    zones_db.add_zone("example.test", [("many", "ALIAS", "many.target.test")])
    many = [("A", f"192.0.2.{number}") for number in range(1, 256)]
    _, aliasd = make_resolving([("many", *row) for row in many]
                               + [("many", "AAAA", "2001:db8::1")], alias_addresses_max=9)
    with aliasd.connect() as session:
        found = session.records("many.example.test")
        assert found == many[:9] + [("AAAA", "2001:db8::1")]
        rows = session.result("list", zonename="example.test.", domain_id=1,
                              include_disabled=False)
        assert sorted((row["qtype"], row["content"]) for row in rows
                      if row["qname"].startswith("many")) == found
    aliasd.wait_for_log("ALIAS at many.example.test (domain_id 1): 255 addresses for A, more than "
                        "alias-addresses-max; the first 9 are answered")
