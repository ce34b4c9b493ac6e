"""What people do with the tool and in the ledger: mixins for a shop."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from invoicesync_cli.vendors import VENDORS
from tests.kits.bookkeeping import Moved
from tests.kits.shop.base import Shop
from tests.kits.shop.choices import FIRST, MOST, OLD, PART, PICK, WAITS, part_of


class Limiting(Shop):
    """Runs that leave something for the next one."""

    @rule(
        orders=OLD,
        invoices=MOST,
        payments=MOST,
        only=st.sampled_from(["", "", "invoices", "payments"]),
        seconds=WAITS,
        on=st.sampled_from([True, True, False]),
    )
    def run_with_limits(
        self,
        orders: list[tuple[int, bool, int, str]],
        invoices: int,
        payments: int,
        only: str,
        seconds: int,
        on: bool,
    ) -> None:
        """A run with limits, or of one kind of document only, over perhaps new orders; perhaps the
        next one goes on from there at once."""
        self.enter_all(orders)
        self.sync(invoices, payments, only)
        if on:
            self.sync()
        self.shop.ticker.pass_time(seconds)


class Setting(Shop):
    """Settings are changed between runs."""

    @rule(kind=st.sampled_from(["draft", "authorised"]))
    def change_what_is_made(self, kind: str) -> None:
        """Somebody has other documents made from now on."""
        self.books.make(kind)

    @rule(prefix=st.sampled_from(["", "K-", "k-", "INV/"]))
    def number_anew(self, prefix: str) -> None:
        """Somebody has documents numbered otherwise from now on, if the ledger has room for it."""
        ledger = VENDORS[self.to]
        if len(prefix) > ledger.number_limit - ledger.number_room:
            return
        self.shop.configure({"invoices.number_prefix": prefix})


class Locking(Shop):
    """The books are closed and opened."""

    @precondition(lambda self: not self.closed)
    @rule(days=st.sampled_from([0, 2, 10, 50]))
    def close_the_books(self, days: int) -> None:
        """Nothing of that day or before it is taken any more."""
        self.closed = True
        self.books.lock((self.now - timedelta(days=days)).date())

    @precondition(lambda self: self.closed)
    @rule()
    def open_the_books(self) -> None:
        """Everything is taken again."""
        self.closed = False
        self.books.lock(None)


class Keeping(Shop):
    """A bookkeeper works in the ledger."""

    def taken(self) -> list[Moved]:
        """What of ours is alive in the ledger, and can be taken back with all that hangs on it."""
        return [
            row
            for row in self.books.moved()
            if row.alive and row.order in self.sales and (row.kind == "payment" or not self.closed)
        ]

    @precondition(lambda self: self.taken())
    @rule(pick=PICK, by_void=st.booleans())
    def take_money_back(self, pick: int, by_void: bool) -> None:
        """Remove a payment, credit note or refund of ours."""
        rows = self.taken()
        row = rows[pick % len(rows)]
        try:
            self.books.end_money(row, by_void=by_void)
        except ValueError:
            # Closed books, or something hangs on it.
            return
        known = self.money[row.payment]
        known.removed.add(row.order)
        if not self.books.shows(row, by_void=by_void) and not self._recorded(row):
            # No answer came, and nothing is left of it: by R16 it is sent again.
            known.excused = True
        if not self.sold(row.order):
            # It was a sales receipt.
            self.sales[row.order].removed = True

    def _recorded(self, row: Moved) -> bool:
        """Whether the tool's records say that this is in the ledger."""
        return any(
            (one.payment_id, one.order_id) == (row.payment, row.order) and one.ledger_id
            for one in self.records()
        )

    @precondition(lambda self: any(row.alive for row in self.books.sold()))
    @rule(pick=PICK)
    def end_invoice(self, pick: int) -> None:
        """Void an invoice."""
        rows = [row for row in self.books.sold() if row.alive]
        row = rows[pick % len(rows)]
        receipts = [one for one in self.books.moved() if one.id == row.id]
        try:
            self.books.end_invoice(row)
        except ValueError:
            return
        self.sales[row.order].removed = True
        for one in receipts:
            self.money[one.payment].removed.add(row.order)

    @precondition(lambda self: any(not row.approved for row in self.books.sold()))
    @rule()
    def approve(self) -> None:
        """Approve every draft."""
        self.books.approve()

    @rule(
        cents=st.integers(min_value=200, max_value=9_999),
        part=PART,
    )
    def enter_money_by_hand(self, cents: int, part: Decimal) -> None:
        """An order is booked; then its money comes, and the bookkeeper enters it herself."""
        order = self.enter(Decimal(cents) / 100, "", 1)
        self.sync()
        sold = self.sold(order)
        if sold is None or not sold.approved or not sold.due:
            return
        amount = part_of(sold.due, part)
        payment = self.pay({order: amount}, 0)
        reference = payment.external_transaction_id or f"keap-{payment.id}"
        try:
            self.books.pay(sold.id, amount, reference)
        except ValueError:
            return
        self.money[payment.id].by_hand = order


