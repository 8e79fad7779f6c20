"""Command line and configuration file."""

import grp
import os
import re
import stat

import pytest

from lib import environment

FIXED_NAMES = ["socket", "socket-mode", "socket-group", "zones-db", "fallback-db", "forward",
               "resolve-timeout", "resolve-retries", "answer-deadline", "stale-ttl", "max-stale",
               "alias-ttl-min", "alias-ttl-max", "zone-upkeep", "unbound-option", "loglevel"]


@pytest.fixture
def filled(zones_db):
    zones_db.add_zone("example.test")
    return zones_db


def refused(aliasd, *words, options=()):
    done = aliasd.run(*options)
    assert done.returncode == 2, done.stderr
    for word in words:
        assert word in done.stderr, f"'{word}' is not said in: {done.stderr}"


def add_line(aliasd, line):
    with open(aliasd.config_path, "a", encoding="utf-8") as file:
        file.write(line + "\n")
    return len(aliasd.config_path.read_text().splitlines())


@pytest.mark.parametrize("name", FIXED_NAMES)
def test_help_lists_the_setting(make_aliasd, name):
    help_text = make_aliasd(start=False).run("--help").stdout
    assert re.search(rf"--{name}=", help_text)


def test_help_says_defaults_and_units(make_aliasd):
    done = make_aliasd(start=False).run("--help")
    assert done.returncode == 0
    assert re.search(r"--resolve-timeout=N\s+.*default: 500 ms", done.stdout)
    assert re.search(r"--max-stale=N\s+.*default: 259200 s", done.stdout)


