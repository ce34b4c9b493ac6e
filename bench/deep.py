"""A sync of a shop that has a million orders behind it, and one that is ended again and again.

A million orders cannot be played here one by one: what the simulated services hold of them takes
more memory than a machine for this has. So the records of some thousand that were are copied in
the state under other ids, and dated so far back that no run looks at them again; what comes after
them is played.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bench.measured import Measured, measure
from bench.services import Services
from invoicesync_cli.state import Store
from invoicesync_cli.sync import marks

DAYS = 1.25
"""Between two runs: more than the lists of changes overlap, and less than a week in all: once in
that, more is looked at."""
POINTS = (4, 9, 15, 25, 35)
"""Calls to the ledger after which a run is killed."""
ENDED = 1000
"""Orders of the run that is killed."""
APART = 10_000_000
"""How far apart the ids of people and payments of two copies are."""
BACK = "-100 days"
"""How far back copies are dated. Every run looks at the payments of the last 35 days in Keap, once
a week at those of 90, and the simulated one has none of the copies."""
COPY = """
INSERT INTO records (kind, key, order_id, invoice_id, payment_id, state, document, source, paid,
        draft, decisions, ledger_id, run, at, money)
    SELECT kind,
        CASE kind WHEN 'invoice' THEN CAST(order_id + :orders AS TEXT)
            ELSE (payment_id + :others) || ':' || (order_id + :orders) END,
        CAST(order_id + :orders AS TEXT), CAST(invoice_id + :orders AS TEXT),
        CASE payment_id WHEN '' THEN '' ELSE CAST(payment_id + :others AS TEXT) END, state,
        json_set(document, '$.order_id', CAST(order_id + :orders AS TEXT),
            '$.invoice_id', CAST(invoice_id + :orders AS TEXT),
            '$.payment_id', CASE payment_id WHEN '' THEN ''
                ELSE CAST(payment_id + :others AS TEXT) END,
            '$.date', date(date, :back)),
        source, paid, draft, decisions, ledger_id || :copy, run, at, money
    FROM records WHERE rowid <= :last_record;
INSERT INTO events (at, run, state, order_id, invoice_id, document)
    SELECT at, run, state, CAST(order_id + :orders AS TEXT), CAST(invoice_id + :orders AS TEXT),
        document
    FROM events WHERE id <= :last_event;
INSERT INTO links SELECT CAST(person_id + :others AS TEXT), ledger_id || :copy, how, run
    FROM links WHERE rowid <= :last_link;
INSERT INTO journal (run, kind, idempotency_key, body, items, names, sent_at, done)
    SELECT run, kind, idempotency_key, body, items, names, sent_at, done
    FROM journal WHERE id <= :last_entry;
