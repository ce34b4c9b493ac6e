"""Invoices made in the ledger become orders in Keap (R14): once, to the cent, and never back."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.model import DocumentState, Reason
from invoicesync_sandbox.keap import Item
from tests.kits.journal import unsettled
from tests.kits.rehearsal import START, Rehearsal
from tests.kits.reversing import DAY, ByHand, back, both_ways, made_of, orders, rehearsal_of

pytestmark = pytest.mark.parametrize("to", ["xero", "qbo"])


@pytest.fixture
def r(tmp_path: Path, to: str) -> Rehearsal:
    return rehearsal_of(tmp_path, to)


@pytest.fixture
def hand(r: Rehearsal) -> ByHand:
    return ByHand(r)


def test_thirty_invoices_of_every_shape_arrive_once_and_to_the_cent(
    r: Rehearsal, hand: ByHand
) -> None:
    wanted = hand.mixed()

    result = back(r)

    assert result.counts("invoice")["created"] == len(wanted) == 30  # type: ignore[arg-type]
    assert [document.state for document in result.documents] == [DocumentState.CREATED] * 30
    for invoice in wanted:
        (order,) = made_of(r, invoice)
        assert order.total == hand.total(invoice)
        assert order.order_time.date() == DAY
    assert len(r.keap.orders) == 30
    assert r.keap.payments == {}
    names = sorted(f"{one.given_name} {one.family_name}" for one in r.keap.contacts.values())
    assert names == ["Acme Ltd", "Jane Doe", "Old Mill Bakery", "Ring Me"]
    assert result.totals()[0] == result.totals()[1]

    before = len(r.keap.writes())
    again = back(r)
    assert again.documents == []
    assert len(r.keap.writes()) == before
    with r.state() as state:
        assert not unsettled(state)


def test_no_request_names_a_way_to_pay(r: Rehearsal, hand: ByHand) -> None:
    hand.mixed()

    back(r)

    assert all(b"payment_method" not in call.body for call in r.keap.writes())
    assert {call.path for call in r.keap.writes()} == {
        "/crm/rest/v2/orders",
        "/crm/rest/v2/contacts",
    }


def test_lines_tax_and_title_are_those_of_the_invoice(r: Rehearsal, hand: ByHand) -> None:
    jane = hand.contact("Jane Doe", email="jane@example.com")
    invoice = hand.invoice(
        jane, ("Tall candle", "2", "10.00"), ("Hours", "2.5", "19.99"), number="A-17"
    )

    back(r)

    (order,) = made_of(r, invoice)
    title = "QuickBooks" if r.to == "qbo" else "Xero"
    assert order.title == f"{title} invoice A-17"
    assert [(line.kind, line.name, line.quantity, line.price) for line in order.lines] == [
        ("OTHER", "Tall candle", 2, Decimal("10.00")),
        ("OTHER", "Hours", 1, hand.total(invoice) - Decimal("20.00") - order.lines[-1].price),
        ("TAX", "Tax", 1, order.lines[-1].price),
    ]
    assert order.lines[1].description == "(2.5 x 19.99)"
    assert order.source_type == "API"


def test_a_product_is_found_by_its_sku(r: Rehearsal, hand: ByHand) -> None:
    known = r.keap.add_product("Tealights", sku="til", price="99.00")
    r.keap.add_product("Other", sku="TIL-2")
    invoice = hand.invoice(hand.contact("Jo"), ("Tealights, box", "3", "4.00"), sku="TIL")

    back(r)

    (order,) = made_of(r, invoice)
    assert (order.lines[0].kind, order.lines[0].product_id) == ("PRODUCT", known)
    assert (order.lines[0].price, order.lines[0].quantity) == (Decimal("4.00"), 3)


def test_of_products_with_one_sku_none_is_taken_at_random(r: Rehearsal, hand: ByHand) -> None:
    r.keap.add_product("Red", sku="TIL")
    r.keap.add_product("Blue", sku="TIL")
    invoice = hand.invoice(hand.contact("Jo"), ("Box of tealights", "3", "4.00"), sku="TIL")

    back(r)

    (order,) = made_of(r, invoice)
    assert (order.lines[0].kind, order.lines[0].product_id) == ("OTHER", None)


def test_an_order_that_somebody_entered_in_keap_is_not_made_again(
    r: Rehearsal, hand: ByHand
) -> None:
    person = r.person(emails=("jo@example.com",))
    r.order(Item("PRODUCT", "12.00"), contact=person, order_time=START - dt.timedelta(days=2))
    hand.invoice(hand.contact("Jo", email="jo@example.com"), ("Candle", "1", "10.00"))
    r.configure({"sync.mode": "off"})

    result = back(r)

    assert [item.reason for item in result.documents] == [Reason.NUMBER_TAKEN]
    assert len(r.keap.orders) == 1


def test_a_limit_leaves_the_rest_to_the_next_run(r: Rehearsal, hand: ByHand) -> None:
    jo = hand.contact("Jo", email="jo@example.com")
    for _ in range(5):
        hand.invoice(jo, ("Candle", "1", "10.00"))

    counts = [back(r, most=2).counts("invoice")["created"] for _ in range(4)]  # type: ignore[arg-type]

    assert counts == [2, 2, 1, 0]
    assert len(orders(r)) == 5


def test_a_dry_run_shows_and_does_nothing(r: Rehearsal, hand: ByHand) -> None:
    hand.invoice(hand.contact("Jo"), ("Candle", "1", "10.00"))

    would = back(r, dry_run=True)

    assert would.counts("invoice")["created"] == 1  # type: ignore[arg-type]
    assert r.keap.writes() == []
    assert r.keap.orders == {}
    assert back(r).counts("invoice")["created"] == 1  # type: ignore[arg-type]


def test_since_date_reaches_back_behind_the_start(r: Rehearsal, hand: ByHand) -> None:
    jo = hand.contact("Jo", email="jo@example.com")
    old = hand.invoice(jo, ("Old", "1", "9.00"), day=dt.date(2026, 10, 2))
    assert back(r).documents == []

    back(r, since_date=dt.date(2026, 10, 1))

    assert len(made_of(r, old)) == 1
    assert back(r, since_date=dt.date(2026, 10, 1)).documents == []


def test_without_a_start_it_asks_for_one(tmp_path: Path, to: str) -> None:
    r = Rehearsal(tmp_path, to=to)

    with pytest.raises(ConfigError) as caught:
        back(r)

    assert "reverse.start" in caught.value.message


def test_what_is_made_between_runs_comes_with_the_next(r: Rehearsal, hand: ByHand) -> None:
    jo = hand.contact("Jo", email="jo@example.com")
    for turn in range(1, 4):
        hand.invoice(jo, ("Candle", "1", "10.00"))
        r.ticker.pass_time(3600)
        assert back(r).counts("invoice")["created"] == 1  # type: ignore[arg-type]
        assert len(orders(r)) == turn


@pytest.mark.parametrize("sign", ["either", "negative", "positive"])
def test_discounts_arrive_whichever_sign_keap_wants(r: Rehearsal, hand: ByHand, sign: str) -> None:
    from tests.kits.keap_app import switch

    switch(r.keap, discount_created_as=sign)
    invoice = hand.invoice(hand.contact("Jo"), ("Candle", "4", "25.00"), ("Off", "1", "-10.00"))

    back(r)

    (order,) = made_of(r, invoice)
    assert order.total == hand.total(invoice)


def test_what_keap_refuses_fails_in_its_words_and_is_tried_again(
    r: Rehearsal, hand: ByHand
) -> None:
    from tests.kits.keap_app import switch

    switch(r.keap, contact_needs="email_or_phone")
    hand.invoice(hand.contact("Nobody Reachable"), ("Candle", "1", "10.00"))

    (failed,) = back(r).documents
    assert (failed.state, failed.reason) == (DocumentState.FAILED, Reason.REJECTED)
    assert "phone number" in failed.message
    assert both_ways(r).counts("invoice")["created"] == 0  # type: ignore[arg-type]
    switch(r.keap, contact_needs="any_address")
    assert back(r).counts("invoice")["created"] == 1  # type: ignore[arg-type]


def test_what_cannot_be_read_once_is_read_again(r: Rehearsal, hand: ByHand) -> None:
    """The one of before the start is then seen to be none that goes to Keap."""
    jo = hand.contact("Jo", email="jo@example.com")
    hand.invoice(jo, ("Candle", "1", "10.00"))
    back(r)
    hand.invoice(jo, ("Candle", "1", "66.00"), day=dt.date(2026, 10, 15))
    wanted = hand.invoice(jo, ("Candle", "1", "66.00"))
    r.ticker.pass_time(3600)
    hand.invoice(jo, ("Candle", "1", "20.00"))
    books: Any = r.qbo if r.to == "qbo" else r.xero
    answer = books.handle

    def handle(request: Any) -> Any:
        response = answer(request)
        spoilt = re.sub(rb'("(?:Line)?Amount": ?)66', rb'\1"x", "was": 66', response.get_data())
        response.set_data(spoilt)
        return response

    books.handle = handle
    reasons = [document.reason for document in back(r).documents]
    assert sorted(reasons) == ["", Reason.REJECTED, Reason.REJECTED]
    books.handle = answer

    (found,) = back(r).documents

    assert (found.state, found.ledger_id) == (DocumentState.CREATED, wanted)
    with r.state() as state:
        assert state.sales_open() == []
    assert back(r).documents == []


def test_a_time_to_come_hides_nothing(r: Rehearsal, hand: ByHand) -> None:
    jo = hand.contact("Jo", email="jo@example.com")
    hand.invoice(jo, ("Candle", "1", "10.00"))
    books: Any = r.qbo if r.to == "qbo" else r.xero
    answer = books.handle

    def handle(request: Any) -> Any:
        response = answer(request)
        later = response.get_data().replace(b'UpdatedTime": "2026', b'UpdatedTime": "2099')
        later = re.sub(rb'(UpdatedDateUTC": ?"/Date)\(\d+', rb"\1(4070908800000", later)
        response.set_data(later)
        return response

    books.handle = handle
    assert len(back(r).documents) == 1
    books.handle = answer
    r.ticker.pass_time(3600)
    missed = hand.invoice(jo, ("Candle", "1", "20.00"))
    r.ticker.pass_time(3600)

    assert [document.ledger_id for document in back(r).documents] == [missed]


def test_pages_that_are_full_are_read_by_time_and_none_is_missed(
    r: Rehearsal, hand: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of three; two invoices change while they are read, and slip to the end."""
    from invoicesync_cli.load.qbo import timeline
    from invoicesync_cli.load.xero import client as xero_client

    monkeypatch.setattr(timeline, "PAGE", 3)
    monkeypatch.setattr(xero_client, "PAGE", 3)
    jo = hand.contact("Jo", email="jo@example.com")
    wanted = []
    for turn in range(11):
        wanted.append(hand.invoice(jo, ("Candle", "1", f"{turn + 10}.00")))
        if turn % 4:
            r.ticker.pass_time(60)
    books: Any = r.qbo if r.to == "qbo" else r.xero
    touched: list[str] = []

    def meanwhile(_: Any) -> None:
        if len(touched) < 2 and len(r.keap.orders) > len(touched):
            touched.append(wanted[len(touched)])
            if r.to == "qbo":
                books.edit(touched[-1], CustomerMemo={"value": "looked at"})
            else:
                books.edit_invoice(touched[-1], Url="https://example.com/looked-at")

    r.keap.in_progress = meanwhile

    back(r)

    assert len(touched) == 2
    assert all(len(made_of(r, invoice)) == 1 for invoice in wanted)
    assert back(r).documents == []


