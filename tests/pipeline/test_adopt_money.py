"""`adopt` and the money that the ledger has: payments, credits, refunds, receipts."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from invoicesync_cli.model import DocumentKind
from invoicesync_sandbox.keap import Item
from tests.kits.adopting import CREATED, HELD, Scene, of, verdict

CANDLE = Item("PRODUCT", "100.00", name="Candle")


@pytest.fixture(params=["xero", "qbo"])
def s(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    return Scene(tmp_path / "home", request.param)


def test_payments_are_linked_by_reference_else_by_date_and_amount(s: Scene) -> None:
    order = s.order(days=5)
    for amount, days in (("25.00", 5), ("30.00", 4)):
        s.r.keap.add_payment(
            order_id=order, amount=amount, time=s.r.clock.now() - dt.timedelta(days)
        )
    card = s.r.keap.add_payment(order_id=order, amount="45.00", external_transaction_id="ch_9")
    there = s.books.invoice(s.contact, order, "100.00", s.day(5))
    paid = [
        s.books.pay(there, "25.00", s.day(5)),
        s.books.pay(there, "30.00", s.day(3)),
        s.books.pay(there, "45.00", s.day(1), "ch_9"),
    ]

    documents = of(s.adopt(), DocumentKind.PAYMENT)

    assert sorted(item.ledger_id for item in documents) == sorted(paid)
    assert {(item.state, item.reason) for item in documents} == {(CREATED, "adopted")}
    assert next(item for item in documents if item.payment_id == card.id).account
    money = s.books.money()
    assert s.r.sync().documents == []
    assert s.books.money() == money


def test_a_late_payment_lands_on_a_partly_paid_invoice(s: Scene) -> None:
    order = s.order(days=9)
    s.r.keap.add_payment(order_id=order, amount="25.00", time=s.r.clock.now() - dt.timedelta(9))
    there = s.books.invoice(s.contact, f"INV-{order}", "100.00", s.day(9))
    s.books.pay(there, "25.00", s.day(9))
    s.adopt(number="INV-{invoice}")
    assert s.r.sync().documents == []
    s.r.ticker.pass_time(86400)
    s.r.keap.add_payment(order_id=order, amount="75.00")

    (payment,) = of(s.r.sync(), DocumentKind.PAYMENT)

    assert (payment.state, payment.reason) == (CREATED, "")
    assert s.books.living()[there][1] == "100.00 0.00"


def test_what_the_other_program_did_not_book_is_booked_by_the_next_sync(s: Scene) -> None:
    """However old it is: nobody has read this order's money yet."""
    old = s.r.clock.now() - dt.timedelta(days=120)
    order = s.r.order(CANDLE, contact=s.person, order_time=old)
    s.r.keap.add_payment(order_id=order, amount="100.00", time=old)
    there = s.books.invoice(s.contact, order, "100.00", s.day(120))
    assert of(s.adopt(), DocumentKind.PAYMENT) == []

    (payment,) = of(s.r.sync(), DocumentKind.PAYMENT)

    assert payment.state is CREATED
    assert s.books.living()[there][1] == "100.00 0.00"


def test_a_payment_of_another_day_on_an_open_invoice_is_held_and_never_sent(s: Scene) -> None:
    order = s.order("120.00", days=20)
    s.r.keap.add_payment(order_id=order, amount="50.00")
    there = s.books.invoice(s.contact, order, "120.00", s.day(20))
    s.books.pay(there, "50.00", s.day(15), "cash")

    (payment,) = of(s.adopt(), DocumentKind.PAYMENT)

    assert (payment.state, payment.reason, payment.ledger_id) == (HELD, "ambiguous", "")
    assert "cash" in payment.message
    (again,) = of(s.r.sync(), DocumentKind.PAYMENT)
    assert again.reason == "ambiguous"
    s.r.keap.add_payment(order_id=order, amount="20.00")
    (further,) = of(s.r.sync(), DocumentKind.PAYMENT)
    assert (further.total, further.reason) == (Decimal("20.00"), "")
    assert s.books.living()[there][1] == "120.00 50.00"
    s.dismiss(DocumentKind.PAYMENT, f"{payment.payment_id}:{order}")
    assert of(s.r.sync(), DocumentKind.PAYMENT) == []
    sent = of(s.r.sync(command="sync-id", ids=(order,)), DocumentKind.PAYMENT)
    assert CREATED in {item.state for item in sent}
    assert s.books.living()[there][1] == "120.00 0.00"


