"""Zones that Knot has signed, transferred in and served with Knot's signatures."""

import pytest

from lib import environment, query
from lib.knot import Knot
from lib.nameserver import zone_text
from lib.validation import Validator

ZONE = "signed.test"
ROWS = [("www", "A", "192.0.2.1"), ("", "MX", "mail.signed.test", 60, 10),
        ("a.b.c", "TXT", '"deep"'), ("*.wild", "A", "192.0.2.7"),
        ("sub", "NS", "ns.sub.signed.test"), ("ns.sub", "A", "192.0.2.54"),
        ("secure", "NS", "ns.elsewhere.test"), ("secure", "DS", "1 13 2 " + "ab" * 32),
        ("below.cut", "NS", "ns.elsewhere.test")]
ANSWERS = [("www", "A", None), ("", "MX", None), ("", "SOA", None), ("a.b.c", "TXT", None),
           ("x.wild", "A", None), ("x.y.wild", "A", None), ("secure", "DS", None),
           ("www", "AAAA", "nxrrset"), ("x.wild", "TXT", "nxrrset"), ("b.c", "A", "nxrrset"),
           ("c", "TXT", "nxrrset"), ("sub", "DS", "nxrrset"), ("cut", "A", "nxrrset"),
           ("absent", "A", "nxdomain"), ("x.www", "A", "nxdomain"), ("x.a.b.c", "A", "nxdomain")]


@pytest.mark.parametrize("signing", ["nsec", "nsec3"])
def test_presigned_zone_comes_in_validates_and_changes(folder, zones_db, backend, make_nameserver,
                                                       signing):
    primary = make_nameserver(Knot, name="primary")
    powerdns = backend.start(start=False, secondary="yes", **{"xfr-cycle-interval": 1})
    primary.add_zone(ZONE, text=zone_text(ZONE, ROWS), signing=signing,
                     notify=[(powerdns.address, powerdns.port)])
    primary.start()
    environment.wait_until(lambda: primary.ask(ZONE, "DNSKEY").answer, 15, "the zone to be signed")
    zones_db.sql("INSERT INTO domains(name,type,master) "
                 f"VALUES('{ZONE}','SLAVE','{primary.address}:{primary.port}');")
    powerdns.start()
    environment.wait_until(lambda: query.serial(*powerdns_at(powerdns)) == primary.serial(ZONE), 15,
                           "the zone to come in")
    assert_served(folder, primary, powerdns, ANSWERS)
    kinds = zones_db.sql("SELECT kind FROM domainmetadata ORDER BY kind;").split()
    assert kinds == (["NSEC3PARAM", "PRESIGNED"] if signing == "nsec3" else ["PRESIGNED"])
    old = primary.serial(ZONE)
    primary.set_zone(ZONE, zone_text(ZONE, ROWS[1:] + [("x.y.new", "A", "192.0.2.2")], serial=2))
    environment.wait_until(lambda: query.serial(*powerdns_at(powerdns)) not in (None, old), 15,
                           "the change to come in")
    assert_served(folder, primary, powerdns, [
        ("x.y.new", "A", None), ("y.new", "A", "nxrrset"), ("www", "A", "nxdomain"),
        ("secure", "DS", None)])


def powerdns_at(powerdns):
    return powerdns.address, powerdns.port, ZONE


def assert_served(folder, primary, powerdns, answers):
    validator = Validator(folder, primary, ZONE)
    for owner, kind, negative in answers:
        name = f"{owner}.{ZONE}" if owner else ZONE
        validator.assert_valid(powerdns, name, kind, negative)
    assert powerdns.transfer(ZONE) == primary.transfer(ZONE)
    for name in ("www.sub", "x.below.cut"):
        response = powerdns.ask(f"{name}.{ZONE}", "A", do=True, tcp=True)
        assert not response.answer and not query.dns.flags.AA & response.flags
        assert {"NS", "RRSIG"} <= set(query.section_types(response.authority))
