"""The time that a sandbox lives in."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The sandbox's time, always UTC: the machine's own until a test sets it."""

    def __init__(self, now: datetime | None = None) -> None:
        self._fixed = now

    def now(self) -> datetime:
        """Now, in UTC."""
        return self._fixed or datetime.now(UTC)

    @property
    def runs(self) -> bool:
        """Whether this is the machine's own time, which moves by itself."""
        return self._fixed is None

    def set(self, now: datetime) -> None:
        """Stop the clock at `now` (aware)."""
        self._fixed = now.astimezone(UTC)

    def advance(self, seconds: float) -> None:
        """Move the clock on by `seconds`, stopping it if it ran."""
        self.set(self.now() + timedelta(seconds=seconds))
