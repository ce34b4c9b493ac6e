"""An older copy of the state is restored, or two machines have one each."""

import contextlib
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest

from invoicesync_cli.errors import Interrupted
from invoicesync_cli.model import DocumentKind
from invoicesync_cli.sync import Result
from tests.kits.faults import Trouble, attempt, between, killed_at_commit
from tests.kits.lost_state import (
    CANDLE,
    SINCE,
    STATE,
    books,
    copied,
    copy_of,
    lock,
    lose_state,
    restored,
    shop,
    verdicts,
)
from tests.kits.rehearsal import Rehearsal, only


@pytest.mark.parametrize("since", SINCE)
def test_an_older_copy_of_the_state_books_nothing_again(
    r: Rehearsal, tmp_path: Path, since: str
) -> None:
    r.order(CANDLE)
    r.sync()
    backup = copied(r, tmp_path / "backup")
    r.ticker.pass_time(3600)
    shop(r)
    r.sync()
    before = books(r)
    lose_state(r)
    shutil.copy(backup, r.home / STATE)
    r.ticker.pass_time(3600)
    r.configure(SINCE[since])

    result = r.sync()
    r.ticker.pass_time(86400)
    r.sync()

    assert verdicts(result, DocumentKind.INVOICE) == {("skipped", "already-synced"): 4}
    assert books(r) == before


def test_a_refund_made_since_an_older_copy_is_not_made_again(r: Rehearsal, tmp_path: Path) -> None:
    """Its invoice is known, its credit note is not; nobody asks for more than that order."""
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    backup = copied(r, tmp_path / "backup")
    r.ticker.pass_time(86400)
    r.keap.add_refund(paid.id, "40.00")
    r.sync()
    before = books(r)
    restored(r, backup)
    r.configure({"invoices.number_prefix": "K-"})

    result = r.sync(command="sync-id", ids=(order,))
    r.sync()

    assert verdicts(result, DocumentKind.REFUND) == {("skipped", "duplicate-payment"): 1}
    assert books(r) == before


@pytest.mark.parametrize("kind", [DocumentKind.CREDIT, DocumentKind.REFUND])
def test_a_note_that_an_older_copy_has_as_held_is_not_made_again(
    r: Rehearsal, tmp_path: Path, kind: DocumentKind
) -> None:
    """The copy knows of the money, and not that it was booked since; the prefix is another one."""
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="60.00")
    r.sync()
    lock(r, r.clock.now().date())
    if kind is DocumentKind.CREDIT:
        r.keap.add_payment(order_id=order, amount="40.00", type="Credit")
    else:
        r.keap.add_refund(paid.id, "40.00")
    assert verdicts(r.sync(), kind) == {("held", "period-locked"): 1}
    backup = copied(r, tmp_path / "backup")
    lock(r, None)
    r.sync()
    before = books(r)
    restored(r, backup)
    r.configure({"invoices.number_prefix": "K-"})

    result = r.sync()
    r.sync()

    assert verdicts(result, kind) == {("skipped", "duplicate-payment"): 1}
    assert books(r) == before


def test_an_order_made_since_an_older_copy_is_not_made_again_by_name(
    r: Rehearsal, tmp_path: Path
) -> None:
    r.order(CANDLE)
    r.sync()
    backup = copied(r, tmp_path / "backup")
    r.ticker.pass_time(3600)
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    before = books(r)
    restored(r, backup)
    r.configure({"invoices.number_prefix": "K-"})

    result = r.sync(command="sync-id", ids=(order,))

    assert only(result).reason == "already-synced"
    assert books(r) == before


def test_a_payment_made_since_an_older_copy_is_not_made_again(r: Rehearsal, tmp_path: Path) -> None:
    """Its invoice is known, and open in the copy."""
    order = r.order(CANDLE)
    r.sync()
    backup = copied(r, tmp_path / "backup")
    r.ticker.pass_time(3600)
    paid = [r.keap.add_payment(order_id=order, amount=amount) for amount in ("25.00", "75.00")]
    r.sync()
    before = books(r)
    restored(r, backup)

    result = r.sync()

    assert verdicts(result, DocumentKind.PAYMENT) == {("skipped", "duplicate-payment"): len(paid)}
    assert books(r) == before


def test_two_machines_in_turn_book_nothing_twice(r: Rehearsal, tmp_path: Path) -> None:
    """Each with a state file of its own, and a prefix of its own too."""
    for turn in range(4):
        mine = tmp_path / f"state-{turn % 2}"
        r.configure({"invoices.number_prefix": f"M{turn % 2}-"})
        paid = r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
        if turn == 2:
            r.keap.add_refund(paid.id, "40.00")
        lose_state(r)
        if mine.exists():
            shutil.copy(mine, r.home / STATE)

        r.sync()

        assert len(alive(r)) == turn + 1
        copied(r, mine)
        r.ticker.pass_time(86400)
    assert received(r) == 360


def received(r: Rehearsal) -> Decimal:
    """The money that came in, less what was paid out."""
    if r.to == "xero":
        signs = {"ACCRECPAYMENT": 1, "ARCREDITPAYMENT": -1}
        return sum((signs[row.type] * row.amount for row in r.xero.payments.values()), Decimal(0))
    paid = sum((row.total for row in r.qbo.payments.values()), Decimal(0))
    return paid - sum((row.total for row in r.qbo.refund_receipts.values()), Decimal(0))


def alive(r: Rehearsal) -> list[Any]:
    """The living invoices with a marker."""
    if r.to == "xero":
        return [
            row
            for row in r.xero.invoices.values()
            if row.reference.startswith("Keap") and row.status not in {"VOIDED", "DELETED"}
        ]
    return [
        row
        for row in r.qbo.invoices.values()
        if row.private_note.startswith("Keap") and row.status == "live"
    ]


def test_a_document_deleted_since_the_last_look_is_forgotten(r: Rehearsal) -> None:
    """Of two with one marker one is deleted: the other one is taken up."""
    r.order(CANDLE)
    made = only(r.sync())
    twin = copy_of(r, made.ledger_id, "S-77")
    lose_state(r)
    assert only(r.sync()).reason == "ambiguous"
    if r.to == "xero":
        r.xero.void_invoice(twin)
    else:
        r.qbo.delete_invoice(twin)
    r.ticker.pass_time(45 * 86400)

    assert only(r.sync()).ledger_id == made.ledger_id


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_run_that_dies_while_it_takes_things_up_doubles_nothing(
    r: Rehearsal, where: Literal["before", "after"]
) -> None:
    """Whichever request it is at, and whichever commit."""
    shop(r)
    r.sync()
    before = books(r)
    r.configure({"invoices.number_prefix": "K-"})
    place = between(r)[r.to]
    at, ended = 0, False
    while not ended:
        at += 1
        lose_state(r)
        place.planned = [Trouble(where=where, at=at, killed=KeyboardInterrupt)]
        ended = isinstance(attempt(r), Result)
        place.planned = []
        r.sync()
        assert books(r) == before, at
    for at in range(1, 30, 3):
        lose_state(r)
        with (
            contextlib.suppress(KeyboardInterrupt, Interrupted),
            killed_at_commit(at, where, KeyboardInterrupt),
        ):
            r.sync()
        r.sync()
        assert books(r) == before, at
