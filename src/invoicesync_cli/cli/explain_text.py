"""The text of `explain`: every figure with the time that it is of, the unsent as what would be."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from invoicesync_cli.cli.report import Screen
from invoicesync_cli.cli.tables import amount

MONEY = {"R10", "R11"}
"""Rules of decisions that the part about money says."""
DOCUMENT = "document"
"""The decision between an invoice and a sales receipt: about the invoice, for all its rule."""
MADE_FROM = "made from"
"""The decision about an invoice that goes, or went, from the ledger to Keap."""
LABELS = {"due_date": "due date", "adopted": "found by"}
Data = dict[str, Any]


def show(screen: Screen, data: Data) -> None:
    """What `explain` found, for a person."""
    document, now = data["document"], data["now"]
    sent = bool(document["ledger_id"])
    screen.line(_headline(document, data["judged"]))
    if document["message"]:
        screen.line(document["message"])
    if now:
        screen.line(f"Judged again now it would be {_said(now)}")
    _lines(screen, data)
    _decisions(screen, data, sent=sent)
    _totals(screen, data, sent=sent)
    _money(screen, data)
    hint = _hint(data)
    if hint:
        screen.line()
        screen.line(f"What to do: {hint}")


def state_of(item: Data) -> str:
    """The state of money, as what would be where it is not recorded so."""
    return f"would be {item['state']}" if item["would_be"] else str(item["state"])


def _headline(document: Data, judged: str) -> str:
    if not document["order_id"] and document["ledger_id"]:
        number = document["number"] or document["ledger_id"]
        return f"Invoice {number} in the ledger, {document['contact']}: {_why(document)}."
    ids = f"Keap invoice {document['invoice_id'] or '?'} (order {document['order_id'] or '?'})"
    who = f", {document['contact']}" if document["contact"] else ""
    state, would = document["state"], "would be " if judged.startswith("now") else ""
    if state == "created":
        at = "" if would else f", ledger id {document['ledger_id']}"
        return f"{ids}{who}: {would}created as {document['number']}{at}."
    return f"{ids}{who}: {would}{_why(document)}."


def _said(now: Data) -> str:
    if now["state"] == "created":
        return f"created as {now['number']}."
    return f"{_why(now)}. {now['message']}"


def _why(document: Data) -> str:
    return ", ".join(filter(None, (document["state"], document["reason"])))


def _hint(data: Data) -> str:
    document, now, ledger = data["document"], data["now"], data["ledger"]
    if document["state"] == "undone":
        return str(document["hint"])
    to_keap = any(item["field"] == MADE_FROM for item in data["decisions"])
    if ledger and not ledger["alive"] and not to_keap:
        return f"to make it anew: invoicesync sync-id {document['invoice_id']} --recreate"
    if now and now["state"] == "created":
        return f"invoicesync retry {document['invoice_id']} sends it."
    return str((now or document)["hint"])


def _lines(screen: Screen, data: Data) -> None:
    keap = data["keap"]
    if not keap:
        return
    when, at = keap["time"][:16].replace("T", " "), data["as_of"]
    has = f"Keap has {keap['total']} {keap['currency']}, ordered {when} UTC"
    screen.line()
    if data["in_keap"] is False:
        screen.line(f"Keap no longer has the order{_as_of(at['keap'])}. When it was judged:")
        has = f"{keap['total']} {keap['currency']}, ordered {when} UTC"
        screen.line(f"{has}{_as_of(at['records'])}:")
    else:
        screen.line(f"{has}{_as_of(at['keap'])}:")
    for line in keap["lines"]:
        price = f"{line['price']} {keap['currency']}"
        said = _details(line, keap["currency"])
        screen.line(f"  {line['quantity']} x {_named(line)} at {price}{said}")
    _instalments(screen, data)


def _instalments(screen: Screen, data: Data) -> None:
    plan, currency = data["instalments"], data["keap"]["currency"]
    if not plan:
        return
    screen.line(f"  payable in {len(plan)} instalments:")
    for item in plan:
        part = f", {item['paid']} {currency} of it paid" if item["state"] != "paid" else ""
        part = part if Decimal(item["paid"]) else ""
        screen.line(f"    {item['date']}  {item['amount']} {currency}, {item['state']}{part}")


def _named(line: Data) -> str:
    return f"{line['name']} ({line['type'].lower().replace('_', ' ')})"


def _details(line: Data, currency: str) -> str:
    said = [
        f"discount {line['discount']} {currency}" if line["discount"] else "",
        f"SKU {line['sku']!r}" if line["sku"] else "",
        "taxable" if line["taxable"] else "",
    ]
    return "".join(f", {text}" for text in said if text)


def _decisions(screen: Screen, data: Data, *, sent: bool) -> None:
    names = {line["id"]: line["name"] for line in data["keap"].get("lines", ())}
    shown = [
        item
        for item in data["decisions"]
        if item["field"] == DOCUMENT or (item["field"] != "state" and item["rule"] not in MONEY)
    ]
    if not shown:
        return
    what = "What was decided" if sent else "What would be sent"
    screen.line()
    screen.line(f"{what}, and why (the rule in brackets):")
    for item in shown:
        field = LABELS.get(item["field"], item["field"])
        if field.startswith("line "):
            _, line, part = field.split(" ", 2)
            field = f"{names.get(line, line)}, {part}"
        screen.line(
            f"  {field} {item['value']}: {item['because']} [{item['rule']}]".replace(" :", ":")
        )


def _totals(screen: Screen, data: Data, *, sent: bool) -> None:
    from invoicesync_cli.state.rows import ADOPTED

    document, draft, ledger = data["document"], data["draft"], data["ledger"]

    def shown(value: str | None) -> str:
        return amount(Decimal(value), document["currency"]) if value else "none"

    screen.line()
    if draft and any(item["field"] == ADOPTED for item in data["decisions"]):
        screen.line(
            "It was not sent, the ledger had it already; by the rules it comes to "
            f"{shown(draft['expected_total'])} with tax of {shown(draft['expected_tax'])}."
        )
    elif draft:
        was, has = ("It was", "had") if sent else ("It would be", "would have")
        screen.line(
            f"{was} sent for {shown(draft['keap_total'])} in Keap; the ledger {has} to arrive at "
            f"{shown(draft['expected_total'])} with tax of {shown(draft['expected_tax'])}."
        )
    at = _as_of(data["as_of"]["ledger"])
    if ledger and ledger["alive"]:
        screen.line(
            f"The ledger has it as {ledger['number']}: {shown(ledger['total'])} with tax of "
            f"{shown(ledger['tax'])}, {shown(ledger['due'])} still due{at}."
        )
    elif ledger:
        screen.line(f"The ledger no longer has it: it was voided or deleted there{at}.")
    elif sent and document["ledger_total"]:
        screen.line(f"The ledger's total was {shown(document['ledger_total'])}{at}.")
    elif not sent:
        screen.line("The ledger has nothing of it from this tool.")


def _money(screen: Screen, data: Data) -> None:
    if not data["money"]:
        return
    screen.line()
    screen.line(f"Payments, credits and refunds{_as_of(data['as_of']['keap'])}:")
    for item in data["money"]:
        total = amount(Decimal(item["total"]), item["currency"]) if item["total"] else ""
        account = f", account {item['account']}" if item["account"] else ""
        reference = f", reference {item['reference']}" if item["reference"] else ""
        said = ". ".join(text for text in (item["reason"], item["message"]) if text)
        because = f": {said}" if said else ""
        lost = ""
        if item["in_ledger"] is False:
            where = "on the invoice in the ledger" if item["kind"] == "payment" else "in the ledger"
            lost = f"; it is no longer {where}"
        screen.line(
            f"  {item['kind']} {total} of {item['date']}{reference}{account}, "
            f"{state_of(item)}{lost}{because}"
        )


def _as_of(moment: str | None) -> str:
    """` (as of 2026-11-28 21:40 UTC)`, in local time."""
    if not moment:
        return ""
    return f" (as of {datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M %Z})"
