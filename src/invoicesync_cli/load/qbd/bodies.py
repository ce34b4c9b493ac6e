"""Drafts, customers and items as QuickBooks Desktop wants them: the values of a request each."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from invoicesync_cli.load.found import LedgerPayment
from invoicesync_cli.load.quickbooks import CLASS
from invoicesync_cli.model import (
    ZERO,
    Draft,
    DraftLine,
    LedgerId,
    NewContact,
    NewItem,
    PaymentDraft,
    StatedTax,
    TrackingPair,
    marker,
)

EMAIL = 1023
ISO_COUNTRY = re.compile(r"^[A-Z]{2}-(?=[A-Z0-9]{1,3}$)")
"""What is before a state in Keap's codes (ISO 3166-2: `US-TX`)."""
OURS = uuid.UUID("5f1c3c0e-3f0b-5f0f-9c43-7d0a6f0b9b17")
"""The name space of our documents' own ids."""

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Forms:
    """What the forms of this company file are like. Items and accounts are named by id.

    With `tax` of `line` Keap's tax is a line with the item `tax_item` over the form item
    `zero_tax_item`, whose rate is 0; with `rate` QuickBooks works tax out from `tax_item`.
    `taxed` is false where sales tax is off: then a form may not have any element of it.
    `receivable` is blank for QuickBooks' own account; `methods` are ids of payment methods by
    their names, folded; `own_receivable` is QuickBooks' own account, `refund_method` the payment
    method that refunds go to cards by, blank for none.
    """

    taxed: bool
    tax: Literal["line", "rate"]
    tax_item: str
    zero_tax_item: str
    receivable: str
    methods: Mapping[str, str]
    own_receivable: str = ""
    refund_method: str = ""


def sale(draft: Draft, forms: Forms) -> tuple[str, Values]:
    """An invoice, or a sales receipt for a draft with its payment: the request and its values."""
    values: Values = {
        **_head(draft.contact_id, draft.date.isoformat(), draft.number),
        **_tracking(draft.tracking),
        **_tax(draft.stated_tax, forms),
        "Memo": draft.reference,
        "IsToBePrinted": False,
        "IsToBeEmailed": False,
        "ExternalGUID": own_id(draft.reference, draft.number),
    }
    lines = with_tax_line([_line(line, forms) for line in draft.lines], draft.stated_tax, forms)
    receipt = draft.receipt
    if receipt is None:
        return "InvoiceAdd", {
            **values,
            **_receivable(forms),
            "DueDate": draft.due_date.isoformat(),
            "InvoiceLineAdd": lines,
        }
    memo = "; ".join(part for part in (draft.reference, receipt.memo) if part)
    account = {"DepositToAccountRef": _ref(receipt.account.id)} if receipt.account else {}
    return "SalesReceiptAdd", {
        **values,
        **_method(receipt.method, forms),
        **account,
        "Memo": memo,
        "CheckNumber": receipt.reference,
        "SalesReceiptLineAdd": lines,
    }


def payment(draft: PaymentDraft, forms: Forms) -> Values:
    """A payment of an invoice (`ReceivePaymentAdd`)."""
    account = {"DepositToAccountRef": _ref(draft.account.id)} if draft.account else {}
    return {
        **_head(draft.contact_id, draft.date.isoformat(), draft.reference),
        **_receivable(forms),
        **_method(draft.method, forms),
        **account,
        "TotalAmount": draft.amount,
        "Memo": _memo(draft),
        "ExternalGUID": own_id("payment", draft.key),
        "AppliedToTxnAdd": {"TxnID": draft.invoice, "PaymentAmount": draft.applied},
    }


def allocation(draft: PaymentDraft, memo: LedgerId, forms: Forms) -> Values:
    """A credit memo put onto its invoice (`ReceivePaymentAdd`): no amount, and nothing of its own
    comes of it."""
    credit = {"CreditTxnID": memo, "AppliedAmount": draft.amount}
    return {
        "CustomerRef": _ref(draft.contact_id),
        **_receivable(forms),
        "TxnDate": draft.date.isoformat(),
        "AppliedToTxnAdd": {"TxnID": draft.invoice, "SetCredit": credit},
    }


