"""What is read of Keap's answers, field by field.

After the vendor's OpenAPI document of REST v2 (`OrderV2`, `Payment`, `InvoiceOrderPayment`,
`TransactionV2`, `Contact`). Keap writes null, anywhere, for what it does not have.
"""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, WrapValidator
from pydantic_core import PydanticCustomError

from invoicesync_cli.http.schemas import Amount, Day, Id, Schema, Time
from invoicesync_cli.http.schemas import Text as WholeText

LONGEST_TEXT = 10_000
LONGEST_WORD = 255
LONGEST_LIST = 20_000
LARGEST = Decimal(10) ** 13
MOST_PIECES = Decimal(10) ** 9
"""Larger figures, in cents and in pieces, are none that anybody books; a line of both can still be
reckoned to the cent."""


def _link(value: Any) -> Any:
    return "" if value in ("", 0, "0") else value


def _filled(value: Any) -> Any:
    return [item for item in value if item is not None] if isinstance(value, list) else value


def _no_number(value: Any) -> Any:
    if isinstance(value, int | float | Decimal):
        raise PydanticCustomError("word", "should be a word")
    return value


def _day(value: Any) -> Any:
    return value[:10] if isinstance(value, str) else value


def _if_readable(value: Any, read: Any) -> Any:
    """None for what cannot be read, where nothing hangs on it."""
    try:
        return read(value)
    except ValidationError:
        return None


Figure = Annotated[Amount, Field(gt=-LARGEST, lt=LARGEST)]
Quantity = Annotated[Amount, Field(gt=-MOST_PIECES, lt=MOST_PIECES)]
Link = Annotated[Id, BeforeValidator(_link)]
"""The id of something else; blank for none, which some parts of Keap write as 0."""
CutText = Annotated[WholeText, AfterValidator(lambda text: text[:LONGEST_TEXT])]
"""Words for people, cut where no ledger would hold them anyway."""
Word = Annotated[WholeText, Field(max_length=LONGEST_WORD)]
"""What is compared: a code, a label, a reference. Never cut."""
Status = Annotated[Word, BeforeValidator(_no_number)]
"""A word that Keap may come to have others of. A number, that could mean anything, is none."""
Currency = Annotated[WholeText, Field(pattern="^([A-Z]{3})?$")]
Flag = Annotated[bool, Field(strict=True)]


class MoneyRow(Schema):
    """Keap's money object: whole cents and their currency."""

    amount: Figure | None = None
    currency_code: Word = ""


class Product(Schema):
    """What an order's line says of its product."""

    id: Link = ""
    name: CutText = ""
    sku: Word = ""
    taxable: Flag = False


class LineRow(Schema):
    """A line of an order."""

    id: Link = ""
    item_type: Word = ""
    name: CutText = ""
    description: CutText = ""
    quantity: Quantity | None = None
    price_per_unit: MoneyRow = MoneyRow()
    discount: MoneyRow = MoneyRow()
    product: Product = Product()


class InstalmentRow(Schema):
    """An item of a payment plan; nothing that is booked hangs on it but an invoice's due date."""

    due_date: Annotated[Day | None, BeforeValidator(_day), WrapValidator(_if_readable)] = None
    amount_due: Annotated[MoneyRow | None, WrapValidator(_if_readable)] = None
    amount_paid: Annotated[MoneyRow | None, WrapValidator(_if_readable)] = None
    status: Annotated[Word, WrapValidator(_if_readable)] = ""


class PaymentPlanRow(Schema):
    """A payment plan."""

    payment_plan_items: Annotated[
        tuple[InstalmentRow, ...], BeforeValidator(_filled), Field(max_length=LONGEST_LIST)
    ] = ()


class Buyer(Schema):
    """What an order says of its contact."""

    id: Link = ""
    given_name: CutText = ""
    family_name: CutText = ""
    email: CutText = ""


