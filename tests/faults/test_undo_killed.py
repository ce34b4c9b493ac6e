"""An undo, or a `retry --undone`, that was interrupted, and what is run after it."""

import contextlib
from pathlib import Path

import pytest

from invoicesync_cli.errors import Interrupted
from tests.kits.bookkeepers import LEDGERS, Books
from tests.kits.bookkeeping import Keys
from tests.kits.faults import Trouble, between
from tests.kits.undoing import send_again, take_back


def opened(home: Path, ledger: str) -> Books:
    """A shop with an invoice that is paid in two parts, one with a credit, one with a refund; all
    of it sent."""
    books = LEDGERS[ledger](home, "authorised")
    books.behave(Keys(), strict=True)
    shop = books.shop
    first, second = shop.order(), shop.order()
    shop.keap.add_payment(order_id=first, amount="60.00")
    shop.keap.add_payment(order_id=first, amount="40.00", type="Credit")
    shop.keap.add_refund(shop.keap.add_payment(order_id=second, amount="100.00").id, "15.00")
    if ledger == "qbo":
        shop.qbo.set_preferences(auto_apply_credit=False, auto_apply_payments=False)
    shop.sync()
    return books


@pytest.mark.parametrize("ledger", ["xero", "qbo"])
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
