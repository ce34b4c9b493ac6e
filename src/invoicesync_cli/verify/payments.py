"""Keap's payments, credits and refunds against what the ledger has of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from invoicesync_cli.load.found import Listed
from invoicesync_cli.model import (
    ZERO,
    Document,
    DocumentKind,
    DocumentState,
    InvoiceId,
    KeapPayment,
    LedgerId,
    OrderId,
    Payment,
    PaymentId,
    PaymentKind,
    Reason,
    share_key,
)
from invoicesync_cli.state.rows import Record
from invoicesync_cli.sync.payments.changes import shares_in
from invoicesync_cli.transform.allocations import KINDS
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.verify.comparison import Comparison
from invoicesync_cli.verify.differences import (
    What,
    difference,
    of_account,
    of_date,
    weigh,
)
from invoicesync_cli.verify.sides import InKeap, Known, known_of, spread

EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PaymentShare:
    """An order's part of a payment; `in_keap` is false for one that was voided there, or that is
    pending though it is booked, and `sold` is the order's sale in the ledger, blank for none."""

    keap: InKeap
    record: Record | None
    known: Known | None
    sold: str
    in_keap: bool = True


class MoneyCheck:
    """Takes Keap's payments page by page."""

    def __init__(self, comparison: Comparison, since: datetime | None) -> None:
        self._all = comparison
        self._since = since
        self._voided: set[PaymentId] | None = None

    def page(self, rows: Sequence[KeapPayment]) -> None:
        """Compare those of these payments that belong to the period."""
        compared = self._all
        compared.payments.update(row.id for row in rows)
        records: dict[PaymentId, dict[OrderId, Record]] = defaultdict(dict)
        for record in compared.state.payment_records([row.id for row in rows]):
            order = OrderId(record.document.order_id)
            records[PaymentId(record.document.payment_id)][order] = record
        inside = []
        for row in rows:
            if not isinstance(row, Payment):
                self._unreadable(row.id, row.problem, records.get(row.id, {}).values())
            elif compared.period.has(local_date(row.time, compared.zone)):
                inside.append(row)
        inside = self._looked_into(inside, records)
        invoices = self._invoices(inside)
        parts = [
            part for row in inside for part in self._parts(row, records.get(row.id, {}), invoices)
        ]
        compared.books.read_also(
            part.known.document for part in parts if part.known and part.known.in_ledger
        )
        # What is found by its id cannot be anybody else's.
        late = [part for part in parts if not self._by_id(part)]
        for part in late:
            self._judge(part, self._by_content(part))

    def _unreadable(self, ident: str, problem: str, records: Iterable[Record]) -> None:
        compared = self._all
        compared.messages.append(f"Payment {ident} cannot be read in Keap: {problem}.")
        for record in records:
            known = known_of(record)
            if compared.period.has(known.document.date):
                there = compared.books.living(known.document.ledger_id)
                total = known.document.total or ZERO
                compared.weighed(weigh(total, known, there), None, record, known, there)
                if there:
                    compared.books.claim(there)

    def _looked_into(
        self, rows: list[Payment], records: dict[PaymentId, dict[OrderId, Record]]
    ) -> list[Payment]:
        """The payments; those that may have been voided, or are spread over orders otherwise than
        their records say, as their orders have them."""
        compared = self._all
        if self._voided is None:
            self._voided = compared.keap.voided_since(self._since or EVER)
        doubtful = {
            row.id: row for row in rows if _is_doubtful(row, records.get(row.id, {}), self._voided)
        }
        orders = sorted({order for row in doubtful.values() for order in row.order_ids}, key=int)
        if not orders:
            return rows
        settled = {
            (OrderId(record.document.order_id), PaymentId(record.document.payment_id))
            for record in compared.state.records_of(orders, "order")
            if record.document.payment_id not in doubtful
        }
        found = compared.keap.payments_of(orders, None, settled, self._voided)
        exact = {row.id: row for money in found.values() for row in money.payments}
        return [exact.get(row.id, row) if row.id in doubtful else row for row in rows]

    def _invoices(self, rows: Iterable[Payment]) -> dict[OrderId, Document]:
        """The records of the invoices that payments are for."""
        orders = {order for row in rows for order in row.order_ids}
        found = self._all.state.records(DocumentKind.INVOICE, orders)
        return {OrderId(key): record.document for key, record in found.items()}

    def _parts(
        self,
        row: Payment,
        records: dict[OrderId, Record],
        invoices: dict[OrderId, Document],
    ) -> Iterator[PaymentShare]:
        compared = self._all
        day = local_date(row.time, compared.zone)
        failed = row.kind is PaymentKind.FAILED
        every = {order: known_of(record) for order, record in records.items()}
        for order, amount in spread(row, every).items():
            record, known, invoice = records.get(order), every.get(order), invoices.get(order)
            if record is None and (failed or row.kind is PaymentKind.PENDING or not amount):
                continue
            if record is None and invoice is None and order not in compared.scope:
                continue
            keap = InKeap(
                kind=record.kind if record else KINDS.get(row.kind, DocumentKind.PAYMENT),
                order_id=order,
                invoice_id=InvoiceId(invoice.invoice_id)
                if invoice
                else compared.orders.get(order, InvoiceId("")),
                total=amount,
                currency=known.document.currency if known else compared.tally.currency,
                date=day,
                payment_id=row.id,
                name=invoice.contact if invoice else "",
                reference=row.reference,
            )
            if known is None and invoice and not invoice.ledger_id:
                known = _without_invoice(keap, invoice)
            sold = compared.sold.get(order) or (invoice.ledger_id if invoice else "")
            # Money that is booked and pending in Keap now has not come in.
            early = row.kind is PaymentKind.PENDING and known is not None and known.in_ledger
            yield PaymentShare(keap, record, known, sold, in_keap=not (failed or early))

    def _by_id(self, part: PaymentShare) -> bool:
        """Compare what is found by its id, or whose record says why it is not there."""
        compared, known = self._all, part.known
        if known is None:
            return False
        there = compared.books.living(known.document.ledger_id)
        if there is None and (known.in_ledger or not known.accounts):
            return False
        if not part.in_keap and not (there or known.in_ledger):
            # No money has come in, and none is in the ledger.
            compared.judged.add(
                (part.keap.kind, share_key(part.keap.payment_id, part.keap.order_id))
            )
            return True
        if there and not known.in_ledger and part.keap.kind is not DocumentKind.REFUND:
            compared.add_paid(part.keap.order_id, there.total)
        self._judge(part, there)
        return True

    def _by_content(self, part: PaymentShare) -> Listed | None:
        """A note by its marker and number; a payment on the same invoice with the same reference
        and amount, of no other record."""
        compared, keap = self._all, part.keap
        if not part.in_keap:
            return None
        if keap.kind is not DocumentKind.PAYMENT:
            note = compared.books.note(keap.order_id, keap.payment_id)
            if note and keap.kind is DocumentKind.CREDIT:
                compared.add_paid(keap.order_id, note.total)
            return note
        references = {keap.reference or f"keap-{keap.payment_id}", f"keap-{keap.payment_id}"}
        references |= {part.known.document.reference} if part.known else set()
        sale = compared.books.living(part.sold)
        if sale and sale.receipt and sale.reference in references:
            return sale
        for entry in compared.books.payments_on(part.sold) if part.sold else ():
            same = entry.reference in references and entry.total == keap.total
            if same and not compared.state.records_at([entry.id]):
                compared.add_paid(keap.order_id, entry.total)
                return entry
        return None

    def _judge(self, part: PaymentShare, there: Listed | None) -> None:
        compared, keap, known = self._all, part.keap, part.known
        if there:
            compared.books.claim(there)
            if known is None or known.adopted:
                there = on_sale(there, part.sold)
        weighed = weigh(keap.total if part.in_keap else None, known, there)
        compared.weighed(weighed, keap, part.record, known, there)
        if there is None or known is None or known.accounts or not part.in_keap:
            return
        if there.kind != "sale":
            compared.tally.note(of_date(keap, known, there))
        if keap.kind is DocumentKind.CREDIT:
            if there.open and keap.order_id not in compared.balances:
                self._left(part, there)
            return
        paid = compared.books.paid_out(there) if there.kind == "note" else there
        if paid:
            compared.tally.note(of_account(keap, known, there, paid))
        if keap.kind is DocumentKind.REFUND and there.open:
            self._left(part, there)

    def _left(self, part: PaymentShare, there: Listed) -> None:
        """Say that something of a credit note is neither on an invoice nor paid out."""
        found = difference(
            What.BALANCE, part.keap, part.known, there, f"{ZERO:.2f}", f"{there.open:.2f}"
        )
        self._all.tally.note([found])


