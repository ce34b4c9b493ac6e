"""Xero's limits: calls in progress, a minute, a day; fixed windows that start when they like."""

import zlib
from collections.abc import Iterable
from datetime import datetime

from invoicesync_sandbox.limits import DAY, MINUTE, Limits, Rule, fixed


class XeroLimits(Limits[str]):
    """The limits of each app against one organisation. Callers are client ids."""

    def __init__(self, tenant_id: str, day_limit: int, app_minute_word: str) -> None:
        super().__init__()
        self.concurrent = 5
        self.minute = 60
        self.day = day_limit
        self.app_minute = 10_000
        self._app_minute_word = app_minute_word
        self._offset = zlib.crc32(tenant_id.encode())

    def rules(self, caller: str) -> Iterable[Rule]:
        """The organisation's for the app, then the app's own."""
        offset = self._offset
        yield Rule("concurrent", ("concurrent", caller), self.concurrent, None)
        yield Rule("day", ("day", caller), self.day, fixed(DAY, offset % DAY))
        yield Rule("minute", ("minute", caller), self.minute, fixed(MINUTE, offset % MINUTE))
        yield Rule(self._app_minute_word, ("app", caller), self.app_minute, fixed(MINUTE))

    def headers(self, caller: str, moment: datetime) -> dict[str, str]:
        """What is left."""
        left = {
            "X-MinLimit-Remaining": self.minute - self.used(("minute", caller), moment),
            "X-DayLimit-Remaining": self.day - self.used(("day", caller), moment),
            "X-AppMinLimit-Remaining": self.app_minute - self.used(("app", caller), moment),
        }
        return {name: str(max(0, number)) for name, number in left.items()}
