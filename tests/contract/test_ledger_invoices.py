"""What the pipeline relies on of every ledger: invoices, sent and found."""

from decimal import Decimal

import pytest

from invoicesync_cli.errors import TryLater
from invoicesync_cli.http.responses import ServiceRefused
from invoicesync_cli.load.standing import Standings
from invoicesync_cli.model import (
    LedgerId,
)
from invoicesync_sandbox.keap import Item
from tests.kits.adapters import Adapter


def candle(price: str = "100.00") -> Item:
    return Item("PRODUCT", price, name="Candle", sku="TIL")


def test_invoice_is_made_with_the_expected_total(adapter: Adapter) -> None:
    contact = adapter.contact()
    draft = adapter.draft(candle(), Item("TAX", "20.00", name="VAT"), contact=contact)

    (made,) = adapter.send("invoice", [draft], [draft.number])

    assert (made.total, made.tax) == (draft.expected_total, draft.expected_tax)
    assert made.id
    found = adapter.ledger.invoices([made.id])[made.id]
    assert (found.number, found.reference) == (draft.number, draft.reference)
    assert (found.total, found.tax) == (Decimal("120.00"), Decimal("20.00"))
    assert found.contact_id == contact
    assert found.alive
    assert found.approved == adapter.ledger.approves
    assert found.due == found.total


def test_same_draft_gives_the_same_bytes(adapter: Adapter) -> None:
    draft = adapter.draft(candle(), contact=LedgerId("7"))
    assert adapter.ledger.body("invoice", [draft]) == adapter.ledger.body("invoice", [draft])


def test_invoices_are_found_by_number(adapter: Adapter) -> None:
    draft, ident = adapter.invoice()
    found = adapter.ledger.find_invoices([draft.number, "no-such-number", 'it\'s "odd"'])
    assert {number: item.id for number, item in found.items()} == {draft.number: ident}


def test_many_are_found_in_one_look(adapter: Adapter) -> None:
    contact = adapter.contact()
    drafts = [adapter.draft(candle(), contact=contact) for _ in range(5)]
    made = adapter.send("invoice", drafts, [draft.number for draft in drafts])
    numbers = [draft.number for draft in drafts] + [f"missing-{place}" for place in range(500)]

    found = adapter.ledger.find_invoices(numbers)

    assert [found[draft.number].id for draft in drafts] == [sent.id for sent in made]
    assert len(found) == 5


def test_nothing_is_asked_for_nothing(adapter: Adapter) -> None:
    before = adapter.ledger.usage.calls
    assert adapter.ledger.find_invoices([]) == {}
    assert adapter.ledger.invoices([]) == {}
    assert adapter.ledger.find_notes([]) == []
    assert adapter.ledger.alike([]) == []
    assert adapter.ledger.payments_on([]) == []
    assert adapter.ledger.standing([], [], []) == Standings({}, {})
    assert adapter.ledger.usage.calls == before


def test_voided_invoice_is_not_alive_and_a_deleted_one_is_not_either(adapter: Adapter) -> None:
    draft, ident = adapter.invoice()
    ledger = adapter.box
    ledger.void_invoice(ident)
    assert not adapter.ledger.invoices([ident])[ident].alive
    assert not adapter.ledger.find_invoices([draft.number])[draft.number].alive


def test_one_bad_element_does_not_spoil_the_others(adapter: Adapter) -> None:
    contact = adapter.contact()
    good, bad, other = (adapter.draft(candle(), contact=contact) for _ in range(3))
    bad = bad.with_contact(adapter.kit.missing)

    sent = adapter.send("invoice", [good, bad, other], [good.number, bad.number, other.number])

    assert [bool(item.id) for item in sent] == [True, False, True]
    assert sent[1].words
    assert not sent[1].unclear
    assert set(adapter.ledger.find_invoices([good.number, bad.number, other.number])) == {
        good.number,
        other.number,
    }


def test_answers_are_told_apart_by_element(adapter: Adapter) -> None:
    contact = adapter.contact()
    drafts = [adapter.draft(candle(f"{place}.00"), contact=contact) for place in range(1, 8)]
    sent = adapter.send("invoice", drafts, [draft.number for draft in drafts])
    assert [item.total for item in sent] == [draft.expected_total for draft in drafts]


def test_number_that_is_there_is_taken_or_declared_not_to_be(adapter: Adapter) -> None:
    draft, ident = adapter.invoice()
    (again,) = adapter.send("invoice", [draft], [draft.number])
    if again.id is None:
        assert again.taken
    else:
        assert not adapter.can.numbers_unique
    assert adapter.ledger.find_invoices([draft.number])[draft.number].id in {ident, again.id}


def test_same_key_books_once(adapter: Adapter) -> None:
    draft, ident = adapter.invoice()
    before = len(adapter.box.invoices)
    (again,) = adapter.again("invoice", [draft], [draft.number])
    assert again.id == ident
    assert len(adapter.box.invoices) == before


def test_lost_answer_is_repeated_under_its_key(adapter: Adapter) -> None:
    draft = adapter.draft(candle(), contact=adapter.contact())
    adapter.kit.lose(adapter.rehearsal)

    (made,) = adapter.send("invoice", [draft], [draft.number])

    assert made.id
    assert list(adapter.ledger.find_invoices([draft.number])) == [draft.number]


def test_answer_of_somebody_else_is_no_outcome(adapter: Adapter) -> None:
    draft = adapter.draft(candle(), contact=adapter.contact())
    adapter.kit.answer(adapter.rehearsal, adapter.kit.nonsense, times=99)
    with pytest.raises(TryLater) as unreadable:
        adapter.send("invoice", [draft], [draft.number])
    assert unreadable.value.unknown


def test_empty_answer_is_no_outcome(adapter: Adapter) -> None:
    draft = adapter.draft(candle(), contact=adapter.contact())
    adapter.kit.answer(adapter.rehearsal, adapter.kit.empty)

    (made,) = adapter.send("invoice", [draft], [draft.number])

    assert made.id
    assert adapter.ledger.find_invoices([draft.number])[draft.number].id == made.id


@pytest.mark.off_spec
def test_body_that_cannot_be_read_is_refused_whole(adapter: Adapter) -> None:
    with pytest.raises(ServiceRefused) as refused:
        adapter.ledger.send("invoice", b"{nonsense", "key-nonsense", ["1"])
    assert refused.value.of_body
