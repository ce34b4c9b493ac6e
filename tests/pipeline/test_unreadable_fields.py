"""Odd and broken orders from Keap: each is booked right or told in a sentence, alone."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_sandbox.keap import Item
from tests.kits.changed_answers import HUNDRED, Change, arrive, line, rewrite, whole
from tests.kits.rehearsal import Rehearsal, only
from tests.kits.xero_invoices import amounts, column, totals


def created(rehearsal: Rehearsal, orders: Sequence[str]) -> list[dict[str, Any]]:
    """The invoices in Xero of these orders, all of which have to be created."""
    documents = rehearsal.sync().documents
    assert [(item.order_id, item.state) for item in documents] == [
        (order, DocumentState.CREATED) for order in orders
    ]
    return [rehearsal.booked(order) for order in orders]


def refused(rehearsal: Rehearsal, state: DocumentState, reason: str) -> list[Document]:
    """The documents of a run, all of which have to end so, with a sentence and nothing sent."""
    documents = rehearsal.sync().documents
    assert {(item.state, item.reason) for item in documents} == {(state, reason)}, documents
    assert all(item.message and item.hint for item in documents)
    assert len(documents) == len(rehearsal.keap.orders)
    assert rehearsal.numbers() == []
    return documents


def reported(rehearsal: Rehearsal, order: str) -> str:
    """What was noted about an order's lines."""
    with rehearsal.state() as state:
        decisions = state.records(DocumentKind.INVOICE, [order])[order].decided
    return "; ".join(item.value for item in decisions if item.field.startswith("line "))


# --- fields that are null -------------------------------------------------------------------------

NEEDLESS = ["name", "description", "notes", "discount", "special", "cost_per_unit", "product"]
NEEDLESS += ["subscription_plan", "subscription_id", "item_type"]


def without(field: str) -> Change:
    """The change of leaving a field out of an order's first line."""
    return lambda order: order["order_items"][0].pop(field)


@pytest.mark.parametrize("absent", [False, True], ids=["null", "absent"])
def test_fields_that_are_not_needed_may_be_missing(tmp_path: Path, absent: bool) -> None:
    """R4: a line of 100 is a product line of 100 all the same, called by what is left."""
    rehearsal = Rehearsal(tmp_path)
    changes = [without(name) if absent else line(**{name: None}) for name in NEEDLESS]
    for invoice in created(rehearsal, arrive(rehearsal, changes)):
        assert column(invoice, "Description") == ["Candles"]
        assert column(invoice, "AccountCode") == ["200"]
        assert totals(invoice) == (Decimal(100), Decimal(0))


def test_line_without_anything_to_call_it_has_keaps_id(tmp_path: Path) -> None:
    """R4: an empty description becomes `Keap item <line id>`."""
    rehearsal = Rehearsal(tmp_path)
    orders = arrive(rehearsal, [line(product=None, name=None, description=None)])
    (invoice,) = created(rehearsal, orders)
    assert column(invoice, "Description") == ["Keap item 1"]


def test_line_without_a_product_bears_no_tax_of_flagged_ones(tmp_path: Path) -> None:
    """R6: a line without a product counts as not flagged."""
    rehearsal = Rehearsal(tmp_path)
    items = (HUNDRED, Item("PRODUCT", "50.00", name="Jar", taxable=True), Item("TAX", "10.00"))
    (invoice,) = created(rehearsal, arrive(rehearsal, [line(product=None)], *items))
    assert column(invoice, "TaxAmount") == amounts("0", "10")


def test_missing_quantity_is_one_and_reported(tmp_path: Path) -> None:
    """R4: the line is booked where the sum bears it out, and it is said what was missing."""
    rehearsal = Rehearsal(tmp_path)
    (order,) = orders = arrive(rehearsal, [line(quantity=None)])
    (invoice,) = created(rehearsal, orders)
    assert (column(invoice, "Quantity"), totals(invoice)[0]) == ([1], Decimal(100))
    assert "no quantity" in reported(rehearsal, order)


def test_missing_price_is_nothing_and_reported(tmp_path: Path) -> None:
    """R4: a line without a price is worth 0.00 where the sum bears it out."""
    rehearsal = Rehearsal(tmp_path)
    free = Item("PRODUCT", "0.00", name="Sample")
    (order,) = orders = arrive(rehearsal, [line(price_per_unit=None)], free, HUNDRED)
    (invoice,) = created(rehearsal, orders)
    assert column(invoice, "LineAmount") == amounts("0", "100")
    assert "no price" in reported(rehearsal, order)


