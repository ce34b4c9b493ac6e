"""Which items of an unanswered batch are in QuickBooks: found by number, reference or name."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from invoicesync_cli.load.qbo.client import QboClient, Query, lists
from invoicesync_cli.load.qbo.payments import (
    applied,
    linked,
    marker_in,
    note_of,
    paid_by,
    reference,
    voided,
)
from invoicesync_cli.load.qbo.schemas import (
    FORMS,
    MADE,
    Form,
    InvoiceRow,
    ItemRow,
    Object,
    PaymentRow,
    PersonRow,
    Transaction,
    all_read,
)
from invoicesync_cli.model import LedgerId

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


def made(
    client: QboClient, items: Mapping[str, Fields], known: Collection[LedgerId]
) -> dict[str, Fields]:
    """An answer, as the batch would have given it, for each of the items that are there.

    Those `known` that are voided were so before.
    Raises `TryLater` when what is there cannot be read.
    """
    wanted: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    applications: dict[str, Fields] = {}
    for place, item in items.items():
        entity, fields = _content(item)
        if _memo(fields):
            applications[place] = fields
        elif "Id" in fields:
            wanted[entity, "Id"][place] = fields["Id"]
        else:
            wanted[entity, FIELDS[entity]][place] = str(fields.get(FIELDS[entity]) or "")
    found: dict[str, Fields] = {}
    asked = {where: list(values.values()) for where, values in wanted.items()}
    payments: dict[str, tuple[Fields, PaymentRow]] = {}
    for where, there in _rows(client, asked):
        if isinstance(there.read, PaymentRow):
            payments[there.read.id] = (there.row, there.read)
        for place in wanted[where]:
            entity, fields = _content(items[place])
            if place in found or (there.read.id in known and _is_voided(there.read)):
                continue
            if SAME[type(there.read)](fields, there.read):
                found[place] = {entity: there.row}
                payments.pop(there.read.id, None)
    for ident in known:
        payments.pop(ident, None)
    places = [place for place in wanted["Payment", FIELDS["Payment"]] if place not in found]
    return found | _noted(items, places, payments) | _applied(client, applications)


def _noted(
    items: Mapping[str, Fields],
    places: Iterable[str],
    left: dict[str, tuple[Fields, PaymentRow]],
) -> dict[str, Fields]:
    """The payments among those left to whose private notes somebody has added something."""
    found: dict[str, Fields] = {}
    for place in places:
        entity, fields = _content(items[place])
        like = (there for there in left.values() if _is_noted(fields, there[1]))
        if there := next(like, None):
            row, payment = there
            found[place] = {entity: row}
            del left[payment.id]
    return found


def alike(client: QboClient, elements: Sequence[tuple[str, Fields]]) -> list[list[LedgerId]]:
    """The living transactions that each of these could be, the oldest first: QuickBooks counts
    its ids up. First they are counted; where there are no more than were sent, none is twice."""
    values: dict[str, list[str]] = defaultdict(list)
    for entity, fields in elements:
        values[entity].append(str(fields.get(FIELDS[entity]) or ""))
    conditions = {entity: lists(FIELDS[entity], those) for entity, those in values.items()}
    counts = client.count(conditions)
    more = [entity for entity in conditions if counts[entity] > len(set(values[entity]))]
    rows = _rows(client, {(entity, FIELDS[entity]): values[entity] for entity in more})
    there = {(where[0], row.read.id): row.read for where, row in rows}
    living = [(entity, row) for (entity, _), row in there.items() if not _is_voided(row)]
    living.sort(key=lambda item: (len(item[1].id), item[1].id))
    return [
        [LedgerId(row.id) for of, row in living if of == entity and _is_like(fields, row)]
        for entity, fields in elements
    ]


def _is_like(fields: Fields, row: Object) -> bool:
    """Whether a transaction could be another one of these: a payment on the same invoice, or, as
    one that was too much is, on none."""
    if isinstance(row, PaymentRow):
        on = applied(row)
        return _is_payment(fields, row) and (not on or set(on) == set(_links(fields, "Invoice")))
    return SAME[type(row)](fields, row)


@dataclass(frozen=True)
class _There:
    """A row that is there, as it came and as it is read."""

    row: Fields
    read: Object


def _rows(
    client: QboClient, asked: Mapping[tuple[str, str], Sequence[str]]
) -> Iterator[tuple[tuple[str, str], _There]]:
    """The rows of each entity that have one of these values in a field."""
    parts = [(where, part) for where in asked for part in lists(where[1], asked[where])]
    statements = [Query(entity, part) for (entity, _), part in parts]
    for (where, _), rows in zip(parts, client.select(statements), strict=True):
        for row, read in zip(rows, all_read(MADE[where[0]], rows), strict=True):
            yield where, _There(row, read)


def _applied(client: QboClient, applications: Mapping[str, Fields]) -> dict[str, Fields]:
    """The payments of nothing that put credit memos onto these invoices, which name them.

    That a memo is used up says nothing: QuickBooks may have put it onto another invoice.
    """
    targets = [ident for fields in applications.values() for ident in _links(fields, "Invoice")]
    invoices = _rows(client, {("Invoice", "Id"): targets})
    forms = (there.read for _, there in invoices)
    paid = [ident for form in forms if isinstance(form, InvoiceRow) for ident in paid_by(form)]
    found: dict[str, Fields] = {}
    for _, there in _rows(client, {("Payment", "Id"): paid}):
        for place, fields in applications.items():
            links = {*_links(fields, "Invoice"), *_links(fields, "CreditMemo")}
            if isinstance(there.read, PaymentRow) and linked(there.read) >= links:
                found[place] = {"Payment": there.row}
    return found


def is_answer(item: Fields, row: Object) -> bool:
    """Whether what an answer says was made can be this item: none of what it names is another's.

    A place in a batch alone says nothing: an answer that repeats an earlier one, or mixes up two,
    has a good id of another document.
    """
    entity, fields = _content(item)
    if type(row) is not MADE[entity]:
        return False
    if isinstance(row, Transaction):
        own = str(fields.get("PrivateNote") or "")
        marked = not row.private_note or not own or reference(row) == marker_in(own)
        same = marked and fields.get("Id") in {None, row.id}
    else:
        same = True
    for name, named in _named(row):
        own = str(fields.get(name) or "")
        same = same and (not named or not own or _folded(named) == _folded(own))
    if isinstance(row, PaymentRow):
        # QuickBooks puts what is left of a payment onto other invoices of the customer by itself.
        links = {*_links(fields, "Invoice"), *_links(fields, "CreditMemo")}
        same = same and not (links and linked(row) and links.isdisjoint(linked(row)))
    return same


def _named(row: Object) -> Iterator[tuple[str, str]]:
    """What a row is known by, under QuickBooks' names."""
    if isinstance(row, Form):
        yield "DocNumber", row.doc_number
    elif isinstance(row, PaymentRow):
        yield "PaymentRefNum", row.payment_ref_num
    elif isinstance(row, PersonRow):
        yield "Notes", row.notes
    elif isinstance(row, ItemRow):
        yield "Name", row.name


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _is_voided(row: Object) -> bool:
    return isinstance(row, Transaction) and voided(row)


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


