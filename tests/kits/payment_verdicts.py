"""Verdicts on the money of an order, for tests of them as functions."""

from typing import Any

from invoicesync_cli.model import Payment, PaymentDraft, PaymentKind
from invoicesync_cli.transform.allocations import OrderPayments
from invoicesync_cli.transform.payments import Verdict, judge
from invoicesync_cli.transform.settings import DraftSettings
from invoicesync_cli.transform.verdicts import Skip
from tests.kits.keap_side import payment
from tests.kits.ledger_side import rules

ON_ITS_DAY = rules()


def credit(amount: str, number: str = "1", **fields: Any) -> Payment:
    """A credit that Keap stores as a payment."""
    return payment(amount, number, **{"kind": PaymentKind.CREDIT, "type": "Credit", **fields})


def refund(amount: str, number: str = "2", **fields: Any) -> Payment:
    """Money given back."""
    return payment(amount, number, **{"kind": PaymentKind.REFUND, "type": "Refund", **fields})


def verdicts(made: OrderPayments, by: DraftSettings = ON_ITS_DAY) -> list[Verdict]:
    """The verdicts, each of which is either a draft or a ground."""
    found = judge(made, by)
    assert all((one.draft is None) != (one.skip is None) for one in found)
    return found


def sent(made: OrderPayments, by: DraftSettings = ON_ITS_DAY) -> PaymentDraft:
    """The only draft."""
    (found,) = verdicts(made, by)
    assert found.draft, found.skip
    return found.draft


def left(made: OrderPayments, by: DraftSettings = ON_ITS_DAY) -> Skip:
    """The only ground; nothing is sent."""
    (found,) = verdicts(made, by)
    assert found.skip
    assert found.unbooked == 0
    return found.skip


def reported(made: OrderPayments, by: DraftSettings = ON_ITS_DAY) -> list[str]:
    """Each verdict: id and amount, or id and reason."""
    return [
        f"{one.share.payment.id} {one.draft.amount if one.draft else one.skip and one.skip.reason}"
        for one in verdicts(made, by)
    ]
