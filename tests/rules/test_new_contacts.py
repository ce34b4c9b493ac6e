"""Rule R9 as functions: contacts that are made, their names, and who has a name already."""

import contextlib
import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from invoicesync_cli.model import ContactQuery, KeapContact, LedgerId, NameRules, PersonId
from invoicesync_cli.transform.contact_book import ContactBook, own_number
from invoicesync_cli.transform.contacts import (
    ContactMatcher,
    ToCreate,
    contact_query,
    pending_contact,
    renamed,
)
from invoicesync_cli.transform.names import contact_name, cut, folded, legal, spaced
from tests.kits.contacts import LEEDS, SHORT, STEPS, contact, ends, match, person

# --- contacts that are made -----------------------------------------------------------------------


def test_contact_that_is_made_has_everything() -> None:
    """R9: name, e-mail, phone, billing address and the Keap contact id."""
    someone = person(
        given_name=" Ida <b>",
        emails=(" ", " ida@x.example ", "second@x.example"),
        phone=" 0113 ",
        billing=LEEDS,
    )
    found = match(someone)
    assert isinstance(found, ToCreate)
    made = found.contact
    assert (made.person_id, made.number) == ("1234", "keap-1234")
    assert (made.name, made.first_name, made.last_name) == ("Ida (b) Quill", "Ida (b)", "Quill")
    assert (made.email, made.phone, made.address) == ("ida@x.example", "0113", LEEDS)


def test_contact_without_email_is_made_without() -> None:
    """R9: a blank stays blank."""
    found = match(person(emails=(" ",)))
    assert isinstance(found, ToCreate)
    assert found.contact.email == ""


@pytest.mark.parametrize(
    ("family_name", "taken", "name"),
    [
        ("Q" * 26, "", "Ida " + "Q" * 26),
        ("Q" * 27, "", "Ida " + "Q" * 14),
        ("Q" * 26, "IDA " + "q" * 26 + " ", "Ida " + "Q" * 14 + " (Keap 1234)"),
        ("Q" * 27, "Ida " + "Q" * 14, "Ida " + "Q" * 14 + " (Keap 1234)"),
        ("Q" * 13 + " Nib and several more", "", "Ida " + "Q" * 13),
        ("Quill", "ida quill", "Ida Quill (Keap 1234)"),
        ("Quill", "Max Quill", "Ida Quill"),
    ],
)
def test_name_is_cut_so_that_the_keap_id_still_fits(
    family_name: str, taken: str, name: str
) -> None:
    """R9: a name that is taken becomes `Name (Keap 1234)`; here a ledger takes 30 letters."""
    found = match(person(family_name=family_name), contact("c1", taken), steps=())
    assert isinstance(found, ToCreate)
    assert found.contact.name == name


def test_both_parts_of_a_name_are_cut_to_what_the_ledger_takes() -> None:
    """R9: nothing that the ledger would refuse is sent."""
    found = match(person(given_name="<" * 31, family_name=">" * 31))
    assert isinstance(found, ToCreate)
    assert (found.contact.first_name, found.contact.last_name) == ("(" * 30, ")" * 30)


def test_name_of_an_archived_contact_is_free() -> None:
    """R9: a name is taken by an active contact."""
    gone = contact("c1", "Ida Quill", archived=True)
    assert ends(match(person(), gone, steps=())) == "new Ida Quill"


def test_contact_about_to_be_made_is_found_as_it_will_be() -> None:
    """R9: by its number, which is its id until the ledger has given it one."""
    someone = person(emails=("ida@x.example",), billing=LEEDS)
    found = match(someone)
    assert isinstance(found, ToCreate)
    pending = pending_contact(found.contact)
    assert (pending.id, pending.number) == ("keap-1234", own_number(PersonId("1234")))
    assert (pending.name, pending.first_name, pending.last_name) == ("Ida Quill", "Ida", "Quill")
    assert (pending.email, pending.cities, pending.archived) == ("ida@x.example", ("Leeds",), False)
    book = ContactBook([pending])
    assert book.made_for(PersonId("1234")) == book.get(LedgerId("keap-1234")) == pending
    assert book.taken("IDA quill")
    for step in STEPS[:2]:
        assert book.hits(step, someone) == [pending]


# --- companies, vendors and employees, archived names ---------------------------------------------


def test_company_name_of_the_ledger_is_compared_too() -> None:
    """R9: Keap's company is compared with the ledger's company name and display name."""
    known = contact("c1", "Ida Q", company=" QUILL Ltd", cities=("Leeds",))
    for company in ("Quill Ltd", "ida q"):
        someone = person(company=company, billing=LEEDS)
        assert ends(match(someone, known, steps=("company-city",))) == "c1 by company-city"
    same = replace(known, name="Quill Ltd")
    found = match(person(company="Quill Ltd", billing=LEEDS), same, steps=("company-city",))
    assert ends(found) == "c1 by company-city"


