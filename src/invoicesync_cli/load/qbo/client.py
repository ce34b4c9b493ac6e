"""QuickBooks' Accounting API: batches of statements and of writes, and the answers they get."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from invoicesync_cli.errors import TryLater
from invoicesync_cli.http.client import Network, Service, TokenSource
from invoicesync_cli.http.responses import Reply
from invoicesync_cli.http.schemas import read
from invoicesync_cli.load.qbo.limits import LIMITS
from invoicesync_cli.load.qbo.schemas import (
    BatchAnswer,
    ChangesAnswer,
    fault_of,
    unreadable_answer,
)
from invoicesync_cli.load.wire import to_json
from invoicesync_cli.services import Origins

T = TypeVar("T")

MINOR = "75"
BATCH = 30
"""Items that a batch may have (Intuit's "Limits and throttles")."""
READS = 3
"""How often a read is tried that is answered with nonsense."""
UNREADABLE = {"inner-error", "not-json", "unreadable-answer"}
ROWS = 1000
"""Rows of a page, and objects in the whole answer to a batch."""
VALUES = 150
"""Values of an IN list, and how many characters they may have together: Intuit names no limit, so
this keeps to what others are known to have used."""
VALUES_LENGTH = 4200
IDS = re.compile(r"Id IN \(([^)]*)\)")
ID = re.compile(r"'([^']*)'")
"""How a statement asks for ids, as `lists` writes it."""


@dataclass(frozen=True)
class Query:
    """A query for one kind of entity; `where` is its condition, blank for all.

    An `optional` one has no rows where the company's settings do not let it be asked. `order` is
    the field that they are sorted by, blank for QuickBooks' own order.
    """

    entity: str
    where: str = ""
    rows: int = ROWS
    optional: bool = False
    order: str = ""

    def text(self, start: int = 1) -> str:
        """The statement, from this row on (the first is 1)."""
        where = f" where {self.where}" if self.where else ""
        where += f" orderby {self.order}" if self.order else ""
        paging = f" startposition {start} maxresults {self.rows}"
        return f"select * from {self.entity}{where}{paging}"  # noqa: S608 - values are quoted

    def answers(self, found: Mapping[str, Any]) -> bool:
        """Whether rows can be those of this statement: of no other entity, with no id that it does
        not ask for. Nothing may be taken for missing because an answer is another question's."""
        if any(isinstance(rows, list) for name, rows in found.items() if name != self.entity):
            return False
        asked = IDS.match(self.where)
        ids = set(ID.findall(asked[1])) if asked else set()
        rows = found.get(self.entity)
        rows = rows if isinstance(rows, list) else ()
        return not asked or all(
            str(row.get("Id")) in ids for row in rows if isinstance(row, Mapping)
        )

    def counting(self) -> str:
        """The statement that counts its rows."""
        return f"select count(*) from {self.entity} where {self.where}"  # noqa: S608 - as above


def quoted(value: str) -> str:
    """A value as a statement holds it: a quote inside has a backslash before it, never a twin."""
    inner = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{inner}'"


def lists(field: str, values: Iterable[str]) -> list[str]:
    """Conditions that a field has one of the values, each of a careful length."""
    parts: list[list[str]] = []
    room = 0
    for value in dict.fromkeys(value for value in values if value):
        text = quoted(value)
        if not parts or len(parts[-1]) == VALUES or len(text) > room:
            parts.append([])
            room = VALUES_LENGTH
        parts[-1].append(text)
        room -= len(text) + 2
    return [f"{field} IN ({', '.join(part)})" for part in parts]


class QboClient:
    """Calls to one company."""

    def __init__(
        self, origins: Origins, network: Network, tokens: TokenSource, realm: str, environment: str
    ) -> None:
        host = origins.at("sandbox-api" if environment == "sandbox" else "api")
        self.service: Service = network.service(host, LIMITS, tokens)
        self.realm = realm

    def select(self, statements: Sequence[Query], most: int = 0) -> list[list[Any]]:
        """The rows of each statement, in the order of the statements.

        `most` is how many rows there can be in all, 0 where nobody knows: with so many none is
        missing, though an answer holds no more.
        """
        found: list[list[Any]] = [[] for _ in statements]
        queue = deque([list(range(len(statements)))] if statements else [])
        while queue:
            places = queue.popleft()
            part, rest = places[:BATCH], places[BATCH:]
            if rest:
                queue.appendleft(rest)
            answers = self._ask([statements[place].text() for place in part])
            rows = {
                place: _rows(answer, statements[place])
                for place, answer in answers_of(part, answers)
            }
            count = sum(len(item or ()) for item in rows.values())
            crowded = count >= ROWS and count != most
            again = part if crowded else [place for place in part if rows.get(place) is None]
            if again and len(part) > 1:
                # Together they come to more than a batch may answer: ask for fewer at once.
                middle = max(1, len(again) // 2)
                queue.extendleft([again[middle:], again[:middle]] if again[middle:] else [again])
            elif again and rows.get(again[0]) is None:
                raise _unanswered(answers[0])
            for place in part:
                if place not in again or len(part) == 1:
                    found[place] = self._further(statements[place], rows[place] or [])
        return found

    def count(self, conditions: Mapping[str, Sequence[str]]) -> dict[str, int]:
        """How many rows of each entity any of its conditions applies to."""
        asked = [(entity, where) for entity, parts in conditions.items() for where in parts]
        counts = dict.fromkeys(conditions, 0)
        for start in range(0, len(asked), BATCH):
            part = asked[start : start + BATCH]
            queries = [Query(entity, where).counting() for entity, where in part]
            for (entity, _), answer in zip(part, self._ask(queries), strict=True):
                counts[entity] += _total(answer)
        return counts

    def pages(self, statements: Sequence[Query]) -> Iterator[tuple[Query, list[Any]]]:
        """The rows of each statement, page by page, none of them kept: the first rows of all the
        statements in one call, what more there is a thousand a call."""
        for statement, rows in self.heads(statements):
            for page in self._pages(statement, rows):
                yield statement, page

    def heads(self, statements: Sequence[Query]) -> list[tuple[Query, list[Any]]]:
        """The first rows of each statement, in one call: as many as they may have together, shared
        out among them. With each the statement as it was asked, for so many rows."""
        share = ROWS // len(statements)
        first = [replace(statement, rows=share) for statement in statements]
        answers = self._ask([statement.text() for statement in first])
        found = []
        for statement, answer in zip(first, answers, strict=True):
            rows = _rows(answer, statement)
            if rows is None:
                raise _unanswered(answer)
            found.append((statement, rows))
        return found

    def page(self, statement: Query, start: int) -> list[Any]:
        """The rows of a statement from this row on (the first is 1), as many as a page has."""
        (answer,) = self._ask([statement.text(start)])
        rows = _rows(answer, statement)
        if rows is None:
            raise _unanswered(answer)
        return rows

    def _further(self, statement: Query, rows: list[Any]) -> list[Any]:
        """All rows of a statement whose first page is known."""
        pages = self._pages(statement, rows)
        return list({str(row.get("Id")): row for page in pages for row in page}.values())

    def _pages(self, statement: Query, rows: list[Any]) -> Iterator[list[Any]]:
        """The pages of a statement whose first one is known; those after it are whole ones."""
        seen: set[str] = set()
        size = statement.rows
        while True:
            yield rows
            before = len(seen)
            seen.update(str(row.get("Id")) for row in rows)
            # A page that says nothing new is the last one, whatever its length.
            if len(rows) < size or len(seen) == before:
                return
            size = ROWS
            (answer,) = self._ask([replace(statement, rows=ROWS).text(len(seen) + 1)])
            more = _rows(answer, statement)
            if more is None:
                raise _unanswered(answer)
            rows = more

    def _ask(self, queries: Sequence[str]) -> list[Mapping[str, Any]]:
        """The answer to each query, empty where there is none."""
        items = [{"bId": str(place), "Query": text} for place, text in enumerate(queries, 1)]
        body = to_json({"BatchItemRequest": items})
        by_id = self._read(lambda: responses(self.batch(body)))
        return [by_id.get(str(place), {}) for place in range(1, len(queries) + 1)]

    def changed(self, entities: Sequence[str], since: datetime) -> ChangesAnswer:
        """The rows of these entities that have changed since a time, deleted ones too."""
        asked = {
            "entities": ",".join(entities),
            "changedSince": since.isoformat(timespec="seconds"),
            "minorversion": MINOR,
        }
        path = f"/v3/company/{self.realm}/cdc"
        return self._read(lambda: read(self.service.get(path, asked), ChangesAnswer))

    @property
    def server_time(self) -> datetime | None:
        """QuickBooks' own clock when it last answered."""
        return self.service.usage.server_time

    def _read(self, ask: Callable[[], T]) -> T:
        """What is asked for, tried again after nonsense: "An application error" (10000) mostly
        passes, and so do answers cut off."""
        for tries in range(1, READS):
            try:
                return ask()
            except TryLater as error:
                if error.code not in UNREADABLE:
                    raise
                self.service.pause(2.0**tries)
        return ask()

    def batch(self, body: bytes, *, requestid: str = "", once: bool = False) -> Reply:
        """Send a batch; `once` for writes, which are not repeated without a look."""
        return self.service.call(
            "POST",
            f"/v3/company/{self.realm}/batch",
            params={**({"requestid": requestid} if requestid else {}), "minorversion": MINOR},
            body=body,
            safe=not once,
            once=once,
        )

    def void(self, entity: str, body: bytes, requestid: str) -> Reply:
        """Void one transaction by the call that Intuit documents for its kind."""
        how = {"operation": "update", "include": "void"}
        if entity == "Invoice":
            how = {"operation": "void"}
        return self.service.call(
            "POST",
            f"/v3/company/{self.realm}/{entity.lower()}",
            params={**how, "requestid": requestid, "minorversion": MINOR},
            body=body,
            once=True,
        )

    def close(self) -> None:
        """Close the connections."""
        self.service.close()


def answers_of(
    places: Sequence[int], answers: Sequence[Mapping[str, Any]]
) -> Iterable[tuple[int, Mapping[str, Any]]]:
    """Each answer with the place of its statement."""
    return zip(places, answers, strict=True)


def responses(reply: Reply) -> dict[str, Mapping[str, Any]]:
    """The items of a batch's answer by their `bId`: their order is not promised.

    Raises `TryLater` when the answer has no items.
    """
    items = read(reply, BatchAnswer).items
    return {str(item.get("bId")): item for item in items if isinstance(item, Mapping)}


def codes_of(reply: Reply) -> set[str]:
    """The codes of a fault that is the whole answer."""
    try:
        data = reply.data()
    except TryLater:
        return set()
    fault = fault_of(data) if isinstance(data, Mapping) else None
    return fault.codes if fault else set()


def company_closed(words: str) -> TryLater:
    """The subscription of the company has ended, or something else is wrong with all of it."""
    return TryLater(
        f"QuickBooks does not let anybody work with this company: {words}",
        hint="Look at the company's subscription and billing in QuickBooks; everything done so far "
        "is saved.",
        code="company-closed",
        unknown=False,
    )


def _unanswered(answer: Mapping[str, Any]) -> TryLater:
    fault = fault_of(answer)
    words = fault.words if fault else ""
    return unreadable_answer(f"no rows for a query; {words or 'it gives no reason'}")


def _total(answer: Mapping[str, Any]) -> int:
    """The number in an answer to a query that counts."""
    found = answer.get("QueryResponse")
    total = found.get("totalCount") if isinstance(found, Mapping) else None
    if not isinstance(total, int) or isinstance(total, bool):
        raise _unanswered(answer)
    return total


def _rows(answer: Mapping[str, Any], statement: Query) -> list[Any] | None:
    """The rows of an answer to a query; None when it has a fault, or nothing at all."""
    found = answer.get("QueryResponse")
    if not isinstance(found, Mapping):
        fault = fault_of(answer)
        invalid = fault is not None and fault.type == "ValidationFault"
        return [] if statement.optional and invalid else None
    rows = found.get(statement.entity)
    if not statement.answers(found):
        return None
    if rows is None:
        return []
    good = isinstance(rows, list) and all(isinstance(row, Mapping) for row in rows)
    return rows if good else None
