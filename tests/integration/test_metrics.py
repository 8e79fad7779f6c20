"""Metrics over HTTP (status-address)."""

import contextlib
import http.client
import os
import re
import resource
import socket
import subprocess
import threading
import time

import pytest

from lib import environment

ROWS = [("www", "ALIAS", "web.target.test"), ("bad", "ALIAS", "x.servfail.test"),
        ("gone", "ALIAS", "gone.target.test")]
TARGETS = [("web", "A", "192.0.2.1", 600)]


@pytest.fixture
def address():
    return environment.own_address(), environment.free_port()


@pytest.fixture
def serving(zones_db, make_resolving, address):
    zones_db.add_zone("example.test", ROWS)
    # Nothing is resolved before it is asked for.
    return make_resolving(TARGETS, refresh_idle=0, status_address=f"{address[0]}:{address[1]}")


def request(address, path, method="GET", headers=None):
    connection = http.client.HTTPConnection(*address, timeout=10 * environment.SLACK)
    connection.request(method, path, headers=headers or {})
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response, body


def metrics(address):
    response, body = request(address, "/metrics")
    assert response.status == 200
    lines = [line for line in body.splitlines() if not line.startswith("#")]
    found = {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
    assert len(found) == len(lines)
    return found


def prefixed(found):
    return {name.removeprefix("pdns_aliasd_"): value for name, value in found.items()}


def test_promtool_finds_nothing_to_say(serving, address):
    with serving[1].connect() as session:
        session.records("www.example.test")
        session.records("bad.example.test")
    response, body = request(address, "/metrics")
    assert response.getheader("Content-Type").startswith("text/plain; version=0.0.4")
    outcome = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True,
                             text=True, timeout=60 * environment.SLACK)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


def test_what_happens_is_counted(serving, address):
    upstream, aliasd = serving
    with aliasd.connect() as session:
        for _ in range(3):
            session.records("www.example.test")
        session.records("bad.example.test")
        session.records("gone.example.test", "A")
        found = prefixed(metrics(address))
    assert found['alias_lookups_total{outcome="fresh"}'] == 3
    assert found['alias_lookups_total{outcome="empty"}'] == 3 + 1
    assert found['alias_lookups_total{outcome="nothing"}'] == 2
    assert found["alias_wait_seconds_count"] == 3
    assert found['resolutions_total{outcome="addresses"}'] == 1
    assert found['resolutions_total{outcome="empty"}'] == 2
    assert found['resolutions_total{outcome="failure"}'] >= 2
    assert found["resolution_duration_seconds_count"] == sum(
        value for name, value in found.items() if name.startswith("resolutions_total"))
    assert found['targets{family="A",state="fresh"}'] == 1
    assert found['targets{family="A",state="empty"}'] == 1
    assert found['targets{family="AAAA",state="failing"}'] == 1
    assert found['targets{family="AAAA",state="unknown"}'] == 1
    assert (found["sessions"], found["sessions_max"], found["sessions_started_total"]) == (1, 128,
                                                                                           1)
    assert found["upkeep_zones_total"] == 1 and found["upkeep_failures_total"] == 0
    environment.wait_until(
        lambda: prefixed(metrics(address))["fallback_writes_total"] >= 3, 10, "rows to be written")
    found = metrics(address)
    assert 'pdns_aliasd_build_info{version="0.1.0"}' in found
    assert abs(found["process_start_time_seconds"] - time.time()) < 120 * environment.SLACK


def test_silence_is_counted_as_waiting_and_as_overdue(serving, address):
    upstream, aliasd = serving
    upstream.silence()
    with aliasd.connect() as session:
        session.records("www.example.test", "A")
    environment.wait_until(
        lambda: prefixed(metrics(address))["resolutions_overdue_total"] == 1, 10,
        "the resolution to be overdue")
    found = prefixed(metrics(address))
    assert found["alias_wait_seconds_count"] == 1
    assert found["alias_wait_seconds_sum"] > 0.2
    assert found['alias_wait_seconds_bucket{le="0.2"}'] == 0
    assert found['alias_lookups_total{outcome="nothing"}'] == 1


def test_histograms_are_cumulative(serving, address):
    with serving[1].connect() as session:
        session.records("www.example.test")
    found = metrics(address)
    for name in ("pdns_aliasd_alias_wait_seconds", "pdns_aliasd_resolution_duration_seconds"):
        buckets = [value for key, value in found.items() if key.startswith(name + "_bucket")]
        assert buckets == sorted(buckets) and buckets[-1] == found[name + "_count"] > 0
        assert re.search(r'le="\+Inf"', [key for key in found
                                         if key.startswith(name + "_bucket")][-1])


def test_refused_sessions_are_counted(serving, address):
    aliasd = serving[1]
    aliasd.stop()
    aliasd.configure(max_sessions=1)
    aliasd.start()
    with aliasd.connect():
        with aliasd.connect(initialize=False) as second:
            assert second.is_closed()
        assert prefixed(metrics(address))["sessions_refused_total"] == 1


