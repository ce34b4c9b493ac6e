"""Batches of writes: whatever may be in Xero already is looked for before it goes out again (R16).

The same bytes go out again under their key only while Xero surely knows it, and only when nothing
of them is there. What else is missing is given back, to be sent under a new key. Before that, Xero
is given the time to come to the end of what it may be at work on.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime, timedelta

from invoicesync_cli.errors import InvoiceSyncError, TryLater
from invoicesync_cli.http.limits import (
    LONGEST_WAIT,
    THROTTLED_TRIES,
    TRIES,
    Instant,
    back_off,
    busy_until,
)
from invoicesync_cli.http.responses import ServiceRefused, Throttled, unreadable_answer
from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.load.xero.client import XeroClient, page_of
from invoicesync_cli.load.xero.finding import Found, find
from invoicesync_cli.load.xero.replies import in_order, sent
from invoicesync_cli.load.xero.schemas import (
    Element,
    WrittenAllocation,
    WrittenContact,
    WrittenInvoice,
    WrittenNote,
    WrittenPayment,
    batch_elements,
)
from invoicesync_cli.model import LedgerId

SCHEMAS: dict[str, type[Element]] = {
    "contact": WrittenContact,
    "invoice": WrittenInvoice,
    "payment": WrittenPayment,
    "note": WrittenNote,
    "allocation": WrittenAllocation,
}
"""What the elements of each kind of batch are answered with."""

KEY_WINDOW = 240.0
"""Seconds within which a batch goes out again under its idempotency key. Xero keeps keys for six
minutes by its documentation; this leaves room for one more slow answer."""
FINAL = {"limit-reached", "inner-error"}
"""Errors that do not pass in a moment."""
NOT_MADE = WriteResult(words="Xero gave no answer.", unclear=True, again=0.0)
"""It is not there, and may be sent anew."""
AT_WORK = 125.0
"""Seconds after which Xero is no longer at work on a request that it has not answered. How long it
may take is not documented; what stands before such services gives up after 120 at most."""
CLOCKS = timedelta(minutes=1)
"""By how much two clocks that are right may differ."""


@dataclass
class _Batch:
    """A batch on its way. `sent_at` is when it first went out, None for one that did not."""

    client: XeroClient
    kind: str
    body: bytes
    key: str
    names: Sequence[str]
    known: Collection[LedgerId]
    sent_at: InitVar[datetime | None]
    seen: bool = field(init=False)
    """Whether Xero may have worked on it."""
    spent: bool = False
    """Whether its key is of no use."""
    first: Instant = field(init=False)
    last: Instant = field(init=False)
    """When it went out first, and last."""
    busy_until: float = 0.0
    """Until when Xero may be at work on it, by the clock of elapsed time."""
    lost: TryLater | None = None
    """Why there was no answer, the last time that it went out."""
    over: bool = False
    """Whether it may not go out any more in this run."""

    def __post_init__(self, sent_at: datetime | None) -> None:
        self.seen = sent_at is not None
        self.first = self.last = self.client.service.instant()
        if sent_at:
            self.busy_until = busy_until(self.first, sent_at, AT_WORK)
            # By this machine's clock or Xero's, whichever said less.
            self.first = self.last = Instant(self.first.monotonic, sent_at, sent_at)

    def ago(self, moment: Instant) -> float:
        """Seconds since a moment, by the clock that says most; any time when that lies ahead."""
        age = moment.age(self.client.service.instant())
        return age if age >= 0 else math.inf

    @property
    def old(self) -> bool:
        """Whether Xero may have forgotten its key."""
        return self.spent or self.ago(self.first) >= KEY_WINDOW

    def wait(self) -> bool:
        """Let Xero come to the end of what it may be at work on; whether that took any time.

        If it has forgotten the key, it would do at the same time what goes out again.
        """
        left = self.busy_until - self.client.service.instant().monotonic
        if left > 0:
            self.client.service.pause(left)
        return left > 0

    def look(self) -> Found:
        """What of it is in Xero. An error in looking says nothing of the batch."""
        since = min(self.first.now, self.first.server or self.first.now) - CLOCKS
        try:
            return find(self.client, self.kind, self.body, self.known, since)
        except ServiceRefused as refused:
            raise unreadable_answer("Xero", refused.words) from None

    def put(self) -> list[WriteResult]:
        """Send it."""
        kind, _, note = self.kind.partition("/")
        schema = SCHEMAS[kind]
        path = f"CreditNotes/{note}/Allocations" if note else schema.COLLECTION
        self.last = self.client.service.instant()
        # One that Xero may be at work on is looked for again after every wait.
        reply = self.client.put(path, self.body, self.key, once=self.seen)
        self.seen = True
        rows = page_of(reply, schema.COLLECTION, schema).rows
        return [sent(row) for row in in_order(rows, batch_elements(self.body))]


def write(
    client: XeroClient,
    kind: str,
    body: bytes,
    key: str,
    names: Sequence[str],
    *,
    sent_at: datetime | None,
    known: Collection[LedgerId],
    only_look: bool = False,
) -> list[WriteResult]:
    """The outcome of each element of a batch; `sent_at` says that it went out before, and when.
    With `only_look` it does not go out again.

    Raises what ends the run, with `unknown` set when something may have been made all the same.
    """
    batch = _Batch(client, kind, body, key, names, known, sent_at, spent=only_look)
    tries = throttled = 0
    while True:
        try:
            settled = _try(batch)
            tries += 1
            wait = back_off(tries)
            if settled is not None:
                return settled
            if tries == TRIES:
                return [NOT_MADE for _ in names]
        except Throttled as error:
            throttled += 1
            wait = min(2.0**throttled, 60.0) if error.wait is None else error.wait
            if wait > LONGEST_WAIT or throttled == THROTTLED_TRIES:
                error.unknown = error.unknown or batch.seen
                raise
        except InvoiceSyncError as error:
            tries += 1
            wait = back_off(tries)
            final = not isinstance(error, TryLater) or error.code in FINAL
            if final or tries == TRIES or batch.over:
                error.unknown = error.unknown or batch.seen
                raise
            batch.seen = batch.seen or error.unknown
        client.service.pause(wait)


def _try(batch: _Batch) -> list[WriteResult] | None:
    """Look for what is there, where it may be; send it if nothing is. None when the answer reported
    no element what became of it."""
    if batch.seen:
        found = batch.look()
        if not all(found) and batch.wait():
            found = batch.look()
        if batch.lost and batch.old and not any(found):
            batch.over = True
            raise batch.lost
        if batch.old or any(found):
            return [item or NOT_MADE for item in found]
    try:
        answered = batch.put()
    except ServiceRefused as refused:
        if "idempotency" not in refused.words.casefold():
            raise
        batch.seen = batch.spent = True
        return _try(batch)
    except TryLater as error:
        batch.lost = error
        if error.at_work:
            batch.busy_until = batch.last.monotonic + AT_WORK
        if error.code != "inner-error":
            raise
        # Xero is done with it, and would say the same again under this key.
        batch.seen = batch.spent = True
        found = batch.look()
        if any(found):
            return [item or NOT_MADE for item in found]
        error.unknown = batch.seen = False
        raise
    if all(item.unclear for item in answered):
        return None
    if any(item.unclear for item in answered):
        found = batch.look()
        return [
            (there or NOT_MADE) if item.unclear else item
            for item, there in zip(answered, found, strict=True)
        ]
    return answered
