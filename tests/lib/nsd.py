"""A real NSD."""

import subprocess

from . import environment
from .nameserver import Nameserver

SERVER = """
server:
  ip-address: {address}@{port}
  username: ""
  chroot: ""
  zonesdir: "{home}"
  database: ""
  pidfile: ""
  xfrdfile: "{home}/xfrd.state"
  xfrdir: "{home}"
  zonelistfile: "{home}/zone.list"
  server-count: 1
  verbosity: 2
  xfrd-reload-timeout: 0
  hide-version: no
remote-control:
  control-enable: yes
  control-interface: "{home}/control"
"""


class Nsd(Nameserver):
    def __init__(self, folder, name="nsd", address=None, port=None):
        super().__init__(folder, name, address, port)
        self.config_path = self.home / "nsd.conf"

    def config(self):
        lines = [SERVER.format(address=self.address, port=self.port, home=self.home)]
        for key in self.keys():
            lines.append(f'key:\n  name: "{key.name}"\n  algorithm: {key.algorithm}\n'
                         f'  secret: "{key.secret}"\n')
        for zone in self.zones.values():
            lines.append(self.zone_config(zone))
        return "".join(lines)

    def zone_config(self, zone):
        key = zone.key.name if zone.key else "NOKEY"
        lines = [f'zone:\n  name: "{zone.name}"', f'zonefile: "{self.zone_file(zone.name)}"',
                 f"provide-xfr: 127.0.0.0/8 {key}", f"outgoing-interface: {self.address}"]
        if zone.primary:
            lines += ["request-xfr: {}@{} {}".format(*zone.primary, key),
                      f"allow-notify: 127.0.0.0/8 {key}"]
        lines += ["notify: {}@{} {}".format(*endpoint, key) for endpoint in zone.notify]
        return "\n  ".join([*lines, *zone.options]) + "\n"

    def start(self):
        self.config_path.write_text(self.config())
        self.spawn(["nsd", "-d", "-c", self.config_path])
        self.wait_until_it_answers()
        return self

    def control(self, *words):
        done = subprocess.run(["nsd-control", "-c", self.config_path, *words], text=True,
                              capture_output=True, timeout=20 * environment.SLACK)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def set_zone(self, name, text):
        """The zone's new content; those to be notified are."""
        self.zone_file(name).write_text(text)
        self.control("reload", name)

    def notify(self, name):
        self.control("notify", name)
