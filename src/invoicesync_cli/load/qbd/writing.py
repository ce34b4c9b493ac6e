"""Batches of requests that write: each sent as one message under a key, and looked for before
anything goes out again.

QuickBooks remembers what became of a message under its id and does not carry out the identical
message twice (Intuit, "Error recovery"), but how long it remembers, and what of a message in whose
middle it died, is written nowhere. So after a lost answer everything is looked for by number,
marker and our own id. If nothing of it is there, the identical message goes out again, once; if a
part is there, QuickBooks is only asked what it remembers, and the rest was not done.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree.ElementTree import ParseError

from invoicesync_cli.errors import InvoiceSyncError, SignInNeeded
from invoicesync_cli.http.responses import Reply, ServiceRefused
from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.load.qbd.answers import SET_DONE, Answer, MessageAnswer, Outcome
from invoicesync_cli.load.qbd.channel import SERVICE, MessageRefused
from invoicesync_cli.load.qbd.client import DesktopClient
from invoicesync_cli.load.qbd.finding import BatchRequest, Finder, parts_of
from invoicesync_cli.load.qbd.refusals import refused, unknown
from invoicesync_cli.load.qbd.requests import LONGEST_KEY, message
from invoicesync_cli.model import LedgerId, Reason

OLD = 3600.0
"""Seconds after which what is not there is not sent again as it was, but judged anew."""
EACH, ALL = 10.0, 60.0
"""Seconds that a message gets for each request, and beside that: QuickBooks does one to five a
second, and may be at work for others."""
NOT_STORED = {
    "9001": "QuickBooks remembers another message under the id of this one",
    "9004": "QuickBooks finds the id of the message too long",
    "9005": "QuickBooks could not remember the message",
}
"""What a message set's own status says when nothing is sure."""


def key_of(key: str, parts: Sequence[BatchRequest] = ()) -> str:
    """The id of a batch's message, or of one with these requests of it only: the same each time,
    and never that of another one."""
    if not parts:
        return key[:LONGEST_KEY]
    text = " ".join([key, *(part.place for part in parts)])
    return hashlib.sha256(text.encode()).hexdigest()[:LONGEST_KEY]


