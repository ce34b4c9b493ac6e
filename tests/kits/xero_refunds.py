"""Refunds in Xero whose answers are lost, and a Xero that forgets its keys."""

from decimal import Decimal
from typing import Any

from invoicesync_cli.errors import ExitCode
from invoicesync_sandbox.xero import XeroSwitches
from invoicesync_sandbox.xero.replays import XeroReplays
from tests.kits.rehearsal import Rehearsal


def switched(rehearsal: Rehearsal, **switches: Any) -> None:
    """Set switches, and let Xero keep keys by them."""
    rehearsal.xero.switches = XeroSwitches(**switches)
    rehearsal.xero.replays = XeroReplays(rehearsal.xero.switches)


def forgetful(rehearsal: Rehearsal) -> None:
    """Xero forgets every key at once."""
    switched(rehearsal, credit_note_number_unique=False, idempotency_minutes=0)


def order(rehearsal: Rehearsal, *payments: tuple[str, str], **more: Any) -> str:
    """An order of 100.00 with money on it: amount and type."""
    made = rehearsal.order()
    for amount, kind in payments:
        rehearsal.keap.add_payment(order_id=made, amount=amount, type=kind, **more)
    return made


def check_refunded(rehearsal: Rehearsal) -> None:
    """Forty were given back, once."""
    (note,) = rehearsal.xero.credit_notes.values()
    assert (note.total, note.remaining_credit) == (Decimal("40.00"), Decimal("0.00"))
    payments = [item for item in rehearsal.xero.payments.values() if item.status == "AUTHORISED"]
    assert sorted(item.amount for item in payments) == [Decimal("40.00"), Decimal("100.00")]
    writes = len(rehearsal.xero.writes())
    assert rehearsal.sync().exit_code == ExitCode.OK
    assert len(rehearsal.xero.writes()) == writes
