"""What a user reads when QuickBooks refuses something, and how each refusal is corrected."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import Document, DocumentKind
from invoicesync_cli.sync import Result
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbo import QboSwitches, sale
from tests.kits.faults import failure
from tests.kits.qbo_faults import check_books, everything, forms, quickbooks, writes
from tests.kits.rehearsal import Rehearsal


def during(rehearsal: Rehearsal, entity: str, change: Callable[[], object]) -> None:
    """Something changes in QuickBooks just before the first such object comes in."""
    left = [change]

    def meanwhile(request: Request) -> None:
        if left and f'"{entity}":{{' in request.get_data(as_text=True):
            left.pop()()

    rehearsal.qbo.in_progress = meanwhile


def reported(result: Result, kind: DocumentKind = DocumentKind.INVOICE) -> Document:
    """The only document of a kind."""
    (found,) = [item for item in result.documents if item.kind is kind]
    return found


INACTIVE = (
    "Object Not Found : Something you're trying to use has been made inactive. Check the fields "
    "with accounts, customers, items, vendors or employees."
)
LINK = (
    'QuickBooks encountered an error while calculating tax. Try <a href="https://example.com/tax">'
    "reselecting the tax rate</a>."
)


@dataclass(frozen=True)
class Case:
    """A refusal and what is read of it: reason, and words of the message and of the hint."""

    code: str
    detail: str
    reason: str
    hint: str
    state: str = "held"


CASES = {
    "closed": Case("6210", "The account period has closed", "period-locked", "lock date"),
    "closed, older": Case("6200", "The account period has closed", "period-locked", "lock date"),
    "closed, said by text": Case(
        "6000", "The account period has closed and the books", "period-locked", "lock date"
    ),
    "inactive": Case(
        "610",
        INACTIVE,
        "contact-archived",
        "active again",
    ),
    "merged": Case(
        "6000",
        "You cannot modify a list element that has been deleted.",
        "contact-archived",
        "active again",
    ),
    "customer gone": Case(
        "2500",
        "Invalid Reference Id : Names element id 99 not found",
        "contact-missing",
        "next sync",
    ),
    "item gone": Case(
        "2500", "Invalid Reference Id : Item element id 99 not found", "item-missing", "[qbo]"
    ),
    "tax code gone": Case(
        "2500",
        "Invalid Reference Id : TaxCode element id 99 not found",
        "tax-code-unknown",
        "lookup taxes",
    ),
    "account gone": Case(
        "2500",
        "Invalid Reference Id : Accounts element id 99 not found",
        "account-unknown",
        "lookup accounts",
    ),
    "account inactive": Case(
        "2500",
        "Invalid Reference Id : Something you're trying to use has been made inactive. Check the "
        "fields with accounts.",
        "account-unknown",
        "lookup accounts",
    ),
    "deleted": Case(
        "610",
        "Object Not Found : Another user has deleted this transaction.",
        "rejected",
        "was deleted in QuickBooks",
        "failed",
    ),
    "no VAT rate": Case(
        "6000",
        "Make sure all your transactions have a VAT rate before you save.",
        "tax-code-unknown",
        "lookup taxes",
    ),
    "no GST rate": Case(
        "6000",
        "Make sure all your transactions have a GST/HST rate before you save.",
        "tax-code-unknown",
        "lookup taxes",
    ),
    "tax not worked out": Case(
        "6000",
        "QuickBooks encountered an error while calculating tax. Try reselecting the tax rate.",
        "tax-code-unknown",
        "lookup taxes",
    ),
    "tax not worked out, with a link": Case("6000", LINK, "tax-code-unknown", "lookup taxes"),
    "no rate": Case(
        "6000",
        "Make sure all your transactions have a VAT/GST rate before you save.",
        "tax-code-unknown",
        "lookup taxes",
    ),
    "currency": Case(
        "6000",
        "The currency of the transaction is invalid for customer/vendor/account.",
        "currency-differs",
        "in the ledger",
    ),
    "tax off": Case("6470", "Sales tax is not turned on", "tax-code-unknown", "Switch sales tax"),
    "no right": Case("5020", "Permission denied", "rejected", "right", "failed"),
    "something else": Case("6000", "The moon is full.", "rejected", "retry", "failed"),
    "never heard of": Case("9999", "A new one.", "rejected", "sync", "failed"),
}


@pytest.mark.parametrize("name", CASES)
def test_refusal_is_reported_with_reason_words_and_a_way_out(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    rehearsal = quickbooks(tmp_path)
    order = rehearsal.order()
    rehearsal.qbo.refuse("Invoice", code=case.code, detail=case.detail)

    result = rehearsal.sync()

    document = reported(result)
    assert (document.state, document.reason) == (case.state, case.reason)
    assert re.sub("<[^>]+>", "", case.detail) in document.message
    assert "<" not in document.message
    assert f"({case.code}; intuit_tid " in document.message
    assert case.hint in document.hint, document.hint
    assert result.exit_code == ExitCode.NEEDS_PERSON
    assert document.ledger_id == ""
    rehearsal.sync(command="retry", ids=(order,), by="order")
    check_books(rehearsal)


@pytest.mark.parametrize("code", ["6210", "6200"])
def test_books_closed_between_our_look_and_our_invoice(tmp_path: Path, code: Any) -> None:
    rehearsal = quickbooks(tmp_path, QboSwitches(closed_period_code=code))
    rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="100.00")
    today = rehearsal.clock.now().date()
    during(rehearsal, "Invoice", lambda: rehearsal.qbo.set_preferences(close_date=today))

    result = rehearsal.sync()

    assert reported(result).reason == "period-locked"
    assert reported(result, DocumentKind.PAYMENT).reason == "invoice-not-synced"
    before = len(writes(rehearsal))
    rehearsal.sync()
    assert len(writes(rehearsal)) == before
    rehearsal.qbo.set_preferences(close_date=date(2026, 1, 1))
    rehearsal.sync()
    check_books(rehearsal)


@pytest.mark.parametrize("code", ["610", "6000"])
def test_customer_made_inactive_between_our_look_and_our_invoice(tmp_path: Path, code: Any) -> None:
    rehearsal = quickbooks(tmp_path, QboSwitches(inactive_reference_code=code))
    rehearsal.order(contact=rehearsal.person(emails=("alice@example.com",)))
    (alice,) = rehearsal.qbo.customers.find("name", "alice baker")
    during(rehearsal, "Invoice", lambda: rehearsal.qbo.deactivate("Customer", alice.id))

    result = rehearsal.sync()

    assert reported(result).reason == "contact-archived"
    assert "active" in reported(result).hint
    assert reported(rehearsal.sync()).reason == "contact-archived"
    rehearsal.qbo.activate("Customer", alice.id)
    rehearsal.sync()
    check_books(rehearsal)


def test_person_stays_linked_when_the_fault_is_not_the_customers(tmp_path: Path) -> None:
    """One text of QuickBooks' is for accounts, customers and items alike. By the name that Keap has
    now nobody would be found, and somebody made a second time."""
    rehearsal = quickbooks(tmp_path)
    customer = rehearsal.qbo.add_customer("Ann Other", GivenName="Ann", FamilyName="Other")
    person = rehearsal.person(given_name="Ann", family_name="Other", emails=())
    rehearsal.order(contact=person)
    rehearsal.sync()
    rehearsal.keap.edit_contact(person, family_name="Married")
    order = rehearsal.order(contact=person)
    rehearsal.qbo.refuse("Invoice", code="610", detail=INACTIVE)

    assert reported(rehearsal.sync()).reason == "contact-archived"
    rehearsal.sync()

    assert forms(rehearsal)[order][0].customer_id == customer


@pytest.mark.parametrize("checked", [True, False])
def test_number_given_to_somebody_else_between_our_look_and_our_invoice(
    tmp_path: Path, checked: bool
) -> None:
    """A company that takes numbers twice has two of them then; ours is ours all the same."""
    rehearsal = quickbooks(tmp_path)
    qbo = rehearsal.qbo
    qbo.set_preferences(warn_duplicate_numbers=checked)
    order = rehearsal.order()
    (alice,) = qbo.customers.find("name", "alice baker")
    code = qbo.tax_codes.find("name", "no vat")[0].id

    def enter() -> None:
        line = sale("7.00", item=qbo.items.find("name", "sales")[0].id, tax_code=code)
        qbo.enter_invoice(alice.id, [line], DocNumber=order, PrivateNote="by hand")

    during(rehearsal, "Invoice", enter)

    result = rehearsal.sync()

    if not checked:
        check_books(rehearsal)
        return
    document = reported(result)
    assert (document.state, document.reason) == ("held", "number-taken")
    assert "'by hand'" in document.message
    assert "number_prefix" in document.hint
    assert forms(rehearsal) == {}
    rehearsal.configure({"invoices.number_prefix": "K-"})
    rehearsal.sync()
    check_books(rehearsal)


@pytest.mark.parametrize("detail", ["null", "words"])
@pytest.mark.parametrize("who", ["vendor", "customer"])
def test_name_taken_by_somebody_whom_no_list_showed(tmp_path: Path, detail: Any, who: str) -> None:
    rehearsal = quickbooks(tmp_path, QboSwitches(duplicate_name_detail=detail))
    rehearsal.order(contact=rehearsal.person(given_name="Ann", family_name="Other"))
    add = {"vendor": rehearsal.qbo.add_vendor, "customer": rehearsal.qbo.add_customer}[who]
    during(rehearsal, "Customer", lambda: add("ann other"))

    rehearsal.sync()

    (made,) = [row for row in rehearsal.qbo.customers.values() if row.notes]
    assert made.name == "Ann Other (Keap 101)"
    check_books(rehearsal)


@pytest.mark.parametrize("code", ["10000", "600"])
@pytest.mark.parametrize(
    "entity", ["Customer", "Item", "Invoice", "Payment", "CreditMemo", "RefundReceipt"]
)
@pytest.mark.parametrize("done", [True, False])
def test_inner_error_of_one_item(tmp_path: Path, code: str, entity: str, done: bool) -> None:
    """Whether or not the item was made before something broke."""
    rehearsal = quickbooks(tmp_path, QboSwitches(requestid_hours=0.0))
    everything(rehearsal)
    rehearsal.qbo.refuse(entity, code=code, times=2, after_commit=done)
    rehearsal.sync()
    check_books(rehearsal)


def test_inner_error_that_stays_is_looked_up_by_the_next_run(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    plan = rehearsal.qbo.refuse("Payment", code="10000", times=99)
    first = rehearsal.sync()
    unclear = [item for item in first.documents if item.reason == "outcome-unknown"]
    # The four payments, and the credit memo that was to be put onto its invoice.
    assert len(unclear) == 5
    assert first.exit_code == ExitCode.NEEDS_PERSON
    plan.times = 0
    rehearsal.sync()
    check_books(rehearsal)


@pytest.mark.parametrize("over", ["refuse", "unapplied"])
def test_payment_on_an_invoice_that_was_paid_by_hand_meanwhile(tmp_path: Path, over: Any) -> None:
    """Refused, or kept as the customer's: told with what to do, and never sent again."""
    rehearsal = quickbooks(tmp_path, QboSwitches(over_applied=over))
    order = rehearsal.order()
    rehearsal.sync()
    rehearsal.keap.add_payment(order_id=order, amount="100.00")
    invoice = forms(rehearsal)[order][0].id
    during(rehearsal, "Payment", lambda: rehearsal.qbo.pay(invoice, ref="by hand"))

    result = rehearsal.sync()

    document = reported(result, DocumentKind.PAYMENT)
    again = rehearsal.sync(command="retry", ids=(order,), by="order")
    if over == "refuse":
        assert (document.state, document.reason) == ("failed", "rejected")
        assert "more than the open balance" in document.message
        assert reported(again, DocumentKind.PAYMENT).reason == "overpayment"
    else:
        assert (document.state, document.reason) == ("held", "totals-differ")
        assert "100.00 GBP of it on no invoice" in document.message
    ours = [row for row in rehearsal.qbo.payments.values() if row.ref != "by hand"]
    assert len(ours) == (over == "unapplied")


def test_refused_customer_fails_its_own_orders_only(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path)
    person = rehearsal.person()
    bad = [rehearsal.order(contact=person), rehearsal.order(contact=person)]
    good = [rehearsal.order() for _ in range(3)]
    rehearsal.qbo.refuse("Customer", "Test1", "6000", detail="A customer of no good name.")
    result = rehearsal.sync()
    states = {item.order_id: item.state for item in result.documents}
    assert {order: str(state) for order, state in states.items()} == {
        **dict.fromkeys(bad, "failed"),
        **dict.fromkeys(good, "created"),
    }
    failed = [item for item in result.documents if item.order_id in bad]
    assert all("A customer of no good name." in item.message for item in failed)
    rehearsal.sync(command="retry", ids=tuple(bad), by="order")
    check_books(rehearsal)


def test_item_refused_says_so_before_anything_is_sent(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path)
    rehearsal.order(Item("OTHER", "10.00", name="Something"))
    rehearsal.qbo.refuse("Item", code="6000", detail="No more items.", times=1)
    error = failure(rehearsal)
    assert error.exit_code == ExitCode.CONFIG
    assert "No more items." in error.message
    assert forms(rehearsal) == {}
    rehearsal.sync()
    check_books(rehearsal)