def test_missing_figure_that_the_total_gives_away_is_held(tmp_path: Path) -> None:
    """The invariant: if nothing adds up, hold with `totals-differ` and show the lines."""
    rehearsal = Rehearsal(tmp_path)
    twice = Item("PRODUCT", "50.00", 2, name="Candle")
    arrive(rehearsal, [line(quantity=None), line(price_per_unit=None)], twice)
    for document in refused(rehearsal, DocumentState.HELD, "totals-differ"):
        assert "Candle" in document.message
        assert "100.00 GBP" in document.message


def test_order_of_nobody_is_held(tmp_path: Path) -> None:
    """R9: an order without a contact is for a person to correct."""
    rehearsal = Rehearsal(tmp_path)
    arrive(rehearsal, [whole(contact=contact) for contact in (None, {}, {"id": None})])
    refused(rehearsal, DocumentState.HELD, "contact-missing")


def test_order_without_a_total_is_reported_and_nothing_is_guessed(tmp_path: Path) -> None:
    """The invariant needs Keap's total: without one the order fails, with a sentence."""
    rehearsal = Rehearsal(tmp_path)
    odd: list[Any] = [None, {}, {"amount": None, "currency_code": "GBP"}, {"amount": "many"}, 100]
    arrive(rehearsal, [whole(total=total) for total in odd])
    refused(rehearsal, DocumentState.FAILED, "rejected")


def test_order_without_a_date_is_reported_and_none_is_made_up(tmp_path: Path) -> None:
    """R2 needs Keap's date: without one the order fails, with a sentence."""
    rehearsal = Rehearsal(tmp_path)
    odd: list[Any] = [None, "", "yesterday", 7]
    arrive(rehearsal, [whole(order_time=time) for time in odd])
    refused(rehearsal, DocumentState.FAILED, "rejected")


def test_order_without_a_currency_is_held(tmp_path: Path) -> None:
    """R7: an order that is not in the account's currency, here in none, is held."""
    rehearsal = Rehearsal(tmp_path)
    arrive(rehearsal, [whole(total={"amount": 10000, "currency_code": None})])
    refused(rehearsal, DocumentState.HELD, "currency-differs")


def test_order_without_an_invoice_id_is_numbered_by_its_own(tmp_path: Path) -> None:
    """R1: an order has one invoice; where the field is missing the ids are the same."""
    rehearsal = Rehearsal(tmp_path)
    (order,) = orders = arrive(rehearsal, [whole(invoice_id=None)])
    (invoice,) = created(rehearsal, orders)
    assert invoice["Reference"] == f"Keap order {order}, invoice {order}"


# --- lines that are none, or strange --------------------------------------------------------------


@pytest.mark.parametrize("price", ["0.00", "100.00"])
def test_order_without_lines_is_held(tmp_path: Path, price: str) -> None:
    """R4 and the invariant: there is nothing to book, whatever the total says."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.skip_zero_total": False})
    changes = [whole(order_items=[]), whole(order_items=None), lambda row: row.pop("order_items")]
    arrive(rehearsal, changes, Item("PRODUCT", price, name="Candle"))
    refused(rehearsal, DocumentState.HELD, "totals-differ")


def test_order_of_nothing_but_tax_is_held(tmp_path: Path) -> None:
    """R4: TAX lines become tax, and there is no line to put it on."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order(Item("TAX", "20.00"))
    refused(rehearsal, DocumentState.HELD, "totals-differ")


def test_line_that_is_no_line_fails_its_order(tmp_path: Path) -> None:
    """An order that cannot be read is told, not left out."""
    rehearsal = Rehearsal(tmp_path)
    odd: list[Any] = [[None], ["a line"], [7], "lines"]
    arrive(rehearsal, [whole(order_items=lines) for lines in odd])
    refused(rehearsal, DocumentState.FAILED, "rejected")


def test_quantities_and_prices_in_other_forms(tmp_path: Path) -> None:
    """R4: kept when they multiply to the exact value, else told in the description."""
    rehearsal = Rehearsal(tmp_path)
    forms: list[tuple[Any, Any, str, str, str]] = [
        ("2", 5000, "2", "50.00", "Candles"),
        (2.0, 5000, "2", "50.00", "Candles"),
        (2, "5000", "2", "50.00", "Candles"),
        (2.5, 4000, "2.5", "40.00", "Candles"),
        (0.333, 30030, "1", "100.00", "Candles (0.333 x 300.30)"),
    ]
    changes = [
        line(quantity=quantity, price_per_unit={"amount": price, "currency_code": "GBP"})
        for quantity, price, *_ in forms
    ]
    invoices = created(rehearsal, arrive(rehearsal, changes))
    for invoice, (*_, quantity, price, description) in zip(invoices, forms, strict=True):
        assert column(invoice, "Quantity") == amounts(quantity)
        assert column(invoice, "UnitAmount") == amounts(price)
        assert column(invoice, "Description") == [description]
        assert totals(invoice)[0] == Decimal(100)


