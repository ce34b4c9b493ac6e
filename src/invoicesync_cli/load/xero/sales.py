"""Xero's sales invoices with their lines by the time of their last change, and whom they are for.

An invoice that changes meanwhile moves to the end of the list. So a page begins at the time that
the one before has reached; places are counted only where a page holds no more than a second.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import Field

from invoicesync_cli.http.schemas import Amount, BadRow, Rows, Schema, Text
from invoicesync_cli.load.xero import replies
from invoicesync_cli.load.xero.client import XeroClient
from invoicesync_cli.load.xero.finding import day_literal
from invoicesync_cli.load.xero.schemas import (
    APPROVED,
    ENDED,
    AddressRow,
    ContactRow,
    Guid,
    Loose,
    Moment,
    PartRow,
    XeroDay,
)
from invoicesync_cli.model import (
    ZERO,
    Address,
    LedgerId,
    LedgerPerson,
    LedgerSale,
    SaleLine,
    money,
    unreadable_sale,
)

STATUSES = "AUTHORISED,PAID,VOIDED,DELETED"
"""What is, or was, a claim; drafts come up once they are approved, which changes them."""
OVERLAP = timedelta(minutes=5)
"""How much further back is asked: what Xero was writing when it answered last."""
SECOND = timedelta(seconds=1)
"""The steps in which Xero's clock is asked."""
INCLUSIVE = "Inclusive"


class LineRow(Schema):
    """A line of an invoice; one with a description only has no figures."""

    description: Text = Field("", alias="Description")
    quantity: Amount | None = Field(None, alias="Quantity")
    unit_amount: Amount | None = Field(None, alias="UnitAmount")
    amount: Amount = Field(ZERO, alias="LineAmount")
    tax: Amount = Field(ZERO, alias="TaxAmount")
    item_code: Loose = Field("", alias="ItemCode")


class SaleRow(Schema):
    """An invoice with its lines, each of which has to make sense."""

    id: Guid = Field(alias="InvoiceID")
    number: Text = Field("", alias="InvoiceNumber")
    status: Text = Field(alias="Status")
    reference: Text = Field("", alias="Reference")
    currency: Text = Field(alias="CurrencyCode")
    amounts: Text = Field("Exclusive", alias="LineAmountTypes")
    total: Amount = Field(alias="Total")
    tax: Amount = Field(alias="TotalTax")
    day: XeroDay = Field(alias="Date")
    contact: PartRow = Field(alias="Contact")
    lines: tuple[LineRow, ...] = Field((), alias="LineItems")
    updated: Moment = Field(alias="UpdatedDateUTC")


class PhoneRow(Schema):
    """A telephone number, in parts."""

    country: Loose = Field("", alias="PhoneCountryCode")
    area: Loose = Field("", alias="PhoneAreaCode")
    number: Loose = Field("", alias="PhoneNumber")

    @property
    def whole(self) -> str:
        """All of it; blank where there is none."""
        parts = (self.country, self.area, self.number)
        return " ".join(part for part in parts if part) if self.number else ""


class PostalRow(AddressRow):
    """An address of a contact, whole."""

    line1: Loose = Field("", alias="AddressLine1")
    line2: Loose = Field("", alias="AddressLine2")
    region: Loose = Field("", alias="Region")
    postal_code: Loose = Field("", alias="PostalCode")
    country: Loose = Field("", alias="Country")

    @property
    def filled(self) -> bool:
        """Whether it says anything that a letter would need."""
        return any((self.line1, self.line2, self.city, self.postal_code))


class PersonRow(ContactRow):
    """A contact with what a new one in Keap gets."""

    phones: Rows[PhoneRow] = Field((), alias="Phones")
    addresses: Rows[PostalRow] = Field((), alias="Addresses")


def changed(
    client: XeroClient, since: datetime | None, first: date | None
) -> Iterator[list[LedgerSale]]:
    """Sales invoices by the time of their last change; see `Ledger.sales_changed`."""
    where = 'Type=="ACCREC"'
    if since is None and first:
        where += f" AND Date>={day_literal(first)}"
    begin = since - OVERLAP if since else None
    number = 1
    while True:
        page = client.changed_page("Invoices", SaleRow, where, STATUSES, begin, number)
        if page.rows:
            yield [_unread(row) if isinstance(row, BadRow) else _sale(row) for row in page.rows]
        if not page.full:
            return
        reached = max((row.updated for row in page.good), default=begin)
        if reached and (begin is None or reached - SECOND > begin):
            begin, number = reached - SECOND, 1
        else:
            number += 1


def people(client: XeroClient, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerPerson]:
    """These contacts, archived ones too."""
    archived = {"includeArchived": "true"}
    rows = client.named(PersonRow, "IDs", ids, archived)
    return {LedgerId(row.id): _person(row) for row in rows}


def _sale(row: SaleRow) -> LedgerSale:
    return LedgerSale(
        id=LedgerId(row.id),
        number=row.number,
        date=row.day,
        currency=row.currency,
        contact_id=LedgerId(row.contact.id),
        contact=row.contact.name,
        total=money(row.total),
        tax=money(row.tax),
        approved=row.status in APPROVED,
        alive=row.status not in ENDED,
        reference=row.reference,
        lines=tuple(_line(line, row.amounts) for line in row.lines),
        updated=row.updated,
    )


def _line(line: LineRow, amounts: str) -> SaleLine:
    inclusive = amounts == INCLUSIVE
    net = line.amount - line.tax if inclusive else line.amount
    price: Decimal | None = line.unit_amount
    if inclusive and line.tax:
        # Its price has tax in it, which stands in a line of its own in Keap.
        price = None
    return SaleLine(
        net=money(net),
        description=line.description,
        item=line.item_code,
        sku=line.item_code,
        quantity=line.quantity,
        unit_price=price,
    )


def _unread(row: BadRow) -> LedgerSale:
    known: Any = row.row if isinstance(row.row, dict) else {}
    ident, number = known.get("InvoiceID"), known.get("InvoiceNumber")
    return unreadable_sale(
        ident if isinstance(ident, str) else "",
        number if isinstance(number, str) else "",
        row.problem,
    )


def _person(row: PersonRow) -> LedgerPerson:
    phones = [phone.whole for phone in row.phones if not isinstance(phone, BadRow)]
    postal = [one for one in row.addresses if not isinstance(one, BadRow) and one.filled]
    address = Address()
    if postal:
        one = postal[0]
        address = Address(one.line1, one.line2, one.city, one.region, one.postal_code, one.country)
    return LedgerPerson(
        replies.contact(row), next((phone for phone in phones if phone), ""), address
    )
