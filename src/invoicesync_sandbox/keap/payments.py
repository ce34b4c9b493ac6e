"""A Keap account's money: payments and their allocations, refunds, voids and failed charges."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.keap.orders import Numbers, OrderBook
from invoicesync_sandbox.keap.rows import (
    CARD,
    CREDITS,
    PAYPAL,
    UNSETTLED,
    Allocation,
    Attempt,
    Merchant,
    Money,
    Order,
    Payment,
    utc,
)


class PaymentBook(OrderBook):
    """The orders of an account and the money on them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.payments: dict[str, Payment] = {}
        self.failed_charges: list[Attempt] = []
        self._payment_ids = Numbers(1)
        self._allocation_ids = Numbers(1)
        self._by_order: dict[str, list[str]] = {}

    def add_payment(
        self,
        *,
        order_id: int | str | None = None,
        order_ids: Sequence[int | str] = (),
        amount: Money,
        type: str = CARD,  # noqa: A002 - the vendor's name for it
        time: datetime | date | None = None,
        entered_time: datetime | None = None,
        status: str | None = None,
        pay_status: str | None = None,
        note: str | None = None,
        external_transaction_id: str | None = None,
        merchant_id: str | None = None,
        allocations: Mapping[str, Money] | None = None,
        refund_of: str | None = None,
        synced: bool = False,
        id: int | str | None = None,  # noqa: A002 - the vendor's name for it
    ) -> Payment:
        """Enter a payment of `amount` (major units, never negative) on one order or several.

        `type` is Keap's label: a card, PayPal, a manual type, Credit, Adjustment or Refund. A
        `date` for `time` is midnight in the account's time zone, as manual payments have it;
        `entered_time` is when somebody typed it in. Without `allocations` (order id to amount) the
        orders are paid in turn. A gateway's payment has a transaction id of its own.
        """
        with self.lock:
            entered = utc(entered_time or self.clock.now())
            payment_id = self._payment_ids.take(id)
            wanted = [str(order_id)] if order_id is not None else [str(one) for one in order_ids]
            parts = self._parts(Decimal(amount), wanted, allocations, refund_of)
            merchant = self._merchant(type, merchant_id)
            payment = Payment(
                id=payment_id,
                contact_id=self.orders[next(iter(parts))].contact_id,
                type=type,
                amount=Decimal(amount),
                status=status or ("COMPLETED" if merchant else "NONE"),
                payment_time=entered if time is None else self.moment(time),
                update_time=entered,
                note=note,
                external_transaction_id=external_transaction_id,
                merchant=merchant,
                refund_of=refund_of,
                synced=synced,
            )
            if merchant and external_transaction_id is None:
                payment.external_transaction_id = f"txn_{payment_id}"
            self.payments[payment_id] = payment
            self._allocate(payment, parts, pay_status or self._pay_status(payment))
            self._touch(payment, entered)
            return payment

    def add_refund(
        self, payment_id: int | str, amount: Money | None = None, **more: Any
    ) -> Payment:
        """Give back `amount` (major units), or all, of a payment; `more` as in `add_payment`."""
        paid = self.payments[str(payment_id)]
        more.setdefault("merchant_id", paid.merchant.id if paid.merchant else None)
        given = paid.amount if amount is None else amount
        return self.add_payment(
            order_ids=paid.order_ids, amount=given, type="Refund", refund_of=paid.id, **more
        )

    def edit_payment(
        self,
        payment_id: int | str,
        *,
        amount: Money | None = None,
        time: datetime | date | None = None,
        type: str | None = None,  # noqa: A002 - the vendor's name for it
        status: str | None = None,
        note: str | None = None,
        external_transaction_id: str | None = None,
    ) -> Payment:
        """Change a payment; one that is on several orders is spread over them anew.

        A status that settles (or unsettles) it changes its allocations' status too.
        """
        with self.lock:
            payment = self.payments[str(payment_id)]
            now = utc(self.clock.now())
            payment.type = type or payment.type
            payment.note = note or payment.note
            payment.external_transaction_id = (
                external_transaction_id or payment.external_transaction_id
            )
            if time is not None:
                payment.payment_time = self.moment(time)
            if status is not None:
                payment.status = status
                for allocation in payment.allocations:
                    allocation.pay_status = self._pay_status(payment)
            if amount is not None:
                payment.amount = left = Decimal(amount)
                for allocation in payment.allocations[:-1]:
                    allocation.amount = min(allocation.amount, left)
                    left -= allocation.amount
                payment.allocations[-1].amount = left
            payment.update_time = now
            self._touch(payment, now)
            return payment

    def void_payment(self, payment_id: int | str) -> Payment:
        """Cancel a payment that the gateway has not settled yet."""
        with self.lock:
            payment = self.payments[str(payment_id)]
            payment.void_time = payment.update_time = utc(self.clock.now())
            for allocation in payment.allocations:
                allocation.pay_status = "VOIDED"
            self._touch(payment, payment.void_time)
            return payment

    def delete_payment(self, payment_id: int | str) -> None:
        """Delete a payment as if it had never been entered."""
        with self.lock:
            payment = self.payments.pop(str(payment_id))
            for order_id in payment.order_ids:
                self._by_order[order_id].remove(payment.id)
            self._touch(payment, utc(self.clock.now()))

    def add_failed_charge(
        self,
        order_id: int | str,
        amount: Money,
        *,
        error: str = "Your card was declined.",
        response_code: str = "card_declined",
        status: str = "FAILED",
        time: datetime | None = None,
        merchant_id: str = "1",
    ) -> Attempt:
        """A charge that the gateway refused: an attempt that left no payment."""
        with self.lock:
            order = self.orders[str(order_id)]
            attempt = Attempt(
                method="CAPTURE",
                status=status,
                amount=Decimal(amount),
                time=utc(time or self.clock.now()),
                contact_id=order.contact_id,
                order_ids=(order.id,),
                reference=f"txn_failed_{len(self.failed_charges) + 1}",
                merchant=self._merchant(CARD, merchant_id),
                response_code=response_code,
                error=error,
            )
            self.failed_charges.append(attempt)
            self.version += 1
            return attempt

    def delete_order(self, order_id: int | str) -> None:
        """Delete an order; its payments go with it unless the switch keeps them."""
        with self.lock:
            super().delete_order(order_id)
            if self.switches.deleted_order_keeps_payments:
                return
            for payment_id in self._by_order.pop(str(order_id), []):
                payment = self.payments[payment_id]
                payment.allocations = [
                    one for one in payment.allocations if one.order_id != str(order_id)
                ]
                if not payment.allocations:
                    del self.payments[payment_id]

    def payments_of(self, order_id: str) -> list[Payment]:
        """The payments on an order, in the order in which they were entered."""
        return [self.payments[payment_id] for payment_id in self._by_order.get(order_id, ())]

    def allocations_of(self, order_id: str) -> list[tuple[Payment, Allocation]]:
        """The parts of payments that are on an order."""
        return [
            (payment, allocation)
            for payment in self.payments_of(order_id)
            for allocation in payment.allocations
            if allocation.order_id == order_id
        ]

    def paid(self, order: Order) -> Decimal:
        """What came in on an order, credits included, refunds not taken off; major units."""
        return self._sum(order, refunds=False)

    def refunded(self, order: Order) -> Decimal:
        """What was given back on an order, in major units."""
        return self._sum(order, refunds=True)

    def signed(self, payment: Payment, amount: Decimal) -> Decimal:
        """`amount` with the sign that this Keap gives to refunds."""
        negative = payment.refund_of is not None and self.switches.refund_sign == "negative"
        return -amount if negative else amount

    def is_paid(self, order: Order) -> bool:
        """Whether payments cover the order's total; a refund does not undo it."""
        return self.paid(order) >= order.total

    def moment(self, when: datetime | date) -> datetime:
        """`when` in UTC; a date is its midnight in the account's time zone."""
        if isinstance(when, datetime):
            return utc(when)
        return utc(datetime.combine(when, time(), self.time_zone))

    def attempts(self) -> Iterator[Attempt]:
        """Everything that was tried: failed charges, payments, refunds and voids."""
        yield from self.failed_charges
        for payment in self.payments.values():
            if payment.type in CREDITS:
                continue
            yield self._attempt(payment)
            if payment.void_time:
                yield self._attempt(payment, method="VOID", time=payment.void_time)

    def _attempt(
        self, payment: Payment, *, method: str = "", time: datetime | None = None
    ) -> Attempt:
        done = "REFUND" if payment.refund_of else "CAPTURE" if payment.merchant else "MANUAL"
        settled = "APPROVED" if payment.merchant else "NONE"
        return Attempt(
            method=method or done,
            status="PENDING" if payment.status == "PENDING" else settled,
            amount=payment.amount,
            time=time or payment.payment_time,
            contact_id=payment.contact_id,
            order_ids=tuple(payment.order_ids),
            payment_id=payment.id,
            reference=payment.external_transaction_id,
            merchant=payment.merchant,
        )

    def _sum(self, order: Order, *, refunds: bool) -> Decimal:
        return sum(
            (
                allocation.amount
                for payment, allocation in self.allocations_of(order.id)
                if (payment.refund_of is not None) == refunds
                and allocation.pay_status not in UNSETTLED
            ),
            Decimal(0),
        )

    def _parts(
        self,
        amount: Decimal,
        order_ids: list[str],
        allocations: Mapping[str, Money] | None,
        refund_of: str | None,
    ) -> dict[str, Decimal]:
        if allocations is not None:
            return {str(order_id): Decimal(part) for order_id, part in allocations.items()}
        parts = {}
        for order_id in order_ids[:-1]:
            parts[order_id] = min(amount, self._room(self.orders[order_id], refund_of))
            amount -= parts[order_id]
        parts[order_ids[-1]] = amount
        return {order_id: part for order_id, part in parts.items() if part} or parts

    def _room(self, order: Order, refund_of: str | None) -> Decimal:
        if refund_of is None:
            return max(order.total - self.paid(order), Decimal(0))
        return sum(
            (one.amount for paid, one in self.allocations_of(order.id) if paid.id == refund_of),
            Decimal(0),
        )

    def _allocate(self, payment: Payment, parts: dict[str, Decimal], pay_status: str) -> None:
        for order_id, part in parts.items():
            order = self.orders[order_id]
            reversed_by_it = None
            if payment.refund_of:
                paid = self.payments[payment.refund_of]
                reversed_by_it = next(
                    (one.id for one in paid.allocations if one.order_id == order_id), None
                )
            allocation = Allocation(
                id=self._allocation_ids.take(),
                payment=payment,
                order_id=order_id,
                invoice_id=order.invoice_id,
                amount=part,
                pay_status=pay_status,
                last_updated_time=payment.update_time,
                refund_of=reversed_by_it,
            )
            payment.allocations.append(allocation)
            self._by_order.setdefault(order_id, []).append(payment.id)

    def _pay_status(self, payment: Payment) -> str:
        if payment.status == "PENDING":
            return "PENDING"
        if payment.refund_of:
            return "REFUNDED"
        if payment.type == PAYPAL:
            return "PAYPAL_PAID"
        return "APPROVED" if payment.merchant else "MANUAL_PAID"

    def _merchant(self, type: str, merchant_id: str | None) -> Merchant | None:  # noqa: A002
        if merchant_id is None:
            wanted = {CARD: "STRIPE", PAYPAL: "PAYPAL"}.get(type)
            return next((one for one in self.merchants if one.type == wanted), None)
        return next(one for one in self.merchants if one.id == merchant_id)

    def _touch(self, payment: Payment, now: datetime) -> None:
        for allocation in payment.allocations:
            allocation.last_updated_time = max(allocation.last_updated_time, now)
            order = self.orders.get(allocation.order_id)
            if order:
                order.payments_time = max(order.payments_time or now, now)
        self.version += 1
