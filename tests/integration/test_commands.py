"""What operators ask the daemon: pdns-aliasd ctl, and the same words over the protocol."""

import socket
import subprocess
import threading
import time

import pytest

from lib import environment

ROWS = [("www", "ALIAS", "web.target.test"), ("two", "ALIAS", "web.target.test"),
        ("two", "ALIAS", "other.target.test"), ("bad", "ALIAS", "x.servfail.test"),
        ("gone", "ALIAS", "gone.target.test"), ("plain", "A", "203.0.113.1")]
TARGETS = [("web", "A", "192.0.2.1", 600), ("web", "A", "192.0.2.2", 600),
           ("other", "A", "192.0.2.3", 600)]
COLUMNS = ["TARGET", "FAMILY", "STATE", "AGE", "TTL", "NEXT", "FAILURES", "ADDRESSES", "ERROR"]


@pytest.fixture
def serving(zones_db, make_resolving):
    zones_db.add_zone("example.test", ROWS)
    # Nothing is resolved before it is asked for.
    return make_resolving(TARGETS, refresh_idle=0)


@pytest.fixture
def aliasd(serving):
    return serving[1]


def ask(aliasd, *names):
    with aliasd.connect() as session:
        for name in names:
            session.records(f"{name}.example.test")


def ctl(aliasd, *words, status=0):
    """What it says, on the stream where that status says it."""
    outcome = aliasd.run("ctl", *words)
    assert outcome.returncode == status, outcome
    said, silent = (outcome.stdout, outcome.stderr) if status == 0 else (outcome.stderr,
                                                                         outcome.stdout)
    assert silent == "" and said.endswith("\n") and not said.endswith("\n\n")
    return said[:-1]


