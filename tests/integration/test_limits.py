"""Limits of one zone, and of all: what is beyond them waits or isn't resolved, and nobody else is
slowed by it."""

import json
import re
import signal
import time

import pytest

from lib import environment

OTHER = [("good", "A", "192.0.2.1", 60), ("late", "A", "192.0.2.2", 60)]


# How long who waits does, where many wait one after the other.
SHORT = {"busy_timeout": 100, "answer_deadline": 300, "resolve_timeout": 200}


def many(count, prefix="h"):
    return [(f"{prefix}{number}", "ALIAS", f"{prefix}{number}.target.test")
            for number in range(count)]


def addresses(count, prefix="h"):
    return [(f"{prefix}{number}", "A", "192.0.2.9", 60) for number in range(count)]


@pytest.fixture
def zones(zones_db):
    """A zone that wants much, and one that doesn't: their ids."""
    return (zones_db.add_zone("greedy.test", many(40)),
            zones_db.add_zone("other.test", [("www", "ALIAS", "good.target.test"),
                                             ("same", "ALIAS", "h39.target.test")]))


@pytest.fixture
def make_limited(zones, make_resolving):
    """(upstream, daemon); nothing is resolved before it is asked for, but where a test wants it."""
    def make(**settings):
        return make_resolving(OTHER + addresses(40), **{"refresh_idle": 0, **settings})

    return make


def limited(aliasd, limit):
    return aliasd.stats()[f'pdns_aliasd_limited_total{{limit="{limit}"}}']


def ask_all(aliasd, count=40):
    """How many names of the greedy zone have an address, without waiting for one twice."""
    with aliasd.connect() as session:
        return sum(("A", "192.0.2.9") in session.records(f"h{number}.greedy.test", "A")
                   for number in range(count))


def reload(aliasd, **settings):
    seen = aliasd.log().count("settings reread")
    aliasd.configure(**settings)
    aliasd.signal(signal.SIGHUP)
    aliasd.wait_for_log("settings reread", count=seen + 1)


def log_lines(aliasd, zone_id, setting):
    return re.findall(rf"zone with domain_id {zone_id}: [^\n]*\({setting}\)[^\n]*", aliasd.log())


def test_targets_beyond_those_of_a_zone_are_not_resolved(zones, make_limited):
    upstream, aliasd = make_limited(zone_targets_max=10)
    begin = time.monotonic()
    assert ask_all(aliasd) == 10
    assert time.monotonic() - begin < 10 * environment.SLACK, "nobody waits for them"
    assert upstream.count("h10.target.test") == 0
    lines = log_lines(aliasd, zones[0], "zone-targets-max")
    assert len(lines) == 1 and "h10.target.test. is not resolved" in lines[0]
    assert limited(aliasd, "zone_targets") == 30
    with aliasd.connect() as session:
        assert session.records("www.other.test", "A") == [("A", "192.0.2.1")]
        # What another zone has is known, whoever asks.
        assert session.records("same.other.test", "A") == [("A", "192.0.2.9")]
        assert session.records("h39.greedy.test", "A") == [("A", "192.0.2.9")]
    assert not log_lines(aliasd, zones[1], "[a-z-]+")


def test_noticed_rows_are_bounded_too(zones, make_limited):
    upstream, aliasd = make_limited(zone_targets_max=10, refresh_idle=3600)
    environment.wait_until(lambda: upstream.count("good.target.test", "A") == 1, 20,
                           "the other zone's target")
    environment.wait_until(lambda: limited(aliasd, "zone_targets") >= 29, 20, "refusals")
    time.sleep(1)
    asked = {f"h{number}" for number in range(40) if upstream.count(f"h{number}.target.test")}
    assert len(asked - {"h39"}) == 10
    assert "h39" in asked, "the other zone names it"


def test_more_targets_after_a_reload(zones, make_limited):
    upstream, aliasd = make_limited(zone_targets_max=10)
    assert ask_all(aliasd) == 10
    reload(aliasd, zone_targets_max=0)
    assert ask_all(aliasd) == 40


