"""An invoice and its money are never parted, however a run ends in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from invoicesync_cli.errors import Interrupted, TryLater
from invoicesync_cli.sync.payments.send import PaymentSender
from invoicesync_sandbox.keap import Item
from tests.kits.rehearsal import Rehearsal

CANDLE = Item("PRODUCT", "100.00", name="Candle")


@pytest.fixture
def r(tmp_path: Path) -> Iterator[Rehearsal]:
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    for _ in range(8):
        rehearsal.keap.add_payment(order_id=rehearsal.order(CANDLE), amount="100.00")
    yield rehearsal
    for _ in range(2):
        rehearsal.sync()
    assert len(rehearsal.numbers()) == 8
    assert sum(item.amount for item in rehearsal.xero.payments.values()) == 800


def test_stopped_by_hand_between_invoices_and_money(
    r: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(PaymentSender, "send", stop)
        with pytest.raises(Interrupted) as stopped:
            r.sync()

    assert stopped.value.partial["invoices"]["created"] == 8  # type: ignore[index]


def test_limit_reached_between_invoices_and_money(r: Rehearsal) -> None:
    r.xero.fail(method="PUT", path="Payments$", status=429, headers={"Retry-After": "9000"})

    with pytest.raises(TryLater):
        r.sync()


def test_money_of_orders_behind_the_limit_is_left_for_later(tmp_path: Path) -> None:
    r = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments", "sync.max_invoices": 3})
    person = r.person()
    orders = [r.order(CANDLE, contact=person) for _ in range(6)]
    for order in orders[:4]:
        r.keap.add_payment(order_id=order, amount="100.00")
    last, parts = orders[4:], ("50.00", "100.00")
    r.keap.add_payment(
        order_ids=last, amount="150.00", allocations=dict(zip(last, parts, strict=True))
    )

    documents = r.sync().documents

    assert {item.order_id for item in documents} == set(orders[:3])
    r.configure({"sync.max_invoices": 0})
    r.sync()
    assert [r.booked(order)["AmountDue"] for order in orders] == [0, 0, 0, 0, 50, 0]
