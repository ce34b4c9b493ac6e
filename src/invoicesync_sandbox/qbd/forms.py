"""The transactions of a company file: a frozen row each. Amounts are major units."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from invoicesync_sandbox.qbd.rows import Row

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a sales form; without an item it is a text. `rate` is per piece."""

    id: str
    item_id: str = ""
    description: str = ""
    quantity: Decimal | None = None
    rate: Decimal | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None
    tax_code_id: str = ""
    class_id: str = ""
    unit: str = ""
    service_date: date | None = None
    other1: str = ""
    other2: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenseLine:
    """A line of a check."""

    id: str
    account_id: str
    amount: Decimal
    memo: str = ""
    customer_id: str = ""
    class_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Txn(Row):
    """A transaction; `number` is QuickBooks' running one, `ref` the document's."""

    number: int
    customer_id: str
    txn_date: date
    ref: str = ""
    memo: str = ""
    voided: bool = False
    account_id: str = ""
    """The receivables account of a sales form or payment, the bank of a check, or where the money
    of a refund comes from."""
    class_id: str = ""
    deposited: bool = False
    """Whether its money is in a bank deposit."""

    @property
    def total(self) -> Decimal:
        """The amount of the whole."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesForm(Txn):
    """Lines with tax. `tax_rate` is per cent; `customer_tax_code_id` the form's own."""

    lines: tuple[Line, ...] = ()
    tax_item_id: str = ""
    customer_tax_code_id: str = ""
    tax_rate: Decimal = ZERO
    subtotal: Decimal = ZERO
    tax: Decimal = ZERO
    terms_id: str = ""
    due_date: date | None = None
    method_id: str = ""
    deposit_to_id: str = ""

    @property
    def total(self) -> Decimal:
        """Including tax."""
        return self.subtotal + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice(SalesForm):
    """An invoice."""

    word: ClassVar[str] = "Invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditMemo(SalesForm):
    """A credit memo; its amounts are positive."""

    word: ClassVar[str] = "CreditMemo"


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesReceipt(SalesForm):
    """A sale that was paid at once."""

    word: ClassVar[str] = "SalesReceipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Money(Txn):
    """An amount that came or went."""

    amount: Decimal = ZERO
    method_id: str = ""

    @property
    def total(self) -> Decimal:
        return self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(Money):
    """A customer's payment."""

    word: ClassVar[str] = "ReceivePayment"
    deposit_to_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRefund(Money):
    """Money paid back to a card; `account_id` is where it comes from."""

    word: ClassVar[str] = "ARRefundCreditCard"
    receivables_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Money):
    """A check; `account_id` is the bank, `customer_id` the payee."""

    word: ClassVar[str] = "Check"
    lines: tuple[ExpenseLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """So much of `source` stands against `target`: a payment or credit memo against an invoice, a
    refund or check against a credit memo."""

    id: str
    source_id: str
    target_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Deleted:
    """What is left of something that was deleted."""

    word: str
    row: Row
    at: datetime
    name: str
