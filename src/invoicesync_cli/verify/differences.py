"""What can differ between the two sides, and the judgement on one document. Pure functions."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from invoicesync_cli.load.found import Listed
from invoicesync_cli.model import (
    ZERO,
    Document,
    DocumentKind,
    LedgerAccount,
    LedgerId,
)
from invoicesync_cli.verify.sides import InKeap, Known


class What(StrEnum):
    """What differs: the stable word of `--json`."""

    MISSING = "missing"
    EXTRA = "extra"
    DUPLICATE = "duplicate"
    POSSIBLE_DUPLICATE = "possible-duplicate"
    TOTAL = "total"
    TAX = "tax"
    DATE = "date"
    CONTACT = "contact"
    BALANCE = "balance"
    ACCOUNT = "account"


A_DAY, NO_TIME = dt.timedelta(days=1), dt.timedelta(0)
HINTS = {
    What.EXTRA: "Void or delete it in the ledger, if Keap is right; else enter it in Keap again.",
    What.DUPLICATE: "Look at both in the ledger and void the one that is too many.",
    What.POSSIBLE_DUPLICATE: "Somebody else's. Look whether it is the same sale: then void one.",
    What.TOTAL: "Correct the figure that is wrong, in Keap or in the ledger.",
    What.TAX: "Correct the tax that is wrong, in Keap or in the ledger.",
    What.DATE: "Correct the date that is wrong, in Keap or in the ledger.",
    What.CONTACT: "Correct the contact in the ledger, or the order's in Keap.",
    What.BALANCE: "Look at the money and credits on it in the ledger: some is not Keap's.",
    What.ACCOUNT: "Move the money to the right account in the ledger.",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference; `keap` and `ledger` are the compared figure, date or name, None for none."""

    what: What
    kind: DocumentKind
    order_id: str = ""
    invoice_id: str = ""
    payment_id: str = ""
    number: str = ""
    date: dt.date | None = None
    keap: str | None = None
    ledger: str | None = None
    ledger_id: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A document's figures on both sides, None where one does not have it.

    `explained` is what of the difference the record accounts for, and `accounted` whether it has
    anything to say; without either, `expected` is what the ledger should have and has not.
    """

    keap: Decimal | None
    ledger: Decimal | None
    explained: Decimal = ZERO
    accounted: bool = False
    what: What | None = None
    expected: Decimal = ZERO


def weigh(keap: Decimal | None, known: Known | None, there: Listed | None) -> Weighed:
    """Whether both sides have a document with the same figure, or its record says why not."""
    ledger = there.total if there and there.alive else None
    accounts = known is not None and known.accounts
    if ledger is None:
        if keap is None or (known and accounts and not known.in_ledger):
            return Weighed(keap, None, keap or ZERO, accounts)
        return Weighed(keap, None, what=What.MISSING, expected=keap)
    if there and known and known.taken_back and there.id == known.document.ledger_id:
        said = keap or ZERO
        return Weighed(keap, ledger, said, accounted=True, what=What.EXTRA, expected=said)
    if keap is None:
        if accounts:
            return Weighed(None, ledger, -ledger, accounted=True)
        return Weighed(None, ledger, what=What.EXTRA)
    offset = known.offset if known else ZERO
    if ledger == keap - offset:
        return Weighed(keap, ledger, offset, accounts or offset != ZERO)
    if known and known.as_booked and ledger == keap:
        # All of it is there; its record has only what of it is on the invoice.
        return Weighed(keap, ledger)
    if (
        known
        and accounts
        and there
        and known.document.ledger_total in {None, ledger, there.applied}
    ):
        return Weighed(keap, ledger, keap - ledger, accounted=True)
    return Weighed(keap, ledger, offset, offset != ZERO, What.TOTAL, keap - offset)


def of_figures(
    weighed: Weighed, keap: InKeap | None, known: Known | None, there: Listed | None
) -> Iterator[Difference]:
    """The difference that was found in weighing."""
    if weighed.what is None:
        return
    shown = None if weighed.keap is None else f"{weighed.expected:.2f}"
    ledger = None if weighed.ledger is None else f"{weighed.ledger:.2f}"
    yield difference(weighed.what, keap, known, there, shown, ledger)


def of_sale(
    keap: InKeap, known: Known | None, there: Listed, contact_id: str, *, figures: bool
) -> Iterator[Difference]:
    """Differences of tax, date and contact; `contact_id` is the ledger's for Keap's buyer, blank
    where it is not known, and `figures` says that the totals agree."""
    tax = _expected_tax(keap, known)
    if figures and tax is not None and tax != there.tax:
        yield difference(What.TAX, keap, known, there, f"{tax:.2f}", f"{there.tax:.2f}")
    yield from of_date(keap, known, there)
    moved = known and known.sent and known.sent.person and known.sent.person != keap.person
    if (moved or contact_id) and contact_id != there.contact_id:
        name = there.contact or there.contact_id
        yield difference(What.CONTACT, keap, known, there, keap.name or keap.person, name)


def _expected_tax(keap: InKeap, known: Known | None) -> Decimal | None:
    """What Keap has, and of an order that it did not tax what was sent; None if nobody knows."""
    if keap.tax is None or (known and known.adopted):
        return None
    if known is None:
        return keap.tax or None
    sent = known.sent
    if sent is None or sent.tax is None:
        return None
    return keap.tax or sent.tax


def of_date(keap: InKeap, known: Known | None, there: Listed) -> Iterator[Difference]:
    """Another date in the ledger than in Keap."""
    if keap.date is None or there.date is None:
        return
    most = A_DAY if known and known.adopted else NO_TIME
    if abs(keap.date - there.date) > most:
        yield difference(
            What.DATE, keap, known, there, keap.date.isoformat(), there.date.isoformat()
        )


def of_account(keap: InKeap, known: Known, there: Listed, paid: Listed) -> Iterator[Difference]:
    """Money on another account than it was sent to; `paid` is the payment, or what has it."""
    account = known.sent.account if known.sent else None
    if account is None or not (paid.account_id or paid.account):
        return
    if paid.account_id != account.id and not (account.code and paid.account == account.code):
        name = paid.account or paid.account_id
        yield difference(What.ACCOUNT, keap, known, there, _called(account), name)


def _called(account: LedgerAccount) -> str:
    return account.code or account.name or account.id


def difference(
    what: What,
    keap: InKeap | None,
    known: Known | None,
    there: Listed | None,
    shown: str | None,
    ledger: str | None,
) -> Difference:
    """A difference with the ids of both sides."""
    document = known.document if known else None
    date = keap.date if keap else document.date if document else None
    source: InKeap | Document | None = keap or document
    hint = HINTS.get(what, "")
    if what is What.MISSING and source:
        ident = source.invoice_id
        booked = bool(document and document.ledger_id)
        anew = f"Voided or deleted there? To make it anew: invoicesync sync-id {ident} --recreate"
        hint = anew if booked else "Not sent yet: invoicesync sync"
    if what is What.EXTRA and known and known.taken_back:
        hint = "By its record it was taken back: void or delete it in the ledger."
    return Difference(
        what=what,
        kind=source.kind if source else DocumentKind.INVOICE,
        order_id=source.order_id if source else "",
        invoice_id=source.invoice_id if source else "",
        payment_id=source.payment_id if source else "",
        number=(there.number if there else "") or (document.number if document else ""),
        date=date,
        keap=shown,
        ledger=ledger,
        ledger_id=there.id if there else LedgerId(document.ledger_id if document else ""),
        hint=hint,
    )
