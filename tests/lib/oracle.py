"""Asks two servers the same and says where their answers differ."""

import dns.exception
import dns.flags
import dns.name
import dns.query
import dns.rdatatype

from . import query

TYPES = ("A", "AAAA", "ANY", "MX", "NS", "SOA", "TXT", "CNAME", "SRV", "DS", "DNSKEY", "NSEC",
         "PTR", "CAA", "DNAME", "NSEC3PARAM", "RRSIG", "HTTPS", "TYPE65400", "NAPTR", "TYPE65401")


class Question:
    """A question about `name`, its type and how it is sent chosen by `random`."""

    def __init__(self, random, name, dnssec=True):
        self.name = "".join(character.upper() if random.random() < 0.1 else character
                            for character in name)
        self.kind = random.choice(TYPES[:3] if random.random() < 0.5 else TYPES)
        if not dnssec and self.kind == "NSEC3PARAM":
            # With gsqlite3-dnssec=no PowerDNS hides this metadata; with remote-dnssec=no it asks
            # for it all the same, and the backend can't know.
            self.kind = "A"
        self.do = random.random() < 0.5
        self.edns = self.do or random.random() < 0.8
        self.payload = random.choice((512, 1232, 4096))
        self.tcp = random.random() < 0.05

    def __str__(self):
        return (f"{self.name} {self.kind}{' +do' if self.do else ''}{' +tcp' if self.tcp else ''} "
                f"edns={self.edns} payload={self.payload}")

    def ask(self, server):
        try:
            return query.ask(server.address, server.port, self.name, self.kind, do=self.do,
                             edns=self.edns, payload=self.payload, tcp=self.tcp)
        except dns.exception.DNSException as error:
            return error


def names_to_ask(random, stored, count):
    """Names that exist, names below and beside them, parents, and names of nowhere."""
    for _ in range(count):
        name = random.choice(stored)
        kind = random.random()
        if kind < 0.55:
            pass
        elif kind < 0.75:
            name = random.choice(("nx", "a", "zzz", "*", "www", "x.y", "_tcp")) + "." + name
        elif kind < 0.9:
            name = name.split(".", random.randrange(1, 4))[-1] or name
        elif kind < 0.97:
            name = f"n{random.randrange(10000)}." + name.split(".", 1)[-1]
        else:
            name = random.choice(("nowhere.example", "test", "no-rows.test", "arpa"))
        try:
            dns.name.from_text(name)
        except dns.exception.DNSException:
            continue
        yield name


def rdata_text(rdata):
    """A signature's bytes and dates are different each time; what it covers is not."""
    text = rdata.to_text()
    if rdata.rdtype == dns.rdatatype.RRSIG:
        words = text.split()
        return " ".join(words[:4] + words[6:8])
    return text


def section_rows(section):
    return sorted((rrset.name.to_text(), dns.rdatatype.to_text(rrset.rdtype), rrset.ttl,
                   rdata_text(rdata)) for rrset in section for rdata in rrset)


def summary(response):
    if isinstance(response, Exception):
        return [("no answer", type(response).__name__)]
    rows = [("rcode", query.rcode(response)), ("flags", dns.flags.to_text(response.flags)),
            ("edns", response.edns, response.ednsflags if response.edns >= 0 else 0)]
    # Which part of a set fits into a truncated answer is left to chance: PowerDNS shuffles.
    if not response.flags & dns.flags.TC:
        for name in ("question", "answer", "authority", "additional"):
            rows += [(name,) + row for row in section_rows(getattr(response, name))] \
                if name != "question" else [(name, response.question[0].to_text())]
    return rows


def difference(expected, actual):
    return ([f"  - {row}" for row in expected if row not in actual]
            + [f"  + {row}" for row in actual if row not in expected])


def in_lower_case(rows):
    return sorted(tuple(str(word).lower() for word in row) for row in rows)


def compare_answers(oracle, tested, questions, is_case_exact=True):
    """The differences, a text each: '-' is what the oracle alone said. PowerDNS's caches keep names
    in the case in which they were asked for first, and forget them when it suits them: where
    caches are on, case is left to chance."""
    found = []
    for question in questions:
        expected, actual = summary(question.ask(oracle)), summary(question.ask(tested))
        if not is_case_exact:
            expected, actual = in_lower_case(expected), in_lower_case(actual)
        if expected != actual:
            found.append("\n".join([str(question)] + (difference(expected, actual)
                                                      or ["  in number or order"])))
    return found


def transfer_rows(server, zone):
    try:
        rows = query.transfer(server.address, server.port, zone)
    except (dns.exception.DNSException, AssertionError, EOFError, OSError) as error:
        return [("failed", type(error).__name__)]
    return sorted((owner, kind, ttl, " ".join(text.split()[:4] + text.split()[6:8])
                   if kind == "RRSIG" else text) for owner, kind, ttl, text in rows)


def compare_transfers(oracle, tested, zones):
    found = []
    for zone in zones:
        expected, actual = transfer_rows(oracle, zone), transfer_rows(tested, zone)
        if expected != actual:
            found.append("\n".join([f"transfer of {zone}"] + difference(expected, actual)))
    return found
