"""Payments, credit notes and allocations as Xero wants them."""

from typing import Any

from invoicesync_cli.load.xero.bodies import tracking
from invoicesync_cli.model import LedgerId, PaymentDraft, marker


def payment(draft: PaymentDraft, note: LedgerId | None) -> dict[str, Any]:
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


def credit_note(draft: PaymentDraft) -> dict[str, Any]:
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
                **tracking(note.tracking),
            }
        ],
    }


def allocation(draft: PaymentDraft) -> dict[str, Any]:
    """The allocation of a credit note to its invoice. Xero may settle on another date."""
    return {
        "Amount": draft.amount,
        "Date": draft.date.isoformat(),
        "Invoice": {"InvoiceID": draft.invoice},
    }
