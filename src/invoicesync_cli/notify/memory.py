"""What was said of scheduled runs so far, so that nothing is said again and again."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.state import Store
from invoicesync_cli.state.codec import dump, load
from invoicesync_cli.state.history import stamp

FACT = "notify"
"""The fact of the state that holds it."""
AGAIN = timedelta(hours=20)
"""After so long the same failure is mailed again: daily, also where a run is a little early."""


@dataclass(frozen=True)
class Failing:
    """Since when (ISO, UTC) scheduled runs fail, and what the last one said."""

    since: str
    said: str


@dataclass(frozen=True)
class Memory:
    """What the state remembers of what was said. Times are ISO, UTC."""

    since: int | None = None
    """The event after which nothing has been mailed yet; None while nothing is due."""
    failures: dict[str, str] = field(default_factory=dict)
    """The failures that were mailed since a run last worked, and when."""
    failing: Failing | None = None
    day: str = ""
    """The local day of the last daily mail."""
    daily_at: str = ""
    """When the last daily mail went out."""
    mailed: int = 0
    """The newest event when the last mail went out."""
    undelivered: dict[str, str] = field(default_factory=dict)
    """What could not be delivered the last time: `mail`, `ping`; and why, with the time."""

    def failed(self, error: InvoiceSyncError, at: datetime) -> "Memory":
        """The same after a scheduled run that failed."""
        since = self.failing.since if self.failing else stamp(at)
        return replace(self, failing=Failing(since, error.message))

    def mailed_lately(self, failure: str, at: datetime) -> bool:
        """Whether this failure was mailed within a day. A clock that was set back is no reason to
        keep silent."""
        known = self.failures.get(failure)
        if not known:
            return False
        return timedelta(0) <= at - datetime.fromisoformat(known) < AGAIN

    def delivered(self, way: str, why: str) -> "Memory":
        """The same after a mail or ping: `why` it was not delivered, or blank."""
        others = {name: text for name, text in self.undelivered.items() if name != way}
        return replace(self, undelivered={**others, **({way: why} if why else {})})


def recall(state: Store) -> Memory:
    """What the state remembers."""
    text = state.get_meta(FACT)
    try:
        return load(Memory, text) if text else Memory()
    except ValueError:
        # Of another version: better said twice than never.
        return Memory()


def warnings(memory: Memory) -> list[str]:
    """What is wrong with scheduled runs, and what could not be delivered about them."""
    failing = memory.failing
    said = [f"Scheduled runs fail since {_local(failing.since)}: {failing.said}"] if failing else []
    return [*said, *(undelivered(way, why) for way, why in memory.undelivered.items())]


def undelivered(way: str, why: str) -> str:
    """What could not be delivered, as a warning."""
    at, _, said = why.partition(" ")
    return f"Warning: The {way} of {_local(at)} was not delivered. {said}"


def _local(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M %Z}"


def remember(state: Store, memory: Memory) -> None:
    """Keep it."""
    if memory != recall(state):
        with state.transaction():
            state.set_meta(FACT, dump(Memory, memory))


def fingerprint(error: InvoiceSyncError) -> str:
    """What makes a failure the same as an earlier one: figures in it, such as times, do not."""
    words = "".join(letter for letter in error.message if not letter.isdigit())
    return f"{int(error.exit_code)} {error.code} {words[:300]}"
