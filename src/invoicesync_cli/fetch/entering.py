"""What is entered in Keap for the ledger's invoices: people and orders (REST v2, SPEC `createOrder`
and `createContact`). Keap has no idempotency keys: who writes has looked before.

No request names a payment method, so that no card is ever charged.
"""

import json
from collections.abc import Mapping
from datetime import UTC
from decimal import Decimal
from typing import Any

import simplejson

from invoicesync_cli.fetch import readers
from invoicesync_cli.fetch.keap import CONTACT_FIELDS, KeapClient, KeapOrder, order_in
from invoicesync_cli.http.responses import unreadable_answer
from invoicesync_cli.model import Address, KeapContact, NewOrder, NewOrderLine, NewPerson, PersonId

PATH = "/crm/rest/v2"
COUNTRY = 3
"""Letters of a country in Keap (ISO 3166-1 alpha-3)."""
LIMITS = {"line1": 75, "line2": 75, "locality": 50, "postal_code": 15}
"""Characters of a billing address."""
EMAIL, PHONE, NAME = 75, 40, 40
"""Characters of a first e-mail, of a telephone number and of a name."""

Json = dict[str, Any]


def order_body(order: NewOrder) -> bytes:
    """An order as it is sent; prices are in major units."""
    return _json(
        {
            "contact_id": order.person_id,
            "order_time": order.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "order_title": order.title,
            "order_type": "OFFLINE",
            "notes": order.notes,
            "order_items": [_item(line) for line in order.lines],
        }
    )


def _item(line: NewOrderLine) -> Json:
    found: Json = {
        "item_type": line.type,
        "name": line.name,
        "quantity": line.quantity,
        "price_per_unit": line.price,
    }
    if line.description.strip():
        found["description"] = line.description
    if line.product_id:
        found["product_id"] = line.product_id
    return found


def with_positive_discounts(body: bytes) -> bytes | None:
    """The same order with its discounts as amounts that are taken off; None where it has none.
    Which sign Keap wants is not documented since March 2026."""
    order = json.loads(body, parse_float=Decimal)
    items = order["order_items"]
    discounts = [item for item in items if item["item_type"] == "DISCOUNT"]
    if not any(item["price_per_unit"] < 0 for item in discounts):
        return None
    for item in discounts:
        item["price_per_unit"] = abs(item["price_per_unit"])
    return _json(order)


def person_body(person: NewPerson) -> bytes:
    """A contact as it is sent. Keap wants an e-mail, a telephone number or an address: one that has
    none gets the address line that a letter would begin with, its name."""
    found: Json = {
        "given_name": person.given_name,
        "family_name": person.family_name,
    }
    if person.email and len(person.email) <= EMAIL:
        found["email_addresses"] = [{"email": person.email, "field": "EMAIL1"}]
    if person.phone:
        found["phone_numbers"] = [{"number": person.phone[:PHONE], "field": "PHONE1"}]
    address = _address(person.address)
    if not address and not found.keys() & {"email_addresses", "phone_numbers"}:
        address = _address(Address(line1=person.name))
    if address:
        found["addresses"] = [{"field": "BILLING", **address}]
    return _json({name: value for name, value in found.items() if value})


def _address(address: Address) -> Json:
    parts = {
        "line1": address.line1,
        "line2": address.line2,
        "locality": address.city,
        "postal_code": address.postal_code,
    }
    found: Json = {name: value[: LIMITS[name]] for name, value in parts.items() if value.strip()}
    country = address.country.strip()
    if found and len(country) == COUNTRY and country.isalpha() and country.isupper():
        # A region without a country is refused, and only the code of one counts.
        found["country_code"] = country
    return found


def enter_order(keap: KeapClient, body: bytes) -> KeapOrder:
    """Make an order; it as Keap has it now. Sent once: an error may leave open whether it was made.

    Raises `ServiceRefused` when it was not, `SignInNeeded` and `TryLater`.
    """
    order = order_in(_post(keap, "/orders", body, {}))
    if order is None or order.invoice is None:
        problem = order.problem if order else "it has no id"
        raise unreadable_answer("Keap", f"of the order that was made, {problem}")
    return order


def enter_person(keap: KeapClient, body: bytes) -> PersonId:
    """Make a contact: its id. Sent once, as an order is."""
    made = _post(keap, "/contacts", body, {"fields": CONTACT_FIELDS})
    number = readers.id_in(made, "id")
    if not number:
        raise unreadable_answer("Keap", "the contact that was made has no id")
    return PersonId(number)


def person_of_body(body: bytes) -> KeapContact:
    """Whom a body names, to look for: with names and e-mail, without an id."""
    data = json.loads(body)
    return KeapContact(
        id=PersonId(""),
        given_name=data.get("given_name", ""),
        family_name=data.get("family_name", ""),
        emails=tuple(row["email"] for row in data.get("email_addresses", ())),
    )


def contact_of_body(body: bytes) -> tuple[PersonId, str]:
    """Whose order a body is, and its notes with the marker."""
    data = json.loads(body)
    return PersonId(data["contact_id"]), data["notes"]


def _post(keap: KeapClient, path: str, body: bytes, params: Mapping[str, str]) -> Any:
    return keap.service.call("POST", f"{PATH}{path}", params=params, body=body).json()


def _json(data: Json) -> bytes:
    return simplejson.dumps(data, use_decimal=True, separators=(",", ":")).encode()
