"""What a write test asks when everything is written and taken back."""

from collections.abc import Sequence

from invoicesync_cli.load.qbd import found as there
from invoicesync_cli.load.qbd.answers import SET_DONE, Outcome
from invoicesync_cli.load.qbd.channel import MessageRefused
from invoicesync_cli.load.qbd.client import READING, DesktopClient
from invoicesync_cli.load.qbd.requests import message, request
from invoicesync_cli.load.qbd.write_test.results import OneWrite, OpenQuestion
from invoicesync_cli.load.qbd.write_test.taking_back import DELETED, LeftRow, TakenBack
from invoicesync_cli.load.qbd.writing import ALL

UNREAL = "invoicesync write test \u00e9"
"""A name with a letter that is no ASCII."""


def remembered(client: DesktopClient, keys: Sequence[str]) -> OpenQuestion:
    """How many messages QuickBooks remembers, of those that were sent under these ids."""
    known = 0
    for key in reversed(keys):
        answer = client.exchange(message([], key=key, old=key), ALL)
        if answer.status != SET_DONE:
            break
        known += 1
    how = f"all {known}" if known == len(keys) else f"the last {known} of {len(keys)}"
    return OpenQuestion("How many messages are remembered", how)


def raw_letters(client: DesktopClient) -> OpenQuestion:
    """Whether a letter may stand in a message as it is; asked by a query that finds nobody."""
    asked = request("CustomerQuery", {"FullName": "@"}, "1").replace("@", UNREAL)
    question = "Letters beyond ASCII as they are (we write them as numbers)"
    try:
        client.exchange(message([asked]), READING)
    except MessageRefused as why:
        return OpenQuestion(question, f"the whole message is refused ({why.message})")
    return OpenQuestion(question, "the message is taken")


def voided(rows: Sequence[LeftRow], back: TakenBack) -> list[OpenQuestion]:
    """What is left of transactions that were voided. `rows` are all that are there now."""
    memos = {row.txn_id: row.memo for row in back.rows if row.txn_type != DELETED}
    now = [row for row in rows if row.txn_id in memos]
    question = "The memo of a voided transaction"
    if not now:
        return [OpenQuestion(question, "there is none", settled=False)]
    row = now[0]
    if row.memo == f"{there.VOID} {memos[row.txn_id]}":
        return [OpenQuestion(question, "VOID: and what it was before")]
    said = f"{row.memo!r}; before it was {memos[row.txn_id]!r}"
    return [OpenQuestion(question, said, counted_on=row.memo.startswith(there.VOID))]


def deleted(client: DesktopClient, back: TakenBack) -> OpenQuestion:
    """How QuickBooks says that a payment was deleted."""
    question = "The status of a query for an id that was deleted"
    ended = [row.txn_id for row in back.rows if row.txn_type == DELETED]
    if not ended:
        return OpenQuestion(question, "no payment was deleted", settled=False)
    asked = request("ReceivePaymentQuery", {"TxnID": ended[0]}, "1")
    answer = next(iter(client.exchange(message([asked]), READING).answers), None)
    if answer is None:
        return OpenQuestion(question, "no answer", counted_on=False)
    fine = answer.outcome in {Outcome.NOTHING, Outcome.PARTIAL} and not answer.objects
    return OpenQuestion(question, f"{answer.code}: {answer.words}", counted_on=fine)


def speed(writes: Sequence[OneWrite]) -> OpenQuestion:
    """How long the writes took."""
    timed = [write.seconds for write in writes if write.seconds]
    spread = f"{min(timed):.2f} to {max(timed):.2f} s" if timed else "no time"
    return OpenQuestion("How long a message that writes takes", spread, settled=bool(timed))
