"""What the pipeline relies on of every ledger: payments, credits and refunds, and taking back."""

from decimal import Decimal
from typing import Any

from invoicesync_cli.load.standing import StandingDocument, StandingMoney
from invoicesync_cli.model import (
    DocumentKind,
    LedgerId,
)
from tests.kits.adapters import Adapter
from tests.kits.qbo_faults import apply_by_hand


def test_payment_goes_onto_its_invoice(adapter: Adapter) -> None:
    draft, invoice = adapter.invoice()
    payment = adapter.money(draft, invoice, "60.00")
    name = adapter.ledger.payment_name(invoice, payment.reference)

    (made,) = adapter.send("payment", [(payment, None)], [name])

    assert made.id
    (found,) = adapter.ledger.payments_on([invoice])
    assert (found.id, found.reference, found.amount) == (made.id, "ch_1", Decimal("60.00"))
    assert found.alive
    assert adapter.ledger.invoices([invoice])[invoice].due == Decimal("40.00")


def test_payments_of_a_batch_are_told_apart(adapter: Adapter) -> None:
    draft, invoice = adapter.invoice()
    parts = [
        adapter.money(draft, invoice, amount, reference=reference)
        for amount, reference in (("25.00", "ch_a"), ("75.00", "ch_b"))
    ]
    names = [adapter.ledger.payment_name(invoice, part.reference) for part in parts]
    sent = adapter.send("payment", [(part, None) for part in parts], names)

    found = {item.id: item.amount for item in adapter.ledger.payments_on([invoice])}
    assert [found[item.id] for item in sent if item.id] == [Decimal("25.00"), Decimal("75.00")]
    assert adapter.ledger.invoices([invoice])[invoice].due == 0


def test_payments_of_several_invoices_are_read_together(adapter: Adapter) -> None:
    contact = adapter.contact()
    made = [adapter.invoice(contact=contact) for _ in range(3)]
    for place, (draft, invoice) in enumerate(made[:2], 1):
        payment = adapter.money(draft, invoice, f"{place}.00", reference=f"ch_{place}")
        name = adapter.ledger.payment_name(invoice, payment.reference)
        adapter.send("payment", [(payment, None)], [name])

    found = adapter.ledger.payments_on([invoice for _, invoice in made])

    assert {item.target: item.amount for item in found} == {
        made[0][1]: Decimal("1.00"),
        made[1][1]: Decimal("2.00"),
    }


def test_too_much_money_is_refused_or_reported(adapter: Adapter) -> None:
    draft, invoice = adapter.invoice()
    payment = adapter.money(draft, invoice, "100.01")
    name = adapter.ledger.payment_name(invoice, payment.reference)
    (sent,) = adapter.send("payment", [(payment, None)], [name])
    on = [item.amount for item in adapter.ledger.payments_on([invoice])]
    if sent.id is None:
        assert (bool(sent.words), on) == (True, [])
    else:
        assert (sent.unapplied, on) == (Decimal("0.01"), [Decimal("100.00")])


def test_credit_is_made_found_and_put_onto_its_invoice(adapter: Adapter) -> None:
    apply_by_hand(adapter.rehearsal.qbo)
    draft, invoice = adapter.invoice()
    credit = adapter.note(draft, invoice, "20.00", DocumentKind.CREDIT)
    (made,) = adapter.send("note", [credit], ["CR-9"])

    assert made.id
    assert made.total == Decimal("20.00")
    (found,) = adapter.ledger.find_notes(["CR-9", "CR-10"])
    assert (found.id, found.number, found.left) == (made.id, "CR-9", Decimal("20.00"))
    assert found.reference == draft.reference
    assert adapter.ledger.note(made.id) == found

    (put,) = adapter.send(f"allocation/{made.id}", [credit], [made.id])

    assert put.id
    assert adapter.ledger.invoices([invoice])[invoice].due == Decimal("80.00")
    after = adapter.ledger.note(made.id)
    assert after
    assert after.left == 0


