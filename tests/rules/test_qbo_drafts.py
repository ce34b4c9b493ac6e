"""Drafts for a ledger whose lines are items, and orders that become sales receipts."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from invoicesync_cli.model import (
    Decision,
    LineType,
    Payment,
    PaymentKind,
    Receipt,
    StatedTax,
    TaxStyle,
)
from invoicesync_cli.transform.receipts import receipt_of
from tests.kits.keap_side import (
    BOOK,
    CANDLE,
    CHARGE,
    DAY,
    EVENING,
    ORDER,
    OTHER,
    POST,
    invoice,
    line,
    payment,
)
from tests.kits.ledger_side import (
    BANK,
    ROUTING,
    SALE,
    SAVINGS,
    TEN_OFF,
    draft_of,
    drafted,
    rules,
    shown,
)

OPEN = replace(ROUTING, discount_account="460", shipping_account="425")


def test_lines_of_a_ledger_with_items() -> None:
    """R5: items, QuickBooks' own lines, and a note for what takes `unmatched_item`."""
    lines = (*SALE[:1], replace(BOOK, name="Book"), replace(POST, name="Courier"), TEN_OFF)
    found = draft_of(*lines, items=OPEN, tax_style=TaxStyle.RATE)
    assert [(one.type, one.item_code, one.account) for one in found.lines] == [
        (LineType.ITEM, "11", "201"),
        (LineType.ITEM, "99", "200"),
        (LineType.SHIPPING, "", "425"),
        (LineType.DISCOUNT, "", "460"),
    ]
    assert [shown(one.quantity, one.unit_price, one.amount) for one in found.lines] == [
        "1 100 100",
        "1 50 50",
        "- - 8",
        "- - -10",
    ]
    assert found.tax_after_discount is None
    assert found.note.startswith("'Book' is booked to the item unknown_do_not_delete: ")
    assert found.note.endswith("qbo.unmatched_item.")


def test_note_names_each_thing_once() -> None:
    """R5: two lines of one thing are told once, two things both."""
    twice = draft_of(BOOK, BOOK, items=OPEN).note
    assert twice.count("'Candle' is booked") == 1
    both = draft_of(BOOK, replace(BOOK, name="Book"), items=OPEN).note
    assert both.count(" is booked to the item ") == 2
    assert ". 'Book' is booked" in both
    assert draft_of(SALE[0], items=OPEN).note == ""


@pytest.mark.parametrize(("tax", "lowers"), [("18.00", True), ("20.00", False)])
def test_discount_line_says_whether_it_lowers_what_is_taxed(tax: str, lowers: bool) -> None:
    """R5: `ApplyTaxAfterDiscount` true exactly when the tax base includes the discount."""
    made = (SALE[0], TEN_OFF, line("TAX", tax))
    found = draft_of(*made, items=OPEN, tax_style=TaxStyle.RATE)
    assert found.lines[1].type is LineType.DISCOUNT
    assert found.tax_after_discount is lowers


def test_inclusive_lines_have_net_amounts_and_no_quantity() -> None:
    """R4: QuickBooks `TaxInclusive`: the line amount is net, quantity and price are left out."""
    found = draft_of(
        line("PRODUCT", "60", "2", sku="TIL"),
        CHARGE,
        settings={"tax.untaxed_invoices": "inclusive"},
        items=OPEN,
        tax_style=TaxStyle.RATE,
    )
    first, charge = found.lines
    assert shown(first.quantity, first.unit_price, first.amount, first.net) == "- - 120 100"
    assert first.description == "Candle (2 x 60)"
    assert shown(charge.quantity, charge.unit_price, charge.amount, charge.net) == "- - 10 10"
    assert charge.description == "Candle"


def test_discount_of_an_inclusive_form_is_an_item_line() -> None:
    """R5: QuickBooks' discount line is for a tax-exclusive form."""
    settings = {"tax.untaxed_invoices": "inclusive"}
    found = draft_of(SALE[0], TEN_OFF, settings=settings, items=OPEN, tax_style=TaxStyle.RATE)
    assert [one.type for one in found.lines] == [LineType.ITEM, LineType.ITEM]
    assert found.tax_after_discount is None


@pytest.mark.parametrize(("places", "figures"), [(4, "8 0.125"), (2, "- -")])
def test_price_of_an_item_line_has_the_ledgers_places(places: int, figures: str) -> None:
    """R4, QuickBooks: quantity and price go together, or neither."""
    (one,) = draft_of(line("PRODUCT", "0.125", "8"), items=OPEN, unit_places=places).lines
    assert shown(one.quantity, one.unit_price) == figures


def test_tax_of_the_whole_document_is_stated() -> None:
    """R6, United States: `TxnTaxDetail.TotalTax`."""
    found = draft_of(*SALE, items=OPEN, tax_style=TaxStyle.TOTAL)
    assert found.stated_tax == StatedTax(Decimal("18.00"))
    assert [one.tax for one in found.lines] == [None, None, None]


