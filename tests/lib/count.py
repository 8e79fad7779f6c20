"""count.py RESULTS REPORTS SUITE...: counts what the suites left, and says the closing line."""

import json
import re
import sys
import xml.etree.ElementTree
from pathlib import Path

TAP = re.compile(r"^(ok|not ok)\b[ \d]*-?\s*(.*?)(?:\s*#\s*SKIP\b\s*(.*))?$", re.IGNORECASE)


class Counts:
    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []


def count_unit(path):
    """meson's log: a line of JSON for each test program, with the TAP that it printed."""
    counts = Counts()
    for line in path.read_text(errors="replace").splitlines():
        program = json.loads(line)
        failed_before = len(counts.failed)
        for output in program.get("stdout", "").splitlines():
            match = TAP.match(output)
            if not match:
                continue
            name = f"{program['name']}: {match[2]}"
            if match[3] is not None:
                counts.skipped.append(f"{name}: {match[3] or 'no reason given'}")
            elif match[1].lower() == "ok":
                counts.passed += 1
            else:
                counts.failed.append(name)
        # A crash or a timeout outside of any test leaves no 'not ok'.
        if program["result"] not in ("OK", "SKIP") and len(counts.failed) == failed_before:
            counts.failed.append(f"{program['name']}: {program['result']}")
    return counts


def count_pytest(path):
    """A test that failed and whose teardown failed as well stands there twice: it counts once."""
    failed, skipped, passed = {}, {}, {}
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        reason = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed[name] = None
        elif reason is not None:
            skipped[name] = reason.get("message") or "no reason given"
        else:
            passed[name] = None
    counts = Counts()
    counts.failed = list(failed)
    counts.skipped = [f"{name}: {skipped[name]}" for name in skipped if name not in failed]
    counts.passed = len(passed.keys() - failed.keys())
    return counts


def main():
    results, reports, suites = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    total = Counts()
    for suite in suites:
        path = results / ("unit.json" if suite == "unit" else f"{suite}.xml")
        try:
            counts = count_unit(path) if suite == "unit" else count_pytest(path)
        except (OSError, ValueError, xml.etree.ElementTree.ParseError) as error:
            counts = Counts()
            if suite != "unit" or not isinstance(error, FileNotFoundError):
                counts.failed.append(f"{suite}: the runner left no result ({error})")
        for name in counts.failed:
            print(f"failed: {name}")
        for name in counts.skipped:
            print(f"skipped: {name}")
        print(f"{suite + ':':13} {counts.passed} passed, {len(counts.failed)} failed, "
              f"{len(counts.skipped)} skipped")
        total.passed += counts.passed
        total.failed += counts.failed
        total.skipped += counts.skipped
    for report in sorted(reports.glob("*")):
        print(f"\nsanitizer report {report.name}:\n{report.read_text(errors='replace')[:20000]}")
        total.failed.append(report.name)
    if not total.passed and not total.failed:
        print("no test ran")
    print(f"{total.passed} passed, {len(total.failed)} failed, {len(total.skipped)} skipped")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
