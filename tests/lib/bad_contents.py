"""Record contents, good and bad: for each type that src/dns/rdata.c judges, and for a few that it
leaves alone."""

from . import record_types

LABEL = "l" * 63
LONGEST = ".".join([LABEL, LABEL, LABEL, "x" * 61])  # 253 characters, 255 octets

NAMES = [
    ".", "..", "a", "a.", ".a", "a..b", "a.b.", "a.b..", "*.a", "*", "-", "_x.y", "a_b", "a/b", "A.B",
    LABEL, LABEL + "x", LABEL + "x.y", "x" * 256, "x" * 300, "x" * 256 + "." + "y" * 10,
    LONGEST, LONGEST + ".", LONGEST + "x", LONGEST + "x.", LONGEST + "xx", LONGEST + "xx.",
    "\\.", "\\", "a\\", "a\\.b", "a\\\\.b", "a\\1", "a\\12", "a\\123", "a\\256.b", "a\\999", "a\\1x3",
    "a\\x.b", "a.\\", ".a\\b", "..\\b", "a..\\b", "a\\b..", "a\\032b", "\\000", "a\\000.b", "\\" * 4,
    "\\097" * 63, "\\097" * 64, "\\." * 63, "\\." * 64, ".".join(["\\097" * 63] * 3 + ["\\097" * 61]),
    ".".join(["\\097" * 63] * 3 + ["\\097" * 62]), ".".join(["\\097" * 63] * 4), "\\097" * 260,
    "a b", "a\tb", "a\rb", "a\nb", "a\\ b", "a\x0bb", "a,b", 'a"b', '"a"', "a;b", "(a)", "$", "@",
    "ä.example", "\x01", "1.2.3.4", "::1",
]

NUMBERS = ["0", "1", "00", "007", "255", "256", "65535", "65536", "4294967295", "4294967296",
           "18446744073709551615", "18446744073709551616", "99999999999999999999999", "-1", "+1",
           "1.5", "1e3", "0x10", "a", "1a", "", "1,", "\x0b1"]

