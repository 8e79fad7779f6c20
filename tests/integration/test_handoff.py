"""handoff-address: ALIAS rows left to PowerDNS, and its questions about them answered."""

import contextlib
import re
import signal
import socket
import struct
import threading
import time

import dns.exception
import dns.flags
import dns.message
import dns.query
import pytest

from lib import environment, query

ROWS = [("", "ALIAS", "web.target.test"), ("", "MX", "mail.example.test", 60, 10),
        ("www", "ALIAS", "web.target.test", 300), ("short", "ALIAS", "web.target.test", 7),
        ("many", "ALIAS", "many.target.test"), ("v4", "ALIAS", "v4.target.test"),
        ("broken", "ALIAS", "x.servfail.test"), ("brief", "ALIAS", "brief.target.test"),
        ("quiet", "ALIAS", "quiet.target.test"),
        ("two", "ALIAS", "web.target.test"), ("two", "ALIAS", "v4.target.test"),
        ("explicit", "ALIAS", "web.target.test"), ("explicit", "A", "203.0.113.1"),
        ("cname", "ALIAS", "web.target.test"), ("cname", "CNAME", "elsewhere.test"),
        ("*.w", "ALIAS", "web.target.test")]
TARGETS = [("web", "A", "192.0.2.1", 250), ("web", "AAAA", "2001:db8::1", 250),
           ("v4", "A", "192.0.2.4"), ("brief", "A", "192.0.2.6", 1), ("quiet", "A", "192.0.2.7")]
TARGETS += [("many", "A", f"198.51.100.{number}") for number in range(1, 121)]
TARGETS += [("many", "AAAA", f"2001:db8::{number:x}") for number in range(1, 121)]
WEB = [("A", "192.0.2.1"), ("AAAA", "2001:db8::1")]

# How long the upstream takes: long enough to see who waits and who doesn't.
DELAY = 0.5


class Handoff:
    def __init__(self, upstream, aliasd, address, port):
        self.upstream = upstream
        self.aliasd = aliasd
        self.address = address
        self.port = port

    def ask(self, name, kind="A", **options):
        return query.ask(self.address, self.port, name, kind, edns=False, **options)

    def lookup(self, name, kind="ANY"):
        with self.aliasd.connect() as session:
            return session.records(name, kind)

    def addresses(self, name):
        return [row for row in self.lookup(name) if row[0] in ("A", "AAAA", "ALIAS", "")]


@pytest.fixture
def make_handoff(zones_db, make_resolving):
    def make(address=None, **settings):
        zones_db.add_zone("example.test", ROWS)
        address, port = address or environment.own_address(), environment.free_port()
        text = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        # Nothing is resolved before it is asked for.
        upstream, aliasd = make_resolving(TARGETS, handoff_address=text, refresh_idle=0, **{
            "resolve_timeout": 5000, "resolve_retries": 0, "answer_deadline": 10000, **settings})
        return Handoff(upstream, aliasd, address, port)

    return make


@pytest.fixture
def slow(make_handoff):
    handoff = make_handoff(unbound_option="unknown-server-time-limit:2000")
    handoff.upstream.delay("target.test", DELAY)
    return handoff


def test_name_not_known_yet_is_its_alias_row_at_once(slow):
    slow.upstream.silence()
    start = time.monotonic()
    assert slow.lookup("www.example.test") == [("", ""), ("ALIAS", "web.target.test")]
    assert time.monotonic() - start < 4


def test_other_rows_stand_beside_it_and_no_empty_non_terminal(slow):
    rows = slow.lookup("example.test")
    assert ("MX", "10 mail.example.test") in rows and ("ALIAS", "web.target.test") in rows
    assert any(kind == "SOA" for kind, _ in rows) and not any(kind == "" for kind, _ in rows)


def test_target_that_a_limit_keeps_from_being_resolved_is_not_handed_off(make_handoff):
    handoff = make_handoff(zone_targets_max=1)
    handoff.upstream.silence()
    assert ("ALIAS", "web.target.test") in handoff.lookup("www.example.test")
    assert handoff.lookup("v4.example.test") == [("", "")]


