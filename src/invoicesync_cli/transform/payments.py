"""Payments, credits and refunds of one order: what goes onto its invoice (rules R10, R11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from invoicesync_cli.model import (
    NOT_MADE_YET,
    ZERO,
    Booking,
    CreditNote,
    Document,
    DocumentKind,
    DocumentState,
    InvoiceBalance,
    InvoiceId,
    LedgerAccount,
    LedgerId,
    OrderId,
    Payment,
    PaymentDraft,
    PaymentKind,
    Reason,
    StatedTax,
    TaxStyle,
    UnreadablePayment,
    money,
    share_key,
)
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.transform.rates import stated_by_rate, untaxed_of
from invoicesync_cli.transform.references import memo_of, reference_of
from invoicesync_cli.transform.settings import NO_LOCK_HINT, DraftSettings
from invoicesync_cli.transform.verdicts import Skip

KINDS = {
    PaymentKind.CREDIT: DocumentKind.CREDIT,
    PaymentKind.ADJUSTMENT: DocumentKind.CREDIT,
    PaymentKind.INCREASE: DocumentKind.CREDIT,
    PaymentKind.REFUND: DocumentKind.REFUND,
}
SETTLED = {DocumentState.CREATED, DocumentState.SKIPPED, DocumentState.DISMISSED}
STANDS = {Reason.TOTALS_DIFFER, Reason.CHANGED_AFTER_SYNC}
"""Why money may be held that is in the ledger all the same."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """What of a Keap payment belongs to one order."""

    payment: Payment
    order_id: OrderId
    amount: Decimal
    date: date

    @property
    def kind(self) -> DocumentKind:
        """The kind of document that it becomes."""
        return KINDS.get(self.payment.kind, DocumentKind.PAYMENT)

    @property
    def shared(self) -> bool:
        """Whether the payment is on several orders."""
        return len(self.payment.order_ids) > 1

    @property
    def key(self) -> str:
        """The key of its record."""
        return share_key(self.payment.id, self.order_id)


@dataclass(frozen=True, slots=True)
class OnInvoice:
    """A payment that is on an invoice without a record of it."""

    id: LedgerId
    reference: str
    amount: Decimal


@dataclass
class Order:
    """An order with its invoice's standing, for its money to be judged against."""

    order_id: OrderId
    invoice_id: InvoiceId
    currency: str
    invoice: Document | None
    """The invoice's record, None where there is none (before the start)."""
    booked: InvoiceBalance | None
    payments: Sequence[Payment]
    known: Mapping[str, Document]
    """What became of this order's money so far, by key."""
    credited: Decimal = ZERO
    """What the ledger has settled of the invoice by itself, from a credit that is not Keap's."""
    foreign: Sequence[OnInvoice] = ()
    """Payments on the invoice that no record knows: somebody else's, or ours from before."""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """How payments were spread over orders when a share of them was booked, where they are spread
    otherwise now: a sentence by payment id."""
    again: frozenset[DocumentState] = frozenset()
    """States that end nothing in this run: skipped, dismissed, when they were named."""
    unreadable: Sequence[UnreadablePayment] = ()
    """Rows of Keap's payments on this order that cannot be read."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A share with its verdict: a draft to send, or why it is left out."""

    share: Allocation
    draft: PaymentDraft | None = None
    out: Skip | None = None
    rest: Decimal = ZERO
    """What of an overpayment is not booked."""
    there: OnInvoice | None = None
    """The payment that the invoice has for it already."""


def shares_of(order: Order, rules: DraftSettings) -> list[Allocation]:
    """An order's money as it is applied: by local date, then id; refunds last."""
    found = [
        Allocation(payment, order.order_id, amount, local_date(payment.time, rules.zone))
        for payment in order.payments
        if (amount := payment.amount_on(order.order_id))
    ]
    return sorted(
        found, key=lambda item: (item.kind is DocumentKind.REFUND, item.date, int(item.payment.id))
    )


