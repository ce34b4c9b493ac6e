"""The states of a document and the reasons for them, each with the states that it may stand in."""

from enum import StrEnum
from typing import Self


class DocumentState(StrEnum):
    """What became of a document (rules, "Reasons and states")."""

    NEW = "new"
    SENDING = "sending"
    CREATED = "created"
    SKIPPED = "skipped"
    HELD = "held"
    WAITING = "waiting"
    FAILED = "failed"
    UNCHANGED = "unchanged"
    DISMISSED = "dismissed"
    UNDONE = "undone"

    @property
    def open(self) -> bool:
        """Whether the document still has to come to an end, by itself or by a person."""
        return self in {
            DocumentState.NEW,
            DocumentState.SENDING,
            DocumentState.HELD,
            DocumentState.WAITING,
            DocumentState.FAILED,
        }

    @property
    def needs_person(self) -> bool:
        """Whether the document makes a run end with exit code 3."""
        return self in {DocumentState.HELD, DocumentState.FAILED}

    @property
    def reasons(self) -> frozenset["Reason"]:
        """The reasons for which a document can come to stand in this state."""
        return frozenset(reason for reason in Reason if self in reason.states)


CREATED, SKIPPED, WAITING = DocumentState.CREATED, DocumentState.SKIPPED, DocumentState.WAITING
HELD, FAILED = DocumentState.HELD, DocumentState.FAILED

BETWEEN = frozenset({DocumentState.NEW, DocumentState.SENDING, DocumentState.DISMISSED})
"""States that a document passes through with the reason that it had, or will have."""


