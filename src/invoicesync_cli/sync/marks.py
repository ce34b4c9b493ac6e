"""By what a later run tells whether anything of ours was deleted where the ledger does not list it.

A list of changes that is full does not show all that was deleted. The ledger can tell whether any
of what had been made before a time is gone (`Ledger.mark`); all that was sent later is looked up.
So two things belong together: a time of the ledger's clock, and up to which event of the log
everything had been made by then. They are noted at the end of each run (`settle`). The mark itself
is asked for when that time is over for good, at the next look that is late enough.

A mark that was made long ago only means more to look up: it may stay as it is whenever none is to
be had, a run was killed, or an older copy of the state was put back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from invoicesync_cli.load.ledger import Ledger
from invoicesync_cli.state import Store
from invoicesync_cli.state.codec import dump, load

SETTLED = "ledger_settled"
MARK = "ledger_mark"
APART = timedelta(minutes=1)
"""How far the ledger's clocks may be apart: that of its answers, and that of what it writes."""
OVER = timedelta(minutes=5)
"""After that long a ledger has nothing under way any more that it dates back: two minutes is what
any of them takes at most."""


@dataclass(frozen=True)
class Settled:
    """Everything on record up to an event was made before a time, by the ledger's own clock."""

    before: datetime
    event: int


@dataclass(frozen=True)
class Mark:
    """What the ledger has said of everything that was `settled`, in its own form."""

    settled: Settled
    text: str


def settle(state: Store, now: datetime | None) -> None:
    """Note how far everything on record has been made, at the end of a run. `now` is what the
    ledger's clock said last, None if it was not asked anything."""
    event, known = state.history.last_event(), _settled(state)
    if now is None or (known and known.event >= event):
        return
    before = now + APART
    state.set_meta(
        SETTLED, dump(Settled, Settled(max(before, known.before) if known else before, event))
    )


def kept(state: Store) -> Mark | None:
    """The mark of an earlier look."""
    text = state.get_meta(MARK)
    return load(Mark, text) if text else None


def asked(state: Store, ledger: Ledger, now: datetime) -> Mark | None:
    """The mark for the look after this one; None for the one that there is, if any.

    It has to be asked for before the changes are: what is deleted in between is rather noticed
    twice than not at all.
    """
    settled, known = _settled(state), kept(state)
    if settled and not _over(settled, ledger.usage.server_time or now):
        settled = known.settled if known else None
    if settled is None or not settled.event:
        return None
    text = ledger.mark(settled.before)
    # This machine's clock may be wrong; by now the ledger has answered with its own.
    if not (text and _over(settled, ledger.usage.server_time or now)):
        return None
    return Mark(settled, text)


def keep(state: Store, mark: Mark) -> None:
    """Keep the mark for the next look."""
    state.set_meta(MARK, dump(Mark, mark))


def _settled(state: Store) -> Settled | None:
    text = state.get_meta(SETTLED)
    return load(Settled, text) if text else None


def _over(settled: Settled, now: datetime) -> bool:
    return now - settled.before >= OVER
