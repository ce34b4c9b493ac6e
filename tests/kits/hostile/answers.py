"""The generator: an answer of which one value, or the body as a whole, is not as it should be.

Everything is taken in turn: of the places of an answer the one that was changed least, with the
value that it had not yet; so that so many answers change every field to everything.
"""

import gzip
import json
import random
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from werkzeug.wrappers import Response

LONG = 10 << 20
"""Characters of the longest text."""
DEPTH = 100_000
BOMB = 1 << 30
"""Bytes that a packed answer unpacks to."""
STEP = 10
"""A body is cut off at every so many bytes."""
CUTS = 20
"""Bodies that are cut off for one of which something else is done: there are so many places."""
HERE = "@@hostile@@"

VALUES: dict[str, Callable[[], str]] = {
    "null": lambda: "null",
    "text": lambda: '"a word"',
    "blank": lambda: '""',
    "list": lambda: "[]",
    "list of null": lambda: "[null]",
    "object": lambda: "{}",
    "object in object": lambda: '{"a": {"b": []}}',
    "true": lambda: "true",
    "false": lambda: "false",
    "NaN": lambda: "NaN",
    "-Infinity": lambda: "-Infinity",
    "1e400": lambda: "1e400",
    "-1": lambda: "-1",
    "text of -1": lambda: '"-1"',
    "half a cent": lambda: "0.005",
    "5,000 digits": lambda: "9" * 5000,
    "10 MB": lambda: '"' + "x" * LONG + '"',
    "deep lists": lambda: "[" * DEPTH + "]" * DEPTH,
    "deep objects": lambda: '{"a":' * 900 + "1" + "}" * 900,
    "unknown kind": lambda: '"KIND_OF_2031"',
    "half a surrogate": lambda: '"\\ud800"',
    "no digit": lambda: '"²"',
    "year 9999": lambda: '"9999-12-31T23:59:59.999Z"',
    "markup": lambda: '"<b>[red]\\u001b[2J\\u202e=1+1"',
}
"""What stands in a field instead, as JSON."""
CUT = "cut off"
REPEATED = "list that repeats itself"
ENDLESS = "list without an end"


@cache
def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    zeros = bytes(1 << 20)
    return b"".join(packer.compress(zeros) for _ in range(BOMB >> 20)) + packer.flush()


def _packed(body: bytes, encoding: str) -> Response:
    return Response(body, 200, {"Content-Encoding": encoding, "Content-Type": "application/json"})


def _text(body: bytes, charset: str) -> Response:
    kind = f"application/json; charset={charset}"
    return Response(body, 200, {"Content-Type": kind})


BODIES: dict[str, Callable[[bytes], Response]] = {
    "UTF-16": lambda body: _text(body.decode("utf-8", "replace").encode("utf-16"), "utf-8"),
    "Latin-1": lambda body: _text(body.replace(b'"', b'"\xe4\xff', 3), "utf-8"),
    "unknown charset": lambda body: _text(body, "klingon"),
    "byte order mark": lambda body: _text(b"\xef\xbb\xbf" + body, "utf-8"),
    "gzip bomb": lambda _: _packed(_bomb(), "gzip"),
    "half a gzip": lambda body: _packed(gzip.compress(body)[:-9], "gzip"),
    "gzip that is none": lambda body: _packed(body, "gzip"),
    "gzip twice": lambda body: _packed(gzip.compress(gzip.compress(body)), "gzip"),
    "brotli": lambda body: _packed(body, "br"),
    "nothing": lambda _: Response(b"", 200),
    "null": lambda _: _text(b"null", "utf-8"),
    "a number": lambda _: _text(b"1e400", "utf-8"),
    "a list": lambda _: _text(b"[]", "utf-8"),
    "an empty object": lambda _: _text(b"{}", "utf-8"),
    "deep": lambda _: _text(b"[" * DEPTH, "utf-8"),
    "web page": lambda _: Response("<!DOCTYPE html><title>Hello</title>", content_type="text/html"),
    "two answers": lambda body: _text(body + body, "utf-8"),
}
"""What stands in the place of a body."""


