"""What PowerDNS is told of changes through its control socket, and when serials are raised. What it
makes of that is shown in tests/system."""

import signal
import time

import pytest

from lib import environment
from lib.control_socket import ControlSocket

ZONE = "example.test"
TARGETS = [("web", "A", "192.0.2.1", 1), ("other", "A", "192.0.2.2", 1)]
QUICK = {"publish_delay": 300, "transfer_refresh_min": 1, "negative_ttl_max": 1}


@pytest.fixture
def make_control(folder):
    made = []

    def make(name="control"):
        made.append(ControlSocket(folder / f"{name}.sock"))
        return made[-1]

    yield make
    for control in made:
        control.stop()


@pytest.fixture
def control(make_control):
    return make_control()


@pytest.fixture
def filled(zones_db):
    zones_db.add_zone(ZONE, [("", "ALIAS", "web.target.test"), ("www", "ALIAS", "web.target.test"),
                             ("*.all", "ALIAS", "other.target.test"), ("host", "A", "192.0.2.7")],
                      kind="MASTER")
    zones_db.add_zone("native.test", [("host", "A", "192.0.2.7")])
    return zones_db


@pytest.fixture
def make_publishing(filled, control, make_resolving):
    """(upstream, daemon), once it has told that the zone is there, and nothing is left to tell."""
    def make(**settings):
        upstream, aliasd = make_resolving(TARGETS, pdns_control_socket=control.path,
                                          **{**QUICK, **settings})
        environment.wait_until(lambda: published(filled), what="the zone to be published")
        settle(filled, control)
        return upstream, aliasd

    return make


def serial(zones_db, zone=ZONE):
    return int(zones_db.sql(
        f"SELECT content FROM records WHERE type='SOA' AND name='{zone}';").split()[2])


def published(zones_db):
    """(serial, of how many owners and families the answer is known), by zone"""
    if not zones_db.sql("SELECT 1 FROM sqlite_schema WHERE name='aliasd_published';"):
        return []
    return zones_db.sql("SELECT serial,length(answers)/16 FROM aliasd_published;").split()


def settle(zones_db, control):
    """Until nothing has been told, or written, for a while: a second after an edit what was to be
    forgotten is told once more."""
    last, since = None, time.monotonic()
    while time.monotonic() - since < 0.6 + 0.6 * environment.SLACK:
        now = (serial(zones_db), published(zones_db), len(control.lines))
        if now != last:
            last, since = now, time.monotonic()
        time.sleep(0.05)
    control.clear()
    return last[0]


def wait_for_serial(zones_db, expected):
    environment.wait_until(lambda: serial(zones_db) == expected, what=f"serial {expected}")


def wait_for_notify(control, zones):
    environment.wait_until(lambda: control.notified() == zones,
                           what=f"NOTIFY {zones}, after {control.notified()}")


def edit(zones_db, address, name=f"host.{ZONE}"):
    zones_db.shell(f"UPDATE records SET content='{address}' WHERE name='{name}';")


def reconfigure(aliasd, **settings):
    aliasd.configure(**settings)
    aliasd.signal(signal.SIGHUP)
    aliasd.wait_for_log("settings reread")


def lose_answers(upstream, aliasd):
    """What was known, and whoever could say it again."""
    upstream.stop()
    aliasd.stop()
    aliasd.fallback_db.unlink()
    aliasd.start()


def test_an_edit_of_a_primary_zone_is_one_step_and_told(filled, control, make_publishing):
    make_publishing()
    before = serial(filled)
    edit(filled, "192.0.2.8")
    wait_for_notify(control, [f"{ZONE}."])
    assert settle(filled, control) == before + 1


def test_an_edit_of_any_zone_is_purged_at_once(filled, control, make_publishing):
    _, aliasd = make_publishing()
    reconfigure(aliasd, publish_delay=600000)
    edit(filled, "192.0.2.8", "host.native.test")
    environment.wait_until(lambda: control.purged() == {"native.test.$"}, 3)
    environment.wait_until(lambda: len(control.lines) == 2, 3, "the same once more")
    assert serial(filled, "native.test") == 1
    edit(filled, "192.0.2.8")
    environment.wait_until(lambda: control.purged() == {"native.test.$", f"{ZONE}.$"}, 3)
    assert control.notified() == []


