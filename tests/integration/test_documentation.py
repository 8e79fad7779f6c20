"""The settings that --help lists are those of the man page, the README and the sample."""

import re
import subprocess

import pytest

from lib import environment


@pytest.fixture(scope="module")
def settings():
    """{name: (default with its unit, whether SIGHUP rereads it)}"""
    text = subprocess.run([environment.daemon_binary(), "--help"], capture_output=True, text=True,
                          check=True, timeout=20).stdout
    found = re.findall(r"^([* ]) --([a-z-]+)=.*\n .*?(?:\(default: ([^()]*)\))?$",
                       text.partition("Settings (")[2], re.M)
    assert len(found) > 20
    return {name: (default, star == "*") for star, name, default in found}


def source(path):
    return (environment.SOURCE / path).read_text(encoding="utf-8")


def test_readme_has_every_setting_with_its_default(settings):
    table = source("README.md").partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)`(\*?) \| (?:`(.+?)`)? *\| (.*?) *\|", table, re.M)
    plain = re.compile("^(octal|yes or no|)$")
    assert {name: (default if plain.match(unit) else f"{default} {unit}", star == "*")
            for name, star, default, unit in rows} == settings
    assert len(rows) == len(settings)


def test_man_page_has_every_setting_with_its_default(settings):
    text = source("contrib/pdns-aliasd.8").partition("\n.Sh SETTINGS\n")[2].partition("\n.Sh ")[0]
    items = re.findall(r"^\.It Fl -([a-z-]+) Ns = Ns (.*)\n((?s:.*?))^(?=\.It|\.El)", text, re.M)
    found = {}
    for name, value, body in items:
        default = re.search(r"^Default:\s(?:\.Pa )?(.*?) ?\.?\n", body, re.M)
        assert default, f"{name}: the man page says no default"
        # Instead of an empty text: words that say what that means.
        text = re.sub("^(none|that of) ?.*", "", default[1])
        found[name] = (text, value.endswith("*"))
    assert found == settings and len(items) == len(settings)


def test_sample_has_every_setting_with_its_default(settings):
    found = []
    for paragraph in source("contrib/pdns-aliasd.conf").split("\n\n"):
        found += [(name, default, "(reload)" in paragraph)
                  for name, default in re.findall(r"^#([a-z-]+)=(.*)$", paragraph, re.M)]
    # Units are said in the comments.
    assert sorted(found) == sorted((name, re.sub(r"^(\d+) .+", r"\1", default), reloads)
                                   for name, (default, reloads) in settings.items())


def test_man_page_has_every_option_of_the_relay_with_its_default():
    text = subprocess.run([environment.daemon_binary(), "relay", "--help"], capture_output=True,
                          text=True, check=True, timeout=20).stdout
    options = re.findall(r"^  --([a-z-]+) [A-Z]+ (?:.*\n)*?.*\(default: (.*)\)$", text, re.M)
    assert len(options) == 3
    section = source("contrib/pdns-aliasd.8").partition("\n.Sh RELAY\n")[2].partition("\n.Sh ")[0]
    assert re.findall(r"^\.It Fl -([a-z-]+) Ar [A-Z]+\n(?:.*\n)*?Default:\s(?:\.Pa )?(.*?) ?\.$",
                      section, re.M) == options
    for name, _ in options:
        assert f"--{name}" in source("README.md").partition("\n### The relay\n")[2]
