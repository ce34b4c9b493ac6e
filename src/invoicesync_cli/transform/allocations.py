"""What of Keap's payments belongs to one order, and what is on its invoice already (rule R10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from invoicesync_cli.model import (
    ZERO,
    Document,
    DocumentKind,
    DocumentState,
    InvoiceBalance,
    InvoiceId,
    LedgerId,
    OrderId,
    Payment,
    PaymentKind,
    Reason,
    UnreadablePayment,
    money,
    share_key,
)
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.transform.references import reference_of
from invoicesync_cli.transform.settings import DraftSettings

KINDS = {
    PaymentKind.CREDIT: DocumentKind.CREDIT,
    PaymentKind.ADJUSTMENT: DocumentKind.CREDIT,
    PaymentKind.INCREASE: DocumentKind.CREDIT,
    PaymentKind.REFUND: DocumentKind.REFUND,
}


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
    marked: bool = False
    """Whether it bears the order's marker, so that it is ours under whatever reference."""


@dataclass
class OrderPayments:
    """The payments of an order, and how its invoice stands, for them to be judged against."""

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
    not_in_keap: bool = False
    """Whether Keap has no such order, though a payment names it, and no record has its invoice."""
    unreadable: Sequence[UnreadablePayment] = ()
    """Rows of Keap's payments on this order that cannot be read."""


def shares_of(order: OrderPayments, rules: DraftSettings) -> list[Allocation]:
    """An order's money as it is applied: by local date, then id; refunds last."""
    found = [
        Allocation(payment, order.order_id, amount, local_date(payment.time, rules.zone))
        for payment in order.payments
        if (amount := payment.amount_on(order.order_id))
    ]
    return sorted(
        found, key=lambda item: (item.kind is DocumentKind.REFUND, item.date, int(item.payment.id))
    )


def spread(shares: Mapping[OrderId, Decimal], currency: str) -> str:
    """How a payment is spread over orders, in words."""
    parts = [f"{money(amount)} {currency} on order {order}" for order, amount in shares.items()]
    return " and ".join(parts) or "on no order"


def in_ledger(document: Document) -> bool:
    """Whether the ledger has this money, whoever put it there."""
    if document.state is DocumentState.UNDONE:
        return False
    return bool(document.ledger_id) or document.reason is Reason.DUPLICATE_PAYMENT


def may_be_there(known: Document | None) -> bool:
    """Whether the ledger may have money though no record says so: what waits or was refused too,
    since another machine, or a run that this state knows nothing of, may have booked it before."""
    sending = known is not None and known.state is DocumentState.SENDING
    return known is None or (known.state.open and not known.ledger_id and not sending)


def on_invoice(
    order: OrderPayments, shares: Sequence[Allocation], rules: DraftSettings
) -> dict[str, OnInvoice]:
    """The payments of an order that its invoice has already, by their keys.

    The same reference says so (R10). Where every payment of a reference on the invoice is of the
    amount of one in Keap, a further one in Keap is another payment. One with the order's marker
    whose reference is none in Keap, for somebody has changed it, is known by its amount.
    """
    found: dict[str, OnInvoice] = {}
    left = list(order.foreign)
    new = [
        share
        for share in shares
        if share.kind is DocumentKind.PAYMENT and may_be_there(order.known.get(share.key))
    ]
    references = {share.key: reference_of(share.payment, rules.ledger) for share in new}
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
    used = {*references.values(), *(there.reference for there in found.values())}
    changed = [item for item in left if item.marked and item.reference not in used]
    for share in new:
        there = next((item for item in changed if item.amount == share.amount), None)
        if there and share.key not in found:
            changed.remove(there)
            found[share.key] = there
    return found
