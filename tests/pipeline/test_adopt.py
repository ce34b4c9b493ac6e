"""What the ledger has already is linked, not sent: entered by hand, or by another program."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.errors import TryLater
from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.state.store import Store
from invoicesync_cli.statement import Period
from invoicesync_cli.sync import Options, Result
from invoicesync_cli.sync.linking import adopt as adopt_once
from invoicesync_cli.sync.linking import run as linking
from invoicesync_cli.verify import verify
from invoicesync_sandbox.keap import Item
from tests.kits.elsewhere import Elsewhere
from tests.kits.rehearsal import Rehearsal, only

CANDLE = Item("PRODUCT", "100.00", name="Candle")
CREATED, HELD = DocumentState.CREATED, DocumentState.HELD


class Scene:
    """A shop whose owner moves in: Keap with orders, a ledger that knows some of them already."""

    def __init__(self, home: Path, to: str, **settings: Any) -> None:
        money = {"sync.mode": "invoices-and-payments", "xero.status": "authorised"}
        self.r = Rehearsal(home, to=to, **{**money, **settings})
        self.books = Elsewhere(self.r)
        self.person = self.r.person(given_name="Robin", family_name="Hill", emails=(EMAIL,))
        self.contact = self.books.contact("Robin Hill", EMAIL)

    @property
    def today(self) -> dt.date:
        """The day of every order that is entered without one."""
        return self.r.clock.now().date()

    def order(self, price: str = "100.00", days: int = 0, **fields: Any) -> str:
        """An order of Robin's, some days ago."""
        time = self.r.clock.now() - dt.timedelta(days=days, hours=1)
        item = Item("PRODUCT", price, name="Candle")
        return self.r.order(item, contact=self.person, order_time=time, **fields)

    def day(self, days: int) -> dt.date:
        """The day so many days ago."""
        return self.today - dt.timedelta(days=days)

    def adopt(self, **options: Any) -> Result:
        """One adoption."""
        wanted = Options(command="adopt", **options)
        world = Workspace(self.r.environ, self.r.network)
        with world.run(Call(), {}, dry_run=wanted.dry_run) as resources:
            return adopt_once(resources, wanted)

    def dismiss(self, kind: DocumentKind, key: str) -> None:
        """Somebody takes a document off the list."""
        with self.r.state() as state:
            record = state.record(kind, key)
            assert record
            gone = replace(record.document, state=DocumentState.DISMISSED)
            state.save(replace(record, document=gone))

    def differences(self) -> list[str]:
        """What `verify` finds."""
        world = Workspace(self.r.environ, self.r.network)
        with world.run(Call(), {}, dry_run=True) as resources:
            found = verify(resources, Period(None, None))
        return [f"{item.what} {item.kind} {item.order_id}" for item in found.tally.differences]

    def records(self) -> dict[tuple[str, str], tuple[str, str, str]]:
        """State, reason and ledger id of every record, by kind and key."""
        with self.r.state() as state:
            return {
                (row["kind"], row["key"]): (row["state"], row["reason"] or "", row["ledger_id"])
                for row in state.db.execute(
                    "SELECT kind, key, state, json_extract(document, '$.reason') AS reason, "
                    "ledger_id FROM records ORDER BY kind, key"
                )
            }


EMAIL = "robin@example.com"


