"""handoff-address under a real PowerDNS: names never resolved hold none of its threads."""

import dns.flags
import pytest

from lib import cold_names, environment, query, steady_load

COLDS, STATICS, SECONDS = 40, 1000, 5

ROWS = [("", "ALIAS", "web.target.test"), ("", "MX", "mail.example.test", 60, 10),
        ("", "TXT", '"apex"'), ("www", "ALIAS", "web.target.test", 300),
        ("v4", "ALIAS", "v4.target.test"), ("to", "CNAME", "www.example.test"),
        ("broken", "ALIAS", "x.servfail.test"), ("broken", "TXT", '"beside"'),
        ("many", "ALIAS", "many.target.test"), ("some", "ALIAS", "some.target.test"),
        ("two", "ALIAS", "web.target.test"), ("two", "ALIAS", "v4.target.test"),
        ("explicit", "ALIAS", "web.target.test"), ("explicit", "A", "203.0.113.1"),
        ("*.w", "ALIAS", "web.target.test")]
TARGETS = [("web", "A", "192.0.2.1", 250), ("web", "AAAA", "2001:db8::1", 250),
           ("v4", "A", "192.0.2.4")]
TARGETS += [("many", "A", f"198.51.100.{number}") for number in range(1, 121)]
TARGETS += [("some", "A", f"203.0.113.{number}") for number in range(1, 61)]


@pytest.fixture
def make_cold_chain(zones_db, make_chain):
    """With PowerDNS configured for it, or not."""
    def make(targets=TARGETS, expand_alias="yes", powerdns=None, **settings):
        address = cold_names.addresses()
        zones_db.add_zone("example.test", ROWS)
        options = {"expand_alias": expand_alias, "resolver": address, **(powerdns or {})}
        return make_chain(targets, options, **{
            "handoff_address": address, "resolve_timeout": 1500, "answer_deadline": 1900,
            "refresh_idle": 0, **settings})

    return make


@pytest.mark.parametrize("caches", [False, True])
def test_cold_names_hold_up_nobody(zones_db, make_cold_chain, caches):
    zones_db.add_zone(cold_names.ZONE, cold_names.rows(COLDS, STATICS))
    chain = make_cold_chain(cold_names.targets(COLDS), **cold_names.PATIENT,
                            powerdns={"caches": caches, "distributor_threads": 3})
    chain.upstream.delay(".", cold_names.DELAY)
    colds, others = cold_names.ask(chain.powerdns, COLDS, STATICS, SECONDS)
    assert not steady_load.lost(others)
    assert len(steady_load.with_rcode(others, "NOERROR")) == STATICS
    # Each cold name would take a third of the others with it, for a second.
    late = steady_load.slower_than(others, 0.5 * environment.SLACK)
    assert len(late) < STATICS / 20, sorted(query.took for query in late)
    assert not steady_load.lost(colds)
    environment.report(f"cold names, caches {'on' if caches else 'off'}: "
                       f"{len(steady_load.with_rcode(colds, 'NOERROR'))} of {COLDS} answered, "
                       f"slowest of {STATICS} others "
                       f"{max(query.took for query in others):.3f} s")


@pytest.mark.parametrize("caches", [False, True])
def test_cold_name_is_answered_and_then_known(make_cold_chain, caches):
    chain = make_cold_chain(powerdns={"caches": caches})
    for _ in range(2):
        assert chain.addresses("www.example.test") == ["192.0.2.1"]
        assert chain.addresses("www.example.test", "AAAA") == ["2001:db8::1"]
        assert chain.addresses("example.test") == ["192.0.2.1"]
        assert query.answer_ttls(chain.ask("www.example.test")) <= {250, 60}
    assert chain.upstream.count("web.target.test", "A") == 1


def test_row_s_ttl_counts_for_cold_names(make_cold_chain):
    chain = make_cold_chain()
    # The target's is 250.
    assert query.answer_ttls(chain.ask("example.test")) == {60}


def test_any_has_both_families(make_cold_chain):
    chain = make_cold_chain()
    assert chain.addresses("www.example.test", "ANY") == ["192.0.2.1", "2001:db8::1"]


