"""How documents of ours stand in a ledger, with everything that is on them: what has to be known
before one is taken back or approved, and what is then done with it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from invoicesync_cli.model import ZERO, LedgerId


class Ending(StrEnum):
    """What becomes of a document that is taken back."""

    VOIDED = "voided"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class StandingLine:
    """A line of an invoice as the ledger has it. `amount` is in the invoice's own tax mode,
    `tracking` the options that it is tracked by, as `TrackingPair` is shown."""

    description: str
    amount: Decimal
    account: str
    tax_code: str
    tax: Decimal
    tracking: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StandingDocument:
    """An invoice, sales receipt, credit note or refund receipt as it stands in the ledger.

    `left` is what of it is neither paid nor used, `ending` what would become of it, `entity` what
    the ledger calls its kind, `version` what a change of it has to name. One that is `paid_out` is
    a refund and the money of it in one. `lines` are those of an invoice that is not approved yet,
    where the ledger knows such.
    """

    id: LedgerId
    entity: str
    alive: bool
    ending: Ending
    approved: bool
    total: Decimal
    tax: Decimal | None
    left: Decimal
    date: dt.date | None
    contact_id: LedgerId
    reconciled: bool = False
    paid_out: bool = False
    version: str = ""
    number: str = ""
    reference: str = ""
    due_date: dt.date | None = None
    lines: tuple[StandingLine, ...] = ()


@dataclass(frozen=True, slots=True)
class StandingMoney:
    """A payment, a pay-out of a credit note, or the use of a credit note for an invoice (`note`),
    as it stands in the ledger. `on` has what of it is on each document, the credit note itself
    among them; `unapplied` is on none.
    """

    id: LedgerId
    entity: str
    ending: Ending
    alive: bool
    amount: Decimal
    date: dt.date | None
    reference: str
    on: Mapping[LedgerId, Decimal]
    reconciled: bool = False
    unapplied: Decimal = ZERO
    version: str = ""
    note: LedgerId | None = None


@dataclass(frozen=True, slots=True)
class Standings:
    """What was asked for, by ledger id, with all the money that is on it, whoever put it there.

    What the ledger does not show any more is left out.
    """

    documents: Mapping[LedgerId, StandingDocument]
    money: Mapping[LedgerId, StandingMoney]
