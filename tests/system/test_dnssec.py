"""Signed zones validate, with delv and in a validating resolver: each kind of answer in each kind
of zone, and above all the addresses that the daemon puts in for ALIAS."""

import random

import dns.rdatatype
import pytest

from lib import denial, environment, query
from lib.validation import Validator

ZONE = "example.test"
NSEC3PARAM = {"nsec3": "1 0 1 ab", "optout": "1 1 0 -", "narrow": "1 0 0 -"}
ROWS = [("", "MX", f"mail.{ZONE}", 60, 10), ("mail", "A", "192.0.2.25"),
        ("www", "A", "192.0.2.1"), ("www", "TXT", '"text"'), ("*.wild", "A", "192.0.2.7"),
        ("real.wild", "TXT", '"real"'), ("a.b.c", "TXT", '"deep"'),
        ("sub", "NS", f"ns.sub.{ZONE}"), ("ns.sub", "A", "192.0.2.54"),
        ("secure", "NS", f"ns1.{ZONE}"), ("secure", "DS", "1 13 2 " + "ab" * 32),
        ("below.cut", "NS", f"ns1.{ZONE}"), ("deep.glue", "NS", f"ns.x.deep.glue.{ZONE}"),
        ("ns.x.deep.glue", "A", "192.0.2.55"), ("cut.*.stars", "NS", f"ns1.{ZONE}"), ("cname", "CNAME", f"www.{ZONE}"),
        ("dangling", "CNAME", f"absent.{ZONE}"), ("*.aliases", "CNAME", f"www.{ZONE}"),
        ("old", "DNAME", f"new.{ZONE}"), ("host.new", "A", "192.0.2.8"), ("zzz", "TXT", '"last"')]

# (owner, type, what there is instead, remarks). 'covered': the proof says that a name is missing,
# which is worth nothing where delegations may be left out. 'left out': so may be this empty
# non-terminal; the daemon has an NSEC3 for it all the same. 'chained': the answer begins with what a
# CNAME or a DNAME says, and delv's words are about that. Negative ones first: a resolver that uses
# proofs for other questions would be led astray by a wrong one.
ANSWERS = [
    ("www", "AAAA", "nxrrset", ""), ("x.wild", "AAAA", "nxrrset", "covered"),
    ("wild", "A", "nxrrset", ""), ("real.wild", "A", "nxrrset", ""), ("b.c", "TXT", "nxrrset", ""),
    ("c", "A", "nxrrset", ""), ("sub", "DS", "nxrrset", "covered"),
    ("below.cut", "DS", "nxrrset", "covered"), ("cut", "A", "nxrrset", "left out"),
    ("deep.glue", "DS", "nxrrset", "covered"), ("glue", "A", "nxrrset", "left out"),
    ("stars", "A", "nxrrset", "left out"), ("*.stars", "A", "nxrrset", "left out"),
    ("x.stars", "A", "nxrrset", "covered"),
    ("cname", "AAAA", "nxrrset", "chained"), ("x.aliases", "AAAA", "nxrrset", "chained covered"),
    ("absent", "A", "nxdomain", "covered"), ("x.www", "A", "nxdomain", "covered"),
    ("x.b.c", "A", "nxdomain", "covered"), ("x.c", "A", "nxdomain", "covered"),
    ("x.cut", "A", "nxdomain", "covered"), ("x.y.glue", "A", "nxdomain", "covered"),
    ("x.real.wild", "A", "nxdomain", "covered"), ("dangling", "A", "nxdomain", "chained covered"),
    ("absent.old", "A", "nxdomain", "chained covered"),
    ("", "MX", None, ""), ("", "SOA", None, ""), ("www", "A", None, ""),
    ("x.wild", "A", None, "covered"), ("x.y.wild", "A", None, "covered"),
    ("real.wild", "TXT", None, ""), ("a.b.c", "TXT", None, ""), ("secure", "DS", None, ""),
    ("cname", "A", None, ""), ("x.aliases", "A", None, "covered"), ("old", "DNAME", None, ""),
    ("host.old", "A", None, "chained")]


