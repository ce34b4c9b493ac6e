"""What the books and the state hold, as comparable content: without ids, versions and moments."""

import dataclasses
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.qbd.books import LISTS, TRANSACTIONS
from invoicesync_sandbox.qbd.forms import CardRefund, Check, CreditMemo
from tests.kits.rehearsal import Rehearsal

GONE = re.compile(r"(Taken back in the ledger): \w+\.")
Table = Mapping[str, Any]
Names = Callable[[str, str], str]
"""What is called by an id in a field; the id itself where nothing is."""
NO_CONTENT = frozenset({"id", "sync_token", "created", "updated"})
"""Fields that differ between two documents that say the same."""


def books(shop: Rehearsal) -> Counter[str]:
    """Everything in the ledger, dead documents too, and in Keap, and how often it is there."""
    tables, names = {"xero": _xero, "qbo": _qbo, "qbd": _qbd}[shop.to](shop)
    rows = [row for table in tables for row in table.values()]
    rows += [*shop.keap.contacts.values(), *shop.keap.orders.values()]
    return Counter(f"{type(row).__name__} {_content(row, names)}" for row in rows)


def records(shop: Rehearsal) -> dict[str, str]:
    """What the state says of every document, by its key; and of what is not settled."""
    labels = _labels(shop)
    found: dict[str, str] = {}
    with shop.state() as state:
        for kind in DocumentKind:
            for one in DocumentState:
                for record in state.records_in(kind, one):
                    document = dataclasses.asdict(record.document)
                    document["ledger_id"] = labels.get(record.document.ledger_id, "")
                    # Who finds a document gone cannot say how it went.
                    document["message"] = GONE.sub(r"\1.", record.document.message)
                    known = {name: str(value) for name, value in document.items() if value}
                    found[f"{kind} {record.key}"] = f"{known} {record.source}"
        progress = state.progress()
        found["journal"] = str([entry.kind for entry in state.journal.open()])
        found["complete"] = str(progress.complete if progress else None)
        found["open orders"] = str(state.open_orders())
        found["money due"] = str(state.money_due())
    return found


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """What two of either kind do not have in common: of the first with `-`, of the other `+`."""
    keys = sorted(key for key in {*one, *other} if one.get(key) != other.get(key))
    return [
        f"{sign} {found[key]} {key}"
        for key in keys
        for sign, found in (("-", one), ("+", other))
        if key in found
    ]


def _xero(shop: Rehearsal) -> tuple[list[Table], Names]:
    xero = shop.xero
    tables: list[Table] = [
        xero.contacts,
        xero.invoices,
        xero.credit_notes,
        xero.payments,
        xero.allocations,
    ]
    labels = _labels(shop)
    return tables, lambda _, value: labels.get(value, value)


def _qbo(shop: Rehearsal) -> tuple[list[Table], Names]:
    """Ids are numbers there, which mean something only in their fields."""
    qbo = shop.qbo
    labels = _labels(shop)
    of_fields = {
        "customer_id": {row.id: row.name for row in qbo.customers.values()},
        "item_id": {row.id: row.name for row in qbo.items.values()},
        "txn_id": labels,
        "links": labels,
    }
    tables: list[Table] = [qbo.customers, qbo.items, *qbo.transactions.values()]
    return tables, lambda field, value: of_fields.get(field, {}).get(value, value)


def _qbd(shop: Rehearsal) -> tuple[list[Table], Names]:
    """Documents are counted as they are made, and what was deleted is remembered."""
    file = shop.qbd.books
    labels = _labels(shop)
    for element in LISTS:
        labels |= {row.id: f"{element.word} {row.name}" for row in file.tables[element].values()}
    found: list[Table] = [file.tables[element] for element in LISTS]
    for form in TRANSACTIONS:
        rows = file.tables[form].items()
        found.append({ident: _uncounted(row) for ident, row in rows})
    gone: Any = [item.row for item in file.deleted]
    found.append({row.id: Gone(_uncounted(row)) for row in gone})
    found.append(file.links)
    return found, lambda _, value: labels.get(value, value)


def _uncounted(row: Any) -> Any:
    """Without its number; of what gives money back without our own id either, which is another one
    for each attempt."""
    fresh = {"guid": ""} if isinstance(row, CreditMemo | Check | CardRefund) else {}
    return dataclasses.replace(row, number=0, **fresh)


@dataclasses.dataclass(frozen=True)
class Gone:
    """What was deleted."""

    row: Any


def _labels(shop: Rehearsal) -> dict[str, str]:
    """What every document is called by those that refer to it, by its id."""
    if shop.to == "qbd":
        forms = [shop.qbd.books.tables[kind].values() for kind in TRANSACTIONS]
        return {
            row.id: f"{row.word} {row.ref} {row.memo} {row.total}"
            for row in itertools.chain(*forms)
        }
    if shop.to == "qbo":
        rows = [row for table in shop.qbo.transactions.values() for row in table.values()]
        return {
            row.id: f"{type(row).__name__} {row.number or row.ref} {row.total} {row.private_note}"
            for row in rows
        }
    xero = shop.xero
    found = {row.id: f"{row.name} {row.contact_number}" for row in xero.contacts.values()}
    for table in (xero.invoices, xero.credit_notes):
        found |= {row.id: f"{row.number} {row.reference} {row.status}" for row in table.values()}
    for row in xero.payments.values():
        found[row.id] = f"{row.reference} {row.amount} for {found[row.document_id]}"
    return found


def _content(value: Any, names: Names, field: str = "") -> Any:
    if dataclasses.is_dataclass(value):
        fields = [item.name for item in dataclasses.fields(value) if item.name not in NO_CONTENT]
        return {name: _content(getattr(value, name), names, name) for name in fields}
    if isinstance(value, Mapping):
        return {key: _content(item, names, field) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return sorted(str(_content(item, names, field)) for item in value)
    if isinstance(value, datetime):
        return ""
    return names(field, value) if isinstance(value, str) else value
