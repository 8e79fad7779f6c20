"""How long lookups take, sent straight to the socket at an even rate, while another session lists a
large zone again and again; beside the same with nothing else to do."""

import json
import socket
import threading
import time

from lib.aliasd import Aliasd

from harness import NAMES, ZONE, alternate, make_bench_zone, memory, running
from scale_db import add_large_zone

RATE = 1000
SESSIONS = 4
LARGE = "large.example"
IDLE, LISTING = "idle", "while a zone is listed"


class Lister(threading.Thread):
    """Lists the zone until stopped. What it reads it throws away, to take no more of the processors
    than it must."""

    def __init__(self, path, zone, number):
        super().__init__(daemon=True)
        self.request = json.dumps({"method": "list", "parameters": {
            "zonename": f"{zone}.", "domain_id": number, "include_disabled": False}}).encode()
        self.path = path
        self.is_ending = threading.Event()
        self.buffer = memoryview(bytearray(1 << 20))
        self.bytes = 0

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self.path))
        connection.sendall(b'{"method": "initialize", "parameters": {}}\n')
        connection.recv_into(self.buffer)
        return connection

    def list(self, connection):
        """In the middle of a list it ends if it is to."""
        connection.sendall(self.request + b"\n")
        while not self.is_ending.is_set():
            size = connection.recv_into(self.buffer)
            assert size, "the daemon closed the connection"
            self.bytes += size
            if self.buffer[size - 1] == 10:
                return

    def run(self):
        with self.connect() as connection:
            while not self.is_ending.is_set():
                self.list(connection)

    def stop(self):
        self.is_ending.set()
        self.join()


def time_of_list(daemon, number):
    """Seconds."""
    lister = Lister(daemon.socket, LARGE, number)
    with lister.connect() as connection:
        begin = time.monotonic()
        lister.list(connection)
        return time.monotonic() - begin


def run(bench):
    count = 100000 if bench.quick else 1000000
    folder = bench.make_folder("p99")
    db = make_bench_zone(folder)
    large = add_large_zone(db, LARGE, count)
    daemon = Aliasd(folder, db.path, fallback_db="", refresh_idle=0, loglevel=5)
    names = bench.names("p99", [(f"n{i}.{ZONE}", 1) for i in range(NAMES)])
    worst = {}

    def measure(state, warm):
        lister = Lister(daemon.socket, LARGE, large)
        if state == LISTING:
            lister.start()
        try:
            measured = bench.lookups(f"p99 {state}", daemon.socket, names, SESSIONS,
                                     bench.seconds, RATE)
        finally:
            if state == LISTING:
                lister.stop()
        if not warm:
            worst[state] = max(worst.get(state, 0), measured["worst"])
            assert state == IDLE or lister.bytes, "nothing was listed"
        return measured["p99"]

    with running(daemon):
        db.wait_until_in_order(timeout=300)
        bench.report(f"one list of {count:,} records", time_of_list(daemon, large), "s")
        values = alternate({LISTING: LISTING, IDLE: IDLE}, measure, bench.rounds)
        bench.report(f"memory at most, with lists of {count:,} records",
                     memory(daemon, "VmHWM") / 1024, "MiB")
    bench.compare(f"p99 of lookups, {RATE:,} a second, while {count:,} records are listed", values,
                  "us", {IDLE: {"bar": 2.0, "at_most": True}})
    for state, figure in worst.items():
        bench.report(f"slowest lookup, {state}", figure / 1000, "ms")
