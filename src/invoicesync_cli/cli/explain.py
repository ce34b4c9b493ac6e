"""`explain`: one invoice, every decision about it, and what to do if it is held."""

from typing import Annotated, Any

import typer

from invoicesync_cli.cli.app import Call, command
from invoicesync_cli.cli.money import amount
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.cli.sync import id_list
from invoicesync_cli.errors import ExitCode, UsageError

MONEY = {"R10", "R11"}
"""Rules of decisions that the part about money tells."""
DOCUMENT = "document"
"""The decision between an invoice and a sales receipt: about the invoice, for all its rule."""
LABELS = {"due_date": "due date"}


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "explain", help="Why an invoice is booked, skipped or held as it is.")
    def _explain(
        call: Call,
        id: Annotated[str, typer.Argument(metavar="ID", help="The invoice's id.")],  # noqa: A002
        by: Annotated[
            str, typer.Option(metavar="invoice|order", help="Which of Keap's ids this is.")
        ] = "invoice",
    ) -> Report:
        from invoicesync_cli.cli.sync import one_of

        ident, *more = id_list([id])
        if more:
            raise UsageError("explain takes one id.", hint=f"invoicesync explain {ident}")
        return _report(call, ident, one_of(by, ("invoice", "order"), "--by"))


def _report(call: Call, ident: str, by: str) -> Report:
    from invoicesync_cli.cli.open import World
    from invoicesync_cli.model import Kind
    from invoicesync_cli.sync.missing import unknown

    world = World()
    with world.look(call) as (_, state):
        records = state.records_of([ident], by)
    known = any(record.kind is Kind.INVOICE for record in records)
    if not known:
        records = _judged(world, call, ident, by)
    data = _data(unknown(ident, by), records)
    if not records:
        return Report(data, lambda screen: _show(screen, data), ExitCode.NEEDS_PERSON)
    data["judged"] = "by a run" if known else "now; nothing was sent"
    return Report(data, lambda screen: _show(screen, data))


def _judged(world: Any, call: Call, ident: str, by: str) -> Any:
    """The records that a dry run makes of an invoice no run has seen; none if Keap has none."""
    from invoicesync_cli.sync import Options, run

    options = Options(command="explain", ids=(ident,), by=by, dry_run=True)
    with world.run(call, {}, dry_run=True, tell=lambda _: None) as deps:
        run(deps, options)
        return deps.state.records_of([ident], by)


def _data(missing: Any, records: Any) -> dict[str, Any]:
    import json

    from invoicesync_cli.model import Kind
    from invoicesync_cli.state.codec import document_as_json

    invoice = next((record for record in records if record.kind is Kind.INVOICE), None)
    document = document_as_json(invoice.document if invoice else missing)
    if not document["ledger_id"]:
        document["ledger_total"] = None
    money = [
        document_as_json(record.document) for record in records if record.kind is not Kind.INVOICE
    ]
    keap = json.loads((invoice.source if invoice else "") or "{}")
    decisions = json.loads(invoice.decisions if invoice else "[]")
    return {
        "document": document,
        "keap": keap,
        "decisions": [_named_apart(item, keap) for item in decisions] + _of_money(money),
        "draft": json.loads((invoice.draft if invoice else "") or "{}"),
        "money": money,
    }


def _named_apart(decision: dict[str, str], keap: dict[str, Any]) -> dict[str, str]:
    """The decision about a contact that could not have its name, saying so."""
    name, own = decision["value"], f" (Keap {keap.get('contact')})"
    if decision["field"] != "contact" or not name.endswith(own):
        return decision
    taken = f"the name {name.removesuffix(own)!r} belongs to somebody else in the ledger"
    return {**decision, "because": f"{decision['because']}; {taken}"}


