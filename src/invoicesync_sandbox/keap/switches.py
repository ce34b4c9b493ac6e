"""What is not known for sure about Keap: each open question is one switch."""

from dataclasses import dataclass
from typing import Literal

DiscountStyle = Literal["negative_price", "positive_price", "discount_figure", "both"]


@dataclass(frozen=True)
class KeapSwitches:
    """How this Keap behaves where the vendor's documents are silent. Read at every request."""

    # Discount lines: a price of -10, a price of 10, a price of 0 with 10 in `discount`, or a
    # price of -10 with 10 in `discount`. A line entered with a `discount` figure keeps it.
    discount_style: DiscountStyle = "negative_price"

    # The sign in which an app has to send the price of a discount line: the vendor's document asked
    # for one that is not negative until it was silent about it, from March 2026 on.
    discount_created_as: Literal["either", "negative", "positive"] = "either"
    # What a new person has to have: an e-mail, a phone or an address (the document of REST v2), or
    # one of the first two (what REST v1 was heard to say).
    contact_needs: Literal["any_address", "email_or_phone"] = "any_address"

    # Fractions of cents in the price of a line: left out, as the whole number in the vendor's
    # document has it, or shown.
    price_fractions: Literal["rounded", "exact"] = "rounded"

    # Refund rows, in the payments of the account and of an order.
    refund_sign: Literal["negative", "positive"] = "negative"
    refund_type: Literal["refund", "as_paid"] = "refund"
    # Which of the two payments names the other in `refund_payment_id`.
    refund_link: Literal["on_original", "on_refund"] = "on_original"
    # Which of the two rows of an order names the other in `refund_invoice_payment_id`.
    refund_allocation_link: Literal["on_refund", "on_original"] = "on_refund"
    refund_status_values: Literal["words", "codes"] = "words"
    total_paid_net_of_refunds: bool = False
    # `total_due` is the order's total, or what has fallen due by today.
    total_due: Literal["order_total", "fallen_due"] = "order_total"
    # The unit of the amounts in an order's own list of payments.
    allocation_unit: Literal["major", "minor"] = "major"
    # Whether a voided payment still has its row among the payments of the account.
    voided_payments_listed: bool = True

    # PAID or SENT, always DRAFT (an order that nobody sent), or null (the Max Classic edition).
    order_status: Literal["by_payment", "draft", "absent"] = "by_payment"
    # `invoice_number`: null, or the invoice's id (the Pro and Max editions).
    invoice_number: Literal["absent", "invoice_id"] = "absent"
    # Whether an order without instalments has a payment plan of one item.
    one_item_plans: bool = True
    number_of_payments_counts_initial: bool = False

    payment_touches_order: bool = False
    deleted_order_keeps_payments: bool = False

    # Time filters.
    bounds: Literal["inclusive", "exclusive"] = "inclusive"
    created_filter_reads: Literal["creation_time", "order_time"] = "creation_time"
    payment_filter_reads: Literal["payment_time", "update_time"] = "payment_time"
    milliseconds_required: bool = True

    # A field without a value: null, or left out.
    empty_fields: Literal["null", "absent"] = "null"

    # Lists.
    default_page_size: int = 50
    page_size_zero: Literal["default", "empty"] = "default"
    default_order: Literal["asc", "desc"] = "asc"
    end_of_list: Literal["absent", "empty", "null"] = "empty"
    # Whether the cursor keeps its place by value, or counts rows (which move when rows change).
    cursor: Literal["value", "count"] = "value"
    # `next_page_token`: a token, or the whole address of the next page, in which the token is.
    token_style: Literal["opaque", "url"] = "url"  # noqa: S105 - of pages
    # The longest list that `ids`, `order_ids` and the like take.
    max_listed_ids: int | None = None
    contact_fields: tuple[str, ...] = ("id", "given_name", "family_name")
    unknown_contact_fields: Literal["refused", "ignored"] = "refused"

    # The gateway.
    quota_body: Literal["fault", "code"] = "fault"
    retry_after: bool = False
    blank_quota_headers: bool = False

    # Whether the signed-in user's own data names the account; the headers do in either case.
    userinfo_tenant: bool = True

    # Whether consent may lead back to http://localhost; the vendor's guide wants HTTPS.
    localhost_redirect: bool = False
