"""Which items of an unanswered batch are in QuickBooks: found by number, reference or name."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from invoicesync_cli.load.qbo.client import QboClient, Statement, lists
from invoicesync_cli.load.qbo.money import applied, marker_in, note_of, reference
from invoicesync_cli.load.qbo.schemas import (
    FORMS,
    MADE,
    CreditMemo,
    Form,
    Item,
    Payment,
    Person,
    Row,
    all_read,
)

FIELDS = {
    "Customer": "DisplayName",
    "Item": "Name",
    "Invoice": "DocNumber",
    "SalesReceipt": "DocNumber",
    "CreditMemo": "DocNumber",
    "RefundReceipt": "DocNumber",
    "Payment": "PaymentRefNum",
}
"""What each kind is looked for by."""

Fields = Mapping[str, Any]
"""An item of a batch, or the fields of the object in it, as they are sent."""


def made(client: QboClient, items: Mapping[str, Fields]) -> dict[str, Fields]:
    """An answer, as the batch would have given it, for each of the items that are there.

    Raises `TryLater` when what is there cannot be read.
    """
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    values: dict[tuple[str, str], list[str]] = defaultdict(list)
    for place, item in items.items():
        entity, field, value = _sought(item)
        places[entity, field].append(place)
        values[entity, field].append(value)
    asked = [(where, condition) for where in places for condition in lists(where[1], values[where])]
    statements = [Statement(entity, condition) for (entity, _), condition in asked]
    found: dict[str, Fields] = {}
    for (where, _), rows in zip(asked, client.select(statements), strict=True):
        read = all_read(MADE[where[0]], rows)
        for place in places[where]:
            entity, fields = _content(items[place])
            same = (row for row, there in zip(rows, read, strict=True) if _same(fields, there))
            if row := next(same, None):
                found[place] = {entity: row}
    return found


def _sought(item: Fields) -> tuple[str, str, str]:
    """What an item is looked for by: entity, field and value.

    A change of a payment is looked for in the payment, the use of a credit memo in the memo.
    """
    entity, fields = _content(item)
    if "Id" in fields:
        return entity, "Id", fields["Id"]
    if memo := _memo(fields):
        return "CreditMemo", "Id", memo
    return entity, FIELDS[entity], str(fields.get(FIELDS[entity]) or "")


def _content(item: Fields) -> tuple[str, Fields]:
    """The entity of an item and its fields."""
    return next((name, value) for name, value in item.items() if isinstance(value, Mapping))


def _links(fields: Fields, kind: str) -> list[str]:
    """The transactions of a kind that a payment names."""
    links = (link for line in fields.get("Line", ()) for link in line.get("LinkedTxn", ()))
    return [link["TxnId"] for link in links if link["TxnType"] == kind]


def _memo(fields: Fields) -> str:
    """The credit memo that a payment puts onto an invoice; blank for one of money."""
    return next(iter(_links(fields, "CreditMemo")), "")


def _same(fields: Fields, there: Row) -> bool:
    return SAME[type(there)](fields, there)


def _is_used(fields: Fields, memo: CreditMemo) -> bool:
    """Whether a credit memo is there, or has been used where that is what was sent."""
    used = _memo(fields)
    if not used:
        return _is_form(fields, memo)
    return memo.id == used and memo.open_amt < memo.total_amt


def _is_form(fields: Fields, form: Form) -> bool:
    """Whether a form has our number and our order's marker, whatever became of it since."""
    named = form.doc_number.casefold() == str(fields["DocNumber"]).casefold()
    return named and reference(form) == marker_in(fields["PrivateNote"])


def _is_payment(fields: Fields, payment: Payment) -> bool:
    """Whether a payment is ours, or is on the invoices where it was to be put.

    Of two with one reference on an order the notes tell.
    """
    if "Id" in fields:
        put = set(_links(fields, "Invoice"))
        return bool(payment.id == fields["Id"]) and applied(payment).keys() >= put
    same = payment.payment_ref_num.casefold() == str(fields["PaymentRefNum"]).casefold()
    return same and bool(note_of(payment) == fields["PrivateNote"])


def _is_person(fields: Fields, person: Person) -> bool:
    return bool(person.notes == fields.get("Notes"))


def _is_item(fields: Fields, item: Item) -> bool:
    return item.name.casefold() == str(fields["Name"]).casefold()


SAME: Mapping[type[Row], Callable[[Fields, Any], bool]] = {
    **dict.fromkeys(FORMS.values(), _is_form),
    CreditMemo: _is_used,
    Payment: _is_payment,
    Person: _is_person,
    Item: _is_item,
}
