"""Rules R10 and R11 as functions: the accounts of money, and the notes of credits and refunds."""

from dataclasses import replace
from decimal import Decimal

import pytest

from invoicesync_cli.model import (
    CreditNote,
    DocumentKind,
    DocumentState,
    ItemRouting,
    LedgerAccount,
    LedgerItem,
    Payment,
    PaymentKind,
    Reason,
    StatedTax,
    TaxCode,
    TaxLine,
    TaxStyle,
)
from invoicesync_cli.transform.verdicts import Skip
from tests.kits.keap_side import ORDER, OTHER, payment
from tests.kits.ledger_side import (
    BANK,
    CASH,
    PARTED,
    ROUTING,
    SAVINGS,
    TAXED,
    UNMATCHED,
    booked,
    order,
    record,
    rules,
)
from tests.kits.payment_verdicts import ON_ITS_DAY, credit, left, refund, reported, sent

# --- accounts -------------------------------------------------------------------------------------

BY_NAME = {" stripe ": "091", "CASH": "id-092"}


@pytest.mark.parametrize(
    ("paid_by", "merchant", "account"),
    [
        ("Cash", "", CASH),
        (" cash ", "m1", CASH),
        ("Credit Card", "m1", SAVINGS),
        ("Credit Card", "m2", BANK),
        ("Credit Card", "", BANK),
        ("", "", BANK),
    ],
)
def test_account_is_by_type_then_merchant_then_the_default(
    paid_by: str, merchant: str, account: LedgerAccount
) -> None:
    """R10: `payments.accounts` by type, then by merchant name, else `payments.account`."""
    merchants = {"m1": "Stripe", "m2": "Square"}
    by = rules({"payments.accounts": BY_NAME}, merchants=merchants)
    made = payment("10", type=paid_by, merchant_account_id=merchant)
    assert sent(order(made), by).account == account


def test_account_is_a_code_or_an_id_that_takes_money() -> None:
    """R10: a sales account is none."""
    assert ON_ITS_DAY.payable("090") == ON_ITS_DAY.payable("id-090") == BANK
    assert ON_ITS_DAY.payable("200") is None
    assert ON_ITS_DAY.payable("999") is None


@pytest.mark.parametrize(
    ("account", "deposit", "expected"),
    [("090", "091", BANK), ("", "091", SAVINGS), ("", "999", None)],
)
def test_account_of_none_is_where_the_ledger_deposits(
    account: str, deposit: str, expected: LedgerAccount | None
) -> None:
    """R10: `payments.account`, else the ledger's own account for money that is not deposited."""
    by = rules({"payments.account": account}, deposit=deposit)
    assert sent(order(payment("10")), by).account == expected


def test_refund_goes_out_of_the_account_that_the_payment_went_to() -> None:
    """R11: as recorded; else as its payment would go; no link: `payments.account`."""
    by = rules({"payments.accounts": BY_NAME}, merchants={"m1": "Stripe"})
    paid = payment("10", "1", type="Cash")
    given_back = refund("10", refund_of="1", type="Credit Card", merchant_account_id="m1")
    assert sent(order(given_back, known={"1": record(account="091")}), by).account == SAVINGS
    assert sent(order(given_back, known={"1": record(account="id-090")}), by).account == BANK
    assert sent(order(paid, given_back, known={"1": record()}), by).account == CASH
    assert sent(order(given_back, known={"1": record()}), by).account == SAVINGS
    assert sent(order(refund("10", type="Refund")), by).account == BANK


# --- notes ----------------------------------------------------------------------------------------


def test_credit_is_a_note_on_the_discount_account() -> None:
    """R11: an authorised credit note, taxed in the invoice's proportion, no bank money."""
    draft = sent(order(credit("30", "5"), standing=booked(total="120.00", tax="20.00")))
    assert (draft.kind, draft.amount, draft.account) == (
        DocumentKind.CREDIT,
        Decimal("30.00"),
        None,
    )
    assert draft.note == CreditNote(
        number="CR-5",
        contact_id=booked().contact_id,
        account="460",
        tax_code="TAXED",
        net=Decimal("25.00"),
        tax=Decimal("5.00"),
        description="Credit, Keap order 812",
    )


def test_refund_is_a_note_on_the_sales_account() -> None:
    """R11: `number_prefix` + `RF-<payment id>`, on `account`, untaxed like its invoice."""
    by = rules({"invoices.number_prefix": "WW-"})
    draft = sent(order(refund("30", "6")), by)
    assert (draft.kind, draft.amount, draft.account) == (
        DocumentKind.REFUND,
        Decimal("30.00"),
        BANK,
    )
    assert draft.note == CreditNote(
        number="WW-RF-6",
        contact_id=booked().contact_id,
        account="200",
        tax_code="ZERO",
        net=Decimal("30.00"),
        tax=Decimal("0.00"),
        description="Refund, Keap order 812",
    )


@pytest.mark.parametrize(
    ("made", "number", "called"),
    [
        (credit("30", "5", type=""), "WW-CR-5", "Credit"),
        (refund("30", "5", type=""), "WW-RF-5", "Refund"),
        (
            credit("30", "5", kind=PaymentKind.ADJUSTMENT, type="Adjustment"),
            "WW-CR-5",
            "Adjustment",
        ),
    ],
)
def test_note_is_called_by_its_type(made: Payment, number: str, called: str) -> None:
    """R11: numbered by the payment's id; named as in Keap."""
    note = sent(order(made), rules({"invoices.number_prefix": "WW-"})).note
    assert note
    assert (note.number, note.description) == (number, f"{called}, Keap order 812")


