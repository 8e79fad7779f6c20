"""`pdns-aliasd relay` on pipes: before a real daemon, and before one that does everything wrong."""

import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest

from lib import environment
from lib.relay import TRUE, FaultyServer, Relay, request
from lib.session import message_of

# A deadline that tests wait for, in ms, and for which nothing else may take long.
SHORT = int(600 * environment.SLACK)
LOOKUP = {"qtype": "ANY", "qname": "www.example.test.", "zone-id": -1}
EMPTY = b'{"result":[]}\n'


@pytest.fixture
def make_relay(folder, servers):
    def make(path, *options, **more):
        relay = Relay(folder, path, *options, **more)
        servers.append(relay)
        return relay

    return make


@pytest.fixture
def make_faulty(folder, servers):
    """A relay with a short deadline, and its server."""
    def make(behave, *options, **more):
        server = FaultyServer(folder / "faulty.sock", behave)
        servers.append(server)
        relay = Relay(folder, server.path, "--timeout", SHORT, *options, **more)
        servers.append(relay)
        return server, relay

    return make


def assert_took_the_deadline(took):
    """It is reckoned in whole milliseconds."""
    assert -0.002 <= took - SHORT / 1000 < 2 * environment.SLACK


def answering(conversation):
    """A server that is as it should be."""
    conversation.answer_initialize()
    while conversation.hear():
        conversation.say(EMPTY)


# A real daemon


def test_calls_and_replies_are_passed_on(zones_db, make_aliasd, make_relay):
    zones_db.add_zone("example.test", [("www", "A", "192.0.2.1"), ("pound", "TXT", '"\xa3"')])
    relay = make_relay(make_aliasd().socket)
    row = relay.call("lookup", **LOOKUP)["result"][0]
    assert (row["qname"], row["content"]) == ("www.example.test", "192.0.2.1")
    assert relay.call("lookup", **{**LOOKUP, "qname": "none.example.test."}) == {"result": []}
    assert message_of(relay.call("lookup", qtype="A")) == "lookup: parameter 'qname' is missing"
    assert relay.end() == 0
    assert relay.log() == ""


def test_initialize_carries_the_view_to_each_connection(zones_db, make_aliasd, make_relay):
    zones_db.add_zone("example.test", [("www", "ALIAS", "target.test")])
    aliasd = make_aliasd()
    relay = make_relay(aliasd.socket, initialize={"view": "raw"})
    for _ in range(2):
        rows = relay.call("list", zonename="example.test.", domain_id=1)["result"]
        assert "ALIAS" in [row["qtype"] for row in rows]
        aliasd.restart()


def test_refused_initialize_fails_each_call(make_aliasd, make_relay):
    relay = make_relay(make_aliasd().socket, initialize={"view": "sideways"})
    for _ in range(2):
        reply, took = relay.timed_call("lookup", **LOOKUP)
        assert "refuses the options" in message_of(reply)
        assert took < 1 * environment.SLACK
    assert "sideways" in relay.log()


@pytest.mark.parametrize("restart", ["restart", "restart_after_kill"])
def test_restarted_daemon_is_connected_to_again(zones_db, make_aliasd, make_relay, restart):
    zones_db.add_zone("example.test", [("www", "A", "192.0.2.1")])
    aliasd = make_aliasd()
    relay = make_relay(aliasd.socket)
    for _ in range(3):
        assert relay.call("lookup", **LOOKUP)["result"]
        getattr(aliasd, restart)()
    # One that writes was not made yet either: it is as good.
    assert relay.call("setFresh", id=1)["result"] is True
    assert relay.log() == ""


def test_daemon_that_comes_within_the_deadline_is_waited_for(zones_db, make_aliasd, make_relay):
    zones_db.add_zone("example.test", [("www", "A", "192.0.2.1")])
    aliasd = make_aliasd(start=False)
    relay = make_relay(aliasd.socket, "--timeout", 20000)
    relay.send(request("lookup", **LOOKUP))
    time.sleep(0.3)
    aliasd.start()
    assert json.loads(relay.read_line())["result"]


RECORD = {"qtype": "A", "qname": "new.example.test", "qclass": 1, "content": "192.0.2.2",
          "ttl": 300, "auth": True}
