"""Zones of many shapes, made from a seed, none with an ALIAS: what gsqlite3 itself can serve.

Each shape returns rows of (owner name, type, content[, ttl[, prio[, disabled]]]); the owner is
absolute, without the last dot, as the database holds it."""

import base64

from .zones_db import quote

TTLS = (0, 1, 60, 300, 3600, 86400)


class Zone:
    def __init__(self, name, rows, kind="NATIVE", soa=True, secure=None, note=""):
        self.name = name
        self.rows = rows
        self.kind = kind
        self.soa = soa
        self.secure = secure  # None, "nsec", "nsec3", "optout" or "narrow"
        self.note = note

    def statements(self):
        rows = list(self.rows)
        name = self.name.lower()
        if self.soa:
            rows += [(name, "SOA", f"ns1.{name} hostmaster.{name} 7 10800 3600 604800 120", 3600),
                     (name, "NS", f"ns1.{name}", 3600), (name, "NS", "ns.elsewhere.example", 3600),
                     (f"ns1.{name}", "A", "192.0.2.53", 3600)]
        yield f"INSERT INTO domains(name,type) VALUES({quote(self.name)},{quote(self.kind)});"
        for row in rows:
            owner, kind, content, ttl, prio, disabled = row + (300, None, 0)[len(row) - 3:]
            yield ("INSERT INTO records(domain_id,name,type,content,ttl,prio,disabled,auth) SELECT "
                   f"id,{quote(owner)},{quote(kind)},{quote(content)},{quote(ttl)},{quote(prio)},"
                   f"{disabled},1 FROM domains WHERE name={quote(self.name)};")


def address(random):
    return f"203.0.113.{random.randrange(256)}"


def label(random):
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-"
    return "x" + "".join(random.choice(letters) for _ in range(random.randrange(1, 12))) + "x"


def random_hosts(random, zone, count=15):
    """Hosts at random depths with random types."""
    rows = []
    for _ in range(count):
        owner = ".".join(label(random) for _ in range(random.choice((1, 1, 1, 2, 3)))) + "." + zone
        ttl = random.choice(TTLS)
        for kind, content in (("A", address(random)),
                              ("AAAA", f"2001:db8::{random.randrange(999)}"),
                              ("TXT", f'"{label(random)}" "{label(random)}"')):
            if random.random() < 0.6:
                rows.append((owner, kind, content, ttl))
    return rows


def plain(random, zone):
    return random_hosts(random, zone) + [
        (zone, "MX", f"mail.{zone}", 300, 10), (zone, "MX", "mail.elsewhere.example", 300, 20),
        (zone, "A", "192.0.2.1"), (f"mail.{zone}", "A", "192.0.2.25"),
        (f"mail.{zone}", "AAAA", "2001:db8::25"),
        (f"_sip._tcp.{zone}", "SRV", f"0 5060 mail.{zone}", 300, 5),
        (f"www.{zone}", "CNAME", zone)]


def delegations(random, zone):
    rows = random_hosts(random, zone, 5)
    for number in range(4):
        cut = f"sub{number}.{zone}"
        rows += [(cut, "NS", f"ns.{cut}"), (cut, "NS", f"ns.sub{(number + 1) % 4}.{zone}"),
                 (f"ns.{cut}", "A", address(random)), (f"ns.{cut}", "AAAA", "2001:db8::53"),
                 (f"below.deep.{cut}", "A", address(random))]
        if number % 2:
            rows.append((cut, "DS", f"{number} 13 2 " + "ab" * 32))
    return rows + [(f"*.{zone}", "A", "192.0.2.99"), (f"*.sub1.{zone}", "A", "192.0.2.98")]


def deep_delegations(random, zone):
    """With an empty non-terminal above a cut. Not for NSEC3 with opt-out: there PowerDNS tells
    gsqlite3, but not a remote backend, that the name exists though it has no NSEC3 record, and
    gsqlite3 makes one up (GSQLBackend::getBeforeAndAfterNamesAbsolute)."""
    return delegations(random, zone) + [(f"deep.cut.{zone}", "NS", "ns.elsewhere.example")]


