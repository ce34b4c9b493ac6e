"""The demo shop's QuickBooks company as it is before anything is carried over."""

from datetime import date

from invoicesync_sandbox.qbo import QboSandbox, sale

CLOSE_DATE = date(2026, 10, 2)


def fill_qbo(qbo: QboSandbox) -> None:
    """Fill the company of Wick & Wax, wherever it is: closed up to and including 2 October 2026.

    The customers are made to be met by the demo shop's people: by e-mail, by name, by company and
    city, twice over, or inactive; one shop name belongs to a vendor.
    """
    _accounts(qbo)
    _tax_codes(qbo)
    _items(qbo)
    _payment_methods(qbo)
    _people(qbo)
    _older_invoice(qbo)
    qbo.set_preferences(
        close_date=CLOSE_DATE,
        default_item=_item(qbo, "Sales"),
        discount_account=qbo.account_id("Discounts given"),
        shipping_account=qbo.account_id("Postage Income"),
        classes_on_lines=True,
        departments=True,
    )
    online = qbo.add_class("Online")
    qbo.add_class("Candles", below=online)
    qbo.add_department("Leeds")


def _accounts(qbo: QboSandbox) -> None:
    add = qbo.add_account
    add("Sales of Product Income", "Income", "SalesOfProductIncome")
    add("Sales - candles", "Income", "SalesOfProductIncome")
    add("Postage Income", "Income", "OtherPrimaryIncome")
    add("Discounts given", "Income", "DiscountsRefundsGiven")
    add("Finance charges received", "Other Income", "OtherMiscellaneousIncome")
    add("Business current account", "Bank", "Checking")
    add("Stripe clearing", "Bank", "Checking")
    add("Savings account", "Bank", "Savings")
    add("Stock of wax", "Other Current Asset", "Inventory")
    add("Accounts Payable (A/P)", "Accounts Payable")
    add("Company credit card", "Credit Card")
    add("Rounding", "Other Expense", "OtherMiscellaneousExpense")
    add("Cost of goods sold", "Cost of Goods Sold", "SuppliesMaterialsCogs")
    add("Bank charges", "Expense", "BankCharges")
    add("Owner's equity", "Equity", "OwnersEquity")
    add("Retained Earnings", "Equity", "RetainedEarnings")


def _tax_codes(qbo: QboSandbox) -> None:
    add = qbo.add_tax_code
    if qbo.world.country == "GB":
        add("20.0% S", "20", description="Standard-rated sales")
        add("5.0% R", "5", description="Reduced-rated sales")
        add("0.0% Z", "0", description="Zero-rated sales")
        add("Exempt", "0", description="Exempt sales")
        add("No VAT", taxable=False, description="Outside the scope of VAT")
    elif qbo.world.country == "AU":
        add("GST", "10", description="GST on sales")
        add("GST free", "0", description="GST-free sales")
        add("BAS-excluded", taxable=False, description="Not reported")
    elif qbo.world.tax == "manual":
        add("Alameda County", "7.25", "3", description="State and county sales tax")


def _items(qbo: QboSandbox) -> None:
    add = qbo.add_item
    add("Sales", income_account="Sales of Product Income")
    add(
        "Tealights",
        sku="TIL",
        type="NonInventory",
        income_account="Sales - candles",
        description="Tealights, box of 50",
        unit_price="12.50",
    )
    add(
        "Soy wax",
        sku="WAX-1",
        type="NonInventory",
        income_account="Sales - candles",
        description="Soy wax flakes, 1 kg, as sold at the market",
        unit_price="7.95",
    )
    add("Gift card", sku="GIFT", income_account="Sales of Product Income", taxable=False)
    add("Postage", sku="POST", income_account="Postage Income")
    add("Discount", income_account="Discounts given")
    add("Finance charge", income_account="Finance charges received", taxable=False)
    add("Market stall", income_account="Sales of Product Income", active=False)


def _payment_methods(qbo: QboSandbox) -> None:
    qbo.add_payment_method("Cash")
    qbo.add_payment_method("Check" if qbo.world.american else "Cheque")
    qbo.add_payment_method("Credit Card", card=True)
    qbo.add_payment_method("Bank transfer")


def _people(qbo: QboSandbox) -> None:
    add = qbo.add_customer
    add("Alice Baker", email="alice@example.com", given="Alice", family="Baker")
    add("Ben Carter", email="ben.home@example.com")
    add("Chloe Davies", given="Chloe", family="Davies")
    add("Dawson Interiors Ltd", company="Dawson Interiors Ltd", city="Leeds")
    add("Emma Field", email="emma@example.com")
    add("E. Field", email="emma@example.com")
    add("Frank Green", email="frank@example.com", active=False)
    add("Harbour Print & Sign", email="accounts@harbourprint.example", city="Hull")
    add("Northern Parcels", city="Manchester")
    add("Olivia Turner", email="olivia.turner@example.org", given="Olivia", family="Turner")
    add("The Corner Gift Shop", email="hello@cornergift.example", city="York")
    qbo.add_vendor("Beeswax Wholesale Ltd", AcctNum="BW-114")
    # The shop sells to one Hugo Ives and buys from another.
    qbo.add_vendor("Hugo Ives")
    qbo.add_employee("Robin Marsh", GivenName="Robin", FamilyName="Marsh")


def _older_invoice(qbo: QboSandbox) -> None:
    shop = qbo.customers.find("name", "the corner gift shop")[0]
    code = {"GB": "20.0% S", "AU": "GST", "US": ""}[qbo.world.country]
    found = qbo.tax_codes.find("name", code.casefold()) if code else []
    line = sale(
        "50.00",
        item=_item(qbo, "Tealights"),
        qty="4",
        unit_price="12.50",
        tax_code=found[0].id if found else "",
        description="Tealights, box of 50",
    )
    qbo.enter_invoice(
        shop.id,
        [line],
        DocNumber="INV-0001",
        PrivateNote="Ordered by telephone",
        TxnDate="2026-09-14",
        DueDate="2026-10-14",
    )


def credit_qbo(qbo: QboSandbox) -> None:
    """Give a customer of the demo shop a credit, which QuickBooks puts onto their next invoice by
    itself."""
    customer = qbo.customers.find("name", "dawson interiors ltd")[0]
    code = {"GB": "0.0% Z", "AU": "GST free", "US": ""}[qbo.world.country]
    free = qbo.tax_codes.find("name", code.casefold())[0].id if code else "NON"
    line = sale("18.00", item=_item(qbo, "Sales"), tax_code=free, description="Broken lantern")
    qbo.enter_credit_memo(customer.id, [line], DocNumber="CN-0001", TxnDate="2026-10-05")


def _item(qbo: QboSandbox, name: str) -> str:
    return qbo.items.find("name", name.casefold())[0].id
