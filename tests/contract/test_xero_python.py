"""Xero's own Python client, unmodified, against the simulated Xero over loopback."""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from xero_python.accounting import (
    Allocation,
    Allocations,
    Contact,
    CreditNote,
    CreditNotes,
    CurrencyCode,
    Invoice,
    Invoices,
    LineAmountTypes,
    LineItem,
    Payment,
    PaymentDelete,
    Payments,
)
from xero_python.api_client.oauth2 import TokenApi
from xero_python.exceptions import (
    AccountingBadRequestException,
    NotFoundException,
    RateLimitException,
)
from xero_python.exceptions.http_status_exceptions import HTTPStatusException

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.shop.ledger import fill_xero
from invoicesync_sandbox.xero import XeroSandbox
from tests.contract.check import problems
from tests.contract.departures import CONNECTIONS, SIGN_IN, XERO, XERO_REFUSED, left
from tests.contract.exchanges import Ear, Exchange
from tests.contract.specification import folder
from tests.kits.rehearsal import START
from tests.kits.xero_sdk import TODAY, XeroSdk, sale


@pytest.fixture
def heard() -> list[Exchange]:
    """What was said over the wire."""
    return []


@pytest.fixture
def sdk(heard: list[Exchange]) -> Iterator[XeroSdk]:
    """The client; in the end everything that the sandbox said is held against Xero's document."""
    sandbox = XeroSandbox(Clock(START))
    fill_xero(sandbox)
    sandbox.set_lock_dates()
    with serving({"xero": Ear("xero", sandbox, heard)}) as roots:
        found = XeroSdk(sandbox, roots["xero"])
        yield found
        found.client.rest_client.pool_manager.clear()
    if folder():
        assert answers_apart(heard) == []


def answers_apart(heard: list[Exchange]) -> list[str]:
    """What the sandbox answered otherwise than the document has it."""
    usual = [exchange for exchange in heard if exchange.status in {200, 400}]
    found = (
        each
        for one in usual
        for each in left(problems(one), (*XERO, *SIGN_IN, XERO_REFUSED, CONNECTIONS))
    )
    return [str(problem) for problem in found if problem.where.startswith("got")]


def test_reads_the_organisation_and_its_lists(sdk: XeroSdk) -> None:
    api, tenant = sdk.accounting, sdk.tenant

    organisation = api.get_organisations(tenant).organisations[0]
    accounts = {row.code: row for row in api.get_accounts(tenant).accounts}
    rates = {row.tax_type: row for row in api.get_tax_rates(tenant).tax_rates}
    items = {row.code: row for row in api.get_items(tenant, unitdp=4).items}
    (region,) = api.get_tracking_categories(tenant).tracking_categories
    currencies = [str(row.code.value) for row in api.get_currencies(tenant).currencies]

    assert organisation.name == "Wick & Wax Ltd"
    assert organisation.base_currency.value == "GBP"
    assert accounts["090"].type.value == "BANK"
    assert accounts["200"].tax_type == "OUTPUT2"
    assert rates["OUTPUT2"].effective_rate == 20
    assert items["TIL"].sales_details.account_code == "201"
    assert items["TIL"].sales_details.unit_price == Decimal("12.5")
    assert "GBP" in currencies
    assert [option.name for option in region.options] == ["North", "South"]


def test_knows_its_connections(sdk: XeroSdk) -> None:
    (connection,) = sdk.identity.get_connections()

    assert connection.tenant_id == sdk.tenant
    assert connection.tenant_name == "Wick & Wax Ltd"
    assert connection.tenant_type == "ORGANISATION"
    assert connection.created_date_utc


