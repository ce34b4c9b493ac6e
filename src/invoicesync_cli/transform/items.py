"""Which item a line goes to, or which of the ledger's own lines it becomes (R5, QuickBooks)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from invoicesync_cli.model import (
    NOT_MADE_YET,
    ZERO,
    Decision,
    ItemRouting,
    LedgerItem,
    LineKind,
    LineType,
    TaxCode,
    TaxMode,
)
from invoicesync_cli.transform.accounts import Items, Route
from invoicesync_cli.transform.lines import Valued, title

REMEDIES = {
    LineKind.SHIPPING: "{0}.shipping_item",
    LineKind.DISCOUNT: "{0}.discount_item",
    LineKind.FINANCE_CHARGE: "{0}.finance_charge_item or a {0}.default_item",
}
"""The settings that give a kind of line an item, of a section."""
CALLED = {"sku": "SKU", "name": "name", "part-number": "part number", "barcode": "barcode"}
GOODS = {LineKind.PRODUCT, LineKind.FINANCE_CHARGE}


@dataclass(frozen=True)
class NativeLines:
    """The lines, by position, that become QuickBooks' own discount and shipping lines.

    `tax_after_discount` says whether the discount line lowers what is taxed; None where it does
    not matter or there is none.
    """

    discount: int | None = None
    shipping: int | None = None
    tax_after_discount: bool | None = None

    def type_of(self, place: int) -> LineType:
        """What the line at this place is taken as."""
        if place == self.discount:
            return LineType.DISCOUNT
        return LineType.SHIPPING if place == self.shipping else LineType.ITEM


def native_lines(
    lines: Sequence[Valued],
    codes: Sequence[TaxCode],
    taxable: TaxCode,
    mode: TaxMode,
    routing: ItemRouting,
) -> NativeLines:
    """Which lines QuickBooks has a line of its own for; a form bears one of each."""
    shipping = _only(place for place, line in enumerate(lines) if line.kind is LineKind.SHIPPING)
    # A form needs at least one line that is not QuickBooks' own.
    if routing.shipping or routing.shipping_account is None or len(lines) == 1:
        shipping = None
    discount = _only(
        place
        for place, line in enumerate(lines)
        if line.kind is LineKind.DISCOUNT and line.value < ZERO
    )
    if routing.discount or routing.discount_account is None or mode is TaxMode.INCLUSIVE:
        discount = None
    goods = [place for place, line in enumerate(lines) if line.kind in GOODS]
    alike = len({codes[place] for place in goods}) == 1
    worth = sum((lines[place].value for place in goods), ZERO)
    if discount is None or not alike or -lines[discount].value > worth:
        return NativeLines(None, shipping)
    lowers = codes[discount] == taxable
    # A discount that comes before tax is spread over all item lines, shipping that is one too.
    spread = set(range(len(lines))) - {discount, shipping}
    if lowers and any(codes[place] != taxable for place in spread):
        return NativeLines(None, shipping)
    # A company without sales tax has no code at all.
    taxed = bool(taxable.code) and taxable in codes
    return NativeLines(discount, shipping, lowers if taxed else None)


def _only(places: Iterable[int]) -> int | None:
    found = list(places)
    return found[0] if len(found) == 1 else None


def item_of(valued: Valued, own: LineType, routing: ItemRouting, items: Items) -> Route:
    """The item of a line, or the line of QuickBooks' `own` that it becomes."""
    if own is LineType.DISCOUNT:
        return _own(valued, own, routing.discount_account or "")
    if own is LineType.SHIPPING:
        return _own(valued, own, routing.shipping_account or "")
    if valued.kind is LineKind.PRODUCT:
        return _product(valued, routing, items)
    chain, why = _chain(valued.kind, routing)
    for setting, item in chain:
        if item:
            return _to(valued, item, f"{valued.kind} lines go to {setting}")
    return _unmatched(valued, routing, why)


def _chain(
    kind: LineKind, routing: ItemRouting
) -> tuple[tuple[tuple[str, LedgerItem | None], ...], str]:
    """The settings that may name an item for a kind of line, and what it means that none does."""
    if kind is LineKind.DISCOUNT:
        why = "discounts are switched off on QuickBooks' forms"
        if not routing.own_lines:
            why = "QuickBooks' forms have no line of their own for discounts"
        if routing.discount_account is not None:
            why = "QuickBooks' own line takes one discount, off lines that are taxed alike"
        return (("discount_item", routing.discount),), why
    if kind is LineKind.SHIPPING:
        why = "shipping is switched off on QuickBooks' forms"
        if not routing.own_lines:
            why = "QuickBooks' forms have no line of their own for shipping"
        if routing.shipping_account is not None:
            why = "QuickBooks' own line takes one charge for shipping, beside others"
        return (("shipping_item", routing.shipping),), why
    return (
        ("finance_charge_item", routing.finance_charge),
        ("default_item", routing.default),
    ), "no item is named for finance charges"


def _own(valued: Valued, own: LineType, account: str) -> Route:
    because = f"QuickBooks' own {own} line" + (f", booked to {account}" if account else "")
    return Route(account, "", Decision(f"line {valued.line.id} item", own, "R5", because), own)


def _product(valued: Valued, routing: ItemRouting, items: Items) -> Route:
    line = valued.line
    item = items.find(line.sku)
    if item:
        return _to(
            valued, item, f"the item whose {CALLED[routing.by]} is the Keap SKU {line.sku!r}"
        )
    if line.sku.strip():
        why = f"no item has the {CALLED[routing.by]} {line.sku!r}"
    elif line.product_id:
        why = "the Keap product has no SKU"
    else:
        return _unmatched(valued, routing, "the line has neither a SKU nor a product")
    if routing.default:
        return _to(valued, routing.default, f"{why}, so default_item")
    return _unmatched(valued, routing, why)


def _to(valued: Valued, item: LedgerItem, because: str) -> Route:
    decision = Decision(f"line {valued.line.id} item", item.name, "R5", because)
    return Route(item.account, item.id or NOT_MADE_YET, decision)


def _unmatched(valued: Valued, routing: ItemRouting, why: str) -> Route:
    item = routing.unmatched
    decision = Decision(f"line {valued.line.id} item", item.name, "R5", f"{why}, so unmatched_item")
    setting, by = REMEDIES.get(valued.kind), CALLED[routing.by]
    if setting:
        remedy = f"name a {setting.format(routing.section)}"
    elif valued.line.product_id:
        remedy = (
            f"give the Keap product the {by} of a QuickBooks item as its SKU, or name a "
            f"{routing.section}.default_item"
        )
    else:
        remedy = (
            f"in Keap sell it as a product whose SKU is the {by} of a QuickBooks item, or "
            f"name another item as {routing.section}.unmatched_item"
        )
    booked = f"{title(valued.line)!r} is booked to the item {item.name}"
    note = f"{booked}: {why}. To change it, {remedy}."
    return Route(item.account, item.id or NOT_MADE_YET, decision, note=note)
