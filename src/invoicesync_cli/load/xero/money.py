"""Payments, credit notes and allocations as Xero wants them, and what its answers to them mean."""

from collections.abc import Mapping
from typing import Any

from invoicesync_cli.load.ledger import FoundNote, FoundPayment
from invoicesync_cli.load.xero.replies import ENDED, amount
from invoicesync_cli.model import LedgerId, MoneyDraft, marker


def payment_name(target: str, reference: str) -> str:
    """What a payment is told apart by: nothing in Xero makes its reference unique."""
    return f"{target}|{reference}"


def payment(draft: MoneyDraft, note: LedgerId | None) -> dict[str, Any]:
    """A payment of an invoice, or of a credit note that is paid out."""
    target = (
        {"CreditNote": {"CreditNoteID": note}}
        if note
        else {"Invoice": {"InvoiceID": draft.invoice}}
    )
    return {
        **target,
        # By id: many bank accounts have no code.
        "Account": {"AccountID": draft.account.id if draft.account else ""},
        "Date": draft.date.isoformat(),
        "Amount": draft.amount,
        "Reference": draft.reference,
    }


def credit_note(draft: MoneyDraft) -> dict[str, Any]:
    """An approved credit note with the marker of its order."""
    note = draft.note
    if note is None:
        return {}
    return {
        "Type": "ACCRECCREDIT",
        "Contact": {"ContactID": note.contact_id},
        "Date": draft.date.isoformat(),
        "LineAmountTypes": "Exclusive",
        "CreditNoteNumber": note.number,
        "Reference": marker(draft.order_id, draft.invoice_id),
        "CurrencyCode": draft.currency,
        "Status": "AUTHORISED",
        "LineItems": [
            {
                "Description": note.description,
                "Quantity": 1,
                "UnitAmount": note.net,
                "AccountCode": note.account,
                "TaxType": note.tax_code,
                "TaxAmount": note.tax,
            }
        ],
    }


def allocation(draft: MoneyDraft) -> dict[str, Any]:
    """The allocation of a credit note to its invoice. Xero may settle on another date."""
    return {
        "Amount": draft.amount,
        "Date": draft.date.isoformat(),
        "Invoice": {"InvoiceID": draft.invoice},
    }


def name_of_payment(element: Mapping[str, Any]) -> str:
    """The name of a payment in an answer."""
    invoice, note = element.get("Invoice") or {}, element.get("CreditNote") or {}
    target = invoice.get("InvoiceID") or note.get("CreditNoteID") or ""
    return payment_name(str(target), str(element.get("Reference") or ""))


def found_payment(element: Mapping[str, Any]) -> FoundPayment:
    """A payment as it stands in Xero."""
    invoice, note = element.get("Invoice") or {}, element.get("CreditNote") or {}
    return FoundPayment(
        id=LedgerId(str(element.get("PaymentID") or "")),
        target=LedgerId(str(invoice.get("InvoiceID") or note.get("CreditNoteID") or "")),
        reference=str(element.get("Reference") or ""),
        amount=amount(element.get("Amount")),
        alive=element.get("Status") not in ENDED,
    )


def payments_in(element: Mapping[str, Any]) -> frozenset[LedgerId]:
    """The ids of the payments that an invoice of a page lists; deleted ones are not among them."""
    return frozenset(
        LedgerId(str(payment.get("PaymentID") or ""))
        for payment in element.get("Payments") or ()
        if payment.get("Status") not in ENDED
    )


def found_note(element: Mapping[str, Any]) -> FoundNote:
    """A credit note as it stands in Xero."""
    return FoundNote(
        id=LedgerId(str(element.get("CreditNoteID") or "")),
        number=str(element.get("CreditNoteNumber") or ""),
        reference=str(element.get("Reference") or ""),
        total=amount(element.get("Total")),
        left=amount(element.get("RemainingCredit")),
        alive=element.get("Status") not in ENDED,
    )
