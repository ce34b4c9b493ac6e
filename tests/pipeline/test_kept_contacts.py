"""The contacts of a ledger that can say which of them have changed are read whole once a week."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.datastructures import Headers

from invoicesync_cli.model import DocumentState
from invoicesync_sandbox.xero import XeroSwitches
from tests.kits.faults import sent
from tests.kits.new_buyers import WHOLE, asked, buys, customer, kept, with_contacts
from tests.kits.rehearsal import Rehearsal, only


@pytest.fixture
def shop(tmp_path: Path) -> Rehearsal:
    return with_contacts(tmp_path / "home")


# --- what is asked --------------------------------------------------------------------------------


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("nothing", [200, 304])
def test_only_what_has_changed_is_asked_for(shop: Rehearsal, inclusive: bool, nothing: int) -> None:
    """Since five minutes before the last reading, by Xero's clock; who was read then is found."""
    shop.xero.switches = XeroSwitches(
        modified_since_inclusive=inclusive,
        nothing_modified_status=nothing,  # type: ignore[arg-type]
    )
    known = next(row.id for row in shop.xero.contacts.values() if row.name == "Somebody 1000")
    order = buys(shop, "Another", emails=("some1000@body.example",))

    assert asked(shop) == ["2026-11-20T09:55:00"]
    assert customer(shop, order) == known
    shop.clock.advance(3600)
    buys(shop, "Ida")
    assert asked(shop) == ["2026-11-20T10:55:00"]


def test_who_was_made_by_an_earlier_run_is_found(shop: Rehearsal) -> None:
    """Whose link was lost: by the number that was given to the contact."""
    (made,) = (row.id for row in shop.xero.contacts.values() if row.contact_number)
    with shop.state() as state:
        state.db.execute("DELETE FROM links")
    order = shop.order(contact=next(iter(shop.keap.contacts)))

    assert len(asked(shop)) == 1
    assert customer(shop, order) == made


def test_all_are_read_again_after_a_week(shop: Rehearsal) -> None:
    """Of the reading of all, however often changes were asked for since."""
    shop.clock.advance(6 * 86400)
    buys(shop, "Ida")
    assert len(asked(shop)) == 1
    shop.clock.advance(86400)
    buys(shop, "Ivo")
    assert asked(shop) == WHOLE
    shop.clock.advance(60)
    buys(shop, "Ute")
    assert len(asked(shop)) == 1


def test_who_names_an_order_has_all_of_them_read(shop: Rehearsal) -> None:
    order = buys(shop, "Ida")
    assert asked(shop, ids=(order,), by="order") == WHOLE


@pytest.mark.parametrize("ahead", [timedelta(days=400), timedelta(days=-400)])
def test_the_clock_of_this_machine_does_not_matter(shop: Rehearsal, ahead: timedelta) -> None:
    buys(shop, "Ida")
    with shop.clock_ahead(ahead):
        assert len(asked(shop)) == 1


def test_all_are_read_when_the_ledgers_clock_is_set_back(shop: Rehearsal) -> None:
    shop.clock.advance(-5000)
    buys(shop, "Ida")
    assert asked(shop) == WHOLE


def test_a_dry_run_neither_uses_nor_changes_what_is_kept(shop: Rehearsal) -> None:
    before = kept(shop).read_bytes()
    buys(shop, "Ida")
    assert asked(shop, dry_run=True) == WHOLE
    assert kept(shop).read_bytes() == before
    assert len(asked(shop)) == 1


# --- what has changed -----------------------------------------------------------------------------


def test_contact_that_was_made_between_the_runs_is_found(shop: Rehearsal) -> None:
    made = shop.xero.add_contact("Ida Quill")
    order = buys(shop, "Ida")
    assert len(asked(shop)) == 1
    assert customer(shop, order) == made


def test_contact_made_while_the_last_answer_was_on_its_way_is_found(shop: Rehearsal) -> None:
    """With a time a little before that of the answer."""
    shop.clock.advance(-3600 - 200)
    made = shop.xero.add_contact("Ida Quill")
    shop.clock.advance(3600 + 200)
    order = buys(shop, "Ida")
    asked(shop)
    assert customer(shop, order) == made


def test_renamed_contact_is_found_by_its_new_name_only(shop: Rehearsal) -> None:
    """And its old name is free."""
    contact = next(row for row in shop.xero.contacts.values() if row.name == "Somebody 7")
    shop.xero.edit_contact(contact.id, Name="Ida Quill", EmailAddress="ida@new.example")
    ida, same = buys(shop, "Ida"), buys(shop, "Somebody", "7", emails=("some7@body.example",))

    assert len(asked(shop)) == 1

    assert customer(shop, ida) == contact.id
    assert customer(shop, same) != contact.id
    assert shop.xero.contacts[customer(shop, same)].name == "Somebody 7"


def test_contact_that_was_archived_and_restored(shop: Rehearsal) -> None:
    contact = next(row.id for row in shop.xero.contacts.values() if row.name == "Somebody 7")
    shop.xero.archive_contact(contact)
    order = buys(shop, "S", "S", emails=("some7@body.example",))
    assert only(shop.sync()).reason == "contact-archived"
    assert order not in sent(shop)
    shop.clock.advance(3600)
    shop.xero.restore_contact(contact)

    assert len(asked(shop)) == 1

    assert customer(shop, order) == contact


def test_merged_contact_is_followed(shop: Rehearsal) -> None:
    contact = next(row.id for row in shop.xero.contacts.values() if row.name == "Somebody 7")
    into = shop.xero.add_contact("Her firm")
    shop.xero.merge_contact(contact, into)
    order = buys(shop, "S", "S", emails=("some7@body.example",))

    assert len(asked(shop)) == 1

    assert customer(shop, order) == into


@pytest.mark.parametrize("merged", [False, True])
def test_change_that_does_not_move_the_time_is_found_once_xero_refuses(
    shop: Rehearsal, merged: bool
) -> None:
    """Nobody has said that every change does."""
    contact = next(row for row in shop.xero.contacts.values() if row.name == "Somebody 7")
    into = shop.xero.add_contact("Her firm") if merged else ""
    shop.xero.contacts.put(replace(contact, status="ARCHIVED", merged_to=into))
    order = buys(shop, "S", "S", emails=("some7@body.example",))
    assert only(shop.sync()).reason == "contact-archived"
    assert order not in sent(shop)

    before = len(shop.xero.calls)
    again = only(shop.sync())

    calls = [call for call in shop.xero.calls[before:] if call.path.endswith("/Contacts")]
    assert not any("If-Modified-Since" in Headers(call.headers) for call in calls)
    if merged:
        assert again.state is DocumentState.CREATED
        assert customer(shop, order) == into
    else:
        assert (again.state, again.reason) == (DocumentState.HELD, "contact-archived")


def test_name_that_turns_out_to_be_taken_has_all_of_them_read(shop: Rehearsal) -> None:
    contact = next(row for row in shop.xero.contacts.values() if row.name == "Somebody 7")
    shop.xero.contacts.put(replace(contact, name="Ida Quill"))
    first = buys(shop, "Ida")
    asked(shop)
    assert shop.xero.contacts[customer(shop, first)].name == "Ida Quill (Keap 102)"
    buys(shop, "Ivo")
    assert asked(shop) == WHOLE
