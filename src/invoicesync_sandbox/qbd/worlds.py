"""The kinds of company file that can be simulated."""

from dataclasses import dataclass
from typing import Literal

WorldName = Literal["us", "us-no-tax", "ca"]


@dataclass(frozen=True)
class World:
    """Country, currency and time zone of a company file, and whether sales tax is on in it."""

    country: str
    currency: str
    sales_tax: bool
    company: str = "Wick & Wax LLC"
    zone: str = "America/Los_Angeles"


WORLDS: dict[WorldName, World] = {
    "us": World("US", "USD", sales_tax=True),
    "us-no-tax": World("US", "USD", sales_tax=False),
    "ca": World("CA", "CAD", sales_tax=True, company="Wick & Wax Inc.", zone="America/Toronto"),
}
