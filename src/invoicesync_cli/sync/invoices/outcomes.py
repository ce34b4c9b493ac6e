"""What a ledger's word on one invoice means for its document."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from invoicesync_cli.load.found import LedgerInvoice
from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.model import (
    Document,
    DocumentState,
    Expected,
    LedgerId,
    Reason,
    dismiss_command,
)
from invoicesync_cli.sync import outcomes


def of_sent(document: Document, expected: Expected, sent: WriteResult) -> Document:
    """The document after the ledger has answered for it."""
    if sent.id is not None and sent.removed:
        return outcomes.ended(replace(document, ledger_id=sent.id), expected.invoice_id)
    if sent.id is not None:
        words = " ".join(words for words in (document.message, sent.words) if words)
        return checked(document, expected, sent.id, sent.total, sent.tax, warning=words)
    return outcomes.refused(document, sent)


def of_no_contact(document: Document, sent: WriteResult) -> Document:
    """The document whose contact the ledger did not create, or did not say that it did."""
    if outcomes.refused_state(sent) is DocumentState.WAITING:
        return outcomes.refused(document, sent)
    if sent.unclear:
        return document.held(
            Reason.OUTCOME_UNKNOWN,
            f"The ledger's answer does not say whether the contact {document.contact} was created.",
            "The next sync looks for it before it is sent again.",
        )
    return replace(
        document,
        state=DocumentState.FAILED,
        reason=Reason.REJECTED,
        message=f"The ledger refused the contact {document.contact}: "
        f"{sent.words or 'it gave no reason.'}",
        hint="Correct the contact in Keap or create it in the ledger by hand.",
    )


def checked(
    document: Document,
    expected: Expected,
    ledger_id: LedgerId,
    total: Decimal | None,
    tax: Decimal | None,
    *,
    warning: str = "",
) -> Document:
    """A document that is in the ledger: created, or held because the totals differ."""
    found = replace(
        document,
        state=DocumentState.CREATED,
        ledger_id=ledger_id,
        ledger_total=total,
        reason=Reason.NONE,
        message=warning,
        hint="",
        ended="",
    )
    if total == expected.total and tax == expected.tax:
        return found
    currency = expected.currency
    return found.held(
        Reason.TOTALS_DIFFER,
        f"The ledger made it {total} {currency} with tax of {tax} {currency}; it should be "
        f"{expected.total} {currency} with tax of {expected.tax} {currency}.",
        "Correct the document in the ledger; once the totals agree the hold ends.",
    )


def of_taken(
    document: Document,
    expected: Expected,
    sent: WriteResult,
    found: LedgerInvoice | None,
    *,
    skip_synced: bool,
) -> Document:
    """The document whose number the ledger has already."""
    if found is None:
        return of_sent(document, expected, sent)
    if found.reference == expected.reference and found.alive:
        return of_marked(document, expected, [found], found, skip_synced=skip_synced)
    return of_number(document, found, expected.invoice_id)


def of_same_sale(document: Document, found: LedgerInvoice) -> Document:
    """The document whose number is that of one with its contact, date and total, which is not ours:
    made by hand, or by another program."""
    return document.held(
        Reason.NUMBER_TAKEN,
        f"The ledger has the number {found.number} with the same contact, date and total: "
        "probably the same sale, entered by hand or by another program.",
        "If it is, invoicesync adopt links it as it is, with its payments. If it is another "
        "sale, give it another number there.",
    )


def of_number(document: Document, found: LedgerInvoice, invoice_id: str) -> Document:
    """The document whose number is that of another one."""
    whose = f"an invoice with the reference {found.reference!r}" if found.reference else "another"
    status = "" if found.alive else " that was voided or deleted"
    hint = (
        "Look at it first. If it is this sale, entered by hand or by another program: "
        f"{dismiss_command(invoice_id, 'entered by hand')}. Only if it is another sale, give it "
        "another number there, or set invoices.number_prefix."
    )
    if not found.alive:
        hint = f"If it was deleted on purpose: invoicesync sync-id {invoice_id} --recreate"
    return document.held(
        Reason.NUMBER_TAKEN,
        f"The number {found.number} belongs to {whose}{status} in the ledger.",
        hint,
    )


def of_marked(
    document: Document,
    expected: Expected,
    living: Sequence[LedgerInvoice],
    found: LedgerInvoice,
    *,
    skip_synced: bool,
) -> Document:
    """The document of which the ledger has one with its order's marker, whatever its number: the
    only one of the `living`, or one that is dead."""
    if len(living) > 1:
        numbers = " and ".join(there.number for there in living)
        return document.held(
            Reason.AMBIGUOUS,
            f"The ledger has it more than once: {numbers} bear its marker.",
            "Void those that are too many in the ledger; the next sync goes on with the other one.",
        )
    if not found.alive:
        return outcomes.ended(replace(document, ledger_id=found.id), expected.invoice_id)
    if not skip_synced:
        return document.held(
            Reason.NUMBER_TAKEN,
            f"The ledger has it already as {found.number}, with this order's marker, and "
            "invoices.skip_synced is off.",
            "Look at it there. If it is right, invoicesync adopt links it as it is, with its "
            "payments; with invoices.skip_synced = true every such invoice counts as synced.",
        )
    there = checked(document, expected, found.id, found.total, found.tax)
    if there.state is not DocumentState.CREATED:
        return there
    message = "It was in the ledger already, with this order's marker."
    return replace(
        there, state=DocumentState.SKIPPED, reason=Reason.ALREADY_SYNCED, message=message
    )


def of_twin(document: Document, other: str) -> Document:
    """The document of an order that comes to the same number as the order `other`."""
    return document.held(
        Reason.NUMBER_TAKEN,
        f"The number {document.number} belongs to order {other} as well.",
        'Set invoices.number = "order": order ids never meet.',
    )


def of_looked_up(document: Document, expected: Expected, found: LedgerInvoice | None) -> Document:
    """The document of a request that was lost, after a look at the ledger.

    Not found means that it was never made: it is new again.
    """
    if found is None:
        return replace(document, state=DocumentState.NEW)
    if found.reference != expected.reference:
        return of_taken(document, expected, WriteResult(), found, skip_synced=True)
    if found.alive:
        return checked(document, expected, found.id, found.total, found.tax)
    return outcomes.ended(replace(document, ledger_id=found.id), expected.invoice_id)


def of_held(
    document: Document, expected: Expected, found: LedgerInvoice | None, *, adopted: bool = False
) -> Document:
    """A document that was in the ledger but not as it should be, after another look; of one that
    was `adopted` only the total and its currency count."""
    if found is None or not found.alive:
        return outcomes.ended(document, expected.invoice_id)
    if document.reason is Reason.AMBIGUOUS:
        # Whether it is the only one is seen where it is read back.
        return document
    if document.reason is Reason.CHANGED_AFTER_SYNC and found.total != expected.total:
        return outcomes.of_altered(document, expected.total, found.total)
    if adopted:
        agreed = checked(
            document, replace(expected, tax=found.tax), found.id, found.total, found.tax
        )
        currencies = {found.currency or expected.currency, expected.currency}
        right = agreed.state is DocumentState.CREATED and len(currencies) == 1
        return replace(agreed, reason=Reason.ADOPTED) if right else document
    return checked(document, expected, found.id, found.total, found.tax)


def of_changed(document: Document, difference: str) -> Document:
    """A document whose order was changed in Keap after it was sent (R12)."""
    return replace(
        document.held(
            Reason.CHANGED_AFTER_SYNC,
            f"Changed in Keap after it was sent: {difference}.",
            "Nothing was overwritten. Undo the change in Keap; or change the document in the "
            "ledger if it should follow, then: "
            + dismiss_command(document.invoice_id, "changed by hand"),
        ),
        ended="",
        noticed=difference,
    )


def of_reversed(document: Document, total: Decimal | None, found: LedgerInvoice | None) -> Document:
    """An order in Keap that is not as the invoice of the ledger that it was made of, after another
    look at both: `total` is what it comes to in Keap now."""
    if found is None or not found.alive:
        return sale_ended(document)
    if found.total != total:
        return replace(document, ledger_total=found.total, ended="")
    if document.reason is Reason.AMBIGUOUS:
        # Whether it is the only one is seen where it is read back.
        return document
    return replace(
        document,
        state=DocumentState.CREATED,
        total=total,
        ledger_total=found.total,
        reason=Reason.NONE,
        message="",
        hint="",
        ended="",
    )


def sale_ended(document: Document) -> Document:
    """An order in Keap whose invoice was voided or deleted in the ledger since."""
    return replace(
        document.held(
            Reason.CHANGED_AFTER_SYNC,
            "The invoice that the order in Keap was made of was voided or deleted in the "
            "ledger since.",
            "Nothing was changed in Keap. Delete or refund the order there if it should follow, "
            f"then: {dismiss_command(document.invoice_id, 'voided')}",
        ),
        ended="ledger",
    )


def sale_altered(document: Document, total: Decimal) -> Document:
    """An order in Keap whose invoice was changed in the ledger since."""
    currency = document.currency
    return replace(
        document.held(
            Reason.CHANGED_AFTER_SYNC,
            "The invoice that the order in Keap was made of was changed in the ledger since: "
            f"it was {document.ledger_total} {currency}, is {total} {currency}.",
            "Change the order in Keap if it should follow: once the totals agree the hold ends. "
            f"Or: {dismiss_command(document.invoice_id, 'changed on purpose')}",
        ),
        ledger_total=total,
        ended="",
    )
