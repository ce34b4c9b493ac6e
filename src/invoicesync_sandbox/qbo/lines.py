"""The lines of a sales form: what is sold, shipping, a discount, words."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import count

from invoicesync_sandbox.base import NotSimulated
from invoicesync_sandbox.fields import FieldTable
from invoicesync_sandbox.qbo.books import Books, cents
from invoicesync_sandbox.qbo.errors import Refused, business, missing
from invoicesync_sandbox.qbo.fields import Posted
from invoicesync_sandbox.qbo.forms import DISCOUNT, SALE, SHIPPING, Line
from invoicesync_sandbox.qbo.lists import EXPENSE_TYPES, INCOME_TYPES
from invoicesync_sandbox.qbo.rows import ZERO, Account, Customer, Item, TaxCode, TrackingClass

_LINE = FieldTable(
    "Line",
    read="Description Amount DetailType SalesItemLineDetail DiscountLineDetail SubTotalLineDetail"
    " DescriptionLineDetail GroupLineDetail TaxLineDetail LinkedTxn Id",
    output="LineNum Received",
    elsewhere="ProjectRef CostAmount HomeCostAmount CustomExtensions CustomField",
)
_KINDS = (
    "SalesItemLineDetail",
    "DiscountLineDetail",
    "SubTotalLineDetail",
    "DescriptionOnly",
    "GroupLineDetail",
)
_LONGEST_DESCRIPTION = 4000
_MOST_LINES = 10_000
_PRICE = Decimal("0.0000001")
"""The decimals that a unit price keeps; further ones are rounded off before 6070."""


def read(
    books: Books, posted: Posted, customer: Customer | None, before: tuple[Line, ...] = ()
) -> tuple[Line, ...]:
    """The lines in the order in which the vendor answers them: discount and shipping come last.

    A line that has the id of one `before` keeps it. Raises `Refused`.
    """
    known = {line.id for line in before if line.id}
    last_id = max((int(row_id) for row_id in known), default=0)
    found: list[Line] = []
    for line in posted.objects("Line", _LINE):
        kind = line.choice("DetailType", _KINDS)
        if not kind:
            raise missing("DetailType")
        if kind == "GroupLineDetail":
            raise NotSimulated("a GroupLineDetail")
        if line.values.get("LinkedTxn"):
            raise Refused("620", "Transaction cannot be linked : only to estimates and time.")
        if kind == "SalesItemLineDetail":
            sold = _sale(books, line, customer)
            row_id = _known_id(line, known) if sold.kind == "sale" else ""
            found.append(replace(sold, id=row_id))
        elif kind == "DescriptionOnly":
            text = line.text("Description", _LONGEST_DESCRIPTION)
            found.append(Line(kind="text", id=_known_id(line, known), description=text))
        elif kind == "DiscountLineDetail":
            found.append(_discount(books, line))
    return _ordered(found, last_id)


def _known_id(line: Posted, known: set[str]) -> str:
    """The line's id if the form has a line of it, which is then given away; blank for a new one."""
    row_id = line.text("Id")
    if row_id not in known:
        return ""
    known.remove(row_id)
    return row_id


def _ordered(found: list[Line], last_id: int) -> tuple[Line, ...]:
    goods = [line for line in found if line.kind in {"sale", "text"}]
    if not goods or len(found) > _MOST_LINES:
        raise missing("Line")
    discounts = [line for line in found if line.kind == "discount"]
    shipping = [line for line in found if line.kind == "shipping"]
    if len(discounts) > 1:
        raise Refused("6090", "There is more than one discount line.", element="Line")
    if len(shipping) > 1:
        raise business("There is more than one shipping line.")
    ids = count(last_id + 1)
    numbered = [line if line.id else replace(line, id=str(next(ids))) for line in goods]
    sub_total = sum((line.amount for line in numbered), ZERO)
    return (*numbered, *(_sized(line, sub_total) for line in discounts), *shipping)


def _sized(discount: Line, sub_total: Decimal) -> Line:
    """The discount as an amount."""
    if discount.percent is not None:
        discount = replace(discount, amount=cents(sub_total * discount.percent / 100))
    if discount.amount > max(sub_total, ZERO):
        raise business("The discount amount can't be greater than the subtotal")
    return discount


