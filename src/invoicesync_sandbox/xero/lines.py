"""Lines of a document: defaults, checks, and the vendor's rounding."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.xero.books import Books
from invoicesync_sandbox.xero.findings import Findings
from invoicesync_sandbox.xero.posted import Posted
from invoicesync_sandbox.xero.rows import ZERO, Account, Item, Line

# Wide enough for the product of any two numbers that are read.
_WIDE = Context(prec=60)
_LARGEST = Decimal("9999999999.99")
_MOST_TRACKING = 2
# System accounts that the vendor posts to itself. ROUNDING is not among them: a rounding line is
# the vendor's own advice.
_BARRED = frozenset(
    {
        "DEBTORS",
        "CREDITORS",
        "GST",
        "GSTONIMPORTS",
        "HISTORICAL",
        "RETAINEDEARNINGS",
        "BANKCURRENCYGAIN",
        "REALISEDCURRENCYGAIN",
        "UNREALISEDCURRENCYGAIN",
        "TRACKINGTRANSFERS",
    }
)


def rounded(amount: Decimal, places: int = 2) -> Decimal:
    """Half-up, away from zero."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)


@dataclass(frozen=True)
class LineRules:
    """How the lines of one document are read."""

    amount_types: str
    """`Exclusive`, `Inclusive` or `NoTax`."""
    unit_places: int
    """Decimal places that a unit amount keeps: 2, or 4 with `unitdp=4`."""
    approved: bool
    discounts: bool


def read_lines(
    books: Books,
    posted: list[Posted],
    rules: LineRules,
    findings: Findings,
    before: tuple[Line, ...] = (),
) -> tuple[Line, ...]:
    """The lines as they will be kept. A line that names one of `before` inherits from it."""
    known = {line.id: line for line in before}
    lines = []
    for place, entry in enumerate(posted):
        old = known.get(entry.text("LineItemID"))
        if old:
            entry = Posted({**as_fields(old, with_tax=False), **entry.values}, entry.path)

        def refuse(message: str, place: int = place) -> None:
            findings.line_error(place, message)

        line_id = old.id if old else books.new_id()
        lines.append(_Reader(books, entry, rules, refuse, findings.warn).line(line_id))
    return tuple(lines)