def _is_form(fields: Fields, form: Form) -> bool:
    """Whether a form has our number and our order's marker, whatever became of it since."""
    named = form.doc_number.casefold() == str(fields["DocNumber"]).casefold()
    return named and reference(form) == marker_in(fields["PrivateNote"])


def _is_payment(fields: Fields, payment: PaymentRow) -> bool:
    """Whether a payment is ours, or is on the invoices where it was to be put.

    Of two with one reference on an order the private notes decide.
    """
    if "Id" in fields:
        put = set(_links(fields, "Invoice"))
        return bool(payment.id == fields["Id"]) and applied(payment).keys() >= put
    same = payment.payment_ref_num.casefold() == str(fields["PaymentRefNum"]).casefold()
    return same and bool(note_of(payment) == fields["PrivateNote"])


def _is_noted(fields: Fields, payment: PaymentRow) -> bool:
    """Whether a payment is of our reference, order, amount and day, whatever else its note says."""
    return (
        payment.payment_ref_num.casefold() == str(fields["PaymentRefNum"]).casefold()
        and marker_in(payment.private_note) == marker_in(fields["PrivateNote"])
        and payment.total_amt == fields["TotalAmt"]
        and str(payment.txn_date) == fields["TxnDate"]
    )


def _is_person(fields: Fields, person: PersonRow) -> bool:
    return bool(person.notes == fields.get("Notes"))


def _is_item(fields: Fields, item: ItemRow) -> bool:
    return item.name.casefold() == str(fields["Name"]).casefold()


SAME: Mapping[type[Object], Callable[[Fields, Any], bool]] = {
    **dict.fromkeys(FORMS.values(), _is_form),
    PaymentRow: _is_payment,
    PersonRow: _is_person,
    ItemRow: _is_item,
}
