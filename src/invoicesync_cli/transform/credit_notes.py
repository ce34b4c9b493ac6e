"""The credit notes that Keap's credits and refunds become (rule R11)."""

from collections.abc import Mapping
from decimal import Decimal

from invoicesync_cli.model import (
    NOT_MADE_YET,
    ZERO,
    CreditNote,
    DocumentKind,
    DocumentState,
    InvoiceBalance,
    LedgerSettings,
    Reason,
    StatedTax,
    TaxStyle,
    money,
    share_key,
)
from invoicesync_cli.transform.allocations import Allocation, OrderPayments, in_ledger
from invoicesync_cli.transform.rates import stated_by_rate, untaxed_of
from invoicesync_cli.transform.settings import DraftSettings
from invoicesync_cli.transform.verdicts import Skip


def credit_note(
    share: Allocation, booked: InvoiceBalance, rules: DraftSettings, amount: Decimal
) -> CreditNote:
    """A credit note taxed in the invoice's proportion, rounded half up."""
    tax = money(amount * booked.tax / booked.total) if booked.total else ZERO
    credit = share.kind is DocumentKind.CREDIT
    ledger, items = rules.ledger, rules.ledger.items
    before = ledger.notes.credit if credit else ledger.notes.refund
    prefix = rules.config.invoices.number_prefix if ledger.notes.prefixed else ""
    number = f"{prefix}{before}{share.payment.id}"
    account, item_code = ledger.discount_account if credit else ledger.account, ""
    if items:
        item = (items.discount if credit else items.default) or items.unmatched
        account, item_code = item.account, item.id or NOT_MADE_YET
    called = share.payment.type or ("Credit" if credit else "Refund")
    net = money(amount - tax)
    by_rate = ledger.tax_style in {TaxStyle.RATE, TaxStyle.FORM}
    untaxed = untaxed_of(tax, net, ledger.taxable) if by_rate else ZERO
    return CreditNote(
        number=f"{number}-{share.order_id}" if share.shared else number,
        contact_id=booked.contact_id,
        account=account,
        tax_code=(ledger.taxable if tax else ledger.untaxed).code,
        net=net,
        tax=tax,
        description=f"{called}, Keap order {share.order_id}",
        item_code=item_code,
        stated_tax=_stated(tax, net - untaxed, ledger),
        untaxed=untaxed,
        untaxed_code=ledger.untaxed.code if untaxed else "",
        tracking=ledger.tracking.general,
        document_tracking=ledger.tracking.document,
    )


def _stated(tax: Decimal, net: Decimal, ledger: LedgerSettings) -> StatedTax | None:
    """The tax of a credit note where it is not stated on its line."""
    if not tax or ledger.tax_style is TaxStyle.LINE:
        return None
    if ledger.tax_style in {TaxStyle.TOTAL, TaxStyle.FORM}:
        return StatedTax(tax)
    return stated_by_rate(tax, net, ledger.taxable)


def number_too_long(note: CreditNote, rules: DraftSettings) -> Skip | None:
    """Why a credit note has no number that the ledger could hold; nothing is ever cut off."""
    limit = rules.ledger.number_limit
    if len(note.number) <= limit:
        return None
    message = f"Its number {note.number} is longer than the ledger's {limit} characters."
    hint = "Use a shorter invoices.number_prefix."
    if not rules.ledger.notes.prefixed:
        hint = "Enter it in the ledger by hand, then dismiss it."
    return Skip(DocumentState.HELD, Reason.NUMBER_TOO_LONG, message, hint)


def of_original(
    share: Allocation, order: OrderPayments, states_so_far: Mapping[str, DocumentState]
) -> Skip | None:
    original = share.payment.refund_of
    if share.kind is not DocumentKind.REFUND or not original:
        return None
    known = order.known.get(share_key(original, order.order_id))
    state = states_so_far.get(original) or (known.state if known else None)
    if state is DocumentState.CREATED or (known and in_ledger(known)):
        return None
    if state is not None and state.open:
        return Skip(
            DocumentState.WAITING,
            Reason.PAYMENT_PENDING,
            "The payment that it gives back is not sent yet.",
        )
    return Skip(
        DocumentState.SKIPPED,
        Reason.PAYMENT_NOT_SYNCED,
        "The payment that it gives back was never sent.",
    )
