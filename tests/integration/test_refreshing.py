"""Targets resolved before anybody has to wait: refreshed ahead, refreshed now and then, noticed."""

import statistics
import threading
import time

import pytest

from lib import environment

TARGETS = [("one", "A", "192.0.2.1"), ("two", "A", "192.0.2.2"), ("three", "A", "192.0.2.3")]


def wait_for_queries(upstream, name, count=1, timeout=10):
    """Until both families of a target were asked for so often."""
    environment.wait_until(
        lambda: all(upstream.count(name, kind) >= count for kind in ("A", "AAAA")), timeout,
        f"{count} queries for {name}")


def waits(stats):
    """How many calls have waited for a resolution."""
    return stats["pdns_aliasd_alias_wait_seconds_count"]


@pytest.fixture(params=["yes", "no"], ids=["upkeep", "replica"])
def upkeep(request):
    """With `no` the database has no counters of changes, and is only read."""
    return request.param


def test_known_rows_are_resolved_at_the_start(zones_db, make_resolving, upkeep):
    zones_db.add_zone("example.test", [("", "ALIAS", "one.target.test")])
    upstream, aliasd = make_resolving(TARGETS, zone_upkeep=upkeep)
    wait_for_queries(upstream, "one.target.test")
    with aliasd.connect() as session:
        environment.wait_until(lambda: ("A", "192.0.2.1") in session.records("example.test"))
    assert waits(aliasd.stats()) == 0


def test_new_and_changed_rows_are_resolved_before_anybody_asks(zones_db, make_resolving, upkeep):
    zones_db.add_zone("example.test", [("", "ALIAS", "one.target.test")])
    upstream, aliasd = make_resolving(TARGETS, zone_upkeep=upkeep)
    wait_for_queries(upstream, "one.target.test")
    zones_db.insert("example.test", "new", "ALIAS", "Two.target.TEST.")
    wait_for_queries(upstream, "two.target.test")
    zones_db.sql("UPDATE records SET content='three.target.test' WHERE name='new.example.test';")
    wait_for_queries(upstream, "three.target.test")
    assert waits(aliasd.stats()) == 0


def test_new_zone_is_noticed(zones_db, make_resolving, upkeep):
    upstream, _ = make_resolving(TARGETS, zone_upkeep=upkeep)
    zones_db.add_zone("example.test", [("", "alias", "one.target.test")])
    wait_for_queries(upstream, "one.target.test")


def test_replaced_database_is_noticed(zones_db, make_resolving, folder):
    upstream, _ = make_resolving(TARGETS, zone_upkeep="no")
    other = zones_db.copy_to(folder / "other.db")
    other.add_zone("example.test", [("", "ALIAS", "one.target.test")])
    other.sql("PRAGMA journal_mode=DELETE;")
    other.path.rename(zones_db.path)
    wait_for_queries(upstream, "one.target.test")


def test_change_of_one_zone_does_not_name_the_targets_of_another_again(zones_db, make_resolving):
    """With the counters only zones that have changed are looked at."""
    zones_db.add_zone("a.test", [("", "ALIAS", "one.target.test")])
    zones_db.add_zone("b.test")
    upstream, aliasd = make_resolving(TARGETS)
    wait_for_queries(upstream, "one.target.test")
    zones_db.insert("b.test", "", "ALIAS", "two.target.test")
    wait_for_queries(upstream, "two.target.test")
    assert upstream.count("one.target.test") == 2


def test_presigned_and_disabled_rows_are_left_alone(zones_db, make_resolving, upkeep):
    signed = zones_db.add_zone("a.test", [("", "ALIAS", "one.target.test")])
    zones_db.sql("INSERT INTO domainmetadata(domain_id,kind,content) "
                 f"VALUES({signed},'PRESIGNED','1');")
    zones_db.add_zone("b.test", [("", "ALIAS", "two.target.test", 60, None, 1),
                                 ("z", "ALIAS", "three.target.test")])
    upstream, _ = make_resolving(TARGETS, zone_upkeep=upkeep)
    wait_for_queries(upstream, "three.target.test")
    time.sleep(0.5)
    assert upstream.count("one.target.test") == upstream.count("two.target.test") == 0


def test_refresh_idle_0_resolves_nothing_that_nobody_asks_for(zones_db, make_resolving):
    zones_db.add_zone("example.test", [("", "ALIAS", "one.target.test")])
    upstream, aliasd = make_resolving(TARGETS, refresh_idle=0)
    zones_db.insert("example.test", "new", "ALIAS", "two.target.test")
    time.sleep(1)
    with aliasd.connect() as session:
        assert ("A", "192.0.2.1") in session.records("example.test")
    assert upstream.count("two.target.test") == 0
    assert waits(aliasd.stats()) == 1


