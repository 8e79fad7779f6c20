"""Thousands of DNS questions in seconds: bytes out, bytes in, many under way at a time."""

import selectors
import socket
import struct
import threading

from . import environment, wire

WINDOW = 48
# A PowerDNS that is busy drops what has waited for 1.5 s: asked again, as clients do.
TRIES = 3
PATIENCE = 2.5


class _Datagrams:
    """Questions over UDP, each with its place in the list as its ID."""

    def __init__(self, server, questions):
        self.questions = questions
        self.lost = set()
        self.answers = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.connect((server.address, server.port))
        self.socket.setblocking(False)

    def receive(self, waiting):
        while True:
            try:
                answer = self.socket.recv(65535)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue
            place = struct.unpack("!H", answer[:2])[0]
            if place in waiting:
                waiting.discard(place)
                self.answers[place] = answer

    def round(self, places):
        """Asks all of them once; what isn't answered stays in the set that is returned."""
        waiting = set()
        left = iter(places)
        selector = selectors.DefaultSelector()
        selector.register(self.socket, selectors.EVENT_READ)
        is_over = False
        while not is_over or waiting:
            while len(waiting) < WINDOW and not is_over:
                place = next(left, None)
                is_over = place is None
                if not is_over:
                    waiting.add(place)
                    self.socket.send(struct.pack("!H", place) + self.questions[place][2:])
            if waiting and not selector.select(PATIENCE * environment.SLACK):
                if is_over:
                    break
                # The oldest of the window are lost: make room for others, ask them again later.
                self.lost |= waiting
                waiting.clear()
            self.receive(waiting)
        self.lost |= waiting

    def ask(self):
        places = range(len(self.questions))
        for _ in range(TRIES):
            self.lost = set()
            self.round(places)
            places = sorted(self.lost)
            if not places:
                break
        self.socket.close()
        return [self.answers.get(place) for place in range(len(self.questions))]


def _over_tcp(server, questions):
    """One after the other on one connection, which is made anew where the server closes it."""
    answers = []
    connection = None
    for question in questions:
        answer = None
        for _ in range(TRIES):
            try:
                if connection is None:
                    connection = socket.create_connection((server.address, server.port),
                                                          PATIENCE * environment.SLACK)
                answer = wire.over_tcp(connection, question)
                break
            except OSError:
                if connection is not None:
                    connection.close()
                connection = None
        answers.append(answer)
    if connection is not None:
        connection.close()
    return answers


def ask_all(server, questions):
    """The answers to questions of (bytes, is over TCP?), in their order; None where none came. IDs
    are not kept."""
    found = [None] * len(questions)

    def run(is_tcp):
        places = [place for place, question in enumerate(questions) if question[1] == is_tcp]
        # IDs have 16 bits.
        for start in range(0, len(places), 60000):
            part = places[start:start + 60000]
            messages = [questions[place][0] for place in part]
            answers = (_over_tcp(server, messages) if is_tcp
                       else _Datagrams(server, messages).ask())
            for place, answer in zip(part, answers):
                found[place] = answer and b"\0\0" + answer[2:]

    threads = [threading.Thread(target=run, args=(is_tcp,)) for is_tcp in (False, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def ask_both(one, other, questions):
    """ask_all() of two servers at the same time."""
    answers = {}
    threads = [threading.Thread(target=lambda server=server: answers.__setitem__(
        server, ask_all(server, questions))) for server in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers[one], answers[other]
