"""What an app may create in Keap by REST v2: people and orders, after the vendor's document.

Bodies are JSON with prices in major units. A property that the document does not know is refused
with its name (the vendor's announcement of 2018-03-28); there are no idempotency keys.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from werkzeug.wrappers import Request

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.keap.errors import BadQuery
from invoicesync_sandbox.keap.rows import Address, Item, Order
from invoicesync_sandbox.keap.screens import Screens
from invoicesync_sandbox.posted import as_number
from invoicesync_sandbox.wire import from_json

_PERSON = frozenset({"given_name", "family_name", "job_title"})
_LISTS = frozenset({"email_addresses", "phone_numbers", "addresses"})
_PERSON_ELSEWHERE = frozenset(
    [
        "anniversary_date",
        "assistant_name",
        "assistant_phone",
        "billing_information",
        "birth_date",
        "company",
        "contact_type",
        "custom_fields",
        "fax_numbers",
        "leadsource_id",
        "middle_name",
        "origin",
        "owner_id",
        "preferred_locale",
        "preferred_name",
        "prefix",
        "referral_code",
        "social_accounts",
        "source_type",
        "spouse_name",
        "suffix",
        "time_zone",
        "utm_parameters",
        "website",
    ]
)
_EMAIL = frozenset({"email", "field", "opt_in_reason"})
_PHONE = frozenset({"number", "field", "type", "extension", "number_e164"})
_ADDRESS = frozenset(
    [
        "line1",
        "line2",
        "locality",
        "region",
        "region_code",
        "postal_code",
        "zip_code",
        "zip_four",
        "country",
        "country_code",
        "field",
    ]
)
_ORDER = frozenset(
    {"contact_id", "order_time", "order_title", "order_type", "notes", "terms", "order_items"}
    | {"due_time", "sent_time"}
)
_ORDER_ELSEWHERE = frozenset(
    [
        "title",
        "promo_codes",
        "lead_affiliate_id",
        "sales_affiliate_id",
        "shipping_address",
        "custom_fields",
        "invoice_number",
        "external_create_user",
        "external_create_time",
        "external_update_time",
    ]
)
_ITEM = frozenset(
    [
        "name",
        "description",
        "notes",
        "quantity",
        "item_type",
        "product_id",
        "price_per_unit",
        "cost_per_unit",
        "subscription_plan_id",
        "subscription_plan_description",
    ]
)
CREATED_KINDS = frozenset(
    [
        "PRODUCT",
        "SHIPPING",
        "TAX",
        "FINANCE_CHARGE",
        "SUBSCRIPTION",
        "DISCOUNT",
        "DISCOUNT_FREE_TRIAL",
        "DISCOUNT_ORDER_TOTAL",
        "DISCOUNT_PRODUCT",
        "DISCOUNT_PRODUCT_CATEGORY",
        "DISCOUNT_SHIPPING",
        "OTHER",
        "FEE",
    ]
)
"""The kinds of line that an app may make: fewer than it may read."""
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)")
_NAME, _EMAIL1, _EMAIL_OTHER, _PHONE_LENGTH = 40, 75, 100, 40
_BILLING = {"line1": 75, "line2": 75, "locality": 50, "postal_code": 15}
"""Characters of a billing address; other addresses have more room."""


@dataclass(frozen=True)
class Body:
    """An object that was sent, value by value. Every check raises `BadQuery`."""

    values: Mapping[str, Any]

    @classmethod
    def of(cls, value: Any, known: Collection[str], elsewhere: Collection[str] = ()) -> "Body":
        """The object, whose every property has to be known."""
        if not isinstance(value, Mapping):
            raise BadQuery("Request body is not a JSON object")
        for name in value:
            if name in elsewhere:
                raise NotSimulated(f"{name} of what is created in Keap")
            if name not in known:
                raise BadQuery(f"Unrecognized property: {name}")
        return cls(value)

    def text(self, name: str, most: int | None = None, *, filled: bool = False) -> str:
        """The text, blank when it is absent; one that is `filled` has more than blanks in it."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise BadQuery(f"{name} must be a string")
        if most is not None and len(value) > most:
            raise BadQuery(f"{name} must be at most {most} characters")
        if filled and not value.strip():
            raise BadQuery(f"{name} must not be whitespace")
        return value

    def needed(self, name: str) -> str:
        """The text, which has to be there."""
        if not self.text(name).strip():
            raise BadQuery(f"{name} is required")
        return self.text(name)

    def time(self, name: str) -> datetime | None:
        """The moment in ISO 8601 with its zone."""
        value = self.text(name)
        if not value:
            return None
        try:
            if _ISO.fullmatch(value):
                return datetime.fromisoformat(value)
        except ValueError:
            pass
        raise BadQuery(f"{name} is not a date and time in ISO 8601")

    def number(self, name: str) -> Decimal | None:
        """The number, in major units where it is money."""
        value = self.values.get(name)
        if value is None:
            return None
        number = None if isinstance(value, str) else as_number(value)
        if number is None:
            raise BadQuery(f"{name} must be a number")
        return number

    def rows(self, name: str, known: Collection[str]) -> "list[Body]":
        """The objects of a list."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise BadQuery(f"{name} must be an array")
        return [Body.of(row, known) for row in value]


def posted(request: Request) -> Any:
    """What a request has sent. Raises `BadQuery` for what is no JSON."""
    try:
        return from_json(request.get_data())
    except ValueError:
        raise BadQuery("Request body is not readable JSON") from None


def create_contact(book: Screens, request: Request) -> str:
    """`POST /contacts`: a new person, whoever is there already; the id."""
    if "duplicate_option" in request.args:
        raise NotSimulated("duplicate_option")
    body = Body.of(posted(request), _PERSON | _LISTS, _PERSON_ELSEWHERE)
    emails = [row.text("email") for row in _in_slots(body, "email_addresses", _EMAIL)]
    phones = [row.text("number") for row in _in_slots(body, "phone_numbers", _PHONE)]
    if any(len(one) > (_EMAIL_OTHER if at else _EMAIL1) for at, one in enumerate(emails)):
        raise BadQuery("email is too long")
    if any(one and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", one) for one in emails):
        raise BadQuery("email is not a valid e-mail address")
    if any(len(one) > _PHONE_LENGTH for one in phones):
        raise BadQuery("number is too long")
    places = {row.text("field"): _address(row) for row in body.rows("addresses", _ADDRESS)}
    if unknown := places.keys() - {"BILLING", "SHIPPING", "OTHER"}:
        raise BadQuery(f"field {min(unknown)!r} is no kind of address")
    reachable = any(emails) or any(phones)
    if not reachable and (book.switches.contact_needs == "email_or_phone" or not places):
        what = "an e-mail address or phone number"
        raise BadQuery(f"Contact must contain {what}")
    return book.add_contact(
        given_name=body.text("given_name", _NAME) or None,
        family_name=body.text("family_name", _NAME) or None,
        job_title=body.text("job_title") or None,
        emails=emails,
        phones=phones,
        billing=places.get("BILLING"),
        shipping=places.get("SHIPPING"),
    )


def _in_slots(body: Body, name: str, known: Collection[str]) -> Iterable[Body]:
    return sorted(body.rows(name, known), key=lambda row: row.text("field"))


def _address(row: Body) -> Address:
    most: Callable[[str], int | None] = (
        _BILLING.get if row.text("field") == "BILLING" else lambda _: 100
    )
    parts = {name: row.text(name, most(name)) for name in ("line1", "line2", "locality")}
    country, region = row.text("country_code"), row.text("region_code")
    if (region or row.text("region")) and not (country or row.text("country")):
        raise BadQuery("country_code is required if region is specified")
    if country and not re.fullmatch("[A-Z]{3}", country):
        raise BadQuery(f"country_code {country!r} is no ISO 3166-1 alpha-3 code")
    return Address(
        **parts,
        region=row.text("region"),
        region_code=region,
        postal_code=row.text("postal_code", most("postal_code")) or row.text("zip_code"),
        country_code=country,
        country=row.text("country"),
    )


def create_order(book: Screens, request: Request) -> Order:
    """`POST /orders`: an order with its lines."""
    body = Body.of(posted(request), _ORDER, _ORDER_ELSEWHERE)
    contact, title = body.needed("contact_id"), body.needed("order_title")
    body.needed("order_time")
    kind = body.needed("order_type")
    if kind not in {"ONLINE", "OFFLINE"}:
        raise BadQuery(f"order_type {kind!r} is none of OFFLINE, ONLINE")
    if contact not in book.contacts:
        raise BadQuery(f"Contact with id {contact} not found")
    moment = body.time("order_time")
    if moment is None:
        raise BadQuery("order_time is required")
    return book.add_order(
        contact_id=contact,
        order_time=moment,
        items=[_item(book, row) for row in body.rows("order_items", _ITEM)],
        title=title,
        order_type=kind,
        source_type="API",
        notes=body.text("notes") or None,
        terms=body.text("terms") or None,
        due_time=body.time("due_time"),
        sent_time=body.time("sent_time"),
    )


def _item(book: Screens, row: Body) -> Item:
    kind = row.text("item_type") or "PRODUCT"
    quantity, product = row.values.get("quantity"), row.text("product_id")
    if kind not in CREATED_KINDS:
        raise BadQuery(f"item_type {kind!r} is not allowed")
    if kind == "SUBSCRIPTION":
        raise NotSimulated("subscriptions that are created in Keap")
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        raise BadQuery("quantity must be greater than or equal to 1")
    if kind == "PRODUCT" and not product:
        raise BadQuery("product_id is required for item_type PRODUCT")
    if product and kind != "PRODUCT":
        raise BadQuery(f"product_id is not allowed for item_type {kind}")
    if product and product not in book.products:
        raise BadQuery(f"Product with id {product} not found")
    known = book.products[product] if product else None
    price = row.number("price_per_unit")
    if price is None:
        price = known.price if known else Decimal(0)
    sign = book.switches.discount_created_as
    if kind.startswith("DISCOUNT") and sign != "either" and price:
        if sign == "positive" and price < 0:
            raise BadQuery("price_per_unit must be greater than or equal to 0")
        if sign == "negative" and price > 0:
            raise BadQuery("price_per_unit of a discount must be less than or equal to 0")
    return Item(
        kind=kind,
        price=price,
        quantity=quantity,
        name=row.text("name", filled="name" in row.values) or None,
        description=row.text("description", filled="description" in row.values),
        notes=row.text("notes", filled="notes" in row.values),
        product=product or None,
        cost=row.number("cost_per_unit") or 0,
    )