def on_sale(there: Listed, sold: str) -> Listed:
    """A payment as far as it is on a sale, where somebody has put it onto several."""
    if len(there.on) < 2 or sold not in there.on:
        return there
    return replace(there, total=there.on[LedgerId(sold)])


def _is_doubtful(
    row: Payment, records: dict[OrderId, Record], voided: Collection[PaymentId]
) -> bool:
    """Whether a payment's own row does not say enough of it."""
    booked = any(record.document.ledger_id for record in records.values())
    if row.id in voided and (booked or not records):
        return True
    if len(row.order_ids) < 2:
        return False
    shares = next((item for record in records.values() if (item := shares_in(record.source))), None)
    if shares is None or set(shares) != set(row.order_ids):
        return True
    return sum(shares.values(), ZERO) != row.amount


def _without_invoice(keap: InKeap, invoice: Document) -> Known:
    """What is said of money whose invoice is not in the ledger, as a run would say it."""
    state = DocumentState.WAITING if invoice.state.open else DocumentState.SKIPPED
    document = Document(
        keap.kind,
        state,
        order_id=keap.order_id,
        invoice_id=keap.invoice_id,
        payment_id=keap.payment_id,
        contact=keap.name,
        date=keap.date,
        total=keap.total,
        currency=keap.currency,
        reference=keap.reference,
        reason=Reason.INVOICE_NOT_SYNCED,
        message="Its invoice is not in the ledger.",
    )
    return Known(document)