ADDRESSES = {
    "A": ["1.2.3.4", "0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3", "1.2.3.", "1.2.3.4.",
          "1.2.3.4.5", ".1.2.3", "1..2.3", "001.002.003.004", "0000000001.2.3.4", "1.2.3.4,", ",",
          "1.2.3.4 5", "1. 2.3.4", "1.2.3.4/24", "1.2.3.x", "x", "::1", "1.2.3.4\x0b", "１.2.3.4",
          "4294967296.1.1.1", "1.2.3.4294967297", "-1.2.3.4", "1.2.3.4,5"],
    "AAAA": ["::", "::1", "1::", ":::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7",
             "1::2::3", "::ffff:1.2.3.4", "::1.2.3.256", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4",
             "::01.2.3.4", "::1.2.3", "12345::", "g::", "::1%eth0", "::1/64", "1.2.3.4", "[::1]",
             "2001:DB8::A", "::1,", "fe80::1 x", "0001:0002:0003:0004:0005:0006:0007:0008",
             "00001::", "0000:0000:0000:0000:0000:ffff:255.255.255.255",
             "0000:0000:0000:0000:0000:ffff:255.255.255.2555", "1:", ":1", "1:2:3:4:5:6:7:",
             ":2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "::1:2:3:4:5:6:7:8", "a" * 100],
}

TEXTS = [
    "", '""', '"a"', '"a" "b"', '"a""b"', '"a"\t"b"', '"a', 'a"', "a", "abc123", "a b", 'a "b"', '"a" b',
    '"a" bc1', '"a" b-', '"a"b', '"a\\"', '"a\\""', '"a\\\\"', '"\\1"', '"\\12"', '"\\123"', '"\\999"',
    '"\\1x"', '"\\12x"', '"a\\', '"', '"\\', '"a" "', '"a" "b', "'a'", "v=spf1 -all", "a\\b", "\\", "\\1",
    "a\\123", "a\\12", '"' + "x" * 255 + '"', '"' + "x" * 256 + '"', '"' + "x" * 5000 + '"', "x" * 300,
    '"a\nb"', '"a\tb"', '"a\x0bb"', "a\x0bb", '"\x01\x7f"', '"ä"', "ä", '" "', '" a "', "a;b", '"a";',
    '("a")', '"\\097\\098"', '"\\0971"', '"a" "\\3"', '"\\"', '"\\""', '"x\\\n"', "-", "_",
    '"a"  "b"   "c"', '"a" \n "b"', '""""', '"" ""', '"""',
]

WORDS = ["issue", "a", "issue-wild", "\tissue", "is\tsue", '"issue"', "", ";", "x" * 255, "x" * 300, "\\1"]

HEX = ["", "00", "0", "abc", "ABCDEF", "ab cd", "ab  c", "-", "--", "xy", "0g", "ab-cd", "ab:cd", "ab\tcd",
       "ab.cd!", "0x00", "ä", "ff" * 300, "g", "\x01", "(ab)", "\\# 4 00"]

BASE64 = ["", "AAAA", "AAA=", "AA==", "A===", "A", "AAAAA", "AA AA", "AA\tAA", "AA\nAA", "====", "AA-_", "AAAA!",
          "AAAA.", "A=AA", "AA=A", "=", "+/+/", "AAAA" * 200, "ä", "\\# 2 0000", "AAAA BBBB CC=="]

FIELDS = {
    "name": NAMES, "number": NUMBERS, "ipv4": ADDRESSES["A"], "ipv6": ADDRESSES["AAAA"], "text": TEXTS,
    "texts": TEXTS, "word": WORDS, "hex": HEX, "base64": BASE64,
}

GOOD = {"name": "host.example.net", "number": "1", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1",
        "text": '"x"', "texts": '"x" "y"', "word": "issue", "hex": "abcdef", "base64": "AAECAwQF"}

# What is judged.
LAYOUTS = {
    "A": "ipv4", "AAAA": "ipv6", "NS": "name", "CNAME": "name", "PTR": "name", "DNAME": "name",
    "MX": "number name", "SRV": "number number number name",
    "SOA": "name name number number number number number", "TXT": "texts", "SPF": "texts",
    "CAA": "number word texts", "DS": "number number number hex",
    "CDS": "number number number hex", "DLV": "number number number hex",
    "TLSA": "number number number hex", "SMIMEA": "number number number hex",
    "SSHFP": "number number hex", "ZONEMD": "number number number hex",
    "DNSKEY": "number number number base64", "CDNSKEY": "number number number base64",
    "KEY": "number number number base64", "RKEY": "number number number base64",
    "OPENPGPKEY": "base64", "DHCID": "base64", "NAPTR": "number number text text text name",
    "URI": "number number texts", "HINFO": "text text", "RP": "name name", "AFSDB": "number name",
    "KX": "number name", "LP": "number name", "L32": "number ipv4", "MB": "name", "MG": "name",
    "MR": "name", "MINFO": "name name", "ALIAS": "name",
}

BYTES = [b" ", b"\t", b"\r", b"\n", b"\x0b", b".", b",", b"\\", b'"', b"-", b":", b"(", b"0", b"1", b"9", b"a",
         b"f", b"g", b"Z", b"=", b"\x01", b"\x7f", b"\x80", b"\xff", b"#", b"\0"]


def edges(kind):
    """Each field's edge cases, all other fields good; fields missing, doubled, run together."""
    fields = LAYOUTS[kind].split()
    good = [GOOD[field] for field in fields]
    for place, field in enumerate(fields):
        for value in FIELDS[field]:
            yield " ".join(good[:place] + [value] + good[place + 1:])
    whole = " ".join(good)
    for length in range(len(good)):
        yield " ".join(good[:length])
    yield from ("".join(good), "\t".join(good), "  ".join(good), " " + whole, whole + " ", whole + "\t\n",
                "\r\n" + whole, whole + " x", whole + "x", whole + " ; x", whole + ",", "\\# 0",
                "\\# 4 c0000201", whole + "\x0b", "\x0b" + whole, "-", "?", "NULL", '""',
                " ".join(reversed(good)))


def mutate(random, content):
    """`content` with one to three small changes."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        place = random.randrange(len(content) + 1)
        choice = random.randrange(4)
        if choice == 0:
            content = content[:place] + random.choice(BYTES) + content[place:]
        elif choice == 1:
            content = content[:place] + content[place + 1:]
        elif choice == 2:
            content = content[:place] + random.choice(BYTES) + content[place + 1:]
        else:
            end = random.randrange(place, len(content) + 1)
            content = content[:place] + content[place:end] * 2 + content[end:]
    return content


def contents(random, kind, count):
    """The edge cases of a type, and `count` more: good ones, and mutated ones."""
    found = [content.encode("utf-8") for content in edges(kind)]
    seeds = list(found)
    if kind in record_types.CONTENTS:
        seeds += [record_types.content(random, kind, "bad.test").encode() for _ in range(20)]
    found += seeds[len(found):]
    while len(found) < len(seeds) + count:
        found.append(mutate(random, random.choice(seeds)))
    return list(dict.fromkeys(found))
