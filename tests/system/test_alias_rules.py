"""alias-deny and alias-txt as DNS clients, validators and secondaries see them."""

import dns.rdatatype
import pytest

from lib import denial, environment, query
from lib.validation import Validator

ZONE = "example.test"
ROWS = [("", "ALIAS", "web.target.test", 70), ("v4", "ALIAS", "v4.target.test"),
        ("gone", "ALIAS", "gone.target.test"), ("beside", "ALIAS", "v4.target.test"),
        ("beside", "TXT", '"own"'), ("*.wild", "ALIAS", "v4.target.test"),
        ("local", "ALIAS", "local.target.test"), ("mixed", "ALIAS", "mixed.target.test"),
        ("bogus", "ALIAS", "bogus.target.test")]
TARGETS = [("web", "A", "192.0.2.1"), ("web", "AAAA", "2001:db8::1"), ("v4", "A", "192.0.2.4"),
           ("local", "A", "127.0.0.1"), ("mixed", "A", "127.0.0.1"), ("mixed", "A", "192.0.2.5")]


def full_name(owner):
    return f"{owner}.{ZONE}" if owner else ZONE


def texts(response):
    return sorted(rdata.to_text() for rrset in response.answer for rdata in rrset
                  if rrset.rdtype == dns.rdatatype.TXT)


@pytest.fixture(params=["plain", "nsec", "nsec3"])
def mode(request):
    return request.param


@pytest.fixture
def chain(zones_db, make_chain, make_powerdns, mode):
    zones_db.add_zone(ZONE, ROWS)
    if mode != "plain":
        util = make_powerdns(name="util", gsqlite3=zones_db.path, start=False)
        util.pdnsutil("secure-zone", ZONE)
        if mode == "nsec3":
            util.pdnsutil("set-nsec3", ZONE, "1 0 1 ab")
    chain = make_chain(TARGETS, alias_txt="yes")
    zones_db.wait_until_in_order()
    return chain


# (owner, name asked for, its TXT records)
TEXTS = [("", "", ['"ALIAS for web.target.test"']), ("v4", "v4", ['"ALIAS for v4.target.test"']),
         ("gone", "gone", ['"ALIAS for gone.target.test"']),
         ("beside", "beside", ['"ALIAS for v4.target.test"', '"own"']),
         ("*.wild", "x.wild", ['"ALIAS for v4.target.test"'])]
# (owner, name and type asked for, what the denial lists)
BITMAPS = [("", "", "TYPE65401", {"A", "AAAA", "NS", "SOA", "DNSKEY", "TXT"}),
           ("v4", "v4", "AAAA", {"A", "TXT"}), ("gone", "gone", "A", {"TXT"}),
           ("beside", "beside", "AAAA", {"A", "TXT"}), ("*.wild", "x.wild", "AAAA", {"A", "TXT"}),
           ("local", "local", "A", {"TXT"}), ("mixed", "mixed", "AAAA", {"A", "TXT"})]


def test_targets_are_told_signed_and_in_transfers(folder, chain, mode):
    validator = None if mode == "plain" else Validator(folder, chain.powerdns, ZONE)
    for _, asked, expected in TEXTS:
        assert texts(chain.ask(full_name(asked), "TXT")) == expected
        if validator:
            validator.assert_valid(chain.powerdns, full_name(asked), "TXT")
    assert chain.ask(ZONE, "TXT").answer[0].ttl == 70
    rows = query.transfer(chain.powerdns.address, chain.powerdns.port, ZONE)
    for owner, _, expected in TEXTS:
        name = full_name(owner) + "."
        assert [row[3] for row in rows if row[:2] == (name, "TXT")] == expected
    assert (ZONE + ".", "TXT", 70, '"ALIAS for web.target.test"') in rows


def listed(kinds):
    """Without what signing itself adds."""
    return kinds - {"NSEC", "RRSIG", "NSEC3PARAM"}


@pytest.mark.parametrize("mode", ["nsec", "nsec3"], indirect=True)
def test_proofs_list_them(folder, chain, mode):
    validator = Validator(folder, chain.powerdns, ZONE)
    for owner, asked, kind, expected in BITMAPS:
        response = chain.ask(full_name(asked), kind, do=True, tcp=True)
        assert listed(denial.types_at(response, full_name(owner))) == expected, response
        validator.assert_valid(chain.powerdns, full_name(asked), kind, negative="nxrrset")
    rows = query.transfer(chain.powerdns.address, chain.powerdns.port, ZONE)
    if mode == "nsec":
        proofs = {row[0]: set(row[3].split()[1:]) for row in rows if row[1] == "NSEC"}
        for owner, _, _, expected in BITMAPS:
            assert listed(proofs[full_name(owner) + "."]) == expected, owner


@pytest.mark.parametrize("mode", ["plain"], indirect=True)
def test_denied_addresses_reach_nobody_but_where_a_zone_allows_them(chain, mode):
    assert query.is_nodata(chain.ask(full_name("local"), "A"))
    assert chain.addresses(full_name("mixed"), "A") == ["192.0.2.5"]
    rows = query.transfer(chain.powerdns.address, chain.powerdns.port, ZONE)
    assert "127.0.0.1" not in {row[3] for row in rows}
    chain.powerdns.pdnsutil("set-meta", ZONE, "X-ALIAS-ALLOW", "127.0.0.0/8", "::1")
    assert chain.addresses(full_name("local"), "A") == ["127.0.0.1"]
    assert chain.addresses(full_name("mixed"), "A") == ["127.0.0.1", "192.0.2.5"]
    rows = query.transfer(chain.powerdns.address, chain.powerdns.port, ZONE)
    assert (full_name("local") + ".", "A", 60, "127.0.0.1") in rows


def test_bogus_target_keeps_its_last_good_answer(zones_db, make_chain):
    zones_db.add_zone(ZONE, ROWS)
    chain = make_chain([("v4", "A", "192.0.2.4", 1)])
    assert chain.addresses(full_name("v4"), "A") == ["192.0.2.4"]
    chain.upstream.set_records([("v4", "A", "192.0.2.66", 1)])
    chain.aliasd.configure(trust_anchor="target.test. DS 12345 13 2 " + "ab" * 32)
    chain.aliasd.restart()

    def has_failed():
        """Also the first answers after a restart may be failures, of connections that broke."""
        chain.ask(full_name("v4"), "A")
        return "A: failing (bogus: " in chain.aliasd.log()

    environment.wait_until(has_failed, 20, "a bogus answer", interval=0.2)
    environment.wait_until(
        lambda: query.addresses(chain.ask(full_name("v4"), "A"), strict=False) == ["192.0.2.4"], 10,
        "the last good answer")
