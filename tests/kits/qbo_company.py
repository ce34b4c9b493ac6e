"""A QuickBooks company after a sync, read from its books: what a bookkeeper would see there."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.sync import Result
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbo.forms import Invoice, Line, Payment, SalesForm, SalesReceipt
from tests.kits.rehearsal import Rehearsal

OURS = "Keap order "
"""How the private note of everything that this tool makes begins."""
WITH_MONEY = {"sync.mode": "invoices-and-payments"}


def quickbooks(home: Path, company: Any = "uk", **settings: Any) -> Rehearsal:
    """An empty Keap and the demo company, wherever it is."""
    return Rehearsal(home, to="qbo", company=company, **settings)


def product(price: str, quantity: int = 1, **fields: Any) -> Item:
    """A product that Keap has flagged as taxable."""
    return Item("PRODUCT", price, quantity, **{"name": "Candle", "taxable": True, **fields})


def book(price: str) -> Item:
    """A product that is not flagged."""
    return Item("PRODUCT", price, name="Book")


def shipping(price: str) -> Item:
    """A shipping line."""
    return Item("SHIPPING", price, name="Parcel")


def charge(price: str) -> Item:
    """A finance charge."""
    return Item("FINANCE_CHARGE", price, name="Instalments")


def discount(price: str) -> Item:
    """A discount of this much."""
    return Item("DISCOUNT", price, name="Sale")


def tax(amount: str) -> Item:
    """A TAX line."""
    return Item("TAX", amount, name="Tax")


def ours(rows: Any) -> list[Any]:
    """Those of a table's transactions that this tool has made and that are still there."""
    return [
        row
        for row in rows.values()
        if row.private_note.removeprefix("Voided - ").startswith(OURS) and row.status == "live"
    ]


def invoices(rehearsal: Rehearsal) -> list[Invoice]:
    """The invoices that this tool has made."""
    return ours(rehearsal.qbo.invoices)


def receipts(rehearsal: Rehearsal) -> list[SalesReceipt]:
    """The sales receipts that this tool has made."""
    return ours(rehearsal.qbo.sales_receipts)


def payments(rehearsal: Rehearsal) -> list[Payment]:
    """The payments of money that this tool has made."""
    return [payment for payment in ours(rehearsal.qbo.payments) if payment.total]


def invoice_of(rehearsal: Rehearsal, number: str) -> Invoice:
    """The only invoice of a number."""
    (found,) = rehearsal.qbo.invoices.find("number", number.casefold())
    return found


def sent(rehearsal: Rehearsal, *items: Item, **order: Any) -> Invoice:
    """The invoice that an order of these lines becomes."""
    number = rehearsal.order(*items, **order)
    rehearsal.sync()
    return invoice_of(rehearsal, number)


def totals(form: SalesForm) -> tuple[str, str]:
    """Total and tax, as they are written."""
    return f"{form.total:.2f}", f"{form.tax:.2f}"


def item_names(rehearsal: Rehearsal, form: SalesForm) -> list[str]:
    """The item of each line, or QuickBooks' own line that it is."""
    return [
        rehearsal.qbo.items[line.item_id].name if line.kind == "sale" else line.kind
        for line in form.lines
    ]


def tax_names(rehearsal: Rehearsal, form: SalesForm) -> list[str]:
    """The tax code of each line: its name, or in the United States itself."""
    codes = rehearsal.qbo.tax_codes
    return [
        codes[line.tax_code].name if line.tax_code in codes else line.tax_code
        for line in form.lines
    ]


def amounts(form: SalesForm) -> list[str]:
    """The amount of each line; a discount line's is what it takes off."""
    return [f"{line.amount:.2f}" for line in form.lines]


def line_called(form: SalesForm, description: str) -> Line:
    """The only line of a description."""
    (found,) = [line for line in form.lines if line.description == description]
    return found


def decisions(rehearsal: Rehearsal, order: str) -> Mapping[str, tuple[str, str, str]]:
    """Value, rule and grounds of every field of an order's invoice."""
    with rehearsal.state() as state:
        found = state.records(DocumentKind.INVOICE, [order])[order].decided
    return {item.field: (item.value, item.rule, item.because) for item in found}


def money(result: Result) -> list[Document]:
    """The payments, credits and refunds that a run tells of."""
    return [item for item in result.documents if item.kind is not DocumentKind.INVOICE]


def reported(result: Result) -> list[tuple[str, str, str]]:
    """State, reason and amount of what a run tells of money."""
    return [(item.state, item.reason, f"{item.total:.2f}") for item in money(result)]


def all_created(result: Result) -> bool:
    """Whether everything that a run tells of has been made."""
    return {item.state for item in result.documents} == {DocumentState.CREATED}


def received(rehearsal: Rehearsal) -> Decimal:
    """What the company received by this tool, less what was paid out."""
    came = sum((row.total for row in payments(rehearsal)), Decimal(0))
    came += sum((row.total for row in receipts(rehearsal)), Decimal(0))
    return came - sum((row.total for row in ours(rehearsal.qbo.refund_receipts)), Decimal(0))


def rehearse(home: Path, **settings: Any) -> Rehearsal:
    """A company that is to have money too."""
    return quickbooks(home, **{**WITH_MONEY, **settings})
