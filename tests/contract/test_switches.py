"""What nobody knows for sure about the vendors: the tool is right whichever way it is.

Each open question is a field of a `Switches` dataclass. Every other setting of every field is
played with the demo shop and with a day on which answers are lost.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from invoicesync_cli.model import Document
from invoicesync_cli.sandbox.keap import KeapSwitches
from invoicesync_cli.sandbox.shop.ledger import PERIOD_LOCK, fill_xero
from invoicesync_cli.sandbox.shop.orders import CASES, fill_keap
from invoicesync_cli.sandbox.world import INSIDE
from invoicesync_cli.sandbox.xero import XeroSandbox, XeroSwitches
from tests.faults.kit import attempt, check_booked, payments_of, sent
from tests.rehearsal import Rehearsal

Setting = tuple[str, str, Any]
"""Service, switch, and how it is set."""
Outcomes = dict[tuple[str, str, str], tuple[str, str]]
"""State and reason, by kind, order id and payment id."""

WITH_MONEY: dict[str, Any] = {"sync.mode": "invoices-and-payments"}
SWITCHES: dict[str, Any] = {"keap": KeapSwitches, "xero": XeroSwitches}
OTHERS: dict[str, tuple[Any, ...]] = {
    "keap.default_page_size": (7, 1000),
    "keap.max_listed_ids": (200, 50),
    "keap.contact_fields": (("id",),),
    "xero.body_limit": (10_000_000,),
    "xero.idempotency_minutes": (20,),
    "xero.rate_limit_body": ("You have exceeded the limit.",),
}
"""The other settings of switches that are neither yes-or-no nor one of a few words."""


def other_settings(service: str) -> Iterator[Setting]:
    """Every setting of every switch that is not the default."""
    kind = SWITCHES[service]
    hints = get_type_hints(kind)
    for field in dataclasses.fields(kind):
        values = OTHERS.get(f"{service}.{field.name}")
        if values is None:
            hint = hints[field.name]
            values = get_args(hint) if get_origin(hint) is Literal else ()
            values = (True, False) if hint is bool else values
        yield from ((service, field.name, value) for value in values if value != field.default)


SETTINGS = [setting for service in SWITCHES for setting in other_settings(service)]


def named(setting: Setting) -> str:
    """A setting for the list of tests."""
    service, name, value = setting
    return f"{service}.{name}={value}"


def rehearsal_with(home: Path, setting: Setting) -> Rehearsal:
    """Empty services, one of which is otherwise than usual."""
    service, name, value = setting
    rehearsal = Rehearsal(home, **WITH_MONEY)
    if service == "keap":
        rehearsal.keap.switches = KeapSwitches(**{name: value})
    else:
        # Some are read when the organisation is made.
        rehearsal.xero = XeroSandbox(rehearsal.clock, XeroSwitches(**{name: value}))
        fill_xero(rehearsal.xero)
        rehearsal.xero.set_lock_dates()
        rehearsal.network.apps = {INSIDE["keap"]: rehearsal.keap, INSIDE["xero"]: rehearsal.xero}
    return rehearsal


def test_every_switch_has_another_setting() -> None:
    covered = {(service, name) for service, name, _ in SETTINGS}

    fields = {
        (name, field.name) for name, kind in SWITCHES.items() for field in dataclasses.fields(kind)
    }
    assert fields - covered == set()
    assert {f"{service}.{name}" for service, name in fields} >= OTHERS.keys()


def outcomes(documents: Sequence[Document]) -> Outcomes:
    """State and reason of each document."""
    return {
        (str(item.kind), item.order_id, item.payment_id): (str(item.state), item.reason)
        for item in documents
    }


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """What comes of the demo shop with every switch as it is likeliest."""
    rehearsal = Rehearsal(tmp_path_factory.mktemp("usual"), **WITH_MONEY)
    fill_keap(rehearsal.keap)
    rehearsal.xero.set_lock_dates(period=PERIOD_LOCK)
    return outcomes(rehearsal.sync().documents)


@pytest.mark.parametrize("setting", SETTINGS, ids=named)
def test_demo_shop_is_carried_over_rightly(
    tmp_path: Path,
    usual: Outcomes,
    setting: Setting,
) -> None:
    rehearsal = rehearsal_with(tmp_path, setting)
    rehearsal.xero.set_lock_dates(period=PERIOD_LOCK)
    fill_keap(rehearsal.keap)

    result = rehearsal.sync()

    found = outcomes(result.documents)
    other = {
        key: (usual.get(key), found.get(key))
        for key in usual.keys() | found.keys()
        if usual.get(key) != found.get(key)
    }
    assert other == {}
    check_totals(rehearsal)
    before = len(rehearsal.xero.writes())
    rehearsal.sync()
    assert len(rehearsal.xero.writes()) == before


def check_totals(rehearsal: Rehearsal) -> None:
    """Each order is there at most once with its total, and with no more money than it received."""
    booked = sent(rehearsal)
    assert booked
    for order_id, rows in booked.items():
        (row,) = rows
        order = rehearsal.keap.orders[order_id]
        assert row.total == order.total, CASES
        came = sum((item.amount for item in payments_of(rehearsal, order_id)), Decimal(0))
        assert row.amount_paid <= came
    references = [
        (payment.document_id, payment.reference)
        for payment in rehearsal.xero.payments.values()
        if payment.status == "AUTHORISED"
    ]
    assert len(references) == len(set(references))


@pytest.mark.parametrize("setting", SETTINGS, ids=named)
def test_day_of_lost_answers_books_everything_once(tmp_path: Path, setting: Setting) -> None:
    rehearsal = rehearsal_with(tmp_path, setting)
    for number, (path, wait) in enumerate(
        (("Contacts", 100.0), ("Invoices", 100.0), ("Payments", 600.0), ("CreditNotes", 1500.0))
    ):
        order = rehearsal.order()
        rehearsal.keap.add_payment(order_id=order, amount="70.00")
        rehearsal.keap.add_payment(order_id=order, amount="30.00", type="Credit")
        rehearsal.xero.fail(kind="lose", method="PUT", path=f"/{path}$", times=9)
        rehearsal.keap.fail(status=429, path="/orders", times=number)
        attempt(rehearsal)
        rehearsal.xero.faults.clear()
        rehearsal.keap.faults.clear()
        rehearsal.ticker.pass_time(wait)
    rehearsal.sync()

    check_booked(rehearsal)