def credit_memo(draft: PaymentDraft, forms: Forms) -> Values:
    """A credit memo with the marker of its order, its tax as on an invoice (`CreditMemoAdd`)."""
    note = draft.note
    if note is None:
        return {}
    lines = [_note_line(draft, note.net - note.untaxed, note.tax_code, forms)]
    if note.untaxed:
        lines.append(_note_line(draft, note.untaxed, note.untaxed_code, forms))
    return {
        **_head(note.contact_id, draft.date.isoformat(), note.number),
        **_receivable(forms),
        **_tracking(note.document_tracking),
        **_tax(note.stated_tax, forms),
        "Memo": _memo(draft),
        "IsToBePrinted": False,
        "IsToBeEmailed": False,
        "ExternalGUID": _fresh_id(),
        "CreditMemoLineAdd": with_tax_line(lines, note.stated_tax, forms),
    }


def card_refund(draft: PaymentDraft, memo: LedgerId, method: str, forms: Forms) -> Values:
    """A credit memo paid out to a card, by the payment method of that id
    (`ARRefundCreditCardAdd`)."""
    account = {"RefundFromAccountRef": _ref(draft.account.id)} if draft.account else {}
    ours = {"ARAccountRef": _ref(forms.receivable)} if forms.receivable else {}
    return {
        **_head(draft.contact_id, draft.date.isoformat(), _number(draft)),
        **account,
        **ours,
        "PaymentMethodRef": _ref(method),
        "Memo": _paid_out(draft),
        "ExternalGUID": _fresh_id(),
        "RefundAppliedToTxnAdd": {"TxnID": memo, "RefundAmount": draft.amount},
    }


def check(draft: PaymentDraft, memo: LedgerId, bank: str, receivable: str) -> Values:
    """A credit memo paid out by a check from the bank account of that id; `receivable` is the
    account that the memo is on (`CheckAdd`)."""
    customer = _ref(draft.contact_id)
    return {
        "AccountRef": _ref(bank),
        "PayeeEntityRef": customer,
        "RefNumber": _number(draft),
        "TxnDate": draft.date.isoformat(),
        "Memo": _paid_out(draft),
        "IsToBePrinted": False,
        "ExternalGUID": _fresh_id(),
        "ApplyCheckToTxnAdd": {"TxnID": memo, "Amount": draft.amount},
        "ExpenseLineAdd": {
            "AccountRef": _ref(receivable),
            "Amount": draft.amount,
            "CustomerRef": customer,
        },
    }


def paid_out(draft: PaymentDraft, memo: LedgerId, forms: Forms) -> tuple[str, Values]:
    """A credit memo paid out (R17): what was paid by card to a card, where a payment method is
    named for it; else by a check from the account that the payment went to."""
    if draft.by_card and forms.refund_method:
        return "ARRefundCreditCardAdd", card_refund(draft, memo, forms.refund_method, forms)
    bank = draft.account.id if draft.account else ""
    receivable = forms.receivable or forms.own_receivable
    return "CheckAdd", check(draft, memo, bank, receivable)


def applied_anew(draft: PaymentDraft, there: LedgerPayment) -> Values:
    """A payment that is there already, put onto an invoice beside those that it is on
    (`ReceivePaymentMod`): what it is on is named anew, all of it."""
    on = {ident: amount for ident, amount in there.on.items() if ident != draft.invoice}
    on[draft.invoice] = there.on.get(draft.invoice, ZERO) + draft.applied
    return {
        "TxnID": there.id,
        "EditSequence": there.version,
        "AppliedToTxnMod": [
            {"TxnID": invoice, "PaymentAmount": amount} for invoice, amount in on.items()
        ],
    }


def customer(made: NewContact) -> Values:
    """A customer with its Keap id in the notes (`CustomerAdd`). An e-mail that cannot be one is
    left out."""
    values: Values = {
        "Name": made.name,
        "CompanyName": made.company,
        "FirstName": made.first_name,
        "LastName": made.last_name,
        "Phone": made.phone,
        "Notes": made.number,
        "ExternalGUID": own_id("contact", made.number),
    }
    if "@" in made.email and "." in made.email and len(made.email) <= EMAIL:
        values["Email"] = made.email
    address = {
        "Addr1": made.address.line1,
        "Addr2": made.address.line2,
        "City": made.address.city,
        "State": ISO_COUNTRY.sub("", made.address.region),
        "PostalCode": made.address.postal_code,
        "Country": made.address.country,
    }
    return {**values, "BillAddress": address} if any(address.values()) else values


