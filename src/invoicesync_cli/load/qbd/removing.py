"""Taking back in QuickBooks Desktop: how transactions stand, and the requests that void or delete
them.

Forms and pay-outs are voided, which leaves them in the books with nothing in them; a received
payment can only be deleted (Intuit, "TxnVoid"). What puts a credit memo onto an invoice is no
transaction: it ends with the memo, so that taking it back voids that.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.load.qbd import found as there
from invoicesync_cli.load.qbd.answers import Outcome
from invoicesync_cli.load.qbd.client import DesktopClient, Query, Where
from invoicesync_cli.load.qbd.finding import BatchRequest, is_void, parts_of
from invoicesync_cli.load.qbd.refusals import kept
from invoicesync_cli.load.qbd.requests import message, request
from invoicesync_cli.load.qbd.schemas import (
    CardRefundRow,
    CheckRow,
    CreditMemoRow,
    InvoiceRow,
    LinkedRow,
    PaymentRow,
    R,
    SalesReceiptRow,
    SalesRow,
    all_read,
)
from invoicesync_cli.load.qbd.writing import ALL, EACH, key_of
from invoicesync_cli.load.standing import Ending, StandingDocument, StandingMoney, Standings
from invoicesync_cli.model import ZERO, LedgerId, money

KINDS = {"undo/payment", "undo/allocation", "undo/note", "undo/invoice"}
"""The kinds of batches that this module sends."""
USE = "SetCredit"
"""What the use of a credit memo for an invoice is called here; it has no id of its own."""
BETWEEN = "+"
"""Stands between the two ids of such a use."""
PAID_OUT = {"ARRefundCreditCard": CardRefundRow, "Check": CheckRow}


def rows_by_id(
    client: DesktopClient, schemas: Mapping[str, type[R]], ids: Collection[str]
) -> list[R]:
    """The transactions of these kinds with one of these ids, whichever kind it is of."""
    asked: dict[Where, list[str]] = {(f"{name}Query", "TxnID"): list(ids) for name in schemas}
    found = client.found(asked if ids else {})
    return [
        row
        for name, schema in schemas.items()
        for row in all_read(schema, found.get((f"{name}Query", "TxnID"), ()))
    ]


FORMS: Mapping[str, type[SalesRow]] = {
    "Invoice": InvoiceRow,
    "SalesReceipt": SalesReceiptRow,
    "CreditMemo": CreditMemoRow,
}


def standings(
    client: DesktopClient,
    documents: Collection[LedgerId],
    payments: Collection[LedgerId],
    tax_items: Collection[str],
) -> Standings:
    """How forms and payments stand, with all the money that is on them: in two messages."""
    forms = rows_by_id(client, FORMS, documents)
    linked: dict[str, list[str]] = {}
    for form in forms:
        for link in form.linked_txn:
            linked.setdefault(link.txn_type, []).append(link.txn_id)
    whole = [ident for ident in payments if BETWEEN not in ident]
    ids = [*whole, *linked.get("ReceivePayment", ())]
    asked: dict[Where, list[str]] = {("ReceivePaymentQuery", "TxnID"): ids}
    asked |= {(f"{name}Query", "TxnID"): linked.get(name, []) for name in PAID_OUT}
    found = client.found({where: values for where, values in asked.items() if values})
    money_on = [_payment(row) for row in _read(PaymentRow, found, "ReceivePayment")]
    money_on += [
        _paid_out(name, row)
        for name, schema in PAID_OUT.items()
        for row in _read(cast("type[CardRefundRow | CheckRow]", schema), found, name)
    ]
    for form in forms:
        money_on += _uses(form)
    return Standings(
        {LedgerId(form.txn_id): _document(form, tax_items) for form in forms},
        {item.id: item for item in money_on},
    )


def _read(schema: type[R], found: Mapping[Where, list[Any]], name: str) -> list[R]:
    return all_read(schema, found.get((f"{name}Query", "TxnID"), ()))


def _document(form: SalesRow, tax_items: Collection[str]) -> StandingDocument:
    total, left = _figures(form)
    return StandingDocument(
        id=LedgerId(form.txn_id),
        entity=type(form).__name__.removesuffix("Row"),
        alive=not there.voided(form, total),
        ending=Ending.VOIDED,
        approved=True,
        total=total,
        tax=there.tax_of(form, tax_items),
        left=left,
        date=form.txn_date,
        contact_id=LedgerId(form.customer_ref.list_id),
        version=form.edit_sequence,
        number=form.ref_number,
        reference=there.reference(form),
    )


def _figures(form: SalesRow) -> tuple[Decimal, Decimal]:
    """The total of a form, and what of it is neither paid nor used."""
    if isinstance(form, InvoiceRow):
        return there.total_of(form), money(form.balance_remaining)
    if isinstance(form, CreditMemoRow):
        return money(form.total_amount), money(form.credit_remaining)
    total = money(form.total_amount) if isinstance(form, SalesReceiptRow) else ZERO
    return total, total


def _payment(row: PaymentRow) -> StandingMoney:
    found = there.payment(row)
    return StandingMoney(
        id=found.id,
        entity="ReceivePayment",
        ending=Ending.DELETED,
        alive=found.alive,
        amount=money(row.total_amount),
        date=row.txn_date,
        reference=found.reference,
        on=found.on,
        unapplied=found.unapplied,
        version=row.edit_sequence,
    )


def _paid_out(name: str, row: CardRefundRow | CheckRow) -> StandingMoney:
    found = there.paid_out(row)
    amount = money(row.total_amount if isinstance(row, CardRefundRow) else row.amount)
    return StandingMoney(
        id=found.id,
        entity=name,
        ending=Ending.VOIDED,
        alive=found.alive,
        amount=amount,
        date=row.txn_date,
        reference=found.reference,
        on=found.on,
        version=row.edit_sequence,
    )


def _uses(form: SalesRow) -> list[StandingMoney]:
    """The uses of a credit memo for invoices, seen from either side."""
    if isinstance(form, InvoiceRow):
        links = [
            (link, link.txn_id, form.txn_id) for link in form.linked_txn if _is(link, "CreditMemo")
        ]
    else:
        links = [
            (link, form.txn_id, link.txn_id) for link in form.linked_txn if _is(link, "Invoice")
        ]
    return [
        StandingMoney(
            id=LedgerId(f"{note}{BETWEEN}{invoice}"),
            entity=USE,
            ending=Ending.VOIDED,
            alive=True,
            amount=abs(money(link.amount)),
            date=None,
            reference="",
            on={
                LedgerId(note): abs(money(link.amount)),
                LedgerId(invoice): abs(money(link.amount)),
            },
            note=LedgerId(note),
        )
        for link, note, invoice in links
    ]


def _is(link: LinkedRow, kind: str) -> bool:
    return link.txn_type == kind


def texts(payloads: Sequence[StandingDocument | StandingMoney]) -> list[str]:
    """The requests that void or delete transactions, as they were just read."""
    return [_request(str(place), item) for place, item in enumerate(payloads, 1)]


def _request(place: str, item: StandingDocument | StandingMoney) -> str:
    ident, entity = str(item.id), item.entity
    if entity == USE:
        ident, entity = ident.partition(BETWEEN)[0], "CreditMemo"
    how = "TxnDel" if item.ending is Ending.DELETED else "TxnVoid"
    return request(how, {f"{how}Type": entity, "TxnID": ident}, place)


def send(
    client: DesktopClient, kind: str, requests: Sequence[str], key: str, names: Sequence[str]
) -> list[WriteResult]:
    """Send a batch once: what became of each element, by its place.

    QuickBooks would void a second time what is void. So what is there no more is found out first;
    a credit memo has gone with its use.
    """
    parts = parts_of(requests)
    living = _living(client, parts)
    answers = {}
    going = [part for part in parts if part.fields["TxnID"] in living]
    if going:
        text = message([part.text for part in going], key=key_of(key))
        answer = client.exchange(text, ALL + EACH * len(going))
        answers = {item.request_id: item for item in answer.answers}
    results = []
    for part, name in zip(parts, names, strict=True):
        item = answers.get(part.place)
        if part not in going and kind == "undo/note":
            results.append(WriteResult(id=LedgerId(name), removed=True))
        elif part not in going:
            results.append(WriteResult(words="It is there no more."))
        elif item is None or item.outcome is Outcome.OPEN:
            results.append(WriteResult(unclear=True))
        elif item.outcome is Outcome.DONE:
            results.append(WriteResult(id=LedgerId(name), removed=True))
        else:
            results.append(kept(item))
    return results


def _living(client: DesktopClient, parts: Sequence[BatchRequest]) -> set[str]:
    """The ids of what is neither voided nor deleted."""
    asked: dict[str, list[str]] = {}
    for part in parts:
        kind = str(part.fields.get("TxnVoidType") or part.fields.get("TxnDelType"))
        asked.setdefault(kind, []).append(str(part.fields["TxnID"]))
    wanted = ["TxnID", "Memo"]
    queries = [
        Query(f"{kind}Query", {"TxnID": ids, "IncludeRetElement": wanted})
        for kind, ids in asked.items()
    ]
    rows = [row for found in client.all(queries) for row in found]
    return {str(row.get("TxnID", "")) for row in rows if not is_void(row)}
