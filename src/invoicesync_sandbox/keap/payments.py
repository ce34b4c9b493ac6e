"""What a person does with money in Keap's screens: payments, refunds, voids, failed charges."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.keap.books import Books
from invoicesync_sandbox.keap.rows import (
    CARD,
    PAYPAL,
    Allocation,
    Attempt,
    Merchant,
    Money,
    Order,
    Payment,
    utc,
)


class PaymentScreens(Books):
    """The account with a person at its payments. A time left out is the clock's."""

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

    def move_payment(self, payment_id: int | str, shares: dict[str, Decimal]) -> Payment:
        """Put a payment on these orders, a share on each, instead of those that it is on."""
        with self.lock:
            payment = self.payments[str(payment_id)]
            now = utc(self.clock.now())
            status = payment.allocations[0].pay_status
            for order in payment.order_ids:
                self._by_order[order].remove(payment.id)
            payment.allocations = []
            payment.update_time = now
            self._allocate(payment, shares, status)
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
