"""The last table of the rules, for invoices: how each state and reason comes and goes."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode, TryLater
from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal, only, reasons

HUNDRED = Item("PRODUCT", "100.00", name="Candles")


def ends(rehearsal: Rehearsal, state: DocumentState, reason: str, **options: Any) -> Document:
    """The only document of a run, which has to end in this state for this reason."""
    document = only(rehearsal.sync(**options))
    assert (document.state, document.reason) == (state, reason), document
    assert document.message
    return document


def put_into_xero(rehearsal: Rehearsal, number: str, reference: str, amount: str = "100") -> str:
    """Somebody else's invoice with this number in Xero: its id."""
    line = {"Description": "Candles", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200"}
    contact = rehearsal.xero.add_contact(f"Buyer of {number}")
    named = {"InvoiceNumber": number, "Reference": reference, "Date": "2026-11-20"}
    lines = [{**line, "TaxType": "ZERORATEDOUTPUT"}]
    return rehearsal.xero.add_invoice(contact, lines, **named)


# --- skipped ----------------------------------------------------------------------------------


def test_invoice_with_the_marker_in_xero_is_not_made_again(tmp_path: Path) -> None:
    """`skipped`, `already-synced`: found by its number and marker, state file or not."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(HUNDRED)
    made = only(rehearsal.sync()).ledger_id
    (tmp_path / "state.sqlite3").unlink()
    assert ends(rehearsal, DocumentState.SKIPPED, "already-synced").ledger_id == made
    assert rehearsal.numbers() == [order]


def test_naming_an_invoice_that_was_sent_says_so(tmp_path: Path) -> None:
    """`skipped`, `already-synced`: an id that is typed gets an answer."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(HUNDRED)
    rehearsal.sync()
    ends(rehearsal, DocumentState.SKIPPED, "already-synced", ids=(order,))
    assert rehearsal.numbers() == [order]


def test_without_skip_synced_the_clash_is_left_to_a_person(tmp_path: Path) -> None:
    """`skip_synced` off: the document is not passed over in silence, and not doubled either."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.skip_synced": False})
    order = rehearsal.order(HUNDRED)
    rehearsal.sync()
    (tmp_path / "state.sqlite3").unlink()
    ends(rehearsal, DocumentState.HELD, "number-taken")
    assert rehearsal.numbers() == [order]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"invoices.order_status": "paid"}, "order-status"),
        ({"invoices.skip_zero_total": True}, "zero-total"),
    ],
)
def test_skipped_invoice_leaves_the_exit_code_alone_and_is_not_reported_again(
    tmp_path: Path, settings: dict[str, Any], reason: str
) -> None:
    """The last table: `skipped` is a rule of the user's; the exit code is untouched."""
    rehearsal = Rehearsal(tmp_path, **settings)
    price = "0.00" if reason == "zero-total" else "100.00"
    rehearsal.order(Item("PRODUCT", price, name="Sample"))
    first, second = rehearsal.sync(), rehearsal.sync()
    assert reasons(first) == {"1001": reason}
    assert (first.exit_code, second.exit_code) == (ExitCode.OK, ExitCode.OK)
    assert second.documents == []
    assert second.counts(DocumentKind.INVOICE)["unchanged"] == 1
    assert rehearsal.xero.writes() == []


@pytest.mark.parametrize("seen", [False, True], ids=["never judged", "skipped before"])
@pytest.mark.parametrize(
    ("settings", "price"),
    [({"invoices.order_status": "paid"}, "100.00"), ({"invoices.skip_zero_total": True}, "0.00")],
    ids=["order-status", "zero-total"],
)
def test_sync_id_sends_what_a_setting_skips(
    tmp_path: Path, settings: dict[str, Any], price: str, seen: bool
) -> None:
    """R8: `sync-id` overrides skips; `retry` and a range only judge again."""
    rehearsal = Rehearsal(tmp_path, **settings)
    order = rehearsal.order(Item("PRODUCT", price, name="Sample"))
    if seen:
        rehearsal.sync()
        assert only(rehearsal.sync(command="retry", ids=(order,))).state is DocumentState.SKIPPED
        assert only(rehearsal.sync(from_start=True)).state is DocumentState.SKIPPED
    assert only(rehearsal.sync(command="sync-id", ids=(order,))).state is DocumentState.CREATED
    assert rehearsal.numbers() == [order]
    assert rehearsal.sync().documents == []


@pytest.mark.parametrize(
    ("settings", "price", "state"),
    [
        ({"sync.mode": "paid-only"}, "100.00", DocumentState.WAITING),
        ({"invoices.order_status": "paid"}, "-1.00", DocumentState.HELD),
    ],
    ids=["mode", "hold"],
)
def test_sync_id_overrides_neither_modes_nor_holds(
    tmp_path: Path, settings: dict[str, Any], price: str, state: DocumentState
) -> None:
    """R8."""
    rehearsal = Rehearsal(tmp_path, **settings)
    order = rehearsal.order(Item("PRODUCT", price, name="Sample"))
    assert only(rehearsal.sync(command="sync-id", ids=(order,))).state is state
    assert rehearsal.numbers() == []


def test_skipped_invoice_that_changes_is_judged_again(tmp_path: Path) -> None:
    """The last table with `order_status`: paid since, it is no longer one to skip."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.order_status": "paid"})
    order = rehearsal.order(HUNDRED)
    ends(rehearsal, DocumentState.SKIPPED, "order-status")
    rehearsal.keap.add_payment(order_id=order, amount="100.00")
    rehearsal.keap.edit_order(order, notes="Paid at the stall")
    assert only(rehearsal.sync()).state is DocumentState.CREATED


# --- held -------------------------------------------------------------------------------------


def test_number_of_somebody_elses_invoice_is_held(tmp_path: Path) -> None:
    """`held`, `number-taken`: the other invoice is left as it is, and named."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(HUNDRED)
    other = put_into_xero(rehearsal, order, "By telephone", "7.00")
    assert "By telephone" in ends(rehearsal, DocumentState.HELD, "number-taken").message
    assert rehearsal.xero.invoices[other].total == Decimal("7.00")
    rehearsal.configure({"invoices.number_prefix": "K-"})
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert rehearsal.numbers() == [f"K-{order}"]


def test_marked_invoice_of_another_total_is_held(tmp_path: Path) -> None:
    """`held`, `totals-differ`: what is there with this order's marker has to agree too."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(HUNDRED)
    put_into_xero(rehearsal, order, f"Keap order {order}, invoice {order}", "99.00")
    message = ends(rehearsal, DocumentState.HELD, "totals-differ").message
    assert "99.00" in message
    assert "100.00" in message


def test_tax_type_that_does_not_fit_an_items_account_is_held(tmp_path: Path) -> None:
    """`held`, `tax-code-unknown`: from elsewhere, here an item that is booked to an expense."""
    settings = {"tax.untaxed_invoices": "inclusive"}
    rehearsal = Rehearsal(tmp_path, **settings)
    rehearsal.xero.add_item("COST", account_code="310")
    rehearsal.order(Item("PRODUCT", "100.00", name="Candles", sku="COST"))
    message = ends(rehearsal, DocumentState.HELD, "tax-code-unknown").message
    assert "OUTPUT2" in message
    assert "310" in message


def test_item_that_xero_does_not_sell_is_held(tmp_path: Path) -> None:
    """`held`, `item-missing`: an item code that Xero refuses on a sales line."""
    rehearsal = Rehearsal(tmp_path, **{"xero.sku_item_codes": True})
    rehearsal.xero.add_item("BUY", is_sold=False)
    rehearsal.order(Item("PRODUCT", "100.00", name="Candles", sku="BUY"))
    assert "BUY" in ends(rehearsal, DocumentState.HELD, "item-missing").message


def test_period_locked_meanwhile_is_held_and_not_failed(tmp_path: Path) -> None:
    """`held`, `period-locked`, also when only Xero's answer tells it."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(HUNDRED)

    def lock(request: Any) -> None:
        if request.path.endswith("/Invoices"):
            rehearsal.xero.set_lock_dates(period=date(2026, 11, 30))

    rehearsal.xero.in_progress = lock
    ends(rehearsal, DocumentState.HELD, "period-locked")
    rehearsal.xero.in_progress = None
    rehearsal.xero.set_lock_dates()
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert rehearsal.numbers() == [order]


def test_contact_archived_meanwhile_is_held_and_not_failed(tmp_path: Path) -> None:
    """`held`, `contact-archived`, also when only Xero's answer tells it."""
    rehearsal = Rehearsal(tmp_path)
    known = rehearsal.xero.add_contact("Test1 Person1")
    rehearsal.order(HUNDRED)

    def archive(request: Any) -> None:
        if request.method == "PUT":
            rehearsal.xero.archive_contact(known)

    rehearsal.xero.in_progress = archive
    ends(rehearsal, DocumentState.HELD, "contact-archived")


@pytest.mark.parametrize("ended", ["void_invoice", "delete_invoice"])
def test_document_that_ended_in_the_ledger_before_it_was_compared_is_held(
    tmp_path: Path, ended: str
) -> None:
    """`held`, `changed-after-sync`: never made again by itself; `--recreate` makes it anew."""
    status = "authorised" if ended == "void_invoice" else "draft"
    rehearsal = Rehearsal(tmp_path, **{"xero.status": status})
    order = rehearsal.order(HUNDRED)
    rehearsal.xero.fail(kind="lose", method="PUT", path="/Invoices$", times=9)
    # Neither does a look tell what became of it.
    rehearsal.xero.fail(kind="drop", method="GET", path="/Invoices$", times=99)
    with pytest.raises(TryLater):
        rehearsal.sync()
    rehearsal.xero.faults.clear()
    assert ends(rehearsal, DocumentState.HELD, "outcome-unknown", dry_run=True).number == order
    rehearsal.ticker.pass_time(3600)
    (made,) = rehearsal.xero.invoices.find("number", order)
    getattr(rehearsal.xero, ended)(made.id)
    for _ in range(2):
        reported = rehearsal.sync().documents
        assert {(item.state, item.reason) for item in reported} == {
            (DocumentState.HELD, "changed-after-sync")
        }
    assert rehearsal.numbers() == [order]
    assert only(rehearsal.sync(ids=(order,), recreate=True)).state is DocumentState.CREATED
    assert rehearsal.numbers() == [order, f"{order}-2"]


def test_held_invoice_keeps_the_exit_code_until_it_is_mended(tmp_path: Path) -> None:
    """The last table: `held` needs a person (exit 3), in every run until it is corrected."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(HUNDRED, total="99.00")
    assert [rehearsal.sync().exit_code for _ in range(2)] == [ExitCode.NEEDS_PERSON] * 2
    rehearsal.keap.edit_order(order, items=[HUNDRED])
    assert rehearsal.sync().exit_code is ExitCode.OK


# --- failed -----------------------------------------------------------------------------------


def test_rejected_invoice_is_sent_again_only_when_it_has_changed(tmp_path: Path) -> None:
    """`failed`, `rejected`, in the ledger's words; again once the draft differs, or by its id."""
    rehearsal = Rehearsal(tmp_path)
    huge = Item("PRODUCT", "99999999.99", 1000, name="Factory")
    order = rehearsal.order(huge)
    assert "9999999999.99" in ends(rehearsal, DocumentState.FAILED, "rejected").message
    sent = len(rehearsal.xero.writes())
    assert rehearsal.sync().exit_code is ExitCode.NEEDS_PERSON
    assert len(rehearsal.xero.writes()) == sent
    ends(rehearsal, DocumentState.FAILED, "rejected", ids=(order,))
    assert len(rehearsal.xero.writes()) > sent
    rehearsal.keap.edit_order(order, items=[HUNDRED])
    assert only(rehearsal.sync()).state is DocumentState.CREATED


@pytest.mark.parametrize("by", ["invoice", "order"])
def test_id_that_keap_does_not_know_is_not_found(tmp_path: Path, by: str) -> None:
    """`failed`, `not-found`, with the id as it was typed."""
    rehearsal = Rehearsal(tmp_path)
    document = ends(rehearsal, DocumentState.FAILED, "not-found", ids=("4711",), by=by)
    assert (document.invoice_id, document.order_id) == (
        ("4711", "") if by == "invoice" else ("", "4711")
    )


def test_held_order_that_is_deleted_in_keap_is_not_found(tmp_path: Path) -> None:
    """`failed`, `not-found`: an open document whose order was deleted."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(HUNDRED, total="99.00")
    ends(rehearsal, DocumentState.HELD, "totals-differ")
    rehearsal.keap.delete_order(order)
    assert ends(rehearsal, DocumentState.FAILED, "not-found").order_id == order


# --- waiting and dry runs ---------------------------------------------------------------------


def test_waiting_invoice_asks_for_nobody(tmp_path: Path) -> None:
    """`waiting`, `unpaid`: it settles by itself, so the exit code stays 0."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "paid-only"})
    rehearsal.order(HUNDRED)
    ends(rehearsal, DocumentState.WAITING, "unpaid")
    assert rehearsal.sync().exit_code is ExitCode.OK


def test_dry_run_tells_the_same_and_sends_nothing(tmp_path: Path) -> None:
    """Every verdict is known before anything is sent."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order(HUNDRED)
    rehearsal.order(HUNDRED, total="99.00")
    rehearsal.order(Item("PRODUCT", "0.00", name="Sample"))
    rehearsal.order(HUNDRED, currency="USD")
    dry, wet = rehearsal.sync(dry_run=True), rehearsal.sync()
    assert [(item.state, item.reason) for item in dry.documents] == [
        (item.state, item.reason) for item in wet.documents
    ]
    assert rehearsal.numbers() == ["1001"]
