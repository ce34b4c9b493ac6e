"""Xero's own Python client, set up as its README says, in front of the simulated Xero."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from xero_python.accounting import (
    Account,
    AccountingApi,
    Contact,
    Contacts,
    Invoice,
    Invoices,
    LineAmountTypes,
    LineItem,
)
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token
from xero_python.identity import IdentityApi

from invoicesync_sandbox.shop.ledger import CLIENT_ID, CLIENT_SECRET
from invoicesync_sandbox.xero import XeroSandbox
from tests.kits.rehearsal import START

TODAY = START.date()


class XeroSdk:
    """The client as its README sets it up, signed in, and the sandbox behind it."""

    def __init__(self, sandbox: XeroSandbox, root: str) -> None:
        self.sandbox = sandbox
        self.tenant = sandbox.tenant_id
        self.token = {
            "access_token": sandbox.issue_token(),
            "token_type": "Bearer",
            "expires_in": 1800,
            "scope": ["accounting.invoices"],
        }
        configuration = Configuration(
            oauth2_token=OAuth2Token(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
        )
        self.client = ApiClient(configuration, pool_threads=1)
        self.client.oauth2_token_getter(lambda: self.token)
        self.client.oauth2_token_saver(self._save)
        self.accounting = AccountingApi(self.client, base_url=f"{root}/api.xro/2.0")
        self.identity = IdentityApi(self.client, base_url=root)

    def _save(self, token: dict[str, Any]) -> None:
        self.token = token

    def contact(self, name: str = "Ada Lovelace") -> str:
        """A new contact: its id."""
        made = self.accounting.create_contacts(self.tenant, Contacts(contacts=[Contact(name=name)]))
        return str(made.contacts[0].contact_id)

    def invoice(self, number: str = "K-1", amount: str = "100.00", **fields: Any) -> Invoice:
        """A new, approved invoice with 20 % tax on top."""
        draft = sale(self.contact(f"Buyer of {number}"), number, amount, **fields)
        made = self.accounting.create_invoices(self.tenant, Invoices(invoices=[draft]), unitdp=4)
        return made.invoices[0]

    def bank(self) -> Account:
        """The account that payments go to."""
        accounts = self.accounting.get_accounts(self.tenant, where='Code=="090"').accounts
        return Account(account_id=accounts[0].account_id)


def sale(contact: str, number: str, amount: str, **fields: Any) -> Invoice:
    """An invoice as the client's own samples build it."""
    line = LineItem(
        description="Candle",
        quantity=Decimal(1),
        unit_amount=Decimal(amount),
        account_code="200",
        tax_type="OUTPUT2",
    )
    filled = {
        "type": "ACCREC",
        "contact": Contact(contact_id=contact),
        "line_items": [line],
        "date": TODAY,
        "due_date": TODAY + timedelta(days=14),
        "invoice_number": number,
        "reference": f"Keap order {number}",
        "status": "AUTHORISED",
        "line_amount_types": LineAmountTypes.EXCLUSIVE,
    }
    return Invoice(**{**filled, **fields})
