"""PowerDNS's pipe connector, with `pdns-aliasd relay` between it and the daemon."""

import os
import signal
import subprocess
import threading
import time

import pytest

from lib import environment, query
from lib.relay import FaultyServer

ROWS = [("www", "ALIAS", "web.target.test"), ("plain", "A", "203.0.113.1")]
TARGETS = [("web", "A", "192.0.2.1")]
# The deadline, in ms.
SHORT = int(1000 * environment.SLACK)


@pytest.fixture
def make_relayed(make_chain):
    def make(targets=(), powerdns=None, relay=("--timeout", SHORT), **settings):
        return make_chain(targets, powerdns={"relay": relay, **(powerdns or {})}, **settings)

    return make


def relays_of(powerdns):
    """The process ids of its children."""
    done = subprocess.run(["pgrep", "-P", str(powerdns.child.pid)], capture_output=True, text=True)
    return [int(line) for line in done.stdout.split()]


def rcodes(powerdns, count=12, name="plain.example.test"):
    """More than there are threads, so that each of them is asked."""
    return [query.rcode(powerdns.ask(name, "A")) for _ in range(count)]


def test_queries_are_answered(zones_db, make_relayed):
    zones_db.add_zone("example.test", ROWS)
    chain = make_relayed(TARGETS, relay=())
    assert chain.addresses("www.example.test") == ["192.0.2.1"]
    assert query.rcode(chain.ask("none.example.test")) == "NXDOMAIN"
    assert "relay: " not in chain.powerdns.log()


def test_pdnsutil_has_the_view_of_its_connection_string(zones_db, make_relayed, make_powerdns):
    zones_db.add_zone("example.test", ROWS)
    chain = make_relayed(TARGETS)
    raw = make_powerdns(name="raw", socket=chain.aliasd.socket, relay=(), connection=",view=raw",
                        start=False)
    assert "ALIAS" in raw.pdnsutil("list-zone", "example.test")
    assert "ALIAS" not in chain.powerdns.pdnsutil("list-zone", "example.test")
    raw.pdnsutil("add-record", "example.test", "new", "A", "192.0.2.9")
    assert chain.addresses("new.example.test") == ["192.0.2.9"]


def test_zone_of_20000_records_is_transferred(zones_db, make_relayed):
    """Over the unix connector it fails at the default timeout of 2000 ms."""
    count = 20000
    zones_db.add_zone("example.test", [(f"host{number}", "A", "192.0.2.1")
                                       for number in range(count)])
    powerdns = make_relayed(relay=()).powerdns
    start = time.monotonic()
    done = subprocess.run(["dig", f"@{powerdns.address}", "-p", str(powerdns.port), "+time=60",
                           "+tries=1", "example.test", "AXFR"], capture_output=True, text=True,
                          timeout=120)
    took = time.monotonic() - start
    assert f"XFR size: {count + 4} records" in done.stdout, done.stdout[-500:] + powerdns.log()
    assert took < 10 * environment.SLACK


def test_hanging_daemon_costs_servfail_and_nothing_afterwards(zones_db, make_relayed):
    zones_db.add_zone("example.test", ROWS)
    chain = make_relayed()
    assert set(rcodes(chain.powerdns)) == {"NOERROR"}
    chain.aliasd.suspend()
    try:
        for _ in range(4):
            start = time.monotonic()
            assert rcodes(chain.powerdns, 1) == ["SERVFAIL"]
            assert -0.01 <= time.monotonic() - start - SHORT / 1000 < 2 * environment.SLACK
    finally:
        chain.aliasd.signal(signal.SIGCONT)
    # What the daemon says late to calls that were given up is nobody's answer.
    for _ in range(6):
        assert chain.addresses("plain.example.test") == ["203.0.113.1"]
        assert query.rcode(chain.ask("none.example.test")) == "NXDOMAIN"


