"""What pdnsutil writes over the daemon is what it writes on gsqlite3."""

import random
import re

import pytest

from lib import environment, record_types
from lib.nameserver import Key, zone_text

ZONE = "example.test"
ROWS = [("www", "A", "192.0.2.1"), ("www", "A", "192.0.2.2"), ("www", "TXT", '"one"'),
        ("", "MX", "mail.example.test", 60, 10), ("mail", "A", "192.0.2.25"),
        ("a.b.c", "TXT", '"deep"'), ("sub", "NS", "ns.sub.example.test"),
        ("ns.sub", "A", "192.0.2.54"), ("*.wild", "A", "192.0.2.7")]
KSK = """Private-key-format: v1.2
Algorithm: 15 (ED25519)
PrivateKey: ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=
"""


@pytest.fixture
def utils(pair):
    pair.add_zone(ZONE, ROWS)
    return pair.start(start=False)


def run(utils, *words, ok=True, **options):
    """On both; the daemon's output, with both ends being the same."""
    outcomes = [util.run_pdnsutil(*words, **options) for util in utils]
    for outcome in outcomes:
        assert (outcome.returncode == 0) == ok, f"{words}: {outcome.stdout}{outcome.stderr}"
    return outcomes[1].stdout + outcomes[1].stderr


def run_same(utils, *words, **options):
    """On both, with the same end and output, its lines in any order."""
    outcomes = [util.run_pdnsutil(*words, **options) for util in utils]
    lines = [sorted(outcome.stdout.splitlines()) for outcome in outcomes]
    assert lines[1] == lines[0] and lines[0], words
    assert outcomes[1].returncode == outcomes[0].returncode, words
    return outcomes[1].stdout


def test_records(pair, utils):
    for words in (("add-record", ZONE, "new", "A", "300", "192.0.2.9"),
                  ("add-record", ZONE, "www", "A", "60", "192.0.2.3", "192.0.2.4"),
                  ("add-record", ZONE, "@", "MX", "60", "20 mail2.example.test"),
                  ("add-record", ZONE, "_sip._tcp", "SRV", "5 1 5060 www.example.test"),
                  ("add-record", ZONE, "x.y.z", "TXT", '"a" "b"'),
                  ("replace-rrset", ZONE, "www", "TXT", "30", '"two"', '"three"'),
                  ("replace-rrset", ZONE, "fresh", "AAAA", "2001:db8::1"),
                  ("replace-rrset", ZONE, "@", "MX", "30 mail3.example.test"),
                  ("delete-rrset", ZONE, "a.b.c", "TXT"),
                  ("delete-rrset", ZONE, "mail", "A"), ("delete-rrset", ZONE, "absent", "A"),
                  ("increase-serial", ZONE)):
        run(utils, *words)
        pair.assert_same_rows()
    listing = run_same(utils, "list-zone", ZONE)
    assert "192.0.2.9" in listing and "192.0.2.25" not in listing
    run_same(utils, "check-zone", ZONE)
    run_same(utils, "show-zone", ZONE)


def test_refused_records_change_nothing(pair, utils):
    for words in (("add-record", ZONE, "new", "A", "nonsense"),
                  ("add-record", ZONE, "www", "CNAME", "mail.example.test"),
                  ("add-record", "absent.test", "www", "A", "192.0.2.1")):
        run(utils, *words, ok=False)
        pair.assert_same_rows()


def editor(folder, *commands):
    """An editor that runs sed with these commands."""
    path = folder / "editor"
    edits = " ".join(f"-e '{command}'" for command in ("", *commands))
    path.write_text(f'#!/bin/sh\nexec sed -i {edits} "$1"\n')
    path.chmod(0o755)
    return {"EDITOR": str(path)}


def edit(util, env, typed):
    return util.pdnsutil("edit-zone", ZONE, env=env, typed=typed, timeout=10)


EDITS = ["s/192.0.2.25/192.0.2.26/", "/^www.*192.0.2.2$/d", "/^a.b.c/d",
         f"$a new.{ZONE}. 60 IN A 192.0.2.9", f"$a x.y.{ZONE}. 60 IN MX 10 mail.{ZONE}."]


def test_a_zone_is_edited(folder, pair, utils):
    """Applied with its serial raised; given up; and with nothing changed."""
    for commands, typed, said in ((EDITS, "ya", "192.0.2.26"), (["/^mail/d"], "nq", "increase"),
                                  (["/^mail/d"], "na", "-mail"), ([], "", "No changes")):
        for util in utils:
            assert said in edit(util, editor(folder, *commands), typed)
        pair.assert_same_rows()
    assert pair.tested.zones_db.records("name='new.example.test'")
    assert not pair.tested.zones_db.records("name='mail.example.test'")


