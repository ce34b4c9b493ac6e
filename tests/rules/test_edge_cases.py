"""Rules R6, R10 and R11 as functions: codes without rates, parted notes, look-alike payments."""

from decimal import Decimal

import pytest

from invoicesync_cli.model import Decision, Payment, StatedTax, TaxCode, TaxLine, TaxRate, TaxStyle
from invoicesync_cli.transform.invoice import make_draft
from invoicesync_cli.transform.rates import untaxed_of
from tests.kits.keap_side import invoice, line, payment
from tests.kits.ledger_side import PARTED, TAXED, booked, order, rules
from tests.kits.payment_verdicts import credit, refund, sent, verdicts

BY_RATE = rules(tax_style=TaxStyle.RATE)


@pytest.mark.parametrize(
    ("tax", "net", "code", "untaxed"),
    [
        ("0.00", "25.00", TAXED, "0.00"),
        ("5.00", "25.00", TAXED, "0.00"),
        ("6.00", "25.00", TAXED, "0.00"),
        # A cent less than the rate gives can be stated; two cents cannot.
        ("4.99", "25.00", TAXED, "0.00"),
        ("4.98", "25.00", TAXED, "0.10"),
        ("3.00", "27.00", TAXED, "12.00"),
        # Two rates: a cent for each.
        ("14.96", "100.00", PARTED, "0.00"),
        ("14.95", "100.00", PARTED, "0.17"),
    ],
)
def test_what_of_a_note_bears_no_tax(tax: str, net: str, code: TaxCode, untaxed: str) -> None:
    """R11: taxed in the invoice's proportion, by a ledger that goes by its rates."""
    found = untaxed_of(Decimal(tax), Decimal(net), code)
    assert str(found) == untaxed


@pytest.mark.parametrize("money", [credit("30.00"), refund("30.00")], ids=["credit", "refund"])
def test_note_of_a_partly_taxed_invoice_has_two_parts(money: Payment) -> None:
    """R11: of 200.00 with 20.00 of tax, 30.00 have 3.00: on 15.00 at 20 %, and 12.00 without."""
    note = sent(order(money, standing=booked(total="200", tax="20")), BY_RATE).note
    assert note
    assert (note.net, note.tax, note.untaxed) == (
        Decimal("27.00"),
        Decimal("3.00"),
        Decimal("12.00"),
    )
    assert (note.tax_code, note.untaxed_code, note.stated_tax) == ("TAXED", "ZERO", None)


def test_note_that_is_taxed_throughout_has_one_part() -> None:
    """R11: and a cent that the rate would not give is stated on all of it."""
    standing = booked(total="120", tax="19.98")
    note = sent(order(credit("60.00"), standing=standing), BY_RATE).note
    assert note
    assert (note.untaxed, note.untaxed_code) == (Decimal(0), "")
    rate = TaxRate("", Decimal(20))
    assert note.stated_tax == StatedTax(
        Decimal("9.99"), (TaxLine(rate, Decimal("50.01"), Decimal("9.99")),)
    )


@pytest.mark.parametrize("style", [TaxStyle.LINE, TaxStyle.TOTAL])
def test_note_where_tax_does_not_go_by_rates_has_one_part(style: TaxStyle) -> None:
    """R11: there the amount is stated as it is."""
    standing = booked(total="200", tax="20")
    note = sent(order(credit("30.00"), standing=standing), rules(tax_style=style)).note
    assert note
    assert (note.untaxed, note.untaxed_code) == (Decimal(0), "")


def test_payments_of_one_reference_are_told_apart_in_the_memo() -> None:
    """R10: each Keap payment is applied once, also of two that look alike."""
    alike = [payment("10", number, reference="slip 7") for number in ("1", "2")]
    other = payment("10", "3", reference="slip 8")

    drafts = {
        verdict.draft.payment_id: verdict.draft
        for verdict in verdicts(order(*alike, other))
        if verdict.draft
    }

    assert {number: draft.memo for number, draft in drafts.items()} == {
        "1": "payment 1",
        "2": "payment 2",
        "3": "",
    }
    assert {draft.reference for draft in drafts.values()} == {"slip 7", "slip 8"}


def test_memo_keeps_a_long_reference_beside_what_tells_it_apart() -> None:
    """R10: 21 characters are QuickBooks' limit; an id that is longer goes into the memo."""
    long = "pi_3QxYzABCDEFGHIJKLMNOP"
    made = order(payment("10", "1", reference=long), payment("10", "2", reference="keap-1"))
    first, second = (one.draft for one in verdicts(made, rules(reference_limit=21)))
    assert first
    assert second
    assert (first.reference, first.memo) == ("keap-1", f"{long}; payment 1")
    assert (second.reference, second.memo) == ("keap-1", "payment 2")


@pytest.mark.parametrize("style", [TaxStyle.TOTAL, TaxStyle.OFF])
def test_code_without_a_rate_of_its_own_is_reported_without_one(style: TaxStyle) -> None:
    """R6, United States: a code only says whether a line is taxed, not by how much."""
    decisions: list[Decision] = []
    make_draft(invoice(line("PRODUCT", "100.00")), (), rules(tax_style=style), decisions)
    (reported,) = (one.because for one in decisions if one.field.endswith("tax code"))
    assert reported == "Zero rated"
