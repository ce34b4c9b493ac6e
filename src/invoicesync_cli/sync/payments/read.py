"""What is known of orders before their money is judged: by Keap, the records and the ledger."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from invoicesync_cli.load.found import LedgerInvoice
from invoicesync_cli.model import (
    ZERO,
    Document,
    DocumentKind,
    DocumentState,
    InvoiceBalance,
    InvoiceId,
    LedgerId,
    OrderId,
    OrderMoney,
    Payment,
    PaymentId,
    PaymentKind,
    PersonId,
    Reason,
    share_key,
)
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.adoption import Adoption
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.payments.adopt import take_up_notes
from invoicesync_cli.sync.payments.changes import shares_in, source_differs
from invoicesync_cli.sync.payments.recreated import FreedMoney, freed_money
from invoicesync_cli.sync.readable import readable
from invoicesync_cli.transform.allocations import OnInvoice, OrderPayments, in_ledger, spread
from invoicesync_cli.transform.paid import paid_in


class PaymentReader:
    """Reads the money of orders, and where their invoices stand.

    `made` are the orders whose invoices this run has made, and whether their customer is as new:
    nothing can be on these, unless this run has put credits there (`credited`). `renewed` are those
    of which that is sent again what was taken back. After `read`, `freed` is what became of money
    that is made anew, and `adopted` what was found in the ledger without a record.
    """

    def __init__(
        self,
        context: RunContext,
        made: Mapping[str, bool],
        renewed: Collection[str],
        adoption: Adoption,
    ) -> None:
        self._context = context
        self._state = context.state
        self._ledger = context.ledger
        self._preflight = context.preflight
        self._again = context.options.again
        self._recreate = context.options.recreate
        self._made = made
        self._renewed = renewed
        self._adoption = adoption
        self.freed = FreedMoney()
        self.adopted: list[Document] = []
        self.credited = False

    def read(self, order_ids: Sequence[str], voided: Collection[PaymentId]) -> list[OrderPayments]:
        """The orders with everything that their money is judged by."""
        records: dict[str, list[Record]] = defaultdict(list)
        for record in self._state.records_of(order_ids, "order"):
            records[record.document.order_id].append(record)
        invoices = [
            record
            for order in order_ids
            for record in records[order]
            if record.kind is DocumentKind.INVOICE
        ]
        paid = {OrderId(item.key): paid_in(item.paid) for item in invoices if item.paid}
        due = {item.key for item in invoices if item.money != item.paid}
        settled = {
            (OrderId(order), PaymentId(record.document.payment_id))
            for order in order_ids
            for record in records[order]
            if record.kind is not DocumentKind.INVOICE
            and self._settled(record.document, order)
            and order not in due
        }
        # Whether a charge that had failed went through later, only its allocations say.
        failed = {
            PaymentId(record.document.payment_id)
            for order in order_ids
            for record in records[order]
            if record.document.reason is Reason.PAYMENT_FAILED
        }
        payments = self._context.keap.payments_of(order_ids, paid, settled, {*voided, *failed})
        self.freed = self._free(records)
        known = {item.key for item in invoices}
        unknown = [order for order in order_ids if order not in known]
        there = {order.order_id for order in self._context.keap.orders_by_id(unknown)}
        missing = set(unknown) - there
        orders = [
            self._order(order, records[order], payments[OrderId(order)])
            for order in order_ids
            # Without a record it lies before the start, or has not been reached yet.
            if records[order] or order in missing or self._context.config.sync.start != "first"
        ]
        for order in orders:
            order.not_in_keap = order.order_id in missing
        for order in orders:
            order.again = self._again_of(order.order_id)
        self._find_spread(orders)
        older = [order for order in orders if order.order_id not in self._made]
        self.adopted = take_up_notes(
            older,
            self._adoption,
            self._state,
            self._preflight.rules(),
            self._context.run,
            recreate=self._recreate,
        )
        self._read_ledger([order for order in orders if self._open(order)], records)
        return orders

    def _order(self, order_id: str, records: Sequence[Record], keap: OrderMoney) -> OrderPayments:
        invoice = next((record for record in records if record.kind is DocumentKind.INVOICE), None)
        document = invoice.document if invoice else None
        payments = {payment.id: payment for payment in keap.payments}
        return OrderPayments(
            order_id=OrderId(order_id),
            invoice_id=InvoiceId(document.invoice_id if document else ""),
            currency=document.currency if document else self._preflight.account.currency,
            invoice=document,
            booked=None,
            payments=keap.payments,
            unreadable=keap.unreadable,
            known={
                record.key: known
                for record in records
                if record.kind is not DocumentKind.INVOICE
                and (known := self._known(record, payments))
            },
        )

    def _known(self, record: Record, payments: Mapping[PaymentId, Payment]) -> Document | None:
        """What is known of money, to judge it by; None for what is to be booked again.

        What was left out is judged again once it is another payment in Keap than it was, or once a
        charge that had failed went through.
        """
        document = self.freed.known(record)
        undone = record.state is DocumentState.UNDONE
        if undone and record.state in self._again_of(record.document.order_id):
            return None
        if document is None or document.state is not DocumentState.SKIPPED or in_ledger(document):
            return document
        payment = payments.get(PaymentId(document.payment_id))
        if payment is None:
            return document
        failed = document.reason is Reason.PAYMENT_FAILED
        went_through = failed and payment.kind is not PaymentKind.FAILED
        if went_through or source_differs(record.source, payment, self._preflight.zone):
            return replace(document, state=DocumentState.NEW)
        return document

    def _free(self, records: Mapping[str, Sequence[Record]]) -> FreedMoney:
        """See what became of the money that is to be made anew, for its invoice was or it was
        removed from the ledger."""
        if not self._recreate:
            return FreedMoney()
        free = (
            record
            for order_id, part in records.items()
            for record in part
            if order_id in self._made
            or record.document.ended == "ledger"
            or _outlived(record, part)
        )
        return freed_money(self._ledger, free)

    def _find_spread(self, orders: Sequence[OrderPayments]) -> None:
        """Find the payments of which a share was booked when they were spread otherwise."""
        by_id = {payment.id: payment for order in orders for payment in order.payments}
        before: dict[str, str] = {}
        for record in self._state.payment_records(by_id):
            payment = by_id[PaymentId(record.document.payment_id)]
            shares = shares_in(record.source)
            stands = in_ledger(record.document) or record.state is DocumentState.SENDING
            if stands and shares is not None and shares != payment.shares:
                before[payment.id] = spread(shares, record.document.currency)
        for order in orders:
            order.elsewhere = before

    def _again_of(self, order_id: str) -> frozenset[DocumentState]:
        """The states that end nothing of an order in this run."""
        if order_id in self._renewed or order_id in self._made:
            return self._again | {DocumentState.UNDONE}
        return self._again

    def _settled(self, document: Document, order_id: str) -> bool:
        """Whether money needs no further look, for all that is known without the ledger."""
        late = document.reason is Reason.INVOICE_NOT_SYNCED
        return not (document.state.open or late or document.state in self._again_of(order_id))

    def _open(self, order: OrderPayments) -> bool:
        """Whether any of the order's money still has to be judged against the ledger."""
        settled = {
            key for key, document in order.known.items() if self._settled(document, order.order_id)
        }
        keys = {share_key(payment.id, order.order_id) for payment in order.payments}
        return not keys <= settled

    def _read_ledger(
        self, orders: Sequence[OrderPayments], records: Mapping[str, Sequence[Record]]
    ) -> None:
        """Give each order its invoice's standing: known for new ones, asked for older ones."""
        older: dict[LedgerId, OrderPayments] = {}
        for order in orders:
            invoice = order.invoice
            if invoice is None or invoice.state.open or invoice.state is DocumentState.UNDONE:
                continue
            record = next(
                item for item in records[order.order_id] if item.kind is DocumentKind.INVOICE
            )
            made = order.order_id in self._made and invoice.state is DocumentState.CREATED
            applies = self._ledger.applies_credits and not self._made.get(order.order_id)
            # What would only be made has no id to ask for.
            if made and not ((applies or self.credited) and invoice.ledger_id):
                order.booked = self._just_made(record)
            elif invoice.ledger_id:
                older[LedgerId(invoice.ledger_id)] = order
        unknown: list[LedgerInvoice] = []
        for found in self._standings(older):
            order = older[found.id]
            order.booked = _standing(found) if found.alive else None
            if found.alive and found.total - found.due > _booked(
                order, DocumentKind.PAYMENT, DocumentKind.CREDIT
            ):
                unknown.append(found)
        listed = [payment for found in unknown for payment in found.payments or ()]
        asked = [found.id for found in unknown if found.payments is None]
        for payment in [*listed, *self._ledger.payments_on(asked)]:
            if payment.target not in older:
                continue
            order = older[payment.target]
            ours = {document.ledger_id for document in order.known.values()}
            if payment.alive and payment.credit:
                order.credited += payment.amount
            elif payment.alive and payment.id not in ours:
                marked = payment.order_id == order.order_id
                there = OnInvoice(payment.id, payment.reference, payment.amount, marked)
                order.foreign = [*order.foreign, there]
        for order in older.values():
            # Those of Keap's are on it as well.
            order.credited = max(ZERO, order.credited - _booked(order, DocumentKind.CREDIT))

    def _standings(self, orders: Mapping[LedgerId, OrderPayments]) -> list[LedgerInvoice]:
        """The invoices of these orders as they are, but those that make no sense: those just taken
        up are known."""
        taken = self._adoption.taken
        asked = [ident for ident in orders if ident not in taken]
        found, _ = readable(self._ledger.invoices, asked)
        return [
            *(taken[ident] for ident in orders if ident in taken),
            *(found[ident] for ident in asked if ident in found),
        ]

    def _just_made(self, record: Record) -> InvoiceBalance:
        document, draft = record.document, record.invoice_draft
        person = draft.person_id if draft else PersonId("")
        total = document.ledger_total or ZERO
        return InvoiceBalance(
            id=LedgerId(document.ledger_id),
            contact_id=self._state.links.of([person]).get(person, LedgerId("")),
            approved=self._ledger.approves,
            total=total,
            tax=draft.expected_tax if draft else ZERO,
            due=ZERO if draft and draft.receipt else total,
        )


