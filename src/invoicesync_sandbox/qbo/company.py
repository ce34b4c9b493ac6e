"""One company as apps reach it: objects, queries, batches, changes, and its limits."""

import random
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.qbo import preferences, reading, replays, writing
from invoicesync_sandbox.qbo.books import Books
from invoicesync_sandbox.qbo.errors import Refused, business, missing, unsupported
from invoicesync_sandbox.qbo.fields import KINDS, TABLES, Posted, Row, unreadable
from invoicesync_sandbox.qbo.limits import QboLimits
from invoicesync_sandbox.qbo.planned import Refusal
from invoicesync_sandbox.qbo.replays import QboReplays
from invoicesync_sandbox.qbo.traffic import Overlap, Traffic
from invoicesync_sandbox.qbo.writing import Write
from invoicesync_sandbox.wire import to_json

MOST_ITEMS = 30
_ONE_AT_A_TIME = {
    "name": "You can only add or edit one name at a time. Please try again.",
    "item": "You can only add or edit one product or service at a time. Please try again.",
}
_CHANGES = FieldTable("CDCQuery", read="Entities ChangedSince")
_ITEM_MARKS = frozenset({"bId", "operation", "optionsData"})


class Company:
    """The API of one company's books."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.limits = QboLimits(books.realm, books.switches)
        self.traffic = Traffic()
        self.refusals: list[Refusal] = []
        self._replays = QboReplays(books.clock, books.switches)

    def read(self, kind: type[Row], row_id: str) -> dict[str, Any]:
        """One object by its id. Raises `Refused`."""
        row = self.books.live(kind, row_id)
        return {TABLES[kind].name: TABLES[kind].view(self.books, row)}

    def info(self) -> dict[str, Any]:
        """The company itself."""
        return {"CompanyInfo": preferences.company_info(self.books)}

    def preferences(self) -> dict[str, Any]:
        """Its settings."""
        return {"Preferences": preferences.view(self.books)}

    def query(self, text: str) -> dict[str, Any]:
        """The rows that a statement selects. Raises `Refused`."""
        return {"QueryResponse": reading.select(self.books, text)}

    def changed(self, names: str, moment: str) -> dict[str, Any]:
        """What has changed since a moment. Raises `Refused`."""
        return {"CDCResponse": reading.changed_since(self.books, names, moment)}

    def write(self, write: Write, request_id: str, overlap: Overlap) -> dict[str, Any]:
        """One write of its own. Raises `Refused`."""
        replays.check(request_id)
        return self._write(write, request_id, overlap)

    def batch(self, body: Mapping[str, Any], request_id: str, overlap: Overlap) -> dict[str, Any]:
        """Up to 30 writes and reads that have nothing to do with one another.

        Raises `Refused` for what is wrong with the batch as a whole.
        """
        items = body.get("BatchItemRequest")
        if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
            raise missing("BatchItemRequest")
        if len(items) > MOST_ITEMS:
            raise Refused("1040", f"{len(items)} items in a batch request; the most is 30.")
        replays.check(request_id, batch=True)
        left = reading.MOST_OBJECTS
        answers = []
        for item in items:
            answer = self._answered(item, request_id, overlap, left)
            left -= _objects(answer)
            answers.append({"bId": item["bId"]} | answer if "bId" in item else answer)
        # In no order that could be relied on, but the same for the same batch.
        random.Random(zlib.crc32(to_json(body).encode())).shuffle(answers)  # noqa: S311
        return {"BatchItemResponse": answers}

    def _answered(
        self, item: Mapping[str, Any], request_id: str, overlap: Overlap, left: int
    ) -> dict[str, Any]:
        try:
            answer = self._item(item, request_id, overlap)
        except Refused as refused:
            return {"Fault": refused.fault()}
        if _objects(answer) <= left:
            return answer
        if self.books.switches.batch_objects_beyond == "truncate":
            return _cut(answer, left)
        detail = f"The answer would have more than {reading.MOST_OBJECTS} objects."
        return {"Fault": Refused("1040", detail).fault()}

    def _item(self, item: Mapping[str, Any], request_id: str, overlap: Overlap) -> dict[str, Any]:
        payload = [name for name in item if name not in _ITEM_MARKS]
        if len(payload) != 1:
            raise Refused("2010", "A batch item holds exactly one object or query.")
        name, content = payload[0], item[payload[0]]
        if name == "Query":
            return self.query(str(content))
        if name == "CDCQuery":
            asked = Posted(content, _CHANGES, self.books)
            return self.changed(asked.text("Entities"), asked.text("ChangedSince"))
        if name == "ReportQuery":
            raise NotSimulated("a ReportQuery")
        kind = KINDS.get(name.lower())
        if kind is None or TABLES[kind].name != name:
            raise unreadable(name)
        include = tuple(str(item.get("optionsData", "")).split(","))
        operation = str(item.get("operation", ""))
        if "void" in include and self.books.switches.batch_void == "refused":
            raise unsupported(f"void of {name} in a batch")
        if self.books.switches.batch_void == "ignored":
            include = tuple(word for word in include if word != "void")
        write = Write(kind, operation, content, include)
        key = replays.item_key(request_id, str(item.get("bId", "")))
        return self._write(write, key, overlap)

    def _write(self, write: Write, key: str, overlap: Overlap) -> dict[str, Any]:
        name = write.name
        if overlap.repeated:
            raise replays.duplicate()
        if write.kind.serial in overlap.serials:
            raise business(_ONE_AT_A_TIME[write.kind.serial])
        if not isinstance(write.body, Mapping):
            raise unreadable(name)
        planned = next((plan for plan in self.refusals if plan.takes(name, write.body)), None)
        if planned and not planned.after_commit:
            raise planned.refused
        what = to_json([name, write.operation, write.include, write.body])
        work: Callable[[], dict[str, Any]] = lambda: writing.perform(self.books, write)  # noqa: E731
        answer = {name: self._replays.once(key, what, work)}
        if planned:
            raise planned.refused
        return answer


def kind_of(word: str) -> type[Row]:
    """The kind of object of a path, where it is in lower case. Raises `Refused`."""
    found = KINDS.get(word)
    if found is None:
        raise unsupported(word)
    return found


def _objects(answer: Mapping[str, Any]) -> int:
    """How many objects an item of a batch is answered with."""
    if "QueryResponse" not in answer:
        return 1
    return sum(len(rows) for rows in answer["QueryResponse"].values() if isinstance(rows, list))


def _cut(answer: Mapping[str, Any], left: int) -> dict[str, Any]:
    content = answer["QueryResponse"]
    cut = {
        name: value[:left] if isinstance(value, list) else value for name, value in content.items()
    }
    return {"QueryResponse": cut | {"maxResults": left} if left else {}}
