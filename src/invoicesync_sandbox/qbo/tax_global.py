"""VAT and GST: a code on every line, and tax for each rate on the sum of what bears it."""

from dataclasses import replace
from decimal import Decimal

from invoicesync_sandbox.qbo.books import Books, cents
from invoicesync_sandbox.qbo.errors import Refused, business, missing
from invoicesync_sandbox.qbo.fields import Posted
from invoicesync_sandbox.qbo.forms import TAX_LINE_DETAIL, Line, TaxLine
from invoicesync_sandbox.qbo.rows import ZERO, TaxCode
from invoicesync_sandbox.qbo.tax import Basis, Tax, tax_line

_CALCULATIONS = ("TaxExcluded", "TaxInclusive", "NotApplicable")
_NO_RATE = "Make sure all your transactions have a {} rate before you save."
_RATES = {"GB": "VAT", "AU": "GST", "CA": "GST/HST"}
"""What a rate of tax is called in each country; elsewhere by both names."""
_GOODS = ("sale", "shipping")


def calculation(books: Books, posted: Posted) -> str:
    """How the form's amounts include tax. Raises `Refused` when it does not say."""
    chosen = posted.choice("GlobalTaxCalculation", _CALCULATIONS)
    if not chosen and books.switches.global_tax_calculation_required:
        raise missing("GlobalTaxCalculation")
    return chosen or "TaxExcluded"


def work_out(books: Books, basis: Basis) -> Tax:
    """The tax of a form. Raises `Refused`."""
    if basis.calculation == "NotApplicable":
        if basis.has_override:
            raise Refused("6170", "A form without tax has no TxnTaxDetail.")
        return Tax()
    _check_codes(books, basis)
    gross = basis.calculation == "TaxInclusive" and books.switches.inclusive_total == "gross"
    if gross and basis.discount is None:
        tax = _inside(books, basis)
    else:
        own_code = books.switches.discount_line_taxed == "own-code"
        tax = Tax(tax_lines=_per_rate(books, basis.nets(_GOODS, own_code=own_code)))
    return _forced(books, basis, tax)


def _check_codes(books: Books, basis: Basis) -> None:
    kinds = {"sale", "shipping"}
    if books.switches.discount_line_needs_tax_code:
        kinds.add("discount")
    if any(line.kind in kinds and not line.tax_code for line in basis.lines):
        raise business(_NO_RATE.format(_RATES.get(books.world.country, "VAT/GST")))


def shares(books: Books, code: TaxCode) -> dict[str, Decimal]:
    """What each rate of a code takes of a net amount of 1, not rounded."""
    found: dict[str, Decimal] = {}
    for part in sorted(code.sales, key=lambda part: part.order):
        so_far = sum(found.values(), ZERO)
        base = {"TaxOnAmount": Decimal(1), "TaxOnAmountPlusTax": 1 + so_far, "TaxOnTax": so_far}
        found[part.rate_id] = base[part.applies] * books.tax_rates[part.rate_id].percent / 100
    return found


def _per_rate(books: Books, nets: dict[str, Decimal]) -> tuple[TaxLine, ...]:
    """Tax on the summed net of each rate, rounded once."""
    amounts: dict[str, Decimal] = {}
    bases: dict[str, Decimal] = {}
    for code_id, net in nets.items():
        for rate_id, share in shares(books, books.tax_codes[code_id]).items():
            amounts[rate_id] = amounts.get(rate_id, ZERO) + net * share
            bases[rate_id] = bases.get(rate_id, ZERO) + net
    return tuple(
        tax_line(books.tax_rates[rate_id], cents(amount), bases[rate_id])
        for rate_id, amount in amounts.items()
    )


def _inside(books: Books, basis: Basis) -> Tax:
    """Tax taken out of amounts that include it; the net amounts of the lines follow."""
    lines = list(basis.lines)
    taxes: dict[str, TaxLine] = {}
    for code_id in dict.fromkeys(line.tax_code for line in lines if line.kind in _GOODS):
        portions = shares(books, books.tax_codes[code_id])
        whole = 1 + sum(portions.values(), ZERO)
        places = [i for i, line in enumerate(lines) if _bears(line, code_id)]
        gross = [_gross(lines[place], whole) for place in places]
        total = sum(gross, ZERO)
        amounts = {rate: cents(total * share / whole) for rate, share in portions.items()}
        rest = total - sum(amounts.values(), ZERO)
        net = rest
        for place, amount in zip(places[:-1], gross, strict=False):
            lines[place] = replace(lines[place], amount=cents(amount / whole), gross=amount)
            rest -= lines[place].amount
        lines[places[-1]] = replace(lines[places[-1]], amount=rest, gross=gross[-1])
        for rate, amount in amounts.items():
            before = taxes.get(rate) or tax_line(books.tax_rates[rate], ZERO, ZERO)
            taxes[rate] = replace(before, amount=before.amount + amount, net=before.net + net)
    return Tax(tax_lines=tuple(taxes.values()), lines=tuple(lines))


def _bears(line: Line, code_id: str) -> bool:
    return line.kind in _GOODS and line.tax_code == code_id


def _gross(line: Line, whole: Decimal) -> Decimal:
    return cents(line.amount * whole) if line.gross is None else line.gross


def _forced(books: Books, basis: Basis, tax: Tax) -> Tax:
    """The same tax with the amounts that the app has sent for single rates."""
    known = {line.rate_id: line for line in tax.tax_lines}
    seen: set[str] = set()
    for posted in basis.tax_lines:
        detail = posted.object("TaxLineDetail", TAX_LINE_DETAIL)
        rate_id = detail.ref("TaxRateRef") if detail else ""
        amount = posted.number("Amount")
        if not rate_id or amount is None:
            raise missing("TaxLine.Amount" if rate_id else "TaxLineDetail.TaxRateRef")
        if rate_id not in known or rate_id in seen:
            raise Refused("6160", f"Tax rate {rate_id} is no rate of these lines, or is repeated.")
        seen.add(rate_id)
        delta = cents(amount) - known[rate_id].amount
        if delta and _allowed(books, delta):
            known[rate_id] = replace(known[rate_id], amount=cents(amount), delta=delta)
    if not any(line.delta for line in known.values()):
        return tax
    return replace(tax, tax_lines=tuple(known.values()), overridden=True)


def _allowed(books: Books, delta: Decimal) -> bool:
    """Whether an amount may differ so much. Raises `Refused` where more is an error."""
    most = books.switches.tax_override_tolerance
    if most is None or abs(delta) <= most:
        return True
    if books.switches.tax_override_beyond == "refuse":
        raise Refused("6160", f"The tax amount is {abs(delta)} away from what was worked out.")
    return False
