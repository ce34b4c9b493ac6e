"""Which fields can be asked about, and the rows that a statement selects."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt
from typing import Any, Literal

from invoicesync_sandbox.qbo import people, preferences, views
from invoicesync_sandbox.qbo.books import SERVER_ZONE, Books, folded
from invoicesync_sandbox.qbo.entities import Entity, by_name
from invoicesync_sandbox.qbo.faults import Refused
from invoicesync_sandbox.qbo.lists import full_name
from invoicesync_sandbox.qbo.query import Condition, Statement, parse
from invoicesync_sandbox.qbo.rows import Named, Txn

Kind = Literal["id", "text", "number", "date", "moment", "flag"]
Test = Callable[[Any], bool]
_COMPARE = {"=": eq, "<": lt, ">": gt, "<=": le, ">=": ge}


@dataclass(frozen=True)
class Field:
    """A property that can be filtered and ordered by. `look_up` is the table's key for it."""

    kind: Kind
    get: Callable[[Books, Any], Any]
    look_up: str = ""


def _plain(kind: Kind, name: str, look_up: str = "") -> Field:
    return Field(kind, lambda _, row: getattr(row, name), look_up)


def _name_of(books: Books, row: Named) -> str:
    return row.shown if books.switches.inactive_found_by == "shown" else row.name


def _balance(books: Books, row: Any) -> Decimal:
    found: Decimal = Decimal(people.balance(books, row.id))
    return found


_ROW = {
    "Id": _plain("id", "id"),
    "MetaData.CreateTime": _plain("moment", "created"),
    "MetaData.LastUpdatedTime": _plain("moment", "updated"),
}
_NAMED = _ROW | {"Active": _plain("flag", "active")}
_LIST = _NAMED | {"Name": Field("text", _name_of)}
_PERSON = _NAMED | {
    "DisplayName": Field("text", _name_of, "name"),
    "GivenName": _plain("text", "given"),
    "MiddleName": _plain("text", "middle"),
    "FamilyName": _plain("text", "family"),
    "CompanyName": _plain("text", "company"),
    "PrimaryEmailAddr": _plain("text", "email", "email"),
    "PrintOnCheckName": Field(
        "text", lambda _, row: str(row.kept.get("PrintOnCheckName", row.shown))
    ),
}
_TXN = _ROW | {
    "TxnDate": _plain("date", "txn_date"),
    "CustomerRef": _plain("id", "customer_id", "customer"),
    "TotalAmt": _plain("number", "total"),
}
_FORM = _TXN | {"DocNumber": _plain("text", "number", "number")}
_BALANCE = {"Balance": _plain("number", "balance")}

FIELDS: Mapping[str, Mapping[str, Field]] = {
    "Customer": _PERSON
    | {
        "FullyQualifiedName": Field("text", lambda books, row: full_name(books.customers, row)),
        "Balance": Field("number", _balance),
        "Taxable": _plain("flag", "taxable"),
    },
    "Vendor": _PERSON,
    "Employee": _PERSON,
    "Item": _LIST
    | {
        "Sku": _plain("text", "sku", "sku"),
        "Type": _plain("text", "type"),
        "FullyQualifiedName": Field("text", lambda books, row: full_name(books.items, row)),
        "IncomeAccountRef": _plain("id", "income_account"),
    },
    "Account": _LIST
    | {
        "AccountType": _plain("text", "type"),
        "AccountSubType": _plain("text", "subtype"),
        "AcctNum": _plain("text", "number"),
        "FullyQualifiedName": Field("text", lambda books, row: full_name(books.accounts, row)),
    },
    "TaxCode": _LIST,
    "TaxRate": _LIST,
    "PaymentMethod": _LIST | {"Type": _plain("text", "type")},
    "Term": _LIST,
    "Class": _LIST,
    "Department": _LIST,
    "CompanyCurrency": _LIST | {"Code": _plain("text", "code")},
    "Invoice": _FORM | _BALANCE | {"DueDate": _plain("date", "due_date")},
    "SalesReceipt": _FORM | _BALANCE | {"PaymentRefNum": _plain("text", "ref", "ref")},
    "CreditMemo": _FORM | _BALANCE,
    "RefundReceipt": _FORM | _BALANCE,
    "Payment": _TXN
    | {
        "PaymentRefNum": _plain("text", "ref", "ref"),
        "UnappliedAmt": _plain("number", "unapplied"),
    },
}


def select(books: Books, text: str) -> dict[str, Any]:
    """The content of the `QueryResponse`. Raises `Refused`."""
    longest = books.switches.longest_query
    if longest is not None and len(text) > longest:
        raise Refused("4000", f"QueryParserError: the query is longer than {longest} characters.")
    statement = parse(text, clipped=books.switches.max_results_clipped)
    single = _single(books, statement)
    if single is not None:
        return single
    entity = by_name(statement.entity)
    if entity is None:
        raise Refused("4001", f"QueryValidationError: Invalid entity {statement.entity}")
    rows = _found(books, entity, statement)
    if statement.count:
        return {"totalCount": len(rows)}
    rows = _ordered(books, entity, statement, rows)
    page = rows[statement.start - 1 : statement.start - 1 + statement.limit]
    if not page:
        return {}
    shown = [_projected(entity.view(books, row), statement.fields) for row in page]
    return {entity.name: shown, "startPosition": statement.start, "maxResults": len(page)}


def preferences_view(books: Books) -> dict[str, Any]:
    """The company's settings."""
    stamp = {
        "domain": "QBO",
        "sparse": False,
        "Id": "1",
        "SyncToken": "0",
        "MetaData": {
            "CreateTime": views.moment(books.created),
            "LastUpdatedTime": views.moment(books.created),
        },
    }
    return preferences.view(books.preferences, books.world, stamp, books.receivables)


