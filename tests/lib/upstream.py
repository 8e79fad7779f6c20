"""The resolver that pdns-aliasd forwards to: a real unbound, with zones of our own."""

import subprocess

from . import environment, query
from .faults import DROP, FaultRelay
from .process import Process

# Answered from a zone file that a test may rewrite. The SOA makes negative answers last 2 s.
TARGET_ZONE = "target.test"
# SERVFAIL: a secondary zone whose primary was never reached.
SERVFAIL_ZONE = "servfail.test"
# REFUSED, and NXDOMAIN without an SOA, by unbound's local zones.
REFUSED_ZONE = "refused.test"
NO_SOA_ZONE = "nosoa.test"

CONFIG = """
server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  do-daemonize: no
  interface: {address}@{port}
  access-control: 127.0.0.0/8 allow
  num-threads: 1
  outgoing-range: 64
  msg-cache-size: 1m
  rrset-cache-size: 1m
  module-config: "iterator"
  local-zone: "test." nodefault
  local-zone: "{refused}." always_refuse
  local-zone: "{no_soa}." static
  local-data: "present.{no_soa}. 1 IN A 192.0.2.77"
remote-control:
  control-enable: yes
  control-interface: {folder}/{name}.ctl
  control-use-cert: no
auth-zone:
  name: "{target}."
  zonefile: "{zonefile}"
  for-downstream: yes
  for-upstream: yes
auth-zone:
  name: "{servfail}."
  primary: {address}@1
  fallback-enabled: no
  for-downstream: yes
"""


class Upstream(Process):
    """unbound behind a FaultRelay; clients ask the relay at `forward`."""

    def __init__(self, folder, records=(), name="unbound"):
        super().__init__(name, folder)
        self.address = environment.own_address()
        self.port = environment.free_port()
        self.unbound_port = environment.free_port()
        self.forward = f"{self.address}@{self.port}"
        self.config_path = folder / f"{name}.conf"
        self.zonefile = folder / f"{name}-target.zone"
        self.relay = None
        self.faults = []
        self.serial = 0
        self.records = list(records)
        self.config_path.write_text(CONFIG.format(
            folder=folder, name=name, address=self.address, port=self.unbound_port,
            refused=REFUSED_ZONE, no_soa=NO_SOA_ZONE, target=TARGET_ZONE, servfail=SERVFAIL_ZONE,
            zonefile=self.zonefile))

    def write_zone(self):
        self.serial += 1
        lines = [f"$ORIGIN {TARGET_ZONE}.",
                 f"@ 60 IN SOA ns hostmaster {self.serial} 3600 600 86400 2",
                 "@ 60 IN NS ns", "ns 60 IN A 127.0.0.1"]
        for owner, kind, content, *ttl in self.records:
            lines.append(f"{owner} {ttl[0] if ttl else 60} IN {kind} {content}")
        self.zonefile.write_text("\n".join(lines) + "\n")

    def set_records(self, records):
        """Replaces the target zone: (owner, type, content[, ttl]), relative to target.test."""
        self.records = list(records)
        self.write_zone()
        if self.is_running():
            done = subprocess.run(["unbound-control", "-c", str(self.config_path),
                                   "auth_zone_reload", TARGET_ZONE],
                                  capture_output=True, text=True, timeout=20)
            assert done.returncode == 0, done.stdout + done.stderr

    def start(self):
        self.write_zone()
        self.spawn(["unbound", "-d", "-c", self.config_path])
        environment.wait_until(self.answers, 10, "unbound to answer")
        self.relay = FaultRelay(self.address, self.port, self.unbound_port)
        for suffix, fault in self.faults:
            self.relay.set_fault(suffix, fault)
        return self

    def ask_for_soa(self):
        return query.ask_quickly(self.address, self.unbound_port, TARGET_ZONE, "SOA")

    def answers(self):
        response = self.ask_for_soa()
        return response and response.answer

    def stop(self):
        """Gone: its port is closed, clients get ICMP errors."""
        if self.relay:
            self.relay.close()
            self.relay = None
        self.terminate()

    # Faults, for names below a suffix ("." is all)

    def delay(self, suffix, seconds):
        self.relay.set_fault(suffix, seconds)

    def silence(self, suffix="."):
        self.relay.set_fault(suffix, DROP)

    def heal(self):
        self.relay.clear_faults()

    def count(self, name=None, kind=None):
        return self.relay.count(name, kind)

    def spoil(self):
        """The target zone fails from now on: SERVFAIL for every name in it, as from a resolver
        whose own upstream is broken."""
        text = self.config_path.read_text()
        self.config_path.write_text(text.replace(
            f'  zonefile: "{self.zonefile}"\n', f"  primary: {self.address}@1\n"
            "  fallback-enabled: no\n"))
        self.terminate()
        self.spawn(["unbound", "-d", "-c", self.config_path])
        environment.wait_until(self.ask_for_soa, 10, "unbound to answer")
