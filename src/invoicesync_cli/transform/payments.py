"""What becomes of the payments, credits and refunds of one order (rules R10, R11)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from invoicesync_cli.model import (
    ZERO,
    Document,
    DocumentKind,
    DocumentState,
    InvoiceBalance,
    LedgerAccount,
    LedgerSettings,
    Payment,
    PaymentDraft,
    PaymentKind,
    Reason,
    UnreadablePayment,
    dismiss_command,
    money,
    share_key,
)
from invoicesync_cli.transform.allocations import (
    Allocation,
    OnInvoice,
    OrderPayments,
    on_invoice,
    shares_of,
    spread,
)
from invoicesync_cli.transform.credit_notes import credit_note, number_too_long, of_original
from invoicesync_cli.transform.references import memo_of, reference_of
from invoicesync_cli.transform.settings import DraftSettings, lock_hint
from invoicesync_cli.transform.verdicts import Skip

SETTLED = {DocumentState.CREATED, DocumentState.SKIPPED, DocumentState.DISMISSED}
DISMISSED, UNDONE = DocumentState.DISMISSED, DocumentState.UNDONE
STANDS = {Reason.TOTALS_DIFFER, Reason.CHANGED_AFTER_SYNC}
"""Why money may be held that is in the ledger all the same."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A share with its verdict: a draft to send, or why it is left out."""

    share: Allocation
    draft: PaymentDraft | None = None
    skip: Skip | None = None
    unbooked: Decimal = ZERO
    """What of an overpayment is not booked."""
    already_booked: OnInvoice | None = None
    """The payment that the invoice has for it already."""


def judge(order: OrderPayments, rules: DraftSettings) -> list[Verdict]:
    """A verdict for every share that is not settled, in the order in which they are applied."""
    judged: list[Verdict] = []
    balance = order.booked.due if order.booked else ZERO
    states_so_far: dict[str, DocumentState] = {}
    shares = shares_of(order, rules)
    already_booked = on_invoice(order, shares, rules)
    for share in shares:
        known = order.known.get(share.key)
        if known and is_settled(known, order):
            continue
        payment = share.payment
        if share.shared and not payment.allocations and not payment.shares_problem:
            # Nobody has asked how it is split, since nothing of it was open.
            continue
        verdict = _verdict(
            share, order, rules, balance, states_so_far, already_booked.get(share.key)
        )
        judged.append(verdict)
        if verdict.draft and share.kind is not DocumentKind.REFUND:
            balance -= verdict.draft.applied
        skip = None if verdict.already_booked else verdict.skip
        states_so_far[share.payment.id] = skip.state if skip else DocumentState.CREATED
    return judged


def judge_unreadable(order: OrderPayments) -> list[tuple[UnreadablePayment, Skip]]:
    """A verdict for every row that cannot be read, and of which nothing is in the ledger (R10).

    What is in the ledger was changed in Keap after it was booked.
    """
    judged = []
    for row in order.unreadable:
        known = next((item for item in order.known.values() if item.payment_id == row.id), None)
        if known and (known.ledger_id or is_settled(known, order)):
            continue
        message = f"This payment cannot be read in Keap: {row.problem}."
        hint = "Open it in Keap and correct it; the next sync looks at it again."
        judged.append((row, Skip(DocumentState.FAILED, Reason.REJECTED, message, hint)))
    return judged


def is_settled(known: Document, order: OrderPayments) -> bool:
    """Whether nothing more is to be sent for this money.

    What has a ledger id is in the ledger; only of a credit note whose money has not moved yet,
    because nobody got that far or the ledger would not have it, the rest is still to be sent. What
    was left out for want of an invoice is judged again once that is there.
    """
    if known.state is DocumentState.SENDING:
        return True
    if known.state is DocumentState.UNDONE:
        return known.state not in order.again
    if known.state is DocumentState.HELD and known.reason is Reason.AMBIGUOUS:
        # It may be there: somebody has to say.
        return True
    if known.ledger_id:
        return known.state in SETTLED or known.reason in STANDS
    came_late = known.reason is Reason.INVOICE_NOT_SYNCED and order.booked is not None
    return known.state in SETTLED - order.again and not came_late


