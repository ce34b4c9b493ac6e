"""`adopt` where it is not clear which document is an order's: held, and never sent."""

from pathlib import Path

import pytest

from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.adopting import CREATED, HELD, Scene, of, verdict
from tests.kits.rehearsal import only


@pytest.fixture(params=["xero", "qbo"])
def s(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    return Scene(tmp_path / "home", request.param)


def test_another_total_is_held_with_both_figures_until_they_agree(s: Scene) -> None:
    order = s.order()
    there = s.books.invoice(s.contact, order, "90.00", s.today)

    found = only(s.adopt())

    assert verdict(found) == (HELD, "totals-differ", there)
    assert "90.00 GBP" in found.message
    assert "100.00 GBP" in found.message
    assert only(s.r.sync()).reason == "totals-differ"
    assert len([n for n, _ in s.books.living().values() if n == order]) == 1
    s.r.keap.edit_order(order, items=[Item("PRODUCT", "90.00", name="Candle")])
    assert only(s.r.sync()).reason == "totals-differ"
    assert verdict(only(s.adopt())) == (CREATED, "adopted", there)
    assert s.r.sync().documents == []


def test_the_same_figure_in_another_currency_is_another_total(tmp_path: Path) -> None:
    """In Xero; in QuickBooks a customer, and every form of theirs, has one currency."""
    s = Scene(tmp_path / "home", "xero")
    s.r.xero.subscribe("USD")
    order, other = s.order(), s.order("70.00")
    fields = {"Date": str(s.today), "DueDate": str(s.today), "CurrencyCode": "USD"}

    def dollars(number: str, total: str) -> str:
        lines = s.books._lines(total)
        return str(s.r.xero.add_invoice(s.contact, lines, InvoiceNumber=number, **fields))

    there = dollars(order, "100.00")
    dollars("S-1", "70.00")

    found = only(s.adopt())

    assert verdict(found) == (HELD, "totals-differ", there)
    assert "with 100.00 USD; it should be 100.00 GBP" in found.message
    sent = of(s.r.sync(), DocumentKind.INVOICE)
    assert {item.order_id: item.state for item in sent} == {order: HELD, other: CREATED}


def test_another_tax_is_linked_as_it_is_and_said(s: Scene) -> None:
    """The total is Keap's; how another program has split it is no reason to touch it."""
    goods = Item("PRODUCT", "100.00", name="Candle", taxable=True)
    order = s.r.order(goods, Item("TAX", "20.00", name="VAT"), contact=s.person)
    there = s.books.invoice(s.contact, order, "120.00", s.today)

    result = s.adopt()

    found = only(result)
    assert verdict(found) == (CREATED, "adopted", there)
    assert "Its tax is 0.00 GBP there; by the rules it would be 20.00 GBP." in found.message
    assert any("The tax of 1 of them" in words for words in result.messages)
    assert s.r.sync().documents == []


def test_a_total_that_is_corrected_in_the_ledger_ends_the_hold_in_a_sync(s: Scene) -> None:
    order = s.order()
    there = s.books.invoice(s.contact, order, "90.00", s.today)
    s.adopt()
    s.r.ticker.pass_time(3600)
    if s.r.to == "xero":
        s.r.xero.edit_invoice(there, LineItems=s.books._lines("100.00"))
    else:
        s.r.qbo.edit(there, Line=s.books._lines("100.00"))

    assert verdict(only(s.r.sync())) == (CREATED, "adopted", there)


def test_a_document_that_turns_out_to_be_another_sale_is_let_go(s: Scene) -> None:
    order = s.order()
    there = s.books.invoice(s.contact, order, "90.00", s.today)
    s.adopt()
    s.books.edit(there, number="S-5")

    assert only(s.adopt()).state is DocumentState.NEW
    assert only(s.r.sync()).state is CREATED
    assert s.adopt().documents == []


def test_several_candidates_are_held_with_each_of_them_and_never_sent(s: Scene) -> None:
    order = s.order()
    for number in ("S-1", "S-2"):
        s.books.invoice(s.contact, number, "100.00", s.today)

    found = only(s.adopt())

    assert verdict(found) == (HELD, "ambiguous", "")
    assert "S-1" in found.message
    assert "S-2" in found.message
    before = s.books.living()
    assert only(s.r.sync()).reason == "ambiguous"
    for command in ("retry", "sync-id"):
        assert only(s.r.sync(command=command, ids=(order,))).reason == "ambiguous"
    assert s.books.living() == before


def test_two_orders_for_one_document_are_held_and_the_marker_decides(s: Scene) -> None:
    first, second = s.order(), s.order()
    there = s.books.invoice(s.contact, "S-1", "100.00", s.today)

    documents = of(s.adopt(), DocumentKind.INVOICE)

    assert [verdict(item) for item in documents] == [(HELD, "ambiguous", "")] * 2
    assert second in documents[0].message
    s.books.edit(there, reference=f"Keap order {first}, invoice {first}")
    again = {item.order_id: item for item in of(s.adopt(), DocumentKind.INVOICE)}
    assert verdict(again[first]) == (CREATED, "adopted", there)
    assert again[second].state is DocumentState.NEW
    assert only(s.r.sync()).order_id == second


def test_what_is_none_of_the_candidates_is_dismissed_and_then_sent_by_name(s: Scene) -> None:
    order = s.order()
    for number in ("S-1", "S-2"):
        s.books.invoice(s.contact, number, "100.00", s.today)
    s.adopt()
    s.dismiss(DocumentKind.INVOICE, order)

    assert of(s.adopt(), DocumentKind.INVOICE) == []
    assert only(s.r.sync(command="sync-id", ids=(order,))).state is CREATED
