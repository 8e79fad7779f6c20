"""Each method that writes, end to end: what is in the database afterwards."""

import threading
import time

import pytest

from lib import environment
from lib.session import message_of
from lib.zones_db import LongWriter

ROWS = [("www", "A", "192.0.2.1"), ("www", "AAAA", "2001:db8::1"), ("mail", "A", "192.0.2.25"),
        ("off", "A", "192.0.2.66", 60, None, 1)]
COLUMNS = "name,type,content,ttl,prio,disabled"


@pytest.fixture
def filled(zones_db):
    zones_db.add_zone("example.test", ROWS, kind="MASTER")
    zones_db.add_zone("other.test", [("www", "A", "192.0.2.77")])
    return zones_db


@pytest.fixture
def aliasd(filled, make_aliasd):
    aliasd = make_aliasd()
    filled.wait_until_in_order()
    return aliasd


@pytest.fixture
def session(aliasd):
    with aliasd.connect() as session:
        yield session


def rows_of(zones_db, where="domain_id=1 AND type IS NOT NULL AND type<>'SOA' AND type<>'NS'"):
    return zones_db.sql(f"SELECT {COLUMNS} FROM records WHERE {where} "
                        "ORDER BY name,type,content;").splitlines()


def record(qname, qtype, content, ttl=60, **more):
    return {"qname": qname, "qtype": qtype, "qclass": 1, "content": content, "ttl": ttl,
            "auth": True, **more}


def begin(session, zone="example.test.", domain_id=-1):
    assert session.result("startTransaction", domain=zone, domain_id=domain_id, trxid=1) is True


def feed(session, *fields, **more):
    assert session.result("feedRecord", rr=record(*fields, **more), trxid=1) is True


def replace(session, qname, qtype, *contents, domain_id=1):
    return session.call("replaceRRSet", domain_id=domain_id, qname=qname, qtype=qtype, trxid=1,
                        rrset=[record(qname, qtype, content) for content in contents])


def commit(session):
    return session.call("commitTransaction", trxid=1)


# Transactions


def test_replacement_of_a_zone_is_seen_at_its_commit_by_others_and_at_once_by_itself(
        aliasd, session, filled):
    before = rows_of(filled)
    begin(session, domain_id=1)
    feed(session, "example.test.", "SOA", "ns1.example.test. h.example.test. 2 3600 600 9000 60")
    feed(session, "example.test.", "MX", "10 mail.example.test", 300)
    feed(session, "deep.er.example.test.", "A", "192.0.2.9")
    assert session.records("deep.er.example.test") == [("A", "192.0.2.9")]
    assert session.records("www.example.test") == []
    with aliasd.connect() as other:
        assert other.records("deep.er.example.test") == []
        assert other.records("www.example.test", "A") == [("A", "192.0.2.1")]
    assert rows_of(filled) == before
    assert commit(session)["result"] is True
    assert rows_of(filled, "domain_id=1") == [
        "deep.er.example.test|A|192.0.2.9|60|0|0", "er.example.test||||" + "|0",
        "example.test|MX|mail.example.test|300|10|0",
        "example.test|SOA|ns1.example.test. h.example.test. 2 3600 600 9000 60|60|0|0"]
    assert rows_of(filled, "domain_id=2 AND type='A'")


def test_abort_undoes_all(session, filled):
    before = filled.shell(".dump")
    begin(session, domain_id=1)
    feed(session, "new.example.test.", "A", "192.0.2.9")
    assert replace(session, "www.example.test.", "A")["result"] is True
    assert session.result("abortTransaction", trxid=1) is True
    assert filled.shell(".dump") == before
    assert session.records("www.example.test", "A") == [("A", "192.0.2.1")]
    assert "no transaction is open" in message_of(commit(session))


def test_lost_connection_undoes_all(aliasd, filled):
    before = filled.shell(".dump")
    with aliasd.connect() as session:
        begin(session, domain_id=1)
        feed(session, "new.example.test.", "A", "192.0.2.9")
    with aliasd.connect() as session:
        assert session.records("www.example.test", "A") == [("A", "192.0.2.1")]
        assert "no transaction is open" in message_of(commit(session))
    assert filled.shell(".dump") == before


