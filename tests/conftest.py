"""Fixtures of the integration and system suites."""

import os
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lib import environment  # noqa: E402
from lib.aliasd import Aliasd  # noqa: E402
from lib.powerdns import PowerDNS  # noqa: E402
from lib.service_manager import ServiceManager  # noqa: E402
from lib.upstream import Upstream  # noqa: E402
from lib.zones_db import ZonesDb  # noqa: E402


def pytest_configure(config):
    """A run that is ended by SIGTERM stops its servers, as one ended by Ctrl-C does."""
    def interrupt(number, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def sanitizer_reports():
    folder = os.environ.get("ALIASD_SANITIZER_REPORTS")
    return set(Path(folder).glob("*")) if folder else set()


@pytest.fixture
def folder(request):
    """A temporary folder; kept where ALIASD_KEEP is set and the test failed."""
    path = environment.make_folder()
    yield path
    report = getattr(request.node, "call_report", None)
    if os.environ.get("ALIASD_KEEP") and report is not None and report.failed:
        print(f"kept: {path}")
    else:
        environment.remove_folder(path)


@pytest.fixture
def manager(folder):
    """A service manager that keeps descriptors, for a ManagedAliasd."""
    manager = ServiceManager(folder)
    yield manager
    manager.stop()


@pytest.fixture
def servers(request):
    """Stops what is registered with it, last one first, and says what a failed test's servers
    logged. A daemon that crashed, would not end or left a sanitizer report fails the test."""
    running = []
    before = sanitizer_reports()
    yield running
    problems = []
    for server in reversed(running):
        if isinstance(server, Aliasd) and server.has_crashed():
            problems.append(f"{server.name} crashed with {server.child.returncode}:\n"
                            + server.log())
        try:
            server.stop()
        except Exception as error:
            problems.append(str(error))
            server.kill()
    report = getattr(request.node, "call_report", None)
    if report is not None and report.failed:
        for server in running:
            print(f"---- {server.name}\n{server.log()[-6000:]}")
    for path in sanitizer_reports() - before:
        problems.append(f"sanitizer report:\n{path.read_text(errors='replace')[:4000]}")
    assert not problems, "\n".join(problems)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.call_report = outcome.get_result()


@pytest.fixture
def zones_db(folder):
    return ZonesDb(folder / "zones.db")


@pytest.fixture
def make_upstream(folder, servers):
    def make(records=(), **options):
        upstream = Upstream(folder, records, **options)
        servers.append(upstream)
        return upstream.start()

    return make


@pytest.fixture
def make_aliasd(folder, servers, zones_db):
    def make(start=True, **settings):
        settings.setdefault("zones_db", zones_db.path)
        aliasd = Aliasd(folder, **settings)
        servers.append(aliasd)
        return aliasd.start() if start else aliasd

    return make


@pytest.fixture
def make_powerdns(folder, servers):
    def make(start=True, **options):
        powerdns = PowerDNS(folder, **options)
        servers.append(powerdns)
        return powerdns.start() if start else powerdns

    return make