def test_fallback_failures_are_counted(zones_db, make_resolving, address, folder):
    zones_db.add_zone("example.test", ROWS)
    _, aliasd = make_resolving(TARGETS, refresh_idle=0,
                               status_address=f"{address[0]}:{address[1]}",
                               fallback_db=folder / "missing" / "fallback.db")
    with aliasd.connect() as session:
        session.records("www.example.test")
    found = prefixed(metrics(address))
    assert found["fallback_write_failures_total"] >= 1 and found["fallback_queued"] == 2
    (folder / "missing").mkdir()
    environment.wait_until(lambda: prefixed(metrics(address))["fallback_queued"] == 0, 30,
                           "the queue to be written")


def test_status_is_for_people(serving, address):
    for path in ("/", "/status"):
        response, body = request(address, path)
        assert response.status == 200 and "sessions: 0 of 128" in body
        assert "targets, A: 0 unknown" in body


@pytest.mark.parametrize("path", ("/nothing", "/metrics/", "/metricsx", "//metrics"))
def test_other_paths_are_not_there(serving, address, path):
    assert request(address, path)[0].status == 404


@pytest.mark.parametrize("method", ("POST", "PUT", "DELETE", "OPTIONS"))
def test_other_methods_are_not_allowed(serving, address, method):
    response, _ = request(address, "/metrics", method)
    assert response.status == 405 and response.getheader("Allow") == "GET, HEAD"


def test_head_has_no_body(serving, address):
    response, body = request(address, "/metrics", "HEAD")
    assert response.status == 200 and body == ""


def test_a_query_string_changes_nothing(serving, address):
    assert request(address, "/metrics?x=1")[0].status == 200


def test_what_is_no_http_disturbs_nobody(serving, address):
    with serving[1].connect() as session:
        for junk in (b"\0\1\2\r\n\r\n", b"GET " + b"/" * 100000, b"GET /metrics",
                     b"GET /metrics HTTP/1.1\r\n" + b"X: " + b"y" * 100000):
            with socket.create_connection(address, timeout=10) as client:
                client.sendall(junk)
                assert session.records("www.example.test", "A") == [("A", "192.0.2.1")]
    assert request(address, "/status")[0].status == 200


def test_nothing_listens_unless_it_is_wanted(make_aliasd, zones_db):
    aliasd = make_aliasd()
    pid = aliasd.child.pid
    inodes = set(re.findall(r"socket:\[(\d+)\]", subprocess.run(
        ["ls", "-l", f"/proc/{pid}/fd"], capture_output=True, text=True).stdout))
    for kind in ("tcp", "tcp6"):
        with open(f"/proc/{pid}/net/{kind}", encoding="ascii") as table:
            for line in list(table)[1:]:
                words = line.split()
                assert not (words[3] == "0A" and words[9] in inodes), line


def test_a_taken_address_keeps_no_zone_from_being_served(zones_db, make_resolving, address):
    zones_db.add_zone("example.test", ROWS)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(address)
        other.listen()
        _, aliasd = make_resolving(TARGETS, status_address=f"{address[0]}:{address[1]}")
        aliasd.wait_for_log("no metrics until that works")
        with aliasd.connect() as session:
            assert session.records("www.example.test", "A") == [("A", "192.0.2.1")]
    aliasd.wait_for_log("metrics at http://", 20)
    assert request(address, "/metrics")[0].status == 200
    assert aliasd.log().count("no metrics until that works") == 1


@pytest.mark.parametrize("wrong", ("127.0.0.1", "localhost:80", "127.0.0.1:0", "127.0.0.1:70000",
                                   "[::1]", ":80"))
def test_an_address_that_is_none_is_refused(make_aliasd, zones_db, wrong):
    aliasd = make_aliasd(start=False, status_address=wrong)
    for options in ((), ("--check-config",)):
        outcome = aliasd.run(*options)
        assert outcome.returncode == 2 and "status-address: expected" in outcome.stderr


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_out_of_descriptors_it_pauses_and_goes_on_later(serving, address):
    aliasd = serving[1]
    pid = aliasd.child.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = max(int(name) for name in os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 1, before[1]))
    with contextlib.ExitStack() as clients:
        for _ in range(8):
            clients.enter_context(socket.create_connection(address, timeout=10))
        aliasd.wait_for_log("status-address: accepting a connection failed: Too many open files")
        start = processor_seconds(pid)
        time.sleep(2)
        assert processor_seconds(pid) - start < 0.5
        assert aliasd.log().count("accepting a connection failed") == 1
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    assert request(address, "/status")[0].status == 200


def test_connections_are_bounded_and_others_have_their_turn_later(serving, address):
    aliasd = serving[1]
    folder = f"/proc/{aliasd.child.pid}/fd"
    assert request(address, "/status")[0].status == 200
    before = len(os.listdir(folder))
    with contextlib.ExitStack() as clients:
        for _ in range(40):
            clients.enter_context(socket.create_connection(address, timeout=10))
        aliasd.wait_for_log("status-address: 32 connections at a time, others have to wait")
        time.sleep(0.5)
        assert before + 31 <= len(os.listdir(folder)) <= before + 33
    for _ in range(40):
        assert request(address, "/status")[0].status == 200


def test_many_scrapes_at_once_while_lookups_go_on(serving, address):
    def scrape():
        for _ in range(20):
            assert request(address, "/metrics")[0].status == 200

    threads = [threading.Thread(target=scrape) for _ in range(4)]
    for thread in threads:
        thread.start()
    with serving[1].connect() as session:
        for _ in range(200):
            assert session.records("www.example.test", "A") == [("A", "192.0.2.1")]
    for thread in threads:
        thread.join()
