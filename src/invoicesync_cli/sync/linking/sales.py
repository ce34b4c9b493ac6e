"""Which document of the ledger is an order's: by its marker, its number, or what was sold to whom.

Each step is taken for all orders before the next one, so that a document goes to the order that has
the best claim to it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from invoicesync_cli.load.found import Listed
from invoicesync_cli.model import LedgerId, OrderId
from invoicesync_cli.sync.linking.candidates import Candidates, near


class FoundBy(StrEnum):
    """What a document was found by."""

    MARKER = "marker"
    NUMBER = "number"
    CONTENT = "contact, total and date"


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """An order with what its document in the ledger is known by.

    `contact` is None while nobody in the ledger is its buyer; `numbers` are those that its document
    may have, the likeliest first.
    """

    order_id: OrderId
    contact: LedgerId | None
    total: Decimal
    currency: str
    date: dt.date
    numbers: tuple[str, ...]

    def fits(self, item: Listed) -> bool:
        """Whether a document has its total, in its currency, and a date that can be its own."""
        same = item.total == self.total and item.currency in {"", self.currency}
        return same and near(item.date, self.date)


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found of an order: its document, or several that could be it. `rivals` are other
    orders that one of them could belong to just as well."""

    step: FoundBy
    found: tuple[Listed, ...]
    rivals: tuple[OrderId, ...] = ()

    @property
    def only(self) -> Listed | None:
        """The document, where there is no doubt about it."""
        return self.found[0] if len(self.found) == 1 and not self.rivals else None


def hits(
    orders: Sequence[OrderQuery], marked: Mapping[OrderId, Sequence[Listed]], there: Candidates
) -> dict[OrderId, Hit]:
    """What the ledger has of each order; of `marked` documents the living ones of each marker."""
    found: dict[OrderId, Hit] = {}
    for order in orders:
        if documents := marked.get(order.order_id):
            found[order.order_id] = Hit(FoundBy.MARKER, tuple(documents))
    for order in orders:
        if order.order_id not in found and (hit := _by_number(order, there)):
            found[order.order_id] = hit
            there.take(*hit.found)
    left = [order for order in orders if order.order_id not in found]
    # Whose number a document has by chance, it is another order's by everything else.
    others = {hit.only.id: order for order, hit in _by_content(left, there).items() if hit.only}
    for order in left:
        if hit := _by_number_alone(order, there, others):
            found[order.order_id] = hit
            there.take(*hit.found)
    left = [order for order in orders if order.order_id not in found]
    return found | _by_content(left, there)


def _by_number(order: OrderQuery, there: Candidates) -> Hit | None:
    """By the number on the contact, with the same total and date: where ids of orders and invoices
    differ, the one's number may be the other's."""
    for found in _numbered(order, there):
        same = [item for item in found if order.fits(item)]
        if same:
            return Hit(FoundBy.NUMBER, tuple(same))
    return None


def _by_number_alone(
    order: OrderQuery, there: Candidates, others: Mapping[LedgerId, OrderId]
) -> Hit | None:
    """By the number on the contact, whatever its total and date."""
    for found in _numbered(order, there):
        mine = [item for item in found if others.get(item.id, order.order_id) == order.order_id]
        if mine:
            return Hit(FoundBy.NUMBER, tuple(mine))
    return None


def _numbered(order: OrderQuery, there: Candidates) -> Iterator[list[Listed]]:
    """The documents of the order's contact under each of the order's numbers."""
    if order.contact:
        for number in order.numbers:
            yield there.numbered(order.contact, number)


def _by_content(orders: Iterable[OrderQuery], there: Candidates) -> dict[OrderId, Hit]:
    fitting: dict[OrderId, list[Listed]] = {}
    claims: dict[LedgerId, list[OrderId]] = defaultdict(list)
    for order in orders:
        sales = there.with_total(order.contact, order.total) if order.contact else []
        alike = [item for item in sales if order.fits(item)]
        if alike:
            fitting[order.order_id] = alike
        for item in alike:
            claims[item.id].append(order.order_id)
    return {
        order: Hit(
            FoundBy.CONTENT,
            tuple(found),
            tuple(dict.fromkeys(one for item in found for one in claims[item.id] if one != order)),
        )
        for order, found in fitting.items()
    }
