"""`explain`: one invoice, every decision about it, what both sides have of it, and what to do."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from invoicesync_cli.cli.arguments import AnyId, ByAny, IdKind, an_id
from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.explain_text import Data, show, state_of
from invoicesync_cli.cli.progress import progress
from invoicesync_cli.cli.report import Report
from invoicesync_cli.cli.tables import instalment_as_json, today
from invoicesync_cli.errors import ExitCode, InvoiceSyncError

if TYPE_CHECKING:
    from invoicesync_cli.model import Decision, Document, Instalment
    from invoicesync_cli.state.rows import Record
    from invoicesync_cli.sync.explain import Explanation, Standing
    from invoicesync_cli.sync.invoices.changes import InvoiceSource


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "explain", help="Why an invoice is booked, skipped or held as it is.")
    def _explain(
        call: Call,
        id: AnyId,  # noqa: A002
        by: ByAny = "invoice",
        offline: Annotated[
            bool, typer.Option("--offline", help="Ask nobody: only what the records say.")
        ] = False,
    ) -> Report:
        if by == "ledger":
            return _of_ledger(call, id, offline=offline)
        return _explained(call, an_id(id), by, offline=offline)


def _of_ledger(call: Call, name: str, *, offline: bool) -> Report:
    """An invoice by its number or id in the ledger: as any other where it has an order in Keap,
    else what the record says."""
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.sync.invoices.missing import unknown

    with Workspace().look(call) as (_, state):
        records = state.sales_named([name])
    if not records:
        data = _data([], None, [], unknown(name, "ledger"))
        return Report(data, lambda screen: show(screen, data), ExitCode.NEEDS_PERSON)
    if records[0].document.order_id:
        return _explained(call, records[0].document.order_id, "order", offline=offline)
    data = _data(records[:1], None, [])
    return Report(data, lambda screen: show(screen, data))


def _explained(call: Call, ident: str, by: IdKind, *, offline: bool) -> Report:
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.state import instalments
    from invoicesync_cli.sync.explain import explain
    from invoicesync_cli.sync.invoices.missing import unknown, unmet

    workspace = Workspace()
    with workspace.look(call) as (_, state):
        recorded = state.records_of([ident], by)
        kept = instalments.of_orders(state.db, {item.document.order_id for item in recorded})
    plan = next(iter(kept.values()), [])
    found = None
    if not offline:
        try:
            with (
                progress(call) as shown,
                workspace.run(call, {}, dry_run=True, progress=shown) as resources,
            ):
                shown.phase("Asking both services")
                found = explain(resources, ident, by)
        except InvoiceSyncError as error:
            if _invoice_of(recorded) is None:
                error.partial = {}
                raise
            # What is known is shown all the same; the error says what it could not be held against.
            error.partial = data = _data(recorded, None, plan)
            if not call.json:
                show(call.screen, data)
            raise
    if _invoice_of(found.judged if found else recorded) is None:
        document = unknown(ident, by) if found else unmet(ident, by)
        data = _data([], None, [], document)
        return Report(data, lambda screen: show(screen, data), ExitCode.NEEDS_PERSON)
    data = _data(recorded, found, plan)
    return Report(data, lambda screen: show(screen, data))


def _invoice_of(records: "Sequence[Record]") -> "Record | None":
    from invoicesync_cli.model import DocumentKind

    return next((record for record in records if record.kind is DocumentKind.INVOICE), None)


def _data(
    recorded: "Sequence[Record]",
    found: "Explanation | None",
    plan: "Sequence[Instalment]",
    missing: "Document | None" = None,
) -> Data:
    """What is explained. Times are ISO 8601 UTC; what nobody was asked about has the records', and
    the instalments of the `plan` that the last run has kept."""
    from invoicesync_cli.model import Decision
    from invoicesync_cli.state.codec import as_json, load
    from invoicesync_cli.sync.invoices.changes import InvoiceSource, source_of

    known = _invoice_of(recorded)
    judged = _invoice_of(found.judged) if found else None
    sent = known is not None and bool(known.document.ledger_id)
    # What was sent was decided then; of anything else the newest verdict counts.
    decided = known if sent or judged is None else judged
    shown = known or judged
    document = _document(shown, missing)
    source = shown.source if shown and not shown.to_keap else ""
    as_of = known.at if known else None
    keap_at = as_of
    if found:
        invoice = found.order.invoice if found.order else None
        keap_at = _iso(found.at) if invoice or found.order is None else as_of
        source = source_of(invoice) if invoice else source
        plan = invoice.instalments if invoice else plan
    keap = load(InvoiceSource, source) if source else None
    standing = found.ledger if found else None
    money = _money(recorded, found)
    return {
        "document": document,
        "now": _verdict(known, found),
        "keap": as_json(InvoiceSource, keap) if keap else {},
        "in_keap": None if found is None else found.order is not None,
        "instalments": [instalment_as_json(item, item.state_on(today())) for item in plan],
        "decisions": [
            as_json(Decision, _named_apart(item, keap))
            for item in (decided.decided if decided else ())
        ]
        + _of_money(money),
        "draft": _draft(decided),
        "money": money,
        "ledger": _standing(standing) if standing else None,
        "as_of": {
            "records": as_of,
            "keap": keap_at,
            "ledger": _iso(found.at) if standing and found else as_of if sent else None,
        },
        "judged": "by a run" if known else "now; nothing was sent",
    }


def _document(record: "Record | None", missing: "Document | None") -> Data:
    from invoicesync_cli.state.codec import document_as_json

    given = record.document if record else missing
    assert given is not None  # noqa: S101 - one of them is there
    document = document_as_json(given)
    if not document["ledger_id"]:
        document["ledger_total"] = None
    return document


def _verdict(known: "Record | None", found: "Explanation | None") -> Data | None:
    """What a run would say now, where that is not what is recorded."""
    from invoicesync_cli.state.codec import document_as_json

    now = found.verdict if found else None
    if known is None or now is None or now == known.document:
        return None
    return document_as_json(now)


def _money(recorded: "Sequence[Record]", found: "Explanation | None") -> list[Data]:
    """Payments, credits and refunds: as they are recorded, or would be."""
    from invoicesync_cli.model import DocumentKind
    from invoicesync_cli.state.codec import document_as_json

    before = {(record.kind, record.key): record.document for record in recorded}
    standing = found.ledger if found else None
    return [
        document_as_json(record.document)
        | {
            "would_be": before.get((record.kind, record.key)) != record.document,
            "in_ledger": standing.has(record.document)
            if standing and record.document.ledger_id
            else None,
        }
        for record in (found.judged if found else recorded)
        if record.kind is not DocumentKind.INVOICE
    ]


def _standing(standing: "Standing") -> Data:
    invoice = standing.invoice
    if invoice is None:
        return {"alive": False}
    return {
        "id": invoice.id,
        "number": invoice.number,
        "total": f"{invoice.total:.2f}",
        "tax": f"{invoice.tax:.2f}",
        "due": f"{invoice.due:.2f}",
        "alive": invoice.alive,
        "approved": invoice.approved,
        "payments": [
            {"id": item.id, "reference": item.reference, "amount": f"{item.amount:.2f}"}
            for item in standing.payments
            if item.alive
        ],
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _draft(record: "Record | None") -> Data:
    """What was or would be sent, to whichever contact."""
    from invoicesync_cli.model import Draft
    from invoicesync_cli.state.codec import as_json

    draft = record.invoice_draft if record else None
    shown = as_json(Draft, draft) if draft else {}
    return {name: value for name, value in shown.items() if name != "contact_id"}


def _named_apart(decision: "Decision", keap: "InvoiceSource | None") -> "Decision":
    """The decision about a contact that could not have its name, saying so."""
    from dataclasses import replace

    name, own = decision.value, f" (Keap {keap.contact if keap else ''})"
    if decision.field != "contact" or not name.endswith(own):
        return decision
    taken = f"the name {name.removesuffix(own)!r} belongs to somebody else in the ledger"
    return replace(decision, because=f"{decision.because}; {taken}")


def _of_money(documents: list[Data]) -> list[dict[str, str]]:
    """The decisions about an invoice's money, like those about the invoice."""
    return [
        {
            "field": f"{item['kind']} {item['payment_id'] or item['reference']}",
            "value": f"{state_of(item)} {item['total']} {item['currency']}",
            "rule": "R10" if item["kind"] == "payment" else "R11",
            "because": item["message"]
            or f"dated {item['date']}, reference {item['reference']}"
            + (f", account {item['account']}" if item["account"] else ""),
        }
        for item in documents
    ]
