"""What is read of Xero's answers, by the types of its Accounting API (OpenAPI document 16)."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BeforeValidator, Field, StrictBool, TypeAdapter
from pydantic_core import PydanticCustomError

from invoicesync_cli.http.schemas import Amount, BadRow, Rows, Schema, Text
from invoicesync_cli.model import ZERO, money

ENDED = {"VOIDED", "DELETED"}
APPROVED = {"AUTHORISED", "PAID"}


def _guid(value: Any) -> str:
    """An id; Xero writes one of noughts for an element that it did not make."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9A-Za-z-]{1,64}", value):
        raise PydanticCustomError("guid", "should be an id")
    return value if value.strip("0-") else ""


def _organisation_id(value: Any) -> str:
    """An id as Xero makes them, whole: whose books they are hangs on it, and every marker in Keap's
    orders has it."""
    found = _guid(value)
    if not re.fullmatch(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", found):
        raise PydanticCustomError("guid", "should be the id of an organisation")
    return found


def moment(value: Any) -> datetime:
    """The time in `/Date(1439434356790+0000)/`, whose milliseconds are UTC whatever the offset
    says; or in ISO 8601, as some of Xero's fields have it. Raises `PydanticCustomError`."""
    text = value if isinstance(value, str) else ""
    found = re.fullmatch(r"/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)/", text)
    try:
        if found:
            return datetime.fromtimestamp(int(found.group(1)) / 1000, UTC)
        iso = datetime.fromisoformat(text)
        return iso.astimezone(UTC) if iso.tzinfo else iso.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise PydanticCustomError("moment", "should be a date") from None


def _loose_guid(value: Any) -> str:
    """An id that nothing hangs on: what is none is blank."""
    try:
        return _guid(value)
    except PydanticCustomError:
        return ""


def _loose(value: Any) -> str:
    """A text that nothing hangs on: what is no text is blank."""
    return value if isinstance(value, str) else ""


Guid = Annotated[str, BeforeValidator(_guid)]
OrganisationId = Annotated[str, BeforeValidator(_organisation_id)]
Moment = Annotated[datetime, BeforeValidator(moment)]
XeroDay = Annotated[date, BeforeValidator(lambda value: moment(value).date())]
"""A calendar day, which Xero writes as midnight UTC."""
Loose = Annotated[str, BeforeValidator(_loose)]
LooseGuid = Annotated[str, BeforeValidator(_loose_guid)]
NotNegative = Annotated[Amount, Field(ge=0)]
PageCount = Annotated[int, Field(ge=0)]


S = TypeVar("S", bound=Schema)


@cache
def rows_adapter(schema: type[S]) -> TypeAdapter[tuple[S | BadRow, ...]]:
    """What reads a list of these, each row for itself."""
    return TypeAdapter(Rows[schema])  # type: ignore[valid-type]


class Message(Schema):
    """An error or a warning; one of Xero's samples calls its text a description."""

    message: Loose = Field("", alias="Message")
    description: Loose = Field("", alias="Description")


Messages = Annotated[Rows[Message], Field(default=(), alias="ValidationErrors")]


def texts(messages: Rows[Message]) -> list[str]:
    """The texts of messages."""
    return [item.message or item.description for item in messages if not isinstance(item, BadRow)]


class PartRow(Schema):
    """Something inside an element that may carry errors of its own: a line, a contact."""

    id: Guid = Field("", alias="ContactID")
    invoice_id: Guid = Field("", alias="InvoiceID")
    note_id: Guid = Field("", alias="CreditNoteID")
    name: Loose = Field("", alias="Name")
    account_id: LooseGuid = Field("", alias="AccountID")
    code: Loose = Field("", alias="Code")
    errors: Messages


NO_PART = PartRow.model_validate({})


class Element(Schema):
    """What every element of an answer to a write says of itself; `total` and `tax` are what Xero
    made of it."""

    COLLECTION: ClassVar[str]
    id: Guid = ""
    has_errors: StrictBool = Field(False, alias="HasErrors")
    has_validation_errors: StrictBool = Field(False, alias="HasValidationErrors")
    status: Text = Field("", alias="Status")
    outcome: Text = Field("", alias="StatusAttributeString")
    errors: Messages
    warnings: Rows[Message] = Field((), alias="Warnings")
    lines: Rows[PartRow] = Field((), alias="LineItems")
    contact: PartRow = Field(NO_PART, alias="Contact")
    invoice: PartRow = Field(NO_PART, alias="Invoice")
    note: PartRow = Field(NO_PART, alias="CreditNote")
    account: PartRow = Field(NO_PART, alias="Account")
    total: Amount | None = None
    tax: Amount | None = None

    @classmethod
    def id_in(cls, row: Any) -> str:
        """The id of a row that makes no sense otherwise; blank where that makes none either."""
        name = cls.model_fields["id"].alias
        return _loose_guid(row.get(name)) if isinstance(row, Mapping) else ""

    def known_by(self, sent: "BatchElement") -> Iterable[tuple[str, str]]:
        """What it is recognised by, each beside what was sent."""
        raise NotImplementedError

    def is_of(self, sent: "BatchElement") -> bool | None:
        """Whether it is the answer to what was sent: no where it names something else, None where
        it names nothing."""
        pairs = [(one, own) for one, own in self.known_by(sent) if one and own]
        return all(_folded(one) == _folded(own) for one, own in pairs) if pairs else None

    @property
    def refusals(self) -> list[str]:
        """The errors of the element, of its lines and of what it names, each once."""
        parts = [self.contact, self.invoice, self.note, self.account]
        parts += [line for line in self.lines if not isinstance(line, BadRow)]
        found = texts(self.errors)
        for part in parts:
            found += texts(part.errors)
        return list(dict.fromkeys(found))


class WrittenContact(Element):
    """A contact in the answer to a write. It has no total."""

    COLLECTION: ClassVar[str] = "Contacts"
    id: Guid = Field("", alias="ContactID")
    called: Text = Field("", alias="Name")
    number: Text = Field("", alias="ContactNumber")
    total: Amount | None = Decimal(0)

    def known_by(self, sent: "BatchElement") -> Iterable[tuple[str, str]]:
        """Its number, else its name, which no two active contacts share."""
        numbers = self.number, sent.contact_number
        return [numbers if all(numbers) else (self.called, sent.called)]


class WrittenInvoice(Element):
    """An invoice in the answer to a write."""

    COLLECTION: ClassVar[str] = "Invoices"
    id: Guid = Field("", alias="InvoiceID")
    number: Text = Field("", alias="InvoiceNumber")
    reference: Text = Field("", alias="Reference")
    total: Amount | None = Field(None, alias="Total")
    tax: Amount | None = Field(None, alias="TotalTax")

    def known_by(self, sent: "BatchElement") -> Iterable[tuple[str, str]]:
        """Its number and the marker of its order."""
        return [(self.number, sent.invoice_number), (self.reference, sent.reference)]


class WrittenNote(Element):
    """A credit note in the answer to a write."""

    COLLECTION: ClassVar[str] = "CreditNotes"
    id: Guid = Field("", alias="CreditNoteID")
    number: Text = Field("", alias="CreditNoteNumber")
    reference: Text = Field("", alias="Reference")
    total: Amount | None = Field(None, alias="Total")
    tax: Amount | None = Field(None, alias="TotalTax")

    def known_by(self, sent: "BatchElement") -> Iterable[tuple[str, str]]:
        """Its number and the marker of its order."""
        return [(self.number, sent.note_number), (self.reference, sent.reference)]


class WrittenPayment(Element):
    """A payment in the answer to a write."""

    COLLECTION: ClassVar[str] = "Payments"
    id: Guid = Field("", alias="PaymentID")
    reference: Text = Field("", alias="Reference")
    total: Amount | None = Field(None, alias="Amount")

    @property
    def target(self) -> str:
        """The invoice or credit note; the latter may stand in the invoice's place."""
        return self.invoice.invoice_id or self.note.note_id

    def known_by(self, sent: "BatchElement") -> Iterable[tuple[str, str]]:
        """Its document, reference and amount: nothing in Xero makes the reference unique."""
        amount = "" if self.total is None else str(money(self.total))
        yield from ((self.target, sent.target), (self.reference, sent.reference))
        yield amount, str(money(sent.amount))


class WrittenAllocation(Element):
    """An allocation in the answer to a write. Not every answer gives it an id."""

    COLLECTION: ClassVar[str] = "Allocations"
    id: Guid = Field("1", alias="AllocationID")
    total: Amount | None = Field(None, alias="Amount")

    def known_by(self, sent: "BatchElement") -> Iterable[tuple[str, str]]:
        """Its invoice; one is sent at a time."""
        return [(self.invoice.invoice_id, sent.invoice.id)]


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def payment_name(target: str, reference: str) -> str:
    """What a payment is recognised by."""
    return f"{target}|{reference}"


# --- what is read ---------------------------------------------------------------------------------


class PaymentRow(WrittenPayment):
    """A payment in a list."""

    id: Guid = Field(alias="PaymentID")
    total: Amount = Field(alias="Amount")
    status: Text = Field(alias="Status")
    day: XeroDay | None = Field(None, alias="Date")
    updated: Moment | None = Field(None, alias="UpdatedDateUTC")

    @property
    def alive(self) -> bool:
        """Whether it has not been deleted."""
        return self.status not in ENDED


class PaymentInside(Schema):
    """A payment as its document lists it: only what has not been deleted, and not always with its
    reference."""

    id: Guid = Field(alias="PaymentID")
    amount: Amount = Field(alias="Amount")
    reference: Text | None = Field(None, alias="Reference")
    status: Text = Field("", alias="Status")
    day: XeroDay | None = Field(None, alias="Date")


class InvoiceRow(WrittenInvoice):
    """An invoice in a list."""

    id: Guid = Field(alias="InvoiceID")
    number: Text = Field("", alias="InvoiceNumber")
    type: Text = Field(alias="Type")
    status: Text = Field(alias="Status")
    total: Amount = Field(alias="Total")
    tax: Amount = Field(alias="TotalTax")
    due: NotNegative = Field(alias="AmountDue")
    day: XeroDay | None = Field(None, alias="Date")
    currency: Text = Field("", alias="CurrencyCode")
    contact: PartRow = Field(alias="Contact")
    payments: Rows[PaymentInside] = Field((), alias="Payments")
    updated: Moment | None = Field(None, alias="UpdatedDateUTC")

    @property
    def alive(self) -> bool:
        """Whether it is neither voided nor deleted."""
        return self.status not in ENDED


class NoteRow(WrittenNote):
    """A credit note in a list."""

    id: Guid = Field(alias="CreditNoteID")
    type: Text = Field("", alias="Type")
    status: Text = Field(alias="Status")
    total: NotNegative = Field(alias="Total")
    left: NotNegative = Field(alias="RemainingCredit")
    day: XeroDay | None = Field(None, alias="Date")
    updated: Moment | None = Field(None, alias="UpdatedDateUTC")

    @property
    def alive(self) -> bool:
        """Whether it is neither voided nor deleted."""
        return self.status not in ENDED


class AddressRow(Schema):
    """An address of a contact."""

    city: Loose = Field("", alias="City")


class ContactRow(WrittenContact):
    """A contact in a list; what does not fit of it is blank, as long as its id is there."""

    id: Guid = Field(alias="ContactID")
    called: Loose = Field("", alias="Name")
    first_name: Loose = Field("", alias="FirstName")
    last_name: Loose = Field("", alias="LastName")
    email: Loose = Field("", alias="EmailAddress")
    number: Loose = Field("", alias="ContactNumber")
    status: Loose = Field("ACTIVE", alias="ContactStatus")
    addresses: Rows[AddressRow] = Field((), alias="Addresses")
    merged_to: LooseGuid = Field("", alias="MergedToContactID")


class Pagination(Schema):
    """Where a page stands in its list."""

    pages: PageCount = Field(0, alias="pageCount")
    items: PageCount = Field(0, alias="itemCount")


class Envelope(Schema):
    """What stands around every collection."""

    answered_at: Moment | None = Field(None, alias="DateTimeUTC")
    pagination: Pagination = Field(Pagination.model_validate({}), alias="pagination")


class InvoiceRef(Schema):
    """The invoice that an element is for."""

    id: str = Field("", alias="InvoiceID")


class NoteRef(Schema):
    """The credit note that an element is for."""

    id: str = Field("", alias="CreditNoteID")


class BatchElement(Schema):
    """What an element of a batch of ours is recognised by, as it stands in the journal."""

    called: str = Field("", alias="Name")
    contact_number: str = Field("", alias="ContactNumber")
    invoice_number: str = Field("", alias="InvoiceNumber")
    note_number: str = Field("", alias="CreditNoteNumber")
    reference: str = Field("", alias="Reference")
    amount: Decimal = Field(ZERO, alias="Amount")
    day: date | None = Field(None, alias="Date")
    invoice: InvoiceRef = Field(InvoiceRef(), alias="Invoice")
    note: NoteRef = Field(NoteRef(), alias="CreditNote")

    @property
    def target(self) -> str:
        """The document that it is for, whichever it is."""
        return self.invoice.id or self.note.id


BATCH = TypeAdapter(dict[str, tuple[BatchElement, ...]])


def batch_elements(body: bytes) -> tuple[BatchElement, ...]:
    """The elements of a batch, from the bytes that were sent."""
    (elements,) = BATCH.validate_python(json.loads(body, parse_float=Decimal)).values()
    return elements
