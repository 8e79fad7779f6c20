"""Contents that PowerDNS can't parse: which ones they are, and what becomes of them."""

import os
import random
import socket
import struct
import subprocess

import dns.message
import pytest

from lib import bad_contents, environment, query
from lib.zones_db import quote

CONTENTS = int(os.environ.get("BAD_ROWS_CONTENTS", "60"))
SERVFAIL = 2
ZONE = "bad.test"

# Types that dnspython 2.3 has no name for.
NUMBERED = {"RKEY": "TYPE57", "L32": "TYPE105", "LP": "TYPE107", "ZONEMD": "TYPE63",
            "DLV": "TYPE32769", "ALIAS": "TYPE65401", "MB": "TYPE7", "SMIMEA": "TYPE53"}


class Asker:
    """Asks and looks at nothing but the response code: of what some contents make, no library would
    take the rest."""

    def __init__(self, server):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(10 * environment.SLACK)
        self.socket.connect((server.address, server.port))

    def rcode(self, name, kind):
        message = dns.message.make_query(name, NUMBERED.get(kind, kind), use_edns=0, payload=4096)
        self.socket.send(message.to_wire())
        while True:
            response = self.socket.recv(65535)
            number, flags = struct.unpack("!HH", response[:4])
            if number == message.id:
                return flags & 15


