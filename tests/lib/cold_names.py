"""Names asked for the first time while the resolver is slow, beside a load of other queries."""

from . import environment
from .steady_load import SteadyLoad
from .upstream import TARGET_ZONE

ZONE = "cold.test"

# What the upstream takes, seconds; and settings with which it is waited for. libunbound would ask
# a server that it doesn't know again after 376 ms, and drop the answer to the first question.
DELAY = 1.0
PATIENT = {"refresh_idle": 0, "resolve_timeout": 900, "resolve_retries": 1, "answer_deadline": 1900,
           "unbound_option": "unknown-server-time-limit:1900"}


def rows(colds, statics):
    return ([(f"c{i}", "ALIAS", f"t{i}.{TARGET_ZONE}", 300) for i in range(colds)]
            + [(f"n{i}", "A", f"192.0.2.{i % 256}", 300) for i in range(statics)])


def targets(colds):
    return [record for i in range(colds)
            for record in ((f"t{i}", "A", f"198.51.100.{i % 256}", 300),
                           (f"t{i}", "AAAA", f"2001:db8::{i:x}", 300))]


def addresses():
    """The address and port for handoff-address and resolver."""
    return f"{environment.own_address()}:{environment.free_port()}"


def ask(server, colds, statics, seconds):
    """Asks for all cold names and for all static ones, both spread over the same seconds. The
    queries of both, as lists."""
    loads = [SteadyLoad(server, [(f"{letter}{i}.{ZONE}", "A") for i in range(count)],
                        count / seconds)
             for letter, count in (("c", colds), ("n", statics))]
    for load in loads:
        load.start()
    return [load.finish() for load in loads]