def test_a_zone_without_resolutions_left_does_not_slow_another(zones, make_limited):
    upstream, aliasd = make_limited(zone_resolutions_max=1, **SHORT)
    assert ask_all(aliasd, 8) < 8
    lines = log_lines(aliasd, zones[0], "zone-resolutions-max")
    assert len(lines) == 1 and "is put off" in lines[0]
    assert limited(aliasd, "zone_rate") >= 4
    with aliasd.connect() as session:
        begin = time.monotonic()
        assert session.records("www.other.test", "A") == [("A", "192.0.2.1")]
        assert time.monotonic() - begin < 0.2 * environment.SLACK
    assert not log_lines(aliasd, zones[1], "[a-z-]+")


def test_what_was_put_off_is_resolved_when_there_is_room(zones, make_limited):
    upstream, aliasd = make_limited(zone_resolutions_max=2, **SHORT)
    ask_all(aliasd, 10)
    environment.wait_until(
        lambda: all(upstream.count(f"h{number}.target.test", "A") for number in range(10)), 20,
        "all of them to be asked for")
    assert ask_all(aliasd, 10) == 10


def test_who_waits_gets_the_answer_that_was_put_off(zones, make_limited):
    upstream, aliasd = make_limited(zone_resolutions_max=5, answer_deadline=1900,
                                    resolve_timeout=950)
    # A burst of ten; each of the others waits for a fifth of a second.
    assert ask_all(aliasd, 20) == 20


def test_more_resolutions_after_a_reload(zones, make_limited):
    upstream, aliasd = make_limited(zone_resolutions_max=1, **SHORT)
    ask_all(aliasd)
    reload(aliasd, zone_resolutions_max=1000)
    environment.wait_until(lambda: ask_all(aliasd) == 40, 10, "all of them")


def test_stale_answers_are_given_at_once(zones, make_limited):
    upstream, aliasd = make_limited()
    assert ask_all(aliasd) == 40
    upstream.set_records([(name, kind, address, 1) for name, kind, address, _ in addresses(40)])
    aliasd.run("ctl", "alias", "refresh", "--all")
    environment.wait_until(lambda: upstream.count("h39.target.test", "A") == 2, 20, "the refresh")
    reload(aliasd, zone_resolutions_max=1, resolve_timeout=1000, answer_deadline=1900)
    time.sleep(3)
    begin = time.monotonic()
    assert ask_all(aliasd) == 40
    assert time.monotonic() - begin < 5 * environment.SLACK
    assert limited(aliasd, "zone_rate") > 0


def test_zones_have_their_turns_where_all_want_more(zones, make_limited):
    upstream, aliasd = make_limited(resolutions_max=5, answer_deadline=1900, resolve_timeout=950)
    sessions = [aliasd.connect() for _ in range(30)]
    for number, session in enumerate(sessions):
        session.send_bytes(json.dumps({"method": "lookup", "parameters": {
            "qtype": "A", "qname": f"h{number}.greedy.test.", "zone-id": -1}}).encode() + b"\n")
    time.sleep(0.1)
    with aliasd.connect() as session:
        begin = time.monotonic()
        assert session.records("www.other.test", "A") == [("A", "192.0.2.1")]
        # It is the second in turn; the queue of the greedy zone would take four seconds.
        assert time.monotonic() - begin < 1 * environment.SLACK
    environment.wait_until(lambda: log_lines(aliasd, zones[0], "resolutions-max"),
                           what="resolutions-max in the log")
    for session in sessions:
        session.close()


def test_memory_is_counted_and_bounded(zones_db, zones, make_limited):
    # Rows enough for one MiB to be too little, of which half is the zone's.
    zones_db.add_zone("huge.test", many(600, "x"))
    upstream, aliasd = make_limited(alias_memory_max=1, refresh_idle=3600)
    aliasd.wait_for_log("(alias-memory-max)", 60)
    stats = aliasd.stats()
    assert 400 * 1024 < stats["pdns_aliasd_targets_memory_bytes"] < 1024 * 1024
    assert stats["pdns_aliasd_targets_memory_max_bytes"] == 1024 * 1024
    assert limited(aliasd, "memory") > 0
    assert re.search(r"zone with domain_id 3: [^\n]*\(alias-memory-max\)[^\n]*is not resolved",
                     aliasd.log())
    with aliasd.connect() as session:
        zones_db.insert("other.test", "new", "ALIAS", "late.target.test")
        assert session.records("new.other.test", "A") == [("A", "192.0.2.2")]
    assert ask_all(aliasd) == 40
