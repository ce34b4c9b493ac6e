"""An undo that is killed, or whose answers are lost, at any request: the same again goes on."""

import contextlib
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Literal

import pytest

from invoicesync_cli.errors import Interrupted, InvoiceSyncError
from invoicesync_cli.model import DocumentKind, DocumentState
from tests.kits.bookkeepers import LEDGERS, Books
from tests.kits.faults import Trouble, between
from tests.kits.journal import unsettled
from tests.kits.undoing import send_again, take_back

HOW: dict[str, type[BaseException]] = {"killed": SystemExit, "lost": ConnectionResetError}
Where = Literal["before", "after"]


def opened(home: Path, ledger: str) -> Books:
    """A shop with an invoice that is paid in two parts, one with a credit, one with a refund; all
    of it sent."""
    books = LEDGERS[ledger](home, "authorised")
    books.behave(forgetful=False, strict=True)
    shop = books.shop
    first, second = shop.order(), shop.order()
    shop.keap.add_payment(order_id=first, amount="60.00")
    shop.keap.add_payment(order_id=first, amount="40.00", type="Credit")
    shop.keap.add_refund(shop.keap.add_payment(order_id=second, amount="100.00").id, "15.00")
    if ledger == "qbo":
        shop.qbo.set_preferences(auto_apply_credit=False, auto_apply_payments=False)
    shop.sync()
    return books


def at_each(
    books: Callable[[int], Books], do: Callable[[Books], object], where: Where, how: str
) -> int:
    """Do something that goes wrong at its first request, then at its second, and so on; and again
    until it is done. The number of requests."""
    for at in count(1):
        shop = books(at)
        trouble = Trouble(where, at, killed=HOW[how])
        place = between(shop.shop)[shop.to]
        place.planned.append(trouble)
        for _ in range(3):
            try:
                do(shop)
                break
            except (InvoiceSyncError, SystemExit):
                shop.shop.ticker.pass_time(30)
        place.planned.clear()
        do(shop)
        check_gone_or_there(shop)
        if trouble.seen < at:
            return at - 1
    raise AssertionError


def check_gone_or_there(books: Books) -> None:
    """What the records have is in the ledger, once; what they have not is not; and nobody looks at
    it again by himself."""
    with books.shop.state() as state:
        assert not unsettled(state)
        undone = sum(len(state.records_in(kind, DocumentState.UNDONE)) for kind in DocumentKind)
        there = {
            (record.document.order_id, record.kind)
            for kind in DocumentKind
            for record in state.records_in(kind, DocumentState.CREATED)
        }
        others = [
            record
            for kind in DocumentKind
            for one in DocumentState
            if one not in {DocumentState.UNDONE, DocumentState.CREATED}
            for record in state.records_in(kind, one)
        ]
    assert others == []
    living = [sold for sold in books.sold() if sold.alive]
    moved = [item for item in books.moved() if item.alive]
    if undone:
        assert (living, moved, there) == ([], [], set())
    else:
        assert sorted(sold.order for sold in living) == sorted(
            order for order, kind in there if kind is DocumentKind.INVOICE
        )
        assert sorted((item.kind, item.amount) for item in moved) == [
            ("credit", Decimal(40)),
            ("payment", Decimal(60)),
            ("payment", Decimal(100)),
            ("refund", Decimal(15)),
        ]
        assert all(item.whole for item in moved)
    before = [*books.sold(), *books.moved()]
    result = books.shop.sync()
    assert (result.documents, [*books.sold(), *books.moved()]) == ([], before)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("ledger", LEDGERS)
def test_undo_goes_on_wherever_it_ended(
    tmp_path: Path, ledger: str, where: Where, how: str
) -> None:
    done = at_each(lambda at: opened(tmp_path / str(at), ledger), _undo, where, how)

    assert done >= 8


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("ledger", LEDGERS)
def test_what_was_taken_back_is_sent_again_once_wherever_that_ended(
    tmp_path: Path, ledger: str, where: Where
) -> None:
    def undone(at: int) -> Books:
        books = opened(tmp_path / str(at), ledger)
        take_back(books.shop)
        return books

    done = at_each(undone, lambda books: send_again(books.shop), where, "killed")

    assert done >= 8


@pytest.mark.parametrize("ledger", LEDGERS)
def test_run_in_between_settles_what_a_killed_undo_did(tmp_path: Path, ledger: str) -> None:
    """What was voided is not taken for somebody's doing, nor sent again; the undo goes on later."""
    for at in range(3, 9):
        books = opened(tmp_path / str(at), ledger)
        place = between(books.shop)[ledger]
        place.planned.append(Trouble("after", at, killed=SystemExit))
        with pytest.raises(SystemExit):
            take_back(books.shop)
        place.planned.clear()

        result = books.shop.sync()

        assert {item.state for item in result.documents} <= {DocumentState.UNDONE}
        take_back(books.shop)
        check_gone_or_there(books)


@pytest.mark.parametrize("ledger", LEDGERS)
def test_money_of_an_invoice_sent_again_follows_in_any_run(tmp_path: Path, ledger: str) -> None:
    """Whoever interrupts `retry --undone` finds no invoice without its money after the next run."""
    for at in range(3, 12):
        books = opened(tmp_path / str(at), ledger)
        take_back(books.shop)
        place = between(books.shop)[ledger]
        place.planned.append(Trouble("after", at, killed=SystemExit))
        with contextlib.suppress(SystemExit):
            send_again(books.shop)
        place.planned.clear()

        books.shop.sync()

        keap = books.shop.keap
        for sold in (sold for sold in books.sold() if sold.alive):
            there = [item.payment for item in books.moved() if item.alive and item.whole]
            due = [item.id for item in keap.payments.values() if sold.order in item.order_ids]
            assert set(due) <= set(there), (at, sold)


def test_interruption_says_that_the_same_command_goes_on(tmp_path: Path) -> None:
    books = opened(tmp_path, "xero")
    between(books.shop)["xero"].planned.append(Trouble(at=6, killed=KeyboardInterrupt))

    with pytest.raises(Interrupted) as stopped:
        take_back(books.shop)

    assert stopped.value.hint.endswith("the same command goes on.")


def _undo(books: Books) -> Any:
    return take_back(books.shop)
