"""Rule R9, the contacts that are made: what they hold, and names that Xero would refuse."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.keap import Address, Item
from tests.kits.rehearsal import Rehearsal, only

CANDLE = Item("PRODUCT", "12.50", name="Candle")
LIMIT = 255


def made(rehearsal: Rehearsal, **person: Any) -> dict[str, Any]:
    """The contact in Xero that a new person's order has brought about."""
    order = rehearsal.order(CANDLE, contact=rehearsal.person(**person))
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    found: dict[str, Any] = rehearsal.booked(order)["Contact"]
    return found


def test_new_contact_has_everything_that_keap_knows(tmp_path: Path) -> None:
    """R9: name, e-mail, phone, billing address and the Keap contact id `keap-1234`."""
    rehearsal = Rehearsal(tmp_path)
    billing = Address("1 High Street", "Top floor", "Leeds", "Yorkshire", "GB-LDS", "LS1 4AP")
    contact = made(
        rehearsal,
        id=1234,
        given_name="Ida",
        family_name="Quill",
        emails=("ida@shop.example", "second@shop.example"),
        phones=("+44 113 496 0000", "second"),
        company="Quill Stationers",
        billing=billing,
        shipping=Address("Elsewhere"),
    )
    names = ("Name", "FirstName", "LastName", "EmailAddress", "ContactNumber")
    assert [contact[name] for name in names] == [
        "Ida Quill",
        "Ida",
        "Quill",
        "ida@shop.example",
        "keap-1234",
    ]
    numbers = {phone["PhoneType"]: phone["PhoneNumber"] for phone in contact["Phones"]}
    assert numbers["DEFAULT"] == "+44 113 496 0000"
    (address,) = [one for one in contact["Addresses"] if one["AddressType"] == "POBOX"]
    assert address["AddressLine1"] == "1 High Street"
    assert address["AddressLine2"] == "Top floor"
    assert (address["City"], address["PostalCode"]) == ("Leeds", "LS1 4AP")
    assert (address["Region"], address["Country"]) == ("GB-LDS", "GBR")


def names_of(rehearsal: Rehearsal, people: Sequence[dict[str, Any]]) -> list[str]:
    """What these people are called in Xero once each has bought something."""
    orders = [rehearsal.order(CANDLE, contact=rehearsal.person(**person)) for person in people]
    assert {document.state for document in rehearsal.sync().documents} == {DocumentState.CREATED}
    return [rehearsal.booked(order)["Contact"]["Name"] for order in orders]


def test_person_without_a_name_is_called_something(tmp_path: Path) -> None:
    """R9: by the company, else the e-mail, else `Keap contact 1234`."""
    expected: list[tuple[dict[str, Any], str]] = [
        ({"company": "Quill Ltd", "emails": ("ida@shop.example",)}, "Quill Ltd"),
        ({"emails": ("max@shop.example",)}, "max@shop.example"),
        ({"emails": ()}, "Keap contact 103"),
        ({"given_name": " ", "company": " ", "emails": ()}, "Keap contact 104"),
        ({"given_name": "\u0007", "company": "\u0000", "emails": ()}, "Keap contact 105"),
        ({"given_name": "Ida", "company": "Nib Ltd"}, "Ida"),
        ({"family_name": "Quill", "company": "Nib Ltd"}, "Quill"),
    ]
    nameless = {"given_name": None, "family_name": None}
    people = [{**nameless, **person} for person, _ in expected]
    assert names_of(Rehearsal(tmp_path), people) == [name for _, name in expected]


def test_name_that_xero_would_refuse_becomes_the_nearest_legal_one(tmp_path: Path) -> None:
    """R9: `<`, `>`, repeated or outer blanks, control characters; everything else stays."""
    expected = [
        ("  Ida", "Quill  ", "Ida Quill"),
        ("Ida  Maria", "van   der Quill", "Ida Maria van der Quill"),
        ("<b>Ida</b>", "Quill", "‹b›Ida‹/b› Quill"),
        ("Eva\r\nMaria", "Quill\n", "Eva Maria Quill"),
        ("Ada\tMaria", "Qu\u0007ill", "Ada Maria Qu ill"),
        ("Una\u2028Maria", "\u00a0Quill", "Una Maria Quill"),
        ("محمد", "علي", "محمد علي"),
        ("אידה", "קוויל", "אידה קוויל"),
        ("Ida 🕯️", "Quill", "Ida 🕯️ Quill"),
        ("Zoë", "D’Arcy-Müller, Esq.", "Zoë D’Arcy-Müller, Esq."),
        ("井田", "羽ペン", "井田 羽ペン"),
    ]
    people = [{"given_name": given, "family_name": family} for given, family, _ in expected]
    assert names_of(Rehearsal(tmp_path), people) == [name for *_, name in expected]


