"""Rule R9: which Xero contact a buyer is, step by step."""

from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import Document, DocumentState
from invoicesync_sandbox.keap import Address, Item
from tests.kits.rehearsal import Rehearsal, only

CANDLE = Item("PRODUCT", "12.50", name="Candle")
LEEDS = Address("1 High Street", "Top floor", "Leeds", "West Yorkshire", "GB-LDS", "LS1 4AP")


def contact_of(rehearsal: Rehearsal, order: str) -> str:
    """The id of the contact on the order's invoice in Xero."""
    return str(rehearsal.booked(order)["Contact"]["ContactID"])


def name_of(rehearsal: Rehearsal, order: str) -> str:
    """The name of the contact on the order's invoice in Xero."""
    return str(rehearsal.booked(order)["Contact"]["Name"])


def buy(rehearsal: Rehearsal, **person: Any) -> str:
    """A new person's order."""
    fields = {"given_name": "Ida", "family_name": "Quill", "emails": ("ida@shop.example",)}
    return rehearsal.order(CANDLE, contact=rehearsal.person(**{**fields, **person}))


def held(rehearsal: Rehearsal, reason: str) -> Document:
    """The only document of a run, which has to be held for this reason with nothing sent."""
    document = only(rehearsal.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, reason)
    assert rehearsal.numbers() == []
    return document


# --- the steps ------------------------------------------------------------------------------------


@pytest.mark.parametrize("slot", [0, 1, 2])
def test_any_of_three_emails_is_a_match(tmp_path: Path, slot: int) -> None:
    """R9, S94: e-mail (any of Keap's three), ignoring case and outer blanks."""
    rehearsal = Rehearsal(tmp_path)
    wanted = rehearsal.xero.add_contact("Quill & Co", email="Accounts@Quill.example")
    emails = ["a@x.example", "b@x.example", "c@x.example"]
    emails[slot] = " accounts@QUILL.example "
    order = buy(rehearsal, emails=emails)
    rehearsal.sync()
    assert contact_of(rehearsal, order) == wanted


@pytest.mark.parametrize(
    "known",
    [
        {"name": "Quill Stationers", "first_name": "Ida", "last_name": "Quill"},
        {"name": "Ida Quill"},
        {"name": "IDA QUILL"},
        {"name": "Somebody", "first_name": "ida", "last_name": "QUILL"},
    ],
    ids=["pair", "display name", "display name in capitals", "pair in other case"],
)
def test_first_and_last_name_are_a_match(tmp_path: Path, known: dict[str, Any]) -> None:
    """R9, S95: compared with the ledger's first/last pair and with its display name."""
    rehearsal = Rehearsal(tmp_path)
    wanted = rehearsal.xero.add_contact(**known)
    order = buy(rehearsal, given_name=" Ida", family_name="Quill ")
    rehearsal.sync()
    assert contact_of(rehearsal, order) == wanted


@pytest.mark.parametrize("person", [{"family_name": ""}, {"family_name": "  "}, {"given_name": ""}])
def test_half_a_name_is_no_match(tmp_path: Path, person: dict[str, str]) -> None:
    """R9: first + last name, both non-blank."""
    rehearsal = Rehearsal(tmp_path)
    strangers = {rehearsal.xero.add_contact(name) for name in ("Ida", "Quill")}
    order = buy(rehearsal, **person)
    rehearsal.sync()
    assert contact_of(rehearsal, order) not in strangers
    assert name_of(rehearsal, order).endswith(" (Keap 101)")


@pytest.mark.parametrize("kind", ["STREET", "POBOX"])
def test_company_and_city_are_a_match(tmp_path: Path, kind: str) -> None:
    """R9, S96: company + city, the company compared with the ledger's name."""
    rehearsal = Rehearsal(tmp_path)
    place = [{"AddressType": kind, "City": "LEEDS"}]
    wanted = rehearsal.xero.add_contact("Quill Stationers", Addresses=place)
    order = buy(rehearsal, company=" quill stationers", billing=LEEDS)
    rehearsal.sync()
    assert contact_of(rehearsal, order) == wanted