def test_contacts_are_created_found_and_paged(sdk: XeroSdk) -> None:
    api, tenant = sdk.accounting, sdk.tenant
    made = sdk.contact("Grace Hopper")
    before = len(api.get_contacts(tenant, page=1, page_size=1000).contacts)

    one = api.get_contact(tenant, made).contacts[0]
    named = api.get_contacts(tenant, where='Name=="grace hopper"').contacts
    first = api.get_contacts(tenant, page=1, page_size=5)
    pages = [
        row.contact_id
        for page in range(1, first.pagination.page_count + 1)
        for row in api.get_contacts(tenant, page=page, page_size=5).contacts
    ]
    archived = api.get_contacts(tenant, page=1, page_size=1000, include_archived=True).contacts

    assert (one.name, one.contact_status) == ("Grace Hopper", "ACTIVE")
    assert [row.contact_id for row in named] == [made]
    assert len(set(pages)) == len(pages) == before == first.pagination.item_count
    assert {row.name for row in archived} > {"Frank Green"}


def test_namesake_is_refused_in_xeros_words(sdk: XeroSdk) -> None:
    sdk.contact("Ada Lovelace")

    with pytest.raises(AccountingBadRequestException) as refused:
        sdk.contact("ada lovelace")

    assert "already assigned to another contact" in refused.value.reason


def test_one_bad_element_of_a_batch_does_not_spoil_the_others(sdk: XeroSdk) -> None:
    contact = sdk.contact()
    batch = Invoices(
        invoices=[
            sale(contact, "K-1", "10.00"),
            sale(contact, "K-2", "20.00", date=date(2026, 11, 1), currency_code=CurrencyCode.CHF),
            sale(contact, "K-3", "30.00"),
        ]
    )

    made = sdk.accounting.create_invoices(
        sdk.tenant, batch, summarize_errors=False, unitdp=4, idempotency_key="batch-1"
    ).invoices

    assert [row.status_attribute_string for row in made] == ["OK", "ERROR", "OK"]
    assert "CHF" in made[1].validation_errors[0].message
    assert made[1].has_errors
    assert [row.total for row in made if not row.has_errors] == [12, 36]


def test_repeated_batch_with_its_key_makes_nothing_anew(sdk: XeroSdk) -> None:
    batch = Invoices(invoices=[sale(sdk.contact(), "K-1", "10.00")])
    sent = {"summarize_errors": False, "idempotency_key": "the same"}

    first = sdk.accounting.create_invoices(sdk.tenant, batch, **sent).invoices[0]
    second = sdk.accounting.create_invoices(sdk.tenant, batch, **sent).invoices[0]

    assert first.invoice_id == second.invoice_id
    assert not second.has_errors


def test_invoice_is_read_back_as_it_was_sent(sdk: XeroSdk) -> None:
    made = sdk.invoice(amount="33.3333")

    found = sdk.accounting.get_invoice(sdk.tenant, made.invoice_id, unitdp=4).invoices[0]

    assert (found.invoice_number, found.reference) == ("K-1", "Keap order K-1")
    assert (found.date, found.due_date) == (TODAY, TODAY + timedelta(days=14))
    assert found.status == "AUTHORISED"
    assert found.line_amount_types.value == "Exclusive"
    assert found.line_items[0].unit_amount == Decimal("33.3333")
    assert (found.sub_total, found.total_tax, found.total) == (
        Decimal("33.33"),
        Decimal("6.67"),
        40,
    )
    assert found.amount_due == 40


def test_invoices_are_found_by_every_filter_that_the_client_has(sdk: XeroSdk) -> None:
    api, tenant = sdk.accounting, sdk.tenant
    made = [sdk.invoice(f"K-{place}", f"{place}0.00") for place in range(1, 5)]
    ids = [row.invoice_id for row in made]

    def numbers(**asked: Any) -> set[str]:
        return {row.invoice_number for row in api.get_invoices(tenant, **asked).invoices}

    assert numbers(invoice_numbers=["K-1", "K-3"]) == {"K-1", "K-3"}
    assert numbers(i_ds=ids[:2]) == {"K-1", "K-2"}
    assert numbers(contact_i_ds=[made[3].contact.contact_id]) == {"K-4"}
    assert numbers(statuses=["AUTHORISED"], created_by_my_app=True) == {
        "K-1",
        "K-2",
        "K-3",
        "K-4",
    }
    assert numbers(where='InvoiceNumber=="K-2"') == {"K-2"}
    assert numbers(search_term="keap order k-4") == {"K-4"}
    assert numbers(page=2, page_size=2, order="InvoiceNumber DESC") == {"K-1", "K-2"}