def _verdict(
    share: Allocation,
    order: OrderPayments,
    rules: DraftSettings,
    balance: Decimal,
    states_so_far: Mapping[str, DocumentState],
    already_booked: OnInvoice | None,
) -> Verdict:
    skip = _of_itself(share, order, rules) or _of_shares(share, order) or _of_invoice(order)
    if already_booked and skip is None:
        message = (
            f"A payment with the reference {already_booked.reference} is on the invoice already."
        )
        skip = Skip(DocumentState.SKIPPED, Reason.DUPLICATE_PAYMENT, message)
        return Verdict(share, skip=skip, already_booked=already_booked)
    skip = (
        skip
        or _of_approval(order)
        or of_original(share, order, states_so_far)
        or _of_lock_date(share, order, rules)
        or _of_merchant(share, order, rules)
    )
    if skip or order.booked is None:
        return Verdict(share, skip=skip)
    amount, unbooked, unapplied = share.amount, ZERO, ZERO
    if share.kind is not DocumentKind.REFUND and amount > balance:
        credited = order.credited if share.kind is DocumentKind.PAYMENT else ZERO
        covered = amount <= balance + credited
        if balance <= ZERO or (rules.config.payments.skip_overpayment and not covered):
            return Verdict(share, skip=_too_much(share, balance, order.currency))
        if covered:
            unapplied = amount - balance
        else:
            amount, unbooked = balance, amount - balance
    draft = replace(_draft(share, order, order.booked, rules, amount), unapplied=money(unapplied))
    too_long = number_too_long(draft.note, rules) if draft.note else None
    return Verdict(share, skip=too_long) if too_long else Verdict(share, draft, unbooked=unbooked)


def _of_itself(share: Allocation, order: OrderPayments, rules: DraftSettings) -> Skip | None:
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
            "Enter it in the ledger by hand as an invoice of its own, then: "
            + dismiss_command(order.invoice_id, "entered by hand"),
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


def _of_shares(share: Allocation, order: OrderPayments) -> Skip | None:
    """A payment of which a share was booked is not spread anew: that could book it twice."""
    before = order.elsewhere.get(share.payment.id)
    if before is None:
        return None
    now = spread(share.payment.shares, order.currency)
    return Skip(
        DocumentState.HELD,
        Reason.CHANGED_AFTER_SYNC,
        f"In Keap it is now {now}; it was {before} when it was booked.",
        "Nothing further of it is sent. Undo the change in Keap; or correct it in the ledger if it "
        f"should follow, then: {dismiss_command(order.invoice_id, 'corrected by hand')}",
    )


def _of_invoice(order: OrderPayments) -> Skip | None:
    invoice = order.invoice
    if order.booked:
        return None
    if invoice and invoice.state.open:
        message = f"Its invoice is {invoice.state} ({invoice.reason or 'not sent yet'})."
        hint = "It goes through by itself after its invoice."
        return Skip(DocumentState.WAITING, Reason.INVOICE_NOT_SYNCED, message, hint)
    if invoice and invoice.ledger_id and invoice.state not in {DISMISSED, UNDONE}:
        # Nobody has decided that it is not to be there: an answer without it ends nothing.
        return Skip(
            DocumentState.WAITING,
            Reason.INVOICE_NOT_SYNCED,
            "The ledger did not show its invoice.",
            "The next sync asks for it again.",
        )
    if order.not_in_keap:
        return Skip(
            DocumentState.FAILED,
            Reason.NOT_FOUND,
            f"Keap has no order {order.order_id}, on which it is.",
            "Put it on its order in Keap, or delete it there. Or: "
            f'invoicesync dismiss {order.order_id} --by order --reason "…"',
        )
    why = (
        (invoice.reason or invoice.state)
        if invoice
        else "it lies before sync.start, or is not reached yet"
    )
    return Skip(
        DocumentState.SKIPPED, Reason.INVOICE_NOT_SYNCED, f"Its invoice is not sent ({why})."
    )


