"""QuickBooks' customers: everybody, or those that a step of the matching could find for people."""

import re
from collections.abc import Iterator

from invoicesync_cli.load.qbo.client import QboClient, Query, lists
from invoicesync_cli.load.qbo.schemas import PersonRow, all_read
from invoicesync_cli.model import ContactQuery, LedgerContact, LedgerId

EVERY = "Active IN (true, false)"
"""Inactive ones are left out of lists unless they are asked for."""
INACTIVE = " (deleted)"
"""What QuickBooks puts behind the name of one that is inactive."""
OWN_NUMBER = re.compile(r"\bkeap-\w+")


def everybody(client: QboClient) -> Iterator[LedgerContact]:
    """Every customer, inactive ones too."""
    for rows in client.select([Query("Customer", EVERY)]):
        yield from map(customer, all_read(PersonRow, rows))


def customers(client: QboClient, query: ContactQuery) -> Iterator[LedgerContact]:
    """The customers that are asked for; vendors and employees with a name that may be given."""
    deleted = [name + INACTIVE for name in query.names]
    conditions = [
        *lists("Id", query.ids),
        *lists("PrimaryEmailAddr", query.emails),
        *lists("DisplayName", [*query.names, *deleted]),
        *lists("FamilyName", query.last_names),
        *lists("CompanyName", query.companies),
    ]
    statements = [Query("Customer", f"{condition} and {EVERY}") for condition in conditions]
    for entity in ("Vendor", "Employee"):
        statements += [
            Query(entity, f"{condition} and {EVERY}")
            for condition in lists("DisplayName", query.given)
        ]
    seen: set[str] = set()
    for statement, rows in zip(statements, client.select(statements), strict=True):
        for person in all_read(PersonRow, rows):
            key = f"{statement.entity} {person.id}"
            if key not in seen:
                seen.add(key)
                yield customer(person) if statement.entity == "Customer" else _other(person, key)


def customer(person: PersonRow) -> LedgerContact:
    """A customer with what the matching compares."""
    notes = OWN_NUMBER.search(person.notes)
    return LedgerContact(
        id=LedgerId(person.id),
        name=_name(person),
        first_name=person.given_name,
        last_name=person.family_name,
        email=person.primary_email_addr.address,
        cities=(person.bill_addr.city,),
        number=notes.group() if notes else "",
        archived=not person.active,
        company=person.company_name,
        currency=person.currency_ref.value,
    )


def _other(person: PersonRow, key: str) -> LedgerContact:
    """A vendor or an employee, who only has a name that is taken."""
    return LedgerContact(LedgerId(key), _name(person), customer=False)


def _name(person: PersonRow) -> str:
    return person.display_name if person.active else person.display_name.removesuffix(INACTIVE)