CALLS_INSIDE = {
    "feedRecord": {"rr": RECORD, "trxid": 1},
    "feedEnts": {"domain_id": 1, "trxid": 1, "nonterm": []},
    "replaceRRSet": {"domain_id": 1, "qname": "new.example.test.", "qtype": "A", "trxid": 1,
                     "rrset": [RECORD]},
    "lookup": LOOKUP,
    "commitTransaction": {"trxid": 1},
}


@pytest.fixture
def in_transaction(zones_db, make_aliasd, make_relay):
    """(relay, daemon, what the zone database had), a transaction begun and a record fed."""
    zones_db.add_zone("example.test", [("www", "A", "192.0.2.1")])
    aliasd = make_aliasd()
    zones_db.wait_until_in_order()
    before = zones_db.dump()
    relay = make_relay(aliasd.socket)
    assert relay.call("startTransaction", domain="example.test", domain_id=-1, trxid=1)["result"]
    assert relay.call("feedRecord", **CALLS_INSIDE["feedRecord"])["result"] is True
    return relay, aliasd, before


@pytest.mark.parametrize("method", CALLS_INSIDE)
def test_transaction_is_lost_with_its_connection(zones_db, in_transaction, method):
    """The first call after that says so: alone it would mean something else."""
    relay, aliasd, before = in_transaction
    aliasd.restart()
    assert "transaction was lost" in message_of(relay.call(method, **CALLS_INSIDE[method]))
    assert "result" not in relay.call("commitTransaction", trxid=1)
    assert zones_db.dump() == before
    # What comes next is as ever.
    assert relay.call("lookup", **LOOKUP)["result"]
    assert relay.call("startTransaction", domain="example.test", domain_id=-1, trxid=2)["result"]
    assert relay.call("feedRecord", **CALLS_INSIDE["feedRecord"])["result"] is True
    assert relay.call("commitTransaction", trxid=2)["result"] is True
    assert zones_db.dump() != before


def test_lost_transaction_is_not_forgotten_over_a_call_that_fails_with_a_result(
        zones_db, in_transaction):
    relay, aliasd, before = in_transaction
    aliasd.restart()
    assert relay.call("setFresh", id=1)["result"] is False
    assert "transaction was lost" in message_of(
        relay.call("replaceRRSet", **CALLS_INSIDE["replaceRRSet"]))
    assert zones_db.dump() == before


@pytest.mark.parametrize("end", ["commitTransaction", "abortTransaction"])
def test_transaction_that_has_ended_is_not_lost(in_transaction, end):
    relay, aliasd, _ = in_transaction
    assert relay.call(end, trxid=1)["result"] is True
    aliasd.restart()
    assert relay.call("lookup", **LOOKUP)["result"]
    assert relay.log() == ""


def test_transaction_can_be_begun_where_one_was_lost(in_transaction):
    relay, aliasd, _ = in_transaction
    aliasd.restart()
    assert relay.call("startTransaction", domain="example.test", domain_id=-1, trxid=2)["result"]


def test_long_request_reaches_the_daemon_whole(zones_db, make_aliasd, make_relay):
    zones_db.add_zone("example.test")
    relay = make_relay(make_aliasd().socket)
    zones_db.wait_until_in_order()
    count = 20000
    assert relay.call("startTransaction", domain="example.test", domain_id=-1, trxid=1)["result"]
    assert relay.call("feedEnts", domain_id=1, trxid=1, nonterm=[
        {"nonterm": f"ent{number}.example.test.", "auth": True} for number in range(count)])["result"]
    assert relay.call("commitTransaction", trxid=1)["result"] is True
    assert int(zones_db.sql("SELECT count(*) FROM records WHERE name LIKE 'ent%';")) == count


# The deadline


def test_hanging_daemon_gives_an_error_reply(make_faulty):
    def silent(conversation):
        conversation.answer_initialize()
        conversation.wait()

    _, relay = make_faulty(silent)
    for _ in range(2):
        reply, took = relay.timed_call("lookup", **LOOKUP)
        assert message_of(reply) == f"relay: lookup: the daemon was silent for {SHORT} ms"
        assert_took_the_deadline(took)
    assert relay.end() == 0
    assert "lookup: the daemon was silent" in relay.log()


