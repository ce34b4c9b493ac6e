"""Rule R9 as functions: whom the matcher finds, and the words for what it cannot settle."""

from collections.abc import Sequence

import pytest

from invoicesync_cli.model import Address, LedgerContact, LedgerId, PersonId, Reason
from invoicesync_cli.transform.contacts import Matched, ToCreate, Unclear
from tests.kits.contacts import LEEDS, contact, ends, match, matcher, person

# --- the steps ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "emails", "hit"),
    [
        (" Ida@Quill.example", ("x@x.example", "ida@QUILL.example "), True),
        ("ida@quill.example", ("ida@quill.example", "x@x.example", ""), True),
        ("", ("", " "), False),
        (" ", (" ",), False),
        ("ida@quill.example", ("max@quill.example",), False),
        ("ida@quill.example", (), False),
    ],
)
def test_email_step(email: str, emails: Sequence[str], hit: bool) -> None:
    """R9: any of Keap's e-mails, ignoring case and outer blanks; a blank is no e-mail."""
    found = match(person(emails=tuple(emails)), contact("c1", email=email), steps=("email",))
    assert ends(found) == ("c1 by email" if hit else "new Ida Quill")


@pytest.mark.parametrize(
    ("known", "hit"),
    [
        (contact("c1", " ida QUILL "), True),
        (contact("c1", first_name=" IDA", last_name="quill "), True),
        (contact("c1", first_name="Ida"), False),
        (contact("c1", last_name="Quill"), False),
        (contact("c1", first_name=" ", last_name="Ida Quill"), False),
        (contact("c1", first_name="Quill", last_name="Ida"), False),
        (contact("c1", "IdaQuill"), False),
    ],
)
def test_name_step(known: LedgerContact, hit: bool) -> None:
    """R9: first + last name, with the ledger's first/last pair and with its display name."""
    found = match(person(given_name=" ida", family_name="Quill "), known, steps=("name",))
    assert isinstance(found, Matched) is hit
    assert not hit or ends(found) == "c1 by name"


@pytest.mark.parametrize(("given_name", "family_name"), [("Ida", " "), (" ", "Quill"), ("", "")])
def test_half_a_name_is_no_hit(given_name: str, family_name: str) -> None:
    """R9: both non-blank."""
    half = person(given_name=given_name, family_name=family_name)
    strangers = [contact(f"c{place}", name) for place, name in enumerate(("Ida", "Quill", " "))]
    pairs = contact("c9", first_name=given_name, last_name=family_name)
    assert isinstance(match(half, *strangers, pairs, steps=("name",)), ToCreate)


@pytest.mark.parametrize(
    ("company", "city", "hit"),
    [
        (" quill LTD", "leeds ", True),
        ("Quill Ltd", "Hull", True),
        ("Quill Ltd", "York", False),
        ("Nib Ltd", "Leeds", False),
        ("Quill Ltd", "", False),
        ("Quill Ltd", " ", False),
        ("", "Leeds", False),
    ],
)
def test_company_step(company: str, city: str, hit: bool) -> None:
    """R9: company + city, both non-blank, with the ledger's company name and any of its cities."""
    someone = person(company=company, billing=Address(city=city))
    known = contact("c1", "Quill Ltd ", cities=(" LEEDS", "Hull", "", " "))
    found = match(someone, known, contact("c2", "", cities=("Leeds",)), steps=("company-city",))
    assert ends(found) == ("c1 by company-city" if hit else "new Ida Quill")


def test_one_contact_hit_twice_is_one() -> None:
    """R9: exactly one hit at a step, however often it is hit."""
    twice = contact(
        "c1", "Ida Quill", first_name="Ida", last_name="Quill", cities=("Leeds", "LEEDS")
    )
    assert ends(match(person(), twice)) == "c1 by name"
    emails = person(emails=("ida@x.example", "IDA@x.example"))
    assert ends(match(emails, contact("c1", email="ida@x.example"))) == "c1 by email"
    company = person(company="Ida Quill", billing=LEEDS, family_name="")
    assert ends(match(company, twice)) == "c1 by company-city"


