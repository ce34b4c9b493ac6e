"""Orders, contacts and settings that cannot be read: each spoils itself and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ConfigError, ExitCode, TryLater
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_cli.sync import Result
from invoicesync_sandbox.keap import Item
from tests.kits.changed_answers import Json, one, put, rewrite
from tests.kits.rehearsal import Rehearsal

HUNDRED = Item("PRODUCT", "100.00", name="Candle")
NUMBERLESS: list[Any] = [None, "", "²", "١", "abc", "-1", "1.5", 1.5, True, [], {}, "9" * 30]
"""What is no number of an order."""


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    return Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})


def invoices(result: Result) -> list[tuple[str, str, str]]:
    """State, reason and order of the invoices of a run."""
    return [
        (item.state, item.reason, item.order_id)
        for item in result.documents
        if item.kind is DocumentKind.INVOICE
    ]


UNREADABLE: list[tuple[str, Any]] = [
    ("order_time", "9999-12-31T23:00:00.000Z"),
    ("order_time", "0001-01-01T00:00:00.000Z"),
    ("order_time", "1899-12-31T00:00:00.000Z"),
    ("order_time", 1762153200),
    ("contact", {"id": "²"}),
    ("contact", []),
    ("invoice_id", "²"),
    ("title", ["?"]),
    ("payment_plan", "monthly"),
    ("total.amount", float("nan")),
    ("total.amount", 10**40),
    ("total.amount", "100,00"),
    ("total.amount", "1_0000"),
    ("total.amount", "１００００"),
    ("total.amount", True),
    ("total", 10000),
    ("order_items.0", None),
    ("order_items.0.quantity", 1e30),
    ("order_items.0.quantity", "1e30"),
    ("order_items.0.quantity", float("inf")),
    ("order_items.0.quantity", [1]),
    ("order_items.0.price_per_unit", 5000),
    ("order_items.0.price_per_unit.amount", "much"),
    ("order_items.0.product", {"taxable": "perhaps"}),
    ("order_items.0.product", "candle"),
    ("order_items.0.product", {"sku": "S" * 300}),
]


@pytest.mark.parametrize(
    ("place", "value"), UNREADABLE, ids=[f"{at}={value!r}"[:60] for at, value in UNREADABLE]
)
def test_order_fails_alone(r: Rehearsal, place: str, value: Any) -> None:
    odd, fine = r.order(HUNDRED), r.order(HUNDRED)
    r.keap.add_payment(order_id=odd, amount="100.00")
    usual = r.network
    rewrite(r, "/orders", one("orders", odd, put(place, value)))

    result = r.sync()

    assert invoices(result) == [("failed", "rejected", odd), ("created", "", fine)]
    assert result.exit_code == ExitCode.NEEDS_PERSON
    message = result.documents[0].message
    assert message.startswith("Keap's order cannot be read: ")
    assert r.numbers() == [fine]
    # Once it can be read it goes through by itself.
    r.network = usual
    r.ticker.pass_time(3600)
    assert r.sync().exit_code == ExitCode.OK
    assert r.numbers() == [odd, fine]


def test_figures_as_texts_are_figures(r: Rehearsal) -> None:
    order = r.order(HUNDRED)
    rewrite(r, "/orders", one("orders", order, put("total.amount", "10000")))
    assert invoices(r.sync()) == [("created", "", order)]


@pytest.mark.parametrize("number", NUMBERLESS, ids=repr)
def test_order_without_a_number_is_reported_by_its_invoice(r: Rehearsal, number: Any) -> None:
    fine, odd = r.order(HUNDRED), r.order(HUNDRED)
    invoice = r.keap.orders[odd].invoice_id
    rewrite(r, "/orders", one("orders", odd, put("id", number)))

    result = r.sync()

    assert invoices(result) == [("created", "", fine), ("failed", "rejected", "")]
    failed = result.documents[-1]
    assert failed.invoice_id == invoice
    assert f"invoicesync sync-id {invoice}" in failed.hint
    assert result.exit_code == ExitCode.NEEDS_PERSON
    with r.state() as state:
        assert [item.state for _, _, item in state.history.events(ident=invoice)] == [
            DocumentState.FAILED
        ]


def test_row_that_is_no_order_at_all_is_said_in_a_message(r: Rehearsal) -> None:
    fine = r.order(HUNDRED)
    rewrite(r, "/orders", lambda data: data["orders"].extend([None, 7, {"total": None}]))
    result = r.sync()
    assert invoices(result) == [("created", "", fine)]
    assert result.messages == ["An order has no id in Keap's answer: it is not booked."]


@pytest.mark.parametrize(
    "fields",
    [
        {"email_addresses": [None]},
        {"email_addresses": [None, {"email": None}]},
        {"phone_numbers": [None], "addresses": [None], "company": None},
        {"given_name": None, "family_name": 7},
        {"email_addresses": None, "custom_fields": "?"},
    ],
    ids=str,
)
def test_contact_with_gaps_is_matched_all_the_same(r: Rehearsal, fields: Json) -> None:
    order = r.order(HUNDRED)
    person = r.keap.orders[order].contact_id
    rewrite(r, "/contacts", one("contacts", person, lambda row: row.update(fields)))
    assert invoices(r.sync()) == [("created", "", order)]


@pytest.mark.parametrize(
    "fields",
    [
        {"email_addresses": "ida@example.com"},
        {"email_addresses": ["ida@example.com"]},
        {"company": ["Wax Ltd"]},
        {"given_name": {"first": "Ida"}},
        {"addresses": {"BILLING": {}}},
    ],
    ids=str,
)
def test_contact_that_cannot_be_read_holds_its_orders(r: Rehearsal, fields: Json) -> None:
    """Nobody is created from half of what Keap knows, as somebody who may be there already."""
    odd, fine = r.order(HUNDRED), r.order(HUNDRED)
    person = r.keap.orders[odd].contact_id
    usual = r.network
    rewrite(r, "/contacts", one("contacts", person, lambda row: row.update(fields)))
    result = r.sync()
    assert invoices(result) == [("held", "contact-missing", odd), ("created", "", fine)]
    assert f"Keap's contact {person} cannot be read" in result.documents[0].message
    r.network = usual
    r.ticker.pass_time(60)
    assert invoices(r.sync()) == [("created", "", odd)]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("application", []),
        ("ecommerce", "GBP"),
        ("ecommerce.currency", {"code": "GBP"}),
        ("application.time_zone", ["UTC"]),
        ("application.company", 7),
        ("ecommerce.currency", "pounds"),
    ],
)
def test_settings_that_cannot_be_read_stop_the_run_for_now(
    r: Rehearsal, place: str, value: Any
) -> None:
    r.order(HUNDRED)
    rewrite(r, ":getConfiguration", put(place, value))
    with pytest.raises(TryLater):
        r.sync()
    assert r.numbers() == []


def test_time_zone_that_nobody_knows_can_be_put_right_at_once(r: Rehearsal) -> None:
    order, usual = r.order(HUNDRED), r.network
    rewrite(r, ":getConfiguration", put("application.time_zone", "Mars/Olympus"))
    with pytest.raises(ConfigError, match="Mars/Olympus"):
        r.sync()
    r.network = usual
    r.ticker.pass_time(60)
    assert invoices(r.sync()) == [("created", "", order)]


def test_settings_that_are_refused_are_read_from_the_profile(r: Rehearsal) -> None:
    """How several modules are asked for is not documented in one way."""
    order = r.order(HUNDRED)
    r.keap.fail(path="getConfiguration", status=400, body='{"code":400,"message":"Invalid fields"}')
    assert invoices(r.sync()) == [("created", "", order)]


def test_failed_charge_that_cannot_be_read_spoils_itself(r: Rehearsal) -> None:
    orders = [r.order(HUNDRED), r.order(HUNDRED)]
    for order in orders:
        r.keap.add_failed_charge(order, "100.00")

    def odd(data: Json) -> None:
        for row in data["transactions"][:1]:
            row["transaction_time"] = None
        data["transactions"].append(None)

    rewrite(r, "/sales/transactions", odd)
    result = r.sync()
    charges = [item for item in result.documents if item.kind is DocumentKind.PAYMENT]
    assert [(item.reason, item.order_id) for item in charges] == [("payment-failed", orders[1])]
    assert "transaction_time is missing" in " ".join(result.messages)

    again = r.sync()
    assert "transaction_time is missing" in " ".join(again.messages)

    rewrite(r, "/sales/transactions", lambda _: None)
    (charge,) = r.sync().documents
    assert (charge.reason, charge.order_id) == ("payment-failed", orders[0])
    r.keap.calls.clear()
    assert r.sync().documents == []
    assert not [call for call in r.keap.calls if "is_successful" in call.query]


@pytest.mark.parametrize(
    "rows", [[None], [{"id": None}], [{"id": "1", "name": ["?"]}], [{"id": "1"}]], ids=str
)
def test_money_through_a_merchant_that_cannot_be_read_is_held(
    tmp_path: Path, rows: list[Any]
) -> None:
    """Which of the accounts it goes to hangs on the merchant's name."""
    settings = {"sync.mode": "invoices-and-payments", "payments.accounts": {"Stripe": "091"}}
    r = Rehearsal(tmp_path, **settings)
    order, other = r.order(HUNDRED), r.order(HUNDRED)
    r.keap.add_payment(order_id=order, amount="100.00")
    r.keap.add_payment(order_id=other, amount="100.00", type="Check")
    rewrite(r, "/merchants", lambda data: data.update(merchant_accounts=rows))
    first = {item.order_id: item for item in r.sync().documents if item.kind == "payment"}
    assert (first[order].state, first[order].reason) == ("held", "account-unknown")
    assert "merchant account 1" in first[order].message
    assert (first[other].state, first[other].account) == ("created", "090")

    rewrite(r, "/merchants", lambda _: None)
    (payment,) = [item for item in r.sync().documents if item.kind == "payment"]
    assert (payment.state, payment.account) == ("created", "091")
