"""The ledger's documents, and which of them was found to be which of Keap's."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal

from invoicesync_cli.load.found import Listed, ListedKind
from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.model import Document, DocumentKind, LedgerId, OrderId
from invoicesync_cli.progress import ProgressListener
from invoicesync_cli.statement import Period

READING = "Reading the ledger's documents"


class Books:
    """What the ledger has of a period, only the figures; what lies elsewhere is read by its id."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._all: dict[LedgerId, Listed] = {}
        self._asked: set[LedgerId] = set()
        self._of_order: dict[OrderId, list[LedgerId]] = defaultdict(list)
        self._notes: dict[OrderId, list[LedgerId]] = defaultdict(list)
        self._numbered: dict[str, list[LedgerId]] = defaultdict(list)
        self._on: dict[str, list[LedgerId]] = defaultdict(list)
        self._claimed: set[LedgerId] = set()

    def read(self, period: Period, progress: ProgressListener, *, money: bool) -> None:
        """Read the lists of a period."""
        progress.phase(READING)
        for entry in self._ledger.listed(period.first, period.last, money=money):
            if self._keep(entry):
                progress.advance(1)

    def read_also(self, wanted: Iterable[Document]) -> None:
        """Read by their ids what of these documents is not among what was read."""
        ids: dict[ListedKind, list[LedgerId]] = defaultdict(list)
        for document in wanted:
            ident = LedgerId(document.ledger_id)
            if ident and ident not in self._all and ident not in self._asked:
                ids[listed_kind(document.kind)].append(ident)
        self._fetch(ids)
        # The payment of a sales receipt is the receipt.
        self._fetch({"sale": [ident for ident in ids["payment"] if ident not in self._all]})

    def _fetch(self, ids: dict[ListedKind, list[LedgerId]]) -> None:
        self._asked.update(*ids.values())
        for entry in self._ledger.listed_by_id(ids):
            self._keep(entry)

    def _keep(self, entry: Listed) -> bool:
        if entry.id in self._all:
            return False
        self._all[entry.id] = entry
        if entry.kind == "sale" and entry.order:
            self._of_order[entry.order].append(entry.id)
        elif entry.kind == "note" and entry.order:
            self._notes[entry.order].append(entry.id)
        elif entry.kind == "sale":
            self._numbered[entry.number.casefold()].append(entry.id)
        elif entry.kind == "payment":
            self._on[entry.target].append(entry.id)
        return True

    def claim(self, entry: Listed) -> Listed:
        """Note that a document is one of Keap's."""
        self._claimed.add(entry.id)
        return entry

    def get(self, ident: str) -> Listed | None:
        """A document by its id."""
        return self._all.get(LedgerId(ident))

    def living(self, ident: str) -> Listed | None:
        """A document by its id, unless it was voided or deleted."""
        found = self.get(ident)
        return found if found and found.alive else None

    def sale(
        self, order: OrderId, ident: str, number: str, totals: Collection[Decimal | None]
    ) -> Listed | None:
        """The living sale of an order: by its id, by marker, by number and total."""
        found = self.living(ident) or next(self._free(self._of_order.get(order, ())), None)
        if found is None and number:
            same = self._free(self._numbered.get(number.casefold(), ()))
            found = next((entry for entry in same if entry.total in totals), None)
        return self.claim(found) if found else None

    def payments_on(self, target: str) -> Iterator[Listed]:
        """The living payments of a document that nobody has claimed."""
        return self._free(self._on.get(target, ()))

    def note(self, order: OrderId, payment: str) -> Listed | None:
        """The living note with an order's marker whose number is that of a payment of Keap's, and
        that nobody has claimed."""
        free = self._free(self._notes.get(order, ()))
        return next((entry for entry in free if payment in entry.number.split("-")[1:]), None)

    def paid_out(self, note: Listed) -> Listed | None:
        """What has paid a credit note out, where that is one document."""
        if note.receipt:
            return note
        found = [self._all[ident] for ident in self._on.get(note.id, ())]
        living = [entry for entry in found if entry.alive]
        return self.claim(living[0]) if len(living) == 1 else None

    def twin(self, payment: Listed) -> bool:
        """Whether another payment of its document has its reference, and was claimed."""
        others = (self._all[ident] for ident in self._on.get(payment.target, ()))
        return any(
            other.id in self._claimed and other.reference == payment.reference for other in others
        )

    def claimed(self, kind: ListedKind) -> Iterator[Listed]:
        """What was claimed of a kind."""
        found = (self._all[ident] for ident in self._claimed)
        return (entry for entry in found if entry.kind == kind)

    def left(self) -> list[Listed]:
        """The living documents that nobody has claimed."""
        return list(self._free(self._all))

    def _free(self, ids: Iterable[LedgerId]) -> Iterator[Listed]:
        found = (self._all[ident] for ident in ids)
        return (entry for entry in found if entry.alive and entry.id not in self._claimed)


def listed_kind(kind: DocumentKind) -> ListedKind:
    """As what the ledger lists a kind of document."""
    if kind is DocumentKind.INVOICE:
        return "sale"
    return "payment" if kind is DocumentKind.PAYMENT else "note"


SaleKey = tuple[str, Decimal, dt.date | None]


def sale_key(entry: Listed) -> SaleKey:
    """What two sales have in common that may be the same: contact, total and date."""
    return entry.contact_id, entry.total, entry.date
