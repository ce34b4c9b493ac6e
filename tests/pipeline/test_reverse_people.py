"""Who buys, from the ledger to Keap: contacts are found before any is made (R9, the other way)."""

from pathlib import Path

import pytest

from invoicesync_cli.model import Reason
from tests.kits.rehearsal import Rehearsal
from tests.kits.reversing import ByHand, back, made_of, orders, rehearsal_of

pytestmark = pytest.mark.parametrize("to", ["xero", "qbo"])


@pytest.fixture
def r(tmp_path: Path, to: str) -> Rehearsal:
    return rehearsal_of(tmp_path, to)


@pytest.fixture
def hand(r: Rehearsal) -> ByHand:
    return ByHand(r)


def test_contacts_are_found_before_any_is_made(r: Rehearsal, hand: ByHand) -> None:
    mail = r.keap.add_contact(emails=("a@example.com", "Two@Example.com"), given_name="X")
    name = r.keap.add_contact(given_name="Ada", family_name="van Dyke", emails=("v@example.com",))
    third = hand.contact("Somebody else", email="two@example.com")
    display = hand.contact("Ada van Dyke")
    for who in (third, display):
        hand.invoice(who, ("Candle", "1", "10.00"))

    back(r)

    assert {order.contact_id for order in orders(r).values()} == {mail, name}
    assert len(r.keap.contacts) == 2


def test_a_pin_goes_before_everything(r: Rehearsal, hand: ByHand) -> None:
    mine = r.keap.add_contact(given_name="P", emails=("p@example.com",))
    r.keap.add_contact(given_name="Q", emails=("q@example.com",))
    jo = hand.contact("Jo", email="q@example.com")
    r.configure({"contacts.pins": {mine: jo}})
    hand.invoice(jo, ("Candle", "1", "10.00"))

    back(r)

    assert [order.contact_id for order in orders(r).values()] == [mine]


def test_several_contacts_are_held_and_judged_again(r: Rehearsal, hand: ByHand) -> None:
    for name in ("A", "B"):
        r.keap.add_contact(given_name=name, emails=("same@example.com",))
    invoice = hand.invoice(hand.contact("Jo", email="same@example.com"), ("Candle", "1", "10.00"))

    held = back(r)

    assert [item.reason for item in held.documents] == [Reason.CONTACT_AMBIGUOUS]
    assert held.exit_code == 3
    assert held.documents[0].ledger_id == invoice
    r.keap.edit_contact(102, emails=("other@example.com",))
    assert back(r).counts("invoice")["created"] == 1  # type: ignore[arg-type]
    assert back(r).exit_code == 0
    assert len(made_of(r, invoice)) == 1


def test_two_contacts_of_one_name_are_two_people(r: Rehearsal, hand: ByHand) -> None:
    first = hand.contact("Jo Smith", first="Jo", last="Smith")
    second = hand.contact("Jo Smith (Hull)", first="Jo", last="Smith")
    for who in (first, second):
        hand.invoice(who, ("Candle", "1", "10.00"))

    back(r)

    assert len(r.keap.contacts) == 2
    assert len({order.contact_id for order in orders(r).values()}) == 2


def test_what_is_held_and_goes_from_the_ledger_is_forgotten(r: Rehearsal, hand: ByHand) -> None:
    for name in ("A", "B"):
        r.keap.add_contact(given_name=name, emails=("same@example.com",))
    invoice = hand.invoice(hand.contact("Jo", email="same@example.com"), ("Candle", "1", "10.00"))
    assert back(r).exit_code == 3
    r.ticker.pass_time(3600)
    (r.qbo.delete_invoice if r.to == "qbo" else r.xero.void_invoice)(invoice)

    assert back(r).exit_code == 0

    with r.state() as state:
        assert state.sales_open() == []
