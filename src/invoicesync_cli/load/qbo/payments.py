"""Payments, credit memos and refund receipts as QuickBooks wants and gives them."""

from decimal import Decimal

from invoicesync_cli.load.found import LedgerCreditNote, LedgerInvoice, LedgerPayment
from invoicesync_cli.load.qbo.bodies import DESCRIPTION, Json, currency, method, tax, tracking
from invoicesync_cli.load.qbo.schemas import (
    Form,
    InvoiceRow,
    PaymentRow,
    SalesReceiptRow,
    Transaction,
)
from invoicesync_cli.load.qbo.setup import Forms
from invoicesync_cli.model import (
    MARKER,
    ZERO,
    CreditNote,
    LedgerId,
    PaymentDraft,
    TaxMode,
    marked_order,
    marker,
    money,
)


def payment(draft: PaymentDraft, forms: Forms) -> Json:
    """A payment of an invoice."""
    note = marker(draft.order_id, draft.invoice_id)
    account = {"DepositToAccountRef": {"value": draft.account.id}} if draft.account else {}
    return {
        "CustomerRef": {"value": draft.contact_id},
        "TotalAmt": draft.amount,
        "TxnDate": draft.date.isoformat(),
        "PaymentRefNum": draft.reference,
        "PrivateNote": f"{note}; {draft.memo}" if draft.memo else note,
        "Line": [{"Amount": draft.applied, "LinkedTxn": [_link(draft.invoice, "Invoice")]}],
        **account,
        **method(draft.method, forms),
        **currency(draft.currency, forms),
    }


def allocation(draft: PaymentDraft, memo: LedgerId, forms: Forms) -> Json:
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


def applied_anew(draft: PaymentDraft, there: LedgerPayment, forms: Forms) -> Json:
    """A payment that is there already, put onto an invoice beside those that it is on.

    Its lines replace the ones that it has, so that all are named.
    """
    on = {**there.on, draft.invoice: there.on.get(draft.invoice, ZERO) + draft.applied}
    return {
        "Id": there.id,
        "SyncToken": there.version,
        "sparse": True,
        "CustomerRef": {"value": draft.contact_id},
        "TotalAmt": sum(there.on.values(), there.unapplied),
        "Line": [
            {"Amount": amount, "LinkedTxn": [_link(invoice, "Invoice")]}
            for invoice, amount in on.items()
        ],
        **currency(draft.currency, forms),
    }


def _link(ident: str, kind: str) -> Json:
    return {"TxnId": ident, "TxnType": kind}


def credit_memo(draft: PaymentDraft, forms: Forms) -> Json:
    """A credit memo with the marker of its order."""
    return _note(draft, draft.note, forms) if draft.note else {}


def refund_receipt(draft: PaymentDraft, forms: Forms) -> Json:
    """A refund: a credit memo and the money that it pays out in one."""
    account = {"DepositToAccountRef": {"value": draft.account.id}} if draft.account else {}
    return {
        **credit_memo(draft, forms),
        "PaymentRefNum": draft.reference,
        **account,
        **method(draft.method, forms),
    }


def _note(draft: PaymentDraft, note: CreditNote, forms: Forms) -> Json:
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
        **tracking(note.document_tracking),
    }


def _note_line(note: CreditNote, amount: Decimal, code: str, forms: Forms) -> Json:
    taxed = {"TaxCodeRef": {"value": code}} if forms.taxed and code else {}
    return {
        "Amount": amount,
        "Description": note.description[:DESCRIPTION],
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": {"value": note.item_code},
            **taxed,
            **tracking(note.tracking),
        },
    }


# --- what is there ------------------------------------------------------------------------------


def found(form: Form) -> LedgerInvoice:
    """An invoice or a sales receipt as it stands in QuickBooks."""
    return LedgerInvoice(
        id=LedgerId(form.id),
        number=form.doc_number,
        reference=reference(form),
        total=money(form.total_amt),
        tax=money(form.txn_tax_detail.total_tax),
        alive=not voided(form),
        contact_id=LedgerId(form.customer_ref.value),
        approved=True,
        due=money(form.open_amt),
        currency=form.currency_ref.value,
        receipt=isinstance(form, SalesReceiptRow),
        date=form.txn_date,
    )


def note_of(transaction: Transaction) -> str:
    """The private note as it was before QuickBooks put there that the form was voided."""
    return transaction.private_note.removeprefix("Voided - ")


def linked(payment: PaymentRow) -> set[str]:
    """The invoices and credit memos that a payment names."""
    return {link.txn_id for line in payment.line for link in line.linked_txn}


def applied(payment: PaymentRow) -> dict[LedgerId, Decimal]:
    """What of a payment is on each invoice."""
    on: dict[LedgerId, Decimal] = {}
    for line in payment.line:
        for link in line.linked_txn:
            if link.txn_type == "Invoice":
                target = LedgerId(link.txn_id)
                on[target] = on.get(target, ZERO) + money(line.amount)
    return on


def paid_by(invoice: InvoiceRow) -> frozenset[LedgerId]:
    """The payments that an invoice names, those that put a credit memo onto it among them."""
    links = (link for link in invoice.linked_txn if link.txn_type == "Payment")
    return frozenset(LedgerId(link.txn_id) for link in links)


def found_payment(payment: PaymentRow, target: LedgerId | None = None) -> LedgerPayment:
    """A payment as it stands in QuickBooks, of this invoice, else of the first that it is on."""
    on = applied(payment)
    target = target or next(iter(on), LedgerId(""))
    return LedgerPayment(
        id=LedgerId(payment.id),
        target=target,
        reference=payment.payment_ref_num,
        amount=on.get(target, ZERO),
        alive=not voided(payment),
        on=on,
        unapplied=money(payment.unapplied_amt),
        version=payment.sync_token,
        credit=not payment.total_amt,
        order_id=marked_order(payment.private_note),
    )


def found_receipt(receipt: Form) -> LedgerPayment:
    """The payment that a sales receipt is."""
    ident, total = LedgerId(receipt.id), money(receipt.total_amt)
    return LedgerPayment(ident, ident, receipt.payment_ref_num, total, alive=not voided(receipt))


def found_note(form: Form) -> LedgerCreditNote:
    """A credit memo or a refund receipt; of the latter nothing is left to be given."""
    return LedgerCreditNote(
        id=LedgerId(form.id),
        number=form.doc_number,
        reference=reference(form),
        total=money(form.total_amt),
        left=money(form.open_amt),
        alive=not voided(form),
    )


def reference(transaction: Transaction) -> str:
    """The marker in the private note of a transaction."""
    return marker_in(transaction.private_note)


def marker_in(note: str) -> str:
    """The marker in a note, whatever else somebody has written there."""
    there = MARKER.search(note)
    return there.group() if there else note


def voided(transaction: Transaction) -> bool:
    """QuickBooks has no status for it: a voided form comes to nothing and says so in its note."""
    said = transaction.private_note.casefold().startswith("voided")
    return said and not transaction.total_amt
