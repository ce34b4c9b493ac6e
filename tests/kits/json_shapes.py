"""What each command prints under `data` with `--json`: `docs/json.schema.json` is made of it.

What a test prints is held against them, strictly: a field that is not here fails, and so does one
that is here and is not printed.
"""

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from invoicesync_cli.model import Decision, DocumentKind, DocumentState, Draft, Reason
from invoicesync_cli.sync.invoices.changes import InvoiceSource
from invoicesync_cli.verify import What


def _text(description: str, **more: Any) -> Any:
    return Field(description=description, **more)


Amount = Annotated[
    str,
    _text(
        "An amount with two decimals in the currency beside it: 119.00.", pattern=r"^-?\d+\.\d\d$"
    ),
]
Day = Annotated[
    str, _text("A day of the company's own time zone: 2026-10-31.", pattern=r"^\d{4}-\d\d-\d\d$")
]
Month = Annotated[str, _text("A month: 2026-10.", pattern=r"^\d{4}-\d\d$")]
Moment = Annotated[
    str,
    _text(
        "A time in UTC, ISO 8601: 2026-10-31T15:15:00Z.", pattern=r"^\d{4}-\d\d-\d\dT.*(Z|\+00:00)$"
    ),
]
Currency = Annotated[str, _text("ISO 4217, such as GBP; blank where it is not known.")]
Id = Annotated[str, _text("An id of Keap's; blank where there is none.")]
LedgerId = Annotated[str, _text("The ledger's own id; blank for what it does not have.")]
Path = Annotated[str, _text("The path of a file on this machine.")]
Count = Annotated[int, _text("How many.", ge=0)]
Service = Literal["keap", "xero", "qbo", "qbd"]
RunId = Annotated[
    str, _text("The id of a run, for log --run; 'by hand' for what a person changed.")
]


class Document(TypedDict):
    """An invoice, payment, credit or refund, and what became of it."""

    kind: DocumentKind
    order_id: Id
    invoice_id: Id
    payment_id: Annotated[str, _text("Keap's payment id; blank for invoices and failed charges.")]
    number: Annotated[str, _text("The document's number in the ledger.")]
    contact: Annotated[str, _text("Who bought.")]
    date: Annotated[Day | None, _text("The day in the ledger; null where it is not known.")]
    total: Annotated[Amount | None, _text("Keap's total; of money what was booked.")]
    currency: Currency
    reference: Annotated[
        str, _text("Of an invoice its marker, of money the reference in the ledger.")
    ]
    account: Annotated[str, _text("The ledger's account codes; in QuickBooks the account's name.")]
    state: Annotated[DocumentState, _text("What became of it.")]
    reason: Annotated[Reason, _text("Why; blank for what is plainly created.")]
    message: Annotated[str, _text("Why, in a sentence with its figures.")]
    hint: Annotated[str, _text("What to do next.")]
    ledger_id: LedgerId
    ledger_total: Annotated[
        Amount | None, _text("The ledger's own total; null for what it does not have.")
    ]


class Counts(TypedDict):
    """How many documents of a kind ended in each state in this run."""

    created: Count
    skipped: Count
    held: Count
    waiting: Count
    failed: Count
    unchanged: Count
    undone: NotRequired[Annotated[int, _text("Taken back; of undo only.", ge=0)]]


class Totals(TypedDict):
    """What the invoices that the run created come to."""

    currency: Currency
    keap: Amount
    ledger: Amount


class Calls(TypedDict, total=False):
    """How many requests were made."""

    keap: Count
    ledger: Count


class Cursor(TypedDict):
    """The last order and invoice up to which every invoice is settled; blank before the first."""

    order_id: Id
    invoice_id: Id


class DayLimit(TypedDict):
    """The limit of a day that will not do for a run."""

    service: Annotated[str, _text("Whose limit it is.")]
    left: Annotated[Count, _text("Calls left today.")]
    days: Annotated[Count, _text("About how many days it takes, with one run a day.")]


class Forecast(TypedDict):
    """What a run was expected to cost when its first orders were judged, from then on."""

    orders: Annotated[Count, _text("Orders to read, from the first one that is to be sent on.")]
    invoices: Annotated[Count, _text("Invoices to send.")]
    estimated: Annotated[bool, _text("Whether only the first orders could be counted.")]
    calls: Calls
    seconds: Annotated[Count, _text("The least time that the calls take under the limits.")]
    day: Annotated[DayLimit | None, _text("The limit that will not do; null where all do.")]
    max_invoices: Annotated[
        Count | None,
        _text("How many invoices the rest of the day has room for; null where it has for all."),
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
        Forecast | None, _text("Of a run over new orders or a range; null where none is sent.")
    ]
    cursor: Cursor
    documents: Annotated[list[Document], _text("Each one that was touched.")]


