"""One company's books: its rows, and what every part of the sandbox asks of them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.qbo.faults import (
    Refused,
    business,
    closed,
    inactive,
    not_found,
    unknown_reference,
)
from invoicesync_sandbox.qbo.preferences import Preferences
from invoicesync_sandbox.qbo.rows import (
    Account,
    CompanyCurrency,
    CreditMemo,
    Customer,
    Department,
    Employee,
    Invoice,
    Item,
    Named,
    Payment,
    PaymentMethod,
    Person,
    RefundReceipt,
    Row,
    SalesForm,
    SalesReceipt,
    TaxCode,
    TaxPart,
    TaxRate,
    Term,
    TrackingClass,
    Txn,
    Vendor,
)
from invoicesync_sandbox.qbo.switches import QboSwitches
from invoicesync_sandbox.qbo.worlds import WORLDS, WorldName
from invoicesync_sandbox.table import Journal, Table

SERVER_ZONE = ZoneInfo("America/Los_Angeles")
CENT = Decimal("0.01")
_FIRST_NUMBER = 1001
AnyRow = TypeVar("AnyRow", bound=Row)
AnyNamed = TypeVar("AnyNamed", bound=Named)


def cents(amount: Decimal) -> Decimal:
    """The amount in whole cents, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def folded(text: str) -> str | None:
    """The look-up key of a text, None for a blank one."""
    return text.casefold() or None