def test_steps_in_their_order() -> None:
    """R9: pin; link; e-mail; name; company + city. Only steps that are named are taken."""
    someone = person(emails=("ida@x.example",), company="Quill Ltd", billing=LEEDS)
    known = [
        contact("pinned"),
        contact("linked"),
        contact("made", number="keap-1234"),
        contact("mailed", email="ida@x.example"),
        contact("named", "Ida Quill"),
        contact("company", "Quill Ltd", cities=("Leeds",)),
    ]
    pins, links = {"1234": "pinned", "9": "named"}, {PersonId("1234"): LedgerId("linked")}
    assert ends(match(someone, *known, pins=pins, links=links)) == "pinned by pin"
    assert ends(match(someone, *known, links=links)) == "linked by link"
    assert ends(match(someone, *known)) == "made by link"
    assert ends(match(someone, *known[3:])) == "mailed by email"
    assert ends(match(someone, *known[4:])) == "named by name"
    assert ends(match(someone, *known[5:])) == "company by company-city"
    assert ends(match(someone, *known[3:], steps=("company-city", "email"))) == (
        "company by company-city"
    )
    assert ends(match(someone, *known[3:], steps=())) == "new Ida Quill (Keap 1234)"


def test_everybody_goes_up_a_step_before_anybody_goes_up_the_next() -> None:
    """R9: all e-mail steps before any name step; a linked contact is no hit by name."""
    known = contact("c1", "Ida Quill", email="ida@x.example")
    first, second = person("1"), person("2", emails=("ida@x.example",))
    found = matcher(known).match([first, second])
    assert {ident: ends(one) for ident, one in found.items()} == {
        "1": "new Ida Quill (Keap 1)",
        "2": "c1 by email",
    }


def test_contact_of_somebody_else_is_no_hit_by_name_only() -> None:
    """R9: a ledger contact already linked to another Keap person is no hit at the name step."""
    known = contact("c1", "Ida Quill", email="ida@x.example", cities=("Leeds",))
    others = {LedgerId("c1"): PersonId("9")}
    mine = {LedgerId("c1"): PersonId("1234")}
    assert ends(match(person(), known, linked=others)) == "new Ida Quill (Keap 1234)"
    assert ends(match(person(), known, linked=mine)) == "c1 by name"
    emailed = person(emails=("ida@x.example",))
    assert ends(match(emailed, known, linked=others)) == "c1 by email"
    company = person(company="Ida Quill", billing=LEEDS)
    assert ends(match(company, known, linked=others)) == "c1 by company-city"


def test_one_of_two_namesakes_is_free() -> None:
    """R9: what is somebody else's does not make a name ambiguous."""
    known = [contact("c1", "Ida Quill"), contact("c2", first_name="Ida", last_name="Quill")]
    found = match(person(), *known, linked={LedgerId("c1"): PersonId("9")})
    assert ends(found) == "c2 by name"


def test_match_in_this_run_takes_the_name_from_the_next() -> None:
    """R9: people are matched in the order in which they are given."""
    found = matcher(contact("c1", "Ida Quill")).match([person("2"), person("1")])
    assert [ends(found[PersonId(number)]) for number in "21"] == [
        "c1 by name",
        "new Ida Quill (Keap 1)",
    ]


def test_person_who_comes_again_has_the_same_contact() -> None:
    """R9: what is linked to a person by name stays that person's, in a later batch too."""
    steps = matcher(contact("c1", "Ida Quill"))
    for _ in range(2):
        assert ends(steps.match([person("1")])[PersonId("1")]) == "c1 by name"


def test_first_link_of_a_contact_stays() -> None:
    """R9: a family shares a contact by e-mail; whose it was first, it is by name."""
    known = contact("c1", "Ida Quill", email="ida@x.example")
    links = {LedgerId("c1"): PersonId("9")}
    steps = matcher(known, linked=links)
    steps.match([person("1", emails=("ida@x.example",))])
    assert ends(steps.match([person("9")])[PersonId("9")]) == "c1 by name"
    assert ends(steps.match([person("2")])[PersonId("2")]) == "new Ida Quill (Keap 2)"


def test_person_made_in_this_run_is_found_by_the_next_with_the_email() -> None:
    """R9: a family with one e-mail is one contact, though it is only about to be made."""
    family = [person("1", emails=("q@x.example",)), person("2", emails=("Q@x.example",))]
    found = matcher().match(family)
    assert [ends(one) for one in found.values()] == ["new Ida Quill", "keap-1 by email"]


def test_namesake_made_in_this_run_is_somebody_else() -> None:
    """R9: a contact that is made is its person's own at the name step."""
    found = matcher().match([person("1"), person("2")])
    assert [ends(one) for one in found.values()] == ["new Ida Quill", "new Ida Quill (Keap 2)"]


def test_colleague_made_in_this_run_is_found_by_company_and_city() -> None:
    """R9: a contact called by the company, made for one, is the other's too."""
    company = {"company": "Quill Ltd", "billing": LEEDS}
    first = person("1", given_name="", family_name="", **company)
    found = matcher().match([first, person("2", given_name="Max", **company)])
    assert [ends(one) for one in found.values()] == ["new Quill Ltd", "keap-1 by company-city"]


# --- what a person has to settle ------------------------------------------------------------------


