"""Which account and item a line goes to (rule R5, Xero)."""

from invoicesync_cli.errors import Held
from invoicesync_cli.model import Booking, Decision, LedgerItem, LineKind
from invoicesync_cli.transform.lines import Valued
from invoicesync_cli.transform.names import folded


class Items:
    """The ledger's items, found by SKU: exactly, then ignoring case and outer blanks."""

    def __init__(self, items: tuple[LedgerItem, ...]) -> None:
        self._exact = {item.code: item for item in reversed(items)}
        self._folded = {folded(item.code): item for item in reversed(items)}

    def find(self, sku: str) -> LedgerItem | None:
        """The item of a SKU; a blank SKU has none."""
        if not folded(sku):
            return None
        return self._exact.get(sku) or self._folded.get(folded(sku))


def account_of(valued: Valued, booking: Booking, items: Items) -> tuple[str, str, Decision]:
    """Account code and item code of a line, and why.

    Raises `Held` (account-unknown) when the item's account cannot take sales.
    """
    field = f"line {valued.line.id} account"
    own = {
        LineKind.DISCOUNT: (booking.discount_account, "discount_account"),
        LineKind.FINANCE_CHARGE: (booking.finance_charge_account, "finance_charge_account"),
        LineKind.SHIPPING: (booking.shipping_account, "shipping_account"),
    }.get(valued.kind)
    if own:
        account, setting = own
        because = f"{valued.kind} lines go to {setting} (blank: account)"
        return account, "", Decision(field, account, "R5", because)
    return _product(valued, booking, items, field)


def _product(
    valued: Valued, booking: Booking, items: Items, field: str
) -> tuple[str, str, Decision]:
    sku = valued.line.sku
    wanted = booking.sku_accounts or booking.sku_item_codes
    item = items.find(sku) if wanted else None
    if item is None:
        because = (
            f"no item has the code {sku!r}" if sku.strip() and wanted else "the default account"
        )
        return booking.account, "", Decision(field, booking.account, "R5", because)
    item_code = item.code if booking.sku_item_codes else ""
    if not booking.sku_accounts:
        because = "the default account (sku_accounts is off)"
        return booking.account, item_code, Decision(field, booking.account, "R5", because)
    if not item.account:
        because = f"item {item.code} has no sales account, so the default account"
        return booking.account, item_code, Decision(field, booking.account, "R5", because)
    if not any(known.usable for known in booking.facts.accounts if known.code == item.account):
        raise Held(
            "account-unknown",
            f"Item {item.code} is booked to account {item.account}, which is archived or cannot "
            "take sales.",
            hint=f"Give item {item.code} another sales account in the ledger, or restore the old.",
        )
    because = f"the sales account of item {item.code}, whose code is the SKU"
    return item.account, item_code, Decision(field, item.account, "R5", because)
