"""The last table of the rules: which reason may stand in which state."""

import pytest

from invoicesync_cli.model import Document, DocumentState, Reason
from invoicesync_cli.model.reasons import check_reason
from invoicesync_cli.state.codec import load
from invoicesync_cli.transform.verdicts import Skip

TABLE = {
    DocumentState.SKIPPED: "zero-total already-synced order-status before-start overpayment "
    "duplicate-payment payment-failed payment-not-synced invoice-not-synced setting",
    DocumentState.WAITING: "unpaid payment-pending invoice-not-approved invoice-not-synced "
    "plan-differs ledger-busy",
    DocumentState.HELD: "negative-total contact-ambiguous contact-missing contact-archived "
    "number-taken totals-differ currency-differs period-locked account-unknown tax-code-unknown "
    "item-missing changed-after-sync outcome-unknown ambiguous number-too-long",
    DocumentState.CREATED: "overpayment adopted period-locked reconciled changed-in-ledger",
    DocumentState.UNDONE: "",
    DocumentState.FAILED: "rejected not-found",
}
"""The table."""
PAIRS = [
    pytest.param(state, reason, str(reason) in words.split(), id=f"{state}-{reason}")
    for state, words in TABLE.items()
    for reason in Reason
    if reason is not Reason.NONE
]


@pytest.mark.parametrize(("state", "reason", "allowed"), PAIRS)
def test_document_can_have_the_reasons_of_its_state_only(
    state: DocumentState, reason: Reason, allowed: bool
) -> None:
    assert (reason in state.reasons) is allowed
    if allowed:
        check_reason(state, reason)
        assert Skip(state, reason, "").state is state
        return
    with pytest.raises(ValueError, match=f"{state} for the reason '{reason}'"):
        check_reason(state, reason)
    with pytest.raises(ValueError, match=str(state)):
        Skip(state, reason, "")


@pytest.mark.parametrize(
    "state", [DocumentState.NEW, DocumentState.SENDING, DocumentState.DISMISSED]
)
def test_document_that_is_passing_through_keeps_its_reason(state: DocumentState) -> None:
    for reason in Reason:
        check_reason(state, reason)


@pytest.mark.parametrize("state", [DocumentState.HELD, DocumentState.WAITING, DocumentState.FAILED])
def test_document_that_is_kept_back_says_why(state: DocumentState) -> None:
    with pytest.raises(ValueError, match=str(state)):
        check_reason(state, Reason.NONE)


def test_pair_that_an_older_version_wrote_is_read() -> None:
    text = '{"kind":"payment","state":"waiting","reason":"period-locked","order_id":"1"}'

    assert load(Document, text).reason is Reason.PERIOD_LOCKED


@pytest.mark.parametrize(
    ("reason", "state", "said"),
    [
        (Reason.INVOICE_NOT_SYNCED, DocumentState.WAITING, "ledger. It is still to come."),
        (Reason.INVOICE_NOT_SYNCED, DocumentState.SKIPPED, "ledger. It will not be sent."),
        (Reason.PERIOD_LOCKED, DocumentState.HELD, "locked. It was not sent."),
        (Reason.PERIOD_LOCKED, DocumentState.DISMISSED, "the ledger is locked."),
        (Reason.UNPAID, DocumentState.WAITING, "sends paid ones only."),
    ],
)
def test_only_what_goes_for_the_state_is_said(
    reason: Reason, state: DocumentState, said: str
) -> None:
    assert reason.meaning_in(state).endswith(said)
