"""When there is something to mail about."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from invoicesync_cli.errors import InvoiceSyncError, RunActive
from invoicesync_cli.notify.memory import Memory, fingerprint
from invoicesync_cli.state.history import stamp

When = Literal["off", "problems", "daily"]


@dataclass(frozen=True)
class Ended:
    """How a scheduled run ended: when (aware), and by what error, None where it worked. `new` are
    kind and key of the records that newly need a person."""

    at: datetime
    error: InvoiceSyncError | None = None
    new: frozenset[tuple[str, str]] = frozenset()

    @property
    def day(self) -> str:
        """The local day."""
        return self.at.astimezone().date().isoformat()


def is_due(when: When, memory: Memory, ended: Ended) -> bool:
    """Whether this end of a run is a reason for a mail."""
    if when == "daily":
        return memory.day != ended.day
    if when == "off":
        return False
    if ended.error and not memory.mailed_lately(fingerprint(ended.error), ended.at):
        return True
    works_again = not ended.error and bool(memory.failures)
    return works_again or bool(ended.new)


def after_mail(when: When, memory: Memory, ended: Ended, last_event: int) -> Memory:
    """What is remembered once a mail about this end was delivered."""
    at = stamp(ended.at)
    memory = replace(memory, mailed=last_event)
    if when == "daily":
        return replace(memory, day=ended.day, daily_at=at, since=last_event)
    settled = _settled(memory, ended)
    if not ended.error:
        return replace(settled, failures={})
    known = {one: at for one, at in memory.failures.items() if memory.mailed_lately(one, ended.at)}
    return replace(settled, failures={**known, fingerprint(ended.error): at})


def without_mail(when: When, memory: Memory, ended: Ended) -> Memory:
    """What is remembered where there was nothing to mail about."""
    return memory if when == "daily" else _settled(memory, ended)


def _settled(memory: Memory, ended: Ended) -> Memory:
    """Nothing new is left to mail; what the other run that is active finds, it mails itself."""
    return memory if isinstance(ended.error, RunActive) else replace(memory, since=None)
