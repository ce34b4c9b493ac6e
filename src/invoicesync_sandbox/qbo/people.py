"""Customers, vendors and employees: one set of names for all three."""

from typing import Any

from invoicesync_sandbox.qbo import shapes
from invoicesync_sandbox.qbo.books import Books, folded
from invoicesync_sandbox.qbo.faults import (
    Refused,
    business,
    missing,
    too_long,
)
from invoicesync_sandbox.qbo.posted import Posted
from invoicesync_sandbox.qbo.rows import Customer, Named, Person
from invoicesync_sandbox.table import Table

_FORBIDDEN = (":", "\t", "\n", "\r")
_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
_OLDER_DETAIL = (
    "The name supplied already exists. : Another customer, vendor or employee is already using"
    " this name. Please use a different name."
)


def check_characters(name: str, value: str) -> None:
    """Raise `Refused` (2040) for a colon, tab or line break, which no name may have."""
    if any(sign in value for sign in _FORBIDDEN):
        raise Refused("2040", f"Invalid String : {name} has invalid characters.", element=name)


def check_revived(before: Named | None, *, active: bool) -> None:
    """Raise `Refused` for a change to an inactive row that leaves it inactive."""
    if before is not None and not before.active and not active:
        raise business("You cannot modify a list element that has been deleted.")


def save(
    books: Books, table: Table[Any], kind: type[Person], posted: Posted, before: Person | None
) -> Person:
    """Create a person, or put a new version in the place of `before`.

    Raises `Refused`.
    """
    fields = _fields(books, posted, before, kind)
    check_revived(before, active=fields["active"])
    _check_name(books, fields["name"], before)
    if before is None:
        row = kind(**books.stamp("name"), **fields)
    else:
        if before.active and not fields["active"] and balance(books, before.id):
            raise Refused("6220", f"{before.name} has a balance and cannot be made inactive.")
        row = books.touched(before, **fields)
    table.put(row)
    return row


def balance(books: Books, customer_id: str) -> Any:
    """What the customer owes, less the credit that is not used up. Major units."""
    owed = sum(row.balance for row in books.invoices.each("customer", customer_id))
    credit = sum(row.balance for row in books.credit_memos.each("customer", customer_id))
    return (
        owed - credit - sum(row.unapplied for row in books.payments.each("customer", customer_id))
    )


def _fields(
    books: Books, posted: Posted, before: Person | None, kind: type[Person]
) -> dict[str, Any]:
    parts = {
        "title": posted.text("Title", 16),
        "given": posted.text("GivenName", 100),
        "middle": posted.text("MiddleName", 100),
        "family": posted.text("FamilyName", 100),
        "suffix": posted.text("Suffix", 16),
    }
    for name in (*_PARTS, "CompanyName", "PrintOnCheckName"):
        check_characters(name, posted.text(name, 110))
    phone = posted.object("PrimaryPhone", shapes.PHONE)
    posted.choice("PreferredDeliveryMethod", ("Print", "Email", "None"))
    kept = posted.kept("PrintOnCheckName")
    kept |= {
        name: address
        for name in ("BillAddr", "ShipAddr", "PrimaryAddr")
        if (address := posted.address(name))
    }
    return parts | {
        "name": _display_name(books, posted, parts),
        "company": posted.text("CompanyName", 100),
        "email": posted.email("PrimaryEmailAddr", books.switches),
        "phone": phone.text("FreeFormNumber", 30) if phone else "",
        "notes": posted.text("Notes", 2000),
        "active": posted.flag("Active", default=True),
        "taxable": posted.flag("Taxable", default=True),
        "tax_code": posted.ref("DefaultTaxCodeRef"),
        "term_id": _term(books, posted),
        "parent_id": _parent(books, posted, before, kind),
        "currency": before.currency if before else _currency(books, posted),
        "kept": kept,
    }


def _display_name(books: Books, posted: Posted, parts: dict[str, str]) -> str:
    name = posted.text("DisplayName").strip()
    # An inactive row that is read and sent back carries the mark of its state.
    name = name.removesuffix(" (deleted)")
    most = books.switches.longest_display_name
    if len(name) > most:
        raise too_long("DisplayName", most, len(name))
    check_characters("DisplayName", name)
    if name:
        return name
    joined = " ".join(part for part in parts.values() if part)
    if joined:
        return joined
    if books.switches.no_name_code == "2020":
        raise missing("DisplayName")
    raise Refused("6080", "At least one of the name fields is needed.", element="DisplayName")


def _check_name(books: Books, name: str, before: Person | None) -> None:
    for table in books.people():
        for other in table.find("name", folded(name)):
            if before is not None and other.id == before.id:
                continue
            if other.active or books.switches.inactive_names_reserved:
                older = books.switches.duplicate_name_detail == "words"
                detail = _OLDER_DETAIL if older else "The name supplied already exists. : null"
                raise Refused("6240", detail)


def _term(books: Books, posted: Posted) -> str:
    term = posted.ref("SalesTermRef")
    return books.pick(books.terms, term, "Terms").id if term else ""


def _parent(books: Books, posted: Posted, before: Person | None, kind: type[Person]) -> str:
    """The customer above; vendors and employees have nobody."""
    if kind is not Customer:
        return ""
    return books.parent(books.customers, posted.ref("ParentRef"), before, "Names")


def _currency(books: Books, posted: Posted) -> str:
    """The currency, which is chosen once and for all."""
    code = posted.ref("CurrencyRef") or books.world.currency
    if code != books.world.currency:
        known = any(row.code == code and row.active for row in books.currencies.values())
        if not (books.preferences.multicurrency and known):
            raise business("The currency is not in use in this company.")
    return code
