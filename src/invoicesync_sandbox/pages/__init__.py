"""What a person would see of the simulated services: a shop and a set of books to click in."""

from invoicesync_sandbox.pages.qbo import QboBooks
from invoicesync_sandbox.pages.shop import Shop
from invoicesync_sandbox.pages.site import Section, Site
from invoicesync_sandbox.pages.xero import XeroBooks
from invoicesync_sandbox.world import Sandbox

__all__ = ["Site", "site_of"]


def site_of(box: Sandbox, ledger: str) -> Site:
    """The pages of a sandbox's shop and of the books in `ledger`, `xero` or `qbo`."""
    books: Section = XeroBooks(box.xero) if ledger == "xero" else QboBooks(box.qbo)
    return Site([Shop(box.keap), books])
