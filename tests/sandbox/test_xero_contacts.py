"""Contacts in the simulated Xero: unique names and numbers, archiving, what is listed."""

from typing import Any

import pytest

from tests.kits.xero_app import App, Json, errors

ARCHIVED = "The specified contact details matched an archived contact."


def named(app: App, name: str) -> str:
    """The id of the contact of that name."""
    return next(row.id for row in app.xero.contacts.values() if row.name == name)


def test_new_contact_comes_back_with_all_its_slots() -> None:
    app = App()
    found = app.put(
        "Contacts",
        {
            "Name": "Zoe New",
            "ContactNumber": "keap-1",
            "EmailAddress": "zoe@example.com",
            "Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "07700 900123"}],
            "Addresses": [{"AddressType": "POBOX", "AddressLine1": "1 High St", "City": "York"}],
        },
    )
    assert errors(found) == []
    assert (found["ContactStatus"], found["HasValidationErrors"]) == ("ACTIVE", False)
    kinds = {phone["PhoneType"]: phone["PhoneNumber"] for phone in found["Phones"]}
    assert kinds == {"DDI": "", "DEFAULT": "", "FAX": "", "MOBILE": "07700 900123"}
    cities = {address["AddressType"]: address["City"] for address in found["Addresses"]}
    assert cities == {"STREET": "", "POBOX": "York"}
    for key in (found["ContactID"], "keap-1", "KEAP-1"):
        (read,) = app.get(f"/Contacts/{key}")["Contacts"]
        assert read == {name: found[name] for name in read}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Name": "ALICE baker"}, "The contact name ALICE baker is already assigned to another"),
        ({"Name": "A", "ContactNumber": "K-7"}, "The contact number K-7 is already assigned"),
        ({"Name": "A", "AccountNumber": "bw-114"}, "The Account Number already exists"),
        ({"Name": ""}, "The Contact must contain at least 1 of the following elements"),
        ({"Name": "a <b>"}, "< and >"),
        ({"Name": " Alice"}, "space"),
        ({"Name": "Alice  B"}, "repeated spaces"),
        ({"Name": "Alice\nB"}, "control characters"),
        ({"Name": "x" * 256}, "255"),
        ({"Name": "A", "ContactNumber": "x" * 51}, "50"),
        ({"Name": "A", "EmailAddress": "jürgen@example.com"}, "is not valid"),
        ({"Name": "A", "Phones": [{"PhoneType": "FAX", "PhoneNumber": "1" * 51}]}, "50"),
        ({"Name": "A", "Addresses": [{"AddressType": "STREET", "City": "x" * 256}]}, "255"),
        ({"Name": "A", "Addresses": [{"AddressType": "STREET", "Country": "UK1"}]}, "letters"),
    ],
)
def test_bad_contacts_are_refused_with_a_reason(fields: Json, message: str) -> None:
    app = App()
    app.xero.add_contact("Numbered", contact_number="K-7")
    found = app.put("Contacts", fields)
    assert message in " ".join(errors(found))
    assert found["HasValidationErrors"] is True
    assert found["ContactID"] == "00000000-0000-0000-0000-000000000000"
    assert len(app.xero.contacts) == 13


def test_letters_of_all_scripts_make_a_name() -> None:
    app = App()
    for name in ("Zoë 🕯️ Müller", "שלום", "O'Brien & Söhne"):
        assert errors(app.put("Contacts", {"Name": name})) == []


def test_only_active_names_are_taken() -> None:
    app = App()
    assert errors(app.put("Contacts", {"Name": "Frank Green"})) == []
    frank = app.xero.contacts[named(app, "Frank Green")]
    assert frank.status == "ARCHIVED"
    with pytest.raises(ValueError, match="already assigned"):
        app.xero.add_contact("Frank Green")


def test_post_finds_by_id_by_number_and_by_name_and_keeps_the_rest() -> None:
    app = App()
    key = app.xero.add_contact("Zoe", contact_number="keap-1", email="zoe@example.com")
    for sent in (
        {"ContactID": key.upper(), "FirstName": "1"},
        {"ContactNumber": "keap-1", "FirstName": "2"},
        {"Name": "zoe", "FirstName": "3"},
    ):
        (found,) = app.write("POST", "Contacts", sent)
        assert (found["ContactID"], found["FirstName"]) == (key, sent["FirstName"])
        assert found["EmailAddress"] == "zoe@example.com"
    (found,) = app.write("POST", "Contacts", {"Name": "Zoe Two"})
    assert found["ContactID"] != key
    path = f"/Contacts/{key}?summarizeErrors=false"
    renamed = app.send("POST", path, {"Name": "Zoe Three"}).get_json()["Contacts"][0]
    assert (renamed["ContactID"], renamed["Name"]) == (key, "Zoe Three")


def test_changing_one_phone_keeps_the_others() -> None:
    app = App()
    phones = [{"PhoneType": "FAX", "PhoneNumber": "1"}, {"PhoneType": "DDI", "PhoneNumber": "2"}]
    key = app.xero.add_contact("Zoe", Phones=phones)
    app.xero.edit_contact(key, Phones=[{"PhoneType": "FAX", "PhoneNumber": "3"}])
    numbers = {kind: phone["PhoneNumber"] for kind, phone in app.xero.contacts[key].phones.items()}
    assert numbers == {"FAX": "3", "DDI": "2"}


