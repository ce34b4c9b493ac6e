"""Money that a bookkeeper has entered herself, on an invoice that is made anew."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.kits.bookkeepers import LEDGERS, QboBooks

PAID = Decimal("40.00")


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize("to", ["qbo", "qbd"])
def test_hand_payment_that_outlived_its_invoice_goes_onto_the_new_one(
    tmp_path: Path, to: str, seen: bool
) -> None:
    """Whether a run has seen it on the old invoice or not: the money is in the books once."""
    books = LEDGERS[to](tmp_path, "authorised")
    shop = books.shop
    order = shop.order()
    shop.sync()
    (sold,) = books.sold()
    paid = shop.keap.add_payment(order_id=order, amount=PAID)
    books.pay(sold.id, PAID, str(paid.external_transaction_id))
    if seen:
        shop.sync()
    books.end_invoice(sold)
    shop.sync(command="sync-id", ids=(order,), recreate=True)
    payments = getattr(shop, to).payments
    assert len(payments) == 1
    alive = [one for one in books.sold() if one.alive]
    assert [one.total - one.due for one in alive] == [PAID]
    shop.sync()
    assert len(payments) == 1


def test_money_of_another_order_is_left_where_it_is(tmp_path: Path) -> None:
    """It bears the same reference, as a share of the same payment does, and our marker."""
    books = QboBooks(tmp_path, "authorised")
    shop = books.shop
    order = shop.order()
    shop.sync()
    (sold,) = books.sold()
    paid = shop.keap.add_payment(order_id=order, amount=PAID)
    books.pay(sold.id, PAID, str(paid.external_transaction_id))
    (theirs,) = shop.qbo.payments
    shop.qbo.edit_payment(theirs, PrivateNote="Keap order 999, invoice 999")
    books.end_invoice(sold)
    shop.sync(command="sync-id", ids=(order,), recreate=True)
    assert len(shop.qbo.payments) == 2
    assert shop.qbo.payments[theirs].unapplied == PAID
