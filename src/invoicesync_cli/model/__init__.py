"""What flows through the tool: Keap's invoices, the drafts made of them, and what became of those.

Money is `Decimal` in major units (119.00 is one hundred and nineteen pounds). Times are aware and
UTC; dates are calendar dates in the Keap account's time zone.
"""

from invoicesync_cli.model.documents import (
    DOCUMENT_FIELDS,
    Document,
)
from invoicesync_cli.model.drafts import (
    Booked,
    Decision,
    Draft,
    DraftLine,
    Expected,
    MoneyDraft,
    NewContact,
    Note,
    TaxMode,
)
from invoicesync_cli.model.keap import (
    Address,
    FailedCharge,
    Instalment,
    Invoice,
    KeapAccount,
    Line,
    LineKind,
    Payment,
    PaymentKind,
    Person,
)
from invoicesync_cli.model.ledger import (
    Booking,
    LedgerAccount,
    LedgerContact,
    LedgerFacts,
    LedgerItem,
    NameRules,
    TaxCode,
)
from invoicesync_cli.model.terms import (
    CENT,
    ZERO,
    InvoiceId,
    Kind,
    LedgerId,
    OrderId,
    PaymentId,
    PersonId,
    State,
    money,
)

__all__ = [
    "CENT",
    "DOCUMENT_FIELDS",
    "ZERO",
    "Address",
    "Booked",
    "Booking",
    "Decision",
    "Document",
    "Draft",
    "DraftLine",
    "Expected",
    "FailedCharge",
    "Instalment",
    "Invoice",
    "InvoiceId",
    "KeapAccount",
    "Kind",
    "LedgerAccount",
    "LedgerContact",
    "LedgerFacts",
    "LedgerId",
    "LedgerItem",
    "Line",
    "LineKind",
    "MoneyDraft",
    "NameRules",
    "NewContact",
    "Note",
    "OrderId",
    "Payment",
    "PaymentId",
    "PaymentKind",
    "Person",
    "PersonId",
    "State",
    "TaxCode",
    "TaxMode",
    "money",
]
