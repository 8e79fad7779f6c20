"""The daemon resolves from the root by itself, and the name servers of its targets misbehave. They
are real NSDs, on loopback addresses of the run's own, since delegations know no port but 53."""

import pytest

from conftest import QUICK, Chain
from lib import environment, query
from lib.knot import Knot
from lib.nameserver import zone_text
from lib.nsd import Nsd

SIGNED = "signed.test"
MANY = [f"192.0.2.{number}" for number in range(200)]
TARGETS = [("web", "A", "192.0.2.1", 1), ("web", "AAAA", "2001:db8::1", 1),
           ("never", "A", "192.0.2.2", 0), ("loop", "CNAME", "back.good.test"),
           ("back", "CNAME", "loop.good.test"), ("end", "A", "192.0.2.3"),
           *[(f"c{number}", "CNAME", f"c{number + 1}.good.test") for number in range(30)],
           *[("many", "A", address) for address in MANY]]
ROWS = [("web", "ALIAS", "web.good.test"), ("half", "ALIAS", "web.half.test"),
        ("lame", "ALIAS", "web.lame.test"), ("dead", "ALIAS", "web.dead.test"),
        ("loop", "ALIAS", "loop.good.test"), ("long", "ALIAS", "c0.good.test"),
        ("never", "ALIAS", "never.good.test"), ("many", "ALIAS", "many.good.test"),
        ("honest", "ALIAS", f"honest.{SIGNED}"), ("forged", "ALIAS", f"forged.{SIGNED}"),
        *[(owner, "TXT", '"beside"') for owner in ("lame", "dead", "loop", "long", "forged")]]


class Servers:
    """Those of the root, of the zones, and one that others' delegations lead to."""

    def __init__(self, folder, running):
        self.folder = folder
        self.running = running
        self.root = self.make("root", 0)
        self.good = self.make("good", 1)
        self.other = self.make("other", 2)
        self.dead = environment.own_address(3)
        self.anchor = None

    def make(self, name, number):
        server = Nsd(self.folder, name, environment.own_address(number), 53)
        self.running.append(server)
        return server

    def root_text(self):
        """`half` has a lame server beside a good one."""
        lines = [". 60 IN SOA root.test. hostmaster.test. 1 3600 600 86400 2",
                 ". 60 IN NS root.test.", f"root.test. 60 IN A {self.root.address}",
                 f"good.ns.test. 60 IN A {self.good.address}",
                 f"other.ns.test. 60 IN A {self.other.address}",
                 f"dead.ns.test. 60 IN A {self.dead}"]
        for zone, servers in (("good", ["good"]), ("half", ["other", "good"]), ("lame", ["other"]),
                              ("dead", ["dead"]), ("signed", ["good"]), ("example", ["dead"])):
            lines += [f"{zone}.test. 60 IN NS {server}.ns.test." for server in servers]
        return "\n".join(lines) + "\n"

    def sign(self):
        """A zone as Knot signs it, in which one answer is then changed, and its key."""
        knot = Knot(self.folder)
        self.running.append(knot)
        knot.add_zone(SIGNED, signing="nsec", text=zone_text(SIGNED, [
            ("honest", "A", "192.0.2.4"), ("forged", "A", "192.0.2.5")]))
        knot.start()
        environment.wait_until(lambda: knot.ask(SIGNED, "DNSKEY").answer, 10, "a key")
        rows = knot.transfer(SIGNED)
        self.anchor = next(f"{owner} DNSKEY {text}" for owner, kind, _, text in rows
                           if kind == "DNSKEY")
        return "".join(f"{owner} {ttl} IN {kind} {text}\n".replace("192.0.2.5", "192.0.2.6")
                       for owner, kind, ttl, text in rows)

    def start(self):
        self.root.add_zone(".", text=self.root_text())
        self.good.add_zone("good.test", text=zone_text("good.test", TARGETS, minimum=1))
        self.good.add_zone("half.test", text=zone_text("half.test", [("web", "A", "192.0.2.7")]))
        self.good.add_zone(SIGNED, text=self.sign())
        self.good.add_zone("sub.example.test",
                           text=zone_text("sub.example.test", [("host", "A", "192.0.2.8")]))
        self.other.add_zone("elsewhere.test", text=zone_text("elsewhere.test"))
        for server in (self.root, self.good, self.other):
            server.start()
        return self


