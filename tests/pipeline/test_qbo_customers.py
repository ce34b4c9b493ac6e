"""Rules R7 and R9 in QuickBooks: which customer a buyer is, and in which currency."""

from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import Document, DocumentState
from invoicesync_sandbox.keap import Address, Item
from invoicesync_sandbox.qbo import QboSwitches
from invoicesync_sandbox.qbo.rows import Customer
from tests.kits.qbo_company import invoice_of, invoices, quickbooks, sent
from tests.kits.rehearsal import Rehearsal, only

CANDLE = Item("PRODUCT", "12.50", name="Candle")
LEEDS = Address("1 High Street", "Top floor", "Leeds", "West Yorkshire", "GB-LDS", "LS1 4AP")
IDA = {"given_name": "Ida", "family_name": "Quill", "emails": ("ida@shop.example",)}


def buy(rehearsal: Rehearsal, **person: Any) -> str:
    """A new person's order: its id."""
    return rehearsal.order(CANDLE, contact=rehearsal.person(**{**IDA, **person}))


def buyer(rehearsal: Rehearsal, order: str) -> Customer:
    """The customer on an order's invoice."""
    return rehearsal.qbo.customers[invoice_of(rehearsal, order).customer_id]


def found_for(rehearsal: Rehearsal, **person: Any) -> Customer:
    """The customer that a new person's order comes to."""
    order = buy(rehearsal, **person)
    rehearsal.sync()
    return buyer(rehearsal, order)


def held(rehearsal: Rehearsal, reason: str) -> Document:
    """The only document of a run, which has to be held for this reason with nothing sent."""
    document = only(rehearsal.sync())
    assert (document.state, document.reason) == (DocumentState.HELD, reason), document
    assert invoices(rehearsal) == []
    return document


# --- the steps ------------------------------------------------------------------------------------


@pytest.mark.parametrize("slot", [0, 1, 2])
def test_any_of_three_emails_is_a_match(tmp_path: Path, slot: int) -> None:
    """R9, S94: QuickBooks compares without regard to case."""
    rehearsal = quickbooks(tmp_path)
    wanted = rehearsal.qbo.add_customer("Quill & Co", email="Accounts@Quill.example")
    emails = ["a@x.example", "b@x.example", "c@x.example"]
    emails[slot] = " accounts@QUILL.example "
    assert found_for(rehearsal, emails=tuple(emails)).id == wanted


@pytest.mark.parametrize(
    "known",
    [
        {"display_name": "Quill Stationers", "given": "Ida", "family": "Quill"},
        {"display_name": "Somebody", "given": "ida", "family": "QUILL"},
        {"display_name": "IDA QUILL"},
    ],
    ids=["pair", "pair in other case", "display name"],
)
def test_first_and_last_name_are_a_match(tmp_path: Path, known: dict[str, Any]) -> None:
    """R9, S95: the pair of names, or the display name."""
    rehearsal = quickbooks(tmp_path)
    wanted = rehearsal.qbo.add_customer(**known)
    assert found_for(rehearsal, given_name=" Ida", family_name="Quill ").id == wanted


@pytest.mark.parametrize("name", ["O'Brien", "D\\'Arcy", "Nuñez & Söhne", "Quill, the younger"])
def test_name_that_a_query_has_to_quote_is_found(tmp_path: Path, name: str) -> None:
    """R9: quotes and backslashes are part of the name, not of the statement."""
    rehearsal = quickbooks(tmp_path)
    wanted = rehearsal.qbo.add_customer(f"Ida {name}")
    assert found_for(rehearsal, family_name=name).id == wanted


@pytest.mark.parametrize("company", [{"display_name": "Quill Stationers"}, {"company": True}])
def test_company_and_city_are_a_match(tmp_path: Path, company: dict[str, Any]) -> None:
    """R9, S96: the company is compared with company name and display name; both non-blank."""
    rehearsal = quickbooks(tmp_path)
    known = company if "display_name" in company else {"display_name": "Q", "company": "QUILL Ltd"}
    wanted = rehearsal.qbo.add_customer(**known, city="LEEDS")
    name = "quill stationers" if "display_name" in company else "Quill ltd"
    assert found_for(rehearsal, company=name, billing=LEEDS).id == wanted
    assert found_for(rehearsal, emails=(), given_name="", company=name).id != wanted