def test_question_is_answered_when_the_resolution_ends(slow):
    slow.lookup("www.example.test")
    start = time.monotonic()
    response = slow.ask("web.target.test")
    assert time.monotonic() - start > DELAY * 0.5
    assert query.addresses(response) == ["192.0.2.1"] and query.answer_ttls(response) == {250}
    assert query.addresses(slow.ask("web.target.test", "AAAA")) == ["2001:db8::1"]


def test_what_is_known_is_answered_by_the_lookup_alone(slow):
    slow.lookup("www.example.test")
    assert query.addresses(slow.ask("web.target.test", "ANY")) == ["192.0.2.1", "2001:db8::1"]
    assert slow.lookup("www.example.test") == WEB


def counted(handoff):
    """How many lookups ended how."""
    outcome = re.compile(r'pdns_aliasd_alias_lookups_total\{outcome="(.*)"\}')
    return {match[1]: value for match, value in
            ((outcome.match(name), value) for name, value in handoff.aliasd.stats().items())
            if match and value}


def test_what_is_answered_is_counted_once_wherever_it_is(make_handoff):
    handoff = make_handoff()
    handoff.lookup("v4.example.test")
    assert counted(handoff) == {}, "PowerDNS has still to ask"
    handoff.ask("v4.target.test", "ANY")
    assert counted(handoff) == {"fresh": 1, "empty": 1}
    for _ in range(2):
        assert handoff.lookup("v4.example.test") == [("A", "192.0.2.4")]
    assert counted(handoff) == {"fresh": 3, "empty": 3}
    handoff.lookup("brief.example.test", "A")
    assert counted(handoff) == {"fresh": 4, "empty": 3}, "one that waits"


def test_family_beside_the_row_is_counted_and_the_other_when_it_is_asked_for(make_handoff):
    handoff = make_handoff(resolve_timeout=300)
    handoff.lookup("quiet.example.test", "A")
    handoff.upstream.silence()
    handoff.lookup("quiet.example.test")
    assert counted(handoff) == {"fresh": 2}
    handoff.ask("quiet.target.test", "AAAA")
    assert counted(handoff) == {"fresh": 2, "nothing": 1}


def test_all_questions_share_one_resolution(slow):
    for _ in range(3):
        slow.lookup("www.example.test")
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(slow.ask("web.target.test")))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [query.addresses(response) for response in answers] == [["192.0.2.1"]] * 8
    assert slow.upstream.count("web.target.test", "A") == 1


def test_question_repeats_the_id_and_the_name_as_it_was_written(slow):
    slow.lookup("www.example.test")
    message = dns.message.make_query("WEB.target.TEST", "A", use_edns=-1)
    response = dns.query.udp(message, slow.address, port=slow.port,
                             timeout=5 * environment.SLACK)
    assert response.question[0].name.to_text() == "WEB.target.TEST."
    assert not response.flags & dns.flags.TC and response.edns == -1


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="no ::1 here")
def test_ipv6_loopback(make_handoff):
    handoff = make_handoff(address="::1")
    handoff.lookup("www.example.test")
    assert query.addresses(handoff.ask("web.target.test")) == ["192.0.2.1"]
    handoff.aliasd.wait_for_log(f"resolver=[::1]:{handoff.port}")


@pytest.mark.parametrize("name, expected", [
    ("*.w.example.test", WEB),
    ("explicit.example.test", [("A", "203.0.113.1"), ("AAAA", "2001:db8::1")]),
    ("two.example.test", [("A", "192.0.2.1"), ("A", "192.0.2.4"), ("AAAA", "2001:db8::1")]),
    ("cname.example.test", [])])
def test_where_powerdns_would_get_it_wrong_the_lookup_waits(slow, name, expected):
    assert slow.addresses(name) == expected


