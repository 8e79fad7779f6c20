"""A real NSD, Knot and BIND as secondaries of zones with ALIAS rows: they get the addresses, and
hear of every change, by NOTIFY alone."""

import re
import time

import dns.exception
import dns.query
import pytest

from lib import environment, primary, query
from lib.bind import Bind
from lib.knot import Knot
from lib.nameserver import Key
from lib.nsd import Nsd
from lib.upstream import SERVFAIL_ZONE
from lib.validation import Validator

ZONE = "example.test"
WWW = f"www.{ZONE}"
ALL_KINDS = (Nsd, Knot, Bind)
ROWS = [("", "ALIAS", "web.target.test"), ("www", "ALIAS", "web.target.test"),
        ("*.all", "ALIAS", "web.target.test"), ("other", "ALIAS", "other.target.test"),
        ("", "MX", f"mail.{ZONE}", 60, 10), ("mail", "A", "192.0.2.25"), ("a.b.c", "TXT", '"deep"')]
OLD, NEW, NEWER = "192.0.2.31", "192.0.2.32", "192.0.2.33"
# So long that an address which is only looked at, not kept, would be asked for several times.
SEVERAL_REFRESHES = 5


def targets(address):
    return [("web", "A", address, 1), ("web", "AAAA", "2001:db8::31", 1),
            ("other", "A", "192.0.2.99", 1)]


@pytest.fixture(params=[None, Key()], ids=["plain", "tsig"])
def key(request):
    return request.param


@pytest.fixture(params=[False, True], ids=["unsigned", "nsec3"])
def is_signed(request):
    return request.param


def sign(zones_db, make_powerdns, zone=ZONE):
    util = make_powerdns(name="util", gsqlite3=zones_db.path, start=False)
    util.pdnsutil("secure-zone", zone)
    util.pdnsutil("set-nsec3", zone, "1 0 0 -")


@pytest.fixture
def zone(zones_db, make_powerdns, key, is_signed):
    zones_db.add_zone(ZONE, ROWS, kind="MASTER")
    primary.allow(zones_db, key, ZONE)
    if is_signed:
        sign(zones_db, make_powerdns)
    return ZONE


def kind_of(key, is_signed):
    return f"{'nsec3' if is_signed else 'unsigned'}, {'tsig' if key else 'plain'}"


def assert_addresses(served, address):
    """Of every secondary, at once, wherever the target is."""
    for server in served.secondaries:
        for name in (ZONE, WWW, f"x.all.{ZONE}"):
            assert query.addresses(server.ask(name)) == [address], (server.name, name)
            assert query.addresses(server.ask(name, "AAAA")) == ["2001:db8::31"], server.name


def assert_valid(folder, served):
    validator = Validator(folder, served.powerdns, ZONE)
    for server in served.secondaries:
        validator.assert_valid(server, WWW, "A")
        validator.assert_valid(server, f"x.all.{ZONE}", "AAAA")
        validator.assert_valid(server, WWW, "TXT", "nxrrset")
        validator.assert_valid(server, f"absent.{ZONE}", "A", "nxdomain")


def without_chance(rows):
    """No signatures, which differ each time, and no TTLs, which tell what is stale."""
    return sorted((owner, kind, content.split()[0] if kind == "RRSIG" else content)
                  for owner, kind, _, content in rows)


def restart(served):
    """The daemon, and PowerDNS, which may have ended without it."""
    served.powerdns.stop()
    served.aliasd.restart()
    served.powerdns.start()


def transferred_addresses(server, name, key=None):
    return sorted(content for owner, kind, _, content in server.transfer(ZONE, key)
                  if owner == f"{name}." and kind in ("A", "AAAA"))


