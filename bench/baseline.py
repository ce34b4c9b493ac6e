"""One call for each thing, as open-source tools of this kind do it, by the vendors' own clients.

Find the customer, create the customer, in QuickBooks find the item of each line, create the
invoice, create the payment: the fewest calls that any of them makes.
"""

import os
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from quickbooks import QuickBooks
from quickbooks.objects import Account, Customer, Invoice, Item, Payment, PaymentLine, TaxCode
from quickbooks.objects.base import LinkedTxn
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail
from xero_python import accounting as xero
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token

from bench.services import Services
from invoicesync_sandbox.world import CLIENT_ID, CLIENT_SECRET

LINES = 2
"""Lines of an invoice. An order of the made-up shop has two or three."""
TODAY = date(2026, 11, 20)


def calls_each(services: Services, orders: int = 20) -> float:
    """Calls for each paid order of a new customer, counted at the services."""
    book = _xero(services) if services.to == "xero" else _quickbooks(services)
    before = services.calls()[services.to]
    for number in range(orders):
        book(number)
    return (services.calls()[services.to] - before) / orders


def _xero(services: Services) -> Callable[[int], None]:
    configuration = Configuration(
        oauth2_token=OAuth2Token(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    )
    client = ApiClient(configuration, pool_threads=1)
    token = {"access_token": services.token, "token_type": "Bearer", "expires_in": 1800}
    client.oauth2_token_getter(lambda: {**token, "scope": ["accounting.invoices"]})
    root = services.environment["INVOICESYNC_XERO_ROOT"]
    api = xero.AccountingApi(client, base_url=f"{root}/api.xro/2.0")
    tenant = services.tenant
    bank = api.get_accounts(tenant, where='Code=="090"').accounts[0]

    def book(number: int) -> None:
        email = f"baseline.{number}@example.net"
        assert not api.get_contacts(tenant, where=f'EmailAddress=="{email}"').contacts
        buyer = xero.Contact(name=f"Baseline {number}", email_address=email)
        made = api.create_contacts(tenant, xero.Contacts(contacts=[buyer])).contacts[0]
        line = xero.LineItem(
            description="Candle",
            quantity=Decimal(1),
            unit_amount=Decimal(10),
            account_code="200",
            tax_type="OUTPUT2",
        )
        draft = xero.Invoice(
            type="ACCREC",
            status="AUTHORISED",
            contact=xero.Contact(contact_id=made.contact_id),
            invoice_number=f"B-{number}",
            line_items=[line] * LINES,
            date=TODAY,
            due_date=TODAY,
        )
        invoice = api.create_invoices(tenant, xero.Invoices(invoices=[draft])).invoices[0]
        payment = xero.Payment(
            invoice=xero.Invoice(invoice_id=invoice.invoice_id),
            account=xero.Account(account_id=bank.account_id),
            amount=invoice.amount_due,
            date=TODAY,
        )
        api.create_payments(tenant, xero.Payments(payments=[payment]))

    return book


def _quickbooks(services: Services) -> Callable[[int], None]:
    # Its client asks for https otherwise, even on this machine.
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    signed = SimpleNamespace(
        environment="production",
        access_token=services.token,
        refresh_token="",
        client_id=CLIENT_ID,
    )
    client = QuickBooks(
        auth_client=signed,
        refresh_token="",
        company_id=services.tenant,
        minorversion=75,
        use_decimal=True,
    )
    client.api_url_v3 = f"{services.environment['INVOICESYNC_QBO_ROOT']}/v3"
    (bank,) = Account.filter(AccountType="Bank", max_results=1, qb=client)
    (code,) = TaxCode.filter(Name="20.0% S", qb=client)

    def book(number: int) -> None:
        name = f"Baseline {number}"
        assert not Customer.filter(DisplayName=name, qb=client)
        buyer = Customer()
        buyer.DisplayName = name
        buyer.save(qb=client)
        invoice = Invoice()
        invoice.CustomerRef = buyer.to_ref()
        invoice.DocNumber = f"B-{number}"
        invoice.TxnDate = TODAY.isoformat()
        invoice.GlobalTaxCalculation = "TaxExcluded"
        for _ in range(LINES):
            (item,) = Item.filter(Sku="TIL", qb=client)
            line = SalesItemLine()
            line.Amount = Decimal(10)
            line.SalesItemLineDetail = SalesItemLineDetail()
            line.SalesItemLineDetail.ItemRef = item.to_ref()
            line.SalesItemLineDetail.TaxCodeRef = code.to_ref()
            invoice.Line.append(line)
        made = invoice.save(qb=client)
        payment = Payment()
        payment.CustomerRef = buyer.to_ref()
        payment.TotalAmt = made.TotalAmt
        payment.DepositToAccountRef = bank.to_ref()
        part = PaymentLine()
        part.Amount = made.TotalAmt
        part.LinkedTxn = [LinkedTxn()]
        part.LinkedTxn[0].TxnId, part.LinkedTxn[0].TxnType = made.Id, "Invoice"
        payment.Line.append(part)
        payment.save(qb=client)

    return book
