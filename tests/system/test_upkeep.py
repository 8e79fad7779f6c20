"""The daemon keeps `ordername`, `auth` and empty non-terminals right, whoever writes to the zone
database. What is right, pdnsutil rectify-zone on gsqlite3 says, on a copy of the file."""

import random
import time

import pytest

from lib import environment, query, random_zones, zone_generator, zones_to_order
from lib.order import Order, differences
from lib.random_changes import RandomChanges
from lib.validation import Validator

ROUNDS = 4
CHANGES = 60
ZONE = "example.test"


class Rectified:
    """A copy of the zone database that pdnsutil rectifies."""

    def __init__(self, zones_db, folder, make_powerdns, name="rectified"):
        self.db = zones_db.copy_to(folder / f"{name}.db")
        self.util = make_powerdns(name=name, gsqlite3=self.db.path, start=False)

    def rectify(self):
        self.util.pdnsutil("rectify-all-zones", check=False)
        # rectify-all-zones doesn't come by them.
        for zone in self.db.sql("SELECT name FROM domains WHERE name<>lower(name) "
                                "COLLATE BINARY;").split():
            self.util.pdnsutil("rectify-zone", zone)
        return Order(self.db.path)


def assert_in_order(rectified, zones_db):
    found = differences(rectified.rectify(), Order(zones_db.path))
    assert not found, (f"{len(found)} differ ('-' pdnsutil, '+' pdns-aliasd), "
                       f"ORACLE_SEED={environment.SEED}:\n" + "\n".join(found[:20]))


# Any zones, any changes


def fill_with_random_zones(zones_db, make_powerdns, numbers):
    zones = zone_generator.make_zones(numbers) + random_zones.random_zones(numbers)
    zone_generator.fill(zones_db, zones)
    tools = make_powerdns(name="keys", gsqlite3=zones_db.path, start=False)
    zones_to_order.give_keys(zones_db, tools.pdnsutil, zones, numbers)
    zones_to_order.drop_lone_empty_non_terminals(zones_db)
    zones_to_order.spoil_order(zones_db)
    # rectify-zone doesn't see rows whose TTL isn't a number: beside others they may be left out.
    zones_db.sql("UPDATE records SET ordername=NULL,auth=1 WHERE typeof(ttl)='text';")


def apply_in_parts(zones_db, statements, numbers):
    """As several commits, one close upon the other."""
    while statements:
        count = numbers.choice((1, 2, 5, 20))
        zones_db.sql("BEGIN;" + "\n".join(statements[:count]) + "COMMIT;")
        statements = statements[count:]


@pytest.mark.timeout(600)
def test_random_zones_and_random_changes_come_to_what_rectify_makes_of_them(
        folder, zones_db, make_aliasd, make_powerdns):
    print(f"ORACLE_SEED={environment.SEED}")
    numbers = random.Random(environment.SEED)
    fill_with_random_zones(zones_db, make_powerdns, numbers)
    rectified = Rectified(zones_db, folder, make_powerdns)
    make_aliasd()
    zones_db.wait_until_in_order()
    assert_in_order(rectified, zones_db)
    changes = RandomChanges(numbers, zones_db.path)
    for _ in range(ROUNDS):
        statements = changes.statements(CHANGES)
        rectified.db.sql("\n".join(statements))
        apply_in_parts(zones_db, statements, numbers)
        zones_db.wait_until_in_order()
        assert_in_order(rectified, zones_db)


@pytest.mark.timeout(600)
def test_changes_while_the_daemon_is_down_are_caught_up_with(folder, zones_db, make_aliasd,
                                                             make_powerdns):
    print(f"ORACLE_SEED={environment.SEED}")
    numbers = random.Random(f"{environment.SEED} down")
    fill_with_random_zones(zones_db, make_powerdns, numbers)
    rectified = Rectified(zones_db, folder, make_powerdns)
    aliasd = make_aliasd()
    zones_db.wait_until_in_order()
    assert_in_order(rectified, zones_db)
    changes = RandomChanges(numbers, zones_db.path)
    for drop_triggers in (False, True):
        aliasd.stop()
        statements = changes.statements(CHANGES)
        if drop_triggers:
            zones_db.drop_triggers()
        rectified.db.sql("\n".join(statements))
        apply_in_parts(zones_db, statements, numbers)
        aliasd.start()
        aliasd.wait_for_log("all zones are in order")
        zones_db.wait_until_in_order()
        assert_in_order(rectified, zones_db)


# One zone, each kind of change