def test_cold_name_over_tcp_and_through_cname(make_cold_chain):
    chain = make_cold_chain()
    assert chain.addresses("www.example.test", tcp=True) == ["192.0.2.1"]
    assert chain.addresses("v4.example.test", "ANY", tcp=True) == ["192.0.2.4"]
    assert chain.addresses("to.example.test", "AAAA") == ["2001:db8::1"]


def test_name_without_a_family_is_nodata(make_cold_chain):
    chain = make_cold_chain()
    response = chain.ask("v4.example.test", "AAAA")
    assert query.rcode(response) == "NOERROR" and not response.answer
    assert chain.addresses("v4.example.test") == ["192.0.2.4"]
    assert query.is_nodata(chain.ask("v4.example.test", "AAAA"))


@pytest.mark.parametrize("caches", [False, True])
def test_failure_is_servfail_and_other_types_are_answered(make_cold_chain, caches):
    chain = make_cold_chain(powerdns={"caches": caches})
    for _ in range(2):
        assert query.rcode(chain.ask("broken.example.test")) == "SERVFAIL"
        assert query.rcode(chain.ask("broken.example.test", "AAAA")) == "SERVFAIL"
        assert query.section_types(chain.ask("broken.example.test", "TXT").answer) == ["TXT"]
        assert query.is_nodata(chain.ask("broken.example.test", "MX"))


def test_apex_that_fails_leaves_the_zone_alone(make_cold_chain):
    chain = make_cold_chain(resolve_timeout=300)
    chain.upstream.silence()
    assert query.rcode(chain.ask("example.test")) == "SERVFAIL"
    for kind in ("MX", "TXT", "SOA", "NS"):
        assert kind in query.section_types(chain.ask("example.test", kind).answer)
    assert query.rcode(chain.ask("nothing.example.test")) == "NXDOMAIN"


def test_what_powerdns_gets_wrong_waits_in_the_call(make_cold_chain):
    chain = make_cold_chain(resolve_timeout=5000, answer_deadline=1900)
    assert chain.addresses("x.w.example.test") == ["192.0.2.1"]
    assert chain.addresses("two.example.test") == ["192.0.2.1", "192.0.2.4"]


def test_explicit_address_wins_for_any_too(make_cold_chain):
    chain = make_cold_chain()
    assert chain.addresses("explicit.example.test", "ANY") == ["2001:db8::1", "203.0.113.1"]


def test_signed_zone_is_signed_when_cold(zones_db, make_cold_chain, make_powerdns):
    zones_db.add_zone("signed.test", [("www", "ALIAS", "web.target.test")])
    util = make_powerdns(name="util", gsqlite3=zones_db.path, start=False)
    util.pdnsutil("secure-zone", "signed.test")
    chain = make_cold_chain()
    zones_db.wait_until_in_order()
    response = chain.ask("www.signed.test", do=True)
    assert query.section_types(response.answer) == ["A", "RRSIG"]
    assert query.section_types(chain.ask("www.signed.test", "AAAA", do=True).answer) == [
        "AAAA", "RRSIG"]


def test_transfer_has_the_addresses_of_cold_names(make_cold_chain):
    chain = make_cold_chain()
    rows = chain.powerdns.transfer("example.test")
    assert ("www.example.test.", "A", 250, "192.0.2.1") in rows
    assert not any(kind == "TYPE65401" for _, kind, _, _ in rows)


def test_more_addresses_than_fit_are_whole_once_known(make_cold_chain):
    chain = make_cold_chain()
    chain.upstream.delay(".", 0.3)
    first = chain.ask("many.example.test", tcp=True)
    # 1500 bytes: a header, a question for many.target.test, 16 for each.
    assert len(query.addresses(first)) == (1500 - 12 - 22) // 16
    assert len(chain.addresses("many.example.test", tcp=True)) == 120
    assert len(chain.addresses("some.example.test")) == 60
    assert not chain.ask("some.example.test").flags & dns.flags.TC


def test_without_expand_alias_a_cold_name_is_never_nxdomain(make_cold_chain):
    chain = make_cold_chain(expand_alias="no")
    chain.upstream.delay(".", cold_names.DELAY)
    for kind in ("A", "AAAA", "ANY"):
        assert query.is_nodata(chain.ask("www.example.test", kind))
    chain.powerdns.wait_for_answer("www.example.test", "A", ["192.0.2.1"])
