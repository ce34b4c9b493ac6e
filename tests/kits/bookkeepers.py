"""Every ledger as a bookkeeper sees it: what is in the books, and what she does there by hand."""

import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Literal

from werkzeug.wrappers import Request, Response

from invoicesync_cli.load import qbo as qbo_adapter
from invoicesync_cli.load.qbo import QboLedger
from invoicesync_cli.load.xero import XeroLedger
from invoicesync_sandbox.qbo import QboSwitches
from invoicesync_sandbox.xero import XeroSwitches, credit_notes
from invoicesync_sandbox.xero.posted import Posted
from invoicesync_sandbox.xero.replays import XeroReplays
from tests.kits.bookkeeping import KINDS, NOTE, ORDER, PAID, Keys, Memory, Moved, Sold
from tests.kits.desktop_bookkeeper import DesktopBooks
from tests.kits.qbo_faults import CREATES, behave
from tests.kits.rehearsal import Rehearsal

XERO_AT_WORK: dict[str, Literal["answered", "refused", "ignored"]] = {
    "know": "answered",
    "refuse": "refused",
    "ignore": "ignored",
}


class XeroBooks:
    """The demo organisation."""

    to = "xero"
    memories: ClassVar[tuple[Memory, ...]] = ("long", "never")
    writes: ClassVar[dict[str, tuple[str, str]]] = {
        "invoice": ("/Invoices", ""),
        "contact": ("/Contacts", ""),
        "payment": ("/Payments", ""),
        "credit": ("/CreditNotes", ""),
        "application": ("/Allocations", ""),
        "refund": ("/Payments", "CreditNote"),
    }

    def __init__(self, home: Path, kind: str) -> None:
        self.shop = Rehearsal(home, **{"sync.mode": "invoices-and-payments"})
        self.make(kind)

    def behave(self, keys: Keys, *, strict: bool) -> None:
        """Decide what nobody knows for sure."""
        switches = XeroSwitches(
            idempotency_minutes={"young": 1, "never": 0}.get(keys.remembered, 6 if strict else 20),
            idempotency_keys_kept=1 if keys.remembered == "last" else None,
            working_key=XERO_AT_WORK[keys.at_work],
            batch_numbers_checked=strict,
            credit_note_number_unique=strict,
        )
        self.shop.xero.switches = switches
        self.shop.xero.replays = XeroReplays(switches)

    @staticmethod
    def smaller_batches() -> Iterable[tuple[Any, str, Any]]:
        """What is patched so that a few orders need several batches: where, the name, the value."""
        return [
            (XeroLedger, "capabilities", replace(XeroLedger.capabilities, batch=2, in_flight=1))
        ]

    def sold(self) -> Iterator[Sold]:
        """Our invoices."""
        for row in self.shop.xero.invoices.values():
            if found := ORDER.search(row.reference or ""):
                yield Sold(
                    row.id,
                    found[1],
                    row.total,
                    row.amount_due,
                    row.status not in {"VOIDED", "DELETED"},
                    row.status in {"AUTHORISED", "PAID"},
                )

    def moved(self) -> Iterator[Moved]:
        """Our payments, credits and refunds."""
        xero = self.shop.xero
        for row in xero.payments.values():
            if row.type == "ACCRECPAYMENT" and row.app and (paid := PAID.search(row.reference)):
                invoice = xero.invoices[row.document_id]
                order = ORDER.search(invoice.reference)
                alive = row.status == "AUTHORISED"
                yield Moved(
                    row.id, "payment", paid[1], order[1] if order else "", row.amount, alive, alive
                )
        for note in xero.credit_notes.values():
            if found := NOTE.search(note.number or ""):
                order = ORDER.search(note.reference)
                alive = note.status not in {"VOIDED", "DELETED"}
                kind = KINDS[found[1]]
                moved = note.allocated if kind == "credit" else note.refunded
                yield Moved(
                    note.id,
                    kind,
                    found[2],
                    order[1] if order else "",
                    note.total,
                    alive,
                    moved == note.total,
                )

    def people(self) -> Iterator[str]:
        """The Keap contacts that we made contacts of."""
        for row in self.shop.xero.contacts.values():
            if row.contact_number.startswith("keap-"):
                yield row.contact_number

    def make(self, kind: str) -> None:
        """Have invoices made as drafts (`draft`), or approved."""
        self.shop.configure({"xero.status": "draft" if kind == "draft" else "authorised"})

    def approve(self) -> None:
        """Approve every draft that lies in an open period."""
        for row in list(self.shop.xero.invoices.values()):
            if row.status in {"DRAFT", "SUBMITTED"}:
                with contextlib.suppress(ValueError):
                    self.shop.xero.approve_invoice(row.id)

    def lock(self, day: dt.date | None) -> None:
        """Close the books up to a day, or open them."""
        self.shop.xero.set_lock_dates(day)

    def pay(self, invoice: str, amount: Decimal, reference: str) -> None:
        """Enter money for an invoice by hand."""
        self.shop.xero.pay(invoice, amount, reference=reference)

    @staticmethod
    def shows(moved: Moved, *, by_void: bool) -> bool:  # noqa: ARG004 - as the others
        """Whether anybody can ask for what is taken back."""
        return True

    def reconcile(self, payment: str) -> None:
        """Match a payment with the bank's statement."""
        row = self.shop.xero.payments[payment]
        self.shop.xero.payments.put(replace(row, is_reconciled=True))

    def end_invoice(self, sold: Sold) -> None:
        """Void an invoice, or delete a draft."""
        if sold.approved:
            self.shop.xero.void_invoice(sold.id)
        else:
            self.shop.xero.delete_invoice(sold.id)

    def end_money(self, moved: Moved, *, by_void: bool) -> None:
        """Take a payment back; void a credit note, or take back what was paid out of one."""
        xero = self.shop.xero
        if moved.kind == "payment":
            xero.delete_payment(moved.id)
            return
        for payment in list(xero.payments.values()):
            if payment.document_id == moved.id and payment.status == "AUTHORISED":
                xero.delete_payment(payment.id)
        for allocation in list(xero.allocations.values()):
            if allocation.credit_note_id == moved.id and not allocation.deleted:
                credit_notes.take_back(xero, allocation)
        if by_void or moved.kind == "credit":
            note, void = xero.credit_notes[moved.id], Posted({"Status": "VOIDED"}, "")
            xero._try(lambda findings: credit_notes.change(xero, note, void, _person(), findings))


