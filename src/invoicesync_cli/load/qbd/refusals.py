"""What a status of QuickBooks' means for one document that was sent."""

import re

from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.load.qbd.answers import Answer, Outcome
from invoicesync_cli.model import Reason

BUSY = 3.0
"""Seconds after which an object that somebody has open is tried again."""
NAMED = re.compile(r"QuickBooks (\w+) \"")
"""How QuickBooks says what a reference leads to that is not there."""
MISSING = {
    # Deleted, or out of use: the pipeline looks which.
    "Customer": Reason.CONTACT_ARCHIVED,
    "Entity": Reason.CONTACT_ARCHIVED,
    "Item": Reason.ITEM_MISSING,
    "Account": Reason.ACCOUNT_UNKNOWN,
    "ItemSalesTax": Reason.TAX_CODE_UNKNOWN,
    "SalesTaxCode": Reason.TAX_CODE_UNKNOWN,
}
AGAIN = {Outcome.IN_USE: BUSY, Outcome.STALE: 0.0, Outcome.NOT_PROCESSED: 0.0}
"""What was not done for a reason that passes, and the seconds to wait."""
DEPOSITED = "deposit"
"""What QuickBooks says of money that is in a bank deposit."""


def refused(answer: Answer) -> WriteResult:
    """The outcome of a request that was not carried out, in QuickBooks' words."""
    words = " ".join(f"{answer.words} ({answer.code})".split())
    found = answer.outcome
    if found in AGAIN:
        return WriteResult(words=words, reason=Reason.LEDGER_BUSY, again=AGAIN[found])
    if found is Outcome.NAME_TAKEN:
        return WriteResult(words=words, taken=True)
    if found is Outcome.PERIOD_LOCKED:
        return WriteResult(words=words, reason=Reason.PERIOD_LOCKED)
    named = NAMED.search(answer.words)
    if found is Outcome.NOT_FOUND and named:
        return WriteResult(words=words, reason=MISSING.get(named[1], Reason.REJECTED))
    return WriteResult(words=words)


def kept(answer: Answer) -> WriteResult:
    """The outcome of a request to void or delete something that is still there."""
    result = refused(answer)
    if DEPOSITED in answer.words.casefold():
        return WriteResult(words=result.words, reason=Reason.RECONCILED)
    if result.again is not None:
        return WriteResult(words=result.words, unclear=True)
    return result


def unknown(why: str) -> WriteResult:
    """Of an element of which neither the answer nor a look says what became of it."""
    return WriteResult(words=why, reason=Reason.OUTCOME_UNKNOWN)