def test_steps_are_taken_in_their_order(tmp_path: Path) -> None:
    """R9: pin; link; e-mail; name; company and city."""
    rehearsal = quickbooks(tmp_path)
    add = rehearsal.qbo.add_customer
    by_company = add("Quill Stationers", city="Leeds")
    person = {"company": "Quill Stationers", "billing": LEEDS}
    assert found_for(rehearsal, **person, family_name="Nib").id == by_company
    by_name = add("Ida Quill")
    assert found_for(rehearsal, **person).id == by_name
    by_email = add("Post room", email="ida@shop.example")
    assert found_for(rehearsal, **person).id == by_email
    pinned = add("The right one")
    rehearsal.configure({"contacts.pins": {str(101 + len(rehearsal.keap.contacts)): pinned}})
    assert found_for(rehearsal, **person).id == pinned


def test_many_buyers_are_looked_for_in_few_statements(tmp_path: Path) -> None:
    """R9: lists of a hundred each; nobody is overlooked and nobody made twice."""
    rehearsal = quickbooks(tmp_path)
    known = {
        f"B{number}": rehearsal.qbo.add_customer(f"Customer {number}", email=f"b{number}@x.example")
        for number in range(0, 130, 2)
    }
    orders = [
        buy(rehearsal, given_name=f"B{number}", family_name="X", emails=(f"b{number}@x.example",))
        for number in range(130)
    ]
    before = len(rehearsal.qbo.customers)
    rehearsal.sync()
    assert len(rehearsal.qbo.customers) == before + 65
    for number, order in enumerate(orders):
        name = f"B{number}"
        assert buyer(rehearsal, order).id == known.get(name, buyer(rehearsal, order).id)
        assert (buyer(rehearsal, order).name == f"{name} X") == (name not in known)


# --- several, inactive, none ----------------------------------------------------------------------


def test_two_customers_with_the_email_are_left_to_a_person(tmp_path: Path) -> None:
    """R9: `contact-ambiguous` with both listed; a pin by id settles it."""
    rehearsal = quickbooks(tmp_path)
    ids = [
        rehearsal.qbo.add_customer(name, email="ida@shop.example")
        for name in ("Ida Quill", "Quill & Co")
    ]
    order = buy(rehearsal)
    message = held(rehearsal, "contact-ambiguous").message
    assert all(shown in message for shown in (*ids, "Ida Quill", "Quill & Co"))
    rehearsal.configure({"contacts.pins": {"101": ids[1]}})
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert buyer(rehearsal, order).id == ids[1]


@pytest.mark.parametrize("found_by", ["shown", "plain"])
@pytest.mark.parametrize("known", [{"email": "ida@shop.example"}, {}], ids=["email", "name"])
def test_inactive_customer_is_reported_and_no_hit(
    tmp_path: Path, found_by: Any, known: dict[str, Any]
) -> None:
    """R9: `contact-archived` when the steps end there; made active again, it goes."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.qbo.switches = QboSwitches(inactive_found_by=found_by)
    gone = rehearsal.qbo.add_customer("Ida Quill", active=False, **known)
    order = buy(rehearsal)
    assert "Ida Quill" in held(rehearsal, "contact-archived").message
    rehearsal.qbo.activate("Customer", gone)
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert buyer(rehearsal, order).id == gone


def test_inactive_customer_is_passed_over_for_an_active_one(tmp_path: Path) -> None:
    """R9: by e-mail an inactive one, by name an active one: that is the match."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.qbo.add_customer("Ida (old)", email="ida@shop.example", active=False)
    active = rehearsal.qbo.add_customer("Ida Quill")
    assert found_for(rehearsal).id == active


def test_pin_to_nobody_or_somebody_inactive_is_held(tmp_path: Path) -> None:
    """R9: a pin goes before all, and is for the user to correct."""
    rehearsal = quickbooks(tmp_path, **{"contacts.pins": {"101": "4711"}})
    buy(rehearsal)
    assert "4711" in held(rehearsal, "contact-missing").message
    gone = rehearsal.qbo.add_customer("Somebody", active=False)
    rehearsal.configure({"contacts.pins": {"101": gone}})
    held(rehearsal, "contact-archived")


