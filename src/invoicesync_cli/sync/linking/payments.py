"""Which payment, credit note or refund of the ledger is which of Keap's: by reference, else by date
and amount (R10, R11)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from invoicesync_cli.load.found import Listed
from invoicesync_cli.model import (
    Document,
    DocumentKind,
    DocumentState,
    PaymentKind,
    Reason,
    dismiss_command,
)
from invoicesync_cli.sync.linking.candidates import near
from invoicesync_cli.sync.payments.adopt import names
from invoicesync_cli.sync.payments.documents import of_share
from invoicesync_cli.transform.allocations import Allocation, OrderPayments, shares_of
from invoicesync_cli.transform.references import reference_of
from invoicesync_cli.transform.settings import DraftSettings

NO_MONEY = {PaymentKind.PENDING, PaymentKind.FAILED, PaymentKind.INCREASE}

Alike = Callable[[Allocation, Listed], bool]


@dataclass(frozen=True)
class LinkedMoney:
    """A share of a Keap payment with its document, and what the ledger has of it; None where it
    could be one of several."""

    share: Allocation
    document: Document
    there: Listed | None


def linked(
    order: OrderPayments,
    payments: Sequence[Listed],
    notes: Sequence[Listed],
    rules: DraftSettings,
    *,
    settled: bool,
) -> list[LinkedMoney]:
    """What the ledger has of an order's money, as far as no record knows it.

    `payments` are those on its document, `notes` its contact's; `settled` says that nothing is due
    on the document any more, so that no further payment can go onto it.
    """
    shares = [
        share
        for share in shares_of(order, rules)
        if share.key not in order.known
        and share.payment.kind not in NO_MONEY
        and not share.payment.shares_problem
        and (share.payment.allocations or not share.shared)
    ]
    received = [share for share in shares if share.kind is DocumentKind.PAYMENT]
    credited = [share for share in shares if share.kind is not DocumentKind.PAYMENT]
    return [
        *_payments(order, received, payments, rules, settled=settled),
        *_notes(order, credited, notes, rules),
    ]


# --- payments -------------------------------------------------------------------------------------


def _payments(
    order: OrderPayments,
    shares: Sequence[Allocation],
    there: Sequence[Listed],
    rules: DraftSettings,
    *,
    settled: bool,
) -> Iterator[LinkedMoney]:
    def referred(share: Allocation, item: Listed) -> bool:
        known = {reference_of(share.payment, rules.ledger), share.payment.reference.strip()}
        return bool(item.reference) and item.reference in known

    def of_amount(share: Allocation, item: Listed) -> bool:
        # QuickBooks leaves a part with the customer where it has applied a credit by itself.
        return share.amount in {item.applied, item.total}

    def dated(share: Allocation, item: Listed) -> bool:
        return of_amount(share, item) and near(item.date, share.date)

    steps: list[Alike] = [
        lambda share, item: referred(share, item) and of_amount(share, item),
        referred,
        dated,
        # Nothing more can go onto a document that is paid: what is on it has to be this.
        *([of_amount] if settled else []),
    ]
    waiting, left = list(shares), list(there)
    for step in steps:
        for share in list(waiting):
            item = next((item for item in left if step(share, item)), None)
            if item:
                waiting.remove(share)
                left.remove(item)
                yield LinkedMoney(share, _payment(order, share, item, rules), item)
    for share in waiting:
        doubtful = [item for item in left if of_amount(share, item)]
        if doubtful:
            yield LinkedMoney(share, _several(of_share(order, share, rules.ledger), doubtful), None)


def _payment(
    order: OrderPayments, share: Allocation, item: Listed, rules: DraftSettings
) -> Document:
    document = of_share(order, share, rules.ledger)
    account = rules.payable(item.account_id) or rules.payable(item.account)
    document = replace(document, account=(account.code or account.id) if account else item.account)
    return _found(document, item, item.applied)


# --- credits and refunds --------------------------------------------------------------------------


def _notes(
    order: OrderPayments,
    shares: Iterable[Allocation],
    there: Sequence[Listed],
    rules: DraftSettings,
) -> Iterator[LinkedMoney]:
    # What of ours was never used is no money yet: the next sync goes on with it.
    left = [item for item in there if item.order is None or not item.open]
    for share in shares:
        document = of_share(order, share, rules.ledger)
        named = [item for item in left if _names(item, share, order, rules)]
        same = [item for item in left if item.total == share.amount and near(item.date, share.date)]
        found = named or same
        if not named and len(found) > 1:
            yield LinkedMoney(share, _several(document, found), None)
        elif found:
            left.remove(found[0])
            document = replace(document, number=found[0].number)
            yield LinkedMoney(share, _found(document, found[0], found[0].total), found[0])


def _names(item: Listed, share: Allocation, order: OrderPayments, rules: DraftSettings) -> bool:
    """Whether a credit note says itself which payment it is for."""
    if item.order == order.order_id and names(item.number, share, rules.ledger.notes):
        return True
    given = share.payment.reference.strip()
    return bool(item.reference) and item.reference in {
        given,
        reference_of(share.payment, rules.ledger),
    }


# --- what is said of it ---------------------------------------------------------------------------


def _found(document: Document, item: Listed, there: Decimal) -> Document:
    """Money that the ledger has: adopted, unless it is not what Keap has, or not used."""
    document = replace(document, ledger_id=str(item.id), ledger_total=there)
    message = "The ledger had it already."
    if document.total == item.total != there:
        message += f" Of it {there} {document.currency} are on the invoice."
    elif there != document.total:
        return document.held(
            Reason.TOTALS_DIFFER,
            f"Keap has {document.total} {document.currency}, the ledger has {there} "
            f"{document.currency}.",
            "Nothing is sent. Correct whichever is wrong, then: "
            + dismiss_command(document.invoice_id, "corrected by hand"),
        )
    if item.kind == "note" and item.open:
        return document.held(
            Reason.TOTALS_DIFFER,
            f"Of the credit note {item.number} {item.open} of {there} "
            f"{document.currency} are not used yet.",
            "Put it onto its invoice, or pay it out, in the ledger; then: "
            + dismiss_command(document.invoice_id, "used by hand"),
        )
    return replace(
        document,
        state=DocumentState.CREATED,
        reason=Reason.ADOPTED,
        message=message,
    )


def _several(document: Document, found: Sequence[Listed]) -> Document:
    """Money that one of several could be, or one whose date is another: a person has to say."""
    parts = [
        " ".join(filter(None, (item.number, item.reference, f"of {item.date}"))) for item in found
    ]
    return document.held(
        Reason.AMBIGUOUS,
        f"It may be one that the ledger has with {document.total} {document.currency}: "
        f"{'; '.join(parts)}.",
        "Nothing is sent. If it is: "
        f"{dismiss_command(document.invoice_id, 'in the ledger already')}. "
        f"If it is other money: the same, then: invoicesync sync-id {document.invoice_id}",
    )
