"""alias-deny: addresses that no ALIAS leads to, but for a zone that allows them."""

import signal
import time

import pytest

from lib import environment

# 192.0.2.0/24 and 2001:db8::/32 are documentation: the default leaves them alone.
TARGETS = [("mixed", "A", "127.0.0.1"), ("mixed", "A", "192.0.2.1"), ("mixed", "AAAA", "::1"),
           ("mixed", "AAAA", "2001:db8::1"), ("local", "A", "127.0.0.1"),
           ("local", "AAAA", "fe80::1"), ("local", "AAAA", "::ffff:192.0.2.1"),
           ("lan", "A", "10.0.0.1"), ("lan", "AAAA", "fd00::1"), ("web", "A", "192.0.2.9")]
ROWS = [(name, "ALIAS", f"{name}.target.test") for name in ("mixed", "local", "lan", "web")] + [
    ("local", "TXT", '"beside"'), ("both", "ALIAS", "local.target.test"),
    ("both", "ALIAS", "web.target.test")]


@pytest.fixture
def filled(zones_db):
    for zone in ("strict.test", "lax.test"):
        zones_db.add_zone(zone, ROWS)


def allow(zones_db, *contents, zone="lax.test"):
    for content in contents:
        zones_db.sql("INSERT INTO domainmetadata(domain_id,kind,content) SELECT id,'X-ALIAS-ALLOW',"
                     f"'{content}' FROM domains WHERE name='{zone}';")


def records(aliasd, name):
    with aliasd.connect() as session:
        return session.records(name)


def test_denied_addresses_are_left_out_and_said(filled, make_resolving):
    _, aliasd = make_resolving(TARGETS)
    assert records(aliasd, "mixed.strict.test") == [("A", "192.0.2.1"), ("AAAA", "2001:db8::1")]
    assert records(aliasd, "lan.strict.test") == [("A", "10.0.0.1"), ("AAAA", "fd00::1")]
    aliasd.wait_for_log("ALIAS target mixed.target.test. A: alias-deny drops 127.0.0.1")
    aliasd.wait_for_log("ALIAS target mixed.target.test. AAAA: alias-deny drops ::1")


def test_target_with_nothing_else_is_failing(filled, make_resolving):
    _, aliasd = make_resolving(TARGETS)
    assert records(aliasd, "local.strict.test") == [("TXT", '"beside"')]
    assert records(aliasd, "both.strict.test") == [("A", "192.0.2.9")]
    aliasd.wait_for_log("ALIAS target local.target.test. A: failing (only addresses that alias-deny "
                        "drops: 127.0.0.1), nothing to serve")
    aliasd.wait_for_log("drops: ::ffff:192.0.2.1 fe80::1)")


def test_private_and_ranges_are_added(filled, make_resolving):
    _, aliasd = make_resolving(TARGETS, alias_deny="private, 192.0.2.9")
    for name in ("mixed", "lan", "web"):
        assert records(aliasd, f"{name}.strict.test") == [("", "")]


def test_none_leaves_the_default_out(filled, make_resolving):
    _, aliasd = make_resolving(TARGETS, alias_deny="none 192.0.2.9")
    assert records(aliasd, "lan.strict.test") == [("A", "10.0.0.1"), ("AAAA", "fd00::1")]
    assert records(aliasd, "local.strict.test")[:3] == [
        ("A", "127.0.0.1"), ("AAAA", "::ffff:192.0.2.1"), ("AAAA", "fe80::1")]
    assert records(aliasd, "web.strict.test") == [("", "")]


@pytest.mark.parametrize("value", ["10.0.0.0/33", "10.0.0.1/8", "privat", "default,::/129"])
def test_bad_range_is_refused(make_aliasd, value):
    done = make_aliasd(start=False, alias_deny=value).run("--check-config")
    assert done.returncode == 2
    assert "alias-deny" in done.stderr and "ADDR/PREFIX" in done.stderr


def test_zone_may_allow_ranges_for_itself(filled, zones_db, make_resolving):
    allow(zones_db, "127.0.0.0/8", "no range", "::1")
    _, aliasd = make_resolving(TARGETS)
    assert records(aliasd, "mixed.lax.test") == [
        ("A", "127.0.0.1"), ("A", "192.0.2.1"), ("AAAA", "2001:db8::1"), ("AAAA", "::1")]
    assert records(aliasd, "local.lax.test") == [("A", "127.0.0.1"), ("TXT", '"beside"')]
    assert records(aliasd, "local.strict.test") == [("TXT", '"beside"')]
    aliasd.wait_for_log("X-ALIAS-ALLOW 'no range'")


def test_zone_that_allows_gets_a_normal_answer(filled, zones_db, make_resolving):
    allow(zones_db, "default")
    _, aliasd = make_resolving(TARGETS + [("brief", "A", "127.0.0.9", 1)], alias_ttl_min=1)
    zones_db.insert("lax.test", "brief", "ALIAS", "brief.target.test")
    with aliasd.connect() as session:
        for _ in range(2):
            rows = session.lookup("local.lax.test", "A")["result"]
            assert [(row["content"], row["ttl"]) for row in rows] == [("127.0.0.1", 60)]
        assert session.records("brief.lax.test") == [("A", "127.0.0.9")]
        time.sleep(1.1)
        rows = session.lookup("brief.lax.test", "A")["result"]
        assert [(row["content"], row["ttl"]) for row in rows] == [("127.0.0.9", 1)]


def listed(aliasd, zone_id):
    with aliasd.connect() as session:
        rows = session.result("list", zonename="x.", domain_id=zone_id, include_disabled=False)
    return {row["content"] for row in rows if row["qtype"] in ("A", "AAAA")}


