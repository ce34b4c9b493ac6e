"""What can go wrong between the tool and a ledger, in words that fit both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

from tests.kits.bookkeepers import REFUSALS, SPOILT, Books, is_sign_in
from tests.kits.faults import Trouble

HOUR = 3600
TARGETS = ("invoice", "contact", "payment", "payment", "credit", "application", "refund", "", "")
"""What a request writes; blank for any request."""


@dataclass(frozen=True)
class Disturbance:
    """One thing that goes wrong with the requests from number `at` (from 1) on for `target`.

    `refused` and `down` before the work is done; `spoilt`, `lost` after it; `killed` either way;
    `asleep` is an answer that is lost while the machine sleeps `seconds` long, so that its clock
    of elapsed time stands still.
    """

    how: str
    target: str = "payment"
    at: int = 1
    times: int = 1
    where: Literal["before", "after"] = "after"
    answer: str = ""
    seconds: int = 0
    kill: type[BaseException] = KeyboardInterrupt


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


@st.composite
def _disturbance(draw: st.DrawFn) -> Disturbance:
    how = draw(st.sampled_from(["lost", "asleep", "killed", "dropped", "spoilt", "refused"]))
    target, at = draw(st.sampled_from(TARGETS)), draw(NTH)
    if how == "killed":
        where: Literal["before", "after"] = draw(st.sampled_from(["before", "after"]))
        return Disturbance("killed", target, at, where=where, kill=draw(KILLS))
    if how == "asleep":
        return Disturbance(
            "asleep", target, at, seconds=draw(st.sampled_from([HOUR // 4, 8 * HOUR]))
        )
    if how in {"refused", "spoilt"}:
        answer = draw(st.sampled_from(sorted(REFUSALS if how == "refused" else SPOILT)))
        return Disturbance(how, target, at, draw(TIMES), answer=answer)
    return Disturbance(how, target, at, draw(TIMES))


DISTURBANCES = st.one_of(
    _disturbance().map(lambda one: (one,)),
    st.lists(_disturbance(), min_size=1, max_size=2).map(tuple),
    DYING.map(lambda one: (one,)),
)


class Hit(Trouble):
    """A disturbance of one ledger."""

    def __init__(self, planned: Disturbance, books: Books) -> None:
        self.planned = planned
        self.path, text = books.writes.get(planned.target, ("", ""))
        before = planned.how in {"refused", "dropped"}
        super().__init__(
            "before" if before else planned.where,
            planned.at,
            path=self.path,
            text=text,
            times=planned.times,
            killed=self._raised(),
            answer=self._answer(books),
        )

    def takes(self, request: Request) -> bool:
        """Whether this request is hit; reading is spared where something is to be written."""
        if is_sign_in(request) or (self.path and request.method == "GET"):
            return False
        return super().takes(request)

    def _raised(self) -> type[BaseException] | None:
        how = self.planned.how
        if how == "killed":
            return self.planned.kill
        return ConnectionResetError if how in {"dropped", "lost"} else None

    def _answer(self, books: Books) -> Callable[[], Response] | None:
        planned = self.planned
        if planned.how == "asleep":

            def wake() -> Response:
                books.shop.clock.advance(planned.seconds)
                raise ConnectionResetError

            return wake
        return (REFUSALS | SPOILT).get(planned.answer)
