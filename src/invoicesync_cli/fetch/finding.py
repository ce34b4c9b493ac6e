"""What is looked up in Keap for an invoice of the ledger: people, products, and orders that may be
it already."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from invoicesync_cli.fetch import readers
from invoicesync_cli.fetch.keap import CONTACT_FIELDS, PAGE, KeapClient, KeapOrder, stamp
from invoicesync_cli.fetch.readers import Unreadable
from invoicesync_cli.model import KeapContact, KeapProduct, PersonId

FILTERABLE = re.compile(r"[^;*=<>!]+")
"""Texts that a filter takes as they are: others would be part of its own language."""


def orders_of(keap: KeapClient, person: PersonId) -> Iterator[list[KeapOrder]]:
    """Every order of a contact, lowest id first, a page at a time."""
    clause = f"contact_id=={person}"
    for rows in keap.lists.by_id("/orders", "orders", clause, size=PAGE):
        yield keap.orders_in(rows)


def orders_created(keap: KeapClient, since: datetime) -> Iterator[list[KeapOrder]]:
    """Every order made since a time (aware), or dated since then: which of the two is not
    documented. Lowest id first, a page at a time."""
    clause = f"created_since_time=={stamp(since)}"
    for rows in keap.lists.by_id("/orders", "orders", clause, size=PAGE):
        yield keap.orders_in(rows)


def people_where(keap: KeapClient, clauses: Mapping[str, str]) -> list[KeapContact]:
    """The contacts to which all of these filters apply, in any case of letters; nobody for a text
    that Keap's filters could not hold."""
    if any(not FILTERABLE.fullmatch(text) for text in clauses.values()):
        return []
    asked = {
        "filter": ";".join(f"{field}=={text}" for field, text in clauses.items()),
        "fields": CONTACT_FIELDS,
        "page_size": str(PAGE),
    }
    pages = keap.lists.by_token("/contacts", "contacts", asked)
    found = (readers.person(row) for rows in pages for row in rows)
    return [person for person in found if person and not person.problem]


def products_of(keap: KeapClient, sku: str) -> list[KeapProduct]:
    """The products of an SKU, in any case of letters; none for one that Keap's filters could not
    hold. A row that cannot be read is left out."""
    if not FILTERABLE.fullmatch(sku):
        return []
    asked = {"filter": f"sku=={sku}", "page_size": str(PAGE)}
    found = []
    for rows in keap.lists.by_token("/products", "products", asked):
        for row in rows:
            with contextlib.suppress(Unreadable):
                found.append(readers.product(row))
    return found
