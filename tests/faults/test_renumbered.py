"""A person renumbers what a run has sent that never heard the answer: it is known by its marker."""

from typing import Any

import pytest

from invoicesync_sandbox.qbo import QboSwitches
from invoicesync_sandbox.xero import XeroSwitches
from invoicesync_sandbox.xero.replays import XeroReplays
from tests.kits.faults import Trouble, attempt, between
from tests.kits.lost_state import CANDLE, lose_state, renumber
from tests.kits.qbo_faults import behave
from tests.kits.rehearsal import Rehearsal
from tests.kits.spoilt_rows import Spoilt

TABLES = {
    "xero": {"invoice": ["invoices"], "credit": ["credit_notes"], "refund": ["credit_notes"]},
    "qbo": {
        "invoice": ["invoices"],
        "credit": ["credit_memos"],
        "refund": ["refund_receipts"],
    },
}
SENT = {
    "xero": {"invoice": "/Invoices", "credit": "/CreditNotes", "refund": "/CreditNotes"},
    "qbo": {
        "invoice": '"Invoice": ?{"',
        "credit": '"CreditMemo": ?{',
        "refund": '"RefundReceipt": ?{',
    },
}


@pytest.fixture
def forgetful(r: Rehearsal) -> Rehearsal:
    """A ledger that knows no key a second time."""
    switches = XeroSwitches(idempotency_minutes=0)
    r.xero.switches, r.xero.replays = switches, XeroReplays(switches)
    if r.to == "qbo":
        behave(r, QboSwitches(requestid_hours=0))
        r.qbo.set_preferences(warn_duplicate_numbers=False)
    return r


def ours(r: Rehearsal, kind: str) -> list[Any]:
    """The documents of a kind that bear a marker."""
    rows = [
        row for table in TABLES[r.to][kind] for row in getattr(getattr(r, r.to), table).values()
    ]
    return [
        row
        for row in rows
        if (row.reference if r.to == "xero" else row.private_note).startswith("Keap order")
    ]


def lost(r: Rehearsal, kind: str) -> str:
    """The id of what a run has sent of a kind that ended before it was answered."""
    place, sent = between(r)[r.to], SENT[r.to][kind]
    trouble = Trouble("after", killed=KeyboardInterrupt)
    if r.to == "xero":
        trouble.method, trouble.path = "PUT", sent
    else:
        trouble.text = sent
    place.planned = [trouble]
    attempt(r)
    place.planned = []
    (made,) = ours(r, kind)
    return str(made.id)


@pytest.mark.parametrize("seconds", [0, 3600])
@pytest.mark.parametrize("kind", ["invoice", "credit", "refund"])
def test_what_was_renumbered_before_its_run_is_taken_up_again_is_there_once(
    forgetful: Rehearsal, kind: str, seconds: int
) -> None:
    """At once, while its key is young, or later, when everything is judged anew."""
    r = forgetful
    order = r.order(CANDLE)
    if kind != "invoice":
        paid = r.keap.add_payment(order_id=order, amount="60.00")
        r.sync()
        if kind == "credit":
            r.keap.add_payment(order_id=order, amount="40.00", type="Credit")
        else:
            r.keap.add_refund(paid.id, "40.00")
    made = lost(r, kind)
    renumber(r, made, "S-77")
    r.ticker.pass_time(seconds)

    r.sync()
    r.sync()

    assert [row.id for row in ours(r, kind)] == [made]
    with r.state() as state:
        assert [record.document.order_id for record in state.records_at([made])] == [order]


def test_what_was_renumbered_is_there_once_though_its_row_of_the_changes_makes_no_sense(
    forgetful: Rehearsal,
) -> None:
    r = forgetful
    r.order(CANDLE)
    made = lost(r, "invoice")
    renumber(r, made, "S-77")
    rows = Spoilt(r, made)

    r.sync()
    r.sync()

    assert rows.rows
    assert [row.id for row in ours(r, "invoice")] == [made]


@pytest.mark.parametrize("r", ["qbo"], indirect=True)
@pytest.mark.parametrize("edited", ["memo", "reference"])
@pytest.mark.parametrize("since", ["no time", "an hour", "the state was lost"])
def test_payments_that_were_edited_before_anybody_heard_of_them_are_there_once(
    forgetful: Rehearsal, since: str, edited: str
) -> None:
    """Somebody adds to the memo, or puts a cheque's number in place of the reference, neither of
    which can be done in Xero. Of two that are alike each is found; a third is another payment."""
    r = forgetful
    order = r.order(CANDLE)
    r.sync()
    paid = [r.keap.add_payment(order_id=order, amount=amount) for amount in ("20", "20", "15")]
    killed = Trouble("after", text='"Payment": ?{', killed=KeyboardInterrupt)
    if since != "the state was lost":
        place = between(r)["qbo"]
        place.planned = [killed]
        attempt(r)
        place.planned = []
    else:
        r.sync()
        lose_state(r)
    for row in list(r.qbo.payments.values()):
        if edited == "memo":
            r.qbo.edit(row.id, PrivateNote=f"{row.private_note}; asked by phone")
        else:
            r.qbo.edit(row.id, PaymentRefNum=f"cheque {row.id}")
    r.ticker.pass_time(0 if since == "no time" else 3600)

    r.sync()
    assert len(r.qbo.payments) == len(paid)
    r.keap.add_payment(order_id=order, amount="20")
    r.sync()

    assert sorted(row.total for row in r.qbo.payments.values()) == [15, 20, 20, 20]
