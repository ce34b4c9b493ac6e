"""Messages to one company file, counted: what is asked, in pages where it is long."""

import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from invoicesync_cli.errors import TryLater
from invoicesync_cli.http.limits import Timing, Usage
from invoicesync_cli.http.responses import unreadable_answer
from invoicesync_cli.load.qbd.answers import (
    Answer,
    Fields,
    MessageAnswer,
    NotQbxml,
    Outcome,
    read,
)
from invoicesync_cli.load.qbd.channel import SERVICE, Channel
from invoicesync_cli.load.qbd.requests import message, request

READING = 600.0
"""Seconds that a message gets that only asks: long lists take QuickBooks minutes."""
PAGE = 500
"""Rows of a page. (QuickBooks' own advice is some hundreds.)"""
TOGETHER = 50
"""Ids or numbers that one query asks for."""
RESTARTS = 3
"""How often a list is begun anew whose iterator QuickBooks knows no more."""

Where = tuple[str, str]
"""A query such as `InvoiceQuery`, and the element that it goes by, such as `TxnID`."""
LINES, LINKS = {"IncludeLineItems": True}, {"IncludeLinkedTxns": True}
DETAILS: Mapping[str, Mapping[str, bool]] = {
    "InvoiceQuery": LINES | LINKS,
    "SalesReceiptQuery": LINES,
    "CreditMemoQuery": LINES | LINKS,
    "ReceivePaymentQuery": LINES,
    "ARRefundCreditCardQuery": LINES,
    "CheckQuery": LINKS,
}
"""What is asked for beside the head of a transaction."""

FOUND = {Outcome.DONE, Outcome.NOTHING, Outcome.PARTIAL}


@dataclass(frozen=True)
class Query:
    """A query such as `InvoiceQuery`; with `paged` it has an iterator."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    paged: bool = False

    def text(self, request_id: str, iterator: str = "") -> str:
        """The request; with an `iterator` for its next page."""
        if not self.paged:
            return request(self.name, self.values, request_id)
        how = {"iterator": "Start"}
        if iterator:
            how = {"iterator": "Continue", "iteratorID": iterator}
        return request(self.name, {"MaxReturned": PAGE, **self.values}, request_id, **how)


class IteratorLost(Exception):
    """QuickBooks knows an iterator no more: it was of another session, or too long ago."""


class DesktopClient:
    """Calls to one company file, one at a time."""

    def __init__(self, channel: Channel, timing: Timing) -> None:
        self.channel = channel
        self.timing = timing
        self.usage = Usage()
        self._thread = threading.Lock()

    def exchange(self, text: str, limit: float) -> MessageAnswer:
        """The answer to a message. Raises as `Channel.exchange` does, and `TryLater` for an answer
        that cannot be read."""
        with self._thread:
            began = self.timing.monotonic()
            self.usage.calls += 1
            xml = self.channel.exchange(text, limit)
            self.usage.slowest = max(self.usage.slowest, self.timing.monotonic() - began)
        try:
            return read(xml)
        except NotQbxml as why:
            raise unreadable_answer(SERVICE, str(why)) from None

    def ask(self, queries: Sequence[Query]) -> list[list[tuple[str, Fields]]]:
        """The objects that each query finds, with their names, in one message."""
        return [list(answer.objects) for answer in self._asked(queries)]

    def all(self, queries: Sequence[Query]) -> list[list[Fields]]:
        """The objects that each query finds, in one message."""
        return [[fields for _, fields in found] for found in self.ask(queries)]

    def found(self, asked: Mapping[Where, Sequence[str]]) -> dict[Where, list[Fields]]:
        """The objects that have one of the values, by query and element, with their lines and
        links, in one message. Nothing is asked for nothing."""
        queries: list[tuple[Where, Query]] = []
        for where, values in asked.items():
            name, element = where
            wanted = list(dict.fromkeys(value for value in values if value))
            for start in range(0, len(wanted), TOGETHER):
                part = {element: wanted[start : start + TOGETHER], **DETAILS.get(name, {})}
                queries.append((where, Query(name, part)))
        rows: dict[Where, list[Fields]] = {where: [] for where in asked}
        answers = self.all([query for _, query in queries])
        for (where, _), found in zip(queries, answers, strict=True):
            rows[where] += found
        return rows

    def pages(self, queries: Sequence[Query]) -> Iterator[tuple[str, list[tuple[str, Fields]]]]:
        """The objects of long lists, page by page, with the name of their query: a page of each
        list a message, none of them kept. Where an iterator is lost all is begun anew, so that
        some of it comes twice."""
        for tries in itertools.count(1):
            try:
                yield from self._pages(queries)
            except IteratorLost:
                if tries == RESTARTS:
                    raise TryLater(
                        f"{SERVICE} loses its place in a long list again and again.",
                        hint="Everything done so far is saved. Try again later.",
                        code="unreadable-answer",
                    ) from None
            else:
                return

    def _pages(self, queries: Sequence[Query]) -> Iterator[tuple[str, list[tuple[str, Fields]]]]:
        left = dict.fromkeys(range(len(queries)), "")
        while left:
            asked = list(left)
            iterators = [left[place] for place in asked]
            answers = self._asked([queries[place] for place in asked], iterators)
            for place, answer in zip(asked, answers, strict=True):
                if answer.remaining and answer.iterator:
                    left[place] = answer.iterator
                else:
                    del left[place]
                yield queries[place].name, list(answer.objects)

    def _asked(self, queries: Sequence[Query], iterators: Sequence[str] = ()) -> list[Answer]:
        """The answer to each query. Raises `TryLater` where one is none."""
        if not queries:
            return []
        at = [*iterators, *("" for _ in queries)]
        texts = [query.text(str(place), at[place]) for place, query in enumerate(queries)]
        found = {
            answer.request_id: answer for answer in self.exchange(message(texts), READING).answers
        }
        answers = []
        for place, query in enumerate(queries):
            answer = found.get(str(place))
            if answer is None:
                raise unreadable_answer(SERVICE, f"no answer to {query.name}")
            if answer.outcome not in FOUND:
                if at[place]:
                    raise IteratorLost
                raise _refused(query, answer)
            answers.append(answer)
        return answers


def _refused(query: Query, answer: Answer) -> TryLater:
    return TryLater(
        f"{SERVICE} refuses to say what it has ({query.name}, {answer.code}): {answer.words}",
        hint="Everything done so far is saved. See that the user that invoicesync works as may "
        "see all of it, then try again.",
        code="unreadable-answer",
        unknown=False,
    )
