"""Which column of a merchant account's report is what.

The names are those of the reports as the services export them: Stripe's payout reconciliation and
balance reports (itemized) and its balance history, PayPal's activity download, Square's
transactions, Authorize.net's settled transactions. They are compared without case, blanks and
underscores.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class RowKind(StrEnum):
    """What a row of a report is about."""

    PAYMENT = "payment"
    """Money of a customer, in or (negative) back out: it has to be in the books."""
    FEE = "fee"
    """What the service takes, as a row of its own."""
    PAYOUT = "payout"
    """The payout itself, on its way to the bank."""
    OTHER = "other"
    """Money that moves within the account or has nothing to do with Keap: counts for the payout."""
    VOID = "void"
    """Nothing moved: declined, voided, authorised only."""


@dataclass(frozen=True)
class Columns:
    """The columns of a report; blank for one that it does not have.

    `references` are looked up in their order: the first that the books know is taken. `original` is
    that of the payment which a refund gives back.
    """

    references: tuple[str, ...]
    amount: str
    fee: str = ""
    net: str = ""
    payout: str = ""
    payout_date: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    currency: str = ""
    kind: str = ""
    status: str = ""
    original: str = ""


@dataclass(frozen=True)
class Layout:
    """A kind of report: its columns, and what the words in its column of kinds stand for.

    `kinds` maps beginnings of words (lower case) to kinds, the first that fits counts; what is not
    named is `unnamed`. `settled` are the words of a status that count, all when there are none.
    """

    name: str
    columns: Columns
    kinds: Mapping[str, RowKind] = field(default_factory=dict)
    unnamed: RowKind = RowKind.PAYMENT
    settled: tuple[str, ...] = ()
    signed: bool = True
    """Whether a refund's amount is negative in every such file."""


STRIPE_KINDS = {
    "charge": RowKind.PAYMENT,
    "payment": RowKind.PAYMENT,
    "refund": RowKind.PAYMENT,
    "partial_capture_reversal": RowKind.PAYMENT,
    "dispute": RowKind.PAYMENT,
    "payout": RowKind.PAYOUT,
    "transfer": RowKind.PAYOUT,
    "fee": RowKind.FEE,
    "stripe_fee": RowKind.FEE,
    "network_cost": RowKind.FEE,
    "tax": RowKind.FEE,
}
INTERNAL = (
    "general currency conversion",
    "account hold",
    "general hold",
    "payment hold",
    "payment review hold",
    "hold on",
    "reversal of general account hold",
    "reversal of acn hold",
    "payment review release",
    "payment release",
    "reserve hold",
    "reserve release",
    "general credit card deposit",
    "bank deposit",
)

LAYOUTS = (
    Layout(
        "Stripe",
        Columns(
            references=("source_id", "charge_id", "payment_intent_id", "balance_transaction_id"),
            amount="gross",
            fee="fee",
            net="net",
            payout="automatic_payout_id",
            payout_date=("automatic_payout_effective_at", "automatic_payout_effective_at_utc"),
            date=("created", "created_utc"),
            currency="currency",
            kind="reporting_category",
            original="charge_id",
        ),
        STRIPE_KINDS,
        unnamed=RowKind.OTHER,
    ),
    Layout(
        "Stripe",
        Columns(
            references=("Source", "id"),
            amount="Amount",
            fee="Fee",
            net="Net",
            payout="Transfer",
            payout_date=("Transfer Date (UTC)",),
            date=("Created (UTC)",),
            currency="Currency",
            kind="Type",
        ),
        STRIPE_KINDS,
        unnamed=RowKind.OTHER,
    ),
    Layout(
        "PayPal",
        Columns(
            references=("Transaction ID",),
            amount="Gross",
            fee="Fee",
            net="Net",
            date=("Date",),
            currency="Currency",
            kind="Type",
            status="Status",
            original="Reference Txn ID",
        ),
        {
            "user initiated withdrawal": RowKind.PAYOUT,
            "general withdrawal": RowKind.PAYOUT,
            "withdraw": RowKind.PAYOUT,
            "transfer to bank": RowKind.PAYOUT,
            "auto-sweep": RowKind.PAYOUT,
            "general authorization": RowKind.VOID,
            "authorization": RowKind.VOID,
            "order": RowKind.VOID,
            "partner fee": RowKind.FEE,
            "fee": RowKind.FEE,
            "chargeback fee": RowKind.FEE,
            **dict.fromkeys(INTERNAL, RowKind.OTHER),
        },
        settled=("completed", "refunded", "partially refunded", "reversed", "paid", "cleared"),
    ),
    Layout(
        "Square",
        Columns(
            references=("Payment ID", "Transaction ID"),
            amount="Total Collected",
            fee="Fees",
            net="Net Total",
            payout="Deposit ID",
            payout_date=("Deposit Date",),
            date=("Date",),
            kind="Event Type",
            original="Transaction ID",
        ),
    ),
    Layout(
        "Authorize.net",
        Columns(
            references=("Transaction ID",),
            amount="Settlement Amount",
            payout="Batch ID",
            payout_date=("Settlement Date/Time",),
            date=("Submit Date/Time", "Settlement Date/Time"),
            currency="Settlement Currency",
            kind="Transaction Status",
            original="Reference Transaction ID",
        ),
        {
            "settled": RowKind.PAYMENT,
            "refund settled": RowKind.PAYMENT,
            "credited": RowKind.PAYMENT,
        },
        unnamed=RowKind.VOID,
        signed=False,
    ),
)
"""The reports that are known by their columns, the more particular ones first."""


def folded(name: str) -> str:
    """A column's name as it is compared."""
    return "".join(name.replace("_", " ").split()).casefold()


def layout_of(header: list[str]) -> Layout | None:
    """The layout of a report with these columns; None for one that is not known."""
    known = set(map(folded, header))
    for layout in LAYOUTS:
        columns = layout.columns
        needed = [columns.references[0], columns.amount, columns.kind]
        needed += [name for name in (columns.net, columns.payout, columns.status) if name]
        if known.issuperset(map(folded, needed)):
            return layout
    return None
