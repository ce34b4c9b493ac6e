"""One contract for every ledger: what the pipeline relies on, shown on each adapter alike.

Where ledgers differ they declare it, and the test asks what is declared, never which ledger it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.config import load
from invoicesync_cli.errors import ConfigError, TryLater
from invoicesync_cli.http.responses import ServiceRefused
from invoicesync_cli.load.found import LedgerChanges, LedgerCreditNote, LedgerInvoice
from invoicesync_cli.load.ledger import Capabilities, Ledger, WriteResult
from invoicesync_cli.load.standing import StandingDocument, StandingMoney, Standings
from invoicesync_cli.model import (
    ContactQuery,
    CreditNote,
    DocumentKind,
    Draft,
    Invoice,
    KeapContact,
    LedgerId,
    NewContact,
    NewItem,
    PaymentDraft,
    PersonId,
)
from invoicesync_cli.sync.preflight import Preflight
from invoicesync_cli.transform.contacts import contact_query
from invoicesync_cli.transform.invoice import make_draft
from invoicesync_cli.transform.settings import DraftSettings
from invoicesync_cli.vendors import ledgers
from invoicesync_sandbox.keap import Item
from tests.kits.ledger_changes import changes_since
from tests.kits.ledgers import LedgerKit, box, kit
from tests.kits.qbo_faults import apply_by_hand
from tests.kits.rehearsal import Rehearsal


@dataclass
class Adapter:
    """An adapter that is signed in to its sandbox, with the demo ledger behind it."""

    rehearsal: Rehearsal
    ledger: Ledger
    rules: DraftSettings
    orders: Any
    keys: int = 0

    @property
    def kit(self) -> LedgerKit:
        """What is peculiar to this ledger's service."""
        return kit(self.rehearsal)

    @property
    def box(self) -> Any:
        """The simulated service."""
        return box(self.rehearsal)

    @property
    def can(self) -> Capabilities:
        """What this ledger declares."""
        return self.ledger.capabilities

    def send(self, kind: str, payloads: Sequence[Any], names: Sequence[str]) -> list[WriteResult]:
        """A batch under a key of its own."""
        self.keys += 1
        return self.again(kind, payloads, names)

    def again(self, kind: str, payloads: Sequence[Any], names: Sequence[str]) -> list[WriteResult]:
        """A batch under the key of the last one."""
        body = self.ledger.body(kind, payloads)
        return self.ledger.send(kind, body, f"key-{self.keys}", names)

    def person(self, name: str = "Ann Other", number: str = "keap-77", **more: Any) -> NewContact:
        """A contact to be made."""
        first, _, last = name.partition(" ")
        fields: dict[str, Any] = {
            "email": "ann@other.example",
            "phone": "01 234",
            "address": replace(KeapContact(PersonId("1")).billing, line1="1 Row", city="Leeds"),
            "currency": self.rules.keap_currency,
        }
        return NewContact(
            person_id=PersonId(number.removeprefix("keap-")),
            name=name,
            number=number,
            first_name=first,
            last_name=last,
            **(fields | more),
        )

    def contact(self, name: str = "Ann Other", number: str = "keap-77") -> LedgerId:
        """The id of a contact that is made now."""
        (made,) = self.send("contact", [self.person(name, number, email="")], [name])
        assert made.id
        return made.id

    def draft(self, *items: Item, contact: LedgerId) -> Draft:
        """The draft of a new order in Keap."""
        return self.drafted(self.order(*items), contact)

    def order(self, *items: Item) -> Invoice:
        """A new order in Keap, as read from there."""
        (found,) = self.orders([self.rehearsal.order(*items)])
        assert found.invoice
        invoice: Invoice = found.invoice
        return invoice

    def drafted(self, invoice: Invoice, contact: LedgerId) -> Draft:
        """The draft of an order."""
        return make_draft(invoice, [], self.rules, []).with_contact(contact)

    def invoice(self, *items: Item, contact: LedgerId | None = None) -> tuple[Draft, LedgerId]:
        """An invoice that is made now."""
        draft = self.draft(*items, contact=contact or self.contact())
        (made,) = self.send("invoice", [draft], [draft.number])
        assert made.id, made.words
        return draft, made.id

    def money(self, draft: Draft, invoice: LedgerId, amount: str, **more: Any) -> PaymentDraft:
        """Money on an invoice."""
        account = self.rules.payable(self.rules.config.payments.account)
        fields: dict[str, Any] = {"kind": DocumentKind.PAYMENT, "account": account, "note": None}
        return PaymentDraft(
            key="9",
            order_id=draft.order_id,
            invoice_id=draft.invoice_id,
            payment_id=more.pop("payment_id", "9"),
            date=draft.date,
            amount=Decimal(amount),
            currency=draft.currency,
            reference=more.pop("reference", "ch_1"),
            invoice=invoice,
            contact_id=draft.contact_id or LedgerId(""),
            **(fields | more),
        )

    def note(
        self, draft: Draft, invoice: LedgerId, amount: str, kind: DocumentKind
    ) -> PaymentDraft:
        """A credit or a refund of an untaxed invoice."""
        routing, ledger = self.rules.ledger.items, self.rules.ledger
        credit = kind is DocumentKind.CREDIT
        item = (routing.default or routing.unmatched).id if routing else ""
        note = CreditNote(
            number="CR-9" if credit else "RF-9",
            contact_id=draft.contact_id or LedgerId(""),
            account=ledger.discount_account if credit else ledger.account,
            tax_code=ledger.untaxed.code,
            net=Decimal(amount),
            tax=Decimal("0.00"),
            description="Came broken",
            item_code=item,
        )
        account = None if credit else self.rules.payable(self.rules.config.payments.account)
        return self.money(draft, invoice, amount, kind=kind, note=note, account=account)


