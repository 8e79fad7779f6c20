"""Contents that PowerDNS can't parse: which ones they are, and what becomes of them."""

import os
import random
import secrets
import socket
import struct
import subprocess

import dns.message
import pytest

from lib import bad_contents, environment
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
    value = int(os.environ.get("ORACLE_SEED", secrets.randbelow(1 << 32)))
    print(f"ORACLE_SEED={value}")
    return value


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