def test_daemon_that_hangs_at_initialize_gives_an_error_reply(make_faulty):
    _, relay = make_faulty(lambda conversation: conversation.wait())
    reply, took = relay.timed_call("lookup", **LOOKUP)
    assert "silent" in message_of(reply)
    assert_took_the_deadline(took)


def drip(conversation, begin):
    """Goes on for longer than any deadline of these tests."""
    conversation.say(begin)
    for _ in range(60):
        conversation.wait(SHORT / 1000 / 4)
        conversation.say(b" ")


def test_daemon_that_answers_initialize_bit_by_bit_gives_an_error_reply(make_faulty):
    def dripping(conversation):
        conversation.hear()
        drip(conversation, b'{"result":')

    _, relay = make_faulty(dripping)
    reply, took = relay.timed_call("lookup", **LOOKUP)
    assert "no connection to the daemon" in message_of(reply)
    assert_took_the_deadline(took)


def test_reply_that_comes_bit_by_bit_gives_an_error_reply(make_faulty):
    """As long as nothing of it was passed on."""
    def dripping(conversation):
        conversation.answer_initialize()
        while line := conversation.hear():
            if json.loads(line)["method"] == "list":
                drip(conversation, b'{"result":[' + b" " * 60000)
            conversation.say(EMPTY)

    _, relay = make_faulty(dripping)
    reply, took = relay.timed_call("list", zonename="example.test.")
    assert message_of(reply) == f"relay: list: the daemon's reply was not there after {2 * SHORT} ms"
    assert -0.002 <= took - 2 * SHORT / 1000 < 2 * environment.SLACK
    # Nothing of it comes in the way of the next call.
    assert relay.call("lookup", **LOOKUP) == {"result": []}


def test_reply_that_begins_late_has_time_to_come(make_faulty):
    parts = [b'{"result":["' + b"x" * 60000, *[b"y" * 10] * 3, b'"]}\n']

    def slow(conversation):
        conversation.answer_initialize()
        conversation.hear()
        conversation.wait(SHORT / 1000 * 0.5)
        for part in parts:
            conversation.say(part)
            conversation.wait(SHORT / 1000 * 0.2)

    _, relay = make_faulty(slow)
    start = time.monotonic()
    assert relay.exchange(request("list", zonename="example.test.")) == b"".join(parts)
    assert time.monotonic() - start > SHORT / 1000


def test_late_reply_is_never_that_of_a_later_call(make_faulty):
    def late(conversation):
        conversation.answer_initialize()
        while line := conversation.hear():
            name = json.loads(line)["parameters"]["name"]
            if name == "slow.":
                conversation.wait(SHORT / 1000 * 1.5)
            conversation.say(json.dumps({"result": name}).encode() + b"\n")

    _, relay = make_faulty(late)
    for number in range(3):
        assert relay.call("getDomainInfo", name=f"{number}.") == {"result": f"{number}."}
        assert "silent" in message_of(relay.call("getDomainInfo", name="slow."))
        time.sleep(SHORT / 1000 * (number / 2))


def test_calls_of_a_transaction_have_the_longer_deadline(make_faulty):
    def slow(conversation):
        conversation.answer_initialize()
        while conversation.hear():
            conversation.wait(SHORT / 1000 * 1.5)
            conversation.say(TRUE)

    _, relay = make_faulty(slow, "--write-timeout", SHORT * 10)
    assert relay.call("commitTransaction", trxid=1) == {"result": True}
    assert "silent" in message_of(relay.call("setDomainMetadata", name="a.", kind="X", value=[]))
    # A name that isn't known may be anything.
    assert relay.call("fooBar") == {"result": True}


def test_daemon_that_takes_nothing_gives_an_error_reply_after_the_request(make_faulty):
    def deaf(conversation):
        conversation.answer_initialize()
        conversation.wait()

    _, relay = make_faulty(deaf, "--write-timeout", SHORT)
    line = request("feedEnts", nonterm="x" * (8 << 20))
    start = time.monotonic()
    reply = json.loads(relay.exchange(line))
    assert message_of(reply) == f"relay: feedEnts: the daemon was silent for {SHORT} ms"
    assert time.monotonic() - start < SHORT / 1000 + 2 * environment.SLACK
    assert relay.child.poll() is None


