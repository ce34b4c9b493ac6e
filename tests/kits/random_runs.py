"""A shop whose orders are carried over while everything goes wrong that can, to any ledger."""

import contextlib
import tempfile
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from werkzeug.wrappers import Request

from invoicesync_cli.fetch import keap as keap_reader
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_cli.sync import scan
from invoicesync_sandbox.keap import Item
from tests.kits.faults import Trouble, attempt, between, killed_at_commit, payments_of
from tests.kits.rehearsal import Rehearsal

HTML = "<!DOCTYPE html><html><head><title>Down for maintenance</title></head></html>"
REFUND = 1000
"""What is added to the per cent of a part that is given back."""
TIMES = st.sampled_from([1, 2, 4, 9, 99])
NTH = st.integers(min_value=1, max_value=3)
WAITS = st.sampled_from([0, 1, 30, 200, 230, 300, 400, 700, 1300, 1800])
KILLS = st.sampled_from([KeyboardInterrupt, SystemExit])
MOST = st.sampled_from([0, 0, 0, 1, 2])
TOUCHED = st.integers(min_value=0, max_value=3)
Entered = tuple[int, str, str, tuple[int, ...]]


def orders(*parts: tuple[int, ...]) -> st.SearchStrategy[list[Entered]]:
    """Orders as they come in: the price in cents, whose order it is, what keeps it from being sent,
    and which of the `parts` (per cent) are paid already; credits are negative."""
    one = st.tuples(
        st.integers(min_value=100, max_value=99_999),
        st.sampled_from(["new", "new", "known"]),
        st.sampled_from(["", "", "", "", "currency", "total"]),
        st.sampled_from(parts),
    )
    return st.lists(one, min_size=1, max_size=4)


@dataclass(frozen=True)
class Refusals:
    """A simulated service itself answers with faults, one after another."""

    vendor: str
    faults: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Dying:
    """The process dies at a commit."""

    at: int
    where: Literal["before", "inside", "after"]
    how: type[BaseException]


DYING = st.builds(
    Dying,
    st.integers(min_value=1, max_value=16),
    st.sampled_from(["before", "inside", "after"]),
    KILLS,
)


