"""Invoices that are there already in the simulated Xero: edits, statuses, money, locks."""

from datetime import date
from decimal import Decimal

import pytest

from tests.kits.xero_app import App, errors, invoice, line

NO_ID = "00000000-0000-0000-0000-000000000000"
UNIQUE = "Invoice # must be unique."
NOT_CHANGEABLE = "Invoice not of valid status for modification"
PAID = "This document cannot be edited as it has a payment or credit note allocated to it"


def test_post_edits_the_invoice_of_that_number() -> None:
    app = App()
    made = app.created(InvoiceNumber="K-1", Reference="before")
    (found,) = app.write("POST", "Invoices", {"InvoiceNumber": "K-1", "Reference": "after"})
    assert (found["InvoiceID"], found["Reference"]) == (made["InvoiceID"], "after")
    assert found["Total"] == 120
    app = App(post_edits_by_number=False)
    app.created(InvoiceNumber="K-1")
    (found,) = app.write("POST", "Invoices", invoice(InvoiceNumber="K-1"))
    assert errors(found) == [UNIQUE]


def test_post_to_a_voided_number_names_the_status() -> None:
    app = App()
    app.xero.void_invoice(app.created(InvoiceNumber="K-1")["InvoiceID"])
    (found,) = app.write("POST", "Invoices", invoice(InvoiceNumber="K-1"))
    assert errors(found) == [NOT_CHANGEABLE]


def test_post_to_a_paid_number_names_the_payment_too() -> None:
    app = App()
    app.xero.pay(app.created(InvoiceNumber="K-1")["InvoiceID"])
    (found,) = app.write("POST", "Invoices", invoice(InvoiceNumber="K-1"))
    assert errors(found) == [NOT_CHANGEABLE, PAID]


def test_post_without_a_match_creates() -> None:
    app = App()
    (found,) = app.write("POST", "Invoices", invoice(InvoiceNumber="K-1"))
    assert found["InvoiceID"] in app.xero.invoices
    (found,) = app.write("POST", "Invoices", invoice(InvoiceID=NO_ID))
    assert "could not be found" in errors(found)[0]


@pytest.mark.parametrize(
    ("start", "end", "allowed"),
    [
        ("DRAFT", "SUBMITTED", True),
        ("DRAFT", "AUTHORISED", True),
        ("DRAFT", "DELETED", True),
        ("DRAFT", "VOIDED", False),
        ("SUBMITTED", "DRAFT", True),
        ("SUBMITTED", "DELETED", True),
        ("AUTHORISED", "VOIDED", True),
        ("AUTHORISED", "DELETED", False),
        ("AUTHORISED", "DRAFT", False),
        ("AUTHORISED", "PAID", False),
    ],
)
def test_statuses_move_by_the_rules(start: str, end: str, allowed: bool) -> None:
    app = App()
    key = app.created(Status=start)["InvoiceID"]
    (found,) = app.write(
        "POST",
        "Invoices",
        {
            "InvoiceID": key,
            "Status": end,
        },
    )
    assert errors(found) == ([] if allowed else [NOT_CHANGEABLE])
    assert app.xero.invoices[key].status == (end if allowed else start)


def test_voided_invoice_is_owed_nothing_and_stays_so() -> None:
    app = App()
    key = app.created()["InvoiceID"]
    app.xero.void_invoice(key)
    (read,) = app.get(f"/Invoices/{key}")["Invoices"]
    assert (read["Status"], read["AmountDue"], read["Total"]) == ("VOIDED", 0, 120)
    with pytest.raises(ValueError, match=NOT_CHANGEABLE):
        app.xero.edit_invoice(key, Reference="x")


def test_deleted_draft_stays_readable() -> None:
    app = App()
    key = app.created(Status="DRAFT")["InvoiceID"]
    app.xero.delete_invoice(key)
    (read,) = app.get(f"/Invoices/{key}")["Invoices"]
    assert (read["Status"], read["AmountDue"]) == ("DELETED", 0)


def test_invoice_with_money_on_it_cannot_be_voided() -> None:
    app = App()
    key = app.created()["InvoiceID"]
    app.xero.pay(key, "1.00")
    with pytest.raises(ValueError, match="has payments or credit notes allocated to it"):
        app.xero.void_invoice(key)
    assert app.xero.invoices[key].status == "AUTHORISED"