@pytest.mark.parametrize("way", ["silent", "bit by bit"])
@pytest.mark.parametrize("method, writes", [
    ("setFresh", True), ("commitTransaction", True), ("abortTransaction", False),
    ("lookup", False)])
def test_call_without_an_answer_in_time_may_have_been_done_if_it_writes(
        make_faulty, method, writes, way):
    def late(conversation):
        conversation.answer_initialize()
        conversation.hear()
        if way == "bit by bit":
            drip(conversation, b'{"result":')
        conversation.wait()

    _, relay = make_faulty(late, "--write-timeout", SHORT)
    reply = relay.call(method)
    assert reply["log"][0].endswith(" ms; it may have been done" if writes else " ms")
    assert ("; it may have been done\n" in relay.log()) == writes


def test_call_that_was_not_taken_has_not_been_done(make_faulty):
    _, relay = make_faulty(lambda conversation: conversation.wait())
    assert message_of(relay.call("setDomainMetadata")).endswith(f"silent for {SHORT} ms")


def test_full_queue_of_the_listener_gives_an_error_reply(folder, make_relay):
    """Nobody accepts, and there is room for one."""
    full = folder / "full.sock"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(str(full))
        listener.listen(0)
        first.connect(str(full))
        relay = make_relay(full, "--timeout", SHORT)
        reply, took = relay.timed_call("lookup", **LOOKUP)
    assert "silent" in message_of(reply)
    assert_took_the_deadline(took)


def test_time_that_connecting_took_is_not_there_for_initialize(folder, make_relay):
    full = folder / "full.sock"
    limit = 4 * SHORT
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(str(full))
        listener.listen(0)
        first.connect(str(full))
        relay = make_relay(full, "--timeout", limit)
        # Then there is room for the relay, which nobody answers.
        room = threading.Timer(limit / 1000 * 0.9, listener.accept)
        room.start()
        reply, took = relay.timed_call("lookup", **LOOKUP)
        room.join()
    assert "silent" in message_of(reply)
    assert limit <= took * 1000 + 2 < 1.6 * limit


@pytest.mark.parametrize("state", ["missing", "refusing"])
def test_absent_daemon_gives_an_error_reply(folder, make_relay, state):
    path = folder / "absent.sock"
    if state == "refusing":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    relay = make_relay(path, "--timeout", SHORT)
    reply, took = relay.timed_call("lookup", **LOOKUP)
    assert f"no connection to the daemon at {path} within {SHORT} ms: " in message_of(reply)
    assert_took_the_deadline(took)


@pytest.mark.parametrize("method, expected", [
    ("getUpdatedMasters", {"result": []}), ("getUnfreshSlaveInfos", {"result": []}),
    ("setNotified", False), ("setFresh", False), ("setStale", False),
    ("superMasterBackend", False)])
def test_calls_of_the_communicator_fail_with_a_result(folder, make_relay, method, expected):
    """Without one pdns_server would end."""
    reply = make_relay(folder / "absent.sock", "--timeout", 100).call(method)
    if expected is False:
        assert reply.pop("log")
        expected = {"result": False}
    assert reply == expected


# Lost connections


def closing_after_first_call(conversation):
    """The first connection ends with its first call unanswered."""
    conversation.answer_initialize()
    while conversation.hear():
        if conversation.number == 1:
            return
        conversation.say(EMPTY)


def test_lost_call_that_reads_is_made_once_more(make_faulty):
    server, relay = make_faulty(closing_after_first_call)
    assert relay.call("lookup", **LOOKUP) == {"result": []}
    assert server.methods() == ["initialize", "lookup"] * 2


@pytest.mark.parametrize("method", ["setDomainMetadata", "feedRecord", "abortTransaction", "foo"])
def test_lost_call_that_writes_is_not_made_again(make_faulty, method):
    server, relay = make_faulty(closing_after_first_call)
    message = message_of(relay.call(method))
    assert "lost before it answered" in message
    assert ("may have been done" in message) == (method != "abortTransaction")
    assert relay.call("lookup", **LOOKUP) == {"result": []}
    assert server.methods() == ["initialize", method, "initialize", "lookup"]


