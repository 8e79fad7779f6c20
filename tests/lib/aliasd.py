"""The daemon under test."""

import subprocess

from . import environment
from .process import Process
from .session import Session


class Aliasd(Process):
    """pdns-aliasd with a configuration file of its own. Settings are given as keyword arguments
    with `_` for `-`; a list makes several lines; None leaves a default of the harness out."""

    def __init__(self, folder, zones_db, name="aliasd", **settings):
        super().__init__(name, folder)
        self.socket = folder / f"{name}.sock"
        self.fallback_db = folder / f"{name}-fallback.db"
        self.config_path = folder / f"{name}.conf"
        self.settings = {
            "socket": self.socket,
            "zones-db": zones_db,
            "fallback-db": self.fallback_db,
            "loglevel": 6,
        }
        self.options = []
        self.was_ready = False
        self.configure(**settings)

    def configure(self, **settings):
        """Changes settings and rewrites the file; a running daemon sees it at SIGHUP."""
        for key, value in settings.items():
            self.settings[key.replace("_", "-")] = value
        lines = []
        for key, value in self.settings.items():
            for item in value if isinstance(value, list) else [value]:
                if item is not None:
                    lines.append(f"{key}={item}")
        # Outgoing ports stay away from those that the servers of the tests listen on.
        lines.append("unbound-option=outgoing-port-avoid:"
                     f"{environment.FIRST_PORT}-{environment.LAST_PORT}")
        lines.append("unbound-option=local-zone:test. transparent")
        self.config_path.write_text("\n".join(lines) + "\n")

    def command(self, *options):
        return [environment.daemon_binary(), f"--config={self.config_path}", *options]

    def run(self, *options, timeout=20):
        """Runs it to its end and returns the CompletedProcess."""
        return subprocess.run([str(word) for word in self.command(*options)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace", timeout=timeout * environment.SLACK)

    def stats(self):
        """What the daemon has counted, by name and labels."""
        done = self.run("ctl", "stats")
        assert done.returncode == 0, done.stderr
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in done.stdout.splitlines())}

    def start(self, *options, env=None):
        self.options = options
        self.was_ready = False
        self.spawn(self.command(*options), env=env)
        self.wait_for_log(" ready", timeout=15)
        self.was_ready = True
        return self

    def stop(self):
        """Ends it as an init system would; anything but a clean end is a failure."""
        if self.child is None or self.child.poll() is not None:
            return
        status = self.terminate()
        if status != 0:
            raise AssertionError(f"{self.name} ended with {status} on SIGTERM:\n{self.log()}")

    def restart(self):
        self.stop()
        return self.start(*self.options)

    def restart_after_kill(self):
        self.kill()
        return self.start(*self.options)

    def connect(self, **options):
        return Session(self.socket, **options)

    def has_crashed(self):
        """Whether it has ended after it was ready, other than with status 0 or by SIGKILL."""
        return (self.was_ready and self.child is not None and self.child.poll() is not None
                and self.child.returncode not in (0, -9))
