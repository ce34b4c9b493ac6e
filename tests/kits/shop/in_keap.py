"""What people do in Keap, each kind of it a mixin for a shop."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.keap.rows import Payment
from tests.kits.shop.base import Shop
from tests.kits.shop.choices import BACK, CENT, FIRST, PART, PICK, part_of


class Paying(Shop):
    """Money comes after the order: typed in late, back-dated, as a credit or an adjustment."""

    def owing(self) -> list[str]:
        """The orders on which something is still to be paid."""
        return [
            order
            for order, sale in self.sales.items()
            if order in self.keap.orders and not sale.trouble and self.rest(order) > 0
        ]

    @precondition(lambda self: self.owing())
    @rule(
        first=FIRST,
        pick=PICK,
        part=PART,
        days=BACK,
        type=st.sampled_from(["Credit Card", "Cash", "PayPal", "Credit", "Adjustment"]),
        pending=st.sampled_from([False, False, False, True]),
    )
    def pay_late(
        self,
        first: int | None,
        pick: int,
        part: Decimal,
        days: int,
        type: str,  # noqa: A002 - as Keap calls it
        pending: bool,
    ) -> None:
        """Somebody types money in today that is said to be of some days ago."""
        self.maybe_run(first)
        owing = self.owing()
        order = owing[pick % len(owing)]
        by_card = type in {"Credit Card", "PayPal"}
        status: dict[str, Any] = {"status": "PENDING"} if pending and by_card else {}
        amount = part_of(self.rest(order), part)
        self.pay({order: min(amount, self.rest(order))}, days, type=type, **status)

    @precondition(lambda self: any(one.status == "PENDING" for one in self.keap.payments.values()))
    @rule()
    def settle_what_is_pending(self) -> None:
        """The bank has the money."""
        for payment in self.keap.payments.values():
            if payment.status == "PENDING":
                self.keap.edit_payment(payment.id, status="APPROVED")


class Raising(Paying):
    """An adjustment may raise what is owed."""

    @precondition(lambda self: self.owing())
    @rule(pick=PICK)
    def raise_what_is_owed(self, pick: int) -> None:
        """A negative adjustment, which no ledger takes as a credit."""
        owing = self.owing()
        self.pay({owing[pick % len(owing)]: Decimal("-5.00")}, 0, type="Adjustment")


class Refunding(Shop):
    """Money is given back."""

    def refundable(self) -> list[tuple[Payment, Decimal]]:
        """Payments with what of each has not been given back."""
        found = []
        for payment in self.keap.payments.values():
            known = self.money[payment.id]
            if known.kind != "payment" or payment.status == "PENDING" or payment.void_time:
                continue
            if not set(payment.order_ids) <= self.keap.orders.keys():
                continue
            given = sum(
                (
                    other.amount
                    for other in self.keap.payments.values()
                    if other.refund_of == payment.id
                ),
                Decimal(0),
            )
            if payment.amount > given:
                found.append((payment, payment.amount - given))
        return found

    @precondition(lambda self: self.refundable())
    @rule(first=FIRST, pick=PICK, part=PART, days=BACK)
    def refund(self, first: int | None, pick: int, part: Decimal, days: int) -> None:
        """Give a payment back, or a part of it, today or as of some days ago."""
        self.maybe_run(first)
        found = self.refundable()
        payment, left = found[pick % len(found)]
        amount = min(part_of(payment.amount, part), left)
        self.give_back(payment, amount, days)


class Sharing(Shop):
    """One payment for several orders, whose orders and shares change."""

    def room(self, order: str) -> Decimal:
        """What could still be put on an order; nothing for one that cannot be sent."""
        return Decimal(0) if self.sales[order].trouble else self.rest(order)

    def targets(self, payment: Payment) -> list[str]:
        """Orders of the same person that more of a payment could be put on."""
        theirs = [
            order.id
            for order in self.keap.orders.values()
            if order.contact_id == payment.contact_id and self.room(order.id) > 0
        ]
        return [order for order in theirs if [order] != payment.order_ids]

    @rule(
        first=st.integers(min_value=200, max_value=9_999),
        second=st.integers(min_value=200, max_value=9_999),
        part=PART,
        days=BACK,
    )
    def buy_twice_and_pay_once(self, first: int, second: int, part: Decimal, days: int) -> None:
        """Two orders of one person, and one payment for both."""
        one = self.enter(Decimal(first) / 100, self.people[0] if self.people else "", 1)
        person = self.keap.orders[one].contact_id
        two = self.enter(Decimal(second) / 100, person, 1)
        shares = {order: part_of(self.rest(order), part) for order in (one, two)}
        self.pay(shares, days)

    def movable(self) -> list[Payment]:
        """Payments that could be put on another order of the same person."""
        return [
            payment
            for payment in self.keap.payments.values()
            if payment.refund_of is None and payment.void_time is None and payment.amount > 0
            if set(payment.order_ids) <= self.keap.orders.keys()
            if self.targets(payment)
        ]

    @precondition(lambda self: self.movable())
    @rule(first=FIRST, pick=PICK, to=PICK, part=PART)
    def move_money(self, first: int | None, pick: int, to: int, part: Decimal) -> None:
        """Somebody puts a payment, or a part of it, on another order."""
        self.maybe_run(first)
        found = self.movable()
        payment = found[pick % len(found)]
        orders = self.targets(payment)
        order = orders[to % len(orders)]
        before = {one.order_id: one.amount for one in payment.allocations}
        amount = min(part_of(payment.amount, part), self.room(order))
        left = payment.amount - amount - before.get(order, Decimal(0))
        shares = {order: amount + before.pop(order, Decimal(0))}
        for one, there in before.items():
            kept = max(min(there, left), Decimal(0))
            left -= kept
            if kept:
                shares[one] = kept
        shares[order] = payment.amount - sum(shares.values()) + shares[order]
        self.change(payment.id)
        self.keap.move_payment(payment.id, shares)

    @precondition(lambda self: len(self.keap.orders) > 1)
    @rule(first=FIRST, pick=PICK)
    def delete_order(self, first: int | None, pick: int) -> None:
        """Somebody deletes an order, with or without its payments."""
        self.maybe_run(first)
        order = list(self.keap.orders)[pick % len(self.keap.orders)]
        for payment in self.keap.payments_of(order):
            self.change(payment.id)
            self.money[payment.id].time_when_deleted = payment.payment_time
        self.sales[order].changed = True
        self.keap.delete_order(order)


class Editing(Shop):
    """People change in Keap what may have been booked."""

    def editable(self) -> list[Payment]:
        """Payments and credits that nothing hangs on."""
        refunded = {payment.refund_of for payment in self.keap.payments.values()}
        return [
            payment
            for payment in self.keap.payments.values()
            if payment.refund_of is None and payment.id not in refunded and payment.amount > CENT
        ]

    @precondition(lambda self: self.editable())
    @rule(first=FIRST, pick=PICK, how=st.sampled_from(["amount", "day", "void", "delete"]))
    def edit_money(self, first: int | None, pick: int, how: str) -> None:
        """Somebody changes a payment, voids it, or deletes it."""
        self.maybe_run(first)
        found = self.editable()
        payment = found[pick % len(found)]
        self.change(payment.id)
        if how == "amount":
            lower = max((payment.amount / 2).quantize(CENT), CENT)
            self.keap.edit_payment(payment.id, amount=lower)
        elif how == "day":
            day = payment.payment_time - timedelta(days=2)
            self.keap.edit_payment(payment.id, time=day)
        elif how == "void":
            self.keap.void_payment(payment.id)
        else:
            self.money[payment.id].time_when_deleted = payment.payment_time
            self.keap.delete_payment(payment.id)

    @precondition(lambda self: self.keap.orders)
    @rule(first=FIRST, pick=PICK, more=st.sampled_from(["title", "price"]))
    def edit_order(self, first: int | None, pick: int, more: str) -> None:
        """Somebody gives an order another title, or adds to it."""
        self.maybe_run(first)
        order = list(self.keap.orders)[pick % len(self.keap.orders)]
        sale = self.sales[order]
        if more == "title":
            self.keap.edit_order(order, title="Thank you")
            return
        if sale.trouble:
            return
        dearer = self.keap.orders[order].total + 1
        sale.changed |= self.unsure or any(row.order == order for row in self.books.sold())
        sale.totals.add(dearer)
        self.keap.edit_order(order, items=[Item("PRODUCT", dearer, name="Candle, edited")])