class Reason(StrEnum):
    """Why a document is in its state: the stable word of `--json`, and what a person has to know.

    `states` are those that the word may stand in, `meaning` says what is the case, `remedy` what to
    do about it, and `command` what to type then (`ID` is the invoice's id), blank for nothing.
    `docs/reasons.md` is made of this.
    """

    states: frozenset[DocumentState]
    meaning: str
    remedy: str
    command: str

    def __new__(
        cls, word: str, states: set[DocumentState], meaning: str, remedy: str, command: str
    ) -> Self:
        member = str.__new__(cls, word)
        member._value_ = word
        member.states = frozenset(states)
        member.meaning, member.remedy, member.command = meaning, remedy, command
        return member

    NONE = (
        "",
        {CREATED, SKIPPED, DocumentState.UNCHANGED, DocumentState.UNDONE},
        "There is nothing to say about it.",
        "Nothing.",
        "",
    )

    # --- skipped: a rule of the user's ----------------------------------------------------------

    ZERO_TOTAL = (
        "zero-total",
        {SKIPPED},
        "The order's total is zero, and `invoices.skip_zero_total` leaves such orders out.",
        "Nothing. To send it all the same, name it.",
        "invoicesync sync-id ID",
    )
    ALREADY_SYNCED = (
        "already-synced",
        {SKIPPED},
        "The ledger has the document already, with this order's marker.",
        "Nothing. If it was voided or deleted in the ledger and is to be made anew, say so.",
        "invoicesync sync-id ID --recreate",
    )
    ORDER_STATUS = (
        "order-status",
        {SKIPPED},
        "The invoice is paid (or unpaid), and `invoices.order_status` leaves such invoices out.",
        "Nothing. To send it all the same, name it.",
        "invoicesync sync-id ID",
    )
    BEFORE_START = (
        "before-start",
        {SKIPPED},
        "The invoice lies before `sync.start`.",
        "Nothing. To send it all the same, name it.",
        "invoicesync sync-id ID",
    )
    OVERPAYMENT = (
        "overpayment",
        {SKIPPED, CREATED},
        "The payment or credit is more than what is still due on the invoice.",
        "Book by hand what is not booked. Or, where nothing was booked, have the balance paid: set "
        "`payments.skip_overpayment = false` and try it again.",
        "invoicesync retry ID",
    )
    DUPLICATE_PAYMENT = (
        "duplicate-payment",
        {SKIPPED},
        "The ledger has this money already, though no record of this tool says that it was sent.",
        "Nothing, if it is the same money. Otherwise give the other one another reference in the "
        "ledger, then try it again.",
        "invoicesync retry ID",
    )
    PAYMENT_FAILED = (
        "payment-failed",
        {SKIPPED},
        "The charge failed or the payment was voided in Keap: no money came in.",
        "Collect the money in Keap. What is paid there later is booked by itself.",
        "",
    )
    PAYMENT_NOT_SYNCED = (
        "payment-not-synced",
        {SKIPPED},
        "It is a refund, and the payment that it gives back was never sent.",
        "See why the payment was not sent. If the ledger has both by hand, nothing.",
        "invoicesync explain ID",
    )
    INVOICE_NOT_SYNCED = (
        "invoice-not-synced",
        {SKIPPED, WAITING},
        "The invoice that this money is for is not in the ledger.",
        "When waiting, see to the invoice: the money follows it by itself. When skipped, nothing, "
        "or send the invoice; its money goes with it.",
        "invoicesync sync-id ID",
    )
    SETTING = (
        "setting",
        {SKIPPED},
        'It is a credit or a refund, and `payments.credits` or `payments.refunds` is `"skip"`.',
        "Nothing. To send it, change the setting, then try it again.",
        "invoicesync retry ID",
    )

    # --- waiting: settles by itself -------------------------------------------------------------

    UNPAID = (
        "unpaid",
        {WAITING},
        "The invoice is not paid yet, and `sync.mode` sends paid ones only.",
        "Nothing. It is sent with its payments once it is paid.",
        "",
    )
    LEDGER_BUSY = (
        "ledger-busy",
        {WAITING},
        "Somebody else has the contact or the document open in QuickBooks Desktop, and keeps it.",
        "Nothing, unless it stays: then have it closed there.",
        "invoicesync sync",
    )
    PLAN_DIFFERS = (
        "plan-differs",
        {WAITING},
        "The document is in a plan that was applied, and would be sent otherwise than it stands "
        "there.",
        "Look at what differs. The next `sync` sends it as it is now.",
        "invoicesync explain ID",
    )
    PAYMENT_PENDING = (
        "payment-pending",
        {WAITING},
        "The payment is still pending in Keap; or it is a refund, and the payment that it gives "
        "back is not sent yet.",
        "Nothing. It goes through once that payment has.",
        "",
    )
    INVOICE_NOT_APPROVED = (
        "invoice-not-approved",
        {WAITING},
        "The invoice is a draft in the ledger, which takes money on approved invoices only.",
        "Approve the invoice in the ledger. The next run books the money.",
        "invoicesync sync",
    )

    # --- held: needs a person -------------------------------------------------------------------

    NEGATIVE_TOTAL = (
        "negative-total",
        {HELD},
        "The total is negative, or the credit raises what is owed: no ledger has such a document.",
        "Enter it in the ledger by hand, then take it off the list.",
        "invoicesync dismiss ID --reason TEXT",
    )
    CONTACT_AMBIGUOUS = (
        "contact-ambiguous",
        {HELD},
        "Several contacts of the ledger could be the buyer.",
        "Put the id of the right one under `[contacts.pins]`.",
        "invoicesync lookup contacts NAME",
    )
    CONTACT_MISSING = (
        "contact-missing",
        {HELD},
        "The buyer is not in the ledger and none is created, or the buyer cannot be read in Keap.",
        "Create the contact in the ledger, name it under `[contacts.pins]`, or correct it in Keap.",
        "invoicesync sync",
    )
    CONTACT_ARCHIVED = (
        "contact-archived",
        {HELD},
        "The buyer's contact is archived or inactive in the ledger.",
        "Restore the contact, or put the id of another one under `[contacts.pins]`.",
        "invoicesync lookup contacts NAME",
    )
    NUMBER_TAKEN = (
        "number-taken",
        {HELD},
        "Another document in the ledger has the number.",
        "Look at that document first: it may be the same sale, entered by hand. The hint with the "
        "invoice says what to do then. Only if it is another sale, give it another number there.",
        "invoicesync explain ID",
    )
    TOTALS_DIFFER = (
        "totals-differ",
        {HELD},
        "Figures that have to agree do not: lines and total in Keap, the parts of a payment, or "
        "what was sent and what the ledger made of it. The message has both.",
        "Correct the figure that is wrong, in Keap or in the ledger.",
        "invoicesync sync",
    )
    CURRENCY_DIFFERS = (
        "currency-differs",
        {HELD},
        "The order is in another currency than the Keap account, or in one that the ledger does "
        "not have.",
        "Add the currency in the ledger, or enter the sale by hand and take it off the list.",
        "invoicesync dismiss ID --reason TEXT",
    )
    PERIOD_LOCKED = (
        "period-locked",
        {HELD, CREATED},
        "The document is dated on or before the day up to which the ledger is locked.",
        "Move the lock date in the ledger, then run the command again. Or enter it by hand and "
        "take it off the list.",
        "invoicesync sync",
    )
    ACCOUNT_UNKNOWN = (
        "account-unknown",
        {HELD},
        "An account that a line or payment goes to does not exist, or cannot be used for that.",
        "Correct the item's account in the ledger, or choose another account in the config.",
        "invoicesync lookup accounts",
    )
    TAX_CODE_UNKNOWN = (
        "tax-code-unknown",
        {HELD},
        "The ledger cannot tax the document with the tax codes that are set.",
        "Correct the tax codes in the config, or the sales tax settings in the ledger.",
        "invoicesync lookup taxes",
    )
    ITEM_MISSING = (
        "item-missing",
        {HELD},
        "An item that a line names does not exist in the ledger, or is inactive.",
        "Create it or make it active again, or name another one in the config.",
        "invoicesync lookup items",
    )
    CHANGED_AFTER_SYNC = (
        "changed-after-sync",
        {HELD},
        "It was changed, voided or deleted after it was booked, in Keap or in the ledger; or the "
        "ledger's answer about it makes no sense any more. Nothing was overwritten. The message "
        "says what differs.",
        "Change the other side if it should follow, and take this off the list; or take the change "
        "back. What was voided or deleted in the ledger is made anew by `sync-id ID --recreate`.",
        "invoicesync dismiss ID --reason TEXT",
    )
    OUTCOME_UNKNOWN = (
        "outcome-unknown",
        {HELD},
        "It was sent, and the answer does not say whether the ledger has it.",
        "Run it again: the ledger is asked first, and nothing is sent twice.",
        "invoicesync sync",
    )
    AMBIGUOUS = (
        "ambiguous",
        {HELD},
        "The ledger has it more than once: with this order's marker, or as a payment with the same "
        "reference, made on another machine or by hand; or `adopt` has found several documents "
        "that could be it, and nothing is sent until that is clear.",
        "Void or delete those that are too many in the ledger: the next run goes on with the "
        "one left. Of those that `adopt` has found, mark the right one as its hint says.",
        "invoicesync adopt",
    )

    NUMBER_TOO_LONG = (
        "number-too-long",
        {HELD},
        "The number that it would get is longer than the ledger holds. Nothing is ever cut off.",
        "Use a shorter `invoices.number_prefix`; or enter it by hand and take it off the list.",
        "invoicesync dismiss ID --reason TEXT",
    )

    # --- created, though not by this tool -------------------------------------------------------

    ADOPTED = (
        "adopted",
        {CREATED},
        "The ledger had it already, entered by hand or by another program, and `adopt` has linked "
        "it: nothing was sent, and what comes later finds it.",
        "Nothing.",
        "",
    )

    # --- created: what `undo` and `approve` leave alone ---------------------------------------

    RECONCILED = (
        "reconciled",
        {CREATED},
        "The money is reconciled with the bank, or part of a bank deposit, so that it was not "
        "taken back, nor anything that hangs on it.",
        "Take it out of the deposit, or undo the reconciliation, in the ledger; then run the "
        "command again.",
        "invoicesync undo --id ID",
    )
    CHANGED_IN_LEDGER = (
        "changed-in-ledger",
        {CREATED},
        "Somebody else has changed it in the ledger since, or has put money onto it. It was left "
        "as it is.",
        "Look at it in the ledger and finish it there by hand; or take the change back, then run "
        "the command again.",
        "invoicesync explain ID",
    )

    # --- failed ---------------------------------------------------------------------------------

    REJECTED = (
        "rejected",
        {FAILED},
        "The ledger refused it, or it cannot be read in Keap. The message has the reason given.",
        "Correct what is wrong. It is sent again once it has changed, or at once by name.",
        "invoicesync retry ID",
    )
    NOT_FOUND = (
        "not-found",
        {FAILED},
        "Keap has no such order or invoice, or no longer.",
        "Check the id: `--by order` for an order's. Of one that was deleted in Keap nothing was "
        "sent; take it off the list.",
        "invoicesync dismiss ID --reason TEXT",
    )

    def meaning_in(self, state: DocumentState) -> str:
        """What is the case with a document that has this reason in this state."""
        return f"{self.meaning} {IN_STATE.get((self, state), '')}".rstrip()

    def may_stand_in(self, state: DocumentState) -> bool:
        """Whether a document in this state can have this reason."""
        return state in self.states or state in BETWEEN


IN_STATE = {
    (Reason.OVERPAYMENT, SKIPPED): "Nothing of it was booked.",
    (Reason.OVERPAYMENT, CREATED): "The balance was paid, and the rest was not booked.",
    (Reason.INVOICE_NOT_SYNCED, WAITING): "It is still to come.",
    (Reason.INVOICE_NOT_SYNCED, SKIPPED): "It will not be sent.",
    (Reason.PERIOD_LOCKED, HELD): "It was not sent.",
    (Reason.PERIOD_LOCKED, CREATED): "It was neither taken back nor approved.",
}
"""What else is the case where a reason stands in several states."""


def check_reason(state: DocumentState, reason: Reason) -> None:
    """Raise `ValueError` where a document cannot be in this state for this reason."""
    if not reason.may_stand_in(state):
        raise ValueError(f"{state} for the reason {str(reason)!r}")