@pytest.mark.parametrize(
    "person",
    [
        {"company": "Quill Stationers"},
        {"company": "Quill Stationers", "billing": Address(locality="Hull")},
        {"company": "Quill Stationers", "billing": Address(locality=" ")},
        {"billing": LEEDS},
    ],
    ids=["no address", "another city", "blank city", "no company"],
)
def test_company_or_city_alone_is_no_match(tmp_path: Path, person: dict[str, Any]) -> None:
    """R9: company + city, both non-blank."""
    rehearsal = Rehearsal(tmp_path)
    stranger = rehearsal.xero.add_contact("Quill Stationers", city="Leeds")
    nowhere = rehearsal.xero.add_contact("Quill Stationers 2", city="")
    order = buy(rehearsal, **person)
    rehearsal.sync()
    assert contact_of(rehearsal, order) not in {stranger, nowhere}


def test_steps_are_taken_in_their_order(tmp_path: Path) -> None:
    """R9: pin; link; e-mail; name; company + city: the first hit is the match."""
    rehearsal = Rehearsal(tmp_path)
    add = rehearsal.xero.add_contact
    by_company = add("Quill Stationers", city="Leeds")
    person = {"company": "Quill Stationers", "billing": LEEDS}
    assert found_for(rehearsal, **person, family_name="Nib") == by_company
    by_name = add("Ida Quill")
    assert found_for(rehearsal, **person) == by_name
    by_email = add("Post room", email="ida@shop.example")
    rehearsal.xero.archive_contact(by_name)
    by_name = add("Ida Quill")
    assert found_for(rehearsal, **person) == by_email
    pinned = add("The right one")
    # Blanks come along when an id is copied.
    next_person = str(101 + len(rehearsal.keap.contacts))
    rehearsal.configure({"contacts.pins": {next_person: f" {pinned} "}})
    assert found_for(rehearsal, **person) == pinned


def found_for(rehearsal: Rehearsal, **person: Any) -> str:
    """The contact that a new person's order comes to."""
    order = buy(rehearsal, **person)
    rehearsal.sync()
    return contact_of(rehearsal, order)


def test_steps_can_be_left_out(tmp_path: Path) -> None:
    """R9 with `contacts.match`: only the steps that are named are taken."""
    rehearsal = Rehearsal(tmp_path, **{"contacts.match": ["email"]})
    namesake = rehearsal.xero.add_contact("Ida Quill")
    order = buy(rehearsal)
    rehearsal.sync()
    assert contact_of(rehearsal, order) != namesake
    assert name_of(rehearsal, order) == "Ida Quill (Keap 101)"


# --- pins and links -------------------------------------------------------------------------------


def test_pin_that_leads_nowhere_is_held(tmp_path: Path) -> None:
    """R9: a pin goes before all; one that names nobody is for the user to correct."""
    rehearsal = Rehearsal(tmp_path, **{"contacts.pins": {"101": "no-such-contact"}})
    rehearsal.xero.add_contact("Ida Quill", email="ida@shop.example")
    buy(rehearsal)
    document = held(rehearsal, "contact-missing")
    assert "no-such-contact" in document.message


def test_pin_to_an_archived_contact_is_held(tmp_path: Path) -> None:
    """R9: archived contacts are no hit."""
    rehearsal = Rehearsal(tmp_path)
    gone = rehearsal.xero.add_contact("Ida Quill")
    rehearsal.xero.archive_contact(gone)
    rehearsal.configure({"contacts.pins": {"101": gone}})
    buy(rehearsal)
    assert "Ida Quill" in held(rehearsal, "contact-archived").message


def test_buyer_stays_who_she_was(tmp_path: Path) -> None:
    """R9: a link remembered from earlier goes before e-mail and name, on either side's change."""
    rehearsal = Rehearsal(tmp_path)
    first = rehearsal.xero.add_contact("Quill & Co", email="ida@shop.example")
    person = rehearsal.person(given_name="Ida", family_name="Quill", emails=("ida@shop.example",))
    rehearsal.order(CANDLE, contact=person)
    rehearsal.sync()
    rehearsal.xero.edit_contact(first, EmailAddress="old@shop.example")
    rehearsal.xero.add_contact("Ida Quill", email="ida.new@shop.example")
    rehearsal.keap.edit_contact(person, emails=("ida.new@shop.example",))
    again = rehearsal.order(CANDLE, contact=person)
    rehearsal.sync()
    assert contact_of(rehearsal, again) == first


