"""Daemons with an upstream, for what needs answers of ALIAS targets."""

import pytest

# Short times, so that a test sees expiry: what a scenario is about it sets itself.
QUICK = {"alias_ttl_min": 0, "retry_min": 1, "retry_max": 1}


@pytest.fixture
def make_resolving(make_upstream, make_aliasd):
    """(upstream, daemon that forwards to it)"""
    def make(records, **settings):
        upstream = make_upstream(records)
        return upstream, make_aliasd(forward=upstream.forward, **{**QUICK, **settings})

    return make
