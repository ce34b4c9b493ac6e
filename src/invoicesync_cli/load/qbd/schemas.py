"""What is read of QuickBooks Desktop's answers: each object with the fields that are used.

The fields are QuickBooks' own (`ref_number` is `RefNumber`, `txn_id` is `TxnID`); all else is
ignored. Amounts are major units of the company's one currency.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field
from pydantic import ValidationError as Invalid
from pydantic.alias_generators import to_pascal

from invoicesync_cli.http.responses import unreadable_rows
from invoicesync_cli.http.schemas import Amount, Day, Schema, Text, problem_of
from invoicesync_cli.load.qbd.answers import Fields
from invoicesync_cli.model import ZERO

SERVICE = "QuickBooks Desktop"
R = TypeVar("R", bound="Row")
T = TypeVar("T")


def _named(name: str) -> str:
    return re.sub("(Id|Guid)$", lambda found: found[0].upper(), to_pascal(name))


def _several(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Several = Annotated[tuple[T, ...], BeforeValidator(_several)]
"""An element that may be repeated."""


class Row(Schema):
    """An object with QuickBooks' names."""

    model_config = ConfigDict(alias_generator=_named)


class Ref(Row):
    """A reference to an element of a list."""

    list_id: Text = ""
    full_name: Text = ""


# --- transactions ---------------------------------------------------------------------------------


class LinkedRow(Row):
    """Another transaction that stands against one. On an invoice the amount is negative."""

    txn_id: Text
    txn_type: Text
    txn_date: Day | None = None
    ref_number: Text = ""
    amount: Amount


class LineRow(Row):
    """A line of a sales form; a text alone has no item and no amount."""

    item_ref: Ref = Ref()
    amount: Amount = ZERO


class TransactionRow(Row):
    """What every transaction has."""

    txn_id: Text
    edit_sequence: Text = ""
    txn_date: Day | None = None
    ref_number: Text = ""
    memo: Text = ""
    customer_ref: Ref = Ref()


class SalesRow(TransactionRow):
    """A sales form. The lines are there where they were asked for."""

    subtotal: Amount = ZERO
    sales_tax_total: Amount = ZERO
    lines: Several[LineRow] = Field(
        (),
        validation_alias=AliasChoices("InvoiceLineRet", "SalesReceiptLineRet", "CreditMemoLineRet"),
    )
    linked_txn: Several[LinkedRow] = ()


class InvoiceRow(SalesRow):
    """An invoice. It has no total: that is what is due less what is applied, which is negative."""

    applied_amount: Amount
    balance_remaining: Amount


class SalesReceiptRow(SalesRow):
    """A sale that was paid at once."""

    total_amount: Amount
    check_number: Text = ""
    deposit_to_account_ref: Ref = Ref()


class CreditMemoRow(SalesRow):
    """A credit memo; its amounts are positive."""

    total_amount: Amount
    credit_remaining: Amount


class AppliedRow(Row):
    """An invoice that a payment is on."""

    txn_id: Text
    txn_type: Text = ""
    amount: Amount = ZERO


class PaymentRow(TransactionRow):
    """A received payment. What it is on is there where lines were asked for."""

    total_amount: Amount
    unused_payment: Amount = ZERO
    deposit_to_account_ref: Ref = Ref()
    applied_to_txn_ret: Several[AppliedRow] = ()


class RefundedRow(Row):
    """A credit memo that is paid out."""

    txn_id: Text
    refund_amount: Amount = ZERO


class CardRefundRow(TransactionRow):
    """A pay-out to a card. What it pays out is there where lines were asked for."""

    total_amount: Amount
    refund_applied_to_txn_ret: Several[RefundedRow] = ()


class CheckRow(TransactionRow):
    """A check. What it pays out is there where links were asked for; it has no customer."""

    amount: Amount
    account_ref: Ref = Ref()
    linked_txn: Several[LinkedRow] = ()


