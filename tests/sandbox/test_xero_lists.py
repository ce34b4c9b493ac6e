"""Lists of the simulated Xero: pages, filters, order, what has changed since."""

from typing import Any

import pytest

from invoicesync_sandbox.xero import reading
from tests.kits.xero_app import App, invoice, line


def numbers(answer: dict[str, Any]) -> list[str]:
    """The invoice numbers of an answer, in its order."""
    return [row["InvoiceNumber"] for row in answer["Invoices"]]


@pytest.fixture
def app() -> App:
    """Invoices K-1 to K-5, a second apart: a draft, two open, one paid, one voided."""
    app = App()
    fields: list[dict[str, Any]] = [
        {"Status": "DRAFT", "Reference": "Order A", "Date": "2026-11-01"},
        {"Contact": {"Name": "Ben Carter"}, "Date": "2026-11-02"},
        {"Reference": "order b", "DueDate": "2026-12-31"},
        {"LineItems": [line(UnitAmount=10)], "Date": "2026-11-04"},
        {"Date": "2026-11-05"},
    ]
    keys = []
    for place, extra in enumerate(fields, 1):
        app.clock.advance(1)
        keys.append(app.created(InvoiceNumber=f"K-{place}", **extra)["InvoiceID"])
    app.xero.pay(keys[3])
    app.xero.void_invoice(keys[4])
    return app


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Statuses=DRAFT,PAID", "K-1 K-4"),
        ("InvoiceNumbers=K-2,k-5", "K-2 K-5"),
        ("searchTerm=ORDER", "INV-0001 K-1 K-3"),
        ("searchTerm=k-2", "K-2"),
        ("createdByMyApp=true", "K-1 K-2 K-3 K-4 K-5"),
        ('where=Status=="AUTHORISED"', "INV-0001 K-2 K-3"),
        ('where=Status="AUTHORISED" AND Contact.Name=="Ben Carter"', "K-2"),
        (
            'where=Type=="ACCREC" AND Date>=DateTime(2026,11,02) AND Date<DateTime(2026,11,4)',
            "K-2 K-3",
        ),
        ("where=DueDate>DateTime(2026,12,30)", "K-3"),
        ("where=AmountDue>0 AND AmountDue<=60.00", "INV-0001"),
        ("where=AmountPaid==12", "K-4"),
        ('where=Reference=="Order A"', "K-1"),
        ('where=InvoiceNumber=="K-3" OR InvoiceNumber=="K-4"', "K-3 K-4"),
        ('where=(Status=="PAID" || Status=="VOIDED") && Total>12m', "K-5"),
        ('where=Status!="DRAFT" AND Status<>"AUTHORISED"', "K-4 K-5"),
        ('where=Reference.Contains("rder") AND InvoiceNumber.EndsWith("3")', "K-3"),
        ("where=SentToContact==true", ""),
        ("where=UpdatedDateUTC>=DateTime(2026,11,20,12,0,5)", "K-4 K-5"),
        ("order=InvoiceNumber DESC&where=AmountDue>0", "K-3 K-2 K-1 INV-0001"),
        ("order=Total,InvoiceNumber desc&where=AmountDue>0", "INV-0001 K-3 K-2 K-1"),
    ],
)
def test_invoices_are_found(app: App, query: str, found: str) -> None:
    assert numbers(app.get(f"/Invoices?{query.replace('&&', '%26%26')}")) == found.split()


def test_invoices_are_found_by_ids(app: App) -> None:
    key = next(row.id for row in app.xero.invoices.values() if row.number == "K-2")
    contact = app.xero.invoices[key].contact_id
    assert numbers(app.get(f"/Invoices?IDs={key}")) == ["K-2"]
    assert numbers(app.get(f"/Invoices?ContactIDs={contact}")) == ["K-2"]
    assert numbers(app.get(f'/Invoices?where=InvoiceID==guid("{key}")')) == ["K-2"]
    assert numbers(app.get(f'/Invoices?where=Contact.ContactID==Guid("{contact}")')) == ["K-2"]


