"""A real BIND 9, as a secondary."""

from . import environment
from .nameserver import Nameserver

# It listens on addresses that an interface has, and of all of 127.0.0.0/8 that is this one.
ADDRESS = "127.0.0.1"
# Without -u it stays who it is: everything is in the test's folder.
COMMAND = ["named", "-g", "-4", "-n", "1", "-c"]

OPTIONS = """
options {{
  directory "{home}";
  listen-on port {port} {{ {address}; }};
  listen-on-v6 {{ none; }};
  pid-file none;
  lock-file none;
  session-keyfile none;
  transfer-source {own};
  recursion no;
  notify no;
  dnssec-validation no;
  min-retry-time 1;
  max-retry-time 1;
  serial-query-rate 1000;
  transfers-in 100;
  transfers-per-ns 100;
}};
controls {{ }};
"""


class Bind(Nameserver):
    def __init__(self, folder, name="bind"):
        super().__init__(folder, name, ADDRESS, environment.free_port(ADDRESS))
        self.config_path = self.home / "named.conf"

    def config(self):
        parts = [OPTIONS.format(home=self.home, address=self.address, port=self.port,
                                own=environment.own_address())]
        for key in self.keys():
            parts.append(f'key "{key.name}" {{\n  algorithm {key.algorithm};\n'
                         f'  secret "{key.secret}";\n}};\n')
        parts += [self.zone_config(zone) for zone in self.zones.values()]
        return "".join(parts)

    def zone_config(self, zone):
        if not zone.primary:
            raise ValueError(f"{self.name} is no primary: {zone.name}")
        key = f' key "{zone.key.name}"' if zone.key else ""
        who = key.strip() or "127.0.0.0/8"
        address, port = zone.primary
        lines = [f'zone "{zone.name}" {{', "type secondary;",
                 f'file "{self.zone_file(zone.name)}";', "masterfile-format text;",
                 f"primaries {{ {address} port {port}{key}; }};",
                 f"allow-notify {{ {who}; }};", f"allow-transfer {{ {who}; }};", *zone.options]
        return "\n  ".join(lines) + "\n};\n"

    def start(self):
        self.config_path.write_text(self.config())
        self.spawn([*COMMAND, self.config_path])
        self.wait_until_it_answers()
        return self
