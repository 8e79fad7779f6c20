"""What the other name servers have in common: primaries of PowerDNS's secondary zones and
secondaries of its primary ones, on loopback, each in a folder of its own."""

import base64
import dataclasses

import dns.exception
import dns.name
import dns.query
import dns.rdatatype
import dns.tsig
import dns.zone

from . import environment, query
from .process import Process


@dataclasses.dataclass(frozen=True)
class Key:
    """A TSIG key, its names without the last dot."""
    name: str = "transfer-key"
    algorithm: str = "hmac-sha256"
    secret: str = base64.b64encode(b"not so secret, but 32 bytes long").decode()

    def keyring(self):
        return {dns.name.from_text(self.name): dns.tsig.Key(self.name, self.secret, self.algorithm)}

    def statement(self):
        """SQL that makes PowerDNS know it."""
        return ("INSERT INTO tsigkeys(name,algorithm,secret) "
                f"VALUES('{self.name}','{self.algorithm}','{self.secret}');")


@dataclasses.dataclass
class Zone:
    """A zone of a Nameserver. `primary` and `notify`: (address, port); `key`: for transfers and
    notifications, both ways; `signing`: "nsec" or "nsec3", where the server can sign."""
    name: str
    text: str = None
    primary: tuple = None
    notify: tuple = ()
    key: Key = None
    signing: str = None
    options: tuple = ()


def zone_text(name, rows=(), serial=1, minimum=60, nameserver=None):
    """A zone file of rows of (owner, type, content[, ttl[, prio]]) as ZonesDb.add_zone() has
    them, with the same SOA, NS and address."""
    nameserver = nameserver or f"ns1.{name}"
    lines = [f"$ORIGIN {name}.",
             f"@ 3600 IN SOA ns1.{name}. hostmaster.{name}. {serial} 10800 3600 604800 {minimum}",
             f"@ 3600 IN NS {nameserver}.", "ns1 3600 IN A 192.0.2.53"]
    for owner, kind, content, *more in rows:
        ttl = more[0] if more else 60
        prio = f"{more[1]} " if len(more) > 1 else ""
        dot = "." if kind in ("MX", "NS", "CNAME", "PTR", "SRV", "DNAME") else ""
        lines.append(f"{owner or '@'} {ttl} IN {kind} {prio}{content}{dot}")
    return "\n".join(lines) + "\n"


class Nameserver(Process):
    def __init__(self, folder, name, address=None, port=None):
        super().__init__(name, folder)
        self.address = address or environment.own_address()
        self.port = port or environment.free_port()
        self.home = folder / name
        self.home.mkdir()
        self.zones = {}

    @property
    def endpoint(self):
        return (self.address, self.port)

    def add_zone(self, name, **options):
        """Before start(). The options are those of Zone."""
        zone = Zone(name, **options)
        self.zones[name] = zone
        if zone.text is not None:
            self.zone_file(name).write_text(zone.text)
        return zone

    def zone_file(self, name):
        return self.home / f"{name}.zone"

    def keys(self):
        return sorted({zone.key for zone in self.zones.values() if zone.key},
                      key=lambda key: key.name)

    def ask(self, name, kind="A", **options):
        return query.ask(self.address, self.port, name, kind, **options)

    def serial(self, zone):
        """None where the zone isn't served."""
        return query.serial(self.address, self.port, zone)

    def wait_for_serial(self, zone, serial, timeout=15.0):
        environment.wait_until(lambda: self.serial(zone) == serial, timeout,
                               f"serial {serial} of {zone} on {self.name}", interval=0.05)

    def wait_until_it_answers(self):
        def answers():
            if not self.is_running():
                raise RuntimeError(f"{self.name} ended at its start:\n{self.log()}")
            return query.ask_quickly(self.address, self.port, "version.bind", "SOA")

        environment.wait_until(answers, 15, f"{self.name} to answer", interval=0.03)

    def transfer(self, zone, key=None):
        return query.transfer(self.address, self.port, zone, key)

    def stop(self):
        self.terminate()