def test_on_an_invoice_that_is_paid_the_day_of_its_payment_does_not_matter(s: Scene) -> None:
    order = s.order(days=20)
    s.r.keap.add_payment(order_id=order, amount="100.00", time=s.r.clock.now() - dt.timedelta(20))
    there = s.books.invoice(s.contact, order, "100.00", s.day(20))
    paid = s.books.pay(there, "100.00", s.day(12), "INVSYNC")

    (payment,) = of(s.adopt(), DocumentKind.PAYMENT)

    assert verdict(payment) == (CREATED, "adopted", paid)


def test_a_payment_with_another_amount_under_its_reference_is_held_with_both(s: Scene) -> None:
    order = s.order()
    s.r.keap.add_payment(order_id=order, amount="100.00", external_transaction_id="ch_1")
    there = s.books.invoice(s.contact, order, "100.00", s.today)
    s.books.pay(there, "97.10", s.today, "ch_1")

    (payment,) = of(s.adopt(), DocumentKind.PAYMENT)

    assert (payment.state, payment.reason) == (HELD, "totals-differ")
    assert "97.10 GBP" in payment.message
    assert "100.00 GBP" in payment.message
    s.r.sync()
    assert s.books.living()[there][1] == "100.00 2.90"


def test_credits_and_refunds_are_linked_with_their_notes(s: Scene) -> None:
    credited, refunded = s.order("80.00"), s.order("60.00")
    s.r.keap.add_payment(order_id=credited, amount="30.00", type="Credit")
    paid = s.r.keap.add_payment(order_id=refunded, amount="60.00", external_transaction_id="ch_1")
    s.r.keap.add_refund(paid.id, "40.00")
    one = s.books.invoice(s.contact, credited, "80.00", s.today)
    other = s.books.invoice(s.contact, refunded, "60.00", s.today)
    s.books.pay(other, "60.00", s.today, "ch_1")
    note = s.books.credit(one, s.contact, "CN-1", "30.00", s.today)
    given = s.books.refund(s.contact, "CN-2", "40.00", s.today)

    result = s.adopt()

    (credit,), (refund,) = of(result, DocumentKind.CREDIT), of(result, DocumentKind.REFUND)
    assert (verdict(credit), credit.number) == ((CREATED, "adopted", note), "CN-1")
    assert (verdict(refund), refund.number) == ((CREATED, "adopted", given), "CN-2")
    money = s.books.money()
    assert s.r.sync().documents == []
    s.r.ticker.pass_time(86400)
    s.r.keap.add_refund(paid.id, "20.00")
    (further,) = of(s.r.sync(), DocumentKind.REFUND)
    assert (further.state, further.reason) == (CREATED, "")
    assert s.books.money() > money
    assert s.differences() == []


def test_a_sales_receipt_is_linked_with_the_payment_that_it_is(tmp_path: Path) -> None:
    s = Scene(tmp_path / "home", "qbo")
    order = s.order()
    s.r.keap.add_payment(order_id=order, amount="100.00", external_transaction_id="ch_1")
    there = s.books.receipt(s.contact, order, "100.00", s.today, "ch_1")

    result = s.adopt()

    assert [verdict(item) for item in result.documents] == [(CREATED, "adopted", there)] * 2
    assert s.r.sync().documents == []


def test_one_quickbooks_payment_for_two_invoices_is_linked_to_both(tmp_path: Path) -> None:
    s = Scene(tmp_path / "home", "qbo")
    orders = [s.order("100.00"), s.order("40.00")]
    shares = dict(zip(orders, ("100.00", "40.00"), strict=True))
    s.r.keap.add_payment(order_ids=orders, amount="140.00", allocations=shares)
    there = [s.books.invoice(s.contact, o, total, s.today) for o, total in shares.items()]
    lines = [
        {"Amount": total, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
        for invoice, total in zip(there, shares.values(), strict=True)
    ]
    paid = s.r.qbo._create(
        "Payment",
        CustomerRef={"value": s.contact},
        TotalAmt="140.00",
        TxnDate=str(s.today),
        Line=lines,
    )

    documents = of(s.adopt(), DocumentKind.PAYMENT)

    assert [verdict(item) for item in documents] == [(CREATED, "adopted", paid)] * 2
    s.r.ticker.pass_time(3600)
    s.r.qbo.edit(paid, PrivateNote="looked at")
    assert s.r.sync().documents == []