def item(made: NewItem) -> Values:
    """A service item, which moves no stock (`ItemServiceAdd`)."""
    return {"Name": made.name, "SalesOrPurchase": {"AccountRef": _ref(made.income.id)}}


def own_id(*parts: str) -> str:
    """The id of what is ours (`ExternalGUID`), the same whenever it is sent."""
    return f"{{{uuid.uuid5(OURS, chr(10).join(parts))}}}"


def _fresh_id() -> str:
    """The own id of a credit memo or a pay-out, another one for each attempt under a key of its
    own: one that was voided before keeps the same number and memo, and its own id."""
    return f"{{{uuid.uuid4()}}}"


def with_tax_line(lines: list[Values], stated: StatedTax | None, forms: Forms) -> list[Values]:
    """The lines with Keap's tax among them, where it is a line.

    QuickBooks gives a tax line the sign of the line above it, so it stands behind the last one
    that is not negative (R17).
    """
    if stated is None or not stated.total or not forms.taxed or forms.tax != "line":
        return lines
    positive = [place for place, line in enumerate(lines) if line.get("Amount", Decimal(0)) >= 0]
    place = positive[-1] + 1 if positive else len(lines)
    tax = {"ItemRef": _ref(forms.tax_item), "Desc": "Sales tax", "Amount": stated.total}
    return [*lines[:place], tax, *lines[place:]]


def _line(line: DraftLine, forms: Forms) -> Values:
    """Amount, and quantity where it is given: QuickBooks works out the rate, and takes the amount
    as it stands."""
    values: Values = {
        "ItemRef": _ref(line.item_code),
        "Desc": line.description,
        "Amount": line.amount,
        **_code(line.tax_code, forms),
        **_tracking(line.tracking),
    }
    negative = line.amount < 0
    return values if line.quantity is None or negative else {**values, "Quantity": line.quantity}


def _note_line(draft: PaymentDraft, amount: Decimal, code: str, forms: Forms) -> Values:
    note = draft.note
    assert note is not None  # noqa: S101 - who calls has one
    return {
        "ItemRef": _ref(note.item_code),
        "Desc": note.description,
        "Amount": amount,
        **_code(code, forms),
        **_tracking(note.tracking),
    }


def _tax(stated: StatedTax | None, forms: Forms) -> Values:
    """The form's tax item; without one QuickBooks would take the company's own."""
    if not forms.taxed:
        return {}
    rate = forms.tax == "rate" and stated is not None and stated.total
    return {"ItemSalesTaxRef": _ref(forms.tax_item if rate else forms.zero_tax_item)}


def _code(code: str, forms: Forms) -> Values:
    return {"SalesTaxCodeRef": {"FullName": code}} if forms.taxed and code else {}


def _head(contact: LedgerId | None, day: str, number: str) -> Values:
    return {"CustomerRef": _ref(contact or ""), "TxnDate": day, "RefNumber": number}


def _receivable(forms: Forms) -> Values:
    return {"ARAccountRef": _ref(forms.receivable)} if forms.receivable else {}


def _method(kind: str, forms: Forms) -> Values:
    """The payment method of the name of Keap's type of payment, if there is one."""
    found = forms.methods.get(kind.strip().casefold())
    return {"PaymentMethodRef": _ref(found)} if found else {}


def _tracking(pairs: tuple[TrackingPair, ...]) -> Values:
    found = next((pair.id for pair in pairs if pair.category == CLASS), "")
    return {"ClassRef": _ref(found)} if found else {}


def _memo(draft: PaymentDraft) -> str:
    there = marker(draft.order_id, draft.invoice_id)
    return f"{there}; {draft.memo}" if draft.memo else there


def _paid_out(draft: PaymentDraft) -> str:
    """The memo of money that is paid out, which has its reference too."""
    return f"{_memo(draft)}; {draft.reference}"


def _number(draft: PaymentDraft) -> str:
    """The number of a pay-out: that of its credit memo."""
    return draft.note.number if draft.note else ""


def _ref(row_id: str) -> Values:
    return {"ListID": row_id}