def test_long_name_is_cut_so_that_the_keap_id_still_fits(tmp_path: Path) -> None:
    """R9: names too long for the ledger are cut so that ` (Keap 1234)` still fits."""
    suffix = " (Keap 1234)"
    contact = made(Rehearsal(tmp_path), id=1234, given_name="I" * 300, family_name="Q" * 300)
    assert contact["Name"] == "I" * (LIMIT - len(suffix))
    assert len(contact["FirstName"]) == len(contact["LastName"]) == LIMIT


def test_longest_name_that_fits_stays_whole(tmp_path: Path) -> None:
    """R9: only names that are too long are cut."""
    contact = made(Rehearsal(tmp_path), given_name="Ida", family_name="Q" * (LIMIT - 4))
    assert contact["Name"] == "Ida " + "Q" * (LIMIT - 4)


@pytest.mark.parametrize("length", [250, 300])
def test_two_people_with_one_long_name_are_two_contacts(tmp_path: Path, length: int) -> None:
    """R9: the second is `Name (Keap 1234)`, within what Xero takes."""
    rehearsal = Rehearsal(tmp_path)
    names = [made(rehearsal, given_name="I" * length)["Name"] for _ in range(2)]
    assert names[1] == "I" * (LIMIT - len(" (Keap 102)")) + " (Keap 102)"
    assert names[0] != names[1]


@pytest.mark.parametrize("taken", ["Ida Quill", "ida quill", "IDA QUILL"])
def test_name_that_somebody_else_has_gets_the_keap_id(tmp_path: Path, taken: str) -> None:
    """R9: a name already taken by somebody else becomes `Name (Keap 1234)`."""
    rehearsal = Rehearsal(tmp_path, **{"contacts.match": ["email"]})
    somebody = rehearsal.xero.add_contact(taken)
    contact = made(rehearsal, id=1234, given_name="Ida", family_name="Quill")
    assert contact["Name"] == "Ida Quill (Keap 1234)"
    assert contact["ContactID"] != somebody


def test_name_of_an_archived_contact_is_free(tmp_path: Path) -> None:
    """R9 and Xero: names are unique among active contacts only."""
    rehearsal = Rehearsal(tmp_path, **{"contacts.match": ["email"]})
    rehearsal.xero.archive_contact(rehearsal.xero.add_contact("Ida Quill"))
    assert made(rehearsal, given_name="Ida", family_name="Quill")["Name"] == "Ida Quill"


def test_namesakes_who_buy_on_one_day_are_two_contacts(tmp_path: Path) -> None:
    """R9: people of one name and two addresses stay two, in one batch."""
    rehearsal = Rehearsal(tmp_path)
    for name in ("one", "two"):
        email = f"{name}@quill.example"
        person = rehearsal.person(given_name="Ida", family_name="Quill", emails=(email,))
        rehearsal.order(CANDLE, contact=person)
    result = rehearsal.sync()
    assert [document.contact for document in result.documents] == [
        "Ida Quill",
        "Ida Quill (Keap 102)",
    ]
    assert [document.state for document in result.documents] == [DocumentState.CREATED] * 2


def test_country_that_xero_would_refuse_does_not_cost_the_invoice(tmp_path: Path) -> None:
    """R9 and Xero: an address's country is in the letters A to Z only."""
    rehearsal = Rehearsal(tmp_path)
    shown = {"GBR": "GBR", "Côte d'Ivoire": "Cote dIvoire", "USA 2": "USA", "日本": ""}
    for country, expected in shown.items():
        place = Address("1 High Street", locality="Leeds", country_code=country)
        contact = made(rehearsal, billing=place)
        (address,) = [one for one in contact["Addresses"] if one["AddressType"] == "POBOX"]
        assert (address["AddressLine1"], address["Country"]) == ("1 High Street", expected)


def test_email_that_xero_refuses_is_reported_in_its_words_and_harms_nobody_else(
    tmp_path: Path,
) -> None:
    """The last table: `failed`, `rejected`; the other documents of the batch go through."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order(CANDLE, contact=rehearsal.person(emails=("no address",)))
    fine = rehearsal.order(CANDLE)
    refused, created = rehearsal.sync().documents
    assert (refused.state, refused.reason) == (DocumentState.FAILED, "rejected")
    assert "Email address 'no address' is not valid." in refused.message
    assert created.state is DocumentState.CREATED
    assert rehearsal.numbers() == [fine]
