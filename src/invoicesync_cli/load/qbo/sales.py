"""QuickBooks' invoices with their lines by the time of their last change, and whom they are for.

What was voided is in the list with nothing left of it; what was deleted is not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Annotated, Any

from pydantic import Field

from invoicesync_cli.http.schemas import Amount, Day, Text
from invoicesync_cli.load.qbo import timeline
from invoicesync_cli.load.qbo.bodies import SHIPPING_ITEM
from invoicesync_cli.load.qbo.client import QboClient, Query, lists
from invoicesync_cli.load.qbo.customers import EVERY, customer
from invoicesync_cli.load.qbo.payments import note_of, voided
from invoicesync_cli.load.qbo.schemas import (
    InvoiceRow,
    ItemRow,
    PersonRow,
    Ref,
    Row,
    Words,
    all_read,
    as_read,
)
from invoicesync_cli.load.qbo.timeline import ChangeTime
from invoicesync_cli.model import (
    ZERO,
    Address,
    LedgerId,
    LedgerPerson,
    LedgerSale,
    LineKind,
    SaleLine,
    money,
    unreadable_sale,
)

OVERLAP = timedelta(minutes=5)
"""How much further back is asked: what QuickBooks was writing when it answered last."""


class SaleDetail(Row):
    """What an item line says."""

    item_ref: Ref = Ref()
    qty: Amount | None = None
    unit_price: Amount | None = None


class PlainRow(Row):
    """A line of whichever type; sums of the lines above are lines too."""

    amount: Amount = ZERO
    description: Words = ""
    detail_type: Text = ""
    sales_item_line_detail: SaleDetail = SaleDetail()


class GroupDetail(Row):
    """A bundle of items, whose lines stand in it; bundles hold no bundles."""

    line: tuple[PlainRow, ...] = ()


class LineRow(PlainRow):
    """A line of an invoice."""

    group_line_detail: GroupDetail = GroupDetail()


class SaleRow(InvoiceRow):
    """An invoice with its lines, each of which has to make sense."""

    txn_date: Day
    currency_ref: Ref = Ref()
    line: tuple[LineRow, ...] = ()
    changed: Annotated[ChangeTime, Field(validation_alias="MetaData")]


class PhoneRow(Row):
    """A telephone number."""

    free_form_number: Words = ""


class PostalRow(Row):
    """An address of a customer."""

    line1: Words = ""
    line2: Words = ""
    city: Words = ""
    country_sub_division_code: Words = ""
    postal_code: Words = ""
    country: Words = ""


class CustomerRow(PersonRow):
    """A customer with what a new contact in Keap gets."""

    primary_phone: PhoneRow = PhoneRow()
    postal: Annotated[PostalRow, Field(validation_alias="BillAddr")] = PostalRow()


def changed(
    client: QboClient, since: datetime | None, first: date | None
) -> Iterator[list[LedgerSale]]:
    """Invoices by the time of their last change; see `Ledger.sales_changed`."""
    begin = since - OVERLAP if since else None
    where = _where(begin, first)
    statement = Query("Invoice", where, rows=timeline.PAGE, order=timeline.CHANGED)
    rows = client.page(statement, 1)
    for page in chain([rows], timeline.onward(client, statement, rows, begin)):
        if page:
            yield _with_skus(client, [_read(row) for row in page])


def people(client: QboClient, ids: Sequence[LedgerId]) -> dict[LedgerId, LedgerPerson]:
    """These customers, inactive ones too."""
    statements = [Query("Customer", f"{condition} and {EVERY}") for condition in lists("Id", ids)]
    found = client.select(statements, len(set(ids)))
    rows = all_read(CustomerRow, (row for part in found for row in part))
    return {LedgerId(row.id): _person(row) for row in rows}


def _where(begin: datetime | None, first: date | None) -> str:
    if begin:
        return timeline.since(begin)
    return f"TxnDate >= '{first.isoformat()}'" if first else ""


def _read(data: Mapping[str, Any]) -> LedgerSale:
    row = as_read(SaleRow, data)
    if row is None:
        known = as_read(InvoiceRow, data)
        ident, number = str(data.get("Id") or ""), known.doc_number if known else ""
        return unreadable_sale(ident, number, "QuickBooks gave it in a form that is not understood")
    return LedgerSale(
        id=LedgerId(row.id),
        number=row.doc_number,
        date=row.txn_date,
        currency=row.currency_ref.value,
        contact_id=LedgerId(row.customer_ref.value),
        contact=row.customer_ref.name,
        total=money(row.total_amt),
        tax=money(row.txn_tax_detail.total_tax),
        approved=True,
        alive=not voided(row),
        reference=note_of(row),
        lines=tuple(_lines(row.line)),
        updated=row.changed.last_updated_time,
    )


def _lines(rows: Iterable[LineRow]) -> Iterator[SaleLine]:
    """The lines that count; `sku` is the item's id until the items were read."""
    for row in rows:
        for plain in row.group_line_detail.line or (row,):
            yield from _line(plain)


def _line(row: PlainRow) -> Iterator[SaleLine]:
    if row.detail_type == "SalesItemLineDetail":
        yield _of_item(row)
    elif row.detail_type == "DiscountLineDetail":
        # Its amount is what is taken off.
        yield SaleLine(-money(row.amount), row.description, kind=LineKind.DISCOUNT)
    elif row.detail_type == "DescriptionOnly" and row.description:
        yield SaleLine(ZERO, row.description)


def _of_item(row: PlainRow) -> SaleLine:
    detail = row.sales_item_line_detail
    if detail.item_ref.value == SHIPPING_ITEM:
        return SaleLine(money(row.amount), row.description, kind=LineKind.SHIPPING)
    quantity, price = detail.qty, detail.unit_price
    if quantity is None and price is None:
        quantity, price = Decimal(1), row.amount
    return SaleLine(
        net=money(row.amount),
        description=row.description,
        item=detail.item_ref.name,
        sku=detail.item_ref.value,
        quantity=quantity,
        unit_price=price,
    )


def _with_skus(client: QboClient, sales: Sequence[LedgerSale]) -> list[LedgerSale]:
    """The same with the items' codes in place of their ids."""
    ids = list(dict.fromkeys(line.sku for sale in sales for line in sale.lines if line.sku))
    statements = [Query("Item", f"{condition} and {EVERY}") for condition in lists("Id", ids)]
    found = client.select(statements, len(ids)) if statements else []
    items = {row.id: row for row in all_read(ItemRow, (row for part in found for row in part))}
    return [
        replace(sale, lines=tuple(replace(line, sku=_sku(items, line)) for line in sale.lines))
        for sale in sales
    ]


def _sku(items: Mapping[str, ItemRow], line: SaleLine) -> str:
    return items[line.sku].sku if line.sku in items else ""


def _person(row: CustomerRow) -> LedgerPerson:
    one = row.postal
    address = Address(
        one.line1,
        one.line2,
        one.city,
        one.country_sub_division_code,
        one.postal_code,
        one.country,
    )
    return LedgerPerson(customer(row), row.primary_phone.free_form_number, address)
