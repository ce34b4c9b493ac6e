"""Rules R7, R8, R10 and R13 as functions: an order becomes one draft, or is held, and why."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from invoicesync_cli.model import (
    Decision,
    Draft,
    DraftLine,
    Invoice,
    Payment,
    TaxMode,
    TaxStyle,
)
from invoicesync_cli.transform.invoice import make_draft
from invoicesync_cli.transform.settings import DraftSettings
from invoicesync_cli.transform.verdicts import Held
from tests.kits.keap_side import (
    CANDLE,
    CHARGE,
    DAY,
    ORDER,
    invoice,
    line,
    payment,
)
from tests.kits.ledger_side import SALE, TAX, draft_of, drafted, rules, shown

DISMISS = 'invoicesync dismiss 811 --reason "entered by hand"'


def held(made: Invoice, by: DraftSettings, *payments: Payment) -> tuple[Held, list[Decision]]:
    """Why an order is held, and what was decided up to there."""
    decisions: list[Decision] = []
    with pytest.raises(Held) as caught:
        make_draft(made, payments, by, decisions)
    return caught.value, decisions


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


def test_gaps_of_the_lines_are_reported() -> None:
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