def test_american_sales_tax_is_a_line_too(tmp_path: Path, to: str) -> None:
    if to == "xero":
        pytest.skip("Xero has one way for every country")
    r = rehearsal_of(tmp_path, to, company="us")
    from invoicesync_sandbox.qbo.screens import sale

    customer = r.qbo.add_customer("Jo", email="jo@example.com")
    item = next(iter(r.qbo.items))
    taxed = sale("100.00", item=item, qty="1", unit_price="100.00", tax_code="TAX")
    invoice = r.qbo.enter_invoice(
        customer, [taxed], TxnDate=DAY.isoformat(), TxnTaxDetail={"TotalTax": Decimal("8.25")}
    )
    assert r.qbo.invoices[invoice].total == Decimal("108.25")

    back(r)

    (order,) = made_of(r, invoice)
    assert [(line.kind, line.price) for line in order.lines] == [
        ("OTHER", Decimal("100.00")),
        ("TAX", Decimal("8.25")),
    ]


def test_what_is_held_in_another_currency_costs_no_calls(tmp_path: Path, to: str) -> None:
    r = rehearsal_of(tmp_path, to)
    hand = ByHand(r)
    jo = hand.contact("Jo", email="jo@example.com")
    for _ in range(4):
        hand.invoice(jo, ("Candle", "1", "10.00"))
    r.configure({"keap.currency": "USD"})
    assert {item.reason for item in back(r).documents} == {Reason.CURRENCY_DIFFERS}
    r.ticker.pass_time(3600)

    again = back(r)

    assert again.counts("invoice")["held"] == 4  # type: ignore[arg-type]
    assert again.calls["keap"] == 0
    assert again.calls["ledger"] <= 4
    assert r.keap.orders == {}
