"""What the filters of queries have in common: times, names and numbers."""

from datetime import UTC, datetime, timedelta, tzinfo

from invoicesync_sandbox.qbd.books import folded
from invoicesync_sandbox.qbd.errors import bad_range
from invoicesync_sandbox.qbd.grammar import Sent

YEARS = range(1970, 2038)
"""The years that the SDK takes."""


def in_times(moment: datetime, sent: Sent | None, first: str, last: str, zone: tzinfo) -> bool:
    """Whether a time lies between those of two elements; without an offset they are of `zone`.

    Raises `Refused` (3020).
    """
    if sent is None:
        return True
    begin, end = _moment(sent, first, zone), _moment(sent, last, zone, end=True)
    return (begin is None or begin <= moment) and (end is None or moment <= end)


def _moment(sent: Sent, name: str, zone: tzinfo, *, end: bool = False) -> datetime | None:
    """A time in UTC. A date alone is its whole day."""
    text = sent.text(name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise bad_range(name, text) from None
    if found.year not in YEARS:
        raise bad_range(name, text)
    if end and "T" not in text:
        found += timedelta(days=1, seconds=-1)
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    return found.astimezone(UTC)


def named_so(name: str, sent: Sent | None, field_name: str) -> bool:
    """Whether a name or number has the part that a filter asks for, where it asks for it."""
    if sent is None:
        return True
    name, part = folded(name), folded(sent.text(field_name))
    criterion = sent.text("MatchCriterion")
    if criterion == "StartsWith":
        return name.startswith(part)
    return name.endswith(part) if criterion == "EndsWith" else part in name


def between(name: str, sent: Sent | None, field_name: str) -> bool:
    """Whether a name or number lies in a range."""
    if sent is None:
        return True
    first, last = folded(sent.text(f"From{field_name}")), folded(sent.text(f"To{field_name}"))
    return (not first or first <= folded(name)) and (not last or folded(name) <= last)
