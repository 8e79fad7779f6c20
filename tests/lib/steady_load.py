"""Queries at a steady rate over UDP, each noted with the time that its answer took."""

import dataclasses
import selectors
import socket
import threading
import time

import dns.message
import dns.rcode

from . import environment


@dataclasses.dataclass
class Query:
    name: str
    sent: float
    took: float = None  # seconds; None: no answer
    rcode: str = None


class SteadyLoad(threading.Thread):
    """Asks `server` for each of `names` (name, type) once, `rate` a second, and waits up to
    `patience` seconds for what is left. start(), then finish() for the list of Query."""

    def __init__(self, server, names, rate, patience=4.0):
        super().__init__(daemon=True)
        self.endpoint = (server.address, server.port)
        self.names = list(names)
        self.rate = rate
        self.patience = patience * environment.SLACK
        self.queries = []
        self.left = 0
        # All encoded before the first is sent: that takes longer than sending.
        self.packets = [dns.message.make_query(name, kind, use_edns=-1, id=number).to_wire()
                        for number, (name, kind) in enumerate(self.names)]
        assert len(self.packets) < 65536

    def run(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client, \
                selectors.DefaultSelector() as selector:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            client.bind((environment.own_address(), 0))
            client.setblocking(False)
            selector.register(client, selectors.EVENT_READ)
            start = time.monotonic()
            for number, packet in enumerate(self.packets):
                self.receive_until(start + number / self.rate, client, selector)
                self.queries.append(Query(self.names[number][0], time.monotonic()))
                self.left += 1
                client.sendto(packet, self.endpoint)
            self.receive_until(time.monotonic() + self.patience, client, selector, ends_early=True)

    def receive_until(self, end, client, selector, ends_early=False):
        while not (ends_early and self.left == 0):
            wait = end - time.monotonic()
            if wait <= 0:
                return
            if selector.select(wait):
                self.take(client.recv(65535))

    def take(self, packet):
        query = self.queries[int.from_bytes(packet[:2], "big")]
        if query.took is None:
            query.took = time.monotonic() - query.sent
            query.rcode = dns.rcode.to_text(packet[3] & 15)
            self.left -= 1

    def finish(self):
        self.join()
        return self.queries


def lost(queries):
    return [query for query in queries if query.took is None]


def with_rcode(queries, rcode):
    return [query for query in queries if query.rcode == rcode]


def slower_than(queries, seconds):
    """Those that were answered."""
    return [query for query in queries if query.took is not None and query.took > seconds]