def test_alias_rows_survive_an_edit_in_the_raw_view(folder, zones_db, make_chain, make_powerdns):
    zones_db.add_zone(ZONE, ROWS + [("", "ALIAS", "web.target.test", 300),
                                    ("shop", "ALIAS", "web.target.test", 300)])
    before = zones_db.records("type='ALIAS'")
    chain = make_chain([("web", "A", "192.0.2.31"), ("web", "AAAA", "2001:db8::31")])
    raw = make_powerdns(name="raw", socket=chain.aliasd.socket, connection=",view=raw", start=False)
    edit(raw, editor(folder, *EDITS), "ya")
    assert chain.addresses(f"new.{ZONE}") == ["192.0.2.9"]
    assert chain.addresses(f"www.{ZONE}") == ["192.0.2.1"]
    assert zones_db.records("type='ALIAS'") == before
    assert not zones_db.records("content='192.0.2.31' OR type='AAAA'")
    edit(raw, editor(folder, "/^shop/s/web/other/", "/^shop/s/300/30/"), "ya")
    assert zones_db.rows("records", "content", "ttl", where="name='shop.example.test'") \
        == [(ZONE, "'other.target.test'", "30")]
    for words in (("add-record", ZONE, "shop", "TXT", '"x"'), ("increase-serial", ZONE),
                  ("replace-rrset", ZONE, "@", "MX", "5 mail.example.test"),
                  ("add-record", ZONE, "*.shop", "ALIAS", "60", "web.target.test")):
        raw.pdnsutil(*words)
    assert chain.addresses(f"x.shop.{ZONE}", "AAAA") == ["2001:db8::31"]
    assert zones_db.rows("records", "name", "content", "ttl", where="type='ALIAS'") == [
        (ZONE, "'*.shop.example.test'", "'web.target.test'", "60"),
        (ZONE, "'example.test'", "'web.target.test'", "300"),
        (ZONE, "'shop.example.test'", "'other.target.test'", "30")]
    assert not zones_db.records("content='192.0.2.31' OR type='AAAA'")


def test_single_rrsets_leave_alias_rows_alone_in_the_expanded_view(zones_db, make_chain):
    """What pdnsutil writes of one type touches no other, whatever it shows."""
    zones_db.add_zone(ZONE, ROWS + [("", "ALIAS", "web.target.test", 300)])
    before = zones_db.records("type='ALIAS'")
    chain = make_chain([("web", "A", "192.0.2.31")])
    for words in (("add-record", ZONE, "@", "TXT", '"x"'), ("increase-serial", ZONE),
                  ("replace-rrset", ZONE, "@", "MX", "5 mail.example.test"),
                  ("delete-rrset", ZONE, "@", "TXT")):
        chain.powerdns.pdnsutil(*words)
    assert zones_db.records("type='ALIAS'") == before
    assert not zones_db.records("content='192.0.2.31'")
    assert chain.addresses(ZONE) == ["192.0.2.31"]


def test_an_edit_in_the_expanded_view_writes_only_what_was_changed(folder, zones_db, make_chain):
    """An address that was edited is stored, beside the ALIAS, and wins over it."""
    zones_db.add_zone(ZONE, ROWS + [("shop", "ALIAS", "web.target.test", 300)])
    before = zones_db.records("type='ALIAS'")
    chain = make_chain([("web", "A", "192.0.2.31"), ("web", "AAAA", "2001:db8::31")])
    edit(chain.powerdns, editor(folder, *EDITS), "ya")
    assert chain.addresses(f"new.{ZONE}") == ["192.0.2.9"]
    assert zones_db.records("type='ALIAS'") == before
    assert not zones_db.records("name='shop.example.test' AND type<>'ALIAS'")
    edit(chain.powerdns, editor(folder, "/^shop/s/192.0.2.31/192.0.2.32/"), "ya")
    assert zones_db.records("type='ALIAS'") == before
    assert chain.addresses(f"shop.{ZONE}", "A") == ["192.0.2.32"]
    assert chain.addresses(f"shop.{ZONE}", "AAAA") == ["2001:db8::31"]
    # To load what was listed is another matter.
    path = folder / "listing"
    path.write_text(chain.powerdns.run_pdnsutil("list-zone", ZONE).stdout)
    chain.powerdns.pdnsutil("load-zone", ZONE, path)
    assert zones_db.rows("records", "type", "content", where="name='shop.example.test'") == \
        [(ZONE, "'A'", "'192.0.2.32'"), (ZONE, "'AAAA'", "'2001:db8::31'")]


