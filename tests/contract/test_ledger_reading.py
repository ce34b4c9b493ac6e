"""What the pipeline relies on of every ledger: markers, whole lists, and what has changed."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from invoicesync_cli.load.found import LedgerChanges, LedgerCreditNote, LedgerInvoice
from invoicesync_cli.model import (
    DocumentKind,
    LedgerId,
)
from tests.kits.adapters import Adapter
from tests.kits.ledger_changes import changes_since
from tests.kits.qbo_faults import apply_by_hand


def test_everything_with_a_marker_is_found_whatever_became_of_it(adapter: Adapter) -> None:
    contact = adapter.contact()
    draft, invoice = adapter.invoice(contact=contact)
    other, voided = adapter.invoice(contact=contact)
    adapter.send("note", [adapter.note(draft, invoice, "20.00", DocumentKind.CREDIT)], ["CR-9"])
    adapter.box.void_invoice(voided)

    for since in (None, draft.date):
        found = list(adapter.ledger.marked(since, nobody))
        forms = {item.reference: (item.id, item.alive) for item in found if is_form(item)}
        assert forms == {draft.reference: (invoice, True), other.reference: (voided, False)}
        assert [(item.number, item.reference) for item in found if not is_form(item)] == [
            ("CR-9", draft.reference)
        ]


def nobody(_: LedgerId) -> bool:
    """No record knows anything."""
    return False


def is_form(found: LedgerInvoice | LedgerCreditNote) -> bool:
    """Whether it is an invoice, or a sales receipt."""
    return isinstance(found, LedgerInvoice)


def test_a_marker_is_found_among_thousands_of_documents(adapter: Adapter) -> None:
    """Whatever stands on which page: the oldest form is ours, and the newest."""
    contact = adapter.contact()
    ours = [adapter.invoice(contact=contact)]
    table = adapter.box.invoices
    other = next(
        row for row in table.values() if getattr(row, adapter.kit.number) == adapter.kit.older
    )
    for place in range(1300):
        names = {"id": adapter.kit.ident(500_000 + place), adapter.kit.number: f"S-{place}"}
        table.put(replace(other, **names))
    ours.append(adapter.invoice(contact=contact))

    found = {item.id for item in adapter.ledger.marked(None, nobody)}

    assert found == {ident for _, ident in ours}


def test_a_ledger_without_anything_of_ours_is_asked_once(adapter: Adapter) -> None:
    """The demo ledger has documents, only none of ours."""
    before = adapter.ledger.usage.calls
    assert list(adapter.ledger.marked(None, nobody)) == []
    assert adapter.ledger.usage.calls == before + 1


def test_a_period_is_listed_with_everything_in_it(adapter: Adapter) -> None:
    apply_by_hand(adapter.rehearsal.qbo)
    contact = adapter.contact()
    draft, invoice = adapter.invoice(contact=contact)
    _, voided = adapter.invoice(contact=contact)
    payment = adapter.money(draft, invoice, "60.00")
    name = adapter.ledger.payment_name(invoice, "ch_1")
    (paid,) = adapter.send("payment", [(payment, None)], [name])
    credit = adapter.note(draft, invoice, "20.00", DocumentKind.CREDIT)
    (noted,) = adapter.send("note", [credit], ["CR-9"])
    assert paid.id
    assert noted.id
    adapter.box.void_invoice(voided)
    by_hand = len(list(adapter.ledger.listed(None, draft.date - timedelta(days=1), money=True)))

    found = {item.id: item for item in adapter.ledger.listed(draft.date, draft.date, money=True)}

    assert found.keys() == {invoice, voided, paid.id, noted.id}
    sale, money, note = found[invoice], found[paid.id], found[noted.id]
    assert (sale.kind, sale.number, sale.order) == ("sale", draft.number, draft.order_id)
    assert (sale.total, sale.open, sale.date) == (Decimal("100.00"), Decimal("40.00"), draft.date)
    assert (sale.contact_id, sale.contact, sale.alive) == (contact, "Ann Other", True)
    assert not found[voided].alive
    assert (money.kind, money.reference, money.target) == ("payment", "ch_1", invoice)
    assert payment.account
    assert money.account_id == payment.account.id
    assert (note.kind, note.number, note.open) == ("note", "CR-9", Decimal("20.00"))
    sales = list(adapter.ledger.listed(draft.date, None, money=False))
    assert {item.id for item in sales} == {invoice, voided}
    assert by_hand > 0
    for item in (sale, money, note):
        missing = adapter.kit.missing
        assert list(adapter.ledger.listed_by_id({item.kind: [item.id, missing]})) == [item]
        assert list(adapter.ledger.listed_by_id({item.kind: []})) == []


def test_a_long_list_comes_in_large_pages(adapter: Adapter) -> None:
    _, invoice = adapter.invoice()
    table = adapter.box.invoices
    one = table[invoice]
    for place in range(2400):
        names = {"id": adapter.kit.ident(500_000 + place), adapter.kit.number: f"S-{place}"}
        table.put(replace(one, **names))
    before = adapter.ledger.usage.calls

    found = {item.id for item in adapter.ledger.listed(None, None, money=True)}

    assert len(found) > 2400
    assert adapter.ledger.usage.calls - before <= 7


def changed(adapter: Adapter, since: datetime) -> LedgerChanges:
    """What changed since, where the ledger can tell."""
    found = changes_since(adapter.ledger, since)
    if not found.complete:
        pytest.skip("this ledger is asked by id")
    return found


def later(adapter: Adapter) -> datetime:
    """An hour later, by the ledger's clock, with all that happened before out of sight."""
    adapter.rehearsal.ticker.pass_time(3600)
    since = changed(adapter, adapter.rehearsal.clock.now()).until
    adapter.rehearsal.ticker.pass_time(3600)
    return since


