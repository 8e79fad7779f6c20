"""What PowerDNS's HTTP API reads and writes over the daemon is what it does on gsqlite3."""

import json

import pytest

from lib import api, query
from lib.api import Api

ZONE = "example.test"
URL = f"/zones/{ZONE}."
ROWS = [("www", "A", "192.0.2.1"), ("www", "A", "192.0.2.2"), ("www", "TXT", '"one"'),
        ("", "MX", "mail.example.test", 60, 10), ("mail", "A", "192.0.2.25"),
        ("a.b.c", "TXT", '"deep"'), ("also", "CNAME", "www.example.test"),
        ("sub", "NS", "ns.sub.example.test"), ("ns.sub", "A", "192.0.2.54"),
        ("*.wild", "A", "192.0.2.7")]
KSK = """Private-key-format: v1.2
Algorithm: 15 (ED25519)
PrivateKey: ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=
"""
SECRET = "bm90IHNvIHNlY3JldCwgYnV0IDMyIGJ5dGVzIGxvbmc="


def start(pair, **options):
    pair.start_each(lambda: {**api.options(), **options})
    return [Api(powerdns) for powerdns in pair.servers]


@pytest.fixture
def apis(pair):
    pair.add_zone(ZONE, ROWS)
    return start(pair)


def in_order(answer):
    """The order of rows in the database is nobody's."""
    if isinstance(answer, dict):
        return {key: in_order(value) for key, value in answer.items()}
    if isinstance(answer, list):
        return sorted((in_order(value) for value in answer), key=json.dumps)
    return answer


def call(apis, method, path, body=None):
    """On both, with the same answer: (status, it)."""
    expected, actual = (in_order(each.call(method, path, body)) for each in apis)
    assert actual == expected, f"{method} {path} {body}"
    return actual


def rrset(owner, kind, *contents, change="REPLACE", ttl=60, disabled=False, **more):
    return {"name": f"{owner}.{ZONE}." if owner else f"{ZONE}.", "type": kind, "ttl": ttl,
            "changetype": change,
            "records": [{"content": content, "disabled": disabled} for content in contents], **more}


def patch(apis, *rrsets):
    return call(apis, "PATCH", URL, {"rrsets": list(rrsets)})


def test_zones_are_shown(pair, apis):
    pair.add_zone("other.test", kind="MASTER")
    for path in ("/zones", "/zones?zone=other.test.", "/zones?dnssec=false", URL,
                 f"{URL}?rrsets=false", f"{URL}?rrset_name=www.{ZONE}.&rrset_type=A",
                 f"{URL}/export"):
        status, answer = call(apis, "GET", path)
        assert status == 200 and answer
    assert call(apis, "GET", "/zones/absent.test.")[0] == 404


CHANGES = [
    [rrset("new", "A", "192.0.2.9", ttl=300)],
    [rrset("www", "A", "192.0.2.2", "192.0.2.3", ttl=30), rrset("www", "TXT", change="DELETE")],
    [rrset("", "MX", "10 mail.example.test.", "20 mail2.example.test.")],
    [rrset("_sip._tcp", "SRV", "5 1 5060 www.example.test."), rrset("x.y.z", "TXT", '"a" "b"')],
    [rrset("also", "CNAME", "mail.example.test."), rrset("a.b.c", "TXT", change="DELETE")],
    [rrset("", "SOA", "ns1.example.test. other.example.test. 7 1 2 3 60", ttl=3600)],
    [rrset("sub", "DS", "1 13 2 " + "ab" * 32), rrset("absent", "A", change="DELETE")],
    [rrset("x.y.z", "TXT", change="DELETE"), rrset("z", "A", "192.0.2.10")],
    [rrset("mail", "A"), rrset("*.wild", "AAAA", "2001:db8::1")],
]


