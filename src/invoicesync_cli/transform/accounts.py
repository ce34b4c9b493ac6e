"""Which account and item a line goes to (rule R5, Xero)."""

from dataclasses import dataclass

from invoicesync_cli.model import Decision, LedgerItem, LedgerSettings, LineKind, LineType, Reason
from invoicesync_cli.transform.lines import Valued
from invoicesync_cli.transform.names import folded
from invoicesync_cli.transform.verdicts import Held


@dataclass(frozen=True, slots=True)
class Route:
    """Where a line goes, and why. `note` is what a person should know of it."""

    account: str
    item_code: str
    decision: Decision
    type: LineType = LineType.ITEM
    note: str = ""


class Items:
    """The ledger's items, found by SKU: exactly, then ignoring case and outer blanks.

    With `by_name` it is their names that the SKU is compared with.
    """

    def __init__(self, items: tuple[LedgerItem, ...], *, by_name: bool = False) -> None:
        named = [(item.name if by_name else item.code, item) for item in reversed(items)]
        self._exact = dict(named)
        self._folded = {folded(name): item for name, item in named}

    def find(self, sku: str) -> LedgerItem | None:
        """The item of a SKU; a blank SKU has none."""
        if not folded(sku):
            return None
        return self._exact.get(sku) or self._folded.get(folded(sku))


def account_of(valued: Valued, ledger: LedgerSettings, items: Items) -> Route:
    """The account and the item of a line.

    Raises `Held` (account-unknown) when the item's account cannot take sales.
    """
    field = f"line {valued.line.id} account"
    own = {
        LineKind.DISCOUNT: (ledger.discount_account, "discount_account"),
        LineKind.FINANCE_CHARGE: (ledger.finance_charge_account, "finance_charge_account"),
        LineKind.SHIPPING: (ledger.shipping_account, "shipping_account"),
    }.get(valued.kind)
    if own:
        account, setting = own
        because = f"{valued.kind} lines go to {setting} (blank: account)"
        return Route(account, "", Decision(field, account, "R5", because))
    return _product(valued, ledger, items, field)


def _product(valued: Valued, ledger: LedgerSettings, items: Items, field: str) -> Route:
    sku = valued.line.sku
    wanted = ledger.sku_accounts or ledger.sku_item_codes
    item = items.find(sku) if wanted else None
    if item is None:
        because = (
            f"no item has the code {sku!r}" if sku.strip() and wanted else "the default account"
        )
        return Route(ledger.account, "", Decision(field, ledger.account, "R5", because))
    item_code = item.code if ledger.sku_item_codes else ""
    if not ledger.sku_accounts:
        because = "the default account (sku_accounts is off)"
        return Route(ledger.account, item_code, Decision(field, ledger.account, "R5", because))
    if not item.account:
        because = f"item {item.code} has no sales account, so the default account"
        return Route(ledger.account, item_code, Decision(field, ledger.account, "R5", because))
    if not any(known.usable for known in ledger.facts.accounts if known.code == item.account):
        raise Held(
            Reason.ACCOUNT_UNKNOWN,
            f"Item {item.code} is booked to account {item.account}, which is archived or cannot "
            "take sales.",
            hint=f"Give item {item.code} another sales account in the ledger, or restore the old.",
        )
    because = f"the sales account of item {item.code}, whose code is the SKU"
    return Route(item.account, item_code, Decision(field, item.account, "R5", because))