def judge(rows):
    """What src/dns/rdata.c says of (type, content): "good", "bad: why" or "doubtful: why"."""
    lines = "".join(f"{kind} {content.hex()}\n" for kind, content in rows)
    done = subprocess.run([environment.build_folder() / "tests" / "judge-rdata"], input=lines,
                          capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()


def split_priority(kind, content):
    """(prio, content) as they are stored, and what PowerDNS then gets."""
    if kind not in ("MX", "SRV"):
        return None, content, content
    first, blank, rest = content.partition(b" ")
    if blank and first.isdigit() and str(int(first)).encode() == first and int(first) < 1 << 62:
        return int(first), rest, content
    return None, content, b" " + content


@pytest.fixture
def seed():
    print(f"ORACLE_SEED={environment.SEED}")
    return environment.SEED


def store(zones_db, kind, contents):
    """Each content at an owner name of its own; an SOA at a zone of its own. Returns (owner, content
    as PowerDNS gets it)."""
    statements, rows = ["BEGIN;"], []
    for number, content in enumerate(contents):
        owner = f"n{number}.{kind.lower()}.{ZONE}"
        zone = ZONE
        if kind == "SOA":
            owner = zone = f"n{number}.soa.test"
            statements.append(f"INSERT INTO domains(name,type) VALUES('{zone}','NATIVE');")
        prio, stored, whole = split_priority(kind, content)
        statements.append(
            "INSERT INTO records(domain_id,name,type,content,ttl,prio,disabled,auth) "
            f"SELECT id,'{owner}','{kind}',{quote(stored)},60,{quote(prio)},0,1 FROM domains "
            f"WHERE name='{zone}';")
        rows.append((owner, whole))
    zones_db.sql("\n".join(statements + ["COMMIT;"]))
    return rows


def compare(asker, kind, rows):
    """What differs, as lines, and the number of contents that are bad, and of those that are
    doubtful: about these the generations of PowerDNS differ."""
    faults = []
    verdicts = judge([(kind, content) for _, content in rows])
    assert len(verdicts) == len(rows)
    for (owner, content), verdict in zip(rows, verdicts):
        refused = asker.rcode(owner, kind) == SERVFAIL
        if verdict.startswith("bad" if not refused else ("good", "unknown")):
            faults.append(f"{kind} {content!r}: PowerDNS {'refuses' if refused else 'takes'} it,"
                          f" here it is {verdict}")
    return faults, *(sum(verdict.startswith(word) for verdict in verdicts)
                     for word in ("bad", "doubtful"))


def test_a_content_is_bad_if_and_only_if_powerdns_refuses_it(zones_db, make_powerdns, seed):
    zones_db.add_zone(ZONE)
    rows = {kind: store(zones_db, kind, bad_contents.contents(random.Random(f"{seed} {kind}"), kind,
                                                              CONTENTS))
            for kind in bad_contents.LAYOUTS}
    # With its zone cache, as is the default, the SOA is parsed as everything else.
    asker = Asker(make_powerdns(gsqlite3=zones_db.path, zone_cache_refresh_interval=300))
    faults, doubtful = [], 0
    for kind in rows:
        found, bad, unsure = compare(asker, kind, rows[kind])
        faults += found
        doubtful += unsure
        assert 10 < bad < len(rows[kind]) - 10, f"{kind}: {bad} of {len(rows[kind])} are bad"
    asked = sum(len(each) for each in rows.values())
    print(f"{asked} contents of {len(rows)} types, {doubtful} of them doubtful")
    assert not faults, f"{len(faults)} of {asked}:\n" + "\n".join(faults)
    assert doubtful < asked / 4


def add_zone_with_bad_rows(zones_db):
    zones_db.add_zone("example.test", [
        ("", "A", "192.0.2.300"), ("", "A", "192.0.2.1"), ("", "MX", "no-priority.example.test"),
        ("", "TXT", '"good"'), ("www", "A", "192.0.2.2"), ("www", "AAAA", "2001:db8::x"),
        ("fine", "A", "192.0.2.3")])


def answers_of(powerdns, questions):
    found = []
    for name, kind in questions:
        response = powerdns.ask(name, kind)
        found.append((query.rcode(response), sorted(
            rdata.to_text() for rrset in response.answer for rdata in rrset)))
    return found


def bad_row_lines(aliasd):
    return [line for line in aliasd.log().splitlines() if "can't parse it" in line]


def test_bad_row_at_the_apex_costs_only_itself(zones_db, make_aliasd, make_powerdns):
    add_zone_with_bad_rows(zones_db)
    questions = [("example.test", "A"), ("example.test", "MX"), ("example.test", "TXT"),
                 ("fine.example.test", "A"), ("absent.example.test", "A")]
    gsqlite3 = make_powerdns(name="gsqlite3", gsqlite3=zones_db.path,
                             zone_cache_refresh_interval=300)
    assert {rcode for rcode, _ in answers_of(gsqlite3, questions)} == {"SERVFAIL"}
    aliasd = make_aliasd()
    powerdns = make_powerdns(socket=aliasd.socket, zone_cache_refresh_interval=300)
    assert answers_of(powerdns, questions) == [
        ("NOERROR", ["192.0.2.1"]), ("NOERROR", []), ("NOERROR", ['"good"']),
        ("NOERROR", ["192.0.2.3"]), ("NXDOMAIN", [])]
    lines = bad_row_lines(aliasd)
    assert len(lines) == 2
    assert any("zone example.test: row " in line and " A '192.0.2.300'" in line
               and "not an IPv4 address; it is left out" in line for line in lines)
    assert any(" MX ' no-priority.example.test'" in line for line in lines)


def test_bad_row_elsewhere_does_what_it_does_with_gsqlite3(zones_db, make_aliasd, make_powerdns):
    add_zone_with_bad_rows(zones_db)
    zones_db.sql("DELETE FROM records WHERE name='example.test' AND type IN ('A','MX');")
    questions = [("www.example.test", "A"), ("www.example.test", "AAAA"),
                 ("www.example.test", "TXT"), ("fine.example.test", "A")]
    aliasd = make_aliasd()
    expected = answers_of(make_powerdns(name="gsqlite3", gsqlite3=zones_db.path), questions)
    powerdns = make_powerdns(socket=aliasd.socket)
    assert answers_of(powerdns, questions) == expected
    assert [rcode for rcode, _ in expected] == ["SERVFAIL"] * 3 + ["NOERROR"]
    assert answers_of(powerdns, questions) == expected
    assert len(bad_row_lines(aliasd)) == 1
    assert "it answers SERVFAIL for the name" in bad_row_lines(aliasd)[0]


def test_bad_row_is_reported_again_once_it_was_changed(zones_db, make_aliasd):
    add_zone_with_bad_rows(zones_db)
    aliasd = make_aliasd()
    with aliasd.connect() as session:
        for _ in range(3):
            session.lookup("www.example.test")
        assert len(bad_row_lines(aliasd)) == 1
        zones_db.sql("UPDATE records SET content='::g' WHERE type='AAAA';")
        session.lookup("www.example.test")
        assert len(bad_row_lines(aliasd)) == 2
        zones_db.sql("UPDATE records SET content='::1' WHERE type='AAAA';")
        assert ("AAAA", "::1") in session.records("www.example.test")
        assert len(bad_row_lines(aliasd)) == 2


def test_zone_with_a_bad_row_at_its_apex_is_transferred_without_it(zones_db, make_aliasd,
                                                                   make_powerdns):
    add_zone_with_bad_rows(zones_db)
    zones_db.sql("DELETE FROM records WHERE type='AAAA';")
    powerdns = make_powerdns(socket=make_aliasd().socket)
    rows = {(owner, kind, content) for owner, kind, _, content in powerdns.transfer("example.test")}
    assert ("example.test.", "A", "192.0.2.1") in rows and len(rows) == 7


def test_bad_soa_is_not_left_out(zones_db, make_aliasd, make_powerdns):
    """A zone above must not answer in the place of one whose SOA is broken."""
    zones_db.add_zone("example.test", [("*", "A", "192.0.2.1")])
    zones_db.add_zone("sub.example.test", [("www", "A", "192.0.2.2")])
    zones_db.sql("UPDATE records SET content='ns1.sub.example.test hostmaster.sub.example.test one'"
                 " WHERE type='SOA' AND name LIKE 'sub.%';")
    aliasd = make_aliasd()
    for name, options in (("gsqlite3", {"gsqlite3": zones_db.path}),
                          ("remote", {"socket": aliasd.socket})):
        powerdns = make_powerdns(name=name, zone_cache_refresh_interval=300, **options)
        assert query.rcode(powerdns.ask("www.sub.example.test", "A")) == "SERVFAIL"
