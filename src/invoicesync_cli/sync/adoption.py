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
credit notes and refunds of the order become records likewise (`sync/adopted_money.py`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from pydantic import TypeAdapter

from invoicesync_cli.errors import Held
from invoicesync_cli.load.ledger import Found, FoundNote, LedgerChanges
from invoicesync_cli.model import Decision, Draft, Invoice, LedgerId, OrderId, Payment, marked_order
from invoicesync_cli.state import unrecorded
from invoicesync_cli.sync import outcomes
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.documents import drafted
from invoicesync_cli.sync.planned import Planned
from invoicesync_cli.transform.invoice import make_draft
from invoicesync_cli.transform.rules import Rules

LOOKED = "marked_read"
"""When the ledger was asked for everything of ours (ISO, UTC); blank for not yet."""
SEEN = "ledger_seen"
"""Up to which time, by the ledger's own clock, its changes have been looked at."""

CHUNK = 1000

INVOICE: tuple[str, TypeAdapter[Any]] = ("invoice", TypeAdapter(Found))
NOTE: tuple[str, TypeAdapter[Any]] = ("note", TypeAdapter(FoundNote))
"""The kinds of row, and how each is written."""


class Adoption:
    """Knows what the ledger has of ours without a record."""

    def __init__(self, context: RunContext) -> None:
        self._state = context.state
        self._ledger = context.ledger
        self._setup = context.setup
        self._now = context.now
        self._learned = False
        self.taken: Mapping[LedgerId, Found] = {}
        """What was found of the last chunk of orders, as it is in the ledger now."""

    @property
    def looked(self) -> bool:
        """Whether the ledger has been asked for everything of ours."""
        return bool(self._state.fact(LOOKED))

    def look(self) -> None:
        """Know everything of ours that the ledger has, as it is in this run."""
        if self.looked and not self._learned:
            since = datetime.fromisoformat(self._state.fact(SEEN) or self._state.fact(LOOKED))
            self.learn(self._ledger.changes(min(since, self._now())))
        if self.looked:
            return
        # In another organisation nothing, or somebody else's, would be found.
        self._setup.check_organisation()
        server = self._ledger.usage.server_time or self._now()
        moment = min(server, self._now()).isoformat()
        found = self._ledger.marked(self._setup.first_day)
        unrecorded.clear(self._state.db)
        while part := list(islice(found, CHUNK)):
            self._put(part)
        self._state.remember(LOOKED, moment)
        self._learned = True

    def learn(self, changes: LedgerChanges) -> None:
        """Take note of what has changed in the ledger since the last run, whoever changed it."""
        self._learned = True
        if not changes.complete:
            self._state.remember(LOOKED, "")
            return
        unrecorded.drop(self._state.db, [*changes.invoices, *changes.notes])
        self._put([*changes.invoices.values(), *changes.notes.values()])

    def invoices(self, order_ids: Iterable[str]) -> Mapping[OrderId, Sequence[Found]]:
        """The invoices and sales receipts without a record that bear these orders' markers."""
        return self._of(INVOICE, order_ids)

    def notes(self, order_ids: Iterable[str]) -> Mapping[OrderId, Sequence[FoundNote]]:
        """The credit notes and refund receipts likewise."""
        return self._of(NOTE, order_ids)

    def _put(self, found: Iterable[Found | FoundNote | None]) -> None:
        rows = []
        for document in found:
            order = marked_order(document.reference) if document else None
            if document and order:
                kind, adapter = NOTE if isinstance(document, FoundNote) else INVOICE
                text = adapter.dump_json(document).decode()
                rows.append(unrecorded.Unrecorded(document.id, order, kind, text))
        with self._state.transaction():
            unrecorded.put(self._state.db, rows)

    def _of(
        self, form: tuple[str, TypeAdapter[Any]], order_ids: Iterable[str]
    ) -> Mapping[OrderId, list[Any]]:
        kind, adapter = form
        found: dict[OrderId, list[Any]] = defaultdict(list)
        for row in unrecorded.of_orders(self._state.db, kind, order_ids):
            found[row.order_id].append(adapter.validate_json(row.found))
        return found


def take_up(
    plan: Planned,
    found: Sequence[Found],
    payments: Sequence[Payment],
    rules: Rules,
    *,
    skip_synced: bool,
) -> None:
    """Make a document that the ledger has the outcome of an order's plan: nothing is sent.

    What keeps an order from being sent today, a lock date or a rule of the user's, does not count
    for one that was sent.
    """
    invoice = plan.order.invoice
    draft = plan.draft
    if draft is None and invoice is not None:
        plan.decisions = []
        draft = _draft_of(invoice, payments, rules, plan.decisions)
    if draft is None or invoice is None:
        return
    living = [document for document in found if document.alive]
    there = (living or list(found))[-1]
    plan.draft = replace(
        draft,
        number=there.number,
        receipt=draft.receipt if there.receipt else None,
        contact_id=there.contact_id,
    )
    plan.document = replace(drafted(plan.draft, invoice), contact=plan.document.contact)
    because = "its number in the ledger, where it was found by its marker"
    found_there = Decision("number", there.number, "R1", because)
    plan.decisions = [
        found_there if decision.field == "number" else decision for decision in plan.decisions
    ]
    plan.document = outcomes.of_marked(
        plan.document, plan.draft.expected, living, there, skip_synced=skip_synced
    )


def _draft_of(
    invoice: Invoice, payments: Sequence[Payment], rules: Rules, decisions: list[Decision]
) -> Draft | None:
    """What would be sent if nothing was locked; None where no sense can be made of the order."""
    booking = rules.booking
    open_ = replace(booking, facts=replace(booking.facts, lock_date=None))
    try:
        return make_draft(invoice, payments, replace(rules, booking=open_), decisions)
    except Held:
        return None