def test_vendor_is_no_hit_but_has_its_name() -> None:
    """R9: a name taken by a vendor or employee becomes `Name (Keap 1234)`."""
    fields: dict[str, Any] = {"email": "ida@x.example", "cities": ("Leeds",)}
    vendor = contact("c1", "Ida Quill", number="keap-1234", customer=False, **fields)
    someone = person(emails=("ida@x.example",), company="Ida Quill", billing=LEEDS)
    assert ends(match(someone, vendor)) == "new Ida Quill (Keap 1234)"
    assert ContactBook([vendor]).get(vendor.id) is None


@pytest.mark.parametrize("archived_taken", [True, False])
def test_name_of_an_archived_contact_is_taken_where_the_ledger_says_so(
    archived_taken: bool,
) -> None:
    """R9: in QuickBooks a name is inactive contacts' too."""
    gone = contact("c1", "Ida Quill", archived=True)
    assert ContactBook([gone], archived_taken=archived_taken).taken("ida quill") is archived_taken
    active = contact("c1", "Ida Quill")
    assert ContactBook([active], archived_taken=archived_taken).taken("ida quill")


def test_contact_that_is_known_is_taken_in_once() -> None:
    """R9: exactly one hit, though a contact that was about to be made comes back from it."""
    someone = person()
    book = ContactBook([])
    found = ContactMatcher(
        book, SHORT, steps=STEPS, pins={}, links={}, linked=lambda _: None, create=True
    ).match([someone])[someone.id]
    assert isinstance(found, ToCreate)
    book.add(contact("c1", found.contact.name, number="keap-1234"))
    assert [one.id for one in book.hits("name", someone)] == ["keap-1234"]
    known = ContactBook([contact("c1", "Ida Quill")])
    known.add(contact("c1", "Somebody", email="ida@x.example"))
    assert known.hits("email", person(emails=("ida@x.example",))) == []
    assert not known.taken("Somebody")
    two = ContactBook([contact("c1", number="keap-1234")])
    two.add(contact("c2", "Ida Quill", number="keap-1234"))
    assert two.made_for(PersonId("1234")) == two.get(LedgerId("c2"))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Ida Quill", "Ida Quill (Keap 1234)"),
        ("Ida Quill (Keap 1234)", "Ida Quill (Keap 1234)"),
        ("Ida " + "Q" * 26, "Ida " + "Q" * 14 + " (Keap 1234)"),
    ],
)
def test_name_that_turns_out_to_be_taken_is_set_apart(name: str, other: str) -> None:
    """R9: also when it is the ledger that says so, once."""
    found = match(person())
    assert isinstance(found, ToCreate)
    made = replace(found.contact, name=name)
    assert renamed(made, SHORT) == replace(made, name=other)


def test_contact_that_is_made_has_company_and_currency() -> None:
    """R9: the company is cut and made legal like a name; the currency is the Keap account's."""
    found = match(person(company=" Quill <Ltd> " + "Q" * 30), currency="GBP")
    assert isinstance(found, ToCreate)
    assert found.contact.company == "Quill (Ltd) " + "Q" * 18
    assert found.contact.currency == "GBP"
    plain = match(person())
    assert isinstance(plain, ToCreate)
    assert (plain.contact.company, plain.contact.currency) == ("", "")


@pytest.mark.parametrize(
    ("theirs", "ours", "hit"),
    [
        ("", "GBP", True),
        ("GBP", "GBP", True),
        ("EUR", "GBP", False),
        ("EUR", "", False),
        ("", "", True),
    ],
)
def test_contact_of_another_currency_is_no_hit_but_has_its_name(
    theirs: str, ours: str, hit: bool
) -> None:
    """R9 and QuickBooks: nobody is billed in another currency than their own."""
    known = contact("c1", "Ida Quill", currency=theirs)
    book = ContactBook([known], currency=ours)
    assert book.hits("name", person()) == ([known] if hit else [])
    assert book.taken("Ida Quill")


# --- what is looked for ---------------------------------------------------------------------------