def test_a_new_installation_purges_nothing(filled, control, make_resolving):
    make_resolving(TARGETS, pdns_control_socket=control.path, **QUICK)
    environment.wait_until(lambda: published(filled))
    assert not any(name.endswith("$") for name in control.purged())


def test_edits_that_come_together_are_one_step(filled, control, make_publishing):
    make_publishing(publish_delay=int(1500 * environment.SLACK))
    before = serial(filled)
    for number in range(5):
        edit(filled, f"192.0.2.{10 + number}")
        time.sleep(0.05)
    wait_for_notify(control, [f"{ZONE}."])
    assert settle(filled, control) == before + 1


def test_a_target_with_other_addresses_is_one_step_and_its_owners_are_purged(filled, control,
                                                                            make_publishing):
    upstream, _ = make_publishing()
    before = serial(filled)
    upstream.set_records([("web", "A", "192.0.2.9", 1), ("other", "A", "192.0.2.2", 1)])
    wait_for_notify(control, [f"{ZONE}."])
    assert control.purged() == {f"{ZONE}.", f"www.{ZONE}."}
    assert settle(filled, control) == before + 1
    upstream.set_records([("web", "A", "192.0.2.9", 1), ("other", "A", "192.0.2.10", 1)])
    wait_for_notify(control, [f"{ZONE}."])
    # Answers from a wildcard are cached under the names that were asked for.
    assert control.purged() == {f"{ZONE}.", f"all.{ZONE}.$"}
    assert settle(filled, control) == before + 2


def test_many_owners_are_one_purge_of_the_zone(filled, control, make_publishing):
    for number in range(60):
        filled.insert(ZONE, f"n{number}", "ALIAS", "web.target.test")
    upstream, _ = make_publishing()
    upstream.set_records([("web", "A", "192.0.2.9", 1), ("other", "A", "192.0.2.2", 1)])
    wait_for_notify(control, [f"{ZONE}."])
    assert control.purged() == {f"{ZONE}.$", f"{ZONE}."}


def test_ttl_order_and_staleness_are_no_change(filled, control, make_publishing):
    upstream, aliasd = make_publishing()
    before = serial(filled)
    upstream.set_records([("web", "A", "192.0.2.1", 2), ("other", "A", "192.0.2.2", 3)])
    count = upstream.count("web.target.test", "A")
    environment.wait_until(lambda: upstream.count("web.target.test", "A") > count + 1, 20)
    upstream.stop()
    aliasd.wait_for_log("failing", timeout=30)
    assert settle(filled, control) == before
    assert control.notified() == []


def test_targets_that_become_known_one_by_one_are_no_step_each(zones_db, control, make_resolving):
    """A limit lets four be resolved a second."""
    names = [f"n{number}" for number in range(12)]
    zones_db.add_zone(ZONE, [(name, "ALIAS", f"{name}.target.test") for name in names],
                      kind="MASTER")
    _, aliasd = make_resolving([(name, "A", "192.0.2.1", 3600) for name in names],
                               pdns_control_socket=control.path, zone_resolutions_max=4,
                               **{**QUICK, "negative_ttl_max": 3600})
    environment.wait_until(lambda: [row for row in published(zones_db) if row.endswith("|24")], 60,
                           "all to be published")
    assert settle(zones_db, control) <= 3


def test_what_nobody_asks_for_is_resolved_again(filled, make_publishing):
    upstream, _ = make_publishing(refresh_idle=0)
    count = upstream.count("web.target.test", "A")
    environment.wait_until(lambda: upstream.count("web.target.test", "A") >= count + 3, 20)


def test_but_not_more_often_than_it_shall(filled, make_publishing):
    upstream, _ = make_publishing(transfer_refresh_min=3600)
    count = upstream.count("web.target.test", "A")
    time.sleep(3)
    assert upstream.count("web.target.test", "A") == count


