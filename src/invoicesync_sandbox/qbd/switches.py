"""What is not known for sure about QuickBooks Desktop: each open question with its answers."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class QbdSwitches:
    """How this QuickBooks behaves where what is known of it leaves a choice.

    The defaults are the likelier answers.
    """

    # Message sets
    stored_answer: Literal["recovery", "full"] = "recovery"
    """What the answer to a message that was done before has: the status of each request and its
    `ErrorRecovery`, or the whole object as it is now."""
    message_sets_kept: int | None = None
    """How many of an application's message sets are remembered; None for all."""
    unknown_query_stores: bool = False
    """Whether a status query for an unknown id stores the empty set, so that the real message has
    another checksum than what is stored."""
    half_done: Literal["stored", "not-processed", "forgotten"] = "stored"
    """What is remembered of a message in whose middle QuickBooks died: the requests that were
    done; those, and that the others were not; or nothing."""
    unstored: Literal["not-done", "done"] = "not-done"
    """Whether a message whose state could not be stored (9005) is carried out."""

    # Reading
    raw_letters: Literal["refused", "kept"] = "refused"
    """What becomes of letters that are no ASCII and stand in the message as they are."""
    nothing_by_id: Literal["500", "1"] = "500"
    """The status of a query for ids of which none is there."""

    # Lists
    inactive_referred_to: Literal["refused", "accepted"] = "refused"
    """What becomes of a transaction for an inactive customer or item."""

    # Transactions
    guid_twice: Literal["accepted", "refused"] = "accepted"
    """What becomes of a second object with the same `ExternalGUID`."""
    tax_line_in: Literal["subtotal", "tax"] = "subtotal"
    """Where the amount of a line with a sales tax item counts."""
    group_tax: Literal["sum", "each"] = "sum"
    """Whether a tax group's rates are added up before the tax is rounded, or each is rounded."""
    closed_code: Literal["3171", "3180"] = "3171"
    """Of a document in the closed period."""
    void_memo: Literal["kept", "replaced"] = "kept"
    """Whether the memo stands behind `VOID: ` in a voided transaction, or is gone."""

    # Sessions
    single_user_code: Literal["0x80040410", "0x80040422", "0x80040408"] = "0x80040410"
    """Of a session while somebody else has the file open in single-user mode."""
    death_code: Literal["0x80010105", "0x800706BA", "0x800706BE"] = "0x800706BE"
    """Of the call in which QuickBooks dies."""