def as_fields(line: Line, *, with_tax: bool) -> dict[str, Any]:
    """What an app would send to say the same line again."""
    fields = {
        "LineItemID": line.id,
        "Description": line.description,
        "Quantity": line.quantity,
        "UnitAmount": line.unit_amount,
        "ItemCode": line.item_code or None,
        "AccountCode": line.account_code or None,
        "TaxType": line.tax_type or None,
        "TaxAmount": line.tax_amount if with_tax else None,
        "DiscountRate": line.discount_rate,
        "DiscountAmount": line.discount_amount,
        "Tracking": [
            {"TrackingCategoryID": category, "TrackingOptionID": option}
            for category, option in line.tracking
        ]
        or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _named(entry: Posted, by_id: str, by_name: str, row_id: str, name: str) -> bool:
    """Whether an entry means a row: by its id, where it has one, else by its name."""
    wanted = entry.text(by_id)
    return wanted == row_id if wanted else entry.text(by_name).casefold() == name.casefold()


def totals(lines: tuple[Line, ...], amount_types: str) -> tuple[Decimal, Decimal, Decimal]:
    """Subtotal, tax and total: sums of what the lines say, nothing is rounded again."""
    amounts = sum((line.line_amount for line in lines), ZERO)
    tax = sum((line.tax_amount for line in lines), ZERO)
    if amount_types == "Inclusive":
        return amounts - tax, tax, amounts
    return amounts, tax, amounts + tax


class _Reader:
    """Reads one line; `refuse` and `warn` take the vendor's messages."""

    def __init__(
        self,
        books: Books,
        posted: Posted,
        rules: LineRules,
        refuse: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        self.books = books
        self.posted = posted
        self.rules = rules
        self.refuse = refuse
        self.warn = warn

    def line(self, line_id: str) -> Line:
        posted = self.posted
        tracking = self._tracking()
        item = self._item()
        description = posted.text("Description") or (item.description if item else "")
        if not description:
            self.refuse("Description must be at least 1 character long.")
        if len(description) > 4000:
            self.refuse("Description must not be longer than 4000 characters.")
        if not any(
            posted.given(name)
            for name in ("Quantity", "UnitAmount", "LineAmount", "ItemCode", "AccountCode")
        ):
            return Line(id=line_id, description=description)
        quantity, unit = self._quantity_and_unit(item)
        line_amount = self._line_amount(quantity, unit)
        account = self._account(item)
        tax_type, rate = self._tax(item, account)
        return Line(
            id=line_id,
            description=description,
            quantity=quantity,
            unit_amount=unit,
            line_amount=line_amount,
            item_code=item.code if item else "",
            account_code=account.code if account else "",
            tax_type=tax_type,
            tax_amount=self._tax_amount(line_amount, rate, unit),
            discount_rate=posted.number("DiscountRate"),
            discount_amount=posted.number("DiscountAmount"),
            tracking=tracking,
        )

    def _tracking(self) -> tuple[tuple[str, str], ...]:
        """The categories and options that a line names, by their ids or by their names."""
        named = self.posted.values.get("Tracking") or []
        if not isinstance(named, list):
            raise NotSimulated("Tracking that is no list, to which Xero answers 500")
        found = []
        for entry in self.posted.objects("Tracking"):
            pair = self._option(entry)
            if pair is None and not self.books.switches.unknown_tracking_dropped:
                self.refuse("Tracking option does not exist or is not active.")
            elif pair is not None:
                found.append(pair)
        if len({category for category, _ in found}) != len(found) or len(found) > _MOST_TRACKING:
            self.refuse("A line can be tracked by two categories, each once.")
        return tuple(found)

    def _option(self, entry: Posted) -> tuple[str, str] | None:
        for category in self.books.tracking.values():
            if not _named(entry, "TrackingCategoryID", "Name", category.id, category.name):
                continue
            for option in category.options:
                active = category.status == option.status == "ACTIVE"
                if active and _named(entry, "TrackingOptionID", "Option", option.id, option.name):
                    return category.id, option.id
        return None

    def _item(self) -> Item | None:
        code = self.posted.text("ItemCode")
        if not code:
            return None
        found = self.books.items.find("code", code)
        if len(code) > 30 or not found or not found[0].is_sold:
            self.refuse(f"Item code '{code}' is not valid")
            return None
        return found[0]

    def _quantity_and_unit(self, item: Item | None) -> tuple[Decimal, Decimal]:
        """A missing one of the two follows from the line amount, else from the item, else 1 × 0."""
        quantity = self.posted.number("Quantity")
        unit = self.posted.number("UnitAmount")
        whole = self.posted.number("LineAmount")
        if unit is None and whole is not None and quantity != 0:
            unit = whole / (quantity or 1)
        elif unit is None:
            unit = (item.unit_price if item else None) or ZERO
        unit = rounded(unit, self.rules.unit_places)
        if quantity is None:
            quantity = whole / unit if whole is not None and unit else Decimal(1)
        quantity = rounded(quantity, 4)
        if len(f"{quantity.normalize():f}") > 13:
            self.refuse("Quantity must not be longer than 13 characters.")
        return quantity, unit

    def _line_amount(self, quantity: Decimal, unit: Decimal) -> Decimal:
        rate = self.posted.number("DiscountRate")
        amount = self.posted.number("DiscountAmount")
        gross = quantity * unit
        if (rate is not None or amount is not None) and not self.rules.discounts:
            self.refuse("Discounts are not supported on credit notes.")
        if rate is not None and not 0 <= rate <= 100:
            self._bad_discount(rate)
        # Also true of a discount of 0.00 on a negative line, which the vendor refuses as well.
        if amount is not None and amount > gross:
            self._bad_discount(amount)
        net = gross * (100 - (rate or 0)) / 100 - (amount or 0)
        expected = rounded(net)
        if abs(expected) > _LARGEST:
            self.refuse(f"The line amount must not be greater than {_LARGEST}.")
        self._compare(expected, gross, rate)
        return expected

    def _compare(self, expected: Decimal, gross: Decimal, rate: Decimal | None) -> None:
        """A line amount that was sent has to be the right one, to the cent."""
        sent = self.posted.number("LineAmount")
        computed = not (self.posted.given("Quantity") and self.posted.given("UnitAmount"))
        if sent is None or computed:
            return
        if sent == 0 and rate == 100:
            # A slip of the vendor's: here it compares with the amount before the discount.
            expected = rounded(gross)
        if sent != expected:
            self.refuse(
                f"The line total {sent:.2f} does not match the expected line total {expected:.2f}"
            )

    def _bad_discount(self, value: Decimal) -> None:
        self.refuse(
            f"The discount rate '{value:.2f}' is invalid."
            " Discount must not be greater than the line total."
        )

    def _account(self, item: Item | None) -> Account | None:
        code = self.posted.text("AccountCode") or (item.account_code if item else "")
        if not code:
            if self.rules.approved:
                self.refuse("Account code must be specified")
            return None
        found = self.books.accounts.find("code", code)
        if (
            not found
            and not self.rules.approved
            and self.books.switches.draft_drops_unknown_account
        ):
            self.warn(
                f"Account code '{code}' has been removed as it does not match a recognised account."
            )
            return None
        if not found or found[0].type == "BANK" or found[0].system_account in _BARRED:
            self.refuse(f"Account code '{code}' is not a valid code for this document.")
            return None
        if found[0].status != "ACTIVE":
            self.refuse(f"Account code '{code}' has been archived, or deleted.")
            return None
        return found[0]

    def _tax(self, item: Item | None, account: Account | None) -> tuple[str, Decimal]:
        """The tax type and its rate per cent."""
        if self.rules.amount_types == "NoTax":
            return "NONE", ZERO
        tax_type = (
            self.posted.text("TaxType")
            or (item.tax_type if item else "")
            or (account.tax_type if account else "")
        )
        if not tax_type:
            return "", ZERO
        rate = self.books.tax_rates.get(tax_type)
        if rate is None or rate.status != "ACTIVE" or "REVENUE" not in rate.classes:
            self.refuse(
                f"The TaxType code {tax_type} does not exist or cannot be used for this type of"
                " transaction."
            )
            return "", ZERO
        if account and account.account_class not in rate.classes:
            self.refuse(
                f"The TaxType code '{tax_type}' cannot be used with account code '{account.code}'."
            )
        return tax_type, rate.rate

    def _tax_amount(self, line_amount: Decimal, rate: Decimal, unit: Decimal) -> Decimal:
        if self.rules.amount_types == "NoTax":
            return ZERO
        sent = self.posted.number("TaxAmount")
        if sent is not None:
            if self.books.switches.tax_capped_at_unit_amount and abs(sent) > abs(unit):
                self.refuse("The tax amount cannot be greater than the unit amount.")
            return rounded(sent)
        if self.rules.amount_types == "Inclusive":
            return rounded(line_amount * rate / (100 + rate))
        return rounded(line_amount * rate / 100)
