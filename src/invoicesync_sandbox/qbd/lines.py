"""The lines of a sales form and its tax: what QuickBooks makes of what is sent."""

from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from invoicesync_sandbox.qbd import rows
from invoicesync_sandbox.qbd.books import Books, cents
from invoicesync_sandbox.qbd.errors import missing, not_enabled, not_found, unsaved
from invoicesync_sandbox.qbd.forms import ZERO, Line, SalesForm
from invoicesync_sandbox.qbd.grammar import Sent
from invoicesync_sandbox.qbd.rows import Item

AnyForm = TypeVar("AnyForm", bound=SalesForm)
_HUNDRED = Decimal(100)
_PLACES = Decimal("0.00001")
NEW_LINE = "-1"


class Lines:
    """Reads the lines of one form, in their order: some go by the line before."""

    def __init__(self, books: Books, word: str) -> None:
        self._books = books
        self._word = word

    def read(self, sent: list[Sent], before: tuple[Line, ...] = ()) -> tuple[Line, ...]:
        """The lines; those with the `TxnLineID` of a line before are changes of it.

        Raises `Refused`.
        """
        known = {line.id: line for line in before}
        found: list[Line] = []
        for one in sent:
            line_id = one.text("TxnLineID")
            old = known.get(line_id)
            if line_id not in {"", NEW_LINE} and old is None:
                raise not_found(line_id)
            found.append(self._line(one, found[-1] if found else None, old))
        return tuple(found)

    def _line(self, sent: Sent, above: Line | None, old: Line | None) -> Line:
        books = self._books
        line = old or Line(id=books.line_id())
        if "ItemRef" in sent:
            item_id = books.refer_id(Item, sent, "ItemRef", self._word)
            line = replace(line, item_id=item_id)
        item: Item | None = books.tables[Item].get(line.item_id)
        line = replace(
            line,
            description=_or(sent, "Desc", line.description or (item.description if item else "")),
            class_id=books.refer_id(rows.TrackingClass, sent, "ClassRef", self._word)
            or line.class_id,
            unit=_or(sent, "UnitOfMeasure", line.unit),
            service_date=sent.day("ServiceDate") or line.service_date,
            other1=_or(sent, "Other1", line.other1),
            other2=_or(sent, "Other2", line.other2),
            tax_code_id=self._code(sent, item, line),
        )
        figures = {"Quantity", "Rate", "RatePercent", "Amount"} & set(sent)
        if item is None:
            if figures:
                raise missing("ItemRef")
            return line
        if old is not None and not figures:
            return line
        return self._priced(sent, line, item, above, old)

    def _code(self, sent: Sent, item: Item | None, line: Line) -> str:
        books = self._books
        if "SalesTaxCodeRef" in sent:
            if not books.preferences.sales_tax:
                raise not_enabled()
            return books.refer_id(rows.SalesTaxCode, sent, "SalesTaxCodeRef", self._word)
        if line.tax_code_id or item is None or item.is_tax or not books.preferences.sales_tax:
            return line.tax_code_id
        return item.tax_code_id or books.preferences.taxable_code

    def _priced(
        self, sent: Sent, line: Line, item: Item, above: Line | None, old: Line | None
    ) -> Line:
        quantity, rate = sent.number("Quantity"), sent.number("Rate")
        amount, percent = sent.number("Amount"), sent.number("RatePercent")
        if old is not None:
            # What is sent goes together with what the line has.
            quantity = quantity if "Quantity" in sent else old.quantity
            rate = rate if "Rate" in sent or "Amount" in sent else old.rate
        if item.type == "ItemSalesTaxGroup":
            raise unsaved(self._word, "A sales tax group cannot be used on a line.")
        if item.type == "ItemSalesTax":
            return replace(line, amount=_with_sign_of(above, amount), tax_code_id="")
        if item.type == "ItemDiscount":
            if quantity is not None:
                raise unsaved(self._word, "A discount item cannot have a quantity.")
            return self._discount(line, item, above, amount, rate, percent)
        if quantity is not None and rate is not None and amount is not None:
            if cents(quantity * rate) != amount:
                words = "Transaction amount is not equal to the quantity times the rate."
                raise unsaved(self._word, words)
        elif amount is not None:
            pieces = quantity or Decimal(1)
            rate = rate if rate is not None else (amount / pieces).quantize(_PLACES)
        else:
            rate = rate if rate is not None else (item.price or ZERO)
            amount = cents(rate * (Decimal(1) if quantity is None else quantity))
        return replace(line, quantity=quantity, rate=rate, percent=percent, amount=amount)

    def _discount(
        self,
        line: Line,
        item: Item,
        above: Line | None,
        amount: Decimal | None,
        rate: Decimal | None,
        percent: Decimal | None,
    ) -> Line:
        """The amount that is given, with its sign; else the item's own discount."""
        if amount is not None:
            return replace(line, amount=amount)
        percent = item.percent if percent is None else percent
        if rate is None and percent is not None:
            base = above.amount if above and above.amount is not None else ZERO
            return replace(line, percent=-percent, amount=-cents(base * percent / _HUNDRED))
        rate = rate if rate is not None else -(item.price or ZERO)
        return replace(line, rate=rate, amount=cents(rate))


