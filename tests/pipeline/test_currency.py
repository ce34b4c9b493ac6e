"""Rules R7 and R13, and the order of grounds in R8: currency, lock dates, and what counts first."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal, only, reasons

HUNDRED = Item("PRODUCT", "100.00", name="Candles")


@pytest.mark.parametrize("currency", ["AUD", "EUR", "NZD", "USD"])
def test_currency_of_the_account_is_detected(tmp_path: Path, currency: str) -> None:
    """R7, S8 and S9: the Keap account's currency goes on the invoice where the ledger has it."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.currency = rehearsal.keap.profile.currency = currency
    rehearsal.xero.subscribe(currency, "1.5")
    order = rehearsal.order(HUNDRED)
    result = rehearsal.sync()
    assert only(result).state is DocumentState.CREATED
    assert (only(result).currency, result.currency) == (currency, currency)
    invoice = rehearsal.booked(order)
    assert (invoice["CurrencyCode"], Decimal(invoice["Total"])) == (currency, Decimal(100))


def test_order_in_another_currency_is_held(tmp_path: Path) -> None:
    """R7, S10: one currency per Keap account; another one is held, even if the ledger has it."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.xero.subscribe("USD", "1.25")
    rehearsal.order(HUNDRED, currency="USD")
    document = only(rehearsal.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "currency-differs")
    assert "USD" in document.message
    assert "GBP" in document.message
    assert rehearsal.xero.writes() == []


def test_currency_can_be_set_over_the_detected_one(tmp_path: Path) -> None:
    """R7, S8: detected or set."""
    rehearsal = Rehearsal(tmp_path, **{"keap.currency": "USD"})
    rehearsal.xero.subscribe("USD", "1.25")
    dollars, pounds = rehearsal.order(HUNDRED, currency="USD"), rehearsal.order(HUNDRED)
    result = rehearsal.sync()
    assert rehearsal.numbers() == [dollars]
    assert reasons(result) == {pounds: "currency-differs"}


def test_currency_that_the_ledger_lacks_is_held_until_it_has_it(tmp_path: Path) -> None:
    """R7: a currency the ledger does not have is held with `currency-differs`."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.currency = rehearsal.keap.profile.currency = "USD"
    order = rehearsal.order(HUNDRED)
    document = only(rehearsal.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, "currency-differs")
    assert "USD" in document.message
    rehearsal.xero.subscribe("USD", "1.25")
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert rehearsal.booked(order)["CurrencyCode"] == "USD"


LOCKED, OPEN = datetime(2026, 10, 31, 12, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC)
THE_31ST, THE_30TH = date(2026, 10, 31), date(2026, 10, 30)


@pytest.mark.parametrize(
    "locks",
    [
        {"period": THE_31ST},
        {"end_of_year": THE_31ST},
        {"period": THE_31ST, "end_of_year": date(2026, 3, 31)},
        {"period": date(2026, 3, 31), "end_of_year": THE_31ST},
    ],
    ids=["period", "year", "period later", "year later"],
)
def test_locked_day_is_the_last_that_is_held(tmp_path: Path, locks: dict[str, Any]) -> None:
    """R13: dated on or before either lock date, held with `period-locked`; the next day goes."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.xero.set_lock_dates(**locks)
    rehearsal.order(HUNDRED, order_time=LOCKED)
    free = rehearsal.order(HUNDRED, order_time=OPEN)
    held, created = rehearsal.sync().documents
    assert (held.state, held.reason) == (DocumentState.HELD, "period-locked")
    assert "2026-10-31" in held.message
    assert created.state is DocumentState.CREATED
    assert rehearsal.numbers() == [free]


def test_locked_invoice_is_held_without_being_sent(tmp_path: Path) -> None:
    """R13: held without being sent; once the lock is moved it goes by itself."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.xero.set_lock_dates(period=THE_31ST)
    order = rehearsal.order(HUNDRED, order_time=LOCKED)
    result = rehearsal.sync()
    assert result.exit_code is ExitCode.NEEDS_PERSON
    assert rehearsal.xero.writes() == []
    rehearsal.xero.set_lock_dates(period=THE_30TH)
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert rehearsal.numbers() == [order]


