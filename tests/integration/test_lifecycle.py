"""From the start to the end: socket, signals, readiness."""

import os
import signal
import socket
import threading
import time

import pytest

from lib import environment
from lib.upstream import Upstream
from lib.zones_db import LongWriter


@pytest.fixture
def filled(zones_db):
    zones_db.add_zone("example.test", [("alias", "ALIAS", "web.target.test"),
                                       ("new", "ALIAS", "new.target.test")])
    return zones_db


def test_second_daemon_on_the_same_socket_is_refused(make_aliasd, filled):
    first = make_aliasd()
    second = make_aliasd(name="second", socket=first.socket, start=False)
    done = second.run()
    assert done.returncode == 1
    assert str(first.socket) in done.stderr and " ready" not in done.stderr
    with first.connect() as session:
        assert session.records("example.test", "NS")


@pytest.mark.parametrize("kill", ["kill", "stop"])
def test_daemon_starts_where_another_has_ended(make_aliasd, filled, kill):
    aliasd = make_aliasd()
    getattr(aliasd, kill)()
    aliasd.start()
    with aliasd.connect() as session:
        assert session.records("example.test", "NS")


def test_stale_socket_is_replaced(make_aliasd, filled):
    aliasd = make_aliasd(start=False)
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(aliasd.socket))
    aliasd.start()
    with aliasd.connect() as session:
        assert session.records("example.test", "NS")


def test_what_is_no_socket_is_never_removed(make_aliasd, filled):
    aliasd = make_aliasd(start=False)
    aliasd.socket.write_text("precious")
    done = aliasd.run()
    assert done.returncode == 1 and str(aliasd.socket) in done.stderr
    assert aliasd.socket.read_text() == "precious"


def test_socket_in_a_missing_folder_is_said(make_aliasd, filled, folder):
    done = make_aliasd(start=False, socket=folder / "absent" / "s.sock").run()
    assert done.returncode == 1 and "absent" in done.stderr


def test_overlong_socket_path_is_said(make_aliasd, filled, folder):
    done = make_aliasd(start=False, socket=folder / ("s" * 150)).run()
    assert done.returncode != 0 and "sss" in done.stderr


def test_missing_zone_database_stops_the_start(make_aliasd, folder):
    aliasd = make_aliasd(start=False, zones_db=folder / "absent.db")
    done = aliasd.run()
    assert done.returncode != 0 and "absent.db" in done.stderr
    assert not (folder / "absent.db").exists()


def test_database_without_the_schema_stops_the_start(make_aliasd, folder):
    other = folder / "other.db"
    environment.shutil.copy("/dev/null", other)
    done = make_aliasd(start=False, zones_db=other).run()
    assert done.returncode != 0 and "other.db" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_with_status_0_and_removes_the_socket(make_aliasd, filled, number):
    aliasd = make_aliasd()
    with aliasd.connect() as session:
        session.records("example.test")
        aliasd.signal(number)
        assert aliasd.wait() == 0
        assert session.is_closed()
    assert not aliasd.socket.exists()


def end_during_a_lookup(aliasd, upstream):
    """SIGTERM while a lookup waits for its target; its reply."""
    with aliasd.connect(timeout=8) as session:
        replies = []
        caller = threading.Thread(target=lambda: replies.append(
            session.lookup("alias.example.test")))
        start = time.monotonic()
        caller.start()
        environment.wait_until(lambda: upstream.count("web.target.test"), 5, "the question")
        aliasd.signal(signal.SIGTERM)
        assert aliasd.wait() == 0
        caller.join()
        assert time.monotonic() - start < 6 * environment.SLACK
    assert replies, "the connection was closed instead"
    return replies[0]


def test_running_call_is_answered_before_the_end(make_upstream, make_aliasd, filled):
    upstream = make_upstream([("web", "A", "192.0.2.1")])
    upstream.delay("web.target.test", 0.3)
    aliasd = make_aliasd(forward=upstream.forward)
    reply = end_during_a_lookup(aliasd, upstream)
    assert [row["content"] for row in reply["result"]] == ["192.0.2.1"]


def test_call_that_takes_too_long_fails_at_the_end_and_denies_nothing(make_upstream, make_aliasd,
                                                                      filled):
    upstream = make_upstream([("web", "A", "192.0.2.1")])
    upstream.silence()
    aliasd = make_aliasd(forward=upstream.forward, resolve_timeout=8000, answer_deadline=9000)
    assert "result" not in end_during_a_lookup(aliasd, upstream)


def test_second_signal_cuts_a_wait_for_the_zone_database_short(make_aliasd, filled):
    filled.sql("PRAGMA journal_mode=DELETE;")
    aliasd = make_aliasd(zone_upkeep="no", busy_timeout=20000, answer_deadline=30000)
    writer = LongWriter(filled.path, exclusive=True)
    with aliasd.connect() as session:
        session.send_bytes(b'{"method":"getAllDomains","parameters":{"include_disabled":true}}\n')
        time.sleep(0.2)
        start = time.monotonic()
        aliasd.signal(signal.SIGTERM)
        aliasd.wait_for_log("ending: SIGTERM")
        aliasd.signal(signal.SIGTERM)
        assert aliasd.wait() == 0
        assert time.monotonic() - start < 2 * environment.SLACK
    writer.release()


