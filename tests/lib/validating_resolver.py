"""A validating resolver: a real unbound that trusts the keys of zones and asks their server."""

import dns.flags
import dns.rdatatype

from . import environment, query
from .process import Process

CONFIG = """
server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  val-log-level: 2
  do-daemonize: no
  interface: {address}@{port}
  access-control: 127.0.0.0/8 allow
  num-threads: 1
  outgoing-range: 64
  outgoing-interface: {address}
  outgoing-port-avoid: {first}-{last}
  do-not-query-localhost: no
  module-config: "validator iterator"
  local-zone: "test." nodefault
  qname-minimisation: yes
  harden-below-nxdomain: yes
"""

# What is cached shall be used, so that a proof that says too much denies what is there.
WITH_CACHE = "  aggressive-nsec: yes\n"
WITHOUT_CACHE = """\
  aggressive-nsec: no
  cache-max-ttl: 0
  cache-max-negative-ttl: 0
  msg-cache-size: 0
  rrset-cache-size: 0
"""
STUB = """
stub-zone:
  name: "{zone}."
  stub-addr: {address}@{port}
  stub-no-cache: {no_cache}
"""


class ValidatingResolver(Process):
    """`zones`: those that `server` serves. The keys to trust are those that it serves at the start
    for the zones in `trusted` (default: all of them)."""

    def __init__(self, folder, server, zones, trusted=None, caches=True, name="validator"):
        super().__init__(name, folder)
        self.address = environment.own_address()
        self.port = environment.free_port()
        self.server = server
        self.zones = list(zones)
        self.trusted = self.zones if trusted is None else list(trusted)
        self.caches = caches
        self.config_path = folder / f"{name}.conf"

    def anchors(self):
        for zone in self.trusted:
            response = query.ask(self.server.address, self.server.port, zone, "DNSKEY", tcp=True)
            keys = [rdata.to_text() for rrset in response.answer for rdata in rrset
                    if rdata.rdtype == dns.rdatatype.DNSKEY and rdata.flags & 1]
            assert keys, f"{zone} has no key to trust:\n{response}"
            for key in keys:
                yield f"  trust-anchor: \"{zone}. DNSKEY {key}\"\n"

    def start(self):
        text = CONFIG.format(folder=self.folder, address=self.address, port=self.port,
                             first=environment.FIRST_PORT, last=environment.LAST_PORT)
        text += WITH_CACHE if self.caches else WITHOUT_CACHE
        text += "".join(self.anchors())
        for zone in self.zones:
            text += STUB.format(zone=zone, address=self.server.address, port=self.server.port,
                                no_cache="no" if self.caches else "yes")
        self.config_path.write_text(text)
        self.spawn(["unbound", "-d", "-c", self.config_path])
        environment.wait_until(
            lambda: query.ask_quickly(self.address, self.port, "localhost", "A"), 10,
            "the validating resolver to answer")
        return self

    def stop(self):
        self.terminate()

    def ask(self, name, kind="A"):
        return query.ask(self.address, self.port, name, kind, do=True, timeout=20)

    def assert_answer(self, name, kind, negative=None, is_secure=True):
        """`negative`: "nxdomain" or "nxrrset"; `is_secure`: whether it is proven."""
        response = self.ask(name, kind)
        code = "NXDOMAIN" if negative == "nxdomain" else "NOERROR"
        shown = f"{name} {kind}:\n{response}\n{self.log()[-2000:]}"
        assert query.rcode(response) == code, shown
        assert bool(response.flags & dns.flags.AD) == is_secure, shown
        has_it = any(rrset.rdtype == dns.rdatatype.from_text(kind) for rrset in response.answer)
        assert has_it == (negative is None), shown
        return response