def test_contact_that_was_made_is_found_again_without_any_memory(tmp_path: Path) -> None:
    """R9: the contact number `keap-1234` tells whose a contact is, even from a new machine."""
    rehearsal = Rehearsal(tmp_path)
    person = rehearsal.person(given_name="Ida", family_name="Quill", emails=())
    first = rehearsal.order(CANDLE, contact=person)
    rehearsal.sync()
    made = contact_of(rehearsal, first)
    rehearsal.xero.edit_contact(made, Name="I. Quill", FirstName="", LastName="")
    (tmp_path / "state.sqlite3").unlink()
    again = rehearsal.order(CANDLE, contact=person)
    rehearsal.sync()
    assert contact_of(rehearsal, again) == made


# --- several, none, archived ----------------------------------------------------------------------


def test_two_contacts_with_the_email_are_left_to_a_person(tmp_path: Path) -> None:
    """R9: several → held with `contact-ambiguous` and the candidates listed; a pin settles it."""
    rehearsal = Rehearsal(tmp_path)
    add = rehearsal.xero.add_contact
    ids = [add(name, email="ida@shop.example") for name in ("Ida Quill", "Quill & Co")]
    order = buy(rehearsal)
    message = held(rehearsal, "contact-ambiguous").message
    assert all(shown in message for shown in [*ids, "Ida Quill", "Quill & Co"])
    rehearsal.configure({"contacts.pins": {"101": ids[1]}})
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert contact_of(rehearsal, order) == ids[1]


def test_emails_of_two_contacts_are_ambiguous_too(tmp_path: Path) -> None:
    """R9: exactly one hit at a step is a match, over all of Keap's three addresses."""
    rehearsal = Rehearsal(tmp_path)
    for place in ("home", "work"):
        rehearsal.xero.add_contact(f"Ida at {place}", email=f"{place}@quill.example")
    buy(rehearsal, emails=("home@quill.example", "work@quill.example"))
    held(rehearsal, "contact-ambiguous")


def test_contact_with_two_of_the_emails_and_the_name_is_one_hit(tmp_path: Path) -> None:
    """R9: one contact that is hit twice is still exactly one."""
    rehearsal = Rehearsal(tmp_path)
    add = rehearsal.xero.add_contact
    wanted = add("Ida Quill", email="ida@shop.example", first_name="Ida", last_name="Quill")
    order = buy(rehearsal, emails=("ida@shop.example", "IDA@shop.example"))
    rehearsal.sync()
    assert contact_of(rehearsal, order) == wanted


def test_namesakes_in_the_ledger_are_left_to_a_person(tmp_path: Path) -> None:
    """R9: several hits at the name step → `contact-ambiguous`."""
    rehearsal = Rehearsal(tmp_path)
    for name in ("Quill North", "Quill South"):
        rehearsal.xero.add_contact(name, first_name="Ida", last_name="Quill")
    buy(rehearsal)
    assert "Quill South" in held(rehearsal, "contact-ambiguous").message


def test_archived_contact_is_passed_over_for_an_active_one(tmp_path: Path) -> None:
    """R9: archived contacts are no hit, neither at the step itself nor for the next."""
    rehearsal = Rehearsal(tmp_path)
    archived = rehearsal.xero.add_contact("Ida (old)", email="ida@shop.example")
    rehearsal.xero.archive_contact(archived)
    active = rehearsal.xero.add_contact("Ida Quill")
    order = buy(rehearsal)
    rehearsal.sync()
    assert contact_of(rehearsal, order) == active


