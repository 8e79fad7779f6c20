"""A list that breaks in the middle must not become a transfer that looks whole."""

import subprocess

import pytest

from lib import environment
from lib.knot import Knot

ZONE = "example.test"
COUNT = 1500


@pytest.fixture
def powerdns(zones_db, make_aliasd, make_powerdns):
    """Over a zone whose list is many parts long. As it is stored, since otherwise the zone is
    searched for ALIAS rows first, which finds a damage before anything is sent."""
    zones_db.add_zone(ZONE, [(f"h{number:05}", "TXT", f'"{number:050}"')
                             for number in range(COUNT)])
    aliasd = make_aliasd(zone_upkeep="no")
    return make_powerdns(socket=aliasd.socket, connection=",view=raw,timeout=30000",
                         allow_axfr_ips="127.0.0.0/8", start=False)


def dig_transfer(powerdns):
    """What dig says of it, and how many SOA records it got: two make a transfer."""
    done = subprocess.run(["dig", f"@{powerdns.address}", "-p", str(powerdns.port), "+tries=1", ZONE,
                           "AXFR"], capture_output=True, text=True, timeout=20 * environment.SLACK)
    return done.stdout, done.stdout.count("\tSOA\t")


def broken_lists(aliasd):
    return aliasd.log().count(f"list of {ZONE}.: connection ended after ")


def test_a_transfer_that_breaks_in_the_middle_is_not_taken_as_whole(
        zones_db, servers, powerdns, make_nameserver):
    aliasd = servers[0]
    repair = zones_db.damage(0.7)
    powerdns.start()
    output, soas = dig_transfer(powerdns)
    assert soas < 2 and "XFR size" not in output, output[-1000:]
    assert broken_lists(aliasd) == 1
    secondary = make_nameserver(Knot, name="secondary")
    secondary.add_zone(ZONE, primary=(powerdns.address, powerdns.port))
    secondary.start()
    environment.wait_until(lambda: broken_lists(aliasd) > 1, 10, "the secondary's attempt")
    # PowerDNS goes on with what isn't broken.
    assert powerdns.ask(f"h{1:05}.{ZONE}", "TXT").answer
    assert secondary.ask(f"h{1:05}.{ZONE}", "TXT").rcode() != 0
    repair()
    output, soas = dig_transfer(powerdns)
    assert soas == 2 and f"XFR size: {COUNT + 4} records" in output, output[-1000:]
    secondary.stop()
    secondary.start()
    secondary.wait_for_serial(ZONE, 1)
    assert secondary.transfer(ZONE) == powerdns.transfer(ZONE)
