"""Which items of an unanswered batch are in QuickBooks: found by number, reference or name."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from invoicesync_cli.load.qbo.client import QboClient, Statement, lists, text
from invoicesync_cli.load.qbo.money import amount, credit_used, note_of, reference

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

Row = Mapping[str, Any]


def made(client: QboClient, items: Mapping[str, Row]) -> dict[str, Row]:
    """An answer, as the batch would have given it, for each of the items that are there."""
    wanted: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for place, item in items.items():
        entity, fields = _content(item)
        memo = credit_used(fields) if entity == "Payment" else ""
        where = ("CreditMemo", "Id") if memo else (entity, FIELDS[entity])
        wanted[where][place] = fields
    statements, asked = [], []
    for (entity, name), by_place in wanted.items():
        values = {place: _value(name, fields) for place, fields in by_place.items()}
        for condition in lists(name, values.values()):
            statements.append(Statement(entity, condition))
            asked.append((name, by_place))
    found: dict[str, Row] = {}
    for statement, (name, by_place), rows in zip(
        statements, asked, client.select(statements), strict=True
    ):
        same = _is_used if name == "Id" else SAME.get(statement.entity, _is_form)
        for place, fields in by_place.items():
            row = next((row for row in rows if same(fields, row)), None)
            if row:
                found[place] = {_content(items[place])[0]: row}
    return found


def _content(item: Row) -> tuple[str, Row]:
    """The entity of an item and its fields."""
    return next((name, value) for name, value in item.items() if isinstance(value, Mapping))


def _value(name: str, fields: Row) -> str:
    return credit_used(fields) if name == "Id" else str(fields.get(name) or "")


def _is_used(fields: Row, memo: Row) -> bool:
    """Whether a credit memo has been put onto an invoice: what its application would do."""
    used = amount(memo.get("RemainingCredit")) < amount(memo.get("TotalAmt"))
    return used and str(memo.get("Id")) == credit_used(fields)


def _is_form(fields: Row, row: Row) -> bool:
    """Whether a form has our number and our order's marker, whatever became of it since."""
    named = text(row.get("DocNumber")).casefold() == str(fields.get("DocNumber")).casefold()
    return named and reference(row) == reference(fields)


def _is_payment(fields: Row, row: Row) -> bool:
    """Whether a payment is ours: of two with one reference on an order the notes tell."""
    same = text(row.get("PaymentRefNum")).casefold() == str(fields["PaymentRefNum"]).casefold()
    return same and note_of(row) == note_of(fields)


def _is_person(fields: Row, row: Row) -> bool:
    return text(row.get("Notes")) == fields.get("Notes")


def _is_item(fields: Row, row: Row) -> bool:
    return text(row.get("Name")).casefold() == str(fields.get("Name")).casefold()


SAME: Mapping[str, Callable[[Row, Row], bool]] = {
    "Payment": _is_payment,
    "Customer": _is_person,
    "Item": _is_item,
}
