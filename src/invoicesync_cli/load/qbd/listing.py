"""Long lists of transactions, read in pages by iterators: of a period, of our marker, of names."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from invoicesync_cli.errors import UnreadableRows
from invoicesync_cli.load.found import LedgerCreditNote, LedgerInvoice, Listed, ListedKind
from invoicesync_cli.load.qbd import found as there
from invoicesync_cli.load.qbd.answers import Fields
from invoicesync_cli.load.qbd.client import DETAILS, DesktopClient, Query
from invoicesync_cli.load.qbd.removing import FORMS, rows_by_id
from invoicesync_cli.load.qbd.schemas import (
    CreditMemoRow,
    InvoiceRow,
    PaymentRow,
    PersonRow,
    SalesReceiptRow,
    SweptRow,
    TransactionRow,
    all_read,
)
from invoicesync_cli.model import ZERO, LedgerContact, LedgerId, marked_order, money

KINDS: Mapping[ListedKind, Mapping[str, type[Any]]] = {
    "sale": {"Invoice": InvoiceRow, "SalesReceipt": SalesReceiptRow},
    "note": {"CreditMemo": CreditMemoRow},
    "payment": {"ReceivePayment": PaymentRow},
}
"""What is listed of each kind."""
NAMES = [
    *("ListID", "Name", "FullName", "IsActive", "CompanyName", "FirstName", "LastName"),
    *("BillAddress", "Email", "Notes", "ExternalGUID"),
]
SWEPT = 50
"""Of our documents, how many are read at once."""


def people(client: DesktopClient) -> Iterator[LedgerContact]:
    """Every customer, inactive ones too, and everybody else whose name is taken; each once."""
    query = Query("EntityQuery", {"ActiveStatus": "All", "IncludeRetElement": NAMES}, paged=True)
    seen: set[str] = set()
    for _, rows in client.pages([query]):
        yield from _new(rows, seen)


def people_by_id(client: DesktopClient, ids: Sequence[LedgerId]) -> Iterator[LedgerContact]:
    """These customers."""
    found = client.found({("CustomerQuery", "ListID"): ids})
    yield from map(there.contact, all_read(PersonRow, found["CustomerQuery", "ListID"]))


def _new(rows: Sequence[tuple[str, Fields]], seen: set[str]) -> Iterator[LedgerContact]:
    for kind, fields in rows:
        (row,) = all_read(PersonRow, [fields])
        if row.list_id not in seen:
            seen.add(row.list_id)
            yield there.contact(row) if kind == "CustomerRet" else there.other_name(row)


def listed(
    client: DesktopClient,
    first: dt.date | None,
    last: dt.date | None,
    *,
    with_money: bool,
    tax_items: Collection[str],
) -> Iterator[Listed]:
    """Sales forms and, with money, credit memos and payments by their dates. What only puts a
    credit memo onto an invoice is no transaction, and so is not among them."""
    kinds = [kind for kind in KINDS if with_money or kind == "sale"]
    schemas = {f"{name}Query": row for kind in kinds for name, row in KINDS[kind].items()}
    dates = {"FromTxnDate": first, "ToTxnDate": last}
    within = {"TxnDateRangeFilter": dates} if first or last else {}
    queries = [Query(name, {**within, **DETAILS[name]}, paged=True) for name in schemas]
    for name, rows in client.pages(queries):
        for row in all_read(schemas[name], [fields for _, fields in rows]):
            yield entry(row, tax_items)


def listed_by_id(
    client: DesktopClient,
    ids: Mapping[ListedKind, Sequence[LedgerId]],
    tax_items: Collection[str],
) -> Iterator[Listed]:
    """These transactions of each kind."""
    for kind, some in ids.items():
        for row in rows_by_id(client, KINDS[kind], some):
            yield entry(row, tax_items)


def entry(row: TransactionRow, tax_items: Collection[str]) -> Listed:
    """A transaction as a list shows it."""
    found = Listed(
        kind="sale",
        id=LedgerId(row.txn_id),
        total=ZERO,
        alive=True,
        date=row.txn_date,
        order=marked_order(row.memo),
        contact_id=row.customer_ref.list_id,
        contact=row.customer_ref.full_name,
    )
    if isinstance(row, PaymentRow):
        return _payment(found, row)
    if isinstance(row, CreditMemoRow):
        return _note(found, row, tax_items)
    assert isinstance(row, InvoiceRow | SalesReceiptRow)  # noqa: S101 - these are all of them
    return _sale(found, row, tax_items)


def _payment(found: Listed, row: PaymentRow) -> Listed:
    paid = there.payment(row)
    return replace(
        found,
        kind="payment",
        total=money(row.total_amount),
        alive=paid.alive,
        reference=row.ref_number,
        target=paid.target,
        applied=paid.amount,
        account_id=row.deposit_to_account_ref.list_id,
        account=row.deposit_to_account_ref.full_name,
        on=paid.on,
    )


def _note(found: Listed, row: CreditMemoRow, tax_items: Collection[str]) -> Listed:
    note = there.credit_memo(row)
    return replace(
        found,
        kind="note",
        total=note.total,
        alive=note.alive,
        number=note.number,
        tax=there.tax_of(row, tax_items),
        open=note.left,
    )


def _sale(found: Listed, row: InvoiceRow | SalesReceiptRow, tax_items: Collection[str]) -> Listed:
    sale = there.sale(row, tax_items)
    found = replace(
        found,
        total=sale.total,
        alive=sale.alive,
        number=sale.number,
        currency=sale.currency,
        tax=sale.tax,
        open=sale.due,
    )
    if isinstance(row, InvoiceRow):
        return found
    account = row.deposit_to_account_ref
    return replace(
        found,
        reference=row.check_number,
        account_id=account.list_id,
        account=account.full_name,
        receipt=True,
    )


def marked(
    client: DesktopClient,
    since: dt.date | None,
    tax_items: Collection[str],
    known: Callable[[LedgerId], bool],
) -> Iterator[LedgerInvoice | LedgerCreditNote]:
    """Every form with our marker in its memo: all forms are swept without their lines, and ours
    are then read. One that makes no sense is left out where it is `known`."""
    values: dict[str, Any] = {
        "TransactionTypeFilter": {"TxnTypeFilter": list(FORMS)},
        "TransactionDetailLevelFilter": "SummaryOnly",
        "IncludeRetElement": ["TxnID", "TxnType", "Memo"],
    }
    if since:
        values["TransactionDateRangeFilter"] = {"FromTxnDate": since}
    for _, rows in client.pages([Query("TransactionQuery", values, paged=True)]):
        swept = all_read(SweptRow, [fields for _, fields in rows])
        ours = [row.txn_id for row in swept if marked_order(row.memo)]
        for start in range(0, len(ours), SWEPT):
            yield from _ours(client, ours[start : start + SWEPT], tax_items, known)


def _ours(
    client: DesktopClient,
    ids: Sequence[str],
    tax_items: Collection[str],
    known: Callable[[LedgerId], bool],
) -> Iterator[LedgerInvoice | LedgerCreditNote]:
    try:
        rows = rows_by_id(client, FORMS, ids)
    except UnreadableRows as error:
        if not all(known(LedgerId(ident)) for ident in error.ids):
            raise
        left = [ident for ident in ids if ident not in error.ids]
        yield from _ours(client, left, tax_items, known)
        return
    for row in rows:
        if isinstance(row, CreditMemoRow):
            yield there.credit_memo(row)
        elif isinstance(row, InvoiceRow | SalesReceiptRow):
            yield there.sale(row, tax_items)