class Books:
    """One company. Rows are values: read them by id, never keep one across a change."""

    def __init__(
        self, clock: Clock, switches: QboSwitches, world: WorldName, realm: str, name: str
    ) -> None:
        self.clock = clock
        self.switches = switches
        self.world = WORLDS[world]
        self.realm = realm
        self.company_name = name or self.world.name
        self.subscription_ended = False
        """Whether the company's subscription has ended, so that nothing can be written."""
        self._ids: dict[str, Iterator[int]] = {}
        self.created = self.now()
        self._tables()
        self.preferences = Preferences(using_sales_tax=self.world.tax != "off")
        self._opening()

    def _tables(self) -> None:
        self.journal = journal = Journal()
        self.customers = Table[Customer](journal, **_person_keys())
        self.vendors = Table[Vendor](journal, **_person_keys())
        self.employees = Table[Employee](journal, **_person_keys())
        self.items = Table[Item](journal, name=_name_key, sku=lambda row: folded(row.sku))
        self.accounts = Table[Account](journal, name=_name_key)
        self.tax_codes = Table[TaxCode](journal, name=_name_key)
        self.tax_rates = Table[TaxRate](journal, name=_name_key)
        self.payment_methods = Table[PaymentMethod](journal, name=_name_key)
        self.terms = Table[Term](journal, name=_name_key)
        self.classes = Table[TrackingClass](journal, name=_name_key)
        self.departments = Table[Department](journal, name=_name_key)
        self.currencies = Table[CompanyCurrency](journal, name=_name_key)
        self.invoices = Table[Invoice](journal, **_txn_keys())
        self.sales_receipts = Table[SalesReceipt](journal, **_txn_keys())
        self.credit_memos = Table[CreditMemo](journal, **_txn_keys())
        self.refund_receipts = Table[RefundReceipt](journal, **_txn_keys())
        self.payments = Table[Payment](journal, **_txn_keys())
        self.transactions: dict[type[Row], Table[Any]] = {
            Invoice: self.invoices,
            SalesReceipt: self.sales_receipts,
            CreditMemo: self.credit_memos,
            RefundReceipt: self.refund_receipts,
            Payment: self.payments,
        }

    def _opening(self) -> None:
        """What no company is without."""
        currency = self.world.currency

        def account(name: str, kind: str, subtype: str) -> str:
            row = Account(
                **self.stamp("account"), name=name, type=kind, subtype=subtype, currency=currency
            )
            return self.accounts.put(row).id

        self.receivables = account(
            "Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"
        )
        self.undeposited = account("Undeposited Funds", "Other Current Asset", "UndepositedFunds")
        subtype = "SalesTaxPayable" if self.world.american else "GlobalTaxPayable"
        account(self.world.tax_account, "Other Current Liability", subtype)
        services = account("Services", "Income", "ServiceFeeIncome")
        item = Item(**self.stamp("item"), name="Services", income_account=services)
        self.preferences = replace(self.preferences, default_item=self.items.put(item).id)
        if self.world.american:
            for code, taxable in (("TAX", True), ("NON", False)):
                stamp = self.stamp("pseudo") | {"id": code}
                self.tax_codes.put(TaxCode(**stamp, name=code, taxable=taxable, group=False))

    def now(self) -> datetime:
        """Now in UTC, to the second that the vendor keeps."""
        return self.clock.now().astimezone(UTC).replace(microsecond=0)

    def today(self) -> date:
        """The server's date, which is that of its own zone and not of the company's."""
        return self.clock.now().astimezone(SERVER_ZONE).date()

    def stamp(self, sequence: str) -> dict[str, Any]:
        """Id and times of a new row; `sequence` is whatever shares the ids."""
        ids = self._ids.setdefault(sequence, count(1))
        now = self.now()
        return {"id": str(next(ids)), "created": now, "updated": now}

    def touched(self, row: AnyRow, **changes: Any) -> AnyRow:
        """The row with changes, a new token and a new time."""
        return replace(row, **changes, sync_token=row.sync_token + 1, updated=self.now())

    def forms(self) -> tuple[Table[Any], ...]:
        """The tables of the sales forms."""
        return (self.invoices, self.sales_receipts, self.credit_memos, self.refund_receipts)

    def table_of(self, row: Row) -> Table[Any]:
        """The table that a transaction belongs to."""
        return self.transactions[type(row)]

    def people(self) -> tuple[Table[Any], ...]:
        """The tables that share one set of names."""
        return (self.customers, self.vendors, self.employees)

    def person(self, row_id: str) -> Person | None:
        """The customer, vendor or employee of that id."""
        return next((table[row_id] for table in self.people() if row_id in table), None)

    def pick(self, table: Mapping[str, AnyNamed], row_id: str, kind: str) -> AnyNamed:
        """A list element in use. Raises `Refused` for an unknown (2500) or inactive one.

        `kind` is the vendor's word for the list.
        """
        row = table.get(row_id)
        if row is None:
            raise unknown_reference(kind, row_id)
        if not row.active:
            raise inactive(self.switches.inactive_reference_code)
        return row

    def parent(
        self, table: Mapping[str, AnyNamed], parent_id: str, before: Named | None, kind: str
    ) -> str:
        """The id of an element that another is to be put under; blank for none.

        Raises `Refused`, also for one that is below `before` itself.
        """
        if not parent_id:
            return ""
        above: str = self.pick(table, parent_id, kind).id
        while above:
            if before is not None and above == before.id:
                raise business("An element cannot be its own parent.")
            above = table[above].parent_id
        return parent_id

    def live(self, table: Mapping[str, Any], row_id: str) -> Any:
        """A row that has not been deleted. Raises `Refused` (610)."""
        row = table.get(row_id)
        if row is None or (isinstance(row, Txn) and row.status == "deleted"):
            raise not_found()
        return row

    def check_open(self, day: date) -> None:
        """Raise `Refused` if the books are closed for that day; the close date is."""
        last = self.preferences.close_date
        if last and day <= last:
            raise closed(self.switches.closed_period_code)

    def check_company(self) -> None:
        """Raise `Refused` if nothing can be written at all."""
        if self.subscription_ended:
            raise Refused(
                "6190",
                "Subscription period has ended or canceled or there was a billing problem : "
                "You can't add data because your trial or subscription period ended.",
            )

    def next_number(self) -> str:
        """The next number that no sales form has: they share one sequence."""
        numbers = self._ids.setdefault("number", count(_FIRST_NUMBER))
        while True:
            number = str(next(numbers))
            if not any(table.find("number", number) for table in self.forms()):
                return number

    def home(self, amount: Decimal, rate: Decimal) -> Decimal:
        """An amount in the company's own currency."""
        return cents(amount * rate)

    def automated_code(self, state: str, name: str, percent: Decimal) -> TaxCode:
        """The code that automated sales tax uses for a state; made when it is first needed."""
        known = self.tax_codes.find("name", folded(name))
        if known:
            return known[0]
        rate = TaxRate(**self.stamp("taxrate"), name=f"{name} State", percent=percent)
        part = TaxPart(rate_id=self.tax_rates.put(rate).id)
        code = TaxCode(**self.stamp("taxcode"), name=name, description=state, sales=(part,))
        return self.tax_codes.put(code)

    def form_of(self, txn_id: str) -> SalesForm:
        """The sales form of that id, whatever its kind."""
        found: SalesForm = next(table[txn_id] for table in self.forms() if txn_id in table)
        return found


def _name_key(row: Named) -> str | None:
    return folded(row.name)


def _person_keys() -> dict[str, Any]:
    return {"name": _name_key, "email": lambda row: folded(row.email)}


def _txn_keys() -> dict[str, Any]:
    return {
        "number": lambda row: folded(row.number),
        "ref": lambda row: folded(row.ref),
        "customer": lambda row: row.customer_id or None,
    }
