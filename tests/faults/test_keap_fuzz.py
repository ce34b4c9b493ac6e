"""Every field of every answer of Keap's in turn as it should not be, through whole runs.

A run ends with a result or with a sentence, books nothing that Keap does not have, and the next
run, with Keap as it is, completes the books. A sample by default; INVOICESYNC_FUZZ sets how many
and by which seed: `INVOICESYNC_FUZZ=2000:7`.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Response

from invoicesync_cli.errors import ExitCode, InvoiceSyncError
from invoicesync_cli.http.client import Network, WsgiApp
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.world import INSIDE
from tests.kits.changed_answers import put
from tests.kits.rehearsal import Rehearsal

COUNT, SEED = (int(part) for part in os.environ.get("INVOICESYNC_FUZZ", "60:1").split(":"))

VALUES: dict[str, str] = {
    "null": "null",
    "text": '"?"',
    "list": "[]",
    "list of null": "[null]",
    "object": "{}",
    "true": "true",
    "nan": "NaN",
    "infinity": "-Infinity",
    "1e400": "1e400",
    "huge": "9" * 5000,
    "-1": "-1",
    "half": "0.005",
    "long": '"' + "x" * 1_000_000 + '"',
    "deep": "[" * 100_000 + "]" * 100_000,
    "nested": "[" * 300 + "]" * 300,
    "unknown": '"KIND_OF_2027"',
    "surrogate": '"\\ud800"',
    "year 9999": '"9999-12-31T23:59:59.999Z"',
    "digit": '"²"',
}
"""What stands in a field instead, as JSON."""
MEANT = {
    ("orders", "item_type"),
    ("payments", "amount"),
    ("payments", "type"),
    ("payments", "status"),
}
"""Fields that another value gives another meaning, which is then Keap's word."""

Place = tuple[str, str]
"""The end of an address, and where in its answer."""


def places(answers: Iterable[tuple[str, Any]]) -> list[Place]:
    """Every field of these answers, of lists the first two rows."""
    found: dict[Place, None] = {}
    for path, data in answers:
        for place in _within(data, ""):
            found[path, place] = None
    return list(found)


def _within(data: Any, at: str) -> Iterator[str]:
    if isinstance(data, dict):
        inner: Iterable[tuple[Any, Any]] = data.items()
    else:
        inner = enumerate(data[:2]) if isinstance(data, list) else ()
    for name, value in inner:
        place = f"{at}.{name}".removeprefix(".")
        yield place
        yield from _within(value, place)


@dataclass
class Fuzzed:
    """A Keap whose answers to one address have something else in one place."""

    app: WsgiApp
    place: Place = ("", "")
    value: str = ""
    answers: list[tuple[str, Any]] = field(default_factory=list)
    hit: bool = False

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        response = Response.from_app(self.app, environ, buffered=True)
        path = str(environ["PATH_INFO"]).removeprefix("/crm/rest/v2")
        path = "/orders/*/payments" if path.startswith("/orders/") else path
        if response.status_code == 200:
            data = json.loads(response.get_data(as_text=True))
            self.answers.append((path, data))
            if path == self.place[0] and self._put(data):
                response.set_data(json.dumps(data).replace('"@@"', self.value))
        return response(environ, start)

    def _put(self, data: Any) -> bool:
        try:
            put(self.place[1], "@@")(data)
        except (LookupError, TypeError, AttributeError):
            return False
        self.hit = True
        return True


def shop(home: Path) -> tuple[Rehearsal, Fuzzed]:
    """Orders with everything that is read of Keap."""
    settings = {"sync.mode": "invoices-and-payments", "payments.accounts": {"Stripe": "091"}}
    r = Rehearsal(home, **settings)
    now = r.clock.now()
    taxed = (Item("PRODUCT", "100.00", name="Candle", taxable=True), Item("TAX", "20.00"))
    orders = [r.order(*taxed), *(r.order(order_time=now - timedelta(hours=2)) for _ in range(4))]
    r.keap.add_payment(order_id=orders[0], amount="120.00")
    r.keap.add_failed_charge(orders[1], "100.00")
    split = {orders[2]: "30.00", orders[3]: "100.00"}
    r.keap.add_payment(order_ids=orders[2:4], amount="130.00", allocations=split)
    paid = r.keap.add_payment(order_id=orders[4], amount="60.00")
    r.keap.add_payment(order_id=orders[4], amount="40.00", type="Credit")
    r.keap.add_refund(paid.id, "10.00")
    keap = Fuzzed(r.keap)
    apps: dict[str, WsgiApp] = {INSIDE["keap"]: keap, INSIDE["xero"]: r.xero}
    r.network = Network(r.ticker.timing(), apps)
    return r, keap


def books(r: Rehearsal) -> Counter[tuple[str, ...]]:
    """What is in the ledger, each with its amount and date."""
    found = [
        ("invoice", str(item.number), f"{item.total:.2f}", f"{item.total_tax:.2f}")
        for item in r.xero.invoices.values()
        if str(item.reference).startswith("Keap ")
    ]
    found += [
        ("note", str(item.number), f"{item.total:.2f}", "") for item in r.xero.credit_notes.values()
    ]
    found += [
        (str(item.type), str(number_of(r, item.document_id)), f"{item.amount:.2f}", str(item.date))
        for item in r.xero.payments.values()
    ]
    return Counter(found)


def number_of(r: Rehearsal, document_id: str) -> object:
    """The number of what a payment is on."""
    rows: dict[str, Any] = {**r.xero.invoices, **r.xero.credit_notes}
    return rows[document_id].number


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Place], Counter[tuple[str, ...]]]:
    """Every place of the answers, and the books, of a run without trouble."""
    r, keap = shop(tmp_path_factory.mktemp("usual"))
    r.sync()
    everywhere = places(keap.answers)
    r.ticker.pass_time(3600)
    r.sync()
    return everywhere, books(r)


@pytest.mark.parametrize("number", range(COUNT))
def test_answer_that_makes_no_sense(
    tmp_path: Path, usual: tuple[list[Place], Counter[tuple[str, ...]]], number: int
) -> None:
    everywhere, expected = usual
    chosen = [(place, name) for place in everywhere for name in VALUES]
    random.Random(SEED).shuffle(chosen)  # noqa: S311 - no secret
    place, name = chosen[number % len(chosen)]
    print(f"INVOICESYNC_FUZZ={COUNT}:{SEED}, number {number}: {name} at {place}")  # noqa: T201
    r, keap = shop(tmp_path)
    keap.place, keap.value = place, VALUES[name]

    try:
        code = r.sync().exit_code
    except InvoiceSyncError as error:
        code = error.exit_code

    assert keap.hit
    assert code != ExitCode.BUG
    if (place[1].split(".")[0], place[1].split(".")[-1]) in MEANT:
        return
    assert books(r) <= expected
    keap.place = ("", "")
    r.ticker.pass_time(3600)
    r.sync()
    assert books(r) == expected
