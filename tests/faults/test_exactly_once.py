"""Whatever fails where: every order is in Xero exactly once in the end, and the state knows it."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from werkzeug.wrappers import Response

from invoicesync_cli.load.xero import XeroLedger
from invoicesync_sandbox.keap import KeapSwitches
from invoicesync_sandbox.xero import XeroSwitches
from invoicesync_sandbox.xero.replays import XeroReplays
from tests.kits.faults import Trouble, check_booked
from tests.kits.random_runs import (
    DYING,
    HTML,
    KILLS,
    MOST,
    NTH,
    TIMES,
    TOUCHED,
    WAITS,
    Bookkeeping,
    Dying,
    Entered,
    Refusals,
    orders,
)
from tests.kits.rehearsal import Rehearsal

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
ORDERS = orders((), (100,), (25,), (25, 75), (40, -60), (-10,))


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


class XeroBookkeeping(Bookkeeping):
    """The shop with its Xero."""

    def open_shop(self, home: Path) -> Rehearsal:
        """An empty Keap and the demo ledger."""
        return Rehearsal(home, **{"sync.mode": "invoices-and-payments"})

    def smaller_batches(self) -> Iterable[tuple[Any, str, Any]]:
        """Batches of two, two at once."""
        smaller = replace(XeroLedger.capabilities, batch=2, in_flight=2)
        return [(XeroLedger, "capabilities", smaller)]

    def check(self, held: Iterable[str]) -> None:
        """Everything is there once, and Xero has not had to say so."""
        check_booked(self.shop, but=held)
        assert self.places["xero"].twice == []

    @initialize(minutes=st.sampled_from([0, 6, 20]), cursor=st.sampled_from(["value", "count"]))
    def vendors(self, minutes: int, cursor: Literal["value", "count"]) -> None:
        """What nobody knows for sure of the vendors."""
        strict = minutes == 6
        switches = XeroSwitches(
            idempotency_minutes=minutes,
            batch_numbers_checked=strict,
            credit_note_number_unique=strict,
        )
        self.shop.xero.switches = switches
        self.shop.xero.replays = XeroReplays(switches)
        self.shop.keap.switches = KeapSwitches(cursor=cursor)

    @rule(
        orders=ORDERS,
        trouble=st.one_of(refusals(), interferences(), DYING),
        most=MOST,
        seconds=WAITS,
        touched=TOUCHED,
        late=st.booleans(),
    )
    def run_to_xero(
        self,
        orders: list[Entered],
        trouble: Refusals | Trouble | Dying,
        most: int,
        seconds: int,
        touched: int,
        late: bool,
    ) -> None:
        """One run to Xero in trouble."""
        self.run_in_trouble(orders, trouble, most, seconds, touched, late=late)


TestExactlyOnce = XeroBookkeeping.TestCase
TestExactlyOnce.settings = settings(
    max_examples=40,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