def _of_approval(order: OrderPayments) -> Skip | None:
    if order.booked is None or order.booked.approved:
        return None
    return Skip(
        DocumentState.WAITING,
        Reason.INVOICE_NOT_APPROVED,
        "The invoice is not approved in the ledger yet.",
        "It goes through by itself once the invoice is approved.",
    )


def _of_lock_date(share: Allocation, order: OrderPayments, rules: DraftSettings) -> Skip | None:
    lock = rules.ledger.facts.lock_date
    if lock and share.date <= lock:
        message = f"It is dated {share.date}, the ledger is locked up to {lock}."
        return Skip(DocumentState.HELD, Reason.PERIOD_LOCKED, message, lock_hint(order.invoice_id))
    return None


def _of_merchant(share: Allocation, order: OrderPayments, rules: DraftSettings) -> Skip | None:
    """Money whose account hangs on a name that Keap's answer does not give."""
    source = _source(share, order)
    if share.kind is DocumentKind.CREDIT or not rules.lacks_merchant(source):
        return None
    if _origin(share, order, rules):
        return None
    return Skip(
        DocumentState.HELD,
        Reason.ACCOUNT_UNKNOWN,
        f"It went through Keap's merchant account {source.merchant_account_id}, whose name cannot "
        "be read in Keap's answer: which of payments.accounts it goes to is not known.",
        "The next sync asks Keap again.",
    )


def _too_much(share: Allocation, balance: Decimal, currency: str) -> Skip:
    return Skip(
        DocumentState.SKIPPED,
        Reason.OVERPAYMENT,
        f"It is {money(share.amount)} {currency}, the invoice's balance is {money(balance)}.",
        "Set payments.skip_overpayment = false to pay the balance, or book it by hand.",
    )


def _draft(
    share: Allocation,
    order: OrderPayments,
    booked: InvoiceBalance,
    rules: DraftSettings,
    amount: Decimal,
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
        reference=reference_of(payment, rules.ledger),
        invoice=booked.id,
        contact_id=booked.contact_id,
        account=None if share.kind is DocumentKind.CREDIT else _account(share, order, rules),
        note=None
        if share.kind is DocumentKind.PAYMENT
        else credit_note(share, booked, rules, amount),
        method=payment.type,
        memo=_memo(payment, order, rules.ledger),
        by_card=share.kind is DocumentKind.REFUND and _is_by_card(_source(share, order)),
    )


def _is_by_card(payment: Payment) -> bool:
    """Whether it went through a merchant account, or is called so."""
    return bool(payment.merchant_account_id) or "card" in payment.type.casefold()


def _memo(payment: Payment, order: OrderPayments, ledger: LedgerSettings) -> str:
    """What distinguishes the payment where its reference does not."""
    given, reference = memo_of(payment, ledger), reference_of(payment, ledger)
    others = (item for item in order.payments if item.id != payment.id)
    if any(reference_of(item, ledger) == reference for item in others):
        given = f"{given}; payment {payment.id}" if given else f"payment {payment.id}"
    return given


def _account(share: Allocation, order: OrderPayments, rules: DraftSettings) -> LedgerAccount | None:
    """Where the money goes: by type, by merchant, or the default; a refund, where it came from."""
    return _origin(share, order, rules) or rules.receiving(_source(share, order))


def _origin(share: Allocation, order: OrderPayments, rules: DraftSettings) -> LedgerAccount | None:
    """The account that the payment of a refund is on record to have gone to."""
    original = share.payment.refund_of
    known = order.known.get(share_key(original, order.order_id)) if original else None
    return rules.payable(known.account) if known and known.account else None


def _source(share: Allocation, order: OrderPayments) -> Payment:
    """The payment itself, or the one that a refund gives back."""
    original = share.payment.refund_of
    return next((item for item in order.payments if item.id == original), share.payment)
