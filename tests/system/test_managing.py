"""Zones managed with the sample configurations for that, while the daemon serves them."""

import re
import time

import pytest

from lib import api, environment, generation, query
from lib.api import Api
from lib.process import Process
from lib.validation import Validator

ZONE = "new.test"
URL = f"/zones/{ZONE}."
TARGETS = [("web", "A", "192.0.2.31", 50), ("web", "AAAA", "2001:db8::31", 50)]


class Sample(Process):
    """pdnsutil and pdns_server with a sample as pdns-NAME.conf; `paths`: what they are there and
    here."""

    def __init__(self, folder, name, path, paths):
        super().__init__(name, folder)
        self.generation = generation.tested()
        self.path = environment.SOURCE / "contrib" / "pdns" / path
        self.config_folder = folder / f"etc-{name}"
        self.config_folder.mkdir()
        self.text = self.path.read_text()
        self.settings = {}
        for there, here in paths.items():
            assert self.text.count(there) == 1
            self.text = self.text.replace(there, str(here))
        self.set()

    def set(self, **settings):
        """Settings that stand there, be it in a comment."""
        for key, value in settings.items():
            name = key.replace("_", "-")
            self.text, count = re.subn(f"^#?{name}=.*$", f"{name}={value}", self.text, flags=re.M)
            assert count == 1, f"{name} is not in {self.path}"
            self.settings[name] = value
        more = "".join(f"{name}={value}\n" for name, value in self.generation.settings().items())
        (self.config_folder / f"pdns-{self.name}.conf").write_text(self.text + more)

    def options(self):
        return f"--config-dir={self.config_folder}", f"--config-name={self.name}"

    def pdnsutil(self, *words, **options):
        done = self.generation.run_pdnsutil(self.options(), words, **options)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self):
        """pdns_server, with what is commented out there."""
        self.set(api="yes", api_key=api.KEY, webserver="yes",
                 webserver_address=environment.own_address(),
                 webserver_port=environment.free_port(), local_address=environment.own_address(),
                 local_port=environment.free_port())
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


def change(client, *words):
    """A call of the API on gsqlite3. It reads and then writes in a transaction, which fails where
    somebody wrote in between, as the daemon does just after a change: then it is made again."""
    for _ in range(5):
        status, answer = client.call(*words)
        if status != 500:
            break
        time.sleep(0.2)
    return status, answer


@pytest.fixture
def manager(folder, zones_db, servers):
    manager = Sample(folder, "manage", "gsqlite3-manage.conf",
                     {"/var/lib/pdns-aliasd/zones.db": zones_db.path})
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
    answer = change(client, "PATCH", URL, {"rrsets": [
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
    status, answer = change(client, "PUT", URL, {"kind": "Master", "account": "customer 7"})
    assert status == 204, answer
    assert zones_db.sql("SELECT type,account FROM domains WHERE name='new.test';") == \
        "MASTER|customer 7\n"
    assert change(client, "DELETE", URL) == (204, "")
    assert query.rcode(chain.ask(ZONE, "SOA")) == "REFUSED"


def test_alias_rows_are_edited_in_the_raw_view(folder, zones_db, chain):
    """With the sample for that."""
    zones_db.insert("example.test", "shop", "ALIAS", "old.target.test")
    raw = Sample(folder, "raw", "aliasd-raw.conf",
                 {"/run/pdns-aliasd/remote.sock": chain.aliasd.socket})
    assert "old.target.test" in raw.pdnsutil("list-zone", "example.test")
    editor = folder / "editor"
    editor.write_text('#!/bin/sh\nexec sed -i "s/old.target/web.target/" "$1"\n')
    editor.chmod(0o755)
    raw.pdnsutil("edit-zone", "example.test", env={"EDITOR": str(editor)}, typed="ya", timeout=10)
    assert chain.addresses("shop.example.test", "A") == ["192.0.2.31"]
    assert zones_db.rows("records", "type", "content", where="name='shop.example.test'") == \
        [("example.test", "'ALIAS'", "'web.target.test'")]
