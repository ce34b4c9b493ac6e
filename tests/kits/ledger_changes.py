"""What has changed in a ledger, all parts in one, for tests that look at it as a whole."""

from datetime import datetime

from invoicesync_cli.load.found import LedgerChanges
from invoicesync_cli.load.ledger import Ledger


def changes_since(ledger: Ledger, since: datetime, mark: str = "") -> LedgerChanges:
    """Everything since a time of the ledger's clock."""
    parts = list(ledger.changes(since, mark))
    (until,) = {part.until for part in parts}
    return LedgerChanges(
        {ident: found for part in parts for ident, found in part.invoices.items()},
        {ident: found for part in parts for ident, found in part.notes.items()},
        {ident: found for part in parts for ident, found in part.payments.items()},
        {ident: found for part in parts for ident, found in part.paid_by.items()},
        until,
        complete=all(part.complete for part in parts),
        shows_deleted=all(part.shows_deleted for part in parts),
        unreadable=frozenset(ident for part in parts for ident in part.unreadable),
    )
