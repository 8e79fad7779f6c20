"""ALIAS targets inside our own zones, compared with what PowerDNS itself answers for them."""

import os
import random
import signal
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
    """PowerDNS on the daemon, which asks for nothing that it isn't asked for."""
    def make(**settings):
        aliasd = make_aliasd(forward=outside.forward, alias_ttl_min=0, retry_min=1, retry_max=1,
                             refresh_idle=0, alias_addresses_max=4000, **settings)
        return aliasd, make_powerdns(socket=aliasd.socket, connection=",timeout=30000",
                                     dname_processing="yes")

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
    print(f"ORACLE_SEED={environment.SEED}")
    numbers = random.Random(environment.SEED)
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
                       f"ORACLE_SEED={environment.SEED}")
    assert len(compared.names) > len(names) / 2 and count > len(names) / 5
    # First through one ALIAS more, which has to ask the same.
    for found in (compared.differences("u"), compared.differences("t"),
                  compared.differences_of_transfer()):
        assert not found, (f"{len(found)} differ, ORACLE_SEED={environment.SEED}:\n"
                           + "\n".join(found[:20]))
    assert outside.asked == compared.outside


ROWS = [("www", "A", "192.0.2.1", 50), ("www", "AAAA", "2001:db8::1", 70),
        ("", "ALIAS", "www.own.test"), ("tocname", "ALIAS", "cname.own.test"),
        ("cname", "CNAME", "www.own.test", 30), ("out", "CNAME", "Web.Outside.example", 20),
        ("toout", "ALIAS", "out.own.test"), ("self", "ALIAS", "self.own.test"),
        ("one", "ALIAS", "two.own.test"), ("two", "ALIAS", "one.own.test"),
        ("ring", "ALIAS", "cring.own.test"), ("cring", "CNAME", "ring.own.test"),
        ("toempty", "ALIAS", "none.own.test"), ("sub", "NS", "ns.sub.own.test"),
        ("ns.sub", "A", "192.0.2.54"), ("tosub", "ALIAS", "host.sub.own.test"),
        ("tohalf", "ALIAS", "www.half.test"), ("toother", "ALIAS", "www.other.test"),
        ("n0", "ALIAS", "n1.own.test"), ("n17", "A", "192.0.2.17"),
        ("m0", "ALIAS", "n2.own.test")] + [
            (f"n{number}", "CNAME", f"n{number + 1}.own.test") for number in range(1, 17)]


def of_name(name, kind="A"):
    return [hash_nameserver.address_of(dns.name.from_text(name), kind)]


@pytest.fixture
def scenario(zones_db, make_serving):
    zones_db.add_zone("own.test", ROWS)
    zones_db.add_zone("other.test", [("*", "A", "192.0.2.9")])
    # The rows of a zone whose SOA is missing: PowerDNS doesn't serve them.
    zones_db.add_zone("half.test", [("there", "A", "192.0.2.8")], kind="SLAVE", soa=False)
    return make_serving()


def test_own_targets_need_no_resolver(scenario, outside):
    _, powerdns = scenario
    assert powerdns.addresses("own.test") == ["192.0.2.1"]
    assert powerdns.addresses("own.test", "AAAA") == ["2001:db8::1"]
    assert query.answer_ttls(powerdns.ask("own.test")) == {50}
    assert query.answer_ttls(powerdns.ask("tocname.own.test")) == {30}
    assert powerdns.addresses("toother.own.test") == ["192.0.2.9"]
    assert query.is_nodata(powerdns.ask("toempty.own.test"))
    assert not outside.asked


@pytest.mark.parametrize("name, chain", [
    ("self", "self.own.test -> self.own.test"),
    ("one", "one.own.test -> two.own.test -> one.own.test"),
    ("ring", "ring.own.test -> cring.own.test -> ring.own.test"),
    ("n0", "n0.own.test -> n1.own.test -> n2.own.test -> n3.own.test -> ")])
def test_loops_and_long_chains_answer_nothing(scenario, outside, name, chain):
    aliasd, powerdns = scenario
    for kind in FAMILIES:
        assert query.is_nodata(powerdns.ask(f"{name}.own.test", kind))
    assert f"ALIAS at {name}.own.test (domain_id 1): " in aliasd.log()
    assert chain in aliasd.log()
    assert not outside.asked
    assert chain in aliasd.run("check", "own.test").stdout


