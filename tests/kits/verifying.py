"""A shop of made-up orders and money in both ledgers, and what somebody there may do to it."""

import datetime as dt
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_cli.state.rows import Record
from invoicesync_cli.statement import Period
from invoicesync_cli.verify import Verified, verify
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbo.screens import sale
from invoicesync_sandbox.shop.generator import generate
from tests.kits.rehearsal import Rehearsal

WITH_MONEY = {"sync.mode": "invoices-and-payments", "xero.status": "authorised"}
CENT = Decimal("0.01")
OTHER_ACCOUNT = {"xero": "090", "qbo": "Business current account"}


class VerifiedShop:
    """Orders with every kind of money, carried over to a ledger."""

    def __init__(self, home: Path, to: str, *, orders: int = 0, seed: int = 0) -> None:
        self.to = to
        self.shop = Rehearsal(home, to=to, **WITH_MONEY)
        if to == "qbo":
            self.shop.qbo.set_preferences(auto_apply_credit=False)
        self.keap = self.shop.keap
        self.chance = random.Random(seed)  # noqa: S311 - test data
        generate(self.keap, orders, seed, paid=False)
        for order in list(self.keap.orders):
            self._settle(order)
        for first, second in zip(*[iter(list(self.keap.orders)[:8])] * 2, strict=False):
            self._share(first, second)

    # --- Keap -------------------------------------------------------------------------------------

    def _settle(self, order: str) -> None:
        """Some money for an order: none, all, two parts, more than it, credits, refunds."""
        total, chance = self.keap.orders[order].total, self.chance
        case = chance.choice(
            ["all", "all", "all", "half", "parts", "none", "credit", "refund", "more", "odd"]
        )
        half = (total / 2).quantize(CENT)
        if case in {"all", "refund", "more"}:
            paid = self.pay(order, total + (5 if case == "more" else 0))
            if case == "refund":
                when = paid.payment_time + dt.timedelta(days=chance.randrange(40))
                self.keap.add_refund(paid.id, half, time=min(when, self.shop.clock.now()))
        elif case in {"half", "parts"}:
            self.pay(order, half, "Cash")
            if case == "parts":
                self.pay(order, total - half, days=chance.randrange(20))
        elif case == "credit":
            self.pay(order, half, chance.choice(["Credit", "Adjustment"]))
        elif case == "odd":
            wrong: list[dict[str, Any]] = [{"currency": "USD"}, {"total": total + 1}]
            self.keap.edit_order(order, **chance.choice(wrong))

    def _share(self, first: str, second: str) -> None:
        """A payment on two orders."""
        shares = {first: Decimal("1.10"), second: Decimal("2.20")}
        self.keap.add_payment(
            allocations=shares, amount=Decimal("3.30"), time=self.shop.clock.now()
        )

    def pay(self, order: str, amount: Decimal, kind: str = "Credit Card", days: int = 0) -> Any:
        """Money some days after the order."""
        when = self.keap.orders[order].order_time + dt.timedelta(days=days)
        when = min(when, self.shop.clock.now())
        return self.keap.add_payment(
            order_id=order, amount=amount, type=kind, time=when, entered_time=when
        )

    def enter(self, *payments: tuple[str, str], total: str = "120.00") -> str:
        """An order of today with money (amount, type); its id."""
        net = (Decimal(total) / Decimal("1.2")).quantize(CENT)
        goods = Item("PRODUCT", net, name="Candle", taxable=True)
        order = self.shop.order(goods, Item("TAX", Decimal(total) - net, name="VAT"))
        for amount, kind in payments:
            self.pay(order, Decimal(amount), kind)
        return order

    # --- the tool ---------------------------------------------------------------------------------

    def sync(self) -> Any:
        """A run."""
        return self.shop.sync()

    def verify(self, first: dt.date | None = None, last: dt.date | None = None) -> Verified:
        """Compare both sides."""
        world = Workspace(self.shop.environ, self.shop.network)
        with world.run(Call(), {}, dry_run=True) as resources:
            return verify(resources, Period(first, last))

    def dismiss_all(self) -> int:
        """Somebody takes off the list what needs a person; how many documents those were."""
        with self.shop.state() as state:
            needing = [one for one in DocumentState if one.needs_person]
            found = [
                record
                for kind in DocumentKind
                for one in needing
                for record in state.records_in(kind, one)
            ]
            for record in found:
                gone = replace(record.document, state=DocumentState.DISMISSED)
                state.save(replace(record, document=gone))
        return len(found)

    def record(self, kind: DocumentKind, order: str) -> Record:
        """The only record of a kind of an order."""
        with self.shop.state() as state:
            found = [record for record in state.records_of([order], "order") if record.kind is kind]
        (record,) = found
        assert record.state is DocumentState.CREATED, record.document
        return record

    def ledger_id(self, order: str, kind: DocumentKind = DocumentKind.INVOICE) -> str:
        """What the ledger calls it."""
        return self.record(kind, order).document.ledger_id

    # --- the ledger, by hand ----------------------------------------------------------------------

    def void(self, order: str) -> None:
        """Void an invoice."""
        (self.shop.xero if self.to == "xero" else self.shop.qbo).void_invoice(self.ledger_id(order))

    def change_total(self, order: str) -> None:
        """Put another line of 12.00 with tax onto an invoice."""
        ident = self.ledger_id(order)
        if self.to == "xero":
            row = self.shop.xero.invoices[ident]
            lines = [*_xero_lines(row), _xero_line("10.00", "OUTPUT2")]
            self.shop.xero.edit_invoice(ident, LineItems=lines)
        else:
            self._edit_qbo_line(ident, Decimal(10), Decimal(2))

    def change_tax(self, order: str) -> None:
        """Take tax for goods: the total stays."""
        ident = self.ledger_id(order)
        if self.to == "xero":
            row = self.shop.xero.invoices[ident]
            self.shop.xero.invoices.put(
                replace(row, total_tax=row.total_tax - 1, sub_total=row.sub_total + 1)
            )
        else:
            form = self.shop.qbo.invoices[ident]
            self.shop.qbo.invoices.put(replace(form, tax=form.tax - 1))

    def _edit_qbo_line(self, ident: str, net: Decimal, tax: Decimal) -> None:
        form = self.shop.qbo.invoices[ident]
        more = net + tax
        self.shop.qbo.invoices.put(
            replace(form, total=form.total + more, balance=form.balance + more, tax=form.tax + tax)
        )

    def change_date(self, order: str, day: dt.date) -> None:
        """Date an invoice anew."""
        ident = self.ledger_id(order)
        if self.to == "xero":
            self.shop.xero.edit_invoice(ident, Date=day.isoformat())
        else:
            self.shop.qbo.edit(ident, TxnDate=day.isoformat())

    def change_contact(self, order: str) -> None:
        """Put an invoice onto another customer."""
        ident = self.ledger_id(order)
        if self.to == "xero":
            other = self.shop.xero.add_contact("Somebody else")
            self.shop.xero.edit_invoice(ident, Contact={"ContactID": other})
        else:
            other = self.shop.qbo.add_customer("Somebody else")
            self.shop.qbo.edit(ident, CustomerRef={"value": other})

    def delete_payment(self, order: str) -> None:
        """Delete a payment."""
        ledger: Any = self.shop.xero if self.to == "xero" else self.shop.qbo
        ledger.delete_payment(self.ledger_id(order, DocumentKind.PAYMENT))

    def move_payment(self, order: str) -> None:
        """Put a payment onto another account: in Xero it is made anew there."""
        ident = self.ledger_id(order, DocumentKind.PAYMENT)
        account = OTHER_ACCOUNT[self.to]
        if self.to == "xero":
            row = self.shop.xero.payments[ident]
            self.shop.xero.delete_payment(ident)
            self.shop.xero.pay(
                row.document_id, row.amount, account=account, day=row.date, reference=row.reference
            )
        else:
            other = self.shop.qbo.account_id(account)
            self.shop.qbo.edit(ident, DepositToAccountRef={"value": other})

    def pay_by_hand(self, order: str, amount: str, reference: str = "cheque") -> None:
        """Enter money of somebody's own."""
        ident = self.ledger_id(order)
        if self.to == "xero":
            self.shop.xero.pay(ident, amount, reference=reference)
        else:
            self.shop.qbo.pay(ident, amount, ref=reference)

    def enter_invoice(self, like: str, *, marker: str = "", number: str) -> None:
        """Enter an invoice by hand, with the contact, total and date of another one."""
        ident = self.ledger_id(like)
        if self.to == "xero":
            row = self.shop.xero.invoices[ident]
            self.shop.xero.add_invoice(
                row.contact_id,
                _xero_lines(row),
                Date=row.date.isoformat(),
                DueDate=row.due_date.isoformat(),
                Reference=marker,
                InvoiceNumber=number,
            )
        else:
            form = self.shop.qbo.invoices[ident]
            code = next(line.tax_code for line in form.lines if line.kind == "sale")
            item = next(line.item_id for line in form.lines if line.kind == "sale")
            line = sale(form.total - form.tax, item=item, tax_code=code)
            self.shop.qbo.enter_invoice(
                form.customer_id,
                [line],
                TxnDate=form.txn_date.isoformat(),
                PrivateNote=marker,
                DocNumber=number,
            )

    def take_credit_off(self, order: str) -> None:
        """Take a credit off its invoice."""
        note = self.ledger_id(order, DocumentKind.CREDIT)
        if self.to == "xero":
            for ident, row in list(self.shop.xero.allocations.items()):
                if row.credit_note_id == note:
                    self.shop.xero.take_back(ident)
        else:
            for payment in list(self.shop.qbo.credit_memos[note].links):
                self.shop.qbo.delete_payment(payment)

    def delete_refund(self, order: str) -> None:
        """Take a refund back."""
        note = self.ledger_id(order, DocumentKind.REFUND)
        if self.to == "qbo":
            self.shop.qbo.delete_refund_receipt(note)
            return
        for ident, row in list(self.shop.xero.payments.items()):
            if row.document_id == note:
                self.shop.xero.delete_payment(ident)
        self.shop.xero.void_credit_note(note)


def _xero_lines(row: Any) -> list[dict[str, Any]]:
    return [
        {
            "LineItemID": line.id,
            "Description": line.description,
            "Quantity": line.quantity,
            "UnitAmount": line.unit_amount,
            "LineAmount": line.line_amount,
            "AccountCode": line.account_code,
            "TaxType": line.tax_type,
            "TaxAmount": line.tax_amount,
        }
        for line in row.lines
    ]


def _xero_line(amount: str, tax_type: str) -> dict[str, Any]:
    return {
        "Description": "More",
        "Quantity": 1,
        "UnitAmount": Decimal(amount),
        "AccountCode": "200",
        "TaxType": tax_type,
    }
