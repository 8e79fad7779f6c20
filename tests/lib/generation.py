"""Which PowerDNS is tested: the installed one, or that of another Debian release from a folder (see
pdns-folder), and where the generations differ for whoever runs them.

The folder's programs are started by its own loader with its own libraries, not by chroot: no mounts
to clean up, no privileges, and both sides see the same temporary folders. What they would read of
the host beside that is named for them: modules (`module-dir` in the configuration, which is ours
too), and OpenSSL's configuration and modules."""

import contextlib
import functools
import os
import pty
import re
import subprocess
import tty
from pathlib import Path

from . import environment

PROGRAMS = {"pdns_server": "usr/sbin", "pdns_control": "usr/bin", "pdnsutil": "usr/bin",
            "sdig": "usr/bin"}

# The names of pdnsutil's commands before 5.0, and since then. 5.1 still understands the old ones
# without a word; so that both are run, tests say the old ones and 5.x gets the new ones.
OBJECT_VERB = {
    "activate-tsig-key": ("tsigkey", "activate"), "deactivate-tsig-key": ("tsigkey", "deactivate"),
    "delete-tsig-key": ("tsigkey", "delete"), "generate-tsig-key": ("tsigkey", "generate"),
    "import-tsig-key": ("tsigkey", "import"), "list-tsig-keys": ("tsigkey", "list"),
    "activate-zone-key": ("zone", "activate-key"), "add-zone-key": ("zone", "add-key"),
    "deactivate-zone-key": ("zone", "deactivate-key"),
    "export-zone-dnskey": ("zone", "export-dnskey"), "export-zone-ds": ("zone", "export-ds"),
    "export-zone-key": ("zone", "export-key"), "export-zone-key-pem": ("zone", "export-key-pem"),
    "import-zone-key": ("zone", "import-key"), "import-zone-key-pem": ("zone", "import-key-pem"),
    "publish-zone-key": ("zone", "publish-key"), "remove-zone-key": ("zone", "remove-key"),
    "unpublish-zone-key": ("zone", "unpublish-key"), "check-zone": ("zone", "check"),
    "clear-zone": ("zone", "clear"), "create-zone": ("zone", "create"),
    "change-secondary-zone-primary": ("zone", "change-primary"),
    "create-secondary-zone": ("zone", "create-secondary"), "delete-zone": ("zone", "delete"),
    "disable-dnssec": ("zone", "dnssec-disable"), "edit-zone": ("zone", "edit"),
    "increase-serial": ("zone", "increase-serial"), "list-all-zones": ("zone", "list-all"),
    "list-keys": ("zone", "list-keys"), "list-zone": ("zone", "list"),
    "load-zone": ("zone", "load"),
    "rectify-all-zones": ("zone", "rectify-all"), "rectify-zone": ("zone", "rectify"),
    "secure-zone": ("zone", "secure"), "set-account": ("zone", "set-account"),
    "set-kind": ("zone", "set-kind"), "set-nsec3": ("zone", "set-nsec3"),
    "set-presigned": ("zone", "set-presigned"), "show-zone": ("zone", "show"),
    "unset-nsec3": ("zone", "unset-nsec3"), "unset-presigned": ("zone", "unset-presigned"),
    "set-catalog": ("catalog", "set"), "add-autoprimary": ("autoprimary", "add"),
    "add-meta": ("metadata", "add"), "get-meta": ("metadata", "get"),
    "set-meta": ("metadata", "set"), "add-record": ("rrset", "add"),
    "delete-rrset": ("rrset", "delete"), "replace-rrset": ("rrset", "replace"),
}


@contextlib.contextmanager
def terminal(typed):
    ours, its = pty.openpty()
    try:
        # Without lines to be ended, and without an echo.
        tty.setraw(its)
        os.write(ours, typed.encode())
        yield its
    finally:
        os.close(its)
        os.close(ours)


class Generation:
    """`root`: the folder; None for the installed PowerDNS."""

    def __init__(self, root=None):
        self.root = root
        self.libraries = root and next(root.glob("usr/lib/*-linux-gnu"))
        self.loader = root and next(path for pattern in ("lib64", "lib")
                                    for path in root.glob(f"{pattern}/ld-linux*.so.*"))

    def command(self, program, *words):
        if not self.root:
            return [program, *words]
        return [self.loader, "--inhibit-cache", "--library-path", self.libraries,
                self.root / PROGRAMS[program] / program, *words]

    def environment(self):
        """What is to be added to the environment."""
        if not self.root:
            return {}
        return {"OPENSSL_CONF": str(self.root / "etc/ssl/openssl.cnf"),
                "OPENSSL_MODULES": str(self.libraries / "ossl-modules")}

    def settings(self):
        """What every pdns.conf needs."""
        return {"module-dir": self.libraries / "pdns"} if self.root else {}

    @functools.cached_property
    def version(self):
        """(4, 9, 17)"""
        done = self.run("pdns_server", "--config-dir=/nonexistent", "--version")
        match = re.search(r"Server (\d+)\.(\d+)\.(\d+)", done.stdout + done.stderr)
        assert match, f"no version in: {done.stdout}{done.stderr}"
        return tuple(int(number) for number in match.groups())

    def run(self, program, *words, timeout=60, typed=None, env=None):
        """`typed`: it runs on a terminal, on which this was typed."""
        with contextlib.ExitStack() as stack:
            stdin = subprocess.DEVNULL if typed is None else stack.enter_context(terminal(typed))
            return subprocess.run([str(word) for word in self.command(program, *words)],
                                  stdin=stdin, capture_output=True, text=True,
                                  timeout=timeout * environment.SLACK,
                                  env={**os.environ, **self.environment(), **(env or {})})

    def run_pdnsutil(self, options, words, **more):
        """A command by its name of before 5.0. On gsqlite3 it reads and then writes in one
        transaction, which SQLite refuses if somebody else, the daemon say, has committed in
        between: then it is tried again, as the README says to."""
        for _ in range(5):
            done = self.run("pdnsutil", *options, *self.pdnsutil_words(words), **more)
            if "database is locked (517)" not in done.stdout + done.stderr:
                break
        return done

    def pdnsutil_words(self, words):
        """From those of before 5.0. Since then the names of record sets are said in full, too."""
        if self.version < (5, 0) or words[0] not in OBJECT_VERB:
            return words
        command = OBJECT_VERB[words[0]]
        if command[0] != "rrset":
            return (*command, *words[1:])
        zone, owner, *more = words[1:]
        return (*command, zone, zone if owner == "@" else f"{owner}.{zone}", *more)


@functools.cache
def tested():
    """The generation that ALIASD_PDNS_FOLDER names, otherwise the installed one."""
    folder = os.environ.get("ALIASD_PDNS_FOLDER")
    return Generation(Path(folder).resolve() if folder else None)


if __name__ == "__main__":
    print(".".join(str(number) for number in tested().version))
