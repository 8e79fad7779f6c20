"""ALIAS targets inside our own zones, compared with what PowerDNS itself answers for them."""

import os
import random
import secrets
import time

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import pytest

from lib import asking, environment, hash_nameserver, oracle, query, random_zones, zone_generator
from lib.hash_nameserver import HashNameserver
from lib.zones_db import quote

SEED = int(os.environ.get("ORACLE_SEED", secrets.randbelow(1 << 32)))
NAMES = 500 if os.environ.get("ALIASD_SANITIZER_REPORTS") else 1500
ROW_TTL = 40000
FAMILIES = ("A", "AAAA")


@pytest.fixture
def outside(servers):
    """All that is asked elsewhere goes there."""
    server = HashNameserver().start()
    servers.append(server)
    return server


@pytest.fixture
def make_serving(outside, make_aliasd, make_powerdns):
    """PowerDNS on the daemon."""
    def make(**settings):
        aliasd = make_aliasd(forward=outside.forward, alias_ttl_min=0, retry_min=1, retry_max=1,
                             **settings)
        return aliasd, make_powerdns(socket=aliasd.socket, dname_processing="yes")

    return make


def ask_all(server, questions):
    """The messages for (name, type); whole ones, and None where none came."""
    wires = []
    for name, kind in questions:
        message = dns.message.make_query(name, kind, use_edns=0, payload=4096)
        wires.append((message.to_wire(), True))
    return [answer and dns.message.from_wire(answer) for answer in asking.ask_all(server, wires)]


def records(message):
    return [(rrset.name, dns.rdatatype.to_text(rrset.rdtype), rrset.ttl, rdata)
            for rrset in message.answer for rdata in rrset]


def addresses_of(message, kind):
    """({addresses}, TTL), the smallest on the way; None where PowerDNS gave up."""
    found = records(message)
    ttl = min([ROW_TTL] + [record[2] for record in found])
    addresses = {rdata.address for _, its_kind, _, rdata in found if its_kind == kind}
    return (addresses, ttl) if addresses else (set(), None)


def last_name(message, name):
    """Where the CNAMEs lead."""
    targets = {owner.canonicalize(): rdata.target for owner, kind, _, rdata in records(message)
               if kind == "CNAME"}
    name = dns.name.from_text(name)
    while name.canonicalize() in targets:
        name = targets.pop(name.canonicalize())
    return name


def has_authority(message):
    """Not a referral, not the end of what PowerDNS has zones for."""
    return any(rrset.rdtype == dns.rdatatype.SOA for rrset in message.authority)


def expected(message, name, kind, is_ours):
    """What an ALIAS to `name` has to answer, and which name is asked elsewhere for that. None: it
    can't be told from this answer."""
    rcode = dns.rcode.to_text(message.rcode())
    if rcode not in ("NOERROR", "NXDOMAIN", "REFUSED"):
        return None, None
    found = addresses_of(message, kind)
    if found[0] or has_authority(message):
        return found, None
    last = last_name(message, name)
    if is_ours(last) and not any(rrset.rdtype == dns.rdatatype.NS for rrset in message.authority):
        return None, None
    ttl = min([ROW_TTL, hash_nameserver.TTL] + [record[2] for record in records(message)])
    return ({hash_nameserver.address_of(last, kind)}, ttl), last


def add_alias_zone(zones_db, names):
    """t0, t1, ... lead to the names, and u0, u1, ... to those."""
    zones_db.add_zone("alias.test")
    rows = [(f"t{place}.alias.test", name) for place, name in enumerate(names)]
    rows += [(f"u{place}.alias.test", f"t{place}.alias.test") for place in range(len(names))]
    zones_db.sql("BEGIN;" + "".join(
        "INSERT INTO records(domain_id,name,type,content,ttl,disabled,auth) SELECT id,"
        f"{quote(owner)},'ALIAS',{quote(target)},{ROW_TTL},0,1 FROM domains WHERE "
        "name='alias.test';" for owner, target in rows) + "COMMIT;")


