"""What happened to the money of Wick & Wax's orders after (or instead of) paying at once."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from invoicesync_sandbox.keap import KeapSandbox

LONDON = ZoneInfo("Europe/London")


def _november(day: int, hour: int = 16) -> datetime:
    return datetime(2026, 11, day, hour, 30, tzinfo=LONDON)


def add_money(keap: KeapSandbox, cases: Mapping[str, str]) -> None:
    """Enter part payments, credits, refunds and the like; `cases` gives the orders' ids."""
    _in_parts(keap, cases)
    _credits(keap, cases)
    _refunds(keap, cases)
    _shared(keap, cases)


def _in_parts(keap: KeapSandbox, cases: Mapping[str, str]) -> None:
    _card(keap, cases["plan"], "100.00", _november(3, 10))
    _card(keap, cases["part-paid"], "25.00", _november(8))
    _card(keap, cases["part-paid"], "75.00", _november(13))
    keap.add_failed_charge(cases["failed-charge"], "120.00", time=_november(9))
    # Typed in on the 19th for money that came on the 9th.
    keap.add_payment(
        order_id=cases["manual-backdated"],
        amount="100.00",
        type="Bank Transfer",
        time=date(2026, 11, 9),
        entered_time=_november(19),
    )


def _credits(keap: KeapSandbox, cases: Mapping[str, str]) -> None:
    _card(keap, cases["credit"], "80.00", _november(11))
    keap.add_payment(
        order_id=cases["credit"],
        amount="20.00",
        type="Credit",
        time=date(2026, 11, 13),
        entered_time=_november(13),
        note="Came broken",
    )
    _card(keap, cases["adjustment"], "95.00", _november(12))
    keap.add_payment(
        order_id=cases["adjustment"],
        amount="5.00",
        type="Adjustment",
        time=date(2026, 11, 14),
        entered_time=_november(14),
        note="Price promise",
    )


def _refunds(keap: KeapSandbox, cases: Mapping[str, str]) -> None:
    (paid,) = keap.payments_of(cases["refund-full"])
    keap.add_refund(paid.id, time=_november(17), entered_time=_november(17))
    (paid,) = keap.payments_of(cases["refund-part"])
    keap.add_refund(paid.id, "30.00", time=_november(18), entered_time=_november(18))


def _shared(keap: KeapSandbox, cases: Mapping[str, str]) -> None:
    keap.add_payment(
        amount="100.00",
        type="PayPal",
        time=_november(17, 18),
        entered_time=_november(17, 18),
        allocations={cases["shared-payment-a"]: "40.00", cases["shared-payment-b"]: "60.00"},
    )


def _card(keap: KeapSandbox, order_id: str, amount: str, time: datetime) -> None:
    keap.add_payment(order_id=order_id, amount=amount, time=time, entered_time=time)
