"""What an app gets to see of the account's rows, and what the lists can be asked.

A field table for each kind of row, with what is worked out beside what the row says itself; that
of orders is in `order_views`.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.keap.books import Books
from invoicesync_sandbox.keap.fields import (
    RANGES,
    Choice,
    Flag,
    Listed,
    Number,
    Reference,
    Shown,
    Since,
    Text,
    Time,
    Until,
    constants,
    only_asked,
)
from invoicesync_sandbox.keap.rows import (
    CARD,
    FULL,
    MERCHANT_TYPES,
    Address,
    Allocation,
    Attempt,
    Contact,
    Merchant,
    Payment,
    Product,
)
from invoicesync_sandbox.keap.wire import Json, minor_units

# Everything that `fields` may name (the vendor's list).
_CONTACT_FIELDS = """
    account_id addresses anniversary_date assistant_name assistant_phone billing_information
    birth_date company contact_type create_time created_by custom_fields email_addresses
    family_name fax_numbers given_name groups id job_title last_updated_by leadsource_id links
    middle_name notes origin owner_id phone_numbers preferred_locale preferred_name prefix
    referral_code score_value social_accounts source_type spouse_name suffix tag_ids time_zone
    update_time utm_parameters website
"""
CONTACT_FIELDS = frozenset(_CONTACT_FIELDS.split())
LISTS = frozenset(
    {"custom_fields", "fax_numbers", "links", "social_accounts", "tag_ids", "utm_parameters"}
)
ADDRESS = FieldTable("Address", Shown("zip_four", get=lambda *_: "", shown=FULL), row=Address)


def address_view(address: Address, place: str) -> Json:
    """`Address`; `place` is BILLING, SHIPPING or OTHER."""
    return {"field": place, **ADDRESS.view(None, address, "full")}


def basic_contact(book: Books, contact_id: str) -> Json:
    """`BasicContact`: the little that an order says about its contact."""
    contact = book.contacts[contact_id]
    return {
        "id": contact.id,
        "email": contact.emails[0] if contact.emails else None,
        "given_name": contact.given_name,
        "family_name": contact.family_name,
    }


def part_of_address(place: str, part: str, name: str, *, wildcard: bool = False) -> Shown:
    def get(_: Any, row: Any) -> str | None:
        address: Address | None = getattr(row, place)
        return getattr(address, part) if address else None

    return only_asked(Text, name, get, wildcard=wildcard)


def _of_merchant(name: str) -> Any:
    return lambda _, row: getattr(row.merchant, name, None)


_MERCHANT = (
    Reference("merchant_account_id", get=_of_merchant("id"), asked=True),
    Choice("merchant_account_type", get=_of_merchant("type"), asked=True, allowed=MERCHANT_TYPES),
)


def _card(merchant: Merchant | None, contact_id: str, by_card: bool) -> Json | None:
    if merchant is None or not by_card:
        return None
    return {
        "contact_id": contact_id,
        "payment_method_id": f"pm_{contact_id}",
        "credit_card_id": contact_id,
        "merchant_account_type": merchant.type,
        "merchant_account_id": merchant.id,
        "payment_method_type": "CARD",
        "card_info": {"brand": "Visa", "card_type": "DEBIT", "last_four": "4242"},
    }


# Contacts and products


def _emails(_: Books, contact: Contact) -> list[Json]:
    return [
        {
            "email": email,
            "field": f"EMAIL{slot}",
            "is_opt_in": False,
            "email_opt_status": "UNENGAGED_MARKETABLE",
            "opt_in_reason": None,
        }
        for slot, email in enumerate(contact.emails, 1)
        if email
    ]


def _phones(_: Books, contact: Contact) -> list[Json]:
    return [
        {
            "number": number,
            "extension": None,
            "type": "Work",
            "field": f"PHONE{slot}",
            "number_e164": None,
        }
        for slot, number in enumerate(contact.phones, 1)
        if number
    ]


def _addresses(_: Books, contact: Contact) -> list[Json]:
    places = (("BILLING", contact.billing), ("SHIPPING", contact.shipping))
    return [address_view(address, place) for place, address in places if address]


def _company(book: Books, contact: Contact) -> Json | str | None:
    name = contact.company
    return name and {"id": book.company_id(name), "company_name": name}


CONTACT = FieldTable(
    "contacts",
    Shown("email_addresses", get=_emails),
    Shown("phone_numbers", get=_phones),
    Shown("addresses", get=_addresses),
    Shown("company", get=_company),
    *constants(source_type="MANUAL"),
    Shown("time_zone", get=lambda book, _: book.time_zone.key),
    only_asked(
        Reference, "company_id", lambda book, row: row.company and book.company_id(row.company)
    ),
    only_asked(Listed, "ids", lambda _, row: row.id),
    only_asked(Listed, "contact_ids", lambda _, row: row.id),
    only_asked(Since, "start_update_time", lambda _, row: row.update_time),
    only_asked(Until, "end_update_time", lambda _, row: row.update_time),
    part_of_address("billing", "locality", "city", wildcard=True),
    part_of_address("billing", "region", "state", wildcard=True),
    *(
        part_of_address(place, part, f"{place}_address_{part}")
        for place in ("billing", "shipping")
        for part in ("line1", "locality", "region", "postal_code", "country_code")
    ),
    row=Contact,
)


def contact_view(book: Books, contact: Contact, fields: Iterable[str]) -> Json:
    """The asked-for `fields` of a contact; what this account does not keep is null or empty."""
    known = CONTACT.view(book, contact)
    return {name: known.get(name, [] if name in LISTS else None) for name in fields}


PRODUCT = FieldTable(
    "products",
    only_asked(Listed, "product_ids", lambda _, row: row.id),
    Text("short_description", get=lambda *_: "", asked=True, wildcard=True, shown=FULL),
    *constants(
        FULL,
        weight=0,
        state_taxable=False,
        city_taxable=False,
        categories=[],
        options=[],
        inventory={"inventory_limit": 0, "out_of_stock_enabled": False},
        subscription_only=False,
        subscription_plans=[],
        storefront_hidden=False,
        is_package=False,
        needs_digital_delivery=False,
    ),
    row=Product,
)
MERCHANT = FieldTable("merchant_accounts", row=Merchant)

# Payments


def _type(book: Books, payment: Payment) -> str:
    if payment.refund_of in book.payments and book.switches.refund_type == "as_paid":
        return book.payments[payment.refund_of].type
    return payment.type


def _refund_payment_id(book: Books, payment: Payment) -> str | None:
    if book.switches.refund_link == "on_refund":
        return payment.refund_of
    refunds = (
        other.id
        for order_id in payment.order_ids
        for other in book.payments_of(order_id)
        if other.refund_of == payment.id
    )
    return next(refunds, None)


def _refund_allocation_id(book: Books, allocation: Allocation) -> str | None:
    if book.switches.refund_allocation_link == "on_refund":
        return allocation.refund_of
    refunds = (
        other.id
        for _, other in book.allocations_of(allocation.order_id)
        if other.refund_of == allocation.id
    )
    return next(refunds, None)


def _allocated(book: Books, allocation: Allocation) -> Decimal | int:
    amount = book.signed(allocation.payment, allocation.amount)
    if book.switches.allocation_unit == "major":
        return amount
    return minor_units(amount, book.orders[allocation.order_id].currency)


def _looked_at(book: Books, payment: Payment) -> Any:
    return getattr(payment, book.switches.payment_filter_reads)


PAYMENT = FieldTable(
    "payments",
    Shown("type", get=_type),
    Number(
        "amount",
        get=lambda book, row: book.signed(row, row.amount),
        asked=True,
        allowed_signs=RANGES,
    ),
    *constants(commissioned=False),
    Shown("refund_payment_id", get=_refund_payment_id),
    Listed("order_ids", attribute="order_ids", asked=True),
    Shown(
        "payment_method", get=lambda _, row: _card(row.merchant, row.contact_id, row.type == CARD)
    ),
    *_MERCHANT,
    only_asked(Listed, "ids", lambda _, row: row.id),
    only_asked(Reference, "order_id", lambda _, row: row.order_ids),
    only_asked(Since, "since_time", _looked_at),
    only_asked(Until, "until_time", _looked_at),
    row=Payment,
)
ALLOCATION = FieldTable(
    "invoice_order_payments",
    Number("amount", get=_allocated, asked=True),
    Shown("note", get=lambda _, row: row.payment.note),
    Reference("payment_id", get=lambda _, row: row.payment.id, asked=True),
    Time("pay_time", get=lambda _, row: row.payment.payment_time),
    Flag("skip_commission", get=lambda *_: False, asked=True),
    Shown("refund_invoice_payment_id", get=_refund_allocation_id),
    row=Allocation,
)


def _succeeded(_: Books, attempt: Attempt) -> bool:
    """Whether the attempt ended well; one that is still pending has not."""
    return attempt.status in {"APPROVED", "NONE"}


ATTEMPT = FieldTable(
    "transactions",
    Shown("description", get=lambda _, row: f"{row.method.capitalize()} of {row.amount}"),
    Shown("contact", get=lambda book, row: basic_contact(book, row.contact_id)),
    Flag("is_successful", get=_succeeded, asked=True),
    Shown("payment_method", get=lambda _, row: _card(row.merchant, row.contact_id, True)),
    *_MERCHANT,
    only_asked(Reference, "order_id", lambda _, row: row.order_ids),
    only_asked(Since, "since_time", lambda _, row: row.time),
    only_asked(Until, "until_time", lambda _, row: row.time),
    row=Attempt,
)
