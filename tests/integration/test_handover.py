"""With a service manager that keeps descriptors, connections outlive the daemon."""

import signal
import socket
import threading
import time

import pytest

from lib import environment
from lib.service_manager import ManagedAliasd
from lib.session import Session

LOOKUP = (b'{"method":"lookup","parameters":'
          b'{"qtype":"ANY","qname":"%s.example.test.","zone-id":-1}}\n')
STOP_AND_KILL = pytest.mark.parametrize("how", ["restart", "restart_after_kill"])


@pytest.fixture
def aliasd(folder, servers, zones_db, manager):
    zones_db.add_zone("example.test", [("www", "A", "192.0.2.1"),
                                       ("alias", "ALIAS", "web.target.test")])
    servers.append(ManagedAliasd(manager, folder, zones_db.path))
    return servers[-1]


def works(session):
    return session.records("www.example.test") == [("A", "192.0.2.1")]


def wait_for_names(manager, count):
    environment.wait_until(lambda: len(manager.names()) == count, 5, f"{count} stored")
    return manager.names()


class Load(threading.Thread):
    """Calls on one connection without a pause, `batch` at a time."""

    def __init__(self, aliasd, batch):
        super().__init__()
        self.session = aliasd.connect(timeout=20)
        self.batch = batch
        self.calls = 0
        self.is_ended = False
        self.start()

    def run(self):
        while not self.is_ended:
            self.session.send_bytes((LOOKUP % b"www") * self.batch)
            for _ in range(self.batch):
                assert self.session.read_reply()["result"][0]["content"] == "192.0.2.1"
                self.calls += 1


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_ordered_restarts_under_load_lose_no_call_and_no_connection(manager, aliasd):
    manager.listen(aliasd.socket)
    aliasd.start()
    loads = [Load(aliasd, batch) for batch in (1, 1, 1, 40)]
    late = []
    for _ in range(6):
        calls = [load.calls for load in loads]
        aliasd.restart()
        environment.wait_until(
            lambda: all(load.calls > before for load, before in zip(loads, calls)), 10,
            "calls on each connection after the restart")
        late.append(aliasd.connect())
    for load in loads:
        load.is_ended = True
        load.join()
        load.session.close()
    assert all(works(session) for session in late)


@STOP_AND_KILL
def test_idle_connections_go_on_in_the_next_process(manager, aliasd, how):
    aliasd.start()
    sessions = [aliasd.connect() for _ in range(5)]
    names = wait_for_names(manager, 5)
    for _ in range(3):
        getattr(aliasd, how)()
        assert all(works(session) for session in sessions)
        assert wait_for_names(manager, 5) == names
        assert aliasd.log().count("5 connections taken over") == 1


@STOP_AND_KILL
def test_the_raw_view_is_handed_over(manager, aliasd, how):
    aliasd.start()
    with aliasd.connect(view="raw") as raw, aliasd.connect(view="expanded") as expanded:
        names = wait_for_names(manager, 2)
        assert [name.split("-")[0] for name in names] == ["raw", "session"]
        for _ in range(2):
            getattr(aliasd, how)()
            assert raw.records("alias.example.test") == [("ALIAS", "web.target.test")]
            assert works(expanded)
        assert manager.names() == names


def test_a_call_under_way_is_answered_and_its_connection_goes_on(manager, aliasd, make_upstream):
    upstream = make_upstream([("web", "A", "192.0.2.9")])
    upstream.delay("web.target.test", 0.3)
    aliasd.configure(forward=upstream.forward)
    aliasd.start()
    with aliasd.connect() as session:
        session.send_bytes(LOOKUP % b"alias")
        environment.wait_until(lambda: upstream.count("web.target.test"), 5, "the question")
        aliasd.restart()
        assert [row["content"] for row in session.read_reply()["result"]] == ["192.0.2.9"]
        assert works(session)


def test_a_line_that_has_begun_is_read_to_its_end(manager, aliasd):
    aliasd.start()
    with aliasd.connect() as session:
        line = LOOKUP % b"www"
        session.send_bytes(line + line[:30])
        assert session.read_reply()["result"]
        aliasd.signal(signal.SIGTERM)
        time.sleep(0.3)
        assert aliasd.is_running()
        session.send_bytes(line[30:])
        assert session.read_reply()["result"]
        assert aliasd.wait() == 0
        aliasd.start()
        assert works(session)


def test_connections_survive_a_start_that_fails(manager, aliasd, zones_db, folder):
    aliasd.start()
    with aliasd.connect() as session:
        aliasd.stop()
        zones_db.path.rename(folder / "away.db")
        aliasd.spawn(aliasd.command())
        assert aliasd.wait() == 1
        (folder / "away.db").rename(zones_db.path)
        aliasd.start()
        assert works(session)


def test_a_connection_that_its_peer_closed_is_removed_by_name(manager, aliasd):
    aliasd.start()
    for view in ("raw", "expanded"):
        with aliasd.connect(view=view):
            name = wait_for_names(manager, 1)[0]
        environment.wait_until(
            lambda: manager.names() == [] and
            {"FDSTOREREMOVE": "1", "FDNAME": name} in manager.messages, 5, "the removal")


def test_a_connection_that_the_daemon_ends_is_over_for_its_peer(manager, aliasd):
    aliasd.start()
    sessions = [aliasd.connect() for _ in range(3)]
    wait_for_names(manager, 3)
    aliasd.configure(max_sessions=1)
    aliasd.restart()
    aliasd.wait_for_log("max-sessions")
    assert sorted(session.is_closed_soon() for session in sessions) == [False, True, True]
    wait_for_names(manager, 1)


def test_one_may_connect_to_a_passed_socket_before_the_daemon_runs(manager, aliasd, folder):
    path = folder / "passed.sock"
    manager.listen(path)
    with Session(path, initialize=False) as session:
        session.send_bytes(LOOKUP % b"www")
        aliasd.start()
        assert session.read_reply()["result"][0]["content"] == "192.0.2.1"
        assert str(path) in aliasd.log() and not aliasd.socket.exists()
        aliasd.stop()
        assert path.exists()


def test_what_is_of_no_use_is_closed_with_a_warning(manager, aliasd, folder):
    manager.listen(folder / "datagram.sock", name="session-1", kind=socket.SOCK_DGRAM)
    manager.listen(aliasd.socket)
    manager.listen(folder / "second.sock", name="another")
    aliasd.start()
    assert "'session-1'" in aliasd.log() and "'another'" in aliasd.log()
    with aliasd.connect() as session:
        assert works(session)


def test_without_a_store_connections_end_with_the_daemon(manager, aliasd):
    aliasd.start(env={"FDSTORE": "0"})
    with aliasd.connect() as session:
        assert works(session)
        aliasd.stop()
        assert session.is_closed()
    assert manager.names() == [] and not aliasd.socket.exists()