def test_note_for_one_of_several_orders_has_the_order_in_its_number() -> None:
    """R11: `CR-<payment id>-<order id>` when it is on several orders."""
    parts = ((ORDER, Decimal(30)), (OTHER, Decimal(10)))
    made = credit("40", "5", order_ids=(ORDER, OTHER), allocations=parts)
    note = sent(order(made)).note
    assert note
    assert (note.number, note.net) == ("CR-5-812", Decimal("30.00"))


@pytest.mark.parametrize(
    ("amount", "total", "tax", "expected"),
    [
        ("100.00", "120.00", "20.00", "16.67"),
        ("0.03", "120.00", "20.00", "0.01"),
        ("0.02", "120.00", "20.00", "0.00"),
        ("100.00", "108.25", "8.25", "7.62"),
        ("5.00", "0.00", "0.00", "0.00"),
        ("1.00", "0.50", "0.01", "0.02"),
    ],
)
def test_note_is_taxed_in_the_invoices_proportion(
    amount: str, total: str, tax: str, expected: str
) -> None:
    """R11: rounded half up; net and tax make the amount; without tax the zero-tax code."""
    note = sent(order(refund(amount), standing=booked(total=total, tax=tax))).note
    assert note
    assert (note.tax, note.net) == (Decimal(expected), Decimal(amount) - Decimal(expected))
    assert note.tax_code == ("TAXED" if Decimal(expected) else "ZERO")
    assert str(note.tax) == expected


def test_note_without_a_number_that_fits_is_held_and_the_balance_stays() -> None:
    """R1: nothing is ever truncated; QuickBooks holds 21 characters."""
    prefix, made = "W" * 15, credit("30", "333")
    fits = rules({"invoices.number_prefix": prefix}, number_limit=21)
    long = rules({"invoices.number_prefix": prefix + "W"}, number_limit=21)
    assert reported(order(made, payment("100", "334")), fits) == ["333 30.00", "334 overpayment"]
    assert left(order(made), long) == Skip(
        DocumentState.HELD,
        Reason.NUMBER_TOO_LONG,
        f"Its number {prefix}WCR-333 is longer than the ledger's 21 characters.",
        "Use a shorter invoices.number_prefix.",
    )
    assert reported(order(made, payment("100", "334")), long) == [
        "333 number-too-long",
        "334 100.00",
    ]


SALES = LedgerItem("", "Sales", "210", "21")
OFF = LedgerItem("", "Discounts", "460", "22")


@pytest.mark.parametrize(
    ("routing", "for_credit", "for_refund"),
    [
        (ROUTING, ("200", "99"), ("200", "99")),
        (replace(ROUTING, default=SALES), ("200", "99"), ("210", "21")),
        (replace(ROUTING, discount=OFF), ("460", "22"), ("200", "99")),
        (replace(ROUTING, unmatched=replace(UNMATCHED, id="")), ("200", "(to be made)"), None),
    ],
)
def test_note_of_a_ledger_with_items(
    routing: ItemRouting, for_credit: tuple[str, str], for_refund: tuple[str, str] | None
) -> None:
    """R11: a credit with `discount_item`, a refund with `default_item`, else `unmatched_item`."""
    by = rules(items=routing)
    for made, expected in ((credit("30"), for_credit), (refund("30"), for_refund or for_credit)):
        note = sent(order(made), by).note
        assert note
        assert (note.account, note.item_code) == expected


def test_note_of_a_ledger_without_items_has_none() -> None:
    """R11, Xero: accounts only."""
    note = sent(order(credit("30"))).note
    assert note
    assert (note.item_code, note.stated_tax) == ("", None)


@pytest.mark.parametrize(
    ("style", "code", "stated"),
    [
        (TaxStyle.LINE, TAXED, None),
        (TaxStyle.TOTAL, TAXED, StatedTax(Decimal("5.00"))),
        # QuickBooks comes to 20 % of 25.00 by itself.
        (TaxStyle.RATE, TAXED, None),
        (
            TaxStyle.RATE,
            PARTED,
            StatedTax(
                Decimal("5.00"),
                (
                    TaxLine(PARTED.parts[0], Decimal("25.00"), Decimal("1.67")),
                    TaxLine(PARTED.parts[1], Decimal("25.00"), Decimal("3.33")),
                ),
            ),
        ),
    ],
)
def test_tax_of_a_note_is_stated_where_the_ledger_would_come_to_another(
    style: TaxStyle, code: TaxCode, stated: StatedTax | None
) -> None:
    """R11: taxed in the invoice's proportion, whatever the ledger's own sum."""
    by = rules(tax_style=style, taxable=code)
    note = sent(order(credit("30"), standing=booked(total="120", tax="20")), by).note
    assert note
    assert (note.tax, note.net, note.stated_tax) == (Decimal("5.00"), Decimal("25.00"), stated)
    untaxed = sent(order(credit("30")), by).note
    assert untaxed
    assert untaxed.stated_tax is None
