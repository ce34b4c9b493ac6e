"""Drafts, customers and items as QuickBooks wants them."""

import re
from collections.abc import Sequence
from typing import Any

from invoicesync_cli.load.qbo.setup import Forms
from invoicesync_cli.load.qbo.tracking import LOCATION
from invoicesync_cli.load.quickbooks import CLASS
from invoicesync_cli.model import (
    Draft,
    DraftLine,
    LineType,
    NewContact,
    NewItem,
    StatedTax,
    TaxMode,
    TrackingPair,
)

DESCRIPTION = 4000
EMAIL = 100
SHIPPING_ITEM = "SHIPPING_ITEM_ID"
"""What QuickBooks calls the item of its own shipping line."""
ISO_COUNTRY = re.compile(r"^[A-Z]{2}-(?=[A-Z0-9]{1,3}$)")
"""What is before a state in Keap's codes (ISO 3166-2: `US-TX`); QuickBooks knows it as `TX`."""
MODES = {TaxMode.EXCLUSIVE: "TaxExcluded", TaxMode.INCLUSIVE: "TaxInclusive"}

TRACKED = {CLASS: "ClassRef", LOCATION: "DepartmentRef"}

Json = dict[str, Any]


def form(draft: Draft, forms: Forms) -> tuple[str, Json]:
    """An invoice, or a sales receipt for a draft with its payment: the entity and its fields."""
    entity = "SalesReceipt" if draft.receipt else "Invoice"
    fields: Json = {
        "CustomerRef": {"value": draft.contact_id},
        "DocNumber": draft.number,
        "TxnDate": draft.date.isoformat(),
        "PrivateNote": draft.reference,
        "Line": [_line(line, draft.tax_mode, forms) for line in draft.lines],
        **currency(draft.currency, forms),
        **tax(draft.stated_tax, draft.tax_mode, forms),
        **tracking(draft.tracking),
    }
    if draft.tax_after_discount is not None:
        fields["ApplyTaxAfterDiscount"] = draft.tax_after_discount
    receipt = draft.receipt
    if receipt is None:
        return entity, {**fields, "DueDate": draft.due_date.isoformat()}
    fields["PaymentRefNum"] = receipt.reference
    if receipt.memo:
        fields["PrivateNote"] = f"{draft.reference}; {receipt.memo}"
    if receipt.account:
        fields["DepositToAccountRef"] = {"value": receipt.account.id}
    return entity, {**fields, **method(receipt.method, forms)}


def _line(line: DraftLine, mode: TaxMode, forms: Forms) -> Json:
    code = {"TaxCodeRef": {"value": line.tax_code}} if forms.taxed and line.tax_code else {}
    found: Json = {"Amount": line.amount, "Description": line.description[:DESCRIPTION]}
    if line.type is LineType.DISCOUNT:
        # Its amount is what is taken off. In the United States it bears no code.
        detail = {
            "PercentBased": False,
            **({} if forms.american else code),
            **tracking(line.tracking),
        }
        amount = {"Amount": -line.amount}
        return {**found, **amount, "DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}
    detail = {
        "ItemRef": {"value": SHIPPING_ITEM if line.type is LineType.SHIPPING else line.item_code},
        **code,
        **tracking(line.tracking),
    }
    if line.quantity is not None and line.unit_price is not None:
        detail |= {"Qty": line.quantity, "UnitPrice": line.unit_price}
    if mode is TaxMode.INCLUSIVE and line.net is not None:
        found["Amount"] = line.net
        detail["TaxInclusiveAmt"] = line.amount
    return {**found, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}


def tax(stated: StatedTax | None, mode: TaxMode, forms: Forms) -> Json:
    """How amounts are meant, and the tax that is stated for the whole form."""
    fields: Json = {}
    if not forms.american:
        fields["GlobalTaxCalculation"] = MODES[mode] if forms.taxed else "NotApplicable"
    if stated is None or not forms.taxed:
        return fields
    detail: Json = {"TotalTax": stated.total}
    if stated.lines:
        detail["TaxLine"] = [
            {
                "Amount": line.amount,
                "DetailType": "TaxLineDetail",
                "TaxLineDetail": {
                    "TaxRateRef": {"value": line.rate.id},
                    "PercentBased": True,
                    "TaxPercent": line.rate.percent,
                    "NetAmountTaxable": line.net,
                },
            }
            for line in stated.lines
        ]
    if forms.american:
        # Otherwise the tax on shipping, if there is any, would come on top.
        fields["ShippingTaxIncludedInTotalTax"] = True
        if forms.tax_group:
            detail["TxnTaxCodeRef"] = {"value": forms.tax_group}
    return {**fields, "TxnTaxDetail": detail}


def currency(code: str, forms: Forms) -> Json:
    """The currency, which a form names where the company has several."""
    return {"CurrencyRef": {"value": code}} if forms.currencies else {}


def tracking(pairs: Sequence[TrackingPair]) -> Json:
    """The class and the location of a form, or the class of a line."""
    return {TRACKED[pair.category]: {"value": pair.id} for pair in pairs}


def method(kind: str, forms: Forms) -> Json:
    """The payment method of the name of Keap's type of payment, if there is one."""
    found = forms.methods.get(kind.strip().casefold())
    return {"PaymentMethodRef": {"value": found}} if found else {}


def customer(made: NewContact, forms: Forms) -> Json:
    """A customer with its Keap id in the notes. An e-mail that cannot be one is left out."""
    names = {
        "DisplayName": made.name,
        "GivenName": made.first_name,
        "FamilyName": made.last_name,
        "CompanyName": made.company,
        "Notes": made.number,
    }
    found: Json = {name: value for name, value in names.items() if value}
    if "@" in made.email and "." in made.email and len(made.email) <= EMAIL:
        found["PrimaryEmailAddr"] = {"Address": made.email}
    if made.phone:
        found["PrimaryPhone"] = {"FreeFormNumber": made.phone[:30]}
    address = {
        name: value[:room]
        for name, value, room in (
            ("Line1", made.address.line1, 500),
            ("Line2", made.address.line2, 500),
            ("City", made.address.city, 255),
            ("CountrySubDivisionCode", ISO_COUNTRY.sub("", made.address.region), 255),
            ("PostalCode", made.address.postal_code, 30),
            ("Country", made.address.country, 255),
        )
        if value
    }
    if address:
        found["BillAddr"] = address
    return {**found, **currency(made.currency, forms)}


def item(made: NewItem) -> Json:
    """A service item: an inventory item would move stock."""
    return {
        "Name": made.name,
        "Type": "Service",
        "IncomeAccountRef": {"value": made.income.id},
    }
