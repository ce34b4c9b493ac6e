"""The tables of the state file and how an older file becomes a newer one."""

import sqlite3
from collections.abc import Callable, Iterator

from invoicesync_cli.errors import ConfigError

# One entry a version: PRAGMA user_version says how many of them a file has been through.
# Money is TEXT ("119.00"), times are ISO 8601 UTC, dates ISO 8601.
MIGRATIONS = (
    """
    CREATE TABLE facts (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT;

    CREATE TABLE records (
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        order_id TEXT NOT NULL,
        invoice_id TEXT NOT NULL,
        payment_id TEXT NOT NULL,
        state TEXT NOT NULL,
        document TEXT NOT NULL,
        source TEXT NOT NULL,
        paid TEXT NOT NULL,
        draft TEXT NOT NULL,
        decisions TEXT NOT NULL,
        ledger_id TEXT NOT NULL,
        run TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (kind, key)
    ) STRICT;
    CREATE INDEX records_by_state ON records (state, kind);
    CREATE INDEX records_by_invoice ON records (invoice_id);

    CREATE TABLE dues (
        order_id TEXT PRIMARY KEY,
        is_open INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX dues_open ON dues (is_open);

    CREATE TABLE links (
        person_id TEXT PRIMARY KEY,
        ledger_id TEXT NOT NULL,
        how TEXT NOT NULL,
        run TEXT NOT NULL
    ) STRICT;

    CREATE TABLE journal (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        kind TEXT NOT NULL,
        idempotency_key TEXT NOT NULL,
        body BLOB NOT NULL,
        items TEXT NOT NULL,
        names TEXT NOT NULL,
        sent_at TEXT NOT NULL,
        done INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX journal_open ON journal (done);

    CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        run TEXT NOT NULL,
        state TEXT NOT NULL,
        order_id TEXT NOT NULL,
        invoice_id TEXT NOT NULL,
        document TEXT NOT NULL
    ) STRICT;
    CREATE INDEX events_by_run ON events (run);

    CREATE TABLE runs (
        run TEXT PRIMARY KEY,
        command TEXT NOT NULL,
        at TEXT NOT NULL,
        ended TEXT NOT NULL,
        status TEXT NOT NULL,
        data TEXT NOT NULL
    ) STRICT;
    """,
    # What is open is read off the records themselves: `dues`, a second memory of it, goes. A share
    # of a payment is known by payment and order, however many orders the payment is on.
    """
    ALTER TABLE records ADD COLUMN money TEXT NOT NULL DEFAULT '';
    UPDATE records SET document = json_set(document, '$.ended', 'ledger') WHERE
        json_extract(document, '$.message')
        = 'It was created, and voided or deleted in the ledger since.';
    UPDATE records SET document = json_set(document, '$.ended', 'keap') WHERE
        json_extract(document, '$.message') = 'The order no longer exists in Keap.';
    ALTER TABLE records ADD COLUMN open INTEGER GENERATED ALWAYS AS (
        state IN ('new', 'sending', 'held', 'waiting', 'failed')
        OR (kind = 'invoice' AND ledger_id <> '' AND json_extract(document, '$.ended') IS NULL
            AND CAST(paid AS REAL) < CAST(json_extract(document, '$.total') AS REAL))
    ) VIRTUAL;
    ALTER TABLE records ADD COLUMN money_due INTEGER GENERATED ALWAYS AS (
        kind = 'invoice' AND ledger_id <> '' AND money <> paid
    ) VIRTUAL;
    ALTER TABLE records ADD COLUMN date TEXT GENERATED ALWAYS AS (
        coalesce(json_extract(document, '$.date'), '')
    ) VIRTUAL;

    UPDATE records SET source = json_set(source, '$.shares',
        json_object(order_id, json_extract(source, '$.amount')))
    WHERE kind <> 'invoice' AND instr(key, ':') = 0 AND source <> '';
    UPDATE OR IGNORE records SET key = key || ':' || order_id,
        draft = CASE draft WHEN '' THEN '' ELSE json_set(draft, '$.key', key || ':' || order_id) END
    WHERE kind <> 'invoice' AND instr(key, ':') = 0;
    UPDATE records SET draft = json_set(draft, '$.receipt.key',
        json_extract(draft, '$.receipt.key') || ':' || order_id)
    WHERE kind = 'invoice' AND draft <> ''
        AND instr(coalesce(json_extract(draft, '$.receipt.key'), ':'), ':') = 0;
    UPDATE journal SET items = (
        SELECT json_group_array(CASE
            WHEN instr(item.value, '/') = 0 OR instr(item.value, ':') > 0 THEN item.value
            ELSE coalesce((
                SELECT item.value || ':' || order_id FROM records
                WHERE kind || '/' || key = item.value || ':' || order_id
            ), item.value) END)
        FROM json_each(journal.items) AS item
    ) WHERE done = 0;

    DROP TABLE dues;
    CREATE INDEX records_by_order ON records (order_id);
    CREATE INDEX records_by_payment ON records (payment_id) WHERE payment_id <> '';
    CREATE INDEX records_by_ledger_id ON records (ledger_id) WHERE ledger_id <> '';
    CREATE INDEX records_by_date ON records (date, kind);
    CREATE INDEX records_open ON records (order_id) WHERE open = 1;
    CREATE INDEX records_money_due ON records (order_id) WHERE money_due = 1;
    CREATE INDEX events_by_order ON events (order_id);
    CREATE INDEX events_by_invoice ON events (invoice_id);

    -- Documents with our marker that the ledger has and no record knows (state/unrecorded.py).
    CREATE TABLE unrecorded (
        ledger_id TEXT PRIMARY KEY,
        order_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        found TEXT NOT NULL
    ) STRICT;
    CREATE INDEX unrecorded_by_order ON unrecorded (order_id);
    """,
    # Which ledger the records are about; a run used to keep a QuickBooks company in Xero's place.
    """
    INSERT INTO facts SELECT 'books', CASE WHEN value LIKE '%-%' THEN 'xero' ELSE 'qbo' END
        FROM facts WHERE name = 'organisation_id' AND value <> '' AND EXISTS (SELECT 1 FROM runs);
    INSERT OR REPLACE INTO facts SELECT 'qbo_realm', value
        FROM facts WHERE name = 'organisation_id' AND value <> '' AND value NOT LIKE '%-%';
    INSERT OR REPLACE INTO facts SELECT 'qbo_company', value
        FROM facts WHERE name = 'organisation'
        AND EXISTS (SELECT 1 FROM facts WHERE name = 'books' AND value = 'qbo');
    DELETE FROM facts WHERE name IN ('organisation_id', 'organisation')
        AND EXISTS (SELECT 1 FROM facts WHERE name = 'books' AND value = 'qbo');
    """,
    # The instalments of orders with a payment plan (state/instalments.py), for the statement.
    """
    CREATE TABLE plans (
        order_id TEXT PRIMARY KEY,
        instalments TEXT NOT NULL
    ) STRICT;
    """,
    # What is asked for in every chunk of a run: whose a contact is, and how far all is settled;
    # and in every run: which payments of the last weeks there are.
    """
    CREATE INDEX IF NOT EXISTS links_by_contact ON links (ledger_id);
    CREATE INDEX IF NOT EXISTS invoices_by_order ON records (CAST(order_id AS INTEGER))
        WHERE kind = 'invoice' AND order_id <> '';
    CREATE INDEX IF NOT EXISTS money_by_date ON records (date, payment_id) WHERE payment_id <> '';
    """,
)


def version_of(connection: sqlite3.Connection) -> int:
    """How many migrations the file has been through; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_newest(connection: sqlite3.Connection) -> bool:
    """Whether the file has been through all migrations that there are."""
    return version_of(connection) == len(MIGRATIONS)


def migrate(connection: sqlite3.Connection, before: Callable[[int], None] = lambda _: None) -> None:
    """Bring the file to the newest version, all or nothing.

    `before` is called with the version of a file that is about to be changed.
    Raises `ConfigError` for a file that a newer version of the tool has written.
    """
    _refuse_newer(version_of(connection))
    if is_newest(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Read again: another process may just have done the same.
        found = version_of(connection)
        if 0 < found < len(MIGRATIONS):
            before(found)
        for script in MIGRATIONS[found:]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {max(found, len(MIGRATIONS))}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _refuse_newer(version: int) -> None:
    if version > len(MIGRATIONS):
        raise ConfigError(
            "The state file was written by a newer version of invoicesync.",
            hint="Upgrade invoicesync on this machine.",
            code="state-newer",
        )


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; run as a whole it would commit what came before."""
    statement = ""
    for part in script.split(";")[:-1]:
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
