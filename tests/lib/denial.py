"""What the NSEC and NSEC3 records in a response say."""

import dns.dnssec
import dns.name
import dns.rdatatype

DENIALS = (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)


def bitmap(rdata):
    """The types that an NSEC or NSEC3 lists, by their names."""
    return {dns.rdatatype.to_text(window * 256 + byte * 8 + bit)
            for window, octets in rdata.windows for byte, octet in enumerate(octets)
            for bit in range(8) if octet & (0x80 >> bit)}


def is_of(name, rrset, rdata):
    """Whether the record is the one that belongs to `name`, rather than one that covers it."""
    if rdata.rdtype == dns.rdatatype.NSEC:
        return rrset.name == name
    digest = dns.dnssec.nsec3_hash(name, rdata.salt, rdata.iterations, rdata.algorithm)
    return rrset.name.labels[0].decode().upper() == digest


def types_at(response, name):
    """The types that the response's denial says are at `name`; None if it doesn't speak of it."""
    name = dns.name.from_text(name)
    return next((bitmap(rdata) for rrset in response.authority if rrset.rdtype in DENIALS
                 for rdata in rrset if is_of(name, rrset, rdata)), None)
