"""What people do meanwhile: in QuickBooks, with the settings, and with the state file."""

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.http.limits import Timing
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.faults import Trouble, attempt, between, documents, failure
from tests.kits.qbo_faults import check_books, everything, forms, quickbooks, snapshot
from tests.kits.rehearsal import Rehearsal

RECEIPTS: dict[str, Any] = {"qbo.document": "sales-receipt-when-paid"}
STATE = "state.sqlite3"


def paid(rehearsal: Rehearsal) -> str:
    """An order that is paid by one payment on its own day."""
    order = rehearsal.order()
    rehearsal.keap.add_payment(order_id=order, amount="100.00")
    return order


def received(rehearsal: Rehearsal) -> Decimal:
    """All the money that is in QuickBooks for our orders."""
    qbo = rehearsal.qbo
    rows = [*qbo.payments.values(), *qbo.sales_receipts.values()]
    return sum((row.total for row in rows if row.status == "live"), Decimal(0))


def owed(rehearsal: Rehearsal) -> Decimal:
    """What our invoices still ask for."""
    rows = [form for found in forms(rehearsal).values() for form in found]
    return sum((form.balance for form in rows), Decimal(0))


def in_books(rehearsal: Rehearsal) -> tuple[int, int]:
    """What was received and what is owed, in whole pounds."""
    return int(received(rehearsal)), int(owed(rehearsal))


def end(rehearsal: Rehearsal, how: str) -> None:
    """Void or delete the sales receipt in QuickBooks."""
    (receipt,) = rehearsal.qbo.sales_receipts
    if how == "void":
        rehearsal.qbo.void_sales_receipt(receipt)
    else:
        rehearsal.qbo.delete_sales_receipt(receipt)


def restore(rehearsal: Rehearsal, backup: Path) -> None:
    """The state file is that of the backup again."""
    for path in rehearsal.home.glob(f"{STATE}*"):
        path.unlink()
    shutil.copy(backup, rehearsal.home / STATE)


def backed_up(rehearsal: Rehearsal, where: Path) -> Path:
    """A copy of the state file as it is now."""
    with rehearsal.state() as state:
        state.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copy(rehearsal.home / STATE, where))


@pytest.mark.parametrize("settings", [{}, RECEIPTS], ids=["invoices", "receipts"])
@pytest.mark.parametrize("silent", [True, False])
def test_state_file_of_yesterday(tmp_path: Path, settings: dict[str, Any], silent: bool) -> None:
    rehearsal = quickbooks(tmp_path / "home", **settings)
    rehearsal.qbo.set_preferences(warn_duplicate_numbers=not silent)
    paid(rehearsal)
    rehearsal.sync()
    backup = backed_up(rehearsal, tmp_path / "backup")
    everything(rehearsal)
    paid(rehearsal)
    rehearsal.sync()
    before = snapshot(rehearsal)
    restore(rehearsal, backup)

    rehearsal.sync()
    rehearsal.ticker.pass_time(86400)
    rehearsal.sync()

    assert snapshot(rehearsal) == before


@pytest.mark.parametrize("first", ["invoice", "sales-receipt-when-paid"])
def test_state_file_of_yesterday_and_other_documents_since(tmp_path: Path, first: str) -> None:
    """The payment is in QuickBooks already, whichever document it came with."""
    second = {"invoice": RECEIPTS["qbo.document"]}.get(first, "invoice")
    rehearsal = quickbooks(tmp_path / "home", **{"qbo.document": first})
    rehearsal.sync()
    backup = backed_up(rehearsal, tmp_path / "backup")
    paid(rehearsal)
    rehearsal.sync()
    before = snapshot(rehearsal)
    restore(rehearsal, backup)
    rehearsal.configure({"qbo.document": second})

    rehearsal.sync()
    rehearsal.ticker.pass_time(86400)
    rehearsal.sync()

    assert snapshot(rehearsal) == before
    assert received(rehearsal) == 100


def test_state_file_of_before_the_payment_and_receipts_since(tmp_path: Path) -> None:
    """The invoice is in QuickBooks, its payment is not; a receipt would be made of the two now."""
    rehearsal = quickbooks(tmp_path / "home", **{"sync.mode": "invoices"})
    rehearsal.sync()
    backup = backed_up(rehearsal, tmp_path / "backup")
    paid(rehearsal)
    rehearsal.sync()
    restore(rehearsal, backup)
    rehearsal.configure({"sync.mode": "invoices-and-payments", **RECEIPTS})

    rehearsal.sync()
    rehearsal.sync()

    assert in_books(rehearsal) == (100, 0)


@pytest.mark.parametrize("gone", ["void", "delete"])
def test_receipt_made_anew_as_an_invoice_is_paid(tmp_path: Path, gone: str) -> None:
    rehearsal = quickbooks(tmp_path, **RECEIPTS)
    order = paid(rehearsal)
    rehearsal.sync()
    end(rehearsal, gone)
    rehearsal.configure({"qbo.document": "invoice"})

    rehearsal.sync(command="sync-id", ids=(order,), recreate=True)
    rehearsal.sync()

    assert len(forms(rehearsal)[order]) == 1
    assert in_books(rehearsal) == (100, 0)


