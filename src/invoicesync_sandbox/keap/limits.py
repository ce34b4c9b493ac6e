"""Keap's limits: a second, a minute and a day, for each caller, each product and the account."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap.switches import KeapSwitches
from invoicesync_sandbox.limits import DAY, MINUTE, SECOND, Limits, Rule, fixed, sliding

STEP = 15
"""Seconds in steps of which the calls of a minute are given back."""


@dataclass(frozen=True)
class Caller:
    """Whoever a credential stands for, and the product (API keys or OAuth) it belongs to."""

    credential: str
    by_key: bool


@dataclass(frozen=True)
class Quota:
    """How many calls are allowed; `None` is no limit. Days begin at 00:00 UTC."""

    per_second: int | None
    per_minute: int
    per_day: int


API_KEY = Quota(per_second=10, per_minute=240, per_day=30_000)
OAUTH = Quota(per_second=25, per_minute=1_500, per_day=150_000)
TENANT = Quota(per_second=None, per_minute=10_000, per_day=250_000)


class KeapLimits(Limits[Caller]):
    """The limits of one account. The quotas may be replaced.

    The limit per second is enforced only while the clock runs: no call takes time when it stands
    still.
    """

    def __init__(self, clock: Clock, tenant_id: str, switches: Callable[[], KeapSwitches]) -> None:
        super().__init__()
        self.tenant_id = tenant_id
        self.key_quota = API_KEY
        self.oauth_quota = OAUTH
        self.tenant_quota = TENANT
        self._clock = clock
        self._switches = switches

    def rules(self, caller: Caller) -> Iterable[Rule]:
        """The caller's own, those of all keys or all tokens together, those of the account."""
        quota, whole = self._quota(caller), self.tenant_quota
        minute, day = sliding(MINUTE, STEP), fixed(DAY)
        at_once = quota.per_second if self._clock.runs else None
        yield Rule("second", ("second", caller), at_once, sliding(SECOND))
        yield Rule("minute", ("minute", caller), quota.per_minute, minute)
        yield Rule("day", ("day", caller), quota.per_day, day)
        yield Rule("day", ("day", caller.by_key), quota.per_day, day)
        yield Rule("minute", "minute", whole.per_minute, minute)
        yield Rule("day", "day", whole.per_day, day)

    def headers(self, caller: Caller, moment: datetime) -> dict[str, str]:
        """What is left and what is used; the account's come as pairs, `minute|day`."""
        quota, whole = self._quota(caller), self.tenant_quota
        minute = self.used(("minute", caller), moment)
        day = self.used(("day", caller.by_key), moment)
        all_minute, all_day = self.used("minute", moment), self.used("day", moment)
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        blank = self._switches().blank_quota_headers

        def left(limit: int, used: int) -> str:
            return "" if blank else str(max(limit - used, 0))

        def shown(used: int) -> str:
            return "" if blank else str(used)

        both = left(whole.per_minute, all_minute), left(whole.per_day, all_day)
        return {
            "x-keap-product-quota-limit": str(quota.per_day),
            "x-keap-product-quota-time-unit": "day",
            "x-keap-product-quota-interval": "1",
            "x-keap-product-quota-available": left(quota.per_day, day),
            "x-keap-product-quota-used": shown(day),
            "x-keap-product-quota-expiry-time": str(int(midnight.timestamp() * 1000)),
            "x-keap-product-throttle-limit": str(quota.per_minute),
            "x-keap-product-throttle-time-unit": "minute",
            "x-keap-product-throttle-interval": "1",
            "x-keap-product-throttle-available": left(quota.per_minute, minute),
            "x-keap-product-throttle-used": shown(minute),
            "x-keap-tenant-id": f"{self.tenant_id}.infusionsoft.com",
            "x-keap-tenant-throttle-limit": f"{whole.per_minute}|{whole.per_day}",
            "x-keap-tenant-throttle-time-unit": "minute|day",
            "x-keap-tenant-throttle-interval": "1|1",
            "x-keap-tenant-throttle-available": "|".join(both),
            "x-keap-tenant-throttle-used": f"{shown(all_minute)}|{shown(all_day)}",
        }

    def _quota(self, caller: Caller) -> Quota:
        return self.key_quota if caller.by_key else self.oauth_quota
