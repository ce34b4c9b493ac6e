"""What is open, to work through: in groups by state and reason, the oldest first."""

import json
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from invoicesync_cli.model import DocumentState, Reason
from invoicesync_cli.state.rows import Record, record_of

ORDER = (
    DocumentState.HELD,
    DocumentState.FAILED,
    DocumentState.WAITING,
    DocumentState.SENDING,
    DocumentState.NEW,
)
"""The open states: what needs a person comes first."""
REASON = "coalesce(json_extract(document, '$.reason'), '')"
DATE = "coalesce(json_extract(document, '$.date'), substr(at, 1, 10))"
CURRENCY = "coalesce(json_extract(document, '$.currency'), '')"
# Totals are text with two decimals, so that without the point they are minor units.
UNITS = "CAST(replace(coalesce(json_extract(document, '$.total'), '0'), '.', '') AS INTEGER)"


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """Open documents in one state, for one reason, in one currency."""

    state: DocumentState
    reason: Reason
    currency: str
    count: int
    total: Decimal


def open_groups(
    db: sqlite3.Connection, states: Collection[DocumentState] = ORDER, reason: str = ""
) -> list[OpenGroup]:
    """What is open in these states, for a reason or (blank) any, in the order of the list."""
    rows = db.execute(
        f"SELECT state, {REASON} AS reason, {CURRENCY} AS currency, count(*), sum({UNITS}) "  # noqa: S608
        "FROM records WHERE state IN (SELECT value FROM json_each(:states)) "
        f"AND (:reason = '' OR {REASON} = :reason) GROUP BY 1, 2, 3 "
        f"ORDER BY {_place('state')}, min({DATE}), 2, 3",
        {"states": json.dumps(list(states)), "reason": reason},
    )
    reasons = {str(reason): reason for reason in Reason}
    return [
        OpenGroup(
            DocumentState(state), reasons[why], currency, count, Decimal(units or 0).scaleb(-2)
        )
        for state, why, currency, count, units in rows
    ]


def open_records(db: sqlite3.Connection, group: OpenGroup) -> Iterator[Record]:
    """The records of a group, the oldest first, read as they are used."""
    for row in db.execute(
        f"SELECT * FROM records WHERE state = ? AND {REASON} = ? AND {CURRENCY} = ? "  # noqa: S608
        f"ORDER BY {DATE}, CAST(order_id AS INTEGER), kind, key",
        (group.state, group.reason, group.currency),
    ):
        yield record_of(row)


def _place(column: str) -> str:
    cases = " ".join(f"WHEN '{state}' THEN {place}" for place, state in enumerate(ORDER))
    return f"CASE {column} {cases} END"
