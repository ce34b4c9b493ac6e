"""Payments, refunds and credit notes in the simulated Xero."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.kits.xero_app import App, Json, errors, invoice, line

AUTHORISED_ONLY = "Payments can only be made against Authorised documents"
EXCEEDS = "Payment amount exceeds the amount outstanding on this document"
LOCKED = "The document date cannot be before the period lock date"


def payment(invoice_id: str, **fields: Any) -> Json:
    """A payment in full of a standard invoice."""
    return {
        "Invoice": {"InvoiceID": invoice_id},
        "Account": {"Code": "090"},
        "Date": "2026-11-05",
        "Amount": 120,
        "Reference": "Keap payment 7",
    } | fields


def credit(app: App, **fields: Any) -> str:
    """The id of an approved credit note of 60.00, made by an app."""
    note = invoice(line(UnitAmount=50)) | {"Type": "ACCRECCREDIT"} | fields
    del note["DueDate"]
    found = app.put("CreditNotes", note)
    assert errors(found) == []
    return str(found["CreditNoteID"])


def test_payment_settles_the_invoice() -> None:
    app = App()
    key = app.created()["InvoiceID"]
    made = app.put("Payments", payment(key))
    assert (made["StatusAttributeString"], errors(made)) == ("OK", [])
    assert (made["PaymentType"], made["Status"]) == ("ACCRECPAYMENT", "AUTHORISED")
    assert made["Invoice"]["Status"] == "PAID"
    (read,) = app.get(f"/Invoices/{key}")["Invoices"]
    assert (read["Status"], read["AmountDue"], read["AmountPaid"]) == ("PAID", 0, 120)
    assert read["FullyPaidOnDate"] == "/Date(1793836800000+0000)/"
    (inside,) = read["Payments"]
    assert (inside["PaymentID"], inside["Amount"]) == (made["PaymentID"], 120)
    assert "Account" not in inside
    assert inside["Reference"] == "Keap payment 7"
    (alone,) = app.get(f"/Payments/{made['PaymentID']}")["Payments"]
    assert (alone["Reference"], alone["Account"]["Code"]) == ("Keap payment 7", "090")
    assert alone["Invoice"]["LineItems"][0]["Description"] == "Candles"


def test_part_payments_add_up_and_nothing_stops_a_second_one() -> None:
    app = App()
    key = app.created()["InvoiceID"]
    made = app.write("PUT", "Payments", *[payment(key, Amount=50)] * 3)
    assert [errors(element) for element in made] == [[], [], [EXCEEDS]]
    assert app.xero.invoices[key].amount_due == Decimal(20)
    assert app.xero.invoices[key].status == "AUTHORISED"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Amount": "120.01"}, EXCEEDS),
        ({"Amount": 0}, "greater than zero"),
        ({"Amount": -5}, "greater than zero"),
        ({"Amount": None}, "greater than zero"),
        ({"Account": {"Code": "200"}}, "Account type is invalid for making a payment to/from"),
        ({"Account": {"Code": "999"}}, "could not be found"),
        ({"Account": None}, "must be specified"),
        ({"Invoice": None}, "exactly one"),
        ({"CreditNote": {"CreditNoteID": "x"}}, "exactly one"),
        ({"Invoice": {"InvoiceNumber": "K-404"}}, "was not found"),
        ({"Date": "2026-10-02"}, LOCKED),
    ],
)
def test_bad_payments_are_refused_with_a_reason(fields: Json, message: str) -> None:
    app = App()
    found = app.put("Payments", payment(app.created()["InvoiceID"], **fields))
    assert message in " ".join(errors(found))
    assert (found["HasValidationErrors"], len(app.xero.payments)) == (True, 0)


def test_only_approved_invoices_are_paid() -> None:
    app = App()
    draft = app.created(Status="DRAFT")["InvoiceID"]
    assert errors(app.put("Payments", payment(draft))) == [AUTHORISED_ONLY]
    app.xero.approve_invoice(draft)
    app.xero.pay(draft)
    assert errors(app.put("Payments", payment(draft))) == [AUTHORISED_ONLY, EXCEEDS]


def test_money_in_an_open_period_settles_an_invoice_of_a_closed_one() -> None:
    app = App()
    old = app.get("/Invoices/INV-0001")["Invoices"][0]["InvoiceID"]
    assert errors(app.put("Payments", payment(old, Amount=60))) == []
    assert app.xero.invoices[old].status == "PAID"


def test_accounts_are_named_by_id_or_enabled_for_payments() -> None:
    app = App()
    key = app.created(InvoiceNumber="K-1")["InvoiceID"]
    savings = next(row.id for row in app.xero.accounts.values() if row.name == "Savings account")
    made = app.put("Payments", payment(key, Amount=1, Account={"AccountID": savings}))
    assert made["Account"] == {"AccountID": savings, "Name": "Savings account"}
    by_number = payment(key, Amount=1, Invoice={"InvoiceNumber": "K-1"}, Account={"Code": "880"})
    assert errors(app.put("Payments", by_number)) == []


@pytest.mark.parametrize("enveloped", [True, False])
def test_post_creates_as_well(enveloped: bool) -> None:
    app = App()
    body: Json = payment(app.created()["InvoiceID"])
    answer = app.send("POST", "/Payments", {"Payments": [body]} if enveloped else body)
    assert answer.status_code == 200
    assert len(app.xero.payments) == 1


@pytest.mark.parametrize("enveloped", [True, False])
def test_deleting_a_payment_makes_the_invoice_due_again(enveloped: bool) -> None:
    app = App()
    key = app.created()["InvoiceID"]
    made = app.put("Payments", payment(key))["PaymentID"]
    body: Json = {"Status": "DELETED"}
    sent = {"Payments": [body]} if enveloped else body
    answer = app.send("POST", f"/Payments/{made}", sent)
    assert answer.get_json()["Payments"][0]["Status"] == "DELETED"
    (read,) = app.get(f"/Invoices/{key}")["Invoices"]
    assert (read["Status"], read["AmountDue"], read["Payments"]) == ("AUTHORISED", 120, [])
    assert "FullyPaidOnDate" not in read
    assert app.send("POST", f"/Payments/{made}", sent).status_code == 400
    assert app.send("POST", f"/Payments/{made}", {"Amount": 5}).status_code == 400


def test_payment_that_was_read_cannot_be_sent_back_as_it_is() -> None:
    """With any field beside the status Xero refuses to delete it."""
    app = App()
    made = app.put("Payments", payment(app.created()["InvoiceID"]))
    answer = app.send(
        "POST", f"/Payments/{made['PaymentID']}", {"Status": "DELETED", "Amount": made["Amount"]}
    )
    assert errors(answer.get_json()["Elements"][0]) == ["Only Status accepted for updates"]
    assert app.xero.payments[made["PaymentID"]].status == "AUTHORISED"


@pytest.mark.parametrize("deletable", [True, False])
def test_reconciled_payment_can_be_deleted_or_not(deletable: bool) -> None:
    app = App(reconciled_payment_deletable=deletable)
    made = app.put("Payments", payment(app.created()["InvoiceID"], IsReconciled=True))
    assert made["IsReconciled"] is True
    answer = app.send("POST", f"/Payments/{made['PaymentID']}", {"Status": "DELETED"})
    assert answer.status_code == (200 if deletable else 400)


def test_payment_in_a_period_locked_since_stays() -> None:
    app = App()
    key = app.created()["InvoiceID"]
    made = app.put("Payments", payment(key))["PaymentID"]
    app.xero.set_lock_dates(period=date(2026, 11, 5))
    answer = app.send("POST", f"/Payments/{made}", {"Status": "DELETED"})
    assert errors(answer.get_json()["Elements"][0]) == [LOCKED]
    assert app.xero.invoices[key].status == "PAID"
    assert app.send("POST", "/Payments/none", {"Status": "DELETED"}).status_code == 404


def test_payments_of_other_kinds_are_not_simulated() -> None:
    app = App()
    other = {"Overpayment": {"OverpaymentID": "x"}, "Amount": 1, "Account": {"Code": "090"}}
    assert app.send("PUT", "/Payments", other).status_code == 501
    bill = app.xero.add_bill(app.xero.add_contact("Supplier"), "10.00")
    assert app.send("PUT", "/Payments", payment(bill, Amount=1)).status_code == 501


# Credit notes


def test_credit_is_set_against_an_invoice() -> None:
    app = App()
    key, note = app.created()["InvoiceID"], credit(app)
    sent = {"Allocations": [{"Invoice": {"InvoiceID": key}, "Amount": 40, "Date": "2026-11-19"}]}
    path = f"/CreditNotes/{note}/Allocations?summarizeErrors=false"
    (made,) = app.send("PUT", path, sent).get_json()["Allocations"]
    assert (made["StatusAttributeString"], made["Amount"]) == ("OK", 40)
    # The later of the two documents' dates, whatever was sent.
    assert made["Date"] == "/Date(1793664000000+0000)/"
    (read,) = app.get(f"/Invoices/{key}")["Invoices"]
    assert (read["AmountDue"], read["AmountCredited"], read["AmountPaid"]) == (80, 40, 0)
    assert read["CreditNotes"][0]["AppliedAmount"] == 40
    (left,) = app.get(f"/CreditNotes/{note}")["CreditNotes"]
    assert (left["RemainingCredit"], left["Status"]) == (20, "AUTHORISED")
    assert left["Allocations"][0]["Invoice"]["InvoiceID"] == key
    gone = f"/CreditNotes/{note}/Allocations/{made['AllocationID']}"
    assert app.send("DELETE", gone).get_json()["IsDeleted"] is True
    assert app.send("DELETE", gone).status_code == 404
    assert app.xero.invoices[key].amount_due == Decimal(120)
    assert app.xero.credit_notes[note].remaining_credit == Decimal(60)


@pytest.mark.parametrize("honoured", [True, False])
def test_date_of_an_allocation_is_kept_or_decided(honoured: bool) -> None:
    app = App(allocation_date_honoured=honoured)
    key, note = app.created()["InvoiceID"], credit(app)
    sent = {"Invoice": {"InvoiceID": key}, "Amount": 40, "Date": "2026-11-19"}
    (made,) = app.send("PUT", f"/CreditNotes/{note}/Allocations", sent).get_json()["Allocations"]
    assert made["Date"] == f"/Date({1795046400000 if honoured else 1793664000000}+0000)/"


@pytest.mark.parametrize(
    ("amount", "fields", "message"),
    [
        (61, {}, "remaining credit"),
        (0, {}, "greater than zero"),
        (50, {"LineItems": [line(UnitAmount=10)]}, "outstanding on the invoice"),
        (10, {"Status": "DRAFT"}, "Authorised documents"),
        (10, {"Contact": {"Name": "Ben Carter"}}, "same contact"),
    ],
)
def test_bad_allocations_are_refused(amount: int, fields: Json, message: str) -> None:
    app = App()
    key, note = app.created(**fields)["InvoiceID"], credit(app)
    sent = {"Invoice": {"InvoiceID": key}, "Amount": amount, "Date": "2026-11-19"}
    answer = app.send("PUT", f"/CreditNotes/{note}/Allocations", sent)
    assert answer.status_code == 400
    assert message in " ".join(errors(answer.get_json()["Elements"][0]))
    assert app.xero.credit_notes[note].remaining_credit == Decimal(60)


def test_credit_needs_an_approved_note_and_an_invoice() -> None:
    app = App()
    note = credit(app, Status="DRAFT")
    sent = {"Invoice": {"InvoiceID": "none"}, "Amount": 10, "Date": "2026-11-19"}
    answer = app.send("PUT", f"/CreditNotes/{note}/Allocations", sent)
    assert errors(answer.get_json()["Elements"][0]) == [
        "Credit can only be allocated from Authorised credit notes",
        "The document with the supplied id was not found for this endpoint.",
    ]
    assert app.send("PUT", "/CreditNotes/CN-9/Allocations", sent).status_code == 404


def test_credit_of_one_contact_for_another_may_be_allowed() -> None:
    app = App(allocation_same_contact=False)
    key = app.created(Contact={"Name": "Ben Carter"})["InvoiceID"]
    app.xero.allocate(credit(app), key, "60.00")
    assert app.xero.invoices[key].amount_due == Decimal(60)


def test_credit_of_the_whole_invoice_reads_paid_on_both_sides() -> None:
    app = App()
    key = app.created(LineItems=[line(UnitAmount=50)])["InvoiceID"]
    note = credit(app)
    app.xero.allocate(note, key, "60.00")
    assert app.xero.invoices[key].status == app.xero.credit_notes[note].status == "PAID"


def test_refund_in_cash_uses_the_credit_up() -> None:
    app = App()
    note = credit(app)
    sent = {
        "CreditNote": {"CreditNoteID": note},
        "Account": {"Code": "090"},
        "Date": "2026-11-06",
        "Amount": 60,
    }
    made = app.put("Payments", sent)
    assert (errors(made), made["PaymentType"]) == ([], "ARCREDITPAYMENT")
    assert (made["Invoice"]["Type"], made["Invoice"]["InvoiceID"]) == ("ACCRECCREDIT", note)
    assert app.xero.credit_notes[note].status == "PAID"
    assert AUTHORISED_ONLY in errors(app.put("Payments", sent))
    (listed,) = app.get(f'/Payments?where=Invoice.InvoiceID==guid("{note}")')["Payments"]
    assert listed["PaymentID"] == made["PaymentID"]
    app.xero.delete_payment(made["PaymentID"])
    assert app.xero.credit_notes[note].remaining_credit == Decimal(60)


def test_credit_notes_have_numbers_and_statuses_of_their_own() -> None:
    app = App()
    note = credit(app)
    assert app.xero.credit_notes[note].number == "CN-0001"
    assert app.get("/CreditNotes/CN-0001")["CreditNotes"][0]["CreditNoteID"] == note
    changed = app.send("POST", f"/CreditNotes/{note}", {"Reference": "new"}).get_json()
    assert changed["CreditNotes"][0]["Reference"] == "new"
    (found,) = app.write("POST", "CreditNotes", {"CreditNoteID": note, "Status": "VOIDED"})
    assert (errors(found), found["Status"]) == ([], "VOIDED")
    (found,) = app.write("POST", "CreditNotes", {"CreditNoteID": note, "Reference": "x"})
    assert errors(found) == ["Credit note not of valid status for modification"]
    (found,) = app.write("POST", "CreditNotes", {"CreditNoteID": "none"})
    assert errors(found) == [
        "An existing Credit Note with the specified CreditNoteID could not be found"
    ]


def test_credit_note_in_use_cannot_be_voided_or_changed() -> None:
    app = App()
    note = credit(app)
    app.xero.refund(note, "10.00")
    for change in ({"Status": "VOIDED"}, {"LineItems": [line()]}):
        (found,) = app.write("POST", "CreditNotes", {"CreditNoteID": note} | change)
        assert "has a payment or credit note allocated" in errors(found)[0]


@pytest.mark.parametrize("unique", [True, False])
def test_credit_note_numbers_are_unique_or_not(unique: bool) -> None:
    app = App(credit_note_number_unique=unique)
    note: Json = invoice() | {"Type": "ACCRECCREDIT", "CreditNoteNumber": "K-1-C1"}
    made = app.write("PUT", "CreditNotes", note, note)
    assert [bool(errors(element)) for element in made] == [False, unique]


def test_credit_notes_take_no_discount_and_no_negative_total() -> None:
    app = App()
    for entry in (line(DiscountRate=10), line(UnitAmount=-1)):
        note = invoice(entry) | {"Type": "ACCRECCREDIT"}
        assert errors(app.put("CreditNotes", note)) != []
    assert app.send("PUT", "/CreditNotes", invoice(Type="ACCPAYCREDIT")).status_code == 501
    assert "must be specified" in errors(app.put("CreditNotes", invoice(Type=None)))[0]


def test_person_enters_a_credit_note() -> None:
    app = App()
    alice = next(row.id for row in app.xero.contacts.values() if row.name == "Alice Baker")
    note = app.xero.add_credit_note(alice, [line()], Date="2026-11-03")
    listed = app.get("/CreditNotes?page=1")
    assert listed["pagination"]["itemCount"] == 1
    assert listed["CreditNotes"][0]["LineItems"][0]["LineAmount"] == 100
    assert app.get("/CreditNotes")["CreditNotes"][0]["LineItems"] == []
    assert app.xero.credit_notes[note].app == ""
