"""The ledger's side for tests of the rules as functions: a small ledger in pounds."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from invoicesync_cli.load.xero.setup import NAMES
from invoicesync_cli.model import (
    Decision,
    Document,
    DocumentKind,
    DocumentState,
    Draft,
    Invoice,
    InvoiceBalance,
    InvoiceId,
    ItemRouting,
    LedgerAccount,
    LedgerFacts,
    LedgerId,
    LedgerItem,
    LedgerSettings,
    Line,
    Merchants,
    Payment,
    Reason,
    TaxCode,
    TaxRate,
    share_key,
)
from invoicesync_cli.transform.accounts import Items
from invoicesync_cli.transform.allocations import OrderPayments
from invoicesync_cli.transform.invoice import make_draft
from invoicesync_cli.transform.settings import DraftSettings
from tests.kits.keap_side import (
    BOOK,
    CANDLE,
    NEW_YORK,
    ORDER,
    config_of,
    invoice,
    line,
)

BANK = LedgerAccount("id-090", "090", "Bank", usable=False, payable=True)
SAVINGS = LedgerAccount("id-091", "091", "Savings", usable=False, payable=True)
CASH = LedgerAccount("id-092", "", "Cash in hand", usable=False, payable=True)
ACCOUNTS = (
    LedgerAccount("id-200", "200", "Sales", usable=True),
    LedgerAccount("id-201", "201", "Candles", usable=True),
    LedgerAccount("id-290", "290", "Old sales", usable=False),
    BANK,
    SAVINGS,
    CASH,
)
TAXED = TaxCode("TAXED", "20% (VAT on Income)", Decimal(20), usable=True)
UNTAXED = TaxCode("ZERO", "Zero rated", Decimal(0), usable=True)
PARTED = TaxCode(
    "PARTED",
    "GST and PST",
    Decimal("14.975"),
    usable=True,
    parts=(TaxRate("r1", Decimal(5)), TaxRate("r2", Decimal("9.975"))),
)
"""A code that QuickBooks works out rate by rate."""
ITEMS = (
    LedgerItem("TIL", "Tea lights", "201", "11"),
    LedgerItem("GIFT", "Gift card", "", "12"),
    LedgerItem("OLD", "Old stock", "290", "13"),
)

UNMATCHED = LedgerItem("", "unknown_do_not_delete", "200", "99")
ROUTING = ItemRouting(by="sku", unmatched=UNMATCHED, income=ACCOUNTS[0], section="qbo")
"""A company where every line goes to an item."""


def rules(
    settings: Mapping[str, Any] | None = None,
    *,
    lock_date: date | None = None,
    merchants: Mapping[str, str] | None = None,
    **ledger: Any,
) -> DraftSettings:
    """The rules of a config over this ledger; `ledger` has what is set otherwise there."""
    taxable = ledger.get("taxable", TAXED)
    facts = LedgerFacts(
        "Books", "1", ("GBP", "EUR"), lock_date, ACCOUNTS, (taxable, UNTAXED), ITEMS
    )
    where = {
        "unit_places": 4,
        "account": "200",
        "discount_account": "460",
        "finance_charge_account": "260",
        "shipping_account": "425",
        "taxable": TAXED,
        "untaxed": UNTAXED,
        "sku_accounts": True,
        "sku_item_codes": False,
        **ledger,
    }
    return DraftSettings(
        config=config_of(settings or {}),
        ledger=LedgerSettings(facts=facts, names=NAMES, **where),
        items=Items(ITEMS),
        zone=NEW_YORK,
        keap_currency="GBP",
        merchants=Merchants(merchants or {}),
    )


def booked(
    due: str = "100.00", total: str = "100.00", tax: str = "0.00", **fields: Any
) -> InvoiceBalance:
    """The order's invoice as it stands in the ledger, approved."""
    return InvoiceBalance(
        **{
            "id": LedgerId("invoice-1"),
            "contact_id": LedgerId("contact-1"),
            "approved": True,
            "total": Decimal(total),
            "tax": Decimal(tax),
            "due": Decimal(due),
            **fields,
        }
    )


def record(
    state: DocumentState = DocumentState.CREATED,
    kind: DocumentKind = DocumentKind.PAYMENT,
    **fields: Any,
) -> Document:
    """What became of a document; without a reason given, for one that its state can have."""
    reason = fields.pop("reason", min(state.reasons, default=Reason.NONE))
    return Document(kind, state, order_id=ORDER, invoice_id="811", reason=reason, **fields)


def order(
    *payments: Payment, standing: InvoiceBalance | None = None, **fields: Any
) -> OrderPayments:
    """An order with its money, whose invoice of 100.00 is in the ledger unless that is said.

    What is `known` goes by payment id: the share of this order.
    """
    known = {
        key if ":" in key else share_key(key, ORDER): document
        for key, document in fields.pop("known", {}).items()
    }
    return OrderPayments(
        **{
            "order_id": ORDER,
            "invoice_id": InvoiceId("811"),
            "currency": "GBP",
            "invoice": record(kind=DocumentKind.INVOICE),
            "booked": standing or booked(),
            "payments": payments,
            "known": known,
            **fields,
        }
    )


TAX = line("TAX", "18.00")


TEN_OFF = line("DISCOUNT", "10", name="Coupon")


SALE = (replace(CANDLE, id="1", sku="TIL"), BOOK, TEN_OFF, TAX)


def drafted(made: Invoice, by: DraftSettings, *payments: Payment) -> tuple[Draft, list[Decision]]:
    """The draft of an order, and the grounds of its fields."""
    decisions: list[Decision] = []
    return make_draft(made, payments, by, decisions), decisions


def draft_of(*lines: Line, settings: Mapping[str, Any] | None = None, **ledger: Any) -> Draft:
    """The draft of an order with these lines."""
    return drafted(invoice(*lines), rules(settings, **ledger))[0]


def shown(*values: Decimal | None) -> str:
    """Figures in a row; a dash for none."""
    return " ".join("-" if value is None else f"{value.normalize():f}" for value in values)