def table(text):
    """{(target, family): {column: value}}"""
    heading, *lines = text.split("\n")
    assert heading.split() == COLUMNS
    rows = [dict(zip(COLUMNS, line.split(maxsplit=len(COLUMNS) - 1))) for line in lines]
    assert all(len(row) == len(COLUMNS) for row in rows)
    found = {(row["TARGET"], row["FAMILY"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def refresh(aliasd, name):
    """As status(); what it can't get past is said last."""
    text, note = ctl(aliasd, "alias", "refresh", name).rsplit("\n", 1)
    assert "forward" in note and "PowerDNS" in note
    return table(text)


def status(aliasd, *names):
    return table(ctl(aliasd, "alias", "status", *names))


def stats(aliasd):
    return dict(line.rsplit(" ", 1) for line in ctl(aliasd, "stats").split("\n"))


def written(aliasd):
    return int(stats(aliasd)["pdns_aliasd_fallback_writes_total"])


def test_what_is_known_of_targets(aliasd):
    ask(aliasd, "www", "bad", "gone")
    found = status(aliasd)
    assert {target for target, _ in found} == {"web.target.test", "x.servfail.test",
                                               "gone.target.test"}
    web = found["web.target.test", "A"]
    assert web["STATE"] == "fresh" and web["ADDRESSES"] == "192.0.2.1,192.0.2.2"
    assert web["TTL"] == "600" and 599 <= int(web["AGE"]) + int(web["NEXT"]) <= 605
    assert web["FAILURES"] == "0" and web["ERROR"] == "-"
    assert found["web.target.test", "AAAA"]["STATE"] == "empty"
    assert found["web.target.test", "AAAA"]["ERROR"] == "NODATA"
    assert found["gone.target.test", "A"]["ERROR"] == "NXDOMAIN"
    bad = found["x.servfail.test", "A"]
    assert (bad["STATE"], bad["AGE"], bad["TTL"], bad["ADDRESSES"]) == ("failing", "-", "-", "-")
    assert int(bad["FAILURES"]) > 0 and "SERVFAIL" in bad["ERROR"]


def test_status_of_one_target_or_of_an_owner_name(aliasd):
    ask(aliasd, "www")
    assert set(status(aliasd, "WEB.target.test.")) == {("web.target.test", "A"),
                                                       ("web.target.test", "AAAA")}
    found = status(aliasd, "two.example.test")
    assert found["web.target.test", "A"]["STATE"] == "fresh"
    assert found["other.target.test", "A"]["STATE"] == "unknown"


@pytest.mark.parametrize("command", ("status", "refresh", "forget"))
@pytest.mark.parametrize("name", ("plain.example.test", "nothing.test", "..", "a..b"))
def test_a_name_that_stands_for_no_target(aliasd, command, name):
    assert name in ctl(aliasd, "alias", command, name, status=1)


def test_refreshing_asks_past_the_cache_of_libunbound(serving):
    upstream, aliasd = serving
    ask(aliasd, "www")
    before = upstream.count("web.target.test", "A")
    upstream.set_records([("web", "A", "192.0.2.9", 600)])
    assert status(aliasd, "web.target.test")["web.target.test", "A"]["AGE"].isdigit()
    found = refresh(aliasd, "www.example.test")
    assert found["web.target.test", "A"]["ADDRESSES"] == "192.0.2.9"
    assert upstream.count("web.target.test", "A") == before + 1
    with aliasd.connect() as session:
        assert session.records("www.example.test", "A") == [("A", "192.0.2.9")]


def test_cache_is_given_up_once_that_is_possible_again(zones_db, make_resolving, folder):
    zones_db.add_zone("example.test", ROWS)
    hints = folder / "root.hints"
    text = ". 3600 NS a.root.test.\na.root.test. 3600 A 192.0.2.53\n"
    hints.write_text(text)
    _, aliasd = make_resolving(TARGETS, refresh_idle=0, root_hints=hints)
    ask(aliasd, "www")
    hints.unlink()
    start = time.monotonic()
    for _ in range(3):
        refresh(aliasd, "www.example.test")
    failures = aliasd.log().count("root-hints")
    assert 1 <= failures <= 1 + (time.monotonic() - start), "a try a second at most"
    hints.write_text(text)
    aliasd.wait_for_log("libunbound's cache is given up now, which had failed", timeout=15)


def test_refreshing_what_does_not_answer_keeps_what_is_known(serving):
    upstream, aliasd = serving
    ask(aliasd, "www")
    upstream.silence()
    found = refresh(aliasd, "web.target.test")
    assert found["web.target.test", "A"]["ADDRESSES"] == "192.0.2.1,192.0.2.2"
    with aliasd.connect() as session:
        assert len(session.records("www.example.test", "A")) == 2


def test_rows_are_followed_through_our_own_zones(zones_db, serving):
    upstream, aliasd = serving
    for name, kind, content in (("a", "ALIAS", "b.example.test"),
                                ("b", "CNAME", "c.example.test"),
                                ("c", "ALIAS", "web.target.test"),
                                ("a", "ALIAS", "plain.example.test")):
        zones_db.insert("example.test", name, kind, content)
    for text in (ctl(aliasd, "alias", "refresh", "a.example.test").rsplit("\n", 1)[0],
                 ctl(aliasd, "alias", "status", "a.example.test")):
        found, own = text.rsplit("\n", 1)
        assert own == "plain.example.test: answered from our own zones"
        assert {target for target, _ in table(found)} == {"web.target.test"}
        assert table(found)["web.target.test", "A"]["STATE"] == "fresh"
    assert {target for target, _ in status(aliasd)} == {"web.target.test"}
    assert not any(upstream.count(f"{name}.example.test") for name in ("b", "c", "plain"))


def test_target_that_has_become_ours_is_not_asked_for(zones_db, serving):
    upstream, aliasd = serving
    ask(aliasd, "www")
    zones_db.add_zone("target.test", [("web", "A", "203.0.113.9")])
    before = upstream.count("web.target.test")
    for name in ("www.example.test", "web.target.test"):
        assert ctl(aliasd, "alias", "refresh", name).startswith(
            "web.target.test: answered from our own zones\n")
    assert upstream.count("web.target.test") == before


def test_refreshing_all(serving):
    upstream, aliasd = serving
    ask(aliasd, "www", "two")
    upstream.set_records([("web", "A", "192.0.2.9", 600), ("other", "A", "192.0.2.8", 600)])
    said = ctl(aliasd, "alias", "refresh", "--all").split("\n")
    assert "4 questions" in said[0] and "PowerDNS's own" in said[1]
    environment.wait_until(
        lambda: {row["ADDRESSES"] for row in status(aliasd).values()} ==
        {"192.0.2.9", "192.0.2.8", "-"}, 10, "the new addresses")


def test_forgetting_reaches_the_fallback_database(serving):
    upstream, aliasd = serving
    ask(aliasd, "www")
    environment.wait_until(lambda: written(aliasd) == 2, 10, "both families to be kept")
    ctl(aliasd, "alias", "forget", "web.target.test")
    environment.wait_until(lambda: not status(aliasd), 10, "the target to be gone")
    upstream.silence()
    aliasd.restart()
    aliasd.wait_for_log("0 answers loaded")
    assert not status(aliasd)


def test_changes_of_state_are_logged(serving):
    upstream, aliasd = serving
    upstream.set_records([("web", "A", "192.0.2.1", 1)])
    ask(aliasd, "www", "gone")
    aliasd.wait_for_log("gone.target.test. A: has no address (NXDOMAIN)")
    aliasd.wait_for_log("web.target.test. A: stale (resolved ")
    upstream.set_records([("web", "A", "192.0.2.1", 600)])
    environment.wait_until(lambda: ask(aliasd, "www") or "A: fresh again" in aliasd.log(), 10,
                           "a new answer", interval=0.2)


def test_what_is_dropped_is_logged(serving):
    upstream, aliasd = serving
    upstream.set_records([("web", "A", "192.0.2.1", 1)])
    aliasd.stop()
    aliasd.configure(max_stale=1)
    aliasd.start()
    ask(aliasd, "www")
    aliasd.wait_for_log("web.target.test. A: dropped, nothing to serve any more (stale for 1 s, "
                        "which is max-stale")


def test_the_same_words_over_the_protocol(aliasd):
    with aliasd.connect() as session:
        def said(query):
            text = session.result("directBackendCmd", query=query)
            assert text.endswith("\n") and not text.endswith("\n\n")
            return text[:-1]

        assert said("ping") == "pong"
        assert said(" version ") == ctl(aliasd, "version")
        assert said("help") == ctl(aliasd, "help") == ctl(aliasd)
        assert said("alias  status").split() == COLUMNS
        assert said("alias status a.test b.test") == "usage: alias status [NAME]"
        for wrong in ("", "alias", "pingpong", "alias statusx", "statu"):
            assert said(wrong) == "usage: unknown command; try help"


def test_stats_are_those_of_the_metrics(aliasd):
    ask(aliasd, "www", "www")
    found = stats(aliasd)
    assert found['pdns_aliasd_alias_lookups_total{outcome="fresh"}'] == "2"
    assert found['pdns_aliasd_targets{family="AAAA",state="empty"}'] == "1"
    assert found["pdns_aliasd_sessions"] == "1"


def test_what_is_no_command_ends_with_status_2(aliasd):
    assert "try help" in ctl(aliasd, "nonsense", status=2)
    assert "NAME | --all" in ctl(aliasd, "alias", "refresh", status=2)
    assert aliasd.run("--nonsense=1", "ctl", "ping").returncode == 2


def test_no_daemon_is_said(make_aliasd, folder):
    aliasd = make_aliasd(start=False)
    for _ in range(2):
        outcome = aliasd.run("ctl", "ping")
        assert outcome.returncode == 1 and outcome.stdout == ""
        assert "no daemon is listening on" in outcome.stderr
        assert str(aliasd.socket) in outcome.stderr
        if not aliasd.socket.exists():  # next, a socket that nobody listens on
            with socket.socket(socket.AF_UNIX) as left:
                left.bind(str(aliasd.socket))


@pytest.mark.parametrize("answer", (b"", b"HTTP/1.0 400 Bad\r\n", b'{"log":["no"]}\n'))
def test_somebody_else_on_the_socket_is_said(make_aliasd, answer):
    aliasd = make_aliasd(start=False)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(aliasd.socket))
        listener.listen()

        def serve():
            with listener.accept()[0] as peer:
                peer.recv(1000)
                peer.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        outcome = aliasd.run("ctl", "ping")
        thread.join()
    assert outcome.returncode == 1 and "didn't answer the command" in outcome.stderr


def test_output_that_nobody_takes_is_said(aliasd):
    with open("/dev/full", "wb") as full:
        outcome = subprocess.run([str(word) for word in aliasd.command("ctl", "help")],
                                 stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert outcome.returncode == 1 and "standard output" in outcome.stderr


def test_status_and_stats_tell_a_denied_target(zones_db, serving):
    upstream, aliasd = serving
    upstream.set_records([("local", "A", "127.0.0.1", 600)])
    zones_db.insert("example.test", "local", "ALIAS", "local.target.test")
    ask(aliasd, "local", "local")
    found = status(aliasd, "local.target.test")["local.target.test", "A"]
    assert (found["STATE"], found["FAILURES"], found["ADDRESSES"]) == ("denied", "1", "-")
    assert found["ERROR"] == "only addresses that alias-deny drops: 127.0.0.1"
    assert found["TTL"] == "600" and 599 <= int(found["AGE"]) + int(found["NEXT"]) <= 601
    counted = stats(aliasd)
    assert counted['pdns_aliasd_targets{family="A",state="denied"}'] == "1"
    assert counted['pdns_aliasd_targets{family="A",state="failing"}'] == "0"
    assert counted['pdns_aliasd_resolutions_total{outcome="denied"}'] == "1"
    assert counted['pdns_aliasd_alias_lookups_total{outcome="denied"}'] == "2"