def _person() -> Any:
    from invoicesync_sandbox.xero.documents import Writer

    return Writer()


class QboBooks:
    """The demo company in the United Kingdom."""

    to = "qbo"
    memories: ClassVar[tuple[Memory, ...]] = ("long", "never")
    writes: ClassVar[dict[str, tuple[str, str]]] = {
        "invoice": ("/batch", CREATES["invoice"]),
        "contact": ("/batch", CREATES["customer"]),
        "payment": ("/batch", CREATES["payment"]),
        "credit": ("/batch", CREATES["credit memo"]),
        "application": ("/batch", CREATES["application"]),
        "refund": ("/batch", CREATES["refund"]),
    }

    def __init__(self, home: Path, kind: str) -> None:
        self.shop = Rehearsal(home, to="qbo", **{"sync.mode": "invoices-and-payments"})
        self.make(kind)

    def behave(self, keys: Keys, *, strict: bool) -> None:
        """Decide what nobody knows for sure."""
        hours = {"young": 0.02, "never": 0.0}.get(keys.remembered, 0.05 if strict else None)
        switches = QboSwitches(
            requestid_hours=hours,
            request_ids_kept=1 if keys.remembered == "last" else None,
            working_id="ignored" if keys.at_work == "ignore" else "refused",
            replays=keys.answered,
            faults_replayed=strict,
        )
        behave(self.shop, switches)
        self.shop.qbo.set_preferences(warn_duplicate_numbers=strict)

    @staticmethod
    def smaller_batches() -> Iterable[tuple[Any, str, Any]]:
        """What is patched so that a few orders need several batches: where, the name, the value."""
        smaller = replace(QboLedger.capabilities, in_flight=1)
        return [(QboLedger, "capabilities", smaller), (qbo_adapter, "SMALLER", (3, 2, 1))]

    def sold(self) -> Iterator[Sold]:
        """Our invoices and sales receipts."""
        qbo = self.shop.qbo
        for table in (qbo.invoices, qbo.sales_receipts):
            for row in table.values():
                if found := ORDER.search(row.private_note):
                    alive = row.status == "live"
                    yield Sold(row.id, found[1], row.total, row.balance, alive, approved=True)

    def moved(self) -> Iterator[Moved]:
        """Our payments, credits and refunds."""
        qbo = self.shop.qbo
        for row in qbo.payments.values():
            order, paid = ORDER.search(row.private_note), PAID.search(row.ref)
            if order and paid:
                alive = row.status == "live"
                yield Moved(
                    row.id, "payment", paid[1], order[1], row.total, alive, row.unapplied == 0
                )
        for receipt in qbo.sales_receipts.values():
            order, paid = ORDER.search(receipt.private_note), PAID.search(receipt.ref)
            if order and paid:
                alive = receipt.status == "live"
                yield Moved(
                    receipt.id, "payment", paid[1], order[1], receipt.total, alive, whole=True
                )
        for kind, rows in (("credit", qbo.credit_memos), ("refund", qbo.refund_receipts)):
            for form in rows.values():
                order, found = ORDER.search(form.private_note), NOTE.search(form.number)
                if order and found:
                    alive = form.status == "live"
                    yield Moved(
                        form.id, kind, found[2], order[1], form.total, alive, form.balance == 0
                    )

    def people(self) -> Iterator[str]:
        """The Keap contacts that we made customers of."""
        for row in self.shop.qbo.customers.values():
            if row.notes:
                yield row.notes

    def make(self, kind: str) -> None:
        """Have paid orders made sales receipts (`draft`), or invoices."""
        document = "sales-receipt-when-paid" if kind == "draft" else "invoice"
        self.shop.configure({"qbo.document": document})

    def approve(self) -> None:
        """QuickBooks knows no drafts."""

    def lock(self, day: dt.date | None) -> None:
        """Close the books up to a day, or open them."""
        self.shop.qbo.set_preferences(close_date=day)

    def pay(self, invoice: str, amount: Decimal, reference: str) -> None:
        """Enter money for an invoice by hand."""
        self.shop.qbo.pay(invoice, amount, ref=reference)

    @staticmethod
    def shows(moved: Moved, *, by_void: bool) -> bool:
        """Of what is deleted nothing is left but an id."""
        return by_void and moved.kind == "payment"

    def reconcile(self, payment: str) -> None:
        """Put a payment into a bank deposit."""
        self.shop.qbo.deposit(payment)

    def end_invoice(self, sold: Sold) -> None:
        """Void an invoice or a sales receipt."""
        if sold.id in self.shop.qbo.sales_receipts:
            self.shop.qbo.void_sales_receipt(sold.id)
        else:
            self.shop.qbo.void_invoice(sold.id)

    def end_money(self, moved: Moved, *, by_void: bool) -> None:
        """Void or delete a payment; delete a credit memo or a refund receipt."""
        qbo = self.shop.qbo
        if moved.id in qbo.sales_receipts:
            (qbo.void_sales_receipt if by_void else qbo.delete_sales_receipt)(moved.id)
        elif moved.kind == "payment":
            (qbo.void_payment if by_void else qbo.delete_payment)(moved.id)
        elif moved.kind == "credit":
            for payment_id in list(qbo.credit_memos[moved.id].links):
                qbo.delete_payment(payment_id)
            qbo.delete_credit_memo(moved.id)
        else:
            qbo.delete_refund_receipt(moved.id)