def test_databases_are_closed_at_the_end(make_resolving, filled, folder):
    _, aliasd = make_resolving([("web", "A", "192.0.2.1")])
    with aliasd.connect() as session:
        session.records("alias.example.test")
    aliasd.stop()
    # The last connection to close a database removes its WAL.
    assert [path.name for path in folder.glob("*-wal")] == []


def test_hangup_rereads_the_forwarder(make_upstream, make_aliasd, filled, folder, servers):
    one = make_upstream([("web", "A", "192.0.2.1")])
    aliasd = make_aliasd(forward=one.forward)
    with aliasd.connect() as session:
        assert session.records("alias.example.test") == [("A", "192.0.2.1")]
        two = Upstream(folder, [("new", "A", "192.0.2.2")], name="two")
        servers.append(two)
        two.start()
        aliasd.configure(forward=two.forward, loglevel=7)
        aliasd.signal(signal.SIGHUP)
        environment.wait_until(
            lambda: session.records("new.example.test") == [("A", "192.0.2.2")], 15,
            "an answer of the second upstream", interval=0.2)


def test_hangup_mends_a_wrong_forwarder_at_once(make_upstream, make_aliasd, filled):
    """What failed, and what is still being asked for in vain, is asked anew."""
    upstream = make_upstream([("web", "A", "192.0.2.1")])
    silent = f"{upstream.address}@{environment.free_port()}"
    aliasd = make_aliasd(forward=silent, resolve_timeout=100, retry_min=300)
    with aliasd.connect() as session:
        assert session.records("alias.example.test") == [("", "")]
        aliasd.configure(forward=upstream.forward)
        aliasd.signal(signal.SIGHUP)
        environment.wait_until(
            lambda: session.records("alias.example.test") == [("A", "192.0.2.1")], 3,
            "the answer of the upstream that is there", interval=0.1)


def test_hangup_with_settings_that_do_not_work_changes_nothing(make_aliasd, filled):
    aliasd = make_aliasd(max_sessions=128)
    aliasd.configure(max_sessions=1, unbound_option="no-such-option: yes")
    aliasd.signal(signal.SIGHUP)
    aliasd.wait_for_log("the old ones stay in force")
    with aliasd.connect() as one, aliasd.connect() as two:
        assert one.records("example.test", "NS") and two.records("example.test", "NS")


def test_hangup_rereads_the_log_level(make_aliasd, filled):
    aliasd = make_aliasd(loglevel=5)
    aliasd.configure(loglevel=3, max_sessions=1)
    aliasd.signal(signal.SIGHUP)

    def one_session_only():
        first, second = (aliasd.connect(initialize=False) for _ in range(2))
        with first, second:
            return second.is_closed_soon()

    environment.wait_until(one_session_only, 5, "max-sessions to be reread", interval=0.1)
    lines = len(aliasd.log().splitlines())
    aliasd.stop()
    assert len(aliasd.log().splitlines()) == lines


def test_hangup_with_a_bad_file_changes_nothing(make_aliasd, filled):
    aliasd = make_aliasd()
    aliasd.configure(stale_ttl="nonsense")
    aliasd.signal(signal.SIGHUP)
    aliasd.wait_for_log("stale-ttl")
    with aliasd.connect() as session:
        assert session.records("example.test", "NS")


def test_hangup_says_what_only_a_restart_changes(make_aliasd, filled, folder):
    aliasd = make_aliasd()
    aliasd.configure(socket=folder / "moved.sock")
    aliasd.signal(signal.SIGHUP)
    aliasd.wait_for_log("socket has changed")
    assert aliasd.socket.exists() and not (folder / "moved.sock").exists()


def test_systemd_is_told_when_the_socket_answers(make_aliasd, filled, folder):
    path = folder / "notify.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(path))
        notify.settimeout(10 * environment.SLACK)
        aliasd = make_aliasd(start=False)
        aliasd.spawn(aliasd.command(), env={"NOTIFY_SOCKET": str(path)})
        lines = notify.recv(4096).decode().split("\n")
        if "READY=1" not in lines and not any(line.startswith("READY") for line in lines):
            lines = notify.recv(4096).decode().split("\n")
        assert "READY=1" in lines
        with aliasd.connect() as session:
            assert session.records("example.test", "NS")
        aliasd.signal(signal.SIGTERM)
        assert aliasd.wait() == 0
        assert "STOPPING=1" in notify.recv(4096).decode()


def test_journal_lines_carry_their_priority(make_aliasd, filled):
    aliasd = make_aliasd(start=False)
    aliasd.log_path.touch()
    stream = aliasd.log_path.stat()
    aliasd.start(env={"JOURNAL_STREAM": f"{stream.st_dev}:{stream.st_ino}"})
    assert all(line.startswith("<") for line in aliasd.log().splitlines())
    # Inherited from a service that this process doesn't log to.
    aliasd.stop()
    aliasd.start(env={"JOURNAL_STREAM": "8:1"})
    assert not any(line.startswith("<") for line in aliasd.log().splitlines())


def test_no_file_descriptor_is_lost_to_finished_sessions(make_aliasd, filled):
    aliasd = make_aliasd()

    def count():
        return len(os.listdir(f"/proc/{aliasd.child.pid}/fd"))

    with aliasd.connect() as session:
        session.records("example.test")
    environment.wait_until(lambda: count() < 40, 5, "the first session's end")
    before = count()
    for _ in range(50):
        with aliasd.connect() as session:
            session.records("example.test")
    # Some are opened by threads that may not have come to it before.
    environment.wait_until(lambda: count() <= before + 15, 5, "descriptors to be closed")