def judge(order: Order, rules: DraftSettings) -> list[Verdict]:
    """A verdict for every share that is not settled, in the order in which they are applied."""
    judged: list[Verdict] = []
    balance = order.booked.due if order.booked else ZERO
    coming: dict[str, DocumentState] = {}
    shares = shares_of(order, rules)
    there = _on_invoice(order, shares, rules)
    for share in shares:
        known = order.known.get(share.key)
        if known and spoken_for(known, order):
            continue
        payment = share.payment
        if share.shared and not payment.allocations and not payment.shares_problem:
            # Nobody has asked how it is split, since nothing of it was open.
            continue
        verdict = _verdict(share, order, rules, balance, coming, there.get(share.key))
        judged.append(verdict)
        if verdict.draft and share.kind is not DocumentKind.REFUND:
            balance -= verdict.draft.applied
        out = None if verdict.there else verdict.out
        coming[share.payment.id] = out.state if out else DocumentState.CREATED
    return judged


def judge_unreadable(order: Order) -> list[tuple[UnreadablePayment, Skip]]:
    """A verdict for every row that cannot be read, and of which nothing is in the ledger (R10).

    What is in the ledger was changed in Keap after it was booked.
    """
    judged = []
    for row in order.unreadable:
        known = next((item for item in order.known.values() if item.payment_id == row.id), None)
        if known and (known.ledger_id or spoken_for(known, order)):
            continue
        message = f"This payment cannot be read in Keap: {row.problem}."
        hint = "Open it in Keap and correct it; the next sync looks at it again."
        judged.append((row, Skip(DocumentState.FAILED, Reason.REJECTED, message, hint)))
    return judged


def spoken_for(known: Document, order: Order) -> bool:
    """Whether nothing more is to be sent for this money.

    What has a ledger id is in the ledger; only of a credit note whose money has not moved yet,
    because nobody got that far or the ledger would not have it, the rest is still to be sent. What
    was left out for want of an invoice is judged again once that is there.
    """
    if known.state is DocumentState.SENDING:
        return True
    if known.ledger_id:
        return known.state in SETTLED or known.reason in STANDS
    came_late = known.reason is Reason.INVOICE_NOT_SYNCED and order.booked is not None
    return known.state in SETTLED - order.again and not came_late


def _verdict(
    share: Allocation,
    order: Order,
    rules: DraftSettings,
    balance: Decimal,
    coming: Mapping[str, DocumentState],
    there: OnInvoice | None,
) -> Verdict:
    out = _of_itself(share, rules) or _of_shares(share, order) or _of_invoice(order)
    if there and out is None:
        message = f"A payment with the reference {there.reference} is on the invoice already."
        out = Skip(DocumentState.SKIPPED, Reason.DUPLICATE_PAYMENT, message)
        return Verdict(share, out=out, there=there)
    out = (
        out
        or _of_approval(order)
        or _of_original(share, order, coming)
        or _of_lock_date(share, rules)
    )
    if out or order.booked is None:
        return Verdict(share, out=out)
    amount, rest, unapplied = share.amount, ZERO, ZERO
    if share.kind is not DocumentKind.REFUND and amount > balance:
        credited = order.credited if share.kind is DocumentKind.PAYMENT else ZERO
        covered = amount <= balance + credited
        if balance <= ZERO or (rules.config.payments.skip_overpayment and not covered):
            return Verdict(share, out=_too_much(share, balance, order.currency))
        if covered:
            unapplied = amount - balance
        else:
            amount, rest = balance, amount - balance
    draft = replace(_draft(share, order, order.booked, rules, amount), unapplied=money(unapplied))
    too_long = _number_too_long(draft, rules)
    return Verdict(share, out=too_long) if too_long else Verdict(share, draft, rest=rest)


def _of_itself(share: Allocation, rules: DraftSettings) -> Skip | None:
    settings = rules.config.payments
    if share.payment.kind is PaymentKind.FAILED:
        note = f": {share.payment.note}" if share.payment.note else "."
        message = f"The charge failed or was voided{note}"
        return Skip(DocumentState.SKIPPED, Reason.PAYMENT_FAILED, message)
    if share.payment.kind is PaymentKind.PENDING:
        return Skip(
            DocumentState.WAITING, Reason.PAYMENT_PENDING, "The payment is still pending in Keap."
        )
    if share.payment.kind is PaymentKind.INCREASE:
        return Skip(
            DocumentState.HELD,
            Reason.NEGATIVE_TOTAL,
            f"Keap has it as -{money(share.amount)}, which raises what is owed: no credit note.",
            "Enter it in the ledger by hand as an invoice of its own, then dismiss it.",
        )
    for kind, setting in ((DocumentKind.CREDIT, "credits"), (DocumentKind.REFUND, "refunds")):
        if share.kind is kind and getattr(settings, setting) == "skip":
            return Skip(DocumentState.SKIPPED, Reason.SETTING, f'payments.{setting} is "skip".')
    if share.payment.shares_problem:
        return Skip(
            DocumentState.HELD,
            Reason.TOTALS_DIFFER,
            share.payment.shares_problem,
            "Correct in Keap how the payment is applied to its orders; the next sync looks at it "
            "again.",
        )
    return None


