"""A QuickBooks company where more has changed since the last run than its list of changes holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from invoicesync_cli.load.qbo import changes
from invoicesync_cli.model import DocumentKind
from invoicesync_cli.state.rows import Record
from invoicesync_sandbox.base import Call
from invoicesync_sandbox.qbo import QboSwitches, reading
from invoicesync_sandbox.qbo.screens import sale
from tests.kits.qbo_faults import everything, quickbooks, snapshot
from tests.kits.rehearsal import Rehearsal

HOLDS = 20
"""Changes that QuickBooks lists here, in place of a thousand."""
DAY = 86400.0


def short_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let QuickBooks' list of changes hold so few."""
    monkeypatch.setattr(reading, "MOST_CHANGES", HOLDS)
    monkeypatch.setattr(changes, "MOST", HOLDS)


@dataclass
class Crowded:
    """A company with documents of two days: orders by what each is for, see `everything`."""

    r: Rehearsal
    old: dict[str, str]
    young: dict[str, str]

    def records(self, age: str, of: str, kind: DocumentKind) -> list[Record]:
        """The records of a kind of one of these orders."""
        with self.r.state() as state:
            found = state.records_of([getattr(self, age)[of]], "order")
        return [record for record in found if record.kind is kind]

    def sent(self) -> list[Record]:
        """The records of the old orders."""
        with self.r.state() as state:
            return state.records_of(self.old.values(), "order")

    def look(self) -> tuple[set[str], list[Call]]:
        """What a run says has changed since it was sent, by kind and key; and its calls. It sends
        nothing, and the next one has nothing more to say."""
        before, calls = snapshot(self.r), len(self.r.qbo.calls)
        said = self._news()
        made = self.r.qbo.calls[calls:]
        assert self._news() == set()
        assert snapshot(self.r) == before
        return said, made

    def _news(self) -> set[str]:
        """What a run writes into the log: what is new."""
        run = self.r.sync().run
        with self.r.state() as state:
            found = list(state.history.documents_of(run))
        assert {document.reason for document in found} <= {"changed-after-sync"}
        names = {f"{item.kind} {item.payment_id or item.order_id}" for item in found}
        assert len(names) == len(found)
        return names


def crowded(home: Path, old: int = 0, switches: QboSwitches | None = None) -> Crowded:
    """The company; `old` more orders are behind it."""
    r = quickbooks(home, switches)
    found = []
    for more in (old, HOLDS):
        found.append(everything(r))
        paid(r, more)
        r.sync()
        r.ticker.pass_time(DAY)
    return Crowded(r, *found)


def paid(r: Rehearsal, count: int) -> None:
    """So many more orders, paid."""
    for _ in range(count):
        r.keap.add_payment(order_id=r.order(), amount="100.00")


def by_id(calls: Sequence[Call]) -> str:
    """The statements of calls that ask by id."""
    return "".join(call.body.decode() for call in calls if b" where Id IN (" in call.body)


Hand = Callable[[Crowded, str], Record]
"""What a person does, to something old or young: the record of what is no more what it was."""


def edited(c: Crowded, age: str) -> Record:
    """An invoice gets another amount."""
    (found,) = c.records(age, "invoice", DocumentKind.INVOICE)
    line = sale("80.00", tax_code=next(iter(c.r.qbo.tax_codes)))
    c.r.qbo.edit_invoice(found.document.ledger_id, Line=[line], TxnTaxDetail={})
    return found


def voided(c: Crowded, age: str) -> Record:
    """An invoice is voided."""
    (found,) = c.records(age, "invoice", DocumentKind.INVOICE)
    c.r.qbo.void_invoice(found.document.ledger_id)
    return found


def deleted(c: Crowded, age: str) -> Record:
    """An invoice is deleted."""
    (found,) = c.records(age, "invoice", DocumentKind.INVOICE)
    c.r.qbo.delete_invoice(found.document.ledger_id)
    return found


def payment_deleted(c: Crowded, age: str) -> Record:
    """A payment is deleted."""
    found, *_ = c.records(age, "payment", DocumentKind.PAYMENT)
    c.r.qbo.delete_payment(found.document.ledger_id)
    return found


def payment_voided(c: Crowded, age: str) -> Record:
    """A payment is voided."""
    found, *_ = c.records(age, "payment", DocumentKind.PAYMENT)
    c.r.qbo.void_payment(found.document.ledger_id)
    return found


def memo_deleted(c: Crowded, age: str) -> Record:
    """A credit memo is taken off its invoice and deleted."""
    (found,) = c.records(age, "credit memo", DocumentKind.CREDIT)
    memo = found.document.ledger_id
    (applied,) = c.r.qbo.credit_memos[memo].links
    c.r.qbo.delete_payment(applied)
    c.r.qbo.delete_credit_memo(memo)
    return found


def refund_deleted(c: Crowded, age: str) -> Record:
    """A refund receipt is deleted."""
    (found,) = c.records(age, "refund", DocumentKind.REFUND)
    c.r.qbo.delete_refund_receipt(found.document.ledger_id)
    return found


HANDS: Sequence[Hand] = (
    edited,
    voided,
    deleted,
    payment_deleted,
    payment_voided,
    memo_deleted,
    refund_deleted,
)


def name(record: Record) -> str:
    """How `Crowded.look` calls it."""
    return f"{record.kind} {record.document.payment_id or record.document.order_id}"


def fill(r: Rehearsal) -> None:
    """Let somebody enter as many invoices as fill the list."""
    line = sale("10.00", tax_code=next(iter(r.qbo.tax_codes)))
    for _ in range(HOLDS):
        r.qbo.enter_invoice(next(iter(r.qbo.customers)), [line])
