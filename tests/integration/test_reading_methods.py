"""Each method that reads, end to end, on a database that nobody puts in order; and that the others
are refused there."""

import pytest

from lib.session import message_of

ROWS = [("", "MX", "mail.example.test", 300, 10), ("mail", "A", "192.0.2.25"),
        ("_sip._tcp", "SRV", "5 5060 mail.example.test", 300, 1),
        ("off", "A", "192.0.2.66", 60, None, 1), ("default", "TXT", '"ttl"', None),
        ("*.wild", "A", "192.0.2.7"), ("ent", None, None, None),
        ("sub", "NS", "ns.sub.example.test"), ("ns.sub", "A", "192.0.2.8", 60, None, 0, 0)]


@pytest.fixture
def session(make_aliasd, zones_db):
    zones_db.add_zone("example.test", ROWS, kind="MASTER")
    zones_db.add_zone("other.test", kind="SLAVE")
    zones_db.sql("""
        UPDATE domains SET master='192.0.2.1, 192.0.2.2:5300', last_check=1700000000,
            notified_serial=5 WHERE name='other.test';
        INSERT INTO domainmetadata(domain_id,kind,content) VALUES
            (1,'ALLOW-AXFR-FROM','AUTO-NS'),(1,'SOA-EDIT','INCEPTION-INCREMENT'),
            (1,'ALLOW-AXFR-FROM','192.0.2.0/24');
        INSERT INTO cryptokeys(domain_id,flags,active,published,content) VALUES
            (1,257,1,1,'Private-key-format: v1.2'||char(10)||'Algorithm: 13'),(1,256,0,0,'second');
        INSERT INTO tsigkeys(name,algorithm,secret) VALUES
            ('key.example','hmac-sha256','c2VjcmV0'),('key2.example','hmac-md5','eA==');""")
    with make_aliasd(zone_upkeep="no").connect() as session:
        yield session


def test_initialize_is_accepted_again_with_all_options(session):
    assert session.result("initialize", path="/x", timeout="2000", **{"any-option": "1"}) is True


def test_lookup_gives_every_field(session):
    rows = session.lookup("mail.example.test")["result"]
    assert len(rows) == 1
    row = rows[0]
    assert row["qname"].rstrip(".") == "mail.example.test"
    assert (row["qtype"], row["content"]) == ("A", "192.0.2.25")
    assert (row["ttl"], row["domain_id"]) == (60, 1)
    assert row.get("auth", 1) == 1


def test_lookup_puts_the_priority_before_the_content(session):
    assert session.records("example.test", "MX") == [("MX", "10 mail.example.test")]
    assert session.records("_sip._tcp.example.test") == [("SRV", "1 5 5060 mail.example.test")]


def test_lookup_hides_disabled_rows(session):
    assert session.records("off.example.test") == []


def test_lookup_of_a_type_gives_that_type_only(session):
    assert [kind for kind, _ in session.records("example.test", "SOA")] == ["SOA"]


def test_lookup_is_blind_to_case(session):
    assert session.records("MAIL.Example.TEST") == [("A", "192.0.2.25")]


def test_lookup_fills_in_the_default_ttl(session):
    assert session.lookup("default.example.test")["result"][0]["ttl"] == 3600


def test_lookup_gives_an_empty_non_terminal_as_an_empty_type(session):
    assert session.records("ent.example.test") == [("", "")]


def test_lookup_says_what_is_not_authoritative(session):
    assert session.lookup("ns.sub.example.test")["result"][0]["auth"] == 0


def test_lookup_finds_a_wildcard_by_its_own_name_only(session):
    assert session.records("*.wild.example.test") == [("A", "192.0.2.7")]
    assert session.records("x.wild.example.test") == []


def test_lookup_stays_in_the_zone_asked_for(session):
    assert session.records("mail.example.test", zone_id=1) == [("A", "192.0.2.25")]
    assert session.records("mail.example.test", zone_id=2) == []


