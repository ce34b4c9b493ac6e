"""The payment plans of orders, as Keap had them when each was read last.

An order that is not paid in full is read again in every run, so what is said here of its
instalments is of the last run. Nothing that is booked hangs on it.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

from invoicesync_cli.model import Instalment
from invoicesync_cli.state.codec import dump, load
from invoicesync_cli.state.rows import Record, record_of


def note(db: sqlite3.Connection, plans: Mapping[str, Sequence[Instalment]]) -> None:
    """Keep the instalments of these orders, none for an order that is paid in one; of an order
    without a record nothing is kept."""
    now = {order: dump(list[Instalment], list(plan)) for order, plan in plans.items() if plan}
    before = _texts(db, plans)
    db.executemany(
        "DELETE FROM plans WHERE order_id = ?", [(order,) for order in before if order not in now]
    )
    db.executemany(
        "INSERT OR REPLACE INTO plans SELECT ?1, ?2 "
        "WHERE EXISTS (SELECT 1 FROM records WHERE kind = 'invoice' AND key = ?1)",
        [(order, text) for order, text in now.items() if before.get(order) != text],
    )


def of_orders(db: sqlite3.Connection, order_ids: Iterable[str]) -> dict[str, list[Instalment]]:
    """The instalments of these orders, the earliest first, of those that have any."""
    return {order: load(list[Instalment], text) for order, text in _texts(db, order_ids).items()}


def with_records(db: sqlite3.Connection) -> Iterator[tuple[Record, list[Instalment]]]:
    """Every invoice with a payment plan, lowest order id first, and its instalments."""
    rows = db.execute(
        "SELECT records.*, plans.instalments FROM plans JOIN records "
        "ON records.kind = 'invoice' AND records.key = plans.order_id "
        "ORDER BY CAST(records.order_id AS INTEGER)"
    )
    for row in rows:
        yield record_of(row), load(list[Instalment], row["instalments"])


def _texts(db: sqlite3.Connection, order_ids: Iterable[str]) -> dict[str, str]:
    rows = db.execute(
        "SELECT order_id, instalments FROM plans "
        "WHERE order_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(order_ids)),),
    )
    return {row[0]: row[1] for row in rows}