def test_missing_customer_is_held_where_none_may_be_made(tmp_path: Path) -> None:
    """R9: `when_missing = "hold"`; once somebody has made it by hand, it goes."""
    rehearsal = quickbooks(tmp_path, **{"contacts.when_missing": "hold"})
    order = buy(rehearsal)
    assert "Ida Quill" in held(rehearsal, "contact-missing").message
    by_hand = rehearsal.qbo.add_customer("Ida Quill")
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert buyer(rehearsal, order).id == by_hand


# --- customers that are made ----------------------------------------------------------------------


def test_customer_that_is_made_has_what_keap_knows(tmp_path: Path) -> None:
    """R9: name, e-mail, phone, billing address, company, and the Keap contact id in the notes."""
    made = found_for(
        quickbooks(tmp_path), phones=("+44 113 496 0000",), company="Quill Ltd", billing=LEEDS
    )
    assert (made.name, made.given, made.family) == ("Ida Quill", "Ida", "Quill")
    assert (made.email, made.phone) == ("ida@shop.example", "+44 113 496 0000")
    assert (made.company, made.notes) == ("Quill Ltd", "keap-101")
    address = made.kept["BillAddr"]
    assert address["Line1"] == "1 High Street"
    assert address["City"] == "Leeds"
    assert address["PostalCode"] == "LS1 4AP"


@pytest.mark.parametrize("kind", ["add_vendor", "add_employee"])
@pytest.mark.parametrize("written", ["Ida Quill", "IDA QUILL"])
def test_name_of_a_vendor_or_an_employee_is_taken(tmp_path: Path, kind: str, written: str) -> None:
    """R9: they share their names with customers; the buyer is set apart at the first try."""
    rehearsal = quickbooks(tmp_path)
    getattr(rehearsal.qbo, kind)(written)
    assert found_for(rehearsal).name == "Ida Quill (Keap 101)"
    tries = [call for call in rehearsal.qbo.calls if b'"Customer":' in call.body]
    assert len(tries) == 1


def test_namesake_who_is_linked_to_another_is_no_hit(tmp_path: Path) -> None:
    """R9: the second Ida Quill gets a customer of her own, and both keep theirs."""
    rehearsal = quickbooks(tmp_path)
    first, second = found_for(rehearsal), found_for(rehearsal, emails=("ida@home.example",))
    assert (first.name, second.name) == ("Ida Quill", "Ida Quill (Keap 102)")
    assert second.notes == "keap-102"


@pytest.mark.parametrize(
    ("person", "name"),
    [
        ({"given_name": "", "family_name": "", "company": "Quill Ltd"}, "Quill Ltd"),
        ({"given_name": "", "family_name": ""}, "ida@shop.example"),
        ({"given_name": "", "family_name": "", "emails": ()}, "Keap contact 101"),
        ({"family_name": "Quill: the\tyounger"}, "Ida Quill - the younger"),
    ],
)
def test_every_buyer_has_a_name_that_quickbooks_takes(
    tmp_path: Path, person: dict[str, Any], name: str
) -> None:
    """R9: company, else e-mail, else the id; `:`, tabs and line breaks become legal."""
    assert found_for(quickbooks(tmp_path), **person).name == name


