"""One contract for every ledger: what the pipeline relies on, shown on each adapter alike.

Where ledgers differ they declare it, and the test asks what is declared, never which ledger it is.
"""

import re

import pytest

from invoicesync_cli.config import load
from invoicesync_cli.errors import ConfigError
from invoicesync_cli.load.ledger import ChangedContacts
from invoicesync_cli.model import (
    ContactQuery,
    KeapContact,
    NewItem,
    PersonId,
)
from invoicesync_cli.transform.contacts import contact_query
from tests.kits.adapters import Adapter


def test_lists_come_in_the_tools_own_terms(adapter: Adapter) -> None:
    facts = adapter.ledger.facts(adapter.ledger.read_lists(adapter.can.lists))

    assert facts.organisation == adapter.kit.company
    assert facts.organisation_id
    assert facts.currencies[0] == adapter.kit.currency
    assert any(account.usable for account in facts.accounts)
    assert any(account.payable for account in facts.accounts)
    assert any(code.usable and code.rate == adapter.kit.rate for code in facts.tax_codes)
    assert any(item.code == "TIL" for item in facts.items)


def test_lists_can_be_kept_as_json(adapter: Adapter) -> None:
    import json

    lists = adapter.ledger.read_lists(adapter.can.lists)
    kept = json.loads(json.dumps(lists, default=str))

    assert adapter.ledger.facts(kept) == adapter.ledger.facts(lists)


def test_a_single_list_is_read_by_its_name(adapter: Adapter) -> None:
    for name in set(adapter.can.lists).union(*adapter.can.lists_for.values()):
        assert name in adapter.ledger.read_lists([name])


def test_the_lists_of_identity_alone_say_which_organisation_it_is(adapter: Adapter) -> None:
    assert set(adapter.can.identity) <= set(adapter.can.lists)
    alone = adapter.ledger.read_lists(adapter.can.identity)
    whole = adapter.ledger.facts(adapter.ledger.read_lists(adapter.can.lists))
    assert adapter.ledger.facts(alone).organisation_id == whole.organisation_id


def test_account_that_the_ledger_does_not_have_is_reported_with_its_line(adapter: Adapter) -> None:
    adapter.rehearsal.configure({"payments.account": "No such account"})
    loaded = load(adapter.rehearsal.home / "config.toml")
    lists = adapter.ledger.read_lists(adapter.can.lists)

    with pytest.raises(ConfigError) as wrong:
        adapter.ledger.settings(lists, loaded)

    assert re.search(r"config.toml:\d+: payments.account", str(wrong.value))
    assert "No such account" in str(wrong.value)
    assert wrong.value.code == "account-unknown"


def test_organisations_are_named(adapter: Adapter) -> None:
    (found,) = adapter.ledger.organisations()
    assert found[1] == adapter.kit.company
    assert found[0]


def test_every_contact_is_given_archived_ones_too(adapter: Adapter) -> None:
    found = {contact.name: contact for contact in adapter.ledger.contacts()}

    assert found["Alice Baker"].email == "alice@example.com"
    assert (found["Alice Baker"].first_name, found["Alice Baker"].last_name) == ("Alice", "Baker")
    assert found["Frank Green"].archived
    assert not found["Alice Baker"].archived


def test_contacts_that_have_changed_are_given_page_by_page(adapter: Adapter) -> None:
    ledger = adapter.ledger
    if not isinstance(ledger, ChangedContacts):
        pytest.skip("cannot say who has changed")
    pages = list(ledger.contact_pages(None))
    assert all(page.complete for page in pages)
    assert [item for page in pages for item in page.contacts] == list(ledger.contacts())
    adapter.rehearsal.clock.advance(3600)
    since = adapter.rehearsal.clock.now()

    (made,) = adapter.send("contact", [adapter.person()], ["Ann Other"])

    later = [item.id for page in ledger.contact_pages(since) for item in page.contacts]
    assert later == [made.id]


@pytest.mark.parametrize(
    "person",
    [
        KeapContact(PersonId("1"), emails=("ALICE@example.com",)),
        KeapContact(PersonId("1"), "Chloe", "Davies"),
        KeapContact(PersonId("1"), "Frank", "Green"),
    ],
    ids=["e-mail", "name", "archived"],
)
def test_contacts_that_are_queried_are_among_those_given(
    adapter: Adapter, person: KeapContact
) -> None:
    every = {contact.id: contact for contact in adapter.ledger.contacts()}
    asked = contact_query([person], (), adapter.rules.ledger.names)
    given = {contact.id: contact for contact in adapter.ledger.contacts(asked)}

    wanted = {
        contact.id
        for contact in every.values()
        if contact.email.casefold() in {email.casefold() for email in person.emails if email}
        or contact.name == f"{person.given_name} {person.family_name}"
    }
    assert wanted
    assert wanted <= given.keys()
    assert {given[ident] for ident in wanted} <= set(every.values())


def test_contact_is_found_by_its_id(adapter: Adapter) -> None:
    ident = adapter.contact()
    given = {contact.id for contact in adapter.ledger.contacts(ContactQuery(ids=(ident,)))}
    assert ident in given


def test_contact_is_made_with_its_number(adapter: Adapter) -> None:
    (made,) = adapter.send("contact", [adapter.person()], ["Ann Other"])
    there = {contact.id: contact for contact in adapter.ledger.contacts()}

    assert made.id
    found = there[made.id]
    assert (found.name, found.number, found.email) == ("Ann Other", "keap-77", "ann@other.example")
    assert found.cities == ("Leeds",) or "Leeds" in found.cities
    assert not found.archived


def test_name_that_somebody_has_is_taken(adapter: Adapter) -> None:
    (refused,) = adapter.send("contact", [adapter.person("alice baker", email="")], ["alice baker"])
    assert refused.id is None
    assert refused.taken
    assert refused.words


def test_batches_are_no_larger_than_declared(adapter: Adapter) -> None:
    assert 0 < adapter.ledger.batch_size <= adapter.can.batch
    assert adapter.can.in_flight >= 1


def test_pause_is_the_networks(adapter: Adapter) -> None:
    adapter.ledger.pause(7.0)
    assert adapter.rehearsal.ticker.slept[-1] == 7.0


def test_item_is_made_where_lines_are_items(adapter: Adapter) -> None:
    routing = adapter.rules.ledger.items
    if routing is None:
        assert "item" not in adapter.can.alone
        return
    assert routing.income
    (made,) = adapter.send("item", [NewItem("Made now", routing.income)], ["Made now"])
    assert made.id
    facts = adapter.ledger.facts(adapter.ledger.read_lists(adapter.can.lists))
    assert any(item.id == made.id and item.name == "Made now" for item in facts.items)
