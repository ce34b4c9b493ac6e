"""A shop with its Keap and its ledger, what people know of its sales, and runs of the tool."""

import contextlib
import io
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from werkzeug.wrappers import Request

from invoicesync_cli.__main__ import main
from invoicesync_cli.cli import workspace as opening
from invoicesync_cli.errors import Interrupted, SignInNeeded, TryLater
from invoicesync_cli.fetch import keap as keap_reader
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.sync import scan
from invoicesync_sandbox.keap import Item, KeapSwitches
from invoicesync_sandbox.keap.rows import Payment
from tests.kits.bookkeepers import LEDGERS, Books, Keys, Moved, Sold
from tests.kits.faults import between, killed_at_commit
from tests.kits.shop import audit
from tests.kits.shop.disturbances import Disturbance, Dying, Hit

STATE = "state.sqlite3"
DAY = 86_400
WAITS = st.sampled_from([0, 30, 300, 1800, 3600, 8 * 3600, DAY, 3 * DAY, 8 * DAY, 36 * DAY])
BACK = st.sampled_from([0, 0, 3, 20, 60])
"""How many days ago something is said to have been."""
CENT = Decimal("0.01")
CENTS = st.integers(min_value=200, max_value=20_000)
AGE = st.sampled_from([0, 1, 3, 40, 100])
"""Of an order, in days."""
PAID = st.sampled_from(["", "half", "all", "returned", "given back", "credited", "written off"])
"""What of an order is paid when it is entered. Of a returned one a part is given back already, of
one given back everything; half of a credited one is a credit, and all of one written off."""
KEYS = st.builds(
    Keys,
    remembered=st.sampled_from(["long", "young", "last", "never"]),
    at_work=st.sampled_from(["know", "refuse", "ignore"]),
    answered=st.sampled_from([True, True, False]),
)
ORDER = st.tuples(CENTS, st.booleans(), AGE, PAID)


@dataclass
class Sale:
    """What the shop knows of an order, beside what Keap holds."""

    trouble: str = ""
    """Why it cannot be sent: `currency` or `total`; or `odd`, where that is not looked into."""
    changed: bool = False
    """Whether it was changed or deleted in Keap once it was, or may have been, in the ledger."""
    removed: bool = False
    """Whether its invoice was voided or deleted in the ledger."""
    dismissed: bool = False
    remade: int = 0
    totals: set[Decimal] = field(default_factory=set)
    dated: datetime | None = None


@dataclass
class Money:
    """What the shop knows of a payment, credit or refund, beside what Keap holds."""

    kind: str
    most: Decimal
    """The largest amount that Keap ever held."""
    original: str = ""
    changed: bool = False
    """Whether it was changed in Keap once any of it was, or may have been, in the ledger."""
    removed: set[str] = field(default_factory=set)
    """Orders on which it was taken back in the ledger."""
    by_hand: str = ""
    """The order whose invoice somebody put it on in the ledger."""
    dismissed: set[str] = field(default_factory=set)
    remade: int = 0
    excused: bool = False
    """Whether nothing can be asked of it: its history was lost with the state."""
    time_when_deleted: datetime | None = None
    """When it was said to have been made, of one that was deleted in Keap."""
    raises: bool = False
    """Whether it is a negative adjustment, which nobody can book."""


@dataclass(frozen=True)
class Ended:
    """How a run ended; no code where the process died."""

    code: int | None


