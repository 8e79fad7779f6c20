"""PowerDNS on gsqlite3 and PowerDNS on pdns-aliasd, on the same file, give the same answers."""

import os
import random
import secrets

import pytest

from lib import oracle, zone_generator

QUERIES = int(os.environ.get("ORACLE_QUERIES", "2500"))


@pytest.fixture
def seed():
    value = int(os.environ.get("ORACLE_SEED", secrets.randbelow(1 << 32)))
    print(f"ORACLE_SEED={value}")
    return value


def secure(pdnsutil, zones):
    for zone in zones:
        if zone.secure:
            pdnsutil("secure-zone", zone.name)
        if zone.secure == "nsec3":
            pdnsutil("set-nsec3", zone.name, "1 0 1 ab")
        elif zone.secure == "optout":
            pdnsutil("set-nsec3", zone.name, "1 1 0 -")
        elif zone.secure == "narrow":
            pdnsutil("set-nsec3", zone.name, "1 0 0 -", "narrow")
    pdnsutil("rectify-all-zones", check=False)


@pytest.fixture
def filled(zones_db, make_powerdns, seed):
    """The generator's random numbers, the zones and the names in them; rectified and signed."""
    numbers = random.Random(seed)
    zones = zone_generator.make_zones(numbers)
    zone_generator.fill(zones_db, zones)
    helper = make_powerdns(name="util", gsqlite3=zones_db.path, start=False)
    secure(helper.pdnsutil, zones)
    # A row put in by hand after that: no ordername, auth as it comes.
    zones_db.insert("plain.test", "late", "A", "192.0.2.111")
    zones_db.insert("wild.test", "late", "A", "192.0.2.112", auth=0)
    names = zones_db.sql("SELECT DISTINCT lower(name) FROM records;").splitlines()
    return numbers, zones, names


def assert_no_difference(found, asked):
    assert not found, (f"{len(found)} of {asked} answers differ ('-' gsqlite3, '+' pdns-aliasd):\n"
                       + "\n".join(found[:12]))


@pytest.mark.parametrize("caches", [False, True], ids=["caches_off", "caches_at_default"])
@pytest.mark.parametrize("dnssec", ["yes", "no"], ids=["dnssec", "plain"])
def test_answers_and_transfers_equal_those_of_gsqlite3(zones_db, filled, make_aliasd,
                                                       make_powerdns, caches, dnssec):
    numbers, zones, names = filled
    aliasd = make_aliasd()
    tested = make_powerdns(name="remote", socket=aliasd.socket, caches=caches,
                           remote_dnssec=dnssec)
    gsqlite3 = make_powerdns(name="gsqlite3", gsqlite3=zones_db.path, caches=caches,
                             gsqlite3_dnssec=dnssec)
    questions = [oracle.Question(numbers, name, dnssec == "yes")
                 for name in oracle.names_to_ask(numbers, names, QUERIES)]
    assert len(questions) > 0.9 * QUERIES
    assert_no_difference(
        oracle.compare_answers(gsqlite3, tested, questions, is_case_exact=not caches),
        len(questions))
    assert_no_difference(
        oracle.compare_transfers(gsqlite3, tested, [zone.name for zone in zones]), len(zones))
