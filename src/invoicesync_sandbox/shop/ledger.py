"""The demo shop's books as they are before anything is carried over."""

from datetime import date

from invoicesync_sandbox.xero import XeroSandbox
from invoicesync_sandbox.xero.screens import Screens

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - opens nothing but the sandbox
PERIOD_LOCK = date(2026, 10, 2)
_EVERYTHING = ("ASSET", "EQUITY", "EXPENSE", "LIABILITY", "REVENUE")
_PURCHASES = ("ASSET", "EQUITY", "EXPENSE", "LIABILITY")


def fill_xero(xero: XeroSandbox) -> None:
    """Fill the books of "Wick & Wax Ltd", and register the app that has a custom connection."""
    xero.sign_in.clients[CLIENT_ID] = CLIENT_SECRET
    fill_books(xero)


def fill_books(xero: Screens) -> None:
    """Fill an organisation's books: GBP, locked up to and including 2 October 2026.

    The contacts are made to be met by the demo shop's people: by e-mail, by name, by company and
    city, twice over, or archived.
    """
    _tax_rates(xero)
    _accounts(xero)
    _items(xero)
    _people(xero)
    _older_invoice(xero)
    xero.add_tracking_category("Region", "North", "South")
    xero.set_lock_dates(period=PERIOD_LOCK)


def _tax_rates(xero: Screens) -> None:
    add = xero.add_tax_rate
    add("OUTPUT2", "20% (VAT on Income)", "20", report_tax_type="OUTPUT")
    add("RROUTPUT", "5% (VAT on Income)", "5", report_tax_type="OUTPUT")
    add("ZERORATEDOUTPUT", "Zero Rated Income", "0")
    add("EXEMPTOUTPUT", "Exempt Income", "0")
    add("NONE", "No VAT", "0", classes=_EVERYTHING)
    add("INPUT2", "20% (VAT on Expenses)", "20", classes=_PURCHASES, report_tax_type="INPUT")


def _accounts(xero: Screens) -> None:
    add = xero.add_account
    add("090", "Business current account", "BANK")
    add("091", "Stripe clearing", "BANK")
    add("", "Savings account", "BANK")
    add("200", "Sales", "SALES", tax_type="OUTPUT2")
    add("201", "Candle sales", "SALES", tax_type="OUTPUT2")
    add("260", "Other revenue", "REVENUE", tax_type="OUTPUT2")
    add("299", "Market stall sales", "SALES", tax_type="OUTPUT2", status="ARCHIVED")
    add("310", "Cost of goods sold", "DIRECTCOSTS", tax_type="INPUT2")
    add("425", "Postage & freight income", "REVENUE", tax_type="OUTPUT2")
    add("460", "Discounts given", "REVENUE", tax_type="OUTPUT2")
    add("610", "Accounts receivable", "CURRENT", system_account="DEBTORS")
    add("800", "Accounts payable", "CURRLIAB", system_account="CREDITORS")
    add("820", "VAT", "CURRLIAB", system_account="GST")
    add("860", "Rounding", "CURRLIAB", system_account="ROUNDING")
    add("880", "Owner's drawings", "EQUITY", takes_payments=True)
    add("960", "Retained earnings", "EQUITY", system_account="RETAINEDEARNINGS")


def _items(xero: Screens) -> None:
    xero.add_item(
        "TIL",
        "Tealights",
        description="Tealights, box of 50",
        unit_price="12.50",
        account_code="201",
        tax_type="OUTPUT2",
    )
    xero.add_item(
        "WAX-1",
        "Soy wax",
        description="Soy wax flakes, 1 kg, as sold at the market",
        unit_price="7.95",
        account_code="201",
    )
    xero.add_item("GIFT", "Gift card", description="Gift card")
    xero.add_item("POST", "Postage", description="Postage and packing", account_code="425")


def _people(xero: Screens) -> None:
    add = xero.add_contact
    add("Alice Baker", email="alice@example.com", first_name="Alice", last_name="Baker")
    add("Ben Carter", email="ben.home@example.com")
    add("Chloe Davies", first_name="Chloe", last_name="Davies")
    add("Dawson Interiors Ltd", city="Leeds")
    add("Emma Field", email="emma@example.com")
    add("E. Field", email="emma@example.com")
    frank = add("Frank Green", email="frank@example.com")
    xero.archive_contact(frank)
    add("Harbour Print & Sign", email="accounts@harbourprint.example", city="Hull")
    add("Beeswax Wholesale Ltd", email="sales@beeswax.example", account_number="BW-114")
    add("Northern Parcels", city="Manchester")
    add("Olivia Turner", email="olivia.turner@example.org", first_name="Olivia", last_name="Turner")
    add("The Corner Gift Shop", email="hello@cornergift.example", city="York")


def _older_invoice(xero: Screens) -> None:
    shop = next(row for row in xero.contacts.values() if row.name == "The Corner Gift Shop")
    line = {
        "Description": "Tealights, box of 50",
        "Quantity": "4",
        "UnitAmount": "12.50",
        "AccountCode": "201",
    }
    xero.add_invoice(
        shop.id,
        [line],
        InvoiceNumber="INV-0001",
        Reference="Ordered by telephone",
        Date="2026-09-14",
        DueDate="2026-10-14",
    )


def credit_xero(xero: XeroSandbox) -> None:
    """Give a customer of the demo shop a credit, which stays where it is until a person allocates
    it."""
    customer = next(row for row in xero.contacts.values() if row.name == "Dawson Interiors Ltd")
    line = {
        "Description": "Broken lantern",
        "Quantity": "1",
        "UnitAmount": "18.00",
        "AccountCode": "200",
        "TaxType": "ZERORATEDOUTPUT",
    }
    xero.add_credit_note(
        customer.id, [line], CreditNoteNumber="CN-0001", Date="2026-10-05", Status="AUTHORISED"
    )
