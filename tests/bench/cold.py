"""Names never resolved, with an upstream that takes a second, beside a load of other queries: on
pdns-aliasd with handoff-address and without, and with PowerDNS's own ALIAS on gsqlite3.

One after the other, each from a fresh start. Nothing here passes or fails.
"""

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lib import cold_names, steady_load
from lib.aliasd import Aliasd
from lib.powerdns import PowerDNS
from lib.upstream import Upstream
from lib.zones_db import ZonesDb

from harness import bench_folder, print_row, running

HANDOFF, WAITING, OWN = "handoff-address", "waiting in the call", "gsqlite3, PowerDNS's own ALIAS"


class Stand:
    """What one candidate runs on, in a folder of its own."""

    def __init__(self, folder, candidate, colds, statics):
        folder.mkdir()
        self.db = ZonesDb(folder / "zones.db")
        self.db.add_zone(cold_names.ZONE, cold_names.rows(colds, statics))
        self.upstream = Upstream(folder, cold_names.targets(colds))
        self.processes = [self.upstream]
        options = {"caches": True, "distributor_threads": 3, "receiver_threads": 1}
        if candidate == OWN:
            options.update(gsqlite3=self.db.path, expand_alias="yes",
                           resolver=f"{self.upstream.address}:{self.upstream.port}")
        else:
            options.update(self.add_daemon(folder, candidate == HANDOFF))
        self.powerdns = PowerDNS(folder, **options)
        self.processes.append(self.powerdns)

    def add_daemon(self, folder, hands_off):
        address = cold_names.addresses()
        daemon = Aliasd(folder, self.db.path, forward=self.upstream.forward, loglevel=5,
                        handoff_address=address if hands_off else None, **cold_names.PATIENT)
        self.processes.append(daemon)
        return {"socket": daemon.socket, "expand_alias": "yes" if hands_off else "no",
                "resolver": address}


def describe(queries):
    good = steady_load.with_rcode(queries, "NOERROR")
    failed = len(steady_load.with_rcode(queries, "SERVFAIL"))
    times = [query.took for query in queries if query.took is not None]
    return [f"{len(good)}", f"{failed}", f"{len(steady_load.lost(queries))}",
            f"{statistics.median(times):.3f} s" if times else "", f"{max(times, default=0):.3f} s"]


def run(folder, candidate, options):
    stand = Stand(folder, candidate, options.colds, options.statics)
    with running(*stand.processes):
        stand.upstream.delay(".", cold_names.DELAY)
        for title in ("first", "again"):
            colds, others = cold_names.ask(stand.powerdns, options.colds, options.statics,
                                           options.seconds)
            for what, queries in ((f"{title}: cold names", colds), (f"{title}: others", others)):
                print_row(candidate, [what, *describe(queries)])


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--colds", type=int, default=100, help="names never resolved")
    arguments.add_argument("--statics", type=int, default=5000, help="other queries")
    arguments.add_argument("--seconds", type=int, default=10, help="in which they are asked for")
    options = arguments.parse_args()

    print_row("", ["queries", "NOERROR", "SERVFAIL", "no answer", "median", "slowest"])
    print_row("---", ["---"] * 6)
    with bench_folder() as folder:
        for number, candidate in enumerate((HANDOFF, WAITING, OWN)):
            run(folder / str(number), candidate, options)


if __name__ == "__main__":
    main()
