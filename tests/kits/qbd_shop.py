"""QuickBooks Desktop behind whole runs: orders that need every write, and the books then."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.sync import Result
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbd import QbdSwitches
from invoicesync_sandbox.qbd.books import TRANSACTIONS
from tests.kits.qbxml import assert_valid
from tests.kits.rehearsal import Rehearsal


def desktop(home: Path, switches: QbdSwitches | None = None, /, **settings: Any) -> Rehearsal:
    """A rehearsal with QuickBooks Desktop, payments and all, which behaves as `switches` say."""
    usual = {"sync.mode": "invoices-and-payments", "invoices.number_prefix": "K"}
    rehearsal = Rehearsal(home, to="qbd", **{**usual, **settings})
    if switches:
        rehearsal.qbd.switches = rehearsal.qbd.books.switches = switches
    return rehearsal


def everything(rehearsal: Rehearsal) -> None:
    """Orders that need every kind of write: a customer, the item for what has no product, invoices
    with tax and without, payments, a credit, refunds."""
    keap = rehearsal.keap
    plain = rehearsal.order(Item("OTHER", "100.00", name="Something"))
    paid, credited, refunded = rehearsal.order(), rehearsal.order(), rehearsal.order()
    rehearsal.order(
        Item("PRODUCT", "100.00", name="Candle", taxable=True),
        Item("DISCOUNT", "10.00", name="Ten off"),
        Item("SHIPPING", "8.00", name="Post"),
        Item("TAX", "7.43", name="Tax"),
    )
    keap.add_payment(order_id=plain, amount="40.00")
    for amount in ("25.00", "25.00", "50.00"):
        keap.add_payment(order_id=paid, amount=amount)
    keap.add_payment(order_id=credited, amount="30.00", type="Credit")
    keap.add_refund(keap.add_payment(order_id=refunded, amount="100.00").id, "40.00")


def run(rehearsal: Rehearsal) -> Result | InvoiceSyncError:
    """A run, or the error that ended it. QuickBooks is started again afterwards."""
    try:
        return rehearsal.sync()
    except InvoiceSyncError as error:
        return error
    finally:
        rehearsal.qbd.start()


def content(rehearsal: Rehearsal) -> Counter[str]:
    """Everything that bears a mark of ours in the company file, dead or alive, with what is left of
    it, and how often it is there."""
    qbd = rehearsal.qbd
    rows = [
        f"{row.word} {row.ref} {row.memo} {row.total} left {qbd.balance(row.id)}"
        for kind in TRANSACTIONS
        for row in qbd.books.tables[kind].values()
        if "Keap " in row.memo
    ]
    people = [f"customer {row.name}" for row in qbd.customers.values() if row.kept.get("Notes")]
    items = [f"item {row.name}" for row in qbd.items.values()]
    return Counter([*rows, *people, *items])


def check_messages(rehearsal: Rehearsal, but: Iterable[str] = ()) -> None:
    """Everything that was sent and answered fits Intuit's schema, where that is at hand."""
    for one in rehearsal.qbd.exchanges:
        if any(part in one.xml for part in but):
            continue
        assert one.xml.isascii()
        assert_valid(one.xml.partition("?>")[2].partition("?>")[2])
        if one.answer.startswith("<?xml"):
            assert_valid(one.answer)
