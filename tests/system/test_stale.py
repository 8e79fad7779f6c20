"""A name that was ever resolved stays answerable: upstream dead, daemon restarted, and back."""

import time

import pytest

from lib import environment, query

ROWS = [("", "ALIAS", "web.target.test"), ("www", "ALIAS", "web.target.test"),
        ("", "MX", "mail.example.test", 60, 1), ("moves", "ALIAS", "moves.target.test")]
# One second, so that the answers expire while a test runs.
TARGETS = [("web", "A", "192.0.2.1", 1), ("web", "AAAA", "2001:db8::1", 1),
           ("moves", "A", "192.0.2.7", 1)]


@pytest.fixture
def chain(zones_db, make_chain):
    zones_db.add_zone("example.test", ROWS)
    chain = make_chain(TARGETS)
    assert chain.addresses("www.example.test", "A") == ["192.0.2.1"]
    assert chain.addresses("www.example.test", "AAAA") == ["2001:db8::1"]
    return chain


def wait_for_stale(chain, name="www.example.test"):
    environment.wait_until(lambda: query.answer_ttls(chain.ask(name, "A")) == {30}, 10,
                           "a stale answer with TTL 30", interval=0.2)


def test_upstream_dies_and_the_answer_is_stale_with_its_ttl(chain):
    chain.upstream.stop()
    wait_for_stale(chain)
    assert chain.addresses("www.example.test", "A") == ["192.0.2.1"]
    assert chain.addresses("example.test", "AAAA") == ["2001:db8::1"]


def test_upstream_goes_silent_and_only_the_first_query_waits(chain):
    chain.upstream.silence()
    time.sleep(1.2)  # until the answers have expired
    start = time.monotonic()
    assert chain.addresses("www.example.test", "A") == ["192.0.2.1"]
    assert time.monotonic() - start < 0.8 * environment.SLACK
    start = time.monotonic()
    for _ in range(10):
        assert chain.addresses("www.example.test", "A") == ["192.0.2.1"]
    assert time.monotonic() - start < 1.2 * environment.SLACK


def test_stale_answer_survives_a_restart_of_everything(chain):
    chain.upstream.stop()
    chain.powerdns.stop()
    chain.aliasd.restart()
    chain.powerdns.start()
    wait_for_stale(chain)
    assert chain.addresses("www.example.test", "A") == ["192.0.2.1"]
    assert chain.addresses("www.example.test", "AAAA") == ["2001:db8::1"]
    assert query.section_types(chain.ask("example.test", "MX").answer) == ["MX"]


def test_upstream_comes_back_and_the_answer_is_fresh(chain):
    chain.upstream.stop()
    wait_for_stale(chain)
    chain.upstream.set_records([("web", "A", "192.0.2.99", 60)])
    chain.upstream.start()
    chain.powerdns.wait_for_answer("www.example.test", "A", ["192.0.2.99"], timeout=20)
    assert query.answer_ttls(chain.ask("www.example.test", "A")) == {60}


def test_upstream_comes_back_after_a_restart_and_the_answer_is_fresh(chain):
    chain.upstream.stop()
    chain.powerdns.stop()
    chain.aliasd.restart()
    chain.powerdns.start()
    wait_for_stale(chain)
    chain.upstream.set_records([("web", "A", "192.0.2.99", 60)])
    chain.upstream.start()
    chain.powerdns.wait_for_answer("www.example.test", "A", ["192.0.2.99"], timeout=20)


def test_target_that_changes_is_followed(chain):
    assert chain.addresses("moves.example.test", "A") == ["192.0.2.7"]
    chain.upstream.set_records([("moves", "A", "192.0.2.8", 1)])
    chain.powerdns.wait_for_answer("moves.example.test", "A", ["192.0.2.8"], timeout=10)


def test_target_that_loses_its_addresses_is_followed(chain):
    chain.upstream.set_records([("moves", "A", "192.0.2.7", 1)])
    environment.wait_until(lambda: query.is_nodata(chain.ask("www.example.test", "A")), 10,
                           "NODATA after NXDOMAIN upstream", interval=0.2)


@pytest.mark.parametrize("fault", ["servfail", "silence", "gone"])
def test_a_failure_never_blanks_what_was_known(chain, fault):
    if fault == "servfail":
        chain.upstream.spoil()
    elif fault == "silence":
        chain.upstream.silence()
    else:
        chain.upstream.stop()
    end = time.monotonic() + 4
    while time.monotonic() < end:
        assert chain.addresses("www.example.test", "A") == ["192.0.2.1"]
        assert chain.addresses("www.example.test", "AAAA") == ["2001:db8::1"]
        time.sleep(0.05)


def test_answer_past_max_stale_is_dropped(zones_db, make_chain):
    zones_db.add_zone("example.test", ROWS)
    chain = make_chain(TARGETS, max_stale=2)
    assert chain.addresses("www.example.test", "A") == ["192.0.2.1"]
    chain.upstream.stop()
    environment.wait_until(lambda: query.is_nodata(chain.ask("www.example.test", "A")), 15,
                           "the answer to be dropped", interval=0.3)
    assert query.section_types(chain.ask("example.test", "MX").answer) == ["MX"]


def test_stale_ttl_is_a_setting(zones_db, make_chain):
    zones_db.add_zone("example.test", ROWS)
    chain = make_chain(TARGETS, stale_ttl=17)
    assert chain.addresses("www.example.test", "A") == ["192.0.2.1"]
    chain.upstream.stop()
    environment.wait_until(
        lambda: query.answer_ttls(chain.ask("www.example.test", "A")) == {17}, 10,
        "a stale answer with TTL 17", interval=0.2)
