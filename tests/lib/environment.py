"""Where the run's things are: the built daemon, addresses, ports, waiting."""

import os
import random
import secrets
import shutil
import socket
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]

# Sanitized builds run several times slower: limits that only guard against hanging are stretched.
SLACK = float(os.environ.get("ALIASD_TEST_SLACK", "1"))

# Of all that goes by chance; a test that fails says it, so that the run can be repeated.
SEED = int(os.environ.get("ORACLE_SEED", secrets.randbelow(1 << 32)))

# Below the kernel's range for outgoing connections, so that no connect() takes a server's port.
FIRST_PORT, LAST_PORT = 12000, 30000


def build_folder():
    return Path(os.environ.get("ALIASD_BUILD", SOURCE / "build")).resolve()


def daemon_binary():
    binary = build_folder() / "src" / "pdns-aliasd"
    if not binary.exists():
        raise FileNotFoundError(f"{binary} is not built: run tests/run, or set ALIASD_BUILD")
    return binary


def schema_file():
    return SOURCE / "sql" / "schema.sql"


def own_address(number=0):
    """A loopback address of this process's own, so that runs side by side share no port. It has
    several: from 0 to 3 (a process id has 22 bits at most)."""
    pid = os.getpid()
    return f"127.{1 + 64 * number + (pid >> 16) % 64}.{(pid >> 8) % 256}.{1 + pid % 254}"


_next_port = random.randrange(FIRST_PORT, LAST_PORT)


def free_port(address=None):
    """A port of own_address(), or another one, that is free for UDP and TCP, never given out twice
    in a row."""
    global _next_port
    for _ in range(LAST_PORT - FIRST_PORT):
        _next_port = _next_port + 1 if _next_port < LAST_PORT else FIRST_PORT
        try:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind((address or own_address(), _next_port))
            return _next_port
        except OSError:
            continue
    raise RuntimeError("no free port")


def report(line):
    """A figure that the run is to show, also where tests run in several processes: tests/run prints
    them at its end."""
    path = os.environ.get("ALIASD_FIGURES")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")
    else:
        print(line)


def make_folder():
    """A temporary folder with a short path: a Unix socket's is limited to 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="aliasd-"))
    folder.chmod(0o755)
    return folder


def remove_folder(folder):
    shutil.rmtree(folder, ignore_errors=True)


def wait_until(condition, timeout=10.0, what="condition", interval=0.01):
    """Polls until condition() is true and returns what it gave; fails after `timeout` seconds."""
    end = time.monotonic() + timeout * SLACK
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout * SLACK:.1f} s in vain for: {what}")
        time.sleep(interval)
