"""Keap's limits, and the headers of its answers that say what is left of them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from invoicesync_cli.http.limits import ServiceLimits, Window
from invoicesync_cli.http.responses import count_of

PRODUCT = "x-keap-product-quota-"
"""The quota of the day for keys, or for OAuth apps."""
TENANT = "x-keap-tenant-throttle-"
"""The limits of the whole account. Its headers hold one value per unit of time: `minute|day`."""


def day_left(headers: Mapping[str, str]) -> int | None:
    """Calls left today; None where the headers are blank."""
    known = [count_of(headers.get(f"{PRODUCT}available", "")), _tenant_day(headers)]
    return min((left for left in known if left is not None), default=None)


def day_ends(headers: Mapping[str, str], now: datetime) -> datetime:
    """When the day's calls come back: at the time that Keap names, else at 00:00 UTC."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    midnight += timedelta(days=1)
    product_left = count_of(headers.get(f"{PRODUCT}available", ""))
    text = headers.get(f"{PRODUCT}expiry-time", "").strip()
    if product_left == 0 and text.isascii() and text.isdigit() and len(text) <= 15:
        named = datetime.fromtimestamp(int(text) // 1000, UTC)
        if now < named <= now + timedelta(days=1, minutes=1):
            return named
    return midnight


def _tenant_day(headers: Mapping[str, str]) -> int | None:
    units = headers.get(f"{TENANT}time-unit", "").lower().split("|")
    left = headers.get(f"{TENANT}available", "").split("|")
    by_unit = dict(zip(units, left, strict=False))
    return count_of(by_unit.get("day", ""))


LIMITS = ServiceLimits(
    name="Keap",
    # 10 a second and 240 a minute for a key, shared with whatever else uses it (Keap's "API token
    # quota and usage measurements").
    windows=(Window(8, 1.0), Window(220, 60.0)),
    day_left=day_left,
    day_ends=day_ends,
    # A key's, and an app's by OAuth.
    days=(30_000, 150_000),
)
