"""QuickBooks' customers: everybody, or those that a step of the ladder could find for people."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from invoicesync_cli.load.qbo.client import QboClient, Statement, lists, ref, text
from invoicesync_cli.model import LedgerContact, LedgerId, Sought

EVERY = "Active IN (true, false)"
"""Inactive ones are left out of lists unless they are asked for."""
INACTIVE = " (deleted)"
"""What QuickBooks puts behind the name of one that is inactive."""
OWN_NUMBER = re.compile(r"\bkeap-\w+")


def everybody(client: QboClient) -> Iterator[LedgerContact]:
    """Every customer, inactive ones too."""
    for rows in client.select([Statement("Customer", EVERY)]):
        yield from map(customer, rows)


def customers(client: QboClient, sought: Sought) -> Iterator[LedgerContact]:
    """The customers that are sought; vendors and employees with a name that may be given."""
    deleted = [name + INACTIVE for name in sought.names]
    conditions = [
        *lists("Id", sought.ids),
        *lists("PrimaryEmailAddr", sought.emails),
        *lists("DisplayName", [*sought.names, *deleted]),
        *lists("FamilyName", sought.last_names),
        *lists("CompanyName", sought.companies),
    ]
    statements = [Statement("Customer", f"{condition} and {EVERY}") for condition in conditions]
    for entity in ("Vendor", "Employee"):
        statements += [
            Statement(entity, f"{condition} and {EVERY}")
            for condition in lists("DisplayName", sought.given)
        ]
    seen: set[str] = set()
    for statement, rows in zip(statements, client.select(statements), strict=True):
        for row in rows:
            key = f"{statement.entity} {row.get('Id')}"
            if key not in seen:
                seen.add(key)
                yield customer(row) if statement.entity == "Customer" else _other(row, key)


def customer(row: Mapping[str, Any]) -> LedgerContact:
    """A customer with what the ladder compares."""
    email, address = row.get("PrimaryEmailAddr"), row.get("BillAddr")
    notes = OWN_NUMBER.search(text(row.get("Notes")))
    active = row.get("Active") is not False
    return LedgerContact(
        id=LedgerId(str(row.get("Id") or "")),
        name=_name(row, active=active),
        first_name=text(row.get("GivenName")),
        last_name=text(row.get("FamilyName")),
        email=text(email.get("Address")) if isinstance(email, Mapping) else "",
        cities=(text(address.get("City")),) if isinstance(address, Mapping) else (),
        number=notes.group() if notes else "",
        archived=not active,
        company=text(row.get("CompanyName")),
        currency=ref(row, "CurrencyRef"),
    )


def _other(row: Mapping[str, Any], key: str) -> LedgerContact:
    """A vendor or an employee, who only has a name that is taken."""
    return LedgerContact(
        LedgerId(key), _name(row, active=row.get("Active") is not False), customer=False
    )


def _name(row: Mapping[str, Any], *, active: bool) -> str:
    name = text(row.get("DisplayName"))
    return name if active else name.removesuffix(INACTIVE)