@pytest.mark.parametrize("is_signed", [False, True], ids=["unsigned", "signed"])
def test_rrsets_are_replaced_and_deleted(pair, apis, is_signed):
    if is_signed:
        for server in pair.servers:
            server.pdnsutil("secure-zone", ZONE)
    for owner, kind in (("www", "TXT"), ("www", "A"), ("mail", "A")):
        pair.sql("INSERT INTO comments(domain_id,name,type,modified_at,account,comment) SELECT id,"
                 f"'{owner}.{ZONE}','{kind}',1,'me','why' FROM domains;")
    for change in CHANGES:
        assert patch(apis, *change) == (204, ""), change
        pair.assert_same_rows()
    # Those on record sets that were removed are gone.
    assert pair.tested.zones_db.rows("comments", "name", "type") == \
        [(ZONE, "'www.example.test'", "'A'")]


def test_changes_are_answered_at_once_with_caches_on(pair):
    pair.add_zone(ZONE, ROWS)
    apis = start(pair, caches=True)
    for server in pair.servers:
        for _ in range(3):
            assert server.addresses(f"www.{ZONE}") == ["192.0.2.1", "192.0.2.2"]
            assert query.rcode(server.ask(f"new.{ZONE}", "A")) == "NXDOMAIN"
    assert patch(apis, rrset("www", "A", "192.0.2.3"), rrset("new", "A", "192.0.2.9"))[0] == 204
    for server in pair.servers:
        for _ in range(3):
            assert server.addresses(f"www.{ZONE}") == ["192.0.2.3"]
            assert server.addresses(f"new.{ZONE}") == ["192.0.2.9"]


def test_the_serial_is_raised_as_the_metadata_says(pair, apis):
    pair.sql("INSERT INTO domainmetadata(domain_id,kind,content) SELECT id,'SOA-EDIT-API',"
             "'INCREASE' FROM domains;")
    for number in (2, 3):
        assert patch(apis, rrset("new", "A", f"192.0.2.{number}"))[0] == 204
        assert [query.answer_serial(server.ask(ZONE, "SOA")) for server in pair.servers] == \
            [number, number]
        pair.assert_same_rows()


REFUSED = [
    [rrset("new", "A", "192.0.2.9"), rrset("other", "A", "nonsense")],
    [rrset("new", "A", "192.0.2.9"), rrset("www", "CNAME", "mail.example.test.")],
    [rrset("new", "A", "192.0.2.9"), rrset("also", "A", "192.0.2.8")],
    [rrset("new", "A", "192.0.2.9"), {**rrset("x", "A", "192.0.2.8"), "name": "elsewhere.test."}],
    [rrset("new", "A", "192.0.2.9", "192.0.2.9")],
    [rrset("new", "A", "192.0.2.9"), rrset("www", "A", "192.0.2.8", change="REMOVE")],
    [rrset("new", "CNAME", "a.example.test.", "b.example.test.")],
]


def test_a_change_that_is_refused_in_part_changes_nothing(pair, apis):
    for change in REFUSED:
        before = pair.tested.zones_db.dump()
        assert patch(apis, *change)[0] == 422
        assert pair.tested.zones_db.dump() == before, change
    assert patch(apis, rrset("new", "A", "192.0.2.9"))[0] == 204
    pair.assert_same_rows()


def test_metadata(pair, apis):
    for method, path, body, status in (
            ("POST", "", {"kind": "ALLOW-AXFR-FROM", "metadata": ["192.0.2.1", "AUTO-NS"]}, 201),
            ("POST", "", {"kind": "X-Own", "metadata": ["a 'value', with \"all\" \\ sorts"]}, 201),
            ("POST", "", {"kind": "ALLOW-AXFR-FROM", "metadata": ["192.0.2.2"]}, 201),
            ("GET", "/ALLOW-AXFR-FROM", None, 200), ("GET", "", None, 200),
            ("PUT", "/ALLOW-AXFR-FROM", {"metadata": ["192.0.2.3"]}, 200),
            ("PUT", "/X-Own", {"metadata": ["b"]}, 200), ("GET", "/X-Own", None, 200),
            ("DELETE", "/ALLOW-AXFR-FROM", None, 200), ("GET", "", None, 200),
            ("POST", "", {"kind": "NSEC3PARAM", "metadata": ["1 0 0 -"]}, 422),
            ("DELETE", "/X-Absent", None, 200)):
        answer = call(apis, method, f"{URL}/metadata{path}", body)
        # 4.9 and later answer a DELETE with 204.
        assert answer[0] == status or (method, answer[0]) == ("DELETE", 204), (method, path, answer)
        pair.assert_same_rows()