@pytest.mark.parametrize("restart", ["restart", "restart_after_kill"])
def test_daemon_that_restarts_within_the_deadline_costs_no_query(zones_db, make_relayed, restart):
    zones_db.add_zone("example.test", ROWS)
    chain = make_relayed(relay=("--timeout", int(4000 * environment.SLACK)))
    got = []
    ended = threading.Event()

    def ask():
        while not ended.is_set():
            got.append(query.rcode(chain.powerdns.ask("plain.example.test", "A")))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for _ in range(3):
            time.sleep(0.2)
            getattr(chain.aliasd, restart)()
    finally:
        time.sleep(0.5)
        ended.set()
        thread.join()
    assert set(got) == {"NOERROR"} and len(got) > 20, got[-5:]
    assert set(rcodes(chain.powerdns)) == {"NOERROR"}


@pytest.mark.parametrize("role", ["primary", "secondary"])
def test_powerdns_with_a_communicator_survives_the_daemons_absence(zones_db, make_relayed, role):
    """Over the unix connector it exits (test_restarts.py)."""
    kind = "MASTER" if role == "primary" else "SLAVE"
    zones_db.add_zone("example.test", ROWS, kind=kind)
    if role == "secondary":
        zones_db.sql("UPDATE domains SET master='127.0.0.1:1', last_check=strftime('%s','now');")
    chain = make_relayed(powerdns={role: "yes", "xfr-cycle-interval": 1})
    assert set(rcodes(chain.powerdns)) == {"NOERROR"}
    for _ in range(2):
        chain.aliasd.kill()
        # Some of its cycles.
        time.sleep(4)
        assert chain.powerdns.is_running(), chain.powerdns.log()
        assert rcodes(chain.powerdns, 1) == ["SERVFAIL"]
        chain.aliasd.start()
        assert set(rcodes(chain.powerdns)) == {"NOERROR"}
    chain.aliasd.suspend()
    time.sleep(4)
    chain.aliasd.signal(signal.SIGCONT)
    assert chain.powerdns.is_running(), chain.powerdns.log()
    assert set(rcodes(chain.powerdns)) == {"NOERROR"}


@pytest.mark.parametrize("end", ["stalls", "closes"])
def test_reply_that_breaks_off_costs_one_query(folder, servers, make_powerdns, end):
    soa = ('{"qname":"example.test","qtype":"SOA","content":"ns.example.test h.example.test 1 1 1 1'
           ' 1","ttl":60,"domain_id":1}')
    address = '{"qname":"example.test","qtype":"A","content":"192.0.2.1","ttl":60,"domain_id":1}'
    is_broken = threading.Event()

    def behave(conversation):
        conversation.answer_initialize()
        while line := conversation.hear():
            rows = soa if b'"SOA"' in line else f"{soa},{address}" if b'"ANY"' in line else ""
            reply = f'{{"result":[{rows}]'.encode()
            if is_broken.is_set():
                is_broken.clear()
                # All that PowerDNS would need to take it for the reply.
                conversation.say(reply + b" " * 100000 + b"}")
                if end == "closes":
                    return
                conversation.wait()
            else:
                conversation.say(reply + b"}\n")

    server = FaultyServer(folder / "faulty.sock", behave)
    servers.append(server)
    powerdns = make_powerdns(socket=server.path, relay=("--timeout", SHORT))
    assert rcodes(powerdns, 3, "example.test") == ["NOERROR"] * 3
    is_broken.set()
    start = time.monotonic()
    assert rcodes(powerdns, 1, "example.test") == ["SERVFAIL"]
    assert time.monotonic() - start < SHORT / 1000 + 2 * environment.SLACK
    assert rcodes(powerdns, 6, "example.test") == ["NOERROR"] * 6
    assert "the reply broke off" in powerdns.log()


def test_relays_end_with_powerdns(zones_db, make_relayed):
    zones_db.add_zone("example.test", ROWS)
    chain = make_relayed()
    assert set(rcodes(chain.powerdns)) == {"NOERROR"}
    relays = relays_of(chain.powerdns)
    assert relays
    chain.powerdns.kill()

    def are_gone():
        return not any(os.path.exists(f"/proc/{pid}") for pid in relays)

    environment.wait_until(are_gone, 5, "the end of all relays")
