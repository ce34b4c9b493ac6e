"""The documents of invoices at every stage of a run, as the log and `--json` show them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from invoicesync_cli.fetch.keap import KeapOrder
from invoicesync_cli.model import (
    Decision,
    Document,
    DocumentKind,
    DocumentState,
    Draft,
    Invoice,
    Reason,
    marker,
)
from invoicesync_cli.state.rows import Record
from invoicesync_cli.transform.dates import local_date


def fresh(order: KeapOrder, zone: ZoneInfo) -> Document:
    """An order that has not been judged yet, of the day that it has in the company's time zone."""
    invoice = order.invoice
    return Document(
        DocumentKind.INVOICE,
        DocumentState.NEW,
        order_id=order.order_id,
        invoice_id=order.invoice_id,
        contact=invoice.buyer if invoice else "",
        date=local_date(invoice.order_time, zone) if invoice else None,
        total=invoice.total if invoice else None,
        currency=invoice.currency if invoice else "",
        reference=marker(order.order_id, order.invoice_id),
    )


def drafted(draft: Draft, invoice: Invoice) -> Document:
    """A draft that is about to be sent."""
    return Document(
        DocumentKind.INVOICE,
        DocumentState.CREATED,
        order_id=draft.order_id,
        invoice_id=draft.invoice_id,
        number=draft.number,
        contact=invoice.buyer,
        date=draft.date,
        total=invoice.total,
        currency=draft.currency,
        reference=draft.reference,
        account=", ".join(dict.fromkeys(line.account for line in draft.lines if line.account)),
        message=draft.note,
    )


def decided(document: Document, decisions: Iterable[Decision]) -> Document:
    """What was decided of a document before it was held."""
    values = {decision.field: decision.value for decision in decisions}
    day = values.get("date")
    return replace(
        document,
        number=values.get("number", ""),
        reference=values.get("reference", document.reference),
        date=date.fromisoformat(day) if day else document.date,
    )


def unreadable(order: KeapOrder, zone: ZoneInfo) -> Document:
    """An order that Keap gave in a form that cannot be read."""
    return replace(
        fresh(order, zone),
        state=DocumentState.FAILED,
        reason=Reason.REJECTED,
        message=order.problem,
        hint="Open the order in Keap and save it again; the next sync looks at it again.",
    )


def on_its_way(record: Record) -> Document:
    """A document that an interrupted run was sending."""
    return record.document.held(
        Reason.OUTCOME_UNKNOWN,
        "It was sent by a run that was interrupted; its outcome is looked up first.",
        "Run invoicesync sync, without --dry-run.",
    )


def there_already(record: Record, *, alive: bool, retried: bool) -> Document:
    """A document that is in the ledger already; `alive` says that a look there has shown it.

    Where it is only `retried`, nobody has asked for the document itself to be made anew.
    """
    anew = f"invoicesync sync-id {record.document.invoice_id} --recreate makes it anew"
    message, hint = "It is in the ledger already.", f"{anew} if it was deleted or voided there."
    if record.reversed:
        message, hint = "It was made from an invoice in the ledger, and is not sent back.", ""
    elif alive:
        message, hint = "It still exists in the ledger.", ""
    elif record.document.ended == "ledger":
        message, hint = "It was created, and voided or deleted in the ledger since.", f"{anew}."
    elif retried:
        message, hint = "It is in the ledger already; only its money was tried again.", ""
    return replace(
        record.document,
        state=DocumentState.SKIPPED,
        reason=Reason.ALREADY_SYNCED,
        message=message,
        hint=hint,
    )


def at_least(invoice_id: str, wanted: str) -> bool:
    """Whether an invoice id is the wanted one or a later one."""
    return invoice_id.isdigit() and int(invoice_id) >= int(wanted)
