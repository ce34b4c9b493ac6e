"""The demo company of the simulated QuickBooks, wherever it is, and companies side by side."""

from datetime import date
from decimal import Decimal

import pytest
from werkzeug.test import Client

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.qbo import QboSandbox, Refused, WorldName
from invoicesync_sandbox.shop.company import fill_qbo
from tests.kits.qbo_app import START

WORLDS: list[WorldName] = ["uk", "us", "us-no-tax", "us-manual", "au"]


@pytest.mark.parametrize("world", WORLDS)
def test_every_world_has_the_same_people(world: WorldName) -> None:
    qbo = QboSandbox(Clock(START), world=world)
    fill_qbo(qbo)
    assert qbo.realm == "9341450000000001"
    assert qbo.companies[qbo.realm].startswith("Wick & Wax")
    assert len(qbo.customers.find("email", "emma@example.com")) == 2
    assert [row.name for row in qbo.customers.values() if not row.active] == ["Frank Green"]
    assert {row.name for row in qbo.vendors.values()} == {"Beeswax Wholesale Ltd", "Hugo Ives"}
    with pytest.raises(Refused, match="6240"):
        qbo.add_customer("Hugo Ives")


@pytest.mark.parametrize(
    ("world", "total"),
    [("uk", "60"), ("us", "53.63"), ("us-no-tax", "50"), ("us-manual", "50"), ("au", "55")],
)
def test_there_is_one_older_invoice_in_closed_books(world: WorldName, total: str) -> None:
    qbo = QboSandbox(Clock(START), world=world)
    fill_qbo(qbo)
    (invoice,) = qbo.invoices.values()
    assert (invoice.number, invoice.total) == ("INV-0001", Decimal(total))
    assert qbo.preferences.close_date == date(2026, 10, 2)
    with pytest.raises(Refused, match="6210"):
        qbo.void_invoice(invoice.id)


def test_items_lead_to_their_accounts() -> None:
    qbo = QboSandbox(Clock(START))
    fill_qbo(qbo)
    account = {
        row.sku or row.name: qbo.accounts[row.income_account].name for row in qbo.items.values()
    }
    assert account["TIL"] == account["WAX-1"] == "Sales - candles"
    assert account["POST"] == "Postage Income"
    assert account["Discount"] == "Discounts given"
    assert qbo.items[qbo.preferences.default_item].name == "Sales"


def test_companies_are_apart() -> None:
    qbo = QboSandbox(Clock(START), companies={"1001": "Wick & Wax Ltd", "1002": "Harbour"})
    qbo.add_customer("Alice Baker")
    client, found = Client(qbo), {}
    for realm in ("1001", "1002"):
        headers = {
            "Authorization": f"Bearer {qbo.issue_token(realm=realm)}",
            "Accept": "application/json",
        }
        asked = {"query": "select count(*) from Customer"}
        path = f"/v3/company/{realm}/query"
        reply = client.get(path, query_string=asked, headers=headers).get_json()
        found[realm] = reply["QueryResponse"]["totalCount"]
    assert found == {"1001": 1, "1002": 0}
    qbo.other("1002").add_customer("Alice Baker")
    assert len(qbo.customers) == 1