"""


def deepen(state: Path, orders: int, copies: int) -> int:
    """Let a state of so many synced orders have `copies` times as many, all of them read; the
    highest order id then. Nothing else may have the file open."""
    with closing(sqlite3.connect(state, isolation_level=None)) as db:
        # The file is thrown away afterwards.
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        indexes = db.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''"
        ).fetchall()
        for name, _ in indexes:
            db.execute(f"DROP INDEX {name}")
        last = {
            f"last_{name}": db.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0]  # noqa: S608
            for name, table in (
                ("record", "records"),
                ("event", "events"),
                ("link", "links"),
                ("entry", "journal"),
            )
        }
        for copy in range(1, copies):
            moved = {"orders": orders * copy, "others": APART * copy, "copy": f"-{copy}"}
            moved["back"] = BACK
            for statement in COPY.split(";")[:-1]:
                wanted = {**moved, **last}
                used = {name: wanted[name] for name in wanted if f":{name}" in statement}
                db.execute(statement, used)
        for _, made in indexes:
            db.execute(made)
    with Store.open(state) as store:
        progress, highest = store.progress(), int(store.cursor()[0])
        assert progress
        store.set_progress(replace(progress, position=highest, complete=False))
        # The copies came no later than what they are copies of.
        marks.settle(store, datetime.now(UTC))
    return highest


def end_at(services: Services, points: Sequence[int], days: float) -> int:
    """Begin a sync, and kill it once it has made so many calls to the ledger; once for each point.
    How many of them it got to."""
    reached = 0
    for calls in points:
        before = services.calls()[services.to]
        command = [sys.executable, "-m", "bench.measured", os.devnull, str(days), "0", "sync"]
        environment = {**os.environ, **services.environment}
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            while process.poll() is None and services.calls()[services.to] < before + calls:
                time.sleep(0.02)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                reached += 1
    return reached


@dataclass
class Deep:
    """What was found with so many orders `behind`, copies of those that were `copied`.

    `measured` is of a sync of so many more (`sent`), and of looks at the state. `before` is a sync
    of as many with only those behind it that were `played` first. Ahead of each, `ended` other
    orders came in a sync that was killed and begun again: so often in all (`killed`).
    """

    behind: int
    copied: int
    ended: int
    killed: int
    sent: int
    played: int
    before: Measured
    measured: dict[str, Measured]
    invoices: int
    """In the ledger at the end, and of how many orders these are."""
    orders: int

    @property
    def cpu(self) -> float:
        """Milliseconds of our own CPU for an invoice and its payment."""
        return self.measured["sync"].cpu * 1000 / self.sent

    @property
    def to_before(self) -> float:
        """How many times the CPU that the same took with few orders behind it."""
        return self.measured["sync"].cpu / self.before.cpu


class _Shop:
    """A shop that is played, with its state in `home`."""

    def __init__(self, to: str, services: Services, home: Path) -> None:
        self._to = to
        self._services = services
        self._days = 0.0
        self.killed = 0
        self.state = home / "state.sqlite3"

    def take(self, command: str) -> Measured:
        """Run a command, and measure it."""
        found = measure(self._services.environment, *command.split(), days=self._days)
        sys.stderr.write(f"{self._to} deep {command}: {found} {self._services.calls()}\n")
        if found.exit_code:
            raise SystemExit(f"{command}: exit {found.exit_code}")
        return found

    def settle(self) -> None:
        """Sync all there is; then what was changed by that, which the next run would read."""
        self.take("sync")
        self._days += DAYS
        self._services.days_pass(DAYS)
        self.take("sync")

    def sync(self, orders: int, after: int = 0) -> Measured:
        """Sync so many orders of new buyers, that come after one. Before that `ENDED` others, in a
        run that is killed at several points and begun again."""
        self._services.order_more(ENDED, after)
        self.killed += end_at(self._services, POINTS, self._days)
        self.settle()
        self._services.order_more(orders)
        return self.take("sync")


def after_many(to: str, played: int, copies: int, more: int, looks: Sequence[str]) -> Deep:
    """Sync orders of new buyers and then `more`; copy what became of all of them, and sync as many
    once more."""
    with tempfile.TemporaryDirectory() as home, Services(to, played, Path(home)) as services:
        shop = _Shop(to, services, Path(home))
        shop.settle()
        before = shop.sync(more)
        shop.settle()
        copied = played + ENDED + more
        highest = deepen(shop.state, copied, copies)
        sys.stderr.write(f"{to} deep: {copied * copies:,} orders\n")
        measured = {"sync": shop.sync(more, highest), **{look: shop.take(look) for look in looks}}
        invoices, orders = services.booked()
    return Deep(
        behind=copied * copies,
        copied=copied,
        ended=ENDED,
        killed=shop.killed,
        sent=more,
        played=played,
        before=before,
        measured=measured,
        invoices=invoices,
        orders=orders,
    )


if __name__ == "__main__":
    played, copies, more = map(int, sys.argv[2:])
    looks = ("status", "log --limit 20", "todo")
    sys.stdout.write(f"{after_many(sys.argv[1], played, copies, more, looks)}\n")