def test_cryptokeys(pair, apis):
    keys = f"{URL}/cryptokeys"
    assert call(apis, "GET", keys) == (200, [])
    for method, path, body, status in (
            ("POST", "", {"keytype": "ksk", "active": False, "published": False, "content": KSK},
             201),
            ("GET", "", None, 200), ("GET", "/1", None, 200),
            ("PUT", "/1", {"active": True, "published": True}, 204),
            ("PUT", "/1", {"active": False, "published": True}, 204),
            ("PUT", "/1", {"active": False, "published": False}, 204),
            ("PUT", "/1", {"active": True, "published": False}, 204),
            ("PUT", "/7", {"active": True}, 404), ("GET", "/7", None, 404),
            ("DELETE", "/1", None, 204), ("GET", "", None, 200), ("GET", "/1", None, 404),
            ("POST", "", {"keytype": "ksk", "active": True, "content": "nonsense"}, 422)):
        assert call(apis, method, f"{keys}{path}", body)[0] == status, (method, path)
        pair.assert_same_rows()
    for each in apis:
        status, answer = each.call("POST", keys, {"keytype": "csk", "active": True,
                                                  "algorithm": "ecdsa256"})
        assert status == 201 and answer["active"] and answer["published"]
    pair.assert_same_rows()
    for server in pair.servers:
        assert query.section_types(server.ask(ZONE, "SOA", do=True).answer) == ["RRSIG", "SOA"]


def test_a_zone_is_signed_by_its_settings(pair, apis):
    for body in ({"dnssec": True}, {"dnssec": True, "nsec3param": "1 0 1 ab"},
                 {"nsec3param": "1 0 0 -", "nsec3narrow": True}, {"nsec3param": ""},
                 {"soa_edit_api": "INCREASE", "soa_edit": "EPOCH"}, {"api_rectify": False},
                 {"dnssec": False}):
        assert call(apis, "PUT", URL, body) == (204, ""), body
        pair.assert_same_rows()


def test_tsig_keys(pair, apis):
    for method, path, body, status in (
            ("POST", "", {"name": "one", "algorithm": "hmac-sha256", "key": SECRET}, 201),
            ("POST", "", {"name": "two", "algorithm": "hmac-sha512", "key": SECRET}, 201),
            ("POST", "", {"name": "one", "algorithm": "hmac-sha256", "key": SECRET}, 409),
            ("GET", "", None, 200), ("GET", "/one.", None, 200), ("GET", "/no.", None, 404),
            ("PUT", "/one.", {"key": "d3Jvbmcga2V5IHdyb25nIGtleQ=="}, 200),
            ("PUT", "/one.", {"algorithm": "hmac-sha512"}, 200), ("GET", "/one.", None, 200),
            ("PUT", "/two.", {"name": "three"}, 200), ("GET", "", None, 200),
            ("DELETE", "/one.", None, 204), ("DELETE", "/one.", None, 404),
            ("GET", "", None, 200)):
        assert call(apis, method, f"/tsigkeys{path}", body)[0] == status, (method, path)
        pair.assert_same_rows()