@pytest.mark.parametrize("longest", [100, 500])
def test_long_names_are_cut_so_that_the_id_still_fits(tmp_path: Path, longest: int) -> None:
    """R9: QuickBooks has documented 100 characters for long."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.qbo.switches = QboSwitches(longest_display_name=longest)
    long = "Q" * 90
    first = found_for(rehearsal, family_name=f"{long} {long}")
    second = found_for(rehearsal, family_name=f"{long} {long}", emails=("other@x.example",))
    assert first.name != second.name
    assert second.name.endswith(" (Keap 102)")
    assert {len(first.name) <= 100, len(second.name) <= 100} == {True}


@pytest.mark.parametrize("email", ["nobody", "@", f"{'i' * 100}@shop.example"])
def test_email_that_is_none_is_left_out(tmp_path: Path, email: str) -> None:
    """QuickBooks would refuse the customer for it; the invoice goes all the same."""
    rehearsal = quickbooks(tmp_path)
    assert found_for(rehearsal, emails=(email,)).email == ""


# --- links ----------------------------------------------------------------------------------------


def test_buyer_stays_who_she_was(tmp_path: Path) -> None:
    """R9: a link goes before e-mail and name, whatever changes on either side."""
    rehearsal = quickbooks(tmp_path)
    first = rehearsal.qbo.add_customer("Quill & Co", email="ida@shop.example")
    person = rehearsal.person(**IDA)
    assert sent(rehearsal, CANDLE, contact=person).customer_id == first
    rehearsal.qbo.rename("Customer", first, "Quill and Daughters")
    rehearsal.qbo.add_customer("Ida Quill", email="ida.new@shop.example")
    rehearsal.keap.edit_contact(person, emails=("ida.new@shop.example",))
    assert sent(rehearsal, CANDLE, contact=person).customer_id == first


def test_customer_that_was_made_is_found_again_without_any_memory(tmp_path: Path) -> None:
    """R9: by `keap-101` in the notes, whatever somebody else has written there, as long as a step
    of the matcher comes across it."""
    rehearsal = quickbooks(tmp_path)
    person = rehearsal.person(**IDA)
    made = sent(rehearsal, CANDLE, contact=person).customer_id
    rehearsal.qbo.add_customer("Quill Ltd", email="ida@shop.example")
    (tmp_path / "state.sqlite3").unlink()
    assert sent(rehearsal, CANDLE, contact=person).customer_id == made


def test_family_with_one_email_shares_its_customer(tmp_path: Path) -> None:
    """R9: only the name step asks whose a customer is; made once, in one run."""
    rehearsal = quickbooks(tmp_path)
    orders = [buy(rehearsal, given_name=name) for name in ("Ida", "Max")]
    rehearsal.sync()
    assert {buyer(rehearsal, order).name for order in orders} == {"Ida Quill"}


# --- R7: currency ---------------------------------------------------------------------------------


def test_order_in_another_currency_is_held(tmp_path: Path) -> None:
    """R7: one currency per Keap account."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.order(CANDLE, currency="USD")
    assert "USD" in held(rehearsal, "currency-differs").message


def test_currency_that_the_company_does_not_have_is_held_until_it_has(tmp_path: Path) -> None:
    """R7: added in QuickBooks, the next sync goes on, with a customer of that currency."""
    rehearsal = quickbooks(tmp_path, **{"keap.currency": "EUR"})
    order = rehearsal.order(CANDLE, currency="EUR", contact=rehearsal.person(**IDA))
    assert "GBP" in held(rehearsal, "currency-differs").message
    rehearsal.qbo.set_preferences(multicurrency=True)
    rehearsal.qbo.add_currency("EUR", "0.85")
    assert only(rehearsal.sync()).state is DocumentState.CREATED
    assert invoice_of(rehearsal, order).currency == "EUR"
    assert buyer(rehearsal, order).currency == "EUR"


@pytest.mark.parametrize("known", [{"email": "ida@shop.example"}, {}], ids=["email", "name"])
def test_customer_of_another_currency_is_not_used(tmp_path: Path, known: dict[str, Any]) -> None:
    """R7: nobody is billed in another currency than his own; the new one is set apart."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.qbo.set_preferences(multicurrency=True)
    rehearsal.qbo.add_currency("EUR", "0.85")
    rehearsal.qbo.add_customer("Ida Quill", currency="EUR", **known)
    found = found_for(rehearsal)
    assert (found.name, found.currency) == ("Ida Quill (Keap 101)", "GBP")


def test_documents_name_their_currency_where_there_are_several(tmp_path: Path) -> None:
    """R7: QuickBooks asks for it then."""
    rehearsal = quickbooks(tmp_path)
    rehearsal.qbo.set_preferences(multicurrency=True)
    assert sent(rehearsal, CANDLE).currency == "GBP"
