"""pdns-aliasd check: faults in the rows of the zone database."""

import os
import re
import subprocess

import pytest

from lib import environment
from lib.zones_db import LongWriter

GOOD = [("www", "A", "192.0.2.1"), ("*", "ALIAS", "target.test"), ("c", "CNAME", "www.example.test"),
        ("t", "TXT", '"v=spf1 -all"'), ("six", "AAAA", "2001:db8::1"), ("", "ALIAS", "apex.target.test")]


class Checked:
    def __init__(self, done):
        self.status = done.returncode
        self.output = done.stdout
        self.error = done.stderr
        self.lines = [tuple(line.split(" ", 5)) for line in done.stdout.splitlines()]

    def why(self, name, kind):
        """[(level, why)] of a row's lines."""
        return [(line[0], line[5]) for line in self.lines if line[2:4] == (name, kind)]


@pytest.fixture
def check(make_aliasd):
    """Runs the command with its zones on the test's database."""
    aliasd = make_aliasd(start=False)

    def run(*words):
        return Checked(aliasd.run("check", *words))

    run.aliasd = aliasd
    return run


@pytest.fixture
def filled(zones_db):
    zones_db.add_zone("example.test", GOOD)
    return zones_db


def test_clean_database_gives_status_0_and_nothing_on_standard_output(check, filled):
    filled.add_zone("other.test", GOOD[:2])
    done = check()
    assert (done.status, done.output) == (0, "")
    assert "2 zones, 0 faults, 0 warnings" in done.error


def test_empty_database_is_clean(check):
    done = check()
    assert (done.status, done.output) == (0, "")


def test_a_line_says_level_zone_name_type_row_and_why(check, filled):
    filled.insert("example.test", "bad", "A", "300.1.1.1")
    row = filled.sql("SELECT id FROM records WHERE content='300.1.1.1';").strip()
    done = check()
    assert done.status == 1
    assert done.lines == [("fault", "example.test", "bad.example.test", "A", row,
                           "bad content, not an IPv4 address: '300.1.1.1'")]
    assert "1 zones, 1 faults, 0 warnings" in done.error


# Rows of (owner, type, content, prio): the one that is wrong is the first.
BAD = [
    ([("b", "A", "1.2.3", None)], "not an IPv4 address"),
    ([("b", "AAAA", "1.2.3.4", None)], "bad content"),
    ([("b", "TXT", '"open', None)], "a text has no quote at its end"),
    ([("b", "CNAME", "two..dots", None)], "not a name"),
    ([("b", "ALIAS", "two..dots", None)], "not a name"),
    ([("b", "ALIAS", "", None)], "bad content"),
    ([("b", "ALIAS", "two names", None)], "bad content"),
    ([("b", "MX", "mail.example.test", None)], "a number was expected"),
    ([("b", "MX", "10 mail.example.test", 10)], "more than belongs there"),
    ([("b", "SRV", "0 5060 sip.example.test", None)], "a number was expected"),
    ([("b", "SOA", "ns h 1 2 3 4 5", None)], "an SOA that isn't at the apex"),
    ([("", "SOA", "ns h 1 2 3 4 5", None)], "another SOA"),
    ([("B", "A", "192.0.2.1", None)], "has to be written 'b.example.test'"),
    ([("b b", "A", "192.0.2.1", None)], r"has to be written 'b\032b.example.test'"),
    ([("b.", "A", "192.0.2.1", None)], "the name is none"),
    ([("b", "CNAME", "x.test", None), ("b", "A", "192.0.2.1", None)], "other data stands beside"),
    ([("b", "ALIAS", "x.test", None), ("b", "CNAME", "x.test", None)], "a CNAME stands beside it"),
    ([("b", "ALIAS", "b.example.test", None)], "a loop: b.example.test -> b.example.test"),
    ([("b", "ALIAS", "d.example.test", None), ("d", "CNAME", "b.example.test", None)],
     "a loop: b.example.test -> d.example.test -> b.example.test"),
    ([("", "ALIAS", "none.example.test", None), ("*", "CNAME", "example.test", None)], "a loop: "),
]


