"""A relay before a primary name server, in whose transfers something happens in the middle."""

import socket
import threading


class TransferRelay:
    """Relays UDP, and TCP connections: when `limit` bytes have come back on one, `at_limit()` is
    called and the connection ended without the rest. `limit` None: nothing is cut."""

    def __init__(self, address, port, target, limit=None, at_limit=lambda: None):
        self.target = target
        self.limit = limit
        self.at_limit = at_limit
        self.cuts = 0
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, port))
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address, port))
        self.listener.listen(16)
        for loop in (self.relay_datagrams, self.accept):
            threading.Thread(target=loop, daemon=True).start()

    def close(self):
        for each in (self.udp, self.listener):
            try:
                # Wakes the thread that waits in it, which close() alone doesn't.
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()

    def relay_datagrams(self):
        while True:
            try:
                question, client = self.udp.recvfrom(65535)
            except OSError:
                return
            if not question:
                return
            try:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
                    upstream.settimeout(2)
                    upstream.connect(self.target)
                    upstream.send(question)
                    self.udp.sendto(upstream.recv(65535), client)
            except OSError:
                continue  # the primary is down: its client hears nothing

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client:
            try:
                with socket.create_connection(self.target, timeout=10) as upstream:
                    upstream.sendall(client.recv(65535))
                    self.relay_answer(upstream, client)
            except OSError:
                return

    def relay_answer(self, upstream, client):
        rest = self.limit
        while data := upstream.recv(65535 if rest is None else min(rest, 65535)):
            client.sendall(data)
            if rest is None:
                continue
            rest -= len(data)
            if rest == 0:
                self.at_limit()
                self.cuts += 1
                return
