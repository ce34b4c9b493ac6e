"""The state is lost, or an older copy is restored: what the ledger has is taken up by its marker.

Whatever has changed since, the prefix, the kind of number or a number in the ledger itself, nothing
is booked again (R1, R16).
"""

import shutil
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import Document, Kind, State
from invoicesync_cli.sandbox.keap import Item
from invoicesync_cli.sandbox.shop.generator import generate
from invoicesync_cli.sandbox.xero import XeroSwitches
from invoicesync_cli.sync import Result
from tests.rehearsal import Rehearsal, only

STATE = "state.sqlite3"
CANDLE = Item("PRODUCT", "100.00", name="Candle")


@pytest.fixture(params=["xero", "qbo"])
def r(request: pytest.FixtureRequest, tmp_path: Path) -> Rehearsal:
    """A rehearsal with each ledger, payments and all."""
    settings = {"sync.mode": "invoices-and-payments"}
    return Rehearsal(tmp_path / "home", to=request.param, **settings)


def ledger(r: Rehearsal) -> Any:
    """What a person sees and does in the ledger itself."""
    return getattr(r, r.to)


def lose_state(r: Rehearsal) -> None:
    """The home folder is new, the ledger is not."""
    for path in r.home.glob(f"{STATE}*"):
        path.unlink()


def copied(r: Rehearsal, where: Path) -> Path:
    """A copy of the state file as it is now."""
    with r.state() as state:
        state.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copy(r.home / STATE, where))


def books(r: Rehearsal) -> Counter[str]:
    """Everything that is alive in the ledger, in a form that shows what came or went."""
    if r.to == "xero":
        tables: list[Any] = [r.xero.invoices, r.xero.credit_notes, r.xero.payments]
        rows = [row for table in tables for row in table.values()]
        living = [row for row in rows if row.status not in {"VOIDED", "DELETED"}]
        people: Any = r.xero.contacts.values()
        names = [f"{type(row).__name__} {row.id}" for row in living]
    else:
        living = [
            row
            for table in r.qbo.transactions.values()
            for row in table.values()
            if row.status == "live"
        ]
        people = r.qbo.customers.values()
        names = [f"{type(row).__name__} {row.id} {row.total}" for row in living]
    return Counter([*names, *(f"person {row.id}" for row in people)])


def writes(r: Rehearsal) -> int:
    """How many calls have written something."""
    if r.to == "xero":
        return len(r.xero.writes())
    return sum(b'"operation"' in call.body for call in r.qbo.calls)


def shop(r: Rehearsal) -> dict[str, str]:
    """Orders with every kind of money, by what they are for."""
    keap = r.keap
    plain, paid, credited, refunded = (r.order(CANDLE) for _ in range(4))
    for amount in ("25.00", "25.00", "50.00"):
        keap.add_payment(order_id=paid, amount=amount)
    keap.add_payment(order_id=credited, amount="30.00", type="Credit")
    keap.add_refund(keap.add_payment(order_id=refunded, amount="100.00").id, "40.00")
    return {"plain": plain, "paid": paid, "credited": credited, "refunded": refunded}


def of_kind(result: Result, kind: Kind) -> list[Document]:
    """The documents of a kind."""
    return [item for item in result.documents if item.kind is kind]


def verdicts(result: Result, kind: Kind) -> Counter[tuple[str, str]]:
    """State and reason of what a run tells of a kind."""
    return Counter((str(item.state), item.reason) for item in of_kind(result, kind))


SINCE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a prefix": {"invoices.number_prefix": "K-"},
    "invoice ids": {"invoices.number": "invoice"},
}
"""What was changed in the config since the documents were made."""


@pytest.mark.parametrize("since", SINCE)
def test_a_lost_state_books_nothing_again(r: Rehearsal, since: str) -> None:
    shop(r)
    r.order(CANDLE, invoice_id=7001)
    r.sync()
    before, written = books(r), writes(r)
    lose_state(r)
    r.configure(SINCE[since])

    result = r.sync()
    later = r.sync()

    assert verdicts(result, Kind.INVOICE) == {("skipped", "already-synced"): 5}
    assert verdicts(result, Kind.PAYMENT) == {("skipped", "duplicate-payment"): 4}
    assert verdicts(result, Kind.CREDIT) == {("skipped", "duplicate-payment"): 1}
    assert verdicts(result, Kind.REFUND) == {("skipped", "duplicate-payment"): 1}
    assert all(item.ledger_id for item in result.documents)
    assert result.exit_code == ExitCode.OK
    assert later.documents == []
    assert books(r) == before
    assert writes(r) == written