def test_secondaries_follow_a_target_and_keep_its_addresses(folder, zone, key, is_signed,
                                                            make_primary):
    served = make_primary(targets(OLD), ALL_KINDS, key)
    served.wait_for_addresses(WWW, [OLD])
    before = served.settle()[zone]

    served.upstream.set_records(targets(NEW))
    took = served.wait_for_addresses(WWW, [NEW])
    environment.report(f"secondaries ({kind_of(key, is_signed)}): NSD, Knot and BIND had a target's "
                       f"new address {took:.1f} s after the upstream (TTL 1)")
    assert served.settle()[zone] == before + 1
    assert_addresses(served, NEW)
    if is_signed:
        assert_valid(folder, served)
    expected = without_chance(served.powerdns.transfer(zone, key))
    for server in served.secondaries:
        assert without_chance(server.transfer(zone, key)) == expected, server.name

    # It dies: nothing changes for anybody.
    served.upstream.stop()
    time.sleep(SEVERAL_REFRESHES)
    assert served.served(zone) == [before + 1] * 4 and served.serial(zone) == before + 1
    assert_addresses(served, NEW)

    # And comes back with another address, without anybody asking.
    served.upstream.set_records(targets(NEWER))
    served.upstream.start()
    took = served.wait_for_addresses(WWW, [NEWER])
    environment.report(f"secondaries ({kind_of(key, is_signed)}): NSD, Knot and BIND had it {took:.1f} "
                       "s after a dead upstream was back (retry-max 1)")
    assert served.settle()[zone] == before + 2
    assert_addresses(served, NEWER)


def test_restart_without_an_upstream_changes_nothing(zones_db, make_primary):
    zones_db.add_zone(ZONE, ROWS, kind="MASTER")
    primary.allow(zones_db, None, ZONE)
    served = make_primary(targets(OLD), [Nsd])
    served.wait_for_addresses(WWW, [OLD])
    before = served.settle()[ZONE]
    served.upstream.stop()
    restart(served)
    for _ in range(2):
        assert transferred_addresses(served.powerdns, WWW) == [OLD, "2001:db8::31"]
        assert served.serial(ZONE) == before
        time.sleep(SEVERAL_REFRESHES / 2)
    assert served.serial(ZONE) == before
    # What changed meanwhile is heard of.
    served.upstream.set_records(targets(NEW))
    served.upstream.start()
    served.wait_for_addresses(WWW, [NEW])
    assert served.settle()[ZONE] == before + 1


def test_order_and_ttl_of_addresses_are_no_change(zones_db, make_primary):
    zones_db.add_zone(ZONE, ROWS, kind="MASTER")
    primary.allow(zones_db, None, ZONE)
    rows = [("web", "A", OLD, 1), ("web", "A", NEW, 1)]
    served = make_primary(rows, [Nsd])
    served.wait_for_addresses(WWW, [OLD, NEW])
    before = served.settle()[ZONE]
    asked = served.upstream.count("web.target.test")
    served.upstream.set_records([("web", "A", NEW, 2), ("web", "A", OLD, 2)])
    environment.wait_until(lambda: served.upstream.count("web.target.test") >= asked + 4, 20,
                           "the target to be asked for again, several times")
    assert served.serial(ZONE) == before
    # One of them gone is one.
    served.upstream.set_records([("web", "A", NEW, 1)])
    served.wait_for_addresses(WWW, [NEW])
    assert served.serial(ZONE) == before + 1


# One that can't be resolved, among many


GOOD_NAMES, GOOD_TARGETS = 1000, 100
BAD = f"bad.{ZONE}"


def good_address(number):
    return f"198.51.100.{number % GOOD_TARGETS}"


def good_rows():
    return [(f"n{i}", "ALIAS", f"t{i % GOOD_TARGETS}.target.test", 60) for i in range(GOOD_NAMES)]


def good_targets():
    return [(f"t{i}", "A", good_address(i), 600) for i in range(GOOD_TARGETS)]


def set_bad_row(zones_db, target):
    zones_db.sql(f"DELETE FROM records WHERE name='{BAD}';"
                 + zones_db.insert_statement(ZONE, "bad", "ALIAS", target))


def good_addresses(rows):
    """How many of the good names a transfer has with the right address."""
    expected = {f"n{i}.{ZONE}.": good_address(i) for i in range(GOOD_NAMES)}
    return sum(expected.get(owner) == content for owner, kind, _, content in rows if kind == "A")


def wait_until_resolved(served):
    """The transfer has all that there is; the first one may come before it is known."""
    environment.wait_until(lambda: good_addresses(served.powerdns.transfer(ZONE)) == GOOD_NAMES, 20,
                           "all good targets in a transfer", interval=0.5)


