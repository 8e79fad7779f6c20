"""What dig sees of ALIAS names while everything works."""

import pytest

from lib import query

ROWS = [("", "ALIAS", "web.target.test"), ("", "MX", "mail.example.test", 60, 10),
        ("", "TXT", '"hello"'), ("mail", "A", "192.0.2.25"), ("www", "ALIAS", "web.target.test"),
        ("deep.below", "ALIAS", "web.target.test"), ("*.wild", "ALIAS", "web.target.test"),
        ("chain", "ALIAS", "c1.target.test"), ("v4", "ALIAS", "v4.target.test"),
        ("v6", "ALIAS", "v6.target.test"), ("gone", "ALIAS", "gone.target.test"),
        ("two", "ALIAS", "v4.target.test"), ("two", "ALIAS", "web.target.test"),
        ("explicit", "ALIAS", "web.target.test"), ("explicit", "A", "203.0.113.9"),
        ("beside", "ALIAS", "web.target.test"), ("beside", "CNAME", "mail.example.test"),
        ("tonsix", "CNAME", "www.example.test"), ("mx", "MX", "www.example.test", 60, 5),
        ("big", "ALIAS", "big.target.test")]
TARGETS = ([("web", "A", "192.0.2.1", 50), ("web", "A", "192.0.2.2", 50),
            ("web", "AAAA", "2001:db8::1", 50), ("v4", "A", "192.0.2.4"),
            ("v6", "AAAA", "2001:db8::6"), ("c1", "CNAME", "c2"), ("c2", "CNAME", "c3"),
            ("c3", "CNAME", "web")]
           + [("big", "A", f"198.51.100.{number}") for number in range(120)])
V4, V6 = ["192.0.2.1", "192.0.2.2"], ["2001:db8::1"]


@pytest.fixture
def chain(zones_db, make_chain):
    zones_db.add_zone("example.test", ROWS)
    return make_chain(TARGETS)


def test_apex_alias_answers_a_and_aaaa(chain):
    assert chain.addresses("example.test", "A") == V4
    assert chain.addresses("example.test", "AAAA") == V6


def test_apex_alias_leaves_mx_txt_soa_and_ns_alone(chain):
    response = chain.ask("example.test", "MX")
    assert [rdata.to_text() for rdata in response.answer[0]] == ["10 mail.example.test."]
    for kind in ("TXT", "SOA", "NS"):
        assert query.section_types(chain.ask("example.test", kind).answer) == [kind]


def test_apex_any_has_everything_and_no_alias(chain):
    response = chain.ask("example.test", "ANY", tcp=True)
    assert query.section_types(response.answer) == ["A", "AAAA", "MX", "NS", "SOA", "TXT"]


def test_dig_shows_the_addresses_at_the_apex(chain):
    powerdns = chain.powerdns
    output = query.dig(powerdns.address, powerdns.port, "+short", "example.test", "A")
    assert sorted(output.split()) == V4


def test_all_answers_are_authoritative(chain):
    for name, kind in (("example.test", "A"), ("www.example.test", "AAAA"),
                       ("gone.example.test", "A")):
        assert "AA" in query.dns.flags.to_text(chain.ask(name, kind).flags)


def test_ttl_is_the_targets_when_that_is_smaller(chain):
    assert query.answer_ttls(chain.ask("www.example.test", "A")) == {50}


def test_alias_below_the_apex(chain):
    assert chain.addresses("www.example.test", "A") == V4
    assert chain.addresses("deep.below.example.test", "AAAA") == V6
    assert query.is_nodata(chain.ask("www.example.test", "MX"))


def test_alias_at_a_wildcard(chain):
    assert chain.addresses("anything.wild.example.test", "A") == V4
    assert chain.addresses("a.b.wild.example.test", "AAAA") == V6
    assert query.is_nodata(chain.ask("anything.wild.example.test", "TXT"))


def test_target_behind_a_cname_chain(chain):
    response = chain.ask("chain.example.test", "A")
    assert query.addresses(response) == V4
    assert query.section_types(response.answer) == ["A"]


def test_target_with_one_family_gives_nodata_for_the_other(chain):
    assert chain.addresses("v4.example.test", "A") == ["192.0.2.4"]
    assert query.is_nodata(chain.ask("v4.example.test", "AAAA"))
    assert chain.addresses("v6.example.test", "AAAA") == ["2001:db8::6"]
    assert query.is_nodata(chain.ask("v6.example.test", "A"))


def test_target_that_does_not_exist_gives_nodata_and_no_error(chain):
    for kind in ("A", "AAAA", "TXT"):
        assert query.is_nodata(chain.ask("gone.example.test", kind))


def test_several_alias_rows_are_merged(chain):
    assert chain.addresses("two.example.test", "A") == V4 + ["192.0.2.4"]


def test_explicit_address_wins_in_its_family(chain):
    assert chain.addresses("explicit.example.test", "A") == ["203.0.113.9"]
    assert chain.addresses("explicit.example.test", "AAAA") == V6


def test_cname_beside_an_alias_wins(chain):
    response = chain.ask("beside.example.test", "A")
    assert query.section_types(response.answer) == ["A", "CNAME"]
    assert query.addresses(response) == ["192.0.2.25"]


def test_cname_to_an_alias_is_followed(chain):
    response = chain.ask("tonsix.example.test", "A")
    assert query.section_types(response.answer) == ["A", "CNAME"]
    assert query.addresses(response) == V4


def test_alias_answers_as_additional_data(chain):
    response = chain.ask("mx.example.test", "MX")
    found = [rdata.to_text() for rrset in response.additional for rdata in rrset]
    assert sorted(found) == sorted(V4 + V6)


def test_name_that_is_not_there_is_nxdomain(chain):
    assert query.rcode(chain.ask("absent.example.test", "A")) == "NXDOMAIN"


def test_case_of_the_question_does_not_matter(chain):
    assert chain.addresses("WwW.ExAmPle.TeSt", "A") == V4


def test_many_addresses_come_over_tcp(chain):
    assert "TC" in query.dns.flags.to_text(chain.ask("big.example.test", "A").flags)
    assert len(chain.addresses("big.example.test", "A", tcp=True)) == 120


def test_transfer_has_addresses_in_place_of_alias(chain):
    rows = chain.powerdns.transfer("example.test")
    assert ("www.example.test.", "A", 50, "192.0.2.1") in rows
    assert ("*.wild.example.test.", "AAAA", 50, "2001:db8::1") in rows
    assert not any(kind in ("ALIAS", "TYPE65401") for _, kind, _, _ in rows)
    assert not any(owner == "gone.example.test." for owner, _, _, _ in rows)


def test_pdnsutil_sees_the_rows_as_stored_in_the_raw_view(chain, make_powerdns):
    raw = make_powerdns(name="raw", socket=chain.aliasd.socket, connection=",view=raw", start=False)
    listing = raw.pdnsutil("list-zone", "example.test")
    assert "ALIAS" in listing and "192.0.2.1\n" not in listing
    expanded = chain.powerdns.pdnsutil("list-zone", "example.test")
    assert "ALIAS" not in expanded and "192.0.2.1\n" in expanded


def test_answers_are_the_same_with_caches_at_their_defaults(zones_db, make_chain):
    zones_db.add_zone("example.test", ROWS)
    chain = make_chain(TARGETS, powerdns={"caches": True})
    for _ in range(3):
        assert chain.addresses("example.test", "A") == V4
        assert chain.addresses("www.example.test", "AAAA") == V6
        assert query.is_nodata(chain.ask("gone.example.test", "A"))
        assert query.rcode(chain.ask("absent.example.test", "A")) == "NXDOMAIN"
