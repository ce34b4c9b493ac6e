"""What of a batch is in QuickBooks: found by number, name, marker and our own id of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import fromstring

from pydantic import ValidationError

from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.load.qbd import found as there
from invoicesync_cli.load.qbd.answers import Fields, each, fields_of
from invoicesync_cli.load.qbd.client import DesktopClient, Where
from invoicesync_cli.load.qbd.schemas import (
    CardRefundRow,
    CheckRow,
    CreditMemoRow,
    InvoiceRow,
    NamedRow,
    PaymentRow,
    Row,
    SalesReceiptRow,
    TransactionRow,
)
from invoicesync_cli.model import MARKER, LedgerId, money

PAYMENT_ADD, PAYMENT_MOD = "ReceivePaymentAdd", "ReceivePaymentMod"
QUERIES: Mapping[str, Where] = {
    "CustomerAdd": ("CustomerQuery", "FullName"),
    "ItemServiceAdd": ("ItemQuery", "FullName"),
    "InvoiceAdd": ("InvoiceQuery", "RefNumber"),
    "SalesReceiptAdd": ("SalesReceiptQuery", "RefNumber"),
    "CreditMemoAdd": ("CreditMemoQuery", "RefNumber"),
    PAYMENT_ADD: ("ReceivePaymentQuery", "RefNumber"),
    PAYMENT_MOD: ("ReceivePaymentQuery", "TxnID"),
    "ARRefundCreditCardAdd": ("ARRefundCreditCardQuery", "RefNumber"),
    "CheckAdd": ("CheckQuery", "RefNumber"),
}
"""What each request is looked for by."""
SCHEMAS: Mapping[str, type[NamedRow] | type[TransactionRow]] = {
    "CustomerQuery": NamedRow,
    "ItemQuery": NamedRow,
    "InvoiceQuery": InvoiceRow,
    "SalesReceiptQuery": SalesReceiptRow,
    "CreditMemoQuery": CreditMemoRow,
    "ReceivePaymentQuery": PaymentRow,
    "ARRefundCreditCardQuery": CardRefundRow,
    "CheckQuery": CheckRow,
}
LISTS = {"CustomerAdd", "ItemServiceAdd"}


@dataclass(frozen=True)
class BatchRequest:
    """One request of a batch: its place in it, its text as it is sent, its name and fields."""

    place: str
    text: str
    name: str
    fields: Fields

    @property
    def credit(self) -> str:
        """The credit memo that it puts onto an invoice; blank for any other request."""
        credit = self._applied.get("SetCredit")
        return str(credit["CreditTxnID"]) if isinstance(credit, Mapping) else ""

    @property
    def target(self) -> str:
        """The invoice that it puts something onto; blank for none. (An application of what is
        there already names it last.)"""
        return str(self._applied.get("TxnID", ""))

    @property
    def _applied(self) -> Fields:
        name = "AppliedToTxnMod" if self.name == PAYMENT_MOD else "AppliedToTxnAdd"
        applied = each(self.fields, name)
        return applied[-1] if applied and isinstance(applied[-1], Mapping) else {}

    @property
    def where(self) -> Where:
        """By which query and element it is looked for."""
        return ("InvoiceQuery", "TxnID") if self.credit else QUERIES[self.name]

    @property
    def wanted(self) -> str:
        """The value of that element."""
        if self.credit:
            return self.target
        element = self.where[1]
        return self.text_of("Name" if element == "FullName" else element)

    def text_of(self, name: str) -> str:
        """A field that is a text; blank for none."""
        found = self.fields.get(name, "")
        return found if isinstance(found, str) else ""


def parts_of(texts: Iterable[str]) -> list[BatchRequest]:
    """The requests of a message that we have written."""
    parts = []
    for text in texts:
        element = fromstring(text)  # noqa: S314 - we wrote it
        name = element.tag.removesuffix("Rq")
        content = element[0] if name.endswith(("Add", "Mod")) else element
        parts.append(BatchRequest(element.get("requestID", ""), text, name, fields_of(content)))
    return parts


@dataclass(frozen=True)
class Finder:
    """Looks for requests' outcomes; `tax_items` are the ids of sales tax items."""

    client: DesktopClient
    tax_items: Collection[str]

    def look(
        self, parts: Sequence[BatchRequest], known: Collection[LedgerId]
    ) -> dict[str, WriteResult]:
        """The outcome of each request that was carried out, by its place: nothing of what is
        `known`. In one message. Raises `TryLater` where what is there cannot be read."""
        asked: dict[Where, list[str]] = defaultdict(list)
        for part in parts:
            asked[part.where].append(part.wanted)
        rows = self.client.found(asked)
        outcomes: dict[str, WriteResult] = {}
        for part in parts:
            fitting = [
                result
                for fields in rows[part.where]
                if is_same(part, fields) and (result := self.result(part, fields))
                if result.id not in known
            ]
            fitting.sort(key=lambda result: result.removed)
            if fitting:
                outcomes[part.place] = fitting[0]
        return outcomes

    def by_id(
        self, ids: Mapping[str, str], parts: Sequence[BatchRequest]
    ) -> dict[str, WriteResult]:
        """The outcomes of requests of which QuickBooks says the id of what they made, by place:
        what is not there any more was made and deleted since."""
        asked: dict[Where, list[str]] = defaultdict(list)
        for part in parts:
            asked[_by_id(part)].append(ids[part.place])
        rows = self.client.found(asked)
        outcomes = {}
        for part in parts:
            ident = LedgerId(ids[part.place])
            same = [row for row in rows[_by_id(part)] if ident in _ids(row)]
            found = self.result(part, same[0]) if same else None
            outcomes[part.place] = found or WriteResult(id=ident, removed=True)
        return outcomes

    def result(self, part: BatchRequest, fields: Fields) -> WriteResult | None:
        """The outcome that an object is; None where it cannot be read."""
        if part.credit:
            return WriteResult(id=LedgerId(part.credit))
        try:
            row = SCHEMAS[QUERIES[part.name][0]].model_validate(dict(fields))
        except (ValidationError, RecursionError):
            return None
        return _outcome(row, self.tax_items)


