"""`verify` on made-up shops: nothing differs after a run; what is tampered with is found."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from invoicesync_cli.model import DocumentKind
from invoicesync_cli.verify import Verified
from invoicesync_sandbox.keap import Item
from tests.kits.verifying import VerifiedShop

LEDGERS = ["xero", "qbo"]
PAID = (("120.00", "Credit Card"),)
PARTS = (("20.00", "Credit Card"), ("30.00", "Credit"))


def check_identity(found: Verified) -> None:
    """Keap's total, less what is explained, is the ledger's, for every kind and every month."""
    assert {kind: sums.rest for kind, sums in found.tally.sums.items() if sums.rest} == {}
    assert {month: sums.rest for month, sums in found.tally.months.items() if sums.rest} == {}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("to", LEDGERS)
def test_nothing_differs_after_a_run(to: str, seed: int, tmp_path: Path) -> None:
    shop = VerifiedShop(tmp_path, to, orders=300, seed=seed)
    shop.sync()

    found = shop.verify()

    assert found.tally.differences == []
    check_identity(found)
    sums = found.tally.sums
    assert sums[DocumentKind.INVOICE].keap.count == 300 - len(foreign(shop))
    assert all(sums[kind].ledger.count > 5 for kind in DocumentKind)
    assert all(document.reason for document in found.tally.explained)
    documents = sum(part.keap.count for part in sums.values())
    # Pages of 500 orders, 1,000 of all else; QuickBooks gives 200 of each list in its first answer.
    assert sum(found.calls.values()) <= 14, (documents, found.calls)
    assert found.tally.needs_person
    dismissed = shop.dismiss_all()
    after = shop.verify().tally
    assert dismissed > 5
    assert (after.differences, after.needs_person) == ([], False)
    assert after.sums == sums


def foreign(shop: VerifiedShop) -> list[str]:
    """The orders in another currency."""
    return [order for order, row in shop.keap.orders.items() if row.currency != "GBP"]


@dataclass(frozen=True)
class Tampering:
    """What somebody does to an order with this money, and the difference that it makes."""

    what: str
    kind: str
    does: Callable[[VerifiedShop, str], object]
    money: tuple[tuple[str, str], ...] = ()


def edited_in_keap(shop: VerifiedShop, order: str) -> None:
    """Keap's goods get dearer, its tax stays."""
    goods = Item("PRODUCT", "110.00", name="Candle", taxable=True)
    shop.keap.edit_order(order, items=[goods, Item("TAX", "20.00", name="VAT")])


def other_tax_in_keap(shop: VerifiedShop, order: str) -> None:
    """Keap's tax becomes goods: the total stays."""
    goods = Item("PRODUCT", "105.00", name="Candle", taxable=True)
    shop.keap.edit_order(order, items=[goods, Item("TAX", "15.00", name="VAT")])


def other_buyer_in_keap(shop: VerifiedShop, order: str) -> None:
    """The order becomes somebody else's."""
    shop.keap.edit_order(order, contact_id=shop.shop.person())


def payment_id(shop: VerifiedShop, order: str) -> str:
    """Keap's id of the order's payment."""
    return shop.record(DocumentKind.PAYMENT, order).document.payment_id


def marked_twice(shop: VerifiedShop, order: str) -> None:
    """Somebody copies an invoice with all that stands on it."""
    shop.enter_invoice(order, marker=f"Keap order {order}, invoice {order}", number="copy-1")


