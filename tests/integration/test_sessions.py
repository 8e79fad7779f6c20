"""Connections: many calls, parts of calls, many at a time."""

import json
import threading

import pytest

from lib import environment
from lib.session import message_of

LOOKUP = (b'{"method":"lookup","parameters":'
          b'{"qtype":"ANY","qname":"%s.example.test.","zone-id":-1}}\n')


@pytest.fixture
def filled(zones_db):
    zones_db.add_zone("example.test", [(f"h{number}", "A", f"192.0.2.{number}")
                                       for number in range(200)])
    return zones_db


def test_pipelined_lines_are_answered_in_order(make_aliasd, filled):
    with make_aliasd().connect() as session:
        session.send_bytes(b"".join(LOOKUP % b"h%d" % number for number in range(200)))
        for number in range(200):
            assert session.read_reply()["result"][0]["content"] == f"192.0.2.{number}"


def test_a_line_may_come_in_parts(make_aliasd, filled):
    with make_aliasd().connect() as session:
        line = LOOKUP % b"h7"
        for start in range(0, len(line), 5):
            session.send_bytes(line[start:start + 5])
        assert session.read_reply()["result"][0]["content"] == "192.0.2.7"
        session.send_bytes(line + line[:20])
        assert session.read_reply()["result"][0]["content"] == "192.0.2.7"
        session.send_bytes(line[20:])
        assert session.read_reply()["result"][0]["content"] == "192.0.2.7"


def test_an_unfinished_line_is_dropped_with_its_connection(make_aliasd, filled):
    aliasd = make_aliasd()
    with aliasd.connect() as session:
        session.send_bytes((LOOKUP % b"h1")[:-1])
    with aliasd.connect() as session:
        assert session.records("h1.example.test") == [("A", "192.0.2.1")]


def test_a_client_that_leaves_before_its_answer_does_no_harm(make_aliasd, filled):
    aliasd = make_aliasd()
    for _ in range(20):
        with aliasd.connect() as session:
            session.send_bytes((LOOKUP % b"h1") * 50)
    with aliasd.connect() as session:
        assert session.records("h1.example.test") == [("A", "192.0.2.1")]


def test_calls_work_without_initialize(make_aliasd, filled):
    with make_aliasd().connect(initialize=False) as session:
        assert session.records("h1.example.test") == [("A", "192.0.2.1")]


def test_a_session_is_not_held_up_by_another(make_aliasd, filled):
    aliasd = make_aliasd()
    with aliasd.connect() as idle, aliasd.connect() as busy:
        idle.send_bytes(b'{"method":"look')
        assert busy.records("h1.example.test") == [("A", "192.0.2.1")]
        idle.send_bytes((LOOKUP % b"h2")[len(b'{"method":"look'):])
        assert idle.read_reply()["result"][0]["content"] == "192.0.2.2"


def test_many_sessions_work_at_the_same_time(make_aliasd, filled):
    aliasd = make_aliasd()
    failures = []

    def client(start):
        try:
            with aliasd.connect() as session:
                for turn in range(100):
                    number = (start * 13 + turn) % 200
                    assert session.records(f"h{number}.example.test") == [("A",
                                                                          f"192.0.2.{number}")]
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_connections_past_the_bound_are_refused_with_a_log_line(make_aliasd, filled):
    aliasd = make_aliasd(max_sessions=2)
    first, second = aliasd.connect(), aliasd.connect()
    third = aliasd.connect(initialize=False)
    assert third.is_closed()
    aliasd.wait_for_log("max-sessions")
    assert first.records("h1.example.test") and second.records("h1.example.test")
    second.close()

    def is_accepted():
        try:
            aliasd.connect().close()
            return True
        except (AssertionError, OSError):
            return False

    environment.wait_until(is_accepted, 5, "a place to become free")
    first.close()


def test_a_long_reply_arrives_whole(make_aliasd, zones_db):
    zones_db.add_zone("big.test")
    zones_db.sql("""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<20000)
        INSERT INTO records(domain_id,name,type,content,ttl)
        SELECT 1,'h'||i||'.big.test','TXT','"'||hex(zeroblob(50))||'"',60 FROM n;""")
    with make_aliasd().connect() as session:
        rows = session.result("list", zonename="big.test.", domain_id=1, include_disabled=False)
        assert len(rows) == 20003


def test_replies_are_one_line_of_compact_json(make_aliasd, filled):
    with make_aliasd().connect() as session:
        session.send_bytes(LOOKUP % b"h1")
        line = session.read_line()
        assert line == json.dumps(json.loads(line), separators=(",", ":")).encode()


@pytest.mark.parametrize("stored,seen", [
    (b'"caf\xc3\xa9"', '"caf\xc3\xa9"'),
    (b'"caf\xe9 \xff\xfe"', '"caf\xe9 \xff\xfe"'),
    (b'"tab\tquote\\"back\\\\"', '"tab\tquote\\"back\\\\"'),
    (b'"bell\x07\x1b\x7f"', '"bell\x07\x1b\x7f"'),
], ids=["utf8", "latin1", "escapes", "control"])
def test_bytes_of_a_row_come_back_as_they_are(make_aliasd, filled, stored, seen):
    filled.insert("example.test", "bytes", "TXT", stored)
    with make_aliasd().connect() as session:
        assert session.records("bytes.example.test") == [("TXT", seen)]


def test_a_row_with_a_nul_does_not_take_its_neighbours_down(make_aliasd, filled):
    filled.insert("example.test", "nul", "TXT", b'"a\x00b"')
    filled.insert("example.test", "nul", "A", "192.0.2.201")
    with make_aliasd().connect() as session:
        assert ("A", "192.0.2.201") in session.records("nul.example.test")
        message_of(session.exchange(b"nonsense"))
        assert session.records("h1.example.test") == [("A", "192.0.2.1")]
