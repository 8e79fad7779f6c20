"""Somebody sets the wall clock: answers neither go nor stay for ever."""

import os
import sqlite3

import pytest

from lib import environment
from lib.fake_clock import DAY, FakeClock

pytestmark = pytest.mark.skipif(
    "ALIASD_SANITIZER_REPORTS" in os.environ,
    reason="libfaketime and a sanitizer would replace the same functions")

OLD, NEW = [("A", "192.0.2.1")], [("A", "192.0.2.2")]


class World:
    """A daemon on a clock of its own, and the target that its zone points at."""

    def __init__(self, upstream, aliasd, clock):
        self.upstream = upstream
        self.aliasd = aliasd
        self.clock = clock

    def start(self):
        self.aliasd.start(env=self.clock.env)

    def restart(self):
        self.aliasd.stop()
        self.start()

    def records(self):
        with self.aliasd.connect() as session:
            return session.records("www.example.test", "A")

    def kept(self):
        """(resolved_at, fresh_until) in the fallback database; None: not there."""
        if not self.aliasd.fallback_db.exists():
            return None
        with sqlite3.connect(self.aliasd.fallback_db) as db:
            try:
                return db.execute("SELECT resolved_at, fresh_until FROM entries WHERE target = "
                                  "'web.target.test' AND family = 'A'").fetchone()
            except sqlite3.OperationalError:  # not made yet
                return None

    def wait_until_kept(self):
        """By the clock that there is now."""
        environment.wait_until(
            lambda: self.kept() and abs(self.kept()[0] - self.clock.now()) < 60, 10,
            f"an answer kept at {self.clock.now()}")


@pytest.fixture
def make_world(folder, zones_db, make_resolving):
    def make(ttl, **settings):
        zones_db.add_zone("example.test", [("www", "ALIAS", "web.target.test")])
        upstream, aliasd = make_resolving([("web", "A", "192.0.2.1", ttl)], start=False,
                                          **settings)
        return World(upstream, aliasd, FakeClock(folder))

    return make


@pytest.mark.parametrize("days", (1, -1))
def test_what_is_fresh_stays_so_and_asks_nobody(make_world, days):
    world = make_world(ttl=600)
    world.start()
    assert world.records() == OLD
    before = world.upstream.count("web.target.test", "A")
    world.clock.set_forward(days * DAY)
    assert world.records() == OLD
    assert world.upstream.count("web.target.test", "A") == before


@pytest.mark.parametrize("days", (1, -1))
def test_what_has_expired_is_asked_again(make_world, days):
    """libunbound's own cache has its times by the wall clock: set back by a day, it would keep the
    old address for as long."""
    world = make_world(ttl=2)
    world.start()
    assert world.records() == OLD
    world.upstream.set_records([("web", "A", "192.0.2.2", 2)])
    world.clock.set_forward(days * DAY)
    environment.wait_until(lambda: world.records() == NEW, 10, "the new address")
    world.aliasd.wait_for_log("the wall clock was set")


def test_targets_are_retried_though_the_cache_is_given_up_later(make_world, folder, zones_db):
    hints = folder / "root.hints"
    text = ". 3600 NS a.root.test.\na.root.test. 3600 A 192.0.2.53\n"
    hints.write_text(text)
    world = make_world(ttl=600, root_hints=hints, retry_min=300, retry_max=300, refresh_idle=0)
    zones_db.insert("example.test", "bad", "ALIAS", "x.servfail.test")
    world.start()
    with world.aliasd.connect() as session:
        assert session.records("bad.example.test", "A") == []
        hints.unlink()
        world.clock.set_forward(DAY)
        assert session.records("www.example.test", "A") == OLD
    world.aliasd.wait_for_log("root-hints")
    before = world.upstream.count("x.servfail.test", "A")
    hints.write_text(text)
    world.aliasd.wait_for_log("libunbound's cache is given up now, which had failed", timeout=15)
    environment.wait_until(lambda: world.upstream.count("x.servfail.test", "A") > before, 10,
                           "the failing target to be tried again")


@pytest.mark.parametrize("days", (1, -1))
def test_answers_outlive_a_step_and_a_restart(make_world, days):
    world = make_world(ttl=600)
    world.start()
    assert world.records() == OLD
    world.wait_until_kept()
    world.upstream.silence()
    world.clock.set_forward(days * DAY)
    world.wait_until_kept()
    world.restart()
    assert world.records() == OLD
    world.clock.set_forward(0)
    world.restart()
    assert world.records() == OLD


@pytest.mark.parametrize("days", (1, -1))
def test_answers_outlive_a_step_between_two_runs(make_world, days):
    world = make_world(ttl=600)
    world.start()
    assert world.records() == OLD
    world.wait_until_kept()
    world.upstream.silence()
    world.aliasd.stop()
    world.clock.set_forward(days * DAY)
    world.start()
    assert world.records() == OLD
    world.clock.set_forward(0)
    world.restart()
    assert world.records() == OLD


def test_what_was_learned_in_1970_is_not_ancient_tomorrow(make_world):
    """A machine that is told the time after the daemon's start."""
    world = make_world(ttl=600)
    world.clock.set_to_1970()
    world.start()
    assert world.records() == OLD
    world.wait_until_kept()
    world.clock.set_forward(0)
    world.wait_until_kept()
    world.upstream.silence()
    world.restart()
    assert world.records() == OLD


def test_what_was_kept_before_outlives_a_start_in_1970(make_world):
    world = make_world(ttl=600)
    world.start()
    assert world.records() == OLD
    world.wait_until_kept()
    kept = world.kept()
    world.upstream.silence()
    world.aliasd.stop()
    world.clock.set_to_1970()
    world.start()
    assert world.records() == OLD
    world.clock.set_forward(0)
    world.aliasd.wait_for_log("no answer within")
    world.restart()
    assert world.records() == OLD and world.kept() == kept