@pytest.mark.parametrize("rows,why", BAD, ids=[f"{rows[0][1]}-{why[:30]}" for rows, why in BAD])
def test_fault_of_a_row_is_found(check, zones_db, rows, why):
    zones_db.add_zone("example.test")
    for owner, kind, content, prio in rows:
        zones_db.insert("example.test", owner, kind, content, prio=prio)
    done = check()
    owner, kind = rows[0][:2]
    name = (owner and f"{owner}.example.test" or "example.test").replace(" ", r"\x20")
    found = done.why(name, kind)
    assert done.status == 1
    assert any(level == "fault" and why in text for level, text in found), done.output


def test_several_cnames_are_a_fault_of_all_but_one(check, filled):
    for number in range(2):
        filled.insert("example.test", "c", "CNAME", f"x{number}.test")
    assert len(check().lines) == 2


def test_cname_is_good_beside_what_signs_it(check, zones_db):
    zones_db.add_zone("example.test", [
        ("c", "CNAME", "www.example.test"),
        ("c", "RRSIG", "CNAME 8 3 60 20300101000000 20200101000000 1 example.test. AAAA"),
        ("c", "NSEC", "d.example.test. CNAME RRSIG NSEC")])
    assert check().status == 0


def test_name_with_a_dot_at_its_end_is_found(check, filled):
    filled.sql("UPDATE records SET name = name || '.' WHERE name LIKE 'www%';")
    assert check().why("www.example.test.", "A") == [
        ("fault", "never found: the name has to be written 'www.example.test'")]


@pytest.mark.parametrize("ttl", ["'abc'", "-1", "4294967296", "''", "NULL", "'60 s'"])
def test_ttl_that_powerdns_cannot_read_is_found(check, filled, ttl):
    filled.sql(f"UPDATE records SET ttl = {ttl} WHERE name LIKE 'www%';")
    found = check().why("www.example.test", "A")
    # PowerDNS reads an empty text as NULL, and stops behind the digits.
    assert bool(found) == (ttl in ("'abc'", "-1", "4294967296"))
    assert all(why.startswith("left out: the ttl is ") for _, why in found)


def test_row_outside_of_its_zone_is_found(check, filled):
    filled.sql("UPDATE records SET name = 'www.example.org' WHERE name = 'www.example.test';")
    assert check().why("www.example.org", "A") == [
        ("fault", "never found: the name is outside of the zone")]


def test_rows_without_a_zone_are_found(check, filled):
    filled.sql("PRAGMA foreign_keys = OFF;"
               "INSERT INTO records(domain_id, name, type, content) VALUES (NULL, 'n.test', 'A', 'x'),"
               " (0, 'o.test', 'A', 'x'), (77, 'p.test', 'A', 'x');")
    done = check()
    assert done.status == 1
    assert [line[:4] for line in done.lines] == [
        ("fault", "-", "n.test", "A"), ("fault", "-", "o.test", "A"), ("fault", "-", "p.test", "A")]
    # They belong to none of the zones that one can ask for.
    assert check("example.test").status == 0


def test_zone_without_soa_is_found(check, filled):
    filled.sql("DELETE FROM records WHERE type = 'SOA';")
    done = check()
    assert done.status == 1
    assert done.lines == [("fault", "example.test", "-", "-", "-", "no SOA at the apex: not served")]


def test_secondary_that_was_never_transferred_is_a_warning(check, zones_db):
    zones_db.add_zone("example.test", kind="SLAVE", soa=False)
    done = check()
    assert done.status == 0 and done.lines[0][0] == "warning"


@pytest.mark.parametrize("name", ["Example.test", "example.test.", "exam ple.test"])
def test_zone_whose_name_is_not_canonical_is_found_and_can_be_asked_for(check, filled, name):
    filled.sql(f"UPDATE domains SET name = '{name}';")
    for done in (check(), check(name)):
        assert done.status == 1
        assert "the zone is never found: its name has to be written" in done.output


def test_alias_in_a_presigned_zone_is_found(check, filled):
    filled.sql("INSERT INTO domainmetadata(domain_id, kind, content) VALUES (1, 'PRESIGNED', '1');")
    assert check().why("example.test", "ALIAS") == [
        ("fault", "never answered: the zone is presigned")]