def _stands(document: Document) -> bool:
    """Whether money is on its invoice: also what was changed in Keap since it was put there."""
    changed = document.reason is Reason.CHANGED_AFTER_SYNC and not document.ended
    there = {DocumentState.CREATED, DocumentState.SKIPPED, DocumentState.DISMISSED}
    return document.state in there or (document.state is DocumentState.HELD and changed)


def _outlived(record: Record, part: Sequence[Record]) -> bool:
    """Whether money was put onto another invoice than its order has now, or is that invoice: a run
    that was to make them anew ended between the two."""
    invoice = next((item for item in part if item.kind is DocumentKind.INVOICE), None)
    if invoice is None or record is invoice:
        return invoice is not None
    draft = record.payment_draft
    return draft is not None and draft.invoice not in {"", invoice.document.ledger_id}


def _standing(found: LedgerInvoice) -> InvoiceBalance:
    return InvoiceBalance(
        found.id, found.contact_id, found.approved, found.total, found.tax, found.due
    )


def _booked(order: OrderPayments, *kinds: DocumentKind) -> Decimal:
    """What this tool has put onto the invoice, of these kinds."""
    return sum(
        (
            document.ledger_total or document.total or ZERO
            for document in order.known.values()
            if document.kind in kinds and document.ledger_id and _stands(document)
        ),
        ZERO,
    )
