"""Invoices, sales receipts, credit memos and refund receipts: header, number, dates, totals."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.qbo import lines, tax_global, tax_us
from invoicesync_sandbox.qbo.books import Books, folded
from invoicesync_sandbox.qbo.errors import (
    Refused,
    business,
    missing,
    too_long,
    unknown_reference,
)
from invoicesync_sandbox.qbo.fields import TABLES, Posted
from invoicesync_sandbox.qbo.forms import (
    LINKED,
    TAX_DETAIL,
    Invoice,
    Line,
    RefundReceipt,
    SalesForm,
    SalesReceipt,
)
from invoicesync_sandbox.qbo.rows import Account, Customer, Department, TrackingClass
from invoicesync_sandbox.qbo.tax import Basis, Tax

_LONGEST_NUMBER = 21
_MONEY_ACCOUNTS = frozenset({"Bank", "Other Current Asset"})
_GENERATE = "AUTO_GENERATE"
_NEGATIVE = "You must specify a transaction amount that is 0 or greater."
_WRONG_NAME = "The type of name assigned to this transaction (customer, vendor, employee) is wrong"
_WRONG_CURRENCY = "The currency of the transaction is invalid for customer/vendor/account."


@dataclass(frozen=True)
class Options:
    """What a request asks for beside its body."""

    allow_duplicate_number: bool = False
    keep_tax: bool = False
    """Whether the tax stays what it was in the version before."""


def save(
    books: Books,
    kind: type[SalesForm],
    posted: Posted,
    before: Any,
    options: Options,
) -> Any:
    """A sales form, or a new version of `before`, as it will be: not yet in the books.

    Raises `Refused`.
    """
    customer = None
    if kind is not SalesReceipt or posted.ref("CustomerRef"):
        customer = customer_of(books, posted)
    values = TABLES[kind].values(posted, before) | header(books, posted, customer, before)
    if posted.values.get("LinkedTxn") and not _same_links(posted, before):
        raise Refused("620", "Payments cannot be linked from this side.")
    calculation = "" if books.world.american else tax_global.calculation(books, posted)
    read = lines.read(books, posted, customer, before.lines if before else ())
    if calculation != "TaxInclusive":
        read = tuple(replace(line, gross=None) for line in read)
    values["kept"] = _kept(books, posted, customer, values["kept"])
    if options.keep_tax:
        tax = Tax(before.tax_lines, before.tax_code, before.tax_overridden)
    else:
        model = tax_us if books.world.american else tax_global
        tax = model.work_out(books, _basis(posted, customer, read, calculation, values))
    signs = {"sale": 1, "shipping": 1, "discount": -1, "text": 0}
    total = sum((signs[line.kind] * line.amount for line in tax.lines or read), tax.total)
    if total < 0 or (total == 0 and books.switches.zero_total_refused):
        raise business(_NEGATIVE)
    if "account_id" in values:
        if kind is RefundReceipt and not values["account_id"]:
            raise missing("DepositToAccountRef")
        values["account_id"] = money_account(books, values["account_id"])
    if kind is Invoice:
        _set_due_date(books, values, customer)
    values["number"] = _number(books, kind, posted, before, options)
    return books.row(
        kind,
        before,
        **values,
        lines=tax.lines or read,
        tax=tax.total,
        tax_lines=tax.tax_lines,
        tax_code=tax.tax_code,
        tax_overridden=tax.overridden,
        calculation=calculation,
        total=total,
    )


def customer_of(books: Books, posted: Posted) -> Customer:
    """The customer of a transaction. Raises `Refused`."""
    customer = posted.ref("CustomerRef")
    if not customer:
        raise missing("CustomerRef")
    person = books.person(customer)
    if person is None:
        raise unknown_reference(Customer.word, customer)
    if not isinstance(person, Customer):
        raise business(_WRONG_NAME)
    return books.pick(Customer, customer)


def header(books: Books, posted: Posted, customer: Customer | None, before: Any) -> dict[str, Any]:
    """Customer, date and currency of a transaction. The date is checked against the closed books,
    as is that of `before`. Raises `Refused`.
    """
    day = posted.day("TxnDate") or books.today()
    books.check_open(day)
    if before is not None:
        books.check_open(before.txn_date)
    currency, rate = _currency_of(books, posted, customer)
    return {
        "customer_id": customer.id if customer else "",
        "txn_date": day,
        "currency": currency,
        "rate": rate,
    }


def _currency_of(books: Books, posted: Posted, customer: Customer | None) -> tuple[str, Decimal]:
    """The currency, and home units for one unit of it. Raises `Refused`."""
    home = books.world.currency
    code = posted.ref("CurrencyRef")
    if not code and books.preferences.multicurrency and books.switches.currency_required:
        raise missing("CurrencyRef")
    code = code or home
    if code != (customer.currency if customer else home):
        raise business(_WRONG_CURRENCY)
    if code == home:
        return code, Decimal(1)
    rate = posted.number("ExchangeRate")
    known = next(row.rate for row in books.currencies.values() if row.code == code)
    return code, rate or known


def money_account(books: Books, account_id: str) -> str:
    """An account that can receive or give money, Undeposited Funds by default.

    Raises `Refused`.
    """
    row = books.pick(Account, account_id or books.undeposited)
    if row.type not in _MONEY_ACCOUNTS:
        raise business("You need to select a different type of account for this transaction.")
    return row.id


def _basis(
    posted: Posted,
    customer: Customer | None,
    read: tuple[Line, ...],
    calculation: str,
    values: dict[str, Any],
) -> Basis:
    detail = posted.object("TxnTaxDetail", TAX_DETAIL)
    kept = values["kept"]
    # Where the goods go, else where they come from; blank for neither.
    addresses = (kept.get(name, {}) for name in ("ShipAddr", "BillAddr", "ShipFromAddr"))
    states = (address.get("CountrySubDivisionCode") for address in addresses)
    return Basis(
        lines=read,
        customer=customer,
        detail=detail or Posted({}, TAX_DETAIL, posted.books),
        calculation=calculation,
        discount_first=values["discount_first"],
        shipping_included=values["shipping_tax_included"],
        state=str(next(filter(None, states), "")).upper(),
    )


def _set_due_date(books: Books, values: dict[str, Any], customer: Customer | None) -> None:
    own = customer.term_id if customer else ""
    values["term_id"] = values["term_id"] or own or books.preferences.default_term
    days = books.terms[values["term_id"]].due_days if values["term_id"] else 0
    values.setdefault("due_date", values["txn_date"] + dt.timedelta(days=days))


def _number(
    books: Books, kind: type[SalesForm], posted: Posted, before: Any, options: Options
) -> str:
    """The document number, given out here unless the company numbers by hand."""
    number = posted.text("DocNumber")
    if len(number) > _LONGEST_NUMBER:
        code = books.switches.long_number_code
        raise too_long("DocNumber", _LONGEST_NUMBER, len(number), code)
    forced = number == _GENERATE or (not number and posted.flag("AutoDocNumber"))
    if forced or (not number and not books.preferences.custom_numbers):
        return books.next_number()
    if number and not options.allow_duplicate_number and _watched(books):
        for other in books.tables[kind].find("number", folded(number)):
            taken = before is None or other.id != before.id
            if taken and other.status != "deleted":
                raise _duplicate(number, kind.__name__, other.id)
    return number


def _watched(books: Books) -> bool:
    """Whether somebody has asked to be warned of duplicate numbers."""
    only_custom = books.switches.duplicate_numbers_checked == "custom"
    preferences = books.preferences
    return preferences.warn_duplicate_numbers and (preferences.custom_numbers or not only_custom)


def _duplicate(number: str, kind: str, row_id: str) -> Refused:
    return Refused(
        "6140",
        "Duplicate Document Number Error : You must specify a different number. This number has"
        f" already been used. DocNumber={number} is assigned to TxnType={kind} with"
        f" TxnId={row_id}",
    )


def _same_links(posted: Posted, before: Any) -> bool:
    """Whether the links are those that the form has anyway, as when it was read and sent back."""
    links = posted.objects("LinkedTxn", LINKED)
    if any(link.text("TxnType") == "Estimate" for link in links):
        raise NotSimulated("a link to an Estimate")
    return before is not None and {link.text("TxnId") for link in links} == set(before.links)


def _kept(
    books: Books, posted: Posted, customer: Customer | None, kept: dict[str, Any]
) -> dict[str, Any]:
    """What only has to be given back, with what the customer has by default. Raises `Refused`."""
    _check_settings(books, posted)
    if customer:
        own = {name: customer.kept.get(name) for name in ("BillAddr", "ShipAddr")}
        own["BillEmail"] = customer.email
        kept = {name: value for name, value in own.items() if value} | kept
    if kept.get("EmailStatus") == "NeedToSend" and "BillEmail" not in kept:
        raise missing("BillEmail")
    return kept


def _check_settings(books: Books, posted: Posted) -> None:
    """Raise `Refused` for what the company's settings do not allow."""
    preferences = books.preferences
    if not preferences.allow_shipping and any(
        posted.has(name) for name in ("ShipDate", "TrackingNum", "ShipMethodRef")
    ):
        raise business("Shipping is not turned on.")
    if class_id := posted.ref("ClassRef"):
        if not preferences.classes_on_forms:
            raise business("Class tracking is not turned on.")
        books.pick(TrackingClass, class_id)
    if department := posted.ref("DepartmentRef"):
        if not preferences.departments:
            raise business("Location tracking is not turned on.")
        books.pick(Department, department)
