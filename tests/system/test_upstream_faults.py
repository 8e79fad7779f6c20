"""Upstreams that fail, are silent or slow, for targets that were never resolved."""

import statistics
import time

import pytest

from lib import environment, query
from lib.upstream import NO_SOA_ZONE, REFUSED_ZONE, SERVFAIL_ZONE

ROWS = [("servfail", "ALIAS", f"web.{SERVFAIL_ZONE}"), ("servfail", "TXT", '"beside"'),
        ("refused", "ALIAS", f"web.{REFUSED_ZONE}"), ("refused", "TXT", '"beside"'),
        ("nosoa", "ALIAS", f"absent.{NO_SOA_ZONE}"), ("nosoa", "TXT", '"beside"'),
        ("slow", "ALIAS", "slow.target.test"), ("slow", "TXT", '"beside"'),
        ("web", "ALIAS", "web.target.test"), ("plain", "A", "203.0.113.5"),
        ("", "ALIAS", "slow.target.test"), ("", "MX", "plain.example.test", 60, 1)]
TARGETS = [("slow", "A", "192.0.2.1"), ("slow", "AAAA", "2001:db8::1"), ("web", "A", "192.0.2.2")]

# Nothing is resolved before it is asked for.
UNASKED = {"refresh_idle": 0}


@pytest.fixture
def chain(zones_db, make_chain):
    zones_db.add_zone("example.test", ROWS)
    return make_chain(TARGETS, **UNASKED)


def timed(ask):
    start = time.monotonic()
    result = ask()
    return result, time.monotonic() - start


@pytest.mark.parametrize("owner", ["servfail", "refused", "nosoa"])
def test_upstream_error_gives_nodata_and_leaves_the_name_alone(chain, owner):
    name = f"{owner}.example.test"
    assert query.is_nodata(chain.ask(name, "A"))
    assert query.is_nodata(chain.ask(name, "AAAA"))
    assert query.section_types(chain.ask(name, "TXT").answer) == ["TXT"]


def test_negative_answer_without_soa_is_asked_again(chain):
    """It is a failure, so the next query after the back-off tries again."""
    chain.ask("nosoa.example.test", "A")
    before = chain.upstream.count(f"absent.{NO_SOA_ZONE}", "A")

    def is_asked_again():
        chain.ask("nosoa.example.test", "A")
        return chain.upstream.count(f"absent.{NO_SOA_ZONE}", "A") > before

    environment.wait_until(is_asked_again, 10, "another question", interval=0.3)


def test_answer_after_300_ms_is_waited_for(chain):
    chain.upstream.delay("slow.target.test", 0.3)
    found, seconds = timed(lambda: chain.addresses("slow.example.test", "A"))
    assert found == ["192.0.2.1"]
    assert seconds < 0.5 * environment.SLACK


@pytest.mark.parametrize("retries,found", [(0, []), (1, ["192.0.2.1"])])
def test_answer_after_the_timeout_is_waited_for_by_the_retry(zones_db, make_chain, retries, found):
    """300 ms: below the 376 ms after which libunbound asks anew and drops what comes later."""
    zones_db.add_zone("example.test", ROWS)
    chain = make_chain(TARGETS, **UNASKED, resolve_timeout=240, resolve_retries=retries)
    chain.upstream.delay("slow.target.test", 0.3)
    assert chain.addresses("slow.example.test", "A") == found


def test_answer_after_3_s_is_not_waited_for_but_kept(chain):
    chain.upstream.delay("slow.target.test", 3)
    response, seconds = timed(lambda: chain.ask("slow.example.test", "A"))
    assert query.is_nodata(response)
    assert seconds < 1.3 * environment.SLACK
    chain.powerdns.wait_for_answer("slow.example.test", "A", ["192.0.2.1"], timeout=15)


def test_silent_upstream_gives_nodata_at_the_deadline(chain):
    chain.upstream.silence()
    response, seconds = timed(lambda: chain.ask("web.example.test", "A"))
    assert query.is_nodata(response)
    assert 0.9 < seconds < 1.3 * environment.SLACK


def test_second_query_for_a_silent_target_does_not_wait(chain):
    chain.upstream.silence()
    chain.ask("web.example.test", "A")
    _, seconds = timed(lambda: chain.ask("web.example.test", "AAAA"))
    assert seconds < 0.3 * environment.SLACK


def test_other_types_at_a_silent_name_are_untouched(chain):
    chain.upstream.silence()
    assert query.section_types(chain.ask("slow.example.test", "TXT").answer) == ["TXT"]
    response = chain.ask("example.test", "MX")
    assert query.section_types(response.answer) == ["MX"]


def test_other_names_are_served_without_delay_beyond_the_first(chain):
    chain.upstream.silence()
    chain.ask("example.test", "A")
    taken = []
    for _ in range(20):
        response, seconds = timed(lambda: chain.ask("plain.example.test", "A"))
        assert query.addresses(response) == ["203.0.113.5"]
        taken.append(seconds)
    assert statistics.median(taken) < 0.2, taken


def test_upstream_that_is_gone_gives_nodata_within_the_deadline(chain):
    chain.upstream.stop()
    for kind in ("A", "AAAA"):
        response, seconds = timed(lambda: chain.ask("web.example.test", kind))
        assert query.is_nodata(response)
        assert seconds < 1.3 * environment.SLACK
    assert chain.addresses("plain.example.test", "A") == ["203.0.113.5"]


def test_many_cold_names_behind_a_silent_upstream_do_not_block_the_rest(zones_db, make_chain):
    zones_db.add_zone("example.test", ROWS + [(f"cold{number}", "ALIAS",
                                               f"cold{number}.target.test")
                                              for number in range(30)])
    chain = make_chain(TARGETS, **UNASKED)
    chain.upstream.silence()
    for number in range(4):
        chain.ask(f"cold{number}.example.test", "A")
    # Nobody waits for a name never resolved once the upstream as a whole is failing.
    _, seconds = timed(lambda: [chain.ask(f"cold{number}.example.test", "A")
                                for number in range(4, 30)])
    assert seconds < 2.5 * environment.SLACK
    chain.upstream.heal()
    chain.powerdns.wait_for_answer("web.example.test", "A", ["192.0.2.2"], timeout=20)


def test_target_heals_when_the_upstream_does(chain):
    chain.upstream.silence("web.target.test")
    assert query.is_nodata(chain.ask("web.example.test", "A"))
    chain.upstream.heal()
    chain.powerdns.wait_for_answer("web.example.test", "A", ["192.0.2.2"], timeout=20)


def test_a_failing_aaaa_does_not_blank_a_good_a(zones_db, make_chain):
    zones_db.add_zone("example.test", [("web", "ALIAS", "web.target.test"),
                                       ("web", "ALIAS", f"web.{SERVFAIL_ZONE}")])
    chain = make_chain(TARGETS, **UNASKED)
    assert chain.addresses("web.example.test", "A") == ["192.0.2.2"]


def test_bogus_answer_is_a_failure(zones_db, make_chain):
    """An unsigned answer where a trust anchor promises a signed one."""
    zones_db.add_zone("example.test", ROWS)
    chain = make_chain(TARGETS, trust_anchor="target.test. DS 12345 13 2 " + "ab" * 32)
    assert query.is_nodata(chain.ask("web.example.test", "A"))
    assert query.section_types(chain.ask("slow.example.test", "TXT").answer) == ["TXT"]
    assert "bogus" in chain.aliasd.log()
