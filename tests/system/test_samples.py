"""The samples for more than one machine, contrib/secondaries and contrib/replica: run as they are,
but for addresses, ports and paths, and what is added for where they run."""

import grp
import os
import re
import subprocess

import pytest

from lib import environment, primary, query
from lib.bind import ADDRESS as BIND_ADDRESS
from lib.bind import COMMAND as BIND_COMMAND
from lib.nameserver import Nameserver
from lib.powerdns import PowerDNS
from lib.zones_db import ZonesDb

ZONE = "example.com"
NAMES = (ZONE, f"www.{ZONE}")
OLD, NEW = "192.0.2.31", "192.0.2.32"
SAMPLES = environment.SOURCE / "contrib"


def sample(path):
    return (SAMPLES / path).read_text(encoding="utf-8")


def placed(path, replacements):
    """A sample's text; `replacements`: what stands there, and what here."""
    text = sample(path)
    for there, here in replacements.items():
        assert there in text, f"{there} is not in {path}"
        text = text.replace(there, str(here))
    return text


def options(text):
    """Those of a pdns.conf, for PowerDNS of the tests."""
    return {key.replace("-", "_"): value
            for key, value in re.findall(r"^([a-z0-9-]+)=(.*)$", text, re.M)}


def targets(address):
    return [("web", "A", address, 1)]


class Secondary(Nameserver):
    COMMAND = []

    def __init__(self, folder, name, primary_endpoint, **options):
        super().__init__(folder, name, **options)
        self.primary_address, self.primary_port = primary_endpoint
        self.config_path = self.home / "sample.conf"

    def config(self):
        raise NotImplementedError

    def start(self):
        self.config_path.write_text(self.config(), encoding="utf-8")
        self.spawn([*self.COMMAND, self.config_path])
        self.wait_until_it_answers()
        return self


class Nsd(Secondary):
    COMMAND = ["nsd", "-d", "-c"]

    def config(self):
        return placed("secondaries/nsd.conf", {
            "192.0.2.61@53": f"{self.address}@{self.port}",
            "192.0.2.10@53": f"{self.primary_address}@{self.primary_port}",
            "192.0.2.10 ": f"{self.primary_address} ",
            "/var/lib/nsd": self.home,
        }) + "\n  ".join([
            "server:", 'username: ""', 'chroot: ""', f'zonesdir: "{self.home}"', 'pidfile: ""',
            'database: ""', f'xfrdfile: "{self.home}/xfrd"', f'xfrdir: "{self.home}"',
            f'zonelistfile: "{self.home}/zone.list"']) + "\n"


class Knot(Secondary):
    COMMAND = ["knotd", "-c"]

    def config(self):
        return placed("secondaries/knot.conf", {
            "192.0.2.62@53": f"{self.address}@{self.port}",
            "192.0.2.10@53": f"{self.primary_address}@{self.primary_port}",
            "192.0.2.10\n": f"{self.primary_address}\n",
            "  user: knot:knot\n": "",
            "target: syslog": "target: stderr",
            "/run/knot": self.home,
            "/var/lib/knot": self.home,
        })


class Bind(Secondary):
    COMMAND = BIND_COMMAND

    def __init__(self, folder, name, primary_endpoint):
        super().__init__(folder, name, primary_endpoint, address=BIND_ADDRESS,
                         port=environment.free_port(BIND_ADDRESS))

    def config(self):
        return placed("secondaries/bind.conf", {
            "port 53 { 192.0.2.63; }": f"port {self.port} {{ {self.address}; }}",
            "192.0.2.10 port 53": f"{self.primary_address} port {self.primary_port}",
            '"/var/cache/bind";': f'"{self.home}"; pid-file none; lock-file none; '
                                  "session-keyfile none;",
        }) + "controls { };\n"


class SecondaryPowerDNS(PowerDNS):
    """With the commands that the sample has in its comments."""

    def __init__(self, folder, name, primary_endpoint):
        address, port = environment.own_address(), environment.free_port()
        database = ZonesDb(folder / f"{name}.db")
        text = placed("secondaries/pdns.conf", {
            "local-address=192.0.2.64": f"local-address={address}",
            "local-port=53": f"local-port={port}",
            "192.0.2.10:53": "{}:{}".format(*primary_endpoint),
            "/var/lib/powerdns/pdns.sqlite3": database.path,
        })
        super().__init__(folder, name, address=address, port=port, **options(text))
        self.commands = re.findall(r"^# +pdnsutil (.*)$", text, re.M)
        assert len(self.commands) == 3

    def start(self):
        for command in self.commands:
            self.pdnsutil(*command.split())
        return super().start()


