"""Large zone databases, made fast: rows first, indexes afterwards, no journal meanwhile."""

import contextlib
import random
import sqlite3

from lib.zones_db import ZonesDb

HOSTS = 8
# SOA, NS and the hosts.
RECORDS_A_ZONE = 2 + HOSTS


def zone_name(number):
    return f"zone{number}.example"


def host_name(zone, host):
    return f"www{host}.{zone_name(zone)}"


# Owner, type, content, TTL of each record of a zone; @ is the zone's name.
SHAPE = [("@", "SOA", "ns1.@ hostmaster.@ 1 10800 3600 604800 3600", 3600),
         ("@", "NS", "ns1.@", 3600)]
SHAPE += [(f"www{host}.@", "A", "192.0.2.1", 300) for host in range(HOSTS)]

INSERT_ZONES = """
WITH RECURSIVE numbers(number) AS
    (SELECT 0 UNION ALL SELECT number+1 FROM numbers WHERE number+1<?)
INSERT INTO domains(id,name,type) SELECT number+1,'zone'||number||'.example','NATIVE' FROM numbers
"""

INSERT_RECORDS = """
INSERT INTO records(domain_id,name,type,content,ttl)
SELECT id,replace(shape.owner,'@',name),shape.type,replace(shape.content,'@',name),shape.ttl
FROM domains CROSS JOIN shape
"""


def make_zones(path, zones):
    """A database with so many zones, ids from 1 on, of RECORDS_A_ZONE records each."""
    db = ZonesDb(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode=DELETE", "journal_mode=OFF", "synchronous=OFF",
                       "cache_size=-500000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        indexes = connection.execute("SELECT name,sql FROM sqlite_schema WHERE type='index' "
                                     "AND tbl_name IN ('domains','records')").fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute("CREATE TEMP TABLE shape(owner,type,content,ttl)")
        connection.executemany("INSERT INTO shape VALUES(?,?,?,?)", SHAPE)
        connection.execute(INSERT_ZONES, (zones,))
        connection.execute(INSERT_RECORDS)
        for _, statement in indexes:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")
    return db


def add_large_zone(db, name, count):
    """One zone of `count` records besides those that each has. Returns its id."""
    number = db.add_zone(name)
    with contextlib.closing(sqlite3.connect(db.path)) as connection, connection:
        connection.executemany(
            "INSERT INTO records(domain_id,name,type,content,ttl) VALUES(?,?,'A',?,300)",
            ((number, f"host{i}.{name}", f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}")
             for i in range(count)))
    return number


def random_hosts(zones, count):
    """Names of hosts with the ids of their zones, of all zones alike."""
    numbers = random.Random(1)
    for _ in range(count):
        zone = numbers.randrange(zones)
        yield host_name(zone, numbers.randrange(HOSTS)), zone + 1
