"""What a ledger can do for a run: the protocol that every adapter fulfils."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

from invoicesync_cli.config import Loaded
from invoicesync_cli.http.limits import ServiceLimits, Usage
from invoicesync_cli.load.found import (
    ContactPage,
    LedgerChanges,
    LedgerCreditNote,
    LedgerInvoice,
    LedgerPayment,
    Listed,
    ListedKind,
)
from invoicesync_cli.load.standing import Standings
from invoicesync_cli.model import (
    ZERO,
    ContactQuery,
    LedgerContact,
    LedgerFacts,
    LedgerId,
    LedgerPerson,
    LedgerSale,
    LedgerSettings,
    Reason,
)

UNLIMITED = ServiceLimits("", ())

SetupLists = Mapping[str, object]
"""The ledger's setup lists as it gave them, by name, so that they can be kept between runs."""


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What the ledger said to one element of a batch.

    Without an `id` it was refused, in the ledger's `words`; `reason` is the stable word
    for it, `hint` what to do where there is more to say than the reason does. `taken` says that its
    number or name belongs to something that exists already; `unclear`, that neither the answer nor
    a look shows what became of the element; `unapplied`, what of a payment is on no document;
    `removed`, that it was made, and voided or deleted since; `again`, that it was not made, and
    after how many seconds it may be sent anew.
    """

    id: LedgerId | None = None
    total: Decimal | None = None
    tax: Decimal | None = None
    words: str = ""
    reason: Reason = Reason.REJECTED
    hint: str = ""
    taken: bool = False
    unclear: bool = False
    unapplied: Decimal = ZERO
    removed: bool = False
    again: float | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the pipeline has to know of a ledger instead of asking which one it is.

    `lists_for` says which setup lists a held document's reason depends on, `identity` which lists
    say whose ledger it is (none, where the sign-in does). `alone` are the kinds of which one batch
    is sent at a time. `numbers_unique`: the ledger refuses a number that it has. `refunds_whole`: a
    refund is one document, with the money that it pays out. `contacts_whole`: contacts are read all
    at once. `codes_of_rates`: a tax code is made of rates, and one without any has none. `tracking`
    are the lists of what lines can be tracked by, where the others do not have them. `singly` are
    the kinds whose elements each are a call of their own. `refuses_overpayments`: no more money
    goes onto an invoice than is due on it. `limits` are those of its calls; one call asks who
    `matched_each` buyers are (0: all contacts are read once), and `looks_each` look after the
    invoices and payments of a thousand orders, before and after these are sent.
    """

    name: str
    batch: int
    in_flight: int
    lists: tuple[str, ...]
    lists_for: Mapping[Reason, tuple[str, ...]]
    identity: tuple[str, ...]
    alone: frozenset[str] = frozenset()
    numbers_unique: bool = True
    refunds_whole: bool = False
    contacts_whole: bool = True
    codes_of_rates: bool = False
    tracking: tuple[str, ...] = ()
    singly: frozenset[str] = frozenset()
    refuses_overpayments: bool = False
    limits: ServiceLimits = UNLIMITED
    matched_each: int = 0
    looks_each: int = 0


class Writer(Protocol):
    """What batches are sent to.

    Every call may raise `SignInNeeded`, `TryLater` or `ServiceRefused`.
    """

    capabilities: Capabilities

    @property
    def usage(self) -> Usage:
        """What has been asked of it so far."""
        ...

    @property
    def batch_size(self) -> int:
        """How many elements a batch should have at present: `capabilities.batch`, or fewer while
        it is slow."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait, as it wants it."""
        ...

    def body(self, kind: str, payloads: Sequence[Any]) -> bytes:
        """The body of a batch of a kind."""
        ...

    def send(
        self,
        kind: str,
        body: bytes,
        key: str,
        names: Sequence[str],
        *,
        sent_at: datetime | None = None,
        known: Collection[LedgerId] = (),
    ) -> list[WriteResult]:
        """Send a batch, or (with `sent_at`) look first for what of it is there."""
        ...


