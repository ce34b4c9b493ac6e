"""What the fault tests of QuickBooks share: orders that need every write, a look at the books."""

from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Response

from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.base import Call
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.keap.rows import Payment as KeapPayment
from invoicesync_sandbox.qbo import QboSandbox, QboSwitches
from invoicesync_sandbox.qbo.forms import SalesForm
from invoicesync_sandbox.shop.company import fill_qbo
from tests.kits.faults import payments_of
from tests.kits.journal import unsettled
from tests.kits.rehearsal import Rehearsal

CREATES = {
    "customer": '"Customer":{',
    "item": '"Item":{',
    "invoice": '"Invoice":{"CustomerRef',
    "receipt": '"SalesReceipt":{',
    "payment": '"Payment":{"CustomerRef":{"value":"\\d+"},"TotalAmt":[1-9]',
    "credit memo": '"CreditMemo":{',
    "application": '"TotalAmt":0',
    "refund": '"RefundReceipt":{',
}
"""What stands in the body of a batch that creates things of a kind."""
OURS = "Keap order "


def quickbooks(home: Path, switches: QboSwitches | None = None, /, **settings: Any) -> Rehearsal:
    """A rehearsal with QuickBooks, payments and all, whose company behaves as `switches` say."""
    rehearsal = Rehearsal(home, to="qbo", **{"sync.mode": "invoices-and-payments", **settings})
    if switches:
        behave(rehearsal, switches)
    apply_by_hand(rehearsal.qbo)
    return rehearsal


def behave(rehearsal: Rehearsal, switches: QboSwitches) -> None:
    """Replace the company, nothing of which has been used yet, by one that behaves like this."""
    qbo = QboSandbox(rehearsal.clock, switches)
    fill_qbo(qbo)
    qbo.set_preferences(close_date=None)
    apply_by_hand(qbo)
    qbo.sign_in = rehearsal.qbo.sign_in
    apps = {origin: qbo if app is rehearsal.qbo else app for origin, app in _apps(rehearsal)}
    rehearsal.network.apps = apps
    rehearsal.qbo = qbo


def apply_by_hand(qbo: QboSandbox) -> None:
    """Let each credit stay on its own invoice: what is applied by itself has tests of its own."""
    qbo.set_preferences(auto_apply_payments=False, auto_apply_credit=False)


def _apps(rehearsal: Rehearsal) -> Iterable[tuple[str, Any]]:
    return rehearsal.network.apps.items()


def everything(rehearsal: Rehearsal) -> dict[str, str]:
    """Orders that need every kind of write; their ids by the kind that each is for.

    A person and the item for what has no product come with the first of them.
    """
    keap = rehearsal.keap
    plain = rehearsal.order(Item("OTHER", "100.00", name="Something"))
    paid, credited, refunded = rehearsal.order(), rehearsal.order(), rehearsal.order()
    for amount in ("25.00", "25.00", "50.00"):
        keap.add_payment(order_id=paid, amount=amount)
    keap.add_payment(order_id=credited, amount="30.00", type="Credit")
    keap.add_refund(keap.add_payment(order_id=refunded, amount="100.00").id, "40.00")
    return {"invoice": plain, "payment": paid, "credit memo": credited, "refund": refunded}


def writes(rehearsal: Rehearsal, since: int = 0, kind: str = "") -> list[Call]:
    """The batches that created things, from a number of calls on."""
    entity = CREATES[kind].partition(":")[0].encode() if kind else b'"operation"'
    calls = rehearsal.qbo.calls[since:]
    return [call for call in calls if b'"operation"' in call.body and entity in call.body]


def forms(rehearsal: Rehearsal) -> dict[str, list[SalesForm]]:
    """The invoices and sales receipts that are alive and carry an order's marker, by order id."""
    found: dict[str, list[SalesForm]] = {}
    for table in (rehearsal.qbo.invoices, rehearsal.qbo.sales_receipts):
        for form in table.values():
            if form.status == "live" and form.private_note.startswith(OURS):
                found.setdefault(_order(form.private_note), []).append(form)
    return found


def _order(note: str) -> str:
    return note.removeprefix(OURS).partition(",")[0]


def check_books(rehearsal: Rehearsal, *, but: Iterable[str] = ()) -> None:
    """Every order but these is in QuickBooks exactly once with its total, and so are its payments,
    credits and refunds; the state says the same; nobody is a customer twice; nothing is left
    half-way; another run writes nothing."""
    booked = forms(rehearsal)
    orders = {key: order for key, order in rehearsal.keap.orders.items() if key not in set(but)}
    assert {key: [row.total for row in rows] for key, rows in booked.items()} == {
        key: [order.total] for key, order in orders.items()
    }
    notes = Counter(row.notes for row in rehearsal.qbo.customers.values() if row.notes)
    assert all(count == 1 for count in notes.values()), notes
    for order in orders:
        _check_money(rehearsal, order, booked[order][0])
    _check_state(rehearsal, {key: booked[key][0] for key in orders})
    before = snapshot(rehearsal)
    rehearsal.sync()
    assert snapshot(rehearsal) == before


