"""Whatever fails where: every order is in Xero exactly once in the end, and the state knows it."""

import contextlib
import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from werkzeug.wrappers import Request, Response

from invoicesync_cli.fetch import keap as keap_reader
from invoicesync_cli.http import Timing
from invoicesync_cli.load.xero import XeroLedger
from invoicesync_cli.model import Kind, State
from invoicesync_cli.sandbox.keap import Item, KeapSwitches
from invoicesync_cli.sandbox.xero import XeroSwitches
from invoicesync_cli.sandbox.xero.idempotency import Replays
from invoicesync_cli.sync import scan
from tests.faults.kit import (
    Trouble,
    attempt,
    between,
    check_booked,
    killed_at_commit,
    payments_of,
)
from tests.rehearsal import Rehearsal

HTML = "<!DOCTYPE html><html><head><title>Down for maintenance</title></head></html>"
MALFORMED = '{"ErrorNumber":14,"Type":"PostDataInvalidException","Message":"null reference"}'
EXPIRED = '{"Type":null,"Title":"Unauthorized","Status":401,"Detail":"TokenExpired"}'


def _said(status: int, body: str = "", **headers: str) -> dict[str, Any]:
    kind = "application/json" if body.startswith("{") else "text/html"
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "kind": "reply",
        "status": status,
        "body": body,
        "headers": names,
        "content_type": kind,
    }


FAULTS: dict[str, dict[str, Any]] = {
    "dropped": {"kind": "drop"},
    "lost": {"kind": "lose"},
    "minute": _said(429, X_Rate_Limit_Problem="minute", Retry_After="20"),
    "minute, no time told": _said(429, X_Rate_Limit_Problem="minute"),
    "day": _said(429, X_Rate_Limit_Problem="day", Retry_After="5000"),
    "concurrent": _said(429, X_Rate_Limit_Problem="concurrent"),
    "inner error": _said(500, '{"Message":"An error occurred"}'),
    "offline": {"kind": "reply", "status": 503, "body": "The Organisation is offline"},
    "web page": _said(200, HTML),
    "malformed": _said(400, MALFORMED),
    "expired": _said(401, EXPIRED),
    "forbidden": _said(403, '{"Title":"Forbidden","Detail":"AuthenticationUnsuccessful"}'),
    "captive portal": _said(302, Location="http://portal.example/"),
    "nothing known": _said(404, "nothing here"),
}
GARBLED = {
    "gateway time-out": lambda: Response("", 504),
    "web page": lambda: Response(HTML, 200, content_type="text/html"),
    "half an answer": lambda: Response('{"Invoices": [', 200),
    "an answer to something else": lambda: Response('{"Status": "OK"}', 200),
    "elements without ids": lambda: Response('{"Invoices": [{}], "Contacts": [{}]}', 200),
    "broken compression": lambda: Response("x", 200, {"Content-Encoding": "gzip"}),
}
CALLS = st.sampled_from(
    [
        ("PUT", "/Invoices"),
        ("PUT", "/Invoices"),
        ("PUT", "/Contacts"),
        ("PUT", "/Payments"),
        ("PUT", "/Payments"),
        ("PUT", "/CreditNotes"),
        ("PUT", "/Allocations"),
        ("GET", ""),
        ("", ""),
    ]
)
TIMES = st.sampled_from([1, 2, 4, 9, 99])
NTH = st.integers(min_value=1, max_value=3)
WAITS = st.sampled_from([0, 1, 30, 200, 230, 300, 400, 700, 1300, 1800])
KILLS = st.sampled_from([KeyboardInterrupt, SystemExit])
ORDERS = st.lists(
    st.tuples(
        st.integers(min_value=100, max_value=99_999),
        st.sampled_from(["new", "new", "known"]),
        st.sampled_from(["", "", "", "", "currency", "total"]),
        st.sampled_from([(), (100,), (25,), (25, 75), (40, -60), (-10,)]),
    ),
    min_size=1,
    max_size=4,
)
"""Price in cents, whose order it is, what keeps it from being sent, and which parts of it (per
cent) are paid already; credits are negative."""


@dataclass(frozen=True)
class Refusals:
    """The sandbox itself answers with faults, one after another."""

    vendor: str
    faults: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Dying:
    """The process dies at a commit."""

    at: int
    where: Literal["before", "inside", "after"]
    how: type[BaseException]


@st.composite
def refusals(draw: st.DrawFn) -> Refusals:
    """One thing goes wrong at Xero, or one thing after another; or something at Keap."""
    names = draw(st.lists(st.sampled_from(sorted(FAULTS)), min_size=1, max_size=2))
    method, path = draw(CALLS)
    at_keap = draw(st.integers(min_value=0, max_value=5)) == 0
    found = []
    for name in names:
        fault = {**FAULTS[name], "after": draw(NTH) - 1, "times": draw(TIMES)}
        found.append(fault if at_keap else {**fault, "method": method, "path": path})
    return Refusals("keap" if at_keap else "xero", tuple(found))


