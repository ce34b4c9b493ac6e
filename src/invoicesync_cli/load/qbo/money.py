"""Payments, credit memos and refund receipts as QuickBooks wants and gives them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from invoicesync_cli.load.ledger import Found, FoundNote, FoundPayment
from invoicesync_cli.load.qbo.bodies import DESCRIPTION, Json, currency, method, tax
from invoicesync_cli.load.qbo.client import ref, text
from invoicesync_cli.load.qbo.setup import Forms
from invoicesync_cli.model import MARKER, LedgerId, MoneyDraft, Note, TaxMode, marker, money


def payment(draft: MoneyDraft, forms: Forms) -> Json:
    """A payment of an invoice."""
    note = marker(draft.order_id, draft.invoice_id)
    account = {"DepositToAccountRef": {"value": draft.account.id}} if draft.account else {}
    return {
        "CustomerRef": {"value": draft.contact_id},
        "TotalAmt": draft.amount,
        "TxnDate": draft.date.isoformat(),
        "PaymentRefNum": draft.reference,
        "PrivateNote": f"{note}; {draft.memo}" if draft.memo else note,
        "Line": [{"Amount": draft.amount, "LinkedTxn": [_link(draft.invoice, "Invoice")]}],
        **account,
        **method(draft.method, forms),
        **currency(draft.currency, forms),
    }


def allocation(draft: MoneyDraft, memo: LedgerId, forms: Forms) -> Json:
    """A credit memo put onto its invoice: a payment of nothing that links the two."""
    return {
        "CustomerRef": {"value": draft.contact_id},
        "TotalAmt": Decimal("0.00"),
        "TxnDate": draft.date.isoformat(),
        "PrivateNote": marker(draft.order_id, draft.invoice_id),
        "Line": [
            {"Amount": draft.amount, "LinkedTxn": [_link(draft.invoice, "Invoice")]},
            {"Amount": draft.amount, "LinkedTxn": [_link(memo, "CreditMemo")]},
        ],
        **currency(draft.currency, forms),
    }


def _link(ident: str, kind: str) -> Json:
    return {"TxnId": ident, "TxnType": kind}


def credit_memo(draft: MoneyDraft, forms: Forms) -> Json:
    """A credit memo with the marker of its order."""
    return _note(draft, draft.note, forms) if draft.note else {}


def refund_receipt(draft: MoneyDraft, forms: Forms) -> Json:
    """A refund: a credit memo and the money that it pays out in one."""
    account = {"DepositToAccountRef": {"value": draft.account.id}} if draft.account else {}
    return {
        **credit_memo(draft, forms),
        "PaymentRefNum": draft.reference,
        **account,
        **method(draft.method, forms),
    }


def _note(draft: MoneyDraft, note: Note, forms: Forms) -> Json:
    reference = marker(draft.order_id, draft.invoice_id)
    lines = [_note_line(note, note.net - note.untaxed, note.tax_code, forms)]
    if note.untaxed:
        lines.append(_note_line(note, note.untaxed, note.untaxed_code, forms))
    return {
        "CustomerRef": {"value": note.contact_id},
        "DocNumber": note.number,
        "TxnDate": draft.date.isoformat(),
        "PrivateNote": f"{reference}; {draft.memo}" if draft.memo else reference,
        "Line": lines,
        **currency(draft.currency, forms),
        **tax(note.stated_tax, TaxMode.EXCLUSIVE, forms),
    }


def _note_line(note: Note, amount: Decimal, code: str, forms: Forms) -> Json:
    taxed = {"TaxCodeRef": {"value": code}} if forms.taxed and code else {}
    return {
        "Amount": amount,
        "Description": note.description[:DESCRIPTION],
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": note.item_code}, **taxed},
    }


# --- what is there ------------------------------------------------------------------------------


def found(element: Mapping[str, Any], *, receipt: bool) -> Found:
    """An invoice or a sales receipt as it stands in QuickBooks."""
    total = amount(element.get("TotalAmt"))
    return Found(
        id=LedgerId(str(element.get("Id") or "")),
        number=str(element.get("DocNumber") or ""),
        reference=reference(element),
        total=total,
        tax=tax_of(element),
        alive=not _voided(element),
        contact_id=LedgerId(ref(element, "CustomerRef")),
        approved=True,
        due=amount(element.get("Balance")),
        receipt=receipt,
        date=day(element.get("TxnDate")),
    )


def note_of(element: Mapping[str, Any]) -> str:
    """The private note as it was before QuickBooks put there that the form was voided."""
    return text(element.get("PrivateNote")).removeprefix("Voided - ")


def credit_used(element: Mapping[str, Any]) -> str:
    """The credit memo that a payment puts onto an invoice; blank for one of money."""
    links = (link for line in element.get("Line") or () for link in line.get("LinkedTxn") or ())
    memos = (str(link.get("TxnId")) for link in links if link.get("TxnType") == "CreditMemo")
    return next(memos, "")


def found_payment(element: Mapping[str, Any], target: LedgerId) -> FoundPayment:
    """A payment as it stands in QuickBooks."""
    linked = (
        line
        for line in element.get("Line") or ()
        if any(link.get("TxnId") == target for link in line.get("LinkedTxn") or ())
    )
    return FoundPayment(
        id=LedgerId(str(element.get("Id") or "")),
        target=target,
        reference=text(element.get("PaymentRefNum")),
        amount=sum((amount(line.get("Amount")) for line in linked), Decimal("0.00")),
        alive=not _voided(element),
    )


def found_receipt(element: Mapping[str, Any]) -> FoundPayment:
    """The payment that a sales receipt is."""
    ident = LedgerId(str(element.get("Id") or ""))
    reference = text(element.get("PaymentRefNum"))
    total = amount(element.get("TotalAmt"))
    return FoundPayment(ident, ident, reference, total, alive=not _voided(element))


def found_note(element: Mapping[str, Any]) -> FoundNote:
    """A credit memo or a refund receipt; of the latter nothing is left to be given."""
    return FoundNote(
        id=LedgerId(str(element.get("Id") or "")),
        number=str(element.get("DocNumber") or ""),
        reference=reference(element),
        total=amount(element.get("TotalAmt")),
        left=amount(element.get("RemainingCredit")),
        alive=not _voided(element),
    )


def reference(element: Mapping[str, Any]) -> str:
    """The marker in the private note, whatever else somebody has written there."""
    note = text(element.get("PrivateNote"))
    there = MARKER.search(note)
    return there.group() if there else note


def tax_of(element: Mapping[str, Any]) -> Decimal:
    """The tax of a form."""
    detail = element.get("TxnTaxDetail")
    return amount(detail.get("TotalTax") if isinstance(detail, Mapping) else None)


def _voided(element: Mapping[str, Any]) -> bool:
    """QuickBooks has no status for it: a voided form comes to nothing and says so in its note."""
    said = text(element.get("PrivateNote")).casefold().startswith("voided")
    return said and not amount(element.get("TotalAmt"))


def day(value: object) -> date | None:
    """A date of an answer; None for none that makes sense."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def amount(value: object) -> Decimal:
    """An amount of an answer; nothing is zero."""
    return money(Decimal(str(value or 0)))