@pytest.mark.parametrize("target", [f"x.{SERVFAIL_ZONE}", "x.silent.target.test"],
                         ids=["servfail", "silent"])
def test_one_alias_that_fails_costs_a_transfer_only_itself(zones_db, make_primary, target):
    zones_db.add_zone(ZONE, good_rows(), kind="MASTER")
    set_bad_row(zones_db, target)
    primary.allow(zones_db, None, ZONE)
    # Nothing is cached for the transfer: it is what the daemon gives now.
    served = make_primary(good_targets(), ALL_KINDS)
    served.upstream.silence("silent.target.test.")
    wait_until_resolved(served)
    served.settle()
    rows = served.powerdns.transfer(ZONE)
    assert good_addresses(rows) == GOOD_NAMES
    assert f"{BAD}." not in {owner for owner, *_ in rows}
    for server in served.secondaries:
        assert good_addresses(server.transfer(ZONE)) == GOOD_NAMES, server.name


def expanding_powerdns(make_powerdns, zones_db, upstream):
    """PowerDNS's own way to send addresses."""
    return make_powerdns(name="own", gsqlite3=zones_db.path, primary="yes", expand_alias="yes",
                         outgoing_axfr_expand_alias="yes", xfr_cycle_interval=3600,
                         resolver=f"{upstream.address}:{upstream.port}")


def test_one_alias_that_fails_costs_powerdns_itself_the_transfer(zones_db, make_upstream,
                                                                 make_powerdns):
    """What the test above is about: the same zone without the daemon."""
    zones_db.add_zone(ZONE, good_rows(), kind="MASTER")
    primary.allow(zones_db, None, ZONE)
    powerdns = expanding_powerdns(make_powerdns, zones_db, make_upstream(good_targets()))
    assert good_addresses(powerdns.transfer(ZONE)) == GOOD_NAMES
    set_bad_row(zones_db, f"x.{SERVFAIL_ZONE}")
    with pytest.raises((dns.query.TransferError, dns.exception.DNSException, EOFError)) as failure:
        powerdns.transfer(ZONE)
    environment.report("one ALIAS of 1,001 fails: pdns-aliasd's transfer has the other 1,000, "
                       f"outgoing-axfr-expand-alias=yes none ({type(failure.value).__name__})")


# Many zones


ZONES = 100


def test_hundred_zones_that_share_a_target_change_by_one_step_each(zones_db, make_primary):
    names = [f"zone{i}.test" for i in range(ZONES)]
    for name in names:
        zones_db.add_zone(name, [("", "ALIAS", "web.target.test"), ("www", "ALIAS",
                                                                   "web.target.test")],
                          kind="MASTER")
    primary.allow(zones_db, None, *names)
    served = make_primary(targets(OLD), [Nsd])
    for name in names:
        served.wait_for_addresses(name, [OLD])
    before = served.settle()
    served.upstream.set_records(targets(NEW))
    begin = time.monotonic()
    for name in names:
        served.wait_for_addresses(name, [NEW])
    environment.report(f"secondaries: a hundred zones had a target's new address "
                       f"{time.monotonic() - begin:.1f} s after the upstream (TTL 1)")
    after = served.settle()
    assert after == {name: serial + 1 for name, serial in before.items()}
    assert all(set(served.served(name)) == {after[name]} for name in names)
    log = served.powerdns.log()
    assert all(re.search(f"Notification request for zone '{name}\\.?' received", log)
               for name in names)


def test_without_a_control_socket_powerdns_finds_out(zones_db, make_primary):
    """In its own interval, if its caches don't hide it."""
    zones_db.add_zone(ZONE, ROWS, kind="MASTER")
    primary.allow(zones_db, None, ZONE)
    served = make_primary(targets(OLD), ALL_KINDS, pdns_control_socket=None,
                          powerdns={"xfr_cycle_interval": 1, "cache_ttl": 0, "query_cache_ttl": 0,
                                    "negquery_cache_ttl": 0})
    served.wait_for_addresses(WWW, [OLD])
    before = served.settle()[ZONE]
    served.upstream.set_records(targets(NEW))
    served.wait_for_addresses(WWW, [NEW])
    assert served.settle()[ZONE] == before + 1
