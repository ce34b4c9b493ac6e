"""What can go wrong between the tool and the services, in words that fit all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import Vendor
from tests.kits.bookkeepers import REFUSALS, SPOILT, Books, is_sign_in
from tests.kits.desktop_wire import not_ready, spoilt
from tests.kits.faults import Trouble
from tests.kits.rehearsal import Rehearsal

HOUR = 3600
TARGETS = ("invoice", "contact", "payment", "payment", "credit", "application", "refund", "", "")
"""What a request to a ledger writes; blank for any request."""
WRITTEN = st.sampled_from([target for target in TARGETS if target])
LISTS = ("/orders", "/payments", "/contacts", "")
"""What a request to Keap reads; blank for any request."""
PATIENCE = 100
"""Seconds that the tool waits at least for an answer."""


@dataclass(frozen=True)
class Disturbance:
    """One thing that goes wrong with the requests from number `at` (from 1) on for `target`.

    `refused` and `dropped` before the work is done; `spoilt`, `cut`, `lost` after it (QuickBooks
    Desktop itself ends, with half of it done, where an answer is `cut`); `killed` either way.
    `asleep` is an answer that is lost while the machine sleeps `seconds` long, so that its clock of
    elapsed time stands still; `slow` is one that takes `seconds`, and is lost when that is too
    long. One that is `at work` is lost at once, or kills, and done in `seconds`.
    """

    how: str
    target: str = "payment"
    at: int = 1
    times: int = 1
    where: Literal["before", "after"] = "after"
    answer: str = ""
    seconds: int = 0
    kill: type[BaseException] = KeyboardInterrupt
    in_keap: bool = False


@dataclass(frozen=True)
class Dying:
    """The process dies at a commit."""

    at: int
    where: Literal["before", "inside", "after"]
    how: type[BaseException]


KILLS = st.sampled_from([KeyboardInterrupt, SystemExit])
NTH = st.sampled_from([1, 1, 1, 2, 3])
TIMES = st.sampled_from([1, 2, 4, 9, 99])
DYING = st.builds(
    Dying,
    st.integers(min_value=1, max_value=16),
    st.sampled_from(["before", "inside", "after"]),
    KILLS,
)
AT_WORK = st.sampled_from([2, 40, 119])
SECONDS = {
    "asleep": st.sampled_from([HOUR // 4, 8 * HOUR]),
    "slow": st.sampled_from([30, 95, 140]),
    "at work": AT_WORK,
}
WAYS = ("lost", "asleep", "killed", "dropped", "spoilt", "refused", "cut", "slow", "at work")


@st.composite
def _disturbance(draw: st.DrawFn) -> Disturbance:
    in_keap = draw(st.integers(min_value=0, max_value=5)) == 5
    how = draw(st.sampled_from([way for way in WAYS if way != "at work" or not in_keap]))
    target, at = draw(st.sampled_from(LISTS if in_keap else TARGETS)), draw(NTH)
    more: dict[str, Any] = {"in_keap": in_keap}
    if how == "killed":
        more |= {"where": draw(st.sampled_from(["before", "after"])), "kill": draw(KILLS)}
    elif how in SECONDS:
        more |= {"seconds": draw(SECONDS[how])}
        if how == "at work":
            more |= {"kill": draw(st.sampled_from([ConnectionResetError, SystemExit]))}
    else:
        more |= {"times": draw(TIMES)}
        if how in {"refused", "spoilt"}:
            more |= {
                "answer": draw(st.sampled_from(sorted(REFUSALS if how == "refused" else SPOILT)))
            }
    return Disturbance(how, target, at, **more)


DISTURBANCES = st.one_of(
    _disturbance().map(lambda one: (one,)),
    st.lists(_disturbance(), min_size=1, max_size=3).map(tuple),
    DYING.map(lambda one: (one,)),
)


class Hit(Trouble):
    """A disturbance on the way to one service."""

    def __init__(self, planned: Disturbance, books: Books) -> None:
        self.planned = planned
        self.shop: Rehearsal = books.shop
        self.vendor: Vendor = self.shop.keap if planned.in_keap else getattr(self.shop, books.to)
        self.request: Request | None = None
        if planned.in_keap:
            self.path, text = planned.target, ""
        else:
            self.path, text = books.writes.get(planned.target, ("", ""))
        before = planned.how in {"refused", "dropped", "at work"}
        super().__init__(
            "before" if before else planned.where,
            planned.at,
            path=self.path,
            text=text,
            times=planned.times,
            killed=self._raised(),
            answer=self._answer(),
        )

    def takes(self, request: Request) -> bool:
        """Whether this request is hit; reading a ledger is spared where something is written."""
        writing = self.path and not self.planned.in_keap
        if is_sign_in(request) or (writing and request.method == "GET"):
            return False
        self.request = request
        taken = super().takes(request)
        if taken and self._ends:
            # QuickBooks ends in the middle of it.
            done = request.get_data(as_text=True).count("AddRq ") // 2
            self.shop.qbd.break_down("die", done=done, writes_only=False)
        return taken

    def instead(self, given: Response | None) -> Response:
        """What takes the place of the answer, after the time that it takes."""
        planned = self.planned
        if planned.how == "asleep":
            self.shop.clock.advance(planned.seconds)
            raise ConnectionResetError
        if planned.how == "at work":
            assert self.request is not None
            body = self.request.get_data()
            self.vendor.work_on(self.request.environ, body, planned.seconds)
            raise planned.kill
        if planned.how == "slow":
            self.shop.ticker.pass_time(planned.seconds)
            if planned.seconds > PATIENCE:
                raise ConnectionResetError
        if planned.how in {"slow", "cut"}:
            assert given is not None
            return _cut(given) if planned.how == "cut" and not self._ends else given
        return super().instead(given)

    @property
    def _ends(self) -> bool:
        """Whether it is no answer that is cut off, but the work on a message."""
        return self.planned.how == "cut" and self.vendor is self.shop.qbd

    def _answer(self) -> Callable[[], Response] | None:
        planned = self.planned
        if not planned.answer or self.vendor is not self.shop.qbd:
            return (REFUSALS | SPOILT).get(planned.answer)
        return partial(not_ready if planned.how == "refused" else spoilt, planned.answer)

    def _raised(self) -> type[BaseException] | None:
        how = self.planned.how
        if how == "killed":
            return self.planned.kill
        return ConnectionResetError if how in {"dropped", "lost"} else None


def _cut(given: Response) -> Response:
    """The first half of an answer."""
    body = given.get_data()
    return Response(body[: len(body) // 2], given.status_code, content_type=given.content_type)
