"""alias-txt: TXT records that tell the targets of ALIAS rows."""

import signal

import pytest

LONG = ".".join(["x" * 60] * 3 + ["x" * 58]) + ".target.test"
ROWS = [("", "ALIAS", "Web.target.test.", 70), ("mail", "MX", "mail.test", 60, 10),
        ("two", "ALIAS", "web.target.test", 90), ("two", "ALIAS", "other.target.test", 80),
        ("two", "ALIAS", "WEB.target.test", 60), ("beside", "ALIAS", "web.target.test", 60),
        ("beside", "TXT", '"own"', 20), ("none", "ALIAS", "none.target.test"),
        ("cname", "ALIAS", "web.target.test"), ("cname", "CNAME", "elsewhere.test"),
        ("odd", "ALIAS", r'a\.b\\c\"d.target.test'), ("long", "ALIAS", LONG),
        ("bad", "ALIAS", ""), ("off", "ALIAS", "web.target.test", 60, None, 1),
        ("*.w", "ALIAS", "web.target.test"), ("text", "TXT", '"text"')]
TARGETS = [("web", "A", "192.0.2.1"), ("other", "A", "192.0.2.2")]
WEB = '"ALIAS for web.target.test"'


@pytest.fixture
def filled(zones_db):
    zones_db.add_zone("example.test", ROWS)
    return zones_db


def set_meta(zones_db, kind, *contents):
    zones_db.sql(f"DELETE FROM domainmetadata WHERE kind='{kind}';" + "".join(
        f"INSERT INTO domainmetadata(domain_id,kind,content) VALUES(1,'{kind}','{content}');"
        for content in contents))


def texts(session, name, qtype="ANY"):
    """(content, TTL) of TXT rows, of which a lookup of TXT must have no others."""
    rows = session.lookup(name, qtype, zone_id=1)["result"]
    assert qtype == "ANY" or {row["qtype"] for row in rows} <= {qtype}
    return sorted((row["content"], row["ttl"]) for row in rows if row["qtype"] == "TXT")


def listed(session, is_raw=False):
    rows = session.result("list", zonename="example.test.", domain_id=1, include_disabled=is_raw)
    return sorted((row["qname"].rstrip("."), row["content"]) for row in rows
                  if row["qtype"] == "TXT")


def test_off_by_default(filled, make_resolving):
    with make_resolving(TARGETS)[1].connect() as session:
        assert texts(session, "example.test") == texts(session, "example.test", "TXT") == []
        assert texts(session, "beside.example.test", "TXT") == [('"own"', 20)]
        assert texts(session, "text.example.test", "TXT") == [('"text"', 60)]
        assert listed(session) == [("beside.example.test", '"own"'), ("text.example.test", '"text"')]


@pytest.mark.parametrize("qtype", ["ANY", "TXT"])
def test_each_target_is_told(filled, make_resolving, qtype):
    with make_resolving(TARGETS, alias_txt="yes")[1].connect() as session:
        def of(name):
            return texts(session, name + ".example.test", qtype)

        assert texts(session, "example.test", qtype) == [(WEB, 70)]
        assert of("two") == [('"ALIAS for other.target.test"', 60), (WEB, 60)]
        assert of("beside") == [(WEB, 20), ('"own"', 20)]
        assert of("none") == [('"ALIAS for none.target.test"', 60)]
        assert of("*.w") == [(WEB, 60)]
        assert of("text") == [('"text"', 60)]
        assert of("cname") == of("bad") == of("off") == of("mail") == []


def test_text_is_quoted_and_cut(filled, make_resolving):
    with make_resolving(TARGETS, alias_txt="yes")[1].connect() as session:
        assert texts(session, "odd.example.test", "TXT") == [
            (r'"ALIAS for a\\.b\\\\c\"d.target.test"', 60)]
        text = f"ALIAS for {LONG}"
        assert texts(session, "long.example.test", "TXT") == [
            (f'"{text[:255]}" "{text[255:]}"', 60)] and len(text) > 255


def test_addresses_and_other_types_stay(filled, make_resolving):
    with make_resolving(TARGETS, alias_txt="yes")[1].connect() as session:
        assert session.records("beside.example.test") == [("A", "192.0.2.1"), ("TXT", WEB),
                                                          ("TXT", '"own"')]
        assert session.records("beside.example.test", "A") == [("A", "192.0.2.1")]
        assert session.records("cname.example.test") == [("CNAME", "elsewhere.test")]


def test_name_with_nothing_but_text_is_no_empty_non_terminal(filled, make_resolving):
    with make_resolving(TARGETS, alias_txt="yes")[1].connect() as session:
        assert session.records("none.example.test") == [("TXT", '"ALIAS for none.target.test"')]
        assert session.records("bad.example.test") == [("", "")]
        rows = session.result("list", zonename="example.test.", domain_id=1,
                              include_disabled=False)
        assert [row["qtype"] for row in rows if row["qname"].startswith("none.")] == ["TXT"]


def test_transfers_hold_it_and_raw_views_do_not(filled, make_resolving):
    _, aliasd = make_resolving(TARGETS, alias_txt="yes")
    with aliasd.connect() as session:
        expanded = listed(session)
        assert ("example.test", WEB) in expanded and ("beside.example.test", WEB) in expanded
        assert ("beside.example.test", '"own"') in expanded
        assert not any(name.startswith(("cname.", "bad.", "off.")) for name, _ in expanded)
        stored = [("beside.example.test", '"own"'), ("text.example.test", '"text"')]
        assert listed(session, is_raw=True) == stored
    with aliasd.connect(view="raw") as session:
        assert texts(session, "example.test") == texts(session, "example.test", "TXT") == []
        assert listed(session) == stored


def test_metadata_beats_the_setting(filled, make_resolving):
    _, aliasd = make_resolving(TARGETS)
    with aliasd.connect() as session:
        for contents, is_told in [(["1"], True), (["0"], False), (["1", "0"], True),
                                  (["yes"], False)]:
            set_meta(filled, "X-ALIAS-TXT", *contents)
            assert texts(session, "example.test", "TXT") == ([(WEB, 70)] if is_told else [])
            assert (("example.test", WEB) in listed(session)) == is_told
        aliasd.configure(alias_txt="yes")
        aliasd.signal(signal.SIGHUP)
        aliasd.wait_for_log("settings reread")
        assert texts(session, "example.test") == []
        set_meta(filled, "X-ALIAS-TXT")
        assert texts(session, "example.test") == [(WEB, 70)]


def test_presigned_zones_never_have_it(filled, make_resolving):
    set_meta(filled, "PRESIGNED", "1")
    set_meta(filled, "X-ALIAS-TXT", "1")
    with make_resolving(TARGETS, alias_txt="yes")[1].connect() as session:
        assert texts(session, "example.test") == texts(session, "example.test", "TXT") == []
        assert listed(session) == [("beside.example.test", '"own"'), ("text.example.test", '"text"')]