def wildcards(random, zone):
    return random_hosts(random, zone, 5) + [
        (f"*.{zone}", "A", "192.0.2.10"), (f"*.{zone}", "MX", f"mail.{zone}", 300, 1),
        (f"*.a.{zone}", "TXT", '"deeper"'), (f"x.y.b.{zone}", "A", "192.0.2.11"),
        (f"*.c.{zone}", "CNAME", f"target.{zone}"), (f"target.{zone}", "A", "192.0.2.12"),
        (f"*.d.d.{zone}", "AAAA", "2001:db8::d"), (f"*.loop.{zone}", "CNAME", f"x.loop.{zone}"),
        (f"*.*.star.{zone}", "A", "192.0.2.13"), (f"real.a.{zone}", "A", "192.0.2.14"),
        (f"*._tcp.{zone}", "SRV", f"1 80 target.{zone}", 300, 2)]


def chains(random, zone):
    rows = random_hosts(random, zone, 3)
    rows += [(f"c{number}.{zone}", "CNAME", f"c{number + 1}.{zone}", random.choice(TTLS))
             for number in range(14)]
    return rows + [
        (f"c14.{zone}", "A", "192.0.2.20"), (f"short.{zone}", "CNAME", f"c12.{zone}"),
        (f"self.{zone}", "CNAME", f"self.{zone}"), (f"ping.{zone}", "CNAME", f"pong.{zone}"),
        (f"pong.{zone}", "CNAME", f"ping.{zone}"), (f"dangling.{zone}", "CNAME", f"none.{zone}"),
        (f"out.{zone}", "CNAME", "www.elsewhere.example"), (f"other.{zone}", "CNAME", "plain.test"),
        (f"towild.{zone}", "CNAME", "anything.wild.test"), (f"tocut.{zone}", "CNAME",
                                                            "www.sub1.deleg.test")]


def many_types(random, zone):
    long_text = " ".join(f'"{label(random) * 12}"' for _ in range(4))
    return random_hosts(random, zone, 5) + [
        (f"txt.{zone}", "TXT", long_text), (f"txt.{zone}", "TXT", '"a;b\\"c\\\\d"'),
        (f"txt.{zone}", "SPF", '"v=spf1 -all"'), (zone, "CAA", '0 issue "ca.example"'),
        (f"naptr.{zone}", "NAPTR", '100 10 "u" "E2U+sip" "!^.*$!sip:a@b.example!" .'),
        (f"ssh.{zone}", "SSHFP", "1 1 " + "12" * 20), (f"_443._tcp.{zone}", "TLSA", "3 1 1 " +
                                                       "cd" * 32),
        (f"hinfo.{zone}", "HINFO", '"PC" "Linux"'), (f"loc.{zone}", "LOC",
                                                     "51 56 0.123 N 5 54 0.000 E 4.00m 1.00m "
                                                     "10000.00m 10.00m"),
        (f"rp.{zone}", "RP", f"admin.{zone} txt.{zone}"), (f"afs.{zone}", "AFSDB",
                                                          f"1 afs.{zone}"),
        (f"cert.{zone}", "CERT", "1 2 3 " + base64.b64encode(b"certificate").decode()),
        (f"dk.{zone}", "DNSKEY", "256 3 13 " + base64.b64encode(b"k" * 64).decode()),
        (f"eui.{zone}", "EUI48", "00-11-22-33-44-55"), (f"uri.{zone}", "URI",
                                                        '10 1 "https://a.example/"'),
        (f"svc.{zone}", "HTTPS", "1 . alpn=h2"), (f"odd.{zone}", "TYPE65400", "\\# 3 010203"),
        (f"kx.{zone}", "KX", f"7 afs.{zone}"), (f"dhcid.{zone}", "DHCID",
                                                     base64.b64encode(b"d" * 35).decode()),
        (f"openpgp.{zone}", "OPENPGPKEY", base64.b64encode(b"p" * 60).decode()),
        (f"ptr.{zone}", "PTR", f"host.{zone}"), (f"mx0.{zone}", "MX", f"0 afs.{zone}"),
        (f"srv0.{zone}", "SRV", "0 0 0 ."), (f"mx.{zone}", "MX", ".", 300, 0)]


