"""One company file: its rows, and what every part of the sandbox asks of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.qbd import forms, rows
from invoicesync_sandbox.qbd.errors import (
    bad_id,
    bad_parent,
    bad_reference,
    closed,
    in_use,
    not_found,
    stale,
    unsaved,
)
from invoicesync_sandbox.qbd.forms import ZERO, Deleted, Link, Txn
from invoicesync_sandbox.qbd.grammar import Sent
from invoicesync_sandbox.qbd.rows import Entity, Item, Named, Row
from invoicesync_sandbox.qbd.switches import QbdSwitches
from invoicesync_sandbox.qbd.worlds import World
from invoicesync_sandbox.table import Journal, Table

CENT = Decimal("0.01")
AnyRow = TypeVar("AnyRow", bound=Row)
AnyNamed = TypeVar("AnyNamed", bound=Named)
AnyTxn = TypeVar("AnyTxn", bound=Txn)


def cents(amount: Decimal) -> Decimal:
    """The amount in whole cents, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def folded(name: str) -> str:
    """A name as names are compared: without case and outer blanks."""
    return name.strip().casefold()


@dataclass(frozen=True)
class Preferences:
    """A company file's preferences, as far as they matter to apps."""

    closing_date: date | None = None
    sales_tax: bool = True
    default_tax_item: str = ""
    taxable_code: str = ""
    untaxed_code: str = ""
    classes: bool = False
    auto_apply: bool = False
    barcodes: bool = True


