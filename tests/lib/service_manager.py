"""A stand-in for systemd, as far as descriptors go: it listens for the daemon, keeps descriptors that
the daemon sends (FDSTORE=1), and passes everything to each process that it starts. What it does
about names, duplicates and closed peers is what systemd 252 does."""

import array
import os
import select
import socket
import subprocess
import sys
import threading

from .aliasd import Aliasd

# Puts the descriptors named by its first argument to 3, 4, ... and becomes the daemon.
LAUNCHER = """
import fcntl, os, sys
high = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 1000) for fd in sys.argv[1].split(",") if fd]
for number, fd in enumerate(high, 3):
    os.dup2(fd, number)
    os.close(fd)
os.closerange(3 + len(high), 1000)
if high:
    os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""


class ServiceManager:
    def __init__(self, folder, limit=256):
        self.limit = limit
        self.listeners = []  # (socket, name)
        self.store = []      # (descriptor, name)
        self.messages = []   # all that was sent, without the descriptors
        self.lock = threading.Lock()
        self.path = folder / "notify.sock"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def listen(self, path, name="remote", kind=socket.SOCK_STREAM):
        listener = socket.socket(socket.AF_UNIX, kind)
        listener.bind(str(path))
        if kind == socket.SOCK_STREAM:
            listener.listen(128)
        self.listeners.append((listener, name))

    def names(self):
        """The names of what is stored."""
        self.handle_pending()
        with self.lock:
            return sorted(name for _, name in self.store)

    def run(self):
        while not self.ended.is_set():
            poll = select.poll()
            poll.register(self.socket, select.POLLIN)
            with self.lock:
                for fd, _ in self.store:
                    poll.register(fd, 0)
            poll.poll(20)
            self.handle_pending()

    def handle_pending(self):
        """Takes all messages that have come, then drops descriptors whose peer has gone."""
        with self.lock:
            while self.receive():
                pass
            poll = select.poll()
            for fd, _ in self.store:
                poll.register(fd, 0)
            gone = {fd for fd, _ in poll.poll(0)}
            self.drop(lambda fd, name: fd in gone)

    def receive(self):
        try:
            data, ancillary, _, _ = self.socket.recvmsg(8192, socket.CMSG_SPACE(16 * 4),
                                                        socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        fds = array.array("i")
        for level, kind, content in ancillary:
            assert (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)
            fds.frombytes(content)
        fields = dict(line.split("=", 1) for line in data.decode().splitlines())
        self.messages.append(fields)
        if "FDSTOREREMOVE" in fields:
            self.drop(lambda fd, name: name == fields["FDNAME"])
        for fd in fds:
            if fields.get("FDSTORE") != "1" or not self.add(fd, fields.get("FDNAME", "stored")):
                os.close(fd)
        return True

    def add(self, fd, name):
        """The same open file is stored once, under its first name."""
        if len(self.store) >= self.limit or any(os.path.sameopenfile(fd, other)
                                                for other, _ in self.store):
            return False
        self.store.append((fd, name))
        return True

    def drop(self, matches):
        for fd, name in [entry for entry in self.store if matches(*entry)]:
            os.close(fd)
            self.store.remove((fd, name))

    def start_process(self, arguments, env, **options):
        self.handle_pending()
        with self.lock:
            passed = [(listener.fileno(), name) for listener, name in self.listeners] + self.store
            environment = {**os.environ, "NOTIFY_SOCKET": str(self.path),
                           "FDSTORE": str(self.limit), **(env or {})}
            if passed:
                environment["LISTEN_FDS"] = str(len(passed))
                environment["LISTEN_FDNAMES"] = ":".join(name for _, name in passed)
            fds = [fd for fd, _ in passed]
            return subprocess.Popen(
                [sys.executable, "-SEc", LAUNCHER, ",".join(map(str, fds)), *arguments],
                stdin=subprocess.DEVNULL, pass_fds=fds, env=environment, **options)

    def stop(self):
        self.ended.set()
        self.thread.join()
        self.drop(lambda fd, name: True)
        for listener, _ in self.listeners:
            listener.close()
        self.socket.close()


class ManagedAliasd(Aliasd):
    """A daemon that a ServiceManager starts."""

    def __init__(self, manager, *words, **settings):
        super().__init__(*words, **settings)
        self.manager = manager

    def spawn(self, arguments, env=None):
        assert not self.is_running(), f"{self.name} runs already"
        with open(self.log_path, "ab") as log:
            self.log_start = log.tell()
            self.child = self.manager.start_process([str(word) for word in arguments], env,
                                                    stdout=log, stderr=log, cwd=self.folder)
