"""Keap's call limits: per second, minute and day, and the headers that tell what is left."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

SLOT = 15
SLOTS = 4


@dataclass(frozen=True)
class Quota:
    """How many calls are allowed; `None` is no limit. Days begin at 00:00 UTC."""

    per_second: int | None
    per_minute: int
    per_day: int


API_KEY = Quota(per_second=10, per_minute=240, per_day=30_000)
OAUTH = Quota(per_second=25, per_minute=1_500, per_day=150_000)
TENANT = Quota(per_second=None, per_minute=10_000, per_day=250_000)


class Meter:
    """Counts the calls of one caller.

    The minute is a rolling one that is given back in steps of 15 seconds.
    """

    def __init__(self) -> None:
        self._slots: Counter[int] = Counter()
        self._days: Counter[int] = Counter()
        self._recent: deque[datetime] = deque(maxlen=64)

    def count(self, now: datetime) -> None:
        """One more call."""
        slot = int(now.timestamp()) // SLOT
        self._slots = Counter({old: n for old, n in self._slots.items() if old > slot - SLOTS})
        self._slots[slot] += 1
        self._days = Counter({now.toordinal(): self._days[now.toordinal()] + 1})
        self._recent.append(now)

    def in_second(self, now: datetime) -> int:
        """Calls in the second that ends `now`."""
        return sum(1 for moment in self._recent if moment > now - timedelta(seconds=1))

    def in_minute(self, now: datetime) -> int:
        """Calls in the rolling minute."""
        slot = int(now.timestamp()) // SLOT
        return sum(n for old, n in self._slots.items() if slot - SLOTS < old <= slot)

    def in_day(self, now: datetime) -> int:
        """Calls since midnight UTC."""
        return self._days[now.toordinal()]

    def wait(
        self, now: datetime, *, second: int | None = None, minute: int | None = None, day: int
    ) -> int:
        """Seconds until a call is allowed again under these limits; 0: now."""
        if self.in_day(now) >= day:
            return int((midnight(now) - now).total_seconds()) + 1
        if minute is not None and self.in_minute(now) >= minute:
            oldest = min(self._slots, default=int(now.timestamp()) // SLOT)
            return max((oldest + SLOTS) * SLOT - int(now.timestamp()), 1)
        if second is not None and self.in_second(now) >= second:
            return 1
        return 0


def midnight(now: datetime) -> datetime:
    """The next 00:00 UTC, when the day's calls come back."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def headers(
    now: datetime,
    *,
    product: tuple[Quota, int, int],
    tenant: tuple[Quota, int, int],
    tenant_id: str,
    blank: bool,
) -> dict[str, str]:
    """The limit headers: each triple is a quota, the calls of the minute, the calls of the day.

    The tenant's come as pairs, `minute|day`. With `blank` the counts are left empty.
    """
    quota, minute, day = product
    whole, tenant_minute, tenant_day = tenant

    def left(limit: int, used: int) -> str:
        return "" if blank else str(max(limit - used, 0))

    def shown(used: int) -> str:
        return "" if blank else str(used)

    minute_left = left(whole.per_minute, tenant_minute)
    day_left = left(whole.per_day, tenant_day)
    return {
        "x-keap-product-quota-limit": str(quota.per_day),
        "x-keap-product-quota-time-unit": "day",
        "x-keap-product-quota-interval": "1",
        "x-keap-product-quota-available": left(quota.per_day, day),
        "x-keap-product-quota-used": shown(day),
        "x-keap-product-quota-expiry-time": str(int(midnight(now).timestamp() * 1000)),
        "x-keap-product-throttle-limit": str(quota.per_minute),
        "x-keap-product-throttle-time-unit": "minute",
        "x-keap-product-throttle-interval": "1",
        "x-keap-product-throttle-available": left(quota.per_minute, minute),
        "x-keap-product-throttle-used": shown(minute),
        "x-keap-tenant-id": tenant_id,
        "x-keap-tenant-throttle-limit": f"{whole.per_minute}|{whole.per_day}",
        "x-keap-tenant-throttle-time-unit": "minute|day",
        "x-keap-tenant-throttle-interval": "1|1",
        "x-keap-tenant-throttle-available": f"{minute_left}|{day_left}",
        "x-keap-tenant-throttle-used": f"{shown(tenant_minute)}|{shown(tenant_day)}",
    }
