"""PowerDNS as the primary of a real NSD and a real Knot."""

import time

import dns.query
import dns.tsig
import pytest

from lib import environment, query
from lib.knot import Knot
from lib.nameserver import Key
from lib.nsd import Nsd
from lib.validation import Validator

ZONE = "example.test"
PRIMARY = {"primary": "yes", "xfr-cycle-interval": 1, "allow-axfr-ips": ""}
ROWS = [("www", "A", "192.0.2.1"), ("", "MX", "mail.example.test", 60, 10),
        ("a.b.c", "TXT", '"deep"'), ("*.wild", "A", "192.0.2.7"),
        ("sub", "NS", "ns.sub.example.test"), ("ns.sub", "A", "192.0.2.54")]
RAISED = "UPDATE records SET content=replace(content,'test 1 ','test 2 ') WHERE type='SOA';"


@pytest.fixture(params=[Nsd, Knot], ids=["nsd", "knot"])
def secondary_kind(request):
    return request.param


@pytest.fixture(params=[None, Key()], ids=["plain", "tsig"])
def key(request):
    return request.param


def metadata(kind, content):
    return (f"INSERT INTO domainmetadata(domain_id,kind,content) SELECT id,'{kind}','{content}' "
            f"FROM domains WHERE name='{ZONE}';")


def add_primary_zone(zones_db, secondary=None, key=None, rows=ROWS):
    zones_db.add_zone(ZONE, rows, kind="MASTER")
    if key:
        zones_db.sql(key.statement() + metadata("TSIG-ALLOW-AXFR", key.name))
    else:
        zones_db.sql(metadata("ALLOW-AXFR-FROM", environment.own_address()))
    if secondary:
        zones_db.sql(metadata("ALSO-NOTIFY", f"{secondary.address}:{secondary.port}"))


def start_pair(backend, secondary, key=None, **options):
    powerdns = backend.start(start=False, **{**PRIMARY, **options})
    secondary.add_zone(ZONE, primary=(powerdns.address, powerdns.port), key=key)
    powerdns.start()
    secondary.start()
    secondary.wait_for_serial(ZONE, 1)
    return powerdns


def times_told(powerdns):
    return powerdns.log().count("Queued also-notification of domain 'example.test'")


def test_raised_serial_is_told_once_and_fetched(zones_db, backend, make_nameserver, secondary_kind,
                                                key):
    secondary = make_nameserver(secondary_kind, name="secondary")
    add_primary_zone(zones_db, secondary, key)
    powerdns = start_pair(backend, secondary, key)
    assert secondary.transfer(ZONE, key) == powerdns.transfer(ZONE, key)
    environment.wait_until(lambda: times_told(powerdns) == 1, 5, "the first notification")
    zones_db.sql("BEGIN;" + zones_db.insert_statement(ZONE, "new", "A", "192.0.2.8")
                 + "DELETE FROM records WHERE name='www.example.test';" + RAISED + "COMMIT;")
    secondary.wait_for_serial(ZONE, 2)
    assert secondary.transfer(ZONE, key) == powerdns.transfer(ZONE, key)
    assert query.addresses(secondary.ask("new.example.test")) == ["192.0.2.8"]
    # Nothing to tell in the cycles that follow.
    time.sleep(2.5)
    assert times_told(powerdns) == 2, powerdns.log()
    assert zones_db.sql("SELECT notified_serial FROM domains;") == "2\n"
    assert "acknowledged" in powerdns.log()


def transfer_outcome(powerdns, key=None, source=None):
    try:
        messages = dns.query.xfr(
            powerdns.address, ZONE, port=powerdns.port, lifetime=10 * environment.SLACK,
            source=source, **({"keyring": key.keyring(), "keyname": key.name} if key else {}))
        return "transferred" if sum(len(message.answer) for message in messages) > 3 else "empty"
    except dns.query.TransferError as error:
        return f"rcode {error.rcode}"
    except (dns.tsig.PeerError, dns.exception.FormError, EOFError) as error:
        return type(error).__name__


