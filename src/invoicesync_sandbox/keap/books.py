"""A Keap account's rows: what follows from them, and where the next id comes from."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from invoicesync_sandbox.base import Vendor
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap.rows import (
    CREDITS,
    UNSETTLED,
    Allocation,
    Attempt,
    Contact,
    Merchant,
    Order,
    Payment,
    Product,
    utc,
)
from invoicesync_sandbox.keap.switches import KeapSwitches


class Numbers:
    """Ids of one kind, rising from `first`; an id given by hand moves them on."""

    def __init__(self, first: int) -> None:
        self._next = first

    def take(self, given: int | str | None = None) -> str:
        """The next id, or the one that was given."""
        number = self._next if given is None else int(given)
        self._next = max(self._next, number + 1)
        return str(number)


class Books(Vendor):
    """What a Keap account holds. Read the dicts; change them by the methods of `Screens`.

    Ids are strings of digits, here as on the wire.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        switches: KeapSwitches | None = None,
        *,
        currency: str = "GBP",
        time_zone: str = "Europe/London",
    ) -> None:
        super().__init__(clock)
        self.switches = switches or KeapSwitches()
        self.currency = currency
        self.time_zone = ZoneInfo(time_zone)
        self.contacts: dict[str, Contact] = {}
        self.products: dict[str, Product] = {}
        self.orders: dict[str, Order] = {}
        self.merchants: list[Merchant] = [
            Merchant("1", "Stripe", "STRIPE"),
            Merchant("2", "PayPal", "PAYPAL"),
        ]
        # Counts changes, so that a list in the middle of its pages knows that rows moved.
        self.version = 0
        self._contact_ids = Numbers(101)
        self._company_ids: dict[str, str] = {}
        self._product_ids = Numbers(1)
        self._products_by_look: dict[tuple[str, str, bool], str] = {}
        self._order_ids = Numbers(1001)
        self._line_ids = Numbers(1)
        self.payments: dict[str, Payment] = {}
        self.failed_charges: list[Attempt] = []
        self._payment_ids = Numbers(1)
        self._allocation_ids = Numbers(1)
        self._by_order: dict[str, list[str]] = {}

    def company_id(self, company: str) -> str:
        """The id of the company record behind a company's name."""
        return self._company_ids.setdefault(company, str(len(self._company_ids) + 1))

    def modified(self, order: Order) -> datetime:
        """When the order changed last; whether its payments count is a switch."""
        if self.switches.payment_touches_order and order.payments_time:
            return max(order.modification_time, order.payments_time)
        return order.modification_time

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