def test_version_is_name_and_number(make_aliasd):
    done = make_aliasd(start=False).run("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"pdns-aliasd \d+\.\d+\.\d+\S*\n", done.stdout)


def test_check_config_accepts_good_settings_and_starts_nothing(make_aliasd):
    aliasd = make_aliasd(start=False)
    done = aliasd.run("--check-config")
    assert done.returncode == 0, done.stderr
    assert not aliasd.socket.exists()


def test_check_config_names_a_missing_zone_database(make_aliasd, folder):
    aliasd = make_aliasd(start=False, zones_db=folder / "absent.db")
    refused(aliasd, "absent.db", options=["--check-config"])


def test_unknown_setting_is_refused_with_file_and_line(make_aliasd):
    aliasd = make_aliasd(start=False)
    line = add_line(aliasd, "zone-db=/tmp/typo.db")
    refused(aliasd, f"{aliasd.config_path}:{line}:", "zone-db")


@pytest.mark.parametrize("line,expected", [
    ("resolve-timeout=fast", "a whole number of ms"),
    ("resolve-timeout=0", "from 1 to"),
    ("resolve-timeout=-5", "a whole number"),
    ("resolve-timeout=500ms", "a whole number"),
    ("max-stale=99999999999999999999", "a whole number"),
    ("zone-upkeep=maybe", "yes or no"),
    ("socket-mode=rw", "octal"),
    ("socket-mode=1777777", "octal"),
    ("loglevel=10", "from 0 to 9"),
    ("publish-delay=600001", "from 0 to 600000"),
    ("transfer-refresh-min=0", "from 1 to 86400"),
    ("pdns-control-socket=run/pdns.controlsocket", "/PATH"),
    ("pdns-control-socket=/" + 107 * "x", "/PATH"),
    ("resolve-timeout", "value is missing"),
])
def test_bad_value_is_refused_with_what_was_expected(make_aliasd, line, expected):
    aliasd = make_aliasd(start=False)
    number = add_line(aliasd, line)
    refused(aliasd, f"{aliasd.config_path}:{number}:", line.split("=", 1)[0], expected)


def test_all_faults_are_said_at_once(make_aliasd):
    aliasd = make_aliasd(start=False)
    add_line(aliasd, "first-typo=1")
    add_line(aliasd, "stale-ttl=x")
    refused(aliasd, "first-typo", "stale-ttl")


def test_bad_option_on_the_command_line_is_refused(make_aliasd):
    aliasd = make_aliasd(start=False)
    refused(aliasd, "command line", "no-such-setting", options=["--no-such-setting=1"])
    refused(aliasd, "command line", "stray", options=["stray"])


def test_missing_configuration_file_is_refused(make_aliasd):
    aliasd = make_aliasd(start=False)
    aliasd.config_path.unlink()
    refused(aliasd, str(aliasd.config_path))


def test_contradicting_settings_are_refused(make_aliasd):
    refused(make_aliasd(start=False, alias_ttl_min=100, alias_ttl_max=50), "alias-ttl-min")
    refused(make_aliasd(start=False, busy_timeout=2000), "busy-timeout", "answer-deadline")


def test_check_config_warns_of_a_control_socket_that_nothing_uses(make_aliasd):
    path = "/" + 106 * "x"
    done = make_aliasd(start=False, pdns_control_socket=path).run("--check-config")
    assert done.returncode == 0 and "pdns-control-socket" not in done.stderr, done.stderr
    done = make_aliasd(start=False, pdns_control_socket=path,
                       zone_upkeep="no").run("--check-config")
    assert done.returncode == 0 and "pdns-control-socket has no effect" in done.stderr


def test_unknown_unbound_option_is_refused_by_name(make_aliasd):
    refused(make_aliasd(start=False, unbound_option="no-such-thing:1"), "no-such-thing",
            options=["--check-config"])


def test_bad_forwarder_is_refused_by_name(make_aliasd):
    refused(make_aliasd(start=False, forward="not.an.address"), "not.an.address",
            options=["--check-config"])


def test_tls_is_refused_where_libunbound_has_none(make_aliasd):
    aliasd = make_aliasd(start=False, forward="192.0.2.1@853", forward_tls="yes")
    done = aliasd.run("--check-config")
    if done.returncode == 0:
        pytest.skip("this libunbound is built with TLS")
    assert "TLS" in done.stderr


def test_file_is_read_as_pdns_conf(make_aliasd, zones_db):
    zones_db.add_zone("file.test", [("", "TXT", '"x"', None)])
    aliasd = make_aliasd(start=False)
    with open(aliasd.config_path, "a", encoding="utf-8") as file:
        file.write("\n# a comment\n   \n  default-ttl =  1234   # behind a value\n"
                   "stale-\\\nttl=7\n\tloglevel\t=\t7\r\n")
    aliasd.start()
    with aliasd.connect() as session:
        rows = session.lookup("file.test")["result"]
    assert {row["ttl"] for row in rows if row["qtype"] == "TXT"} == {1234}


def test_command_line_wins_over_the_file(make_aliasd, zones_db):
    zones_db.add_zone("file.test", [("", "TXT", '"x"', None)])
    aliasd = make_aliasd(start=False, default_ttl=11).start("--default-ttl=22")
    with aliasd.connect() as session:
        rows = session.lookup("file.test")["result"]
    assert {row["ttl"] for row in rows if row["qtype"] == "TXT"} == {22}


def test_socket_has_the_mode_that_was_set(make_aliasd):
    for mode in ("0600", "0666"):
        aliasd = make_aliasd(name=f"mode{mode}", socket_mode=mode)
        assert stat.S_IMODE(aliasd.socket.stat().st_mode) == int(mode, 8)


def test_socket_is_reachable_by_its_group_alone_by_default(make_aliasd):
    assert stat.S_IMODE(make_aliasd().socket.stat().st_mode) == 0o660


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_socket_has_owner_and_group_that_were_set(make_aliasd):
    group = grp.getgrnam("daemon")
    status = make_aliasd(socket_owner="nobody", socket_group=group.gr_name).socket.stat()
    assert status.st_uid == 65534 and status.st_gid == group.gr_gid
    status = make_aliasd(name="numbers", socket_owner="2", socket_group="3").socket.stat()
    assert (status.st_uid, status.st_gid) == (2, 3)


def test_unknown_socket_group_stops_the_start(make_aliasd):
    done = make_aliasd(start=False, socket_group="no-such-group").run()
    assert done.returncode != 0 and "no-such-group" in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_daemon_becomes_the_user_that_was_set(make_aliasd, zones_db, folder):
    zones_db.add_zone("user.test")
    for path in (folder, zones_db.path):
        os.chown(path, 65534, 65534)
    aliasd = make_aliasd(setuid="nobody")
    status = (environment.Path("/proc") / str(aliasd.child.pid) / "status").read_text()
    assert re.search(r"Uid:\t65534\t65534\t65534\t65534", status)
    assert re.search(r"Groups:\t *(65534)? *\n", status)
    with aliasd.connect() as session:
        assert session.records("user.test", "NS") == [("NS", "ns1.user.test")]


@pytest.mark.parametrize("line", ["forward=192.0.2.1, nonsense", "unbound-option=no-colon"])
def test_items_that_cannot_be_used_are_refused_with_their_line(make_aliasd, line):
    aliasd = make_aliasd(start=False)
    number = add_line(aliasd, line)
    refused(aliasd, f"{aliasd.config_path}:{number}:", line.split("=", 1)[0])


@pytest.mark.parametrize("name,value", [
    ("unbound_option", "no-such-option: yes"), ("trust_anchor", "nonsense"),
    ("socket_group", "no-such-group"), ("setuid", "no-such-user")])
def test_what_only_the_start_finds_out_is_a_bad_setting_too(make_aliasd, filled, name, value):
    refused(make_aliasd(start=False, **{name: value}), name.replace("_", "-"))