def test_records_are_searched_for(pair, apis):
    pair.add_zone("other.test", [("www", "A", "192.0.2.1"), ("w-x", "TXT", '"a_b 100%"')])
    for words, is_found in (("www*", True), ("ww?.example.test", True), ("192.0.2.?", True),
                            ("*.test", True), ("w?w.*", True), ("a?b", False), ("*a_b*", True),
                            ("*100%25*", True), ("10_%25", False), ("nothing*", False),
                            ("192.0.2.1", True), ("*mail*", True), ("WWW.*", True)):
        status, answer = call(apis, "GET", f"/search-data?q={words}&object_type=record")
        assert (words, status, bool(answer)) == (words, 200, is_found)
    assert len(call(apis, "GET", "/search-data?q=*example*&object_type=zone")[1]) == 1
    assert len(apis[1].get("/search-data?q=*&max=3&object_type=record")) == 3


def test_rectify_answers_that_it_was_done(pair, apis):
    """And it was, by the daemon, before or without being asked."""
    pair.servers[1].pdnsutil("secure-zone", ZONE)
    pair.servers[0].pdnsutil("secure-zone", ZONE)
    assert call(apis, "PUT", f"{URL}/rectify") == (200, {"result": "Rectified"})
    pair.assert_same_rows()


# What the remote backend's protocol has no room for

def test_disabled_records_are_neither_shown_nor_enabled_nor_removed(zones_db, backend):
    """On the daemon: a client that reads a zone and writes it back leaves them as they are."""
    zones_db.add_zone(ZONE, ROWS)
    zones_db.insert(ZONE, "www", "A", "192.0.2.66", disabled=1)
    zones_db.insert(ZONE, "off", "A", "192.0.2.67", disabled=1)
    client = Api(backend.start(**api.options()))
    shown = client.get(URL)["rrsets"]
    disabled = [(each["name"], record["content"]) for each in shown for record in each["records"]
                if record["disabled"]]
    expected = [(f"off.{ZONE}.", "192.0.2.67"), (f"www.{ZONE}.", "192.0.2.66")]
    assert sorted(disabled) == ([] if backend.is_aliasd else expected)
    everything = [{"changetype": "REPLACE", **each} for each in shown]
    for each in everything:
        del each["comments"]
    assert client.call("PATCH", URL, {"rrsets": everything}) == (204, "")
    assert zones_db.rows("records", "content", where="disabled") == [
        (ZONE, "'192.0.2.66'"), (ZONE, "'192.0.2.67'")]
    assert not zones_db.records("NOT disabled AND content IN ('192.0.2.66','192.0.2.67')")


def test_a_record_that_is_written_as_disabled_is_served(zones_db, make_aliasd, make_powerdns):
    """PowerDNS doesn't tell the daemon that it isn't to be."""
    zones_db.add_zone(ZONE, ROWS)
    powerdns = make_powerdns(socket=make_aliasd().socket, **api.options())
    answer = Api(powerdns).call("PATCH", URL, {
        "rrsets": [rrset("new", "A", "192.0.2.9", disabled=True)]})
    assert answer == (204, "")
    assert powerdns.addresses(f"new.{ZONE}") == ["192.0.2.9"]


COMMENT = {"content": "why", "account": "me"}
# What is answered, in part, to what only gsqlite3 can do.
ONLY_ON_GSQLITE3 = [
    ("POST", "/zones", {"name": "new.test.", "kind": "Native", "nameservers": ["ns1.new.test."]},
     422, "Creating domain 'new.test.' failed"),
    ("DELETE", URL, None, 422, "Deleting domain 'example.test.' failed"),
    ("PATCH", URL, {"rrsets": [rrset("new", "A", "192.0.2.9", comments=[COMMENT])]},
     422, "does not support editing comments"),
    ("PATCH", URL, {"rrsets": [rrset("new", "A", "192.0.2.9"),
                               rrset("other", "A", "192.0.2.9", comments=[])]},
     422, "does not support editing comments"),
    ("PATCH", URL, {"rrsets": [{"name": f"www.{ZONE}.", "type": "A", "changetype": "REPLACE",
                                "comments": [COMMENT]}]},
     422, "does not support editing comments"),
    ("POST", "/autoprimaries", {"ip": "192.0.2.1", "nameserver": "ns1.x.test", "account": "me"},
     500, ""),
    # These look as if they had been done.
    ("PUT", URL, {"kind": "Master"}, 204, ""), ("PUT", URL, {"account": "me"}, 204, ""),
    ("PUT", URL, {"kind": "Slave", "masters": ["192.0.2.1"]}, 204, ""),
    ("PUT", URL, {"catalog": "catalog.test."}, 204, ""),
]