def test_signed_zone_waits(slow, zones_db):
    zones_db.sql("INSERT INTO cryptokeys(domain_id,flags,active,published,content) "
                 "VALUES(1,257,1,1,'x');")
    assert slow.addresses("www.example.test") == WEB


def test_zone_with_inactive_keys_is_not_signed(slow, zones_db):
    zones_db.sql("INSERT INTO cryptokeys(domain_id,flags,active,published,content) "
                 "VALUES(1,257,0,1,'x');")
    assert ("ALIAS", "web.target.test") in slow.addresses("www.example.test")


def test_single_types_wait(slow):
    assert slow.lookup("www.example.test", "A") == [("A", "192.0.2.1")]


def test_transfer_waits(slow):
    with slow.aliasd.connect() as session:
        rows = session.result("list", zonename="example.test.", domain_id=1,
                              include_disabled=False)
    assert [row["content"] for row in rows
            if row["qname"] == "www.example.test" and row["qtype"] in ("A", "AAAA", "ALIAS")] == [
                "192.0.2.1", "2001:db8::1"]


def test_denied_target_has_no_address_and_is_no_failure(zones_db, make_handoff):
    zones_db.add_zone("strict.test", [("host", "ALIAS", "local.target.test")])
    handoff = make_handoff()
    handoff.upstream.set_records([("local", "A", "127.0.0.1")])
    assert handoff.lookup("host.strict.test") == [("", ""), ("ALIAS", "local.target.test")]
    for kind in ("ANY", "A", "AAAA"):
        response = handoff.ask("local.target.test", kind)
        assert query.rcode(response) == "NOERROR" and not response.answer
    assert handoff.lookup("host.strict.test") == [("", "")]


def test_zone_that_allows_denied_addresses_waits(zones_db, slow):
    zones_db.add_zone("lax.test", [("host", "ALIAS", "local.target.test")])
    zones_db.sql("INSERT INTO domainmetadata(domain_id,kind,content) SELECT id,'X-ALIAS-ALLOW',"
                 "'127.0.0.0/8' FROM domains WHERE name='lax.test';")
    slow.upstream.set_records([("local", "A", "127.0.0.1"), ("local", "A", "192.0.2.1")])
    start = time.monotonic()
    assert slow.lookup("host.lax.test") == [("A", "127.0.0.1"), ("A", "192.0.2.1")]
    assert time.monotonic() - start > DELAY * 0.5
    response = slow.ask("local.target.test")
    assert query.addresses(response) == ["192.0.2.1"], "of whatever zone"


def test_as_many_addresses_as_an_alias_becomes(make_handoff):
    handoff = make_handoff(alias_addresses_max=3)
    handoff.lookup("many.example.test")
    response = handoff.ask("many.target.test", "ANY")
    assert query.addresses(response) == [
        "198.51.100.1", "198.51.100.2", "198.51.100.3", "2001:db8::1", "2001:db8::2", "2001:db8::3"]
    for family in ("A", "AAAA"):
        handoff.aliasd.wait_for_log(f"ALIAS target many.target.test: 120 addresses for {family}, "
                                    "more than alias-addresses-max; the first 3 are answered")


def test_off_unless_set(zones_db, make_resolving):
    zones_db.add_zone("example.test", ROWS)
    _, aliasd = make_resolving(TARGETS)
    with aliasd.connect() as session:
        assert session.records("www.example.test") == WEB


def test_failure_is_servfail_now_and_later(make_handoff):
    handoff = make_handoff()
    for _ in range(2):
        assert ("ALIAS", "x.servfail.test") in handoff.addresses("broken.example.test")
        for kind in ("A", "AAAA", "ANY"):
            assert query.rcode(handoff.ask("x.servfail.test", kind)) == "SERVFAIL"


def test_silent_upstream_is_servfail_at_the_deadline(make_handoff):
    handoff = make_handoff(resolve_timeout=300)
    handoff.upstream.silence()
    handoff.lookup("www.example.test")
    assert query.rcode(handoff.ask("web.target.test")) == "SERVFAIL"


