"""Zones without a plan: every name has a little of everything, and stands above, below and beside
others by chance, so that delegations, wildcards, DNAMEs and empty non-terminals meet in ways that
nobody thought of. Few labels, so that names collide."""

from . import record_types
from .zone_generator import TTLS, Zone

LABELS = ("a", "b", "c", "d", "x", "*", "*", "www", "_tcp", "ns1")
# As PowerDNS writes them: what has an escape too many is never found.
ODD_LABELS = ("a\\.b", "with\\032space", "back\\\\slash", "\\000", "\\001\\200\\255", "at@sign",
              "quo\"te", "semi;colon", "(par)", "percent%", "under_score", "xn--e1a", "-",
              "0", "\\127", "$", "it's", "[x]", "\\009tab", "l" * 63)
COMMON_TYPES = ("A", "A", "AAAA", "TXT", "MX", "SRV")


def longest_name(random, zone):
    """A name of 255 octets, as many as there may be."""
    room = 255 - 1 - sum(len(label) + 1 for label in zone.split("."))
    labels = []
    while room > 1:
        length = min(room - 1, 63)
        if 0 < room - 1 - length < 2:
            length -= 2
        labels.append(random.choice("abcxyz") * length)
        room -= length + 1
    return ".".join(labels + [zone])


class RandomZone:
    def __init__(self, random, name):
        self.random = random
        self.name = name
        self.rows = []
        self.names = [name]

    def make_name(self):
        """Below the apex or below a name that is there already."""
        random = self.random
        base = random.choice(self.names) if random.random() < 0.6 else self.name
        depth = random.choice((1, 1, 1, 2, 3))
        labels = [random.choice(ODD_LABELS if random.random() < 0.12 else LABELS)
                  for _ in range(depth)]
        name = ".".join(labels + [base])
        if len(name) > 200:
            name = labels[0] + "." + self.name
        return name

    def target(self):
        """Where a CNAME or a DNAME leads: here, to what may be nowhere, or into another zone."""
        random = self.random
        return random.choice((
            random.choice(self.names), random.choice(self.names), self.make_name(), self.name,
            "x.a.random0.test", "plain.test", "host.sub1.deleg.test", "out.elsewhere.example"))

    def add(self, name, kind, content, **columns):
        random = self.random
        row = {"ttl": random.choice(TTLS), "prio": None,
               "disabled": int(random.random() < 0.04)}
        row.update(columns)
        self.rows.append((name, kind, content, row["ttl"], row["prio"], row["disabled"]))

    def add_data(self, name):
        random = self.random
        kinds = [random.choice(COMMON_TYPES) for _ in range(random.choice((1, 1, 2, 3)))]
        if random.random() < 0.35:
            kinds.append(random.choice(tuple(record_types.CONTENTS)))
        ttl = random.choice(TTLS)
        for kind in dict.fromkeys(kinds):
            contents = {record_types.content(random, kind, self.name)
                        for _ in range(random.choice((1, 1, 1, 2, 4)))}
            for content in sorted(contents):
                prio = None
                if kind in ("MX", "SRV") and random.random() < 0.5:
                    prio, content = content.split(" ", 1)
                    prio = int(prio)
                self.add(name, kind, content, ttl=ttl, prio=prio)

    def add_cut(self, name):
        random = self.random
        for server in random.sample((f"ns.{name}", f"ns.deep.{name}", "ns.elsewhere.example",
                                     f"ns1.{self.name}", name), random.choice((1, 2, 3))):
            self.add(name, "NS", server)
            if server.endswith(name) and random.random() < 0.8:
                self.add(server, "A", record_types.ipv4(random))
                self.add(server, "AAAA", record_types.ipv6(random))
                self.names.append(server)
        if random.random() < 0.5:
            self.add(name, "DS", record_types.content(random, "DS", self.name))
        if random.random() < 0.4:
            # What the delegation hides.
            below = random.choice(("occluded", "*", "www.x")) + "." + name
            self.names.append(below)
            self.add_data(below)
        if random.random() < 0.2:
            self.add_data(name)

    def add_name(self):
        random = self.random
        name = self.make_name()
        self.names.append(name)
        kind = random.random()
        if kind < 0.55:
            self.add_data(name)
        elif kind < 0.72:
            self.add_cut(name)
        elif kind < 0.86:
            self.add(name, "CNAME", self.target(), disabled=0)
        elif kind < 0.92:
            self.add(name, "DNAME", self.target(), disabled=0)
            if random.random() < 0.3:
                self.add_data(name)
        elif kind < 0.96:
            # One that the user has put in, needed or not.
            self.add(name, None, None, ttl=random.choice((None, 0)))
        else:
            self.add(name, "DS", record_types.content(random, "DS", self.name))


def keep_cnames_alone(rows, random):
    """Which row of a name wins over its CNAME is left to the order in which they are found."""
    alone = {}
    for name, kind, *_ in rows:
        if kind == "CNAME":
            alone.setdefault(name, 0)
        elif kind is not None:
            alone[name] = 1
    taken = set()
    kept = []
    for row in rows:
        if row[1] in ("CNAME", "DNAME"):
            if (row[0], row[1]) in taken or (row[1] == "CNAME" and alone[row[0]]):
                continue
            taken.add((row[0], row[1]))
        kept.append(row)
    return kept


def without_doubles(rows):
    return list({row[:3]: row for row in rows}.values())


def random_zone(random, name, secure, size):
    zone = RandomZone(random, name)
    for _ in range(size):
        zone.add_name()
    longest = longest_name(random, name)
    zone.names.append(longest)
    zone.add(longest, "A", "192.0.2.255", disabled=0)
    for kind in random.sample(("A", "AAAA", "MX", "CAA", "TXT", "HTTPS", "DNAME"), 3):
        zone.add(name, kind, zone.target() if kind == "DNAME" else
                 record_types.content(random, kind, name))
    rows = keep_cnames_alone(without_doubles(zone.rows), random)
    random.shuffle(rows)
    return Zone(name, rows, secure=secure)


def all_types(random, name, secure):
    """Each type once or more, at a name of its own and all together at one."""
    rows = []
    for kind in record_types.CONTENTS:
        owner = f"{kind.lower()}.{name}"
        contents = {record_types.content(random, kind, name) for _ in range(3)}
        rows += [(owner, kind, content) for content in sorted(contents)]
        rows.append((f"all.{name}", kind, sorted(contents)[0]))
        rows.append((f"*.w{kind.lower()}.{name}", kind, sorted(contents)[-1]))
    return Zone(name, rows, secure=secure)


MODES = (None, "nsec", "nsec3", "optout", "narrow")


def random_zones(random, each=3, size=45):
    zones = [random_zone(random, f"random{number * len(MODES) + place}.test", secure, size)
             for number in range(each) for place, secure in enumerate(MODES)]
    # Zones below each other, their parents' delegations there or not.
    zones += [random_zone(random, f"{label}.random{parent}.test", secure, size // 3)
              for label, parent, secure in (("a", 0, None), ("b", 1, "nsec"), ("a", 2, "nsec3"),
                                            ("c", 3, "optout"), ("x.a", 4, "narrow"))]
    return zones + [all_types(random, f"all-{secure or 'plain'}.test", secure)
                    for secure in (None, "nsec", "nsec3")]
