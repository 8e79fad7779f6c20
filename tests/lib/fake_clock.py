"""A wall clock of one process's own, set while it runs (libfaketime)."""

import os
import time
from pathlib import Path

DAY = 86400


def _library():
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    assert found, "libfaketime is not there: contrib/install-packages test"
    return found[0]


class FakeClock:
    """Only the wall clock is faked: the steady ones go on as they do."""

    def __init__(self, folder):
        self.path = folder / "clock"
        self.set_forward(0)
        self.env = {"LD_PRELOAD": str(_library()), "FAKETIME_TIMESTAMP_FILE": str(self.path),
                    "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                    # Else condition variables would wait by the faked clock.
                    "FAKETIME_FORCE_MONOTONIC_FIX": "0"}

    def set_forward(self, seconds):
        """By that much from the true time; negative: back."""
        self.offset = int(seconds)
        new = self.path.with_suffix(".new")
        new.write_text(f"{self.offset:+d}\n")
        os.rename(new, self.path)

    def set_to_1970(self):
        self.set_forward(-time.time() + 100)

    def now(self):
        return time.time() + self.offset
