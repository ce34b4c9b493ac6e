"""Rules R7, R8, R10 and R13 as functions: an order becomes one draft, or is held, and why."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from invoicesync_cli.model import (
    Decision,
    Draft,
    DraftLine,
    Invoice,
    Line,
    LineType,
    Payment,
    PaymentKind,
    Receipt,
    StatedTax,
    TaxMode,
    TaxStyle,
)
from invoicesync_cli.transform.invoice import make_draft
from invoicesync_cli.transform.receipts import receipt_of
from invoicesync_cli.transform.settings import DraftSettings
from invoicesync_cli.transform.verdicts import Held
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
from tests.kits.ledger_side import BANK, ROUTING, SAVINGS, rules

DISMISS = 'invoicesync dismiss 811 --reason "entered by hand"'
TAX = line("TAX", "18.00")
TEN_OFF = line("DISCOUNT", "10", name="Coupon")
SALE = (replace(CANDLE, id="1", sku="TIL"), BOOK, TEN_OFF, TAX)


def drafted(made: Invoice, by: DraftSettings, *payments: Payment) -> tuple[Draft, list[Decision]]:
    """The draft of an order, and the grounds of its fields."""
    decisions: list[Decision] = []
    return make_draft(made, payments, by, decisions), decisions


def draft_of(*lines: Line, settings: Mapping[str, Any] | None = None, **ledger: Any) -> Draft:
    """The draft of an order with these lines."""
    return drafted(invoice(*lines), rules(settings, **ledger))[0]


def held(made: Invoice, by: DraftSettings, *payments: Payment) -> tuple[Held, list[Decision]]:
    """Why an order is held, and what was decided up to there."""
    decisions: list[Decision] = []
    with pytest.raises(Held) as caught:
        make_draft(made, payments, by, decisions)
    return caught.value, decisions


def shown(*values: Decimal | None) -> str:
    """Figures in a row; a dash for none."""
    return " ".join("-" if value is None else f"{value.normalize():f}" for value in values)


# --- the draft ------------------------------------------------------------------------------------


def test_draft_says_everything() -> None:
    """R1 to R6: one order, every field."""
    found, _ = drafted(invoice(*SALE), rules({"invoices.number_prefix": "WW-"}))
    assert found == Draft(
        order_id=ORDER,
        invoice_id=invoice().invoice_id,
        number="WW-812",
        reference="Keap order 812, invoice 811",
        person_id=invoice().person_id,
        date=DAY,
        due_date=DAY + timedelta(days=14),
        currency="GBP",
        tax_mode=TaxMode.EXCLUSIVE,
        lines=(
            DraftLine(
                "Candle", Decimal(1), Decimal(100), Decimal(100), "201", "TAXED", Decimal("20.00")
            ),
            DraftLine("Candle", Decimal(1), Decimal(50), Decimal(50), "200", "ZERO"),
            DraftLine(
                "Coupon", Decimal(1), Decimal(-10), Decimal(-10), "460", "TAXED", Decimal("-2.00")
            ),
        ),
        keap_total=Decimal("158.00"),
        expected_total=Decimal("158.00"),
        expected_tax=Decimal("18.00"),
    )


def test_every_field_has_its_grounds() -> None:
    """The reason for every field, in the order in which they are found."""
    _, decisions = drafted(invoice(*SALE), rules())
    assert [(one.field, one.value, one.rule) for one in decisions] == [
        ("number", "812", "R1"),
        ("reference", "Keap order 812, invoice 811", "R1"),
        ("date", "2026-11-03", "R2"),
        ("due_date", "2026-11-17", "R3.3"),
        ("currency", "GBP", "R7"),
        ("tax", "18.00", "R6.A base 1"),
        ("line 1 account", "201", "R5"),
        ("line 1 tax code", "TAXED", "R6"),
        ("line 7 account", "200", "R5"),
        ("line 7 tax code", "ZERO", "R6"),
        ("line 7 account", "460", "R5"),
        ("line 7 tax code", "TAXED", "R6"),
    ]
    because = {(one.field, one.value): one.because for one in decisions}
    assert because["reference", "Keap order 812, invoice 811"] == (
        "the marker by which the document is found again"
    )
    assert because["currency", "GBP"] == "as the Keap account's"
    assert because["line 1 tax code", "TAXED"] == "20% (VAT on Income) at 20 %, 20.00 of Keap's tax"
    assert because["line 7 tax code", "ZERO"] == "Zero rated at 0 %"


def test_gaps_of_the_lines_are_told() -> None:
    """R4: what Keap gave no value for is among the grounds."""
    _, decisions = drafted(invoice(replace(CANDLE, gaps=("quantity 1",))), rules())
    assert Decision("line 7", "quantity 1", "R4", "Keap gave no value") in decisions


def test_due_date_is_by_the_orders_payments_and_days() -> None:
    """R3: money that covers it → its own day; else `due_days`."""
    by = rules({"invoices.due_days": 30})
    assert drafted(invoice(CANDLE), by, payment("100"))[0].due_date == DAY
    assert drafted(invoice(CANDLE), by)[0].due_date == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("how", "mode", "expected", "code"),
    [
        ("exempt", TaxMode.EXCLUSIVE, ("120.00", "0.00"), "ZERO"),
        ("inclusive", TaxMode.INCLUSIVE, ("120.00", "20.00"), "TAXED"),
        ("exclusive", TaxMode.EXCLUSIVE, ("144.00", "24.00"), "TAXED"),
    ],
)
def test_untaxed_order(how: str, mode: TaxMode, expected: tuple[str, str], code: str) -> None:
    """R6 B: no tax is stated; what the ledger will come to is known beforehand."""
    found = draft_of(line("PRODUCT", "120"), settings={"tax.untaxed_invoices": how})
    assert (found.tax_mode, shown(found.keap_total)) == (mode, "120")
    assert (str(found.expected_total), str(found.expected_tax)) == expected
    assert [(one.tax_code, one.tax, one.net) for one in found.lines] == [(code, None, None)]


def test_quantity_and_code_of_the_item_are_on_the_line() -> None:
    """R4 and R5: three of 3.33, with the item's code where that is asked for."""
    made = line("PRODUCT", "3.33", "3", sku="TIL")
    (one,) = draft_of(made, sku_item_codes=True).lines
    assert shown(one.quantity, one.unit_price, one.amount) == "3 3.33 9.99"
    assert (one.item_code, one.account) == ("TIL", "201")
    fine = line("PRODUCT", "0.125", "8")
    assert [draft_of(fine, unit_places=places).lines[0].quantity for places in (4, 2)] == [8, 1]