class Comparison:
    """What PowerDNS says of the names, and what it says of the ALIAS rows that lead there. Names of
    which it can't be told are left out."""

    def __init__(self, powerdns, names, zones):
        self.powerdns = powerdns
        self.zones = [dns.name.from_text(zone) for zone in zones]
        self.names = []
        self.answers = {}  # by place of the name, and family
        self.outside = set()
        for kinds in zip(*[iter(self.ask_for(names))] * len(FAMILIES)):
            told = [expected(message, name, kind, self.is_ours) for name, kind, message in kinds]
            if all(answer for answer, _ in told):
                self.add(kinds[0][0], told)

    def ask_for(self, names):
        questions = [(name, kind) for name in names for kind in FAMILIES]
        return [(name, kind, message) for (name, kind), message
                in zip(questions, ask_all(self.powerdns, questions))]

    def add(self, name, told):
        for kind, (answer, asked) in zip(FAMILIES, told):
            self.answers[len(self.names), kind] = answer
            if asked is not None:
                self.outside.add(asked.canonicalize().to_text(omit_final_dot=True))
        self.names.append(name)

    def is_ours(self, name):
        return any(name.is_subdomain(zone) for zone in self.zones)

    def differences(self, layer):
        """Of what has not come yet, some may come later."""
        keys = list(self.answers)
        for _ in range(8):
            messages = ask_all(self.powerdns, [(f"{layer}{place}.alias.test", kind)
                                               for place, kind in keys])
            found = {key: addresses_of(message, key[1])
                     for key, message in zip(keys, messages)
                     if addresses_of(message, key[1]) != self.answers[key]}
            keys = list(found)
            if not keys:
                break
            time.sleep(1)
        return [f"{self.names[key[0]]} {key[1]}: expected {self.answers[key]}, not {answer}"
                for key, answer in found.items()]

    def differences_of_transfer(self):
        transferred = {}
        for owner, kind, _, content in self.powerdns.transfer("alias.test"):
            transferred.setdefault((owner, kind), set()).add(content)
        return [f"{self.names[place]} {kind}" for (place, kind), (addresses, _)
                in self.answers.items()
                if transferred.get((f"t{place}.alias.test.", kind), set()) != addresses]


def names_to_ask(numbers, zones_db):
    stored = zones_db.sql("SELECT DISTINCT lower(name) FROM records;").splitlines()
    return sorted(set(oracle.names_to_ask(numbers, stored, NAMES)))


def fill_with_random_zones(numbers, zones_db):
    zones = zone_generator.make_zones(numbers) + random_zones.random_zones(numbers)
    zone_generator.fill(zones_db, zones)
    # PowerDNS runs none of these here, and the daemon can't.
    zones_db.sql("DELETE FROM records WHERE type='LUA';")
    return [zone.name for zone in zones if zone.soa]


@pytest.mark.timeout(600)
def test_alias_answers_what_its_target_answers(zones_db, make_serving, outside):
    print(f"ORACLE_SEED={SEED}")
    numbers = random.Random(SEED)
    zones = fill_with_random_zones(numbers, zones_db)
    names = names_to_ask(numbers, zones_db)
    _, powerdns = make_serving()
    zones_db.wait_until_in_order()
    compared = Comparison(powerdns, names, zones)
    add_alias_zone(zones_db, compared.names)
    zones_db.wait_until_in_order()
    count = sum(bool(answer[0]) for answer in compared.answers.values())
    environment.report(f"local targets: {len(compared.names)} of {len(names)} names compared, "
                       f"{count} answers with addresses, {len(compared.outside)} names outside; "
                       f"ORACLE_SEED={SEED}")
    assert len(compared.names) > len(names) / 2 and count > len(names) / 5
    # First through one ALIAS more, which has to ask the same.
    for found in (compared.differences("u"), compared.differences("t"),
                  compared.differences_of_transfer()):
        assert not found, f"{len(found)} differ, ORACLE_SEED={SEED}:\n" + "\n".join(found[:20])
    assert outside.asked == compared.outside
