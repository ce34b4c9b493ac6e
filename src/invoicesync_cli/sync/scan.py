"""Which orders a run looks at, and how far the next one may skip ahead."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from invoicesync_cli.errors import TryLater
from invoicesync_cli.fetch.keap import PAGE, KeapOrder
from invoicesync_cli.fetch.lists import IDS
from invoicesync_cli.model import DocumentKind
from invoicesync_cli.state import Store
from invoicesync_cli.state.rows import Progress
from invoicesync_cli.sync.context import CHUNK, RunContext
from invoicesync_cli.sync.invoices.missing import noted

OVERLAP = timedelta(days=1)
"""How far a run looks back behind the last one: clocks, and rows that became visible late."""
FEW_MISSING = 10
READING_ORDERS = "Reading Keap's orders"
SETTLED = "settled_checked"
WEEK = timedelta(days=7)
SETTLED_BACK = timedelta(days=90)


class Scan:
    """Gives the orders of a run in chunks, and keeps count of what was read."""

    def __init__(
        self,
        context: RunContext,
    ) -> None:
        state, start = context.state, context.config.sync.start
        self._state = state
        self._keap = context.keap
        self._options = context.options
        self._now = context.now
        self._listener = context.progress
        self._open: set[str] = set()
        self.missing: list[str] = []
        """Open orders that Keap no longer has, known once the chunks are through."""
        kept = state.progress()
        self._progress = kept if kept and kept.start == start else Progress(start)
        self._highest = self._progress.watermark

    @property
    def whole(self) -> bool:
        """Whether all orders are read, not only those that have changed."""
        return self._options.ranged or not self._progress.complete

    def chunks(self) -> Iterator[list[KeapOrder]]:
        """Orders to judge, lowest id first within a chunk, the still open ones last."""
        self._open = {*self._state.open_orders(), *self._long_settled()}
        expected = len(self._open)
        if self._options.ranged:
            yield from self._gather(self._keap.orders_after(0))
        elif not self._progress.complete:
            yield from self._backfill()
        else:
            since = datetime.fromisoformat(self._progress.watermark) - OVERLAP
            yield from self._gather(self._keap.orders_modified(since))
        yield from self._still_open(expected)

    def done(self, chunk: list[KeapOrder], *, stopped_before: str) -> None:
        """Note that a chunk is settled; `stopped_before` is the first order that was left."""
        if self._options.ranged or self._options.until_date or self._progress.complete:
            return
        last = max((int(order.order_id) for order in chunk), default=0)
        if stopped_before:
            last = min(last, int(stopped_before) - 1)
        if last > self._progress.position:
            self._keep(replace(self._progress, position=last))

    def finish(self) -> None:
        """Note that everything was read: from now on only changes have to be read."""
        if self._options.ranged or self._options.until_date:
            return
        reached = self._progress.began
        if self._progress.complete:
            # A time to come, whoever stamped it, must not hide what happens until then.
            reached = max(min(self._highest, self._time()), self._progress.watermark)
        self._keep(replace(self._progress, complete=True, watermark=reached))

    def _keep(self, progress: Progress) -> None:
        self._progress = progress
        self._state.set_progress(progress)

    def _backfill(self) -> Iterator[list[KeapOrder]]:
        if not self._progress.began:
            self._progress = replace(self._progress, began=self._time())
        yield from self._gather(self._keap.orders_after(self._progress.position))

    def _time(self) -> str:
        """Now, by the clock that is behind: Keap's, which stamps the changes, or ours."""
        server = self._keap.service.usage.server_time or self._now()
        return min(server, self._now()).astimezone(UTC).isoformat()

    def _gather(self, pages: Iterator[list[KeapOrder]]) -> Iterator[list[KeapOrder]]:
        # An order that changes while the list is read comes again; its newest form counts.
        chunk: dict[str, KeapOrder] = {}
        self._listener.phase(READING_ORDERS)
        for page in pages:
            self._listener.advance(len(page))
            for order in page:
                chunk[order.order_id] = order
                modified = order.invoice.modified if order.invoice else None
                if modified:
                    self._highest = max(self._highest, modified.astimezone(UTC).isoformat())
            if len(chunk) >= CHUNK:
                yield self._note(chunk.values())
                self._listener.phase(READING_ORDERS)
                chunk = {}
        if chunk:
            yield self._note(chunk.values())

    def _note(self, orders: Iterable[KeapOrder]) -> list[KeapOrder]:
        chunk = sorted(orders, key=lambda order: int(order.order_id))
        self._open.difference_update(order.order_id for order in chunk)
        return chunk

    def _long_settled(self) -> set[str]:
        """Once a week the settled orders of three months, to see whether they are still there."""
        now = self._now()
        if not is_due(self._state, SETTLED, now):
            return set()
        return set(self._state.sent_invoices((now - SETTLED_BACK).date().isoformat()))

    def _still_open(self, expected: int) -> Iterator[list[KeapOrder]]:
        """The orders that no list has shown, of the `expected` ones that Keap has to have."""
        wanted = sorted(self._open, key=int)
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start : start + CHUNK]
            self._listener.phase("Looking at open orders again", len(part))
            found = {order.order_id: order for order in self._orders(part)}
            self._listener.advance(len(part))
            # Of an order that was never met there may be money all the same, which says so itself.
            missing = self._state.records(DocumentKind.INVOICE, set(part) - found.keys())
            self.missing += sorted(missing, key=int)
            self._check_missing(expected)
            if found:
                yield self._note(found.values())
        note_done(self._state, SETTLED, self._now())

    def _orders(self, wanted: Sequence[str]) -> list[KeapOrder]:
        """These orders, by id or as one range of ids, whichever takes fewer calls."""
        known = self._state.count_between(wanted[0], wanted[-1])
        if -(-known // PAGE) >= -(-len(wanted) // IDS):
            return self._keap.orders_by_id(wanted)
        pages = self._keap.orders_between(int(wanted[0]), int(wanted[-1]))
        ids = set(wanted)
        return [order for page in pages for order in page if order.order_id in ids]

    def _check_missing(self, expected: int) -> None:
        known = self._state.records(DocumentKind.INVOICE, self.missing)
        newly_missing = [key for key in self.missing if not noted(known[key].document)]
        if len(newly_missing) <= FEW_MISSING or len(newly_missing) <= expected / 2:
            return
        invoices = ",".join(known[key].document.invoice_id for key in newly_missing)
        raise TryLater(
            f"{len(newly_missing)} of {expected} open orders are suddenly missing in Keap.",
            hint="None of them was recorded as missing. Check that the key belongs to the right "
            "Keap account and that it may read orders. If they were deleted on purpose, this "
            f"records it for each: invoicesync sync-id {invoices}",
            code="mostly-missing",
        )


def is_due(state: Store, name: str, now: datetime) -> bool:
    """Whether something that is done once a week is to be done again.

    A time to come, noted while the clock was wrong, has come.
    """
    done = state.get_meta(name)
    return bool(done) and not timedelta(0) <= now - datetime.fromisoformat(done) < WEEK


def note_done(state: Store, name: str, now: datetime) -> None:
    """Note that something was done that is done once a week; the first time begins the count."""
    if not state.get_meta(name) or is_due(state, name, now):
        state.set_meta(name, now.isoformat())
