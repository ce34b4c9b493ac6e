"""Many mistakes in one config file: each on its own line, with its number and a way out."""

import re
from pathlib import Path

import pytest

from tests.kits.command_line import Ran, Run

MISTAKES = """\
[sync]
mode = "invoice"
start = "2062-01-01"
max_invoices = 5,0

[xero]
client_id = ""
account = 200
tax_type = "\tOUTPUT2"
zero_tax_tipe = "NONE"

[payments]
account = “090”
skip_overpayment = yes

[invoces]
due_days = 14

[payments]
credits = "skip

[payments.accounts]
"Bank transfer" = ""
"Authorize.net" = 91

[reverse]
start = 2026-01-31
"""

EXPECTED = {
    "2: sync.mode": 'Did you mean "invoices"?',
    "3: sync.start": "more than a year from now",
    "4: sync.max_invoices": "max_invoices = 5.",
    "7: xero.client_id": "Make an app at",
    "8: xero.account": 'account = "200"',
    "9: xero.tax_type": 'Write tax_type = "OUTPUT2".',
    "10: xero.zero_tax_tipe": "'zero_tax_type'",
    "13: payments.account": "word processors",
    "14: payments.skip_overpayment": "Write skip_overpayment = true, in lower case",
    "16: invoces": "'invoices'",
    "19: payments": "below its first [heading]",
    "20: payments.credits": 'credits = "skip".',
    "23: payments.accounts.Bank transfer": "names no account",
    "24: payments.accounts.Authorize.net": 'Write "Authorize.net" = "91"',
    "27: reverse.start": 'start = "2026-01-31"',
}


@pytest.fixture
def file(home: Path) -> Path:
    """Where the config is."""
    home.mkdir()
    return home / "config.toml"


def told(ran: Ran) -> dict[str, str]:
    """What is said of each place."""
    parts = [line.partition("config.toml:")[2] for line in ran.out.splitlines()]
    found = [re.fullmatch(r"(\d+: .+?): (.*)", part) for part in parts]
    return {match[1]: match[2] for match in found if match}


def test_each_of_many_mistakes_has_its_line_and_a_hint(run: Run, file: Path) -> None:
    file.write_text(MISTAKES, encoding="utf-8")

    ran = run("config", "check")

    assert ran.code == 5
    found = told(ran)
    assert list(found) == list(EXPECTED)
    assert {place: words for place, words in EXPECTED.items() if words not in found[place]} == {}
    assert len(ran.out.splitlines()) == len(EXPECTED)
    assert not re.search("pydantic|datetime|Decimal|valid |TOML|None", ran.out)


def test_a_run_says_the_same(run: Run, file: Path) -> None:
    file.write_text(MISTAKES, encoding="utf-8")

    ran = run("sync")

    assert ran.code == 5
    assert all(f"config.toml:{place}: " in ran.err for place in EXPECTED)


def test_all_mistakes_are_found_in_a_file_that_notepad_saved_as_unicode(
    run: Run, file: Path
) -> None:
    file.write_text(MISTAKES.replace("\n", "\r\n"), encoding="utf-16")

    ran = run("config", "check")

    assert ran.code == 5
    assert "config.toml:1: the file is saved as" in ran.out.splitlines()[0]
    assert list(told(ran)) == list(EXPECTED)


def test_the_line_with_letters_of_another_encoding_is_named(run: Run, file: Path) -> None:
    file.write_bytes('[sync]\nmode = "off"\n[notify]\nto = "Zoë@example.com"\n'.encode("cp1252"))

    ran = run("config", "check")

    assert ran.code == 5
    assert "config.toml:4: " in ran.out
    assert "UTF-8" in ran.out


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('[[sync]]\nmode = "off"\n', "1: sync", "Write [sync] on a line"),
        ('[sync]\nmode\u00a0= "off"\n', "2: sync.mode", "Type the line anew"),
        ('[sync]\nstart = "0226-01-31"\n', "2: sync.start", "before there was any Keap"),
        ('[contacts]\nmatch = [\n  "email",\n  "phone",\n]\n', "2: contacts.match", '"phone"'),
        ('[sync]\nmode = "off" \ndestination = QBO\n', "3: sync.destination", '"QBO"'),
        (
            '[notify]\nto = """\n[sync]\nmode = 1\n"""\nsmtp_port = "5"\n',
            "6: notify.smtp_port",
            "5",
        ),
        ('sync.mode = "off"\nsync.start = 1\n', "2: sync.start", 'start = "1"'),
        ('[keap]\nsign_in = "oauth"\n', "1: keap", "client id"),
        ('[sync]\nstart = "2062-01-31"\n', "2: sync.start", "2062-01-31"),
        ("[payments]\naccount = 091\n", "2: payments.account", 'quotes: account = "091"'),
        ("[sync\nmode = 5\n", "1: sync", "bracket"),
        ("[sync\nmode = 5\n", "2: sync.mode", "5 is none"),
    ],
)
def test_a_line_is_named_whatever_stands_around_it(
    run: Run, file: Path, text: str, place: str, words: str
) -> None:
    file.write_text(text, encoding="utf-8")

    ran = run("config", "check")

    assert ran.code == 5
    found = {where: said for where, said in told(ran).items() if where.startswith(place)}
    assert [where for where, said in found.items() if words in said], ran.out


def test_a_right_line_behind_a_wrong_one_is_not_called_missing(run: Run, file: Path) -> None:
    """While a line cannot be read nobody knows what is missing."""
    file.write_text("[xero]\ntax_type = OUTPUT2\n", encoding="utf-8")

    assert list(told(run("config", "check"))) == ["2: xero.tax_type"]
