"""QuickBooks Desktop as a bookkeeper sees it, and what she does there by hand."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal

from invoicesync_cli.load import qbd as adapter
from invoicesync_cli.load.qbd import client
from invoicesync_sandbox.qbd import QbdSwitches
from tests.kits.bookkeeping import ORDER, PAID, Keys, Memory, Moved, Sold
from tests.kits.rehearsal import Rehearsal

NOTE = re.compile(r"([CR])(\d+)")
KINDS = {"C": "credit", "R": "refund"}
KEPT = {"long": None, "young": 3, "last": 1, "never": 0}
"""How many message sets are remembered; QuickBooks does not forget them by the time."""


@dataclass
class Connector:
    """The Web Connector on its PC. It outlives a process of ours, and may owe it answers: each with
    the ticket of its session."""

    owed: list[tuple[str, str]] = field(default_factory=list)


class DesktopBooks:
    """The demo company file."""

    to = "qbd"
    memories: ClassVar[tuple[Memory, ...]] = ("long", "last", "never")
    writes: ClassVar[dict[str, tuple[str, str]]] = {
        "invoice": ("", "<(InvoiceAdd|SalesReceiptAdd)Rq"),
        "contact": ("", "<CustomerAddRq"),
        "payment": ("", "<TotalAmount>"),
        "credit": ("", "<CreditMemoAddRq"),
        "application": ("", "<SetCredit>"),
        "refund": ("", "<CheckAddRq"),
    }

    connector: Connector | None = None
    """The Web Connector, by which a process under harm reaches the file; None: it is beside it."""

    def __init__(self, home: Path, kind: str) -> None:
        self.shop = Rehearsal(home, to="qbd", **{"sync.mode": "invoices-and-payments"})
        # It has the number that Keap's first order would give.
        (older,) = self.shop.qbd.invoices
        self.shop.qbd.edit(older, ref="OLD")
        self.make(kind)

    def behave(self, keys: Keys, *, strict: bool) -> None:
        """Decide what nobody knows for sure."""
        qbd = self.shop.qbd
        half: Literal["stored", "not-processed"] = "not-processed" if strict else "stored"
        switches = QbdSwitches(
            stored_answer="recovery" if strict or not keys.answered else "full",
            message_sets_kept=KEPT[keys.remembered],
            unknown_query_stores=not strict,
            half_done="forgotten" if keys.at_work == "ignore" else half,
            nothing_by_id="500" if strict else "1",
            tax_line_in="subtotal" if strict else "tax",
            closed_code="3171" if strict else "3180",
            void_memo="kept" if strict else "replaced",
        )
        qbd.switches = qbd.books.switches = switches

    @staticmethod
    def smaller_batches() -> Iterable[tuple[Any, str, Any]]:
        """What is patched so that a few orders need several batches: where, the name, the value."""
        # A quarter of it, once QuickBooks is slow, is one.
        return [(adapter, "BATCH", 4), (client, "PAGE", 12)]

    def sold(self) -> Iterator[Sold]:
        """Our invoices and sales receipts."""
        qbd = self.shop.qbd
        for table in (qbd.invoices, qbd.sales_receipts):
            for row in table.values():
                if found := ORDER.search(row.memo):
                    due = qbd.balance(row.id)
                    yield Sold(row.id, found[1], row.total, due, not row.voided, approved=True)

    def moved(self) -> Iterator[Moved]:
        """Our payments, credits and refunds."""
        qbd = self.shop.qbd
        for row in qbd.payments.values():
            order, paid = ORDER.search(row.memo), PAID.search(row.ref)
            if order and paid:
                whole = not qbd.balance(row.id)
                yield Moved(
                    row.id, "payment", paid[1], order[1], row.total, alive=True, whole=whole
                )
        for receipt in qbd.sales_receipts.values():
            order = ORDER.search(receipt.memo)
            paid = PAID.search(str(receipt.kept.get("CheckNumber", "")))
            if order and paid:
                alive, total = not receipt.voided, receipt.total
                yield Moved(receipt.id, "payment", paid[1], order[1], total, alive, whole=True)
        for memo in qbd.credit_memos.values():
            order, found = ORDER.search(memo.memo), NOTE.match(memo.ref)
            if order and found:
                kind, alive, whole = KINDS[found[1]], not memo.voided, not qbd.balance(memo.id)
                yield Moved(memo.id, kind, found[2], order[1], memo.total, alive, whole)

    def people(self) -> Iterator[str]:
        """The Keap contacts that we made customers of."""
        for row in self.shop.qbd.customers.values():
            if row.kept.get("Notes"):
                yield row.kept["Notes"]

    def make(self, kind: str) -> None:
        """Have paid orders made sales receipts (`draft`), or invoices."""
        document = "sales-receipt-when-paid" if kind == "draft" else "invoice"
        self.shop.configure({"qbd.document": document})

    def approve(self) -> None:
        """QuickBooks knows no drafts."""

    def lock(self, day: dt.date | None) -> None:
        """Close the books up to a day, or open them."""
        self.shop.qbd.close_books(day)

    def pay(self, invoice: str, amount: Decimal, reference: str) -> None:
        """Enter money for an invoice by hand."""
        qbd = self.shop.qbd
        customer = qbd.customers[qbd.invoices[invoice].customer_id]
        name = qbd.books.full_name(customer)
        qbd.receive_payment(name, str(amount), onto={invoice: str(amount)}, ref=reference)

    def shows(self, moved: Moved, *, by_void: bool) -> bool:
        """Of a payment, or a sales receipt, that is deleted nothing is left but an id."""
        return moved.kind != "payment" or (by_void and moved.id in self.shop.qbd.sales_receipts)

    def reconcile(self, payment: str) -> None:
        """Put a payment into a bank deposit."""
        self.shop.qbd.deposit(payment)

    def end_invoice(self, sold: Sold) -> None:
        """Void an invoice or a sales receipt."""
        self.shop.qbd.void(sold.id)

    def end_money(self, moved: Moved, *, by_void: bool) -> None:
        """Delete a payment; void a credit memo, or what was paid out of one, or both; void or
        delete a sales receipt."""
        qbd = self.shop.qbd
        if moved.kind == "payment":
            receipt = moved.id in qbd.sales_receipts
            (qbd.void if receipt and by_void else qbd.delete)(moved.id)
            return
        if moved.kind == "refund":
            for link in list(qbd.books.links.each("target", moved.id)):
                qbd.void(link.source_id)
        if by_void or moved.kind == "credit":
            qbd.void(moved.id)