Books = XeroBooks | QboBooks | DesktopBooks
Booked = Counter[tuple[str, str]]
LEDGERS: dict[str, type[XeroBooks] | type[QboBooks] | type[DesktopBooks]] = {
    "xero": XeroBooks,
    "qbo": QboBooks,
    "qbd": DesktopBooks,
}


def living(books: Books) -> Booked:
    """How many of each there are of ours that are alive, by kind and what it is for."""
    found = Counter(("invoice", item.order) for item in books.sold() if item.alive)
    found.update((item.kind, item.payment) for item in books.moved() if item.alive)
    return found


def wanted(shop: Rehearsal) -> Booked:
    """How many there are to be of each, by what Keap has."""
    kinds = {"Credit": "credit", "Refund": "refund"}
    found = Counter(("invoice", order) for order in shop.keap.orders)
    payments = shop.keap.payments.values()
    found.update((kinds.get(item.type, "payment"), item.id) for item in payments)
    return found


REFUSALS: dict[str, Callable[[], Response]] = {
    "down": lambda: Response("The service is down for maintenance.", 503),
    "down, on a page": lambda: Response(
        "<!DOCTYPE html><html><title>Down for maintenance</title></html>",
        503,
        content_type="text/html",
    ),
    "no more today": lambda: Response(
        "", 429, {"Retry-After": "5000", "X-Rate-Limit-Problem": "day"}
    ),
    "token expired": lambda: Response(
        '{"Title":"Unauthorized","Status":401,"Detail":"TokenExpired"}',
        401,
        content_type="application/json",
    ),
    "gateway": lambda: Response("<html>504 Gateway Time-out</html>", 504),
    "too many": lambda: Response("", 429, {"Retry-After": "20"}),
    "inner error": lambda: Response("{}", 500, content_type="application/json"),
    "web page": lambda: Response("<!DOCTYPE html><html></html>", 200, content_type="text/html"),
    "captive portal": lambda: Response("", 302, {"Location": "http://portal.example/"}),
}
"""Answers of which the ledger, or something in between, has done nothing."""
SPOILT: dict[str, Callable[[], Response]] = {
    "gateway": REFUSALS["gateway"],
    "web page": REFUSALS["web page"],
    "half": lambda: Response('{"Invoices": [', 200, content_type="application/json"),
    "other": lambda: Response('{"Status": "OK"}', 200, content_type="application/json"),
    "nothing": lambda: Response("", 200),
}
"""Answers that say nothing of what was done."""


def is_sign_in(request: Request) -> bool:
    """Whether a request is about tokens; those have tests of their own."""
    return any(word in request.path for word in ("token", "connections", "authorize"))
