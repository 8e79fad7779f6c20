"""With the control socket set an edit is live at the next query, whatever PowerDNS's caches keep, in
every kind of zone. The caches are at their defaults: 20 s, and 60 s for what isn't there."""

import time

import pytest

from lib import environment, primary, query
from lib.zones_db import ZonesDb

ZONE = "example.test"
ROWS = [("changed", "A", "192.0.2.1", 3600), ("deleted", "A", "192.0.2.1", 3600),
        ("", "ALIAS", "web.target.test", 3600)]
# Seconds from the commit to the right answer.
AT_ONCE = 1.0
# Of the default size, its caches take longer to make than all the rest at the start.
CACHES = {"caches": True, "max_cache_entries": 10000, "max_packet_cache_entries": 10000}


@pytest.fixture(params=["NATIVE", "MASTER"])
def chain(request, folder, zones_db, make_chain):
    zones_db.add_zone(ZONE, ROWS, kind=request.param)
    chain = make_chain([("web", "A", "192.0.2.31", 3600)], **primary.QUICK, powerdns=CACHES,
                       pdns_control_socket=primary.control_socket(folder))
    zones_db.wait_until_in_order()
    chain.powerdns.wait_for_answer(ZONE, "A", ["192.0.2.31"])
    return chain


def answer(chain, owner, kind="A"):
    """The rcode and the addresses."""
    response = chain.ask(f"{owner}.{ZONE}", kind)
    return query.rcode(response), query.addresses(response, strict=False)


def time_until_live(chain, zones_db, statement, owner, expected):
    """Seconds from the commit. The name was asked for before, in every cache there is."""
    for _ in range(2):
        assert answer(chain, owner) != expected
    zones_db.shell(statement)
    begin = time.monotonic()
    environment.wait_until(lambda: answer(chain, owner) == expected, 10, f"{owner}: {expected}",
                           interval=0.005)
    return time.monotonic() - begin


EDITS = {
    "content changed": (f"UPDATE records SET content='192.0.2.2' WHERE name='changed.{ZONE}';",
                        "changed", ("NOERROR", ["192.0.2.2"])),
    "row deleted": (f"DELETE FROM records WHERE name='deleted.{ZONE}';", "deleted",
                    ("NXDOMAIN", None)),
    "new name": (ZonesDb.insert_statement(ZONE, "new", "A", "192.0.2.3", 3600), "new",
                 ("NOERROR", ["192.0.2.3"])),
    "wildcard added": (ZonesDb.insert_statement(ZONE, "*.wild", "A", "192.0.2.4", 3600), "x.wild",
                       ("NOERROR", ["192.0.2.4"])),
    "ALIAS added": (ZonesDb.insert_statement(ZONE, "alias", "ALIAS", "web.target.test", 3600),
                    "alias", ("NOERROR", ["192.0.2.31"])),
    "row disabled": (f"UPDATE records SET disabled=1 WHERE name='changed.{ZONE}';", "changed",
                     ("NXDOMAIN", None)),
}


def test_edits_are_live_at_once(chain, zones_db):
    took = {what: time_until_live(chain, zones_db, *words) for what, words in EDITS.items()}
    environment.report(f"edits: live after {min(took.values()) * 1000:.0f} to "
                       f"{max(took.values()) * 1000:.0f} ms, PowerDNS's caches at their defaults")
    assert all(seconds < AT_ONCE * environment.SLACK for seconds in took.values()), took


def test_edits_wait_for_the_caches_without_the_control_socket(zones_db, make_chain):
    """So the test above tells something."""
    zones_db.add_zone(ZONE, ROWS)
    chain = make_chain([], powerdns=CACHES)
    assert answer(chain, "changed") == ("NOERROR", ["192.0.2.1"])
    zones_db.shell(EDITS["content changed"][0])
    time.sleep(min(AT_ONCE * environment.SLACK, 5))
    assert answer(chain, "changed") == ("NOERROR", ["192.0.2.1"])