@pytest.fixture(params=ledgers())
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Adapter]:
    rehearsal = Rehearsal(tmp_path, to=request.param, **{"sync.mode": "invoices-and-payments"})
    world = Workspace(rehearsal.environ, rehearsal.network)
    with world.run(Call(), {}, dry_run=False) as deps:
        setup = Preflight(deps.state, deps.keap, deps.ledger, deps.loaded, deps.now)
        yield Adapter(rehearsal, deps.ledger, setup.rules(), deps.keap.orders_by_id)


def candle(price: str = "100.00") -> Item:
    return Item("PRODUCT", price, name="Candle", sku="TIL")


# --- lists and settings ---------------------------------------------------------------------------


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


def test_account_that_the_ledger_does_not_have_is_told_with_its_line(adapter: Adapter) -> None:
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


# --- contacts -------------------------------------------------------------------------------------


def test_every_contact_is_given_archived_ones_too(adapter: Adapter) -> None:
    found = {contact.name: contact for contact in adapter.ledger.contacts()}

    assert found["Alice Baker"].email == "alice@example.com"
    assert (found["Alice Baker"].first_name, found["Alice Baker"].last_name) == ("Alice", "Baker")
    assert found["Frank Green"].archived
    assert not found["Alice Baker"].archived


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


# --- invoices -----------------------------------------------------------------------------------


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


# --- money --------------------------------------------------------------------------------------


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


def test_too_much_money_is_refused_or_told(adapter: Adapter) -> None:
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


# --- what bears our marker -----------------------------------------------------------------------


def test_everything_with_a_marker_is_found_whatever_became_of_it(adapter: Adapter) -> None:
    contact = adapter.contact()
    draft, invoice = adapter.invoice(contact=contact)
    other, voided = adapter.invoice(contact=contact)
    adapter.send("note", [adapter.note(draft, invoice, "20.00", DocumentKind.CREDIT)], ["CR-9"])
    adapter.box.void_invoice(voided)

    for since in (None, draft.date):
        found = list(adapter.ledger.marked(since))
        forms = {item.reference: (item.id, item.alive) for item in found if is_form(item)}
        assert forms == {draft.reference: (invoice, True), other.reference: (voided, False)}
        assert [(item.number, item.reference) for item in found if not is_form(item)] == [
            ("CR-9", draft.reference)
        ]


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

    found = {item.id for item in adapter.ledger.marked(None)}

    assert found == {ident for _, ident in ours}


def test_a_ledger_without_anything_of_ours_is_asked_once(adapter: Adapter) -> None:
    """The demo ledger has documents, only none of ours."""
    before = adapter.ledger.usage.calls
    assert list(adapter.ledger.marked(None)) == []
    assert adapter.ledger.usage.calls == before + 1


# --- whole lists ---------------------------------------------------------------------------------


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
        assert list(adapter.ledger.listed_by_id(item.kind, [item.id, missing])) == [item]
        assert list(adapter.ledger.listed_by_id(item.kind, [])) == []


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


# --- what has changed ----------------------------------------------------------------------------


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


# --- what is declared ---------------------------------------------------------------------------


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
