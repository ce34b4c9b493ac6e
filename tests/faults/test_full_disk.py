"""The disk is full at any write to the state: nothing is lost, nothing is made twice."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from invoicesync_cli.state import Store
from tests.kits.bookkeepers import LEDGERS, living, wanted
from tests.kits.lost_state import shop


@contextlib.contextmanager
def full_from(at: int) -> Iterator[None]:
    """No transaction is written from the one number `at` (from 1) on."""
    original = Store.transaction
    count = 0

    @contextlib.contextmanager
    def transaction(state: Store) -> Iterator[None]:
        nonlocal count
        count += 1
        with original(state):
            yield
            if count >= at:
                # What is inside is taken back, as SQLite does.
                raise sqlite3.OperationalError("database or disk is full")

    with patch.object(Store, "transaction", transaction):
        yield


@pytest.mark.parametrize("to", LEDGERS)
@pytest.mark.parametrize("at", range(1, 26, 2))
def test_once_there_is_room_everything_is_there_once(tmp_path: Path, to: str, at: int) -> None:
    books = LEDGERS[to](tmp_path / "home", "authorised" if to == "xero" else "invoice")
    r = books.shop
    shop(r)
    with full_from(at), contextlib.suppress(sqlite3.OperationalError):
        r.sync()
    r.ticker.pass_time(900)

    r.sync()
    r.ticker.pass_time(900)
    after = r.sync()

    assert after.exit_code == 0, [(d.kind, d.state, d.reason, d.message) for d in after.documents]
    assert after.documents == []
    assert living(books) == wanted(r)
    assert all(item.whole for item in books.moved())
