"""One company's books: its rows, and what every part of the sandbox asks of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any, TypeVar

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.qbo import forms, rows
from invoicesync_sandbox.qbo.errors import (
    Refused,
    business,
    closed,
    inactive,
    not_found,
    unknown_reference,
)
from invoicesync_sandbox.qbo.fields import SERVER_ZONE, TABLES, Row
from invoicesync_sandbox.qbo.preferences import Preferences
from invoicesync_sandbox.qbo.rows import ZERO
from invoicesync_sandbox.qbo.switches import QboSwitches
from invoicesync_sandbox.qbo.worlds import WORLDS, WorldName
from invoicesync_sandbox.table import Journal, Table

CENT = Decimal("0.01")
_FIRST_NUMBER = 1001
AnyRow = TypeVar("AnyRow", bound=Row)
AnyNamed = TypeVar("AnyNamed", bound=rows.Named)


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
        self.journal = Journal()
        self.tables: dict[type[Row], Table[Any]] = {}
        self.customers = self._table(rows.Customer)
        self.vendors = self._table(rows.Vendor)
        self.employees = self._table(rows.Employee)
        self.items = self._table(rows.Item)
        self.accounts = self._table(rows.Account)
        self.tax_codes = self._table(rows.TaxCode)
        self.tax_rates = self._table(rows.TaxRate)
        self.payment_methods = self._table(rows.PaymentMethod)
        self.terms = self._table(rows.Term)
        self.classes = self._table(rows.TrackingClass)
        self.departments = self._table(rows.Department)
        self.currencies = self._table(rows.CompanyCurrency)
        self.invoices = self._table(forms.Invoice)
        self.sales_receipts = self._table(forms.SalesReceipt)
        self.credit_memos = self._table(forms.CreditMemo)
        self.refund_receipts = self._table(forms.RefundReceipt)
        self.payments = self._table(forms.Payment)

    def _table(self, kind: type[AnyRow]) -> Table[AnyRow]:
        table = Table[AnyRow](self.journal, **TABLES[kind].indexes())
        self.tables[kind] = table
        return table

    def _opening(self) -> None:
        """What no company is without."""

        def account(name: str, kind: str, subtype: str) -> str:
            currency = self.world.currency
            row = self.add(rows.Account, name=name, type=kind, subtype=subtype, currency=currency)
            return row.id

        self.receivables = account(
            "Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"
        )
        self.undeposited = account("Undeposited Funds", "Other Current Asset", "UndepositedFunds")
        subtype = "SalesTaxPayable" if self.world.american else "GlobalTaxPayable"
        account(self.world.tax_account, "Other Current Liability", subtype)
        services = account("Services", "Income", "ServiceFeeIncome")
        item = self.add(rows.Item, name="Services", income_account=services)
        self.preferences = replace(self.preferences, default_item=item.id)
        if self.world.american:
            for code, taxable in (("TAX", True), ("NON", False)):
                self.add(rows.TaxCode, id=code, name=code, taxable=taxable, group=False)

    def now(self) -> datetime:
        """Now in UTC, to the second that the vendor keeps."""
        return self.clock.now().astimezone(UTC).replace(microsecond=0)

    def today(self) -> date:
        """The server's date, which is that of its own zone and not of the company's."""
        return self.clock.now().astimezone(SERVER_ZONE).date()

    def row(self, kind: type[AnyRow], before: AnyRow | None = None, **values: Any) -> AnyRow:
        """A new row, or a new version of the one `before`, which is not in the books yet."""
        if before is not None:
            return self.touched(before, **values)
        if "id" not in values:
            values["id"] = self.new_id(kind)
        now = self.now()
        return kind(created=now, updated=now, **values)

    def new_id(self, kind: type[Row]) -> str:
        """An id that no row of this kind has. People have one sequence of ids, transactions too."""
        shared = next((each for each in (rows.Person, forms.Txn) if issubclass(kind, each)), kind)
        return str(next(self._ids.setdefault(shared.__name__, count(1))))

    def add(self, kind: type[AnyRow], **values: Any) -> AnyRow:
        """A new row in the books."""
        row: AnyRow = self.tables[kind].put(self.row(kind, **values))
        return row

    def touched(self, row: AnyRow, **changes: Any) -> AnyRow:
        """The row with changes, a new token and a new time."""
        return replace(row, **changes, sync_token=row.sync_token + 1, updated=self.now())

    def forms(self) -> tuple[Table[Any], ...]:
        """The tables of the sales forms."""
        return (self.invoices, self.sales_receipts, self.credit_memos, self.refund_receipts)

    @property
    def transactions(self) -> dict[type[Row], Table[Any]]:
        """The tables of all transactions."""
        return {kind: table for kind, table in self.tables.items() if issubclass(kind, forms.Txn)}

    def table_of(self, row: Row) -> Table[Any]:
        """The table that a row belongs to."""
        return self.tables[type(row)]

    def people(self) -> tuple[Table[Any], ...]:
        """The tables that share one set of names."""
        return (self.customers, self.vendors, self.employees)

    def person(self, row_id: str) -> rows.Person | None:
        """The customer, vendor or employee of that id."""
        return next((table[row_id] for table in self.people() if row_id in table), None)

    def pick(self, kind: type[AnyNamed], row_id: str) -> AnyNamed:
        """A list element in use. Raises `Refused` for an unknown (2500) or inactive one."""
        row: AnyNamed | None = self.tables[kind].get(row_id)
        if row is None:
            raise unknown_reference(kind.word, row_id)
        if not row.active:
            raise inactive(self.switches.inactive_reference_code)
        return row

    def check_parent(
        self, kind: type[rows.Named], parent_id: str, before: rows.Named | None
    ) -> None:
        """Raise `Refused` for what an element cannot be put under, such as `before` itself."""
        above = self.pick(kind, parent_id).id if parent_id else ""
        while above:
            if before is not None and above == before.id:
                raise business("An element cannot be its own parent.")
            above = self.tables[kind][above].parent_id

    def live(self, kind: type[Row], row_id: str) -> Any:
        """A row that has not been deleted. Raises `Refused` (610)."""
        if not row_id.isdigit():
            detail = f"Id should be a valid number. Supplied value:{row_id}"
            raise Refused("2030", detail, element="Id")
        row = self.tables[kind].get(row_id)
        if row is None or (isinstance(row, forms.Txn) and row.status == "deleted"):
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

    def owed_by(self, customer_id: str) -> Decimal:
        """What the customer owes, less the credit that is not used up. Major units."""
        owed = sum((row.balance for row in self.invoices.each("customer", customer_id)), ZERO)
        credit = sum((row.balance for row in self.credit_memos.each("customer", customer_id)), ZERO)
        left = sum((row.unapplied for row in self.payments.each("customer", customer_id)), ZERO)
        return owed - credit - left

    def home(self, amount: Decimal, rate: Decimal) -> Decimal:
        """An amount in the company's own currency."""
        return cents(amount * rate)

    def automated_code(self, state: str, name: str, percent: Decimal) -> rows.TaxCode:
        """The code that automated sales tax uses for a state; made when it is first needed."""
        known = self.tax_codes.find("name", folded(name))
        if known:
            return known[0]
        rate = self.add(rows.TaxRate, name=f"{name} State", percent=percent)
        part = rows.TaxPart(rate_id=rate.id)
        return self.add(rows.TaxCode, name=name, description=state, sales=(part,))

    def transaction(self, txn_id: str) -> Any:
        """The transaction of that id, whatever its kind."""
        tables = self.transactions.values()
        return next(table[txn_id] for table in tables if txn_id in table)