def empty_non_terminals(random, zone):
    return [(f"a.b.c.d.{zone}", "A", "192.0.2.30"), (f"e.f.{zone}", "TXT", '"f is empty"'),
            (f"f.{zone}", None, None, None), (f"lone.{zone}", None, None, None),
            (f"c.d.{zone}", None, "", 0), (f"*.w.w.{zone}", "A", "192.0.2.31")]


def disabled_rows(random, zone):
    rows = [(owner, kind, content, ttl, None, int(random.random() < 0.5))
            for owner, kind, content, ttl in random_hosts(random, zone, 20)]
    return rows + [(f"off.{zone}", "A", "192.0.2.40", 300, None, 1),
                   (f"half.{zone}", "A", "192.0.2.41", 300, None, 1),
                   (f"half.{zone}", "A", "192.0.2.42"),
                   (f"*.off.{zone}", "A", "192.0.2.43", 300, None, 1),
                   (f"ent.{zone}", None, None, None, None, 1)]


def reverse(random, zone):
    nibbles = "0123456789abcdef"
    return [(".".join(random.choice(nibbles) for _ in range(16)) + "." + zone, "PTR",
             f"host{number}.plain.test") for number in range(12)]


def escapes(random, zone):
    return [(f"a\\.b.{zone}", "A", "192.0.2.50"), (f"with\\032space.{zone}", "TXT", '"space"'),
            (f"_dmarc.{zone}", "TXT", '"v=DMARC1"'), (f"under_score.{zone}", "CNAME",
                                                      f"a\\.b.{zone}"),
            (f"back\\\\slash.{zone}", "A", "192.0.2.51"), (f"\\200\\201.{zone}", "A", "192.0.2.52"),
            (f"at\\@sign.{zone}", "MX", f"a\\.b.{zone}", 300, 3), (f"xn--e1a.{zone}", "A",
                                                                   "192.0.2.54")]


def no_ttl(random, zone):
    return [row[:3] + (None,) for row in random_hosts(random, zone, 8)] + [
        (f"mixed.{zone}", "A", "192.0.2.60", None), (f"mixed.{zone}", "A", "192.0.2.61", 60)]


def big_sets(random, zone):
    rows = [(f"many.{zone}", "A", f"198.51.{number // 200}.{number % 200}")
            for number in range(300)]
    rows += [(f"text.{zone}", "TXT", f'"{number} {label(random) * 15}"') for number in range(30)]
    return rows + [(f"mx.{zone}", "MX", f"many.{zone}", 300, number) for number in range(10)]


def redirections(random, zone):
    return [(f"old.{zone}", "DNAME", "plain.test"), (f"new.{zone}", "DNAME", f"there.{zone}"),
            (f"www.there.{zone}", "A", "192.0.2.70"), (f"old.{zone}", "A", "192.0.2.71"),
            (f"chain.{zone}", "CNAME", f"www.new.{zone}")]


def stored_case(random, zone):
    return [(f"UPPER.{zone}", "A", "192.0.2.80"), (f"Mixed.{zone}", "TXT", '"Mixed Content"'),
            (f"lower.{zone}", "CNAME", f"TARGET.{zone}"), (f"target.{zone}", "A", "192.0.2.81"),
            (f"type.{zone}", "a", "192.0.2.82"), (zone, "MX", f"TARGET.{zone.upper()}", 300, 1)]


