"""DNS questions through dnspython and through dig."""

import subprocess

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.zone

from . import environment


def ask(address, port, name, kind="A", timeout=5.0, do=False, payload=1232, tcp=False, edns=True):
    """One question, no retry; dns.exception.Timeout if nothing comes. What another server sends late
    to a port that was somebody else's before doesn't count."""
    message = dns.message.make_query(name, kind, use_edns=0 if edns or do else -1,
                                     want_dnssec=do, payload=payload)
    endpoint = {"where": address, "port": port, "timeout": timeout * environment.SLACK}
    if tcp:
        return dns.query.tcp(message, **endpoint)
    return dns.query.udp(message, **endpoint, ignore_unexpected=True)


def ask_quickly(address, port, name, kind):
    """The response, or None if none comes at once: for polling a server that is just starting.
    (What comes late may arrive at a later question's port.)"""
    try:
        return ask(address, port, name, kind, timeout=0.05)
    except (dns.exception.Timeout, dns.query.BadResponse, OSError):
        return None


def rcode(response):
    return dns.rcode.to_text(response.rcode())


def addresses(response, strict=True):
    """The A and AAAA content of the answer section, sorted."""
    if strict:
        assert rcode(response) == "NOERROR", f"{rcode(response)}:\n{response}"
    elif rcode(response) != "NOERROR":
        return None
    return sorted(rdata.address for rrset in response.answer for rdata in rrset
                  if rdata.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA))


def section_types(section):
    return sorted(dns.rdatatype.to_text(rrset.rdtype) for rrset in section)


def answer_ttls(response, kind="A"):
    return {rrset.ttl for rrset in response.answer
            if dns.rdatatype.to_text(rrset.rdtype) == kind}


def is_nodata(response):
    """NOERROR, no answer, the zone's SOA in the authority section."""
    return (rcode(response) == "NOERROR" and not response.answer
            and section_types(response.authority) == ["SOA"])


def serial(address, port, zone):
    """The zone's serial number; None if the server doesn't answer with an SOA at once."""
    response = ask_quickly(address, port, zone, "SOA")
    if response is None or rcode(response) != "NOERROR":
        return None
    return answer_serial(response)


def answer_serial(response):
    return next((rdata.serial for rrset in response.answer for rdata in rrset
                 if rdata.rdtype == dns.rdatatype.SOA), None)


def transfer(address, port, zone, key=None):
    """The zone's records, as (owner, type, TTL, content), sorted, without the closing SOA.
    `key`: signed with it (lib.nameserver.Key)."""
    rows = []
    soas = 0
    signing = {"keyring": key.keyring(), "keyname": key.name} if key else {}
    for message in dns.query.xfr(address, zone, port=port, relativize=False, **signing,
                                 source=environment.own_address(),
                                 timeout=20 * environment.SLACK, lifetime=60 * environment.SLACK):
        for rrset in message.answer:
            for rdata in rrset:
                if rrset.rdtype == dns.rdatatype.SOA:
                    soas += 1
                    if soas > 1:
                        continue
                rows.append((rrset.name.to_text().lower(), dns.rdatatype.to_text(rrset.rdtype),
                             rrset.ttl, rdata.to_text()))
    assert soas == 2, f"transfer of {zone} ended early"
    return sorted(rows)


def dig(address, port, *words):
    """dig's output, as a user sees it."""
    return subprocess.run(["dig", f"@{address}", "-p", str(port), "+time=5", "+tries=1", *words],
                          capture_output=True, text=True, timeout=30 * environment.SLACK).stdout