@dataclass
class Batch:
    """A batch on its way, and the outcomes so far by the place of their requests."""

    client: DesktopClient
    finder: Finder
    parts: Sequence[BatchRequest]
    key: str
    known: Collection[LedgerId] = ()
    only_look: bool = False
    outcomes: dict[str, WriteResult] = field(default_factory=dict)

    def results(self, sent_at: datetime | None) -> list[WriteResult]:
        """The outcome of each request; with `sent_at` it went out before.

        Raises what ends the run, with `unknown` set where something may have been made.
        """
        try:
            if sent_at is None:
                self._send(self.parts, key_of(self.key))
            else:
                self._settle(self.parts, key_of(self.key), sent_at)
        except InvoiceSyncError as error:
            error.unknown = error.unknown or sent_at is not None or bool(self.outcomes)
            raise
        return [self.outcomes.get(part.place, WriteResult(again=0.0)) for part in self.parts]

    def _send(self, parts: Sequence[BatchRequest], key: str) -> None:
        try:
            answer = self._exchange(parts, key)
        except MessageRefused as why:
            self._halve(parts, why)
        except InvoiceSyncError as error:
            if not error.unknown:
                raise
            self._after(error, parts, key)
        else:
            self._take(parts, answer)

    def _exchange(self, parts: Sequence[BatchRequest], key: str) -> MessageAnswer:
        text = message([part.text for part in parts], key=key)
        return self.client.exchange(text, ALL + EACH * len(parts))

    def _halve(self, parts: Sequence[BatchRequest], why: MessageRefused) -> None:
        """Find out which request spoils the message: nothing of it was done, and so its halves go
        out by themselves."""
        if len(parts) == 1:
            self.outcomes[parts[0].place] = WriteResult(words=why.message)
            return
        middle = len(parts) // 2
        for half in (parts[:middle], parts[middle:]):
            self._send(half, key_of(self.key, half))

    def _after(self, error: InvoiceSyncError, parts: Sequence[BatchRequest], key: str) -> None:
        """After a lost answer: look, and go on where QuickBooks can be asked at once."""
        try:
            left = self._look(parts)
            if len(left) == len(parts):
                self._take(parts, self._exchange(parts, key))
            elif left:
                self._remembered(left, key)
        except InvoiceSyncError:
            error.unknown = True
            raise error from None

    def _settle(self, parts: Sequence[BatchRequest], key: str, sent_at: datetime) -> None:
        """Settle what went out before: nothing goes out again that is not wholly missing, nor what
        is so old that it has to be judged anew."""
        left = self._look(parts)
        age = (self.client.timing.now() - sent_at).total_seconds()
        old = self.only_look or not 0 <= age < OLD
        if left and (old or len(left) < len(parts)):
            self._remembered(left, key)
        elif left:
            try:
                self._take(parts, self._exchange(parts, key))
            except MessageRefused as why:
                self._halve(parts, why)

    def _look(self, parts: Sequence[BatchRequest]) -> list[BatchRequest]:
        """Look for requests; those that are not found."""
        self.outcomes |= self.finder.look(parts, self.known)
        return [part for part in parts if part.place not in self.outcomes]

    def _remembered(self, left: Sequence[BatchRequest], key: str) -> None:
        """Ask what QuickBooks remembers of a message, of these requests that are not there."""
        text = message([], key=key, old=key)
        answer = self.client.exchange(text, ALL)
        stored = {}
        if answer.status == SET_DONE:
            stored = {item.request_id: item for item in answer.answers}
        self._read(left, stored)

    def _take(self, parts: Sequence[BatchRequest], answer: MessageAnswer) -> None:
        """Take in an answer; what it leaves open is looked for."""
        if answer.status not in {"", SET_DONE}:
            why = NOT_STORED.get(answer.status, "QuickBooks does not say what it did")
            for part in self._look(parts):
                self.outcomes[part.place] = _unknown(part, f"{why} ({answer.status}).")
            return
        given = {item.request_id: item for item in answer.answers}
        self._check_permission(parts, given)
        unsure = self._read(parts, given)
        for part in self._look(unsure) if unsure else ():
            said = given.get(part.place)
            if said is not None:
                words = f"{SERVICE} says: {said.words or 'nothing'} ({said.code})."
                self.outcomes[part.place] = _unknown(part, words)

    def _read(self, parts: Sequence[BatchRequest], given: dict[str, Answer]) -> list[BatchRequest]:
        """Read answers by the places of their requests; the requests that they leave open."""
        ids: dict[str, str] = {}
        unsure = []
        for part in parts:
            answer = given.get(part.place)
            if answer is None or answer.outcome is Outcome.OPEN:
                unsure.append(part)
            elif answer.outcome is not Outcome.DONE:
                self.outcomes[part.place] = refused(answer)
            elif found := self._made(part, answer):
                self.outcomes[part.place] = found
            elif answer.id:
                ids[part.place] = answer.id
            else:
                unsure.append(part)
        if ids:
            self.outcomes |= self.finder.by_id(ids, [part for part in parts if part.place in ids])
        return unsure

    def _made(self, part: BatchRequest, answer: Answer) -> WriteResult | None:
        """What an answer shows whole; an answer that is repeated shows less."""
        return self.finder.result(part, answer.objects[0][1]) if answer.objects else None

    def _check_permission(self, parts: Sequence[BatchRequest], given: dict[str, Answer]) -> None:
        """Raise `SignInNeeded` where nothing at all may be written."""
        answers = [given.get(part.place) for part in parts]
        if all(answer and answer.outcome is Outcome.PERMISSION for answer in answers):
            first = given[parts[0].place]
            raise SignInNeeded(
                f"{SERVICE} does not let invoicesync write: {first.words} ({first.code})",
                hint="In QuickBooks, under Edit > Preferences > Integrated Applications, let it "
                "read and modify this company file, then try again.",
                code="read-only",
            )


def _unknown(part: BatchRequest, why: str) -> WriteResult:
    """Of a customer or item the pipeline looks again before it sends anything."""
    if part.name.endswith(("CustomerAdd", "ItemServiceAdd")):
        return WriteResult(words=why, unclear=True, reason=Reason.OUTCOME_UNKNOWN)
    return unknown(why)


def write(
    client: DesktopClient,
    texts: Sequence[str],
    key: str,
    *,
    tax_items: Collection[str],
    sent_at: datetime | None = None,
    known: Collection[LedgerId] = (),
    only_look: bool = False,
) -> list[WriteResult]:
    """Send a batch of requests, or (with `sent_at`) settle it: the outcome of each. With
    `only_look` nothing goes out again.

    Raises `ServiceRefused` for what is no batch of ours.
    """
    try:
        parts = parts_of(texts)
    except ParseError:
        words = "it is no list of requests"
        raise ServiceRefused(Reply(SERVICE, 400, {}, b"", ""), words) from None
    finder = Finder(client, tax_items)
    return Batch(client, finder, parts, key, known, only_look).results(sent_at)
