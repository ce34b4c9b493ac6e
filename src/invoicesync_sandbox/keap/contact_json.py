"""Contacts and products as Keap's REST v2 shows them."""

from collections.abc import Iterable

from invoicesync_sandbox.keap.objects import Address, Contact, Product
from invoicesync_sandbox.keap.orders import OrderBook
from invoicesync_sandbox.keap.wire import Json, money_json, time_text

# Everything that `fields` may name (the vendor's list).
CONTACT_FIELDS = frozenset(
    {"addresses", "anniversary_date", "birth_date", "company", "contact_type"}
    | {"create_time", "custom_fields", "email_addresses", "family_name", "fax_numbers"}
    | {"given_name", "id", "job_title", "leadsource_id", "links", "middle_name", "notes"}
    | {"origin", "owner_id", "phone_numbers", "preferred_locale", "preferred_name", "prefix"}
    | {"referral_code", "score_value", "social_accounts", "source_type", "spouse_name"}
    | {"suffix", "tag_ids", "time_zone", "update_time", "utm_parameters", "website"}
    | {"account_id", "assistant_name", "assistant_phone", "billing_information"}
    | {"created_by", "groups", "last_updated_by"}
)
LISTS = frozenset(
    {"custom_fields", "fax_numbers", "links", "social_accounts", "tag_ids", "utm_parameters"}
)


def contact_json(book: OrderBook, contact: Contact, fields: Iterable[str]) -> Json:
    """The asked-for `fields` of a contact; what this account does not keep is null or empty."""
    company = contact.company
    known = {
        "id": contact.id,
        "given_name": contact.given_name,
        "family_name": contact.family_name,
        "email_addresses": [
            {
                "email": email,
                "field": f"EMAIL{slot}",
                "is_opt_in": False,
                "email_opt_status": "UNENGAGED_MARKETABLE",
                "opt_in_reason": None,
            }
            for slot, email in enumerate(contact.emails, 1)
            if email
        ],
        "phone_numbers": [
            {
                "number": number,
                "extension": None,
                "type": "Work",
                "field": f"PHONE{slot}",
                "number_e164": None,
            }
            for slot, number in enumerate(contact.phones, 1)
            if number
        ],
        "addresses": [
            address_json(address, place)
            for place, address in (("BILLING", contact.billing), ("SHIPPING", contact.shipping))
            if address
        ],
        "company": company and {"id": book.company_id(company), "company_name": company},
        "job_title": contact.job_title,
        "create_time": time_text(contact.create_time),
        "update_time": time_text(contact.update_time),
        "source_type": "MANUAL",
        "time_zone": book.time_zone.key,
    }
    return {name: known.get(name, [] if name in LISTS else None) for name in fields}


def address_json(address: Address, place: str) -> Json:
    """`Address`; `place` is BILLING, SHIPPING or OTHER."""
    return {
        "field": place,
        "line1": address.line1,
        "line2": address.line2,
        "locality": address.locality,
        "region": address.region,
        "region_code": address.region_code,
        "postal_code": address.postal_code,
        "zip_code": address.postal_code,
        "zip_four": "",
        "country": address.country,
        "country_code": address.country_code,
    }


def product_json(book: OrderBook, product: Product) -> Json:
    """An entry of the product list."""
    return {
        "id": product.id,
        "name": product.name,
        "sku": product.sku,
        "price": money_json(product.price, book.currency),
        "active": product.active,
        "description": product.description,
        "short_description": "",
        "shippable": product.shippable,
        "weight": 0,
        "taxable": product.taxable,
        "country_taxable": product.taxable,
        "state_taxable": False,
        "city_taxable": False,
        "categories": [],
        "options": [],
        "inventory": {"inventory_limit": 0, "out_of_stock_enabled": False},
        "subscription_only": False,
        "subscription_plans": [],
        "storefront_hidden": False,
        "is_package": False,
        "needs_digital_delivery": False,
        "create_time": time_text(product.create_time),
        "update_time": time_text(product.update_time),
    }
