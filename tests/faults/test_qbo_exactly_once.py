"""Whatever fails where: every order is in QuickBooks exactly once in the end, with its money."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from werkzeug.wrappers import Response

from invoicesync_cli.load import qbo
from invoicesync_cli.load.qbo import QboLedger
from invoicesync_sandbox.keap import KeapSwitches
from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.faults import Trouble
from tests.kits.qbo_faults import CREATES, GARBLED, behave, check_books, quickbooks
from tests.kits.random_runs import (
    DYING,
    HTML,
    KILLS,
    MOST,
    NTH,
    REFUND,
    TIMES,
    TOUCHED,
    WAITS,
    Bookkeeping,
    Dying,
    Entered,
    orders,
)
from tests.kits.rehearsal import Rehearsal


def _gateway(status: int, name: str, code: str) -> str:
    message = f"message={name}; errorCode={code:0>6}; statusCode={status}"
    return f'{{"fault":{{"error":[{{"message":"{message}","detail":"","code":"{code}"}}]}}}}'


def _fault(code: str) -> str:
    return f'{{"Fault":{{"Error":[{{"Message":"Trouble","Detail":"","code":"{code}"}}]}}}}'


SAID: dict[str, tuple[int, str]] = {
    "503": (503, HTML),
    "504": (504, ""),
    "throttled": (429, _fault("3001")),
    "throttled with 403": (403, _gateway(403, "ThrottleExceeded", "3001")),
    "expired": (401, _gateway(401, "AuthenticationFailed", "3200")),
    "not allowed": (403, _gateway(403, "ApplicationAuthorizationFailed", "3100")),
    "inner error": (500, _fault("10000")),
    "malformed": (400, _fault("2010")),
    "too large": (413, HTML),
    "known": (400, _fault("600")),
    "web page": (200, HTML),
    "captive portal": (302, ""),
}
"""Answers of which QuickBooks, or something in between, has done nothing."""
TEXTS = st.sampled_from([*CREATES.values(), CREATES["payment"], '"operation"', '"Query"', ""])
ORDERS = orders(
    (), (100,), (100,), (25,), (25, 75), (30, 30), (40, -60), (-10,), (100, REFUND + 30)
)
SWITCHES = st.builds(
    QboSwitches,
    requestid_hours=st.sampled_from([None, 0.0, 0.05]),
    replays=st.booleans(),
    faults_replayed=st.booleans(),
    changed_body=st.sampled_from(["replay", "refuse"]),
    minute_window=st.sampled_from(["fixed", "sliding"]),
)


@st.composite
def troubles(draw: st.DrawFn) -> tuple[Trouble, ...]:
    """One thing goes wrong on the way, or one after another; or the process dies at a request."""
    found = []
    for _ in range(draw(st.integers(min_value=1, max_value=2))):
        text, at, times = draw(TEXTS), draw(NTH), draw(TIMES)
        how = draw(st.sampled_from(["refused", "spoilt", "dropped", "killed"]))
        where: Literal["before", "after"] = draw(st.sampled_from(["before", "after"]))
        if how == "refused":
            status, body = SAID[draw(st.sampled_from(sorted(SAID)))]
            found.append(Trouble("before", at, text=text, times=times, answer=_as(status, body)))
        elif how == "spoilt":
            answer = GARBLED[draw(st.sampled_from(sorted(GARBLED)))]
            found.append(Trouble("after", at, text=text, times=times, answer=answer))
        elif how == "dropped":
            broken = ConnectionResetError
            found.append(Trouble(where, at, text=text, times=times, killed=broken))
        else:
            found.append(Trouble(where, at, text=text, killed=draw(KILLS)))
    return tuple(found)


def _as(status: int, body: str) -> Any:
    kind = "application/json" if body.startswith("{") else "text/html"
    return lambda: Response(body, status, content_type=kind)


class QboBookkeeping(Bookkeeping):
    """The shop with its QuickBooks."""

    def open_shop(self, home: Path) -> Rehearsal:
        """An empty Keap and the demo company."""
        return quickbooks(home)

    def smaller_batches(self) -> Iterable[tuple[Any, str, Any]]:
        """Batches of three, two at once."""
        smaller = replace(QboLedger.capabilities, in_flight=2)
        return [(QboLedger, "capabilities", smaller), (qbo, "SMALLER", (3, 2, 1))]

    def check(self, held: Iterable[str]) -> None:
        """Everything is there once."""
        check_books(self.shop, but=held)

    @initialize(
        switches=SWITCHES,
        silent=st.booleans(),
        cursor=st.sampled_from(["value", "count"]),
    )
    def vendors(
        self, switches: QboSwitches, silent: bool, cursor: Literal["value", "count"]
    ) -> None:
        """What nobody knows for sure of the vendors."""
        place = self.places["qbo"]
        before = place.app
        behave(self.shop, switches)
        place.app = self.shop.qbo
        assert place.app is not before
        self.shop.qbo.set_preferences(warn_duplicate_numbers=not silent)
        self.shop.keap.switches = KeapSwitches(cursor=cursor)

    @rule(document=st.sampled_from(["invoice", "sales-receipt-when-paid"]))
    def change_the_documents(self, document: str) -> None:
        """Somebody changes what paid orders become."""
        self.shop.configure({"qbo.document": document})

    @rule(
        orders=ORDERS,
        trouble=st.one_of(troubles(), troubles(), DYING),
        most=MOST,
        seconds=WAITS,
        touched=TOUCHED,
        late=st.booleans(),
    )
    def run_to_quickbooks(
        self,
        orders: list[Entered],
        trouble: tuple[Trouble, ...] | Dying,
        most: int,
        seconds: int,
        touched: int,
        late: bool,
    ) -> None:
        """One run to QuickBooks in trouble."""
        self.run_in_trouble(orders, trouble, most, seconds, touched, late=late)


TestExactlyOnceInQuickBooks = QboBookkeeping.TestCase
TestExactlyOnceInQuickBooks.settings = settings(
    max_examples=40,
    stateful_step_count=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
