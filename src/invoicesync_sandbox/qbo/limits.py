"""QuickBooks' limits: requests and batches a minute, and requests a second, for one company."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from invoicesync_sandbox.limits import MINUTE, SECOND, Limits, Rule, fixed, sliding
from invoicesync_sandbox.qbo.switches import QboSwitches


@dataclass(frozen=True)
class Caller:
    """The app that makes a call, and whether it is a batch."""

    app: str
    batch: bool


class QboLimits(Limits[Caller]):
    """The limits of each app, and of all together, against one company."""

    def __init__(self, realm: str, switches: QboSwitches) -> None:
        super().__init__()
        self.minute = 500
        self.burst = 10
        self.batches = 40
        self.batches_of_all = 120
        self._switches = switches
        self.offset = zlib.crc32(realm.encode()) % MINUTE
        """Seconds by which the company's minutes begin before those of the clock."""

    def rules(self, caller: Caller) -> Iterable[Rule]:
        """The app's, and the company's."""
        fixed_minute = self._switches.minute_window == "fixed"
        minute = fixed(MINUTE, self.offset) if fixed_minute else sliding(MINUTE)
        second = fixed(SECOND, self.offset) if fixed_minute else sliding(SECOND)
        if self._switches.burst == "concurrent":
            yield Rule("burst", ("burst", caller.app), self.burst, None)
        else:
            yield Rule("burst", ("burst", caller.app), self.burst, second)
        if caller.batch:
            yield Rule("batches", ("batches", caller.app), self.batches, minute)
            yield Rule("batches", "batches", self.batches_of_all, minute)
        if not caller.batch or self._switches.batch_costs_a_request:
            yield Rule("minute", "minute", self.minute, minute)
