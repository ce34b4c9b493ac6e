"""What nobody knows for sure about the vendors: the tool is right whichever way it is.

Each open question is a field of a `Switches` dataclass. Every other setting of every field is
played with the demo shop and with a day on which answers are lost.
"""

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_sandbox.keap import KeapSwitches
from invoicesync_sandbox.shop.ledger import PERIOD_LOCK, fill_xero
from invoicesync_sandbox.shop.orders import CASES, fill_keap
from invoicesync_sandbox.world import INSIDE
from invoicesync_sandbox.xero import XeroSandbox, XeroSwitches
from tests.contract.switches import (
    OTHERS,
    SWITCHES,
    Outcomes,
    Setting,
    differing,
    named,
    other_settings,
    outcomes,
)
from tests.kits.faults import attempt, check_booked, payments_of, sent
from tests.kits.rehearsal import Rehearsal

WITH_MONEY: dict[str, Any] = {"sync.mode": "invoices-and-payments"}
SETTINGS = [setting for service in ("keap", "xero") for setting in other_settings(service)]


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
    covered = {(service, name) for kind in SWITCHES for service, name, _ in other_settings(kind)}

    fields = {
        (name, field.name) for name, kind in SWITCHES.items() for field in dataclasses.fields(kind)
    }
    assert fields - covered == set()
    assert {f"{service}.{name}" for service, name in fields} >= OTHERS.keys()


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

    assert differing(usual, outcomes(result.documents)) == {}
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