def test_only_what_changed_since_a_time_is_given(sdk: XeroSdk) -> None:
    sdk.invoice("K-1")
    sdk.sandbox.clock.advance(600)
    since = sdk.sandbox.clock.now()
    sdk.invoice("K-2")

    found = sdk.accounting.get_invoices(
        sdk.tenant, if_modified_since=since - timedelta(seconds=5), page=1
    ).invoices

    assert [row.invoice_number for row in found] == ["K-2"]


def test_invoice_is_changed_and_voided(sdk: XeroSdk) -> None:
    made = sdk.invoice()
    update = Invoices(invoices=[Invoice(reference="Changed")])

    changed = sdk.accounting.update_invoice(sdk.tenant, made.invoice_id, update).invoices[0]
    voided = sdk.accounting.update_invoice(
        sdk.tenant, made.invoice_id, Invoices(invoices=[Invoice(status="VOIDED")])
    ).invoices[0]

    assert changed.reference == "Changed"
    assert changed.total == made.total
    assert voided.status == "VOIDED"


def test_payments_settle_an_invoice_and_can_be_taken_back(sdk: XeroSdk) -> None:
    api, tenant = sdk.accounting, sdk.tenant
    made = sdk.invoice()

    def pay(amount: str) -> Payment:
        payment = Payment(
            invoice=Invoice(invoice_id=made.invoice_id),
            account=sdk.bank(),
            date=TODAY,
            amount=Decimal(amount),
            reference=f"ch_{amount}",
        )
        return api.create_payments(tenant, Payments(payments=[payment])).payments[0]

    pay("50.00")
    part = api.get_invoice(tenant, made.invoice_id).invoices[0]
    last = pay("70.00")
    settled = api.get_invoice(tenant, made.invoice_id).invoices[0]
    listed = api.get_payments(
        tenant, where=f'Invoice.InvoiceID==guid("{made.invoice_id}")', page=1, page_size=100
    ).payments
    with pytest.raises(AccountingBadRequestException) as refused:
        pay("0.01")
    gone = api.delete_payment(tenant, last.payment_id, PaymentDelete(status="DELETED")).payments[0]
    again = api.get_invoice(tenant, made.invoice_id).invoices[0]

    assert (part.status, part.amount_due) == ("AUTHORISED", 70)
    assert (settled.status, settled.amount_due, settled.amount_paid) == ("PAID", 0, 120)
    assert {(row.reference, row.amount) for row in listed} == {("ch_50.00", 50), ("ch_70.00", 70)}
    assert "exceeds the amount outstanding" in refused.value.reason or (
        "Authorised" in refused.value.reason
    )
    assert (gone.status, again.amount_due) == ("DELETED", 70)


