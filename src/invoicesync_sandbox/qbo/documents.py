"""Invoices, sales receipts, credit memos and refund receipts: header, number, dates, totals."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.qbo import lines, shapes, tax_global, tax_us
from invoicesync_sandbox.qbo.books import Books, folded
from invoicesync_sandbox.qbo.faults import (
    Refused,
    business,
    missing,
    too_long,
    unknown_reference,
)
from invoicesync_sandbox.qbo.posted import Posted
from invoicesync_sandbox.qbo.rows import (
    ZERO,
    Customer,
    Invoice,
    Line,
    RefundReceipt,
    SalesForm,
    SalesReceipt,
)
from invoicesync_sandbox.qbo.tax import Basis, Tax

LONGEST_NUMBER = 21
LONGEST_REF = 21
LONGEST_NOTE = 4000
MONEY_ACCOUNTS = frozenset({"Bank", "Other Current Asset"})
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
    customer = customer_of(books, posted, required=kind is not SalesReceipt)
    day = dated(books, posted, before)
    currency, rate = currency_of(books, posted, customer)
    if posted.values.get("LinkedTxn") and not _same_links(posted, before):
        raise Refused("620", "Payments cannot be linked from this side.")
    calculation = "" if books.world.american else tax_global.calculation(books, posted)
    read = lines.read(books, posted, customer, before.lines if before else ())
    basis = _basis(posted, customer, read, calculation)
    tax = _kept_tax(before) if options.keep_tax else work_out_tax(books, basis)
    fields: dict[str, Any] = {
        "customer_id": customer.id if customer else "",
        "txn_date": day,
        "currency": currency,
        "rate": rate,
        "private_note": posted.text("PrivateNote", LONGEST_NOTE),
        "lines": tax.lines or read,
        "tax": tax.total,
        "tax_lines": tax.tax_lines,
        "tax_code": tax.tax_code,
        "tax_overridden": tax.overridden,
        "calculation": calculation,
        "discount_first": basis.discount_first,
        "shipping_tax_included": basis.shipping_included,
        "total": total_of(tax.lines or read, tax.total),
        "kept": _kept(books, posted, customer),
    }
    _check_total(books, fields["total"])
    fields |= _money(books, kind, posted)
    if kind is Invoice:
        fields |= _due(books, posted, customer, day)
    fields["number"] = _number(books, kind, posted, before, options)
    if before is None:
        return kind(**books.stamp("txn"), **fields)
    return books.touched(before, **fields)


def customer_of(books: Books, posted: Posted, *, required: bool) -> Customer | None:
    """The customer of a transaction. Raises `Refused`."""
    customer = posted.ref("CustomerRef")
    if not customer:
        if required:
            raise missing("CustomerRef")
        return None
    person = books.person(customer)
    if person is None:
        raise unknown_reference("Names", customer)
    if not isinstance(person, Customer):
        raise business(_WRONG_NAME)
    return books.pick(books.customers, customer, "Names")


def dated(books: Books, posted: Posted, before: Any) -> dt.date:
    """The date of a transaction, checked against the closed books, as is that of `before`."""
    day = posted.day("TxnDate") or books.today()
    books.check_open(day)
    if before is not None:
        books.check_open(before.txn_date)
    return day


def currency_of(books: Books, posted: Posted, customer: Customer | None) -> tuple[str, Decimal]:
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
    """An account that can receive or give money. Raises `Refused`."""
    row = books.pick(books.accounts, account_id, "Accounts")
    if row.type not in MONEY_ACCOUNTS:
        raise business("You need to select a different type of account for this transaction.")
    return row.id


def payment_method(books: Books, posted: Posted) -> str:
    """The payment method; blank for none. Raises `Refused`."""
    method = posted.ref("PaymentMethodRef")
    return books.pick(books.payment_methods, method, "PaymentMethod").id if method else ""


def work_out_tax(books: Books, basis: Basis) -> Tax:
    """The tax of a form, by the model of the company."""
    if books.world.american:
        return tax_us.work_out(books, basis)
    return tax_global.work_out(books, basis)


def total_of(found: tuple[Line, ...], tax: Decimal) -> Decimal:
    """The total: goods and shipping, less the discount, and the tax."""
    signs = {"sale": 1, "shipping": 1, "discount": -1, "text": 0}
    return sum((signs[line.kind] * line.amount for line in found), ZERO) + tax


def _basis(
    posted: Posted, customer: Customer | None, read: tuple[Line, ...], calculation: str
) -> Basis:
    detail = posted.object("TxnTaxDetail", shapes.TAX_DETAIL)
    return Basis(
        lines=read,
        customer=customer,
        detail=detail or Posted({}, shapes.TAX_DETAIL),
        calculation=calculation,
        discount_first=posted.flag("ApplyTaxAfterDiscount"),
        shipping_included=posted.flag("ShippingTaxIncludedInTotalTax"),
        state=_state(posted, customer),
    )


def _state(posted: Posted, customer: Customer | None) -> str:
    """Where the goods go: the form's address, else the customer's, else where they come from."""
    known = customer.kept if customer else {}
    for address in (
        posted.address("ShipAddr"),
        known.get("ShipAddr"),
        posted.address("BillAddr"),
        known.get("BillAddr"),
        posted.address("ShipFromAddr"),
    ):
        if address and address.get("CountrySubDivisionCode"):
            return str(address["CountrySubDivisionCode"]).upper()
    return ""


def _kept_tax(before: SalesForm) -> Tax:
    return Tax(before.tax, before.tax_lines, before.tax_code, before.tax_overridden)


def _check_total(books: Books, total: Decimal) -> None:
    if total < 0 or (total == 0 and books.switches.zero_total_refused):
        raise business(_NEGATIVE)


def _money(books: Books, kind: type[SalesForm], posted: Posted) -> dict[str, Any]:
    """How the money moves, on the forms that are money themselves."""
    if kind not in {SalesReceipt, RefundReceipt}:
        return {}
    account = posted.ref("DepositToAccountRef")
    if kind is RefundReceipt and not account:
        raise missing("DepositToAccountRef")
    return {
        "account_id": money_account(books, account or books.undeposited),
        "method_id": payment_method(books, posted),
        "ref": posted.text("PaymentRefNum", LONGEST_REF),
    }


def _due(books: Books, posted: Posted, customer: Customer | None, day: dt.date) -> dict[str, Any]:
    term_id = posted.ref("SalesTermRef")
    if term_id:
        books.pick(books.terms, term_id, "Terms")
    term_id = term_id or (customer.term_id if customer else "") or books.preferences.default_term
    days = books.terms[term_id].due_days if term_id else 0
    due = posted.day("DueDate") or day + dt.timedelta(days=days)
    return {"due_date": due, "term_id": term_id}


def _number(
    books: Books, kind: type[SalesForm], posted: Posted, before: Any, options: Options
) -> str:
    """The document number, given out here unless the company numbers by hand."""
    number = posted.text("DocNumber")
    if len(number) > LONGEST_NUMBER:
        code = books.switches.long_number_code
        raise too_long("DocNumber", LONGEST_NUMBER, len(number), code)
    forced = number == _GENERATE or (not number and posted.flag("AutoDocNumber"))
    if forced or (not number and not books.preferences.custom_numbers):
        return books.next_number()
    if number and not options.allow_duplicate_number and _watched(books):
        for other in books.transactions[kind].find("number", folded(number)):
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
    links = posted.objects("LinkedTxn", shapes.LINKED)
    if any(link.text("TxnType") == "Estimate" for link in links):
        raise NotSimulated("a link to an Estimate")
    return before is not None and {link.text("TxnId") for link in links} == set(before.links)


def _kept(books: Books, posted: Posted, customer: Customer | None) -> dict[str, Any]:
    """What only has to be given back, with what the customer has by default."""
    _check_settings(books, posted)
    email = posted.email("BillEmail", books.switches) or (customer.email if customer else "")
    status = posted.choice("EmailStatus", ("NotSet", "NeedToSend", "EmailSent")) or "NotSet"
    if status == "NeedToSend" and not email:
        raise missing("BillEmail")
    printed = posted.choice("PrintStatus", ("NotSet", "NeedToPrint", "PrintComplete"))
    memo = posted.object("CustomerMemo", shapes.MEMO)
    known = customer.kept if customer else {}
    kept = posted.kept("ShipMethodRef", "ShipDate", "TrackingNum", "ClassRef", "DepartmentRef")
    kept |= {"EmailStatus": status, "PrintStatus": printed or "NotSet"}
    if email:
        kept["BillEmail"] = {"Address": email}
    if memo and memo.has("value"):
        kept["CustomerMemo"] = {"value": memo.text("value", 1000)}
    for name in ("BillAddr", "ShipAddr", "ShipFromAddr"):
        address = posted.address(name) or known.get(name)
        if address:
            kept[name] = address
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
        books.pick(books.classes, class_id, "Class")
    if department := posted.ref("DepartmentRef"):
        if not preferences.departments:
            raise business("Location tracking is not turned on.")
        books.pick(books.departments, department, "Department")
    posted.day("ShipDate")
