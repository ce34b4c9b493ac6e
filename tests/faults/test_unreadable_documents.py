"""A document of ours that makes no sense in any answer of the ledger: only its order waits."""

from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import TryLater
from invoicesync_cli.model import Document, DocumentKind, DocumentState, LedgerId, Reason
from invoicesync_cli.sync import Result
from tests.kits.lost_state import CANDLE, ledger, void
from tests.kits.qbd_shop import desktop
from tests.kits.rehearsal import Rehearsal
from tests.kits.spoilt_rows import Spoilt, SpoiltInDesktop

LEDGERS = ["xero", "qbo", "qbd"]
DAY = 86400
MONEY = "invoices-and-payments"


def shop(
    home: Path, to: str, *, orders: int = 3, mode: str = "invoices"
) -> tuple[Rehearsal, list[str]]:
    """Orders that were booked some days ago; nothing has changed since the last run."""
    settings: Any = {"sync.mode": mode}
    r = desktop(home, **settings) if to == "qbd" else Rehearsal(home, to=to, **settings)
    person = r.person()
    booked = [r.order(CANDLE, contact=person) for _ in range(orders)]
    for _ in range(3):
        r.sync()
        r.ticker.pass_time(DAY)
    return r, booked


def spoilt(r: Rehearsal, ident: str) -> Spoilt | SpoiltInDesktop:
    """Nobody can read this document."""
    kind = SpoiltInDesktop if r.to == "qbd" else Spoilt
    return kind(r, ident, everywhere=True)


def touched(r: Rehearsal, ident: str) -> None:
    """Somebody has saved a document, and nothing of it is another."""
    if r.to == "xero":
        r.xero.edit_invoice(ident, Reference=r.xero.invoices[ident].reference)
    elif r.to == "qbo":
        r.qbo.edit(ident, PrivateNote=r.qbo.invoices[ident].private_note)
    else:
        r.qbd.edit(ident, memo=r.qbd.invoices[ident].memo)


def record_of(r: Rehearsal, order: str) -> Document:
    with r.state() as state:
        record = state.record(DocumentKind.INVOICE, order)
    assert record
    return record.document


def ids_of(r: Rehearsal, orders: list[str]) -> list[str]:
    return [record_of(r, order).ledger_id for order in orders]


def paid_twice(r: Rehearsal, order: str) -> tuple[LedgerId, LedgerId]:
    """Two payments of an order that were booked a day ago, by their ids in the ledger."""
    for _ in range(2):
        r.keap.add_payment(order_id=order, amount="50.00")
    r.sync()
    r.ticker.pass_time(DAY)
    kept, gone = ends(r, order)
    return kept, gone


def ends(r: Rehearsal, order: str) -> dict[LedgerId, str]:
    """The payments of an order, and who has ended them."""
    with r.state() as state:
        records = state.records_of([order], "order")
    return {
        LedgerId(record.document.ledger_id): record.document.ended
        for record in records
        if record.kind is DocumentKind.PAYMENT
    }


def verdicts(result: Result) -> dict[str, tuple[DocumentState, Reason]]:
    """What a run says of orders' invoices."""
    return {
        item.order_id: (item.state, item.reason)
        for item in result.documents
        if item.kind is DocumentKind.INVOICE
    }


@pytest.mark.parametrize("to", LEDGERS)
def test_only_its_order_is_held_and_it_ends_by_itself(tmp_path: Path, to: str) -> None:
    r, (order, *_) = shop(tmp_path, to)
    (ident,) = ids_of(r, [order])
    touched(r, ident)
    rows = spoilt(r, ident)
    new = r.order(CANDLE)

    said = r.sync()

    assert rows.rows
    assert verdicts(said) == {
        order: (DocumentState.HELD, Reason.CHANGED_AFTER_SYNC),
        new: (DocumentState.CREATED, Reason.NONE),
    }
    assert "makes no sense" in record_of(r, order).message
    assert said.exit_code == 3
    r.ticker.pass_time(DAY)
    assert r.sync().exit_code == 3
    rows.end()
    r.ticker.pass_time(DAY)
    assert r.sync().exit_code == 0
    assert (record_of(r, order).state, record_of(r, order).message) == (DocumentState.CREATED, "")


