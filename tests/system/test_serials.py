"""Serials of primary zones: raised after a change by exactly one step, unless the editor did it or it
isn't wanted; secondaries have what was written."""

import sqlite3
import time

import pytest

from lib import environment, primary
from lib.bind import Bind
from lib.knot import Knot
from lib.nsd import Nsd
from lib.zones_db import ZonesDb

ZONE, OTHER = "example.test", "other.test"
ROWS = [("www", "A", "192.0.2.1"), ("a.b.c", "TXT", '"deep"'), ("", "ALIAS", "web.target.test")]
OLD, NEW = "192.0.2.31", "192.0.2.32"
ADDED = "192.0.2.8"


def targets(address):
    return [("web", "A", address, 1)]


def add_zone(zones_db, name=ZONE, serial=1, **metadata):
    zones_db.add_zone(name, ROWS, kind="MASTER", serial=serial)
    primary.allow(zones_db, None, name)
    for kind, content in metadata.items():
        zones_db.sql(primary.metadata_statement(name, kind.replace("_", "-"), content))


def start(make_primary, kinds=(Nsd,), **settings):
    """Returns it with the serials at rest: whether there was a step already, when the target became
    known, is nobody's concern here."""
    served = make_primary(targets(OLD), kinds, **settings)
    served.wait_for_addresses(ZONE, [OLD])
    return served, served.settle()


def insertion(owner, zone=ZONE):
    return ZonesDb.insert_statement(zone, owner, "A", ADDED)


def soa_statement(serial, zone=ZONE):
    return (f"UPDATE records SET content='ns1.{zone} hostmaster.{zone} {serial} 10800 3600 604800 60' "
            f"WHERE type='SOA' AND name='{zone}';")


def edit(served, *statements):
    """One transaction in the sqlite3 shell."""
    served.zones_db.shell("BEGIN;" + "".join(statements) + "COMMIT;")


def wait_for_row(served, owner, zone=ZONE):
    return served.wait_for_addresses(f"{owner}.{zone}", [ADDED])


def test_edit_is_one_step_where_the_editor_made_none(zones_db, make_primary):
    add_zone(zones_db)
    served, before = start(make_primary, (Nsd, Knot, Bind))
    edit(served, insertion("new"))
    took = wait_for_row(served, "new")
    environment.report(f"edits: NSD, Knot and BIND had a new row {took:.1f} s after the commit "
                       f"(publish-delay {primary.PUBLISH_DELAY} ms)")
    assert served.settle()[ZONE] == before[ZONE] + 1
    edit(served, f"DELETE FROM records WHERE name='new.{ZONE}';")
    served.wait_until_absent(f"new.{ZONE}")
    assert served.settle()[ZONE] == before[ZONE] + 2


def test_serial_that_the_editor_raised_is_left_alone(zones_db, make_primary):
    add_zone(zones_db, serial=100)
    served, before = start(make_primary, (Nsd, Knot, Bind))
    edit(served, insertion("by-one"), soa_statement(before[ZONE] + 1))
    wait_for_row(served, "by-one")
    assert served.settle()[ZONE] == before[ZONE] + 1
    edit(served, insertion("by-many"), soa_statement(2000))
    wait_for_row(served, "by-many")
    assert served.settle()[ZONE] == 2000


def test_serial_that_was_published_with_other_content_is_raised_again(zones_db, make_primary):
    """As by an editor who read the zone before a target changed, or put back an old one."""
    add_zone(zones_db, serial=100)
    served, before = start(make_primary)
    served.upstream.set_records(targets(NEW))
    served.wait_for_addresses(ZONE, [NEW])
    assert served.settle()[ZONE] == before[ZONE] + 1
    edit(served, insertion("late"), soa_statement(before[ZONE] + 1))
    wait_for_row(served, "late")
    assert served.settle()[ZONE] == before[ZONE] + 2
    edit(served, insertion("older"), soa_statement(50))
    wait_for_row(served, "older")
    assert served.settle()[ZONE] == before[ZONE] + 3


def test_edits_that_come_together_are_one_step(zones_db, make_primary):
    add_zone(zones_db)
    # Five shells have to be through by then.
    served, before = start(make_primary, publish_delay=int(1500 * environment.SLACK))
    for number in range(5):
        edit(served, insertion(f"new{number}"))
    served.upstream.set_records(targets(NEW))
    for number in range(5):
        wait_for_row(served, f"new{number}")
    served.wait_for_addresses(ZONE, [NEW])
    assert served.serial(ZONE) - before[ZONE] in (1, 2)
    if served.serial(ZONE) == before[ZONE] + 2:
        # The target's change came after the edits were published.
        assert times_notified(served) >= 2


def times_notified(served):
    return served.powerdns.log().count(f"Queued also-notification of domain '{ZONE}'")


