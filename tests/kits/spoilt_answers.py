"""Answers of which one value is something else than it should be."""

import json
import random
from collections.abc import Iterator
from typing import Any

from werkzeug.wrappers import Request, Response

from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_sandbox.base import Vendor
from tests.kits.faults import attempt
from tests.kits.rehearsal import Rehearsal

ROOTS = {"xero": "/api.xro/", "qbo": "/v3/"}
"""Where the addresses of a ledger's API begin."""

DEEP = '{"a":' * 900 + "1" + "}" * 900
WRONG: dict[str, str] = {
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
PLACE = "@@wrong@@"


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
    name = chance.choice(list(WRONG))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = PLACE
    text = json.dumps(data).replace(json.dumps(PLACE), WRONG[name])
    return text.encode(), f"{'.'.join(map(str, path))} = {name}"


def spoil(
    service: Vendor, path: str, chance: random.Random, done: list[str], most: int = 12
) -> None:
    """Let one of the next `most` answers of a service to addresses under a path have one wrong
    value; what was done is added to `done`."""
    handle, at, count = service.handle, chance.randrange(most), 0

    def wrong(request: Request) -> Response:
        nonlocal count
        response = handle(request)
        if request.path.startswith(path) and response.status_code == 200:
            count += 1
            if count == at + 1:
                body, what = spoilt(response.get_data(), chance)
                done.append(f"answer {count}: {what}")
                return Response(body, 200, content_type="application/json")
        return response

    service.handle = wrong  # type: ignore[method-assign]


def run_with_one_wrong_value(rehearsal: Rehearsal, seed: int, most: int = 12) -> None:
    """A run ends in order although one value of the ledger's answers is wrong; the next go on."""
    service: Vendor = getattr(rehearsal, rehearsal.to)
    chance = random.Random(seed)  # noqa: S311 - test data
    done, untouched = [f"seed {seed}"], service.handle
    spoil(service, ROOTS[rehearsal.to], chance, done, most)
    first = attempt(rehearsal)
    in_order = not isinstance(first, InvoiceSyncError) or first.exit_code in {3, 4, 5, 7}
    assert in_order, (done, first)
    service.handle = untouched  # type: ignore[method-assign]
    for seconds in (60, 3600):
        rehearsal.ticker.pass_time(seconds)
        rehearsal.sync()