def _single(books: Books, statement: Statement) -> dict[str, Any] | None:
    """The answer about one of the two things that there is only one of."""
    known = {
        "companyinfo": ("CompanyInfo", views.company_info),
        "preferences": ("Preferences", preferences_view),
    }.get(statement.entity.lower())
    if known is None:
        return None
    name, view = known
    if statement.conditions:
        raise Refused("4001", f"QueryValidationError: {name} cannot be filtered")
    if statement.count:
        return {"totalCount": 1}
    return {name: [view(books)], "startPosition": 1, "maxResults": 1}


def _found(books: Books, entity: Entity, statement: Statement) -> list[Any]:
    """The rows that fulfil every condition; inactive ones only when they are asked for."""
    table = entity.table(books)
    tests = [_test(books, entity, condition) for condition in statement.conditions]
    asked = any(condition.field.lower() == "active" for condition in statement.conditions)
    rows: Iterable[Any] = _candidates(books, entity, table, statement)
    return [
        row
        for row in rows
        if (asked or getattr(row, "active", True))
        and not (isinstance(row, Txn) and row.status == "deleted")
        and all(test(row) for test in tests)
    ]


def _candidates(books: Books, entity: Entity, table: Any, statement: Statement) -> Iterable[Any]:
    """The rows that an index gives for one of the conditions, else all."""
    for condition in statement.conditions:
        field = _field(entity, condition.field)
        if condition.sign not in {"=", "in"}:
            continue
        values = dict.fromkeys(str(value) for value in condition.values)
        if field is FIELDS[entity.name]["Id"]:
            return [table[value] for value in values if value in table]
        by_shown_name = field.look_up == "name" and books.switches.inactive_found_by == "shown"
        if field.look_up and not (by_shown_name and any("(deleted)" in text for text in values)):
            keys = [text if field.kind == "id" else folded(text) for text in values]
            return [row for key in dict.fromkeys(keys) for row in table.each(field.look_up, key)]
    return list(table.values())


def _field(entity: Entity, name: str) -> Field:
    fields = FIELDS[entity.name]
    found = next((field for known, field in fields.items() if known.lower() == name.lower()), None)
    if found is None:
        raise Refused(
            "4001",
            f"QueryValidationError: Property {name} not found for Entity {entity.name},"
            " or it is not queryable",
        )
    return found


def _test(books: Books, entity: Entity, condition: Condition) -> Test:
    field = _field(entity, condition.field)
    if condition.sign == "like":
        return _like(books, entity, field, condition)
    if field.kind in {"id", "flag"} and condition.sign not in {"=", "in"}:
        raise Refused("4001", f"QueryValidationError: {condition.field} takes only = and IN")
    wanted = [_value(field, condition.field, value) for value in condition.values]
    if condition.sign in {"=", "in"}:
        among = frozenset(wanted)
        return lambda row: _own(books, field, row) in among
    compare = _COMPARE[condition.sign]
    return lambda row: bool(compare(_own(books, field, row), wanted[0]))


def _like(books: Books, entity: Entity, field: Field, condition: Condition) -> Test:
    if field.kind != "text" or isinstance(condition.values[0], bool):
        raise Refused(
            "4001", f"QueryValidationError: {condition.field} of {entity.name} takes no LIKE"
        )
    pieces = str(condition.values[0]).casefold().split("%")
    pattern = re.compile(".*".join(re.escape(piece) for piece in pieces), re.DOTALL)
    return lambda row: pattern.fullmatch(str(_own(books, field, row))) is not None


def _own(books: Books, field: Field, row: Any) -> Any:
    value = field.get(books, row)
    return value.casefold() if field.kind == "text" else value


def _value(field: Field, name: str, value: str | bool) -> Any:
    """The value that a condition compares with. Raises `Refused` for one of the wrong type."""
    if (field.kind == "flag") is not isinstance(value, bool):
        raise Refused("4001", f"QueryValidationError: invalid value for {name}: {value}")
    if isinstance(value, bool):
        return value
    try:
        if field.kind == "number":
            return Decimal(value)
        if field.kind == "date":
            return date.fromisoformat(value)
        if field.kind == "moment":
            return as_moment(value)
    except (ValueError, InvalidOperation):
        raise Refused("4001", f"QueryValidationError: invalid value for {name}: {value}") from None
    return value.casefold() if field.kind == "text" else value


def as_moment(text: str) -> datetime:
    """A moment; without an offset it is the server's time. Raises `ValueError`."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=SERVER_ZONE)


def _ordered(books: Books, entity: Entity, statement: Statement, rows: list[Any]) -> list[Any]:
    """In the order that was asked for; else the newest transactions and the oldest names first."""
    if not statement.order:
        return sorted(rows, key=_id_key, reverse=entity.transaction)
    for name, descending in reversed(statement.order):
        field = _field(entity, name)
        rows = sorted(rows, key=_sort_key(books, field), reverse=descending)
    return rows


def _id_key(row: Any) -> tuple[int, str]:
    return (int(row.id), "") if row.id.isdigit() else (0, row.id)


def _sort_key(books: Books, field: Field) -> Callable[[Any], Any]:
    if field.kind != "id":
        return lambda row: _own(books, field, row)
    return lambda row: (int(text), "") if (text := field.get(books, row)).isdigit() else (0, text)


def _projected(shown: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """The object with only the properties that were named, whose parts are not picked out."""
    if not fields:
        return shown
    wanted = {name.split(".")[0].lower() for name in fields} | {"domain", "id"}
    picked = {name: value for name, value in shown.items() if name.lower() in wanted}
    return picked | {"sparse": True}