def test_families_fail_apart(make_handoff):
    handoff = make_handoff()
    handoff.lookup("v4.example.test")
    assert query.addresses(handoff.ask("v4.target.test")) == ["192.0.2.4"]
    response = handoff.ask("v4.target.test", "AAAA")
    assert query.rcode(response) == "NOERROR" and not response.answer
    assert handoff.lookup("v4.example.test") == [("A", "192.0.2.4")]


def test_family_that_is_known_stands_beside_the_alias_row(make_handoff):
    handoff = make_handoff(resolve_timeout=300)
    assert handoff.lookup("quiet.example.test", "A") == [("A", "192.0.2.7")]
    handoff.upstream.silence()
    assert handoff.lookup("quiet.example.test") == [("A", "192.0.2.7"),
                                                    ("ALIAS", "quiet.target.test")]
    assert query.rcode(handoff.ask("quiet.target.test", "AAAA")) == "SERVFAIL"
    # What is known of the other family is enough for ANY.
    assert query.addresses(handoff.ask("quiet.target.test", "ANY")) == ["192.0.2.7"]


def test_stale_answer_is_given_where_a_lookup_would(make_handoff):
    handoff = make_handoff(resolve_timeout=300)
    handoff.lookup("brief.example.test")
    assert query.addresses(handoff.ask("brief.target.test")) == ["192.0.2.6"]
    handoff.upstream.stop()
    time.sleep(2.2)  # until libunbound, which counts whole seconds, has forgotten it as well
    response = handoff.ask("brief.target.test")
    assert query.addresses(response) == ["192.0.2.6"] and query.answer_ttls(response) == {30}


def test_expired_target_is_no_cold_one(make_handoff):
    handoff = make_handoff()
    handoff.lookup("brief.example.test")
    handoff.ask("brief.target.test", "ANY")
    time.sleep(1.2)
    assert handoff.lookup("brief.example.test") == [("A", "192.0.2.6")]


def test_ttl_is_the_row_s_where_that_is_smaller(slow):
    slow.lookup("www.example.test")
    slow.lookup("short.example.test")
    assert query.answer_ttls(slow.ask("web.target.test")) == {7}


def test_more_addresses_than_powerdns_reads(make_handoff):
    handoff = make_handoff()
    handoff.lookup("many.example.test")
    response = handoff.ask("many.target.test")
    wire_size = 12 + 18 + 4 + len(query.addresses(response)) * 16
    assert len(query.addresses(response)) == (1500 - 34) // 16 and wire_size <= 1500
    assert not response.flags & dns.flags.TC
    handoff.aliasd.wait_for_log("29 of 120 addresses have no room")
    assert len(query.addresses(handoff.ask("many.target.test", "AAAA"))) == (1500 - 34) // 28
    # Both families as far as there is room for both, then what still fits of the smaller one.
    kinds = [":" in address for address in query.addresses(handoff.ask("many.target.test", "ANY"))]
    assert kinds.count(True) in (33, 34) and kinds.count(False) in (33, 34)
    assert len(handoff.lookup("many.example.test")) == 240


@pytest.mark.parametrize("name, kind, group", [
    ("elsewhere.test", "A", "IN"), ("web.target.test", "TXT", "IN"),
    ("web.target.test", "A", "CH"), ("target.test", "A", "IN"), (".", "A", "IN")])
def test_what_was_not_looked_up_is_refused(slow, name, kind, group):
    slow.lookup("www.example.test")
    message = dns.message.make_query(name, kind, group, use_edns=-1)
    response = dns.query.udp(message, slow.address, port=slow.port,
                             timeout=5 * environment.SLACK)
    assert query.rcode(response) == "REFUSED" and not response.answer
    assert slow.upstream.count("elsewhere.test") == 0