def order_of(zones_db, name):
    """(type, ordername, auth) of each row, NULLs as ''."""
    return sorted(tuple(line.split("|")) for line in zones_db.sql(
        "SELECT coalesce(type,''),coalesce(ordername,''),coalesce(auth,'') FROM records "
        f"WHERE name='{name}.{ZONE}';").splitlines())


@pytest.fixture
def served(folder, zones_db, make_aliasd, make_powerdns):
    """A signed zone, its server, and who validates what it says."""
    zones_db.add_zone(ZONE, [("www", "A", "192.0.2.1"), ("zzz", "TXT", '"last"')])
    powerdns = make_powerdns(socket=make_aliasd().socket)
    powerdns.pdnsutil("secure-zone", ZONE)
    zones_db.wait_until_in_order()
    return powerdns, Validator(folder, powerdns, ZONE)


CHANGE_BY_CHANGE = [
    ("INSERT INTO records(domain_id,name,type,content,ttl) SELECT id,'x.y.new.example.test','A',"
     "'192.0.2.2',60 FROM domains;",
     [("x.y.new", "A", None), ("y.new", "A", "nxrrset"), ("new", "TXT", "nxrrset"),
      ("absent", "A", "nxdomain"), ("z.y.new", "A", "nxdomain")]),
    ("UPDATE records SET name='x.other.example.test' WHERE name='x.y.new.example.test';",
     [("x.other", "A", None), ("other", "A", "nxrrset"), ("new", "TXT", "nxdomain"),
      ("x.y.new", "A", "nxdomain")]),
    ("UPDATE records SET type='NS',content='ns1.example.test' WHERE name='www.example.test';",
     [("www", "DS", "nxrrset"), ("x.other", "A", None), ("absent", "A", "nxdomain")]),
    ("UPDATE records SET type='ALIAS',content='nowhere.invalid' WHERE name='www.example.test';",
     [("www", "A", "nxrrset"), ("x.www", "A", "nxdomain")]),
    ("DELETE FROM records WHERE name='x.other.example.test';",
     [("x.other", "A", "nxdomain"), ("other", "A", "nxdomain"), ("zzz", "TXT", None)]),
    ("INSERT INTO domainmetadata(domain_id,kind,content) SELECT id,'NSEC3PARAM','1 0 2 beef' "
     "FROM domains;",
     [("zzz", "TXT", None), ("absent", "A", "nxdomain"), ("zzz", "A", "nxrrset")]),
    ("UPDATE domainmetadata SET content='1 0 0 -' WHERE kind='NSEC3PARAM';",
     [("absent", "A", "nxdomain"), ("zzz", "A", "nxrrset")]),
    ("DELETE FROM domainmetadata WHERE kind='NSEC3PARAM';",
     [("absent", "A", "nxdomain"), ("zzz", "A", "nxrrset")]),
]


def test_change_is_served_with_its_proofs_within_a_second(zones_db, served):
    powerdns, validator = served
    for sql, answers in CHANGE_BY_CHANGE:
        zones_db.sql(sql)
        committed = time.monotonic()
        zones_db.wait_until_in_order(timeout=5)
        assert time.monotonic() - committed < environment.SLACK, sql
        for owner, kind, negative in answers:
            validator.assert_valid(powerdns, f"{owner}.{ZONE}", kind, negative)


def test_zone_added_as_a_whole_is_served_with_its_proofs_within_a_second(folder, zones_db, served):
    powerdns, _ = served
    zones_db.sql(
        "BEGIN; INSERT INTO domains(name,type) VALUES('other.test','NATIVE');"
        "INSERT INTO cryptokeys(domain_id,flags,active,published,content) SELECT domains.id,flags,"
        "active,published,cryptokeys.content FROM cryptokeys,domains WHERE name='other.test';"
        "INSERT INTO records(domain_id,name,type,content,ttl) SELECT domains.id,"
        "replace(records.name,'example','other'),records.type,replace(content,'example','other'),"
        "ttl FROM records,domains WHERE domains.name='other.test' AND records.type IS NOT NULL;"
        "COMMIT;")
    committed = time.monotonic()
    zones_db.wait_until_in_order(timeout=5)
    assert time.monotonic() - committed < environment.SLACK
    validator = Validator(folder, powerdns, "other.test")
    validator.assert_valid(powerdns, "www.other.test", "A")
    validator.assert_valid(powerdns, "absent.other.test", "A", "nxdomain")


