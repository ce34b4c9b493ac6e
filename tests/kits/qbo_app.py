"""An app that is signed in to the simulated QuickBooks, and what it sends there."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from werkzeug.test import Client, TestResponse

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.qbo import QboSandbox, QboSwitches, WorldName, sale

START = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
Json = dict[str, Any]


class App:
    """An app that is signed in to a company with one customer, one item and one tax code."""

    def __init__(
        self, world: WorldName = "uk", switches: QboSwitches | None = None, **more: Any
    ) -> None:
        self.qbo = QboSandbox(Clock(START), switches or QboSwitches(**more), world=world)
        self.qbo.enforce_limits = False
        self.client = Client(self.qbo)
        self.token = self.qbo.issue_token()
        self.customer = self.qbo.add_customer("Alice Baker", email="alice@example.com")
        self.item = self.qbo.add_item("Candles", sku="CAN")
        self.code = "TAX" if self.qbo.world.american else self.qbo.add_tax_code("20.0% S", "20")
        self.zero = "NON" if self.qbo.world.american else self.qbo.add_tax_code("0.0% Z", "0")

    def send(self, method: str, path: str, **request: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        headers |= request.pop("headers", {})
        root = f"/v3/company/{self.qbo.realm}"
        return self.client.open(f"{root}/{path}", method=method, headers=headers, **request)

    def post(self, path: str, body: Any) -> TestResponse:
        return self.send("POST", path, json=body)

    def made(self, entity: str, body: Json, query: str = "") -> Json:
        """The object as it was saved."""
        reply = self.post(entity.lower() + query, body)
        assert reply.status_code == 200, reply.text
        found: Json = reply.get_json()[entity]
        return found

    def refused(self, entity: str, body: Any, query: str = "") -> str:
        """Code and detail of the refusal."""
        reply = self.post(entity.lower() + query, body)
        assert reply.status_code == 400, reply.text
        error = reply.get_json()["Fault"]["Error"][0]
        return f"{error['code']} {error['Detail']}"

    def read(self, entity: str, row_id: str) -> Json:
        found: Json = self.send("GET", f"{entity.lower()}/{row_id}").get_json()[entity]
        return found

    def query(self, *words: str) -> Json:
        reply = self.send("GET", "query", query_string={"query": " ".join(words)})
        assert reply.status_code == 200, reply.text
        found: Json = reply.get_json()["QueryResponse"]
        return found

    def batch(self, *items: Json, query: str = "") -> dict[str, Json]:
        """The answers by their bId."""
        reply = self.post(f"batch{query}", {"BatchItemRequest": list(items)})
        assert reply.status_code == 200, reply.text
        return {item["bId"]: item for item in reply.get_json()["BatchItemResponse"]}

    def line(self, amount: Any = "100.00", code: str | None = None, **detail: Any) -> Json:
        return sale(amount, item=self.item, tax_code=self.code if code is None else code) | detail

    def invoice(self, *lines: Json, **fields: Any) -> Json:
        """An invoice to be posted, of 100 and the tax on it unless lines are given."""
        body: Json = {
            "CustomerRef": {"value": self.customer},
            "Line": [plain(line) for line in (lines or (self.line(),))],
            "TxnDate": "2026-11-03",
        }
        if not self.qbo.world.american:
            body["GlobalTaxCalculation"] = "TaxExcluded"
        return body | fields

    def invoiced(self, *lines: Json, **fields: Any) -> Json:
        return self.made("Invoice", self.invoice(*lines, **fields))


def plain(value: Any) -> Any:
    """The same with money as text, as JSON takes it and the vendor reads it too."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return str(value) if isinstance(value, Decimal) else value


def shipping(amount: str, code: str = "") -> Json:
    return sale(amount, item="SHIPPING_ITEM_ID", tax_code=code)


def discount(amount: str = "", **detail: Any) -> Json:
    line: Json = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}
    return line | ({"Amount": amount} if amount else {})
