"""Documents that somebody has voided or deleted in the ledger: told once, never made again."""

from collections.abc import Collection
from dataclasses import replace

from invoicesync_cli.load.ledger import Found, Ledger
from invoicesync_cli.model import Document, Kind, LedgerId, State
from invoicesync_cli.state import State as StateFile
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync import outcomes
from invoicesync_cli.sync.setup import Setup


class Watch:
    """Looks after what was sent."""

    def __init__(self, state: StateFile, ledger: Ledger, setup: Setup, run: str) -> None:
        self._state = state
        self._ledger = ledger
        self._setup = setup
        self._run = run

    def look(self, order_ids: Collection[str]) -> list[Document]:
        """What has become of these orders' invoices in the ledger, and of the money on them."""
        records = self._state.records(Kind.INVOICE, order_ids)
        sent = {
            LedgerId(record.document.ledger_id): record
            for record in records.values()
            if record.state is State.CREATED
        }
        found = self._ledger.invoices(list(sent))
        if len(found) < len(sent):
            # In another organisation nothing would be found.
            self._setup.check_organisation()
        gone: list[Record] = []
        for ledger_id, record in sent.items():
            there = found.get(ledger_id)
            if there is None or not there.alive:
                gone.append(record)
            elif there.total - there.due < self._state.booked_on(record.key):
                gone += self._money(record, there)
        return self._tell(gone)

    def _money(self, record: Record, invoice: Found) -> list[Record]:
        """The payments and credits that are no longer on an invoice which lacks some of them."""
        alive = {item.id for item in self._ledger.payments_on([invoice.id]) if item.alive}
        gone = []
        for item in self._state.records_of([record.key], "order"):
            ident = LedgerId(item.document.ledger_id)
            if item.state is not State.CREATED or ident in {"", invoice.id}:
                continue
            if item.kind is Kind.PAYMENT and ident not in alive:
                gone.append(item)
            elif item.kind is Kind.CREDIT:
                note = self._ledger.note(ident)
                if note is None or not note.alive:
                    gone.append(item)
        return gone

    def _tell(self, gone: list[Record]) -> list[Document]:
        told = []
        with self._state.transaction():
            for record in gone:
                document = outcomes.ended(record.document, record.document.invoice_id)
                self._state.save(replace(record, document=document, run=self._run))
                if record.kind is Kind.INVOICE:
                    self._state.note_due(record.key, is_open=False)
                told.append(document)
        return told
