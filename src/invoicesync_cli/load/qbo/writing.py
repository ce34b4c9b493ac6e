"""Batches of writes: sent until each item is answered, and looked for before they go out again.

How long QuickBooks remembers a request id, and whether it then repeats its first answer, is written
nowhere. So nothing goes out a second time by that alone: what an unanswered batch has made is found
by its number or its note, and only the rest is sent again, each item under the same id as before
(request id and `bId` together). Where QuickBooks may still be working on it, because it says so or
because the connection broke, it is given the time that it takes at most, and then looked into
again: with its id forgotten, it would be done twice.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from invoicesync_cli.errors import InvoiceSyncError, TryLater
from invoicesync_cli.http.limits import (
    LONGEST_WAIT,
    THROTTLED_TRIES,
    TRIES,
    Instant,
    back_off,
    busy_until,
)
from invoicesync_cli.http.responses import Reply, ServiceRefused, Throttled
from invoicesync_cli.load.qbo.client import (
    QboClient,
    codes_of,
    company_closed,
    responses,
)
from invoicesync_cli.load.qbo.faults import UNCLEAR
from invoicesync_cli.load.qbo.finding import is_answer, made
from invoicesync_cli.load.qbo.limits import LIMITS
from invoicesync_cli.load.qbo.schemas import fault_of, made_of
from invoicesync_cli.load.wire import to_json
from invoicesync_cli.model import LedgerId

AT_WORK = 125.0
"""Seconds after which nothing is being worked on any more: Intuit gives up after 120."""
KNOWN = "600"
"""Code of a request whose id QuickBooks knows, and whose answer it does not give: it may be working
on it at this moment."""
KEY_KNOWN = "key-known"
"""Code of the error that all of a batch was answered so."""
OLD = 240.0
"""Seconds after which what is not there is not sent again as it was, but judged anew."""

Item = Mapping[str, Any]


@dataclass
class _Batch:
    """A batch on its way, and the answers so far by `bId`."""

    body: bytes
    key: str
    dead: Collection[LedgerId] = ()
    """Transactions that are none of these, once they are voided."""
    seen: bool = False
    """Whether QuickBooks may have worked on it."""
    known: bool = False
    """Whether QuickBooks has said that it knows of it."""
    waited: bool = False
    """Whether there was time since for what it has said that it knows of."""
    went: float = 0.0
    """When it, or a part of it, went out last, by the clock of elapsed time."""
    busy_until: float = 0.0
    """Until when QuickBooks may be working on it, by the same clock."""
    old: bool = False
    """Whether it went out so long ago that what is not there has to be judged anew."""
    size: int = 0
    """How many items go out at once; 0 for all of them."""
    answers: dict[str, Item] = field(default_factory=dict)
    unsure: dict[str, Item] = field(default_factory=dict)
    """Answers that leave it unclear, for want of better ones."""

    @cached_property
    def left(self) -> dict[str, Item]:
        """The items that have no answer."""
        items: list[Item] = json.loads(self.body, parse_float=Decimal)["BatchItemRequest"]
        return {str(item["bId"]): item for item in items}

    def take(self, answers: Mapping[str, Item]) -> None:
        """Take in what was answered, where it can be read."""
        for place in self.left.keys() & answers.keys():
            if not _sound(answers[place]):
                continue
            if _is_clear(self.left[place], answers[place]):
                self.answers[place] = answers[place]
                del self.left[place]
            elif fault := fault_of(answers[place]):
                self.unsure[place] = answers[place]
                self.known = self.known or KNOWN in fault.codes

    def went_out(self, now: Instant, before: datetime) -> None:
        """Take in that an earlier run has sent it; it is old by the clock that says most."""
        clocks = [clock for clock in (now.now, now.server) if clock]
        self.seen = True
        self.busy_until = busy_until(now, before, AT_WORK)
        self.old = max((clock - before).total_seconds() for clock in clocks) >= OLD

    def lost(self, error: TryLater) -> None:
        """Take in that nothing was answered, which does not say that nothing is done."""
        if error.at_work:
            self.busy_until = self.went + AT_WORK
        if error.unknown:
            self.seen = True
            self.known = self.known or error.code == KEY_KNOWN
            self.halve()

    def wait(self, now: float) -> float:
        """Seconds until it is at work on nothing any more; not above zero if it is on nothing now.

        If it has forgotten the ids, it would do at the same time what goes out again.
        """
        if self.known and not self.waited:
            self.waited = True
            return AT_WORK
        return self.busy_until - now

    def halve(self) -> None:
        """Send less at once: what was too much for the time there is may go through in parts."""
        self.size = max(1, (self.size or len(self.left)) // 2)

    def parts(self) -> Iterator[bytes]:
        """The bodies to send: the noted one, or what is left of it in parts."""
        if not self.size and not self.answers:
            yield self.body
            return
        items = list(self.left.values())
        size = self.size or len(items) or 1
        for start in range(0, len(items), size):
            yield to_json({"BatchItemRequest": items[start : start + size]})


def write(
    client: QboClient,
    body: bytes,
    key: str,
    sent_at: datetime | None,
    dead: Collection[LedgerId] = (),
    *,
    only_look: bool = False,
) -> Reply:
    """Send a batch of writes under a request id; `sent_at` is when it went out first, None for one
    that did not. What went out long ago is only looked for, as all is with `only_look`, and never
    found in what is `dead`.

    Raises what ends the run, with `unknown` set when something may have been made all the same.
    """
    batch = _Batch(body, key, dead)
    if sent_at:
        batch.went_out(client.service.instant(), sent_at)
        batch.old = batch.old or only_look
    tries = throttled = 0
    while True:
        try:
            trace = _try(client, batch)
        except Throttled as error:
            throttled += 1
            wait = LIMITS.throttled_wait if error.wait is None else error.wait
            # It is said of a request that nothing was done with. It is not said that it holds.
            batch.seen = True
            if wait > LONGEST_WAIT or throttled == THROTTLED_TRIES:
                raise _unknown(error, batch) from None
        except TryLater as error:
            tries += 1
            batch.lost(error)
            if error.code == "company-closed" or tries == TRIES:
                raise _unknown(error, batch) from None
            wait = back_off(tries)
        except InvoiceSyncError as error:
            raise _unknown(error, batch) from None
        else:
            tries += 1
            batch.seen = True
            if not batch.left or batch.old or tries == TRIES:
                return _reply(client, batch, trace)
            wait = back_off(tries)
        client.service.pause(wait)


def _try(client: QboClient, batch: _Batch) -> str:
    """Look for what is there, where it may be; send the rest. The last answer's trace id."""
    if batch.seen:
        batch.take(made(client, batch.left, batch.dead))
        if batch.left and (wait := batch.wait(client.service.instant().monotonic)) > 0:
            client.service.pause(wait)
            batch.take(made(client, batch.left, batch.dead))
    trace = ""
    if batch.old:
        return trace
    for body in list(batch.parts()):
        batch.went = client.service.instant().monotonic
        reply = _send(client, body, batch.key)
        batch.seen, trace = True, reply.trace
        batch.take(responses(reply))
    return trace


