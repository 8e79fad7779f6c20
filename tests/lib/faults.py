"""A relay in front of a real resolver that can delay, drop and count questions."""

import heapq
import itertools
import selectors
import socket
import struct
import threading
import time
from collections import Counter

import dns.message
import dns.rdatatype

DROP = object()


class FaultRelay:
    """Relays UDP and TCP from `port` to (address, target_port). A rule is (suffix, fault): the
    fault is DROP or a delay in seconds, for names that end in the suffix; the last match counts."""

    def __init__(self, address, port, target_port):
        self.target = (address, target_port)
        self.lock = threading.Lock()
        self.rules = []
        self.counts = Counter()
        self.delayed = []
        self.order = itertools.count()
        self.ended = False
        self.selector = selectors.DefaultSelector()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.udp.bind((address, port))
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address, port))
        self.listener.listen(64)
        self.selector.register(self.udp, selectors.EVENT_READ, self.take_question)
        self.selector.register(self.listener, selectors.EVENT_READ, self.take_connection)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    # Called by tests

    def set_fault(self, suffix, fault):
        with self.lock:
            self.rules.append((suffix.rstrip(".") + ".", fault))

    def clear_faults(self):
        with self.lock:
            self.rules.clear()

    def count(self, name=None, kind=None):
        """Questions that came so far, of a name (without its last dot) and a type, or of all."""
        with self.lock:
            return sum(count for (asked, asked_kind), count in self.counts.items()
                       if name in (None, asked) and kind in (None, asked_kind))

    def close(self):
        self.ended = True
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()

    # The relay's own thread

    def run(self):
        while not self.ended:
            timeout = 0.05
            if self.delayed:
                timeout = max(0.0, min(timeout, self.delayed[0][0] - time.monotonic()))
            for key, _ in self.selector.select(timeout):
                key.data(key.fileobj)
            while self.delayed and self.delayed[0][0] <= time.monotonic():
                heapq.heappop(self.delayed)[2]()

    def fault_for(self, question):
        try:
            asked = dns.message.from_wire(question, ignore_trailing=True).question[0]
        except Exception:
            return 0
        name = asked.name.to_text().lower()
        fault = 0
        with self.lock:
            self.counts[(name.rstrip("."), dns.rdatatype.to_text(asked.rdtype))] += 1
            for suffix, rule in self.rules:
                if suffix == "." or name == suffix or name.endswith("." + suffix):
                    fault = rule
        return fault

    def later(self, delay, action):
        heapq.heappush(self.delayed, (time.monotonic() + delay, next(self.order), action))

    def take_question(self, _):
        question, client = self.udp.recvfrom(65535)
        fault = self.fault_for(question)
        if fault is not DROP:
            self.later(fault, lambda: self.forward(question, client))

    def forward(self, question, client):
        upstream = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        upstream.connect(self.target)
        upstream.send(question)

        def answer(_):
            self.selector.unregister(upstream)
            try:
                self.udp.sendto(upstream.recv(65535), client)
            except OSError:
                pass  # The resolver behind is down: so is the relay, to its clients.
            upstream.close()

        self.selector.register(upstream, selectors.EVENT_READ, answer)

    def take_connection(self, _):
        client, _ = self.listener.accept()
        threading.Thread(target=self.serve_connection, args=(client,), daemon=True).start()

    def serve_connection(self, client):
        with client:
            client.settimeout(10)
            try:
                while True:
                    size = client.recv(2, socket.MSG_WAITALL)
                    if len(size) < 2:
                        return
                    question = client.recv(struct.unpack("!H", size)[0], socket.MSG_WAITALL)
                    fault = self.fault_for(question)
                    if fault is DROP:
                        continue
                    time.sleep(fault)
                    with socket.create_connection(self.target, timeout=10) as upstream:
                        upstream.sendall(size + question)
                        length = upstream.recv(2, socket.MSG_WAITALL)
                        answer = upstream.recv(struct.unpack("!H", length)[0],
                                               socket.MSG_WAITALL)
                    client.sendall(length + answer)
            except (OSError, struct.error):
                return