def test_lost_call_is_made_no_third_time(make_faulty):
    def closing(conversation):
        conversation.answer_initialize()
        conversation.hear()

    server, relay = make_faulty(closing)
    assert "lost before it answered" in message_of(relay.call("lookup", **LOOKUP))
    assert server.methods() == ["initialize", "lookup"] * 2


@pytest.mark.parametrize("stage", ["at once", "initialize heard"])
def test_server_that_closes_all_connections_gives_an_error_reply(make_faulty, stage):
    def closing(conversation):
        if stage != "at once":
            conversation.hear()

    server, relay = make_faulty(closing)
    reply, took = relay.timed_call("lookup", **LOOKUP)
    assert "no connection to the daemon" in message_of(reply)
    assert_took_the_deadline(took)
    # Tried again and again, though not without a pause.
    assert 2 <= len(server.connections) <= SHORT / 50 + 2


def test_connection_closed_while_idle_costs_nothing(make_faulty):
    """Nothing was asked on it, so one that writes is made again, too."""
    def once(conversation):
        conversation.answer_initialize()
        conversation.hear()
        conversation.say(TRUE)

    _, relay = make_faulty(once)
    for _ in range(3):
        assert relay.call("setFresh", id=1) == {"result": True}
        time.sleep(0.2)
    assert relay.log() == ""


def test_reply_that_breaks_off_early_is_asked_for_again(make_faulty):
    """Of a reply that isn't longer than a piece nothing is passed on before it is whole."""
    def breaking(conversation):
        conversation.answer_initialize()
        while conversation.hear():
            if conversation.number == 1:
                conversation.say(b'{"result":[' + b" " * 60000)
                return
            conversation.say(EMPTY)

    server, relay = make_faulty(breaking)
    assert relay.call("lookup", **LOOKUP) == {"result": []}
    assert server.methods().count("lookup") == 2


@pytest.mark.parametrize("end", ["stalls", "closes"])
def test_reply_that_breaks_off_late_ends_the_relay(make_faulty, end):
    whole = b'{"result":["' + b"x" * 100000 + b'"]}'

    def breaking(conversation):
        conversation.answer_initialize()
        conversation.hear()
        # All but the newline.
        conversation.say(whole)
        if end == "stalls":
            conversation.wait()

    _, relay = make_faulty(breaking)
    start = time.monotonic()
    reply = relay.exchange(request("list", zonename="example.test."))
    # What PowerDNS has is not to be taken for the reply: only its end tells it that the relay ended.
    assert reply == whole + b"\1"
    assert relay.child.wait(10) == 1
    assert time.monotonic() - start < SHORT / 1000 + 2 * environment.SLACK
    assert "relay: list: the reply broke off: " in relay.log()


def test_reply_with_pauses_below_the_deadline_is_passed_on_as_it_comes(make_faulty):
    """Its length in all doesn't count, only silence does."""
    parts = [b'{"result":["' + b"x" * 70000] + [b"y" * 10] * 4 + [b'"]}\n']

    def slow(conversation):
        conversation.answer_initialize()
        conversation.hear()
        for part in parts:
            conversation.say(part)
            conversation.wait(SHORT / 1000 / 2)

    _, relay = make_faulty(slow)
    relay.send(request("list", zonename="example.test."))
    start = time.monotonic()
    got = b""
    while len(got) < 70000:
        got += relay.read_some()
    assert len(got) < 70050
    assert got + relay.read_line() == b"".join(parts)
    assert time.monotonic() - start > SHORT / 1000 * 1.5


def test_more_than_a_reply_is_no_reply(make_faulty):
    def talking(conversation):
        conversation.answer_initialize()
        while conversation.hear():
            conversation.say(EMPTY + b'{"result":"nobody asked"}\n')

    server, relay = make_faulty(talking)
    for _ in range(3):
        assert relay.call("lookup", **LOOKUP) == {"result": []}
    assert "said more than the reply" in relay.log()


# Size


def test_reply_of_50_mb_takes_little_memory(make_faulty):
    def long(conversation):
        conversation.answer_initialize()
        conversation.hear()
        conversation.say(b'{"result":["')
        for _ in range(50):
            conversation.say(b"x" * (1 << 20))
        conversation.say(b'"]}\n')
        conversation.wait()

    _, relay = make_faulty(long)
    relay.call("initialize")
    before = relay.peak_memory()
    reply = relay.exchange(request("list", zonename="example.test."))
    assert len(reply) == (50 << 20) + 16 and reply.endswith(b'"]}\n')
    assert relay.peak_memory() - before < 1 << 20


