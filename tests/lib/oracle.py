"""Asks two servers the same and says where their answers differ."""

import re
import struct

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from . import asking, environment, record_types, wire

TYPES = ("A", "AAAA", "ANY", "MX", "NS", "SOA", "TXT", "CNAME", "SRV", "DS", "DNSKEY", "NSEC",
         "PTR", "CAA", "DNAME", "NSEC3PARAM", "RRSIG", "HTTPS", "TYPE65400", "NAPTR", "TYPE65401",
         "CDS", "CDNSKEY", "NSEC3") + tuple(record_types.CONTENTS)


def has_type(kind):
    try:
        dns.rdatatype.from_text(kind)
        return True
    except dns.exception.DNSException:
        return False


# dnspython 2.3 doesn't know them by name.
NUMBERS = {"ADDR": "TYPE65400", "LUA": "TYPE65402", "RKEY": "TYPE57", "MB": "TYPE7", "MG": "TYPE8",
           "MR": "TYPE9", "MINFO": "TYPE14", "SIG": "TYPE24", "KEY": "TYPE25", "A6": "TYPE38",
           "ZONEMD": "TYPE63"}


class Question:
    """A question about `name`, its type and how it is sent chosen by `random`. `stored` are types
    that the database has at that name."""

    def __init__(self, random, name, dnssec=True, stored=()):
        self.name = "".join(character.upper() if random.random() < 0.1 else character
                            for character in name)
        self.kind = random.choice(TYPES[:3] if random.random() < 0.45 else TYPES)
        if stored and random.random() < 0.4:
            self.kind = random.choice(stored)
        if not dnssec and self.kind == "NSEC3PARAM":
            # With gsqlite3-dnssec=no PowerDNS hides this metadata; with remote-dnssec=no it asks
            # for it all the same, and the backend can't know.
            self.kind = "A"
        if not has_type(self.kind):
            self.kind = NUMBERS.get(self.kind, "TYPE65400")
        self.do = random.random() < 0.5
        self.edns = self.do or random.random() < 0.8
        self.payload = random.choice((512, 1232, 4096))
        self.tcp = random.random() < 0.05
        self.flags = random.choice((0, dns.flags.RD, dns.flags.RD | dns.flags.CD, dns.flags.AD))
        message = dns.message.make_query(self.name, self.kind, use_edns=0 if self.edns else -1,
                                         want_dnssec=self.do, payload=self.payload)
        message.flags = self.flags
        self.wire = (message.to_wire(), self.tcp)

    def __str__(self):
        return (f"{self.name} {self.kind}{' +do' if self.do else ''}{' +tcp' if self.tcp else ''} "
                f"edns={self.edns} payload={self.payload} flags={dns.flags.to_text(self.flags)}")


def derived_name(random, name):
    """A name that is stored, or one below, above or beside it, or one of nowhere."""
    kind = random.random()
    if kind < 0.5:
        return name
    if kind < 0.75:
        return random.choice(("nx", "a", "zzz", "*", "www", "x.y", "_tcp", "\\000", "a.*", "~",
                              "a.b.c.d", "\\255", "-")) + "." + name
    if kind < 0.9:
        return name.split(".", random.randrange(1, 4))[-1] or name
    if kind < 0.97:
        return random.choice((f"n{random.randrange(10000)}", "a", "*", "x", "zz")) + "." + \
            name.split(".", 1)[-1]
    return random.choice(("nowhere.example", "test", "no-rows.test", "arpa"))


def names_to_ask(random, stored, count):
    for _ in range(count):
        name = derived_name(random, random.choice(stored))
        try:
            dns.name.from_text(name)
        except dns.exception.DNSException:
            continue
        yield name


def summary(message):
    """Rows of text, in the message's order; of one that can't be parsed, why."""
    if message is None:
        return ["no answer"]
    try:
        flags, question, sections = wire.parse(message)
    except (ValueError, IndexError, struct.error) as error:
        return [f"unreadable: {error}: {message!r}"]
    rows = [f"{dns.rcode.to_text(flags & 15)} flags {flags >> 4:#x}"]
    rows += [f"question {wire.name_text(row[0])} {row[1:]}" for row in question]
    # Which part of a set fits into a truncated answer is left to chance: PowerDNS shuffles.
    if not flags & dns.flags.TC:
        for name, section in zip(wire.SECTIONS, sections):
            rows += [f"{name} {wire.record_text(record)}" for record in section]
    return rows


def difference(expected, actual):
    return ([f"  - {row}" for row in expected if row not in actual]
            + [f"  + {row}" for row in actual if row not in expected])


def in_lower_case(rows):
    return [row.lower() for row in rows]


def are_equal(expected, actual, is_case_exact):
    """PowerDNS shuffles records, and compresses a name to whatever case stands before it: case
    counts where the order is the same."""
    if sorted(expected) == sorted(actual):
        return True
    expected, actual = in_lower_case(expected), in_lower_case(actual)
    return sorted(expected) == sorted(actual) and (not is_case_exact or expected != actual)


def is_readable(rows):
    return " flags " in rows[0]


def is_truncated(rows):
    return is_readable(rows) and bool(int(rows[0].split()[-1], 16) << 4 & dns.flags.TC)


def without_proofs(expected, actual):
    """Below a wildcard without data PowerDNS answers ANY with a record of type 0, which it signs
    where the wildcard has a proof."""
    # What a signature covers comes first in it; the quotes of its text depend on what follows.
    proof = re.compile(f" TYPE{wire.NSEC3} | TYPE{wire.RRSIG} \\d+ b['\"]\\\\x00(2|\\\\x00)")
    return [[row for row in rows if not proof.search(row)] for rows in (expected, actual)]


def whole_answers(oracle, tested, question):
    """By TCP."""
    message, _ = question.wire
    return [summary(answer) for answer, in asking.ask_both(oracle, tested, [(message, True)])]


def compare_answers(oracle, tested, questions, is_case_exact=True,
                    has_other_proof=lambda question, answer: False):
    """The differences, a text each: '-' is what the oracle alone said. Of the answers that
    `has_other_proof` is true for NSEC3 records aren't compared. PowerDNS's caches keep names
    in the case in which they were asked for first, and forget them when it suits them: where
    caches are on, case is left to chance. So is whether a name can be compressed, by which an
    answer just fits or just doesn't, and NSEC3 records that aren't compared take part in it."""
    found = []
    answers = asking.ask_both(oracle, tested, [question.wire for question in questions])
    for question, *pair in zip(questions, *answers):
        if pair[0] == pair[1]:
            continue
        expected, actual = (summary(message) for message in pair)
        if is_truncated(expected) != is_truncated(actual):
            expected, actual = whole_answers(oracle, tested, question)
        if is_readable(expected) and has_other_proof(question, pair[0]):
            expected, actual = without_proofs(expected, actual)
        if not are_equal(expected, actual, is_case_exact):
            found.append("\n".join([str(question)] + (difference(expected, actual)
                                                      or ["  in number"])))
    return found


def transfer_rows(server, zone):
    question = dns.message.make_query(zone, "AXFR").to_wire()
    try:
        records = wire.transfer(server, question, 20 * environment.SLACK)
    except (ValueError, OSError) as error:
        return [f"failed: {error}"]
    return sorted(wire.record_text(record) for record in records)


def compare_transfers(oracle, tested, zones):
    found = []
    for zone in zones:
        expected, actual = transfer_rows(oracle, zone), transfer_rows(tested, zone)
        if expected != actual:
            found.append("\n".join([f"transfer of {zone}"] + (difference(expected, actual)
                                                              or ["  in number"])))
    return found
