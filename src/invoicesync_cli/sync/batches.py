"""Batches: noted in the journal first, then sent a few at once, then settled; exactly once."""

import uuid
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeGuard

from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.http.responses import ServiceRefused
from invoicesync_cli.load.ledger import Writer, WriteResult
from invoicesync_cli.model import LedgerId
from invoicesync_cli.patience import at_once
from invoicesync_cli.progress import SILENT, ProgressListener
from invoicesync_cli.state.journal import JournalEntry
from invoicesync_cli.state.store import Store


@dataclass(frozen=True)
class BatchItem:
    """One element of a batch: the key of its record, its name in the ledger, and what is sent."""

    key: str
    name: str
    payload: Any


PHASES = {
    "contact": "Creating contacts",
    "item": "Creating items",
    "invoice": "Sending invoices",
    "payment": "Sending payments",
    "note": "Sending credit notes",
    "allocation": "Applying credit notes",
    "apply": "Applying credits",
    "refund": "Sending refunds",
    "undo": "Taking back",
    "approve": "Approving",
    "reverse": "Entering in Keap",
}
"""What the sending of each kind of element is called."""
SINGLY = 5
"""Elements of a batch that are calls of their own: whoever interrupts it waits for all of them."""
AGAIN = 3
"""How often an element is sent anew that was refused for a reason that passes."""

Settle = Callable[[Sequence[BatchItem], Sequence[WriteResult]], None]
"""Writes the outcomes of a batch; called inside a transaction."""


class Batches:
    """Sends elements in batches, a few at once, each noted in the journal before it goes out."""

    def __init__(
        self,
        state: Store,
        ledger: Writer,
        run: str,
        now: Callable[[], datetime],
        progress: ProgressListener = SILENT,
    ) -> None:
        self._state = state
        self._progress = progress
        self._ledger = ledger
        self._run = run
        self._now = now

    def send(
        self,
        kind: str,
        elements: Sequence[BatchItem],
        *,
        before: Callable[[Sequence[BatchItem]], None],
        settle: Settle,
        undo: Callable[[Sequence[BatchItem]], None],
        known: Collection[LedgerId] = (),
    ) -> None:
        """Send everything. `before` marks a batch inside the journal's transaction; `undo` takes
        the mark back when nothing of the batch is in the ledger. `known` are payments that are
        other records', and grow by what `settle` writes, and what was taken back.

        Raises the first error that ends the run, after the other batches in flight were settled.
        """
        work = _Work(deque([list(elements)]) if elements else deque(), settle, undo)
        capabilities = self._ledger.capabilities
        plain = kind.partition("/")[0]
        alone = plain in capabilities.alone
        if elements:
            self._progress.phase(PHASES[plain], len(elements))
        while work.queue:
            wave = self._wave(work.queue, 1 if alone else capabilities.in_flight, kind)
            entries = [self._note(kind, part, before) for part in wave]
            stop: InvoiceSyncError | None = None
            for part, entry, answer in zip(wave, entries, self._ask(entries, known), strict=True):
                own = self._own(entry, answer, known)
                left = work.left
                stop = self._settle(part, entry, own, work) or stop
                self._progress.advance(len(part) - (work.left - left))
            if stop:
                raise stop
            if work.wait:
                self._ledger.pause(work.wait)
                work.wait = 0.0

    def _wave(self, queue: deque[list[BatchItem]], most: int, kind: str) -> list[list[BatchItem]]:
        """The next batches, each as large as the ledger wants them now."""
        size = self._ledger.batch_size
        if kind in self._ledger.capabilities.singly:
            size = min(size, SINGLY)
        wave: list[list[BatchItem]] = []
        while queue and len(wave) < most:
            part = queue.popleft()
            if len(part) > size:
                queue.appendleft(part[size:])
            wave.append(part[:size])
        return wave

    def _note(
        self, kind: str, part: Sequence[BatchItem], before: Callable[[Sequence[BatchItem]], None]
    ) -> JournalEntry:
        body = self._ledger.body(kind, [element.payload for element in part])
        with self._state.transaction():
            before(part)
            items = {element.key: element.name for element in part}
            key, sent_at = uuid.uuid4().hex, self._now()
            server = self._ledger.usage.server_time
            if server:
                # A clock that is ahead would make a key look young that is not.
                sent_at = min(sent_at, server)
            return self._state.journal.begin(self._run, kind, key, body, items, sent_at)

    def _own(
        self,
        entry: JournalEntry,
        answer: list[WriteResult] | InvoiceSyncError,
        known: Collection[LedgerId],
    ) -> list[WriteResult] | InvoiceSyncError:
        """The answer without payments that are other records': of two batches on their way at once,
        with payments that are alike, each may have found the other's."""

        def twice(sents: Sequence[WriteResult]) -> bool:
            return any(sent.id in known for sent in sents if sent.id)

        if isinstance(answer, InvoiceSyncError) or not twice(answer):
            return answer
        try:
            answer = self._send(entry, known, again=True)
        except InvoiceSyncError as error:
            error.unknown = True
            return error
        return [WriteResult(again=0.0) if sent.id in known else sent for sent in answer]

    def _send(
        self, entry: JournalEntry, known: Collection[LedgerId], *, again: bool
    ) -> list[WriteResult]:
        return self._ledger.send(
            entry.kind,
            entry.body,
            entry.idempotency_key,
            entry.names,
            sent_at=entry.sent_at if again else None,
            known=known,
        )

    def _ask(
        self, entries: Sequence[JournalEntry], known: Collection[LedgerId]
    ) -> list[list[WriteResult] | InvoiceSyncError]:
        def ask(entry: JournalEntry) -> list[WriteResult] | InvoiceSyncError:
            try:
                return self._send(entry, known, again=False)
            except InvoiceSyncError as error:
                return error

        if len(entries) == 1:
            return [ask(entries[0])]
        return at_once([partial(ask, entry) for entry in entries])

    def _settle(
        self,
        part: list[BatchItem],
        entry: JournalEntry,
        answer: list[WriteResult] | InvoiceSyncError,
        work: "_Work",
    ) -> InvoiceSyncError | None:
        if isinstance(answer, InvoiceSyncError) and nobody_knows(answer):
            return answer
        with self._state.transaction():
            self._state.journal.end(entry)
            if not isinstance(answer, InvoiceSyncError):
                work.settled(part, answer)
            elif not _of_body(answer):
                work.undo(part)
                return answer
            elif len(part) == 1:
                work.settle(part, [WriteResult(words=answer.words)])
            else:
                # One element can spoil a whole batch: nothing was made, so find out which.
                work.undo(part)
                middle = len(part) // 2
                work.queue.extendleft([part[middle:], part[:middle]])
        return None