def test_idle_target_is_resolved_now_and_then(zones_db, make_resolving):
    zones_db.add_zone("example.test", [("", "ALIAS", "one.target.test")])
    upstream, aliasd = make_resolving([("one", "A", "192.0.2.1", 1)], refresh_idle=1)
    wait_for_queries(upstream, "one.target.test", 3, timeout=30)
    upstream.set_records([("one", "A", "192.0.2.9", 1)])
    before = upstream.count("one.target.test", "A")
    wait_for_queries(upstream, "one.target.test", before + 2, timeout=30)
    upstream.silence()
    with aliasd.connect() as session:
        assert ("A", "192.0.2.9") in session.records("example.test")


def test_what_was_kept_is_refreshed_after_a_restart(zones_db, make_resolving):
    zones_db.add_zone("example.test", [("", "ALIAS", "one.target.test")])
    upstream, aliasd = make_resolving([("one", "A", "192.0.2.1", 1)])
    wait_for_queries(upstream, "one.target.test")
    aliasd.stop()
    time.sleep(2.5)
    aliasd.start()
    wait_for_queries(upstream, "one.target.test", 2)


def test_unanswered_new_target_is_tried_again_though_nobody_asks(zones_db, make_resolving):
    zones_db.add_zone("example.test")
    upstream, aliasd = make_resolving(TARGETS)
    upstream.silence("one.target.test")
    zones_db.insert("example.test", "", "ALIAS", "one.target.test")
    aliasd.wait_for_log("failing")
    upstream.heal()
    aliasd.wait_for_log("one.target.test. A: answers again", timeout=60)


def ask_steadily(aliasd, names, until, failures):
    with aliasd.connect() as session:
        while time.monotonic() < until:
            for name in names:
                rows = session.lookup(f"{name}.example.test")["result"]
                if [row["ttl"] for row in rows if row["qtype"] == "A"] != [5]:
                    failures.append((name, rows))
            time.sleep(0.02)


def test_nobody_waits_for_targets_in_use(zones_db, make_resolving):
    """Under a steady load over several TTLs no call waits, none gets a stale answer, and each
    target is asked about once a TTL."""
    seconds, ttl = 20, 5
    names = [f"h{number}" for number in range(30)]
    zones_db.add_zone("example.test",
                      [(name, "ALIAS", f"{name}.target.test", 3600) for name in names])
    upstream, aliasd = make_resolving(
        [(name, "A", "192.0.2.1", ttl) for name in names], alias_ttl_min=ttl, loglevel=6,
        negative_ttl_max=ttl, resolve_timeout=int(1000 * environment.SLACK),
        answer_deadline=int(1900 * environment.SLACK))
    for name in names:
        wait_for_queries(upstream, f"{name}.target.test")
    begin = time.monotonic()
    failures = []
    threads = [threading.Thread(target=ask_steadily,
                                args=(aliasd, names[part::2], begin + seconds, failures))
               for part in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = [upstream.count(f"{name}.target.test", kind)
              for name in names for kind in ("A", "AAAA")]
    elapsed = time.monotonic() - begin
    assert not failures
    stats = aliasd.stats()
    lookups = {outcome: stats[f'pdns_aliasd_alias_lookups_total{{outcome="{outcome}"}}']
               for outcome in ("fresh", "stale", "empty", "nothing", "failed")}
    assert waits(stats) == lookups["stale"] == lookups["nothing"] == lookups["failed"] == 0
    # Where an answer is late libunbound sends its query once more.
    assert min(counts) >= 3 and statistics.median(counts) <= 2 + elapsed / (ttl + 1)
    environment.report(f"refreshing ahead: {len(names)} targets of TTL {ttl} for {elapsed:.0f} s: "
                       f"{lookups}, no waits; upstream queries {min(counts)} to {max(counts)}")


def test_a_zone_whose_ways_are_wide_and_long_holds_up_no_other(zones_db, make_resolving):
    """Each of its rows leads to twenty names of a hundred labels that aren't there, and there are more
    of them than any machine follows in five seconds."""
    deep = ".".join(["a"] * 98)
    rows = [(f"hub{hub}", "ALIAS", f"{deep}.n{hub}-{number}.greedy.test")
            for hub in range(10) for number in range(20)]
    rows += [(f"o{number}", "ALIAS", f"hub{number % 10}.greedy.test") for number in range(4000)]
    zones_db.add_zone("greedy.test", rows)
    zones_db.add_zone("example.test")
    upstream, aliasd = make_resolving(TARGETS)
    aliasd.wait_for_log("zone with domain_id 1: its ALIAS rows take longer than 5000 ms", 20)
    zones_db.insert("example.test", "", "ALIAS", "one.target.test")
    wait_for_queries(upstream, "one.target.test", timeout=20)
    with aliasd.connect() as session:
        begin = time.monotonic()
        assert session.records("o1.greedy.test") == [("", "")]
        assert time.monotonic() - begin < 0.5 * environment.SLACK
