"""What Keap held of a payment when it was judged, in a form that can be compared later."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from invoicesync_cli.model import ZERO, OrderId, Payment, PaymentKind, UnreadablePayment
from invoicesync_cli.state.codec import dump, load
from invoicesync_cli.transform.allocations import Allocation, spread
from invoicesync_cli.transform.dates import local_date

REMOVED, VOIDED = "it is no longer on the order", "it was voided"
UNSETTLED = {PaymentKind.FAILED: VOIDED, PaymentKind.PENDING: "it is pending"}
"""What is said of booked money that is none by Keap's word of now."""


@dataclass(frozen=True, slots=True)
class PaymentSource:
    """What a later edit of a payment would be an edit of: its part on one order, and how the whole
    is spread, None where an older version did not know. Of one that cannot be read, only why."""

    amount: Decimal = ZERO
    date: dt.date | None = None
    type: str = ""
    shares: Mapping[OrderId, Decimal] | None = None
    unreadable: str = ""


def source_of(share: Allocation) -> str:
    """What Keap holds of a payment, as text: the same for the same."""
    return source_text(share.amount, share.date, share.payment.type, share.payment.shares)


def source_text(amount: Decimal, day: dt.date, kind: str, shares: Mapping[OrderId, Decimal]) -> str:
    """The same of its parts."""
    ordered = {order: shares[order] for order in sorted(shares)}
    return dump(PaymentSource, PaymentSource(amount, day, kind, ordered))


def unread_source(row: UnreadablePayment) -> str:
    """What stands for a payment that cannot be read."""
    return dump(PaymentSource, PaymentSource(unreadable=row.problem))


def shares_in(source: str) -> Mapping[OrderId, Decimal] | None:
    """How a payment was spread when its record was written; None where that is not known."""
    return load(PaymentSource, source).shares if source else None


def source_differs(source: str, payment: Payment, zone: ZoneInfo) -> bool:
    """Whether a payment, as Keap lists it, differs from what it was when its record was written.

    How it is split over its orders is not in that list.
    """
    old = load(PaymentSource, source or "{}")
    if old.shares is None:
        return False
    return (
        (old.date, old.type) != (local_date(payment.time, zone), payment.type)
        or old.shares.keys() != set(payment.order_ids)
        or sum(old.shares.values(), ZERO) != payment.amount
    )


def what_changed(before: str, share: Allocation | None, currency: str) -> str:
    """What differs from what was booked, in words; blank for nothing."""
    if share is None:
        return REMOVED
    if share.payment.kind in UNSETTLED:
        return UNSETTLED[share.payment.kind]
    old = load(PaymentSource, before or "{}")
    now = {"amount": share.amount, "date": share.date, "type": share.payment.type}
    differences = [
        f"{name} was {getattr(old, name)}, is {value}"
        for name, value in now.items()
        if old.date is not None and getattr(old, name) != value
    ]
    if old.shares is not None and old.shares.keys() != share.payment.shares.keys():
        spread_now = spread(share.payment.shares, currency)
        differences.append(f"it was {spread(old.shares, currency)}, is {spread_now}")
    return "; ".join(differences)
