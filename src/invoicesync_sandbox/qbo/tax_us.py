"""Sales tax in the United States: worked out by QuickBooks, looked after by hand, or off."""

from dataclasses import replace
from decimal import Decimal

from invoicesync_sandbox.qbo.books import Books, cents
from invoicesync_sandbox.qbo.errors import Refused, business
from invoicesync_sandbox.qbo.rows import ZERO, TaxCode
from invoicesync_sandbox.qbo.tax import Basis, Tax, percentage, tax_line
from invoicesync_sandbox.qbo.worlds import SHIPPING_TAXED_IN, STATE_TAX


def work_out(books: Books, basis: Basis) -> Tax:
    """The tax of a form. Raises `Refused`."""
    if not books.preferences.using_sales_tax:
        return _none(books, basis)
    if books.world.tax == "automated":
        return _automated(books, basis)
    return _manual(books, basis)


def _none(books: Books, basis: Basis) -> Tax:
    taxed = any(line.tax_code == "TAX" for line in basis.lines)
    if taxed or basis.detail.number("TotalTax") or basis.detail.has("TxnTaxCodeRef"):
        if books.switches.tax_off_code == "6000":
            raise business("Sales tax is not turned on in this company.")
        raise Refused("6470", "Sales tax is not turned on in this company.")
    return Tax()


def _automated(books: Books, basis: Basis) -> Tax:
    """Tax by the state that the goods go to, unless the app has said how much it is."""
    home = books.world.address["CountrySubDivisionCode"]
    state = basis.state or home
    name, percent = STATE_TAX.get(state, (f"No tax in {state}", ZERO))
    code = books.automated_code(state, name, percent)
    exempt = basis.customer is not None and not basis.customer.taxable
    own = ZERO if exempt else percentage(basis.taxable_alone, percent)
    shipping = ZERO if exempt else _shipping_tax(books, basis, state, percent)
    net = cents(basis.taxable_alone)
    if shipping and basis.shipping:
        net += basis.shipping.amount
    rate, worked_out = books.tax_rates[code.sales[0].rate_id], own + shipping
    forced = _forced(books, basis)
    if forced is None:
        return Tax(tax_lines=(tax_line(rate, worked_out, net),), tax_code=code.id)
    total = forced if basis.shipping_included else forced + shipping
    line = tax_line(rate, total, net, delta=total - worked_out)
    return Tax(tax_lines=(line,), tax_code=code.id, overridden=True)


def _forced(books: Books, basis: Basis) -> Decimal | None:
    """The amount that the app wants the tax to be, None when that is left to QuickBooks."""
    total = basis.detail.number("TotalTax")
    if total is None or basis.detail.flag("UseAutomatedSalesTax"):
        return None
    if books.switches.override_needs_tax_code and not basis.detail.has("TxnTaxCodeRef"):
        return None
    if total and not any(line.tax_code == "TAX" for line in basis.lines):
        if books.switches.override_without_taxable_line == "refuse":
            raise Refused("6160", "There is no taxable line that the tax could belong to.")
        return None
    return cents(total)


def _shipping_tax(books: Books, basis: Basis, state: str, percent: Decimal) -> Decimal:
    line = basis.shipping
    if line is None:
        return ZERO
    taxed = line.tax_code == "TAX"
    if not line.tax_code or books.switches.shipping_taxed == "state":
        taxed = state in SHIPPING_TAXED_IN
    return percentage(line.amount, percent) if taxed else ZERO


def _manual(books: Books, basis: Basis) -> Tax:
    """Tax by the one code of the form."""
    total = basis.detail.number("TotalTax")
    code_id = basis.detail.ref("TxnTaxCodeRef")
    if not code_id and total:
        own = basis.customer.tax_code if basis.customer else ""
        code_id = own or books.preferences.default_tax_code
        if not code_id:
            raise Refused("6160", "There is no tax code that the tax could belong to.")
    if not code_id:
        return Tax()
    code = books.pick(TaxCode, code_id)
    if not code.sales:
        raise Refused("6100", f"Invalid tax code : {code.name} is not one for a whole form.")
    net = basis.nets(("sale", "shipping")).get("TAX", ZERO)
    rates = [books.tax_rates[part.rate_id] for part in code.sales]
    lines = [tax_line(rate, percentage(net, rate.percent), net) for rate in rates]
    worked_out = Tax(tax_lines=tuple(lines), tax_code=code.id)
    if total is None or cents(total) == worked_out.total:
        return worked_out
    if not net and total:
        raise Refused("6160", "There is no taxable line that the tax could belong to.")
    # What is forced over the sum of the rates goes to the first of them.
    delta = cents(total) - worked_out.total
    lines[0] = replace(lines[0], amount=lines[0].amount + delta, delta=delta)
    return replace(worked_out, tax_lines=tuple(lines), overridden=True)
