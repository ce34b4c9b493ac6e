"""The simulated Xero as an app meets it first: signing in, and one invoice there and back."""

from invoicesync_sandbox.shop.ledger import CLIENT_ID, CLIENT_SECRET
from invoicesync_sandbox.xero import API
from tests.kits.xero_app import App


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
