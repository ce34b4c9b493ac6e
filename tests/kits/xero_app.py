"""An app that is signed in to the simulated Xero, and what it sends there."""

from datetime import UTC, datetime
from typing import Any

from werkzeug.test import Client, TestResponse

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.shop.ledger import fill_xero
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