class DemoData(RunData):
    """What the demo's run did; with --keep where it can be looked at."""

    home: NotRequired[Path]
    environment: NotRequired[Annotated[dict[str, str], _text("Variables to go on with.")]]


class Documents(TypedDict):
    """The documents that were taken off the open list."""

    documents: list[Document]


class Links(TypedDict):
    """Web pages for people; blank on the sandbox, and for what is not there."""

    keap: str
    ledger: str


class Open(Document):
    """A document that is open."""

    age_days: Annotated[int, _text("Days since the document's date, by this machine's local day.")]


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

    connections: Annotated[dict[Service, Connection], _text("Keap and the ledger.")]
    processing: Literal["on", "off"]
    cursor: Cursor
    last_run: LastRun | None
    in_ledger: InLedger
    open: OpenCounts
    reasons: list[ReasonCount]
    warnings: Annotated[list[str], _text("Such as of a mail that could not be sent.")]
    calls_left_today: Annotated[
        Calls, _text("As the services said today; without those that did not.")
    ]
    verified: "Verified | None"
    next_run: Annotated[
        Moment | None, _text("When the schedule starts the next one; null without one.")
    ]
    serves: Annotated[bool, _text("Whether `serve` is installed, for QuickBooks' Web Connector.")]
    sandbox: Annotated[bool, _text("Whether requests go to another place than the services' own.")]


class ProcessingData(TypedDict):
    """The processing switch, as it is now."""

    processing: Literal["on", "off"]


class LookupEntry(TypedDict):
    """An entry of a list of the ledger's; which fields there are besides depends on the list."""

    code: str
    id: LedgerId
    name: str
    sales: NotRequired[Annotated[bool, _text("Whether invoices can use it.")]]
    payments: NotRequired[Annotated[bool, _text("Whether payments can go there.")]]
    rate: NotRequired[Annotated[str, _text("In per cent; blank where it depends.")]]
    account: NotRequired[str]
    email: NotRequired[str]
    archived: NotRequired[bool]
    category: NotRequired[Annotated[str, _text("Of a tracking option.")]]


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
    deposit: Annotated[Amount | None, _text("What the bank got, where the report says so.")]


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

    source: Annotated[str, _text("Whose report it is; blank where its columns were named.")]
    payouts: list[Payout]
    matched: list[MatchedPayment]
    unmatched: list[UnmatchedPayment]


class About(TypedDict):
    """What a backup says of itself."""

    file: Path
    form: Annotated[int, _text("The version of the file's form.")]
    made_at: Moment
    version: Annotated[str, _text("Of the tool that made it.")]
    profile: str
    parts: Annotated[dict[str, str], _text("The SHA-256 of each part by its name.")]


class BackupData(About):
    """A backup that was made."""

    bytes: Count


class RestoreData(About):
    """A backup that was put in place."""

    written: list[Path]
    kept: Annotated[list[Path], _text("What was there before, under its new names.")]


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
    explained: Annotated[Amount, _text("What Keap has and the ledger has not, with a reason.")]


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
    types: Annotated[dict[str, Amount], _text("By Keap's type of payment.")]


class RunLine(TypedDict):
    """A run in the period."""

    run: RunId
    at: Moment
    command: str
    status: str
    calls: Annotated[int, _text("Requests to both services.", ge=0)]


class Verified(TypedDict):
    """The outcome of the last `verify`."""

    at: Moment
    period: Period
    differences: Count
    explained: Annotated[Count, _text("Documents that the records account for.")]


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
    number: Annotated[str, _text("The document's number in the ledger, or money's reference.")]
    date: Annotated[Day | None, _text("Keap's date; the ledger's where Keap has none.")]
    keap: Annotated[str | None, _text("The compared figure, date or name.")]
    ledger: Annotated[str | None, _text("The same in the ledger.")]
    ledger_id: LedgerId
    hint: str


