"""Validation of signed answers by delv, from a zone's own trust anchor."""

import subprocess

import dns.rdatatype

from . import environment, query


class Validator:
    """Of a zone, with the keys that `server` serves now."""

    def __init__(self, folder, server, zone):
        self.zone = zone
        self.anchors = folder / f"{zone}.anchors"
        response = query.ask(server.address, server.port, zone, "DNSKEY", tcp=True)
        lines = []
        for rrset in response.answer:
            for rdata in rrset:
                if rdata.rdtype == dns.rdatatype.DNSKEY and rdata.flags & 1:
                    flags, protocol, algorithm, key = rdata.to_text().split(None, 3)
                    lines.append(f'  "{zone}." static-key {flags} {protocol} {algorithm} '
                                 f'"{key.replace(" ", "")}";')
        assert lines, f"{zone} has no key to trust:\n{response}"
        self.anchors.write_text("trust-anchors {\n" + "\n".join(lines) + "\n};\n")

    def verdict(self, server, name, kind):
        """delv's own words about the answer, such as 'fully validated'."""
        done = subprocess.run(
            ["delv", f"@{server.address}", "-p", str(server.port), "-a", str(self.anchors),
             f"+root={self.zone}", name, kind],
            capture_output=True, text=True, timeout=30 * environment.SLACK)
        # Comments further down show what a denial consists of.
        verdict = next((line[2:] for line in done.stdout.splitlines() if line.startswith("; ")), "")
        return verdict or done.stdout + done.stderr

    def assert_valid(self, server, name, kind, negative=None, is_secure=True):
        """`negative`: "nxdomain" or "nxrrset". `is_secure`: false where the proof needs NSEC3
        records with opt-out, which delv minds in positive answers only."""
        verdict = self.verdict(server, name, kind)
        expected = ("negative response, fully validated" if negative else
                    "fully validated" if is_secure else "unsigned answer")
        assert verdict == expected, f"{name} {kind}: {verdict}"
        if negative:
            code = query.rcode(server.ask(name, kind))
            assert code == {"nxdomain": "NXDOMAIN", "nxrrset": "NOERROR"}[negative]
