"""The benchmark's own parts: a state with many orders behind it, and the page of its figures."""

from pathlib import Path

import pytest

from bench.deep import Deep, deepen
from bench.findings import AFTER, FIRST, KNOWN, LEDGERS, LOOKS, QUIET, Findings, Taken, Wall
from bench.measured import Measured
from bench.page import page, panels
from bench.plot import picture
from bench.readme import with_section
from invoicesync_cli.model import DocumentKind
from invoicesync_sandbox.shop.generator import generate
from tests.kits.rehearsal import Rehearsal


def test_copied_records_are_as_good_as_those_of_a_run(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    generate(rehearsal.keap, 5)
    rehearsal.sync()

    highest = deepen(tmp_path / "state.sqlite3", 5, 40)

    with rehearsal.state() as state:
        assert state.counts() == {"created": 2 * 5 * 40}
        assert state.cursor() == (str(highest), str(highest))
        assert not state.open_orders()
        assert not state.money_due()
        assert len({key for _, key in state.links.people()}) == 5 * 40
    later = rehearsal.order(id=highest + 1)

    result = rehearsal.sync()

    assert [document.order_id for document in result.documents] == [later]
    assert result.counts(DocumentKind.INVOICE)["created"] == 1


def taken(seconds: float, mebibytes: float, calls: int = 65) -> Taken:
    names = (FIRST, KNOWN, AFTER, QUIET, *LOOKS)
    found = Measured(0, seconds, 2 * seconds, mebibytes)
    return Taken(dict.fromkeys(names, found), dict.fromkeys(names, (27, calls)))


@pytest.fixture
def found(tmp_path: Path) -> Findings:
    """Findings of which QuickBooks' largest shop was not measured."""
    found = Findings(tmp_path / "measured.json")
    found.taken = {to: {1000: taken(2.0, 80.0)} for to in LEDGERS}
    found.taken["xero"][100_000] = taken(220.0, 100.0, calls=3250)
    found.again = {"xero": Measured(0, 2.4, 4.8, 80.0)}
    found.walls = {to: Wall(75.0, 4.0) for to in LEDGERS}
    found.transform = dict.fromkeys(LEDGERS, 3500.0)
    found.startup = {"--version": 1.4, "--help": 5.0}
    looks = {name: Measured(0, 1.0, 1.0, 88.0) for name in ("sync", "status", "todo")}
    found.deep = {
        "xero": Deep(
            behind=1_000_000,
            copied=5000,
            ended=1000,
            killed=10,
            sent=2000,
            played=2000,
            before=Measured(0, 0.8, 1.0, 88.0),
            measured=looks,
            invoices=8001,
            orders=8001,
        )
    }
    return found


def test_page_has_every_figure_and_says_what_was_not_measured(found: Findings) -> None:
    text = page(found)

    rows = {row.split(" | ")[0].strip("| "): row for row in text.splitlines() if "|" in row}
    thousand = "calls to the ledger for 1,000 paid invoices"
    assert "| 65, 108 | 65 | 65 |" in rows[f"{thousand}, new buyers"]
    # 3,250 calls for 100,000: a part of a call counts as a whole one.
    assert "| 44 | 33 | — |" in rows[f"{thousand} of 100,000, known buyers"]
    # 2.20 ms each, to 2.00 ms before and 2.40 ms after.
    assert "| 1.2 | 1.00 | — |" in rows["own CPU for an invoice, 100,000 orders to 1,000"]
    assert "2.40 s, 80 MiB" in rows["Xero: sync once more"]
    assert "| 1.5 | 1.25 | — |" in rows["peak memory of sync, 100,000 orders to 1,000"]
    assert "| 1.3 | 1.25 |" in rows["time for 1,000 at 1 s a write, to the least by the limits"]
    assert "| 1.2 | 1.25 | — |" in rows["own CPU for an invoice"]
    assert "| 1.5 | 1.10 | — |" in rows["peak memory of status"]
    assert "8,001 invoices of 8,001 orders" in text
    assert "65.0 days" in rows["Xero: Starter"]
    assert "None" not in text
    assert "<svg" in picture(panels(found))


def test_readme_has_the_figures_and_no_others(found: Findings) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

    once = with_section(readme, found)
    found.taken["xero"][1000] = taken(2.0, 80.0, calls=64)
    twice = with_section(once, found)

    assert "| calls to the ledger | 65 | 65 |" in once
    assert "| own CPU for an invoice of 100,000, to that | 1.00 × | — |" in once
    assert "| calls to the ledger | 64 | 65 |" in twice
    assert twice.count("## What it costs") == 1
    assert "## Help" in twice


def test_what_was_measured_is_kept(found: Findings) -> None:
    found.write()

    again = Findings.read(found.keep)

    assert again == found