def _send(client: QboClient, body: bytes, key: str) -> Reply:
    try:
        return client.batch(body, requestid=key, once=True)
    except ServiceRefused as refused:
        codes = codes_of(refused.reply)
        if KNOWN in codes:
            raise TryLater(
                f"QuickBooks knows the request already: {refused.words}",
                hint="The next run looks up what became of it.",
                code=KEY_KNOWN,
            ) from None
        if "6190" in codes:
            raise company_closed(refused.words) from None
        raise


def _unknown(error: InvoiceSyncError, batch: _Batch) -> InvoiceSyncError:
    """The error, which says nothing of what was made before it."""
    if batch.seen and isinstance(error, ServiceRefused):
        return TryLater(error.message, hint=error.hint, code="unreadable-answer")
    error.unknown = error.unknown or batch.seen
    return error


def _sound(answer: Item) -> bool:
    """Whether an answer can be kept as it is: no number that no ledger could hold, not too deep."""
    try:
        to_json({"BatchItemResponse": [answer]})
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _is_clear(item: Item, answer: Item) -> bool:
    """Whether an answer says what became of its item, and of no other one."""
    fault = fault_of(answer)
    if fault:
        return bool(fault.codes) and not fault.codes & UNCLEAR
    row = made_of(answer)
    return row is not None and is_answer(item, row)


def _reply(client: QboClient, batch: _Batch, trace: str) -> Reply:
    """All the answers as one."""
    answers = {**batch.unsure, **batch.answers}
    found = [{**answer, "bId": place} for place, answer in answers.items()]
    return Reply(client.service.name, 200, {}, to_json({"BatchItemResponse": found}), trace)