TAMPERINGS = {
    "voided in the ledger": Tampering("missing", "invoice", VerifiedShop.void),
    "never sent": Tampering("missing", "invoice", lambda shop, _: shop.enter()),
    "another line in the ledger": Tampering("total", "invoice", VerifiedShop.change_total),
    "edited in Keap": Tampering("total", "invoice", edited_in_keap),
    "other tax in the ledger": Tampering("tax", "invoice", VerifiedShop.change_tax),
    "other tax in Keap": Tampering("tax", "invoice", other_tax_in_keap),
    "other date in the ledger": Tampering(
        "date", "invoice", lambda shop, order: shop.change_date(order, dt.date(2026, 11, 1))
    ),
    "other contact in the ledger": Tampering("contact", "invoice", VerifiedShop.change_contact),
    "other buyer in Keap": Tampering("contact", "invoice", other_buyer_in_keap),
    "payment deleted in the ledger": Tampering(
        "missing", "payment", VerifiedShop.delete_payment, PAID
    ),
    "payment on another account": Tampering("account", "payment", VerifiedShop.move_payment, PAID),
    "payment changed in Keap": Tampering(
        "total",
        "payment",
        lambda shop, order: shop.keap.edit_payment(payment_id(shop, order), amount="100.00"),
        PAID,
    ),
    "payment voided in Keap": Tampering(
        "extra",
        "payment",
        lambda shop, order: shop.keap.void_payment(payment_id(shop, order)),
        PAID,
    ),
    "payment of another day in Keap": Tampering(
        "date",
        "payment",
        lambda shop, order: shop.keap.edit_payment(
            payment_id(shop, order), time=dt.date(2026, 11, 2)
        ),
        PAID,
    ),
    "payment deleted in Keap": Tampering(
        "extra",
        "payment",
        lambda shop, order: shop.keap.delete_payment(payment_id(shop, order)),
        PAID,
    ),
    "paid by somebody else": Tampering(
        "balance", "invoice", lambda shop, order: shop.pay_by_hand(order, "20.00")
    ),
    "money with a reference of ours": Tampering(
        "extra", "payment", lambda shop, order: shop.pay_by_hand(order, "20.00", "keap-987654")
    ),
    "credit taken off its invoice": Tampering(
        "balance", "invoice", VerifiedShop.take_credit_off, PARTS
    ),
    "refund taken back": Tampering("missing", "refund", VerifiedShop.delete_refund, PAID),
    "deleted in Keap": Tampering(
        "extra", "invoice", lambda shop, order: shop.keap.delete_order(order)
    ),
    "there twice with our marker": Tampering("duplicate", "invoice", marked_twice),
    "there twice by hand": Tampering(
        "possible-duplicate",
        "invoice",
        lambda shop, order: shop.enter_invoice(order, number="by-hand-1"),
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
@pytest.mark.parametrize("to", LEDGERS)
def test_what_was_tampered_with_is_found_named_and_alone(
    to: str, name: str, tmp_path: Path
) -> None:
    tampering = TAMPERINGS[name]
    shop = VerifiedShop(tmp_path, to, orders=4)
    order = shop.enter(*tampering.money)
    if tampering.kind == "refund":
        payment = next(p for p in shop.keap.payments.values() if order in p.order_ids)
        shop.keap.add_refund(payment.id, "40.00")
    shop.sync()
    before = shop.verify().tally.sums
    tampering.does(shop, order)

    found = shop.verify()

    (difference,) = found.tally.differences
    assert (difference.what, difference.kind) == (tampering.what, tampering.kind)
    assert difference.order_id in {order, str(int(order) + 1)}
    assert difference.ledger_id or tampering.what == "missing"
    assert difference.hint
    sums = found.tally.sums[DocumentKind(tampering.kind)]
    figures = (
        [Decimal(text or 0) for text in (difference.keap, difference.ledger)]
        if (tampering.what in {"missing", "extra", "duplicate", "total"})
        else [Decimal(0), Decimal(0)]
    )
    # What nothing accounts for is this difference, to the cent.
    assert sums.rest == figures[0] - figures[1]
    others = [kind for kind in DocumentKind if kind != tampering.kind]
    assert [found.tally.sums[kind] for kind in others] == [before[kind] for kind in others]
    assert found.tally.sums[DocumentKind(tampering.kind)].differences == 1


def test_money_that_waits_for_its_deposit_has_to_be_where_it_waits(tmp_path: Path) -> None:
    """QuickBooks' Undeposited Funds, which no account in the config stands for."""
    shop = VerifiedShop(tmp_path, "qbo")
    shop.shop.configure({"payments.account": ""})
    deposited, moved = shop.enter(("120.00", "Cash")), shop.enter(("120.00", "Cash"))
    shop.sync()
    shop.shop.qbo.deposit(shop.ledger_id(deposited, DocumentKind.PAYMENT))
    assert shop.verify().tally.differences == []

    shop.move_payment(moved)

    (difference,) = shop.verify().tally.differences
    assert (difference.what, difference.order_id) == ("account", moved)
    assert (difference.keap, difference.ledger) == ("Undeposited Funds", "Business current account")


@pytest.mark.parametrize("to", LEDGERS)
def test_a_payment_that_is_spread_anew_is_found_on_the_orders_that_it_left(
    to: str, tmp_path: Path
) -> None:
    shop = VerifiedShop(tmp_path, to)
    first, second = shop.enter(), shop.enter()
    shares = {first: Decimal("40.00"), second: Decimal("60.00")}
    paid = shop.keap.add_payment(
        allocations=shares, amount=Decimal("100.00"), time=shop.shop.clock.now()
    )
    shop.sync()
    assert shop.verify().tally.differences == []

    shop.keap.edit_payment(paid.id, amount="90.00")

    (difference,) = shop.verify().tally.differences
    assert (difference.what, difference.order_id) == ("total", second)
    assert (difference.keap, difference.ledger) == ("50.00", "60.00")


@pytest.mark.parametrize("to", LEDGERS)
def test_without_records_documents_are_found_by_their_marks(to: str, tmp_path: Path) -> None:
    shop = VerifiedShop(tmp_path, to)
    for money in ((), PAID, PARTS):
        shop.enter(*money)
    refunded = shop.enter(*PAID)
    payment = next(p for p in shop.keap.payments.values() if refunded in p.order_ids)
    shop.keap.add_refund(payment.id, "40.00")
    shop.sync()
    for path in tmp_path.glob("state.sqlite3*"):
        path.unlink()

    found = shop.verify()

    assert found.tally.differences == []
    assert [sums.ledger.count for sums in found.tally.sums.values()] == [4, 3, 1, 1]
    check_identity(found)


@pytest.mark.parametrize("to", LEDGERS)
def test_what_was_taken_back_is_explained(to: str, tmp_path: Path) -> None:
    shop = VerifiedShop(tmp_path, to)
    order = shop.enter()
    shop.sync()
    shop.void(order)
    assert [found.what for found in shop.verify().tally.differences] == ["missing"]
    shop.sync()

    found = shop.verify()

    assert found.tally.differences == []
    assert [document.reason for document in found.tally.explained] == ["changed-after-sync"]
    assert found.tally.needs_person
    check_identity(found)
