"""The simulated Xero as an app meets it first: signing in, and one invoice there and back."""

from datetime import UTC, datetime
from typing import Any

from werkzeug.test import Client, TestResponse

from invoicesync_sandbox.base import Clock
from invoicesync_sandbox.shop.ledger import CLIENT_ID, CLIENT_SECRET, fill_xero
from invoicesync_sandbox.xero import API, XeroSandbox, XeroSwitches

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
Json = dict[str, Any]


class App:
    """An app that is signed in to the demo shop's books, with the clock stopped."""

    def __init__(self, *, now: datetime = NOW, **switches: Any) -> None:
        self.clock = Clock(now)
        self.xero = XeroSandbox(self.clock, XeroSwitches(**switches))
        fill_xero(self.xero)
        self.client = Client(self.xero)
        self.headers = {
            "Authorization": f"Bearer {self.xero.issue_token()}",
            "Xero-Tenant-Id": self.xero.tenant_id,
            "Accept": "application/json",
        }

    def send(
        self, method: str, path: str, body: object = None, headers: Json | None = None
    ) -> TestResponse:
        """Any call below the API's root."""
        return self.client.open(
            f"{API}{path}", method=method, json=body, headers=self.headers | (headers or {})
        )

    def get(self, path: str, **headers: str) -> Json:
        """The JSON of a successful GET."""
        response = self.send("GET", path, headers=headers)
        assert response.status_code == 200, response.text
        answer: Json = response.get_json()
        return answer

    def write(self, method: str, collection: str, *elements: Json, query: str = "") -> list[Json]:
        """Write elements and return them as they come back, refused or not."""
        path = f"/{collection}?summarizeErrors=false&unitdp=4{query}"
        response = self.send(method, path, {collection: list(elements)})
        assert response.status_code == 200, response.text
        found: list[Json] = response.get_json()[collection]
        return found

    def put(self, collection: str, element: Json) -> Json:
        """Create one element and return it."""
        return self.write("PUT", collection, element)[0]

    def created(self, **fields: Any) -> Json:
        """An approved invoice, saved."""
        found = self.put("Invoices", invoice(**fields))
        assert errors(found) == []
        return found


def invoice(*lines: Json, **fields: Any) -> Json:
    """An approved invoice of 100.00 and 20.00 tax, unless said otherwise."""
    return {
        "Type": "ACCREC",
        "Contact": {"Name": "Alice Baker"},
        "Date": "2026-11-03",
        "DueDate": "2026-11-17",
        "Status": "AUTHORISED",
        "LineItems": list(lines) or [line()],
    } | fields


def line(**fields: Any) -> Json:
    """A line of 100.00, taxed by its account's default."""
    return {
        "Description": "Candles",
        "Quantity": 1,
        "UnitAmount": 100,
        "AccountCode": "200",
    } | fields


def errors(element: Json) -> list[str]:
    """What an element was refused for."""
    return [error["Message"] for error in element.get("ValidationErrors", [])]


def test_custom_connection_signs_in_and_needs_no_tenant_header() -> None:
    app = App()
    answer = app.client.post(
        "/connect/token",
        data={"grant_type": "client_credentials", "scope": "accounting.settings.read"},
        auth=(CLIENT_ID, CLIENT_SECRET),
    )
    assert answer.status_code == 200
    assert answer.get_json()["expires_in"] == 1800
    token = answer.get_json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    organisation = app.client.get(f"{API}/Organisation", headers=headers)
    assert organisation.get_json()["Organisations"][0]["Name"] == "Wick & Wax Ltd"
    other = headers | {"Xero-Tenant-Id": "11111111-1111-1111-1111-111111111111"}
    assert app.client.get(f"{API}/Organisation", headers=other).status_code == 403


def test_invoice_is_created_and_read_back() -> None:
    app = App()
    made = app.created(InvoiceNumber="K-1001", Reference="Keap order 1001, invoice 1001")
    assert made["StatusAttributeString"] == "OK"
    for key in (made["InvoiceID"], "K-1001"):
        (read,) = app.get(f"/Invoices/{key}")["Invoices"]
        assert (read["SubTotal"], read["TotalTax"], read["Total"]) == (100, 20, 120)
        assert (read["AmountDue"], read["Status"]) == (120, "AUTHORISED")
        assert read["Contact"]["EmailAddress"] == "alice@example.com"
        assert (read["Date"], read["DateString"]) == (
            "/Date(1793664000000+0000)/",
            "2026-11-03T00:00:00",
        )
        assert read["LineItems"][0]["TaxType"] == "OUTPUT2"
    assert app.xero.invoices[made["InvoiceID"]].app == "test-app"


def test_two_runs_of_the_same_story_give_the_same_ids() -> None:
    assert App().created()["InvoiceID"] == App().created()["InvoiceID"]
