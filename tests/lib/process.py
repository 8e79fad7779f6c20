"""A server process in the foreground, its output in a file, stopped by its pid."""

import os
import pathlib
import signal
import subprocess

from . import environment


class Process:
    def __init__(self, name, folder):
        self.name = name
        self.folder = folder
        self.log_path = folder / f"{name}.log"
        self.child = None
        self.log_start = 0

    def spawn(self, arguments, env=None):
        assert not self.is_running(), f"{self.name} runs already"
        with open(self.log_path, "ab") as log:
            self.log_start = log.tell()
            self.child = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env={**os.environ, **(env or {})})

    def is_running(self):
        return self.child is not None and self.child.poll() is None

    def log(self):
        """What was written since the last start."""
        try:
            with open(self.log_path, "rb") as log:
                log.seek(self.log_start)
                return log.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def wait_for_log(self, text, timeout=10.0, count=1):
        def seen():
            log = self.log()
            if log.count(text) >= count:
                return True
            if not self.is_running():
                raise RuntimeError(f"{self.name} ended with {self.child.returncode} "
                                   f"before it logged '{text}':\n{self.log()}")
            return False

        try:
            environment.wait_until(seen, timeout, f"'{text}' in the log of {self.name}")
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.log()}") from None

    def signal(self, number):
        self.child.send_signal(number)

    def suspend(self):
        """SIGSTOP, until all threads have stopped; SIGCONT has it go on."""
        self.signal(signal.SIGSTOP)
        environment.wait_until(self.is_suspended, 10, f"{self.name} to stop", interval=0.005)

    def is_suspended(self):
        tasks = pathlib.Path(f"/proc/{self.child.pid}/task").iterdir()
        return all((task / "stat").read_text().rpartition(") ")[2][0] == "T" for task in tasks)

    def wait(self, timeout=15.0):
        """Waits for the end and returns the exit status (negative: the signal)."""
        return self.child.wait(timeout * environment.SLACK)

    def terminate(self, timeout=15.0):
        """SIGTERM, then waits; SIGKILL and a failure if that was not enough."""
        if not self.is_running():
            return self.child.returncode if self.child else None
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimeoutError(f"{self.name} did not end on SIGTERM:\n{self.log()}") from None

    def kill(self):
        if self.child is not None and self.child.poll() is None:
            self.child.kill()
            self.child.wait()
