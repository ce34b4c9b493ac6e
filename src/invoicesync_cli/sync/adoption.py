"""Documents that the ledger has though no record knows them: taken up by their marker (R1, R16).

A state that was lost has no records; an older copy of it lacks those made since. The documents are
in the ledger all the same, perhaps under another number. So before anything is sent:

* A state that has never looked asks the ledger once for every document that bears a marker, dead
  ones too (`Ledger.marked`). One look is spared: where nobody in the ledger bears a number of ours
  and everybody who is to be sent something is new to it, nothing of theirs can be there.
* From then on the ledger's own list of changes, which every run reads, shows what was made behind
  the state's back (`learn`): by the runs that an older copy does not know, or by another machine.

What is found lies in the table `unrecorded` until its order comes up. Then the document becomes the
record of its invoice (`take_up`): nothing is sent for it, and its money is judged against it. The
credit notes and refunds of the order become records likewise (`sync/payments/adopt.py`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from invoicesync_cli.load.found import LedgerChanges, LedgerCreditNote, LedgerInvoice
from invoicesync_cli.model import LedgerId, OrderId, marked_order
from invoicesync_cli.state import Store, unrecorded
from invoicesync_cli.state.codec import dump, load
from invoicesync_cli.state.history import stamp
from invoicesync_cli.sync import marks
from invoicesync_cli.sync.context import CHUNK, RunContext

LOOKED = "marked_read"
"""When the ledger was asked for everything of ours (ISO, UTC); blank for not yet."""
SEEN = "ledger_seen"
"""Up to which time, by the ledger's own clock, its changes have been looked at."""
OTHER_MACHINE = "other_machine"
"""When the ledger last showed documents of ours that this machine has not made (ISO, UTC)."""

ADOPTING = "adopting"
"""When an `adopt` began that has not come to its end (ISO, UTC); blank for none."""

D = TypeVar("D", LedgerInvoice, LedgerCreditNote)


class Adoption:
    """Knows what the ledger has of ours without a record."""

    def __init__(self, context: RunContext) -> None:
        self._state = context.state
        self._ledger = context.ledger
        self._preflight = context.preflight
        self._now = context.now
        self._learned = False
        self.taken: Mapping[LedgerId, LedgerInvoice] = {}
        """What was found of the last chunk of orders, as it is in the ledger now."""

    @property
    def looked(self) -> bool:
        """Whether the ledger has been asked for everything of ours."""
        return bool(self._state.get_meta(LOOKED))

    def look(self) -> None:
        """Know everything of ours that the ledger has, as it is in this run."""
        if self.looked and not self._learned:
            since = datetime.fromisoformat(
                self._state.get_meta(SEEN) or self._state.get_meta(LOOKED)
            )
            mark = marks.kept(self._state)
            for changes in self._ledger.changes(min(since, self._now()), mark.text if mark else ""):
                self.learn(changes)
        if self.looked:
            return
        # In another organisation nothing, or somebody else's, would be found.
        self._preflight.check_organisation()
        server = self._ledger.usage.server_time or self._now()
        moment = min(server, self._now()).isoformat()
        found = self._ledger.marked(
            self._preflight.first_day, lambda ident: bool(self._recorded([ident]))
        )
        unrecorded.clear(self._state.db)
        while part := list(islice(found, CHUNK)):
            self._put(part)
        self._state.set_meta(LOOKED, moment)
        self._learned = True

    def learn(self, changes: LedgerChanges) -> None:
        """Take note of a part of what has changed in the ledger since the last run, whoever
        changed it."""
        self._learned = True
        # What was found earlier may be gone by now.
        stale = not changes.shows_deleted and unrecorded.holds_any(self._state.db)
        # What makes no sense may be one of ours whose marker does not show.
        unknown = not changes.unreadable <= self._recorded(changes.unreadable)
        if stale or unknown or not changes.complete:
            self._state.set_meta(LOOKED, "")
            return
        unrecorded.drop(self._state.db, [*changes.invoices, *changes.notes])
        if self._put([*changes.invoices.values(), *changes.notes.values()]) and self.looked:
            note_other_machine(self._state, self._now())

    def invoices(self, order_ids: Iterable[str]) -> Mapping[OrderId, Sequence[LedgerInvoice]]:
        """The invoices and sales receipts without a record that bear these orders' markers."""
        return self._of("invoice", LedgerInvoice, order_ids)

    def notes(self, order_ids: Iterable[str]) -> Mapping[OrderId, Sequence[LedgerCreditNote]]:
        """The credit notes and refund receipts likewise."""
        return self._of("note", LedgerCreditNote, order_ids)

    def _put(self, found: Iterable[LedgerInvoice | LedgerCreditNote | None]) -> bool:
        """Keep what bears a marker; whether any of it is alive and no record's. What was taken back
        is no news, whoever knows of it by now."""
        rows = []
        marked = [
            (order, document)
            for document in found
            if document and (order := marked_order(document.reference))
        ]
        dead = self._state.history.taken_back({order for order, _ in marked})
        for order, document in marked:
            if document.id in dead and not document.alive:
                continue
            if isinstance(document, LedgerInvoice):
                kind, text = "invoice", dump(LedgerInvoice, document)
            else:
                kind, text = "note", dump(LedgerCreditNote, document)
            rows.append(unrecorded.Unrecorded(document.id, order, kind, text))
        with self._state.transaction():
            unrecorded.put(self._state.db, rows)
        living = {document.id for _, document in marked if document.alive}
        return not living <= self._recorded(living)

    def _recorded(self, ids: Collection[LedgerId]) -> set[str]:
        """Which of these documents of the ledger a record knows."""
        return {record.document.ledger_id for record in self._state.records_at(ids)}

    def _of(self, kind: str, form: type[D], order_ids: Iterable[str]) -> Mapping[OrderId, list[D]]:
        found: dict[OrderId, list[D]] = defaultdict(list)
        for row in unrecorded.of_orders(self._state.db, kind, order_ids):
            found[row.order_id].append(load(form, row.found))
        return found


def note_other_machine(state: Store, now: datetime) -> None:
    """Remember that the ledger shows another machine's runs, for `doctor`."""
    state.set_meta(OTHER_MACHINE, stamp(now))
