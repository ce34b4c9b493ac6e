"""What QuickBooks' faults mean for one document, and what to do about each."""

from typing import NamedTuple

from invoicesync_cli.load.ledger import WriteResult
from invoicesync_cli.load.qbo.client import company_closed
from invoicesync_cli.load.qbo.schemas import Fault
from invoicesync_cli.model import Reason

PASSING = (
    ("one name at a time", 2.0),
    ("one product or service at a time", 2.0),
    ("please wait a few minutes", 20.0),
    ("throttleexceeded", 60.0),
)
"""Phrases of refusals that pass by themselves, and how many seconds to wait for each."""
PASSING_CODES = {"3001": 60.0, "5010": 2.0, "130": 2.0}
UNCLEAR = {"600", "10000", ""}
"""Codes after which only a look at the ledger shows what became of the element: its id is known,
something broke inside, or no code can be read."""
TAKEN = {"6140", "6240"}
TAKEN_PHRASES = ("duplicate document number", "duplicate name exists")

BY_CODE = {
    "610": Reason.CONTACT_ARCHIVED,
    "6200": Reason.PERIOD_LOCKED,
    "6210": Reason.PERIOD_LOCKED,
    "6100": Reason.TAX_CODE_UNKNOWN,
    "6160": Reason.TAX_CODE_UNKNOWN,
    "6170": Reason.TAX_CODE_UNKNOWN,
    "6470": Reason.TAX_CODE_UNKNOWN,
    "6250": Reason.CONTACT_MISSING,
    "6430": Reason.ACCOUNT_UNKNOWN,
}


class Phrase(NamedTuple):
    """Words of a refusal, the reason that they stand for, and where they were seen."""

    words: str
    reason: Reason
    source: str


CODES = "Intuit's list of error codes"
FIXES = 'Intuit, "Fix common errors"'
MET = "met by public integrations"
PHRASES = (
    Phrase("period has closed", Reason.PERIOD_LOCKED, CODES),
    Phrase("account period closed", Reason.PERIOD_LOCKED, CODES),
    # "a VAT rate", "a GST/HST rate", "a VAT/GST rate": each country has its own.
    Phrase(
        "rate before you save", Reason.TAX_CODE_UNKNOWN, "intuit/quickbooks-online-mcp-server#94"
    ),
    Phrase("while calculating tax", Reason.TAX_CODE_UNKNOWN, "ruckus/quickbooks-ruby#426"),
    # A payment of an invoice that was deleted: the code is that of an inactive customer.
    Phrase("has deleted this transaction", Reason.REJECTED, "finoptimal/fo_qbo, a batch of 2024"),
    # Ends so for accounts alone; for several kinds it goes on.
    Phrase("check the fields with accounts.", Reason.ACCOUNT_UNKNOWN, FIXES),
    Phrase("different type of account", Reason.ACCOUNT_UNKNOWN, MET),
    Phrase("currency of the transaction", Reason.CURRENCY_DIFFERS, MET),
    Phrase("has been made inactive", Reason.CONTACT_ARCHIVED, "recorded: batch-basic.yml"),
    Phrase("list element that has been deleted", Reason.CONTACT_ARCHIVED, "a company, August 2026"),
    Phrase("type of name assigned", Reason.CONTACT_MISSING, MET),
    Phrase("must select a customer", Reason.CONTACT_MISSING, MET),
)
"""Some of them come under several codes."""
BY_REFERENCE = (
    ("customer", Reason.CONTACT_MISSING),
    ("names", Reason.CONTACT_MISSING),
    ("item", Reason.ITEM_MISSING),
    ("taxcode", Reason.TAX_CODE_UNKNOWN),
    ("account", Reason.ACCOUNT_UNKNOWN),
)
"""What an "Invalid Reference Id" is about, by the name of its element."""

HINTS = {
    "6190": "Look at the company's subscription in QuickBooks.",
    "5020": "Give the user who signed in the right to do this in QuickBooks.",
    "5030": "Give the user who signed in the right to do this in QuickBooks.",
    "6000": "Correct in QuickBooks what it complains about, then: invoicesync retry",
    "610": "The document that it is for was deleted in QuickBooks; the next sync says which.",
    "2210": "Correct the contact's e-mail in Keap; the next sync goes on.",
    "2050": "Shorten the text that is too long, in Keap or in the config.",
    "6090": "Check the discount account under Account and settings > Sales in QuickBooks, or name "
    "a qbo.discount_item.",
    "6540": "It is in a bank deposit already: take it out of the deposit in QuickBooks first.",
    "6160": "In the United States choose a default sales tax rate in QuickBooks; elsewhere the tax "
    "code that has Keap's rate as qbo.taxable_code (invoicesync lookup taxes), or correct the tax "
    "in Keap. Then: invoicesync retry",
    "6470": "Switch sales tax on in QuickBooks; the next sync goes on.",
    "6100": "Set qbo.taxable_code and qbo.non_taxable_code: invoicesync lookup taxes lists them.",
    "6430": "Choose another account under [payments]: invoicesync lookup accounts lists them.",
    Reason.CONTACT_ARCHIVED: "Somebody or something on it has been made inactive in QuickBooks: "
    "make it active again; the next sync goes on.",
    Reason.TAX_CODE_UNKNOWN: "Check qbo.taxable_code and qbo.non_taxable_code (invoicesync "
    "lookup taxes) and the sales tax settings in QuickBooks.",
    Reason.ACCOUNT_UNKNOWN: "Choose another account: invoicesync lookup accounts lists them.",
    Reason.ITEM_MISSING: "Make the item active again in QuickBooks, or name another one under "
    "[qbo].",
    Reason.CONTACT_MISSING: "The customer is no longer in QuickBooks, or merged into another: the "
    "next sync matches the person anew.",
}
"""What to do, by code or else by reason."""


def refused(fault: Fault, trace: str) -> WriteResult:
    """The outcome of an element with a fault. Raises `TryLater` when nobody may work with the
    company at all."""
    code, words = _code(fault), fault.words or "QuickBooks gave no reason"
    traced = f"{words} ({code}; intuit_tid {trace})" if trace else f"{words} ({code})"
    if code == "6190":
        raise company_closed(traced)
    folded = words.casefold()
    wait = PASSING_CODES.get(code)
    for phrase, seconds in PASSING:
        if phrase in folded:
            wait = seconds
    if code in UNCLEAR and wait is None:
        return WriteResult(words=traced, unclear=True)
    reason = _reason(code, folded)
    return WriteResult(
        words=traced,
        reason=reason,
        hint=_hint(code, reason),
        taken=code in TAKEN or any(phrase in folded for phrase in TAKEN_PHRASES),
        again=wait,
    )


def _code(fault: Fault) -> str:
    """The code of the first error; blank when there is none that can be read."""
    return fault.known[0].code.lstrip("0") if fault.known else ""


def _hint(code: str, reason: Reason) -> str:
    """What to do; some codes may be anything, so that the reason says more where it is known."""
    if code in {"6000", "610"} and reason is not Reason.REJECTED:
        return HINTS.get(reason, "")
    return HINTS.get(code) or HINTS.get(reason, "")


def _reason(code: str, folded: str) -> Reason:
    for phrase in PHRASES:
        if phrase.words in folded:
            return phrase.reason
    if code == "2500":
        return next((reason for word, reason in BY_REFERENCE if word in folded), Reason.REJECTED)
    return BY_CODE.get(code, Reason.REJECTED)
