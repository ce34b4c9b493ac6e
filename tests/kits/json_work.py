"""The shapes of what works on documents: runs, lists of them, and `explain`."""

from typing import Annotated, Literal, NotRequired

from typing_extensions import TypedDict

from invoicesync_cli.model import Decision, DocumentKind, DocumentState, Draft, Reason
from invoicesync_cli.sync.invoices.changes import InvoiceSource
from tests.kits.json_figures import Instalment, Verified
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
    Open,
    Path,
    RunId,
    Service,
    text,
)


class Counts(TypedDict):
    """How many documents of a kind ended in each state in this run."""

    created: Count
    skipped: Count
    held: Count
    waiting: Count
    failed: Count
    unchanged: Count
    undone: NotRequired[Annotated[int, text("Taken back; of undo only.", ge=0)]]


class Totals(TypedDict):
    """What the invoices that the run created come to."""

    currency: Currency
    keap: Amount
    ledger: Amount


class Cursor(TypedDict):
    """The last order and invoice up to which every invoice is settled; blank before the first."""

    order_id: Id
    invoice_id: Id


class DayLimit(TypedDict):
    """The limit of a day that will not do for a run."""

    service: Annotated[str, text("Whose limit it is.")]
    left: Annotated[Count, text("Calls left today.")]
    days: Annotated[Count, text("About how many days it takes, with one run a day.")]


class Forecast(TypedDict):
    """What a run was expected to cost when its first orders were judged, from then on."""

    orders: Annotated[Count, text("Orders to read, from the first one that is to be sent on.")]
    invoices: Annotated[Count, text("Invoices to send.")]
    estimated: Annotated[bool, text("Whether only the first orders could be counted.")]
    calls: Calls
    seconds: Annotated[Count, text("The least time that the calls take under the limits.")]
    day: Annotated[DayLimit | None, text("The limit that will not do; null where all do.")]
    max_invoices: Annotated[
        Count | None,
        text("How many invoices the rest of the day has room for; null where it has for all."),
    ]


class RunData(TypedDict):
    """What a run did; with dry_run what it would do."""

    run: RunId
    dry_run: bool
    invoices: Counts
    payments: Counts
    credits: Counts
    refunds: Counts
    totals: Totals
    calls: Calls
    forecast: Annotated[
        Forecast | None, text("Of a run over new orders or a range; null where none is sent.")
    ]
    cursor: Cursor
    documents: Annotated[list[Document], text("Each one that was touched.")]


class DemoData(RunData):
    """What the demo's run did; with --keep where it can be looked at."""

    home: NotRequired[Path]
    environment: NotRequired[Annotated[dict[str, str], text("Variables to go on with.")]]


class Documents(TypedDict):
    """The documents that were taken off the open list."""

    documents: list[Document]


class Links(TypedDict):
    """Web pages for people; blank on the sandbox, and for what is not there."""

    keap: str
    ledger: str


class TodoDocument(Open):
    """A document that is open, with where people see it."""

    links: Links


class Group(TypedDict):
    """What is open in one state for one reason, of one currency."""

    state: DocumentState
    reason: Reason
    currency: Currency
    count: Count
    total: Amount


class TodoData(TypedDict):
    """What is open, group by group, the oldest first."""

    documents: list[TodoDocument]
    groups: list[Group]


class Entry(Document):
    """What was written down about a document, when and by which run."""

    at: Moment
    run: RunId


class LogData(TypedDict):
    """What happened, newest first."""

    entries: list[Entry]


class Connection(TypedDict):
    """One of the two services."""

    signed_in: bool
    name: str
    id: str
    hint: Annotated[str, text("The command that signs in; blank where somebody is.")]


class LastRun(TypedDict):
    """The newest run. Its status is that of its envelope, `running`, or `did not end`."""

    run: RunId
    at: Moment
    status: str


class InLedger(TypedDict):
    """What the ledger has of this tool's."""

    invoices: Count


class OpenCounts(TypedDict):
    """How many documents are in each of these states."""

    skipped: Count
    held: Count
    waiting: Count
    failed: Count


class ReasonCount(TypedDict):
    """How many are open in one state for one reason."""

    state: DocumentState
    reason: Reason
    count: Count


