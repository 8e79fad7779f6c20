"""Zones managed with the sample configuration for gsqlite3, while the daemon serves them."""

import re

import pytest

from lib import api, environment, generation, query
from lib.api import Api
from lib.process import Process
from lib.validation import Validator

SAMPLE = environment.SOURCE / "contrib" / "pdns" / "gsqlite3-manage.conf"
ZONE = "new.test"
URL = f"/zones/{ZONE}."
TARGETS = [("web", "A", "192.0.2.31", 50), ("web", "AAAA", "2001:db8::31", 50)]


class Manager(Process):
    """pdnsutil and pdns_server with the sample; what has to differ here is replaced in it."""

    def __init__(self, folder, database):
        super().__init__("manage", folder)
        self.generation = generation.tested()
        self.config_folder = folder / "etc"
        self.config_folder.mkdir()
        self.text = SAMPLE.read_text()
        self.settings = {}  # for Api
        self.set("gsqlite3-database", database)
        self.more = "".join(f"{name}={value}\n"
                            for name, value in self.generation.settings().items())
        self.write_config()

    def set(self, name, value):
        """A setting that stands there, be it in a comment."""
        self.text, count = re.subn(f"^#?{name}=.*$", f"{name}={value}", self.text, flags=re.M)
        assert count == 1, f"{name} is not in {SAMPLE}"
        self.settings[name] = value

    def write_config(self):
        (self.config_folder / "pdns-manage.conf").write_text(self.text + self.more)

    def options(self):
        return f"--config-dir={self.config_folder}", "--config-name=manage"

    def pdnsutil(self, *words):
        done = self.generation.run("pdnsutil", *self.options(),
                                   *self.generation.pdnsutil_words(words))
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self):
        """pdns_server, with what is commented out there."""
        for name, value in (("api", "yes"), ("api-key", api.KEY), ("webserver", "yes"),
                            ("webserver-address", environment.own_address()),
                            ("webserver-port", environment.free_port()),
                            ("local-address", environment.own_address()),
                            ("local-port", environment.free_port())):
            self.set(name, value)
        self.write_config()
        # For where it runs, not for what it does.
        self.spawn(self.generation.command("pdns_server", *self.options(), "--daemon=no",
                                           "--guardian=no", "--write-pid=no",
                                           "--disable-syslog=yes", "--security-poll-suffix=",
                                           "--webserver-allow-from=127.0.0.0/8",
                                           f"--socket-dir={self.config_folder}"),
                   env=self.generation.environment())
        self.wait_for_log("ready to distribute questions", timeout=15)
        return self

    def stop(self):
        self.terminate()


@pytest.fixture
def manager(folder, zones_db, servers):
    manager = Manager(folder, zones_db.path)
    servers.append(manager)
    return manager


@pytest.fixture
def chain(zones_db, make_chain):
    zones_db.add_zone("example.test", [("www", "A", "192.0.2.1")])
    return make_chain(TARGETS)


def test_a_zone_is_created_served_and_deleted(zones_db, chain, manager):
    assert query.rcode(chain.ask(ZONE, "SOA")) == "REFUSED"
    manager.pdnsutil("create-zone", ZONE, "ns1.example.test")
    assert query.section_types(chain.ask(ZONE, "NS").answer) == ["NS"]
    for words in (("set-kind", ZONE, "primary"), ("set-account", ZONE, "customer 7"),
                  ("add-record", ZONE, "@", "ALIAS", "300", "web.target.test"),
                  ("add-record", ZONE, "www", "A", "192.0.2.1")):
        manager.pdnsutil(*words)
    assert zones_db.sql("SELECT type,account FROM domains WHERE name='new.test';") == \
        "MASTER|customer 7\n"
    assert chain.addresses(ZONE, "A") == ["192.0.2.31"]
    assert chain.addresses(f"www.{ZONE}", "A") == ["192.0.2.1"]
    assert "ALIAS" in manager.pdnsutil("list-zone", ZONE)
    manager.pdnsutil("delete-zone", ZONE)
    assert query.rcode(chain.ask(ZONE, "SOA")) == "REFUSED"
    assert zones_db.sql("SELECT DISTINCT name FROM domains;") == "example.test\n"
    assert zones_db.sql("SELECT count(*) FROM records WHERE name LIKE '%new.test';") == "0\n"