@pytest.fixture(params=["nsec", "nsec3", "optout", "narrow"])
def mode(request):
    return request.param


def secure(powerdns, mode, zone=ZONE):
    """By pdnsutil, with the backend that `powerdns` has."""
    powerdns.pdnsutil("secure-zone", zone)
    if mode in NSEC3PARAM:
        powerdns.pdnsutil("set-nsec3", zone, NSEC3PARAM[mode],
                          *(["narrow"] if mode == "narrow" else []))


def insert(zones_db, rows, zone=ZONE):
    zones_db.sql("\n".join(zones_db.insert_statement(zone, *row) for row in rows))


def put_in_order(backend, *zones):
    if backend.is_aliasd:
        backend.zones_db.wait_until_in_order()
    else:
        util = backend.util()
        for zone in zones or [ZONE]:
            util.pdnsutil("rectify-zone", zone)


def full_name(owner):
    return f"{owner}.{ZONE}" if owner else ZONE


def assert_all_valid(answers, mode, powerdns, validator, resolver, is_aliasd=True):
    """By delv too, if it is the daemon's answers: one in three, by the run's seed, since each is a
    process of its own."""
    chosen = random.Random(f"{environment.SEED} {mode}")
    for owner, kind, negative, remarks in answers:
        is_secure = mode != "optout" or not (
            "covered" in remarks or "left out" in remarks and not is_aliasd)
        resolver.assert_answer(full_name(owner), kind, negative, is_secure)
        if is_aliasd and "chained" not in remarks and chosen.random() < 1 / 3:
            validator.assert_valid(powerdns, full_name(owner), kind, negative, is_secure)


def test_every_kind_of_answer_validates(folder, zones_db, backend, make_resolver, mode):
    """The keys come in through the backend itself, the rows after them by the sqlite3 shell."""
    zones_db.add_zone(ZONE)
    powerdns = backend.start(dname_processing="yes")
    secure(powerdns, mode)
    insert(zones_db, ROWS)
    put_in_order(backend)
    assert_all_valid(ANSWERS, mode, powerdns, Validator(folder, powerdns, ZONE),
                     make_resolver(powerdns, ZONE), backend.is_aliasd)


def test_trust_goes_on_into_child_zones(zones_db, backend, make_resolver, mode):
    """The resolver knows the parent's key alone: it needs the DS, or a proof that there is none."""
    zones_db.add_zone(ZONE)
    for zone in (f"signed.{ZONE}", f"plain.{ZONE}"):
        zones_db.add_zone(zone, [("www", "A", "192.0.2.9")])
    powerdns = backend.start()
    secure(powerdns, mode)
    secure(powerdns, mode, f"signed.{ZONE}")
    insert(zones_db, [(owner, "NS", f"ns1.{owner}.{ZONE}") for owner in ("signed", "plain")])
    insert(zones_db, [("signed", "DS", ds) for ds in exported_ds(powerdns, f"signed.{ZONE}")])
    put_in_order(backend, ZONE, f"signed.{ZONE}", f"plain.{ZONE}")
    resolver = make_resolver(powerdns, ZONE, f"signed.{ZONE}", f"plain.{ZONE}", trusted=[ZONE])
    resolver.assert_answer(f"www.signed.{ZONE}", "A")
    resolver.assert_answer(f"www.signed.{ZONE}", "AAAA", "nxrrset")
    resolver.assert_answer(f"absent.signed.{ZONE}", "A", "nxdomain", is_secure=mode != "optout")
    resolver.assert_answer(f"www.plain.{ZONE}", "A", is_secure=False)
    resolver.assert_answer(f"absent.plain.{ZONE}", "A", "nxdomain", is_secure=False)


def exported_ds(powerdns, zone):
    """The contents of its DS records that have a SHA-256 digest."""
    lines = powerdns.pdnsutil("export-zone-ds", zone).splitlines()
    found = [line.split(" IN DS ")[1].split(" ;")[0] for line in lines if " IN DS " in line]
    assert found, lines
    return [" ".join(ds.split()) for ds in found if ds.split()[2] == "2"]


# ALIAS