class StatusData(TypedDict):
    """How things stand, by the records: nobody is asked."""

    connections: Annotated[dict[Service, Connection], text("Keap and the ledger.")]
    processing: Literal["on", "off"]
    cursor: Cursor
    last_run: LastRun | None
    in_ledger: InLedger
    open: OpenCounts
    reasons: list[ReasonCount]
    warnings: Annotated[list[str], text("Such as of a mail that could not be sent.")]
    calls_left_today: Annotated[
        Calls, text("As the services said today; without those that did not.")
    ]
    verified: Verified | None
    next_run: Annotated[
        Moment | None, text("When the schedule starts the next one; null without one.")
    ]
    serves: Annotated[bool, text("Whether `serve` is installed, for QuickBooks' Web Connector.")]
    sandbox: Annotated[bool, text("Whether requests go to another place than the services' own.")]


class ProcessingData(TypedDict):
    """The processing switch, as it is now."""

    processing: Literal["on", "off"]


class LookupEntry(TypedDict):
    """An entry of a list of the ledger's; which fields there are besides depends on the list."""

    code: str
    id: LedgerId
    name: str
    sales: NotRequired[Annotated[bool, text("Whether invoices can use it.")]]
    payments: NotRequired[Annotated[bool, text("Whether payments can go there.")]]
    rate: NotRequired[Annotated[str, text("In per cent; blank where it depends.")]]
    account: NotRequired[str]
    email: NotRequired[str]
    archived: NotRequired[bool]
    category: NotRequired[Annotated[str, text("Of a tracking option.")]]


class LookupData(TypedDict):
    """One of the ledger's lists."""

    entries: list[LookupEntry]


class Payout(TypedDict):
    """A payout of the merchant account, or what was not paid out yet."""

    payout: str
    date: Day | None
    currency: Currency
    payments: Count
    total: Amount
    fees: Amount
    net: Amount
    deposit: Annotated[Amount | None, text("What the bank got, where the report says so.")]


class MatchedPayment(TypedDict):
    """A row of the report, and the payments in the books that it is."""

    payout: str
    reference: str
    amount: Amount
    fee: Amount
    net: Amount
    date: Day | None
    kind: DocumentKind
    documents: list[Document]


class UnmatchedPayment(TypedDict):
    """What is on one side only, or with another amount."""

    side: Literal["report", "books"]
    reference: str
    amount: Amount
    date: Day | None
    payout: str
    message: str
    documents: list[Document]


class MatchData(TypedDict):
    """A payout report against the payments that were booked."""

    source: Annotated[str, text("Whose report it is; blank where its columns were named.")]
    payouts: list[Payout]
    matched: list[MatchedPayment]
    unmatched: list[UnmatchedPayment]


class Money(Document):
    """Money of the invoice that is explained."""

    would_be: Annotated[bool, text("Whether it would be so now, and is not recorded so.")]
    in_ledger: Annotated[
        bool | None, text("Whether the ledger has it; null where nobody was asked.")
    ]


class StandingPayment(TypedDict):
    """A payment that the ledger has on the invoice."""

    id: LedgerId
    reference: str
    amount: Amount


class Standing(TypedDict):
    """The document in the ledger now; of one that is no longer there only `alive`."""

    id: NotRequired[LedgerId]
    number: NotRequired[str]
    total: NotRequired[Amount]
    tax: NotRequired[Amount]
    due: NotRequired[Amount]
    alive: bool
    approved: NotRequired[bool]
    payments: NotRequired[list[StandingPayment]]


class AsOf(TypedDict):
    """When each side was as it is shown."""

    records: Moment | None
    keap: Moment | None
    ledger: Moment | None


class Nothing(TypedDict):
    """Nothing to say."""


class ExplainData(TypedDict):
    """One invoice: what both sides have of it, and every decision about it."""

    document: Document
    now: Annotated[Document | None, text("What a run would make of it now, where that differs.")]
    keap: InvoiceSource | Nothing
    in_keap: Annotated[bool | None, text("Whether Keap still has it; null where nobody was asked.")]
    instalments: Annotated[
        list[Instalment], text("Of the order's payment plan; none where it is paid in one.")
    ]
    decisions: list[Decision]
    draft: Annotated[Draft | Nothing, text("What was or would be sent.")]
    money: list[Money]
    ledger: Standing | None
    as_of: AsOf
    judged: str
