"""Answers of QuickBooks that never arrive: whatever was being made, it is made exactly once."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.faults import Trouble, attempt, between, failure
from tests.kits.qbo_faults import CREATES, GARBLED, check_books, everything, quickbooks
from tests.kits.rehearsal import Rehearsal

WITHIN, LATER = 100, 600
COMPANIES = {
    "remembers": QboSwitches(),
    "forgets at once": QboSwitches(requestid_hours=0.0),
    "does not repeat": QboSwitches(replays=False),
}
"""What nobody knows of request ids: how long they are remembered, and what for."""
DONE: dict[str, dict[str, Any]] = {
    "dropped": {"killed": ConnectionResetError},
    **{name: {"answer": answer} for name, answer in GARBLED.items()},
}


def shop(home: Path, company: str, kind: str) -> Rehearsal:
    """A shop that takes numbers twice without a word, and whose orders need a kind of write."""
    settings = {"qbo.document": "sales-receipt-when-paid"} if kind == "receipt" else {}
    rehearsal = quickbooks(home, COMPANIES[company], **settings)
    rehearsal.qbo.set_preferences(warn_duplicate_numbers=False)
    everything(rehearsal)
    if kind == "receipt":
        for _ in range(3):
            rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="100.00")
    return rehearsal


@pytest.mark.parametrize("kind", CREATES)
@pytest.mark.parametrize(
    ("company", "how"),
    [("remembers", "dropped"), ("does not repeat", "504")]
    + [("forgets at once", how) for how in DONE],
)
def test_answer_lost_once(tmp_path: Path, kind: str, how: str, company: str) -> None:
    rehearsal = shop(tmp_path, company, kind)
    trouble = Trouble("after", method="POST", text=CREATES[kind], **DONE[how])
    between(rehearsal)["qbo"].planned = [trouble]

    attempt(rehearsal)

    assert trouble.seen
    rehearsal.sync()
    check_books(rehearsal)


@pytest.mark.parametrize("kind", CREATES)
@pytest.mark.parametrize(
    ("company", "how", "seconds"),
    [
        ("remembers", "dropped", WITHIN),
        ("forgets at once", "504", 0),
        ("forgets at once", "throttled", LATER),
        ("does not repeat", "dropped", 0),
    ],
)
def test_answers_lost_until_the_run_gives_up(
    tmp_path: Path, kind: str, how: str, company: str, seconds: int
) -> None:
    """Reads fail as well, so that nobody can look; the next run has to."""
    rehearsal = shop(tmp_path, company, kind)
    done = Trouble("after", method="POST", text=CREATES[kind], times=99, **DONE[how])
    reads = Trouble(
        "before",
        method="POST",
        text="DocNumber|PaymentRefNum|(Invoice|Payment) where Id",
        **DONE[how],
        times=0,
    )
    place = between(rehearsal)["qbo"]
    place.planned = [done, reads]

    def blind(request: Request) -> None:
        reads.times = 99 if done.seen else 0

    place.meanwhile = blind
    failure(rehearsal)

    place.planned = []
    rehearsal.ticker.pass_time(seconds)
    rehearsal.sync()
    check_books(rehearsal)


def test_payment_that_nobody_could_see_is_taken_as_sent_once_it_is_there(tmp_path: Path) -> None:
    """R16: the answer says nothing of it, and the look after it neither; then its invoice does."""
    rehearsal = quickbooks(tmp_path)
    order = rehearsal.order()
    rehearsal.keap.add_payment(order_id=order, amount="75.00")
    said_nothing = Trouble("after", text=CREATES["payment"], times=99, answer=_answer([]))
    rows: list[Any] = [{"bId": "1", "QueryResponse": {}}]
    shown_nothing = Trouble(
        "before", text="\\* from Payment where Pay", times=99, answer=_answer(rows)
    )
    place = between(rehearsal)["qbo"]
    place.planned = [said_nothing, shown_nothing]
    first = rehearsal.sync()
    assert [item.reason for item in first.documents] == ["", "outcome-unknown"]
    assert said_nothing.seen
    assert shown_nothing.seen

    place.planned = []
    rehearsal.ticker.pass_time(LATER)
    (document,) = rehearsal.sync().documents

    assert (document.state, document.reason, document.total) == ("created", "", Decimal(75))
    assert document.account == "Stripe clearing"
    check_books(rehearsal)


def _answer(items: list[Any]) -> Callable[[], Response]:
    return lambda: Response(json.dumps({"BatchItemResponse": items}), mimetype="application/json")