def primary_options(endpoint, secondaries):
    address, port = endpoint
    text = placed("secondaries/primary.conf", {
        "local-address=192.0.2.10": f"local-address={address}",
        "local-port=53": f"local-port={port}",
        "setgid=pdns": f"setgid={grp.getgrgid(os.getgid()).gr_name}",
        **{f"192.0.2.6{1 + i}:53": f"{server.address}:{server.port}"
           for i, server in enumerate(secondaries)},
    })
    caches = {name: value for name, value in options(sample("pdns/aliasd.conf")).items()
              if "launch" not in name and "remote" not in name}
    return {**caches, **options(text), "address": address, "port": port}


def allow_transfers(powerdns):
    """By the key that all samples have."""
    key = re.search(r"import-tsig-key (.*)$", sample("secondaries/pdns.conf"), re.M)[1]
    assert all(key.split()[2] in sample(f"secondaries/{name}.conf")
               for name in ("nsd", "knot", "bind"))
    powerdns.pdnsutil("import-tsig-key", *key.split())
    powerdns.pdnsutil("activate-tsig-key", ZONE, "transfer", "primary")


def wait_for_address(server, address):
    for name in NAMES:
        environment.wait_until(
            lambda name=name: primary.Primary.quick_addresses(server, name) == [address], 20,
            f"{address} for {name} on {server.name}", interval=0.05)


def test_readme_shows_what_the_samples_have():
    chapter = (environment.SOURCE / "README.md").read_text(encoding="utf-8").partition(
        "\n## Growing past one machine\n")[2].partition("\n## ")[0]
    shown = re.findall(r"^    ([a-z-]+=.*)$", chapter, re.M)
    samples = "".join(sample(path) for path in ("secondaries/primary.conf",
                                                "replica/pdns-aliasd.conf"))
    assert len(shown) == 12
    for line in shown:
        assert re.search(f"(^|has in its\n# configuration ){re.escape(line)}$", samples, re.M), line


def test_secondaries_get_a_changed_address_with_the_samples(folder, servers, zones_db, make_chain):
    zones_db.add_zone(ZONE, [("", "ALIAS", "web.target.test"), ("www", "ALIAS", "web.target.test")],
                      kind="MASTER")
    endpoint = environment.own_address(), environment.free_port()
    secondaries = [Nsd(folder, "nsd", endpoint), Knot(folder, "knot", endpoint),
                   Bind(folder, "bind", endpoint), SecondaryPowerDNS(folder, "secondary", endpoint)]
    servers.extend(secondaries)
    # They hear of a change by NOTIFY, not since somebody looks at the serial.
    chain = make_chain(targets(OLD), **primary.QUICK,
                       pdns_control_socket=primary.control_socket(folder),
                       powerdns={**primary_options(endpoint, secondaries),
                                 "xfr_cycle_interval": primary.HOUR})
    allow_transfers(chain.powerdns)
    for server in secondaries:
        server.start()
        if server.name == "secondary":
            server.control("retrieve", ZONE)
        wait_for_address(server, OLD)
    chain.upstream.set_records(targets(NEW))
    for server in secondaries:
        wait_for_address(server, NEW)
    # Without the key nobody gets the zone.
    assert oct((folder / "pdns" / "pdns.controlsocket").stat().st_mode)[-3:] == "660"
    with pytest.raises(Exception, match="(?i)refused|notauth"):
        chain.powerdns.transfer(ZONE)


def copy(zones_db, path):
    done = subprocess.run([SAMPLES / "replica" / "copy-zones", zones_db.path, path], text=True,
                          capture_output=True, timeout=20 * environment.SLACK)
    assert done.returncode == 0, done.stderr


def replica_settings():
    text = placed("replica/pdns-aliasd.conf", {})
    return {name: value for name, value in options(text).items() if name == "zone_upkeep"}


def test_replica_follows_copies_with_the_sample(folder, zones_db, make_aliasd, make_powerdns,
                                                make_upstream):
    """Of a database in use, put in place by rename, in a folder that is not the daemon's."""
    upstream = make_upstream(targets(OLD))
    zones_db.add_zone(ZONE, [("", "ALIAS", "web.target.test"), ("www", "A", OLD)])
    make_aliasd(name="writer", forward=upstream.forward)
    zones_db.wait_until_in_order()
    (folder / "copies").mkdir()
    path = folder / "copies" / "zones.db"
    copy(zones_db, path)
    replica = make_aliasd(name="replica", zones_db=path, forward=upstream.forward,
                          **replica_settings())
    powerdns = make_powerdns(socket=replica.socket)
    wait_for_address(powerdns, OLD)
    zones_db.shell(f"UPDATE records SET content='{NEW}' WHERE name='www.{ZONE}';")
    copy(zones_db, path)
    powerdns.wait_for_answer(f"www.{ZONE}", "A", [NEW])
    assert powerdns.addresses(ZONE) == [OLD]
    # Nothing was made beside the copy.
    assert os.listdir(path.parent) == ["zones.db"]
