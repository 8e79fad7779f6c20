"""The whole chain: unbound <- pdns-aliasd <- pdns_server, over one zone database."""

import pytest

# Short times, so that expiry and recovery are seen in seconds; what a scenario is about, it sets.
QUICK = {"alias_ttl_min": 0, "retry_min": 1, "retry_max": 1}


class Chain:
    def __init__(self, upstream, aliasd, powerdns):
        self.upstream = upstream
        self.aliasd = aliasd
        self.powerdns = powerdns

    def ask(self, *words, **options):
        return self.powerdns.ask(*words, **options)

    def addresses(self, *words, **options):
        return self.powerdns.addresses(*words, **options)


@pytest.fixture
def make_chain(make_upstream, make_aliasd, make_powerdns):
    """`powerdns` are options of PowerDNS, everything else are settings of the daemon."""
    def make(targets, powerdns=None, **settings):
        upstream = make_upstream(targets)
        aliasd = make_aliasd(forward=upstream.forward, **{**QUICK, **settings})
        return Chain(upstream, aliasd, make_powerdns(socket=aliasd.socket, **(powerdns or {})))

    return make
