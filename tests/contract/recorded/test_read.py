"""Every recording, read by the client's own readers: what it must come to."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from pydantic import TypeAdapter

from invoicesync_cli.auth.oauth import TokenAnswer
from invoicesync_cli.errors import InvoiceSyncError, SignInNeeded
from invoicesync_cli.fetch import readers
from invoicesync_cli.fetch.lists import Lists
from invoicesync_cli.http.responses import ServiceRefused, Throttled, WebPage, failure
from invoicesync_cli.http.schemas import BadRow, Rows, read
from invoicesync_cli.load.qbo import payments, setup
from invoicesync_cli.load.qbo.client import codes_of, responses
from invoicesync_cli.load.qbo.customers import customer
from invoicesync_cli.load.qbo.faults import refused
from invoicesync_cli.load.qbo.schemas import (
    InvoiceRow,
    PersonRow,
    SalesReceiptRow,
    all_read,
    fault_of,
    made_of,
)
from invoicesync_cli.load.xero import setup as xero
from invoicesync_cli.load.xero.client import page_of
from invoicesync_cli.load.xero.setup_schemas import ConnectionRow, OrganisationRow
from invoicesync_cli.model import Reason
from tests.contract.recorded.recordings import (
    Recorded,
    as_json,
    files,
    folder,
    needs_recordings,
    one,
    recorded,
)

pytestmark = needs_recordings
READ: dict[str, Callable[[str], None]] = {}
"""What each file is read for."""


def reads(*names: str) -> Callable[[Callable[[str], None]], Callable[[str], None]]:
    """Say that these files are read by a function."""

    def note(check: Callable[[str], None]) -> Callable[[str], None]:
        READ.update(dict.fromkeys(names, check))
        return check

    return note


@pytest.mark.parametrize("name", files() if folder() else [])
def test_recording_is_read_as_what_it_is(name: str) -> None:
    READ[name](name)


def test_every_reading_has_its_recording() -> None:
    assert READ.keys() == set(files())


def refusal(answer: Recorded, kind: type[InvoiceSyncError]) -> Any:
    """The error that an answer means, which has to be of a kind."""
    error = failure(answer.reply)
    assert type(error) is kind, error
    return error


# --- QuickBooks: rows -----------------------------------------------------------------------------


def people(answer: Recorded) -> list[PersonRow]:
    """The customers of an answer to a query."""
    return all_read(PersonRow, answer.data["QueryResponse"].get("Customer", []))


@reads("qbo/all-customers.yml")
def _all_customers(name: str) -> None:
    count, whole = recorded(name)
    found = people(whole)
    assert len({person.id for person in found}) == len(found)
    assert len(found) == count.data["QueryResponse"]["totalCount"] == 41
    assert {person.currency_ref.value for person in found} == {"USD"}
    amy = customer(found[0])
    assert (amy.id, amy.name) == ("1", "Amy's Bird Sanctuary")
    assert (amy.first_name, amy.last_name, amy.cities) == ("Amy", "Lauterbach", ("Bayshore",))
    assert amy.email == "Birds@Intuit.com"
    assert not amy.archived


@reads("qbo/all-alt_select.yml")
def _pages(name: str) -> None:
    """Inactive ones among them; the page behind the last has no rows at all."""
    count, *pages, last = recorded(name)
    rows = [customer(person) for page in pages for person in people(page)]
    assert len(rows) == count.data["QueryResponse"]["totalCount"] == 6
    assert [row.id for row in rows] == ["5", "6", "7", "8", "9", "10"]
    assert not any("(deleted)" in row.name for row in rows)
    assert people(last) == []


@reads("qbo/all-sales_receipts.yml")
def _receipts(name: str) -> None:
    rows = all_read(SalesReceiptRow, one(name).data["QueryResponse"]["SalesReceipt"])
    found = [payments.found(row) for row in rows]
    assert {item.receipt for item in found} == {True}
    assert {item.due for item in found} == {Decimal("0.00")}
    assert {item.number: item.total for item in found} == {
        "1008": Decimal("337.50"),
        "1003": Decimal("337.50"),
        "1011": Decimal("78.75"),
        "1014": Decimal("140.00"),
    }
    assert all(item.alive and item.date for item in found)


@reads("qbo/get-display_name.yml")
def _quoted_name(name: str) -> None:
    answer = one(name)
    assert answer.query["query"].endswith(r"DisplayName = 'Amy\'s Bird Sanctuary'")
    assert [person.display_name for person in people(answer)] == ["Amy's Bird Sanctuary"]


@reads("qbo/get-id.yml", "qbo/create-customer.yml", "qbo/update-customer.yml")
def _one_customer(name: str) -> None:
    expected = {
        "qbo/get-id.yml": [("5", "Dukes Basketball Camp")],
        "qbo/create-customer.yml": [("70", "Doe5, Jane")],
        "qbo/update-customer.yml": [("68", "Doe2, Jane"), ("68", "Jack Moe")],
    }
    made = [made_of(answer.data) for answer in recorded(name)]
    found = [(row.id, row.display_name) for row in made if isinstance(row, PersonRow)]
    assert found == expected[name]


@reads("qbo/create-invoice.yml")
def _invoice(name: str) -> None:
    made = made_of(one(name).data)
    assert isinstance(made, InvoiceRow)
    found = payments.found(made)
    assert (found.id, found.number, found.date) == ("266", "1043", date(2020, 9, 29))
    assert (found.total, found.tax, found.due) == (Decimal(100), Decimal(0), Decimal(100))
    assert (found.contact_id, found.alive) == ("1", True)
    assert payments.paid_by(made) == frozenset()


@reads("qbo/batch-basic.yml")
def _batch(name: str) -> None:
    """Items good and bad in one answer, told apart by their bId."""
    items = responses(one(name).reply)
    assert items.keys() == {"bid1", "bid2", "bid3", "bid4"}
    faults = {place: fault_of(item) for place, item in items.items()}
    inactive, stale = (refused(fault, "") for fault in faults.values() if fault)
    assert (inactive.reason, inactive.again) == (Reason.CONTACT_ARCHIVED, None)
    assert inactive.words.endswith("items, vendors or employees. (610)")
    assert (stale.id, stale.again) == (None, 2.0)
    rows = all_read(SalesReceiptRow, items["bid4"]["QueryResponse"]["SalesReceipt"])
    assert [row.total_amt for row in rows] == [Decimal("337.50")] * 2


# --- QuickBooks: refusals -------------------------------------------------------------------------


@reads("qbo/error-400.yml")
def _bad_query(name: str) -> None:
    good, bad = recorded(name)
    assert len(people(good)) == 41
    error = refusal(bad, ServiceRefused)
    assert codes_of(bad.reply) == {"4001"}
    assert error.words == (
        "Invalid query: QueryValidationError: invalid context declaration: Custmoer"
    )


@reads("qbo/error-400_json.yml", "qbo/error-500.yml")
def _bad_request(name: str) -> None:
    codes = {"qbo/error-400_json.yml": ["2010"], "qbo/error-500.yml": ["500", "2030"]}
    for answer, code in zip(recorded(name), codes[name], strict=True):
        assert codes_of(answer.reply) == {code}
        assert len(refusal(answer, ServiceRefused).words) <= 300


@reads("qbo/error-validation.yml")
def _name_taken(name: str) -> None:
    answer = one(name)
    fault = fault_of(answer.data)
    assert fault is not None
    assert refused(fault, "").taken
    assert refusal(answer, ServiceRefused).of_body


@reads("qbo/error-401.yml")
def _token_ended(name: str) -> None:
    error = refusal(one(name), SignInNeeded)
    assert "Token expired" in error.message
    assert error.hint.endswith("invoicesync auth qbo")


@reads("qbo/xml/throttle_exceeded_error.xml", "qbo/xml/too_many_requests_error.xml")
def _throttled(name: str) -> None:
    error = refusal(one(name), Throttled)
    assert "request limit was reached" in error.message
    assert error.wait is None


@reads("qbo/xml/customer_duplicate_error.xml", "qbo/xml/query_validation_error.xml")
def _in_xml(name: str) -> None:
    """Where JSON was not asked for, or is not given: the words are found all the same."""
    said = {
        "qbo/xml/customer_duplicate_error.xml": "Please use a different name.",
        "qbo/xml/query_validation_error.xml": "Min allowed value is 1",
    }
    assert said[name] in refusal(one(name), ServiceRefused).words


# --- QuickBooks: settings -------------------------------------------------------------------------


def lists_in(name: str, *repeated: str) -> Any:
    """The rows of an answer in XML, as JSON has them."""
    root = ElementTree.fromstring(one(name).body)  # noqa: S314 - a file at hand
    return as_json(root, frozenset(repeated))["QueryResponse"]


@reads("qbo/xml/preferences_query.xml")
def _preferences(name: str) -> None:
    rows = lists_in(name, "Preferences")
    forms = setup.forms({**rows, "CompanyInfo": [{"CompanyName": "A", "Country": "US"}]})
    assert forms.applies_credits
    assert not forms.taxed
    assert not forms.currencies
    assert rows["Preferences"][0]["SalesFormsPrefs"]["AutoApplyPayments"] is True


@reads("qbo/xml/tax_codes.xml")
def _tax_codes(name: str) -> None:
    rows = lists_in(name, "TaxCode", "TaxRateDetail")
    assert len(setup.kept("TaxCode", rows["TaxCode"])) == len(rows["TaxCode"]) == 11
    lists = {**rows, "CompanyInfo": [{"CompanyName": "A"}], "Preferences": [{}]}
    codes = setup.facts(lists, "1").tax_codes
    assert {"TAX", "NON", "CustomSalesTax"} < {code.code for code in codes}
    # The rates themselves are in another list; without them no code can stand for a rate.
    assert [code.code for code in codes if code.usable and code.parts] == []


# --- Xero -----------------------------------------------------------------------------------------


@reads("xero/test_get_organisations.yaml", "xero/test_call_api_get_organisations.yaml")
def _organisation(name: str) -> None:
    answer = one(name)
    page = page_of(answer.reply, "Organisations", OrganisationRow)
    (row,) = page.whole()
    assert (row.name, row.currency) == ("Demo Company (NZ)", "NZD")
    assert (row.period_lock, row.year_lock) == (date(2009, 9, 30), None)
    plain = [item.model_dump(mode="json", by_alias=True) for item in page.good]
    assert xero.facts({"Organisation": plain}).lock_date == date(2009, 9, 30)
    assert answer.headers["x-daylimit-remaining"].isdigit()


@reads("xero/test_get_connections.yaml")
def _connections(name: str) -> None:
    rows = read(one(name).reply, TypeAdapter(Rows[ConnectionRow]))
    (row,) = (row for row in rows if not isinstance(row, BadRow))
    assert (row.tenant, row.name) == ("a46fcb6f-2773-40c4-a119-8aa08bca1e8e", "")


@reads("xero/test_token_api_refresh_token.yaml")
def _tokens(name: str) -> None:
    answer = read(one(name).reply, TokenAnswer)
    assert (answer.access_token, answer.refresh_token) == (
        "xero-access-token",
        "xero-refresh-token",
    )
    assert answer.expires_in == 1800


@reads("xero/expired_oauth2_token.json", "xero/invalid_oauth2_request_token.json")
def _xero_401(name: str) -> None:
    error = refusal(one(name), SignInNeeded)
    said = {
        "xero/expired_oauth2_token.json": "(401): TokenExpired: token expired at",
        "xero/invalid_oauth2_request_token.json": "(401): AuthenticationUnsuccessful",
    }
    assert said[name] in error.message


# --- Keap -----------------------------------------------------------------------------------------


@reads("keap/tags-with-next-page.json")
def _page_token(name: str) -> None:
    """The token of the next page is in an address."""
    rows, token = Lists(lambda *_: one(name).data).page("/tags", "tags", {})
    assert ([readers.id_in(row, "id") for row in rows], token) == (["91"], "91")


@reads("keap/contacts-first-page.json", "keap/contacts-empty-page.json")
def _contacts(name: str) -> None:
    """Of REST v1: its fields and nulls are those that v2 has too."""
    rows, token = Lists(lambda *_: one(name).data).page("/contacts", "contacts", {})
    found = [readers.person(row) for row in rows]
    people = [("22", ("erica.lewis@example.com",)), ("20", ("john.doe@example.com",))]
    expected = people if rows else []
    assert [(person.id, person.emails) for person in found if person] == expected
    assert not any(person.problem for person in found if person)
    assert token == ""


@reads("keap/get-with-req-body-not-allowed.html", "keap/url-not-found.html")
def _front_server(name: str) -> None:
    error = refusal(one(name), WebPage)
    said = {
        "keap/get-with-req-body-not-allowed.html": "400 Bad Request",
        "keap/url-not-found.html": "Keap - Page Not Found",
    }
    assert error.message.endswith(said[name])


@reads("keap/delete-missing-contact.json", "keap/write-contacts-missing-fields.json")
def _keap_message(name: str) -> None:
    answer = one(name)
    assert refusal(answer, ServiceRefused).words == answer.data["message"]
