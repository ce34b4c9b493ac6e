"""What Keap has and the ledger has not, by the records that are open."""

import sqlite3
from dataclasses import dataclass
from decimal import Decimal

from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_cli.state.rows import OPEN

NOT_THERE = (
    "CASE coalesce(json_extract({0}.document, '$.ended'), '') "
    "WHEN 'ledger' THEN 1 WHEN 'keap' THEN 0 ELSE {0}.ledger_id = '' END"
)
"""Of a record: that Keap has the document, and the ledger has it not, or no longer."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Documents of a kind that stand in one state and are not in the ledger, in one currency."""

    kind: DocumentKind
    state: DocumentState
    currency: str
    count: int
    total: Decimal


def not_in_ledger(db: sqlite3.Connection) -> list[Missing]:
    """Open invoices that the ledger has not, and open money of invoices that it has.

    Of an invoice that is not there itself the money is not named besides: it is part of the total.
    """
    # Totals are text with two decimals, so that without the point they are minor units.
    rows = db.execute(
        "SELECT item.kind, item.state, coalesce(json_extract(item.document, '$.currency'), '') "  # noqa: S608
        "AS currency, count(*), "
        "sum(CAST(replace(json_extract(item.document, '$.total'), '.', '') AS INTEGER)) "
        "FROM records AS item "
        "LEFT JOIN records AS invoice ON item.kind <> 'invoice' "
        "AND invoice.kind = 'invoice' AND invoice.key = item.order_id "
        "WHERE item.order_id <> '' AND item.state IN (SELECT value FROM json_each(?)) "
        f"AND {NOT_THERE.format('item')} "
        f"AND (invoice.key IS NULL OR NOT {NOT_THERE.format('invoice')}) "
        "GROUP BY item.kind, item.state, currency ORDER BY item.kind, item.state, currency",
        (OPEN,),
    )
    return [
        Missing(
            DocumentKind(kind),
            DocumentState(state),
            currency,
            count,
            Decimal(units or 0).scaleb(-2),
        )
        for kind, state, currency, count, units in rows
    ]
