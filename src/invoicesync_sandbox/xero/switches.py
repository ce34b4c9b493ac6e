"""What nobody outside Xero knows for sure: each open question is a switch with both answers."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class XeroSwitches:
    """Answers to the open questions; the defaults are the likelier ones.

    Sizes are bytes, times are minutes.
    """

    # Requests
    body_limit: int = 3_500_000
    """3,500,000 on older pages of the vendor, 10,000,000 on newer ones."""
    idempotency_minutes: int = 6
    """6 as documented, about 20 as measured once; 0 forgets a key at once."""
    idempotency_keys_kept: int | None = None
    """How many of the last keys are remembered; None for all that are young enough."""
    working_key: Literal["answered", "refused", "ignored"] = "answered"
    """What a request gets while one with its key is being worked on: that one's answer, as soon as
    it is there; a 409; or it is worked on as if it were another."""
    idempotency_error: Literal["problem", "exception"] = "problem"
    """Shape of the 400 for a key that is used again: like a 401, or like a validation error."""
    line_errors_on_document: bool = True
    """Whether a line's errors are repeated among the document's own."""
    scope_error_misspelt: bool = True
    """`insufficent_scope` as in the vendor's FAQ, or `insufficient_scope` as in the standard."""
    broad_scopes: bool = False
    """Whether the apps are old enough to ask for `accounting.transactions`."""
    loopback_address_redirect: bool = False
    """Whether an app may have http://127.0.0.1 as a redirect address, and not only localhost."""
    identity_counts: bool = False
    """Whether `/connections` counts against the limits."""
    app_minute_problem: Literal["appminute", "app-minute"] = "appminute"
    rate_limit_body: str = ""

    # Lists
    modified_since_inclusive: bool = True
    bad_modified_since_refused: bool = True
    """412 for an `If-Modified-Since` that cannot be read, or the header is ignored."""
    nothing_modified_status: Literal[200, 304] = 200

    # Documents
    voided_number_reusable: bool = False
    batch_numbers_checked: bool = True
    """Whether an invoice number is compared with those earlier in the same batch."""
    post_edits_by_number: bool = True
    """Whether POST with a number in use edits that invoice; otherwise it is refused."""
    zero_total_is_paid: bool = True
    negative_total_refused: bool = True
    total_checked: bool = False
    """Whether a `Total` that is not the sum of the lines is refused; otherwise it is ignored."""
    tax_capped_at_unit_amount: bool = False
    due_date_required: bool = False
    """Whether an approved invoice needs a due date; otherwise terms or the invoice date give it."""
    url_checked: bool = False
    draft_drops_unknown_account: bool = True
    """Whether a draft loses an unknown account with a warning; otherwise it is refused."""
    unknown_tracking_dropped: bool = True
    """Whether a line loses a tracking option that is not there without a word; otherwise it is
    refused."""
    lock_spares_drafts: bool = False
    lock_message_names_date: bool = False

    # Contacts inside documents
    archived_name_refused: bool = True
    """Whether a document naming an archived contact is refused; otherwise a contact is created."""
    document_updates_contact: bool = False
    """Whether further fields of a document's contact change that contact."""

    # Payments and credit
    payment_reference_limit: int | None = None
    """Characters that a payment's reference may have; None for any number."""
    reconciled_payment_deletable: bool = True
    credit_note_number_unique: bool = True
    allocation_date_honoured: bool = False
    """Whether an allocation keeps the date sent, or gets the later of the two documents' dates."""
    allocation_same_contact: bool = True
