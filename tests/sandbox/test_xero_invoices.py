"""Invoices in the simulated Xero: numbers, statuses, changes, batches, locks."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.kits.xero_app import App, Json, errors, invoice, line

NO_ID = "00000000-0000-0000-0000-000000000000"
UNIQUE = "Invoice # must be unique."
PAID = "This document cannot be edited as it has a payment or credit note allocated to it"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Status": "PAID"}, "Invoice not of valid status for creation"),
        ({"Status": "VOIDED"}, "Invoice not of valid status for creation"),
        ({"Type": None}, "The Type of the invoice must be specified."),
        ({"Contact": {}}, "The Contact must contain at least 1 of the following elements"),
        ({"Contact": {"EmailAddress": "a@example.com"}}, "The Contact must contain at least 1"),
        ({"Contact": {"ContactID": NO_ID}}, "An existing Contact with the specified ContactID"),
        ({"Contact": {"Name": "Frank Green"}}, "The specified contact details matched an archived"),
        ({"CurrencyCode": "USD"}, "Organisation is not subscribed to currency USD"),
        ({"Date": "2026-10-02"}, "The document date cannot be before the period lock date"),
        ({"InvoiceNumber": "Rechnung Nº 1"}, "printable ASCII"),
        ({"InvoiceNumber": "K" * 256}, "255"),
        ({"InvoiceNumber": "inv-0001"}, UNIQUE),
        ({"Reference": "K" * 256}, "255"),
        ({"LineItems": []}, "One or more line items must be specified"),
        ({"LineItems": [line(UnitAmount=-1)]}, "must not be negative"),
    ],
)
def test_bad_invoices_are_refused_with_a_reason(fields: Json, message: str) -> None:
    app = App()
    found = app.put("Invoices", invoice(**fields))
    assert message in " ".join(errors(found))
    assert (found["InvoiceID"], found["StatusAttributeString"]) == (NO_ID, "ERROR")
    assert found["HasErrors"] is True
    assert len(app.xero.invoices) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"LineAmountTypes": "EXCLUSIVE"},
        {"LineAmountTypes": "NO_TAX"},
        {"Status": "Approved"},
        {"Type": "SALE"},
        {"Date": "03/11/2026"},
        {"DueDate": "2026-13-01"},
        {"Contact": "Alice"},
        {"LineItems": {"Description": "x"}},
        {"SentToContact": "maybe"},
    ],
)
def test_words_and_dates_are_read_to_the_letter(fields: Json) -> None:
    answer = App().send("PUT", "/Invoices?summarizeErrors=false", invoice(**fields))
    assert answer.status_code == 400
    assert answer.get_json()["ErrorNumber"] == 14


def test_defaults_are_a_draft_of_today_in_the_shops_zone() -> None:
    app = App(now=datetime(2027, 6, 30, 22, 59, tzinfo=UTC))
    found = app.put("Invoices", {"Type": "ACCREC", "Contact": {"Name": "Alice Baker"}})
    assert (found["Status"], found["LineAmountTypes"]) == ("DRAFT", "Exclusive")
    assert found["DateString"] == found["DueDateString"] == "2027-06-30T00:00:00"
    assert (found["InvoiceNumber"], found["CurrencyCode"]) == ("INV-0002", "GBP")
    app.clock.advance(60)
    assert app.created(Date=None)["DateString"] == "2027-07-01T00:00:00"


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        (None, "2026-11-03"),
        ((14, "DAYSAFTERBILLDATE"), "2026-11-17"),
        ((10, "DAYSAFTERBILLMONTH"), "2026-12-10"),
        ((31, "OFCURRENTMONTH"), "2026-11-30"),
        ((20, "OFFOLLOWINGMONTH"), "2026-12-20"),
    ],
)
def test_due_date_follows_from_the_contacts_terms(terms: Any, due: str) -> None:
    app = App()
    contact = app.xero.add_contact("Termed", sales_terms=terms)
    found = app.created(DueDate=None, Contact={"ContactID": contact})
    assert found["DueDateString"] == f"{due}T00:00:00"


def test_due_date_may_be_required_for_approval() -> None:
    app = App(due_date_required=True)
    assert errors(app.put("Invoices", invoice(DueDate=None))) != []
    assert errors(app.put("Invoices", invoice(DueDate=None, Status="DRAFT"))) == []


def test_contact_by_name_is_used_or_made() -> None:
    app = App()
    assert app.created(Contact={"Name": "ALICE BAKER"})["Contact"]["Name"] == "Alice Baker"
    made = app.created(Contact={"Name": "Zoe New", "EmailAddress": "zoe@example.com"})
    assert app.xero.contacts[made["Contact"]["ContactID"]].email == "zoe@example.com"
    again = app.created(Contact={"Name": "Zoe New"})
    assert again["Contact"]["ContactID"] == made["Contact"]["ContactID"]


def test_contact_of_a_refused_invoice_is_not_made() -> None:
    app = App()
    app.put("Invoices", invoice(line(AccountCode="999"), Contact={"Name": "Zoe New"}))
    assert not any(row.name == "Zoe New" for row in app.xero.contacts.values())


@pytest.mark.parametrize("refused", [True, False])
def test_name_of_an_archived_contact_is_refused_or_makes_a_new_one(refused: bool) -> None:
    app = App(archived_name_refused=refused)
    found = app.put("Invoices", invoice(Contact={"Name": "Frank Green"}))
    assert bool(errors(found)) is refused
    names = [row.name for row in app.xero.contacts.values()]
    assert names.count("Frank Green") == (1 if refused else 2)


@pytest.mark.parametrize(("updates", "email"), [(False, "alice@example.com"), (True, "new@x.org")])
def test_further_contact_fields_change_the_contact_or_not(updates: bool, email: str) -> None:
    app = App(document_updates_contact=updates)
    found = app.created(Contact={"Name": "Alice Baker", "EmailAddress": "new@x.org"})
    assert found["Contact"]["EmailAddress"] == email


def test_subscribed_currency_takes_its_rate() -> None:
    app = App()
    app.xero.subscribe("USD", "1.25")
    assert app.created(CurrencyCode="USD")["CurrencyRate"] == 1.25
    assert app.created(CurrencyCode="USD", CurrencyRate="1.3000001")["CurrencyRate"] == 1.3


@pytest.mark.parametrize("paid", [True, False])
def test_zero_total_reads_paid_or_stays_open(paid: bool) -> None:
    found = App(zero_total_is_paid=paid).created(LineItems=[line(), line(UnitAmount=-100)])
    assert (found["Total"], found["Status"]) == (0, "PAID" if paid else "AUTHORISED")


@pytest.mark.parametrize(("refused", "count"), [(True, 1), (False, 2)])
def test_negative_total_is_refused_or_not(refused: bool, count: int) -> None:
    app = App(negative_total_refused=refused)
    app.put("Invoices", invoice(line(UnitAmount=-1)))
    assert len(app.xero.invoices) == count


@pytest.mark.parametrize("checked", [True, False])
def test_total_that_is_sent_is_ignored_or_checked(checked: bool) -> None:
    app = App(total_checked=checked)
    assert errors(app.put("Invoices", invoice(Total=120))) == []
    wrong = app.put("Invoices", invoice(Total=119))
    assert bool(errors(wrong)) is checked


@pytest.mark.parametrize("checked", [True, False])
def test_address_of_the_source_is_checked_or_not(checked: bool) -> None:
    app = App(url_checked=checked)
    assert app.created(Url="https://example.com/1")["Url"] == "https://example.com/1"
    assert bool(errors(app.put("Invoices", invoice(Url="order 1")))) is checked


def test_a_draft_cannot_be_marked_as_sent() -> None:
    app = App()
    found = app.put("Invoices", invoice(Status="DRAFT", SentToContact=True))
    assert found["StatusAttributeString"] == "WARNING"
    assert found["SentToContact"] is False
    assert found["InvoiceID"] in app.xero.invoices
    assert app.created(SentToContact=True)["SentToContact"] is True


@pytest.mark.parametrize(
    ("switches", "refused"), [({}, True), ({"voided_number_reusable": True}, False)]
)
def test_number_of_a_voided_invoice_stays_taken_or_not(switches: Json, refused: bool) -> None:
    app = App(**switches)
    app.xero.void_invoice(app.created(InvoiceNumber="K-1")["InvoiceID"])
    found = app.put("Invoices", invoice(InvoiceNumber="K-1"))
    assert errors(found) == ([UNIQUE] if refused else [])


@pytest.mark.parametrize(("checked", "second"), [(True, [UNIQUE]), (False, [])])
def test_same_number_twice_in_one_batch(checked: bool, second: list[str]) -> None:
    app = App(batch_numbers_checked=checked)
    found = app.write("PUT", "Invoices", *[invoice(InvoiceNumber="K-1")] * 2)
    assert [errors(element) for element in found] == [[], second]
    assert errors(app.put("Invoices", invoice(InvoiceNumber="K-1"))) != []


def test_elements_come_back_in_order_each_with_its_own_fate() -> None:
    app = App()
    found = app.write(
        "PUT",
        "Invoices",
        invoice(InvoiceNumber="K-1"),
        invoice(InvoiceNumber="K-2", Status="PAID"),
        invoice(InvoiceNumber="K-3", Status="DRAFT", SentToContact=True),
    )
    assert [element["InvoiceNumber"] for element in found] == ["K-1", "K-2", "K-3"]
    assert [element["StatusAttributeString"] for element in found] == ["OK", "ERROR", "WARNING"]
    assert {row.number for row in app.xero.invoices.values()} == {"INV-0001", "K-1", "K-3"}


@pytest.mark.parametrize("query", ["", "?summarizeErrors=true"])
def test_summarised_errors_make_it_a_400_of_the_bad_ones(query: str) -> None:
    """The good ones are saved."""
    app = App()
    numbers = ("K-1", "INV-0001", "K-3")
    body = {"Invoices": [invoice(InvoiceNumber=number) for number in numbers]}
    body["Invoices"][2]["Contact"] = {"Name": "Zoe New"}
    answer = app.send("PUT", f"/Invoices{query}", body)
    assert answer.status_code == 400
    refusal = answer.get_json()
    assert (refusal["ErrorNumber"], refusal["Type"]) == (10, "ValidationException")
    (element,) = refusal["Elements"]
    assert (element["InvoiceNumber"], errors(element)) == ("INV-0001", [UNIQUE])
    assert len(app.xero.invoices) == 3
    assert any(row.name == "Zoe New" for row in app.xero.contacts.values())
    assert errors(app.put("Invoices", invoice(InvoiceNumber="K-1"))) == [UNIQUE]


def test_property_names_are_read_in_any_case_and_one_object_needs_no_envelope() -> None:
    app = App()
    body = {
        "type": "ACCREC",
        "contact": {"NAME": "Alice Baker"},
        "lineitems": [{"description": "x", "unitamount": 5, "accountcode": "200"}],
        "status": "AUTHORISED",
        "unheardOf": {"deep": [1]},
    }
    for sent in (body, {"invoices": [body]}):
        answer = app.send("PUT", "/Invoices", sent)
        assert answer.status_code == 200
        assert answer.get_json()["Invoices"][0]["Total"] == 6
        assert "StatusAttributeString" not in answer.get_json()["Invoices"][0]


def test_bills_are_not_written() -> None:
    app = App()
    assert app.send("PUT", "/Invoices", invoice(Type="ACCPAY")).status_code == 501
    bill = app.xero.add_bill(app.xero.add_contact("Supplier"), "10.00", number="INV-0001")
    assert app.send("POST", f"/Invoices/{bill}", {"Reference": "x"}).status_code == 501
    assert app.get("/Invoices/INV-0001")["Invoices"][0]["Type"] == "ACCREC"