@st.composite
def interferences(draw: st.DrawFn) -> Trouble:
    """Xero does its work and its answer is spoilt; or the process dies at a request."""
    method, path = draw(CALLS)
    at, name = draw(NTH), draw(st.sampled_from([*sorted(GARBLED), "", "", ""]))
    if name:
        answer, times = GARBLED[name], draw(TIMES)
        return Trouble("after", at, method=method, path=path, times=times, answer=answer)
    where: Literal["before", "after"] = draw(st.sampled_from(["before", "after"]))
    return Trouble(where, at, method=method, path=path, killed=draw(KILLS))


DYING = st.builds(
    Dying,
    st.integers(min_value=1, max_value=16),
    st.sampled_from(["before", "inside", "after"]),
    KILLS,
)


class Bookkeeping(RuleBasedStateMachine):
    """A shop whose orders are carried over while everything goes wrong that can."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = contextlib.ExitStack()
        home = self._stack.enter_context(tempfile.TemporaryDirectory())
        # Small pages, chunks and batches, so that a few orders need several of each.
        capabilities = replace(XeroLedger.capabilities, batch=2, in_flight=2)
        for target, name, value in (
            (XeroLedger, "capabilities", capabilities),
            (keap_reader, "PAGE", 2),
            (scan, "CHUNK", 3),
        ):
            self._stack.enter_context(patch.object(target, name, value))
        self.shop = Rehearsal(Path(home), **{"sync.mode": "invoices-and-payments"})
        self.places = between(self.shop)
        self.places["keap"].meanwhile = self._touch
        self.touched = 0
        self.held: dict[str, str] = {}
        self.people: list[str] = []
        self.due: dict[str, Decimal] = {}

    @initialize(minutes=st.sampled_from([6, 20]), cursor=st.sampled_from(["value", "count"]))
    def vendors(self, minutes: int, cursor: Literal["value", "count"]) -> None:
        """What nobody knows for sure of the vendors."""
        strict = minutes == 6
        switches = XeroSwitches(
            idempotency_minutes=minutes,
            batch_numbers_checked=strict,
            credit_note_number_unique=strict,
        )
        self.shop.xero.switches = switches
        self.shop.xero.replays = Replays(switches)
        self.shop.keap.switches = KeapSwitches(cursor=cursor)

    # --- what people do -------------------------------------------------------------------------

    @precondition(lambda self: self.held)
    @rule(price=st.integers(min_value=1, max_value=99_999), mended=st.booleans())
    def edit_a_held_order(self, price: int, mended: bool) -> None:
        """Somebody changes an order that could not be sent, and may mend it."""
        order, trouble = next(iter(self.held.items()))
        item = Item("PRODUCT", Decimal(price) / 100, name="Candle, edited")
        wrong: dict[str, Any] = {}
        if mended:
            del self.held[order]
            wrong = {"currency": "GBP"}
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

    @rule(
        orders=ORDERS,
        trouble=st.one_of(refusals(), interferences(), DYING),
        most=st.sampled_from([0, 0, 0, 1, 2]),
        seconds=WAITS,
        touched=st.integers(min_value=0, max_value=3),
        late=st.booleans(),
    )
    def run_in_trouble(
        self,
        orders: list[tuple[int, str, str, tuple[int, ...]]],
        trouble: Refusals | Trouble | Dying,
        most: int,
        seconds: int,
        touched: int,
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
        elif isinstance(trouble, Trouble):
            self.places["xero"].planned = [replace(trouble)]
            attempt(self.shop)
            self.places["xero"].planned = []
        else:
            vendor = self.shop.keap if trouble.vendor == "keap" else self.shop.xero
            for fault in trouble.faults:
                vendor.fail(**fault)
            attempt(self.shop)
            vendor.faults.clear()
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
                for kind in Kind
                for item in state.records_in(kind, State.FAILED)
            }
        if refused:
            self.shop.sync(command="retry", ids=tuple(refused), by="order")
        check_booked(self.shop, but=self.held)
        assert self.places["xero"].twice == []

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
            amount = (total * abs(part) / 100).quantize(Decimal("0.01"))
            self._pay(order, amount, "Credit" if part < 0 else "Credit Card")
        rest = total - sum(payment.amount for payment in payments_of(self.shop, order))
        if rest > 0:
            self.due[order] = rest

    def _pay(self, order: str, amount: Decimal, kind: str = "Credit Card") -> None:
        long_ago = self.shop.clock.now() - timedelta(days=2)
        self.shop.keap.add_payment(order_id=order, amount=amount, type=kind, time=long_ago)


TestExactlyOnce = Bookkeeping.TestCase
TestExactlyOnce.settings = settings(
    max_examples=60,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