def _check_money(rehearsal: Rehearsal, order: str, form: SalesForm) -> None:
    """The money of an order: each payment, credit and refund once, and the balance what is left."""
    qbo = rehearsal.qbo
    paid, credits_, refunds = _split(payments_of(rehearsal, order))
    received = [
        (payment.ref, payment.total)
        for payment in qbo.payments.values()
        if payment.status == "live" and payment.total and _order(payment.private_note) == order
    ]
    if form.id in qbo.sales_receipts:
        received.append((form.ref, form.total))
    assert sorted(received) == sorted((_reference(item), item.amount) for item in paid)
    memos = _ours(qbo.credit_memos, order)
    assert sorted(row.total for row in memos) == sorted(item.amount for item in credits_)
    assert [row.balance for row in memos] == [0] * len(memos)
    given = _ours(qbo.refund_receipts, order)
    assert sorted((row.ref, row.total) for row in given) == sorted(
        (_reference(item), item.amount) for item in refunds
    )
    if form.id in qbo.invoices:
        put = sum((item.amount for item in (*paid, *credits_)), Decimal(0))
        assert form.balance == form.total - put


def _ours(table: Any, order: str) -> list[Any]:
    return [
        row
        for row in table.values()
        if row.status == "live" and row.private_note and _order(row.private_note) == order
    ]


def _split(
    payments: Iterable[KeapPayment],
) -> tuple[list[KeapPayment], list[KeapPayment], list[KeapPayment]]:
    kinds: dict[str, list[KeapPayment]] = {"Credit": [], "Refund": [], "": []}
    for payment in payments:
        kinds[payment.type if payment.type in kinds else ""].append(payment)
    return kinds[""], kinds["Credit"], kinds["Refund"]


def _reference(payment: KeapPayment) -> str:
    return payment.external_transaction_id or f"keap-{payment.id}"


def _check_state(rehearsal: Rehearsal, booked: dict[str, SalesForm]) -> None:
    with rehearsal.state() as state:
        assert not unsettled(state)
        records = {
            item.key: item for item in state.records_in(DocumentKind.INVOICE, DocumentState.CREATED)
        }
        money = {
            item.key: item.document.ledger_id
            for kind in (DocumentKind.PAYMENT, DocumentKind.CREDIT, DocumentKind.REFUND)
            for item in state.records_in(kind, DocumentState.CREATED)
        }
    for key, form in booked.items():
        document = records[key].document
        assert (document.ledger_id, document.number) == (form.id, form.number), document
        assert document.ledger_total == form.total
    due = [f"{item.id}:{order}" for order in booked for item in payments_of(rehearsal, order)]
    assert set(money) == set(due)
    # Each stands for a document of its own, but for a sales receipt's payment.
    assert len(set(money.values())) == len(due)


def snapshot(rehearsal: Rehearsal) -> dict[str, int]:
    """Everything in the books with its version: equal while nobody writes anything."""
    qbo = rehearsal.qbo
    tables: list[Any] = [qbo.customers, qbo.items, *qbo.transactions.values()]
    return {
        f"{type(row).__name__} {row.id}": row.sync_token
        for table in tables
        for row in table.values()
    }


GARBLED: dict[str, Callable[[], Response]] = {
    "504": lambda: Response("<html><title>504 Gateway Time-out</title></html>", 504),
    "503": lambda: Response("<html><title>503 Unavailable</title></html>", 503),
    "half": lambda: Response('{"BatchItemResponse":[{"bId":"1","Inv', 200),
    "nothing": lambda: Response("", 200),
    "no items": lambda: Response("{}", 200),
    "other items": lambda: Response('{"BatchItemResponse":[{"bId":"x"},{"bId":"1"}]}', 200),
    "throttled": lambda: Response(THROTTLED, 429, content_type="application/xml"),
}
"""Answers that say nothing of what was done."""
THROTTLED = (
    '<?xml version="1.0" encoding="UTF-8"?><IntuitResponse time="2026-11-20T01:00:00.000-08:00" '
    'xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="3001">'
    "<Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>"
    "<Detail>The request limit was reached.  Try again later</Detail></Error></Fault>"
    "</IntuitResponse>"
)
