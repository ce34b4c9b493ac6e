"""What a run may cost: calls per thousand invoices, and in a run with nothing new."""

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from invoicesync_cli.errors import TryLater
from invoicesync_cli.model import DocumentKind
from invoicesync_sandbox.shop.generator import generate
from tests.kits.rehearsal import Rehearsal


@pytest.mark.parametrize(
    ("to", "settings", "most"),
    [
        ("xero", {}, 65),
        ("qbo", {}, 108),
        ("qbo", {"qbo.document": "sales-receipt-when-paid"}, 75),
    ],
    ids=["xero", "quickbooks", "sales receipts"],
)
def test_a_thousand_invoices_of_new_people_cost_few_calls(
    tmp_path: Path, to: str, settings: dict[str, str], most: int
) -> None:
    rehearsal = Rehearsal(tmp_path, to=to, **{"sync.mode": "invoices-and-payments", **settings})
    generate(rehearsal.keap, 1000)

    result = rehearsal.sync()

    assert result.counts(DocumentKind.INVOICE)["created"] == 1000
    assert result.counts(DocumentKind.PAYMENT)["created"] == 1000
    keap, ledger = result.totals()
    assert keap == ledger
    assert result.calls["ledger"] <= most
    assert result.calls["keap"] <= 30

    again = rehearsal.sync()

    assert again.calls["keap"] + again.calls["ledger"] <= 8
    assert again.documents == []


@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_people_known_from_earlier_runs_are_not_looked_up_again(tmp_path: Path, to: str) -> None:
    rehearsal = Rehearsal(tmp_path, to=to)
    ledger = getattr(rehearsal, to)
    person = rehearsal.person()
    rehearsal.order(contact=person)
    rehearsal.sync()
    rehearsal.order(contact=person)
    before = len(ledger.calls)

    rehearsal.sync()

    later = ledger.calls[before:]
    assert later
    assert not any(b"from Customer" in call.body or "Contacts" in call.path for call in later)


def test_a_backfill_of_days_does_not_look_at_everything_again_each_day(tmp_path: Path) -> None:
    """What one day has sent, the next day reads as changes, a thousand a call, and not by id."""
    rehearsal = Rehearsal(tmp_path)
    person = rehearsal.person()
    for _ in range(700):
        rehearsal.order(contact=person)
    rehearsal.xero.limits.day = 14
    for _ in range(4):
        before = len(rehearsal.xero.calls)
        with contextlib.suppress(TryLater):
            rehearsal.sync()
        reads = [call.query for call in rehearsal.xero.calls[before:] if call.method == "GET"]

        assert not any("IDs=" in query for query in reads), reads
        assert len(reads) <= 8
        rehearsal.ticker.pass_time(timedelta(days=1).total_seconds())

    assert len(rehearsal.numbers()) == 700
