"""The checks that CI runs find what they are there to find."""

import subprocess

import pytest

from lib import environment

TESTS = environment.SOURCE / "tests"


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60)


@pytest.fixture
def tree(folder):
    """A small tree that is in order."""
    for path, text in {
        "src/util/log.h": "#pragma once\n",
        "src/dns/name.c": '#include <string.h>\n\n#include "util/log.h"\n',
        "src/store/records.c": '#include <sqlite3.h>\n\n#include "util/log.h"\n',
        "src/server/session.c": '#include "backend-protocol/request.h"\n#include "util/log.h"\n',
        "src/main.c": '#include "build-config.h"\n#include "server/session.c"\n',
        "backend-protocol/request.h": "#pragma once\n",
    }.items():
        file = folder / "tree" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "tree" / ".clang-format").write_text(
        (environment.SOURCE / ".clang-format").read_text())
    return folder / "tree"


def test_layers_accepts_a_tree_in_order(tree):
    done = run(TESTS / "layers", tree)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path,line", [
    ("src/util/log.c", '#include "dns/name.c"'),
    ("src/dns/name.c", '#include "store/records.c"'),
    ("src/dns/name.c", '#include "../store/records.c"'),
    ("src/store/records.c", '#include "server/session.c"'),
    ("src/store/records.c", '#include "backend-protocol/request.h"'),
    ("src/store/records.c", '#include "request.h"'),
    ("backend-protocol/request.h", '#include "util/log.h"'),
    ("src/main.c", '#include "dns/name.c"'),
    ("src/dns/name.c", "#include <sqlite3.h>"),
    ("src/server/session.c", "#include <jansson.h>"),
    ("src/server/session.c", "  #  include <unbound.h>"),
    ("src/store/records.c", "#include <event2/event.h>"),
    ("src/util/log.h", '#include "absent.h"'),
    ("src/novelty/new.c", '#include "util/log.h"'),
])
def test_layers_finds_a_step_against_the_table(tree, path, line):
    (tree / path).parent.mkdir(exist_ok=True)
    with open(tree / path, "a", encoding="utf-8") as file:
        file.write(line + "\n")
    done = run(TESTS / "layers", tree)
    assert done.returncode == 1
    assert path in done.stdout


def test_layers_fails_where_it_finds_no_file(folder):
    assert run(TESTS / "layers", folder).returncode == 1


def needs_clang_format():
    if environment.shutil.which("clang-format-14") is None:
        pytest.skip("clang-format-14 is not installed")


def test_format_finds_a_misplaced_blank(tree):
    needs_clang_format()
    assert run(TESTS / "format", tree).returncode == 0
    (tree / "src/util/log.c").write_text("int  log_x(void){return 1;}\n")
    assert run(TESTS / "format", tree).returncode == 1


def test_format_fails_where_it_finds_no_file(folder):
    needs_clang_format()
    assert run(TESTS / "format", folder).returncode == 1


@pytest.mark.parametrize("words,status", [(["--help"], 0), (["--no-such-option"], 1),
                                          (["--suite", "nonsense"], 1)])
def test_run_says_how_it_is_used(words, status):
    assert run(TESTS / "run", *words).returncode == status


UNIT = ('{"name": "a", "result": "%s", "stdout": "TAP version 13\\n1..3\\n%s'
        'ok - one::passes  (0.1)\\nok - two::is_skipped  # SKIP no network\\n"}\n')


@pytest.mark.parametrize("result,extra,status,closing", [
    ("OK", "", 0, "1 passed, 0 failed, 1 skipped"),
    ("FAIL", "not ok - three::fails (0.1)\\n", 1, "1 passed, 1 failed, 1 skipped"),
    ("TIMEOUT", "", 1, "1 passed, 1 failed, 1 skipped"),
])
def test_counts_are_taken_from_what_the_tests_said(folder, result, extra, status, closing):
    (folder / "results").mkdir()
    (folder / "reports").mkdir()
    (folder / "results" / "unit.json").write_text(UNIT % (result, extra))
    done = run("/usr/bin/python3", TESTS / "lib/count.py", folder / "results", folder / "reports",
               "unit")
    assert done.returncode == status
    assert done.stdout.splitlines()[-1] == closing
    assert "no network" in done.stdout


def test_a_sanitizer_report_is_a_failure(folder):
    (folder / "results").mkdir()
    (folder / "reports").mkdir()
    (folder / "results" / "unit.json").write_text(UNIT % ("OK", ""))
    (folder / "reports" / "asan.123").write_text("detected memory leaks")
    done = run("/usr/bin/python3", TESTS / "lib/count.py", folder / "results", folder / "reports",
               "unit")
    assert done.returncode == 1 and "detected memory leaks" in done.stdout


def test_a_run_without_any_test_fails(folder):
    done = run("/usr/bin/python3", TESTS / "lib/count.py", folder, folder / "absent", "unit")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "0 passed, 0 failed, 0 skipped"


def test_a_suite_whose_runner_died_is_a_failure(folder):
    done = run("/usr/bin/python3", TESTS / "lib/count.py", folder, folder / "absent", "system")
    assert done.returncode == 1


JUNIT = """<testsuites><testsuite>
<testcase classname="a" name="good"/>
<testcase classname="a" name="bad"><failure message="x"/></testcase>
<testcase classname="a" name="bad"><error message="teardown"/></testcase>
<testcase classname="a" name="left"><error message="teardown"/></testcase>
<testcase classname="a" name="left"/>
<testcase classname="a" name="out"><skipped message="no network"/></testcase>
</testsuite></testsuites>"""


def test_a_test_counts_once_whatever_failed_of_it(folder):
    (folder / "system.xml").write_text(JUNIT)
    done = run("/usr/bin/python3", TESTS / "lib/count.py", folder, folder / "absent", "system")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "1 passed, 2 failed, 1 skipped"
    assert "skipped: a::out: no network" in done.stdout
