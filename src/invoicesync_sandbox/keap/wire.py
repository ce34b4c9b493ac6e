"""The shapes that Keap's JSON is made of: money in the smallest unit, times."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Json = dict[str, Any]

SYMBOLS = {"GBP": "£", "USD": "$", "EUR": "€", "AUD": "$", "CAD": "$", "NZD": "$", "JPY": "¥"}
# ISO 4217: the currencies that do not have two decimals.
DECIMALS = {"JPY": 0, "KRW": 0, "CLP": 0, "VND": 0, "BHD": 3, "JOD": 3, "KWD": 3, "TND": 3}


def minor_units(amount: Decimal, currency: str, *, exact: bool = False) -> int | Decimal:
    """`amount` (major units) in the currency's smallest unit, halves away from zero unless it is
    to be `exact`."""
    scaled = amount.scaleb(DECIMALS.get(currency, 2))
    return scaled if exact else int(scaled.quantize(Decimal(1), ROUND_HALF_UP))


def money_json(amount: Decimal, currency: str) -> Json:
    """`CurrencyValue`: the smallest unit, the currency and a text for people."""
    decimals = DECIMALS.get(currency, 2)
    sign = "-" if amount < 0 else ""
    symbol = SYMBOLS.get(currency, f"{currency} ")
    return {
        "amount": minor_units(amount, currency),
        "currency_code": currency,
        "formatted_amount": f"{sign}{symbol}{abs(amount):,.{decimals}f}",
    }


def time_text(moment: datetime | None) -> str | None:
    """A date and time in UTC as Keap writes it, `2026-11-03T07:00:00.000Z`."""
    if moment is None:
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def without_empty(value: Any) -> Any:
    """`value` without the fields that are null."""
    if isinstance(value, dict):
        return {name: without_empty(item) for name, item in value.items() if item is not None}
    return [without_empty(item) for item in value] if isinstance(value, list) else value
