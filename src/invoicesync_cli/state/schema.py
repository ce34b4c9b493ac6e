"""The tables of the state file and how an older file becomes a newer one."""

import sqlite3

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
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to the newest version, all or nothing.

    Raises `ConfigError` for a file that a newer version of the tool has written.
    """
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > len(MIGRATIONS):
        raise ConfigError(
            "The state file was written by a newer version of invoicesync.",
            hint="Upgrade invoicesync on this machine.",
            code="state-newer",
        )
    for version in range(found, len(MIGRATIONS)):
        script = (
            f"BEGIN IMMEDIATE; {MIGRATIONS[version]} PRAGMA user_version = {version + 1}; COMMIT;"
        )
        try:
            connection.executescript(script)
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
