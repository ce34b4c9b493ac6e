"""What is not known for sure about Intuit: each open question is a switch with both answers."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True)
class QboSwitches:
    """How this QuickBooks behaves where what is known of the vendor leaves a choice.

    The defaults are the likelier answers. Amounts are major units.
    """

    # Sign-in
    invalid_client_status: Literal[400, 401] = 401
    """Of a token request with a wrong client id or secret; both have been seen."""

    # Limits
    minute_window: Literal["fixed", "sliding"] = "fixed"
    """Whether the minutes of the limits follow one another, or each call looks back over one."""
    batch_costs_a_request: bool = True
    """Whether a batch counts against the 500 requests a minute as well as the 40 batches."""
    burst: Literal["second", "concurrent"] = "second"
    """Whether 10 is the number of calls in a second, or of those in progress at once."""
    retry_after: bool = False
    """Whether an answer over a limit carries `Retry-After`."""
    throttle_body: Literal["xml", "json", "gateway"] = "xml"
    """The body over a limit: XML whatever was asked for, business JSON, or the gateway's JSON."""
    throttle_status: Literal[429, 403] = 429

    # Request ids
    requestid_hours: float | None = None
    """How long a request id is remembered; None for ever."""
    request_ids_kept: int | None = None
    """How many of the last request ids (of a batch, of its items) are remembered; None for all."""
    working_id: Literal["refused", "ignored"] = "refused"
    """What the request id of one that is being worked on gets: a 600, or it is worked on too."""
    changed_body: Literal["replay", "refuse"] = "replay"
    """What another body under a known request id gets: the first answer, or a 600."""
    replays: bool = True
    """Whether a known request id gets its first answer; otherwise a 600."""
    faults_replayed: bool = False
    """Whether a refusal is an answer to be repeated; otherwise the request is tried anew."""

    # Reading
    longest_query: int | None = None
    """Characters that a statement may have; None for no limit."""
    creation_queried: bool = True
    """Whether a query may have a condition on `MetaData.CreateTime`."""
    max_results_clipped: bool = False
    """Whether MAXRESULTS over 1000 gives 1000 rows; otherwise it is refused."""
    batch_objects_beyond: Literal["fault", "truncate"] = "fault"
    """What happens to the item of a batch that takes the answer beyond 1000 objects."""
    inactive_found_by: Literal["shown", "plain"] = "shown"
    """The name by which a query finds an inactive row: with ` (deleted)`, or without."""
    names_escaped: bool = False
    """Whether `&`, `<`, `>` and quotes in names are answered as HTML entities."""

    # Names
    duplicate_name_detail: Literal["null", "words"] = "null"
    """The detail of 6240: `: null`, or the older sentence."""
    inactive_names_reserved: bool = True
    one_name_at_a_time: bool = False
    """Whether writes of names that overlap in time are refused, items likewise."""
    longest_display_name: int = 500
    """500 as documented now, 100 as documented for long."""
    no_name_code: Literal["6080", "2020"] = "6080"
    bad_email_code: Literal["2210", "6000"] = "2210"
    expense_account_required: bool = False
    """Whether an item needs an expense account, as in some regions."""

    inactive_reference_code: Literal["610", "6000"] = "610"
    """Of a document that uses an inactive customer, item or account; both have been seen."""

    # Documents
    long_number_code: Literal["2050", "6000"] = "2050"
    """Of a document number of more than 21 characters."""
    duplicate_numbers_checked: Literal["always", "custom"] = "always"
    """Whether the warning about duplicate numbers needs custom numbers to be on."""
    zero_total_refused: bool = False
    closed_period_code: Literal["6210", "6200"] = "6210"
    batch_void: Literal["heeded", "ignored", "refused"] = "heeded"
    """What becomes of an item of a batch with the option `void`: what it says; an update without
    any change; or nothing."""
    linked_deletable: bool = False
    """Whether an invoice with payments can be deleted, which leaves their money unapplied."""
    tax_recalculated_on_update: bool = False
    """Whether a sparse update without `TxnTaxDetail` works the tax out anew."""
    currency_required: bool = True
    """Whether documents need a `CurrencyRef` where several currencies are in use."""

    discount_lines_keep_class: bool = True
    """Whether QuickBooks' own discount line keeps the class that is sent with it."""

    # Tax in the United States
    override_needs_tax_code: bool = False
    """Whether a `TotalTax` is heard only along with a `TxnTaxCodeRef`."""
    override_without_taxable_line: Literal["refuse", "ignore"] = "refuse"
    shipping_taxed: Literal["code", "state"] = "code"
    """Whether shipping bears automated tax by its line's code, or as the state has it."""
    tax_off_code: Literal["6470", "6000"] = "6470"
    """Of a document with tax in a company that has sales tax switched off."""

    # Tax elsewhere
    global_tax_calculation_required: bool = True
    """Whether a document has to say how its amounts include tax; otherwise `TaxExcluded`."""
    tax_override_tolerance: Decimal | None = Decimal("1.00")
    """How far a tax line may be from the amount worked out; None for any distance."""
    tax_override_beyond: Literal["refuse", "recompute"] = "refuse"
    inclusive_total: Literal["net", "gross"] = "net"
    """What a tax-inclusive form adds up: the net amounts and the tax on them, or what the lines
    say including tax."""
    discount_line_taxed: Literal["spread", "own-code"] = "spread"
    """Whether a discount lowers the taxable amounts in proportion, or those of its own code."""
    discount_line_needs_tax_code: bool = False

    # Payments
    over_applied: Literal["unapplied", "refuse"] = "unapplied"
    """What a payment of more than an invoice's open balance comes to: the rest stays with the
    customer (as two live companies did), or it is refused."""
    over_applied_text: str = "The amount you're applying is more than the open balance."
    """What is said about money beyond an invoice's balance; the vendor's words are unknown."""
    other_customer_payment: Literal["refuse", "unapplied"] = "refuse"
    """What a payment for another customer's invoice comes to."""