def test_a_zone_made_there_is_changed_through_the_daemon(folder, chain, manager):
    """Secured there, then changed and signed anew without rectify-zone."""
    manager.pdnsutil("create-zone", ZONE, "ns1.example.test")
    manager.pdnsutil("secure-zone", ZONE)
    powerdns = chain.powerdns
    validator = Validator(folder, powerdns, ZONE)
    powerdns.pdnsutil("add-record", ZONE, "a.b", "A", "192.0.2.1")
    powerdns.pdnsutil("set-nsec3", ZONE, "1 0 0 -")
    for name, kind, negative in (("a.b", "A", None), ("b", "A", "nxrrset"),
                                 ("absent", "A", "nxdomain")):
        validator.assert_valid(powerdns, f"{name}.{ZONE}", kind, negative)


def test_a_secondary_zone_and_its_primaries_are_kept_there(zones_db, chain, manager):
    manager.pdnsutil("create-secondary-zone", ZONE, "192.0.2.1")
    manager.pdnsutil("change-secondary-zone-primary", ZONE, "192.0.2.2", "192.0.2.3")
    stored = zones_db.sql("SELECT type,master FROM domains WHERE name='new.test';")
    assert re.split("[|, \n]+", stored.strip()) == ["SLAVE", "192.0.2.2", "192.0.2.3"]
    shown = chain.powerdns.pdnsutil("show-zone", ZONE)
    assert "192.0.2.2" in shown and "192.0.2.3" in shown


def test_comments_and_disabled_records_by_its_api(zones_db, chain, manager):
    client = Api(manager.start())
    status, answer = client.call("POST", "/zones", {
        "name": f"{ZONE}.", "kind": "Native", "nameservers": ["ns1.example.test."]})
    assert status == 201, answer
    comment = {"content": "why it is there", "account": "me"}
    records = [{"content": "192.0.2.1", "disabled": False},
               {"content": "192.0.2.2", "disabled": True}]
    answer = client.call("PATCH", URL, {"rrsets": [
        {"name": f"www.{ZONE}.", "type": "A", "ttl": 60, "changetype": "REPLACE",
         "records": records, "comments": [comment]}]})
    assert answer == (204, "")
    assert chain.addresses(f"www.{ZONE}") == ["192.0.2.1"]
    assert zones_db.rows("comments", "name", "type", "account", "comment") == \
        [(ZONE, "'www.new.test'", "'A'", "'me'", "'why it is there'")]
    # They outlive a change by way of the daemon.
    chain.powerdns.pdnsutil("add-record", ZONE, "www", "TXT", '"x"')
    chain.powerdns.pdnsutil("replace-rrset", ZONE, "www", "A", "60", "192.0.2.3")
    assert chain.addresses(f"www.{ZONE}") == ["192.0.2.3"]
    shown = client.get(URL)["rrsets"]
    found = next(each for each in shown if each["name"] == f"www.{ZONE}." and each["type"] == "A")
    assert [each["content"] for each in found["comments"]] == ["why it is there"]
    assert sorted((each["content"], each["disabled"]) for each in found["records"]) == \
        [("192.0.2.2", True), ("192.0.2.3", False)]
    status, answer = client.call("PUT", URL, {"kind": "Master", "account": "customer 7"})
    assert status == 204, answer
    assert zones_db.sql("SELECT type,account FROM domains WHERE name='new.test';") == \
        "MASTER|customer 7\n"
    assert client.call("DELETE", URL) == (204, "")
    assert query.rcode(chain.ask(ZONE, "SOA")) == "REFUSED"
