"""What is open, to work through: in groups by state and reason, the oldest first."""

import json
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from invoicesync_cli.model import Document, DocumentState, Reason
from invoicesync_cli.state.history import REACHED
from invoicesync_cli.state.rows import Record, record_of
from invoicesync_cli.vendors import VENDORS

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


@dataclass(frozen=True, slots=True)
class Pages:
    """Where people see the documents: on the pages of Keap, by its account, and of a ledger.

    `rehearsed` ones are on no vendor's page.
    """

    ledger: str
    account: str
    rehearsed: bool

    def of(self, document: Document) -> dict[str, str]:
        """The addresses in Keap and in the ledger; blank where there is none."""
        if self.rehearsed:
            return {"keap": "", "ledger": ""}
        return {
            "keap": VENDORS["keap"].page("order", document.order_id, self.account),
            "ledger": VENDORS[self.ledger].page(document.kind, document.ledger_id),
        }


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """An open document: how many days ago it is dated, and where people see it."""

    group: OpenGroup
    record: Record
    age: int
    links: dict[str, str]

    @property
    def document(self) -> Document:
        """The document."""
        return self.record.document


def open_groups(
    db: sqlite3.Connection,
    states: Collection[DocumentState] = ORDER,
    reason: str = "",
    since: int | None = None,
) -> list[OpenGroup]:
    """What is open in these states, for a reason or (blank) any, in the order of the list; of what
    came into them `since` an event only."""
    rows = db.execute(
        f"SELECT state, {REASON} AS reason, {CURRENCY} AS currency, count(*), sum({UNITS}) "  # noqa: S608
        "FROM records WHERE state IN (SELECT value FROM json_each(:states)) "
        f"AND (:reason = '' OR {REASON} = :reason) "
        f"AND (:since IS NULL OR (kind, key) IN ({REACHED})) GROUP BY 1, 2, 3 "
        f"ORDER BY {_place('state')}, min({DATE}), 2, 3",
        {"states": json.dumps(list(states)), "reason": reason, "since": since},
    )
    reasons = {str(reason): reason for reason in Reason}
    return [
        OpenGroup(
            DocumentState(state), reasons[why], currency, count, Decimal(units or 0).scaleb(-2)
        )
        for state, why, currency, count, units in rows
    ]


def left_out(db: sqlite3.Connection, since: int) -> list[OpenGroup]:
    """What rules of the user's have kept out of the ledger since an event, in whole or in part."""
    return [
        *open_groups(db, (DocumentState.SKIPPED,), since=since),
        *open_groups(db, (DocumentState.CREATED,), Reason.OVERPAYMENT, since),
    ]


def open_documents(
    db: sqlite3.Connection, group: OpenGroup, today: date, pages: Pages
) -> Iterator[OpenDocument]:
    """The documents of a group, the oldest first, read as they are used."""
    for row in db.execute(
        f"SELECT * FROM records WHERE state = ? AND {REASON} = ? AND {CURRENCY} = ? "  # noqa: S608
        f"ORDER BY {DATE}, CAST(order_id AS INTEGER), kind, key",
        (group.state, group.reason, group.currency),
    ):
        record = record_of(row)
        since = record.document.date or datetime.fromisoformat(record.at).date()
        yield OpenDocument(group, record, (today - since).days, pages.of(record.document))


def _place(column: str) -> str:
    cases = " ".join(f"WHEN '{state}' THEN {place}" for place, state in enumerate(ORDER))
    return f"CASE {column} {cases} END"
