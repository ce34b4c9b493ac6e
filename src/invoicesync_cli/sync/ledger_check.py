"""What has become of our documents in the ledger: changed, voided, deleted, approved since."""

from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from invoicesync_cli.errors import TryLater
from invoicesync_cli.load.found import (
    LedgerChanges,
    LedgerCreditNote,
    LedgerInvoice,
    LedgerPayment,
    Listed,
    ListedKind,
)
from invoicesync_cli.model import ZERO, Document, DocumentKind, DocumentState, LedgerId, Reason
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync import marks, outcomes
from invoicesync_cli.sync.adoption import SEEN, Adoption
from invoicesync_cli.sync.context import CHUNK, RunContext
from invoicesync_cli.sync.invoices import outcomes as invoice_outcomes
from invoicesync_cli.sync.marks import Mark
from invoicesync_cli.sync.readable import UNREAD, readable, unread_orders

FEW = 10
"""How many documents may be missing from the ledger at once without a doubt that it is the right
one."""
MOSTLY_MISSING = "mostly-missing"


class LedgerCheck:
    """Looks after what was sent. Nothing is made again by itself (R12)."""

    def __init__(
        self,
        context: RunContext,
        adoption: Adoption,
    ) -> None:
        self._state = context.state
        self._ledger = context.ledger
        self._preflight = context.preflight
        self._adoption = adoption
        self._run = context.run
        self._now = context.now()
        self._until: datetime | None = None
        self._unread: set[str] = set()

    def look(self) -> Iterator[Document]:
        """The documents that are not as they were at the last look; the next one begins where this
        one has ended, whatever becomes of the run."""
        seen = self._state.get_meta(SEEN)
        mark = marks.asked(self._state, self._ledger, self._now) if seen else None
        yield from self._look(seen)
        server = self._ledger.usage.server_time or self._now
        until = min(self._until or self._now, server)
        with self._state.transaction():
            self._state.set_meta(SEEN, until.isoformat())
            self._state.set_meta(UNREAD, " ".join(sorted(self._unread)))
            if mark:
                marks.keep(self._state, mark)

    def _look(self, seen: str) -> Iterator[Document]:
        mark = marks.kept(self._state)
        complete, shows_deleted = bool(seen), True
        unreadable: set[LedgerId] = set()
        if seen:
            # A time to come, noted while a clock was wrong, would hide what happens until then.
            since = min(datetime.fromisoformat(seen), self._now)
            for changes in self._ledger.changes(since, mark.text if mark else ""):
                self._until = changes.until
                self._adoption.learn(changes)
                complete = complete and changes.complete
                shows_deleted = shows_deleted and changes.shows_deleted
                unreadable |= changes.unreadable
                yield from self._settle(self._changed(changes))
        again = unread_orders(self._state)
        again |= {item.document.order_id for item in self._state.records_at(unreadable)} - {""}
        yield from self._looked_up(sorted(again))
        if complete and shows_deleted:
            return
        if not (complete and mark and (yield from self._sent_since(mark))):
            yield from self._looked_up(self._state.orders_in_ledger())

    # --- by the ledger's list of changes --------------------------------------------------------

    def _changed(self, changes: LedgerChanges) -> Iterator[tuple[Record, Document]]:
        ids = [*changes.invoices, *changes.notes, *changes.payments]
        for start in range(0, len(ids), CHUNK):
            for record in self._state.records_at(ids[start : start + CHUNK]):
                ident = _at(record)
                if record.kind is DocumentKind.INVOICE:
                    if ident in changes.invoices:
                        yield from self._of_invoice(record, changes.invoices[ident], changes)
                elif not _stands(record):
                    continue
                elif ident in changes.notes:
                    yield from self._of_note(record, changes.notes[ident])
                elif ident in changes.payments:
                    yield from _of_payment(record, changes.payments[ident])

    def _of_invoice(
        self, record: Record, found: LedgerInvoice | None, changes: LedgerChanges
    ) -> Iterator[tuple[Record, Document]]:
        if record.to_keap:
            if found is None or not found.alive:
                # It will not become an order in Keap any more.
                with self._state.transaction():
                    self._state.forget(record.kind, record.key)
            return
        if _stands(record):
            yield from _of_figures(record, found)
        if found is None or not found.alive:
            return
        money = self._state.records_of([record.key], "order")
        self._renew_waiting(money, found)
        for item in money:
            ident = _at(item)
            if (
                item.kind is DocumentKind.PAYMENT
                and _stands(item)
                and changes.removed(ident, found.id)
            ):
                yield item, _ended(item)

    def _renew_waiting(self, money: Iterable[Record], invoice: LedgerInvoice) -> None:
        """Have money judged again that has waited for its invoice to be approved."""
        waiting = [item for item in money if item.document.reason is Reason.INVOICE_NOT_APPROVED]
        if not (waiting and invoice.approved):
            return
        with self._state.transaction():
            for record in waiting:
                document = outcomes.renewed(record.document)
                self._state.save(replace(record, document=document), log=False)

    # --- by id ----------------------------------------------------------------------------------

    def _sent_since(self, mark: Mark) -> Generator[Document, None, bool]:
        """What became of what was sent after a mark; whether that is beyond doubt. Of so little all
        may be gone for good reasons: then it is looked up along with everything."""
        try:
            yield from self._looked_up(self._state.history.orders_since(mark.settled.event))
        except TryLater as doubt:
            if doubt.code != MOSTLY_MISSING:
                raise
            return False
        return True

    def _looked_up(self, orders: Sequence[str]) -> Iterator[Document]:
        for start in range(0, len(orders), CHUNK):
            yield from self._settle(self._by_id(orders[start : start + CHUNK]))

    def _by_id(self, order_ids: Sequence[str]) -> Iterator[tuple[Record, Document]]:
        records = self._state.records_of(order_ids, "order")
        sales = {
            _at(record): record
            for record in records
            if record.kind is DocumentKind.INVOICE and record.document.ledger_id
        }
        found, unread = readable(self._ledger.invoices, sales)
        sent = {ident for ident, record in sales.items() if _stands(record)}
        self._check_missing(len(sent), len(sent & (found.keys() | unread)))
        money: dict[str, list[Record]] = {}
        for record in records:
            if record.kind is not DocumentKind.INVOICE:
                money.setdefault(record.document.order_id, []).append(record)
        paid: list[tuple[Record, LedgerInvoice]] = []
        notes: list[Record] = []
        for ident, record in sales.items():
            if ident in unread:
                yield from self._unreadable(record, "it")
                continue
            there, those = found.get(ident), money.get(record.key, ())
            standing = [item for item in those if _stands(item)]
            if ident in sent:
                yield from _of_figures(record, there)
            notes += [item for item in standing if item.kind is DocumentKind.REFUND]
            if there is None or not there.alive:
                continue
            self._renew_waiting(those, there)
            notes += [item for item in standing if item.kind is DocumentKind.CREDIT]
            # With a receipt its payment has been looked at.
            paid += [
                (item, there)
                for item in standing
                if item.kind is DocumentKind.PAYMENT and item.document.ledger_id != ident
            ]
        unclear = yield from self._of_money(notes, paid)
        for record in sales.values():
            if record.key in unclear:
                yield from self._unreadable(record, "a payment or credit of it")

    def _unreadable(self, record: Record, what: str) -> Iterator[tuple[Record, Document]]:
        """Hold an invoice until the ledger's answers about it make sense."""
        self._unread.add(record.key)
        if _stands(record):
            yield record, outcomes.unread(record.document, what)

    def _of_money(
        self, notes: Sequence[Record], paid: Sequence[tuple[Record, LedgerInvoice]]
    ) -> Generator[tuple[Record, Document], None, set[str]]:
        """The credits, refunds and payments that are not as they were, and at last the orders of
        those that make no sense. Each is looked at itself: no balance shows when somebody has put
        something else in its place."""
        on = {(sale.id, item.id): item for _, sale in paid for item in sale.payments or ()}
        # What an invoice does not say of its payments is asked for.
        unsaid = [_at(record) for record, sale in paid if sale.payments is None]
        kinds: dict[ListedKind, list[LedgerId]] = {"note": [*map(_at, notes)], "payment": unsaid}

        def ask(ids: Collection[LedgerId]) -> dict[LedgerId, Listed]:
            asked = {kind: [one for one in some if one in ids] for kind, some in kinds.items()}
            return {one.id: one for one in self._ledger.listed_by_id(asked)}

        there, unread = readable(ask, [*kinds["note"], *unsaid])
        for record in notes:
            if _at(record) not in unread:
                yield from self._of_note(record, there.get(_at(record)))
        for record, sale in paid:
            if _at(record) in unread:
                continue
            one = there.get(_at(record))
            listed = one if one and sale.id in {one.target, *one.on} else None
            yield from _of_payment(record, on.get((sale.id, _at(record)), listed))
        records = [*notes, *(record for record, _ in paid)]
        return {record.document.order_id for record in records if _at(record) in unread}

    def _check_missing(self, known: int, found: int) -> None:
        """Doubt that it is the right ledger, rather than that most of it was deleted."""
        if found == known:
            return
        self._preflight.check_organisation()
        if known - found > FEW and known - found > known / 2:
            raise TryLater(
                f"{known - found} of {known} invoices are suddenly missing from the ledger.",
                hint="None of them was recorded as deleted. Check that the sign-in may read "
                "invoices, then run the command again.",
                code=MOSTLY_MISSING,
            )

    def _of_note(
        self, record: Record, found: LedgerCreditNote | Listed | None
    ) -> Iterator[tuple[Record, Document]]:
        left = found.open if isinstance(found, Listed) else found and found.left
        if found is None or not found.alive or not left:
            yield from _of_figures(record, found)
        elif not self._state.journal.took_off(record.element):
            # It was taken off its invoice, or what was paid out of it was taken back, by somebody.
            yield record, _ended(record)

    def _settle(self, found: Iterable[tuple[Record, Document]]) -> list[Document]:
        """Write down what has changed."""
        documents = []
        for record, document in list(found):
            if document != record.document:
                with self._state.transaction():
                    self._state.save(replace(record, document=document, run=self._run))
                documents.append(document)
        return documents


