"""The Keap order that an invoice of the ledger becomes (rule R14). Pure: no network, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from invoicesync_cli.model import (
    ZERO,
    Decision,
    KeapProduct,
    LedgerSale,
    LineKind,
    NewOrder,
    NewOrderLine,
    Reason,
    SaleLine,
    money,
    sale_marker,
)
from invoicesync_cli.transform.names import cut, folded, spaced
from invoicesync_cli.transform.verdicts import Held

LONGEST = 255
"""Characters of a title or a line's name; how many Keap takes is not documented."""
NOON = time(12)
"""No day lacks it, wherever clocks are put forward, and no time zone nearby makes it another."""
WORDS = {LineKind.SHIPPING: "Shipping", LineKind.DISCOUNT: "Discount"}
"""What a line is called that has neither text nor item."""

Products = Mapping[str, Sequence[KeapProduct]]
"""Keap's products by SKU, folded."""


def order_of(
    sale: LedgerSale,
    products: Products,
    zone: ZoneInfo,
    currency: str,
    ledger: str,
    organisation: str,
    decisions: list[Decision],
) -> NewOrder:
    """The order of an invoice; `currency` is the Keap account's, `ledger` what people call the
    ledger, `organisation` its id there. Raises `Held`, and adds to `decisions` as far as it comes.
    """
    title = cut(f"{ledger} invoice {spaced(sale.number) or sale.id}", LONGEST)
    decisions.append(Decision("title", title, "R14", f"the number in {ledger}"))
    if sale.date is None:
        raise ValueError(f"sale {sale.id} has no date")
    decisions.append(Decision("date", sale.date.isoformat(), "R14", f"as in {ledger}"))
    _check_currency(sale, currency, ledger)
    lines = [_line(line, products, place) for place, line in enumerate(sale.lines, 1)]
    lines = [*lines, *_tax(sale)]
    _check_total(sale, lines, ledger)
    tax = f"{sale.tax} {currency}"
    decisions.append(Decision("tax", tax, "R14", f"as in {ledger}, in a line of its own"))
    return NewOrder(
        sale_id=sale.id,
        time=datetime.combine(sale.date, NOON, zone),
        title=title,
        notes=sale_marker(ledger, sale.number, sale.id, organisation),
        lines=tuple(lines),
        total=sale.total,
        tax=sale.tax,
    )


def _check_currency(sale: LedgerSale, currency: str, ledger: str) -> None:
    if sale.currency not in {"", currency}:
        raise Held(
            Reason.CURRENCY_DIFFERS,
            f"The invoice is in {sale.currency}, the Keap account is in {currency}.",
            hint=f"Keap has one currency: this stays in {ledger} alone.",
        )


def _check_total(sale: LedgerSale, lines: Iterable[NewOrderLine], ledger: str) -> None:
    if sale.total < ZERO:
        raise Held(
            Reason.NEGATIVE_TOTAL,
            f"The invoice comes to {sale.total} {sale.currency}.",
            hint="Keap has no such order.",
        )
    found = sum((line.price * line.quantity for line in lines), ZERO)
    if found != sale.total:
        raise Held(
            Reason.TOTALS_DIFFER,
            f"The lines and the tax of the invoice come to {money(found)}, its total in {ledger} "
            f"is {sale.total} {sale.currency}.",
            hint="Enter the order in Keap by hand.",
        )


def _tax(sale: LedgerSale) -> list[NewOrderLine]:
    return [NewOrderLine("TAX", "Tax", 1, sale.tax)] if sale.tax else []


def _line(line: SaleLine, products: Products, place: int) -> NewOrderLine:
    text = spaced(line.description)
    name = cut(text or spaced(line.item) or WORDS.get(line.kind, f"Line {place}"), LONGEST)
    quantity, price, note = _measure(line)
    description = " ".join(part for part in (text if text != name else "", note) if part)
    if line.net < ZERO or line.kind is LineKind.DISCOUNT:
        return NewOrderLine("DISCOUNT", name, 1, line.net, description)
    if line.kind is LineKind.SHIPPING:
        return NewOrderLine("SHIPPING", name, quantity, price, description)
    product = _product(line, products)
    if product:
        return NewOrderLine("PRODUCT", name, quantity, price, description, product.id)
    return NewOrderLine("OTHER", name, quantity, price, description)


def _measure(line: SaleLine) -> tuple[int, Decimal, str]:
    """Quantity and price as Keap can hold them, whole pieces and cents, if they come to the value;
    else one piece at the value, and a note of what they were."""
    quantity, price = line.quantity, line.unit_price
    if quantity is None:
        return 1, line.net, ""
    whole = quantity == quantity.to_integral_value() and quantity >= 1
    if whole and price is not None and price == money(price) and quantity * price == line.net:
        return int(quantity), money(price), ""
    note = f"({_plain(quantity)} x {_plain(price)})" if price is not None else ""
    if price is None and quantity != 1:
        note = f"(quantity {_plain(quantity)})"
    return 1, line.net, note if quantity != 1 else ""


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _product(line: SaleLine, products: Products) -> KeapProduct | None:
    """Keap's product of the line's SKU; of several the one that is called as the line is."""
    found = [one for one in products.get(folded(line.sku), ()) if one.active] if line.sku else []
    if len(found) > 1:
        called = {folded(line.description), folded(line.item)}
        found = [one for one in found if folded(one.name) in called]
    return found[0] if len(found) == 1 else None