def test_lock_set_since_the_last_run_is_read_first(tmp_path: Path) -> None:
    """R13: the lock dates are read first, in every run that would send something."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order(HUNDRED, order_time=LOCKED)
    rehearsal.sync()
    rehearsal.xero.set_lock_dates(period=THE_31ST)
    rehearsal.order(HUNDRED, order_time=LOCKED)
    sent = len(rehearsal.xero.writes())
    assert only(rehearsal.sync()).reason == "period-locked"
    assert len(rehearsal.xero.writes()) == sent


# Each ground of R8 in its order: what it is called, and what brings it about.
Ground = Callable[[Rehearsal, dict[str, Any]], None]


def _before_start(rehearsal: Rehearsal, _: dict[str, Any]) -> None:
    rehearsal.configure({"sync.start": "2027-01-01"})


def _mode(rehearsal: Rehearsal, _: dict[str, Any]) -> None:
    rehearsal.configure({"sync.mode": "paid-only"})


def _status(rehearsal: Rehearsal, _: dict[str, Any]) -> None:
    rehearsal.configure({"invoices.order_status": "paid"})


def _zero(rehearsal: Rehearsal, fields: dict[str, Any]) -> None:
    rehearsal.configure({"invoices.order_status": "any", "sync.mode": "invoices"})
    fields["total"] = "0.00"


def _negative(_: Rehearsal, fields: dict[str, Any]) -> None:
    fields["total"] = "-1.00"


def _currency(_: Rehearsal, fields: dict[str, Any]) -> None:
    fields["currency"] = "USD"


def _sums(_: Rehearsal, fields: dict[str, Any]) -> None:
    fields.setdefault("total", "101.00")


def _account(rehearsal: Rehearsal, fields: dict[str, Any]) -> None:
    rehearsal.xero.add_item("OLD", account_code="299")
    fields["items"] = [Item("PRODUCT", "100.00", name="Candles", sku="OLD")]


def _lock(rehearsal: Rehearsal, _: dict[str, Any]) -> None:
    rehearsal.xero.set_lock_dates(period=date(2026, 12, 31))


def _contact(rehearsal: Rehearsal, _: dict[str, Any]) -> None:
    rehearsal.configure({"contacts.when_missing": "hold"})


GROUNDS: list[tuple[str, Ground]] = [
    ("before-start", _before_start),
    ("unpaid", _mode),
    ("order-status", _status),
    ("negative-total", _negative),
    ("currency-differs", _currency),
    ("totals-differ", _sums),
    ("account-unknown", _account),
    ("period-locked", _lock),
    ("contact-missing", _contact),
]


def enter(rehearsal: Rehearsal, grounds: list[Ground]) -> str:
    """An order with all these grounds: the reason that it gets."""
    fields: dict[str, Any] = {}
    for bring_about in grounds:
        bring_about(rehearsal, fields)
    items = fields.pop("items", [HUNDRED])
    rehearsal.order(*items, **fields)
    return only(rehearsal.sync(from_start=True)).reason


@pytest.mark.parametrize("place", range(len(GROUNDS)), ids=[name for name, _ in GROUNDS])
def test_first_ground_counts(tmp_path: Path, place: int) -> None:
    """R8: start, mode, status, zero, negative, currency, sums, tax code, lock date, contact."""
    reason = GROUNDS[place][0]
    grounds = [bring_about for _, bring_about in GROUNDS[place:]]
    if reason in {"before-start", "unpaid", "order-status"}:
        # A negative total would count as paid.
        grounds.remove(_negative)
    assert enter(Rehearsal(tmp_path), grounds) == reason


def test_zero_total_counts_after_the_status_and_before_the_rest(tmp_path: Path) -> None:
    """R8: a zero total is paid, so it is not waited for; nothing after it counts."""
    after = [_zero, _currency, _sums, _account, _lock, _contact]
    assert enter(Rehearsal(tmp_path / "zero"), after) == "zero-total"
    unpaid_only = Rehearsal(tmp_path / "status")
    fields = {"invoices.order_status": "unpaid", "invoices.skip_zero_total": True}
    unpaid_only.configure(fields)
    unpaid_only.order(Item("PRODUCT", "0.00", name="Sample"))
    assert only(unpaid_only.sync()).reason == "order-status"