def test_matching_that_ends_at_an_archived_contact_is_held(tmp_path: Path) -> None:
    """R9: ends without a match and one was passed over: `contact-archived`; restored, it goes."""
    rehearsal = Rehearsal(tmp_path)
    archived = rehearsal.xero.add_contact("Ida Quill", email="ida@shop.example")
    rehearsal.xero.archive_contact(archived)
    order = buy(rehearsal)
    assert "Ida Quill" in held(rehearsal, "contact-archived").message
    rehearsal.xero.restore_contact(archived)
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert contact_of(rehearsal, order) == archived


def test_missing_contact_is_held_where_none_may_be_made(tmp_path: Path) -> None:
    """R9: no match: create, or hold with `contact-missing`; once it is there, it goes."""
    rehearsal = Rehearsal(tmp_path, **{"contacts.when_missing": "hold"})
    order = buy(rehearsal)
    assert "Ida Quill" in held(rehearsal, "contact-missing").message
    made_by_hand = rehearsal.xero.add_contact("Ida Quill")
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert contact_of(rehearsal, order) == made_by_hand


# --- whose a contact is ---------------------------------------------------------------------------


def test_email_of_a_later_buyer_goes_before_the_name_of_an_earlier(tmp_path: Path) -> None:
    """R9: all e-mail steps before any name step."""
    rehearsal = Rehearsal(tmp_path)
    known = rehearsal.xero.add_contact("Ida Quill", email="ida@shop.example")
    by_name = buy(rehearsal, emails=("ida@home.example",))
    by_email = buy(rehearsal)
    rehearsal.sync()
    assert contact_of(rehearsal, by_email) == known
    assert name_of(rehearsal, by_name) == "Ida Quill (Keap 101)"


@pytest.mark.parametrize("runs", [1, 2])
def test_name_of_a_contact_that_is_somebody_elses_is_no_hit(tmp_path: Path, runs: int) -> None:
    """R9: a contact already linked to another Keap person is no hit at the name step."""
    rehearsal = Rehearsal(tmp_path)
    known = rehearsal.xero.add_contact("Ida Quill", email="ida@shop.example")
    first = buy(rehearsal)
    if runs == 2:
        rehearsal.sync()
    second = buy(rehearsal, emails=("ida@home.example",))
    rehearsal.sync()
    assert contact_of(rehearsal, first) == known
    assert name_of(rehearsal, second) == "Ida Quill (Keap 102)"


def test_family_with_one_email_shares_its_contact(tmp_path: Path) -> None:
    """R9: only the name step asks whose a contact is; one e-mail is one contact."""
    rehearsal = Rehearsal(tmp_path)
    orders = [buy(rehearsal, given_name=name) for name in ("Ida", "Max")]
    rehearsal.sync()
    assert len({contact_of(rehearsal, order) for order in orders}) == 1
    assert name_of(rehearsal, orders[1]) == "Ida Quill"


def test_people_come_in_the_order_of_their_first_order(tmp_path: Path) -> None:
    """R9: people are matched in the order of their first order id, not of their own."""
    rehearsal = Rehearsal(tmp_path)
    people = [
        rehearsal.person(given_name="Ida", family_name="Quill", emails=(f"{name}@quill.example",))
        for name in ("one", "two")
    ]
    known = rehearsal.xero.add_contact("Ida Quill")
    first = rehearsal.order(CANDLE, contact=people[1])
    second = rehearsal.order(CANDLE, contact=people[0])
    rehearsal.order(CANDLE, contact=people[1])
    rehearsal.sync()
    assert contact_of(rehearsal, first) == known
    assert name_of(rehearsal, second) == "Ida Quill (Keap 101)"


def test_new_buyer_with_two_orders_is_made_once(tmp_path: Path) -> None:
    """R9: one Keap person is one contact, in one run and in the next."""
    rehearsal = Rehearsal(tmp_path)
    before = len(rehearsal.xero.contacts.values())
    person = rehearsal.person(emails=())
    for _ in range(2):
        rehearsal.order(CANDLE, contact=person)
        rehearsal.order(CANDLE, contact=person)
        rehearsal.sync()
    assert len(rehearsal.xero.contacts.values()) == before + 1
    assert len(rehearsal.numbers()) == 4