class SweptRow(Row):
    """A transaction of any kind, as the query for all of them shows it."""

    txn_id: Text
    txn_type: Text
    memo: Text = ""


# --- lists ----------------------------------------------------------------------------------------


class NamedRow(Row):
    """An element of a list."""

    list_id: Text
    edit_sequence: Text = ""
    name: Text = ""
    full_name: Text = ""
    is_active: bool = True


class AddressRow(Row):
    """What is compared of an address."""

    city: Text = ""


class PersonRow(NamedRow):
    """A customer; or a vendor, employee or other name, whose name is taken."""

    company_name: Text = ""
    first_name: Text = ""
    last_name: Text = ""
    bill_address: AddressRow = AddressRow()
    email: Text = ""
    notes: Text = ""


class AccountRow(NamedRow):
    """An account."""

    account_type: Text = ""
    special_account_type: Text = ""


class MethodRow(NamedRow):
    """A payment method."""

    payment_method_type: Text = ""


class SalesRef(Row):
    """What an item sells into."""

    account_ref: Ref = Ref()
    income_account_ref: Ref = Ref()


class ItemRow(NamedRow):
    """An item of any kind."""

    bar_code_value: Text = ""
    manufacturer_part_number: Text = ""
    sales_or_purchase: SalesRef = SalesRef()
    sales_and_purchase: SalesRef = SalesRef()
    income_account_ref: Ref = Ref()
    account_ref: Ref = Ref()
    tax_rate: Amount = ZERO
    item_sales_tax_ref: Several[Ref] = ()

    @property
    def account(self) -> str:
        """The name of the account that it sells to; blank for none."""
        sold = (self.sales_or_purchase.account_ref, self.sales_and_purchase.income_account_ref)
        known = [*sold, self.income_account_ref, self.account_ref]
        return next((ref.full_name for ref in known if ref.full_name), "")


class TaxCodeRow(NamedRow):
    """A sales tax code."""

    is_taxable: bool = False


# --- the company ----------------------------------------------------------------------------------


class HostRow(Row):
    """QuickBooks itself."""

    product_name: Text = ""
    country: Text = ""
    versions: Several[Text] = Field((), validation_alias="SupportedQBXMLVersion")


class StampRow(Row):
    """What an application has written into the company file."""

    data_ext_value: Text = ""


class CompanyRow(Row):
    """The company."""

    company_name: Text
    is_sample_company: bool = False
    data_ext_ret: Several[StampRow] = ()


class AccountingRow(Row):
    """Preferences of accounting."""

    closing_date: Day | None = None
    is_using_class_tracking: bool = False


class PreferencesRow(Row):
    """The company's preferences."""

    accounting_preferences: AccountingRow
    sales_tax_preferences: Row | None = None
    """Only where sales tax is on."""


# --- what was deleted -----------------------------------------------------------------------------


class DeletedRow(Row):
    """A transaction that was deleted."""

    txn_del_type: Text
    txn_id: Text
    ref_number: Text = ""


def all_read(schema: type[R], found: Iterable[Fields]) -> list[R]:
    """Objects by their schema.

    Raises `TryLater` when some do not fit, by their ids: what they are may not be taken for
    missing.
    """
    good, bad = sifted(schema, found)
    if bad:
        raise unreadable_rows(SERVICE, next(iter(bad.values())), bad)
    return good


def sifted(schema: type[R], found: Iterable[Fields]) -> tuple[list[R], dict[str, str]]:
    """Objects by their schema, and of those that do not fit, by their ids, what is wrong."""
    good: list[R] = []
    bad: dict[str, str] = {}
    for one in found:
        try:
            good.append(schema.model_validate(dict(one)))
        except (Invalid, RecursionError) as error:
            name, ident = schema.__name__.removesuffix("Row"), one.get("TxnID")
            bad[ident if isinstance(ident, str) else ""] = f"{name}.{problem_of(error)}"
    return good, bad