def test_what_is_looked_for_is_what_the_matcher_compares() -> None:
    """R9: in a ledger that is asked for contacts, everybody whom a step could find."""
    ida = person("1", emails=(" ida@x.example", "", "q@x.example"), company=" Quill  Ltd")
    nameless = KeapContact(PersonId("2"), emails=("q@x.example",), company="Nib <Co>")
    assert contact_query(
        [ida, nameless], [LedgerId("c2"), LedgerId("c1"), LedgerId("c2")], SHORT
    ) == ContactQuery(
        ids=(LedgerId("c1"), LedgerId("c2")),
        emails=("ida@x.example", "q@x.example"),
        names=(
            "Ida Quill",
            "Ida Quill (Keap 1)",
            "Quill Ltd",
            "Nib (Co)",
            "Nib (Co) (Keap 2)",
            "Nib <Co>",
        ),
        given=("Ida Quill", "Nib (Co)"),
        last_names=("Quill",),
        companies=("Quill Ltd", "Nib <Co>"),
    )


def test_name_as_keap_has_it_is_looked_for_beside_the_legal_one() -> None:
    """R9: the name step compares Keap's name, the new contact gets the legal one."""
    odd = person("1", given_name="Ida  <b>", family_name=" Quill ")
    found = contact_query([odd], [], SHORT)
    assert found.names == ("Ida (b) Quill", "Ida (b) Quill (Keap 1)", "Ida <b> Quill")
    assert found.given == ("Ida (b) Quill",)
    assert contact_query([], [], SHORT) == ContactQuery()


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "Ida Quill"),
        ({"given_name": " ", "company": "Quill Ltd"}, "Quill"),
        ({"given_name": "", "family_name": " ", "company": " Quill  Ltd "}, "Quill Ltd"),
        ({"given_name": "", "family_name": "", "emails": (" ", "ida@x.example")}, "ida@x.example"),
        ({"given_name": "", "family_name": "\x00"}, "Keap contact 1234"),
    ],
)
def test_what_a_person_is_called(fields: dict[str, Any], name: str) -> None:
    """R9: the name, else the company, else the e-mail, else `Keap contact 1234`."""
    assert contact_name(person(**fields)) == name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  Ida \t\r\n Quill ", "Ida Quill"),
        ("Ida\x07Quill\x00", "Ida Quill"),
        ("Ida\u2028Quill\u2029Nib", "Ida Quill Nib"),
        ("Ida \ud83d Quill\ud83d", "Ida Quill"),
        ("Zoë 🕯️ XX", "Zoë 🕯️ XX"),
        (" \x00 ", ""),
    ],
)
def test_blanks_and_control_signs_become_one_blank(text: str, shown: str) -> None:
    """R9: repeated or outer blanks, control characters, and halves of letters."""
    assert spaced(text) == shown


def test_refused_letters_become_the_nearest_legal_ones() -> None:
    """R9: each refused letter by its own; then the blanks that this may leave."""
    rules = NameRules(99, (("<", "‹"), (">", "›"), (":", " ")))
    assert legal(" <Ida>: Quill:", rules) == "‹Ida› Quill"


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [("Ida Quill", 9, "Ida Quill"), ("Ida Quill", 4, "Ida"), ("Ida", 0, "")],
)
def test_cut_leaves_no_blank_at_the_end(text: str, room: int, shown: str) -> None:
    """R9: a cut name is a legal one."""
    assert cut(text, room) == shown


def test_comparison_ignores_case_and_outer_blanks() -> None:
    """R9: and nothing else."""
    assert folded("\t STRASSE Zoë ") == folded("straße ZOË")
    assert folded("Ida  Quill") != folded("Ida Quill")


def test_a_book_that_was_kept_is_what_it_was() -> None:
    """Also whether any contact bears a number of ours, whoever cannot be billed included."""
    strange, vendor = contact("c1", number="7"), contact("c2", number="keap-7", customer=False)
    for contacts, own in (([strange], False), ([strange, vendor], True)):
        with contextlib.closing(sqlite3.connect("")) as file:
            ContactBook(contacts).save(file)
            again = ContactBook([])
            again.read(file)
        assert again.has_own() is own
        assert again.get(strange.id) == strange
        assert again.get(vendor.id) is None


def test_what_is_put_takes_the_place_of_what_was_known() -> None:
    """Its names too, except where somebody else has them; also of one that cannot be billed."""
    book = ContactBook([contact("c1", "Ida Quill", email="ida@x.example"), contact("c2", "Ivo")])
    book.put(contact("c1", "Ivo", number="keap-1"))
    assert not book.taken("Ida Quill")
    assert not book.hits("email", KeapContact(PersonId("1"), emails=("ida@x.example",)))
    book.put(contact("c1", "Ada", customer=False))
    assert (book.taken("Ada"), book.get(LedgerId("c1"))) == (True, None)
    assert (book.taken("Ivo"), book.has_own()) == (True, False)
    book.put(contact("c1", "Uwe"))
    assert (book.taken("Ada"), book.taken("Uwe")) == (False, True)
    assert book.made_for(PersonId("1")) is None
