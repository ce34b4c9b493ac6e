"""Which note of a ledger is which credit or refund of Keap, after a lost state (R11, R16)."""

from decimal import Decimal
from typing import Any

import pytest

from invoicesync_cli.load.found import LedgerCreditNote
from invoicesync_cli.model import LedgerId, Payment
from invoicesync_cli.sync.payments.adopt import taken_up
from invoicesync_cli.transform.allocations import shares_of
from tests.kits.ledger_side import order, rules
from tests.kits.payment_verdicts import credit, refund

RULES = rules()


def note(
    number: str, total: str = "10.00", left: str = "0.00", *, alive: bool = True
) -> LedgerCreditNote:
    """A credit note of the order, as the ledger has it; its id is its number."""
    return LedgerCreditNote(
        id=LedgerId(number),
        number=number,
        reference="Keap order 812, invoice 811",
        total=Decimal(total),
        left=Decimal(left),
        alive=alive,
    )


def found(*notes: LedgerCreditNote, of: tuple[Payment, ...], **known: Any) -> list[str]:
    """Payment, note, state and reason of each record that is made."""
    wanted = order(*of, **known)
    records = taken_up(wanted, shares_of(wanted, RULES), notes, RULES.ledger, "run")
    documents = [record.document for record in records]
    return [
        f"{item.kind} {item.payment_id} {item.ledger_id} {item.state} {item.reason}".strip()
        for item in documents
    ]


BOTH = (credit("10", "4"), refund("10", "5", refund_of="1"))


@pytest.mark.parametrize("prefix", ["", "K-", "1-"])
def test_a_note_is_known_by_the_payment_in_its_number(prefix: str) -> None:
    """Under whatever prefix it was made, alone, on several orders, or made anew."""
    there = (note(f"{prefix}RF-5"), note(f"{prefix}CR-4-812-2"))
    assert found(*there, of=BOTH) == [
        f"credit 4 {prefix}CR-4-812-2 skipped duplicate-payment",
        f"refund 5 {prefix}RF-5 skipped duplicate-payment",
    ]


def test_a_note_of_another_payment_or_kind_is_not_taken() -> None:
    assert found(note("CR-5"), note("RF-4"), note("CR-44"), of=BOTH) == []


def test_a_renumbered_note_is_known_by_its_amount_and_taken_once() -> None:
    assert found(note("S-9"), of=(BOTH[0],)) == ["credit 4 S-9 skipped duplicate-payment"]
    assert found(note("S-9"), of=BOTH) == ["credit 4 S-9 skipped duplicate-payment"]
    assert found(note("S-9", "11.00"), of=BOTH) == []


def test_a_note_whose_money_has_not_moved_goes_on() -> None:
    assert found(note("CR-4", left="10.00"), of=BOTH) == ["credit 4 CR-4 new"]


def test_a_dead_note_is_not_made_again_unless_a_living_one_is_there() -> None:
    dead = note("CR-4", alive=False)
    assert found(dead, of=BOTH) == ["credit 4 CR-4 held changed-after-sync"]
    assert found(dead, note("CR-4-2"), of=BOTH) == ["credit 4 CR-4-2 skipped duplicate-payment"]


def test_a_note_of_another_amount_is_held() -> None:
    assert found(note("CR-4", "11.00"), of=BOTH) == ["credit 4 CR-4 held totals-differ"]


def test_what_has_a_record_is_left_alone() -> None:
    wanted = order(*BOTH)
    (share, _) = shares_of(wanted, RULES)
    known = {share.key: wanted.invoice}
    assert found(note("CR-4"), of=BOTH, known=known) == []
