"""The state file lost, damaged, locked, of another version or of another world."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ConfigError, ExitCode, RunActive, SignInNeeded
from invoicesync_cli.lock import only_run
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_cli.paths import locate
from invoicesync_cli.state import Store
from invoicesync_sandbox.world import INSIDE
from tests.kits.faults import (
    check_booked,
    check_paid,
    documents,
    failure,
    other_organisation,
    puts,
    sent,
)
from tests.kits.rehearsal import Rehearsal

FILES = ("state.sqlite3", "state.sqlite3-wal", "state.sqlite3-shm")


def lose_state(rehearsal: Rehearsal) -> None:
    """The home folder is new, the ledger is not."""
    for name in FILES:
        (rehearsal.home / name).unlink(missing_ok=True)


def test_state_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path / "home")
    rehearsal.order()
    rehearsal.sync()
    assert (rehearsal.home / "state.sqlite3").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("prefix", ["", "INV-"])
def test_lost_state_books_nothing_twice(tmp_path: Path, prefix: str) -> None:
    rehearsal = Rehearsal(tmp_path, **{"invoices.number_prefix": prefix})
    person = rehearsal.person()
    orders = [rehearsal.order(contact=person) for _ in range(3)] + [rehearsal.order()]
    rehearsal.sync()
    lose_state(rehearsal)
    invoices, people = len(rehearsal.xero.invoices), len(rehearsal.xero.contacts)

    result = rehearsal.sync()

    assert documents(result) == dict.fromkeys(orders, ("skipped", "already-synced"))
    assert result.exit_code == ExitCode.OK
    assert len(rehearsal.xero.invoices) == invoices
    assert len(rehearsal.xero.contacts) == people
    assert all(document.ledger_id for document in result.documents)
    before = len(rehearsal.xero.writes())
    assert rehearsal.sync().documents == []
    assert len(rehearsal.xero.writes()) == before
    rehearsal.order()
    assert list(documents(rehearsal.sync()).values()) == [("created", "")]


def test_lost_state_pays_nothing_twice(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    part = rehearsal.order()
    rehearsal.keap.add_payment(order_id=part, amount="25.00")
    rehearsal.keap.add_payment(order_id=part, amount="25.00")
    rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="100.00")
    rehearsal.sync()
    check_paid(rehearsal)
    paid = len(rehearsal.xero.payments)
    lose_state(rehearsal)

    rehearsal.sync()
    rehearsal.sync()

    assert len(rehearsal.xero.payments) == paid


def test_lost_state_with_a_prefix_in_other_letters_is_recognised(tmp_path: Path) -> None:
    """Xero tells numbers apart without regard to case."""
    rehearsal = Rehearsal(tmp_path, **{"invoices.number_prefix": "inv-"})
    order = rehearsal.order()
    rehearsal.sync()
    lose_state(rehearsal)
    rehearsal.configure({"invoices.number_prefix": "INV-"})
    assert documents(rehearsal.sync()) == {order: ("skipped", "already-synced")}


def test_lost_state_without_leave_to_skip_asks_a_person(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path, **{"invoices.skip_synced": False})
    order = rehearsal.order()
    rehearsal.sync()
    lose_state(rehearsal)
    assert documents(rehearsal.sync()) == {order: ("held", "number-taken")}
    assert len(sent(rehearsal)[order]) == 1


def test_two_runs_at_once(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    with only_run(locate(environ=rehearsal.environ).lock), pytest.raises(RunActive) as refused:
        rehearsal.sync()
    assert refused.value.exit_code == ExitCode.RUN_ACTIVE
    assert f"pid {os.getpid()}" in refused.value.message
    assert rehearsal.keap.calls == []
    rehearsal.sync()
    check_booked(rehearsal)


def test_a_dry_run_does_not_wait_for_a_run(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    order = rehearsal.order()
    with only_run(locate(environ=rehearsal.environ).lock):
        assert documents(rehearsal.sync(dry_run=True)) == {order: ("created", "")}


def check_unusable(rehearsal: Rehearsal, words: str = "cannot be used") -> ConfigError:
    rehearsal.order()
    error = failure(rehearsal)
    assert isinstance(error, ConfigError)
    assert error.exit_code == ExitCode.CONFIG
    assert words in error.message
    assert rehearsal.xero.calls == []
    return error


def test_file_that_is_no_database(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    (tmp_path / "state.sqlite3").write_text("Dear diary, " * 100)
    error = check_unusable(rehearsal)
    assert "do not delete it" in error.hint
    assert (tmp_path / "state.sqlite3").read_text().startswith("Dear diary")


def test_damaged_database(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.sync()
    before = len(rehearsal.xero.calls)
    path = tmp_path / "state.sqlite3"
    path.write_bytes(path.read_bytes()[:1500])
    error = failure(rehearsal)
    assert isinstance(error, ConfigError)
    assert len(rehearsal.xero.calls) == before


def test_file_of_a_newer_version(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    with rehearsal.state() as state:
        state.db.execute("PRAGMA user_version = 999")
    error = check_unusable(rehearsal, "newer version")
    assert "Upgrade" in error.hint


def test_file_that_cannot_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened read-only, as SQLite opens a file of somebody else's; permissions stop no root."""
    rehearsal = Rehearsal(tmp_path)
    with rehearsal.state():
        pass
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def read_only(path: Path, **options: Any) -> sqlite3.Connection:
        return connect(f"file:{path}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    error = check_unusable(rehearsal)
    assert "not yours to write to" in error.hint


def test_folder_where_the_file_should_be(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    (tmp_path / "state.sqlite3").mkdir()
    check_unusable(rehearsal)


def test_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rehearsal = Rehearsal(tmp_path)
    opened = os.open

    def refuse(path: Any, flags: int, *mode: int) -> int:
        if str(path).endswith("state.sqlite3"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, *mode)

    monkeypatch.setattr(os, "open", refuse)
    check_unusable(rehearsal)


def test_full_disk_takes_back_the_whole_transaction(tmp_path: Path) -> None:
    with Store.open(tmp_path / "state.sqlite3") as state:
        pages = state.db.execute("PRAGMA page_count").fetchone()[0]
        state.db.execute(f"PRAGMA max_page_count = {pages + 1}")

        def fill() -> None:
            with state.transaction():
                state.set_meta("first", "kept only with the rest")
                for place in range(1000):
                    state.set_meta(f"fact {place}", "x" * 4000)

        with pytest.raises(sqlite3.OperationalError, match="full"):
            fill()
        assert state.get_meta("first") == ""
        with state.transaction():
            state.set_meta("after", "works")
        assert state.get_meta("after") == "works"


def test_state_of_another_root_is_refused(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.sync()
    before = len(rehearsal.xero.calls)
    del rehearsal.environ["INVOICESYNC_XERO_ROOT"]

    error = failure(rehearsal)

    assert isinstance(error, ConfigError)
    assert "xero.localhost" in error.message
    assert "the vendor's own" in error.message
    assert "INVOICESYNC_HOME" in error.hint
    assert len(rehearsal.xero.calls) == before


def test_another_organisation_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.sync()
    rehearsal.order()
    ours, other = rehearsal.xero, other_organisation(rehearsal)
    rehearsal.network.apps = {**rehearsal.network.apps, INSIDE["xero"]: other}

    error = failure(rehearsal)

    assert isinstance(error, SignInNeeded)
    assert error.exit_code == ExitCode.SIGN_IN
    assert "Somebody Else Ltd" in error.message
    assert other.writes() == []
    rehearsal.network.apps = {**rehearsal.network.apps, INSIDE["xero"]: ours}
    rehearsal.sync()
    check_booked(rehearsal)


def test_another_organisation_does_not_make_documents_look_deleted(tmp_path: Path) -> None:
    """Open invoices are looked at in the ledger; in somebody else's there is none of them."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    order = rehearsal.order()
    rehearsal.sync()
    rehearsal.ticker.pass_time(4000)
    rehearsal.sync()
    rehearsal.ticker.pass_time(4000)
    ours, other = rehearsal.xero, other_organisation(rehearsal)
    rehearsal.network.apps = {**rehearsal.network.apps, INSIDE["xero"]: other}

    assert isinstance(failure(rehearsal), SignInNeeded)

    with rehearsal.state() as state:
        record = state.record(DocumentKind.INVOICE, order)
    assert record
    assert record.state is DocumentState.CREATED
    rehearsal.network.apps = {**rehearsal.network.apps, INSIDE["xero"]: ours}
    rehearsal.keap.add_payment(order_id=order, amount="100.00")
    rehearsal.sync()
    check_booked(rehearsal)


def test_nothing_is_sent_in_a_run_that_only_looks(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    rehearsal.order()
    rehearsal.sync(dry_run=True)
    assert puts(rehearsal) == 0
    assert not (tmp_path / "state.sqlite3").exists()
