"""Which invoices of the ledger a run looks at, and from when on the next one does."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.model import LedgerSale
from invoicesync_cli.state.codec import dump, load
from invoicesync_cli.sync.context import RunContext

SEEN = "reverse_seen"
"""How far the ledger's invoices were read."""


@dataclass(frozen=True)
class Seen:
    """Up to which time, by the ledger's own clock, its invoices since `start` were read."""

    start: str
    until: dt.datetime


class Scan:
    """Gives the invoices of a run page by page. Raises `ConfigError` without a day to begin at."""

    def __init__(self, context: RunContext) -> None:
        self._state = context.state
        self._ledger = context.ledger
        self._now = context.now
        self._progress = context.progress
        self._title = context.ledger_title
        self._named = context.options.since_date
        self._start = context.config.reverse.start
        if not (self._named or self._start):
            raise ConfigError(
                "reverse.start is missing: from which day on do invoices go to Keap?",
                hint='Set a date: [reverse] start = "2026-01-31"; or type --since-date once.',
                code="reverse-start",
            )
        text = self._state.get_meta(SEEN)
        seen = load(Seen, text) if text else None
        self._seen = seen if seen and seen.start == self._start else None

    @property
    def first(self) -> dt.date:
        """The day from which on invoices count."""
        return self._named or dt.date.fromisoformat(self._start)

    def pages(self) -> Iterator[list[LedgerSale]]:
        """The invoices, the longest unchanged first. One that cannot be read was last changed when
        the one before it was, or later."""
        self._progress.phase(f"Reading {self._title}'s invoices")
        reached = since = self._since()
        for page in self._ledger.sales_changed(since, self.first):
            self._progress.advance(len(page))
            # A time to come would hide what changes until then.
            latest = self._ledger.usage.server_time or self._now()
            dated = []
            for sale in page:
                reached = min(sale.updated, latest) if sale.updated else reached
                dated.append(replace(sale, updated=reached))
            yield dated

    def _since(self) -> dt.datetime | None:
        """From when on changes are asked for; None for all. What could not be read is asked for
        again: it may have been the answer that was spoilt."""
        if self._named or self._seen is None:
            return None
        open_ = [load(LedgerSale, record.source) for record in self._state.sales_open()]
        times = [self._seen.until, *(sale.updated for sale in open_ if sale.problem)]
        return None if None in times else min(filter(None, times))

    def done(self, page: list[LedgerSale]) -> None:
        """Note that everything in a page is on record."""
        times = [sale.updated for sale in page if sale.updated]
        if self._named or not times:
            return
        until = max(times)
        if self._seen is None or until > self._seen.until:
            self._seen = Seen(self._start, until)
            self._state.set_meta(SEEN, dump(Seen, self._seen))