def test_transaction_that_was_left_open_is_undone_by_the_next(session, filled, aliasd):
    begin(session)
    replace(session, "www.example.test.", "ANY")
    begin(session)
    replace(session, "mail.example.test.", "A", "192.0.2.26")
    assert commit(session)["result"] is True
    assert "www.example.test|A|192.0.2.1|60||0" in rows_of(filled)
    assert "mail.example.test|A|192.0.2.26|60|0|0" in rows_of(filled)
    assert "neither committed nor aborted" in aliasd.log()


@pytest.mark.parametrize("call", [
    ("feedRecord", {"rr": record("x.example.test.", "A", "192.0.2.1"), "trxid": 1}),
    ("feedEnts", {"domain_id": 1, "trxid": 1, "nonterm": []}),
    ("feedEnts3", {"domain_id": 1, "domain": "example.test.", "times": 1, "salt": "ab",
                   "narrow": False, "trxid": 1, "nonterm": []}),
    ("commitTransaction", {"trxid": 1})], ids=lambda call: call[0])
def test_outside_of_a_transaction_it_is_refused_without_result(session, call):
    assert message_of(session.call(call[0], **call[1])) == f"{call[0]}: no transaction is open"


@pytest.mark.parametrize("domain_id", [99, -1])
def test_transaction_of_a_zone_that_is_not_there_is_refused_without_result(session, domain_id):
    reply = session.call("startTransaction", domain="absent.test.", domain_id=domain_id, trxid=1)
    assert "there is no zone 'absent.test.'" in message_of(reply)
    assert "no transaction is open" in message_of(commit(session))


def test_another_zones_id_inside_a_transaction_is_refused(session, filled):
    begin(session)
    assert "another zone's" in message_of(replace(session, "www.other.test.", "A", domain_id=2))
    reply = session.call("feedEnts", domain_id=2, trxid=1, nonterm=[])
    assert "another zone's" in message_of(reply)
    assert rows_of(filled, "domain_id=2 AND type='A'")


def test_failing_feed_ends_the_transaction(session, filled):
    before = filled.shell(".dump")
    begin(session, domain_id=1)
    reply = session.call("feedRecord", trxid=1,
                         rr=record("x.example.test.", "MX", "99999999999 mail.example.test"))
    assert "its priority is" in message_of(reply)
    assert "no transaction is open" in message_of(commit(session))
    assert filled.shell(".dump") == before


def test_update_of_what_somebody_else_has_changed_meanwhile_fails(session, filled):
    begin(session)
    replace(session, "www.example.test.", "A", "192.0.2.2")
    filled.insert("example.test", "meanwhile", "A", "192.0.2.3")
    assert "changed meanwhile by another writer" in message_of(commit(session))
    assert "www.example.test|A|192.0.2.1|60||0" in rows_of(filled)
    begin(session)
    replace(session, "www.example.test.", "A", "192.0.2.2")
    assert commit(session)["result"] is True


def test_zones_put_in_order_meanwhile_disturb_no_update(session, filled):
    """What upkeep writes isn't somebody else's change."""
    filled.insert("example.test", "a.b.c", "A", "192.0.2.3")
    begin(session)
    filled.wait_until_in_order()
    replace(session, "www.example.test.", "A", "192.0.2.2")
    begin(session)
    replace(session, "www.example.test.", "A", "192.0.2.2")
    assert commit(session)["result"] is True


def test_locked_database_fails_the_commit_and_the_next_try_works(session, filled):
    def change():
        begin(session)
        feed(session, "new.example.test.", "A", "192.0.2.9")
        return commit(session)

    writer = LongWriter(filled.path)
    start = time.monotonic()
    assert "database is locked" in message_of(change())
    assert time.monotonic() - start < 1.9
    writer.release()
    assert not rows_of(filled, "name='new.example.test'")
    assert change()["result"] is True
    assert rows_of(filled, "name='new.example.test'")


