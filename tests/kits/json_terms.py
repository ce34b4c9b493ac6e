"""Words that what is printed with `--json` consists of: amounts, days, ids, a document."""

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from invoicesync_cli.model import DocumentKind, DocumentState, Reason


def text(description: str, **more: Any) -> Any:
    return Field(description=description, **more)


Amount = Annotated[
    str,
    text(
        "An amount with two decimals in the currency beside it: 119.00.", pattern=r"^-?\d+\.\d\d$"
    ),
]
Day = Annotated[
    str, text("A day of the company's own time zone: 2026-10-31.", pattern=r"^\d{4}-\d\d-\d\d$")
]
Month = Annotated[str, text("A month: 2026-10.", pattern=r"^\d{4}-\d\d$")]
Moment = Annotated[
    str,
    text(
        "A time in UTC, ISO 8601: 2026-10-31T15:15:00Z.", pattern=r"^\d{4}-\d\d-\d\dT.*(Z|\+00:00)$"
    ),
]
Currency = Annotated[str, text("ISO 4217, such as GBP; blank where it is not known.")]
Id = Annotated[str, text("An id of Keap's; blank where there is none.")]
LedgerId = Annotated[str, text("The ledger's own id; blank for what it does not have.")]
Path = Annotated[str, text("The path of a file on this machine.")]
Count = Annotated[int, text("How many.", ge=0)]
Service = Literal["keap", "xero", "qbo", "qbd"]
RunId = Annotated[str, text("The id of a run, for log --run; 'by hand' for what a person changed.")]


class Document(TypedDict):
    """An invoice, payment, credit or refund, and what became of it."""

    kind: DocumentKind
    order_id: Id
    invoice_id: Id
    payment_id: Annotated[str, text("Keap's payment id; blank for invoices and failed charges.")]
    number: Annotated[str, text("The document's number in the ledger.")]
    contact: Annotated[str, text("Who bought.")]
    date: Annotated[Day | None, text("The day in the ledger; null where it is not known.")]
    total: Annotated[Amount | None, text("Keap's total; of money what was booked.")]
    currency: Currency
    reference: Annotated[
        str, text("Of an invoice its marker, of money the reference in the ledger.")
    ]
    account: Annotated[str, text("The ledger's account codes; in QuickBooks the account's name.")]
    state: Annotated[DocumentState, text("What became of it.")]
    reason: Annotated[Reason, text("Why; blank for what is plainly created.")]
    message: Annotated[str, text("Why, in a sentence with its figures.")]
    hint: Annotated[str, text("What to do next.")]
    ledger_id: LedgerId
    ledger_total: Annotated[
        Amount | None, text("The ledger's own total; null for what it does not have.")
    ]


class Calls(TypedDict, total=False):
    """How many requests were made."""

    keap: Count
    ledger: Count


class Open(Document):
    """A document that is open."""

    age_days: Annotated[int, text("Days since the document's date, by this machine's local day.")]