class Books:
    """A company file. Rows are values: read them by id, never keep one across a change."""

    def __init__(self, clock: Clock, switches: QbdSwitches, world: World, path: str) -> None:
        self.clock = clock
        self.switches = switches
        self.world = world
        self.path = path
        self.company_name = world.company
        self.sample = False
        self.file_ids: dict[str, str] = {}
        """What the Web Connector has stamped on the file: file ids by the ids of their owners."""
        self.zone = ZoneInfo(world.zone)
        self.journal = Journal()
        self.tables: dict[type[Row], Table[Any]] = {}
        for kind in LISTS:
            self.tables[kind] = Table(
                self.journal,
                name=lambda row: folded(row.name),
                parent=lambda row: row.parent_id or None,
            )
        for form in TRANSACTIONS:
            self.tables[form] = Table(
                self.journal,
                ref=lambda row: folded(row.ref) or None,
                customer=lambda row: row.customer_id or None,
            )
        self.links: Table[Link] = Table(
            self.journal, source=lambda link: link.source_id, target=lambda link: link.target_id
        )
        self.deleted: list[Deleted] = []
        self.locks: dict[str, int] = {}
        """How many more tries find an object in use, by its id."""
        self._list_ids: Iterator[int] = count(1)
        self._txn_ids: Iterator[int] = count(1)
        self._line_ids: Iterator[int] = count(1)
        self._link_ids: Iterator[int] = count(1)
        self.preferences = Preferences(sales_tax=world.sales_tax)
        self._opening()

    def _opening(self) -> None:
        """What no company file is without."""
        account = self.add(
            rows.Account,
            name="Accounts Receivable",
            type="AccountsReceivable",
            special="AccountsReceivable",
        )
        self.receivables = account.id
        funds = self.add(
            rows.Account,
            name="Undeposited Funds",
            type="OtherCurrentAsset",
            special="UndepositedFunds",
        )
        self.undeposited = funds.id
        for name, kind in (
            ("Cash", "Cash"),
            ("Check", "Check"),
            ("Visa", "Visa"),
            ("MasterCard", "MasterCard"),
            ("E-Check", "ECheck"),
        ):
            self.add(rows.PaymentMethod, name=name, type=kind)
        for name, days in (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30)):
            self.add(rows.Terms, name=name, days=days)
        if not self.world.sales_tax:
            return
        self.add(
            rows.Account,
            name="Sales Tax Payable",
            type="OtherCurrentLiability",
            special="SalesTaxPayable",
        )
        taxed = self.add(rows.SalesTaxCode, name="Tax", taxable=True)
        free = self.add(rows.SalesTaxCode, name="Non", taxable=False)
        none = self.add(
            rows.Item,
            type="ItemSalesTax",
            name="Out of State",
            description="Out-of-state sale, exempt from sales tax",
        )
        self.preferences = replace(
            self.preferences, default_tax_item=none.id, taxable_code=taxed.id, untaxed_code=free.id
        )

    # Rows

    def now(self) -> datetime:
        """Now in UTC, to the second that QuickBooks keeps."""
        return self.clock.now().astimezone(UTC).replace(microsecond=0)

    def today(self) -> date:
        """The date on the PC."""
        return self.clock.now().astimezone(self.zone).date()

    def new_id(self, kind: type[Row]) -> str:
        """A `ListID` or `TxnID`: a running number in hexadecimal, and the time in seconds."""
        seconds = int(self.now().timestamp())
        if issubclass(kind, Txn):
            return f"{next(self._txn_ids):X}-{seconds}"
        return f"{0x80000000 + next(self._list_ids):X}-{seconds}"

    def line_id(self) -> str:
        """A `TxnLineID`."""
        return f"{next(self._line_ids):X}-{int(self.now().timestamp())}"

    def add(self, kind: type[AnyRow], **values: Any) -> AnyRow:
        """A new row in the file."""
        now = self.now()
        if issubclass(kind, Txn):
            values["number"] = (
                sum(len(self.tables[one]) for one in TRANSACTIONS) + len(self.deleted) + 1
            )
        row = kind(id=self.new_id(kind), created=now, modified=now, **values)
        self.tables[kind].put(row)
        return row

    def change(self, row: AnyRow, **changes: Any) -> AnyRow:
        """The row with changes and a new time, in the file."""
        found: AnyRow = self.tables[type(row)].put(replace(row, **changes, modified=self.now()))
        return found

    def touch(self, row: Row) -> None:
        """Give a row a new time because something that hangs on it has changed."""
        self.change(row)

    def remove(self, row: Row) -> None:
        """Delete a row for good, with the links of a transaction."""
        if isinstance(row, Txn):
            self.unlink(row.id)
        name = row.ref if isinstance(row, Txn) else self.full_name(row)  # type: ignore[arg-type]
        word = row.type if isinstance(row, Item) else row.word
        self.tables[type(row)].drop(row.id)
        self.deleted.append(Deleted(word, row, self.now(), name))

    def txn(self, txn_id: str) -> Any:
        """The transaction of that id, None for none."""
        found = (self.tables[kind].get(txn_id) for kind in TRANSACTIONS)
        return next((row for row in found if row is not None), None)

    def live(self, kind: type[AnyTxn], txn_id: str) -> AnyTxn:
        """A transaction of that kind. Raises `Refused` (3120, 3000)."""
        check_id(txn_id, "TxnID")
        row: AnyTxn | None = self.tables[kind].get(txn_id)
        if row is None:
            raise not_found(txn_id)
        return row

    # Lists

    def full_name(self, row: Named) -> str:
        """The name with those of its parents in front, with colons between."""
        if not row.parent_id:
            return row.name
        return f"{self.full_name(self.tables[type(row)][row.parent_id])}:{row.name}"

    def by_name(self, kind: type[AnyNamed], full_name: str) -> AnyNamed | None:
        """The element of that full name, in any case of letters."""
        last = full_name.rpartition(":")[2]
        return next(
            (
                row
                for row in self.tables[kind].each("name", folded(last))
                if folded(self.full_name(row)) == folded(full_name)
            ),
            None,
        )

    def find(self, kind: type[AnyNamed], sent: Sent) -> AnyNamed | None:
        """The element that a reference means, None where there is none."""
        row_id = sent.text("ListID")
        if row_id:
            check_id(row_id, "ListID")
            found: AnyNamed | None = self.tables[kind].get(row_id)
            return found
        return self.by_name(kind, sent.text("FullName"))

    def refer(self, kind: type[AnyNamed], sent: Sent, name: str, where: str) -> AnyNamed | None:
        """The element that a reference of `sent` means, None if it has none.

        Raises `Refused` (3140) for one that is not there, or that is out of use where that counts.
        """
        reference = sent.sub(name)
        if reference is None:
            return None
        row = self.find(kind, reference)
        in_use_only = self.switches.inactive_referred_to == "refused"
        if row is None or (in_use_only and not row.active):
            wanted = reference.text("FullName") or reference.text("ListID")
            raise bad_reference(kind.word, wanted, where)
        return row

    def refer_id(self, kind: type[Named], sent: Sent, name: str, where: str) -> str:
        """Its id, blank for none."""
        row = self.refer(kind, sent, name, where)
        return row.id if row else ""

    def parent(self, kind: type[Named], sent: Sent) -> str:
        """The id of the parent that is sent, blank for none. Raises `Refused` (3130)."""
        reference = sent.sub("ParentRef")
        if reference is None:
            return ""
        row = self.find(kind, reference)
        if row is None:
            wanted = reference.text("FullName") or reference.text("ListID")
            raise bad_parent(wanted, kind.plural)
        return row.id

    def named_alike(self, kind: type[Named], name: str, parent_id: str) -> list[Named]:
        """The elements that would have the same name, active or not. Names of people and firms
        are shared by four lists; below a parent they count there alone."""
        kinds = ENTITIES if issubclass(kind, Entity) and not parent_id else (kind,)
        return [
            row
            for one in kinds
            for row in self.tables[one].each("name", folded(name))
            if row.parent_id == parent_id
        ]

    # Transactions

    def applied(self, txn_id: str) -> Decimal:
        """What stands against a transaction as a target: of an invoice, what is paid."""
        return sum((link.amount for link in self.links.each("target", txn_id)), ZERO)

    def used(self, txn_id: str) -> Decimal:
        """What of a transaction has been put against others."""
        return sum((link.amount for link in self.links.each("source", txn_id)), ZERO)

    def balance(self, row: Txn) -> Decimal:
        """What an invoice still lacks, or a payment or credit memo still has to give."""
        if isinstance(row, forms.Invoice):
            return row.total - self.applied(row.id)
        if isinstance(row, forms.CreditMemo):
            return row.total - self.used(row.id) - self.applied(row.id)
        return row.total - self.used(row.id) if isinstance(row, forms.Payment) else ZERO

    def customer_balance(self, customer_id: str) -> Decimal:
        """What a customer owes."""
        owed = sum(
            (self.balance(row) for row in self.tables[forms.Invoice].each("customer", customer_id)),
            ZERO,
        )
        for kind in (forms.Payment, forms.CreditMemo):
            for row in self.tables[kind].each("customer", customer_id):
                owed -= self.balance(row)
        return owed

    def link(self, source: Row, target: Row, amount: Decimal) -> None:
        """Put so much of one transaction against another."""
        self.links.put(Link(str(next(self._link_ids)), source.id, target.id, amount))
        if not self.tables[type(target)].fresh(target):
            self.touch(target)

    def unlink(self, txn_id: str) -> None:
        """Take away every link of a transaction."""
        for side, other in (("source", "target_id"), ("target", "source_id")):
            for link in self.links.find(side, txn_id):
                self.links.drop(link.id)
                found = self.txn(getattr(link, other))
                if found is not None:
                    self.touch(found)

    def next_ref(self, kind: type[Txn]) -> str:
        """The number that QuickBooks gives: one more than the highest so far."""
        taken = [
            int(row.ref)
            for row in self.tables[kind].values()
            if row.ref.isascii() and row.ref.isdigit()
        ]
        return str(max(taken, default=0) + 1)

    # What stands in the way of a change

    def check_open(self, day: date, word: str) -> None:
        """Raise `Refused` (3171) if the books are closed for that day; the closing date is."""
        last = self.preferences.closing_date
        if last is not None and day <= last:
            raise closed(word, self.switches.closed_code)

    def check_lock(self, row_id: str, word: str, *, related: bool = False) -> None:
        """Raise `Refused` (3175, 3176) while somebody has the object open; counts the try."""
        left = self.locks.get(row_id, 0)
        if left > 0:
            self.locks[row_id] = left - 1
            raise in_use(word, related=related)

    def check_sequence(self, row: Row, sequence: str) -> None:
        """Raise `Refused` (3200) for an old edit sequence."""
        if row.edit_sequence != sequence:
            raise stale(sequence)

    def check_guid(self, guid: str, word: str) -> None:
        """Raise `Refused` (3180) for a second object with a guid, where that counts."""
        if not guid or self.switches.guid_twice == "accepted":
            return
        if any(row.guid == guid for table in self.tables.values() for row in table.values()):
            raise unsaved(word, f"The external GUID {guid} is in use already.")


def check_id(text: str, name: str) -> None:
    """Raise `Refused` (3000) for what is no id."""
    number, dash, seconds = text.partition("-")
    if not (dash and seconds.isdigit() and all(one in "0123456789ABCDEF" for one in number)):
        raise bad_id(name, text)


LISTS: tuple[type[Named], ...] = (
    rows.Account,
    rows.SalesTaxCode,
    rows.Item,
    rows.Customer,
    rows.Supplier,
    rows.Employee,
    rows.OtherName,
    rows.Terms,
    rows.TrackingClass,
    rows.PaymentMethod,
)
ENTITIES: tuple[type[Entity], ...] = (
    rows.Customer,
    rows.Employee,
    rows.OtherName,
    rows.Supplier,
)
TRANSACTIONS: tuple[type[Txn], ...] = (
    forms.Invoice,
    forms.SalesReceipt,
    forms.CreditMemo,
    forms.Payment,
    forms.CardRefund,
    forms.Check,
)
KINDS: dict[str, type[Row]] = {kind.word: kind for kind in (*LISTS, *TRANSACTIONS)}
"""The kinds by QuickBooks' words."""
