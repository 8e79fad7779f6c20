"""Zones signed with keys that pdnsutil made on gsqlite3, served through the daemon."""

import dns.dnssec
import dns.name
import dns.rdatatype
import pytest

from lib import environment, query

ROWS = [("", "ALIAS", "web.target.test"), ("www", "ALIAS", "web.target.test"),
        ("v4", "ALIAS", "v4.target.test"), ("*.wild", "ALIAS", "web.target.test"),
        ("never", "ALIAS", "never.target.test"), ("zzz", "TXT", '"last"')]
TARGETS = [("web", "A", "192.0.2.1", 50), ("web", "AAAA", "2001:db8::1", 50),
           ("v4", "A", "192.0.2.4", 1)]
ZONE = dns.name.from_text("example.test")


@pytest.fixture(params=["nsec", "nsec3"])
def chain(request, zones_db, make_chain, make_powerdns):
    zones_db.add_zone("example.test", ROWS)
    util = make_powerdns(name="util", gsqlite3=zones_db.path, start=False)
    util.pdnsutil("secure-zone", "example.test")
    if request.param == "nsec3":
        util.pdnsutil("set-nsec3", "example.test", "1 0 0 -")
    util.pdnsutil("rectify-zone", "example.test")
    return make_chain(TARGETS)


@pytest.fixture
def keys(chain):
    response = chain.ask("example.test", "DNSKEY", do=True, tcp=True)
    rrset = response.find_rrset(response.answer, ZONE, dns.rdataclass.IN, dns.rdatatype.DNSKEY)
    return {ZONE: rrset}


def validate(section, owner, kind, keys):
    name = dns.name.from_text(owner)
    rdtype = dns.rdatatype.from_text(kind)
    rrset = next(each for each in section if each.name == name and each.rdtype == rdtype)
    signature = next(each for each in section if each.name == name
                     and each.rdtype == dns.rdatatype.RRSIG and each.covers == rdtype)
    dns.dnssec.validate(rrset, signature, keys)


@pytest.mark.parametrize("owner", ["example.test", "www.example.test", "x.wild.example.test"])
@pytest.mark.parametrize("kind", ["A", "AAAA"])
def test_expanded_addresses_have_a_valid_signature(chain, keys, owner, kind):
    response = chain.ask(owner, kind, do=True, tcp=True)
    assert query.addresses(response) == [{"A": "192.0.2.1", "AAAA": "2001:db8::1"}[kind]]
    validate(response.answer, owner, kind, keys)


def denial_types(response):
    return {dns.rdatatype.to_text(rrset.rdtype) for rrset in response.authority} & {"NSEC", "NSEC3"}


def bitmap(rdata):
    return {dns.rdatatype.to_text(window * 256 + byte * 8 + bit)
            for window, octets in rdata.windows for byte, octet in enumerate(octets)
            for bit in range(8) if octet & (0x80 >> bit)}


def test_denial_lists_the_family_that_is_there_and_no_other(chain):
    response = chain.ask("v4.example.test", "AAAA", do=True, tcp=True)
    assert query.rcode(response) == "NOERROR" and not response.answer
    bitmaps = [bitmap(rdata) for rrset in response.authority for rdata in rrset
               if rrset.rdtype in (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)]
    assert bitmaps and "A" in bitmaps[0] and "AAAA" not in bitmaps[0]
    assert not any("TYPE65401" in each for each in bitmaps)


@pytest.mark.parametrize("owner,code", [("absent.example.test", "NXDOMAIN"),
                                        ("www.example.test", "NOERROR")])
def test_denial_is_signed(chain, keys, owner, code):
    response = chain.ask(owner, "MX", do=True, tcp=True)
    assert query.rcode(response) == code and denial_types(response)
    for rrset in response.authority:
        if rrset.rdtype != dns.rdatatype.RRSIG:
            validate(response.authority, rrset.name.to_text(),
                     dns.rdatatype.to_text(rrset.rdtype), keys)


def test_name_with_nothing_to_answer_is_denied_with_a_proof(chain, keys):
    response = chain.ask("never.example.test", "A", do=True, tcp=True)
    assert query.rcode(response) == "NOERROR" and not response.answer
    assert denial_types(response)


def test_stale_addresses_are_signed_too(chain, keys):
    assert chain.addresses("v4.example.test", "A") == ["192.0.2.4"]
    chain.upstream.stop()
    environment.wait_until(lambda: query.answer_ttls(chain.ask("v4.example.test", "A")) == {30},
                           10, "a stale answer", interval=0.2)
    response = chain.ask("v4.example.test", "A", do=True, tcp=True)
    assert query.addresses(response) == ["192.0.2.4"]
    validate(response.answer, "v4.example.test", "A", keys)
