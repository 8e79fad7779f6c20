"""The whole chain: unbound <- pdns-aliasd <- pdns_server, over one zone database."""

import functools
import os

import pytest

from lib import environment, primary
from lib.validating_resolver import ValidatingResolver
from lib.zones_db import ZonesDb

# Short times, so that expiry and recovery are seen in seconds; what a scenario is about, it sets.
QUICK = {"alias_ttl_min": 0, "retry_min": 1, "retry_max": 1}


class Chain:
    def __init__(self, upstream, aliasd, powerdns):
        self.upstream = upstream
        self.aliasd = aliasd
        self.powerdns = powerdns

    def ask(self, *words, **options):
        return self.powerdns.ask(*words, **options)

    def addresses(self, *words, **options):
        return self.powerdns.addresses(*words, **options)


@pytest.fixture
def make_chain(make_upstream, make_aliasd, make_powerdns):
    """`powerdns` are options of PowerDNS, everything else are settings of the daemon."""
    def make(targets, powerdns=None, **settings):
        upstream = make_upstream(targets)
        aliasd = make_aliasd(forward=upstream.forward, **{**QUICK, **settings})
        return Chain(upstream, aliasd, make_powerdns(socket=aliasd.socket, **(powerdns or {})))

    return make


@pytest.fixture
def make_resolver(folder, servers):
    """One that validates what `powerdns` says of `zones`."""
    def make(powerdns, *zones, **options):
        resolver = ValidatingResolver(folder, powerdns, zones, **options)
        servers.append(resolver)
        return resolver.start()

    return make


class Backend:
    """PowerDNS over the test's zone database, by way of the daemon or of gsqlite3. Scenarios run on
    both: gsqlite3 shows that it is the scenario that is right. Serials are raised by neither."""

    def __init__(self, name, zones_db, make_aliasd, make_powerdns):
        self.name = name
        self.is_aliasd = name == "aliasd"
        self.zones_db = zones_db
        self.make_aliasd = make_aliasd
        self.make_powerdns = make_powerdns
        self.aliasd = None

    def options(self, connection=""):
        """Those of a PowerDNS."""
        if not self.is_aliasd:
            return {"gsqlite3": self.zones_db.path}
        if not self.aliasd:
            self.aliasd = self.make_aliasd(auto_serial="no")
        return {"socket": self.aliasd.socket, "connection": connection}

    def start(self, name="pdns", connection="", **options):
        return self.make_powerdns(name=name, **self.options(connection), **options)

    def util(self):
        """A PowerDNS that isn't started, for its pdnsutil: on gsqlite3, as a zone database is
        managed."""
        return self.make_powerdns(name="manage", gsqlite3=self.zones_db.path, start=False)


BACKENDS = os.environ.get("ALIASD_BACKENDS", "gsqlite3 aliasd").split()


@pytest.fixture(params=BACKENDS)
def backend(request, zones_db, make_aliasd, make_powerdns):
    return Backend(request.param, zones_db, make_aliasd, make_powerdns)


class Pair:
    """gsqlite3 and the daemon, each with a zone database of its own, in which the same is done."""

    def __init__(self, expected, tested):
        self.expected = expected
        self.tested = tested
        self.servers = []

    def backends(self):
        return self.expected, self.tested

    def sql(self, text):
        for backend in self.backends():
            backend.zones_db.sql(text)

    def add_zone(self, *words, **options):
        for backend in self.backends():
            backend.zones_db.add_zone(*words, **options)

    def start_each(self, options):
        """A PowerDNS on each, the expected one first; `options()`: what it is started with."""
        self.servers = [backend.start(name=f"pdns-{backend.name}", **options())
                        for backend in self.backends()]
        return self.servers

    def start(self, **options):
        return self.start_each(lambda: options)

    def assert_same_rows(self, where="1"):
        """Those of the daemon are what gsqlite3's are after rectify-zone, which is done here."""
        util = self.servers[0]
        zones = self.expected.zones_db.sql("SELECT name FROM domains;").split()
        for zone in zones:
            util.pdnsutil("rectify-zone", zone, check=False)
        expected = self.expected.zones_db.dump(where)
        dump = {}

        def are_same():
            dump.update(self.tested.zones_db.dump(where))
            return dump == expected

        try:
            # What is in order with the last write and what soon after makes no difference here.
            environment.wait_until(are_same, 3, "the same rows")
        except TimeoutError:
            for table, rows in expected.items():
                assert dump[table] == rows, table


@pytest.fixture
def pair(folder, make_aliasd, make_powerdns):
    return Pair(*(Backend(name, ZonesDb(folder / f"{name}.db"),
                          functools.partial(make_aliasd, zones_db=folder / "aliasd.db"),
                          make_powerdns)
                  for name in ("gsqlite3", "aliasd")))


@pytest.fixture
def make_nameserver(folder, servers):
    """`kind`: Nsd, Knot or Bind. Not started: its zones are added first."""
    def make(kind, **options):
        server = kind(folder, **options)
        servers.append(server)
        return server

    return make


@pytest.fixture(params=["plain", "nsec", "nsec3"])
def zone_kind(request, zones_db, make_powerdns):
    """example.test with a few rows, signed or not; how."""
    zones_db.add_zone("example.test", [("www", "A", "192.0.2.1"), ("a.b.c", "TXT", '"deep"'),
                                       ("zzz", "TXT", '"last"')])
    if request.param != "plain":
        util = make_powerdns(name="util", gsqlite3=zones_db.path, start=False)
        util.pdnsutil("secure-zone", "example.test")
        if request.param == "nsec3":
            util.pdnsutil("set-nsec3", "example.test", "1 0 1 ab")
    return request.param


@pytest.fixture
def make_primary(folder, zones_db, make_chain, make_nameserver):
    """`kinds`: those of the secondaries, which serve all zones of the database; the other options
    are make_chain()'s. All runs, and the secondaries have the zones."""
    def make(targets=(), kinds=(), key=None, powerdns=None, **settings):
        secondaries = [make_nameserver(kind, name=f"{kind.__name__.lower()}-secondary")
                       for kind in kinds]
        also = ",".join(f"{server.address}:{server.port}" for server in secondaries)
        chain = make_chain(targets, **{
            **primary.QUICK, "pdns_control_socket": primary.control_socket(folder), **settings},
            powerdns={**primary.POWERDNS, "allow_axfr_ips": "", "also_notify": also,
                      **(powerdns or {}), "start": False})
        chain.powerdns.start()
        zones = list(primary.serials(zones_db))
        for server in secondaries:
            for zone in zones:
                server.add_zone(zone, primary=(chain.powerdns.address, chain.powerdns.port),
                                key=key)
            server.start()
        return primary.Primary(chain, zones_db, secondaries)

    return make