def test_what_the_protocol_has_no_room_for_changes_nothing(pair, apis):
    before = pair.tested.zones_db.dump()
    for method, path, body, status, text in ONLY_ON_GSQLITE3:
        answer = apis[1].call(method, path, body)
        assert answer[0] == status and text in str(answer[1]), (method, path, body, answer)
        assert pair.tested.zones_db.dump() == before, (method, path, body)
    # The connection is as good as before.
    assert apis[1].call("PATCH", URL, {"rrsets": [rrset("new", "A", "192.0.2.9")]}) == (204, "")


def test_a_whole_zone_is_replaced(pair, apis):
    """By PUT, which 4.7 answers without doing anything."""
    rrsets = [rrset("", "SOA", "ns1.example.test. hostmaster.example.test. 2 1 2 3 60"),
              rrset("", "NS", "ns1.example.test."), rrset("x.y", "A", "192.0.2.9")]
    assert call(apis, "PUT", URL, {"rrsets": rrsets}) == (204, "")
    pair.assert_same_rows()


# ALIAS

@pytest.fixture
def alias_api(zones_db, make_chain):
    zones_db.add_zone(ZONE, ROWS + [("", "ALIAS", "web.target.test", 300),
                                    ("shop", "ALIAS", "web.target.test", 300)])
    chain = make_chain([("web", "A", "192.0.2.31"), ("web", "AAAA", "2001:db8::31")],
                       powerdns=api.options())
    return chain, Api(chain.powerdns)


def alias_rows(zones_db):
    return zones_db.rows("records", "name", "content", "ttl", where="type='ALIAS'")


def test_a_zone_with_alias_is_shown_and_written_back_as_stored(zones_db, alias_api):
    chain, client = alias_api
    before = alias_rows(zones_db)
    shown = client.get(URL)["rrsets"]
    assert [each["records"] for each in shown if each["name"] == f"shop.{ZONE}."] == \
        [[{"content": "web.target.test.", "disabled": False}]]
    everything = [{"changetype": "REPLACE", **each} for each in shown]
    for each in everything:
        del each["comments"]
    assert client.call("PATCH", URL, {"rrsets": everything}) == (204, "")
    assert alias_rows(zones_db) == before
    assert not zones_db.records("content='192.0.2.31' OR type='AAAA'")
    assert chain.addresses(f"shop.{ZONE}", "AAAA") == ["2001:db8::31"]
    assert client.get("/search-data?q=*31&object_type=record") == []
    # But this is what DNS clients get.
    status, exported = client.call("GET", f"{URL}/export")
    assert status == 200 and "192.0.2.31" in exported and "ALIAS" not in exported


def test_alias_rows_are_changed(zones_db, alias_api):
    chain, client = alias_api
    assert client.call("PATCH", URL, {"rrsets": [
        rrset("new", "ALIAS", "web.target.test."), rrset("", "MX", "5 mail.example.test."),
        rrset("shop", "ALIAS", change="DELETE")]}) == (204, "")
    assert chain.addresses(f"new.{ZONE}") == ["192.0.2.31"]
    assert query.rcode(chain.ask(f"shop.{ZONE}", "A")) == "NXDOMAIN"
    assert alias_rows(zones_db) == [(ZONE, "'example.test'", "'web.target.test'", "300"),
                                    (ZONE, "'new.example.test'", "'web.target.test'", "60")]