def test_a_payment_that_was_sent_twice_is_found_the_older_one_first(adapter: Adapter) -> None:
    draft, invoice = adapter.invoice()
    twice, once = (
        adapter.money(draft, invoice, amount, reference=reference)
        for amount, reference in (("25.00", "txn-1"), ("10.00", "txn-2"))
    )
    name = adapter.ledger.payment_name(invoice, twice.reference)
    (first,) = adapter.send("payment", [(twice, None)], [name])
    adapter.send("payment", [(once, None)], [adapter.ledger.payment_name(invoice, "txn-2")])
    elements = [("payment", (twice, None)), ("payment", (once, None))]
    before = adapter.ledger.usage.calls
    assert all(len(found) < 2 for found in adapter.ledger.alike(elements))
    assert adapter.ledger.usage.calls == before + 1
    adapter.rehearsal.ticker.pass_time(2)
    (second,) = adapter.send("payment", [(twice, None)], [name])

    found, other = adapter.ledger.alike(elements)

    assert found == [first.id, second.id]
    assert len(other) < 2


def test_what_stands_is_taken_back_from_the_top(adapter: Adapter) -> None:
    """Everything that is on an invoice stands in one answer, whoever has put it there, and each of
    it can be taken back once nothing is on it."""
    apply_by_hand(adapter.rehearsal.qbo)
    draft, invoice = adapter.invoice()
    payment = adapter.money(draft, invoice, "60.00")
    name = adapter.ledger.payment_name(invoice, payment.reference)
    (paid,) = adapter.send("payment", [(payment, None)], [name])
    credit = adapter.note(draft, invoice, "20.00", DocumentKind.CREDIT)
    (note,) = adapter.send("note", [credit], ["CR-9"])
    assert note.id
    assert paid.id
    adapter.send(f"allocation/{note.id}", [credit], [note.id])
    adapter.box.pay(invoice, "5.00")

    there = adapter.ledger.standing([invoice], [note.id], [])

    stands, its_note = there.documents[invoice], there.documents[note.id]
    assert (stands.alive, its_note.alive) == (True, True)
    assert (stands.total, stands.left) == (Decimal(100), Decimal(15))
    assert (its_note.total, its_note.left) == (Decimal(20), Decimal(0))
    on = {money.on[invoice]: money for money in there.money.values() if invoice in money.on}
    assert on.keys() == {60, 20, 5}
    assert (on[Decimal(60)].id, on[Decimal(20)].note) == (paid.id, note.id)

    phases: dict[str, list[StandingDocument | StandingMoney]] = {
        "undo/payment": [on[Decimal(60)], on[Decimal(5)]],
        "undo/allocation": [on[Decimal(20)]],
        "undo/note": [its_note],
        "undo/invoice": [stands],
    }
    for kind in phases:
        now = adapter.ledger.standing([invoice], [note.id], [item.id for item in on.values()])
        fresh: dict[LedgerId, Any] = {**now.documents, **now.money}
        things = [fresh[item.id] for item in phases[kind]]
        sent = adapter.send(kind, things, [item.id for item in things])
        assert [(item.id, item.removed) for item in sent] == [(item.id, True) for item in things]
    after = adapter.ledger.standing([invoice], [note.id], [paid.id])
    assert not any(item.alive for item in after.documents.values())
    assert not any(item.alive for item in after.money.values())


def test_what_is_gone_cannot_be_taken_back_again(adapter: Adapter) -> None:
    _, invoice = adapter.invoice()
    stands = adapter.ledger.standing([invoice], [], []).documents[invoice]
    adapter.box.void_invoice(invoice)

    (sent,) = adapter.send("undo/invoice", [stands], [invoice])

    assert (sent.removed, sent.id) == (False, None)


def test_refund_pays_out_what_the_ledger_declares(adapter: Adapter) -> None:
    draft, invoice = adapter.invoice()
    payment = adapter.money(draft, invoice, "100.00")
    adapter.send("payment", [(payment, None)], [adapter.ledger.payment_name(invoice, "ch_1")])
    refund = adapter.note(draft, invoice, "30.00", DocumentKind.REFUND)

    if adapter.can.refunds_whole:
        (made,) = adapter.send("refund", [refund], ["RF-9"])
    else:
        (made,) = adapter.send("note", [refund], ["RF-9"])
        assert made.id
        name = adapter.ledger.payment_name(made.id, refund.reference)
        adapter.send("payment", [(refund, made.id)], [name])

    assert made.id
    (found,) = adapter.ledger.find_notes(["RF-9"])
    assert (found.id, found.total, found.left) == (made.id, Decimal("30.00"), Decimal("0.00"))


def test_note_that_is_not_there(adapter: Adapter) -> None:
    assert adapter.ledger.note(adapter.kit.missing) is None