def test_what_is_no_query_gets_no_answer(make_handoff):
    handoff = make_handoff()
    handoff.lookup("www.example.test")
    good = dns.message.make_query("web.target.test", "A", use_edns=-1).to_wire()
    bad = [b"", b"x", good[:11], good[:-1], good + b"x",
           good[:2] + b"\x81" + good[3:],  # a response
           good[:2] + b"\x21" + good[3:],  # NOTIFY
           good[:4] + struct.pack("!H", 2) + good[6:],  # two questions
           good[:12] + b"\xc0\x0c" + good[-4:],  # a name that points to itself
           bytes(range(256)) * 16]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((environment.own_address(), 0))
        client.settimeout(0.3)
        for packet in bad:
            client.sendto(packet, (handoff.address, handoff.port))
        with pytest.raises(TimeoutError):
            client.recv(4096)
    assert query.addresses(handoff.ask("web.target.test")) == ["192.0.2.1"]


def test_questions_beyond_the_bound_fail_at_once(make_handoff):
    handoff = make_handoff()
    handoff.upstream.silence()
    handoff.lookup("www.example.test")
    question = dns.message.make_query("web.target.test", "A", use_edns=-1).to_wire()
    sent = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.01)
        response = None
        # Some of them may find the kernel's buffer full.
        while response is None and sent < 5 * 4096:
            for _ in range(50):
                sent += 1
                client.sendto(struct.pack("!H", sent) + question[2:],
                              (handoff.address, handoff.port))
            with contextlib.suppress(TimeoutError):
                response = dns.message.from_wire(client.recv(4096))
    assert sent > 4096
    assert query.rcode(response) == "SERVFAIL"
    handoff.aliasd.wait_for_log("4096 questions are waiting, the others fail")


def test_sigterm_lets_questions_be_answered(slow):
    slow.lookup("www.example.test")
    question = dns.message.make_query("web.target.test", "A", use_edns=-1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5 * environment.SLACK)
        client.sendto(question.to_wire(), (slow.address, slow.port))
        time.sleep(0.1)
        slow.aliasd.signal(signal.SIGTERM)
        assert query.addresses(dns.message.from_wire(client.recv(4096))) == ["192.0.2.1"]
    assert slow.aliasd.wait() == 0


def test_sigterm_ends_questions_that_nothing_answers(make_handoff):
    handoff = make_handoff()
    handoff.upstream.silence()
    handoff.lookup("www.example.test")
    question = dns.message.make_query("web.target.test", "A", use_edns=-1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(9 * environment.SLACK)
        client.sendto(question.to_wire(), (handoff.address, handoff.port))
        time.sleep(0.1)
        # The second one doesn't wait.
        handoff.aliasd.signal(signal.SIGTERM)
        time.sleep(0.2)
        handoff.aliasd.signal(signal.SIGTERM)
        assert query.rcode(dns.message.from_wire(client.recv(4096))) == "SERVFAIL"
    assert handoff.aliasd.wait() == 0


def test_address_that_is_in_use_stops_the_start(zones_db, make_aliasd):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((environment.own_address(), 0))
        address = f"{environment.own_address()}:{other.getsockname()[1]}"
        done = make_aliasd(start=False, handoff_address=address).run()
    assert done.returncode == 1 and f"handoff-address: {address}: Address already in use" in \
        done.stderr


def test_check_config_tells_what_is_no_loopback_address(make_aliasd):
    aliasd = make_aliasd(start=False, handoff_address="192.0.2.1:53")
    done = aliasd.run("--check-config")
    assert done.returncode == 2 and "handoff-address" in done.stderr
    aliasd.configure(handoff_address=f"{environment.own_address()}:{environment.free_port()}")
    assert aliasd.run("--check-config").returncode == 0


def test_sighup_keeps_the_address_and_the_questions(slow):
    slow.lookup("www.example.test")
    slow.aliasd.configure(handoff_address="127.0.0.1:1")
    slow.aliasd.signal(signal.SIGHUP)
    assert query.addresses(slow.ask("web.target.test")) == ["192.0.2.1"]
    slow.aliasd.wait_for_log("handoff-address has changed: that takes effect at the next start")