class Bookkeeping(RuleBasedStateMachine):
    """The shop, and what people and programs do there; each ledger adds what can go wrong."""

    currency = "GBP"

    def __init__(self) -> None:
        super().__init__()
        self._stack = contextlib.ExitStack()
        home = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        # Small pages, chunks and batches, so that a few orders need several of each.
        for target, name, value in (
            (keap_reader, "PAGE", 2),
            (keap_reader, "WIDE_PAGE", 2),
            (scan, "CHUNK", 3),
            *self.smaller_batches(),
        ):
            self._stack.enter_context(patch.object(target, name, value))
        self.shop = self.open_shop(home)
        self.places = between(self.shop)
        self.places["keap"].meanwhile = self._touch
        self.touched = 0
        self.held: dict[str, str] = {}
        self.people: list[str] = []
        self.due: dict[str, Decimal] = {}

    @abstractmethod
    def open_shop(self, home: Path) -> Rehearsal:
        """An empty Keap and the ledger."""

    @abstractmethod
    def smaller_batches(self) -> Iterable[tuple[Any, str, Any]]:
        """What of the adapter is patched: where, the name, the value."""

    @abstractmethod
    def check(self, held: Iterable[str]) -> None:
        """See that the ledger has everything once, but for these orders."""

    # --- what people do -------------------------------------------------------------------------

    @precondition(lambda self: self.held)
    @rule(price=st.integers(min_value=1, max_value=99_999), corrected=st.booleans())
    def edit_a_held_order(self, price: int, corrected: bool) -> None:
        """Somebody changes an order that could not be sent, and may correct it."""
        order, trouble = next(iter(self.held.items()))
        item = Item("PRODUCT", Decimal(price) / 100, name="Candle, edited")
        wrong: dict[str, Any] = {}
        if corrected:
            del self.held[order]
            wrong = {"currency": self.currency}
        elif trouble == "total":
            wrong = {"total": Decimal(price) / 100 + 1}
        self.shop.keap.edit_order(order, items=[item], **wrong)

    @rule(
        minutes=st.sampled_from([-600, -90, -10, 0, 10, 90, 600]),
        prefix=st.sampled_from(["", "K-", "k-", "INV/"]),
    )
    def change_the_settings(self, minutes: int, prefix: str) -> None:
        """Somebody sets this machine's clock, wrongly or right, and numbers documents anew."""
        ticker, wrong = self.shop.ticker, timedelta(minutes=minutes)
        self.shop.network.timing = Timing(
            lambda: ticker.seconds, ticker.sleep, lambda: ticker.clock.now() + wrong
        )
        self.shop.configure({"invoices.number_prefix": prefix})

    # --- runs -----------------------------------------------------------------------------------

    def run_in_trouble(
        self,
        orders: Sequence[Entered],
        trouble: Refusals | Trouble | Sequence[Trouble] | Dying,
        most: int,
        seconds: int,
        touched: int,
        *,
        late: bool,
    ) -> None:
        """Orders come in, something happens to the run that carries them over, and time passes.

        Meanwhile somebody works on that many of the orders, so that Keap's lists move.
        """
        self.touched = touched
        for order in orders:
            self._enter(*order)
        if late and self.due:
            # Some time after the invoice, the rest is paid.
            order_id, rest = self.due.popitem()
            self._pay(order_id, rest)
        self.shop.configure({"sync.max_invoices": most})
        if isinstance(trouble, Dying):
            with killed_at_commit(trouble.at, trouble.where, trouble.how):
                attempt(self.shop)
        elif isinstance(trouble, Refusals):
            vendor = getattr(self.shop, trouble.vendor)
            for fault in trouble.faults:
                vendor.fail(**fault)
            attempt(self.shop)
            vendor.faults.clear()
        else:
            planned = [trouble] if isinstance(trouble, Trouble) else trouble
            place = self.places[self.shop.to]
            place.planned = [replace(one) for one in planned]
            attempt(self.shop)
            place.planned = []
        self.shop.configure({"sync.max_invoices": 0})
        self.shop.ticker.pass_time(seconds)

    @rule()
    def run_in_peace(self) -> None:
        """A run without faults leaves nothing to be done."""
        self.shop.sync()
        # What a spoilt request made Xero refuse for good is tried again when a person says so.
        with self.shop.state() as state:
            refused = {
                item.document.order_id
                for kind in DocumentKind
                for item in state.records_in(kind, DocumentState.FAILED)
            }
        if refused:
            self.shop.sync(command="retry", ids=tuple(refused), by="order")
        self.check(self.held)

    def teardown(self) -> None:
        """End every example with a run in peace."""
        try:
            self.run_in_peace()
        finally:
            self._stack.close()

    def _touch(self, request: Request) -> None:
        """Somebody saves the first order of a page that was just read."""
        if self.touched and request.path.endswith("/orders"):
            self.touched -= 1
            orders = list(self.shop.keap.orders)
            self.shop.keap.edit_order(orders[len(orders) // 2], title=f"Saved {self.touched}")

    def _enter(self, price: int, whose: str, trouble: str, parts: tuple[int, ...]) -> None:
        known = whose == "known" and self.people
        person = self.people[price % len(self.people)] if known else ""
        total = Decimal(price) / 100
        wrong: dict[str, Any] = {}
        if trouble == "currency":
            wrong = {"currency": "USD"}
        elif trouble == "total":
            wrong = {"total": total + 1}
        order = self.shop.order(
            Item("PRODUCT", total, name="Candle"),
            contact=person,
            order_time=self.shop.clock.now() - timedelta(days=3),
            **wrong,
        )
        self.people.append(self.shop.keap.orders[order].contact_id)
        if trouble:
            self.held[order] = trouble
            return
        for part in parts:
            amount = (total * (abs(part) % REFUND) / 100).quantize(Decimal("0.01"))
            if part > REFUND:
                self.shop.keap.add_refund(payments_of(self.shop, order)[0].id, amount)
            else:
                self._pay(order, amount, "Credit" if part < 0 else "Credit Card")
        paid = [item for item in payments_of(self.shop, order) if item.type != "Refund"]
        rest = total - sum(payment.amount for payment in paid)
        if rest > 0:
            self.due[order] = rest

    def _pay(self, order: str, amount: Decimal, kind: str = "Credit Card") -> None:
        whole = amount == self.shop.keap.orders[order].total
        # What is paid at once is paid on the order's own day.
        long_ago = self.shop.clock.now() - timedelta(days=3 if whole else 2)
        self.shop.keap.add_payment(order_id=order, amount=amount, type=kind, time=long_ago)