def test_archived_contact_is_out_of_the_apis_reach() -> None:
    app = App()
    frank = named(app, "Frank Green")
    for change in ({"FirstName": "F"}, {"ContactStatus": "ACTIVE"}):
        (found,) = app.write("POST", "Contacts", {"ContactID": frank} | change)
        assert errors(found)[0].startswith(ARCHIVED)
    assert app.xero.contacts[frank].status == "ARCHIVED"


def test_app_can_archive_but_not_bring_back() -> None:
    app = App()
    key = named(app, "Alice Baker")
    (found,) = app.write("POST", "Contacts", {"ContactID": key, "ContactStatus": "ARCHIVED"})
    assert (errors(found), found["ContactStatus"]) == ([], "ARCHIVED")


def test_payment_terms_are_kept_and_shown() -> None:
    app = App()
    terms = {"Sales": {"Day": 14, "Type": "DAYSAFTERBILLDATE"}}
    found = app.put("Contacts", {"Name": "Zoe", "PaymentTerms": terms})
    assert found["PaymentTerms"] == terms


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("where=Name%3D%3D%22alice%20BAKER%22", ["Alice Baker"]),
        ("where=EmailAddress=%22Emma@Example.com%22", ["Emma Field", "E. Field"]),
        ("where=AccountNumber==%22BW-114%22", ["Beeswax Wholesale Ltd"]),
        ("where=EmailAddress==%22frank@example.com%22", []),
        ("where=EmailAddress==%22frank@example.com%22&includeArchived=true", ["Frank Green"]),
        ("where=EmailAddress==null%20AND%20FirstName==%22Chloe%22", ["Chloe Davies"]),
        ("where=Name.StartsWith(%22Em%22)", ["Emma Field"]),
        ("where=Name.Contains(%22Gift%22)", ["The Corner Gift Shop"]),
        ("searchTerm=FIELD", ["Emma Field", "E. Field"]),
        ("searchTerm=ben.home", ["Ben Carter"]),
    ],
)
def test_contacts_are_found(query: str, names: list[str]) -> None:
    found = App().get(f"/Contacts?{query}")["Contacts"]
    assert sorted(row["Name"] for row in found) == sorted(names)


def test_accents_do_not_hide_a_name() -> None:
    app = App()
    app.xero.add_contact("Zoë Müller")
    assert len(app.get('/Contacts?where=Name=="zoe muller"')["Contacts"]) == 1


def test_archived_ones_are_listed_on_request_and_always_found_by_id() -> None:
    app = App()
    assert len(app.get("/Contacts")["Contacts"]) == 11
    assert len(app.get("/Contacts?includeArchived=true")["Contacts"]) == 12
    frank = named(app, "Frank Green")
    assert app.get(f"/Contacts/{frank}")["Contacts"][0]["ContactStatus"] == "ARCHIVED"
    assert app.get(f"/Contacts?IDs={frank}")["Contacts"] == []
    alice = named(app, "Alice Baker")
    both = app.get(f"/Contacts?IDs={frank},{alice}&includeArchived=true")["Contacts"]
    assert {row["Name"] for row in both} == {"Frank Green", "Alice Baker"}


def test_summary_has_names_and_numbers_only() -> None:
    (alice,) = App().get('/Contacts?summaryOnly=true&page=1&where=Name=="Alice Baker"')["Contacts"]
    assert (alice["FirstName"], alice["EmailAddress"]) == ("Alice", "alice@example.com")
    assert not {"Addresses", "Phones", "Balances", "IsCustomer"} & set(alice)


def test_balances_add_up_what_is_owed() -> None:
    app = App()
    app.created(DueDate="2026-11-19")
    key = app.created(DueDate="2026-12-19")["InvoiceID"]
    app.xero.pay(key, "20.00")
    (alice,) = app.get(f"/Contacts/{named(app, 'Alice Baker')}")["Contacts"]
    assert alice["Balances"]["AccountsReceivable"] == {"Outstanding": 220, "Overdue": 120}
    assert (alice["IsCustomer"], alice["IsSupplier"]) == (True, False)
    supplier = app.xero.add_contact("Supplier")
    app.xero.add_bill(supplier, "10.00")
    (read,) = app.get(f"/Contacts/{supplier}")["Contacts"]
    assert (read["IsCustomer"], read["IsSupplier"]) == (False, True)


def test_summarised_refusal_of_a_contact() -> None:
    answer = App().send("PUT", "/Contacts", {"Name": "Alice Baker"})
    assert answer.status_code == 400
    body: Any = answer.get_json()
    assert body["Message"] == "A validation exception occurred"
    assert body["Elements"][0]["HasValidationErrors"] is True


def test_merged_contact_points_to_the_one_that_took_over() -> None:
    app = App()
    made = app.created()
    alice, ben = named(app, "Alice Baker"), named(app, "Ben Carter")
    app.xero.merge_contact(alice, ben)
    (read,) = app.get(f"/Contacts/{alice}")["Contacts"]
    assert (read["ContactStatus"], read["MergedToContactID"]) == ("ARCHIVED", ben)
    assert app.get(f"/Invoices/{made['InvoiceID']}")["Invoices"][0]["Contact"]["ContactID"] == ben
