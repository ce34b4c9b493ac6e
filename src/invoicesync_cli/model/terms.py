"""The words and measures that everything else is made of: ids, money, kinds and states."""

import re
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NewType

OrderId = NewType("OrderId", str)
InvoiceId = NewType("InvoiceId", str)
PaymentId = NewType("PaymentId", str)
PersonId = NewType("PersonId", str)
LedgerId = NewType("LedgerId", str)

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def money(value: Decimal | int) -> Decimal:
    """`value` in whole cents, rounded half up (away from zero), as both ledgers do."""
    return Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)


def marker(order_id: str, invoice_id: str) -> str:
    """The text that goes with every document of an order, by which it is found again (R1)."""
    return f"Keap order {order_id}, invoice {invoice_id}"


def share_key(payment_id: str, order_id: str) -> str:
    """What an order's share of a Keap payment is known by, however many orders it is on."""
    return f"{payment_id}:{order_id}"


MARKER = re.compile(r"Keap order (\S+), invoice \w+")
"""A marker, with its order id, wherever it stands in a text."""


def marked_order(text: str) -> OrderId | None:
    """The order whose marker stands in a text; None where there is none."""
    found = MARKER.search(text)
    return OrderId(found.group(1)) if found else None


class DocumentKind(StrEnum):
    """The kinds of document."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    CREDIT = "credit"
    REFUND = "refund"


class DocumentState(StrEnum):
    """What became of a document (rules, "Reasons and states")."""

    NEW = "new"
    SENDING = "sending"
    CREATED = "created"
    SKIPPED = "skipped"
    HELD = "held"
    WAITING = "waiting"
    FAILED = "failed"
    UNCHANGED = "unchanged"
    DISMISSED = "dismissed"

    @property
    def open(self) -> bool:
        """Whether the document still has to come to an end, by itself or by a person."""
        return self in {
            DocumentState.NEW,
            DocumentState.SENDING,
            DocumentState.HELD,
            DocumentState.WAITING,
            DocumentState.FAILED,
        }

    @property
    def needs_person(self) -> bool:
        """Whether the document makes a run end with exit code 3."""
        return self in {DocumentState.HELD, DocumentState.FAILED}