class VerifyData(TypedDict):
    """Both sides of a period, held against each other."""

    period: Period
    currency: Currency
    sums: list[SideSum]
    months: list[SideMonth]
    foreign: Annotated[dict[str, Amount], _text("What is in other currencies, by currency.")]
    differences: list[Difference]
    explained: list[Document]
    calls: Calls


class Instalment(TypedDict):
    """An instalment of a payment plan. Where it stands is of the day that this was asked on."""

    date: Annotated[Day, _text("The day that it is due.")]
    amount: Annotated[Amount, _text("The whole of it.")]
    paid: Annotated[Amount, _text("What of it is paid, as Keap has it.")]
    left: Annotated[Amount, _text("What is still to be paid.")]
    state: Literal["paid", "due", "overdue"]


class DueInstalment(Instalment):
    """An instalment of an invoice: the `place`th of `count`."""

    order_id: Id
    invoice_id: Id
    number: Annotated[str, _text("The invoice's number in the ledger.")]
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
    foreign: Annotated[dict[str, Amount], _text("Totals in other currencies, by currency.")]
    instalments: Annotated[
        list[DueInstalment], _text("Those of payment plans that are due in the period.")
    ]
    open: list[Open]
    runs: list[RunLine]
    verified: Verified | None


class Finding(TypedDict):
    """Something that is wrong, or could be better."""

    code: str
    level: Literal["error", "warning", "hint"]
    where: Annotated[str, _text("A setting, a file with its line, or a service.")]
    message: str
    hint: str


class PlacedFinding(Finding):
    """A finding with its line in the config; null for what is not in it."""

    line: int | None


class FindingsData(TypedDict):
    """What is to be said of the config file."""

    findings: list[Finding]


class EditedData(FindingsData):
    """What is to be said of the config file that was edited."""

    path: Path


class Checked(TypedDict):
    """A part of the check-up."""

    area: str
    what: str
    details: list[str]


class TriedFinding(TypedDict):
    """A question that is open about QuickBooks Desktop, and the answer of this one."""

    question: str
    found: str
    settled: Annotated[bool, _text("False: it could not be tried, and `found` says why.")]
    counted_on: Annotated[bool, _text("False: invoicesync counts on something else.")]


class TriedWrite(TypedDict):
    """One of the writes of a write test."""

    write: int
    what: str
    outcome: Literal["written", "refused", "not-tried"]
    message: Annotated[str, _text("QuickBooks' words where it refused; why it was not tried.")]
    ids: list[str]
    seconds: str
    findings: list[TriedFinding]


class WriteTestData(TypedDict):
    """What `--write-test` has found in a sample company file."""

    company: str
    product: str
    customer: Annotated[str, _text("The name of the customer that bears everything.")]
    file: Annotated[str, _text("The file with all messages.")]
    writes: list[TriedWrite]
    afterwards: list[TriedFinding]
    earlier: Annotated[int, _text("Taken back that an earlier test had left.")]
    taken_back: int
    left: Annotated[list[str], _text("What could not be taken back.")]


class DoctorData(TypedDict):
    """Config, both services and this machine held against each other."""

    findings: list[PlacedFinding]
    checked: list[Checked]
    calls: Calls
    write_test: NotRequired[Annotated[WriteTestData, _text("With `--write-test` only.")]]


class Step(TypedDict):
    """Something left to do; the command may be blank."""

    command: str
    why: str


class InitData(TypedDict):
    """The config that was written."""

    path: Path
    written: Annotated[dict[str, Any], _text("The settings that were changed.")]
    signed_in: NotRequired[dict[Service, bool]]
    findings: list[Finding]
    next: list[Step]


class EntryFile(TypedDict):
    """A file of a schedule entry."""

    path: str
    text: str


class ScheduleData(TypedDict):
    """The schedule entry that is or would be installed."""

    installed: bool
    using: Literal["cron", "systemd", "launchd", "task-scheduler"]
    every: str
    next_run: Moment | None
    entry: str
    files: list[EntryFile]
    command: list[str]
    stays: Annotated[
        bool, _text("Whether it starts a program that keeps running (`serve`), and not each run.")
    ]
    environment: dict[str, str]


class UnscheduledData(TypedDict):
    """What was removed."""

    installed: bool
    removed: list[str]


class SignedInData(TypedDict):
    """A sign-in that has worked."""

    service: Service
    signed_in: bool
    name: str
    id: str
    scopes: list[str]
    sign_in: str
    storage: Literal["keyring", "file", "environment"]
    store: str
    findings: NotRequired[
        Annotated[list[PlacedFinding], _text("Of auth keap: what its data are like.")]
    ]


