"""The sandbox's Keap: contacts, products and the account's own settings as they are read."""

import pytest
from werkzeug.test import Client

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import KeapSandbox
from tests.kits.keap_app import NOW, account_with_a_person, get, switch


@pytest.fixture
def keap() -> KeapSandbox:
    return account_with_a_person()


def test_contacts_show_few_fields_unless_more_are_asked_for(keap: KeapSandbox) -> None:
    (short,) = get(keap, "/contacts")["contacts"]
    assert set(short) == {"id", "given_name", "family_name"}

    switch(keap, contact_fields=("id",))
    assert get(keap, "/contacts")["contacts"] == [{"id": "101"}]

    wanted = "id,email_addresses,phone_numbers,addresses,company"
    (full,) = get(keap, "/contacts", fields=wanted)["contacts"]
    assert [(mail["field"], mail["email"]) for mail in full["email_addresses"]] == [
        ("EMAIL1", "ada@example.com"),
        ("EMAIL2", "ada@work.example"),
    ]
    assert full["phone_numbers"][0]["number"] == "020 7946 0000"
    assert full["company"] == {"id": "1", "company_name": "Engines Ltd"}
    assert (full["addresses"][0]["field"], full["addresses"][0]["locality"]) == (
        "BILLING",
        "London",
    )
    assert get(keap, "/contacts/101", fields=wanted) == full


def test_unknown_contact_fields(keap: KeapSandbox) -> None:
    get(keap, "/contacts", status=400, fields="id,shoe_size")

    switch(keap, unknown_contact_fields="ignored")
    assert get(keap, "/contacts", fields="id,shoe_size")["contacts"] == [{"id": "101"}]


def test_edited_contacts_are_found_by_their_update(keap: KeapSandbox) -> None:
    keap.clock.advance(60)
    keap.edit_contact(101, emails=["ada@new.example"])

    since = "start_update_time==2026-11-10T12:00:30.000Z"
    (found,) = get(keap, "/contacts", filter=since, fields="id,email_addresses")["contacts"]
    assert [mail["email"] for mail in found["email_addresses"]] == ["ada@new.example"]


def test_products_are_listed_with_money(keap: KeapSandbox) -> None:
    keap.add_product("Lantern", sku="LAN", price="40.00", taxable=True)

    (product,) = get(keap, "/products", filter="sku==la*")["products"]
    assert (product["name"], product["price"]["amount"], product["taxable"]) == (
        "Lantern",
        4000,
        True,
    )


def test_settings_pages() -> None:
    keap = KeapSandbox(
        Clock(NOW), currency="EUR", time_zone="Europe/Dublin", company="Bell", tenant_id="xy1"
    )

    assert get(keap, "/businessProfile")["currency_code"] == "EUR"
    assert get(keap, "/businessProfile")["time_zone"] == "Europe/Dublin"
    assert get(keap, "/oauth/connect/userinfo")["tenant_id"] == "xy1"
    assert get(keap, "/settings/applications:isEnabled") == {"isEnabled": True}
    merchants = get(keap, "/merchants")
    assert merchants["default_merchant_account_id"] == "1"
    assert [one["type"] for one in merchants["merchant_accounts"]] == ["STRIPE", "PAYPAL"]


def test_configuration_has_modules_only_when_asked(keap: KeapSandbox) -> None:
    path = "/settings/applications:getConfiguration"

    assert set(get(keap, path)) == {"application"}
    reply = (
        Client(keap)
        .get(
            f"/crm/rest/v2{path}?fields=ECOMMERCE&fields=INVOICE",
            headers={"X-Keap-API-Key": "KeapAK-sandbox"},
        )
        .get_json()
    )
    assert reply["ecommerce"]["currency"] == "GBP"
    assert "Bank Transfer" in reply["ecommerce"]["payment_types"].split(",")
    assert reply["invoice"] == {"tax_label": "VAT"}
    get(keap, path, status=400, fields="MONEY")
