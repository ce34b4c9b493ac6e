"""The words and measures that everything else is made of: ids, money and kinds of document."""

import re
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated, NewType

from pydantic import PlainSerializer

OrderId = NewType("OrderId", str)
InvoiceId = NewType("InvoiceId", str)
PaymentId = NewType("PaymentId", str)
PersonId = NewType("PersonId", str)
LedgerId = NewType("LedgerId", str)

JsonAmount = Annotated[Decimal, PlainSerializer("{:.2f}".format, when_used="json")]
"""An amount that is written with two decimals, whatever it was made of."""

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def money(value: Decimal | int) -> Decimal:
    """`value` in whole cents, rounded half up (away from zero), as both ledgers do."""
    return Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)


def marker(order_id: str, invoice_id: str) -> str:
    """The text that goes with every document of an order, by which it is found again (R1)."""
    return f"Keap order {order_id}, invoice {invoice_id}"


def dismiss_command(invoice_id: str, why: str) -> str:
    """What to type to take the open documents of an invoice off the list; `why` goes to the log."""
    return f'invoicesync dismiss {invoice_id} --reason "{why}"'


def share_key(payment_id: str, order_id: str) -> str:
    """What an order's share of a Keap payment is known by, however many orders it is on."""
    return f"{payment_id}:{order_id}"


MARKER = re.compile(r"Keap order (\S+), invoice \w+")
"""A marker, with its order id, wherever it stands in a text."""


def marked_order(text: str) -> OrderId | None:
    """The order whose marker stands in a text; None where there is none."""
    found = MARKER.search(text)
    return OrderId(found.group(1)) if found else None


SOLD = re.compile(r"Made from (\w+) invoice .*, id (\S+) of (\S+)")
"""The marker of an order that was made of an invoice of the ledger: the ledger, and the ids of
invoice and organisation."""


def sale_marker(ledger: str, number: str, sale_id: str, organisation: str) -> str:
    """The text that goes with an order in Keap that is made of an invoice in the ledger, by which
    it is found again (R14)."""
    spaced = " ".join(number.split())
    return f"Made from {ledger} invoice {spaced or sale_id}, id {sale_id} of {organisation}"


def marked_sale(text: str, ledger: str, organisation: str) -> LedgerId | None:
    """The invoice of this organisation whose marker stands in a text; None where there is none."""
    found = SOLD.search(text)
    if found is None or (found.group(1), found.group(3)) != (ledger, organisation):
        return None
    return LedgerId(found.group(2))


class DocumentKind(StrEnum):
    """The kinds of document."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    CREDIT = "credit"
    REFUND = "refund"