ALIASES = [("", "ALIAS", "web.target.test"), ("www", "ALIAS", "web.target.test"),
           ("v4", "ALIAS", "v4.target.test"), ("v6", "ALIAS", "v6.target.test"),
           ("beside", "ALIAS", "v4.target.test"), ("beside", "TXT", '"beside"'),
           ("*.wild", "ALIAS", "web.target.test"), ("*.wild4", "ALIAS", "v4.target.test"),
           ("only.alias.empty", "ALIAS", "web.target.test"), ("gone", "ALIAS", "gone.target.test"),
           ("cname", "CNAME", f"www.{ZONE}"), ("cut.deep", "NS", f"ns.cut.deep.{ZONE}"),
           ("ns.cut.deep", "A", "192.0.2.54"), ("zzz", "TXT", '"last"')]
TARGETS = [("web", "A", "192.0.2.1", 50), ("web", "AAAA", "2001:db8::1", 50),
           ("v4", "A", "192.0.2.4", 1), ("v6", "AAAA", "2001:db8::6")]
ALIAS_ANSWERS = [
    ("v4", "AAAA", "nxrrset", ""), ("v6", "A", "nxrrset", ""), ("gone", "A", "nxrrset", ""),
    ("gone", "AAAA", "nxrrset", ""), ("beside", "AAAA", "nxrrset", ""),
    ("v4", "TYPE65401", "nxrrset", ""), ("", "TXT", "nxrrset", ""), ("www", "MX", "nxrrset", ""),
    ("x.wild4", "AAAA", "nxrrset", "covered"), ("x.wild", "MX", "nxrrset", "covered"),
    ("alias.empty", "A", "nxrrset", ""), ("empty", "AAAA", "nxrrset", ""),
    ("deep", "A", "nxrrset", "left out"), ("x.deep", "A", "nxdomain", "covered"),
    ("x.alias.empty", "A", "nxdomain", "covered"),
    ("x.www", "A", "nxdomain", "covered"), ("absent", "A", "nxdomain", "covered"),
    ("", "A", None, ""), ("", "AAAA", None, ""), ("www", "A", None, ""), ("www", "AAAA", None, ""),
    ("v4", "A", None, ""), ("v6", "AAAA", None, ""), ("beside", "A", None, ""),
    ("beside", "TXT", None, ""), ("only.alias.empty", "AAAA", None, ""),
    ("x.wild", "A", None, "covered"), ("x.y.wild", "AAAA", None, "covered"),
    ("x.wild4", "A", None, "covered"), ("cname", "A", None, ""), ("cname", "AAAA", None, "")]


@pytest.fixture
def chain(zones_db, make_chain, make_powerdns, mode):
    """With keys that pdnsutil puts in on gsqlite3, and rows that no rectify-zone has seen."""
    zones_db.add_zone(ZONE)
    secure(make_powerdns(name="util", gsqlite3=zones_db.path, start=False), mode)
    insert(zones_db, ALIASES)
    # Nothing is resolved before it is asked for.
    chain = make_chain(TARGETS, refresh_idle=0)
    zones_db.wait_until_in_order()
    return chain


def test_expanded_addresses_validate_and_so_does_what_an_alias_lacks(folder, chain, make_resolver,
                                                                     mode):
    """Also for names that exist only because an ALIAS, or a delegation, is below them."""
    assert_all_valid(ALIAS_ANSWERS, mode, chain.powerdns, Validator(folder, chain.powerdns, ZONE),
                     make_resolver(chain.powerdns, ZONE))


# (owner, name asked for, its type, what the denial lists). Nothing at all: a name that has an ALIAS
# alone; None: an empty non-terminal, for which there is no NSEC.
BITMAPS = [("v4", "v4", "AAAA", {"A"}), ("v6", "v6", "A", {"AAAA"}),
           ("www", "www", "MX", {"A", "AAAA"}), ("beside", "beside", "AAAA", {"A", "TXT"}),
           ("*.wild4", "x.wild4", "AAAA", {"A"}), ("gone", "gone", "A", set()),
           ("alias.empty", "alias.empty", "A", None),
           ("", "", "TXT", {"A", "AAAA", "NS", "SOA", "DNSKEY"})]


