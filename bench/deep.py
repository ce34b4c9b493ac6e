"""A sync of a shop that has a million orders behind it, and one that is ended again and again.

A million orders cannot be played here one by one: what the simulated services hold of them takes
more memory than a machine for this has. So the records of some thousand that were are copied in
the state under other ids; what comes after them is played.
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
from pathlib import Path

from bench.measured import Measured, measure
from bench.services import Services
from invoicesync_cli.state import Store

DAYS = 2
"""Between two runs: more than the lists of changes overlap."""
POINTS = (4, 9, 15, 25, 35)
"""Calls to the ledger after which a run is killed."""
APART = 10_000_000
"""How far apart the ids of people and payments of two copies are."""
COPY = """
INSERT INTO records (kind, key, order_id, invoice_id, payment_id, state, document, source, paid,
        draft, decisions, ledger_id, run, at, money)
    SELECT kind,
        CASE kind WHEN 'invoice' THEN CAST(order_id + :orders AS TEXT)
            ELSE (payment_id + :others) || ':' || (order_id + :orders) END,
        CAST(order_id + :orders AS TEXT), CAST(invoice_id + :orders AS TEXT),
        CASE payment_id WHEN '' THEN '' ELSE CAST(payment_id + :others AS TEXT) END, state,
        json_set(document, '$.order_id', CAST(order_id + :orders AS TEXT),
            '$.invoice_id', CAST(invoice_id + :orders AS TEXT)),
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
            for statement in COPY.split(";")[:-1]:
                wanted = {**moved, **last}
                used = {name: wanted[name] for name in wanted if f":{name}" in statement}
                db.execute(statement, used)
        for _, made in indexes:
            db.execute(made)
    with Store.open(state) as store:
        progress = store.progress()
        assert progress
        highest = progress.position + orders * (copies - 1)
        store.set_progress(replace(progress, position=highest, complete=False))
    return highest


def end_at(services: Services, points: Sequence[int], days: int) -> int:
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
    """What was found with so many orders `behind`, copies of those that were `played`: of a sync of
    new ones, `sent` by it, and of looks at the state; how often the sync was killed before."""

    behind: int
    played: int
    sent: int
    measured: dict[str, Measured]
    killed: int
    invoices: int
    """In the ledger at the end, and of how many orders these are."""
    orders: int

    @property
    def cpu(self) -> float:
        """Milliseconds of our own CPU for an invoice and its payment."""
        return self.measured["sync"].cpu * 1000 / self.sent


def after_many(played: int, copies: int, more: int, looks: Sequence[str]) -> Deep:
    """Sync orders of new buyers, copy what became of them, and sync `more`: the run is killed at
    several points, begun again each time, and measured from the last of them on."""
    with tempfile.TemporaryDirectory() as home, Services("xero", played, Path(home)) as services:
        days = 0

        def take(command: str) -> Measured:
            found = measure(services.environment, *command.split(), days=days)
            sys.stderr.write(f"deep {command}: {found} {services.calls()}\n")
            if found.exit_code:
                raise SystemExit(f"{command}: exit {found.exit_code}")
            return found

        take("sync")
        # The next run reads what this one has changed; that is measured elsewhere.
        days += DAYS
        services.days_pass(DAYS)
        take("sync")
        highest = deepen(Path(home) / "state.sqlite3", played, copies)
        sys.stderr.write(f"deep: {played * copies:,} orders\n")
        services.order_more(more, highest)
        killed = end_at(services, POINTS, days)
        before, _ = services.booked()
        measured = {"sync": take("sync"), **{look: take(look) for look in looks}}
        invoices, orders = services.booked()
    sent = invoices - before
    return Deep(played * copies, played, sent, measured, killed, invoices, orders)


if __name__ == "__main__":
    played, copies, more = map(int, sys.argv[1:])
    sys.stdout.write(f"{after_many(played, copies, more, ('status', 'log --limit 20', 'todo'))}\n")
