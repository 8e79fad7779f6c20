"""PowerDNS as a secondary of a real NSD and a real Knot."""

import socket
import threading
import time

import pytest

from lib import environment, query
from lib.cut import TransferRelay
from lib.knot import Knot
from lib.nameserver import Key, zone_text
from lib.nsd import Nsd

ZONE = "example.test"
SECONDARY = {"secondary": "yes", "xfr-cycle-interval": 1}
OLD = [("www", "A", "192.0.2.1"), ("", "MX", "mail.example.test", 60, 10),
       ("_sip._tcp", "SRV", "1 5060 www.example.test", 60, 5), ("a.b.c", "TXT", '"deep"'),
       ("*.wild", "A", "192.0.2.7"), ("sub", "NS", "ns.sub.example.test"),
       ("ns.sub", "A", "192.0.2.54"), ("gone", "A", "192.0.2.9")]
NEW = [("www", "A", "192.0.2.2"), ("", "MX", "mail.example.test", 60, 20),
       ("a.b.c", "TXT", '"deeper"'), ("new", "AAAA", "2001:db8::1"),
       ("sub", "NS", "ns.sub.example.test"), ("ns.sub", "A", "192.0.2.55")]


@pytest.fixture(params=[Nsd, Knot], ids=["nsd", "knot"])
def primary_kind(request):
    return request.param


@pytest.fixture(params=[None, Key()], ids=["plain", "tsig"])
def key(request):
    return request.param


@pytest.fixture
def primary(make_nameserver, primary_kind):
    return make_nameserver(primary_kind, name="primary")


def add_secondary_zone(zones_db, primary, key=None, zone=ZONE):
    zones_db.sql("INSERT INTO domains(name,type,master) "
                 f"VALUES('{zone}','SLAVE','{primary.address}:{primary.port}');")
    if key:
        zones_db.sql(key.statement()
                     + "INSERT INTO domainmetadata(domain_id,kind,content) SELECT id,"
                     f"'AXFR-MASTER-TSIG','{key.name}' FROM domains WHERE name='{zone}';")


def wait_for_serial(powerdns, serial, zone=ZONE, timeout=15):
    environment.wait_until(lambda: query.serial(powerdns.address, powerdns.port, zone) == serial,
                           timeout, f"serial {serial} of {zone}", interval=0.05)


def assert_equal_to(primary, powerdns, key=None, zone=ZONE):
    assert powerdns.transfer(zone) == primary.transfer(zone, key)


def test_zone_comes_in_and_follows_its_primary(zones_db, backend, primary, key):
    """At the start without a NOTIFY, since it is unfresh; after that by NOTIFY."""
    powerdns = backend.start(start=False, **SECONDARY)
    primary.add_zone(ZONE, text=zone_text(ZONE, OLD), key=key,
                     notify=[(powerdns.address, powerdns.port)])
    primary.start()
    add_secondary_zone(zones_db, primary, key)
    powerdns.start()
    wait_for_serial(powerdns, 1)
    assert_equal_to(primary, powerdns, key)
    assert powerdns.addresses("x.wild.example.test") == ["192.0.2.7"]
    assert query.is_nodata(powerdns.ask("b.c.example.test", "A"))
    primary.set_zone(ZONE, zone_text(ZONE, NEW, serial=2))
    wait_for_serial(powerdns, 2)
    assert_equal_to(primary, powerdns, key)
    assert "Received" in powerdns.log() and "NOTIFY for example.test" in powerdns.log()
    assert query.rcode(powerdns.ask("gone.example.test", "A")) == "NXDOMAIN"
    assert query.rcode(powerdns.ask("_tcp.example.test", "A")) == "NXDOMAIN"


def test_key_put_in_by_pdnsutil_is_used(zones_db, backend, primary):
    """Over the backend itself: pdnsutil's way writes tsigkeys and domainmetadata."""
    key = Key("by-pdnsutil", "hmac-sha512")
    primary.add_zone(ZONE, text=zone_text(ZONE, OLD), key=key)
    primary.start()
    add_secondary_zone(zones_db, primary)
    powerdns = backend.start(start=False, **SECONDARY)
    powerdns.pdnsutil("import-tsig-key", key.name, key.algorithm, key.secret)
    powerdns.pdnsutil("activate-tsig-key", ZONE, key.name, "secondary")
    assert zones_db.sql("SELECT name,algorithm,secret FROM tsigkeys;") == \
        f"{key.name}|{key.algorithm}|{key.secret}\n"
    powerdns.start()
    wait_for_serial(powerdns, 1)
    assert_equal_to(primary, powerdns, key)


