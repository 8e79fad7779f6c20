"""The daemon is killed and started again under queries; several PowerDNS servers share one."""

import threading
import time

import dns.exception
import pytest

from lib import environment, query

ROWS = [("www", "ALIAS", "web.target.test"), ("plain", "A", "203.0.113.1")]
TARGETS = [("web", "A", "192.0.2.1")]


class Load:
    """Queries without a pause from a thread of its own; what they got, counted."""

    def __init__(self, powerdns):
        self.powerdns = powerdns
        self.rcodes = {}
        self.wrong = []
        self.last_good = 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        number = 0
        while not self.ended.is_set():
            number += 1
            name, address = (("www", "192.0.2.1"), ("plain", "203.0.113.1"))[number % 2]
            try:
                response = self.powerdns.ask(f"{name}.example.test", "A", timeout=3)
            except (dns.exception.Timeout, OSError):
                self.rcodes["timeout"] = self.rcodes.get("timeout", 0) + 1
                time.sleep(0.02)
                continue
            code = query.rcode(response)
            self.rcodes[code] = self.rcodes.get(code, 0) + 1
            if code == "NOERROR" and query.addresses(response) != [address]:
                self.wrong.append(str(response))
            elif code == "NOERROR":
                self.last_good = time.monotonic()

    def stop(self):
        self.ended.set()
        self.thread.join()


@pytest.fixture
def load():
    running = []

    def start(powerdns):
        running.append(Load(powerdns))
        return running[-1]

    yield start
    for each in running:
        each.stop()


def assert_only_failures_between(load):
    """Nothing wrong was ever said: SERVFAIL and silence only, never NXDOMAIN or NODATA."""
    load.stop()
    assert not load.wrong, load.wrong[0]
    assert set(load.rcodes) <= {"NOERROR", "SERVFAIL", "timeout"}, load.rcodes
    assert load.rcodes["NOERROR"] > 10


@pytest.mark.parametrize("restart", ["restart_after_kill", "restart"])
def test_restarted_daemon_is_found_again_under_queries(zones_db, make_chain, load, restart):
    zones_db.add_zone("example.test", ROWS)
    chain = make_chain(TARGETS)
    assert chain.addresses("www.example.test", "A") == ["192.0.2.1"]
    running = load(chain.powerdns)
    for _ in range(3):
        time.sleep(0.2)
        getattr(chain.aliasd, restart)()
        back = time.monotonic()
        environment.wait_until(lambda: running.last_good > back, 10, "good answers again")
    assert_only_failures_between(running)
    assert chain.powerdns.is_running()


@pytest.mark.parametrize("role", ["primary", "secondary"])
def test_powerdns_with_a_communicator_is_back_after_a_kill(zones_db, make_chain, load, role):
    """PowerDNS itself may end when its communicator loses the connection; its service manager
    starts it again then (Restart=on-failure), as is done here."""
    kind = "MASTER" if role == "primary" else "SLAVE"
    zones_db.add_zone("example.test", ROWS, kind=kind)
    if role == "secondary":
        zones_db.sql("UPDATE domains SET master='127.0.0.1:1', last_check=strftime('%s','now');")
    option = {"primary": {"primary": "yes"}, "secondary": {"secondary": "yes"}}[role]
    chain = make_chain(TARGETS, powerdns={**option, "xfr-cycle-interval": 1})
    assert chain.addresses("www.example.test", "A") == ["192.0.2.1"]
    running = load(chain.powerdns)
    environment.wait_until(lambda: running.rcodes.get("NOERROR", 0) > 10, 10, "good answers")
    chain.aliasd.kill()
    time.sleep(1.5)
    chain.aliasd.start()

    def start_again_if_ended():
        if not chain.powerdns.is_running():
            assert chain.powerdns.child.returncode == 1, "only status 1 is restarted"
            chain.powerdns.start_without_waiting()

    # As long as a communicator may take to find out.
    end = time.monotonic() + 4
    while time.monotonic() < end:
        start_again_if_ended()
        time.sleep(0.05)
    back = time.monotonic()

    def answers_well():
        start_again_if_ended()
        return running.last_good > back

    environment.wait_until(answers_well, 10, "good answers again")
    assert_only_failures_between(running)


@pytest.mark.parametrize("role", ["primary", "secondary"])
def test_powerdns_with_a_communicator_runs_on_while_the_daemon_does(zones_db, make_chain, role):
    kind = "MASTER" if role == "primary" else "SLAVE"
    zones_db.add_zone("example.test", ROWS, kind=kind)
    if role == "secondary":
        zones_db.sql("UPDATE domains SET master='127.0.0.1:1';")
    chain = make_chain(TARGETS, powerdns={role: "yes", "xfr-cycle-interval": 1})
    end = time.monotonic() + 4
    while time.monotonic() < end:
        assert chain.addresses("plain.example.test", "A") == ["203.0.113.1"]
        time.sleep(0.1)
    assert chain.powerdns.is_running()


def test_communicator_survives_a_failing_database(zones_db, make_chain):
    """getUpdatedMasters and getUnfreshSlaveInfos answer an empty list then, not an error."""
    zones_db.add_zone("example.test", ROWS, kind="MASTER")
    chain = make_chain(TARGETS, powerdns={"primary": "yes", "secondary": "yes",
                                          "xfr-cycle-interval": 1})
    zones_db.sql("PRAGMA legacy_alter_table=1; ALTER TABLE domains RENAME TO broken;")
    time.sleep(3)
    assert chain.powerdns.is_running(), chain.powerdns.log()
    zones_db.sql("PRAGMA legacy_alter_table=1; ALTER TABLE broken RENAME TO domains;")
    chain.powerdns.wait_for_answer("www.example.test", "A", ["192.0.2.1"])


def test_two_powerdns_servers_share_one_daemon(zones_db, make_chain, make_powerdns):
    zones_db.add_zone("example.test", ROWS)
    chain = make_chain(TARGETS)
    second = make_powerdns(name="second", socket=chain.aliasd.socket)
    for _ in range(20):
        for powerdns in (chain.powerdns, second):
            assert powerdns.addresses("www.example.test", "A") == ["192.0.2.1"]
    # One state for both: one question upstream.
    assert chain.upstream.count("web.target.test", "A") == 1
    chain.powerdns.stop()
    assert second.addresses("plain.example.test", "A") == ["203.0.113.1"]
    zones_db.insert("example.test", "late", "A", "203.0.113.2")
    assert second.addresses("late.example.test", "A") == ["203.0.113.2"]


def test_powerdns_restarts_again_and_again_on_one_daemon(zones_db, make_chain):
    zones_db.add_zone("example.test", ROWS)
    chain = make_chain(TARGETS)
    for _ in range(5):
        chain.powerdns.restart()
        assert chain.addresses("www.example.test", "A") == ["192.0.2.1"]