class Deciding(Shop):
    """People work off what is open."""

    @precondition(lambda self: self.sales)
    @rule(first=FIRST, pick=PICK)
    def dismiss(self, first: int | None, pick: int) -> None:
        """Somebody dismisses what is open of an order."""
        self.maybe_run(first)
        order = list(self.sales)[pick % len(self.sales)]
        self._dismiss(order)

    @precondition(lambda self: self.sales)
    @rule(first=FIRST)
    def dismiss_what_needs_a_person(self, first: int | None) -> None:
        """Somebody dismisses everything that needs a person."""
        self.maybe_run(first)
        needy = {one.order_id for one in self.records() if one.state.needs_person}
        for order in sorted(needy):
            self._dismiss(order)

    def _dismiss(self, order: str) -> None:
        mine = [one for one in self.records() if one.order_id == order]
        if not mine:
            return
        for one in mine:
            if one.state.open and one.payment_id:
                self.money[one.payment_id].dismissed.add(order)
            elif one.state.open:
                self.sales[order].dismissed = True
        self.type("dismiss", mine[0].invoice_id, "--reason", "entered by hand")

    @precondition(lambda self: any(one.state.open for one in self.records()))
    @rule()
    def retry(self) -> None:
        """Somebody tries everything again."""
        self.type("retry")

    @precondition(lambda self: self.remakable())
    @rule(pick=PICK)
    def make_anew(self, pick: int) -> None:
        """Somebody has what was removed in the ledger made anew."""
        found = self.remakable()
        order = found[pick % len(found)]
        self.sync()
        sale = self.sales[order]
        for payment, known in self.money.items():
            on_it = payment in self.keap.payments and order in self.keap.payments[payment].order_ids
            if (sale.removed and on_it) or order in known.removed:
                known.remade += 1
                # What was dismissed may stay so: somebody has seen to it.
                known.removed.discard(order)
        if sale.removed:
            sale.remade += 1
        sale.removed = sale.dismissed = False
        invoice = self.keap.orders[order].invoice_id
        self.type("sync-id", invoice, "--recreate")

    def remakable(self) -> list[str]:
        """Orders of which something was removed in the ledger."""
        removed = {order for known in self.money.values() for order in known.removed}
        removed |= {order for order, sale in self.sales.items() if sale.removed}
        return sorted(removed & self.keap.orders.keys())


class Losing(Shop):
    """The state file is lost, or an older one comes back, with what was dismissed by then."""

    def __init__(self) -> None:
        super().__init__()
        self.dismissed_sales: set[str] = set()
        self.dismissed_money: dict[str, set[str]] = {}

    @rule(
        older=st.booleans(),
        prefix=st.sampled_from(["", "", "K-"]),
    )
    def lose_the_state(self, older: bool, prefix: str) -> None:
        """The state file is lost, and perhaps documents are numbered anew; then a run."""
        comes_back = self.lose_state(older=older)
        for payment, known in self.money.items():
            known.dismissed = set(self.dismissed_money.get(payment, ())) if comes_back else set()
            known.excused |= known.changed or bool(known.removed)
        for order, sale in self.sales.items():
            sale.dismissed = comes_back and order in self.dismissed_sales
        self.shop.configure({"invoices.number_prefix": prefix})
        self.sync()

    @rule()
    def keep_a_copy(self) -> None:
        """Somebody keeps a copy of the state file."""
        self.back_up()
        self.dismissed_sales = {order for order, sale in self.sales.items() if sale.dismissed}
        self.dismissed_money = {payment: {*one.dismissed} for payment, one in self.money.items()}