class OrderRow(Schema):
    """A row of `/orders`."""

    id: Id
    invoice_id: Link = ""
    order_time: Time
    modification_time: Annotated[Time | None, WrapValidator(_if_readable)] = None
    title: CutText = ""
    notes: CutText = ""
    contact: Buyer = Buyer()
    total: MoneyRow
    total_paid: MoneyRow = MoneyRow()
    refund_total: Annotated[MoneyRow | None, WrapValidator(_if_readable)] = None
    order_items: Annotated[tuple[LineRow, ...], Field(max_length=LONGEST_LIST)] = ()
    payment_plan: PaymentPlanRow = PaymentPlanRow()


class ProductRow(Schema):
    """A row of `/products`."""

    id: Id
    name: CutText = ""
    sku: Word = ""
    active: Flag = True


class PaymentRow(Schema):
    """A row of `/sales/payments`; its amount is in major units."""

    id: Id
    order_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=LONGEST_LIST)]
    amount: Figure
    payment_time: Time
    type: Word = ""
    status: Status = ""
    note: CutText = ""
    external_transaction_id: Word = ""
    merchant_account_id: Word = ""
    refund_payment_id: Link = ""


class AllocationRow(Schema):
    """A row of `/orders/{id}/payments`; whether its amount is in cents is not documented."""

    id: Link = ""
    payment_id: Id
    amount: Figure
    pay_status: Word = ""
    refund_invoice_payment_id: Link = ""


class TransactionRow(Schema):
    """A row of `/sales/transactions`: something that a gateway tried; it has no id."""

    order_ids: Annotated[tuple[Id, ...], Field(max_length=LONGEST_LIST)] = ()
    amount: Figure = Decimal(0)
    transaction_time: Time
    status: Word = ""
    description: CutText = ""
    error_details: CutText = ""
    external_reference_id: Word = ""


class Email(Schema):
    """An e-mail address of a contact, in one of three places."""

    email: CutText = ""
    field: Word = ""


class Phone(Schema):
    """A telephone number of a contact, in one of five places."""

    number: CutText = ""
    field: Word = ""


class AddressRow(Schema):
    """An address of a contact."""

    field: Word = ""
    line1: CutText = ""
    line2: CutText = ""
    locality: CutText = ""
    region_code: CutText = ""
    region: CutText = ""
    postal_code: CutText = ""
    zip_code: CutText = ""
    country_code: CutText = ""
    country: CutText = ""


class ContactCompany(Schema):
    """The company of a contact."""

    company_name: CutText = ""


class Contact(Schema):
    """A row of `/contacts`."""

    id: Id
    given_name: CutText = ""
    family_name: CutText = ""
    email_addresses: Annotated[tuple[Email, ...], BeforeValidator(_filled)] = ()
    phone_numbers: Annotated[tuple[Phone, ...], BeforeValidator(_filled)] = ()
    addresses: Annotated[tuple[AddressRow, ...], BeforeValidator(_filled)] = ()
    company: ContactCompany = ContactCompany()


class _CompanyName(Schema):
    name: CutText = ""


class _Application(Schema):
    company: _CompanyName = _CompanyName()
    time_zone: Word = ""


class _Shop(Schema):
    currency: Currency = ""


class Configuration(Schema):
    """`/settings/applications:getConfiguration`."""

    application: _Application = _Application()
    ecommerce: _Shop = _Shop()


class _Types(Schema):
    payment_types: CutText = ""


class PaymentTypes(Schema):
    """The same, of which the names of manual payments are read: a list in a text."""

    ecommerce: _Types = _Types()


class Profile(Schema):
    """`/businessProfile`."""

    name: CutText = ""
    currency_code: Currency = ""
    time_zone: Word = ""


class Merchant(Schema):
    """A row of `/merchants`."""

    id: Annotated[Word, Field(min_length=1)]
    name: Annotated[CutText, Field(min_length=1)]
