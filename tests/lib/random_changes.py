"""Changes to a zone database as users make them, by chance: SQL that does the same to two copies of
it, whatever empty non-terminals each holds beside."""

import sqlite3

from .random_zones import RandomZone
from .zones_db import quote

NSEC3PARAM = ("1 0 0 -", "1 0 1 ab", "1 1 0 -", "1 0 3 00ff", "1 1 1 cd")


class RandomChanges:
    """Rows that are inserted get ids that SQLite never gives by itself: below 0."""

    def __init__(self, random, path, first_id=-1000):
        self.random = random
        self.path = path
        self.next_id = first_id
        self.makers = [
            self.insert, self.insert, self.insert, self.delegate, self.delete, self.delete_name,
            self.rename, self.rename_tree, self.move, self.move_to_parent, self.replace,
            self.renumber, self.disable, self.enable, self.change_type, self.change_ttl,
            self.spoil, self.set_nsec3, self.unset_nsec3, self.toggle_narrow, self.switch_keys,
            self.remove_key, self.copy_key]

    def read(self):
        connection = sqlite3.connect(self.path)
        connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        try:
            self.zones = dict(connection.execute("SELECT id,name FROM domains;"))
            self.rows = connection.execute(
                "SELECT id,domain_id,name FROM records WHERE type IS NOT NULL AND type<>'SOA' "
                "AND name IS NOT NULL ORDER BY id;").fetchall()
        finally:
            connection.close()

    def statements(self, count):
        """Of one round, made from what is there now."""
        self.read()
        found = []
        while len(found) < count:
            found += self.random.choice(self.makers)()
        return found

    def row(self):
        return self.random.choice(self.rows)

    def domain(self):
        return self.random.choice(sorted(self.zones))

    def zone_to_add_to(self, domain_id):
        zone = RandomZone(self.random, self.zones[domain_id].lower())
        zone.names += [name for _, domain, name in self.rows
                       if domain == domain_id and len(name) < 150]
        return zone

    def new_name(self, domain_id):
        """Not one that PowerDNS may write in another way: rows with such a name keep what they had
        before, which depends on when who has looked."""
        zone = self.zone_to_add_to(domain_id)
        name = "\\"
        while "\\" in name:
            name = zone.make_name()
        return name

    def insert(self):
        domain_id = self.domain()
        zone = self.zone_to_add_to(domain_id)
        zone.add_name()
        for name, kind, content, ttl, prio, disabled in zone.rows:
            if kind is None:
                continue
            self.next_id -= 1
            yield ("INSERT INTO records(id,domain_id,name,type,content,ttl,prio,disabled,auth) "
                   f"VALUES({self.next_id},{domain_id},{quote(name)},{quote(kind)},"
                   f"{quote(content)},{quote(ttl)},{quote(prio)},{disabled},1);")

    def delegate(self):
        domain_id = self.domain()
        self.next_id -= 1
        yield ("INSERT INTO records(id,domain_id,name,type,content,ttl) VALUES("
               f"{self.next_id},{domain_id},{quote(self.new_name(domain_id))},'NS',"
               "'ns.elsewhere.example',60);")

    def delete(self):
        yield f"DELETE FROM records WHERE id={self.row()[0]};"

    @staticmethod
    def at_name(domain_id, name):
        return (f"WHERE domain_id={domain_id} AND name={quote(name)} AND type IS NOT NULL "
                "AND type<>'SOA'")

    def delete_name(self):
        _, domain_id, name = self.row()
        yield f"DELETE FROM records {self.at_name(domain_id, name)};"

    def rename(self):
        _, domain_id, name = self.row()
        yield (f"UPDATE records SET name={quote(self.new_name(domain_id))} "
               f"{self.at_name(domain_id, name)};")

    def rename_tree(self):
        _, domain_id, name = self.row()
        if name == self.zones[domain_id].lower():
            return
        new = self.new_name(domain_id)
        yield (f"UPDATE records SET name=substr(name,1,length(name)-{len(name)})||{quote(new)} "
               f"WHERE domain_id={domain_id} AND type IS NOT NULL AND (name={quote(name)} OR "
               f"substr(name,-{len(name) + 1})={quote('.' + name)}) "
               f"AND length(name)-{len(name)}+{len(new)}<200;")

    def move(self):
        row_id, domain_id, name = self.row()
        other = self.domain()
        old, new = self.zones[domain_id].lower(), self.zones[other].lower()
        if name.endswith("." + old):
            yield (f"UPDATE records SET domain_id={other},name={quote(name[:-len(old)] + new)} "
                   f"WHERE id={row_id};")

    def move_to_parent(self):
        """Into the zone above, where its name is as good: nothing but domain_id changes."""
        parents = [(domain_id, other) for domain_id, name in sorted(self.zones.items())
                   for other, above in sorted(self.zones.items())
                   if name.lower().endswith("." + above.lower())]
        old, new = self.random.choice(parents)
        rows = [row_id for row_id, domain_id, _ in self.rows if domain_id == old]
        if rows:
            yield f"UPDATE records SET domain_id={new} WHERE id={self.random.choice(rows)};"

    def replace(self):
        """Another row takes its id, without a trigger that says that the first one has gone."""
        domain_id = self.domain()
        name = self.new_name(domain_id)
        yield ("REPLACE INTO records(id,domain_id,name,type,content,ttl) VALUES("
               f"{self.row()[0]},{domain_id},{quote(name)},'A','192.0.2.2',60);")

    def renumber(self):
        self.next_id -= 1
        yield f"UPDATE records SET id={self.next_id} WHERE id={self.row()[0]};"

    def disable(self):
        yield f"UPDATE records SET disabled=1 WHERE id={self.row()[0]};"

    def enable(self):
        domain_id = self.domain()
        yield (f"UPDATE records SET disabled=0 WHERE domain_id={domain_id} AND disabled=1 "
               "AND type IS NOT NULL;")

    def change_type(self):
        kind, content = self.random.choice((("NS", "ns.elsewhere.example"), ("TXT", '"changed"'),
                                            ("DS", "1 13 2 " + "ab" * 32), ("A", "192.0.2.1")))
        yield (f"UPDATE records SET type={quote(kind)},content={quote(content)},prio=NULL "
               f"WHERE id={self.row()[0]};")

    def change_ttl(self):
        yield f"UPDATE records SET ttl={self.random.randrange(3600)} WHERE id={self.row()[0]};"

    def spoil(self):
        """As a program does that knows nothing of these columns."""
        yield f"UPDATE records SET ordername=NULL,auth=1 WHERE id={self.row()[0]};"
        yield f"UPDATE records SET ordername='x',auth=0 WHERE id={self.row()[0]};"

    def set_nsec3(self):
        domain_id = self.domain()
        yield f"DELETE FROM domainmetadata WHERE domain_id={domain_id} AND kind='NSEC3PARAM';"
        yield ("INSERT INTO domainmetadata(domain_id,kind,content) VALUES("
               f"{domain_id},'NSEC3PARAM',{quote(self.random.choice(NSEC3PARAM))});")

    def unset_nsec3(self):
        yield (f"DELETE FROM domainmetadata WHERE domain_id={self.domain()} "
               "AND kind IN ('NSEC3PARAM','NSEC3NARROW');")

    def toggle_narrow(self):
        domain_id = self.domain()
        yield (f"UPDATE domainmetadata SET content=1-content WHERE domain_id={domain_id} "
               "AND kind='NSEC3NARROW';")
        yield ("INSERT INTO domainmetadata(domain_id,kind,content) SELECT "
               f"{domain_id},'NSEC3NARROW','1' WHERE NOT EXISTS (SELECT 1 FROM domainmetadata "
               f"WHERE domain_id={domain_id} AND kind='NSEC3NARROW');")

    def switch_keys(self):
        yield f"UPDATE cryptokeys SET active=1-active WHERE domain_id={self.domain()};"

    def remove_key(self):
        yield ("DELETE FROM cryptokeys WHERE id=(SELECT max(id) FROM cryptokeys WHERE "
               f"domain_id={self.domain()});")

    def copy_key(self):
        domain_id = self.domain()
        yield ("INSERT INTO cryptokeys(domain_id,flags,active,published,content) SELECT "
               f"{domain_id},flags,1,1,content FROM cryptokeys WHERE domain_id<>{domain_id} "
               "ORDER BY id LIMIT 2;")
