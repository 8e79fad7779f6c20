"""A client of the daemon's socket that talks as PowerDNS's unix connector does."""

import json
import socket

from . import environment


class Session:
    def __init__(self, path, initialize=True, timeout=10.0, **options):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout * environment.SLACK)
        self.socket.connect(str(path))
        self.buffer = b""
        if initialize:
            parameters = {"path": str(path), "timeout": "2000", **options}
            assert self.call("initialize", **parameters)["result"] is True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send_bytes(self, data):
        self.socket.sendall(data)

    def read_line(self):
        """One line without its newline; b'' when the daemon has closed the connection."""
        while b"\n" not in self.buffer:
            try:
                data = self.socket.recv(1 << 20)
            except ConnectionResetError:
                data = b""
            if not data:
                rest, self.buffer = self.buffer, b""
                return rest
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def is_closed(self):
        return self.read_line() == b""

    def is_closed_soon(self):
        """Whether the daemon closes the connection within a short time."""
        self.socket.settimeout(0.2 * environment.SLACK)
        try:
            return self.is_closed()
        except TimeoutError:
            return False

    def exchange(self, line):
        """Sends the bytes and a newline, returns the reply decoded (bytes above 127 as Latin-1)."""
        self.send_bytes(line + b"\n")
        return self.read_reply()

    def read_reply(self):
        line = self.read_line()
        assert line, "the connection was closed"
        return json.loads(line.decode("latin-1"))

    def call(self, method, **parameters):
        line = json.dumps({"method": method, "parameters": parameters})
        return self.exchange(line.encode())

    def result(self, method, **parameters):
        reply = self.call(method, **parameters)
        assert "result" in reply, f"{method} was answered without result: {reply}"
        return reply["result"]

    def lookup(self, qname, qtype="ANY", zone_id=-1, **more):
        """What PowerDNS asks; returns the whole reply."""
        name = qname if qname.endswith(".") else qname + "."
        parameters = {"qtype": qtype, "qname": name, "remote": "127.0.0.1", "local": "0.0.0.0",
                      "real-remote": "127.0.0.1/32", "zone-id": zone_id, **more}
        return self.call("lookup", **parameters)

    def records(self, qname, qtype="ANY", zone_id=-1):
        """The rows of a lookup as a sorted list of (type, content)."""
        reply = self.lookup(qname, qtype, zone_id)
        assert isinstance(reply.get("result"), list), f"lookup of {qname}: {reply}"
        return sorted((row["qtype"], row["content"]) for row in reply["result"])


def message_of(reply):
    """The text of an error reply, which must have no result."""
    assert reply.get("result") is None and "log" in reply, f"not an error reply: {reply}"
    return " ".join(reply["log"])
