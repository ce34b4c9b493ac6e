"""What a person would see of the simulated services: a shop and a set of books to click in."""

from collections.abc import Callable

from invoicesync_sandbox.pages.qbd import QbdBooks
from invoicesync_sandbox.pages.qbo import QboBooks
from invoicesync_sandbox.pages.shop import Shop
from invoicesync_sandbox.pages.site import Section, Site
from invoicesync_sandbox.pages.xero import XeroBooks
from invoicesync_sandbox.world import Sandbox

__all__ = ["Site", "site_of"]


def site_of(box: Sandbox, ledger: str) -> Site:
    """The pages of a sandbox's shop and of the books in `ledger`: `xero`, `qbo` or `qbd`."""
    books: dict[str, Callable[[], Section]] = {
        "xero": lambda: XeroBooks(box.xero),
        "qbo": lambda: QboBooks(box.qbo),
        "qbd": lambda: QbdBooks(box.qbd),
    }
    return Site([Shop(box.keap), books[ledger]()])
