"""What the ledger has already is linked, not sent: entered by hand, or by another program."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import TryLater
from invoicesync_cli.model import DocumentKind
from invoicesync_cli.state.store import Store
from invoicesync_cli.sync.linking import run as linking
from invoicesync_sandbox.keap import Item
from tests.kits.adopting import CREATED, Scene, of, verdict
from tests.kits.rehearsal import only


@pytest.fixture(params=["xero", "qbo"])
def s(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    return Scene(tmp_path / "home", request.param)


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
