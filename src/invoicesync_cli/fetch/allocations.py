"""What Keap's allocations add to its payments: shares, refunds of what, and what was voided.

A payment row does not say how it is split over several orders, and Keap's documentation leaves
open which of two linked rows is the refund, the sign of refunds and the unit of allocations. All
of that is worked out here from the rows themselves.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from invoicesync_cli.fetch import readers, schemas
from invoicesync_cli.model import (
    ZERO,
    KeapPayment,
    OrderId,
    Payment,
    PaymentId,
    PaymentKind,
    UnreadablePayment,
    money,
)

ENDED = {"VOIDED", "FAILED", "ERROR"}
UNSETTLED = {PaymentKind.PENDING, PaymentKind.FAILED}


@dataclass(frozen=True, slots=True)
class OrderAllocation:
    """A row of `/orders/{id}/payments`; the amount as Keap gives it, without its sign."""

    id: str
    order_id: OrderId
    payment_id: PaymentId
    """Blank where the row does not say."""
    amount: Decimal
    status: str
    linked_to: str
    problem: str = ""
    """Why the row cannot be read; blank where it can."""


def read(data: Any, order_id: OrderId) -> OrderAllocation:
    """An allocation of an order."""
    try:
        row = readers.read(schemas.AllocationRow, data)
    except readers.Unreadable as error:
        payment = PaymentId(readers.id_in(data, "payment_id"))
        return OrderAllocation("", order_id, payment, ZERO, "", "", str(error))
    return OrderAllocation(
        id=row.id,
        order_id=order_id,
        payment_id=PaymentId(row.payment_id),
        amount=abs(row.amount),
        status=row.pay_status.upper(),
        linked_to=row.refund_invoice_payment_id,
    )


def linked_orders(payments: Sequence[Payment]) -> set[OrderId]:
    """The orders with a refund or a payment that they share with others."""
    return {
        order
        for payment in payments
        if payment.refund_payment_id
        or payment.kind is PaymentKind.REFUND
        or len(payment.order_ids) > 1
        for order in payment.order_ids
    }


def with_sharers(orders: set[OrderId], payments: Sequence[Payment]) -> set[OrderId]:
    """These orders and those that share a payment with one of them: a share is known by all."""
    found = set(orders)
    for payment in payments:
        if found.intersection(payment.order_ids):
            found.update(payment.order_ids)
    return found


def differing_orders(payments: Sequence[Payment], paid: Mapping[OrderId, Decimal]) -> set[OrderId]:
    """The orders whose payments do not come to what the order says is paid on it."""
    received: dict[OrderId, Decimal] = defaultdict(lambda: ZERO)
    for payment in payments:
        if payment.kind not in UNSETTLED:
            for order_id in payment.order_ids:
                received[order_id] += payment.amount
    return {order for order, amount in paid.items() if received[order] != amount}


def unlisted(
    listed: Mapping[PaymentId, KeapPayment], rows: Iterable[OrderAllocation]
) -> list[UnreadablePayment]:
    """The payments that orders have by their own lists, and that Keap's list of payments lacks: it
    may leave a row out once, and voided ones always. A listed row without an id may be any of its
    orders'."""
    unnamed = {
        order for item in listed.values() if not item.id.isdigit() for order in item.order_ids
    }
    orders: dict[PaymentId, list[OrderId]] = defaultdict(list)
    for row in rows:
        if row.status in ENDED or row.order_id in unnamed:
            continue
        if row.payment_id and row.payment_id not in listed:
            orders[row.payment_id].append(row.order_id)
    return [
        UnreadablePayment(ident, tuple(dict.fromkeys(found)), "Keap's list of payments lacks it")
        for ident, found in orders.items()
    ]


def resolve(
    payments: Sequence[Payment], rows: Sequence[OrderAllocation], asked: Container[OrderId]
) -> list[Payment]:
    """The payments with their shares, their refunds linked, and voided ones marked.

    `asked` are the orders whose allocations were read.
    """
    by_payment: dict[PaymentId, list[OrderAllocation]] = defaultdict(list)
    for row in rows:
        by_payment[row.payment_id].append(row)
    found = {}
    for payment in payments:
        own = by_payment[payment.id]
        # A row that does not say whose it is may be any payment's of its order that has none.
        lost = [row for row in by_payment[PaymentId("")] if row.order_id in payment.order_ids]
        whole = all(order in asked for order in payment.order_ids)
        found[payment.id] = _with_rows(payment, own or lost) if whole else payment
    as_listed = {payment.id: payment for payment in payments}
    for first, second in _pairs(as_listed, rows):
        refund, original = _which(first, second)
        resolved = found[refund.id]
        # One that is pending or was voided gives nothing back.
        kind = resolved.kind if resolved.kind in UNSETTLED else PaymentKind.REFUND
        found[refund.id] = replace(resolved, kind=kind, refund_of=original.id)
    return list(found.values())


def _with_rows(payment: Payment, rows: Sequence[OrderAllocation]) -> Payment:
    if rows and all(row.status in ENDED for row in rows):
        payment = replace(payment, kind=PaymentKind.FAILED)
    broken = next((row for row in rows if row.problem), None)
    if broken:
        problem = f"An allocation of it on order {broken.order_id} cannot be read: {broken.problem}"
        return replace(payment, shares_problem=f"{problem}.")
    if len(payment.order_ids) < 2:
        return payment
    if not rows:
        problem = f"Keap does not say how its {payment.amount} are split over"
        return replace(payment, shares_problem=f"{problem} orders {', '.join(payment.order_ids)}.")
    total = sum((row.amount for row in rows), ZERO)
    cents = total == payment.amount * 100 and total != payment.amount
    shares = tuple((row.order_id, money(row.amount / 100 if cents else row.amount)) for row in rows)
    if not cents and total != payment.amount:
        parts = ", ".join(f"{amount} on order {order}" for order, amount in shares)
        problem = f"Keap splits it into {parts}: {money(total)} in all, the payment is"
        return replace(payment, shares_problem=f"{problem} {payment.amount}.")
    return replace(payment, allocations=shares)


def _pairs(
    payments: Mapping[PaymentId, Payment], rows: Iterable[OrderAllocation]
) -> list[tuple[Payment, Payment]]:
    """Payments that Keap links with each other, by either of its two links."""
    of_row = {row.id: row.payment_id for row in rows if row.id}
    linked = [(row.payment_id, of_row.get(row.linked_to)) for row in rows if row.linked_to]
    linked += [
        (payment.id, PaymentId(payment.refund_payment_id))
        for payment in payments.values()
        if payment.refund_payment_id
    ]
    return [
        (payments[first], payments[second])
        for first, second in linked
        if first in payments and second is not None and second in payments and first != second
    ]


def _which(first: Payment, second: Payment) -> tuple[Payment, Payment]:
    """Which of two linked payments is the refund: the one that says so, else the later one."""
    says = [payment.kind is PaymentKind.REFUND for payment in (first, second)]
    if says[0] != says[1]:
        return (first, second) if says[0] else (second, first)
    later = max((first, second), key=lambda payment: (payment.time, int(payment.id)))
    return (later, second if later is first else first)