def _by_id(part: BatchRequest) -> Where:
    return part.where[0], "ListID" if part.name in LISTS else "TxnID"


def _ids(fields: Fields) -> tuple[Any, Any]:
    return fields.get("TxnID"), fields.get("ListID")


def _outcome(row: Row, tax_items: Collection[str]) -> WriteResult:
    if isinstance(row, InvoiceRow):
        total = there.total_of(row)
        tax = there.tax_of(row, tax_items)
        removed = there.voided(row, total)
        return WriteResult(LedgerId(row.txn_id), total, tax, removed=removed)
    if isinstance(row, SalesReceiptRow | CreditMemoRow):
        total = money(row.total_amount)
        tax = there.tax_of(row, tax_items)
        removed = there.voided(row, total)
        return WriteResult(LedgerId(row.txn_id), total, tax, removed=removed)
    if isinstance(row, PaymentRow):
        left = money(row.unused_payment)
        return WriteResult(LedgerId(row.txn_id), money(row.total_amount), unapplied=left)
    if isinstance(row, CardRefundRow):
        total = money(row.total_amount)
        return WriteResult(LedgerId(row.txn_id), total, removed=there.voided(row, total))
    if isinstance(row, CheckRow):
        total = money(row.amount)
        return WriteResult(LedgerId(row.txn_id), total, removed=there.voided(row, total))
    assert isinstance(row, NamedRow)  # noqa: S101 - these are all of them
    return WriteResult(id=LedgerId(row.list_id))


def is_same(part: BatchRequest, fields: Fields) -> bool:
    """Whether an object is what a request made, by our own id of it, or by number and marker: what
    is void by our own id alone, as the document before one that is made anew bears the same."""
    if part.credit:
        return _bears_credit(part, fields)
    if part.name == PAYMENT_MOD:
        return _is_on(part.target, fields)
    if part.name == "ItemServiceAdd":
        return _folded(fields, "Name") == part.text_of("Name").casefold()
    own = part.text_of("ExternalGUID")
    ours = bool(own) and _folded(fields, "ExternalGUID") == own.casefold()
    if part.name == "CustomerAdd":
        return ours or str(fields.get("Notes", "")) == part.text_of("Notes")
    if _folded(fields, "RefNumber") != part.text_of("RefNumber").casefold():
        return False
    if part.name == PAYMENT_ADD and not _may_be_on(part.target, fields):
        return False
    return ours or (not is_void(fields) and _said(fields) == _said(part.fields))


def is_void(fields: Fields) -> bool:
    """Whether a transaction was voided, as its memo says."""
    return str(fields.get("Memo", "")).startswith(there.VOID)


def _said(fields: Fields) -> str:
    """What a memo says; of a form its marker alone."""
    memo = str(fields.get("Memo", "")).strip()
    found = MARKER.search(memo)
    form = "ItemSalesTaxRef" in fields or "DueDate" in fields
    return found.group() if found and form else memo


def _folded(fields: Fields, name: str) -> str:
    return str(fields.get(name, "")).casefold()


def _bears_credit(part: BatchRequest, fields: Fields) -> bool:
    links = [link for link in each(fields, "LinkedTxn") if isinstance(link, Mapping)]
    on = {str(link.get("TxnID", "")) for link in links}
    return fields.get("TxnID") == part.target and part.credit in on


def _is_on(target: str, fields: Fields) -> bool:
    applied = [row for row in each(fields, "AppliedToTxnRet") if isinstance(row, Mapping)]
    return target in {str(row.get("TxnID", "")) for row in applied}


def _may_be_on(target: str, fields: Fields) -> bool:
    """Whether a payment is on the invoice, or on none: QuickBooks lets it outlive that."""
    return _is_on(target, fields) or not each(fields, "AppliedToTxnRet")