@pytest.mark.parametrize(
    "query",
    [
        'where=Nothing=="x"',
        "where=Status",
        "where=Status==",
        "where=Status==DRAFT",
        'where=Status=="DRAFT" Type=="ACCREC"',
        'where=(Status=="DRAFT"',
        'where=Date>="2026-11-01"',
        "where=Date>=DateTime(2026,13,1)",
        "where=Date>=DateTime(99999999999999999999,1,1)",
        'where=Total=="12"',
        'where=InvoiceID=="00000000-0000-0000-0000-000000000000"',
        'where=InvoiceID>guid("00000000-0000-0000-0000-000000000000")',
        "where=Reference.Contains(5)",
        "where=Status ~ 1",
        "where=" + "(" * 1900,
        "order=Nothing",
        "order=Date UP",
    ],
)
def test_filters_that_cannot_be_read_are_refused(app: App, query: str) -> None:
    answer = app.send("GET", f"/Invoices?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["Type"] == "QueryParseException"


def test_without_pages_there_are_no_lines_and_no_pagination(app: App) -> None:
    answer = app.get("/Invoices")
    assert "pagination" not in answer
    assert all(row["LineItems"] == [] and row["Payments"] == [] for row in answer["Invoices"])


@pytest.mark.parametrize("query", ["page=1", "Statuses=PAID,VOIDED"])
def test_pages_have_lines_and_payments(app: App, query: str) -> None:
    answer = app.get(f"/Invoices?{query}")
    paid = next(row for row in answer["Invoices"] if row["InvoiceNumber"] == "K-4")
    assert paid["LineItems"][0]["UnitAmount"] == 10
    assert paid["Payments"][0]["Amount"] == 12
    assert "EmailAddress" not in paid["Contact"]


def test_summaries_are_paged_and_lean(app: App) -> None:
    answer = app.get("/Invoices?summaryOnly=true")
    assert answer["pagination"]["itemCount"] == 6
    for row in answer["Invoices"]:
        assert not {"LineItems", "Payments", "HasAttachments"} & set(row)
        assert {"AmountDue", "Reference", "Contact", "UpdatedDateUTC"} <= set(row)


@pytest.mark.parametrize(
    ("query", "page", "found"),
    [
        ("page=1", (1, 100, 1, 6), 6),
        ("page=2&pageSize=4", (2, 4, 2, 6), 2),
        ("page=9&pageSize=4", (9, 4, 2, 6), 0),
        ("page=0&pageSize=5000", (1, 1000, 1, 6), 6),
        ("page=-3&pageSize=0", (1, 1, 6, 6), 1),
    ],
)
def test_pages_are_counted_and_clamped(
    app: App, query: str, page: tuple[int, ...], found: int
) -> None:
    answer = app.get(f"/Invoices?{query}")
    assert tuple(answer["pagination"].values()) == page
    assert list(answer["pagination"]) == ["page", "pageSize", "pageCount", "itemCount"]
    assert len(answer["Invoices"]) == found


def test_the_usual_order_is_by_change(app: App) -> None:
    app.clock.advance(1)
    key = next(row.id for row in app.xero.invoices.values() if row.number == "K-2")
    app.xero.edit_invoice(key, Reference="new")
    assert numbers(app.get("/Invoices"))[-1] == "K-2"


@pytest.mark.parametrize(
    "since", ["2026-11-20T12:00:05", "2026-11-20T12:00:05Z", "Fri, 20 Nov 2026 12:00:05 GMT"]
)
@pytest.mark.parametrize(("inclusive", "found"), [(True, ["K-2"]), (False, [])])
def test_changes_since_a_moment(since: str, inclusive: bool, found: list[str]) -> None:
    app = App(modified_since_inclusive=inclusive)
    app.clock.advance(5)
    app.created(InvoiceNumber="K-2")
    assert numbers(app.get("/Invoices", **{"If-Modified-Since": since})) == found
    later = {"If-Modified-Since": "2026-11-20T12:00:06"}
    assert numbers(app.get("/Invoices", **later)) == []
    app.clock.advance(0.5)
    app.created(InvoiceNumber="K-3")
    assert "K-3" in numbers(app.get("/Invoices", **{"If-Modified-Since": since}))


@pytest.mark.parametrize(("refused", "status"), [(True, 412), (False, 200)])
def test_unreadable_moment_is_refused_or_ignored(refused: bool, status: int) -> None:
    app = App(bad_modified_since_refused=refused)
    answer = app.send("GET", "/Invoices", headers={"If-Modified-Since": "20/11/2026"})
    assert answer.status_code == status


@pytest.mark.parametrize("status", [200, 304])
def test_nothing_changed_is_an_empty_list_or_304(status: int) -> None:
    app = App(nothing_modified_status=status)
    answer = app.send("GET", "/Invoices", headers={"If-Modified-Since": "2026-11-21T00:00:00"})
    assert answer.status_code == status
    assert app.send("GET", "/Payments").status_code == 200


def test_too_many_rows_need_pages_and_fast_filters(
    monkeypatch: pytest.MonkeyPatch, app: App
) -> None:
    monkeypatch.setattr(reading, "_ROW_LIMIT", 5)
    assert app.send("GET", "/Invoices").status_code == 400
    assert app.send("GET", "/Invoices?page=1").status_code == 200
    assert app.send("GET", '/Invoices?page=1&where=Status=="PAID"').status_code == 200
    assert app.send("GET", "/Invoices?page=1&where=Date>DateTime(2026,1,1)").status_code == 200
    assert app.send("GET", "/Invoices?page=1&where=Total>1").status_code == 400
    assert app.send("GET", '/Invoices?page=1&where=Status!="PAID"').status_code == 400
    assert app.send("GET", "/Invoices?page=1&order=InvoiceNumber").status_code == 400


def test_rows_made_by_a_person_are_not_my_apps(app: App) -> None:
    app.headers["Authorization"] = f"Bearer {app.xero.issue_token(client_id='another')}"
    assert numbers(app.get("/Invoices?createdByMyApp=true")) == []
    app.put("Invoices", invoice(InvoiceNumber="K-9"))
    assert numbers(app.get("/Invoices?createdByMyApp=true")) == ["K-9"]


def test_payments_are_listed_and_filtered(app: App) -> None:
    answer = app.get("/Payments?page=1")
    (paid,) = answer["Payments"]
    assert answer["pagination"]["itemCount"] == 1
    assert paid["Invoice"]["InvoiceNumber"] == "K-4"
    assert "AmountDue" not in paid["Invoice"]
    for where, count in (
        ('Status=="AUTHORISED" AND PaymentType=="ACCRECPAYMENT"', 1),
        (f'Invoice.InvoiceId==guid("{paid["Invoice"]["InvoiceID"]}")', 1),
        ('Reference=="other"', 0),
        ("Date>=DateTime(2026,11,20) AND Amount>=12", 1),
    ):
        assert len(app.get(f"/Payments?where={where}")["Payments"]) == count


def test_unit_amounts_are_read_with_two_places_or_four() -> None:
    app = App()
    app.clock.advance(1)
    app.created(LineItems=[line(UnitAmount="1.2345")])
    for query, unit in (("page=1", 1.23), ("page=1&unitdp=4", 1.2345)):
        assert app.get(f"/Invoices?{query}")["Invoices"][-1]["LineItems"][0]["UnitAmount"] == unit
