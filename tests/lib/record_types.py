"""Contents for every type of data that PowerDNS 4.7 knows (pdns/qtype.cc), such that it parses them.

Left out: ALIAS, which the daemon expands and gsqlite3 doesn't, and what is no data (OPT, TKEY, TSIG,
IXFR, AXFR, MAILA, MAILB, ANY)."""

import base64


def binary(random, least, most):
    return bytes(random.randrange(256) for _ in range(random.randint(least, most)))


def base64_text(random, least=8, most=90):
    return base64.b64encode(binary(random, least, most)).decode()


def hex_text(random, least=4, most=40):
    return binary(random, least, most).hex()


def ipv4(random):
    return f"203.0.113.{random.randrange(256)}"


def ipv6(random):
    return f"2001:db8::{random.randrange(1 << 16):x}"


def host(random, zone):
    return random.choice((f"mail.{zone}", f"ns1.{zone}", f"a.b.{zone}", "www.elsewhere.example",
                          f"*.{zone}", zone, "plain.test", f"under_score.{zone}",
                          f"a\\.dot.{zone}", f"\\001\\200.{zone}"))


def word(random):
    return "".join(random.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in
                   range(random.randrange(1, 15)))


def text(random):
    """Character strings, among them long ones, empty ones, quotes and bytes of all values."""
    return " ".join('"' + random.choice((
        word(random), "", "", "x" * random.choice((200, 255)), "a;b\\\"c\\\\d", "two words",
        "".join(f"\\{byte:03d}" for byte in binary(random, 1, 40)), "v=spf1 -all")) + '"'
        for _ in range(random.choice((1, 1, 2, 5, 12))))


def loc(random, zone):
    return (f"{random.randrange(90)} {random.randrange(60)} {random.randrange(59)}.000 "
            f"{random.choice('NS')} {random.randrange(180)} {random.randrange(60)} 30.500 "
            f"{random.choice('EW')} {random.randrange(9000)}.00m 1.00m 10000.00m 10.00m")


def ipseckey(random, zone):
    kind, gateway = random.choice(((0, "."), (1, ipv4(random)), (2, ipv6(random)),
                                   (3, "gw.elsewhere.example.")))
    return f"{random.randrange(256)} {kind} 2 " + (
        "" if kind == 0 else gateway + " ") + base64_text(random)


def digest(random, zone):
    return f"{random.randrange(65536)} 13 2 {hex_text(random, 32, 32)}"


def dnskey(random, zone, flags=(256, 257)):
    return f"{random.choice(flags)} 3 13 {base64_text(random, 64, 64)}"


def certificate_association(random, zone):
    return (f"{random.randrange(4)} {random.randrange(2)} {random.randrange(3)} "
            f"{hex_text(random, 32, 64)}")


def service_binding(random, zone):
    return random.choice((
        "1 . alpn=h2,h3", f"0 {host(random, zone)}.", f"16 {host(random, zone)}. port=8443",
        "1 . ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1", "2 . no-default-alpn alpn=h2",
        f"3 . mandatory=alpn alpn=h2 key65333={word(random)}"))


def signature(random, zone):
    return (f"A 13 2 300 20301231235959 20200101000000 {random.randrange(65536)} {zone}. "
            f"{base64_text(random, 64, 64)}")


def locator(random):
    return ":".join(f"{random.randrange(65536):04x}" for _ in range(4))


# What stands at a name alone is made by the random zone itself.
ALONE = ("CNAME", "DNAME", "NS", "SOA")

CONTENTS = {
    "A": lambda random, zone: ipv4(random),
    "MB": host,
    "MG": host,
    "MR": host,
    "PTR": host,
    "HINFO": lambda random, zone: f'"{word(random)}" "{word(random)}"',
    "MINFO": lambda random, zone: f"{host(random, zone)} {host(random, zone)}",
    "MX": lambda random, zone: f"{random.randrange(100)} {host(random, zone)}",
    "TXT": lambda random, zone: text(random),
    "RP": lambda random, zone: f"{host(random, zone)} {host(random, zone)}",
    "AFSDB": lambda random, zone: f"{random.randrange(3)} {host(random, zone)}",
    "SIG": lambda random, zone: f"\\# 20 {hex_text(random, 20, 20)}",
    "KEY": dnskey,
    "AAAA": lambda random, zone: ipv6(random),
    "LOC": loc,
    "SRV": lambda random, zone: f"{random.randrange(9)} 5 {random.randrange(65536)} "
                                f"{host(random, zone)}",
    "NAPTR": lambda random, zone: f'{random.randrange(99)} 10 "u" "E2U+sip" '
                                  f'"!^.*$!sip:{word(random)}@b.example!" .',
    "KX": lambda random, zone: f"{random.randrange(99)} {host(random, zone)}",
    "CERT": lambda random, zone: f"{random.randint(1, 9)} 2 3 {base64_text(random)}",
    "A6": lambda random, zone: f"\\# 17 00{hex_text(random, 16, 16)}",
    "APL": lambda random, zone: random.choice((
        "1:192.0.2.0/24", "!1:192.0.2.64/28 2:2001:db8::/32", "1:0.0.0.0/0", "2:fe80::1/128")),
    "DS": digest,
    "SSHFP": lambda random, zone: f"{random.randint(1, 4)} 2 {hex_text(random, 32, 32)}",
    "IPSECKEY": ipseckey,
    "RRSIG": signature,
    "NSEC": lambda random, zone: f"x.{zone}. A MX RRSIG NSEC TYPE1234",
    "DNSKEY": dnskey,
    "DHCID": lambda random, zone: base64_text(random, 35, 35),
    "NSEC3": lambda random, zone: "1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG",
    "NSEC3PARAM": lambda random, zone: "1 0 0 -",
    "TLSA": certificate_association,
    "SMIMEA": certificate_association,
    "RKEY": lambda random, zone: dnskey(random, zone, (0,)),
    "CDS": digest,
    "CDNSKEY": dnskey,
    "OPENPGPKEY": lambda random, zone: base64_text(random, 60, 400),
    "CSYNC": lambda random, zone: f"{random.randrange(9999)} 3 A NS AAAA",
    "ZONEMD": lambda random, zone: f"{random.randrange(9999)} 1 1 {hex_text(random, 48, 48)}",
    "SVCB": service_binding,
    "HTTPS": service_binding,
    "SPF": lambda random, zone: text(random),
    "NID": lambda random, zone: f"10 {locator(random)}",
    "L32": lambda random, zone: f"10 {ipv4(random)}",
    "L64": lambda random, zone: f"10 {locator(random)}",
    "LP": lambda random, zone: f"10 {host(random, zone)}",
    "EUI48": lambda random, zone: "-".join(f"{byte:02x}" for byte in binary(random, 6, 6)),
    "EUI64": lambda random, zone: "-".join(f"{byte:02x}" for byte in binary(random, 8, 8)),
    "URI": lambda random, zone: f'{random.randrange(99)} 1 "https://{word(random)}.example/"',
    "CAA": lambda random, zone: f'{random.choice((0, 128))} issue "{word(random)}.example"',
    "DLV": digest,
    "ADDR": lambda random, zone: f"\\# 4 {hex_text(random, 4, 4)}",
    "LUA": lambda random, zone: f"A \"'{ipv4(random)}'\"",
    # None that it knows: RFC 3597.
    "TYPE65280": lambda random, zone: f"\\# 3 {hex_text(random, 3, 3)}",
    "TYPE1234": lambda random, zone: "\\# 0",
}


def content(random, kind, zone):
    return CONTENTS[kind](random, zone)
