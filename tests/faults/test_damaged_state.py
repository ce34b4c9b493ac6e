"""A state file that is cut off or damaged anywhere: a sentence, nothing twice, nothing lost."""

import contextlib
import io
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from invoicesync_cli.__main__ import main
from invoicesync_cli.cli import workspace as opening
from tests.kits.bookkeepers import LEDGERS, Books, living, wanted
from tests.kits.bookkeeping import Keys
from tests.kits.crash.snapshot import copied
from tests.kits.lost_state import CANDLE, STATE, shop

PAGE = 4096
"""Bytes of a page of the file."""
ODD = 25
"""How many lengths are tried that are no page's end, and twice as many bytes that are changed."""


@dataclass(frozen=True)
class Kept:
    """A shop in the middle of its life, with a new order, and the bytes of its state file."""

    books: Books
    state: bytes


@pytest.fixture(scope="module", params=["xero", "qbo"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    home = tmp_path_factory.mktemp("kept") / "home"
    books = LEDGERS[request.param](home, "authorised")
    books.behave(Keys(), strict=True)
    shop(books.shop)
    books.shop.sync()
    books.shop.ticker.pass_time(3600)
    books.shop.keap.add_payment(order_id=books.shop.order(CANDLE), amount="40.00")
    with books.shop.state() as state:
        state.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Kept(books, (home / STATE).read_bytes())


def sync(books: Books) -> tuple[int, dict[str, Any] | None]:
    """A run as it is typed: its exit code and its error."""
    shop, out = books.shop, io.StringIO()
    world = opening.Workspace(shop.environ, shop.network)
    with (
        patch.object(opening, "Workspace", lambda *_: world),
        patch.dict("os.environ", shop.environ),
        contextlib.redirect_stdout(out),
    ):
        code = main(["sync", "--json"])
    error: dict[str, Any] | None = json.loads(out.getvalue())["error"]
    return code, error


def put(books: Books, data: bytes) -> None:
    """Let these bytes be the state file, with nothing beside it."""
    for path in books.shop.home.glob(f"{STATE}*"):
        path.unlink()
    (books.shop.home / STATE).write_bytes(data)


def check(kept: Kept, home: Path, damaged: bytes) -> bool:
    """Run with a damaged file, then with the whole one; whether the damage was noticed."""
    books = copied(kept.books, home)
    before = living(books)
    put(books, damaged)
    code, error = sync(books)
    if code:
        assert (code, error and error["code"]) == (5, "state-unusable"), error
        assert error is not None
        assert str(home / STATE) in error["message"]
        assert "Restore it from a backup" in error["hint"]
    if code and living(books) != before:
        # It was noticed once something was sent.
        put(books, kept.state)
        assert sync(books) == (0, None)
    if living(books) != before:
        assert living(books) == wanted(books.shop)
        assert all(row.alive for row in books.sold())
        assert all(row.alive for row in books.moved())
    else:
        assert code
    shutil.rmtree(home)
    return code != 0


def test_file_that_is_cut_off(kept: Kept, tmp_path: Path) -> None:
    """At the end of every page, and somewhere within."""
    size = len(kept.state)
    chance = random.Random(1)  # noqa: S311 - a sample
    lengths = [*range(0, size, PAGE), *chance.sample(range(1, size), ODD)]

    noticed = {
        length: check(kept, tmp_path / str(length), kept.state[:length]) for length in lengths
    }

    # A file with nothing in it is a new one, and takes up what the ledger has.
    assert [length for length in lengths if not noticed[length]] == [0]


def test_file_in_which_a_byte_is_changed(kept: Kept, tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - a sample

    def damaged() -> Iterator[bytes]:
        for place in chance.sample(range(len(kept.state)), 2 * ODD):
            yield kept.state[:place] + bytes([kept.state[place] ^ 0xFF]) + kept.state[place + 1 :]

    noticed = [check(kept, tmp_path / str(n), data) for n, data in enumerate(damaged())]

    assert any(noticed)
