"""The kinds of company that can be simulated: where one is, and how its sales are taxed."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

WorldName = Literal["us", "us-no-tax", "us-manual", "uk", "au"]
TaxModel = Literal["automated", "manual", "off", "global"]


@dataclass(frozen=True)
class World:
    """Country and currency of a company, and the model of its sales tax."""

    name: str
    country: str
    currency: str
    currency_name: str
    tax: TaxModel
    tax_account: str
    fiscal_month: str
    zone: str
    address: dict[str, str] = field(default_factory=dict)

    @property
    def american(self) -> bool:
        """Whether lines are TAX or NON, and forms do not say how amounts include tax."""
        return self.tax != "global"


def _american(tax: TaxModel) -> World:
    return World(
        name="Wick & Wax LLC",
        country="US",
        currency="USD",
        currency_name="United States Dollar",
        tax=tax,
        tax_account="Sales Tax Payable",
        fiscal_month="January",
        zone="America/Los_Angeles",
        address={
            "Line1": "12 Candle Court",
            "City": "Oakland",
            "CountrySubDivisionCode": "CA",
            "PostalCode": "94601",
            "Country": "USA",
        },
    )


WORLDS: dict[WorldName, World] = {
    "us": _american("automated"),
    "us-no-tax": _american("off"),
    "us-manual": _american("manual"),
    "uk": World(
        name="Wick & Wax Ltd",
        country="GB",
        currency="GBP",
        currency_name="British Pound Sterling",
        tax="global",
        tax_account="VAT Control",
        fiscal_month="April",
        zone="Europe/London",
        address={
            "Line1": "3 Foundry Street",
            "City": "Leeds",
            "PostalCode": "LS11 5QH",
            "Country": "GBR",
        },
    ),
    "au": World(
        name="Wick & Wax Pty Ltd",
        country="AU",
        currency="AUD",
        currency_name="Australian Dollar",
        tax="global",
        tax_account="GST Liabilities Payable",
        fiscal_month="July",
        zone="Australia/Sydney",
        address={
            "Line1": "40 Harbour Road",
            "City": "Newcastle",
            "CountrySubDivisionCode": "NSW",
            "PostalCode": "2300",
            "Country": "AUS",
        },
    ),
}

STATE_TAX: dict[str, tuple[str, Decimal]] = {
    "CA": ("California", Decimal("7.25")),
    "FL": ("Florida", Decimal(7)),
    "NY": ("New York", Decimal("8.875")),
    "TX": ("Texas", Decimal("8.25")),
    "WA": ("Washington", Decimal("9.5")),
}
"""Per cent that automated sales tax takes, by state; nothing elsewhere. Made up, but plausible."""

SHIPPING_TAXED_IN = frozenset({"FL", "NY", "TX", "WA"})
"""The states that tax what a customer is charged for shipping."""