def test_transfers_too(filled, zones_db, make_resolving):
    allow(zones_db, "default")
    _, aliasd = make_resolving(TARGETS)
    assert not {"127.0.0.1", "::1", "fe80::1"} & listed(aliasd, 1)
    assert {"127.0.0.1", "192.0.2.1", "::1", "fe80::1"} <= listed(aliasd, 2)


def test_last_good_answer_outlives_a_target_that_turns_bad(filled, zones_db, make_resolving):
    """Also a restart without upstream."""
    allow(zones_db, "default")
    upstream, aliasd = make_resolving([("web", "A", "192.0.2.9", 1)])
    assert records(aliasd, "web.strict.test") == [("A", "192.0.2.9")]
    upstream.set_records([("web", "A", "127.0.0.2", 1)])
    environment.wait_until(lambda: records(aliasd, "web.lax.test") == [("A", "127.0.0.2")], 10,
                           "the new address")
    with aliasd.connect() as session:
        rows = session.lookup("web.strict.test", "A")["result"]
    assert [(row["content"], row["ttl"]) for row in rows] == [("192.0.2.9", 30)]
    aliasd.wait_for_log("only addresses that alias-deny drops: 127.0.0.2), serving stale from")
    aliasd.stop()
    upstream.stop()
    aliasd.start()
    assert records(aliasd, "web.strict.test") == [("A", "192.0.2.9")]


def test_denied_addresses_are_kept_for_the_next_start(filled, zones_db, make_resolving):
    allow(zones_db, "default")
    upstream, aliasd = make_resolving(TARGETS)
    for name in ("mixed", "local"):
        records(aliasd, f"{name}.lax.test")
    aliasd.stop()
    upstream.stop()
    aliasd.start()
    assert records(aliasd, "mixed.lax.test")[:2] == [("A", "127.0.0.1"), ("A", "192.0.2.1")]
    assert records(aliasd, "mixed.strict.test") == [("A", "192.0.2.1"), ("AAAA", "2001:db8::1")]
    assert ("A", "127.0.0.1") in records(aliasd, "local.lax.test")
    assert records(aliasd, "local.strict.test") == [("TXT", '"beside"')]


def reload(aliasd, **settings):
    aliasd.configure(**settings)
    aliasd.signal(signal.SIGHUP)


def test_sighup_applies_to_what_is_known(filled, make_resolving):
    upstream, aliasd = make_resolving(TARGETS)
    assert records(aliasd, "lan.strict.test") == [("A", "10.0.0.1"), ("AAAA", "fd00::1")]
    assert records(aliasd, "mixed.strict.test") == [("A", "192.0.2.1"), ("AAAA", "2001:db8::1")]
    upstream.stop()
    reload(aliasd, alias_deny="10.0.0.0/8")
    aliasd.wait_for_log("settings reread")
    assert records(aliasd, "lan.strict.test") == [("AAAA", "fd00::1")]
    aliasd.wait_for_log("lan.target.test. A: failing (only addresses that alias-deny drops: 10.0.0.1)")
    reload(aliasd, alias_deny="none")
    aliasd.wait_for_log("settings reread", count=2)
    assert records(aliasd, "lan.strict.test") == [("A", "10.0.0.1"), ("AAAA", "fd00::1")]
    assert records(aliasd, "mixed.strict.test")[:2] == [("A", "127.0.0.1"), ("A", "192.0.2.1")]
    reload(aliasd, alias_deny="10.0.0.0/88")
    aliasd.wait_for_log("the old ones stay in force")
    assert records(aliasd, "lan.strict.test") == [("A", "10.0.0.1"), ("AAAA", "fd00::1")]


def test_addresses_of_own_zones_too(filled, zones_db, make_resolving):
    allow(zones_db, "default")
    zones_db.add_zone("inner.test", [("host", "A", "127.0.0.1"), ("host", "A", "192.0.2.7"),
                                     ("local", "AAAA", "::1")])
    for zone in ("strict.test", "lax.test"):
        zones_db.insert(zone, "own", "ALIAS", "host.inner.test")
        zones_db.insert(zone, "none", "ALIAS", "local.inner.test")
    _, aliasd = make_resolving(TARGETS)
    assert records(aliasd, "own.strict.test") == [("A", "192.0.2.7")]
    assert records(aliasd, "none.strict.test") == [("", "")]
    assert records(aliasd, "own.lax.test") == [("A", "127.0.0.1"), ("A", "192.0.2.7")]
    assert records(aliasd, "none.lax.test") == [("AAAA", "::1")]
    assert not {"127.0.0.1", "::1"} & listed(aliasd, 1)
    assert {"127.0.0.1", "::1"} <= listed(aliasd, 2)
    aliasd.wait_for_log("ALIAS at own.strict.test (domain_id 1): alias-deny drops 127.0.0.1, to "
                        "which it leads in a zone of ours")


def test_denied_target_is_refreshed_ahead_for_those_who_may_have_it(filled, zones_db,
                                                                    make_resolving):
    """Its addresses are new before anybody waits, or gets a stale TTL."""
    allow(zones_db, "default")
    zones_db.insert("lax.test", "soon", "ALIAS", "soon.target.test")
    upstream, aliasd = make_resolving([("soon", "A", "127.0.0.9", 5)])
    with aliasd.connect() as session:
        assert session.records("soon.lax.test", "A") == [("A", "127.0.0.9")]
        upstream.set_records([("soon", "A", "127.0.0.10", 5)])
        environment.wait_until(lambda: upstream.count("soon.target.test", "A") == 2, 15,
                               "a refresh that nobody asked for")
        environment.wait_until(
            lambda: session.records("soon.lax.test", "A") == [("A", "127.0.0.10")], 5,
            "the new address")
        assert session.records("soon.strict.test", "A") == []