def test_goods_that_came_back_keep_their_value(tmp_path: Path) -> None:
    """The invariant: a line of −1 × 30 takes 30 off."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(Item("PRODUCT", "30.00", -1, name="Jar"), HUNDRED)
    (invoice,) = created(rehearsal, [order])
    assert column(invoice, "LineAmount") == amounts("-30", "100")
    assert totals(invoice)[0] == Decimal(70)


def test_line_too_large_for_xero_is_refused_alone(tmp_path: Path) -> None:
    """The last table: `rejected`, in the ledger's own words; the others of the batch go."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order(Item("PRODUCT", "99999999.99", 1000, name="Factory"))
    fine = rehearsal.order(HUNDRED)
    document = rehearsal.sync().documents[0]
    assert (document.state, document.reason) == (DocumentState.FAILED, "rejected")
    assert "9999999999.99" in document.message
    assert rehearsal.numbers() == [fine]


# --- words ----------------------------------------------------------------------------------------


def test_description_arrives_as_it_was(tmp_path: Path) -> None:
    """R4: the description is Keap's, sign by sign, up to the 4,000 that Xero takes."""
    rehearsal = Rehearsal(tmp_path)
    words = ["🕯️ 100 % soy 🐝", "شمعة", "<b>Candle</b> & \"wick\" 'n' wax", "Line one\nline two"]
    words.append("—" * 4000)
    order = rehearsal.order(*[Item("PRODUCT", "10.00", name=name) for name in words])
    (invoice,) = created(rehearsal, [order])
    assert column(invoice, "Description") == words


def test_description_that_is_too_long_is_cut_and_the_invoice_goes(tmp_path: Path) -> None:
    """Xero takes 4,000 characters of a description; the 4,001st does not cost the invoice."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(Item("PRODUCT", "100.00", name="C" * 3999 + "DE"))
    (invoice,) = created(rehearsal, [order])
    assert column(invoice, "Description") == ["C" * 3999 + "D"]


# --- words that nobody knows yet ------------------------------------------------------------------


def test_unknown_words_and_fields_change_nothing(tmp_path: Path) -> None:
    """Unknown fields and members are let through."""
    rehearsal = Rehearsal(tmp_path)
    no_days: list[Any] = [{"due_date": None}, {"due_date": "soon"}]
    changes = [
        whole(status="ARCHIVED_2027"),
        whole(order_type="HOLOGRAM"),
        whole(source_type=None),
        whole(refund_status=7, credit_status=["?"]),
        whole(payment_plan=None),
        whole(payment_plan={"payment_plan_items": None}),
        whole(payment_plan={"payment_plan_items": no_days}),
        whole(modification_time="?"),
        whole(custom_fields=None, brand_new={"field": True}),
        line(item_type="GIFT_VOUCHER_2027", product={"id": 7, "kind": "?"}),
    ]
    for invoice in created(rehearsal, arrive(rehearsal, changes)):
        assert totals(invoice) == (Decimal(100), Decimal(0))
        assert column(invoice, "AccountCode") == ["200"]


def test_broken_orders_do_not_hold_up_the_others(tmp_path: Path) -> None:
    """Each is told by itself, and the run goes on with the rest."""
    rehearsal = Rehearsal(tmp_path)
    odd = [whole(total=None), whole(), whole(order_items=[None]), whole(contact=None), whole()]
    orders = arrive(rehearsal, odd)
    result = rehearsal.sync()
    assert [document.order_id for document in result.documents] == orders
    assert rehearsal.numbers() == [orders[1], orders[4]]


@pytest.mark.parametrize(
    "row",
    [
        {"amount": None},
        {"amount": "much"},
        {"payment_time": None},
        {"order_ids": None},
        {"type": None, "status": None, "amount": 0},
    ],
    ids=str,
)
def test_payment_that_cannot_be_read_pays_nothing(tmp_path: Path, row: Any) -> None:
    """R8: what cannot be read is no money; the invoice waits as unpaid."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "paid-only"})
    order = rehearsal.order(HUNDRED)
    rehearsal.keap.add_payment(order_id=order, amount="100.00")
    rewrite(rehearsal, "/sales/payments", lambda data: data["payments"][0].update(row))
    assert only(rehearsal.sync()).reason == "unpaid"