def unreadable(random, zone):
    return [(f"bad.{zone}", "A", "not-an-address"), (f"bad.{zone}", "TXT", '"beside"'),
            (f"half.{zone}", "MX", "", 300, 1), (f"good.{zone}", "A", "192.0.2.90")]


def odd_columns(random, zone):
    """What SQLite keeps in a column whatever its type says."""
    return [(f"word.{zone}", "A", "192.0.2.93", "soon"), (f"word.{zone}", "TXT", '"beside"'),
            (f"tail.{zone}", "A", "192.0.2.94", "60x"), (f"below.{zone}", "A", "192.0.2.95", -5),
            (f"real.{zone}", "A", "192.0.2.96", 60.7), (f"huge.{zone}", "A", "192.0.2.97", 1 << 40),
            (f"text.{zone}", "A", "192.0.2.98", "120"), (f"prio.{zone}", "MX", zone, 60, "high"),
            (f"prio2.{zone}", "MX", zone, 60, ""), (f"prio3.{zone}", "MX", zone, 60, None),
            (f"prio4.{zone}", "SRV", f"1 2 {zone}", 60, -1),
            (f"prioa.{zone}", "A", "192.0.2.99", 60, 5),
            (f"off.{zone}", "A", "192.0.2.100", 60, None, "'yes'"),
            (f"off.{zone}", "A", "192.0.2.101", 60, None, "NULL"),
            (f"off.{zone}", "A", "192.0.2.102", 60, None, 2),
            (f"blob.{zone}", "A", b"192.0.2.103"), (f"null.{zone}", "A", None),
            (f"empty.{zone}", "TXT", ""), (f"number.{zone}", "TXT", 5)]


def make_zones(random):
    shapes = [
        ("plain.test", plain, "NATIVE", "nsec"), ("deleg.test", delegations, "NATIVE", "optout"),
        ("cuts.test", deep_delegations, "NATIVE", None),
        ("signed-cuts.test", deep_delegations, "NATIVE", "nsec"),
        ("wild.test", wildcards, "MASTER", None),
        ("signed-wild.test", wildcards, "NATIVE", "nsec3"),
        ("chain.test", chains, "NATIVE", None),
        ("signed-chain.test", chains, "NATIVE", "nsec3"),
        ("types.test", many_types, "NATIVE", None),
        ("signed-types.test", many_types, "MASTER", "nsec"),
        ("ent.test", empty_non_terminals, "NATIVE", None),
        ("signed-ent.test", empty_non_terminals, "NATIVE", "narrow"),
        ("disabled.test", disabled_rows, "NATIVE", None),
        ("8.b.d.0.1.0.0.2.ip6.arpa", reverse, "NATIVE", None),
        ("esc_apes.test", escapes, "NATIVE", None),
        ("signed-escapes.test", escapes, "NATIVE", "nsec"),
        ("no-ttl.test", no_ttl, "NATIVE", None), ("big.test", big_sets, "NATIVE", None),
        ("dname.test", redirections, "NATIVE", None),
        ("case.test", stored_case, "NATIVE", None), ("unreadable.test", unreadable, "NATIVE", None),
        ("odd-columns.test", odd_columns, "NATIVE", None),
        ("child.plain.test", plain, "SLAVE", None), ("sub1.deleg.test", plain, "NATIVE", "nsec3"),
    ]
    zones = [Zone(name, shape(random, name), kind, secure=secure)
             for name, shape, kind, secure in shapes]
    return zones + [
        Zone("apex-only.test", []),
        Zone("MixedCase.test", [("www.mixedcase.test", "A", "192.0.2.91")]),
        Zone("no-soa.test", [("no-soa.test", "NS", "ns.elsewhere.example"),
                             ("www.no-soa.test", "A", "192.0.2.92")], soa=False),
        Zone("no-rows.test", [], soa=False)]


def fill(zones_db, zones):
    lines = ["BEGIN;"]
    for zone in zones:
        lines.extend(zone.statements())
    zones_db.sql("\n".join(lines + ["COMMIT;"]))