def test_loop_through_two_zones_is_found_in_both(check, zones_db):
    zones_db.add_zone("a.test", [("x", "ALIAS", "y.b.test"), ("in", "CNAME", "x.a.test")])
    zones_db.add_zone("b.test", [("y", "CNAME", "z.a.test")])
    zones_db.insert("a.test", "z", "ALIAS", "X.A.test.")
    done = check()
    assert {line[2]: line[5] for line in done.lines} == {
        "in.a.test": "a loop: in.a.test -> x.a.test -> y.b.test -> z.a.test -> x.a.test",
        "x.a.test": "a loop: x.a.test -> y.b.test -> z.a.test -> x.a.test",
        "z.a.test": "a loop: z.a.test -> x.a.test -> y.b.test -> z.a.test",
        "y.b.test": "a loop: y.b.test -> z.a.test -> x.a.test -> y.b.test"}
    # Each zone by itself: the other's rows are followed all the same.
    assert len(check("b.test").lines) == 1


def test_chain_of_more_than_16_hops_is_found(check, zones_db):
    rows = [(f"n{number}", "CNAME" if number % 2 else "ALIAS", f"n{number + 1}.example.test")
            for number in range(17)]
    zones_db.add_zone("example.test", rows)
    done = check()
    assert [line[2] for line in done.lines] == ["n0.example.test"]
    assert done.lines[0][5].startswith("more than 16 hops: n0.example.test -> n1.example.test -> ")
    zones_db.sql("DELETE FROM records WHERE name = 'n16.example.test';")
    assert check().status == 0


@pytest.mark.parametrize("owner,kind,content,more,why", [
    ("w", "FOO", "bar", {}, "PowerDNS doesn't know this type"),
    ("w", "TXT", r'"\999"', {}, "doubtful content"),
    ("w", "a", "192.0.2.1", {}, "the type isn't in capitals"),
    ("w", "A", "300.1.1.1", {"disabled": "maybe"}, "hidden: disabled is neither 0 nor 1"),
    ("w", "A", "300.1.1.1", {"disabled": None}, "hidden: disabled is neither 0 nor 1"),
])
def test_warning_is_printed_but_does_not_make_status_1(check, filled, owner, kind, content, more, why):
    filled.insert("example.test", owner, kind, content, **more)
    done = check()
    found = done.why(f"{owner}.example.test", kind)
    assert done.status == 0
    assert len(found) == 1 and found[0][0] == "warning" and why in found[0][1]
    assert "0 faults, 1 warnings" in done.error


@pytest.mark.parametrize("kind", ["TYPE65534", "LOC", "HTTPS"])
def test_type_that_is_not_judged_is_no_fault(check, filled, kind):
    filled.insert("example.test", "w", kind, "whatever")
    assert check().lines == []


def test_disabled_rows_are_not_checked(check, filled):
    filled.insert("example.test", "B", "A", "300.1.1.1", ttl="x", disabled=1)
    assert (check().status, check().lines) == (0, [])


def test_only_the_zones_that_are_named_are_checked(check, zones_db):
    for name in ("a.test", "b.test", "c.test"):
        zones_db.add_zone(name, [("bad", "A", "x")])
    assert [line[1] for line in check("c.test", "A.test.").lines] == ["c.test", "a.test"]
    assert [line[1] for line in check().lines] == ["a.test", "b.test", "c.test"]


def test_unknown_zone_is_status_2_and_said(check, filled):
    filled.insert("example.test", "bad", "A", "x")
    done = check("example.test", "absent.test", "www.example.test")
    assert done.status == 2 and done.output == ""
    assert "'absent.test'" in done.error and "'www.example.test'" in done.error


def test_unknown_command_is_status_2_and_said(check, filled):
    done = check.aliasd.run("chekc")
    assert done.returncode == 2 and "'chekc'" in done.stderr
    assert check("--no-such-setting=1").status == 2
    assert check.aliasd.run("check", "--check-config").returncode == 2


@pytest.mark.parametrize("damage", ["absent", "text", "empty", "other"])
def test_database_that_cannot_be_read_is_status_3(check, filled, damage):
    filled.path.unlink()
    for suffix in ("-wal", "-shm"):
        filled.path.with_name(filled.path.name + suffix).unlink(missing_ok=True)
    if damage == "text":
        filled.path.write_text("this is no database\n" * 100)
    elif damage == "empty":
        filled.path.touch()
    elif damage == "other":
        filled.sql("CREATE TABLE records(x);")
    done = check()
    assert done.status == 3 and done.output == ""
    assert str(filled.path) in done.error