def _sale(books: Books, line: Posted, customer: Customer | None) -> Line:
    line.need("Amount")
    detail = line.object("SalesItemLineDetail", SALE) or Posted({}, SALE, books)
    values = SALE.values(detail)
    amount = cents(line.number("Amount") or ZERO)
    item, qty, price = values["item_id"], values["qty"], values["unit_price"]
    if not qty and not price:
        # python-quickbooks sends both as 0 unless they are set, and its amounts stand.
        qty = price = None
    if item == SHIPPING:
        if not books.preferences.allow_shipping:
            raise business("Shipping is not turned on.")
        if qty is not None:
            raise business("A shipping line has no quantity.")
    if price is not None:
        price = price.quantize(_PRICE, ROUND_HALF_UP).normalize()
    if qty is not None and price is not None and cents(qty * price) != amount:
        raise Refused("6070", f"Amount is not equal to UnitPrice * Qty. Supplied value:{amount:,}")
    _check_class(books, values["class_id"])
    known = {
        "kind": "shipping" if item == SHIPPING else "sale",
        "amount": amount,
        "description": line.text("Description", _LONGEST_DESCRIPTION),
        "item_id": item if item == SHIPPING else _item(books, item),
        "qty": qty,
        "unit_price": price,
        "tax_code": _tax_code(books, values["tax_code"], item, customer),
        "gross": cents(values["gross"]) if values["gross"] else None,
    }
    return Line(**values | known)


def _check_class(books: Books, class_id: str) -> None:
    """Raise `Refused` for a class that a line cannot have."""
    if class_id:
        if not books.preferences.classes_on_lines:
            raise business("Class tracking is not turned on for lines.")
        books.pick(TrackingClass, class_id)


def _item(books: Books, item: str) -> str:
    row = books.pick(Item, item or books.preferences.default_item)
    if row.type == "Category":
        raise business("A category cannot be sold.")
    return row.id


def _tax_code(books: Books, code: str, item: str, customer: Customer | None) -> str:
    """The line's tax code; in the United States there is one by default."""
    if not books.world.american:
        return books.pick(TaxCode, code).id if code else ""
    if code and code not in {"TAX", "NON"}:
        raise Refused("6100", f"Invalid tax code : {code} is neither TAX nor NON.")
    if code or not books.preferences.using_sales_tax or item == SHIPPING:
        return code
    row = books.items[item or books.preferences.default_item]
    exempt = customer is not None and not customer.taxable
    return "TAX" if row.taxable and not exempt else "NON"


def _discount(books: Books, line: Posted) -> Line:
    if not books.preferences.allow_discount:
        raise Refused("6090", "Discounts are not turned on.", element="DiscountLineDetail")
    detail = line.object("DiscountLineDetail", DISCOUNT) or Posted({}, DISCOUNT, books)
    percent = detail.number("DiscountPercent") if detail.flag("PercentBased") else None
    if percent is None:
        line.need("Amount")
    amount = cents(line.number("Amount") or ZERO)
    if amount < 0 or (percent is not None and percent < 0):
        raise Refused("2290", "The amount of a discount line is not negative.", element="Amount")
    account = detail.ref("DiscountAccountRef") or books.preferences.discount_account
    if not account:
        raise Refused("6090", "There is no account for discounts.", element="DiscountAccountRef")
    row = books.pick(Account, account)
    if row.type not in INCOME_TYPES | EXPENSE_TYPES:
        raise Refused("6090", f"{row.name} is no account for discounts.")
    code = detail.ref("TaxCodeRef")
    if code and not books.world.american:
        books.pick(TaxCode, code)
    class_id = detail.ref("ClassRef")
    _check_class(books, class_id)
    return Line(
        kind="discount",
        amount=amount,
        description=line.text("Description", _LONGEST_DESCRIPTION),
        percent=percent,
        account_id=row.id,
        tax_code=code,
        class_id=class_id if books.switches.discount_lines_keep_class else "",
    )
