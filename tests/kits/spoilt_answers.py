"""Answers of which one value is something else than it should be."""

import json
import random
from collections.abc import Iterator
from typing import Any

from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import Vendor

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


def spoil(
    service: Vendor, path: str, chance: random.Random, done: list[str], most: int = 12
) -> None:
    """Let one of the next `most` answers of a service to addresses under a path have one odd value;
    what was done is added to `done`."""
    handle, at, count = service.handle, chance.randrange(most), 0

    def odd(request: Request) -> Response:
        nonlocal count
        response = handle(request)
        if request.path.startswith(path) and response.status_code == 200:
            count += 1
            if count == at + 1:
                body, what = spoilt(response.get_data(), chance)
                done.append(f"answer {count}: {what}")
                return Response(body, 200, content_type="application/json")
        return response

    service.handle = odd  # type: ignore[method-assign]
