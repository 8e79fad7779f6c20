"""A real Knot DNS."""

import subprocess

from . import environment
from .nameserver import Nameserver

SERVER = """
server:
  rundir: "{home}"
  listen: {address}@{port}
control:
  listen: "{home}/control"
database:
  storage: "{home}"
log:
  - target: stderr
    any: info
policy:
  - id: nsec
    algorithm: ecdsap256sha256
    single-type-signing: on
  - id: nsec3
    algorithm: ecdsap256sha256
    single-type-signing: on
    nsec3: on
    nsec3-iterations: 0
    nsec3-salt-length: 4
"""


class Knot(Nameserver):
    def __init__(self, folder, name="knot"):
        super().__init__(folder, name)
        self.config_path = self.home / "knot.conf"

    def config(self):
        parts = [SERVER.format(home=self.home, address=self.address, port=self.port)]
        for key in self.keys():
            parts.append(f'key:\n  - id: "{key.name}"\n    algorithm: {key.algorithm}\n'
                         f'    secret: "{key.secret}"\n')
        remotes, acls, zones = ["remote:"], ["acl:"], ["zone:"]
        for zone in self.zones.values():
            self.add_zone_config(zone, remotes, acls, zones)
        for section in (remotes, acls, zones):
            if len(section) > 1:
                parts.append("\n".join(section) + "\n")
        return "".join(parts)

    def add_zone_config(self, zone, remotes, acls, zones):
        key = [f'    key: "{zone.key.name}"'] if zone.key else []
        names = []
        for number, endpoint in enumerate([*([zone.primary] if zone.primary else []),
                                           *zone.notify]):
            names.append(f'"{zone.name}-{number}"')
            remotes += [f"  - id: {names[-1]}", "    address: {}@{}".format(*endpoint),
                        f"    via: {self.address}", *key]
        acls += [f'  - id: "{zone.name}"', "    address: 127.0.0.0/8",
                 "    action: [transfer, notify, update]", *key]
        zones += [f'  - domain: "{zone.name}"', f'    file: "{self.zone_file(zone.name)}"',
                  f'    acl: "{zone.name}"', "    zonefile-sync: -1"]
        if zone.primary:
            zones.append(f"    master: {names.pop(0)}")
        else:
            # Each change of the file becomes a difference that IXFR can send.
            zones += ["    zonefile-load: difference", "    journal-content: all"]
        if names:
            zones.append(f"    notify: [{', '.join(names)}]")
        if zone.signing:
            zones += ["    dnssec-signing: on", f"    dnssec-policy: {zone.signing}"]
        zones += [f"    {option}" for option in zone.options]

    def start(self):
        self.config_path.write_text(self.config())
        self.spawn(["knotd", "-c", self.config_path])
        self.wait_until_it_answers()
        return self

    def control(self, *words):
        done = subprocess.run(["knotc", "-s", self.home / "control", "-b", *words], text=True,
                              capture_output=True, timeout=20 * environment.SLACK)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def set_zone(self, name, text):
        """The zone's new content; those to be notified are."""
        self.zone_file(name).write_text(text)
        self.control("zone-reload", name)

    def notify(self, name):
        self.control("zone-notify", name)