def test_several_hits_are_listed() -> None:
    """R9: several → held with `contact-ambiguous` and the candidates listed, always alike."""
    known = [
        contact("c1", "Ida Q", email="ida@x.example"),
        contact("c2", "I Q", email="ida@x.example"),
    ]
    held = Unclear(
        Reason.CONTACT_AMBIGUOUS,
        "Ida Quill (Keap contact 1234) matches 2 ledger contacts by email: I Q (c2), Ida Q (c1).",
        "Pin the right one (invoicesync config edit): "
        '[contacts.pins] "1234" = "<id of the right one>".',
    )
    for in_some_order in (known, known[::-1]):
        assert match(person(emails=("ida@x.example",)), *in_some_order) == held


def test_emails_of_two_contacts_are_ambiguous() -> None:
    """R9: exactly one hit over all of Keap's e-mails, in whatever order they are."""
    known = [contact(f"c{place}", email=f"{place}@x.example") for place in range(2)]
    for emails in (("0@x.example", "1@x.example"), ("1@x.example", "0@x.example", "2@x.example")):
        assert ends(match(person(emails=emails), *known)) == "contact-ambiguous"


def test_archived_contact_is_no_hit_and_is_reported() -> None:
    """R9: if the steps end without a match and one was passed over: `contact-archived`."""
    gone = contact("c1", "Ida Q", email="ida@x.example", archived=True)
    someone = person(emails=("ida@x.example",))
    hint = "Restore the contact in the ledger, or pin another one under [contacts.pins]."
    message = "Ida Quill matches Ida Q (c1), which is archived in the ledger."
    assert match(someone, gone) == Unclear(Reason.CONTACT_ARCHIVED, message, hint)
    assert match(someone, gone, create=False) == Unclear(Reason.CONTACT_ARCHIVED, message, hint)
    assert ends(match(someone, gone, contact("c2", email="ida@x.example"))) == "c2 by email"
    assert ends(match(someone, gone, contact("c2", "Ida Quill"))) == "c2 by name"


def test_first_archived_contact_is_the_one_that_is_reported() -> None:
    """R9: the surest of several: by link, then by the steps in their order."""
    linked = contact("c1", "Linked", archived=True)
    made = contact("c2", "Made", number="keap-1234", archived=True)
    mailed = contact("c3", "Mailed", email="ida@x.example", archived=True)
    again = contact("c4", "Mailed too", email="ida@x.example", archived=True)
    named = contact("c5", "Ida Quill", archived=True)
    someone = person(emails=("ida@x.example",))
    everyone = [linked, made, mailed, again, named]
    links = {PersonId("1234"): LedgerId("c1")}
    for place, gone in enumerate(everyone):
        found = match(someone, *everyone[place:], links=links)
        assert isinstance(found, Unclear)
        assert f"{gone.name} ({gone.id})" in found.message
    active = contact("c9", "Ida Quill")
    assert ends(match(someone, linked, made, active, links=links)) == "c9 by name"


def test_archived_link_gives_way_to_the_contact_that_was_made() -> None:
    """R9: archived contacts are no hit; the contact number still tells whose one is."""
    gone, made = contact("c1", archived=True), contact("c2", number="keap-1234")
    links = {PersonId("1234"): LedgerId("c1")}
    assert ends(match(person(), gone, made, links=links)) == "c2 by link"
    assert ends(match(person(), made, links=links)) == "c2 by link"
    assert ends(match(person("123"), made)) == "new Ida Quill"


def test_pin_that_does_not_lead_to_an_active_contact() -> None:
    """R9: a pin goes before all; what it names has to be there, and in use."""
    pins, setting = {"1234": "c1"}, 'contacts.pins."1234"'
    named = contact("c2", "Ida Quill")
    assert match(person(), named, pins=pins) == Unclear(
        Reason.CONTACT_MISSING,
        f"{setting} names the ledger contact c1, which does not exist.",
        "Correct the pin in the config.",
    )
    assert match(person(), named, contact("c1", "Ida Q", archived=True), pins=pins) == Unclear(
        Reason.CONTACT_ARCHIVED,
        f"{setting} matches Ida Q (c1), which is archived in the ledger.",
        "Restore the contact in the ledger, or pin another one under [contacts.pins].",
    )
    assert ends(match(person(), named, pins={"1234": ""})) == "c2 by name"


def test_missing_contact_is_held_where_none_may_be_made() -> None:
    """R9: no match: create, or hold with `contact-missing`."""
    assert match(person(), create=False) == Unclear(
        Reason.CONTACT_MISSING,
        "Ida Quill (Keap contact 1234) is not in the ledger.",
        "Create the contact in the ledger, or pin it under [contacts.pins].",
    )