def test_request_of_50_mb_takes_little_memory(make_faulty):
    server, relay = make_faulty(answering)
    relay.call("initialize")
    before = relay.peak_memory()
    line = request("feedEnts", nonterm="x" * (50 << 20))
    assert relay.exchange(line) == EMPTY
    assert server.lines[-1] + b"\n" == line
    assert relay.peak_memory() - before < 1 << 20
    assert relay.call("lookup", **LOOKUP) == {"result": []}


def test_long_request_whose_connection_was_lost_while_idle_is_sent(make_faulty):
    def once(conversation):
        conversation.answer_initialize()
        conversation.hear()
        conversation.say(TRUE)

    _, relay = make_faulty(once)
    assert relay.call("lookup", **LOOKUP) == {"result": True}
    time.sleep(0.2)
    assert relay.exchange(request("feedEnts", nonterm="x" * (1 << 20))) == TRUE


def test_long_request_that_is_cut_is_taken_to_its_end(make_faulty):
    """PowerDNS writes all of it before it reads, and would not get over a child that ends before."""
    def cutting(conversation):
        conversation.answer_initialize()
        if conversation.number == 1:
            conversation.connection.recv(1 << 20)
            return
        while conversation.hear():
            conversation.say(EMPTY)

    _, relay = make_faulty(cutting)
    reply = json.loads(relay.exchange(request("feedEnts", nonterm="x" * (8 << 20))))
    assert "lost" in message_of(reply)
    assert relay.call("lookup", **LOOKUP) == {"result": []}


# The process


def test_requests_that_come_together_are_answered_in_order(make_faulty):
    def echoing(conversation):
        conversation.answer_initialize()
        while line := conversation.hear():
            conversation.say(line + b"\n")

    _, relay = make_faulty(echoing)
    lines = [request("getDomainInfo", name=f"{number}.") for number in range(5)]
    relay.send(b"".join(lines))
    assert [relay.read_line() for _ in lines] == lines


def test_unended_request_is_none(make_faulty):
    server, relay = make_faulty(answering)
    relay.send(b'{"method": "lookup"')
    assert relay.end() == 0
    assert server.lines == []


def test_relay_ends_with_powerdns(make_faulty):
    """Also where that is gone before it has read its reply."""
    _, relay = make_faulty(answering)
    relay.child.stdout.close()
    relay.send(request("lookup", **LOOKUP))
    assert relay.child.wait(10) == 0


def test_signals_that_are_meant_for_the_daemon_are_ignored(make_faulty):
    """PowerDNS would answer SERVFAIL from then on: it starts no other one."""
    _, relay = make_faulty(answering)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        relay.child.send_signal(number)
        assert relay.call("lookup", **LOOKUP) == {"result": []}


def test_stopped_relay_goes_on(make_faulty):
    """Linux then interrupts waiting that has a time limit (signal(7))."""
    def slow(conversation):
        conversation.answer_initialize()
        while conversation.hear():
            conversation.wait(SHORT / 1000 / 2)
            conversation.say(EMPTY)

    _, relay = make_faulty(slow)
    # One that would not be made again.
    relay.send(request("setDomainMetadata", name="example.test.", kind="X", value=[]))
    time.sleep(SHORT / 1000 / 8)
    os.kill(relay.child.pid, signal.SIGSTOP)
    time.sleep(0.05)
    os.kill(relay.child.pid, signal.SIGCONT)
    assert relay.read_line() == EMPTY


def run(*words):
    return subprocess.run([environment.daemon_binary(), *words], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=20)


def test_wrong_arguments_end_with_status_2():
    done = run("relay", "--nonsense")
    assert done.returncode == 2 and "unknown argument '--nonsense'" in done.stderr
    done = run("--loglevel=5", "relay")
    assert done.returncode == 2 and "relay as the first word" in done.stderr


def test_help_is_given():
    done = run("relay", "--help")
    assert done.returncode == 0 and done.stdout.startswith("Usage: pdns-aliasd relay ")
    assert "relay" in run("--help").stdout
