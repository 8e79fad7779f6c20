"""`pdns-aliasd relay` and a server for it that misbehaves."""

import json
import select
import socket
import subprocess
import threading
import time

from . import environment

TRUE = b'{"result":true}\n'


def request(method, **parameters):
    """A call as PowerDNS writes it."""
    return json.dumps({"method": method, "parameters": parameters}).encode() + b"\n"


class Relay:
    """The real one, driven by pipes as PowerDNS does it. `initialize`: the options that PowerDNS
    would have in its connection string; None: it says nothing."""

    def __init__(self, folder, path, *options, initialize=()):
        self.name = "relay"
        self.log_path = folder / "relay.log"
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(
                [str(word) for word in (environment.daemon_binary(), "relay", "--socket", path,
                                        *options)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, bufsize=0)
        self.buffer = b""
        if initialize is not None:
            assert self.exchange(request("initialize", **dict(initialize))) == TRUE

    def log(self):
        return self.log_path.read_text(encoding="utf-8")

    def send(self, data):
        sent = 0
        while sent < len(data):
            sent += self.child.stdin.write(data[sent:])

    def read_some(self, timeout=20.0):
        """b'' at the end, and where nothing comes in time."""
        if select.select([self.child.stdout], [], [], timeout * environment.SLACK)[0]:
            return self.child.stdout.read(1 << 20)
        raise TimeoutError(f"the relay answers nothing:\n{self.log()}")

    def read_line(self, timeout=20.0):
        """With its newline; what there is at the end."""
        parts = [self.buffer]
        while b"\n" not in parts[-1]:
            data = self.read_some(timeout)
            if not data:
                break
            parts.append(data)
        line, newline, self.buffer = b"".join(parts).partition(b"\n")
        return line + newline

    def exchange(self, line, timeout=20.0):
        self.send(line)
        return self.read_line(timeout)

    def call(self, method, **parameters):
        line = self.exchange(request(method, **parameters))
        assert line.endswith(b"\n"), f"the relay ended:\n{self.log()}"
        return json.loads(line)

    def timed_call(self, method, **parameters):
        start = time.monotonic()
        return self.call(method, **parameters), time.monotonic() - start

    def peak_memory(self):
        """Bytes."""
        with open(f"/proc/{self.child.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) << 10 for line in status
                        if line.startswith("VmHWM:"))

    def end(self):
        """Closes its standard input and returns its exit status."""
        self.child.stdin.close()
        return self.child.wait(10 * environment.SLACK)

    def kill(self):
        self.child.kill()

    def stop(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()


class FaultyServer:
    """Listens on a socket; each connection is served by `behave(connection)` in a thread of its
    own, and closed when that returns. What is heard is in `lines`."""

    def __init__(self, path, behave):
        self.name = "faulty server"
        self.path = path
        self.behave = behave
        self.lines = []
        self.connections = []
        self.ended = threading.Event()
        path.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                self.behave(Conversation(self, connection))
            except OSError:
                pass

    def log(self):
        return "".join(f"{line[:200]}\n" for line in self.lines)

    def methods(self):
        """Of all that was heard."""
        return [json.loads(line)["method"] for line in self.lines]

    def stop(self):
        self.ended.set()
        # close() alone leaves accept() waiting.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.path.unlink(missing_ok=True)
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Conversation:
    """One connection of a FaultyServer."""

    def __init__(self, server, connection):
        self.server = server
        self.connection = connection
        self.number = len(server.connections)
        self.buffer = b""

    def hear(self):
        """The next line; b'' at the end."""
        parts = [self.buffer]
        while b"\n" not in parts[-1]:
            data = self.connection.recv(1 << 20)
            if not data:
                return b""
            parts.append(data)
        line, _, self.buffer = b"".join(parts).partition(b"\n")
        self.server.lines.append(line)
        return line

    def say(self, data):
        self.connection.sendall(data)

    def answer_initialize(self):
        assert json.loads(self.hear())["method"] == "initialize"
        self.say(TRUE)

    def wait(self, seconds=60.0):
        """Silence, until the test is over."""
        self.server.ended.wait(seconds)