def test_nothing_has_changed(adapter: Adapter) -> None:
    adapter.invoice()
    since = later(adapter)
    before = adapter.ledger.usage.calls

    found = changed(adapter, since)

    assert (found.invoices, found.notes, found.payments, found.paid_by) == ({}, {}, {}, {})
    assert since < found.until <= adapter.rehearsal.clock.now()
    assert adapter.ledger.usage.calls - before <= 2


def test_voided_invoice_is_among_the_changes(adapter: Adapter) -> None:
    contact = adapter.contact()
    (_, kept), (_, voided) = (adapter.invoice(contact=contact) for _ in range(2))
    since = later(adapter)
    adapter.box.void_invoice(voided)

    found = changed(adapter, since)

    assert kept not in found.invoices
    there = found.invoices[voided]
    assert there is None or not there.alive


def test_payment_that_was_removed_is_told_from_one_that_was_not(adapter: Adapter) -> None:
    draft, invoice = adapter.invoice()
    parts = [adapter.money(draft, invoice, "25.00", reference=f"ch_{place}") for place in range(2)]
    names = [adapter.ledger.payment_name(invoice, part.reference) for part in parts]
    kept, removed = (
        item.id for item in adapter.send("payment", [(part, None) for part in parts], names)
    )
    assert kept
    assert removed
    since = later(adapter)
    adapter.box.delete_payment(removed)

    found = changed(adapter, since)

    assert found.removed(removed, invoice)
    assert not found.removed(kept, invoice)
    assert not found.removed(kept, LedgerId("another"))


@pytest.mark.parametrize("kind", [DocumentKind.CREDIT, DocumentKind.REFUND])
def test_credit_note_whose_money_was_taken_back_has_something_left(
    adapter: Adapter, kind: DocumentKind
) -> None:
    if adapter.can.refunds_whole:
        pytest.skip("a refund is one document here, a credit is put on by a payment")
    draft, invoice = adapter.invoice()
    money = adapter.note(draft, invoice, "20.00", kind)
    assert money.note
    (note,) = adapter.send("note", [money], [money.note.number])
    assert note.id
    if kind is DocumentKind.CREDIT:
        adapter.send(f"allocation/{note.id}", [money], [note.id])
    else:
        name = adapter.ledger.payment_name(note.id, money.reference)
        adapter.send("payment", [(money, note.id)], [name])
    since = later(adapter)
    adapter.kit.take_back(adapter.rehearsal, note.id, kind)

    there = changed(adapter, since).notes[note.id]

    assert there
    assert (there.alive, there.left) == (True, Decimal("20.00"))