RECEIPTS = rules({"sync.mode": "invoices-and-payments"}, receipts=True, reference_limit=21)


def receipt(*payments: Payment, total: str = "100.00") -> tuple[Receipt | None, Decision]:
    """The receipt of an order of 100.00, with what the ledger comes to."""
    return receipt_of(invoice(CANDLE), payments, DAY, Decimal(total), RECEIPTS)


def test_order_paid_at_once_is_a_sales_receipt() -> None:
    """R10: one payment of real money, dated the invoice date and covering the ledger total."""
    paid = payment("100", "5", reference="ch_5")
    because = "paid in full by one payment on its own day (qbo.document)"
    assert receipt(paid) == (
        Receipt(paid.id, "5:812", Decimal(100), "ch_5", BANK, "Credit Card", ""),
        Decision("document", "sales receipt", "R10", because),
    )
    long = replace(paid, reference="c" * 22)
    found = receipt(long)[0]
    assert found
    assert (found.reference, found.memo) == ("keap-5", "c" * 22)


def test_receipt_goes_to_the_account_of_its_payment() -> None:
    """R10: `payments.accounts` by type."""
    by = rules({"payments.accounts": {"cash": "091"}})
    found, _ = receipt_of(invoice(CANDLE), [payment("100", type="Cash")], DAY, Decimal(100), by)
    assert found
    assert found.account == SAVINGS


@pytest.mark.parametrize(
    ("payments", "total", "why"),
    [
        ([], "100.00", "the order has 0 payments, credits and refunds"),
        (
            [payment("50", "1"), payment("50", "2")],
            "100.00",
            "the order has 2 payments, credits and refunds",
        ),
        (
            [payment("100", "1"), payment("5", "2", kind=PaymentKind.REFUND)],
            "100.00",
            "the order has 2 payments, credits and refunds",
        ),
        ([payment("100", kind=PaymentKind.PENDING)], "100.00", "its only payment is pending"),
        ([payment("100", kind=PaymentKind.CREDIT)], "100.00", "its only payment is credit"),
        (
            [payment("100", time=EVENING + timedelta(minutes=30))],
            "100.00",
            "it was paid on another day",
        ),
        (
            [payment("100", time=EVENING - timedelta(days=1))],
            "100.00",
            "it was paid on another day",
        ),
        ([payment("99.99")], "100.00", "99.99 was paid, the ledger's total is 100.00"),
        ([payment("100.01")], "100.00", "100.01 was paid, the ledger's total is 100.00"),
        ([payment("100")], "120.00", "100 was paid, the ledger's total is 120.00"),
    ],
)
def test_anything_else_is_an_invoice_and_payments(
    payments: list[Payment], total: str, why: str
) -> None:
    """R10: otherwise invoice + payments, and it is told what spoke against the receipt."""
    expected = Decision("document", "invoice", "R10", f"no sales receipt: {why}")
    assert receipt(*payments, total=total) == (None, expected)


def test_payment_on_several_orders_is_no_receipt() -> None:
    """R10: it would be booked for one of them alone."""
    parts = ((ORDER, Decimal(100)), (OTHER, Decimal(30)))
    split = payment("130", order_ids=(ORDER, OTHER), allocations=parts)
    expected = "no sales receipt: its payment is on several orders"
    assert receipt(split)[1].because == expected


def test_what_is_no_money_of_the_order_speaks_against_nothing() -> None:
    """R10: failed charges, and payments of other orders."""
    failed = payment("100", "1", kind=PaymentKind.FAILED)
    others = payment("100", "2", order_ids=(OTHER,))
    found = receipt(failed, others, payment("100", "3"))[0]
    assert found
    assert found.payment_id == "3"


@pytest.mark.parametrize(
    ("mode", "receipts", "is_receipt"),
    [
        ("invoices-and-payments", True, True),
        ("paid-only", True, True),
        ("invoices", True, False),
        ("invoices-and-payments", False, False),
    ],
)
def test_receipts_are_made_where_that_is_wished(
    mode: str, receipts: bool, is_receipt: bool
) -> None:
    """R10: `sales-receipt-when-paid`, in the modes that send payments."""
    by = rules({"sync.mode": mode}, receipts=receipts)
    found, decisions = drafted(invoice(CANDLE), by, payment("100"))
    assert (found.receipt is not None) is is_receipt
    assert ("document" in [one.field for one in decisions]) is is_receipt


def test_receipt_covers_what_the_ledger_comes_to() -> None:
    """R10: covering the ledger total, not Keap's; dated the invoice date."""
    settings = {"tax.untaxed_invoices": "exclusive"}
    by = rules(settings, receipts=True)
    found, decisions = drafted(invoice(CANDLE), by, payment("100"))
    assert found.receipt is None
    assert decisions[-1].because == ("no sales receipt: 100 was paid, the ledger's total is 120.00")
    assert drafted(invoice(CANDLE), by, payment("120"))[0].receipt