@pytest.mark.parametrize("gone", ["void", "delete"])
def test_receipt_made_anew_brings_its_payment_along(tmp_path: Path, gone: str) -> None:
    rehearsal = quickbooks(tmp_path, **RECEIPTS)
    order = paid(rehearsal)
    rehearsal.sync()
    end(rehearsal, gone)

    rehearsal.sync(command="sync-id", ids=(order,), recreate=True)

    assert received(rehearsal) == 100
    check_books(rehearsal)


def test_invoice_made_anew_as_a_receipt_is_not_paid_twice(tmp_path: Path) -> None:
    """Voiding the invoice left its payment with the customer."""
    rehearsal = quickbooks(tmp_path)
    order = paid(rehearsal)
    rehearsal.sync()
    rehearsal.qbo.void_invoice(forms(rehearsal)[order][0].id)
    rehearsal.configure(RECEIPTS)

    rehearsal.sync(command="sync-id", ids=(order,), recreate=True)
    rehearsal.sync()

    assert received(rehearsal) == 100


@pytest.mark.parametrize("seconds", [0, 600])
@pytest.mark.parametrize("first", ["invoice", "sales-receipt-when-paid"])
def test_documents_switched_while_an_answer_is_lost(
    tmp_path: Path, first: str, seconds: int
) -> None:
    second = {"invoice": RECEIPTS["qbo.document"]}.get(first, "invoice")
    rehearsal = quickbooks(tmp_path, **{"qbo.document": first})
    paid(rehearsal)
    place = between(rehearsal)["qbo"]
    made = '"operation":"create","(Invoice|SalesReceipt)'
    place.planned = [Trouble("after", text=made, killed=SystemExit)]
    assert isinstance(attempt(rehearsal), SystemExit)
    place.planned = []
    rehearsal.ticker.pass_time(seconds)
    rehearsal.configure({"qbo.document": second})

    rehearsal.sync()

    check_books(rehearsal)
    assert in_books(rehearsal) == (100, 0)


def test_customer_merged_into_another(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path)
    person = rehearsal.person(emails=("ann@example.com",))
    rehearsal.order(contact=person)
    rehearsal.sync()
    qbo = rehearsal.qbo
    (old,) = [row.id for row in qbo.customers.values() if row.notes]
    kept = qbo.add_customer("Ann Kept", email="ann@example.com")
    qbo.deactivate("Customer", old)
    second = rehearsal.order(contact=person)

    held = rehearsal.sync()
    rehearsal.sync()
    rehearsal.sync()

    assert documents(held)[second] == ("held", "contact-archived")
    assert [row.customer_id for row in forms(rehearsal)[second]] == [kept]


@pytest.fixture
def unmatched(tmp_path: Path) -> tuple[Rehearsal, str]:
    """A shop that has used the item for unmatched lines, and will again; the item's id."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.order(Item("OTHER", "10.00", name="Something"))
    rehearsal.sync()
    (item,) = [row.id for row in rehearsal.qbo.items.values() if "unknown" in row.name]
    rehearsal.order(Item("OTHER", "20.00", name="Something"))
    return rehearsal, item


def test_item_for_unmatched_lines_renamed(unmatched: tuple[Rehearsal, str]) -> None:
    rehearsal, item = unmatched
    rehearsal.qbo.rename("Item", item, "Odds and ends")
    rehearsal.sync()
    check_books(rehearsal)


def test_item_for_unmatched_lines_made_inactive(unmatched: tuple[Rehearsal, str]) -> None:
    """Its name is kept for it, so that no other can be made."""
    rehearsal, item = unmatched
    rehearsal.qbo.deactivate("Item", item)

    refused = failure(rehearsal)

    assert refused.exit_code == ExitCode.CONFIG
    assert "active again" in refused.hint, refused.message + refused.hint
    rehearsal.qbo.activate("Item", item)
    rehearsal.sync()
    check_books(rehearsal)


def test_two_programs_with_two_state_files(tmp_path: Path) -> None:
    """Somebody runs the tool on two machines for the same company."""
    rehearsal = quickbooks(tmp_path / "one")
    everything(rehearsal)
    rehearsal.sync()
    before = snapshot(rehearsal)
    for path in rehearsal.home.glob(f"{STATE}*"):
        path.unlink()
    rehearsal.sync()
    rehearsal.sync()
    assert snapshot(rehearsal) == before


def test_clock_set_back(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path, QboSwitches(requestid_hours=0.01))
    everything(rehearsal)
    place = between(rehearsal)["qbo"]
    place.planned = [Trouble("after", text='"Invoice":{"Cust', killed=SystemExit)]
    attempt(rehearsal)
    place.planned = []
    rehearsal.ticker.pass_time(1800)
    ticker, hour = rehearsal.ticker, timedelta(hours=1)
    rehearsal.network.timing = Timing(
        lambda: ticker.seconds, ticker.sleep, lambda: ticker.clock.now() - hour
    )
    rehearsal.sync()
    check_books(rehearsal)