def test_denial_lists_what_is_there_and_no_other(chain, mode):
    for owner, asked, kind, expected in BITMAPS:
        response = chain.ask(full_name(asked), kind, do=True, tcp=True)
        types = denial.types_at(response, full_name(owner))
        if mode == "nsec":
            # PowerDNS lists an empty non-terminal's lack of a type as type 0 there.
            assert types == expected or types - {"TYPE0"} == expected | {"NSEC", "RRSIG"}, response
        else:
            assert types - {"NSEC3PARAM"} == (expected | {"RRSIG"} if expected else set()), response


def test_alias_that_was_never_resolved_is_a_valid_nodata(folder, chain, make_resolver, mode):
    chain.upstream.stop()
    validator = Validator(folder, chain.powerdns, ZONE)
    resolver = make_resolver(chain.powerdns, ZONE)
    assert_all_valid([("www", "A", "nxrrset", ""), ("www", "AAAA", "nxrrset", ""),
                      ("x.wild", "A", "nxrrset", "covered"), ("", "A", "nxrrset", ""),
                      ("beside", "TXT", None, ""), ("absent", "A", "nxdomain", "covered")],
                     mode, chain.powerdns, validator, resolver)
    types = denial.types_at(chain.ask(full_name("beside"), "A", do=True, tcp=True),
                            full_name("beside"))
    assert "TXT" in types and not types & {"A", "AAAA", "TYPE65401"}


def test_stale_addresses_validate_too(folder, chain, make_resolver):
    validator = Validator(folder, chain.powerdns, ZONE)
    assert chain.addresses(full_name("v4"), "A") == ["192.0.2.4"]
    chain.upstream.stop()
    environment.wait_until(lambda: query.answer_ttls(chain.ask(full_name("v4"), "A")) == {30},
                           10, "a stale answer", interval=0.2)
    validator.assert_valid(chain.powerdns, full_name("v4"), "A")
    response = make_resolver(chain.powerdns, ZONE).assert_answer(full_name("v4"), "A")
    assert query.addresses(response) == ["192.0.2.4"]


def test_addresses_that_change_family_leave_no_false_proof(folder, chain):
    """Proofs are made of what is there as the question comes."""
    validator = Validator(folder, chain.powerdns, ZONE)
    validator.assert_valid(chain.powerdns, full_name("v4"), "AAAA", "nxrrset")
    chain.upstream.set_records([("v4", "AAAA", "2001:db8::4", 1)])
    environment.wait_until(
        lambda: query.is_nodata(chain.ask(full_name("v4"), "A"))
        and chain.addresses(full_name("v4"), "AAAA"), 10, "the other family", interval=0.2)
    validator.assert_valid(chain.powerdns, full_name("v4"), "AAAA")
    validator.assert_valid(chain.powerdns, full_name("v4"), "A", "nxrrset")
    types = denial.types_at(chain.ask(full_name("v4"), "A", do=True, tcp=True), full_name("v4"))
    assert "AAAA" in types and "A" not in types


@pytest.mark.parametrize("mode", ["nsec", "nsec3", "optout"])
def test_signed_transfer_is_whole(chain, mode):
    """Each set of a transfer but glue and delegations has its signature. (PowerDNS hands out no
    narrow zone.)"""
    rows = chain.powerdns.transfer(ZONE)
    signed = {(owner, text.split()[0]) for owner, kind, _, text in rows if kind == "RRSIG"}
    unsigned = {(owner, kind) for owner, kind, _, _ in rows if kind != "RRSIG"} - signed
    assert unsigned == {(f"cut.deep.{ZONE}.", "NS"), (f"ns.cut.deep.{ZONE}.", "A")}
    assert {(f"www.{ZONE}.", "A"), (f"{ZONE}.", "AAAA"), (f"*.wild.{ZONE}.", "AAAA")} <= signed
    denials = {dns.rdatatype.to_text(kind) for kind in denial.DENIALS}
    assert {kind for _, kind, _, _ in rows} & denials == {"NSEC" if mode == "nsec" else "NSEC3"}
