"""Under a service manager that keeps connections, PowerDNS doesn't notice restarts of the daemon: no
query fails, and its communicator thread, which would end it, never finds its connection gone."""

import threading
import time

import dns.exception
import pytest

from lib import environment, query
from lib.service_manager import ManagedAliasd

# The communicator asks on its connection once in each cycle.
COMMUNICATOR = {"primary": "yes", "secondary": "yes", "xfr-cycle-interval": 1}


class Load(threading.Thread):
    """Queries without a pause until stopped; `rcodes` counts what they got."""

    def __init__(self, powerdns):
        super().__init__()
        self.powerdns = powerdns
        self.rcodes = {}
        self.ended = threading.Event()
        self.start()

    def run(self):
        while not self.ended.is_set():
            try:
                response = self.powerdns.ask("www.example.test", "A", timeout=5)
                code = query.rcode(response)
                if code == "NOERROR" and query.addresses(response) != ["192.0.2.1"]:
                    code = "wrong answer"
            except (dns.exception.Timeout, OSError) as error:
                code = type(error).__name__
            self.rcodes[code] = self.rcodes.get(code, 0) + 1

    def good(self):
        return self.rcodes.get("NOERROR", 0)

    def stop(self):
        self.ended.set()
        self.join()


@pytest.fixture
def chain(manager, folder, servers, zones_db, make_powerdns):
    zones_db.add_zone("example.test", [("www", "A", "192.0.2.1")], kind="MASTER")
    aliasd = ManagedAliasd(manager, folder, zones_db.path)
    servers.append(aliasd)
    manager.listen(aliasd.socket)
    aliasd.start()
    powerdns = make_powerdns(socket=aliasd.socket, **COMMUNICATOR)
    assert powerdns.addresses("www.example.test") == ["192.0.2.1"]
    return aliasd, powerdns


def test_no_query_fails_over_restarts_in_order(chain):
    aliasd, powerdns = chain
    loads = [Load(powerdns) for _ in range(3)]
    try:
        for _ in range(3):
            before = [load.good() for load in loads]
            aliasd.restart()
            # Into the next cycle of the communicator.
            time.sleep(1.2)
            environment.wait_until(
                lambda: all(load.good() > count for load, count in zip(loads, before)), 10,
                "answers after the restart")
            assert powerdns.is_running(), powerdns.log()
    finally:
        for load in loads:
            load.stop()
    assert [set(load.rcodes) for load in loads] == [{"NOERROR"}] * 3, [load.rcodes
                                                                        for load in loads]


def test_powerdns_survives_a_daemon_that_is_killed_between_two_calls(manager, chain):
    aliasd, powerdns = chain

    def answers():
        # More questions than PowerDNS has threads, so that each is asked.
        for _ in range(12):
            assert powerdns.addresses("www.example.test") == ["192.0.2.1"]

    answers()
    names = manager.names()
    for _ in range(3):
        aliasd.restart_after_kill()
        answers()
        time.sleep(1.2)
        assert powerdns.is_running(), powerdns.log()
    # The same connections all the time: none was made anew.
    assert manager.names() == names