def test_credit_note_is_allocated_and_paid_out(sdk: XeroSdk) -> None:
    api, tenant = sdk.accounting, sdk.tenant
    made = sdk.invoice()
    note = CreditNote(
        type="ACCRECCREDIT",
        contact=Contact(contact_id=made.contact.contact_id),
        date=TODAY,
        line_amount_types=LineAmountTypes.EXCLUSIVE,
        status="AUTHORISED",
        line_items=[
            LineItem(
                description="Came broken",
                quantity=1,
                unit_amount=Decimal("25.00"),
                account_code="200",
                tax_type="OUTPUT2",
            )
        ],
    )
    credit = api.create_credit_notes(tenant, CreditNotes(credit_notes=[note])).credit_notes[0]
    part = Allocation(
        amount=Decimal("10.00"), date=TODAY, invoice=Invoice(invoice_id=made.invoice_id)
    )

    allocated = api.create_credit_note_allocation(
        tenant, credit.credit_note_id, Allocations(allocations=[part])
    ).allocations[0]
    refund = Payment(
        credit_note=CreditNote(credit_note_id=credit.credit_note_id),
        account=sdk.bank(),
        date=TODAY,
        amount=Decimal("20.00"),
    )
    paid = api.create_payments(tenant, Payments(payments=[refund])).payments[0]
    found = api.get_credit_note(tenant, credit.credit_note_id).credit_notes[0]
    invoice = api.get_invoice(tenant, made.invoice_id).invoices[0]

    assert (credit.total, credit.remaining_credit) == (30, 30)
    assert allocated.amount == 10
    assert paid.payment_type == "ARCREDITPAYMENT"
    assert (found.remaining_credit, found.status) == (0, "PAID")
    assert (invoice.amount_credited, invoice.amount_due) == (10, 110)


def test_allocation_is_taken_back(sdk: XeroSdk) -> None:
    api, tenant = sdk.accounting, sdk.tenant
    made = sdk.invoice()
    note = CreditNote(
        type="ACCRECCREDIT",
        contact=Contact(contact_id=made.contact.contact_id),
        date=TODAY,
        status="AUTHORISED",
        line_items=[LineItem(description="x", quantity=1, unit_amount=5, account_code="200")],
    )
    credit = api.create_credit_notes(tenant, CreditNotes(credit_notes=[note])).credit_notes[0]
    part = Allocation(amount=5, date=TODAY, invoice=Invoice(invoice_id=made.invoice_id))
    allocated = api.create_credit_note_allocation(
        tenant, credit.credit_note_id, Allocations(allocations=[part])
    ).allocations[0]

    api.delete_credit_note_allocations(tenant, credit.credit_note_id, allocated.allocation_id)

    left_over = api.get_credit_note(tenant, credit.credit_note_id).credit_notes[0]
    assert left_over.remaining_credit == credit.total


def test_what_is_not_there_is_not_found(sdk: XeroSdk) -> None:
    with pytest.raises(NotFoundException):
        sdk.accounting.get_invoice(sdk.tenant, "11111111-1111-4111-8111-111111111111")


def test_wrong_tenant_is_forbidden(sdk: XeroSdk) -> None:
    with pytest.raises(HTTPStatusException) as refused:
        sdk.accounting.get_accounts("11111111-1111-4111-8111-111111111111")

    assert refused.value.status == 403


def test_minute_is_waited_for_as_the_answer_says(
    sdk: XeroSdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's transport reads Retry-After, sleeps so long, and asks again."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        sdk.sandbox.clock.advance(seconds)

    monkeypatch.setattr("urllib3.util.retry.time", SimpleNamespace(sleep=sleep, time=time.time))

    for _ in range(61):
        assert sdk.accounting.get_organisations(sdk.tenant).organisations

    assert len(slept) == 1
    assert 0 < slept[0] <= 60


def test_too_many_at_once_is_reported_without_a_time(sdk: XeroSdk) -> None:
    sdk.sandbox.fail(status=429, headers={"X-Rate-Limit-Problem": "concurrent"})

    with pytest.raises(RateLimitException) as refused:
        sdk.accounting.get_organisations(sdk.tenant)

    assert refused.value.rate_limit == "concurrent"


def test_custom_connection_gets_a_token_of_its_own(
    sdk: XeroSdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = sdk.identity.base_url
    monkeypatch.setattr(TokenApi, "client_credentials_token_url", f"{root}/connect/token")

    sdk.client.get_client_credentials_token()

    assert sdk.token["expires_in"] == 1800
    assert sdk.accounting.get_organisations(sdk.tenant).organisations
