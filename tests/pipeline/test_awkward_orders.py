"""Awkward orders: half letters, deleted sharers, voided payments that Keap still lists."""

from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import TryLater
from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Item, KeapSwitches
from tests.kits.changed_answers import HUNDRED, arrive, line, whole
from tests.kits.rehearsal import Rehearsal, only
from tests.kits.xero_invoices import AT_ONCE, IN_TWO_WEEKS, NOON, due


@pytest.mark.parametrize("listed", [True, False])
def test_voided_payment_is_no_money(tmp_path: Path, listed: bool) -> None:
    """R10: money is every payment that is not voided; Keap may list it with its old status."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(voided_payments_listed=listed)
    order = rehearsal.order(HUNDRED, order_time=NOON)
    payment = rehearsal.keap.add_payment(order_id=order, amount="100", time=NOON)
    rehearsal.keap.void_payment(payment.id)
    assert due(rehearsal, order) == IN_TWO_WEEKS


@pytest.mark.parametrize("link", ["on_original", "on_refund"])
@pytest.mark.parametrize("sign", ["negative", "positive"])
@pytest.mark.parametrize("type_", ["refund", "as_paid"])
def test_refund_known_by_its_link_is_no_money(
    tmp_path: Path, link: Any, sign: Any, type_: Any
) -> None:
    """R11: a refund is one by type, or linked by `refund_payment_id`; it is no money."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(refund_sign=sign, refund_type=type_, refund_link=link)
    order = rehearsal.order(HUNDRED, order_time=NOON)
    payment = rehearsal.keap.add_payment(order_id=order, amount="60", time=NOON)
    rehearsal.keap.add_refund(payment.id, time=NOON)
    assert due(rehearsal, order) == IN_TWO_WEEKS


@pytest.mark.parametrize("keeps", [True, False])
def test_deleted_order_does_not_stop_the_run(tmp_path: Path, keeps: bool) -> None:
    """A payment shared with an order that was deleted: the others go on."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.keap.switches = KeapSwitches(deleted_order_keeps_payments=keeps)
    gone = rehearsal.order(Item("PRODUCT", "40.00", name="Candle"), order_time=NOON)
    kept = rehearsal.order(HUNDRED, order_time=NOON)
    shares = {gone: "40.00", kept: "60.00"}
    rehearsal.keap.add_payment(amount="100.00", time=NOON, allocations=shares)
    rehearsal.keap.delete_order(gone)
    assert due(rehearsal, kept) in {AT_ONCE, IN_TWO_WEEKS}


def test_half_a_letter_harms_nobody(tmp_path: Path) -> None:
    """Half of a surrogate pair in a name is no text that could be kept or sent; the rest goes."""
    rehearsal = Rehearsal(tmp_path)
    fine = arrive(rehearsal, [line(product=None, name="Candle \ud83d"), whole()])[1]
    rehearsal.sync()
    assert fine in rehearsal.numbers()


def test_document_settled_at_the_start_is_counted_once(tmp_path: Path) -> None:
    """Interface §4: documents lists each one touched, counts are of documents."""
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order(HUNDRED)
    rehearsal.xero.fail(kind="lose", method="PUT", path="/Invoices$", times=9)
    # Neither does a look tell what became of it.
    rehearsal.xero.fail(kind="drop", method="GET", path="/Invoices$", times=99)
    with pytest.raises(TryLater):
        rehearsal.sync()
    rehearsal.xero.faults.clear()
    rehearsal.ticker.pass_time(3600)
    (made,) = rehearsal.xero.invoices.find("number", order)
    rehearsal.xero.void_invoice(made.id)
    assert only(rehearsal.sync()).state is DocumentState.HELD


def test_long_description_keeps_its_quantity(tmp_path: Path) -> None:
    """R4: the original quantity is in the description, however long that is."""
    rehearsal = Rehearsal(tmp_path)
    coupon = Item("DISCOUNT", "0.00", 3, name="C" * 4001, discount="10.00")
    order = rehearsal.order(HUNDRED, coupon)
    rehearsal.sync()
    shown = rehearsal.booked(order)["LineItems"][1]["Description"]
    assert shown.endswith("C (3 x 0.00)")
