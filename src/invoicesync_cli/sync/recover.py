"""What an interrupted run left behind: every request that was sent is settled first."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from invoicesync_cli.errors import TryLater
from invoicesync_cli.http.limits import KEY_WINDOW
from invoicesync_cli.http.responses import KEY_KNOWN, ServiceRefused
from invoicesync_cli.load.ledger import Found, Ledger, Sent
from invoicesync_cli.model import Document, Kind, PersonId, State
from invoicesync_cli.state.codec import load_expected
from invoicesync_cli.state.rows import Entry, Record
from invoicesync_cli.state.store import State as StateFile
from invoicesync_cli.sync import outcomes
from invoicesync_cli.sync.receipts import payment_of
from invoicesync_cli.sync.recover_money import look_up_money, settle_replayed


def recover(
    state: StateFile, ledger: Ledger, run: str, now: Callable[[], datetime]
) -> list[Document]:
    """Settle every batch of the journal that has no outcome, and every record still `sending`.

    While the ledger still knows the idempotency key, the same bytes are sent again under it and
    the answer is the first one's. Later, or when that gives none, the ledger is asked for the
    number: what is there was made, what is not is new again. Returns the documents settled.
    """
    settled: list[Document] = []
    for entry in state.open_batches():
        sent = _repeat(ledger, entry, now)
        with state.transaction():
            state.end_batch(entry)
            if sent and entry.kind == "contact":
                _link(state, entry, sent)
            elif sent and entry.kind == "invoice":
                settled += _settle(state, entry, sent, run)
            elif sent and entry.kind != "item":
                settled += settle_replayed(state, entry, sent, run)
    settled += _look_up(state, ledger, run)
    return settled + look_up_money(state, ledger, run)


def _repeat(ledger: Ledger, entry: Entry, now: Callable[[], datetime]) -> list[Sent]:
    """The outcomes of a batch under its own key, or nothing when the key is of no use any more."""
    age = (now() - entry.sent_at).total_seconds()
    # A clock that was set back says nothing about how old the key is.
    if not 0 <= age < KEY_WINDOW:
        return []
    try:
        reply = ledger.send(entry.kind, entry.body, entry.idempotency_key, key_age=age)
        return ledger.read_reply(entry.kind, reply, entry.names)
    except ServiceRefused:
        return []
    except TryLater as error:
        # The ledger repeats an inner failure under its key, or says only that it knows the key; a
        # look at what is there decides. Any other failure is on the way to it: it may be working on
        # the first request still.
        if error.code in {"inner-error", KEY_KNOWN}:
            return []
        raise


def _link(state: StateFile, entry: Entry, sents: Sequence[Sent]) -> None:
    for person, sent in zip(entry.items, sents, strict=True):
        if sent.id is not None:
            state.link(PersonId(person), sent.id, "created", entry.run)


def _settle(state: StateFile, entry: Entry, sents: Sequence[Sent], run: str) -> list[Document]:
    records = state.records(Kind.INVOICE, entry.items)
    settled = []
    for key, sent in zip(entry.items, sents, strict=True):
        record = records.get(key)
        expected = load_expected(record.draft) if record else None
        if record and expected and not (sent.taken or sent.unclear):
            document = outcomes.of_sent(record.document, expected, sent)
            settled += _save(state, replace(record, document=document, run=run))
    return settled


def _save(state: StateFile, record: Record) -> list[Document]:
    """Write a record and that of a payment it brings with it; their documents."""
    payment = payment_of(record)
    state.save(record)
    if payment is None:
        return [record.document]
    state.save(payment)
    return [record.document, payment.document]


def _look_up(state: StateFile, ledger: Ledger, run: str) -> list[Document]:
    lost = state.records_in(Kind.INVOICE, State.SENDING)
    if not lost:
        return []
    found = ledger.find_invoices([record.document.number for record in lost])
    settled = []
    with state.transaction():
        for record in lost:
            document = _of_lost(record, found.get(record.document.number))
            saved = _save(state, replace(record, document=document, run=run))
            if document.state is not State.NEW:
                settled += saved
    return settled


def _of_lost(record: Record, found: Found | None) -> Document:
    expected = load_expected(record.draft)
    if expected is None:
        return replace(
            record.document,
            state=State.HELD,
            reason="outcome-unknown",
            message="It was sent, and nothing is known of what was sent.",
            hint=f"Look for {record.document.number} in the ledger before you send it again.",
        )
    return outcomes.of_looked_up(record.document, expected, found)
