"""The whole chain as a primary: the daemon tells PowerDNS at its control socket what has changed,
and PowerDNS tells the secondaries. PowerDNS itself looks for changes once an hour, or when it has
notified somebody, and its caches keep everything for as long: little gets out by another way."""

import time

from . import environment, query

HOUR = 3600
CACHES_THAT_LAST = {"caches": True, "cache_ttl": HOUR, "query_cache_ttl": HOUR,
                    "negquery_cache_ttl": HOUR, "max_cache_entries": 10000,
                    "max_packet_cache_entries": 10000}
POWERDNS = {"primary": "yes", "xfr_cycle_interval": HOUR, **CACHES_THAT_LAST}
# Milliseconds. Targets of these tests have a TTL of a second, and are asked for again after two.
PUBLISH_DELAY = 200
QUICK = {"publish_delay": PUBLISH_DELAY, "transfer_refresh_min": 1, "alias_ttl_min": 1}
# Seconds, in which whatever is still on its way comes out.
QUIET = 0.8


def control_socket(folder, name="pdns"):
    """Where PowerDNS of the tests will listen."""
    return folder / name / "pdns.controlsocket"


def metadata_statement(zone, kind, content):
    return (f"INSERT INTO domainmetadata(domain_id,kind,content) SELECT id,'{kind}','{content}' "
            f"FROM domains WHERE name='{zone}';")


def allow(zones_db, key, *zones):
    """Transfers of the zones: with the key alone, or if there is none, to this process's address."""
    kind, content = (("TSIG-ALLOW-AXFR", key.name) if key else
                     ("ALLOW-AXFR-FROM", environment.own_address()))
    zones_db.sql((key.statement() if key else "") + "BEGIN;" + "".join(
        metadata_statement(zone, kind, content) for zone in zones) + "COMMIT;")


def serials(zones_db):
    """Those in the database, by zone."""
    lines = zones_db.sql("SELECT name||' '||content FROM records WHERE type='SOA';").splitlines()
    return {name: int(serial) for name, _, _, serial, *_ in map(str.split, lines)}


class Primary:
    """`secondaries` serve all its zones. The serials are those in the database."""

    def __init__(self, chain, zones_db, secondaries):
        self.upstream, self.aliasd, self.powerdns = chain.upstream, chain.aliasd, chain.powerdns
        self.zones_db = zones_db
        self.secondaries = secondaries

    def serials(self):
        return serials(self.zones_db)

    def serial(self, zone):
        return self.serials()[zone]

    def served(self, zone):
        """The serial that each server says."""
        return [query.serial(server.address, server.port, zone)
                for server in (self.powerdns, *self.secondaries)]

    def settle(self):
        """Waits until all servers have had the same serials for a while, and returns those in the
        database."""
        last, since = None, time.monotonic()

        def is_settled():
            nonlocal last, since
            state = {zone: [serial, *self.served(zone)] for zone, serial in self.serials().items()}
            if state != last:
                last, since = state, time.monotonic()
            agree = all(len(set(served[1:])) == 1 for served in state.values())
            return agree and time.monotonic() - since > QUIET * environment.SLACK

        environment.wait_until(is_settled, 30, "the same serials everywhere", interval=0.1)
        return self.serials()

    def wait_for_addresses(self, name, expected, timeout=15.0, kind="A"):
        """Of every secondary. Returns the seconds until the last had them, since this was called."""
        begin = time.monotonic()
        for server in self.secondaries:
            environment.wait_until(lambda server=server: self.quick_addresses(server, name, kind)
                                   == sorted(expected), timeout,
                                   f"{expected} for {name} on {server.name}", interval=0.02)
        return time.monotonic() - begin

    def wait_until_absent(self, name, timeout=15.0):
        """NXDOMAIN at every secondary."""
        def is_absent(server):
            response = query.ask_quickly(server.address, server.port, name, "A")
            return response and query.rcode(response) == "NXDOMAIN"

        for server in self.secondaries:
            environment.wait_until(lambda server=server: is_absent(server), timeout,
                                   f"no {name} on {server.name}", interval=0.02)

    @staticmethod
    def quick_addresses(server, name, kind="A"):
        response = query.ask_quickly(server.address, server.port, name, kind)
        return response and query.addresses(response, strict=False)
