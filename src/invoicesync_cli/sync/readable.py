"""What the ledger has by its ids, without what makes no sense in its answers."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from invoicesync_cli.errors import UnreadableRows
from invoicesync_cli.model import LedgerId
from invoicesync_cli.state import Store

MOST = 10
"""Of more than so many it is not their own fault that they cannot be read."""
UNREAD = "unreadable_orders"

T = TypeVar("T")


def readable(
    ask: Callable[[list[LedgerId]], Mapping[LedgerId, T]], ids: Collection[LedgerId]
) -> tuple[Mapping[LedgerId, T], set[LedgerId]]:
    """What is there of these ids, and the ids of what is there but makes no sense.

    Raises `TryLater` where that is more than a few.
    """
    unread: set[LedgerId] = set()
    while True:
        left = [ident for ident in ids if ident not in unread]
        try:
            return ask(left), unread
        except UnreadableRows as error:
            bad = {ident for ident in left if ident in error.ids}
            unread |= bad
            if not bad or len(unread) > MOST:
                raise


def unread_orders(state: Store) -> set[str]:
    """The orders of which something made no sense at the last look into the ledger."""
    return set(state.get_meta(UNREAD).split())
