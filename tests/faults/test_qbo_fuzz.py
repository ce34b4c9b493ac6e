"""Whatever QuickBooks says in one field: no crash, nothing twice, and all heals or is told."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.model import Kind
from tests.faults.kit import attempt, payments_of
from tests.faults.quickbooks import everything, forms, quickbooks
from tests.rehearsal import Rehearsal

SEEDS = range(30)
"""Each is a run; any other number does as well (see the id of a failure)."""
DEEP = '{"a":' * 900 + "1" + "}" * 900
ODD: dict[str, str] = {
    "null": "null",
    "NaN": "NaN",
    "1e400": "1e400",
    "-1": "-1",
    "text": '"a word"',
    "long": json.dumps("x" * 5000),
    "digits": "9" * 5000,
    "true": "true",
    "list": "[null]",
    "object": '{"a":{}}',
    "deep": DEEP,
    "unknown": '"SomethingOf2031"',
}
"""What takes the place of a value."""
PLACE = "@@odd@@"


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of an answer."""
    if path:
        yield path
    items: Any = ()
    if isinstance(data, dict):
        items = data.items()
    elif isinstance(data, list):
        items = enumerate(data)
    for key, value in items:
        yield from places(value, (*path, key))


def spoilt(body: bytes, chance: random.Random) -> tuple[bytes, str]:
    """An answer with one value replaced, and what was done to it."""
    data = json.loads(body)
    path = chance.choice(list(places(data)))
    name = chance.choice(list(ODD))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = PLACE
    text = json.dumps(data).replace(json.dumps(PLACE), ODD[name])
    return text.encode(), f"{'.'.join(map(str, path))} = {name}"


def spoil(rehearsal: Rehearsal, chance: random.Random, done: list[str]) -> None:
    """Let one answer of QuickBooks in the next run have one odd value."""
    handle, at, count = rehearsal.qbo.handle, chance.randrange(12), 0

    def odd(request: Request) -> Response:
        nonlocal count
        response = handle(request)
        if request.path.startswith("/v3/") and response.status_code == 200:
            count += 1
            if count == at + 1:
                body, what = spoilt(response.get_data(), chance)
                done.append(f"answer {count}: {what}")
                return Response(body, 200, content_type="application/json")
        return response

    rehearsal.qbo.handle = odd  # type: ignore[method-assign]


def check_nothing_twice(rehearsal: Rehearsal) -> None:
    """Nobody and nothing is in the books more than once, and what is not there is told."""
    qbo = rehearsal.qbo
    notes = Counter(row.notes for row in qbo.customers.values() if row.notes)
    assert all(count == 1 for count in notes.values()), notes
    booked = forms(rehearsal)
    assert all(len(found) == 1 for found in booked.values())
    with rehearsal.state() as state:
        told = {
            (item.kind, item.document.payment_id or item.key): item
            for item in (*state.records_of(rehearsal.keap.orders, "order"),)
        }
    for order in rehearsal.keap.orders:
        record = told[Kind.INVOICE, order]
        assert record.document.ledger_id == (booked[order][0].id if order in booked else "")
        for payment in payments_of(rehearsal, order):
            check_money(rehearsal, order, payment.id, told)


def check_money(rehearsal: Rehearsal, order: str, payment: str, told: Any) -> None:
    qbo = rehearsal.qbo
    ours = f"Keap order {order},"
    tables: list[Any] = [qbo.payments, qbo.credit_memos, qbo.refund_receipts]
    marks = {f"txn_{payment}", f"keap-{payment}", f"CR-{payment}", f"RF-{payment}"}
    live = [
        row
        for table in tables
        for row in table.values()
        if row.status == "live"
        and row.private_note.startswith(ours)
        and {getattr(row, "ref", ""), getattr(row, "number", "")} & marks
    ]
    assert len(live) <= 1, (payment, live)
    records = [
        item for (kind, key), item in told.items() if key == payment and kind != Kind.INVOICE
    ]
    assert len(records) == 1, records
    if not live:
        assert records[0].state.open, records


@pytest.mark.parametrize("seed", SEEDS)
def test_one_odd_value(tmp_path: Path, seed: int) -> None:
    """One value of one answer is something else: the run ends in order, the next ones go on."""
    chance = random.Random(seed)  # noqa: S311 - test data
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    untouched: Callable[[Request], Response] = rehearsal.qbo.handle
    done = [f"seed {seed}"]
    spoil(rehearsal, chance, done)
    first = attempt(rehearsal)
    in_order = not isinstance(first, InvoiceSyncError) or first.exit_code in {3, 4, 5, 7}
    assert in_order, (done, first)
    rehearsal.qbo.handle = untouched  # type: ignore[method-assign,assignment]
    for seconds in (60, 3600):
        rehearsal.ticker.pass_time(seconds)
        rehearsal.sync()
    check_nothing_twice(rehearsal)