def test_chain_of_sixteen_hops_is_answered(scenario):
    assert scenario[1].addresses("m0.own.test") == ["192.0.2.17"]


def test_how_many_hops_are_followed_is_a_setting(scenario):
    aliasd, powerdns = scenario
    assert query.is_nodata(powerdns.ask("n0.own.test"))
    aliasd.configure(alias_hops_max=17)
    aliasd.signal(signal.SIGHUP)
    powerdns.wait_for_answer("n0.own.test", "A", ["192.0.2.17"])
    assert "n0.own.test" not in aliasd.run("check", "own.test").stdout


def test_name_behind_an_own_cname_is_the_one_that_is_asked(scenario, outside):
    _, powerdns = scenario
    assert powerdns.addresses("toout.own.test") == of_name("web.outside.example")
    assert query.answer_ttls(powerdns.ask("toout.own.test")) == {20}
    assert outside.asked == {"web.outside.example"}


def test_what_is_not_here_is_asked_elsewhere(scenario, outside):
    _, powerdns = scenario
    assert powerdns.addresses("tosub.own.test") == of_name("host.sub.own.test")
    assert powerdns.addresses("tohalf.own.test", "AAAA") == of_name("www.half.test", "AAAA")
    assert outside.asked == {"host.sub.own.test", "www.half.test"}


def test_failing_name_elsewhere_is_answered_stale(scenario, outside, zones_db):
    """Also where another row leads there for the first time."""
    aliasd, powerdns = scenario
    outside.ttl = 1
    assert powerdns.addresses("toout.own.test") == of_name("web.outside.example")
    outside.refuse = True

    def is_failing():
        assert powerdns.addresses("toout.own.test") == of_name("web.outside.example")
        return "serving stale" in aliasd.log()

    environment.wait_until(is_failing, 30, "a stale answer", interval=0.5)
    zones_db.insert("own.test", "more", "ALIAS", "toout.own.test")
    assert powerdns.addresses("more.own.test") == of_name("web.outside.example")


def test_change_of_the_target_is_answered_at_the_next_query(scenario, zones_db, outside):
    _, powerdns = scenario
    assert powerdns.addresses("own.test") == ["192.0.2.1"]
    zones_db.sql("UPDATE records SET content='192.0.2.2' WHERE name='www.own.test' AND type='A';")
    assert powerdns.addresses("own.test") == ["192.0.2.2"]
    zones_db.sql("UPDATE records SET disabled=1 WHERE name='www.own.test' AND type='A';")
    assert query.is_nodata(powerdns.ask("own.test"))
    assert powerdns.addresses("own.test", "AAAA") == ["2001:db8::1"]
    zones_db.sql("DELETE FROM records WHERE name='www.own.test';")
    assert query.is_nodata(powerdns.ask("own.test", "AAAA"))
    assert not outside.asked


def test_alias_of_a_presigned_zone_has_no_address(scenario, zones_db, outside):
    _, powerdns = scenario
    zones_db.add_zone("signed.test", [("a", "ALIAS", "web.outside.example"),
                                      ("a", "AAAA", "2001:db8::a")])
    zones_db.sql("INSERT INTO domainmetadata(domain_id,kind,content) SELECT id,'PRESIGNED','1' "
                 "FROM domains WHERE name='signed.test';")
    zones_db.insert("own.test", "tosigned", "ALIAS", "a.signed.test")
    assert query.is_nodata(powerdns.ask("tosigned.own.test"))
    assert powerdns.addresses("tosigned.own.test", "AAAA") == ["2001:db8::a"]
    assert not outside.asked


def test_zone_that_has_arrived_is_no_longer_asked_elsewhere(scenario, zones_db, outside):
    _, powerdns = scenario
    assert powerdns.addresses("tohalf.own.test") == of_name("www.half.test")
    zones_db.sql("INSERT INTO records(domain_id,name,type,content,ttl) SELECT id,name,'SOA',"
                 "'ns.half.test h.half.test 1 10800 3600 604800 60',60 FROM domains WHERE "
                 "name='half.test';")
    assert query.is_nodata(powerdns.ask("tohalf.own.test"))
    zones_db.insert("half.test", "*", "A", "192.0.2.7")
    assert powerdns.addresses("tohalf.own.test") == ["192.0.2.7"]
