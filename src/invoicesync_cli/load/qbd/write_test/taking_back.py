"""What write tests have left in a company file: found by their customers, and taken back.

All that a test writes is on a customer of its own, whose name says what it is. So whatever became
of the test, what it wrote is found without anything that it would have had to keep.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from invoicesync_cli.load.qbd import found as there
from invoicesync_cli.load.qbd.answers import Outcome
from invoicesync_cli.load.qbd.client import DesktopClient, Query
from invoicesync_cli.load.qbd.requests import message, request
from invoicesync_cli.load.qbd.schemas import PersonRow, Row, all_read
from invoicesync_cli.load.qbd.write_test.material import CUSTOMER
from invoicesync_cli.load.qbd.writing import ALL, EACH

ORDER = ("ARRefundCreditCard", "Check", "ReceivePayment", "CreditMemo", "SalesReceipt", "Invoice")
"""What goes first: what is on others, before them."""
DELETED = "ReceivePayment"
"""What QuickBooks does not void."""


class LeftRow(Row):
    """A transaction of a write test."""

    txn_id: str
    txn_type: str
    ref_number: str = ""
    memo: str = ""

    @property
    def name(self) -> str:
        """How a person finds it."""
        return f"{self.txn_type} {self.ref_number or self.txn_id}"

    @property
    def alive(self) -> bool:
        """Whether it is neither voided nor deleted."""
        return not self.memo.startswith(there.VOID)


@dataclass(frozen=True)
class TakenBack:
    """What was taken back, and what was not, with QuickBooks' words."""

    rows: Sequence[LeftRow] = ()
    left: Sequence[str] = ()


def customers(client: DesktopClient) -> list[PersonRow]:
    """The customers of all write tests, those out of use too."""
    values = {
        "ActiveStatus": "All",
        "NameFilter": {"MatchCriterion": "StartsWith", "Name": CUSTOMER.strip()},
    }
    (rows,) = client.all([Query("CustomerQuery", values)])
    return all_read(PersonRow, rows)


def transactions(client: DesktopClient, of: Sequence[str]) -> list[LeftRow]:
    """All transactions of these customers, those that are void too."""
    if not of:
        return []
    values = {
        "TransactionEntityFilter": {"ListID": list(of)},
        "TransactionDetailLevelFilter": "SummaryOnly",
        "IncludeRetElement": ["TxnID", "TxnType", "RefNumber", "Memo"],
    }
    (rows,) = client.all([Query("TransactionQuery", values)])
    return all_read(LeftRow, rows)


def take_back(client: DesktopClient, of: Sequence[PersonRow]) -> TakenBack:
    """Void or delete what is alive of these customers, and put them out of use."""
    living = [row for row in transactions(client, [one.list_id for one in of]) if row.alive]
    ended, left = [], []
    for row in sorted(living, key=_place):
        words = _end(client, row)
        if words:
            left.append(f"{row.name}: {words}")
        else:
            ended.append(row)
    left += [f"Customer {one.name}: {words}" for one in of if (words := _put_away(client, one))]
    return TakenBack(ended, left)


def _place(row: LeftRow) -> tuple[int, str]:
    known = row.txn_type in ORDER
    return (ORDER.index(row.txn_type) if known else len(ORDER)), row.txn_id


def _end(client: DesktopClient, row: LeftRow) -> str:
    """Void or delete a transaction: QuickBooks' words where it refuses, else blank."""
    how = "TxnDel" if row.txn_type == DELETED else "TxnVoid"
    return _done(client, request(how, {f"{how}Type": row.txn_type, "TxnID": row.txn_id}, "1"))


def _put_away(client: DesktopClient, customer: PersonRow) -> str:
    """Put a customer out of use, who cannot be deleted: QuickBooks' words where it refuses."""
    found = client.found({("CustomerQuery", "ListID"): [customer.list_id]})
    row = next(iter(all_read(PersonRow, found["CustomerQuery", "ListID"])), customer)
    if not row.is_active:
        return ""
    values = {"ListID": row.list_id, "EditSequence": row.edit_sequence, "IsActive": False}
    return _done(client, request("CustomerMod", values, "1"))


def _done(client: DesktopClient, text: str) -> str:
    answer = next(iter(client.exchange(message([text]), ALL + EACH).answers), None)
    if answer is None:
        return "QuickBooks gave no answer to it."
    return "" if answer.outcome is Outcome.DONE else f"{answer.words} ({answer.code})"
