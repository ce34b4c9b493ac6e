"""Contacts that somebody merged, archived or lost in Xero after a person was linked to them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import DocumentState
from tests.kits.faults import CutOff, documents, failure, sent
from tests.kits.rehearsal import Rehearsal, only


@pytest.fixture
def shop(tmp_path: Path) -> Rehearsal:
    """Somebody who has bought once."""
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order(contact=rehearsal.person())
    rehearsal.sync()
    return rehearsal


def contact(rehearsal: Rehearsal) -> str:
    """The contact that was made for the person."""
    (made,) = (row.id for row in rehearsal.xero.contacts.values() if row.contact_number)
    return made


def order(rehearsal: Rehearsal) -> str:
    """The person buys again."""
    return rehearsal.order(contact=next(iter(rehearsal.keap.contacts)))


def buys_again(rehearsal: Rehearsal) -> str:
    """The contact that the person's next order ends up on, after one run too many."""
    made = order(rehearsal)
    rehearsal.sync()
    assert rehearsal.sync().exit_code == ExitCode.OK
    return sent(rehearsal)[made][0].contact_id


@pytest.mark.parametrize("times", [1, 2])
def test_merged_contact_is_followed(shop: Rehearsal, times: int) -> None:
    """Also when the one that it was merged into is merged itself, under any name."""
    merged = contact(shop)
    for number in range(times):
        into = shop.xero.add_contact(f"Her firm {number}")
        shop.xero.merge_contact(merged, into)
        merged = into
    people = len(shop.xero.contacts)

    assert buys_again(shop) == merged
    assert len(shop.xero.contacts) == people


def test_pinned_contact_that_was_merged_is_followed(shop: Rehearsal) -> None:
    person = next(iter(shop.keap.contacts))
    shop.configure({"contacts.pins": {person: contact(shop)}})
    into = shop.xero.add_contact("Her firm")
    shop.xero.merge_contact(contact(shop), into)
    assert buys_again(shop) == into


def test_contacts_merged_in_a_circle_are_no_hit(shop: Rehearsal) -> None:
    one, other = contact(shop), shop.xero.add_contact("Her firm")
    shop.xero.merge_contact(one, other)
    shop.xero.merge_contact(other, one)
    made = order(shop)
    shop.sync()
    assert documents(shop.sync())[made] == ("held", "contact-archived")


def test_contact_merged_while_its_answer_was_lost(tmp_path: Path) -> None:
    shop = Rehearsal(tmp_path)
    made = shop.order()
    shop.xero.faults.append(CutOff(kind="lose", method="PUT", path="/Contacts$"))
    failure(shop)
    shop.xero.faults.clear()
    into = shop.xero.add_contact("Her firm")
    shop.xero.merge_contact(contact(shop), into)

    shop.sync()

    assert sent(shop)[made][0].contact_id == into


def test_archived_contact_is_held_until_it_is_restored(shop: Rehearsal) -> None:
    shop.xero.archive_contact(contact(shop))
    made = order(shop)
    for _ in range(2):
        assert documents(shop.sync())[made] == ("held", "contact-archived")
    shop.xero.restore_contact(contact(shop))
    shop.sync()
    assert sent(shop)[made][0].contact_id == contact(shop)


@pytest.mark.parametrize(
    "words",
    [
        "The specified contact could not be found",
        "An existing Contact with the specified ContactID could not be found",
    ],
)
def test_contact_that_xero_no_longer_knows_is_matched_anew(shop: Rehearsal, words: str) -> None:
    lost = shop.xero.contacts[contact(shop)]
    shop.xero.contacts.put(
        replace(lost, name="Gone", first_name="", last_name="", email="", contact_number="")
    )
    handle = shop.xero.handle

    def refuse(request: Request) -> Response:
        if request.method != "PUT" or lost.id not in request.get_data(as_text=True):
            return handle(request)
        error = {"HasErrors": True, "ValidationErrors": [{"Message": words}]}
        return Response(json.dumps({"Invoices": [error]}), content_type="application/json")

    shop.xero.handle = refuse  # type: ignore[method-assign]
    order(shop)
    held = only(shop.sync())
    assert (held.state, held.reason) == (DocumentState.HELD, "contact-missing")
    assert "matches the person anew" in held.hint
    del shop.xero.handle
    before = len(shop.xero.contacts)
    shop.sync()
    assert len(shop.xero.contacts) == before + 1
