"""What a write test writes with: the items, tax items and accounts that the company file has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from invoicesync_cli.config.sections import Qbd
from invoicesync_cli.errors import ConfigError
from invoicesync_cli.load.qbd.bodies import Values
from invoicesync_cli.load.qbd.schemas import ItemRow
from invoicesync_cli.load.qbd.setup import DISCOUNT, TAX_ITEM, CompanyLists

CUSTOMER = "invoicesync write test "
"""What the names of the customers begin with that bear all that is written."""
SELLABLE = ("ItemServiceRet", "ItemNonInventoryRet", "ItemOtherChargeRet")
"""What moves no stock."""
NO_TAX_ITEM = (
    "the file has no two sales tax items, one of them of 0 %: make them (Lists > Item List), and "
    "run it again"
)


@dataclass(frozen=True)
class Material:
    """Ids of the company file's lists, blank for what it does not have.

    `tax_item` and `zero_tax_item` are both there, or neither; `taxed` is false where sales tax is
    off. `closing` is the closing date, of a file that has one.
    """

    item: str
    discount_item: str
    taxed: bool
    tax_item: str
    zero_tax_item: str
    bank: str
    receivable: str
    closing: date | None

    def line(self, amount: str, description: str = "", item: str = "") -> Values:
        """A line of a sales form."""
        return {
            "ItemRef": ref(item or self.item),
            "Desc": description,
            "Amount": Decimal(amount),
        }

    def tax_line(self, amount: str) -> list[Values]:
        """The line of tax, where there can be one."""
        return [self.line(amount, "Sales tax", self.tax_item)] if self.tax_item else []

    def tax_of_form(self) -> Values:
        """The form's own tax item, of 0 %."""
        return {"ItemSalesTaxRef": ref(self.zero_tax_item)} if self.zero_tax_item else {}


def material_of(lists: CompanyLists, config: Qbd) -> Material:
    """What is there to write with; the config's own tax items go before others.

    Raises `ConfigError` for a file without anything to sell.
    """
    kinds = [(kind, row) for kind, row in lists.items if row.account]
    sold = [row.list_id for name in SELLABLE for kind, row in kinds if kind == name]
    if not sold:
        raise ConfigError(
            "The company file has no service, non-inventory or other charge item, and so nothing "
            "that could stand on an invoice.",
            hint="Open one of QuickBooks' own sample files, or make such an item.",
            code="item-missing",
        )
    taxed = lists.company.preferences.sales_tax_preferences is not None
    tax_item, zero = _tax_items(lists, config) if taxed else ("", "")
    banks = [row.list_id for row in lists.accounts if row.account_type == "Bank"]
    return Material(
        item=sold[0],
        discount_item=next((row.list_id for kind, row in kinds if kind == DISCOUNT), ""),
        taxed=taxed,
        tax_item=tax_item,
        zero_tax_item=zero,
        bank=next(iter(banks), ""),
        receivable=lists.receivable,
        closing=lists.company.preferences.accounting_preferences.closing_date,
    )


def _tax_items(lists: CompanyLists, config: Qbd) -> tuple[str, str]:
    """A single sales tax item, and another one of 0 %; both blank unless both are there."""
    rows = [row for kind, row in lists.items if kind == TAX_ITEM]
    zero = _first([row.list_id for row in rows if not row.tax_rate], rows, config.zero_tax_item)
    others = [row.list_id for row in rows if row.list_id != zero]
    tax = _first(others, rows, config.tax_item)
    return (tax, zero) if tax and zero else ("", "")


def _first(ids: Sequence[str], rows: Sequence[ItemRow], wanted: str) -> str:
    """The one of the name that is wanted, else the first."""
    named = {row.name.casefold(): row.list_id for row in rows}.get(wanted.casefold(), "")
    return named if named in ids else next(iter(ids), "")


def ref(list_id: str) -> Values:
    """A reference to an element of a list."""
    return {"ListID": list_id}
