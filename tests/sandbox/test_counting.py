"""What the simulated services count calls and keep answers by."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from invoicesync_sandbox.limits import Full, Limits, Rule, Span, fixed, sliding
from invoicesync_sandbox.replays import Replays

START = datetime(2026, 11, 20, 12, 0, 10, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class One(Limits[str]):
    """Two calls in a minute for each caller, or at once."""

    def __init__(self, span: Span | None) -> None:
        super().__init__()
        self.span = span

    def rules(self, caller: str) -> Iterable[Rule]:
        yield Rule("minute", caller, 2, self.span)


@pytest.mark.parametrize(
    ("span", "wait"),
    [(fixed(60), 50), (fixed(60, 5), 45), (sliding(60), 60), (sliding(60, 15), 50)],
    ids=["fixed", "offset", "sliding", "steps"],
)
def test_a_call_is_given_back_when_its_window_says_so(span: Span, wait: int) -> None:
    """The calls come ten seconds after the full minute."""
    limits = One(span)
    assert limits.enter("a", at(0)) == limits.enter("a", at(1)) == []

    (full,) = limits.enter("a", at(0))

    assert (full.name, full.wait) == ("minute", wait)
    assert limits.enter("b", at(0)) == []
    assert limits.enter("a", at(wait - 1)) == [Full("minute", 1)]
    assert limits.enter("a", at(wait)) == []


def test_calls_in_progress_wait_for_nobody_knows_how_long() -> None:
    limits = One(None)
    limits.enter("a", at(0))
    limits.enter("a", at(0))
    (full,) = limits.enter("a", at(0))
    assert full.wait is None
    limits.leave("a")
    assert limits.enter("a", at(0)) == []


def test_calls_are_counted_though_nothing_is_refused() -> None:
    limits = One(sliding(60))
    limits.enforced = False
    assert [limits.enter("a", at(0)) for _ in range(3)] == [[], [], []]
    assert (limits.used("a", at(59)), limits.used("a", at(60))) == (3, 0)


def test_answers_are_kept_for_their_life_and_as_many_as_there_may_be() -> None:
    answers = Replays[str](timedelta(minutes=6), most=2)
    answers.keep("k1", "request", "first", at(0))
    kept = answers.find("k1", at(359))
    assert kept is not None
    assert (kept.request, kept.answer) == ("request", "first")
    assert answers.find("k1", at(360)) is None
    answers.keep("k2", "request", "second", at(0))
    answers.keep("k3", "request", "third", at(0))
    assert answers.find("k1", at(1)) is None
    assert answers.find("k2", at(1)) is not None
    assert Replays[str](None).find("k1", at(0)) is None