def test_transfers_are_refused_to_others(zones_db, backend):
    """By address where ALLOW-AXFR-FROM says so, by key where TSIG-ALLOW-AXFR does."""
    own, other = environment.own_address(), "127.0.0.99"
    key, unknown, wrong = Key(), Key("unknown-key"), Key(secret="d3Jvbmcga2V5IHdyb25nIGtleQ==")
    add_primary_zone(zones_db)
    powerdns = backend.start(**PRIMARY)
    assert transfer_outcome(powerdns, source=own) == "transferred"
    assert transfer_outcome(powerdns, source=other) != "transferred"
    zones_db.sql("DELETE FROM domainmetadata;")
    assert transfer_outcome(powerdns, source=own) != "transferred"
    zones_db.sql(key.statement() + metadata("TSIG-ALLOW-AXFR", key.name))
    assert transfer_outcome(powerdns, key) == "transferred"
    assert transfer_outcome(powerdns, wrong) != "transferred"
    assert transfer_outcome(powerdns, unknown) != "transferred"
    assert transfer_outcome(powerdns) != "transferred"


def test_key_put_in_by_pdnsutil_allows_transfers(zones_db, backend):
    key = Key("by-pdnsutil", "hmac-sha512")
    zones_db.add_zone(ZONE, ROWS, kind="MASTER")
    powerdns = backend.start(**PRIMARY)
    assert transfer_outcome(powerdns, key) != "transferred"
    powerdns.pdnsutil("import-tsig-key", key.name, key.algorithm, key.secret)
    powerdns.pdnsutil("activate-tsig-key", ZONE, key.name, "primary")
    assert transfer_outcome(powerdns, key) == "transferred"
    powerdns.pdnsutil("deactivate-tsig-key", ZONE, key.name, "primary")
    assert transfer_outcome(powerdns, key) != "transferred"
    powerdns.pdnsutil("delete-tsig-key", key.name)
    assert zones_db.sql("SELECT count(*) FROM tsigkeys;") == "0\n"


@pytest.mark.parametrize("nsec3", [False, True], ids=["nsec", "nsec3"])
def test_signed_zone_validates_at_a_secondary(folder, zones_db, backend, make_nameserver, nsec3):
    secondary = make_nameserver(Nsd, name="secondary")
    add_primary_zone(zones_db, secondary)
    util = backend.util()
    util.pdnsutil("secure-zone", ZONE)
    if nsec3:
        util.pdnsutil("set-nsec3", ZONE, "1 0 0 -")
    util.pdnsutil("rectify-zone", ZONE)
    powerdns = start_pair(backend, secondary)
    validator = Validator(folder, powerdns, ZONE)
    for name, kind, negative in (("www", "A", None), ("x.wild", "A", None), ("c", "A", "nxrrset"),
                                 ("absent", "A", "nxdomain"), ("sub", "DS", "nxrrset")):
        for server in (powerdns, secondary):
            validator.assert_valid(server, f"{name}.{ZONE}", kind, negative)


@pytest.mark.parametrize("kind", [Nsd, Knot], ids=["nsd", "knot"])
def test_secondaries_get_addresses_for_alias_rows(zones_db, make_chain, make_nameserver, kind):
    secondary = make_nameserver(kind, name="secondary")
    add_primary_zone(zones_db, secondary, rows=ROWS + [("", "ALIAS", "web.target.test"),
                                                       ("*.all", "ALIAS", "web.target.test")])
    chain = make_chain([("web", "A", "192.0.2.31", 60), ("web", "AAAA", "2001:db8::31", 60)],
                       powerdns={**PRIMARY, "start": False})
    secondary.add_zone(ZONE, primary=(chain.powerdns.address, chain.powerdns.port))
    chain.powerdns.start()
    secondary.start()
    secondary.wait_for_serial(ZONE, 1)
    for name in (ZONE, f"x.all.{ZONE}"):
        assert query.addresses(secondary.ask(name, "A")) == ["192.0.2.31"]
        assert query.addresses(secondary.ask(name, "AAAA")) == ["2001:db8::31"]
    assert secondary.transfer(ZONE) == chain.powerdns.transfer(ZONE)