@pytest.fixture(params=["xero", "qbo"])
def s(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    return Scene(tmp_path / "home", request.param)


def of(result: Result, kind: DocumentKind) -> list[Document]:
    return list(result.chosen(kinds=[kind]))


def verdict(document: Document) -> tuple[str, str, str]:
    return document.state, document.reason, document.ledger_id


# --- what an invoice is found by ------------------------------------------------------------------


@pytest.mark.parametrize("number", ["INV-{invoice}", "No {order}/2026"])
def test_a_number_in_a_format_of_the_users_is_found_on_the_contact(s: Scene, number: str) -> None:
    order = s.order()
    typed = number.format(order=order, invoice=order)
    there = s.books.invoice(s.contact, typed.lower(), "100.00", s.day(5))

    found = only(s.adopt(number=number))

    assert verdict(found) == (CREATED, "adopted", there)
    assert found.number == typed.lower()
    assert "number" in found.message
    before = s.books.living()
    assert s.r.sync().documents == []
    assert s.books.living() == before


@pytest.mark.parametrize("chosen", ["invoice", "order"])
def test_without_a_format_the_configured_number_and_both_ids_are_tried(
    tmp_path: Path, chosen: str
) -> None:
    settings = {"invoices.number_prefix": "K-", "invoices.number": chosen}
    s = Scene(tmp_path / "home", "xero", **settings)
    first, second, third = s.order("10.00"), s.order("20.00"), s.order("30.00", invoice_id="9000")
    numbers = {f"K-{first}": "10.00", second: "20.00", "9000": "30.00"}
    there = {s.books.invoice(s.contact, n, total, s.day(9)) for n, total in numbers.items()}

    documents = of(s.adopt(), DocumentKind.INVOICE)

    assert {item.ledger_id for item in documents} == there
    assert {item.order_id for item in documents} == {first, second, third}
    assert {item.reason for item in documents} == {"adopted"}


def test_a_format_takes_the_place_of_the_numbers_that_are_tried_else(s: Scene) -> None:
    order = s.order()
    s.books.invoice(s.contact, order, "100.00", s.day(5))

    assert of(s.adopt(number="INV-{invoice}"), DocumentKind.INVOICE) == []


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_contact_total_and_date_within_a_day_are_enough_where_one_is_on_either_side(
    s: Scene, days: int
) -> None:
    s.order(days=3)
    there = s.books.invoice(s.contact, "S-77", "100.00", s.day(3 + days))

    found = only(s.adopt())

    assert verdict(found) == (CREATED, "adopted", there)
    assert "contact, total and date" in found.message
    assert s.r.sync().documents == []


@pytest.mark.parametrize("wrong", ["day", "total", "contact", "voided"])
def test_without_the_number_another_day_total_or_contact_is_no_hit(s: Scene, wrong: str) -> None:
    s.order(days=3)
    contact = s.books.contact("Ann Other", "ann@other.example") if wrong == "contact" else s.contact
    total = "99.99" if wrong == "total" else "100.00"
    there = s.books.invoice(contact, "S-77", total, s.day(5 if wrong == "day" else 3))
    if wrong == "voided":
        s.books.void(there)

    result = s.adopt()

    assert of(result, DocumentKind.INVOICE) == []
    assert any("could be 1 of 1 invoices" in line for line in result.messages)
    assert only(s.r.sync()).reason == ""


def test_a_number_on_another_contacts_document_is_no_hit(s: Scene) -> None:
    order = s.order()
    ann = s.books.contact("Ann Other", "ann@other.example")
    s.books.invoice(ann, f"INV-{order}", "100.00", s.today)

    assert of(s.adopt(number="INV-{invoice}"), DocumentKind.INVOICE) == []


def test_a_voided_document_is_passed_over_for_the_living_one(s: Scene) -> None:
    order = s.order()
    s.books.void(s.books.invoice(s.contact, f"INV-{order}", "100.00", s.today))
    there = s.books.invoice(s.contact, "S-1", "100.00", s.today)

    assert only(s.adopt(number="INV-{invoice}")).ledger_id == there


def test_our_own_marker_goes_before_number_and_content(s: Scene) -> None:
    order = s.order()
    s.books.invoice(s.contact, order, "100.00", s.day(9))
    marked = s.books.invoice(
        s.contact, "S-2", "100.00", s.day(40), f"Keap order {order}, invoice {order}"
    )

    found = only(s.adopt())

    assert verdict(found) == (CREATED, "adopted", marked)
    assert "marker" in found.message


def test_the_number_of_another_order_of_the_same_buyer_is_not_taken(tmp_path: Path) -> None:
    """Where ids of orders and invoices differ, and every month costs the same."""
    s = Scene(tmp_path / "home", "xero", **{"invoices.number": "order"})
    orders = [s.order(days=60 - 30 * month, invoice_id=str(9 + month)) for month in range(2)]
    first = s.books.invoice(s.contact, "9", "100.00", s.day(60))
    second = s.books.invoice(s.contact, orders[0], "100.00", s.day(30))

    documents = of(s.adopt(number="{invoice}"), DocumentKind.INVOICE)
    assert [item.ledger_id for item in documents] == [first, second]


def test_a_wrong_format_gives_no_order_the_document_of_another(tmp_path: Path) -> None:
    """Numbered by order, sought by invoice: what was sold to whom, and when, says more."""
    s = Scene(tmp_path / "home", "xero")
    prices = ["30.00", "35.00", "12.00", "14.00"]
    orders = [
        s.order(price, days=20 - place, invoice_id=str(int(s.order()) - 1))
        for place, price in enumerate(prices)
    ]
    there = [
        s.books.invoice(s.contact, f"INV-{order}", price, s.day(20 - place))
        for place, (order, price) in enumerate(zip(orders, prices, strict=True))
    ]

    documents = of(s.adopt(number="INV-{invoice}"), DocumentKind.INVOICE)

    assert [(item.order_id, item.ledger_id) for item in documents] == list(
        zip(orders, there, strict=True)
    )
    assert {item.reason for item in documents} == {"adopted"}


# --- what is not clear ----------------------------------------------------------------------------


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


# --- money ----------------------------------------------------------------------------------------


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


# --- the whole ------------------------------------------------------------------------------------


def history(s: Scene, count: int = 40, paid: int = 36) -> None:
    """A history that another program has booked under `INV-<invoice id>`, to the last payment."""
    people = [
        (
            s.r.person(given_name=f"Ann{n}", family_name="Lee", emails=(f"ann{n}@example.com",)),
            s.books.contact(f"Ann{n} Lee", f"ann{n}@example.com"),
        )
        for n in range(4)
    ]
    for place in range(count):
        person, contact = people[place % 4]
        price, days = f"{100 + place % 7}.00", 1 + (count - place) % 50
        time = s.r.clock.now() - dt.timedelta(days=days)
        item = Item("PRODUCT", price, name="Candle")
        order = s.r.order(item, contact=person, order_time=time)
        invoice = s.books.invoice(contact, f"INV-{order}", price, s.day(days))
        if place < paid:
            s.r.keap.add_payment(
                order_id=order, amount=price, time=time, external_transaction_id=f"ch_{place}"
            )
            s.books.pay(invoice, price, s.day(days), f"ch_{place}")


def test_a_history_is_taken_over_and_only_what_is_new_is_sent(s: Scene) -> None:
    history(s)
    before = s.books.living()

    dry = s.adopt(number="INV-{invoice}", dry_run=True)
    assert s.records() == {}
    result = s.adopt(number="INV-{invoice}")

    for found in (dry, result):
        assert found.counts(DocumentKind.INVOICE)["created"] == 40
        assert found.counts(DocumentKind.PAYMENT)["created"] == 36
        assert found.exit_code == 0
    assert result.calls["ledger"] <= 14
    assert result.calls["keap"] <= 8
    assert s.books.living() == before
    assert s.adopt(number="INV-{invoice}").documents == []
    new = s.order()
    late = max((order for order in s.r.keap.orders if order != new), key=int)
    s.r.keap.add_payment(order_id=late, amount=s.r.keap.orders[late].total)
    money = s.books.money()
    synced = s.r.sync()
    assert [item.order_id for item in of(synced, DocumentKind.INVOICE)] == [new]
    assert [item.order_id for item in of(synced, DocumentKind.PAYMENT)] == [late]
    assert len(s.books.living()) == len(before) + 1
    assert s.books.money() == money + 1
    assert s.r.sync().documents == []
    assert s.differences() == []


def test_the_sync_after_it_asks_for_no_document_by_its_id(s: Scene) -> None:
    history(s, 130, 0)
    s.adopt(number="INV-{invoice}")

    assert s.r.sync().calls["ledger"] <= 3


def test_what_was_linked_to_one_order_is_not_that_of_another(s: Scene) -> None:
    s.order(days=1)
    s.books.invoice(s.contact, "S-77", "100.00", s.day(1))
    s.adopt()
    s.order()

    assert of(s.adopt(), DocumentKind.INVOICE) == []


def test_nothing_is_ever_written_to_either_service(s: Scene) -> None:
    history(s, 6, 4)
    s.books.invoice(s.contact, s.order(), "1.00", s.today)
    calls = {vendor: len(vendor.calls) for vendor in (s.r.keap, s.r.xero, s.r.qbo)}

    s.adopt(number="INV-{invoice}")
    s.adopt()

    for vendor, before in calls.items():
        for call in vendor.calls[before:]:
            body = call.body.decode() if call.body else ""
            assert call.method == "GET" or '"Query"' in body or "token" in call.path, call


def test_killed_in_the_middle_and_again_ends_the_same(
    s: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linking, "CHUNK", 5)
    history(s, 20, 18)
    whole = Scene(tmp_path / "other", s.r.to)
    history(whole, 20, 18)
    whole.adopt(number="INV-{invoice}")
    wanted = {key: found[:2] for key, found in whole.records().items()}
    save, saved = Store.save, 0

    def dying(store: Store, *given: Any, **more: Any) -> None:
        nonlocal saved
        saved += 1
        if saved % 12 == 0:
            raise RuntimeError("killed")
        save(store, *given, **more)

    monkeypatch.setattr(Store, "save", dying)
    kills = 0
    for _ in range(20):
        try:
            s.adopt(number="INV-{invoice}")
            break
        except RuntimeError:
            kills += 1
            with pytest.raises(TryLater, match="not finished"):
                s.r.sync()
    monkeypatch.setattr(Store, "save", save)

    assert kills >= 2
    assert {key: found[:2] for key, found in s.records().items()} == wanted
    assert s.r.sync().documents == []


def test_what_is_on_record_is_left_alone(s: Scene) -> None:
    order = s.order()
    s.r.keap.add_payment(order_id=order, amount="100.00")
    s.r.sync()
    before = s.records()
    s.books.invoice(s.contact, f"INV-{order}", "100.00", s.today)

    result = s.adopt(number="INV-{invoice}")

    assert result.documents == []
    assert result.counts(DocumentKind.INVOICE)["unchanged"] == 1
    assert s.records() == before


def test_a_number_that_was_taken_by_the_same_sale_is_resolved_by_adopt(s: Scene) -> None:
    order = s.order()
    s.r.keap.add_payment(order_id=order, amount="100.00", external_transaction_id="ch_1")
    there = s.books.invoice(s.contact, order, "100.00", s.today)
    paid = s.books.pay(there, "100.00", s.today, "ch_1")
    held = only(s.r.sync())
    assert (held.reason, "invoicesync adopt" in held.hint) == ("number-taken", True)

    result = s.adopt()

    assert verdict(only(result)) == (CREATED, "adopted", there)
    assert [verdict(item) for item in of(result, DocumentKind.PAYMENT)] == [
        (CREATED, "adopted", paid)
    ]
    assert s.r.sync().documents == []


def test_the_period_is_that_of_sync_start_unless_dates_are_named(tmp_path: Path) -> None:
    s = Scene(tmp_path / "home", "xero", **{"sync.start": "2026-11-10"})
    orders = [s.order(days=days) for days in (15, 5, 2)]
    there = [
        s.books.invoice(s.contact, order, "100.00", s.day(days))
        for order, days in zip(orders, (15, 5, 2), strict=True)
    ]

    assert only(s.adopt(until_date=s.day(4))).ledger_id == there[1]
    assert only(s.adopt()).ledger_id == there[2]
    assert only(s.adopt(since_date=s.day(20))).ledger_id == there[0]
    s.r.keap.add_payment(order_id=orders[0], amount="100.00")
    (late,) = of(s.r.sync(), DocumentKind.PAYMENT)
    assert late.state is CREATED


def test_mode_and_lock_date_do_not_matter_to_what_is_there(tmp_path: Path) -> None:
    s = Scene(tmp_path / "home", "xero", **{"sync.mode": "paid-only"})
    there = s.books.invoice(s.contact, s.order(days=5), "100.00", s.day(5))
    s.r.xero.set_lock_dates(s.day(1))

    assert verdict(only(s.adopt())) == (CREATED, "adopted", there)


def test_an_adopted_invoice_is_looked_after_as_one_that_was_sent(s: Scene) -> None:
    there = s.books.invoice(s.contact, s.order(), "100.00", s.today)
    s.adopt()
    s.r.sync()
    s.r.ticker.pass_time(3600)
    s.books.void(there)
    s.r.ticker.pass_time(3600)

    document = only(s.r.sync())

    assert (document.reason, "--recreate" in document.hint) == ("changed-after-sync", True)
