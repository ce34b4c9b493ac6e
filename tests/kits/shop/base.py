"""A shop with its Keap and its ledger: what people know of its sales, and what must be booked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from invoicesync_cli.model import Document, DocumentState
from invoicesync_sandbox.keap import Item, KeapSwitches
from invoicesync_sandbox.keap.rows import Payment
from tests.kits.bookkeeping import Keys, Moved, Sold
from tests.kits.shop import audit
from tests.kits.shop.choices import AGE, CENT, CENTS, DAY, KEYS, ORDER, PAID, WAITS
from tests.kits.shop.knowledge import Ended, Money, Sale
from tests.kits.shop.runs import Running


class Shop(Running):
    """The shop; what happens to it is in `tests.kits.shop.in_keap`."""

    def __init__(self) -> None:
        super().__init__()
        self.sales: dict[str, Sale] = {}
        self.money: dict[str, Money] = {}
        self.people: list[str] = []
        self.closed = False
        """Whether the books are closed up to some day."""
        self.looked_at: set[str] = set()
        """The orders that a run has looked at."""
        self.seen: list[Document] = []
        """What was open when `todo` was last looked at."""

    @initialize(
        status=st.sampled_from(["authorised", "authorised", "draft"]),
        keys=KEYS,
        strict=st.booleans(),
        keap=st.builds(
            KeapSwitches,
            cursor=st.sampled_from(["value", "count"]),
            payment_filter_reads=st.sampled_from(["payment_time", "update_time"]),
            refund_link=st.sampled_from(["on_original", "on_refund"]),
            deleted_order_keeps_payments=st.booleans(),
            voided_payments_listed=st.booleans(),
        ),
        orders=st.lists(ORDER, min_size=1, max_size=3),
    )
    def open_shop(
        self,
        status: str,
        keys: Keys,
        strict: bool,
        keap: KeapSwitches,
        orders: Sequence[tuple[int, bool, int, str]] = (),
    ) -> None:
        """A small Keap and the demo ledger; what nobody knows of the vendors is decided."""
        self.open_services(status, keys, strict=strict)
        self.keap.switches = keap
        self.enter_all(orders)

    # --- the shop's own knowledge -----------------------------------------------------------------

    def shares(self, payment: Payment) -> dict[str, Decimal]:
        """What of a payment is on which order that Keap still has."""
        return {
            one.order_id: one.amount
            for one in payment.allocations
            if one.order_id in self.keap.orders
        }

    def rest(self, order: str) -> Decimal:
        """What is still to be paid of an order, pending money taken off."""
        paid = sum(
            (
                share.amount
                for payment, share in self.keap.allocations_of(order)
                if payment.refund_of is None and payment.void_time is None
            ),
            Decimal(0),
        )
        return self.keap.orders[order].total - paid

    def sold(self, order: str) -> Sold | None:
        """The living invoice of an order."""
        return next((row for row in self.books.sold() if row.order == order and row.alive), None)

    def moved(self, payment: str, *, ever: bool = False) -> list[Moved]:
        """What is in the ledger of a payment, or ever was."""
        rows = self.books.moved()
        return [row for row in rows if row.payment == payment and (row.alive or ever)]

    def maybe_booked(self, payment: str) -> bool:
        """Whether anything of a payment is, was or may be in the ledger."""
        known = self.money[payment]
        return self.unsure or bool(known.by_hand or self.moved(payment, ever=True))

    def look(self, ended: Ended, *, whole: bool) -> None:
        """Look at the books after a run."""
        audit.check_run(self, ended, whole=whole)

    # --- sales --------------------------------------------------------------------------------

    @rule(seconds=WAITS)
    def run(self, seconds: int) -> None:
        """A run in peace; time passes."""
        self.run_once(seconds)

    @rule(cents=CENTS, known=st.booleans(), days=AGE, paid=PAID)
    def enter_order(self, cents: int, known: bool, days: int, paid: str) -> None:
        """Somebody buys, some days ago, and has paid for half of it, or for all."""
        self.enter_all([(cents, known, days, paid)])

    def enter_all(self, orders: Iterable[tuple[int, bool, int, str]]) -> None:
        """Enter orders (`ORDER`), of somebody new or of somebody who is known."""
        for cents, known, days, paid in orders:
            person = self.people[0] if known and self.people else ""
            self.enter(Decimal(cents) / 100, person, days, paid)

    def enter(
        self, total: Decimal, person: str, days: int, paid: str = "", trouble: str = ""
    ) -> str:
        """Enter an order that is so many days old; its id."""
        wrong: dict[str, Any] = {}
        if trouble:
            other = "GBP" if self.keap.currency == "USD" else "USD"
            wrong = {"currency": other} if trouble == "currency" else {"total": total + 1}
        when = self.now - timedelta(days=days)
        item = Item("PRODUCT", total, name="Candle")
        order = self.shop.order(item, contact=person, order_time=when, **wrong)
        self.people.append(self.keap.orders[order].contact_id)
        self.sales[order] = Sale(trouble, totals={self.keap.orders[order].total}, dated=when)
        if paid and not trouble:
            half = (total / 2).quantize(CENT)
            if paid in {"credited", "written off"}:
                credit = half if paid == "credited" else total
                self.pay({order: credit}, days, type="Credit")
                return order
            payment = self.pay({order: half if paid == "half" else total}, days)
            if paid in {"returned", "given back"}:
                part = total if paid == "given back" else max((total / 3).quantize(CENT), CENT)
                self.give_back(payment, part, days // 2)
        return order

    def pay(self, shares: Mapping[str, Decimal], days: int, **more: Any) -> Payment:
        """Enter money that is said to be so many days old, on one order or several."""
        amount = sum(shares.values(), Decimal(0))
        when = self.now - timedelta(days=days)
        payment = self.keap.add_payment(allocations=shares, amount=amount, time=when, **more)
        kind = "credit" if payment.type in {"Credit", "Adjustment"} else "payment"
        early = self.looked_at.isdisjoint(shares)
        self.money[payment.id] = Money(kind, abs(amount), raises=amount < 0, early=early)
        return payment

    def change(self, payment: str) -> None:
        """Note that somebody is about to change a payment, which may be booked."""
        self.money[payment].changed |= self.maybe_booked(payment)
        self.money[payment].early = False

    def give_back(self, payment: Payment, amount: Decimal, days: int) -> None:
        """Refund of a payment so much, as of some days ago."""
        given = self.keap.add_refund(payment.id, amount, time=self.now - timedelta(days=days))
        early = self.looked_at.isdisjoint(payment.order_ids)
        self.money[given.id] = Money("refund", amount, original=payment.id, early=early)

    # --- looking into the books -------------------------------------------------------------------

    @invariant()
    def nothing_is_there_twice(self) -> None:
        """Whatever happened: no document is in the ledger twice."""
        if hasattr(self, "books"):
            audit.check_once(self)

    @invariant()
    def whatever_is_open_is_shown(self) -> None:
        """Whatever happened: `todo` shows every open record."""
        if not hasattr(self, "books"):
            return
        documents = [one for one in self.records() if one.state.open]
        if documents != self.seen:
            audit.check_todo(self, documents)
            self.seen = documents

    def quiet_end(self) -> None:
        """Everything works again and is open: what the rules want is booked, and nothing else."""
        self.set_clock(timedelta(0))
        # By then nothing is worked on any more.
        self.shop.ticker.pass_time(300)
        self.books.lock(None)
        for _ in range(2):
            self.sync()
            self.books.approve()
        if any(document.state is DocumentState.FAILED for document in self.records()):
            self.type("retry")
        audit.check_settled(self, self.sync(), days=34)
        self.shop.ticker.pass_time(8 * DAY)
        audit.check_settled(self, self.sync(), days=88)
        before = self.writes()
        self.sync()
        assert self.writes() == before, "there is nothing new, and something was written"

    def teardown(self) -> None:
        """End every example quietly."""
        try:
            if hasattr(self, "books"):
                self.quiet_end()
        finally:
            self.close()