def test_api_lookup_answers_like_lookup(session):
    rows = session.result("APILookup", qtype="ANY", qname="mail.example.test.", remote="0.0.0.0",
                          local="0.0.0.0", **{"real-remote": "0.0.0.0/0", "zone-id": 1,
                                              "include-disabled": False})
    assert [row["content"] for row in rows] == ["192.0.2.25"]


def test_list_gives_all_rows_but_disabled_ones(session):
    rows = session.result("list", zonename="example.test.", domain_id=1, include_disabled=False)
    found = {(row["qname"].rstrip("."), row["qtype"]) for row in rows}
    assert ("mail.example.test", "A") in found and ("ent.example.test", "") in found
    assert not any(name == "off.example.test" for name, _ in found)
    assert len(rows) == len(ROWS) - 1 + 3


def test_list_of_an_unknown_zone_fails_or_is_false(session):
    reply = session.call("list", zonename="absent.test.", domain_id=99, include_disabled=False)
    assert reply.get("result") in (False, None, [])


def test_get_domain_info_of_a_primary(session):
    info = session.result("getDomainInfo", name="example.test.")
    assert info["zone"].rstrip(".") == "example.test" and info["id"] == 1
    assert info["kind"] == "master" and info["serial"] == 1


def test_get_domain_info_of_a_secondary(session):
    info = session.result("getDomainInfo", name="OTHER.test.")
    assert info["kind"] == "slave" and info["masters"] == ["192.0.2.1", "192.0.2.2:5300"]
    assert info["last_check"] == 1700000000 and info["notified_serial"] == 5


def test_get_domain_info_of_an_unknown_zone_is_false(session):
    assert session.result("getDomainInfo", name="absent.test.") is False


def test_get_all_domains(session):
    domains = session.result("getAllDomains", include_disabled=True)
    assert sorted(domain["zone"].rstrip(".") for domain in domains) == ["example.test",
                                                                        "other.test"]


def test_get_all_domains_without_any_zone_is_an_empty_list(make_aliasd):
    with make_aliasd().connect() as session:
        assert session.result("getAllDomains", include_disabled=True) == []


def test_get_all_domain_metadata(session):
    metadata = session.result("getAllDomainMetadata", name="example.test.")
    assert sorted(metadata["ALLOW-AXFR-FROM"]) == ["192.0.2.0/24", "AUTO-NS"]
    assert metadata["SOA-EDIT"] == ["INCEPTION-INCREMENT"]
    assert session.result("getAllDomainMetadata", name="other.test.") == {}


def test_get_domain_metadata(session):
    assert sorted(session.result("getDomainMetadata", name="example.test.",
                                 kind="ALLOW-AXFR-FROM")) == ["192.0.2.0/24", "AUTO-NS"]
    assert session.result("getDomainMetadata", name="example.test.", kind="NSEC3PARAM") == []


def test_get_domain_keys(session):
    keys = sorted(session.result("getDomainKeys", name="example.test."), key=lambda key: key["id"])
    assert [key["flags"] for key in keys] == [257, 256]
    assert [bool(key["active"]) for key in keys] == [True, False]
    assert [bool(key.get("published", 1)) for key in keys] == [True, False]
    assert keys[0]["content"] == "Private-key-format: v1.2\nAlgorithm: 13"
    assert session.result("getDomainKeys", name="other.test.") == []


def test_get_tsig_key(session):
    key = session.result("getTSIGKey", name="key.example.")
    assert key["algorithm"].rstrip(".") == "hmac-sha256" and key["content"] == "c2VjcmV0"
    assert session.result("getTSIGKey", name="absent.example.") is False


def test_get_tsig_keys(session):
    keys = session.result("getTSIGKeys")
    assert sorted(key["name"].rstrip(".") for key in keys) == ["key.example", "key2.example"]


def test_search_records(session):
    def search(pattern, limit=100):
        return sorted(row["content"]
                      for row in session.result("searchRecords", pattern=pattern, maxResults=limit))

    assert search("mail.*") == ["10 mail.example.test", "192.0.2.25"]
    assert search("192.0.2.2?") == ["192.0.2.25"]
    assert search("192.0.2.66") == []
    assert len(search("*", 3)) == 3


