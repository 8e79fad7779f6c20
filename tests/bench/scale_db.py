"""Large zone databases, made fast: rows first, indexes afterwards, no journal meanwhile."""

import contextlib
import random
import sqlite3

from lib import environment
from lib.zones_db import statements

HOSTS = 8
# SOA, NS and the hosts.
RECORDS_A_ZONE = 2 + HOSTS


def zone_name(number):
    return f"zone{number}.example"


def host_name(zone, host):
    return f"www{host}.{zone_name(zone)}"


def zone_rows(number, name):
    yield (number, name, "SOA", f"ns1.{name} hostmaster.{name} 1 10800 3600 604800 3600", 3600)
    yield (number, name, "NS", f"ns1.{name}", 3600)
    for host in range(HOSTS):
        yield (number, f"www{host}.{name}", "A", "192.0.2.1", 300)


INSERT = "INSERT INTO records(domain_id,name,type,content,ttl) VALUES(?,?,?,?,?)"


def make_zones(path, zones):
    """A database with so many zones, ids from 1 on, of RECORDS_A_ZONE records each."""
    schema = list(statements(environment.schema_file().read_text()))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000"):
            connection.execute(f"PRAGMA {pragma}")
        later = []
        for statement in schema:
            if "INDEX" in statement.split("(")[0].upper() and "CREATE" in statement:
                later.append(statement)
            elif "PRAGMA" not in statement:
                connection.execute(statement)
        connection.executemany("INSERT INTO domains(id,name,type) VALUES(?,?,'NATIVE')",
                               ((i + 1, zone_name(i)) for i in range(zones)))
        connection.executemany(INSERT, (row for i in range(zones)
                                        for row in zone_rows(i + 1, zone_name(i))))
        for statement in later:
            connection.execute(statement)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def add_large_zone(path, name, count):
    """One zone of `count` records besides SOA and NS. Returns its id."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        number = connection.execute("INSERT INTO domains(name,type) VALUES(?,'NATIVE')",
                                    (name,)).lastrowid
        connection.executemany(INSERT, list(zone_rows(number, name))[:2])
        connection.executemany(INSERT, (
            (number, f"host{i}.{name}", "A", f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}", 300)
            for i in range(count)))
    return number


def random_hosts(zones, count):
    """Names of hosts with the ids of their zones, of all zones alike."""
    numbers = random.Random(1)
    for _ in range(count):
        zone = numbers.randrange(zones)
        yield host_name(zone, numbers.randrange(HOSTS)), zone + 1