class Ledger(Writer, Protocol):
    """One organisation in one ledger."""

    def read_lists(self, names: Collection[str]) -> SetupLists:
        """The named setup lists, one call each."""
        ...

    def facts(self, lists: SetupLists) -> LedgerFacts:
        """The setup lists in the tool's own terms."""
        ...

    def settings(self, lists: SetupLists, loaded: Loaded) -> LedgerSettings:
        """The user's settings found in the ledger's lists; bodies are made for these from then on.

        Raises `ConfigError` with file and line for an account or tax code that is not there.
        """
        ...

    def organisations(self) -> list[tuple[str, str]]:
        """Id and name of every organisation that the sign-in opens."""
        ...

    def contacts(self, query: ContactQuery | None = None) -> Iterator[LedgerContact]:
        """Contacts, archived ones too: every one, or at least those that it asks for."""
        ...

    @property
    def approves(self) -> bool:
        """Whether new invoices are approved, so that money can go onto them at once."""
        ...

    @property
    def applies_credits(self) -> bool:
        """Whether the ledger may settle a part of new invoices by itself, from a credit that the
        customer has."""
        ...

    @property
    def notices(self) -> Sequence[str]:
        """What of the ledger's settings a person should know, in whole sentences; complete once
        `settings` was asked for."""
        ...

    def body(self, kind: str, payloads: Sequence[Any]) -> bytes:
        """The body of a batch: `contact` (of `NewContact`), `item` (`NewItem`), `invoice`
        (`Draft`), `payment` (`PaymentDraft` and the id of the credit note that is paid out, or
        None), `note` and `refund` (`PaymentDraft`), `allocation/<note id>` (one `PaymentDraft`),
        `apply` (`PaymentDraft` and the payment that is to go onto its invoice, one of
        `surviving_payments`); `undo/payment`, `undo/allocation`, `undo/note`, `undo/invoice` and
        `approve` (of what `standing` has found).
        """
        ...

    def payment_name(self, target: str, reference: str) -> str:
        """What a payment of a document is recognised by in an answer."""
        ...

    def send(
        self,
        kind: str,
        body: bytes,
        key: str,
        names: Sequence[str],
        *,
        sent_at: datetime | None = None,
        known: Collection[LedgerId] = (),
        only_look: bool = False,
    ) -> list[WriteResult]:
        """Send a batch of a kind under an idempotency key; the outcome of each element.

        `names` are the contact names or numbers, as sent. `sent_at` is when the same batch first
        went out, None for one that did not. Before anything goes out a second time the ledger is
        asked for it, and what is there is the outcome; with `only_look` nothing goes out again.
        `known` are payments that are other records', and what was taken back: none of it can be
        the outcome. Thread-safe. An error has `unknown` set when something may have been made.

        What is taken back or approved goes out once, without a look: whoever sends it has just
        looked, and looks again before it is sent again. `removed` says that it is taken back.
        """
        ...

    def alike(self, elements: Sequence[tuple[str, Any]]) -> list[list[LedgerId]]:
        """Of each element that was sent (its kind, `invoice`, `payment`, `note` or `refund`, and
        its payload as `body` takes it) every living document that could be it, the oldest first:
        several where somebody else has made it too. None where there is only one, for all that is
        seen without a closer look. In bulk: a call for a thousand while nobody else has."""
        ...

    def standing(
        self,
        documents: Collection[LedgerId],
        notes: Collection[LedgerId],
        payments: Collection[LedgerId],
    ) -> Standings:
        """How invoices (and sales receipts), credit notes (and refund receipts) and payments stand,
        with everything that is on them; in bulk."""
        ...

    def find_invoices(self, numbers: Sequence[str]) -> dict[str, LedgerInvoice]:
        """Invoices by number, as asked for; one that does not exist is left out."""
        ...

    def invoices(self, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerInvoice]:
        """Invoices by ledger id."""
        ...

    def marked(
        self, since: dt.date | None, known: Callable[[LedgerId], bool]
    ) -> Iterator[LedgerInvoice | LedgerCreditNote]:
        """Every invoice, sales receipt, credit note and refund receipt that bears a marker of ours,
        voided ones too, perhaps more than once; where the ledger has to read others' documents for
        it, those dated on or after a day. Nothing is kept of what was read. One that makes no sense
        is left out where it is `known`, and ends it where it is not."""
        ...

    def payments_on(self, targets: Sequence[LedgerId]) -> list[LedgerPayment]:
        """The payments of these invoices, credit notes and sales receipts, each with its target."""
        ...

    def surviving_payments(self, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerPayment]:
        """Of these payments, whose invoice may be dead, those that are alive.

        In QuickBooks they outlive their invoice: when that is voided its money stays with the
        customer. Made anew it would be booked twice; with the kind `apply` it goes onto an invoice
        again, whatever of it is elsewhere by now staying there. The ledger refuses that for what is
        in a bank deposit or a closed period.
        """
        ...

    def unapplied_payments(self, references: Sequence[str]) -> list[LedgerPayment]:
        """The living payments of these references that are on nothing, whoever entered them; none
        in a ledger where a payment is always on something."""
        ...

    def find_notes(self, numbers: Sequence[str]) -> list[LedgerCreditNote]:
        """The credit notes of these numbers, whoever made them."""
        ...

    def note(self, note_id: LedgerId) -> LedgerCreditNote | None:
        """A credit note by ledger id."""
        ...

    def listed(
        self, first: dt.date | None, last: dt.date | None, *, money: bool
    ) -> Iterator[Listed]:
        """Every sale and, with `money`, every note and payment dated from one day to another (None:
        open), whoever made it, about a thousand a call, perhaps more than once. Nothing is kept of
        what was read."""
        ...

    def listed_by_id(self, ids: Mapping[ListedKind, Sequence[LedgerId]]) -> Iterator[Listed]:
        """These documents of each kind; one that the ledger does not have is left out."""
        ...

    def changes(self, since: datetime, mark: str = "") -> Iterator[LedgerChanges]:
        """What changed since a time of the ledger's own clock, perhaps a little more; in one call
        or two while little has. Page by page, at least one; `until` is the same in all of them.
        `mark` is one that was made at that time or earlier; blank for none."""
        ...

    def mark(self, before: datetime) -> str:
        """What `changes` needs one day to tell whether anything was deleted since now of all that
        was made before a time, which is over for good by the ledger's own clock. One call; none,
        and blank, where it needs nothing. Blank where it cannot tell."""
        ...

    def sales_changed(
        self, since: datetime | None, first: dt.date | None
    ) -> Iterator[list[LedgerSale]]:
        """Sales invoices with their lines, whoever made them, the longest unchanged first, a page
        at a time, some of them twice: those changed since a time of the ledger's own clock, voided
        ones too; without a time, those dated on or after a day (None: all).

        A page begins at the time that the one before has reached, not at a place: an invoice that
        changes meanwhile moves to the end, and nothing slips onto a page that was read already.
        """
        ...

    def people(self, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerPerson]:
        """These contacts, archived ones too; one that the ledger does not have is left out."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


@runtime_checkable
class ChangedContacts(Protocol):
    """A ledger that says which contacts have changed, so that the others are kept from run to
    run."""

    def contact_pages(self, since: datetime | None) -> Iterator[ContactPage]:
        """Contacts that have changed since a time of the ledger's own clock, archived ones too,
        perhaps a few more, some more than once, the later time as it is now; without a time every
        one."""
        ...
