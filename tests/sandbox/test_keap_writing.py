"""The sandbox's Keap: what an app may create in it, and what it refuses."""

from typing import Any

import pytest

from invoicesync_sandbox.keap import KeapSandbox
from tests.kits.keap_app import account_with_a_person, get, post, switch

ORDER = {
    "contact_id": "101",
    "order_time": "2026-11-03T12:00:00Z",
    "order_title": "Xero invoice INV-7",
    "order_type": "OFFLINE",
}
PERSON = {"given_name": "Grace", "email_addresses": [{"email": "g@example.com", "field": "EMAIL1"}]}


@pytest.fixture
def keap() -> KeapSandbox:
    return account_with_a_person()


def line(**fields: Any) -> dict[str, Any]:
    return {"item_type": "OTHER", "name": "Candle", "quantity": 2, "price_per_unit": 12.5, **fields}


def refused(keap: KeapSandbox, path: str, body: Any) -> str:
    """The words of a refusal; nothing was made."""
    before = (len(keap.orders), len(keap.contacts))
    said = post(keap, path, body, 400)
    assert (len(keap.orders), len(keap.contacts)) == before
    assert said["status"] == "INVALID_ARGUMENT"
    return str(said["message"])


def test_an_order_is_made_in_major_units_and_read_back_in_the_smallest(keap: KeapSandbox) -> None:
    made = post(
        keap,
        "/orders",
        {**ORDER, "notes": "n", "order_items": [line(), line(item_type="TAX", quantity=1)]},
    )

    assert made == get(keap, "/orders")["orders"][0]
    assert made["total"] == {"amount": 3750, "currency_code": "GBP", "formatted_amount": "£37.50"}
    assert [item["item_type"] for item in made["order_items"]] == ["OTHER", "TAX"]
    assert made["order_items"][0]["price_per_unit"]["amount"] == 1250
    assert (made["title"], made["notes"]) == ("Xero invoice INV-7", "n")
    assert (made["source_type"], made["order_type"]) == ("API", "OFFLINE")
    assert made["order_time"] == "2026-11-03T12:00:00.000Z"
    assert made["contact"]["id"] == "101"


def test_the_same_order_twice_is_two_orders(keap: KeapSandbox) -> None:
    assert post(keap, "/orders", ORDER)["id"] != post(keap, "/orders", ORDER)["id"]


def test_a_product_gives_its_name_and_price_where_none_is_sent(keap: KeapSandbox) -> None:
    product = keap.add_product("Tin", sku="TIN", price="7.25", taxable=True)
    item = {"product_id": product, "quantity": 3}

    made = post(keap, "/orders", {**ORDER, "order_items": [item]})["order_items"][0]

    assert (made["item_type"], made["name"]) == ("PRODUCT", "Tin")
    assert made["product"]["sku"] == "TIN"
    assert made["price_per_unit"]["amount"] == 725


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"payment_method_id": "7"}, "payment_method_id"),
        ({"contact_id": "999"}, "999"),
        ({"contact_id": ""}, "contact_id is required"),
        ({"order_title": " "}, "order_title is required"),
        ({"order_type": "POST"}, "order_type"),
        ({"order_time": "2026-11-03"}, "order_time"),
        ({"order_items": [line(quantity=0)]}, "quantity"),
        ({"order_items": [line(quantity=1.5)]}, "quantity"),
        ({"order_items": [line(name=" ")]}, "name must not be whitespace"),
        ({"order_items": [line(item_type="PRODUCT")]}, "product_id is required"),
        ({"order_items": [line(item_type="PRODUCT", product_id="99")]}, "99"),
        ({"order_items": [line(item_type="TIP")]}, "TIP"),
        ({"order_items": [line(price_per_unit="12.50")]}, "price_per_unit"),
        ({"order_items": [line(colour="red")]}, "colour"),
    ],
)
def test_what_an_order_may_not_be(keap: KeapSandbox, change: dict[str, Any], words: str) -> None:
    assert words in refused(keap, "/orders", {**ORDER, **change})


@pytest.mark.parametrize(
    ("sign", "price", "total"),
    [
        ("either", -5, 2000),
        ("either", 5, 2000),
        ("negative", -5, 2000),
        ("negative", 5, None),
        ("positive", 5, 2000),
        ("positive", -5, None),
    ],
)
def test_the_sign_of_a_discount_is_a_switch(
    keap: KeapSandbox, sign: str, price: int, total: int | None
) -> None:
    switch(keap, discount_created_as=sign)
    discount = {"item_type": "DISCOUNT", "quantity": 1, "price_per_unit": price}
    body = {**ORDER, "order_items": [line(), discount]}

    if total is None:
        assert "price_per_unit" in refused(keap, "/orders", body)
    else:
        assert post(keap, "/orders", body)["total"]["amount"] == total


def test_a_person_is_made_and_found_by_each_part(keap: KeapSandbox) -> None:
    address = {"field": "BILLING", "line1": "1 Sea Lane", "locality": "Hull", "country_code": "GBR"}
    made = post(keap, "/contacts", {**PERSON, "family_name": "Hopper", "addresses": [address]})

    (found,) = get(keap, "/contacts", filter="email==g@example.com", fields="id,addresses")[
        "contacts"
    ]
    assert found["id"] == made["id"]
    assert found["addresses"][0]["locality"] == "Hull"
    assert get(keap, "/contacts", filter="given_name==grace;family_name==hopper")["contacts"]


def test_the_same_person_twice_is_two_people(keap: KeapSandbox) -> None:
    assert post(keap, "/contacts", PERSON)["id"] != post(keap, "/contacts", PERSON)["id"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"given_name": "Grace"}, "must contain"),
        ({**PERSON, "given_name": "G" * 41}, "given_name"),
        ({**PERSON, "email_addresses": [{"email": "none", "field": "EMAIL1"}]}, "valid"),
        ({**PERSON, "addresses": [{"field": "BILLING", "region": "Leeds"}]}, "country_code"),
        ({**PERSON, "addresses": [{"field": "HOME"}]}, "HOME"),
        ({**PERSON, "nickname": "G"}, "nickname"),
    ],
)
def test_what_a_person_may_not_be(keap: KeapSandbox, body: Any, words: str) -> None:
    assert words in refused(keap, "/contacts", body)


def test_whether_an_address_is_enough_for_a_person_is_a_switch(keap: KeapSandbox) -> None:
    body = {"family_name": "Hopper", "addresses": [{"field": "BILLING", "line1": "1 Sea Lane"}]}
    assert post(keap, "/contacts", body)["id"]

    switch(keap, contact_needs="email_or_phone")
    assert "e-mail address or phone number" in refused(keap, "/contacts", body)