def test_direct_backend_commands(session):
    assert session.result("directBackendCmd", query="ping").strip() == "pong"
    assert "pdns-aliasd" in session.result("directBackendCmd", query="version")
    help_text = session.result("directBackendCmd", query="help")
    assert "ping" in help_text and "version" in help_text


def test_unknown_backend_command_says_how_to_go_on(session):
    assert "help" in str(session.call("directBackendCmd", query="dance"))


WRITES = {
    "setDomainMetadata": {"name": "example.test.", "kind": "X", "value": ["1"]},
    "addDomainKey": {"name": "example.test.", "key": {"flags": 257, "active": True,
                                                      "published": True, "content": "x"}},
    "removeDomainKey": {"name": "example.test.", "id": 1},
    "activateDomainKey": {"name": "example.test.", "id": 1},
    "deactivateDomainKey": {"name": "example.test.", "id": 1},
    "publishDomainKey": {"name": "example.test.", "id": 1},
    "unpublishDomainKey": {"name": "example.test.", "id": 1},
    "setTSIGKey": {"name": "key.", "algorithm": "hmac-md5", "content": "eA=="},
    "deleteTSIGKey": {"name": "key.example."},
    "createSlaveDomain": {"ip": "192.0.2.1", "domain": "new.test."},
    "replaceRRSet": {"domain_id": 1, "qname": "mail.example.test.", "qtype": "A", "trxid": 1,
                     "rrset": []},
    "feedRecord": {"rr": {"qtype": "A", "qname": "x.example.test.", "qclass": 1,
                          "content": "192.0.2.1", "ttl": 60, "auth": True}, "trxid": 1},
    "feedEnts": {"domain_id": 1, "trxid": 1, "nonterm": []},
    "feedEnts3": {"domain_id": 1, "domain": "example.test.", "times": 1, "salt": "ab",
                  "narrow": False, "trxid": 1, "nonterm": []},
    "startTransaction": {"domain": "example.test.", "domain_id": 1, "trxid": 1},
    "commitTransaction": {"trxid": 1},
}


@pytest.mark.parametrize("method", WRITES)
def test_writing_method_is_refused_without_result_on_a_replica(session, zones_db, method):
    before = zones_db.shell(".dump")
    message = message_of(session.call(method, **WRITES[method]))
    assert message == f"{method}: the zone database is read-only (zone-upkeep=no)"
    assert zones_db.shell(".dump") == before


@pytest.mark.parametrize("method", ["setNotified", "setFresh", "setStale"])
def test_communicator_write_is_false_and_not_an_error_on_a_replica(session, method):
    reply = session.call(method, id=1, serial=3)
    assert reply["result"] is False


def test_get_updated_masters_lists_primaries_to_notify(session):
    domains = session.result("getUpdatedMasters")
    assert [domain["zone"].rstrip(".") for domain in domains] == ["example.test"]


def test_get_unfresh_slave_infos_lists_secondaries_to_check(session):
    domains = session.result("getUnfreshSlaveInfos")
    assert [domain["zone"].rstrip(".") for domain in domains] == ["other.test"]
    assert domains[0]["masters"] == ["192.0.2.1", "192.0.2.2:5300"]


def test_before_and_after_names_wrap_around_the_zone(session, zones_db):
    zones_db.sql("""UPDATE records SET ordername='' WHERE name='example.test';
        UPDATE records SET ordername='mail' WHERE name='mail.example.test';""")

    def neighbours(qname):
        found = session.result("getBeforeAndAfterNamesAbsolute", id=1, qname=qname)
        return found["unhashed"].rstrip("."), found["before"], found["after"]

    assert neighbours("abc")[0] == "example.test"
    assert neighbours("abc")[2] == "mail"
    assert neighbours("zzz")[0] == "mail.example.test"
    assert neighbours("zzz")[1] == "mail"
