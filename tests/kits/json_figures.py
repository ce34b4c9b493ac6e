"""The shapes of what adds up: `report`, `verify`, and instalments."""

from typing import Annotated, Literal

from typing_extensions import TypedDict

from invoicesync_cli.model import DocumentKind
from invoicesync_cli.verify import What
from tests.kits.json_terms import (
    Amount,
    Calls,
    Count,
    Currency,
    Day,
    Document,
    Id,
    LedgerId,
    Moment,
    Month,
    Open,
    RunId,
    text,
)

Period = TypedDict("Period", {"from": Day | None, "until": Day | None})
Period.__doc__ = "First and last day; null where it is open."


class Sum(TypedDict):
    """How many documents, and what they come to."""

    count: Count
    net: Amount
    tax: Amount
    gross: Amount


class MonthSum(Sum):
    """The invoices of a month."""

    month: Month
    keap: Amount
    ledger: Amount
    explained: Annotated[Amount, text("What Keap has and the ledger has not, with a reason.")]


class AccountSum(Sum):
    """The lines on an account; in QuickBooks with an item."""

    account: str
    name: str


class CreditSum(AccountSum):
    """Credits and refunds on an account."""

    kind: DocumentKind


class TaxSum(TypedDict):
    """The lines with a tax code."""

    code: str
    name: str
    net: Amount
    tax: Amount


class MoneySum(TypedDict):
    """Money of one kind on an account."""

    account: str
    name: str
    kind: DocumentKind
    count: Count
    total: Amount
    types: Annotated[dict[str, Amount], text("By Keap's type of payment.")]


class RunLine(TypedDict):
    """A run in the period."""

    run: RunId
    at: Moment
    command: str
    status: str
    calls: Annotated[int, text("Requests to both services.", ge=0)]


class Verified(TypedDict):
    """The outcome of the last `verify`."""

    at: Moment
    period: Period
    differences: Count
    explained: Annotated[Count, text("Documents that the records account for.")]


class Figure(TypedDict):
    """How many documents, and what they come to."""

    count: Count
    total: Amount


class SideSum(TypedDict):
    """A kind of document on both sides: keap - explained - ledger is 0.00 without a difference."""

    kind: DocumentKind
    keap: Figure
    ledger: Figure
    explained: Figure
    differences: Count


class SideMonth(TypedDict):
    """The invoices of a month on both sides."""

    month: Month
    keap: Amount
    ledger: Amount
    explained: Amount


class Difference(TypedDict):
    """What is not the same on both sides; null for what a side does not have."""

    what: What
    kind: DocumentKind
    order_id: Id
    invoice_id: Id
    payment_id: Id
    number: Annotated[str, text("The document's number in the ledger, or money's reference.")]
    date: Annotated[Day | None, text("Keap's date; the ledger's where Keap has none.")]
    keap: Annotated[str | None, text("The compared figure, date or name.")]
    ledger: Annotated[str | None, text("The same in the ledger.")]
    ledger_id: LedgerId
    hint: str


class VerifyData(TypedDict):
    """Both sides of a period, held against each other."""

    period: Period
    currency: Currency
    sums: list[SideSum]
    months: list[SideMonth]
    foreign: Annotated[dict[str, Amount], text("What is in other currencies, by currency.")]
    differences: list[Difference]
    explained: list[Document]
    calls: Calls


class Instalment(TypedDict):
    """An instalment of a payment plan. Where it stands is of the day that this was asked on."""

    date: Annotated[Day, text("The day that it is due.")]
    amount: Annotated[Amount, text("The whole of it.")]
    paid: Annotated[Amount, text("What of it is paid, as Keap has it.")]
    left: Annotated[Amount, text("What is still to be paid.")]
    state: Literal["paid", "due", "overdue"]


class DueInstalment(Instalment):
    """An instalment of an invoice: the `place`th of `count`."""

    order_id: Id
    invoice_id: Id
    number: Annotated[str, text("The invoice's number in the ledger.")]
    contact: str
    place: Count
    count: Count


class ReportData(TypedDict):
    """The month-end statement."""

    period: Period
    currency: Currency
    months: list[MonthSum]
    sales: list[AccountSum]
    credits: list[CreditSum]
    tax: list[TaxSum]
    money: list[MoneySum]
    foreign: Annotated[dict[str, Amount], text("Totals in other currencies, by currency.")]
    instalments: Annotated[
        list[DueInstalment], text("Those of payment plans that are due in the period.")
    ]
    open: list[Open]
    runs: list[RunLine]
    verified: Verified | None