# How serials go on


def today():
    return time.strftime("%Y%m%d")


def test_serials_go_on_in_their_own_style(zones_db, make_primary):
    start_day = today()
    serials = {"counter.test": 7, "large.test": 3000000000, "wraps.test": 4294967295,
               "dated.test": 2020010107, "today.test": int(f"{start_day}40")}
    for name, serial in serials.items():
        add_zone(zones_db, name, serial)
    # No targets: nothing but the edits raises these.
    zones_db.sql("DELETE FROM records WHERE type='ALIAS';")
    served = make_primary([], [Nsd])
    assert served.settle() == serials
    edit(served, *(insertion("new", name) for name in serials))
    for name in serials:
        wait_for_row(served, "new", name)
    after = served.settle()
    assert after["counter.test"] == 8
    assert after["large.test"] == 3000000001
    # RFC 1982; 0 is left out, since some take it for none.
    assert after["wraps.test"] == 1
    assert after["dated.test"] in (int(f"{start_day}01"), int(f"{today()}01"))
    assert after["today.test"] == serials["today.test"] + 1 or start_day != today()


def test_soa_edit_that_hides_a_counter_is_gone_beyond(zones_db, make_primary, make_powerdns):
    """INCEPTION-EPOCH shows the larger one of the serial and the week's begin: a counter could be
    raised for years, and secondaries would see nothing of it."""
    add_zone(zones_db, serial=5)
    make_powerdns(name="util", gsqlite3=zones_db.path, start=False).pdnsutil("secure-zone", ZONE)
    zones_db.sql(primary.metadata_statement(ZONE, "SOA-EDIT", "INCEPTION-EPOCH"))
    served, _ = start(make_primary, (Nsd, Knot, Bind))
    before = served.served(ZONE)
    assert before[0] > 1500000000
    served.upstream.set_records(targets(NEW))
    served.wait_for_addresses(ZONE, [NEW])
    served.settle()
    changed = served.served(ZONE)
    assert changed[0] > before[0] and set(changed) == {changed[0]}
    edit(served, insertion("new"))
    wait_for_row(served, "new")
    served.settle()
    assert served.served(ZONE)[0] > changed[0]


# Where it isn't wanted


@pytest.mark.parametrize("setting,metadata,is_raised", [
    ("yes", {}, True), ("yes", {"X_AUTO_SERIAL": "0"}, False),
    ("no", {}, False), ("no", {"X_AUTO_SERIAL": "1"}, True)],
    ids=["yes", "yes-but-0", "no", "no-but-1"])
def test_who_wants_to_raise_serials_alone_can(zones_db, make_primary, setting, metadata, is_raised):
    """The other zone has it the other way round, and shows when it would have been done."""
    add_zone(zones_db, **metadata)
    add_zone(zones_db, OTHER, X_AUTO_SERIAL="0" if is_raised else "1")
    served = make_primary(targets(OLD), [Nsd], auto_serial=setting)
    before = served.settle()
    edit(served, insertion("new"), insertion("new", OTHER))
    raised, left = (ZONE, OTHER) if is_raised else (OTHER, ZONE)
    wait_for_row(served, "new", raised)
    after = served.settle()
    assert after == {raised: before[raised] + 1, left: before[left]}
    # PowerDNS has the row nevertheless, and secondaries as soon as the editor says so.
    assert served.powerdns.addresses(f"new.{left}") == [ADDED]
    edit(served, soa_statement(before[left] + 1, left))
    wait_for_row(served, "new", left)
    assert served.settle()[left] == before[left] + 1


def test_without_upkeep_nothing_is_written_and_nobody_told(folder, zones_db, make_chain):
    """PowerDNS is no primary here: setNotified would be a write of its own."""
    add_zone(zones_db)
    chain = make_chain(targets(OLD), zone_upkeep="no", **primary.QUICK,
                       pdns_control_socket=primary.control_socket(folder))
    connection = sqlite3.connect(zones_db.path, isolation_level=None)
    try:
        # Commits of others change it.
        version = connection.execute("PRAGMA data_version").fetchone()
        chain.powerdns.wait_for_answer(ZONE, "A", [OLD])
        chain.upstream.set_records(targets(NEW))
        chain.powerdns.wait_for_answer(ZONE, "A", [NEW])
        connection.executescript("BEGIN;" + insertion("new") + "COMMIT;")
        chain.powerdns.wait_for_answer(f"new.{ZONE}", "A", [ADDED])
        time.sleep(primary.QUIET * environment.SLACK)
        assert connection.execute("PRAGMA data_version").fetchone() == version
    finally:
        connection.close()
    assert primary.serials(zones_db) == {ZONE: 1}
    assert "notif" not in chain.powerdns.log().lower()
