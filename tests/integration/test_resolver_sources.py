"""Where answers come from when no forwarder is named: resolv.conf, and full recursion from root
hints. Both need port 53, so the servers listen on a loopback address of the run's own."""

import pytest

from lib import environment, query
from lib.process import Process

ROOT_CONFIG = """
server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  do-daemonize: no
  interface: {address}@53
  access-control: 127.0.0.0/8 allow
  module-config: "iterator"
  local-zone: "test." nodefault
auth-zone:
  name: "."
  zonefile: "{folder}/root.zone"
  for-downstream: yes
  for-upstream: yes
"""

ROOT_ZONE = """
. 60 IN SOA a.root.test. hostmaster.root.test. 1 3600 600 86400 2
. 60 IN NS a.root.test.
a.root.test. 60 IN A {address}
web.target.test. 60 IN A 192.0.2.61
alias.target.test. 60 IN CNAME web.target.test.
"""


class Root(Process):
    """A real unbound that is authoritative for a root zone of our own."""

    def __init__(self, folder):
        super().__init__("root", folder)
        self.address = environment.own_address()
        (folder / "root.zone").write_text(ROOT_ZONE.format(address=self.address))
        (folder / "root.conf").write_text(ROOT_CONFIG.format(folder=folder, address=self.address))

    def start(self):
        self.spawn(["unbound", "-d", "-c", self.folder / "root.conf"])
        environment.wait_until(
            lambda: query.ask_quickly(self.address, 53, ".", "SOA"), 10, "the root to answer")
        return self

    def stop(self):
        self.terminate()


@pytest.fixture
def root(folder, servers):
    server = Root(folder)
    servers.append(server)
    return server.start()


def addresses(aliasd, name):
    with aliasd.connect() as session:
        return [content for kind, content in session.records(name) if kind == "A"]


@pytest.fixture
def zone(zones_db):
    zones_db.add_zone("example.test", [("www", "ALIAS", "alias.target.test")])


def test_resolvers_are_taken_from_resolv_conf(folder, zone, root, make_aliasd):
    path = folder / "resolv.conf"
    path.write_text(f"search example.test\nnameserver {root.address}\n")
    aliasd = make_aliasd(resolv_conf=path)
    assert addresses(aliasd, "www.example.test") == ["192.0.2.61"]


def test_names_are_resolved_from_the_root_hints(folder, zone, root, make_aliasd):
    path = folder / "root.hints"
    path.write_text(f". 3600000 NS a.root.test.\na.root.test. 3600000 A {root.address}\n")
    # Recursion shuns 127/8 unless told otherwise.
    aliasd = make_aliasd(root_hints=path, unbound_option="do-not-query-localhost: no")
    assert addresses(aliasd, "www.example.test") == ["192.0.2.61"]


@pytest.mark.parametrize("setting", ["resolv_conf", "root_hints"])
def test_missing_file_stops_the_start_and_is_named(folder, zone, make_aliasd, setting):
    path = folder / "nothing-here"
    done = make_aliasd(start=False, **{setting: path}).run()
    assert done.returncode != 0
    assert str(path) in done.stderr and setting.replace("_", "-") in done.stderr
