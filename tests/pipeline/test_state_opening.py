"""How the state file is opened: to write, to look into, to try out, and from an older form."""

import contextlib
import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

import pytest

from invoicesync_cli.auth.accounts import Account
from invoicesync_cli.auth.pins import Pins
from invoicesync_cli.errors import ConfigError, SignInNeeded
from invoicesync_cli.lock import is_held, only_run
from invoicesync_cli.state import Store, schema
from invoicesync_cli.state.opening import address
from tests.kits.filesystem import read_only

KITS = Path(__file__).parents[1] / "kits"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A state file with a fact in it, in a folder of its own."""
    file = tmp_path / "home" / "state.sqlite3"
    with Store.open(file) as state:
        state.set_meta("fact", "kept")
    return file


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (PurePosixPath("/home/a b/state?#%.sqlite3"), "file:///home/a%20b/state%3F%23%25.sqlite3"),
        (PurePosixPath(os.fsdecode(b"/home/\xff")), "file:///home/%FF"),
        (PureWindowsPath(r"C:\Users\Å\state.sqlite3"), "file:///C:/Users/%C3%85/state.sqlite3"),
        (PureWindowsPath(r"\\server\share\state.sqlite3"), "file:////server/share/state.sqlite3"),
    ],
)
def test_file_is_opened_by_its_path_wherever_it_is(place: PurePath, expected: str) -> None:
    """SQLite takes the name of another machine for a host, which it does not know."""
    assert address(place) == expected
    # Nothing is there; what comes before the path was understood.
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        sqlite3.connect(f"{expected}?mode=ro", uri=True).execute("SELECT 1 FROM none")


def names(path: Path) -> set[str]:
    return {file.name for file in path.parent.iterdir()}


def modes(path: Path) -> set[int]:
    return {file.stat().st_mode & 0o777 for file in path.parent.iterdir()}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("loose", [0o666, 0o644, 0o640])
def test_a_loose_file_is_taken_back_from_others(path: Path, loose: int) -> None:
    # A run that was killed leaves files beside the state; SQLite gives them its mode.
    with Store.open(path) as state:
        state.set_meta("more", "in the log")
        for file in path.parent.iterdir():
            file.chmod(loose)
        assert len(names(path)) == 3

        Store.open(path).close()

        assert modes(path) == {0o600}


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_in_place_of_the_file_is_not_followed(tmp_path: Path, path: Path) -> None:
    before = path.read_bytes()
    link = tmp_path / "state.sqlite3"
    link.symlink_to(path)

    with pytest.raises(ConfigError, match="is a link"):
        Store.open(link)

    assert path.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_in_place_of_the_lock_empties_nothing(tmp_path: Path) -> None:
    other, link = tmp_path / "diary", tmp_path / "state.sqlite3.lock"
    other.write_text("Dear diary")
    link.symlink_to(other)

    with pytest.raises(OSError, match="links"), only_run(link):
        pass

    assert other.read_text() == "Dear diary"
    assert not is_held(link)


def test_to_look_is_not_to_change(path: Path) -> None:
    before = path.read_bytes()

    with Store.read(path) as state:
        assert state.get_meta("fact") == "kept"
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            state.set_meta("fact", "changed")

    assert path.read_bytes() == before


def test_what_a_run_is_writing_is_seen(path: Path) -> None:
    with Store.open(path) as run, Store.read(path) as state:
        run.set_meta("fact", "new")
        assert state.get_meta("fact") == "new"
        with run.transaction():
            run.set_meta("fact", "not committed")
            assert state.get_meta("fact") == "new"


def test_no_file_is_an_empty_one_and_none_is_made(tmp_path: Path) -> None:
    missing = tmp_path / "home" / "state.sqlite3"

    with Store.read(missing) as state:
        assert state.counts() == {}

    assert not missing.parent.exists()


def test_a_folder_that_cannot_be_written_to_can_be_read(path: Path) -> None:
    assert names(path) == {"state.sqlite3"}
    with read_only(path.parent), Store.read(path) as state:
        assert state.get_meta("fact") == "kept"
    assert names(path) == {"state.sqlite3"}


def test_what_a_killed_run_left_in_its_log_can_be_read_there_too(path: Path) -> None:
    """SQLite would need to make a file beside the two, and cannot."""
    with Store.open(path) as state:
        state.set_meta("fact", "in the log only")
        log = path.with_name("state.sqlite3-wal").read_bytes()
        file = path.read_bytes()
    path.write_bytes(file)
    path.with_name("state.sqlite3-wal").write_bytes(log)

    with read_only(path.parent), Store.read(path) as state:
        assert state.get_meta("fact") == "in the log only"


def test_a_file_that_may_not_be_read_is_said(path: Path) -> None:
    path.chmod(0)
    with read_only(path.parent), pytest.raises(ConfigError, match="cannot be used") as refused:
        Store.read(path)
    assert "not yours" in refused.value.hint
    assert "backup" not in refused.value.hint


def test_a_copy_takes_everything_and_gives_nothing_back(path: Path) -> None:
    before = names(path)

    with Store.copy(path) as copy:
        assert copy.get_meta("fact") == "kept"
        with copy.transaction():
            copy.set_meta("fact", "tried")
        # On the disk, in a file that has no name: SQLite's own temporary one.
        assert [row["file"] for row in copy.db.execute("PRAGMA database_list")] == [""]

    with Store.read(path) as state:
        assert state.get_meta("fact") == "kept"
    assert names(path) - before <= {"state.sqlite3-wal", "state.sqlite3-shm"}


NEXT = "CREATE TABLE more (word TEXT) STRICT; INSERT INTO more VALUES ('; kept');"


def version(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as file:
        return schema.version_of(file)


def test_an_older_file_is_kept_before_it_is_changed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = version(path)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, NEXT))

    with Store.open(path) as state:
        assert [row[0] for row in state.db.execute("SELECT word FROM more")] == ["; kept"]
        assert state.get_meta("fact") == "kept"

    backup = path.with_name(f"state.sqlite3.v{old}-backup")
    assert names(path) == {"state.sqlite3", backup.name}
    assert modes(path) == {0o600}
    assert (version(backup), version(path)) == (old, old + 1)
    monkeypatch.undo()
    with Store.read(backup) as state:
        assert state.get_meta("fact") == "kept"


def test_a_migration_that_fails_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = version(path)
    broken = (*schema.MIGRATIONS, NEXT, "INSERT INTO nowhere VALUES (1);")
    monkeypatch.setattr(schema, "MIGRATIONS", broken)

    for _ in range(2):
        with pytest.raises(ConfigError):
            Store.open(path)

    assert version(path) == old


class Killed(BaseException):
    """The process ended."""


def killed_at(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """From statement number `at` on, a process that opens a state file does nothing any more."""
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    done = 0

    class Dying(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            nonlocal done
            done += 1
            if done >= at:
                raise Killed
            return super().execute(sql, *parameters)

    monkeypatch.setattr(sqlite3, "connect", partial(connect, factory=Dying))


def dump(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as file:
        return list(file.iterdump())


@pytest.mark.parametrize("old", [1, 3])
def test_a_migration_that_was_killed_anywhere_is_finished_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: int
) -> None:
    script = (KITS / f"state_version_{old}.sql").read_text()
    before, whole = tmp_path / "before", tmp_path / "whole" / "state.sqlite3"
    with contextlib.closing(sqlite3.connect(before)) as file:
        file.executescript(f"{script}PRAGMA user_version = {old};")
    whole.parent.mkdir()
    shutil.copy(before, whole)
    Store.open(whole).close()

    for at in itertools.count(1):
        path = tmp_path / str(at) / "state.sqlite3"
        path.parent.mkdir()
        shutil.copy(before, path)
        killed = False
        with monkeypatch.context() as process:
            killed_at(process, at)
            try:
                Store.open(path).close()
            except Killed:
                killed = True
        Store.open(path).close()

        assert dump(path) == dump(whole)
        assert dump(path.with_name(f"state.sqlite3.v{old}-backup")) == dump(before)
        assert len(names(path)) == 2
        if not killed:
            assert at > len(schema.MIGRATIONS) - old
            break


@pytest.mark.parametrize(
    ("service", "ident", "runs"),
    [("xero", "0b6c-11aa", 1), ("qbo", "9341450000000001", 1), ("xero", "0b6c-11aa", 0)],
)
def test_an_older_file_knows_whose_books_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: str, ident: str, runs: int
) -> None:
    """The first form kept any ledger's organisation in one place, also after a sign-out."""
    file = tmp_path / "state.sqlite3"
    monkeypatch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
    with Store.open(file) as state:
        state.set_meta("organisation_id", ident)
        state.set_meta("organisation", "Wick & Wax Ltd")
        for number in range(runs):
            state.history.begin_run(str(number), "sync")
    monkeypatch.undo()

    with Store.open(file) as state:
        pins = Pins(state)
        assert pins.known(service) == Account(ident, "Wick & Wax Ltd")
        assert pins.bound(service) is bool(runs)
        pins.forget(service)
        assert bool(pins.known(service).id) is bool(runs)
        if runs:
            with pytest.raises(SignInNeeded):
                pins.check(service, Account("someone else's", ""))


def test_to_look_into_an_older_file_does_not_change_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = version(path)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, NEXT))

    with Store.read(path) as state:
        assert state.get_meta("fact") == "kept"
        assert state.db.execute("SELECT count(*) FROM more").fetchone()[0] == 1

    assert version(path) == old


def test_a_lock_that_is_looked_at_stands_in_no_run_s_way(tmp_path: Path) -> None:
    lock = tmp_path / "state.sqlite3.lock"
    assert not is_held(lock)
    assert not lock.exists()
    with only_run(lock):
        assert is_held(lock)
    assert not is_held(lock)
