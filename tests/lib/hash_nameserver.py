"""A name server that knows every name: its addresses are made from the name, so that an answer shows
which name was asked about."""

import hashlib
import socket
import threading

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from . import environment

TTL = 50000


def address_of(name, kind):
    """What it answers for a name (dns.name.Name, in any case)."""
    digest = hashlib.sha256(name.canonicalize().to_wire()).digest()
    if kind == "A":
        return f"198.51.{100 + digest[0] % 100}.{digest[1]}"
    return f"2001:db8:1{digest[0]:x}:1{digest[1]:x}::1{digest[2]:x}"


class HashNameserver:
    name = "hash-nameserver"

    def __init__(self):
        self.address = environment.own_address()
        self.port = environment.free_port()
        self.forward = f"{self.address}@{self.port}"
        self.asked = set()  # names as text, in lower case
        self.ttl = TTL
        self.refuse = False  # everything, from now on
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((self.address, self.port))
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.socket.sendto(b"", (self.address, self.port))
        self.thread.join()
        self.socket.close()

    kill = stop

    def log(self):
        return "\n".join(sorted(self.asked))

    def answer(self, query):
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        response = dns.message.make_response(query)
        self.asked.add(question.name.canonicalize().to_text(omit_final_dot=True))
        if self.refuse:
            response.set_rcode(dns.rcode.REFUSED)
        elif kind in ("A", "AAAA"):
            response.answer.append(dns.rrset.from_text(question.name, self.ttl, "IN", kind,
                                                       address_of(question.name, kind)))
        return response.to_wire()

    def run(self):
        while True:
            data, client = self.socket.recvfrom(65535)
            if not data:
                return
            self.socket.sendto(self.answer(dns.message.from_wire(data)), client)