def test_a_zone_is_secured_and_made_unsigned_again(pair, utils):
    run(utils, "secure-zone", ZONE)
    pair.assert_same_rows()
    for words in (("set-nsec3", ZONE, "1 0 1 ab"), ("unset-nsec3", ZONE),
                  ("set-nsec3", ZONE, "1 1 0 -"), ("add-record", ZONE, "x.y", "A", "192.0.2.3"),
                  ("set-nsec3", ZONE, "1 0 0 -", "narrow"),
                  ("delete-rrset", ZONE, "a.b.c", "TXT"), ("unset-nsec3", ZONE),
                  ("set-presigned", ZONE), ("unset-presigned", ZONE)):
        run(utils, *words)
        pair.assert_same_rows()
    run(utils, "disable-dnssec", ZONE)
    pair.assert_same_rows()


def test_keys(folder, pair, utils):
    path = folder / "ksk.key"
    path.write_text(KSK)
    run(utils, "import-zone-key", ZONE, path, "inactive", "ksk", "unpublished")
    pair.assert_same_rows()
    for words in (("activate-zone-key", ZONE, "1"), ("publish-zone-key", ZONE, "1")):
        run(utils, *words)
        pair.assert_same_rows()
    for words in (("export-zone-key", ZONE, "1"), ("export-zone-dnskey", ZONE, "1"),
                  ("export-zone-ds", ZONE)):
        run_same(utils, *words)
    assert KSK.split()[-1] in utils[1].pdnsutil("export-zone-key", ZONE, "1")
    for words in (("add-zone-key", ZONE, "zsk", "inactive", "unpublished", "ecdsa256"),
                  ("add-zone-key", ZONE, "zsk", "active", "published", "ed25519"),
                  ("publish-zone-key", ZONE, "2"), ("activate-zone-key", ZONE, "2"),
                  ("deactivate-zone-key", ZONE, "3"), ("unpublish-zone-key", ZONE, "3"),
                  ("remove-zone-key", ZONE, "3")):
        run(utils, *words)
        pair.assert_same_rows()
    for words in (("activate-zone-key", ZONE, "77"), ("export-zone-key", ZONE, "77")):
        run(utils, *words, ok=False)
    # gsqlite3 says that this was done.
    utils[1].pdnsutil("remove-zone-key", ZONE, "77", check=False)
    pair.assert_same_rows()


def test_metadata(pair, utils):
    for words in (("set-meta", ZONE, "ALLOW-AXFR-FROM", "192.0.2.1", "192.0.2.2"),
                  ("add-meta", ZONE, "ALLOW-AXFR-FROM", "AUTO-NS"),
                  ("set-meta", ZONE, "SOA-EDIT", "INCEPTION-EPOCH"),
                  ("set-meta", ZONE, "X-Odd", "a value, with: odd 'signs' \"and\" \\"),
                  ("set-meta", ZONE, "ALSO-NOTIFY", "192.0.2.1:5300"),
                  ("set-meta", ZONE, "ALSO-NOTIFY"), ("set-meta", ZONE, "SOA-EDIT", "EPOCH")):
        run(utils, *words)
        pair.assert_same_rows()
    run_same(utils, "get-meta", ZONE)
    assert "AUTO-NS" in run_same(utils, "get-meta", ZONE, "ALLOW-AXFR-FROM", "SOA-EDIT")


def test_tsig_keys(pair, utils):
    key = Key("one-key")
    run(utils, "import-tsig-key", key.name, key.algorithm, key.secret)
    pair.assert_same_rows()
    for words in (("activate-tsig-key", ZONE, key.name, "primary"),
                  ("activate-tsig-key", ZONE, key.name, "secondary"),
                  ("deactivate-tsig-key", ZONE, key.name, "primary"),
                  ("import-tsig-key", "two-key", "hmac-md5", key.secret)):
        run(utils, *words)
        pair.assert_same_rows()
    assert "two-key" in run_same(utils, "list-tsig-keys")
    run(utils, "delete-tsig-key", "two-key")
    pair.assert_same_rows()
    run(utils, "generate-tsig-key", "three-key", "hmac-sha512")
    listed = [re.search(r"three-key\. hmac-sha512\. (\S+)", util.pdnsutil("list-tsig-keys"))
              for util in utils]
    assert [len(found[1]) for found in listed] == [88, 88]


def test_a_zone_is_loaded_over_the_old_one(folder, pair, utils):
    path = folder / "zone"
    path.write_text(zone_text(ZONE, ROWS[1:4] + [("x.y.z", "A", "192.0.2.9")], serial=5))
    run(utils, "load-zone", ZONE, path)
    pair.assert_same_rows()
    path.write_text("nonsense\n")
    run(utils, "load-zone", ZONE, path, ok=False)
    pair.assert_same_rows()