def _of_shares(share: Allocation, order: Order) -> Skip | None:
    """A payment of which a share was booked is not spread anew: that could book it twice."""
    before = order.elsewhere.get(share.payment.id)
    if before is None:
        return None
    now = spread(share.payment.shares, order.currency)
    return Skip(
        DocumentState.HELD,
        Reason.CHANGED_AFTER_SYNC,
        f"In Keap it is now {now}; it was {before} when it was booked.",
        "Nothing further of it is sent. Correct it in the ledger if it should follow, then "
        f"invoicesync dismiss {order.invoice_id}; or undo the change in Keap.",
    )


def spread(shares: Mapping[OrderId, Decimal], currency: str) -> str:
    """How a payment is spread over orders, in words."""
    parts = [f"{money(amount)} {currency} on order {order}" for order, amount in shares.items()]
    return " and ".join(parts) or "on no order"


def _of_invoice(order: Order) -> Skip | None:
    invoice = order.invoice
    if order.booked:
        return None
    if invoice and invoice.state.open:
        message = f"Its invoice is {invoice.state} ({invoice.reason or 'not sent yet'})."
        hint = "It goes through by itself after its invoice."
        return Skip(DocumentState.WAITING, Reason.INVOICE_NOT_SYNCED, message, hint)
    why = invoice.reason if invoice else "it lies before sync.start, or is not reached yet"
    return Skip(
        DocumentState.SKIPPED, Reason.INVOICE_NOT_SYNCED, f"Its invoice is not sent ({why})."
    )


def _of_approval(order: Order) -> Skip | None:
    if order.booked is None or order.booked.approved:
        return None
    return Skip(
        DocumentState.WAITING,
        Reason.INVOICE_NOT_APPROVED,
        "The invoice is not approved in the ledger yet.",
        "It goes through by itself once the invoice is approved.",
    )


def _of_original(
    share: Allocation, order: Order, coming: Mapping[str, DocumentState]
) -> Skip | None:
    original = share.payment.refund_of
    if share.kind is not DocumentKind.REFUND or not original:
        return None
    known = order.known.get(share_key(original, order.order_id))
    state = coming.get(original) or (known.state if known else None)
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


def in_ledger(document: Document) -> bool:
    """Whether the ledger has this money, whoever put it there."""
    return bool(document.ledger_id) or document.reason is Reason.DUPLICATE_PAYMENT


def _on_invoice(
    order: Order, shares: Sequence[Allocation], rules: DraftSettings
) -> dict[str, OnInvoice]:
    """The payments of an order that its invoice has already, by their keys.

    The same reference says so (R10). Where every payment of a reference on the invoice is of the
    amount of one in Keap, a further one in Keap is another payment.
    """
    found: dict[str, OnInvoice] = {}
    left = list(order.foreign)
    new = [
        share
        for share in shares
        if share.kind is DocumentKind.PAYMENT and share.key not in order.known
    ]
    references = {share.key: reference_of(share.payment, rules.booking) for share in new}
    for share in new:
        same = (references[share.key], share.amount)
        there = next((item for item in left if (item.reference, item.amount) == same), None)
        if there:
            left.remove(there)
            found[share.key] = there
    for share in new:
        there = next((item for item in left if item.reference == references[share.key]), None)
        if there and share.key not in found:
            found[share.key] = there
    return found


def _of_lock_date(share: Allocation, rules: DraftSettings) -> Skip | None:
    lock = rules.booking.facts.lock_date
    if lock and share.date <= lock:
        message = f"It is dated {share.date}, the ledger is locked up to {lock}."
        return Skip(DocumentState.HELD, Reason.PERIOD_LOCKED, message, NO_LOCK_HINT)
    return None