# --- QuickBooks -----------------------------------------------------------------------------------

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


# --- held -----------------------------------------------------------------------------------------


def test_currency_of_another_keap_account_is_held() -> None:
    """R7: an order in another currency; what was decided before is there all the same."""
    found, decisions = held(invoice(CANDLE, currency="EUR"), rules())
    assert (found.reason, found.by_ledger) == ("currency-differs", False)
    assert found.message == "The order is in EUR, the Keap account is in GBP."
    assert found.hint == (
        "Set keap.currency if the account's currency was read wrongly. Otherwise enter this order "
        f"by hand, then: {DISMISS}"
    )
    assert [one.field for one in decisions] == ["number", "reference", "date", "due_date"]


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_currency_without_hundredths_is_held(currency: str) -> None:
    """R7: in its smallest unit the same figure is not what it is in the ledger."""
    ours = rules()
    facts = replace(ours.ledger.facts, currencies=(currency,))
    ours = replace(ours, keap_currency=currency, ledger=replace(ours.ledger, facts=facts))
    found, _ = held(invoice(CANDLE, currency=currency), ours)
    assert (found.reason, found.by_ledger) == ("currency-differs", False)
    assert found.message.startswith(f"{currency} has no hundredths")


def test_currency_that_the_ledger_does_not_have_is_held() -> None:
    """R7: a currency the ledger does not have."""
    dollars = replace(rules(), keap_currency="USD")
    found, _ = held(invoice(CANDLE, currency="USD"), dollars)
    assert (found.reason, found.by_ledger) == ("currency-differs", True)
    assert found.message == "The order is in USD, which the ledger does not have (GBP, EUR)."
    assert found.hint == "Add USD to the ledger's currencies; the next sync goes on."
    euros = replace(rules(), keap_currency="EUR")
    assert drafted(invoice(CANDLE, currency="EUR"), euros)[0].currency == "EUR"


def test_total_that_would_be_negative_in_the_ledger_is_held() -> None:
    """R8: a negative expected ledger total: −100 and its 20 %, and a charge of 101 without."""
    lines = (line("PRODUCT", "-100"), replace(CHARGE, unit_price=Decimal(101)))
    by = rules({"tax.untaxed_invoices": "exclusive"})
    found, decisions = held(invoice(*lines), by)
    assert found.reason == "negative-total"
    assert found.message == "The invoice would come to -19.00 GBP in the ledger."
    assert found.hint == f"Enter it as a credit note by hand, then: {DISMISS}"
    assert decisions[-1].field == "tax"


def test_total_of_nothing_goes() -> None:
    """R8: zero is not negative."""
    assert draft_of(CANDLE, line("DISCOUNT", "100")).expected_total == 0


@pytest.mark.parametrize(("lock", "is_held"), [(2, False), (3, True), (4, True)])
def test_invoice_in_a_locked_period_is_held(lock: int, is_held: bool) -> None:
    """R13: dated on or before the lock date."""
    by = rules(lock_date=date(2026, 11, lock))
    if not is_held:
        assert drafted(invoice(CANDLE), by)[0].date == DAY
        return
    found, _ = held(invoice(CANDLE), by)
    assert found.reason == "period-locked"
    assert found.message == (
        f"The invoice is dated 2026-11-03, the ledger is locked up to 2026-11-0{lock}."
    )
    assert found.hint == (
        f"Move the lock date in the ledger. Or enter this document by hand, then: {DISMISS}"
    )


def test_first_ground_counts() -> None:
    """R8: currency, sums, tax code, lock date."""
    by = rules(lock_date=DAY, tax_style=TaxStyle.OFF)
    wrong = invoice(CANDLE, TAX, total=Decimal(1))
    assert held(replace(wrong, currency="USD"), by)[0].reason == "currency-differs"
    assert held(wrong, by)[0].reason == "totals-differ"
    assert held(invoice(CANDLE, TAX), by)[0].reason == "tax-code-unknown"
    assert held(invoice(CANDLE), by)[0].reason == "period-locked"


# --- sales receipts -------------------------------------------------------------------------------

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
