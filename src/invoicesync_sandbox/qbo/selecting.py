"""Which fields can be asked about, and the rows that a statement selects."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from invoicesync_sandbox.fields import Day, Field, Flag, Id, Moment, Number, Text, sorted_rows
from invoicesync_sandbox.language import Condition, Test
from invoicesync_sandbox.qbo import people, preferences, views
from invoicesync_sandbox.qbo.books import SERVER_ZONE, Books
from invoicesync_sandbox.qbo.entities import Entity, by_name
from invoicesync_sandbox.qbo.faults import Refused
from invoicesync_sandbox.qbo.lists import full_name
from invoicesync_sandbox.qbo.query import Statement, parse
from invoicesync_sandbox.qbo.rows import Named, Txn

_ID = Id("Id", attribute="id")


def _name_of(books: Books, row: Named) -> str:
    return row.shown if books.switches.inactive_found_by == "shown" else row.name


class _Moment(Moment):
    """A moment; without an offset it is the server's time."""

    def literal(self, value: Any) -> Any:
        return as_moment(str(value))


def _fields(*fields: Field) -> dict[str, Field]:
    return {field.name: field for field in fields}


_ROW = _fields(
    _ID,
    _Moment("MetaData.CreateTime", attribute="created"),
    _Moment("MetaData.LastUpdatedTime", attribute="updated"),
)
_NAMED = _ROW | _fields(Flag("Active", attribute="active"))
_LIST = _NAMED | _fields(Text("Name", get=_name_of))
_PERSON = _NAMED | _fields(
    Text("DisplayName", get=_name_of, index="name"),
    Text("GivenName", attribute="given"),
    Text("MiddleName", attribute="middle"),
    Text("FamilyName", attribute="family"),
    Text("CompanyName", attribute="company"),
    Text("PrimaryEmailAddr", attribute="email", index="email"),
    Text("PrintOnCheckName", get=lambda _, row: row.kept.get("PrintOnCheckName", row.shown)),
)
_TXN = _ROW | _fields(
    Day("TxnDate", attribute="txn_date"),
    Id("CustomerRef", attribute="customer_id", index="customer"),
    Number("TotalAmt", attribute="total"),
)
_FORM = _TXN | _fields(
    Text("DocNumber", attribute="number", index="number"), Number("Balance", attribute="balance")
)
_REF = _fields(Text("PaymentRefNum", attribute="ref", index="ref"))

FIELDS: Mapping[str, Mapping[str, Field]] = {
    "Customer": _PERSON
    | _fields(
        Text("FullyQualifiedName", get=lambda books, row: full_name(books.customers, row)),
        Number("Balance", get=lambda books, row: people.balance(books, row.id)),
        Flag("Taxable", attribute="taxable"),
    ),
    "Vendor": _PERSON,
    "Employee": _PERSON,
    "Item": _LIST
    | _fields(
        Text("Sku", attribute="sku", index="sku"),
        Text("Type", attribute="type"),
        Text("FullyQualifiedName", get=lambda books, row: full_name(books.items, row)),
        Id("IncomeAccountRef", attribute="income_account"),
    ),
    "Account": _LIST
    | _fields(
        Text("AccountType", attribute="type"),
        Text("AccountSubType", attribute="subtype"),
        Text("AcctNum", attribute="number"),
        Text("FullyQualifiedName", get=lambda books, row: full_name(books.accounts, row)),
    ),
    "TaxCode": _LIST,
    "TaxRate": _LIST,
    "PaymentMethod": _LIST | _fields(Text("Type", attribute="type")),
    "Term": _LIST,
    "Class": _LIST,
    "Department": _LIST,
    "CompanyCurrency": _LIST | _fields(Text("Code", attribute="code")),
    "Invoice": _FORM | _fields(Day("DueDate", attribute="due_date")),
    "SalesReceipt": _FORM | _REF,
    "CreditMemo": _FORM,
    "RefundReceipt": _FORM,
    "Payment": _TXN | _REF | _fields(Number("UnappliedAmt", attribute="unapplied")),
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
        if field is _ID:
            return [table[value] for value in values if value in table]
        by_shown_name = field.index == "name" and books.switches.inactive_found_by == "shown"
        if field.index and not (by_shown_name and any("(deleted)" in text for text in values)):
            keys = dict.fromkeys(field.look_up(text) for text in values)
            return [row for key in keys for row in table.each(field.index, key)]
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
    try:
        return condition.test(field, books)
    except ValueError:
        values = ", ".join(str(value) for value in condition.values)
        detail = f"{condition.field} {condition.sign} {values} is not possible"
        raise Refused("4001", f"QueryValidationError: {detail}") from None


def as_moment(text: str) -> datetime:
    """A moment; without an offset it is the server's time. Raises `ValueError`."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=SERVER_ZONE)


def _ordered(books: Books, entity: Entity, statement: Statement, rows: list[Any]) -> list[Any]:
    """In the order that was asked for; else the newest transactions and the oldest names first."""
    if not statement.order:
        return sorted_rows(rows, [(_ID, entity.transaction)])
    order = [(_field(entity, name), descending) for name, descending in statement.order]
    return sorted_rows(rows, order, books)


def _projected(shown: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """The object with only the properties that were named, whose parts are not picked out."""
    if not fields:
        return shown
    wanted = {name.split(".")[0].lower() for name in fields} | {"domain", "id"}
    picked = {name: value for name, value in shown.items() if name.lower() in wanted}
    return picked | {"sparse": True}