def test_a_restart_publishes_nothing_anew(filled, control, make_publishing):
    upstream, aliasd = make_publishing()
    before = serial(filled)
    upstream.stop()
    aliasd.restart()
    assert settle(filled, control) == before
    aliasd.stop()
    aliasd.fallback_db.unlink()
    aliasd.start()
    assert settle(filled, control) == before, "what is unknown counts as it was"
    assert control.notified() == []


def test_what_a_transfer_lacked_is_published_once_it_is_known_again(filled, control,
                                                                    make_publishing):
    upstream, aliasd = make_publishing(resolve_timeout=100, retry_max=2)
    before = serial(filled)
    lose_answers(upstream, aliasd)
    with aliasd.connect() as session:
        transfer = session.call("list", zonename=ZONE, domain_id=1, include_disabled=False)
    assert "192.0.2.1" not in {row["content"] for row in transfer["result"]}
    assert settle(filled, control) == before
    upstream.start()
    wait_for_serial(filled, before + 1)
    wait_for_notify(control, [f"{ZONE}."])


def test_what_was_edited_while_the_daemon_was_away_is_published(filled, control, make_publishing):
    _, aliasd = make_publishing()
    before = serial(filled)
    aliasd.stop()
    edit(filled, "192.0.2.8")
    aliasd.start()
    wait_for_serial(filled, before + 1)
    wait_for_notify(control, [f"{ZONE}."])


def test_serials_are_left_alone_if_that_is_wanted(filled, control, make_publishing):
    _, aliasd = make_publishing(auto_serial="no")
    before = serial(filled)
    edit(filled, "192.0.2.8")
    environment.wait_until(lambda: control.purged() == {f"{ZONE}.$"})
    assert settle(filled, control) == before
    reconfigure(aliasd, auto_serial="yes")
    edit(filled, "192.0.2.9")
    wait_for_serial(filled, before + 1)
    filled.sql("INSERT INTO domainmetadata(domain_id,kind,content) "
               f"SELECT id,'X-AUTO-SERIAL','0' FROM domains WHERE name='{ZONE}';")
    assert settle(filled, control) == before + 1
    edit(filled, "192.0.2.10")
    environment.wait_until(lambda: control.purged() == {f"{ZONE}.$"})
    assert settle(filled, control) == before + 1


def test_a_serial_that_the_editor_has_raised_is_told(filled, control, make_publishing):
    make_publishing()
    filled.shell("BEGIN; UPDATE records SET content='192.0.2.8' WHERE name='host.example.test'; "
                 "UPDATE records SET content=replace(content, 'example.test 1 ', "
                 "'example.test 2026010101 ') WHERE type='SOA' AND name='example.test'; "
                 "UPDATE records SET content=replace(content, 'example.test 2 ', "
                 "'example.test 2026010101 ') WHERE type='SOA' AND name='example.test'; COMMIT;")
    wait_for_notify(control, [f"{ZONE}."])
    assert settle(filled, control) == 2026010101


def test_an_edit_that_no_trigger_has_seen_is_published(filled, control, make_publishing):
    make_publishing()
    before = serial(filled)
    filled.shell("BEGIN; DROP TRIGGER aliasd_records_update; "
                 f"UPDATE records SET content='192.0.2.8' WHERE name='host.{ZONE}'; COMMIT;")
    wait_for_notify(control, [f"{ZONE}."])
    assert settle(filled, control) == before + 1


def test_a_key_that_is_published_is_told(filled, control, make_publishing):
    filled.sql("INSERT INTO cryptokeys(domain_id,flags,active,published,content) "
               f"SELECT id,257,1,0,'key' FROM domains WHERE name='{ZONE}';")
    make_publishing()
    before = serial(filled)
    filled.shell("UPDATE cryptokeys SET published=1;")
    wait_for_notify(control, [f"{ZONE}."])
    assert settle(filled, control) == before + 1


def test_a_target_that_was_forgotten_is_resolved_again_and_published(filled, control,
                                                                     make_publishing):
    upstream, aliasd = make_publishing(refresh_idle=0, transfer_refresh_min=3600)
    before = serial(filled)
    upstream.set_records([("web", "A", "192.0.2.9", 1), ("other", "A", "192.0.2.2", 1)])
    assert aliasd.run("ctl", "alias", "forget", "web.target.test").returncode == 0
    wait_for_notify(control, [f"{ZONE}."])
    assert settle(filled, control) == before + 1