def _too_much(share: Allocation, balance: Decimal, currency: str) -> Skip:
    return Skip(
        DocumentState.SKIPPED,
        Reason.OVERPAYMENT,
        f"It is {money(share.amount)} {currency}, the invoice's balance is {money(balance)}.",
        "Set payments.skip_overpayment = false to pay the balance, or book it by hand.",
    )


def _number_too_long(draft: PaymentDraft, rules: DraftSettings) -> Skip | None:
    """Why a credit note has no number that the ledger could hold; nothing is ever cut off."""
    limit = rules.booking.number_limit
    if draft.note is None or len(draft.note.number) <= limit:
        return None
    message = f"Its number {draft.note.number} is longer than the ledger's {limit} characters."
    return Skip(
        DocumentState.FAILED, Reason.REJECTED, message, "Use a shorter invoices.number_prefix."
    )


def _draft(
    share: Allocation, order: Order, booked: InvoiceBalance, rules: DraftSettings, amount: Decimal
) -> PaymentDraft:
    payment = share.payment
    return PaymentDraft(
        kind=share.kind,
        key=share.key,
        order_id=order.order_id,
        invoice_id=order.invoice_id,
        payment_id=payment.id,
        date=share.date,
        amount=money(amount),
        currency=order.currency,
        reference=reference_of(payment, rules.booking),
        invoice=booked.id,
        contact_id=booked.contact_id,
        account=None if share.kind is DocumentKind.CREDIT else _account(share, order, rules),
        note=None if share.kind is DocumentKind.PAYMENT else _note(share, booked, rules, amount),
        method=payment.type,
        memo=_memo(payment, order, rules.booking),
    )


def _memo(payment: Payment, order: Order, booking: Booking) -> str:
    """What distinguishes the payment where its reference does not."""
    given, reference = memo_of(payment, booking), reference_of(payment, booking)
    others = (item for item in order.payments if item.id != payment.id)
    if any(reference_of(item, booking) == reference for item in others):
        given = f"{given}; payment {payment.id}" if given else f"payment {payment.id}"
    return given


def _account(share: Allocation, order: Order, rules: DraftSettings) -> LedgerAccount | None:
    """Where the money goes: by type, by merchant, or the default; a refund, where it came from."""
    original = share.payment.refund_of
    known = order.known.get(share_key(original, order.order_id)) if original else None
    there = rules.payable(known.account) if known and known.account else None
    if there:
        return there
    source = next((item for item in order.payments if item.id == original), share.payment)
    return rules.receiving(source)


def _note(
    share: Allocation, booked: InvoiceBalance, rules: DraftSettings, amount: Decimal
) -> CreditNote:
    """A credit note taxed in the invoice's proportion, rounded half up."""
    tax = money(amount * booked.tax / booked.total) if booked.total else ZERO
    credit = share.kind is DocumentKind.CREDIT
    prefix = rules.config.invoices.number_prefix
    number = f"{prefix}{'CR' if credit else 'RF'}-{share.payment.id}"
    booking, items = rules.booking, rules.booking.items
    account, item_code = booking.discount_account if credit else booking.account, ""
    if items:
        item = (items.discount if credit else items.default) or items.unmatched
        account, item_code = item.account, item.id or NOT_MADE_YET
    called = share.payment.type or ("Credit" if credit else "Refund")
    net = money(amount - tax)
    untaxed = untaxed_of(tax, net, booking.taxable) if booking.tax_style is TaxStyle.RATE else ZERO
    return CreditNote(
        number=f"{number}-{share.order_id}" if share.shared else number,
        contact_id=booked.contact_id,
        account=account,
        tax_code=(booking.taxable if tax else booking.untaxed).code,
        net=net,
        tax=tax,
        description=f"{called}, Keap order {share.order_id}",
        item_code=item_code,
        stated_tax=_stated(tax, net - untaxed, booking),
        untaxed=untaxed,
        untaxed_code=booking.untaxed.code if untaxed else "",
    )


def _stated(tax: Decimal, net: Decimal, booking: Booking) -> StatedTax | None:
    """The tax of a credit note where it is not stated on its line."""
    if not tax or booking.tax_style is TaxStyle.LINE:
        return None
    if booking.tax_style is TaxStyle.TOTAL:
        return StatedTax(tax)
    return stated_by_rate(tax, net, booking.taxable)
