"""QuickBooks Desktop: credits and refunds whose answers or records are lost, where a document of
theirs was voided."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode, TryLater
from invoicesync_cli.model import DocumentKind, DocumentState, Reason, share_key
from invoicesync_cli.sync import Result
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbd import QbdSwitches
from tests.kits.lost_state import lose_state
from tests.kits.qbd_shop import desktop, run
from tests.kits.rehearsal import Rehearsal
from tests.kits.undoing import send_again, take_back

FORTY = Decimal("40.00")
MEMO, PAY_OUT = "<CreditMemoAddRq", ("<CheckAddRq", "<ARRefundCreditCardAddRq")
Send = Callable[[Rehearsal], Result]


@pytest.fixture(params=["kept", "replaced"])
def switches(request: pytest.FixtureRequest) -> QbdSwitches:
    """What a void leaves of a memo is not known, nor how often an id is taken; of a message nothing
    is remembered."""
    refused: Any = "refused" if request.param == "kept" else "accepted"
    return QbdSwitches(void_memo=request.param, guid_twice=refused, message_sets_kept=0)


@pytest.fixture(params=["", "Visa"], ids=["check", "card"])
def shop(tmp_path: Path, switches: QbdSwitches, request: pytest.FixtureRequest) -> Rehearsal:
    """An order of 100.00 that is paid by card; 40.00 were given back."""
    rehearsal = desktop(tmp_path, switches, **{"qbd.refund_method": request.param})
    paid = rehearsal.keap.add_payment(
        order_id=rehearsal.order(), amount="100.00", type="Credit Card"
    )
    rehearsal.sync()
    rehearsal.keap.add_refund(paid.id, FORTY)
    return rehearsal


def pay_outs(shop: Rehearsal) -> list[Any]:
    """All of them, the oldest first."""
    return [*shop.qbd.checks.values(), *shop.qbd.card_refunds.values()]


def undone(shop: Rehearsal) -> Send:
    """Everything is taken back."""
    take_back(shop)
    return send_again


def voided(shop: Rehearsal, *ids: str) -> Send:
    """Somebody voids these, and a run has seen it."""
    for ident in ids:
        shop.qbd.void(ident)
    shop.ticker.pass_time(8 * 24 * 3600)
    assert shop.sync().exit_code == ExitCode.NEEDS_PERSON
    return lambda shop: shop.sync(
        command="sync-id", ids=tuple(shop.keap.orders), by="order", recreate=True
    )


def pay_out_voided(shop: Rehearsal) -> Send:
    """The pay-out alone."""
    return voided(shop, pay_outs(shop)[0].id)


def both_voided(shop: Rehearsal) -> Send:
    """The pay-out and its credit memo."""
    return voided(shop, pay_outs(shop)[0].id, *shop.qbd.credit_memos)


def dies_at(shop: Rehearsal, what: tuple[str, ...], send: Send) -> None:
    """Send, and let QuickBooks die before it has done anything of such a message."""
    honest = shop.qbd.request

    def dying(ticket: str, xml: str) -> str:
        if any(name in xml for name in what):
            shop.qbd.break_down("die", done=0)
        return honest(ticket, xml)

    shop.qbd.request = dying  # type: ignore[method-assign]
    with pytest.raises(TryLater):
        send(shop)
    shop.qbd.request = honest  # type: ignore[method-assign]
    shop.qbd.start()


@pytest.mark.parametrize("message", [1, 0], ids=["pay-out", "credit memo"])
def test_what_is_voided_while_its_answer_was_lost_is_not_made_again(
    shop: Rehearsal, message: int
) -> None:
    shop.qbd.break_down("die", after=message, done=1)
    assert isinstance(run(shop), TryLater)
    made = pay_outs(shop) if message else list(shop.qbd.credit_memos.values())
    shop.qbd.void(made[0].id)

    result = shop.sync()

    (held,) = [one for one in result.documents if one.kind is DocumentKind.REFUND]
    assert (held.state, held.reason) == (DocumentState.HELD, Reason.CHANGED_AFTER_SYNC)
    shop.sync()
    assert (len(shop.qbd.credit_memos), len(pay_outs(shop))) == (1, message)


@pytest.mark.parametrize(
    ("ending", "message"),
    [
        (undone, PAY_OUT),
        (undone, (MEMO,)),
        (pay_out_voided, PAY_OUT),
        (both_voided, PAY_OUT),
        (both_voided, (MEMO,)),
    ],
    ids=["undone", "undone, memo", "pay-out voided", "both voided", "both voided, memo"],
)
def test_what_is_made_anew_is_not_what_was_voided(
    shop: Rehearsal, ending: Callable[[Rehearsal], Send], message: tuple[str, ...]
) -> None:
    """Its message is lost on the way to QuickBooks; the next run sends it."""
    shop.sync()
    send = ending(shop)
    shop.ticker.pass_time(3600)
    dies_at(shop, message, send)

    shop.sync()

    assert [one.total for one in pay_outs(shop)] == [Decimal(0), FORTY]
    alive = [memo for memo in shop.qbd.credit_memos.values() if memo.total]
    assert [(memo.total, shop.qbd.balance(memo.id)) for memo in alive] == [(FORTY, Decimal(0))]
    assert shop.sync().exit_code == ExitCode.OK
    assert len(pay_outs(shop)) == 2


def test_credits_are_told_apart_by_their_numbers_when_the_state_is_lost(tmp_path: Path) -> None:
    """Both are of the same amount, and the older one was voided."""
    r = desktop(tmp_path)
    order = r.order(Item("OTHER", "100.00", name="Something"))
    first, second = (
        r.keap.add_payment(order_id=order, amount="10.00", type="Credit").id for _ in range(2)
    )
    r.sync()
    voided, left = r.qbd.credit_memos.values()
    r.qbd.void(voided.id)
    lose_state(r)

    r.sync()

    with r.state() as state:
        found = {item.key: item.document for item in state.payment_records([first, second])}
    of_first, of_second = (found[share_key(ident, order)] for ident in (first, second))
    assert (of_first.ledger_id, of_first.ended) == (voided.id, "ledger")
    assert (of_second.ledger_id, of_second.ended) == (left.id, "")