def _or(sent: Sent, name: str, before: str) -> str:
    return sent.text(name) if name in sent else before


def _with_sign_of(above: Line | None, amount: Decimal | None) -> Decimal:
    """A tax line's amount, which takes the sign of the line above; nothing is zero."""
    found = amount or ZERO
    if above is None or above.amount is None:
        return found
    return -abs(found) if above.amount < 0 else abs(found)


def tax_rate(books: Books, item_id: str) -> tuple[Decimal, ...]:
    """The rates of a tax item or of the items of a group, in per cent."""
    item: Item | None = books.tables[Item].get(item_id)
    if item is None:
        return ()
    if item.type != "ItemSalesTaxGroup":
        return (item.rate,)
    return tuple(books.tables[Item][part].rate for part in item.parts)


def totalled(books: Books, form: AnyForm) -> AnyForm:
    """The form with its sums worked out. Raises `Refused` (3180) for a total below zero."""
    lines = [line for line in form.lines if line.amount is not None]
    items = {line.id: books.tables[Item].get(line.item_id) for line in lines}
    apart = books.switches.tax_line_in == "tax"
    own_tax = [line for line in lines if apart and _is_tax(items[line.id])]
    subtotal = sum((line.amount or ZERO for line in lines if line not in own_tax), ZERO)
    tax = sum((line.amount or ZERO for line in own_tax), ZERO)
    rates = tax_rate(books, form.tax_item_id) if _is_taxed(books, form) else ()
    base = sum(
        (line.amount or ZERO for line in lines if _taxable(books, line, items[line.id])), ZERO
    )
    if books.switches.group_tax == "each":
        tax += sum((cents(base * rate / _HUNDRED) for rate in rates), ZERO)
    else:
        tax += cents(base * sum(rates, ZERO) / _HUNDRED)
    found = replace(form, subtotal=subtotal, tax=tax, tax_rate=sum(rates, ZERO))
    if found.total < 0:
        raise unsaved(form.word, "The transaction amount must not be negative.")
    return found


def _is_tax(item: Item | None) -> bool:
    return item is not None and item.is_tax


def _is_taxed(books: Books, form: SalesForm) -> bool:
    """Whether the form's customer pays tax at all."""
    if not books.preferences.sales_tax:
        return False
    code = books.tables[rows.SalesTaxCode].get(form.customer_tax_code_id)
    return code is None or code.taxable


def _taxable(books: Books, line: Line, item: Item | None) -> bool:
    if item is None or item.is_tax:
        return False
    code = books.tables[rows.SalesTaxCode].get(line.tax_code_id)
    return code is not None and code.taxable