@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_what_was_changed_meanwhile_is_found_when_it_makes_sense_again(
    tmp_path: Path, to: str
) -> None:
    r, (order, other, *_) = shop(tmp_path, to)
    ident, _ = ids_of(r, [order, other])
    for one in ids_of(r, [order, other]):
        void(r, one)
    rows = spoilt(r, ident)
    r.sync()
    assert (record_of(r, order).ended, record_of(r, other).ended) == ("", "ledger")
    rows.end()
    r.ticker.pass_time(DAY)

    r.sync()

    assert record_of(r, order).ended == "ledger"


@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_payment_that_is_deleted_meanwhile_is_found_too(tmp_path: Path, to: str) -> None:
    r, (order, *_) = shop(tmp_path, to, mode=MONEY)
    (kept, gone), rows = paid_twice(r, order), spoilt(r, *ids_of(r, [order]))
    touched(r, *ids_of(r, [order]))
    ledger(r).delete_payment(gone)
    # Longer ago than the next look begins before this one.
    r.ticker.pass_time(3600)
    r.sync()
    assert record_of(r, order).state is DocumentState.HELD
    rows.end()
    r.ticker.pass_time(DAY)

    r.sync()

    assert record_of(r, order).state is DocumentState.CREATED
    assert ends(r, order) == {kept: "", gone: "ledger"}


@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_payment_that_makes_no_sense_holds_its_order_until_it_does(tmp_path: Path, to: str) -> None:
    r, (order, *_) = shop(tmp_path, to, mode=MONEY)
    kept, gone = paid_twice(r, order)
    ledger(r).delete_payment(gone)
    if to == "qbo":
        r.qbo.edit(kept, PrivateNote=r.qbo.payments[kept].private_note)
    rows = spoilt(r, kept)
    new = r.order(CANDLE)

    said = r.sync()

    assert rows.rows
    assert verdicts(said) == {
        order: (DocumentState.HELD, Reason.CHANGED_AFTER_SYNC),
        new: (DocumentState.CREATED, Reason.NONE),
    }
    assert ends(r, order) == {kept: "", gone: "ledger"}
    r.ticker.pass_time(DAY)
    r.sync()
    assert record_of(r, order).state is DocumentState.HELD
    rows.end()
    r.ticker.pass_time(DAY)
    r.sync()
    assert record_of(r, order).state is DocumentState.CREATED
    assert ends(r, order) == {kept: "", gone: "ledger"}


@pytest.mark.parametrize("to", LEDGERS)
def test_money_waits_for_an_invoice_that_makes_no_sense_now(tmp_path: Path, to: str) -> None:
    """It has not changed; nobody has looked at it before the money came."""
    r, (order, other, *_) = shop(tmp_path, to, mode=MONEY)
    rows = spoilt(r, *ids_of(r, [order]))
    for one in (order, other):
        r.keap.add_payment(order_id=one, amount="100.00")

    said = r.sync()

    assert rows.rows
    money = {item.order_id: item.state for item in said.documents if item.payment_id}
    assert money == {order: DocumentState.WAITING, other: DocumentState.CREATED}
    rows.end()
    r.ticker.pass_time(DAY)
    (booked,) = r.sync().documents
    assert (booked.order_id, booked.state) == (order, DocumentState.CREATED)


@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_so_many_that_it_is_the_service_end_the_run(tmp_path: Path, to: str) -> None:
    r, orders = shop(tmp_path, to, orders=11)
    for ident in ids_of(r, orders):
        touched(r, ident)
        spoilt(r, ident)

    with pytest.raises(TryLater, match="makes no sense"):
        r.sync()

    assert {record_of(r, order).state for order in orders} == {DocumentState.CREATED}


def test_desktop_row_of_somebody_else_is_passed_over(tmp_path: Path) -> None:
    r, _ = shop(tmp_path, "qbd")
    theirs = next(row.id for row in r.qbd.invoices.values() if "Keap" not in row.memo)
    touched(r, theirs)
    rows = SpoiltInDesktop(r, theirs)

    said = r.sync()

    assert rows.rows
    assert (said.exit_code, said.documents) == (0, [])