def test_wrong_key_leaves_the_zone_as_it_is(zones_db, backend, primary):
    primary.add_zone(ZONE, text=zone_text(ZONE, OLD), key=Key())
    primary.start()
    add_secondary_zone(zones_db, primary, Key(secret="d3Jvbmcga2V5IHdyb25nIGtleSB3cm9uZyBrZXk="))
    powerdns = backend.start(**SECONDARY)
    powerdns.wait_for_log("Unable to retrieve SOA for example.test")
    assert query.serial(powerdns.address, powerdns.port, ZONE) is None
    assert powerdns.is_running()


def is_bindable(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


@pytest.mark.skipif(not is_bindable(environment.own_address(), 53), reason="no right to port 53")
@pytest.mark.parametrize("is_known", [True, False], ids=["known", "unknown"])
def test_autoprimary_adds_a_zone(zones_db, backend, primary, is_known):
    """An unknown zone is created at the NOTIFY of an autoprimary, with its account."""
    powerdns = backend.start(start=False, autosecondary="yes", **SECONDARY)
    nameserver = f"ns1.{ZONE}" if is_known else "ns.other.test"
    zones_db.sql("INSERT INTO supermasters(ip,nameserver,account) "
                 f"VALUES('{primary.address}','{nameserver}','customer 7');")
    primary.add_zone(ZONE, text=zone_text(ZONE, OLD))
    # An autoprimary has to listen on port 53: what PowerDNS knows of it is an address alone.
    primary.port = 53
    primary.zones[ZONE].notify = [(powerdns.address, powerdns.port)]
    primary.start()
    powerdns.start()
    primary.notify(ZONE)
    if not is_known:
        powerdns.wait_for_log("NOTIFY for example.test")
        time.sleep(0.5)
        assert zones_db.sql("SELECT count(*) FROM domains;") == "0\n"
        return
    wait_for_serial(powerdns, 1)
    assert_equal_to(primary, powerdns)
    assert zones_db.sql("SELECT type,master,account FROM domains;") == \
        f"SLAVE|{primary.address}|customer 7\n"


class Asker(threading.Thread):
    """Asks about one name without a pause and keeps the addresses seen, in their order."""

    def __init__(self, powerdns, name):
        super().__init__()
        self.powerdns = powerdns
        self.name = name
        self.seen = []
        self.ended = threading.Event()
        self.start()

    def run(self):
        while not self.ended.is_set():
            try:
                found = self.powerdns.ask(self.name, "A")
                answer = query.rcode(found), tuple(query.addresses(found, strict=False) or ())
            except Exception as error:  # a thread's own failure is to be seen
                answer = (type(error).__name__, ())
            if not self.seen or self.seen[-1] != answer:
                self.seen.append(answer)

    def stop(self):
        self.ended.set()
        self.join()


def test_queries_during_a_transfer_see_the_old_or_the_new_zone(zones_db, backend, make_nameserver):
    """Names at both ends of a zone of 20,000 records, and the transfer of the zone, whole."""
    def rows(number):
        return ([("aaa", "A", f"192.0.2.{number}"), ("zzz", "A", f"192.0.2.{number}")]
                + [(f"n{index}", "A", f"198.51.100.{number}") for index in range(20000)])

    primary = make_nameserver(Knot, name="primary")
    powerdns = backend.start(start=False, **SECONDARY)
    primary.add_zone(ZONE, text=zone_text(ZONE, rows(1)),
                     notify=[(powerdns.address, powerdns.port)])
    primary.start()
    add_secondary_zone(zones_db, primary)
    powerdns.start()
    wait_for_serial(powerdns, 1, timeout=30)
    askers = [Asker(powerdns, f"{name}.{ZONE}") for name in ("aaa", "zzz", "n10000")]
    try:
        for serial in (2, 3):
            primary.set_zone(ZONE, zone_text(ZONE, rows(serial), serial=serial))
            wait_for_serial(powerdns, serial, timeout=30)
            counts = zones_db.sql("SELECT content,count(*) FROM records WHERE type='A' AND "
                                  f"name LIKE 'n%' AND content LIKE '198%' GROUP BY 1;")
            assert counts == f"198.51.100.{serial}|20000\n"
    finally:
        for asker in askers:
            asker.stop()
    for asker in askers:
        network = "198.51.100" if asker.name[0] == "n" else "192.0.2"
        assert asker.seen == [("NOERROR", (f"{network}.{number}",)) for number in (1, 2, 3)]


def test_zone_stays_while_its_primary_is_down(zones_db, backend, primary):
    primary.add_zone(ZONE, text=zone_text(ZONE, OLD))
    primary.start()
    add_secondary_zone(zones_db, primary)
    powerdns = backend.start(**SECONDARY)
    wait_for_serial(powerdns, 1)
    before = powerdns.transfer(ZONE)
    primary.stop()
    make_unfresh(zones_db, lambda: "imeout" in powerdns.log(), "a check without an answer")
    powerdns.restart()
    assert powerdns.transfer(ZONE) == before
    assert powerdns.addresses("www.example.test") == ["192.0.2.1"]


def make_unfresh(zones_db, has_followed, what):
    """Has PowerDNS ask for the primary's serial in its next cycle, until what shall follow has.
    Again and again: a check that is under way writes that the zone is fresh."""
    def try_again():
        zones_db.sql("UPDATE domains SET last_check=0;")
        return has_followed()

    environment.wait_until(try_again, 40, what, interval=0.5)


@pytest.mark.parametrize("ends", ["primary", "powerdns"])
def test_a_transfer_that_is_interrupted_leaves_the_old_zone(zones_db, backend, make_nameserver,
                                                            ends):
    """By the end of the primary, or of PowerDNS itself while it receives."""
    def text(number):
        rows = [(f"n{index}", "A", f"198.51.100.{number}") for index in range(10000)]
        return zone_text(ZONE, rows, serial=number)

    primary = make_nameserver(Nsd, name="primary")
    primary.add_zone(ZONE, text=text(1))
    primary.start()
    port = environment.free_port()
    relay = TransferRelay(primary.address, port, primary.endpoint)
    zones_db.sql("INSERT INTO domains(name,type,master) "
                 f"VALUES('{ZONE}','SLAVE','{primary.address}:{port}');")
    powerdns = backend.start(**SECONDARY)
    wait_for_serial(powerdns, 1)
    before = zones_db.sql("SELECT * FROM records ORDER BY name,type,content;")
    relay.at_limit = {"primary": primary, "powerdns": powerdns}[ends].kill
    relay.limit = 100000
    primary.set_zone(ZONE, text(2))
    make_unfresh(zones_db, lambda: relay.cuts, "the cut")
    time.sleep(0.5)
    assert zones_db.sql("SELECT * FROM records ORDER BY name,type,content;") == before
    relay.limit = None
    if ends == "primary":
        assert query.serial(powerdns.address, powerdns.port, ZONE) == 1
        primary.start()
    else:
        powerdns.start()
    make_unfresh(zones_db, lambda: query.serial(powerdns.address, powerdns.port, ZONE) == 2,
                 "the transfer")
    relay.close()


def test_ixfr_brings_the_changes(zones_db, backend, make_nameserver):
    primary = make_nameserver(Knot, name="primary")
    powerdns = backend.start(start=False, **SECONDARY)
    primary.add_zone(ZONE, text=zone_text(ZONE, OLD), notify=[(powerdns.address, powerdns.port)])
    primary.start()
    add_secondary_zone(zones_db, primary)
    zones_db.sql("INSERT INTO domainmetadata(domain_id,kind,content) SELECT id,'IXFR','1' "
                 "FROM domains;")
    powerdns.start()
    wait_for_serial(powerdns, 1)
    for serial, rows in ((2, NEW), (3, OLD), (4, NEW + [("www", "A", "192.0.2.66")])):
        primary.set_zone(ZONE, zone_text(ZONE, rows, serial=serial))
        wait_for_serial(powerdns, serial)
        assert_equal_to(primary, powerdns)
    assert "IXFR" in powerdns.log()