# Zone files of 4.7 can't have them.
NO_TYPES_IN_FILES = ("SIG", "A6", "ADDR")


def test_contents_of_every_type_are_stored_alike(folder, pair, make_powerdns):
    """Fed record by record, then replaced set by set (each TTL is another)."""
    print(f"ORACLE_SEED={environment.SEED}")
    numbers = random.Random(environment.SEED)
    rows = [(f"{kind.lower()}-{number}", kind, record_types.content(numbers, kind, ZONE), 60)
            for kind in record_types.CONTENTS if kind not in NO_TYPES_IN_FILES
            for number in range(3)]
    pair.add_zone(ZONE, rows)
    utils = pair.start(start=False)
    path = folder / "zone"
    listing = utils[0].run_pdnsutil("list-zone", ZONE).stdout
    assert len(listing.splitlines()) > len(rows)
    path.write_text(listing)
    run(utils, "load-zone", ZONE, path)
    pair.assert_same_rows()
    for util in utils:
        # What is wrong with them is to be applied all the same, where the generation finds it.
        edit(util, editor(folder, "/IN.SOA/!s/\\t60\\t/\\t61\\t/"), "ana")
    pair.assert_same_rows()
    # Every set was replaced but the zone's own.
    assert not pair.tested.zones_db.records("ttl=60")


def test_a_zone_is_cleared(pair, utils):
    """Disabled rows, too."""
    pair.add_zone("other.test", ROWS)
    pair.sql(pair.tested.zones_db.insert_statement(ZONE, "off", "A", "192.0.2.99", disabled=1))
    run(utils, "clear-zone", ZONE)
    pair.assert_same_rows()
    zones = pair.tested.zones_db.sql("SELECT DISTINCT domains.name FROM domains JOIN records "
                                     "ON domain_id=domains.id;")
    assert zones == "other.test\n"


def test_powerdns_test_of_a_schema_passes(utils):
    output = utils[1].pdnsutil("test-schema", "schema.test")
    for passed in ("over 255 bytes", "sorting is correct", "Big serials work correctly"):
        assert passed in output


def test_backend_command(utils):
    assert "pong" in utils[1].pdnsutil("backend-cmd", "remote", "ping")
    help_text = utils[1].pdnsutil("backend-cmd", "remote", "help")
    assert "ping" in help_text and "version" in help_text


def test_backend_commands_of_several_lines(utils):
    """PowerDNS passes their text on as it is; words have to be one argument."""
    listed = utils[1].pdnsutil("backend-cmd", "remote", "alias status").splitlines()
    assert [line.split()[-1] for line in listed if line.startswith("TARGET ")] == ["ERROR"]
    assert "pdns_aliasd_sessions 1" in utils[1].pdnsutil("backend-cmd", "remote",
                                                         "stats").splitlines()
    said = utils[1].pdnsutil("backend-cmd", "remote", "alias refresh nothing.test")
    assert "error: nothing.test is no target" in said
    assert "usage: unknown command; try help" in utils[1].pdnsutil("backend-cmd", "remote",
                                                                   "alias", "status")


# What the remote backend's protocol has no room for, and whether pdnsutil says so.
ONLY_ON_GSQLITE3 = [
    (("create-zone", "new.test"), False), (("create-zone", "new.test", "ns1.new.test"), False),
    (("create-secondary-zone", "new.test", "192.0.2.1"), False), (("delete-zone", ZONE), False),
    (("set-kind", ZONE, "primary"), False), (("set-account", ZONE, "me"), False),
    (("change-secondary-zone-primary", ZONE, "192.0.2.1"), True),
    (("set-catalog", ZONE, "catalog.test"), False), (("set-options-json", ZONE, "{}"), False),
    (("add-autoprimary", "192.0.2.1", "ns1.new.test", "me"), False),
    (("rectify-zone", ZONE), True), (("rectify-all-zones",), True),
]


def test_what_the_protocol_has_no_room_for_changes_nothing(folder, utils, pair):
    path = folder / "zone"
    path.write_text(zone_text("new.test"))
    pair.tested.zones_db.wait_until_in_order()
    before = pair.tested.zones_db.dump()
    for words, says_done in (*ONLY_ON_GSQLITE3, (("load-zone", "new.test", path), False)):
        outcome = utils[1].run_pdnsutil(*words)
        assert (words, outcome.returncode == 0) == (words, says_done), outcome
        assert "rocess" not in outcome.stderr  # no call failed, none was unknown
        assert pair.tested.zones_db.dump() == before, words
