"""What is read of QuickBooks' answers: each entity with the fields that the adapter uses.

The fields are QuickBooks' own (`private_note` is `PrivateNote`); all else in an answer is ignored.
"""

import html
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AliasChoices, ConfigDict, Field, WrapValidator
from pydantic import ValidationError as Invalid
from pydantic.alias_generators import to_pascal

from invoicesync_cli.errors import TryLater
from invoicesync_cli.http.responses import plain, unreadable_rows
from invoicesync_cli.http.responses import unreadable_answer as unreadable
from invoicesync_cli.http.schemas import Amount, Day, Id, Rows, Schema, Text, Time, problem_of
from invoicesync_cli.model import ZERO

SERVICE = "QuickBooks"

Words = Annotated[Text, AfterValidator(html.unescape)]
"""A text that may come with HTML's entities."""
Positive = Annotated[Amount, Field(ge=0)]
"""An amount that is never negative: QuickBooks' forms come to nothing at least."""


def _day(value: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(value)
    except Invalid:
        return None


AnyDay = Annotated[Day | None, WrapValidator(_day)]
"""A day; None for one that makes no sense, where little depends on it."""


class Row(Schema):
    """An object with QuickBooks' names."""

    model_config = ConfigDict(alias_generator=to_pascal)


class Object(Row):
    """An object with a number of its own."""

    id: Id


class Ref(Schema):
    """A reference to another object."""

    value: Text = ""
    name: Words = ""


# --- transactions ---------------------------------------------------------------------------------


class CurrencyRef(Ref):
    """A reference to a currency, by its code: a customer in another one is not matched."""

    value: Annotated[Text, Field(pattern="^([A-Z]{3})?$")] = ""


class Linked(Row):
    """Another transaction that one is linked to."""

    txn_id: Text = ""
    txn_type: Text = ""


class TaxDetail(Row):
    """The tax of a form."""

    total_tax: Amount = ZERO


class Transaction(Object):
    """What every transaction has. A voided one comes to nothing and says so in its note."""

    sync_token: Text = ""
    total_amt: Positive
    txn_date: AnyDay = None
    private_note: Words = ""
    customer_ref: Ref = Ref()
    linked_txn: tuple[Linked, ...] = ()
    """What it is linked to: an invoice to its payments, money to the bank deposit that it is in."""
    deposit_to_account_ref: Ref = Ref()


class Form(Transaction):
    """A sales form of any kind."""

    doc_number: Text = ""
    payment_ref_num: Words = ""
    currency_ref: Ref = Ref()
    txn_tax_detail: TaxDetail = TaxDetail()
    open_amt: Amount = Field(ZERO, validation_alias="RemainingCredit")
    """What of an invoice is to be paid, or of a credit memo to be used; of others nothing is."""


class InvoiceRow(Form):
    """An invoice, with the payments that are on it."""

    open_amt: Amount = Field(validation_alias="Balance")


class SalesReceiptRow(Form):
    """A sales receipt: an invoice that was paid at once."""


class CreditMemoRow(Form):
    """A credit memo."""

    open_amt: Amount = Field(validation_alias=AliasChoices("RemainingCredit", "Balance"))


class RefundReceiptRow(Form):
    """A refund receipt: a credit memo that was paid out at once."""


class PaymentLine(Row):
    """What of a payment is on the transactions that it names."""

    amount: Positive = ZERO
    linked_txn: tuple[Linked, ...] = ()


class PaymentRow(Transaction):
    """A payment, with what of it is on no document."""

    payment_ref_num: Words = ""
    unapplied_amt: Positive = ZERO
    line: tuple[PaymentLine, ...] = ()


# --- lists ----------------------------------------------------------------------------------------


class Named(Object):
    """An element that has a name."""

    name: Words = ""


class EmailRow(Row):
    """An e-mail address."""

    address: Words = ""


class AddressRow(Row):
    """What is compared of an address."""

    city: Words = ""


class PersonRow(Object):
    """A customer, vendor or employee."""

    display_name: Words = ""
    given_name: Words = ""
    family_name: Words = ""
    company_name: Words = ""
    primary_email_addr: EmailRow = EmailRow()
    bill_addr: AddressRow = AddressRow()
    notes: Words = ""
    active: bool = True
    currency_ref: CurrencyRef = CurrencyRef()


class ItemRow(Named):
    """A product or service."""

    sku: Words = ""
    type: Text = ""
    income_account_ref: Ref = Ref()


# --- answers --------------------------------------------------------------------------------------


class Error(Schema):
    """One error of a fault, which comes in two spellings."""

    code: Text = ""
    message: Text = Field("", validation_alias=AliasChoices("Message", "message"))
    detail: Text = Field("", validation_alias=AliasChoices("Detail", "detail"))


class Fault(Schema):
    """Why something was refused."""

    errors: Rows[Error] = Field((), validation_alias=AliasChoices("Error", "error"))
    type: Text = ""

    @property
    def known(self) -> tuple[Error, ...]:
        """The errors that can be read."""
        return tuple(error for error in self.errors if isinstance(error, Error))

    @property
    def codes(self) -> set[str]:
        """The codes of all errors, without leading zeros."""
        return {error.code.lstrip("0") for error in self.known}

    @property
    def words(self) -> str:
        """What the errors say."""
        parts_said = []
        for error in self.known:
            parts = (plain(text) for text in (error.message, error.detail) if text)
            parts_said.append(": ".join(dict.fromkeys(parts)))
        return "; ".join(parts_said)


class BatchAnswer(Schema):
    """The answer to a batch: its items, in no order that is promised."""

    items: tuple[Any, ...] = Field(alias="BatchItemResponse")


class Timed(Schema):
    """An answer with QuickBooks' time."""

    time: Time | None = None


class ChangesAnswer(Timed):
    """The answer to the question what has changed: rows by their entity."""

    class Part(Schema):
        """The rows of one or more entities."""

        rows: tuple[dict[str, Any], ...] = Field((), alias="QueryResponse")

    parts: tuple[Part, ...] = Field(alias="CDCResponse")


R = TypeVar("R", bound=Schema)


def unreadable_answer(problem: str) -> TryLater:
    """The error that an answer cannot be understood."""
    return unreadable(SERVICE, problem)


def fault_of(answer: Mapping[str, Any]) -> Fault | None:
    """The fault in an answer, None where it has none."""
    found = next((answer[name] for name in ("Fault", "fault") if name in answer), None)
    return None if found is None else (as_read(Fault, found) or Fault())


def name_of(schema: type[Schema]) -> str:
    """What QuickBooks calls the objects of a schema: `InvoiceRow` is read of an `Invoice`."""
    return schema.__name__.removesuffix("Row")


def as_read(schema: type[R], row: Any) -> R | None:
    """A row by its schema; None when it does not fit."""
    try:
        return schema.model_validate(row)
    except (Invalid, RecursionError):
        return None


def all_read(schema: type[R], rows: Iterable[Any]) -> list[R]:
    """Rows by their schema.

    Raises `TryLater` when some do not fit, by their ids: what they are may not be taken for
    missing.
    """
    good: list[R] = []
    bad: dict[str, str] = {}
    for row in rows:
        try:
            good.append(schema.model_validate(row))
        except (Invalid, RecursionError) as error:
            named = as_read(Object, row)
            bad[named.id if named else ""] = f"{name_of(schema)}.{problem_of(error)}"
    if bad:
        raise unreadable_rows(SERVICE, next(iter(bad.values())), bad)
    return good


FORMS: Mapping[str, type[Form]] = {
    "Invoice": InvoiceRow,
    "SalesReceipt": SalesReceiptRow,
    "CreditMemo": CreditMemoRow,
    "RefundReceipt": RefundReceiptRow,
}
MADE: Mapping[str, type[Object]] = {
    **FORMS,
    "Payment": PaymentRow,
    "Customer": PersonRow,
    "Item": ItemRow,
}
"""What a write is answered with, by entity."""


def made_of(answer: Mapping[str, Any]) -> Object | None:
    """What a write has made, None when the answer does not say."""
    for entity, schema in MADE.items():
        if entity in answer:
            return as_read(schema, answer[entity])
    return None
