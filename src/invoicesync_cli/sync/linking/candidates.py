"""What the ledger has in a period and no record knows: each can become an order's document."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from invoicesync_cli.load.found import Listed
from invoicesync_cli.model import LedgerId, OrderId
from invoicesync_cli.state import Store
from invoicesync_cli.sync.context import CHUNK

NEAR = dt.timedelta(days=1)
"""How far two dates of the same thing may lie apart: time zones, and days that end at midnight."""


class Candidates:
    """The living sales, payments and credit notes of a period that are nobody's yet.

    `ours` are documents that records know and that are to be judged again all the same.
    """

    def __init__(
        self, listed: Iterable[Listed], state: Store, ours: Collection[LedgerId] = ()
    ) -> None:
        living = {(item.kind, item.id): item for item in listed if item.alive}
        known = _recorded(state, [ident for _, ident in living]) - set(ours)
        self._taken: set[LedgerId] = set()
        self._by_number: dict[tuple[str, str], list[Listed]] = defaultdict(list)
        self._by_total: dict[tuple[str, Decimal], list[Listed]] = defaultdict(list)
        self._payments: dict[str, list[Listed]] = defaultdict(list)
        self._notes: dict[str, list[Listed]] = defaultdict(list)
        for item in living.values():
            if item.id not in known:
                self._add(item)

    def _add(self, item: Listed) -> None:
        if item.kind == "payment":
            on = list(item.on.items()) or [(LedgerId(item.target), item.applied)]
            for target, amount in on:
                self._payments[target].append(replace(item, target=target, applied=amount))
        elif item.kind == "note":
            self._notes[item.contact_id].append(item)
        else:
            if item.receipt:
                self._payments[item.id].append(replace(item, target=item.id, applied=item.total))
            if item.order is None:
                # What bears the marker of an order is found by that, and is no other order's.
                self._by_number[item.contact_id, item.number.casefold()].append(item)
                self._by_total[item.contact_id, item.total].append(item)

    def take(self, *documents: Listed) -> None:
        """These sales or credit notes are somebody's now."""
        self._taken.update(item.id for item in documents)

    def numbered(self, contact: str, number: str) -> list[Listed]:
        """The sales of a contact with a number, whatever its case."""
        return self._free(self._by_number.get((contact, number.casefold()), ()))

    def with_total(self, contact: str, total: Decimal) -> list[Listed]:
        """The sales of a contact with this total, of any day and in any currency."""
        return self._free(self._by_total.get((contact, total), ()))

    def payments(self, sale: str) -> list[Listed]:
        """The payments on a sale, the oldest first; that of a sales receipt is the receipt."""
        return sorted(self._payments.get(sale, ()), key=lambda item: item.date or dt.date.min)

    def notes(self, contact: str, order: OrderId) -> list[Listed]:
        """The credit notes and refunds of a contact that can be an order's: those with its marker
        first, and none with another's."""
        free = self._free(self._notes.get(contact, ()))
        found = [item for item in free if item.order in {None, order}]
        return sorted(found, key=lambda item: item.order is None)

    def _free(self, found: Sequence[Listed]) -> list[Listed]:
        return [item for item in found if item.id not in self._taken]


def near(day: dt.date | None, other: dt.date) -> bool:
    """Whether two dates can be that of the same thing."""
    return day is not None and abs(day - other) <= NEAR


def _recorded(state: Store, ids: Sequence[LedgerId]) -> set[LedgerId]:
    return {
        LedgerId(record.document.ledger_id)
        for start in range(0, len(ids), CHUNK)
        for record in state.records_at(ids[start : start + CHUNK])
    }