class Shop(RuleBasedStateMachine):
    """The shop; what happens to it is in `tests.kits.shop.in_keap`."""

    to = ""
    small = True
    """Whether pages, chunks and batches are small, so that a few orders need several of each."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = contextlib.ExitStack()
        self.home = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self.sales: dict[str, Sale] = {}
        self.money: dict[str, Money] = {}
        self.people: list[str] = []
        self.closed = False
        """Whether the books are closed up to some day."""
        self.unsure = False
        """Whether the last run ended early, so that nobody knows what is in the ledger."""
        self.wrong = timedelta(0)
        """How far this machine's clock is ahead."""
        self.lost = False
        """Whether the state was ever lost."""
        self.touched = 0
        """How many more orders somebody saves while a run reads them."""
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
        self.books: Books = LEDGERS[self.to](self.home, status)
        self.books.behave(keys, strict=strict)
        self.shop = self.books.shop
        self.keap = self.shop.keap
        self.signed_in = self.now
        self.keap.switches = keap
        sizes = [(keap_reader, "PAGE", 2), (scan, "CHUNK", 3), *self.books.smaller_batches()]
        for target, name, value in sizes if self.small else ():
            self._stack.enter_context(patch.object(target, name, value))
        self.places = between(self.shop)
        self.places["keap"].meanwhile = self._touch
        self._stack.enter_context(patch.object(opening, "Workspace", self._world))
        for order in orders:
            self._enter_order(*order)

    def _world(self, *_: Any) -> Any:
        return self._real_world(self.shop.environ, self.shop.network)

    _real_world = opening.Workspace

    # --- the shop's own knowledge -----------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The time, in UTC."""
        return self.shop.clock.now()

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

    def writes(self) -> int:
        """How many calls have written something in the ledger."""
        calls = getattr(self.shop, self.to).writes()
        return sum(b'"Query"' not in call.body for call in calls)

    def records(self) -> list[Document]:
        """What the tool says became of everything."""
        with self.shop.state() as state:
            return [
                record.document
                for kind in DocumentKind
                for one in DocumentState
                for record in state.records_in(kind, one)
            ]

    # --- runs -------------------------------------------------------------------------------------

    def type(self, *words: str) -> Any:
        """Type a command; its JSON."""
        self._stay_signed_in()
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main([*words, "--json"])
        assert code in {0, 3}, (words, out.getvalue())
        return json.loads(out.getvalue())["data"]

    def todo(self) -> list[dict[str, Any]]:
        """What `todo` shows."""
        rows: list[dict[str, Any]] = self.type("todo")["documents"]
        return rows

    def sync(self, invoices: int = 0, payments: int = 0, only: str = "") -> Ended:
        """A run that may end in any way, with these limits."""
        self._stay_signed_in()
        self.shop.configure({"sync.max_invoices": invoices, "sync.max_payments": payments})
        ended = self._sync(only)
        self.unsure = ended.code not in audit.DONE
        whole = not (invoices or payments or only or self.wrong)
        audit.check_run(self, ended, whole=whole)
        return ended

    def _sync(self, only: str) -> Ended:
        try:
            result = self.shop.sync(only=only)
        except (TryLater, Interrupted, SignInNeeded) as error:
            return Ended(error.exit_code)
        except SystemExit:
            return Ended(None)
        return Ended(result.exit_code)

    def _stay_signed_in(self) -> None:
        """Sign in again before the sign-in is too old."""
        if self.to == "qbo" and self.now - self.signed_in > timedelta(days=50):
            self.shop._sign_in()
            self.signed_in = self.now

    def maybe_run(self, seconds: int | None) -> None:
        """A run in peace so many seconds ago and one just now, if there were any."""
        if seconds is not None:
            self.run_once(seconds)
        if seconds:
            self.sync()

    def run_once(self, seconds: int) -> None:
        """A run in peace; time passes."""
        self.sync()
        self.shop.ticker.pass_time(seconds)

    def run_disturbed(self, planned: Iterable[Disturbance | Dying]) -> None:
        """A run in which something goes wrong."""
        with contextlib.ExitStack() as stack:
            for one in planned:
                if isinstance(one, Dying):
                    stack.enter_context(killed_at_commit(one.at, one.where, one.how))
                else:
                    place = self.places["keap" if one.in_keap else self.to]
                    place.planned.append(Hit(one, self.books))
            self.sync()
        for place in self.places.values():
            place.planned = []
        self.touched = 0

    def _touch(self, request: Request) -> None:
        """Somebody saves the middle order of a page that was just read."""
        if self.touched and request.path.endswith("/orders"):
            self.touched -= 1
            orders = list(self.keap.orders)
            self.keap.edit_order(orders[len(orders) // 2], title=f"Saved {self.touched}")

    def set_clock(self, wrong: timedelta) -> None:
        """Set this machine's clock so far ahead of the time."""
        self.wrong, ticker = wrong, self.shop.ticker
        self.shop.network.timing = Timing(
            lambda: ticker.seconds, ticker.sleep, lambda: ticker.clock.now() + wrong
        )

    @rule(seconds=WAITS)
    def run(self, seconds: int) -> None:
        """A run in peace; time passes."""
        self.run_once(seconds)

    @rule(cents=CENTS, known=st.booleans(), days=AGE, paid=PAID)
    def enter_order(self, cents: int, known: bool, days: int, paid: str) -> None:
        """Somebody buys, some days ago, and has paid for half of it, or for all."""
        self._enter_order(cents, known, days, paid)

    def _enter_order(self, cents: int, known: bool, days: int, paid: str) -> None:
        person = self.people[0] if known and self.people else ""
        self.enter(Decimal(cents) / 100, person, days, paid)

    def enter(
        self, total: Decimal, person: str, days: int, paid: str = "", trouble: str = ""
    ) -> str:
        """Enter an order that is so many days old; its id."""
        wrong: dict[str, Any] = {}
        if trouble:
            wrong = {"currency": "USD"} if trouble == "currency" else {"total": total + 1}
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
                self.give_back(payment, part, 0)
        return order

    def pay(self, shares: Mapping[str, Decimal], days: int, **more: Any) -> Payment:
        """Enter money that is said to be so many days old, on one order or several."""
        amount = sum(shares.values(), Decimal(0))
        when = self.now - timedelta(days=days)
        payment = self.keap.add_payment(allocations=shares, amount=amount, time=when, **more)
        kind = "credit" if payment.type in {"Credit", "Adjustment"} else "payment"
        self.money[payment.id] = Money(kind, abs(amount), raises=amount < 0)
        return payment

    def change(self, payment: str) -> None:
        """Note that somebody is about to change a payment, which may be booked."""
        self.money[payment].changed |= self.maybe_booked(payment)

    def give_back(self, payment: Payment, amount: Decimal, days: int) -> None:
        """Refund of a payment so much, as of some days ago."""
        given = self.keap.add_refund(payment.id, amount, time=self.now - timedelta(days=days))
        self.money[given.id] = Money("refund", amount, original=payment.id)

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

    def close(self) -> None:
        """Leave the shop."""
        self._stack.close()

    def teardown(self) -> None:
        """End every example quietly."""
        try:
            if hasattr(self, "books"):
                self.quiet_end()
        finally:
            self.close()

    # --- the state file ---------------------------------------------------------------------------

    def back_up(self) -> None:
        """Keep a copy of the state file as it is now."""
        with self.shop.state() as state:
            state.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.home / STATE, self.home / "kept")

    def lose_state(self, *, older: bool) -> None:
        """The state file is lost, or the copy that was kept is put in its place."""
        self.lost = True
        for path in self.home.glob(f"{STATE}*"):
            path.unlink()
        if older and (self.home / "kept").exists():
            shutil.copy(self.home / "kept", self.home / STATE)
