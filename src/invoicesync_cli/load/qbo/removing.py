"""Taking back in QuickBooks: how transactions stand, and the batches that void or delete them.

Invoices, sales receipts and payments are voided, which leaves them in the books with nothing in
them; credit memos and refund receipts can only be deleted, and so is the payment of nothing that
puts a credit memo onto an invoice. In a batch a void is an `update` with the option `void` (Intuit,
"Void a payment", "Batch operation"). Nothing says whether money is reconciled but its bank deposit.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from invoicesync_cli.http.responses import ServiceRefused
from invoicesync_cli.http.schemas import read
from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.load.qbo.client import QboClient, responses
from invoicesync_cli.load.qbo.faults import refused
from invoicesync_cli.load.qbo.payments import applied, linked, reference, voided
from invoicesync_cli.load.qbo.schemas import (
    CreditMemoRow,
    Form,
    InvoiceRow,
    Object,
    PaymentRow,
    RefundReceiptRow,
    SalesReceiptRow,
    Transaction,
    as_read,
    fault_of,
    name_of,
)
from invoicesync_cli.load.standing import Ending, StandingDocument, StandingMoney, Standings
from invoicesync_cli.load.wire import to_json
from invoicesync_cli.model import ZERO, LedgerId, Reason, money

KINDS = {"undo/payment", "undo/allocation", "undo/note", "undo/invoice"}
"""The kinds of batches that this module sends."""
VOID = "void"
"""The option of a batch's item that voids what it names."""
OBJECT: TypeAdapter[Mapping[str, Any]] = TypeAdapter(dict[str, Any])
UNSUPPORTED = "500"
"""Code of an operation that QuickBooks does not have."""
DEPOSITED = "6540"
"""Code of what is in a bank deposit, and cannot be changed."""


def standings(forms: Iterable[Form], payments: Iterable[PaymentRow]) -> Standings:
    """How forms and payments stand; what was deleted is not among them."""
    documents = {LedgerId(form.id): _document(form) for form in forms}
    return Standings(documents, {LedgerId(row.id): _money(row) for row in payments})


def _document(form: Form) -> StandingDocument:
    voids = isinstance(form, InvoiceRow | SalesReceiptRow)
    return StandingDocument(
        id=LedgerId(form.id),
        entity=name_of(type(form)),
        alive=not voided(form),
        ending=Ending.VOIDED if voids else Ending.DELETED,
        approved=True,
        total=money(form.total_amt),
        tax=money(form.txn_tax_detail.total_tax),
        # Nothing is on a receipt: it is what was paid, or paid out.
        left=money(
            form.open_amt if isinstance(form, InvoiceRow | CreditMemoRow) else form.total_amt
        ),
        date=form.txn_date,
        contact_id=LedgerId(form.customer_ref.value),
        reconciled=_deposited(form),
        paid_out=isinstance(form, RefundReceiptRow),
        version=form.sync_token,
        number=form.doc_number,
        reference=reference(form),
    )


def _money(row: PaymentRow) -> StandingMoney:
    """A payment; one of nothing is the use of the credit memo that it names for an invoice."""
    alive, on = not voided(row), applied(row)
    credit = alive and not row.total_amt
    put = sum(on.values(), ZERO)
    note = next((LedgerId(ident) for ident in sorted(linked(row) - set(on))), None)
    used = {**on, note: put} if credit and note else on
    return StandingMoney(
        id=LedgerId(row.id),
        entity="Payment",
        ending=Ending.DELETED if credit else Ending.VOIDED,
        alive=alive,
        amount=put if credit else money(row.total_amt),
        date=row.txn_date,
        reference=row.payment_ref_num,
        on=used,
        reconciled=_deposited(row),
        unapplied=money(row.unapplied_amt),
        version=row.sync_token,
        note=note if credit else None,
    )


def _deposited(row: Transaction) -> bool:
    return any(link.txn_type == "Deposit" for link in row.linked_txn)


def body(payloads: Sequence[StandingDocument | StandingMoney]) -> bytes:
    """The batch that voids or deletes transactions, as they were just read."""
    return to_json(
        {"BatchItemRequest": [_item(place, item) for place, item in enumerate(payloads, 1)]}
    )


def _item(place: int, item: StandingDocument | StandingMoney) -> dict[str, Any]:
    fields: dict[str, Any] = {"Id": item.id, "SyncToken": item.version}
    if item.ending is Ending.DELETED:
        return {"bId": str(place), "operation": "delete", item.entity: fields}
    return {
        "bId": str(place),
        "operation": "update",
        "optionsData": VOID,
        item.entity: {**fields, "sparse": True},
    }


def send(client: QboClient, body: bytes, key: str, names: Sequence[str]) -> list[WriteResult]:
    """Send a batch once; what became of each element, by its place.

    What was to be voided and was not, though nothing speaks against it, is voided by a call of its
    own: that a batch can void is not said on Intuit's pages, only in its schema and its libraries.
    """
    reply = client.batch(body, requestid=key, once=True)
    answers = responses(reply)
    items: list[dict[str, Any]] = json.loads(body)["BatchItemRequest"]
    results = []
    for place, (item, _) in enumerate(zip(items, names, strict=True), 1):
        answer = answers.get(str(place), {})
        if item.get("optionsData") == VOID and _is_unheeded(item, answer):
            results.append(_voided(client, item, answer, f"{key}-{place}"))
        else:
            results.append(_outcome(item, answer, reply.trace))
    return results


def _is_unheeded(item: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Whether QuickBooks has not done what was asked for, because of how it was asked."""
    fault = fault_of(answer)
    if fault:
        return UNSUPPORTED in fault.codes
    entity = _entity(item)
    row = as_read(Transaction, answer.get(entity))
    return row is not None and row.id == item[entity]["Id"] and not voided(row)


def _voided(
    client: QboClient, item: Mapping[str, Any], answer: Mapping[str, Any], key: str
) -> WriteResult:
    entity = _entity(item)
    # Where it was taken for an update, that has raised the version.
    row = as_read(Transaction, answer.get(entity))
    fields = {**item[entity], **({"SyncToken": row.sync_token} if row else {})}
    try:
        reply = client.void(entity, to_json(fields), key)
    except ServiceRefused as error:
        return _outcome(item, read(error.reply, OBJECT), error.reply.trace)
    return _outcome(item, read(reply, OBJECT), reply.trace)


def _entity(item: Mapping[str, Any]) -> str:
    return next(name for name, value in item.items() if isinstance(value, Mapping))


def _outcome(item: Mapping[str, Any], answer: Mapping[str, Any], trace: str) -> WriteResult:
    """What became of an item: an answer that names another transaction does not say it."""
    fault = fault_of(answer)
    if fault:
        result = refused(fault, trace)
        deposited = DEPOSITED in fault.codes
        return WriteResult(
            words=result.words,
            reason=Reason.RECONCILED if deposited else result.reason,
            hint=result.hint,
            unclear=result.unclear or result.again is not None,
        )
    entity = _entity(item)
    data: Any = answer.get(entity)
    row, form = as_read(Object, data), as_read(Transaction, data)
    if row is None or row.id != item[entity]["Id"]:
        return WriteResult(unclear=True)
    ended = data.get("status") == "Deleted" or (form and voided(form))
    return WriteResult(id=LedgerId(row.id), removed=True) if ended else WriteResult(unclear=True)
