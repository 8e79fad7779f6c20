"""Zone databases, made and changed by SQL."""

import sqlite3
import subprocess

from . import environment


def quote(value):
    if value is None:
        return "NULL"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, bytes):
        return f"CAST(x'{value.hex()}' AS TEXT)"
    return "'" + str(value).replace("'", "''") + "'"


def statements(text):
    """The statements of an SQL script, one after the other."""
    statement = ""
    for part in text.split(";"):
        statement += part + ";"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    statement = statement.removesuffix(";")
    if statement.strip():
        yield statement


def shown(value):
    """As the sqlite3 shell shows it."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return format(value, ".15g") if isinstance(value, float) else str(value)


class ZonesDb:
    def __init__(self, path, schema=None, is_new=True):
        self.path = path
        if is_new:
            self.sql((schema or environment.schema_file()).read_text())

    def copy_to(self, path):
        """A copy of the whole file without the daemon's own tables and triggers."""
        self.sql(f"VACUUM INTO {quote(str(path))};")
        copy = ZonesDb(path, is_new=False)
        copy.sql("PRAGMA journal_mode=WAL;\n" + "\n".join(
            f"DROP {kind} IF EXISTS {name};" for kind, name in
            (line.split("|") for line in copy.own_objects())))
        return copy

    def own_objects(self):
        """Those that the daemon made, as 'trigger|aliasd_records_insert'."""
        return self.sql("SELECT type||'|'||name FROM sqlite_schema WHERE name LIKE 'aliasd\\_%' "
                        "ESCAPE '\\' AND type<>'index' ORDER BY type DESC,name;").splitlines()

    def own_triggers(self):
        return [line.split("|")[1] for line in self.own_objects() if line.startswith("trigger|")]

    def drop_triggers(self):
        self.sql("\n".join(f"DROP TRIGGER {name};" for name in self.own_triggers()))

    def empty_names(self):
        """The names of all empty non-terminals."""
        return sorted(self.sql("SELECT name FROM records WHERE type IS NULL;").split())

    def execute(self, text):
        """The rows that the statements of an SQL script give, on a connection of its own."""
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        try:
            for statement in statements(text):
                yield from connection.execute(statement)
        except sqlite3.Error as error:
            raise AssertionError(f"{self.path}: {error}\n{text[:500]}") from error
        finally:
            connection.close()

    def sql(self, text):
        """What the sqlite3 shell would print, without a process for it: there are thousands."""
        return "".join("|".join(map(shown, row)) + "\n" for row in self.execute(text))

    def shell(self, text):
        """Runs SQL, or the shell's own commands, in a real sqlite3 shell and returns its output."""
        done = subprocess.run(["sqlite3", "-bail", str(self.path)],
                              input=".timeout 10000\n" + text, text=True, capture_output=True,
                              errors="surrogateescape", timeout=60 * environment.SLACK)
        if done.returncode != 0:
            raise AssertionError(f"sqlite3 {self.path}: {done.stderr}\n{text[:500]}")
        return done.stdout

    def add_zone(self, name, rows=(), kind="NATIVE", soa=True, serial=1, minimum=60):
        """A zone with SOA and NS, and `rows` of (owner, type, content[, ttl]); an owner of "" is
        the apex, others are relative to it. Returns the domain's id."""
        statements = [f"BEGIN; INSERT INTO domains(name,type) VALUES({quote(name)},{quote(kind)});"]
        everything = list(rows)
        if soa:
            everything = [
                ("", "SOA", f"ns1.{name} hostmaster.{name} {serial} 10800 3600 604800 {minimum}",
                 3600),
                ("", "NS", f"ns1.{name}", 3600),
                ("ns1", "A", "192.0.2.53", 3600)] + everything
        for row in everything:
            statements.append(self.insert_statement(name, *row))
        statements.append("COMMIT; SELECT id FROM domains WHERE name=" + quote(name) + ";")
        return int(self.sql("\n".join(statements)).split()[-1])

    def wait_until_in_order(self, timeout=60):
        """Until the daemon has put every zone in order that was changed so far."""
        def are_in_order():
            try:
                return self.sql("SELECT count(*) FROM domains WHERE id NOT IN "
                                "(SELECT domain_id FROM aliasd_zones WHERE changes=done);") == "0\n"
            except AssertionError:
                # The daemon has not made its tables yet.
                return False

        environment.wait_until(are_in_order, timeout, "all zones to be in order", interval=0.05)

    @staticmethod
    def insert_statement(zone, owner, kind, content, ttl=60, prio=None, disabled=0, auth=1):
        name = owner and f"{owner}.{zone}" or zone
        return ("INSERT INTO records(domain_id,name,type,content,ttl,prio,disabled,auth) "
                f"SELECT id,{quote(name)},{quote(kind)},{quote(content)},{quote(ttl)},"
                f"{quote(prio)},{quote(disabled)},{quote(auth)} FROM domains "
                f"WHERE name={quote(zone)};")

    def insert(self, zone, owner, kind, content, **more):
        self.sql(self.insert_statement(zone, owner, kind, content, **more))

    def rows(self, table, *columns, where="1"):
        """The table's rows, sorted, a tuple of texts each; the zone's name first where they belong
        to one. No ids: those of two databases differ."""
        listed = ",".join(f"quote({table}.{column})" for column in columns)
        zone = "" if table in ("domains", "tsigkeys") else "domains.name,"
        join = f"JOIN domains ON domains.id={table}.domain_id" if zone else ""
        return sorted(tuple(map(shown, row)) for row in self.execute(
            f"SELECT {zone}{listed} FROM (SELECT * FROM {table} WHERE {where}) AS {table} {join};"))

    def copy(self, path):
        self.sql(f"VACUUM INTO {quote(path)};")
        return ZonesDb(path, is_new=False)

    def records(self, where="1"):
        return self.rows("records", "name", "type", "content", "ttl", "prio", "disabled", "auth",
                         "ordername", where=where)

    def damage(self, share):
        """Makes a page of rows unreadable, that which is so far on in the table (0 to 1), behind
        SQLite's back. What undoes it is returned."""
        pages = [int(number) for number in self.sql(
            "SELECT pageno FROM dbstat WHERE name='records' AND pagetype='leaf' "
            "ORDER BY path;").split()]
        size = int(self.sql("PRAGMA page_size;"))
        start = (pages[int(len(pages) * share)] - 1) * size

        def exchange(content):
            with open(self.path, "r+b") as file:
                file.seek(start)
                old = file.read(size)
                file.seek(start)
                file.write(content)
            return old

        intact = exchange(b"\xff" * size)
        return lambda: exchange(intact)

    def dump(self, where="1"):
        """All that PowerDNS writes, by table, but for keys, which are made anew each time.
        `where`: which records."""
        return {
            "records": self.records(where),
            "domainmetadata": self.rows("domainmetadata", "kind", "content"),
            "cryptokeys": self.rows("cryptokeys", "id", "flags", "active", "published"),
            "tsigkeys": self.rows("tsigkeys", "name", "algorithm", "secret"),
            "domains": self.rows("domains", "name", "type", "master", "account", "options",
                                 "catalog"),
            "comments": self.rows("comments", "name", "type", "account", "comment"),
        }


class TypedZonesDb(ZonesDb):
    """In which all is done with the sqlite3 shell, as users do."""

    def sql(self, text):
        return self.shell(text)


class LongWriter:
    """A sqlite3 shell that holds the write lock until released."""

    def __init__(self, path, exclusive=False):
        self.shell = subprocess.Popen(["sqlite3", str(path)], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        lock = "BEGIN EXCLUSIVE" if exclusive else "BEGIN IMMEDIATE"
        self.shell.stdin.write(f".timeout 5000\n{lock};\nSELECT 'locked';\n")
        self.shell.stdin.flush()
        assert self.shell.stdout.readline() == "locked\n"

    def run(self, sql):
        self.shell.stdin.write(sql + "\nSELECT 'done';\n")
        self.shell.stdin.flush()
        while self.shell.stdout.readline() not in ("done\n", ""):
            pass

    def release(self, commit=True):
        self.shell.communicate("COMMIT;\n" if commit else "ROLLBACK;\n", timeout=20)