def _of_money(documents: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The decisions about an invoice's money, like those about the invoice."""
    return [
        {
            "field": f"{item['kind']} {item['payment_id'] or item['reference']}",
            "value": f"{item['state']} {item['total']} {item['currency']}",
            "rule": "R10" if item["kind"] == "payment" else "R11",
            "because": item["message"]
            or f"dated {item['date']}, reference {item['reference']}"
            + (f", account {item['account']}" if item["account"] else ""),
        }
        for item in documents
    ]


def _show(screen: Screen, data: dict[str, Any]) -> None:
    document = data["document"]
    screen.line(_headline(document, data.get("judged", "")))
    if document["message"]:
        screen.line(document["message"])
    _lines(screen, data["keap"])
    _decisions(screen, data)
    _totals(screen, document, data["draft"])
    _money(screen, data["money"])
    if document["hint"]:
        screen.line()
        screen.line(f"What to do: {document['hint']}")


def _headline(document: dict[str, Any], judged: str) -> str:
    ids = f"Keap invoice {document['invoice_id'] or '?'} (order {document['order_id'] or '?'})"
    who = f", {document['contact']}" if document["contact"] else ""
    state = document["state"]
    if judged.startswith("now") and state == "created":
        return f"{ids}{who}: would be created as {document['number']}."
    if state == "created":
        return f"{ids}{who}: created as {document['number']}, ledger id {document['ledger_id']}."
    return f"{ids}{who}: {state}, {document['reason']}."


def _lines(screen: Screen, keap: dict[str, Any]) -> None:
    if not keap:
        return
    when = keap["time"][:16].replace("T", " ")
    screen.line()
    screen.line(f"Keap has {keap['total']} {keap['currency']}, ordered {when} UTC:")
    for line in keap["lines"]:
        screen.line(f"  {line['quantity']} x {_named(line)} at {line['price']}{_details(line)}")
    if len(keap["plan"]) > 1:
        screen.line(f"  payable in {len(keap['plan'])} instalments: {', '.join(keap['plan'])}")


def _named(line: dict[str, Any]) -> str:
    return f"{line['name']} ({line['type'].lower().replace('_', ' ')})"


def _details(line: dict[str, Any]) -> str:
    told = [
        f"discount {line['discount']}" if line["discount"] else "",
        f"SKU {line['sku']!r}" if line["sku"] else "",
        "taxable" if line["taxable"] else "",
    ]
    return "".join(f", {text}" for text in told if text)


def _decisions(screen: Screen, data: dict[str, Any]) -> None:
    names = {line["id"]: line["name"] for line in data["keap"].get("lines", ())}
    shown = [
        item
        for item in data["decisions"]
        if item["field"] == DOCUMENT or (item["field"] != "state" and item["rule"] not in MONEY)
    ]
    if not shown:
        return
    screen.line()
    screen.line("What was decided, and why (the rule in brackets):")
    for item in shown:
        what = LABELS.get(item["field"], item["field"])
        if what.startswith("line "):
            _, line, field = what.split(" ", 2)
            what = f"{names.get(line, line)}, {field}"
        screen.line(
            f"  {what} {item['value']}: {item['because']} [{item['rule']}]".replace(" :", ":")
        )


def _money(screen: Screen, documents: list[dict[str, Any]]) -> None:
    from decimal import Decimal

    if not documents:
        return
    screen.line()
    screen.line("Payments, credits and refunds:")
    for item in documents:
        told = amount(Decimal(item["total"]), item["currency"])
        account = f", account {item['account']}" if item["account"] else ""
        told_of = ". ".join(text for text in (item["reason"], item["message"]) if text)
        because = f": {told_of}" if told_of else ""
        reference = f", reference {item['reference']}" if item["reference"] else ""
        screen.line(
            f"  {item['kind']} {told} of {item['date']}{reference}{account}, "
            f"{item['state']}{because}"
        )


def _totals(screen: Screen, document: dict[str, Any], draft: dict[str, Any]) -> None:
    from decimal import Decimal

    currency = document["currency"]

    def shown(value: str | None) -> str:
        return amount(Decimal(value), currency) if value else "none"

    if draft:
        screen.line()
        screen.line(
            f"Keap's total is {shown(draft['keap_total'])}; the ledger has to arrive at "
            f"{shown(draft['expected_total'])} with tax of {shown(draft['expected_tax'])}."
        )
    if document["ledger_total"] and document["ledger_id"]:
        screen.line(f"The ledger's total is {shown(document['ledger_total'])}.")