@dataclass(frozen=True)
class Change:
    """What is done to an answer: `what` it is, or a value, at a `place` of the answer.

    The place is blank where it is the body. Of lists the first two rows are told apart.
    """

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place} = {self.what}" if self.place else self.what


@dataclass
class Menu:
    """What an answer of one address is changed to, everything in turn.

    `kinds` says what was done how often to answers of any address: what was done least comes first,
    so that a few answers are enough for one of every kind.
    """

    chance: random.Random
    kinds: Counter[str] = field(default_factory=Counter)
    used: Counter[str] = field(default_factory=Counter)
    left: dict[str, list[str]] = field(default_factory=dict)

    def pick(self, body: bytes, data: Any) -> Change:
        """The next change of an answer: two in five are of its body."""
        if data is None or self.chance.random() < 0.4:
            return Change("", self._next("", lambda: whole(body, data)))
        found = list(places(data))
        least = min(self.used[place] for place in found)
        place = self.chance.choice([one for one in found if self.used[one] == least])
        self.used[place] += 1
        return Change(place, self._next(place, lambda: list(VALUES)))

    def _next(self, place: str, everything: Callable[[], list[str]]) -> str:
        left = self.left.get(place)
        if not left:
            left = self.left[place] = everything()
            self.chance.shuffle(left)
        what = min(left, key=lambda one: self.kinds[kind(one)])
        left.remove(what)
        self.kinds[kind(what)] += 1 if kind(what) == CUT else CUTS
        return what


def kind(what: str) -> str:
    """What is done, wherever a body is cut off."""
    return CUT if what.startswith(CUT) else what


def whole(body: bytes, data: Any) -> list[str]:
    """What can be done to a body."""
    cuts = [f"{CUT} at {at}" for at in range(0, len(body), STEP)]
    lists = [REPEATED, ENDLESS] if data is not None and any(_lists(data)) else []
    # Each as often as a body is long: every one has its turn among the cuts.
    often = max(1, len(cuts) // 40)
    return [*cuts, *(list(BODIES) + lists) * often]


def places(data: Any, at: str = "") -> Iterator[str]:
    """Every field of an answer, `orders.0.total` say; of lists the first two rows, and the whole
    answer as `.`."""
    if not at:
        yield "."
    if isinstance(data, dict):
        inner: Any = data.items()
    else:
        inner = enumerate(data[:2]) if isinstance(data, list) else ()
    for name, value in inner:
        place = f"{at}.{name}".removeprefix(".")
        yield place
        yield from places(value, place)


def changed(change: Change, body: bytes, data: Any) -> Response:
    """The answer with the change in it. Raises `LookupError` where it has no such place."""
    if not change.place:
        if change.what.startswith(CUT):
            return _text(body[: int(change.what.rpartition(" ")[2])], "utf-8")
        if change.what == REPEATED:
            return _text(json.dumps(repeated(data)).encode(), "utf-8")
        return BODIES[change.what](body)
    if change.place == ".":
        return _text(VALUES[change.what]().encode(), "utf-8")
    copy = json.loads(body)
    put(copy, change.place, HERE)
    text = json.dumps(copy).replace(json.dumps(HERE), VALUES[change.what]())
    return _text(text.encode(), "utf-8")


def put(data: Any, place: str, value: Any) -> None:
    """Put a value somewhere. Raises `LookupError` where that is not."""
    *way, last = place.split(".")
    for step in way:
        data = data[int(step) if isinstance(data, list) else step]
    key: Any = int(last) if isinstance(data, list) else last
    data[key] = value


def _lists(data: Any) -> Iterator[list[Any]]:
    """The lists of rows of an answer."""
    if isinstance(data, dict):
        for value in data.values():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                yield value
            elif isinstance(value, dict):
                yield from _lists(value)


def repeated(data: Any, times: int = 2) -> Any:
    """An answer whose lists of rows come several times over."""
    copy = json.loads(json.dumps(data))
    for rows in _lists(copy):
        rows *= times
    return copy
