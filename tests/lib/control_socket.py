"""A stand-in for PowerDNS's control socket: it writes down what it is told."""

import socket
import threading
import time


class ControlSocket:
    """`lines`: (when, line), steady seconds. `answers`: what is answered, by the first word."""

    def __init__(self, path):
        self.path = path
        self.lines = []
        self.answers = {"PURGE": "1", "NOTIFY": "Added to queue"}
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(str(path))
        self.socket.listen(16)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as file:
                line = file.readline().decode().strip()
                if line:
                    self.lines.append((time.monotonic(), line))
                    connection.sendall(self.answers.get(line.split()[0], "?").encode())

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()

    def clear(self):
        self.lines.clear()

    def purged(self):
        """The names that were to be forgotten, those with a `$` with all below them."""
        return {word for _, line in list(self.lines) if line.startswith("PURGE ")
                for word in line.split()[1:]}

    def notified(self):
        """The zones, in the order in which they were to be notified."""
        return [line.split()[1] for _, line in list(self.lines) if line.startswith("NOTIFY ")]
