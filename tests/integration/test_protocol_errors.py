"""What is no request is answered by an error that says why, and the connection lives on."""

import json

import pytest

from lib.session import message_of


@pytest.fixture
def session(make_aliasd, zones_db):
    zones_db.add_zone("example.test")
    with make_aliasd().connect() as session:
        yield session
        # Whatever happened: the connection answers.
        assert session.records("example.test", "NS") == [("NS", "ns1.example.test")]


@pytest.mark.parametrize("line", [
    b"", b"{", b"nonsense", b"[]", b'"text"', b"42", b"null", b"{}", b'{"method":"lookup"',
    b'{"method":"lookup","parameters":{}}}', b'{"method":5,"parameters":{}}', b"\xff\xfe",
    b'{"parameters":{}}', b'{"method":null}', b"\x00", b"[" * 5000, b'{"a":' * 3000])
def test_broken_json_is_answered_by_an_error(session, line):
    message_of(session.exchange(line))


def test_unknown_method_is_named(session):
    assert "flyToTheMoon" in message_of(session.call("flyToTheMoon"))


@pytest.mark.parametrize("method,parameters,missing", [
    ("lookup", {"qtype": "ANY", "zone-id": 1}, "qname"),
    ("lookup", {"qname": "example.test."}, "qtype"),
    ("list", {"domain_id": 1}, "zonename"),
    ("getDomainInfo", {}, "name"),
    ("getAllDomainMetadata", {}, "name"),
    ("getDomainMetadata", {"name": "example.test."}, "kind"),
    ("getDomainKeys", {}, "name"),
    ("getTSIGKey", {}, "name"),
    ("getBeforeAndAfterNamesAbsolute", {"id": 1}, "qname"),
    ("searchRecords", {"maxResults": 5}, "pattern"),
    ("directBackendCmd", {}, "query"),
])
def test_missing_parameter_is_named(session, method, parameters, missing):
    message = message_of(session.call(method, **parameters))
    assert method in message and missing in message


def test_missing_parameters_altogether_are_an_error(session):
    message_of(session.exchange(b'{"method":"lookup"}'))


@pytest.mark.parametrize("method,parameters,wrong", [
    ("lookup", {"qname": 5, "qtype": "ANY"}, "qname"),
    ("lookup", {"qname": None, "qtype": "ANY"}, "qname"),
    ("lookup", {"qname": ["example.test."], "qtype": "ANY"}, "qname"),
    ("lookup", {"qname": "example.test.", "qtype": {}}, "qtype"),
    ("list", {"zonename": "example.test.", "domain_id": []}, "domain_id"),
    ("getDomainInfo", {"name": 1.5}, "name"),
    ("getDomainKeys", {"name": True}, "name"),
    ("searchRecords", {"pattern": "*", "maxResults": "many"}, "maxResults"),
])
def test_wrong_type_is_named(session, method, parameters, wrong):
    message = message_of(session.call(method, **parameters))
    assert method in message and wrong in message


def test_parameters_of_a_wrong_type_are_an_error(session):
    message_of(session.exchange(b'{"method":"lookup","parameters":[1,2]}'))
    message_of(session.exchange(b'{"method":"lookup","parameters":"x"}'))


def test_line_over_the_limit_is_refused_and_the_next_is_answered(make_aliasd, zones_db):
    zones_db.add_zone("example.test")
    with make_aliasd(max_request_size=1).connect() as session:
        head = b'{"method":"lookup","parameters":{"qname":"'
        session.send_bytes(head + b"a" * (1 << 20) + b'","qtype":"ANY"}}\n')
        message = message_of(session.read_reply())
        assert "1 MiB" in message or "1048576" in message or "max-request-size" in message
        assert session.records("example.test", "NS") == [("NS", "ns1.example.test")]


def test_line_just_below_the_limit_is_read(make_aliasd, zones_db):
    zones_db.add_zone("example.test")
    with make_aliasd(max_request_size=1).connect() as session:
        padding = "a" * ((1 << 20) - 300)
        reply = session.lookup("example.test", "NS", padding=padding)
        assert len(reply["result"]) == 1


@pytest.mark.parametrize("name", [b"\xe9\xff\xc3.example.test.", b"caf\xc3\xa9.example.test.",
                                  b"\\233\\000.example.test.", b"a\\\\032b.example.test."])
def test_name_of_any_bytes_is_looked_up(session, name):
    reply = session.exchange(b'{"method":"lookup","parameters":{"qtype":"ANY","qname":"' + name
                             + b'","zone-id":-1}}')
    if b"\\233" in name:
        message_of(reply)  # \2 is no escape of JSON
    else:
        assert reply["result"] in ([], False)


def test_name_with_a_nul_is_refused(session):
    message = message_of(session.lookup("a\0b.example.test"))
    assert "qname" in message


def test_overlong_and_empty_names_do_no_harm(session):
    for name in ("a" * 5000, ".".join(["abc"] * 1000), "", ".", "..", "a..b", "\\", "a\\", "\\9"):
        reply = session.lookup(name)
        assert reply.get("result", []) in ([], False)


def test_method_is_read_in_any_case(session):
    assert session.call("GETDOMAININFO", name="example.test.")["result"]["zone"] == "example.test"


def test_unknown_members_are_ignored(session):
    line = {"extra": [1], "method": "lookup",
            "parameters": {"qname": "example.test.", "qtype": "NS", "future": {"a": None}}}
    assert len(session.exchange(json.dumps(line).encode())["result"]) == 1


def test_errors_do_not_flood_the_log(make_aliasd):
    aliasd = make_aliasd()
    with aliasd.connect() as session:
        for _ in range(500):
            session.exchange(b"nonsense")
    assert aliasd.log().count("\n") < 100