def test_a_new_order_goes_out_under_the_new_prefix(r: Rehearsal) -> None:
    r.order(CANDLE)
    r.sync()
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})
    order = r.order(CANDLE)

    result = r.sync()

    found = {item.number: item.state for item in of_kind(result, Kind.INVOICE)}
    assert found == {"1001": State.SKIPPED, f"K-{order}": State.CREATED}


def renumber(r: Rehearsal, invoice: str, number: str) -> None:
    """Give an invoice another number by hand."""
    name = {"xero": "InvoiceNumber", "qbo": "DocNumber"}[r.to]
    ledger(r).edit_invoice(invoice, **{name: number})


def test_a_document_renumbered_by_hand_is_found_by_its_marker(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")
    made = only(r.sync())
    renumber(r, made.ledger_id, "S-77")
    before = books(r)
    lose_state(r)

    document = only(r.sync())

    assert (document.reason, document.number) == ("already-synced", "S-77")
    assert document.ledger_id == made.ledger_id
    r.sync()
    assert books(r) == before


def test_nobody_is_made_a_contact_again(r: Rehearsal) -> None:
    """Who is called otherwise in Keap now fits nobody, and needs no contact for what is there."""
    person = r.person()
    r.order(CANDLE, contact=person)
    r.sync()
    r.keap.edit_contact(person, given_name="New", family_name="Name", emails=("new@example.com",))
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    assert only(r.sync()).reason == "already-synced"
    assert books(r) == before


def lock(r: Rehearsal, day: date) -> None:
    """Close the books up to a day."""
    if r.to == "xero":
        r.xero.set_lock_dates(period=day)
    else:
        r.qbo.set_preferences(close_date=day)


def test_what_lies_in_a_locked_period_is_taken_up(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")
    made = only(r.sync())
    lose_state(r)
    lock(r, r.clock.now().date())

    result = r.sync()

    assert only(result).ledger_id == made.ledger_id
    assert verdicts(result, Kind.INVOICE) == {("skipped", "already-synced"): 1}
    assert verdicts(result, Kind.PAYMENT) == {("skipped", "duplicate-payment"): 1}
    assert result.exit_code == ExitCode.OK


def test_what_would_not_be_sent_any_more_is_taken_up(r: Rehearsal) -> None:
    r.order(CANDLE)
    made = only(r.sync())
    lose_state(r)
    r.configure({"sync.mode": "paid-only"})

    document = only(r.sync())

    assert (document.reason, document.ledger_id) == ("already-synced", made.ledger_id)


def test_totals_that_differ_are_shown(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    made = only(r.sync())
    lose_state(r)
    r.keap.edit_order(order, items=(Item("PRODUCT", "120.00", name="Candle"),))

    document = only(r.sync())

    assert (document.state, document.reason) == (State.HELD, "totals-differ")
    assert document.ledger_id == made.ledger_id
    assert "100.00" in document.message
    assert "120.00" in document.message


def test_without_leave_to_skip_a_person_is_asked(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.sync()
    before = books(r)
    lose_state(r)
    r.configure({"invoices.skip_synced": False, "invoices.number_prefix": "K-"})

    document = only(r.sync())

    assert (document.state, document.reason) == (State.HELD, "number-taken")
    assert order in document.message
    assert books(r) == before


def test_a_dry_run_tells_what_is_there(r: Rehearsal) -> None:
    shop(r)
    r.sync()
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    result = r.sync(dry_run=True)

    assert verdicts(result, Kind.INVOICE) == {("skipped", "already-synced"): 4}


def test_a_named_invoice_is_taken_up(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.order(CANDLE)
    r.sync()
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    document = only(r.sync(command="sync-id", ids=(order,)))

    assert document.reason == "already-synced"
    assert books(r) == before


def test_a_limited_run_takes_up_what_is_there_and_goes_on(r: Rehearsal) -> None:
    known = [r.order(CANDLE) for _ in range(3)]
    r.sync()
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-", "sync.max_invoices": 1})
    new = [r.order(CANDLE) for _ in range(2)]
    numbers = []
    for _ in range(4):
        numbers += [
            item.number for item in of_kind(r.sync(), Kind.INVOICE) if item.state is State.CREATED
        ]
    assert numbers == [f"K-{order}" for order in new]
    assert not set(known) & set(new)


def void(r: Rehearsal, invoice: str) -> None:
    ledger(r).void_invoice(invoice)


def test_a_voided_document_is_not_made_again_until_that_is_asked_for(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    made = only(r.sync())
    void(r, made.ledger_id)
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    document = only(r.sync())

    assert (document.state, document.reason) == (State.HELD, "changed-after-sync")
    assert "--recreate" in document.hint
    assert books(r) == before
    again = only(r.sync(command="sync-id", ids=(order,), recreate=True))
    assert (again.state, again.number) == (State.CREATED, f"K-{order}")


def test_two_documents_of_one_order_are_held_with_both_numbers(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    made = only(r.sync())
    lose_state(r)
    twin = copy_of(r, made.ledger_id, "S-77")
    r.configure({"invoices.number_prefix": "K-"})

    document = only(r.sync())

    assert (document.state, document.reason) == (State.HELD, "ambiguous")
    assert order in document.message
    assert "S-77" in document.message
    void(r, twin)
    assert only(r.sync()).ledger_id == made.ledger_id


def copy_of(r: Rehearsal, invoice: str, number: str) -> str:
    """A copy of an invoice, as a person makes one."""
    row = ledger(r).invoices[invoice]
    if r.to == "xero":
        line = {
            "Description": "Candle",
            "Quantity": 1,
            "UnitAmount": "100.00",
            "AccountCode": "200",
            "TaxType": row.lines[0].tax_type,
        }
        fields = {"InvoiceNumber": number, "Reference": row.reference, "DueDate": "2026-12-24"}
        return str(r.xero.add_invoice(row.contact_id, [line], **fields))
    twin = replace(row, id="9999", number=number)
    r.qbo.invoices.put(twin)
    return str(twin.id)


def test_a_refund_after_a_lost_state_is_booked(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    lose_state(r)
    r.sync()
    r.keap.add_refund(paid.id, "40.00")
    r.ticker.pass_time(86400)

    (document,) = of_kind(r.sync(), Kind.REFUND)

    assert (document.state, document.total) == (State.CREATED, Decimal("40.00"))


def test_an_edit_after_a_lost_state_is_noticed(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    lose_state(r)
    r.sync()
    r.keap.edit_payment(paid.id, amount="90.00")

    (document,) = of_kind(r.sync(), Kind.PAYMENT)

    assert (document.state, document.reason) == (State.HELD, "changed-after-sync")


def test_a_payment_removed_from_the_ledger_after_a_lost_state_is_noticed(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    lose_state(r)
    (payment,) = of_kind(r.sync(), Kind.PAYMENT)
    r.ticker.pass_time(3600)
    ledger(r).delete_payment(payment.ledger_id)
    r.ticker.pass_time(3600)

    (document,) = of_kind(r.sync(), Kind.PAYMENT)

    assert (document.state, document.reason) == (State.HELD, "changed-after-sync")


def test_an_invoice_voided_after_a_lost_state_is_noticed(r: Rehearsal) -> None:
    r.order(CANDLE)
    r.sync()
    lose_state(r)
    made = only(r.sync())
    r.ticker.pass_time(3600)
    void(r, made.ledger_id)
    r.ticker.pass_time(3600)

    assert only(r.sync()).reason == "changed-after-sync"


@pytest.mark.parametrize("since", SINCE)
def test_an_older_copy_of_the_state_books_nothing_again(
    r: Rehearsal, tmp_path: Path, since: str
) -> None:
    r.order(CANDLE)
    r.sync()
    backup = copied(r, tmp_path / "backup")
    r.ticker.pass_time(3600)
    shop(r)
    r.sync()
    before = books(r)
    lose_state(r)
    shutil.copy(backup, r.home / STATE)
    r.ticker.pass_time(3600)
    r.configure(SINCE[since])

    result = r.sync()
    r.ticker.pass_time(86400)
    r.sync()

    assert verdicts(result, Kind.INVOICE) == {("skipped", "already-synced"): 4}
    assert books(r) == before


def restored(r: Rehearsal, backup: Path) -> None:
    """The state file is that of the backup again, and an hour has gone by."""
    lose_state(r)
    shutil.copy(backup, r.home / STATE)
    r.ticker.pass_time(3600)


def test_a_refund_made_since_an_older_copy_is_not_made_again(r: Rehearsal, tmp_path: Path) -> None:
    """Its invoice is known, its credit note is not; nobody asks for more than that order."""
    order = r.order(CANDLE)
    paid = r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    backup = copied(r, tmp_path / "backup")
    r.ticker.pass_time(86400)
    r.keap.add_refund(paid.id, "40.00")
    r.sync()
    before = books(r)
    restored(r, backup)
    r.configure({"invoices.number_prefix": "K-"})

    result = r.sync(command="sync-id", ids=(order,))
    r.sync()

    assert verdicts(result, Kind.REFUND) == {("skipped", "duplicate-payment"): 1}
    assert books(r) == before


def test_an_order_made_since_an_older_copy_is_not_made_again_by_name(
    r: Rehearsal, tmp_path: Path
) -> None:
    r.order(CANDLE)
    r.sync()
    backup = copied(r, tmp_path / "backup")
    r.ticker.pass_time(3600)
    order = r.order(CANDLE)
    r.keap.add_payment(order_id=order, amount="100.00")
    r.sync()
    before = books(r)
    restored(r, backup)
    r.configure({"invoices.number_prefix": "K-"})

    result = r.sync(command="sync-id", ids=(order,))

    assert only(result).reason == "already-synced"
    assert books(r) == before


def test_a_payment_made_since_an_older_copy_is_not_made_again(r: Rehearsal, tmp_path: Path) -> None:
    """Its invoice is known, and open in the copy."""
    order = r.order(CANDLE)
    r.sync()
    backup = copied(r, tmp_path / "backup")
    r.ticker.pass_time(3600)
    paid = [r.keap.add_payment(order_id=order, amount=amount) for amount in ("25.00", "75.00")]
    r.sync()
    before = books(r)
    restored(r, backup)

    result = r.sync()

    assert verdicts(result, Kind.PAYMENT) == {("skipped", "duplicate-payment"): len(paid)}
    assert books(r) == before


def test_a_shared_payment_is_found_on_each_of_its_orders(r: Rehearsal) -> None:
    orders = [r.order(CANDLE) for _ in range(2)]
    shares = dict.fromkeys(orders, "100.00")
    r.keap.add_payment(order_ids=orders, amount="200.00", allocations=shares)
    r.sync()
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    result = r.sync()

    assert verdicts(result, Kind.PAYMENT) == {("skipped", "duplicate-payment"): 2}
    assert len({item.ledger_id for item in of_kind(result, Kind.PAYMENT)}) == 2
    assert books(r) == before


def test_a_document_made_anew_is_found_beside_the_one_that_was_voided(r: Rehearsal) -> None:
    order = r.order(CANDLE)
    void(r, only(r.sync()).ledger_id)
    r.ticker.pass_time(3600)
    r.sync()
    made = only(r.sync(command="sync-id", ids=(order,), recreate=True))
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    document = only(r.sync())

    assert (document.reason, document.ledger_id) == ("already-synced", made.ledger_id)
    assert document.number == made.number
    assert books(r) == before


@pytest.mark.parametrize("since", ["invoice", "sales-receipt-when-paid"])
def test_sales_receipts_are_taken_up_with_their_payments(tmp_path: Path, since: str) -> None:
    settings = {"sync.mode": "invoices-and-payments", "qbo.document": "sales-receipt-when-paid"}
    r = Rehearsal(tmp_path / "home", to="qbo", **settings)
    paid = r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
    r.sync()
    before = books(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-", "qbo.document": since})

    assert only(r.sync()).reason == "already-synced"
    r.sync()
    assert books(r) == before
    r.keap.add_refund(paid.id, "40.00")
    r.ticker.pass_time(86400)
    (document,) = of_kind(r.sync(), Kind.REFUND)
    assert document.state is State.CREATED


def test_two_machines_in_turn_book_nothing_twice(r: Rehearsal, tmp_path: Path) -> None:
    """Each with a state file of its own, and a prefix of its own too."""
    for turn in range(4):
        mine = tmp_path / f"state-{turn % 2}"
        r.configure({"invoices.number_prefix": f"M{turn % 2}-"})
        paid = r.keap.add_payment(order_id=r.order(CANDLE), amount="100.00")
        if turn == 2:
            r.keap.add_refund(paid.id, "40.00")
        lose_state(r)
        if mine.exists():
            shutil.copy(mine, r.home / STATE)

        r.sync()

        assert len(alive(r)) == turn + 1
        copied(r, mine)
        r.ticker.pass_time(86400)
    assert received(r) == 360


def received(r: Rehearsal) -> Decimal:
    """The money that came in, less what was paid out."""
    if r.to == "xero":
        signs = {"ACCRECPAYMENT": 1, "ARCREDITPAYMENT": -1}
        return sum((signs[row.type] * row.amount for row in r.xero.payments.values()), Decimal(0))
    paid = sum((row.total for row in r.qbo.payments.values()), Decimal(0))
    return paid - sum((row.total for row in r.qbo.refund_receipts.values()), Decimal(0))


def alive(r: Rehearsal) -> list[Any]:
    """The living invoices with a marker."""
    if r.to == "xero":
        return [
            row
            for row in r.xero.invoices.values()
            if row.reference.startswith("Keap") and row.status not in {"VOIDED", "DELETED"}
        ]
    return [
        row
        for row in r.qbo.invoices.values()
        if row.private_note.startswith("Keap") and row.status == "live"
    ]


def test_a_document_deleted_since_the_last_look_is_forgotten(r: Rehearsal) -> None:
    """Of two with one marker one is deleted: the other one is taken up."""
    r.order(CANDLE)
    made = only(r.sync())
    twin = copy_of(r, made.ledger_id, "S-77")
    lose_state(r)
    assert only(r.sync()).reason == "ambiguous"
    if r.to == "xero":
        r.xero.void_invoice(twin)
    else:
        r.qbo.delete_invoice(twin)
    r.ticker.pass_time(45 * 86400)

    assert only(r.sync()).ledger_id == made.ledger_id


COUNT = 120
MANY = 8
"""What a lost state costs at the most besides: setup lists, people, the search, credit notes."""


def test_a_lost_state_costs_calls_by_the_thousand_not_by_the_document(r: Rehearsal) -> None:
    """Nothing is written for what is known, nothing asked for each payment."""
    generate(r.keap, COUNT)
    r.sync()
    before, written = books(r), writes(r)
    lose_state(r)
    r.configure({"invoices.number_prefix": "K-"})

    result = r.sync()

    assert verdicts(result, Kind.INVOICE)["skipped", "already-synced"] == COUNT
    assert books(r) == before
    assert writes(r) == written
    assert result.calls["ledger"] <= MANY


def test_payments_that_are_listed_without_references_are_read_in_bulk(tmp_path: Path) -> None:
    """Xero's documentation shows no reference of a payment inside its invoice."""
    r = Rehearsal(tmp_path / "home", **{"sync.mode": "invoices-and-payments"})
    r.xero.switches = XeroSwitches(embedded_payment_reference=False)
    generate(r.keap, COUNT)
    orders = shop(r)
    r.sync()
    before, written = books(r), writes(r)
    lose_state(r)

    result = r.sync()

    count = COUNT + len(orders)
    assert verdicts(result, Kind.INVOICE)["skipped", "already-synced"] == count
    assert {item.reason for item in of_kind(result, Kind.PAYMENT)} == {"duplicate-payment"}
    assert (books(r), writes(r)) == (before, written)
    assert result.calls["ledger"] <= MANY + 1 + -(-count // 40)


def test_a_ledger_without_documents_of_ours_costs_one_call_at_most(r: Rehearsal) -> None:
    """One that has documents, only none of ours."""
    r.order(CANDLE)
    first = r.sync()
    r.order(CANDLE)
    second = r.sync()
    assert first.calls["ledger"] - second.calls["ledger"] <= 2