@pytest.fixture
def nameservers(folder, servers):
    return Servers(folder, servers).start()


@pytest.fixture
def make_delegating(folder, nameservers, zones_db, make_aliasd, make_powerdns):
    zones_db.add_zone("example.test", ROWS)
    hints = folder / "root.hints"
    hints.write_text(". 3600000 NS root.test.\n"
                     f"root.test. 3600000 A {nameservers.root.address}\n")
    # Recursion shuns 127/8 unless told otherwise.
    aliasd = make_aliasd(root_hints=hints, trust_anchor=nameservers.anchor,
                         unbound_option="do-not-query-localhost: no", **QUICK)
    return lambda **options: Chain(None, aliasd, make_powerdns(socket=aliasd.socket, **options))


@pytest.fixture
def chain(make_delegating):
    return make_delegating()


def test_a_lame_server_beside_a_good_one_costs_no_answer(chain):
    chain.powerdns.wait_for_answer("half.example.test", "A", ["192.0.2.7"])


def test_200_addresses_that_come_truncated_are_asked_for_by_tcp(chain, nameservers):
    response = nameservers.good.ask("many.good.test", "A")
    assert response.flags & query.dns.flags.TC
    assert chain.addresses("many.example.test", "A", tcp=True) == sorted(MANY)


def test_an_answer_with_ttl_0_is_served_and_asked_for_again(chain, nameservers):
    assert chain.addresses("never.example.test", "A") == ["192.0.2.2"]
    assert query.answer_ttls(chain.ask("never.example.test", "A")) == {0}
    nameservers.good.set_zone("good.test", zone_text(
        "good.test", [("never", "A", "192.0.2.9", 0)], serial=2))
    chain.powerdns.wait_for_answer("never.example.test", "A", ["192.0.2.9"])


@pytest.mark.parametrize("owner", ["lame", "dead", "loop", "long", "forged"])
def test_what_can_not_be_resolved_is_nodata_with_its_reason(chain, owner):
    name = f"{owner}.example.test"
    assert query.is_nodata(chain.ask(name, "A"))
    assert query.section_types(chain.ask(name, "TXT").answer) == ["TXT"]
    target = dict((row[0], row[2]) for row in ROWS if row[1] == "ALIAS")[owner]
    chain.aliasd.wait_for_log(f"ALIAS target {target}. A: failing (")
    if owner == "forged":
        assert "bogus" in chain.aliasd.log()
        assert chain.addresses("honest.example.test", "A") == ["192.0.2.4"]
    assert chain.addresses("web.example.test", "A") == ["192.0.2.1"]


def test_a_target_below_a_delegation_of_our_own_is_asked_of_the_child(zones_db, nameservers,
                                                                      make_delegating):
    """The way there leads through PowerDNS itself, which refers to it."""
    zones_db.sql("".join(zones_db.insert_statement("example.test", *row) for row in (
        ("sub", "NS", "ns.sub.example.test"), ("ns.sub", "A", nameservers.good.address),
        ("child", "ALIAS", "host.sub.example.test"))))
    chain = make_delegating(address=nameservers.dead, port=53)
    chain.powerdns.wait_for_answer("child.example.test", "A", ["192.0.2.8"])


@pytest.mark.parametrize("fault", ["gone", "lame"])
def test_a_server_that_fails_later_takes_no_addresses_with_it(chain, nameservers, fault):
    assert chain.addresses("web.example.test", "A") == ["192.0.2.1"]
    assert chain.addresses("web.example.test", "AAAA") == ["2001:db8::1"]
    nameservers.good.stop()
    if fault == "lame":
        lame = nameservers.make("lame", 1)
        lame.add_zone("elsewhere.test", text=zone_text("elsewhere.test"))
        lame.start()
    environment.wait_until(lambda: query.answer_ttls(chain.ask("web.example.test", "A")) == {30},
                           20, "a stale answer", interval=0.2)
    assert chain.addresses("web.example.test", "A") == ["192.0.2.1"]
    assert chain.addresses("web.example.test", "AAAA") == ["2001:db8::1"]