def test_damage_in_the_middle_is_status_3_whatever_was_found_before(check, zones_db):
    zones_db.add_zone("a.test", [("bad", "A", "x")])
    zones_db.add_zone("b.test", [(f"n{number}", "TXT", '"' + "x" * 200 + '"')
                                 for number in range(2000)])
    zones_db.sql("PRAGMA journal_mode = DELETE; VACUUM;")
    with open(zones_db.path, "r+b") as file:
        file.seek(os.path.getsize(zones_db.path) // 2)
        file.write(b"\xa5" * 100000)
    done = check()
    assert done.status == 3
    assert done.why("bad.a.test", "A")


def test_locked_database_is_status_3(check, filled):
    filled.sql("PRAGMA journal_mode = DELETE;")
    writer = LongWriter(filled.path, exclusive=True)
    done = check()
    writer.release()
    assert done.status == 3 and "locked" in done.error


def test_output_that_cannot_be_written_is_status_3(check, filled):
    filled.insert("example.test", "bad", "A", "x")
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([str(word) for word in check.aliasd.command("check")], stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False,
                              timeout=20 * environment.SLACK)
    assert done.returncode == 3 and "can't write" in done.stderr


def test_one_line_stays_one_line_whatever_is_in_the_row(check, filled):
    filled.insert("example.test", "new\nline b\x07\xe9", "A\nB", "x")
    filled.insert("example.test", "bad", "A", "1\n2\x1b[31m")
    done = check()
    assert len(done.lines) == 3
    assert done.why(r"new\x0aline\x20b\x07\xc3\xa9.example.test", r"A\x0aB")
    assert done.why("bad.example.test", "A")[0][1].endswith(r"'1\x0a2\x1b[31m'")


def test_names_as_blobs_or_with_a_nul_are_found(check, filled):
    filled.sql("INSERT INTO records(domain_id, name, type, content) VALUES"
               " (1, CAST('blob.example.test' AS BLOB), 'A', '192.0.2.1'),"
               " (1, 'nul' || char(0) || '.example.test', 'A', '192.0.2.1'),"
               " (1, NULL, 'A', '192.0.2.1');")
    done = check()
    assert done.why("blob.example.test", "A") == done.why("nul", "A") == [
        ("fault", "never found: the name is a BLOB or has a NUL in it")]
    assert done.why("-", "A") == [("fault", "never found: the row has no name")]


def test_daemon_goes_on_beside_it_and_nothing_is_written(check, make_aliasd, filled):
    filled.insert("example.test", "bad", "A", "x")
    daemon = make_aliasd(name="daemon")
    filled.wait_until_in_order()
    before = filled.shell(".dump")
    assert check().status == 1
    assert filled.shell(".dump") == before
    with daemon.connect() as session:
        assert session.records("example.test", "NS")
    assert check().status == 1


@pytest.mark.parametrize("upkeep", ["yes", "no"])
def test_file_that_may_only_be_read_is_enough(make_aliasd, filled, upkeep):
    filled.sql("PRAGMA journal_mode = DELETE;")
    filled.path.chmod(0o444)
    before = filled.path.read_bytes()
    done = make_aliasd(start=False, zone_upkeep=upkeep).run("check")
    assert done.returncode == 0, done.stderr
    assert filled.path.read_bytes() == before


def test_writer_is_not_held_up_by_who_does_not_read_the_output(check, filled):
    """Out of WAL mode a reader would hold up the writer for as long as it reads."""
    filled.sql("PRAGMA journal_mode = DELETE; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
               " FROM n WHERE i < 5000) INSERT INTO records(domain_id, name, type, content)"
               " SELECT 1, 'h' || i || '.example.test', 'A', 'x' FROM n;")
    child = subprocess.Popen([str(word) for word in check.aliasd.command("check")],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert child.stdout.readline().startswith("fault example.test ")
        filled.shell(".timeout 1\nINSERT INTO domains(name, type) VALUES ('new.test', 'NATIVE');")
        rest = child.stdout.read().splitlines()
    finally:
        child.stdout.close()
        status = child.wait(timeout=20)
    assert status == 1
    assert len([line for line in rest if line.startswith("fault example.test ")]) == 4999


def test_help_mentions_it(check):
    text = check.aliasd.run("--help").stdout
    assert re.search(r"^  check .*faults", text, re.M)
    assert re.search(r"^ +pdns-aliasd .*check \[ZONE \.\.\.\]$", text, re.M)
