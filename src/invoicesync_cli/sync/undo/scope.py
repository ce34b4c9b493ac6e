"""What is to be taken back: the documents of a run, or of named invoices, order by order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from invoicesync_cli.errors import UsageError
from invoicesync_cli.model import Document, DocumentKind, DocumentState, LedgerId, Reason
from invoicesync_cli.state.rows import Record
from invoicesync_cli.state.store import Store
from invoicesync_cli.sync.context import CHUNK

LAST = "last"
ENDED = {DocumentState.UNDONE, DocumentState.SKIPPED, DocumentState.SENDING}
"""States of documents that are not taken back: gone, not made by this tool, or on their way."""


NOBODY = LedgerId("")


@dataclass(frozen=True)
class Target:
    """What was named: a run (or `last`), or ids of one kind; and which documents of it.

    With `only` set to `invoices` the money on them goes with them all the same: nothing with money
    on it can be taken back. A sales receipt is an invoice, and its payment goes with it alone.
    """

    run: str = ""
    ids: tuple[str, ...] = ()
    by: str = "invoice"
    only: str = ""


@dataclass(frozen=True)
class OrderScope:
    """What of one order is to be taken back: its invoice, with all that this tool has put onto it;
    or only some of its money.

    `invoice_id` is the invoice in the ledger in either case, `contact` the ledger's contact that it
    was sent to, blank where that is not known any more. `later` has those that other runs have put
    onto it, by their keys in the journal, with the run.
    """

    order_id: str
    invoice_id: LedgerId
    invoice: Record | None
    money: tuple[Record, ...]
    contact: LedgerId = NOBODY
    later: Mapping[str, str] = field(default_factory=dict)

    @property
    def records(self) -> list[Record]:
        """Everything in it."""
        return [*self.money, *([self.invoice] if self.invoice else [])]


@dataclass(frozen=True)
class Given:
    """A scope that is known already."""

    scopes: Sequence[OrderScope]

    def orders(self, order_ids: Sequence[str]) -> list[OrderScope]:
        """What there is to be taken back of these orders."""
        return [item for item in self.scopes if item.order_id in order_ids]

    def others(self) -> list[Document]:
        """Nothing else was named."""
        return []


class Scope:
    """Finds what a target names, as the records have it at that moment.

    Raises `UsageError` for a run that there never was.
    """

    def __init__(self, state: Store, target: Target) -> None:
        self._state = state
        self._target = target
        self.run = ""
        """The run that is named."""
        if target.run:
            self.run = state.journal.last_run() if target.run == LAST else target.run
            if self.run and not state.history.known(self.run):
                raise UsageError(
                    f"There was no run {target.run}.",
                    hint="invoicesync log shows the runs; `last` is the newest that sent anything.",
                )
        self._elements = self._chosen()

    def chunks(self) -> Iterator[list[str]]:
        """The orders that it is about, the newest first."""
        orders = {element.rpartition(":")[2] for element in self._elements}
        newest = sorted(orders, key=_number, reverse=True)
        for start in range(0, len(newest), CHUNK):
            yield newest[start : start + CHUNK]

    def orders(self, order_ids: Sequence[str]) -> list[OrderScope]:
        """What there is to be taken back of these orders, in their order."""
        records: dict[str, list[Record]] = {order: [] for order in order_ids}
        for record in self._state.records_of(order_ids, "order"):
            records[record.document.order_id].append(record)
        every = [record.element for part in records.values() for record in part]
        runs = self._state.journal.sent(elements=every)
        found = (self._order(order, records[order], runs) for order in order_ids)
        return [order for order in found if order.records]

    def others(self) -> list[Document]:
        """Of named invoices, those in the ledger that this tool has not made: they stay."""
        if not self._target.ids or self._target.only == "payments":
            return []
        return [
            record.document
            for record in self._state.records_of(self._target.ids, self._target.by)
            if record.kind is DocumentKind.INVOICE
            and record.document.ledger_id
            and record.state is not DocumentState.UNDONE
            and record.element not in self._elements
        ]

    def unmet(self) -> list[str]:
        """The named ids that no record knows."""
        known = self._state.records_of(self._target.ids, self._target.by)
        met = {getattr(record.document, f"{self._target.by}_id") for record in known}
        return [ident for ident in self._target.ids if ident not in met]

    def _chosen(self) -> Mapping[str, str]:
        """The elements that are named, with their runs."""
        if self._target.ids:
            records = self._state.records_of(self._target.ids, self._target.by)
            sent = self._state.journal.sent(elements=[record.element for record in records])
        elif self.run:
            sent = self._state.journal.sent(run=self.run)
        else:
            sent = {}
        wanted = {"invoices": False, "payments": True}.get(self._target.only)
        return {element: run for element, run in sent.items() if wanted in {None, "/" in element}}

    def _order(
        self, order_id: str, records: Sequence[Record], runs: Mapping[str, str]
    ) -> OrderScope:
        invoice = next((item for item in records if item.kind is DocumentKind.INVOICE), None)
        ident = LedgerId(invoice.document.ledger_id if invoice else "")
        named = invoice is not None and invoice.element in self._elements and _stands(invoice)
        receipt = {
            item.element
            for item in records
            if item.kind is DocumentKind.PAYMENT and ident and item.document.ledger_id == ident
        }
        ours = [
            item
            for item in records
            if item.kind is not DocumentKind.INVOICE
            and _stands(item)
            and (item.element in runs or item.element in receipt)
        ]
        money = tuple(item for item in ours if named or item.element in self._elements)
        later = {
            item.element: runs[item.element]
            for item in money
            if self.run and runs.get(item.element, self.run) != self.run
        }
        return OrderScope(
            order_id,
            ident,
            invoice if named else None,
            money,
            self._contact(invoice, runs) if named and invoice else NOBODY,
            later,
        )

    def _contact(self, invoice: Record, runs: Mapping[str, str]) -> LedgerId:
        draft = invoice.invoice_draft
        if draft is None:
            return NOBODY
        links = self._state.links.as_of([draft.person_id], runs.get(invoice.element, ""))
        return links.get(draft.person_id, NOBODY)


def _stands(record: Record) -> bool:
    """Whether a document is in the ledger for all that its record says, and may be taken back."""
    there = bool(record.document.ledger_id) and record.state not in ENDED
    return there and record.document.reason is not Reason.ALREADY_SYNCED


def _number(order_id: str) -> int:
    return int(order_id) if order_id.isdigit() else 0
