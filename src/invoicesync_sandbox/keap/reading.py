"""Lists: `filter`, `order_by`, `page_size` and the opaque `page_token`."""

import base64
import binascii
import hashlib
import hmac
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.keap.errors import BadQuery
from invoicesync_sandbox.keap.query import Clause, parse, tests
from invoicesync_sandbox.keap.switches import KeapSwitches
from invoicesync_sandbox.keap.wire import Json

LARGEST_PAGE = 1000
QUERIES_REMEMBERED = 8
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# What a row is sorted by, and its own number, which decides between equals.
Place = tuple[int | str, int]


@dataclass(frozen=True, eq=False)
class Resource:
    """One list: where its rows are, and what of the field table it can be ordered by.

    `candidates` may use the clauses to leave out rows that cannot fit. Rows are ordered by
    `number`, which is unique and rises with their age, where nothing is asked. `sorts` are names
    of fields, or words of `order_by` and the fields that they mean.
    """

    table: FieldTable
    candidates: Callable[[Any, list[Clause]], Iterable[Any]]
    sorts: Mapping[str, str]
    number: Callable[[Any], int] = lambda row: int(row.id)

    def sort_key(self, word: str, book: Any, row: Any) -> Place:
        """Where a row comes in an order by this word, blank for none."""
        found = next((one for one in self.table.fields if one.name == self.sorts.get(word)), None)
        return sortable(found.key(book, row) if found else 0), self.number(row)


class Cursor(NamedTuple):
    """Where the next page begins: after this place, which so many rows came before."""

    value: int | str
    number: int
    seen: int


class Pages:
    """Cuts lists into pages, and keeps the sorted rows from one page to the next."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._sorted: dict[tuple[str, ...], tuple[int, list[Any]]] = {}

    def page(
        self,
        resource: Resource,
        request: Request,
        book: Any,
        show: Callable[[Any], Json] | None = None,
    ) -> Json:
        """One page and the token of the next. Raises `BadQuery`."""
        query, switches, name = request.args, book.switches, resource.table.name
        size = page_size(query, switches)
        sort, descending = _order(query.get("order_by", ""), resource, switches)
        asked = (request.path, query.get("filter", ""), sort, str(descending))
        token = query.get("page_token", "")
        after = self._open(token, asked) if token else None

        def place(row: Any) -> Place:
            return resource.sort_key(sort, book, row)

        rows = self._rows(resource, asked, place, book, reuse=after is not None)
        start = _skipped(rows, place, descending, after, by_value=switches.cursor == "value")
        chosen = _cut(rows, start, size, descending)
        show = show or (lambda row: resource.table.view(book, row, "full"))
        reply: Json = {name: [show(row) for row in chosen]}
        if chosen and start + size < len(rows):
            seen = (after.seen if after else 0) + len(chosen)
            reply["next_page_token"] = self._seal(Cursor(*place(chosen[-1]), seen), asked)
        elif switches.end_of_list != "absent":
            reply["next_page_token"] = "" if switches.end_of_list == "empty" else None
        return reply

    def _rows(
        self,
        resource: Resource,
        asked: tuple[str, ...],
        place: Callable[[Any], Place],
        book: Any,
        *,
        reuse: bool,
    ) -> list[Any]:
        """The rows that fit, rising. Between pages they are sorted anew only after a change."""
        known = self._sorted.pop(asked, None)
        if not (reuse and known and known[0] == book.version):
            clauses = parse(asked[1])
            wanted = tests(clauses, resource.table, book)
            fitting = [
                row
                for row in resource.candidates(book, clauses)
                if all(test(row) for test in wanted)
            ]
            known = (book.version, sorted(fitting, key=place))
        self._sorted[asked] = known
        if len(self._sorted) > QUERIES_REMEMBERED:
            del self._sorted[next(iter(self._sorted))]
        return known[1]

    def _seal(self, cursor: Cursor, asked: tuple[str, ...]) -> str:
        body = json.dumps(cursor).encode()
        return base64.urlsafe_b64encode(self._signature(body, asked) + body).decode().rstrip("=")

    def _open(self, token: str, asked: tuple[str, ...]) -> Cursor:
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        signature, body = raw[:16], raw[16:]
        if not hmac.compare_digest(signature, self._signature(body, asked)):
            raise BadQuery("Invalid page_token")
        return Cursor(*json.loads(body))

    def _signature(self, body: bytes, asked: tuple[str, ...]) -> bytes:
        query = json.dumps(asked).encode()
        return hmac.new(self._secret, query + body, hashlib.sha256).digest()[:16]


def page_size(query: MultiDict[str, str], switches: KeapSwitches) -> int:
    """How many rows are asked for, or `BadQuery`."""
    asked = query.get("page_size", "")
    if not asked:
        return switches.default_page_size
    if not asked.isascii() or not asked.isdigit() or int(asked) > LARGEST_PAGE:
        raise BadQuery(f"page_size must be between 0 and {LARGEST_PAGE}")
    if int(asked) == 0 and switches.page_size_zero == "default":
        return switches.default_page_size
    return int(asked)


def sortable(value: object) -> int | str:
    """A value that sorts as the field does and survives a page token."""
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(milliseconds=1)
    if isinstance(value, Decimal):
        return int(value * 10_000)
    return str(value or "").casefold()


def _order(asked: str, resource: Resource, switches: KeapSwitches) -> tuple[str, bool]:
    if not asked:
        return "", switches.default_order == "desc"
    field, _, direction = asked.partition(" ")
    if field not in resource.sorts or direction.lower() not in {"", "asc", "desc"}:
        msg = f"Invalid order_by: {asked!r}"
        raise BadQuery(msg)
    return field, direction.lower() == "desc"


def _skipped(
    rows: list[Any],
    place: Callable[[Any], Place],
    descending: bool,
    after: Cursor | None,
    *,
    by_value: bool,
) -> int:
    """How many rows, in the asked-for direction, come before the page."""
    if after is None:
        return 0
    if not by_value:
        return after.seen
    mark = (after.value, after.number)
    if descending:
        return len(rows) - bisect_left(rows, mark, key=place)
    return bisect_right(rows, mark, key=place)


def _cut(rows: list[Any], start: int, size: int, descending: bool) -> list[Any]:
    if not descending:
        return rows[start : start + size]
    end = max(len(rows) - start, 0)
    return rows[max(end - size, 0) : end][::-1]