def _at(record: Record) -> LedgerId:
    return LedgerId(record.document.ledger_id)


def _stands(record: Record) -> bool:
    """Whether the ledger has to have a document, for all that is known."""
    return bool(record.document.ledger_id) and record.state in {
        DocumentState.CREATED,
        DocumentState.SKIPPED,
    }


def _ended(record: Record) -> Document:
    if record.reversed:
        return invoice_outcomes.sale_ended(record.document)
    return outcomes.ended(record.document, record.document.invoice_id)


def _of_figures(
    record: Record, found: LedgerInvoice | LedgerCreditNote | Listed | None
) -> Iterator[tuple[Record, Document]]:
    if found is None or not found.alive:
        yield record, _ended(record)
    elif record.document.ledger_total not in {None, found.total}:
        was = record.document.ledger_total or ZERO
        if record.reversed:
            yield record, invoice_outcomes.sale_altered(record.document, found.total)
        else:
            yield record, outcomes.of_altered(record.document, was, found.total)


def _of_payment(
    record: Record, found: LedgerPayment | Listed | None
) -> Iterator[tuple[Record, Document]]:
    if found is None or not found.alive:
        yield record, _ended(record)
        return
    was = record.document.ledger_total or record.document.total or ZERO
    # One that was adopted may be on several invoices, with a part of it on each.
    amount = found.applied if isinstance(found, Listed) else found.amount
    if was not in {amount, *found.on.values()}:
        yield record, outcomes.of_altered(record.document, was, amount)