@dataclass
class _Work:
    """What of the elements is still to be sent, and how often each was put off."""

    queue: deque[list[BatchItem]]
    settle: Settle
    undo: Callable[[Sequence[BatchItem]], None]
    wait: float = 0.0
    put_off: Counter[str] = field(default_factory=Counter)

    @property
    def left(self) -> int:
        """How many elements are still to be sent."""
        return sum(map(len, self.queue))

    def settled(self, part: Sequence[BatchItem], sents: Sequence[WriteResult]) -> None:
        """Settle what has an outcome; put back what was not made for a reason that passes."""
        done: list[tuple[BatchItem, WriteResult]] = []
        again: list[BatchItem] = []
        for element, sent in zip(part, sents, strict=True):
            if sent.again is None or self.put_off[element.key] >= AGAIN:
                done.append((element, sent))
                continue
            self.put_off[element.key] += 1
            self.wait = max(self.wait, sent.again)
            again.append(element)
        if done:
            self.settle([element for element, _ in done], [sent for _, sent in done])
        if again:
            self.undo(again)
            self.queue.append(again)


def nobody_knows(error: InvoiceSyncError) -> bool:
    """Whether something of a batch that ended so may be in the ledger all the same."""
    return error.unknown and not _of_body(error)


def _of_body(answer: InvoiceSyncError) -> TypeGuard[ServiceRefused]:
    """Whether the ledger read a batch and refused it, so that nothing of it was made."""
    return isinstance(answer, ServiceRefused) and answer.of_body