class SignedOutData(TypedDict):
    """A sign-in that was withdrawn."""

    service: Service
    signed_in: bool
    archived: Annotated[Path | None, _text("Where the records were put, with --forget-books.")]


class ServiceStatus(TypedDict):
    """A service as `auth status` has it."""

    signed_in: bool
    name: str
    id: str
    scopes: list[str]
    expires: Annotated[Moment | None, _text("When the sign-in ends if it is not used.")]
    access_expires: Annotated[Moment | None, _text("When the token in use ends.")]
    signed_in_at: Moment | None
    refreshed_at: Moment | None
    storage: Literal["keyring", "file", "environment"]
    store: Annotated[str, _text("The store in words.")]
    needed: Annotated[bool, _text("Whether this profile's runs need it.")]
    hint: Annotated[str, _text("The command to type; blank if nothing is missing.")]


class AuthStatusData(TypedDict):
    """Who is signed in where."""

    services: dict[Service, ServiceStatus]


Setting = TypedDict("Setting", {"value": Any, "from": str})
Setting.__doc__ = (
    "A setting's value, and where it comes from: option, environment, file or default."
)


class ConfigShowData(TypedDict):
    """Every setting."""

    path: Path
    settings: dict[str, Setting]


class PathData(TypedDict):
    """Where this profile's files are."""

    config: Path
    state: Path


class NotifiedData(TypedDict):
    """Whether a mail and a ping went out."""

    mail: bool
    ping: bool


class PasswordData(TypedDict):
    """Whether there is a password of the mail server now."""

    kept: bool


class SandboxData(TypedDict):
    """The environment by which the sandbox is reached, printed as soon as it is."""

    pages: Annotated[str, _text("Address of its web pages: the shop and the books.")]
    environment: dict[str, str]


class ServeData(TypedDict):
    """Where the Web Connector is answered, printed as soon as it is."""

    listen: str
    url: Annotated[str, _text("The origin that its .qwc file names.")]
    every: str


class Money(Document):
    """Money of the invoice that is explained."""

    would_be: Annotated[bool, _text("Whether it would be so now, and is not recorded so.")]
    in_ledger: Annotated[
        bool | None, _text("Whether the ledger has it; null where nobody was asked.")
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
    now: Annotated[Document | None, _text("What a run would make of it now, where that differs.")]
    keap: InvoiceSource | Nothing
    in_keap: Annotated[
        bool | None, _text("Whether Keap still has it; null where nobody was asked.")
    ]
    instalments: Annotated[
        list[Instalment], _text("Of the order's payment plan; none where it is paid in one.")
    ]
    decisions: list[Decision]
    draft: Annotated[Draft | Nothing, _text("What was or would be sent.")]
    money: list[Money]
    ledger: Standing | None
    as_of: AsOf
    judged: str


SHAPES: dict[str, Any] = {
    "init": InitData,
    "sync": RunData,
    "sync-id": RunData,
    "apply": RunData,
    "retry": RunData,
    "undo": RunData,
    "approve": RunData,
    "adopt": RunData,
    "reverse-sync": RunData,
    "demo": DemoData,
    "todo": TodoData,
    "explain": ExplainData,
    "dismiss": Documents,
    "log": LogData,
    "status": StatusData,
    "pause": ProcessingData,
    "resume": ProcessingData,
    "lookup": LookupData,
    "verify": VerifyData,
    "match": MatchData,
    "backup": BackupData,
    "restore": RestoreData,
    "report": ReportData,
    "doctor": DoctorData,
    "sandbox": SandboxData,
    "notify test": NotifiedData,
    "notify password": PasswordData,
    "schedule show": ScheduleData,
    "serve": ServeData,
    "schedule install": ScheduleData,
    "schedule remove": UnscheduledData,
    "auth keap": SignedInData,
    "auth xero": SignedInData,
    "auth qbo": SignedInData,
    "auth qbd": SignedInData,
    "auth status": AuthStatusData,
    "auth logout": SignedOutData,
    "config show": ConfigShowData,
    "config path": PathData,
    "config check": FindingsData,
    "config edit": EditedData,
    "config schema": Annotated[dict[str, Any], _text("The JSON schema of the config file.")],
}
"""The data of each command; a command that does one run has `RunData`."""