def test_a_zone_becomes_a_primary_one(filled, control, make_publishing):
    make_publishing()
    filled.sql("UPDATE domains SET type='MASTER' WHERE name='native.test';")
    wait_for_notify(control, ["native.test."])
    edit(filled, "192.0.2.8", "host.native.test")
    wait_for_notify(control, ["native.test.", "native.test."])
    assert serial(filled, "native.test") == 2


def test_what_powerdns_writes_through_us_is_told_too(filled, control, make_publishing):
    _, aliasd = make_publishing()
    before = serial(filled)
    with aliasd.connect() as session:
        reply = session.call("replaceRRSet", domain_id=1, qname=f"new.{ZONE}", qtype="A", trxid=0,
                             rrset=[{"qname": f"new.{ZONE}", "qtype": "A", "qclass": 1,
                                     "content": "192.0.2.8", "ttl": 60, "auth": 1}])
        assert reply["result"] is True
    wait_for_notify(control, [f"{ZONE}."])
    assert f"{ZONE}.$" in control.purged()
    assert settle(filled, control) == before + 1


def test_an_alias_into_a_zone_of_ours_follows_its_edits(filled, control, make_publishing):
    filled.insert(ZONE, "inside", "ALIAS", "host.native.test")
    make_publishing()
    before = serial(filled)
    edit(filled, "192.0.2.8", "host.native.test")
    wait_for_notify(control, [f"{ZONE}."])
    assert control.purged() == {"native.test.$", f"inside.{ZONE}.", f"{ZONE}."}
    assert settle(filled, control) == before + 1


def test_a_zone_of_ours_that_is_made_over_a_target_answers_for_it(filled, control,
                                                                 make_publishing):
    make_publishing()
    before = serial(filled)
    filled.add_zone("target.test", [("web", "A", "192.0.2.77")])
    environment.wait_until(lambda: f"{ZONE}." in control.notified())
    assert settle(filled, control) == before + 1


def test_what_was_unknown_when_a_row_changed_is_published_once_it_is_known(filled, control,
                                                                          make_publishing):
    """A secondary fetches what the edit has raised the serial for, without the addresses."""
    upstream, aliasd = make_publishing(resolve_timeout=100, retry_max=2)
    before = serial(filled)
    lose_answers(upstream, aliasd)
    edit(filled, "192.0.2.8")
    wait_for_serial(filled, before + 1)
    with aliasd.connect() as session:
        session.call("list", zonename=ZONE, domain_id=1, include_disabled=False)
    settle(filled, control)
    upstream.start()
    wait_for_serial(filled, before + 2)


def test_settings_that_change_what_is_transferred_are_one_step(filled, control, make_publishing):
    _, aliasd = make_publishing()
    before = serial(filled)
    reconfigure(aliasd, alias_txt="yes")
    wait_for_notify(control, [f"{ZONE}."])
    assert settle(filled, control) == before + 1
    reconfigure(aliasd, alias_deny="192.0.2.1")
    wait_for_notify(control, [f"{ZONE}."])
    assert control.purged() == {f"{ZONE}.", f"www.{ZONE}."}
    filled.sql("INSERT INTO domainmetadata(domain_id,kind,content) "
               f"SELECT id,'X-ALIAS-ALLOW','192.0.2.0/24' FROM domains WHERE name='{ZONE}';")
    wait_for_notify(control, [f"{ZONE}."] * 2)
    assert settle(filled, control) == before + 3


def test_every_powerdns_is_told(filled, control, make_control, make_resolving):
    other = make_control("other")
    make_resolving(TARGETS, pdns_control_socket=[control.path, other.path], **QUICK)
    environment.wait_until(lambda: published(filled))
    settle(filled, control)
    other.clear()
    edit(filled, "192.0.2.8")
    for told in (control, other):
        wait_for_notify(told, [f"{ZONE}."])
        assert told.purged() == {f"{ZONE}.$", f"{ZONE}."}


