"""Long lists go out in parts: memory, failures in the middle, peers that take nothing, ends."""

import contextlib
import json
import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from lib import environment
from lib.service_manager import ManagedAliasd
from lib.session import message_of

LIST = (b'{"method":"list","parameters":'
        b'{"zonename":"big.test.","domain_id":1,"include_disabled":false}}\n')


def fill(zones_db, count):
    """A zone whose rows stand in the table as they do in a list."""
    zones_db.sql("PRAGMA journal_mode=WAL;")
    zones_db.add_zone("big.test")
    zones_db.sql(f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{count})
        INSERT INTO records(domain_id,name,type,content,ttl)
        SELECT 1,printf('h%07d.big.test',i),'TXT','"'||hex(zeroblob(40))||i||'"',60 FROM n;""")
    zones_db.add_zone("small.test", [("www", "A", "192.0.2.1")])
    return zones_db


@pytest.fixture
def big(zones_db):
    """Some 8 MB of JSON: more than a socket takes unread."""
    return fill(zones_db, 60000)


@pytest.fixture
def medium(zones_db):
    """Some 1.6 MB: more than a socket takes too, and read by a busy machine well within the 4 s that a
    list has at the end."""
    return fill(zones_db, 12000)


def can_checkpoint(zones_db):
    """Whether no snapshot keeps anything in the WAL."""
    _, frames, written_back = zones_db.sql("PRAGMA wal_checkpoint(PASSIVE);").split("|")
    return int(frames) == int(written_back)


def works(session):
    return session.records("www.small.test") == [("A", "192.0.2.1")]


def begin_list(session):
    """Orders the list and waits for its first bytes."""
    session.send_bytes(LIST)
    return session.socket.recv(1000)


def read_to_the_end(session):
    parts = []
    while True:
        try:
            data = session.socket.recv(1 << 20)
        except ConnectionResetError:
            data = b""
        if not data:
            return b"".join(parts)
        parts.append(data)


def rest_of_list(session):
    """What is left of a list after begin_list(), with a begin that stands for the one read."""
    return b'{"result":[{' + read_to_the_end(session)


def assert_is_broken(line):
    assert line.startswith(b'{"result":[{') and b"\n" not in line
    with pytest.raises(json.JSONDecodeError):
        json.loads(line)


class Peak:
    """By how much the daemon's memory grows at the most, in kB."""

    def __init__(self, aliasd):
        self.folder = Path("/proc", str(aliasd.child.pid))
        (self.folder / "clear_refs").write_text("5")
        self.start = self.read()

    def read(self):
        line = next(line for line in (self.folder / "status").read_text().splitlines()
                    if line.startswith("VmHWM"))
        return int(line.split()[1])

    def growth(self):
        return self.read() - self.start


def assert_is_small(growth):
    # Page caches of SQLite's are 2 MB each. Sanitizers keep what was freed.
    assert growth < 6000 or os.environ.get("ALIASD_SANITIZER_REPORTS"), f"{growth} kB"


def test_a_large_zone_is_listed_whole_in_little_memory(make_aliasd, zones_db):
    fill(zones_db, 300000)
    aliasd = make_aliasd(zone_upkeep="no")
    with aliasd.connect(timeout=60) as session:
        assert works(session)
        peak = Peak(aliasd)
        session.send_bytes(LIST)
        line = session.read_line()
        assert_is_small(peak.growth())
        rows = [(row["qname"], row["qtype"], row["content"], row["ttl"])
                for row in json.loads(line)["result"]]
        assert len(line) > 30e6
        assert rows == list(zones_db.execute("SELECT name,type,content,ttl FROM records WHERE "
                                             "domain_id=1 ORDER BY name,type;"))
        assert works(session)


