"""Which serial PowerDNS shows, of the SOA rows that there are and with what SOA-EDIT makes of it:
src/publish/serial.c and src/store/soa.c have to know."""

import subprocess
import time

from lib import environment
from lib.zones_db import quote

KINDS = ["NONE", "INCREMENT-WEEKS", "INCEPTION-INCREMENT", "INCEPTION-EPOCH", "EPOCH",
         "inception-Increment", "INCEPTION", "INCEPTION-WEEK", "whatever"]
WEEK = 7 * 86400
ROUND = 1 << 32


def date(when):
    """The first serial of a local day."""
    return int(time.strftime("%Y%m%d00", time.localtime(when)))


def serials(now):
    """Those at which one rule or another begins or ends."""
    inception = now - now % WEEK
    edges = [0, 1, 7, ROUND - 2, ROUND - 1, inception - 1, inception, inception + 1, 1990010100]
    for day in range(-1, 5):
        first = date(inception + day * 86400)
        edges += [first, first + 1, first + 2, first + 98, first + 99]
    return sorted(set(edges + [date(now), date(now) + 1, date(now + 86400)]))


def show(now, cases):
    """What src/publish/serial.c says of (kind, serial) at a time."""
    lines = "".join(f"{now} {serial} {kind}\n" for kind, serial in cases)
    done = subprocess.run([environment.build_folder() / "tests" / "show-serial"], input=lines,
                          capture_output=True, text=True, check=True,
                          timeout=60 * environment.SLACK)
    return [int(line) for line in done.stdout.split()]


def shown_serial(powerdns, zone):
    answer = powerdns.ask(zone, "SOA").answer
    return answer[0][0].serial


def test_serials_are_shown_as_powerdns_shows_them(zones_db, make_powerdns):
    cases = [(kind, serial) for kind in KINDS for serial in serials(int(time.time()))]
    zones = [f"z{number}.example.com" for number in range(len(cases))]
    statements = ["BEGIN;"]
    for zone, (kind, serial) in zip(zones, cases):
        statements += [
            f"INSERT INTO domains(name,type) VALUES({quote(zone)},'MASTER');",
            zones_db.insert_statement(zone, "", "SOA", f"a.example. b.example. {serial} 1 1 1 1"),
            "INSERT INTO domainmetadata(domain_id,kind,content) SELECT id,'SOA-EDIT',"
            f"{quote(kind)} FROM domains WHERE name={quote(zone)};"]
    zones_db.sql("\n".join(statements + ["COMMIT;"]))
    powerdns = make_powerdns(gsqlite3=zones_db.path)

    before = int(time.time())
    shown = [shown_serial(powerdns, zone) for zone in zones]
    after = int(time.time())
    # With EPOCH it is the time, and a week may end meanwhile.
    wrong = [(case, serial, first, last) for case, serial, first, last
             in zip(cases, shown, show(before, cases), show(after, cases))
             if serial not in range(first, last + 1)]
    assert not wrong, "(kind, serial), PowerDNS, here: " + "\n".join(map(str, wrong))
    edited = sum(serial != stored for serial, (_, stored) in zip(shown, cases))
    print(f"{len(cases)} serials, {edited} of them shown as others")
    assert len(cases) / 4 < edited < len(cases)


def test_of_several_soa_rows_the_last_counts(zones_db, backend):
    """store/soa.h relies on it."""
    zones_db.add_zone("example.com", kind="MASTER", serial=5)
    zones_db.sql("".join(
        f"INSERT INTO records(id,domain_id,name,type,content,ttl,auth,disabled) SELECT {row},id,name,"
        f"'SOA','a.example. b.example. {serial} 1 1 1 1',60,1,{disabled} FROM domains;"
        for row, serial, disabled in ((90, 9, 0), (80, 8, 0), (95, 95, 1))))
    powerdns = backend.start()
    assert shown_serial(powerdns, "example.com") == 9
