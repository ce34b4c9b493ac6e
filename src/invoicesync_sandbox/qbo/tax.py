"""What the tax of a sales form is worked out from, and what comes out."""

from dataclasses import dataclass
from decimal import Decimal

from invoicesync_sandbox.qbo.books import cents
from invoicesync_sandbox.qbo.fields import Posted
from invoicesync_sandbox.qbo.forms import TAX_LINE, Line, TaxLine
from invoicesync_sandbox.qbo.rows import ZERO, Customer, TaxRate


@dataclass(frozen=True)
class Basis:
    """A form before its tax is known. `state` is the ship-to's, blank for none."""

    lines: tuple[Line, ...]
    customer: Customer | None
    detail: Posted
    calculation: str = ""
    discount_first: bool = False
    shipping_included: bool = False
    state: str = ""

    @property
    def taxable_alone(self) -> Decimal:
        """The net amount of the TAX lines, less their share of a discount that comes first."""
        return self.nets(("sale",)).get("TAX", ZERO)

    @property
    def shipping(self) -> Line | None:
        """The shipping line."""
        return next((line for line in self.lines if line.kind == "shipping"), None)

    @property
    def discount(self) -> Line | None:
        """The discount line."""
        return next((line for line in self.lines if line.kind == "discount"), None)

    @property
    def has_override(self) -> bool:
        """Whether an amount of tax was sent."""
        return self.detail.has("TotalTax") or bool(self.tax_lines)

    @property
    def tax_lines(self) -> list[Posted]:
        """The tax lines that were sent."""
        return self.detail.objects("TaxLine", TAX_LINE)

    def nets(self, kinds: tuple[str, ...], *, own_code: bool = False) -> dict[str, Decimal]:
        """The net amount that each tax code is taken on, not rounded.

        A discount that comes first is spread over the item lines in proportion, or with `own_code`
        taken from the amount of its own code.
        """
        goods = [line for line in self.lines if line.kind == "sale"]
        sub_total = sum((line.amount for line in goods), ZERO)
        discount = self.discount if self.discount_first else None
        found: dict[str, Decimal] = {}
        for line in self.lines:
            if line.kind not in kinds or not line.tax_code:
                continue
            net = line.amount
            if discount and line.kind == "sale" and sub_total and not own_code:
                net -= discount.amount * line.amount / sub_total
            found[line.tax_code] = found.get(line.tax_code, ZERO) + net
        if discount and own_code and discount.tax_code:
            found[discount.tax_code] = found.get(discount.tax_code, ZERO) - discount.amount
        return found


@dataclass(frozen=True)
class Tax:
    """The tax of a form. `lines` replace those of the form when working it out changed them."""

    tax_lines: tuple[TaxLine, ...] = ()
    tax_code: str = ""
    overridden: bool = False
    lines: tuple[Line, ...] | None = None

    @property
    def total(self) -> Decimal:
        """The tax of all rates."""
        return sum((line.amount for line in self.tax_lines), ZERO)


def tax_line(rate: TaxRate, amount: Decimal, net: Decimal, delta: Decimal | None = None) -> TaxLine:
    """What a rate takes of a net amount, in whole cents."""
    return TaxLine(
        rate_id=rate.id, amount=amount, net=cents(net), percent=rate.percent, delta=delta
    )


def percentage(amount: Decimal, percent: Decimal) -> Decimal:
    """So many per cent of an amount, in whole cents."""
    return cents(amount * percent / 100)