def test_lines_sent_without_ids_are_made_anew() -> None:
    app = App()
    made = app.created()
    path = f"/Invoices/{made['InvoiceID']}"
    sent = {"LineItems": [line(UnitAmount=50)]}
    changed = app.send("POST", path, sent).get_json()["Invoices"][0]
    assert changed["Total"] == 60
    assert changed["LineItems"][0]["LineItemID"] != made["LineItems"][0]["LineItemID"]


def test_line_sent_with_its_id_keeps_what_is_left_out() -> None:
    app = App()
    made = app.created(LineItems=[line(UnitAmount="33.3333", Quantity=3, TaxAmount="19.99")])
    line_id = made["LineItems"][0]["LineItemID"]
    sent = {"LineItems": [{"LineItemID": line_id, "Description": "Other"}]}
    path = f"/Invoices/{made['InvoiceID']}?unitdp=4"
    changed = app.send("POST", path, sent).get_json()["Invoices"][0]["LineItems"][0]
    assert (changed["LineItemID"], changed["Description"]) == (line_id, "Other")
    assert (changed["UnitAmount"], changed["LineAmount"]) == (33.3333, 100)


def test_lines_that_are_not_sent_stay_whatever_else_changes() -> None:
    app = App()
    made = app.created(LineItems=[line(TaxAmount="19.99")], Status="DRAFT")
    app.xero.edit_invoice(made["InvoiceID"], Status="AUTHORISED", Reference="now")
    (read,) = app.get(f"/Invoices/{made['InvoiceID']}")["Invoices"]
    assert read["LineItems"] == made["LineItems"]
    app.xero.edit_invoice(made["InvoiceID"], LineAmountTypes="Inclusive")
    (read,) = app.get(f"/Invoices/{made['InvoiceID']}")["Invoices"]
    assert (read["TotalTax"], read["Total"]) == (16.67, 100)


def test_paid_invoice_changes_only_where_no_money_is() -> None:
    app = App()
    made = app.created()
    key, line_id = made["InvoiceID"], made["LineItems"][0]["LineItemID"]
    app.xero.pay(key, "20.00")
    kept = [{"LineItemID": line_id, "Description": "Renamed", "AccountCode": "201"}]
    app.xero.edit_invoice(
        key, Reference="new", DueDate="2026-12-24", InvoiceNumber="K-9", LineItems=kept
    )
    changed = app.xero.invoices[key]
    assert (changed.reference, changed.number) == ("new", "K-9")
    assert (changed.lines[0].description, changed.amount_paid) == ("Renamed", Decimal(20))
    for fields in ({"Date": "2026-11-04"}, {"LineItems": [line()]}, {"CurrencyCode": "EUR"}):
        app.xero.subscribe("EUR")
        with pytest.raises(ValueError, match=PAID):
            app.xero.edit_invoice(key, **fields)


def test_archived_contact_stands_in_the_way_of_changes() -> None:
    app = App()
    made = app.created()
    app.xero.archive_contact(made["Contact"]["ContactID"])
    for change in ({"Status": "VOIDED"}, {"Reference": "x"}):
        with pytest.raises(ValueError, match="archived contact"):
            app.xero.edit_invoice(made["InvoiceID"], **change)
    app.xero.restore_contact(made["Contact"]["ContactID"])
    app.xero.void_invoice(made["InvoiceID"])


def test_locked_period_takes_no_change() -> None:
    app = App()
    key = app.created(Date="2026-11-03")["InvoiceID"]
    app.xero.set_lock_dates(end_of_year=date(2026, 11, 3))
    message = "The document date cannot be before the end of year lock date"
    for fields in ({"Reference": "x"}, {"Date": "2026-11-04"}, {"Status": "VOIDED"}):
        with pytest.raises(ValueError, match=message):
            app.xero.edit_invoice(key, **fields)
    assert errors(app.put("Invoices", invoice(Date="2026-11-03"))) == [message]
    app.created(Date="2026-11-04")


@pytest.mark.parametrize("spared", [True, False])
def test_locked_period_spares_drafts_or_not(spared: bool) -> None:
    app = App(lock_spares_drafts=spared)
    found = app.put("Invoices", invoice(Date="2026-10-02", Status="DRAFT"))
    assert bool(errors(found)) is not spared


def test_lock_message_may_name_the_date() -> None:
    app = App(lock_message_names_date=True)
    found = app.put("Invoices", invoice(Date="2026-10-01"))
    assert errors(found) == ["The document date cannot be before the period lock date 2026-10-02"]
