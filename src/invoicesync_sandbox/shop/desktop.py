"""The demo shop's company file in QuickBooks Desktop, before anything is carried over."""

from datetime import date

from invoicesync_sandbox.qbd import QbdSandbox, sale
from invoicesync_sandbox.qbd.rows import Item

CLOSING_DATE = date(2026, 10, 2)
NO_TAX = "No tax"
TAX = "Keap sales tax"


def fill_qbd(qbd: QbdSandbox) -> None:
    """Fill the company file of Wick & Wax: closed up to and including 2 October 2026.

    The customers are made to be met by the demo shop's people: by e-mail, by name, by company and
    city, twice over, or inactive; one shop name belongs to a vendor.
    """
    _accounts(qbd)
    _items(qbd)
    _people(qbd)
    qbd.set_preferences(classes=True)
    qbd.add_class("Online")
    qbd.add_class("Candles", parent="Online")
    _older_invoice(qbd)
    qbd.close_books(CLOSING_DATE)


def _accounts(qbd: QbdSandbox) -> None:
    add = qbd.add_account
    add("Product sales", "Income")
    add("Candle sales", "Income")
    add("Postage income", "Income")
    add("Discounts given", "Income")
    add("Finance charges received", "OtherIncome")
    add("Business checking", "Bank")
    add("Stripe clearing", "Bank")
    add("Savings", "Bank")
    add("Stock of wax", "OtherCurrentAsset")
    add("Accounts Payable", "AccountsPayable", special="AccountsPayable")
    add("Company credit card", "CreditCard")
    add("Cost of Goods Sold", "CostOfGoodsSold", special="CostOfGoodsSold")
    add("Bank charges", "Expense")
    add("Retained Earnings", "Equity", special="RetainedEarnings")


def _items(qbd: QbdSandbox) -> None:
    add = qbd.add_item
    add("Sales", account="Product sales")
    part = "ItemNonInventory"
    add(
        "TIL",
        type=part,
        account="Candle sales",
        price="12.50",
        description="Tealights, box of 50",
        part_number="TL-50",
    )
    add(
        "WAX-1",
        type=part,
        account="Candle sales",
        price="7.95",
        description="Soy wax flakes, 1 kg, as sold at the market",
        part_number="SW-1000",
    )
    add("GIFT", account="Product sales", taxable=False, description="Gift card")
    add("Postage", type="ItemOtherCharge", account="Postage income", taxable=False)
    add("Discount", type="ItemDiscount", account="Discounts given")
    charge = "Finance charges received"
    add("Finance charge", type="ItemOtherCharge", account=charge, taxable=False)
    add("Market stall", account="Product sales", active=False)
    qbd.add_vendor("State Board of Equalization")
    if qbd.world.sales_tax:
        qbd.add_tax_item(NO_TAX, "0", agency="State Board of Equalization")
        qbd.add_tax_item(TAX, "0", agency="State Board of Equalization")
        qbd.add_tax_item("Alameda County", "10.25", agency="State Board of Equalization")


def _people(qbd: QbdSandbox) -> None:
    add = qbd.add_customer
    add("Alice Baker", email="alice@example.com", FirstName="Alice", LastName="Baker")
    add("Ben Carter", email="ben.home@example.com")
    add("Chloe Davies", FirstName="Chloe", LastName="Davies")
    add(
        "Dawson Interiors Ltd",
        CompanyName="Dawson Interiors Ltd",
        BillAddress={"Addr1": "22 Park Row", "City": "Leeds"},
    )
    add("Emma Field", email="emma@example.com")
    add("E. Field", email="emma@example.com")
    add("Frank Green", email="frank@example.com", active=False)
    add("Harbour Print & Sign", email="accounts@harbourprint.example")
    add("Northern Parcels")
    add("Olivia Turner", email="olivia.turner@example.org", FirstName="Olivia", LastName="Turner")
    add("The Corner Gift Shop", email="hello@cornergift.example")
    qbd.add_vendor("Beeswax Wholesale LLC")
    # The shop sells to one Hugo Ives and buys from another.
    qbd.add_vendor("Hugo Ives")
    qbd.add_employee("Robin Marsh", FirstName="Robin", LastName="Marsh")


def _older_invoice(qbd: QbdSandbox) -> None:
    qbd.enter_invoice(
        "The Corner Gift Shop",
        [sale("50.00", item="TIL", quantity="4")],
        ref="1001",
        memo="Ordered by telephone",
        txn_date=date(2026, 9, 14),
        due_date=date(2026, 10, 14),
        tax_item_id=_tax_item(qbd),
    )


def credit_qbd(qbd: QbdSandbox) -> None:
    """Give a customer of the demo shop a credit that nobody has used yet."""
    line = sale("18.00", item="Sales", taxed=False, description="Broken lantern")
    qbd.enter_credit_memo(
        "Dawson Interiors Ltd",
        [line],
        ref="CM-0001",
        txn_date=date(2026, 10, 5),
        tax_item_id=_tax_item(qbd),
    )


def _tax_item(qbd: QbdSandbox) -> str:
    found: Item | None = qbd.books.by_name(Item, NO_TAX)
    return found.id if found else ""