def test_queries_go_on_while_a_zone_is_put_in_order(zones_db, served):
    powerdns, _ = served
    zones_db.sql("UPDATE records SET ordername='wrong',auth=0;")
    for _ in range(20):
        assert query.rcode(powerdns.ask(f"zzz.{ZONE}", "TXT")) == "NOERROR"
    zones_db.wait_until_in_order()
    assert order_of(zones_db, "www") == [("A", "www", "1")]


# Empty non-terminals


def test_empty_non_terminals_come_and_go_with_what_is_below(zones_db, make_aliasd, zone_kind):
    make_aliasd()
    zones_db.wait_until_in_order()
    assert zones_db.empty_names() == [f"b.c.{ZONE}", f"c.{ZONE}"]
    zones_db.sql(f"UPDATE records SET name='a.d.c.{ZONE}' WHERE name='a.b.c.{ZONE}';")
    zones_db.wait_until_in_order()
    assert zones_db.empty_names() == [f"c.{ZONE}", f"d.c.{ZONE}"]
    zones_db.insert(ZONE, "c", "TXT", '"no longer empty"')
    zones_db.wait_until_in_order()
    assert zones_db.empty_names() == [f"d.c.{ZONE}"]
    zones_db.sql(f"UPDATE records SET disabled=1 WHERE name='a.d.c.{ZONE}';")
    zones_db.wait_until_in_order()
    assert zones_db.empty_names() == []


def test_a_users_empty_non_terminal_stays_needed_or_not(zones_db, make_aliasd, zone_kind):
    make_aliasd()
    zones_db.wait_until_in_order()
    zones_db.sql("INSERT INTO records(domain_id,name,type) "
                 f"SELECT id,'own.{ZONE}',NULL FROM domains;")
    zones_db.wait_until_in_order()
    zones_db.insert(ZONE, "below.own", "A", "192.0.2.1")
    zones_db.wait_until_in_order()
    zones_db.sql(f"DELETE FROM records WHERE name='below.own.{ZONE}';")
    zones_db.wait_until_in_order()
    assert f"own.{ZONE}" in zones_db.empty_names()


def test_empty_non_terminal_that_a_user_has_changed_is_the_users(zones_db, make_aliasd, zone_kind):
    make_aliasd()
    zones_db.wait_until_in_order()
    zones_db.sql(f"UPDATE records SET name='kept.{ZONE}' WHERE name='b.c.{ZONE}';")
    zones_db.wait_until_in_order()
    zones_db.sql(f"DELETE FROM records WHERE name='a.b.c.{ZONE}';")
    zones_db.wait_until_in_order()
    assert zones_db.empty_names() == [f"kept.{ZONE}"]


def test_empty_non_terminals_left_by_rectify_zone_are_adopted(zones_db, make_aliasd, make_powerdns,
                                                              zone_kind):
    util = make_powerdns(name="rectify", gsqlite3=zones_db.path, start=False)
    util.pdnsutil("rectify-zone", ZONE)
    assert zones_db.empty_names() == [f"b.c.{ZONE}", f"c.{ZONE}"]
    make_aliasd()
    zones_db.wait_until_in_order()
    assert zones_db.empty_names() == [f"b.c.{ZONE}", f"c.{ZONE}"]
    zones_db.sql(f"DELETE FROM records WHERE name='a.b.c.{ZONE}';")
    zones_db.wait_until_in_order()
    assert zones_db.empty_names() == []


@pytest.mark.parametrize("is_signed_after", [True, False], ids=["signed", "unsigned"])
def test_keys_decide_about_ordernames(zones_db, make_aliasd, make_powerdns, is_signed_after):
    """An empty non-terminal is needed in each zone."""
    zones_db.add_zone(ZONE, [("a.b", "A", "192.0.2.1")])
    make_aliasd()
    util = make_powerdns(name="util", gsqlite3=zones_db.path, start=False)
    if not is_signed_after:
        util.pdnsutil("secure-zone", ZONE)
    zones_db.wait_until_in_order()
    if is_signed_after:
        assert order_of(zones_db, "a.b") == [("A", "", "1")]
        util.pdnsutil("add-zone-key", ZONE, "ksk", "active", "ecdsa256")
    else:
        assert order_of(zones_db, "a.b") == [("A", "b a", "1")]
        zones_db.sql("DELETE FROM cryptokeys;")
    zones_db.wait_until_in_order()
    assert order_of(zones_db, "a.b") == [("A", "b a" if is_signed_after else "", "1")]
    assert order_of(zones_db, "b") == [("", "", "1")]
