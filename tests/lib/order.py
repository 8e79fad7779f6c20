"""`ordername` and `auth` of all rows of a zone database, and its empty non-terminals."""

import sqlite3

ROWS = ("SELECT records.id,domains.name,records.name,records.type,ordername,auth FROM records "
        "JOIN domains ON domains.id=domain_id WHERE NOT disabled;")


class Order:
    def __init__(self, path):
        """`rows`: by id. `empty`: by zone and name, since each program gives them ids of its own.
        Nobody writes to disabled rows: they keep what they had."""
        self.rows = {}
        self.empty = {}
        connection = sqlite3.connect(path)
        connection.text_factory = lambda text: text.decode("utf-8", "backslashreplace")
        try:
            for number, zone, name, kind, ordername, auth in connection.execute(ROWS):
                if kind is not None:
                    self.rows[number] = [(zone, name, kind, ordername, auth)]
                else:
                    self.empty.setdefault((zone, name), []).append((ordername, auth))
        finally:
            connection.close()


def is_same(expected, actual):
    """rectify-zone writes nothing where it reads what it wants: '' as no ordername, and NULL as
    auth=0."""
    *row, ordername, auth = expected
    return actual in (expected, (*row, ordername or None, auth or 0))


def differences(expected, actual):
    """A text each: '-' is what was expected."""
    found = []
    for what, before, after in (("row", expected.rows, actual.rows),
                                ("empty non-terminal", expected.empty, actual.empty)):
        for key in sorted(before.keys() | after.keys(), key=str):
            old, new = before.get(key, []), after.get(key, [])
            if len(old) != len(new) or not all(map(is_same, old, new)):
                found.append(f"{what} {key}\n  - {old}\n  + {new}")
    return found
