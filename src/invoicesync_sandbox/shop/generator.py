"""As many plausible orders as wanted, for measuring: the same for the same seed."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from invoicesync_sandbox.keap import Address, Item, KeapSandbox

END = datetime(2026, 11, 20, tzinfo=UTC)
PERIOD = timedelta(days=730)
CENT = Decimal("0.01")
VAT = Decimal("0.20")
SHIPPING = (Decimal("3.95"), Decimal("4.50"), Decimal("8.00"))
DISCOUNTS = (Decimal("0.05"), Decimal("0.10"), Decimal("0.15"))

FIRST_NAMES = ("Ada", "Bill", "Cora", "Dev", "Edie", "Finn", "Gita", "Hal", "Ines", "Jack")
LAST_NAMES = ("Abbott", "Brown", "Chen", "Dunne", "Evans", "Frost", "Grey", "Hart", "Iqbal", "Judd")
CATALOGUE = (
    ("Pillar candle", "PIL", "12.50"),
    ("Tea lights", "TIL", "4.99"),
    ("Soy wax, 1 kg", "WAX-1", "9.75"),
    ("Lantern", "LAN", "40.00"),
    ("Gift box", "GIFT", "25.00"),
    ("Wick trimmer", "", "7.20"),
    ("Candle tray", "TRAY", "18.33"),
    ("Cotton wick", "", "0.15"),
)


def generate(
    keap: KeapSandbox, count: int, seed: int = 0, paid: bool = True, buyers: Sequence[str] = ()
) -> None:
    """Add `count` orders, rising in time up to 20 November 2026, each of a new contact unless the
    `buyers` are given, one for each; then all are entered now.

    Lines always add up to the total; taxed orders bear 20 % on their goods, discounts and shipping.
    Each is paid in full by card when it is made, unless `paid` is off.
    """
    chance = random.Random(seed)  # noqa: S311 - test data
    town = Address("1 Market Place", "", "Leeds", "West Yorkshire", "GB-LDS", "LS1 1AA")
    products = _stock(keap)
    step = PERIOD / max(count, 1)
    for number in range(count):
        when = (END - PERIOD + step * (number + chance.random())).replace(microsecond=0)
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        contact_id = (
            buyers[number]
            if buyers
            else keap.add_contact(
                given_name=first,
                family_name=f"{last} {number}",
                emails=(f"{first}.{last}.{number}@example.net".lower(),),
                billing=town,
                create_time=when,
            )
        )
        entered = None if buyers else when
        taxed = chance.random() < 0.6
        order = keap.add_order(
            contact_id=contact_id,
            order_time=when,
            creation_time=entered,
            items=_items(chance, keap, products[taxed], taxed),
            title="Web order",
        )
        if paid:
            keap.add_payment(order_id=order.id, amount=order.total, time=when, entered_time=entered)


def _stock(keap: KeapSandbox) -> dict[bool, list[str]]:
    """The catalogue's products, once with the taxable flag and once without."""
    return {
        taxable: [
            keap.add_product(name, sku=sku, price=price, taxable=taxable, create_time=END - PERIOD)
            for name, sku, price in CATALOGUE
        ]
        for taxable in (False, True)
    }


def _items(
    chance: random.Random, keap: KeapSandbox, products: list[str], taxed: bool
) -> Iterator[Item]:
    base = Decimal(0)
    for product_id in chance.sample(products, chance.randint(1, 4)):
        price, quantity = keap.products[product_id].price, chance.randint(1, 3)
        base += price * quantity
        yield Item("PRODUCT", price, quantity, product=product_id)
    if chance.random() < 0.2:
        taken = _cents(base * chance.choice(DISCOUNTS))
        base -= taken
        yield Item("DISCOUNT_ORDER_TOTAL", -taken, name="Offer")
    if chance.random() < 0.4:
        carriage = chance.choice(SHIPPING)
        base += carriage
        yield Item("SHIPPING", carriage, name="Royal Mail")
    if taxed:
        yield Item("TAX", _cents(base * VAT), name="VAT")


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
