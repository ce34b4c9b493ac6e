"""Runs of the tool in a shop: in peace, with something going wrong, by a clock that is wrong."""

import contextlib
import functools
import io
import json
import shutil
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis.stateful import RuleBasedStateMachine
from typer import main as typer_main
from werkzeug.wrappers import Request

from invoicesync_cli.__main__ import main
from invoicesync_cli.cli import workspace as opening
from invoicesync_cli.errors import Interrupted, SignInNeeded, TryLater
from invoicesync_cli.fetch import keap as keap_reader
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.model import Document, DocumentKind, DocumentState
from invoicesync_cli.sync import scan
from tests.kits.bookkeepers import LEDGERS, Books
from tests.kits.bookkeeping import Keys
from tests.kits.faults import between, killed_at_commit
from tests.kits.shop.disturbances import Disturbance, Dying, Hit
from tests.kits.shop.knowledge import DONE, Ended

STATE = "state.sqlite3"
COMMAND = functools.cache(typer_main.get_command)
"""The command line, which is the same for every command that is typed."""


class Running(RuleBasedStateMachine):
    """A Keap and a ledger in this process, a home folder, and the tool."""

    to = ""
    small = True
    """Whether pages, chunks and batches are small, so that a few orders need several of each."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = contextlib.ExitStack()
        self.home = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self.unsure = False
        """Whether the last run ended early, so that nobody knows what is in the ledger."""
        self.wrong = timedelta(0)
        """How far this machine's clock is ahead."""
        self.lost = False
        """Whether the state was ever lost."""
        self.touched = 0
        """How many more orders somebody saves while a run reads them."""

    def open_services(self, status: str, keys: Keys, *, strict: bool) -> None:
        """A small Keap and the demo ledger, in which documents are made in this `status`."""
        self.books: Books = LEDGERS[self.to](self.home, status)
        self.books.behave(keys, strict=strict)
        self.shop = self.books.shop
        self.keap = self.shop.keap
        self.signed_in = self.now
        sizes = [(keap_reader, "PAGE", 2), (scan, "CHUNK", 3), *self.books.smaller_batches()]
        for target, name, value in sizes if self.small else ():
            self._stack.enter_context(patch.object(target, name, value))
        self.places = between(self.shop)
        self.places["keap"].meanwhile = self._touch
        if self.to == "qbd":
            self.places["qbd"].beforehand = self._wait_for_desktop
        self._stack.enter_context(patch.object(opening, "Workspace", self._world))
        self._stack.enter_context(patch.object(typer_main, "get_command", COMMAND))

    def _world(self, *_: Any) -> Any:
        return self._real_world(self.shop.environ, self.shop.network)

    _real_world = opening.Workspace

    def close(self) -> None:
        """Leave the shop."""
        self._stack.close()

    @property
    def now(self) -> datetime:
        """The time, in UTC."""
        return self.shop.clock.now()

    def writes(self) -> int:
        """How many calls have written something in the ledger."""
        if self.to == "qbd":
            return len(self.shop.qbd.writes_sent())
        calls = getattr(self.shop, self.to).writes()
        return sum(b'"Query"' not in call.body for call in calls)

    def records(self) -> list[Document]:
        """What the tool says became of everything."""
        with self.shop.state() as state:
            return [
                record.document
                for kind in DocumentKind
                for one in DocumentState
                for record in state.records_in(kind, one)
            ]

    def type(self, *words: str) -> Any:
        """Type a command; its JSON."""
        self._stay_signed_in()
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main([*words, "--json"])
        assert code in {0, 3}, (words, out.getvalue())
        return json.loads(out.getvalue())["data"]

    def todo(self) -> list[dict[str, Any]]:
        """What `todo` shows."""
        rows: list[dict[str, Any]] = self.type("todo")["documents"]
        return rows

    def sync(self, invoices: int = 0, payments: int = 0, only: str = "") -> Ended:
        """A run that may end in any way, with these limits."""
        self._stay_signed_in()
        self.shop.configure({"sync.max_invoices": invoices, "sync.max_payments": payments})
        ended = self._sync(only)
        self.unsure = ended.code not in DONE
        self.look(ended, whole=not (invoices or payments or only or self.wrong))
        return ended

    def look(self, ended: Ended, *, whole: bool) -> None:
        """Look at the books after a run; a `whole` one had neither limits nor a wrong clock."""

    def _sync(self, only: str) -> Ended:
        try:
            result = self.shop.sync(only=only)
        except (TryLater, Interrupted, SignInNeeded) as error:
            return Ended(error.exit_code)
        except SystemExit:
            return Ended(None)
        return Ended(result.exit_code)

    def _stay_signed_in(self) -> None:
        """Sign in again before the sign-in is too old."""
        if self.to == "qbo" and self.now - self.signed_in > timedelta(days=50):
            self.shop._sign_in()
            self.signed_in = self.now

    def maybe_run(self, seconds: int | None) -> None:
        """A run in peace so many seconds ago and one just now, if there were any."""
        if seconds is not None:
            self.run_once(seconds)
        if seconds:
            self.sync()

    def run_once(self, seconds: int) -> None:
        """A run in peace; time passes."""
        self.sync()
        self.shop.ticker.pass_time(seconds)

    def run_disturbed(self, planned: Iterable[Disturbance | Dying]) -> None:
        """A run in which something goes wrong."""
        with contextlib.ExitStack() as stack:
            for one in planned:
                if isinstance(one, Dying):
                    stack.enter_context(killed_at_commit(one.at, one.where, one.how))
                else:
                    place = self.places["keap" if one.in_keap else self.to]
                    place.planned.append(Hit(one, self.books))
            self.sync()
        for place in self.places.values():
            place.planned = []
        self.touched = 0
        self.shop.qbd.breakdowns = []
        self.shop.qbd.start()

    def _wait_for_desktop(self, _: Request) -> None:
        """QuickBooks Desktop does one thing at a time: whoever asks waits until it is done."""
        for one in self.shop.qbd.at_work:
            left = (one.done - self.now).total_seconds()
            self.shop.ticker.pass_time(max(0, left))

    def _touch(self, request: Request) -> None:
        """Somebody saves the middle order of a page that was just read."""
        if self.touched and request.path.endswith("/orders"):
            self.touched -= 1
            orders = list(self.keap.orders)
            self.keap.edit_order(orders[len(orders) // 2], title=f"Saved {self.touched}")

    def set_clock(self, wrong: timedelta) -> None:
        """Set this machine's clock so far ahead of the time."""
        self.wrong, ticker = wrong, self.shop.ticker
        self.shop.network.timing = Timing(
            lambda: ticker.seconds, ticker.sleep, lambda: ticker.clock.now() + wrong
        )

    def back_up(self) -> None:
        """Keep a copy of the state file as it is now."""
        with self.shop.state() as state:
            state.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.home / STATE, self.home / "kept")

    def lose_state(self, *, older: bool) -> bool:
        """The state file is lost, or the copy that was kept is put in its place; whether it is."""
        self.lost = True
        for path in self.home.glob(f"{STATE}*"):
            path.unlink()
        kept = self.home / "kept"
        if older and kept.exists():
            shutil.copy(kept, self.home / STATE)
        return older and kept.exists()