def test_a_large_list_of_zones_is_whole_and_takes_little_memory(make_aliasd, zones_db):
    label = 50 * "x"
    zones_db.sql(f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<100000)
        INSERT INTO domains(name,type) SELECT 'z'||i||'.{label}.test','NATIVE' FROM n;
        INSERT INTO records(domain_id,name,type,content,ttl)
        SELECT id,name,'SOA','ns.test h.test '||id||' 1 1 1 1',60 FROM domains;""")
    zones_db.add_zone("small.test", [("www", "A", "192.0.2.1")])
    aliasd = make_aliasd(zone_upkeep="no")
    with aliasd.connect(timeout=60) as session:
        assert works(session)
        peak = Peak(aliasd)
        session.send_bytes(b'{"method":"getAllDomains","parameters":{"include_disabled":true}}\n')
        line = session.read_line()
        assert_is_small(peak.growth())
        assert len(line) > 9e6
        rows = json.loads(line)["result"]
        assert len(rows) == 100001
        assert ({(row["id"], row["zone"], row["serial"]) for row in rows[:-1]}
                == {(number, f"z{number}.{label}.test", number) for number in range(1, 100001)})


def test_aliases_of_a_large_zone_are_expanded_in_little_memory(make_aliasd, make_upstream, big):
    upstream = make_upstream([("web", "A", "192.0.2.9")])
    for name in ("a", "z"):
        big.insert("big.test", name, "ALIAS", "web.target.test")
    aliasd = make_aliasd(zone_upkeep="no", forward=upstream.forward)
    with aliasd.connect() as session:
        assert works(session)
        peak = Peak(aliasd)
        session.send_bytes(LIST)
        rows = session.read_reply()["result"]
        assert_is_small(peak.growth())
    assert len(rows) == 60005
    assert [row["qname"] for row in rows if row["content"] == "192.0.2.9"] == ["a.big.test",
                                                                              "z.big.test"]


def test_a_long_search_takes_little_memory(make_aliasd, big):
    aliasd = make_aliasd(zone_upkeep="no")
    with aliasd.connect() as session:
        assert works(session)
        peak = Peak(aliasd)
        session.send_bytes(b'{"method":"searchRecords","parameters":'
                           b'{"pattern":"h*","maxResults":60000}}\n')
        line = session.read_line()
        assert_is_small(peak.growth())
        assert len(line) > 9e6
        assert len(json.loads(line)["result"]) == 60000


def test_what_fails_in_the_middle_of_a_list_ends_the_connection(make_aliasd, big):
    big.damage(0.7)
    aliasd = make_aliasd(zone_upkeep="no")
    # For others the whole zone is searched for ALIAS rows first, which finds the damage.
    with aliasd.connect(view="raw") as session, aliasd.connect() as other:
        session.send_bytes(LIST)
        line = read_to_the_end(session)
        assert 1e6 < len(line) < 8e6
        assert_is_broken(line)
        aliasd.wait_for_log("list of big.test.: connection ended after ")
        assert "malformed" in aliasd.log()
        assert works(other)


def test_what_fails_early_in_a_list_is_still_an_answer(make_aliasd, big):
    big.damage(0.002)
    with make_aliasd(zone_upkeep="no").connect(view="raw") as session:
        for _ in range(2):
            assert "malformed" in message_of(session.exchange(LIST[:-1]))
        assert works(session)


def test_what_the_communicator_asks_fails_as_nothing_however_long_it_is(make_aliasd, zones_db):
    """A connection that ended would end pdns_server."""
    zones_db.sql("""PRAGMA journal_mode=WAL;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<3000)
        INSERT INTO domains(id,name,type) SELECT i,printf('z%05d.test',i),'MASTER' FROM n;
        INSERT INTO records(domain_id,name,type,content,ttl)
        SELECT id,name,'SOA','ns.test h.test 1 3600 600 86400 60',60 FROM domains;""")
    with make_aliasd(zone_upkeep="no").connect() as session:
        assert len(session.result("getUpdatedMasters")) == 3000
    mend = zones_db.damage(0.9)
    with make_aliasd(name="other", zone_upkeep="no").connect() as session:
        assert session.result("getUpdatedMasters") == []
        mend()
        assert len(session.result("getUpdatedMasters")) == 3000


def test_without_a_wal_who_reads_slowly_keeps_nobody_from_writing(make_aliasd, big):
    big.sql("PRAGMA journal_mode=DELETE;")
    aliasd = make_aliasd(zone_upkeep="no")
    with aliasd.connect(timeout=60) as session:
        begin = begin_list(session)
        with contextlib.closing(sqlite3.connect(big.path, timeout=0.1)) as connection:
            with connection:
                connection.execute("UPDATE records SET ttl=61 WHERE name='www.small.test'")
        session.buffer = begin
        assert len(session.read_reply()["result"]) == 60003


def test_a_peer_that_takes_nothing_is_cut_off(make_aliasd, big):
    aliasd = make_aliasd()
    big.wait_until_in_order()
    with aliasd.connect(timeout=30) as session, aliasd.connect() as other:
        start = time.monotonic()
        begin_list(session)
        big.sql("UPDATE records SET ttl=61 WHERE name='www.small.test';")
        assert not can_checkpoint(big), "the list's snapshot is gone"
        aliasd.wait_for_log("list of big.test.: connection ended after ", timeout=20)
        assert time.monotonic() - start > 5
        assert "taken nothing" in aliasd.log()
        assert works(other)
        assert_is_broken(rest_of_list(session))
        environment.wait_until(lambda: can_checkpoint(big), 5, "a WAL without readers")


def test_a_peer_that_is_slow_gets_the_whole_list(make_aliasd, big):
    aliasd = make_aliasd()
    with aliasd.connect() as session:
        session.buffer = begin_list(session)
        for _ in range(20):
            time.sleep(0.05)
            session.buffer += session.socket.recv(1500)
        assert len(session.read_reply()["result"]) == 60003
        assert works(session)


def test_a_peer_that_leaves_in_the_middle_of_a_list_is_told_of(make_aliasd, big):
    aliasd = make_aliasd()
    with aliasd.connect() as other:
        with aliasd.connect() as session:
            begin_list(session)
        aliasd.wait_for_log("list of big.test.: connection ended after ")
        assert "the peer has closed the connection" in aliasd.log()
        assert works(other)


def test_a_list_under_way_at_sigterm_is_finished(make_aliasd, medium):
    aliasd = make_aliasd()
    with aliasd.connect() as session:
        session.buffer = begin_list(session)
        aliasd.signal(signal.SIGTERM)
        aliasd.wait_for_log("ending: SIGTERM")
        time.sleep(0.2)
        assert len(session.read_reply()["result"]) == 12003
        assert session.is_closed()
        assert aliasd.wait() == 0
    assert "connection ended" not in aliasd.log()


def test_a_list_that_nobody_takes_is_cut_off_at_the_end(make_aliasd, big):
    aliasd = make_aliasd()
    with aliasd.connect() as session:
        begin_list(session)
        start = time.monotonic()
        aliasd.signal(signal.SIGTERM)
        assert aliasd.wait() == 0
        assert time.monotonic() - start < 8 * environment.SLACK
        assert_is_broken(rest_of_list(session))
    assert "bytes of the reply: cut off" in aliasd.log()


@pytest.fixture
def managed(folder, servers, medium, manager):
    servers.append(ManagedAliasd(manager, folder, medium.path))
    return servers[-1]


def wait_for_stored(manager, count):
    environment.wait_until(lambda: len(manager.names()) == count, 5, f"{count} stored")


def test_a_connection_goes_on_in_the_next_process_after_its_list(manager, managed):
    managed.start()
    with managed.connect() as session:
        wait_for_stored(manager, 1)
        session.buffer = begin_list(session)
        wait_for_stored(manager, 0)
        managed.signal(signal.SIGTERM)
        managed.wait_for_log("ending: SIGTERM")
        assert len(session.read_reply()["result"]) == 12003
        assert managed.wait() == 0
        wait_for_stored(manager, 1)
        managed.start()
        assert works(session)


def test_a_connection_is_not_handed_over_in_the_middle_of_its_list(manager, managed):
    managed.start()
    with managed.connect() as session, managed.connect() as idle:
        wait_for_stored(manager, 2)
        begin_list(session)
        wait_for_stored(manager, 1)
        managed.restart_after_kill()
        assert_is_broken(rest_of_list(session))
        assert works(idle)