def test_two_transactions_at_a_time_both_end_well(make_aliasd, filled):
    """The second waits for its turn."""
    aliasd = make_aliasd(busy_timeout=int(500 * environment.SLACK),
                         answer_deadline=int(1000 * environment.SLACK))
    failures = []

    def transfer(zone, domain_id):
        with aliasd.connect() as session:
            begin(session, zone, domain_id)
            for number in range(2000):
                feed(session, f"n{number}.{zone}", "A", "192.0.2.9")
            reply = commit(session)
            if reply.get("result") is not True:
                failures.append(reply)

    threads = [threading.Thread(target=transfer, args=zone) for zone in
               (("example.test.", 1), ("other.test.", 2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert filled.sql("SELECT domain_id,count(*) FROM records WHERE name LIKE 'n%' "
                      "GROUP BY 1;") == "1|2000\n2|2000\n"


# Record sets


def test_replace_rrset_outside_of_a_transaction_is_one_by_itself(session, filled):
    assert replace(session, "www.example.test.", "A", "192.0.2.2", "192.0.2.3")["result"] is True
    assert rows_of(filled, "name='www.example.test'") == [
        "www.example.test|A|192.0.2.2|60|0|0", "www.example.test|A|192.0.2.3|60|0|0",
        "www.example.test|AAAA|2001:db8::1|60||0"]


def test_replace_rrset_leaves_disabled_rows_in_place(session, filled):
    replace(session, "off.example.test.", "A", "192.0.2.67")
    assert rows_of(filled, "name='off.example.test'") == [
        "off.example.test|A|192.0.2.66|60||1", "off.example.test|A|192.0.2.67|60|0|0"]


def test_replace_rrset_by_nothing_removes_its_comments(session, filled):
    filled.sql("INSERT INTO comments(domain_id,name,type,modified_at,comment) VALUES"
               "(1,'www.example.test','A',0,'x'),(1,'www.example.test','AAAA',0,'y');")
    replace(session, "www.example.test.", "A", "192.0.2.2")
    assert filled.sql("SELECT count(*) FROM comments;") == "2\n"
    replace(session, "www.example.test.", "A")
    assert filled.sql("SELECT comment FROM comments;") == "y\n"


def test_empty_non_terminals_come_and_go_with_the_commit(session, filled):
    replace(session, "a.b.c.example.test.", "A", "192.0.2.2")
    ents = "SELECT name FROM records WHERE type IS NULL ORDER BY 1;"
    assert filled.sql(ents).split() == ["b.c.example.test", "c.example.test"]
    replace(session, "a.b.c.example.test.", "A")
    assert filled.sql(ents) == ""


def test_signed_zone_is_in_order_at_the_commit(session, filled):
    filled.sql("INSERT INTO cryptokeys(domain_id,flags,active,published,content) "
               "VALUES(1,257,1,1,'x');")
    replace(session, "b.a.example.test.", "A", "192.0.2.2")
    assert filled.sql("SELECT ordername,auth FROM records WHERE name='b.a.example.test';"
                      ) == "a b|1\n"
    assert session.result("setDomainMetadata", name="example.test.", kind="NSEC3PARAM",
                          value=["1 0 0 -"]) is True
    order = filled.sql("SELECT ordername FROM records WHERE name='b.a.example.test';")
    assert len(order) == 33


# Metadata, keys, TSIG keys


def test_set_domain_metadata_replaces_all_values_of_a_kind(session, filled):
    values = "SELECT kind,content FROM domainmetadata ORDER BY id;"
    for value in (["192.0.2.1", "192.0.2.2"], ["192.0.2.3"], []):
        assert session.result("setDomainMetadata", name="EXAMPLE.test.", kind="ALLOW-AXFR-FROM",
                              value=value) is True
        assert filled.sql(values) == "".join(f"ALLOW-AXFR-FROM|{each}\n" for each in value)
    assert session.result("setDomainMetadata", name="absent.test.", kind="X", value=["1"]) is False


def test_metadata_inside_a_transaction_is_kept_for_its_commit(session, filled):
    kept = {"name": "example.test.", "kind": "ALSO-NOTIFY"}
    begin(session)
    assert session.result("setDomainMetadata", value=["192.0.2.9"], **kept) is True
    assert session.result("getDomainMetadata", **kept) == ["192.0.2.9"]
    assert filled.sql("SELECT * FROM domainmetadata;") == ""
    session.result("abortTransaction", trxid=1)
    assert session.result("getDomainMetadata", **kept) == []
    begin(session)
    session.result("setDomainMetadata", value=["192.0.2.9", "192.0.2.10"], **kept)
    assert commit(session)["result"] is True
    assert session.result("getDomainMetadata", **kept) == ["192.0.2.9", "192.0.2.10"]


def add_key(session, name="example.test.", flags=257, **more):
    return session.call("addDomainKey", name=name, key={
        "flags": flags, "active": True, "published": True, "content": "key", **more})


def test_key_is_added_changed_and_removed(session, filled):
    first, second = add_key(session)["result"], add_key(session, flags=256, active=False)["result"]
    keys = "SELECT id,flags,active,published,content FROM cryptokeys ORDER BY id;"
    assert filled.sql(keys) == f"{first}|257|1|1|key\n{second}|256|0|1|key\n"
    for method, state in (("deactivateDomainKey", "0|1"), ("unpublishDomainKey", "0|0"),
                          ("activateDomainKey", "1|0"), ("publishDomainKey", "1|1")):
        assert session.result(method, name="example.test.", id=first) is True
        assert filled.sql(keys).splitlines()[0] == f"{first}|257|{state}|key"
    assert session.result("removeDomainKey", name="example.test.", id=first) is True
    assert filled.sql(keys) == f"{second}|256|0|1|key\n"


@pytest.mark.parametrize("name, id", [("other.test.", 1), ("example.test.", 7), ("no.test.", 1)])
def test_key_that_the_zone_does_not_have_is_false(session, filled, name, id):
    add_key(session)
    before = filled.sql("SELECT * FROM cryptokeys;")
    for method in ("removeDomainKey", "activateDomainKey", "deactivateDomainKey",
                   "publishDomainKey", "unpublishDomainKey"):
        assert session.result(method, name=name, id=id) is False
    assert filled.sql("SELECT * FROM cryptokeys;") == before


def test_key_for_a_zone_that_is_not_there_is_an_error(session):
    """PowerDNS takes `false` for the id 0."""
    assert "there is no such zone" in message_of(add_key(session, name="absent.test."))


def test_keys_inside_a_transaction_are_kept_for_its_commit(session, filled):
    first = add_key(session)["result"]
    begin(session)
    second = add_key(session, flags=256)["result"]
    session.result("deactivateDomainKey", name="example.test.", id=first)
    session.result("unpublishDomainKey", name="example.test.", id=second)
    seen = [(key["id"], key["active"], key.get("published", True))
            for key in session.result("getDomainKeys", name="example.test.")]
    assert seen == [(first, False, True), (second, True, False)]
    assert filled.sql("SELECT id,active FROM cryptokeys;") == f"{first}|1\n"
    assert commit(session)["result"] is True
    assert filled.sql("SELECT id,active,published FROM cryptokeys ORDER BY id;"
                      ) == f"{first}|0|1\n{second}|1|0\n"


def test_tsig_key_is_set_replaced_and_removed(session, filled):
    keys = "SELECT name,algorithm,secret FROM tsigkeys ORDER BY 1,2;"
    for secret in ("eA==", "eQ=="):
        assert session.result("setTSIGKey", name="KEY.example.", algorithm="hmac-sha256.",
                              content=secret) is True
        assert filled.sql(keys) == f"key.example|hmac-sha256|{secret}\n"
    assert session.result("deleteTSIGKey", name="Key.Example.") is True
    assert filled.sql(keys) == ""
    assert session.result("deleteTSIGKey", name="key.example.") is True


# Primaries and secondaries


def test_set_notified_fresh_and_stale_write_the_zones_row(session, filled):
    row = "SELECT notified_serial,last_check FROM domains WHERE id=1;"
    assert session.result("setNotified", id=1, serial=4294967295) is True
    assert filled.sql(row) == "4294967295|\n"
    assert session.result("setFresh", id=1) is True
    assert abs(int(filled.sql(row).strip().split("|")[1]) - time.time()) < 10
    assert session.result("setStale", id=1) is True
    assert filled.sql(row) == "4294967295|0\n"
    assert session.result("setNotified", id=99, serial=1) is False


def test_communicator_write_that_fails_is_false(session, filled):
    writer = LongWriter(filled.path)
    for method in ("setNotified", "setFresh", "setStale"):
        reply = session.call(method, id=1, serial=3)
        assert reply["result"] is False and "locked" in " ".join(reply["log"])
    writer.release()


def nsset(*nameservers):
    return [record("new.test.", "NS", nameserver) for nameserver in nameservers]


def test_autoprimary_is_known_by_address_and_nameserver(session, filled):
    filled.sql("INSERT INTO supermasters(ip,nameserver,account) VALUES"
               "('192.0.2.1','NS2.primary.test','customer');")
    found = session.result("superMasterBackend", ip="192.0.2.1", domain="new.test.",
                           nsset=nsset("ns1.primary.test.", "ns2.primary.test."))
    assert found == {"nameserver": "ns2.primary.test", "account": "customer"}
    for ip, nameserver in (("192.0.2.2", "ns2.primary.test."), ("192.0.2.1", "ns1.primary.test.")):
        assert session.result("superMasterBackend", ip=ip, domain="new.test.",
                              nsset=nsset(nameserver)) is False


def test_secondary_zone_is_created_with_all_addresses_of_its_primary(session, filled):
    filled.sql("INSERT INTO supermasters(ip,nameserver,account) VALUES"
               "('192.0.2.1','ns.primary.test','c'),('2001:db8::1','ns.primary.test','c'),"
               "('192.0.2.9','ns.primary.test','d');")
    assert session.result("createSlaveDomain", ip="192.0.2.1", domain="New.test.",
                          nameserver="ns.primary.test", account="c") is True
    assert session.result("createSlaveDomain", ip="192.0.2.5", domain="plain.test.") is True
    assert filled.sql("SELECT name,type,master,account FROM domains WHERE id>2;") == (
        "new.test|SLAVE|192.0.2.1, 2001:db8::1|c\nplain.test|SLAVE|192.0.2.5|\n")
    reply = session.call("createSlaveDomain", ip="192.0.2.1", domain="example.test.")
    assert "there is a zone 'example.test' already" in message_of(reply)


def test_is_master_and_calculate_soa_serial(session, filled):
    filled.sql("UPDATE domains SET master='192.0.2.1:5300, [2001:db8::1]:5300, 192.0.2.10' "
               "WHERE id=2;")
    for ip, expected in (("192.0.2.1", True), ("2001:DB8::1", True), ("192.0.2.10", True),
                         ("192.0.2.2", False), ("192.0.2", False)):
        assert session.result("isMaster", name="other.test.", ip=ip) is expected, ip
    assert session.result("isMaster", name="absent.test.", ip="192.0.2.1") is False
    assert session.result("calculateSOASerial", domain="example.test.", sd={}) == 1
    assert session.result("calculateSOASerial", domain="absent.test.", sd={}) is False


# Inside a transaction rows are shown as they are stored


def test_alias_rows_inside_a_transaction_are_shown_as_stored(filled, make_upstream, make_aliasd):
    filled.insert("example.test", "", "ALIAS", "web.target.test")
    upstream = make_upstream([("web", "A", "192.0.2.31", 60)])
    with make_aliasd(forward=upstream.forward).connect() as session:
        assert ("A", "192.0.2.31") in session.records("example.test")
        begin(session)
        assert ("ALIAS", "web.target.test") in session.records("example.test")
        assert ("A", "192.0.2.31") not in session.records("example.test")
        listed = session.result("list", zonename="example.test.", domain_id=1,
                                include_disabled=False)
        assert ("ALIAS", "web.target.test") in [(row["qtype"], row["content"]) for row in listed]
        session.result("abortTransaction", trxid=1)
        assert ("A", "192.0.2.31") in session.records("example.test")