def test_without_a_control_socket_serials_are_raised(filled, make_resolving):
    make_resolving(TARGETS, **QUICK)
    environment.wait_until(lambda: published(filled))
    before = serial(filled)
    edit(filled, "192.0.2.8")
    environment.wait_until(lambda: serial(filled) > before)


def test_a_replica_raises_and_tells_nothing(filled, control, make_resolving):
    """Also where an earlier writer has left its tables."""
    _, aliasd = make_resolving(TARGETS, pdns_control_socket=control.path, **QUICK)
    environment.wait_until(lambda: published(filled))
    before = settle(filled, control)
    aliasd.stop()
    control.clear()
    aliasd.configure(zone_upkeep="no")
    aliasd.start()
    edit(filled, "192.0.2.8")
    time.sleep(1)
    assert serial(filled) == before and control.lines == []


def test_a_refusal_is_logged(filled, control, make_publishing):
    _, aliasd = make_publishing()
    control.answers["NOTIFY"] = "PowerDNS not configured as primary"
    edit(filled, "192.0.2.8")
    aliasd.wait_for_log("not configured as primary")


def test_a_zone_that_cannot_be_written_does_not_hold_up_others(filled, control, make_publishing):
    make_publishing()
    filled.add_zone("next.test", [("host", "A", "192.0.2.7")], kind="MASTER")
    wait_for_notify(control, ["next.test."])
    filled.sql("CREATE TRIGGER somebodys BEFORE UPDATE OF content ON records WHEN OLD.type='SOA' "
               f"AND OLD.name='{ZONE}' BEGIN SELECT RAISE(ABORT, 'mine'); END;")
    edit(filled, "192.0.2.8")
    edit(filled, "192.0.2.8", "host.next.test")
    environment.wait_until(lambda: serial(filled, "next.test") == 2)
    before = serial(filled)
    filled.sql("DROP TRIGGER somebodys;")
    wait_for_serial(filled, before + 1)


def test_a_zone_that_cannot_be_put_in_order_does_not_hold_up_others(filled, control,
                                                                    make_publishing):
    upstream, _ = make_publishing()
    before = serial(filled)
    filled.sql("CREATE TRIGGER somebodys BEFORE INSERT ON records "
               "WHEN NEW.name='ent.native.test' BEGIN SELECT RAISE(ABORT, 'mine'); END;")
    filled.insert("native.test", "www.ent", "A", "192.0.2.8")
    time.sleep(0.5)
    edit(filled, "192.0.2.8")
    wait_for_serial(filled, before + 1)
    upstream.set_records([("web", "A", "192.0.2.9", 1), ("other", "A", "192.0.2.2", 1)])
    wait_for_serial(filled, before + 2)


def test_the_walk_through_all_zones_goes_on_beyond_one_that_cannot_be_written(filled, control,
                                                                              make_publishing):
    _, aliasd = make_publishing()
    aliasd.stop()
    filled.add_zone("next.test", [("host", "A", "192.0.2.7")], kind="MASTER")
    filled.sql("CREATE TRIGGER somebodys BEFORE INSERT ON records "
               "WHEN NEW.name='ent.native.test' BEGIN SELECT RAISE(ABORT, 'mine'); END;")
    filled.insert("native.test", "www.ent", "A", "192.0.2.8")
    aliasd.start()
    aliasd.wait_for_log("all zones are in order")


def test_what_was_raised_and_told_is_counted(filled, control, make_publishing):
    _, aliasd = make_publishing()
    before = aliasd.stats()
    edit(filled, "192.0.2.8")
    wait_for_notify(control, [f"{ZONE}."])
    environment.wait_until(lambda: aliasd.stats()["pdns_aliasd_notifies_total"] ==
                           before["pdns_aliasd_notifies_total"] + 1)
    after = aliasd.stats()
    assert after["pdns_aliasd_serials_raised_total"] == \
        before["pdns_aliasd_serials_raised_total"] + 1
    assert after["pdns_aliasd_purges_total"] >= before["pdns_aliasd_purges_total"] + 2
    assert after["pdns_aliasd_control_failures_total"] == \
        before["pdns_aliasd_control_failures_total"]
