"""What a user's machine does to a command: a sentence and a code of its own, and nothing lost."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run
from tests.kits.filesystem import read_only, small_disk

LOOKS = [("status",), ("log",), ("todo",), ("auth", "status"), ("explain", "1048")]


def without_when(data: Any) -> Any:
    """What a command said, without the moment at which it asked the services."""
    return {key: value for key, value in data.items() if key != "as_of"}


def booked(box: Sandbox) -> tuple[int, int]:
    """How many invoices the tool has in the ledger, and how many references they have."""
    ours = [one.reference for one in box.xero.invoices.values() if "Keap" in str(one.reference)]
    return len(ours), len(set(ours))


@pytest.mark.parametrize("pages", [0, 1, 3, 8, 16, 30, 45])
def test_a_disk_that_fills_up_in_mid_run(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    with monkeypatch.context() as patch:
        small_disk(patch, pages)
        ran = run("sync", "--json")

    assert ran.code == 7
    assert ran.json["error"]["code"] == "disk-full"
    assert "Free some space" in ran.json["error"]["hint"]
    assert "backup" not in ran.out
    assert run("sync").code == 3
    assert booked(box) == (46, 46)


@pytest.mark.parametrize("typed", LOOKS, ids=" ".join)
def test_what_only_looks_works_where_nothing_can_be_written(
    run: Run, box: Sandbox, home: Path, typed: tuple[str, ...]
) -> None:
    run("sync")
    expected = run(*typed, "--json")

    with read_only(home):
        ran = run(*typed, "--json")

    assert ran.code == expected.code
    assert without_when(ran.data) == without_when(expected.data)


@pytest.mark.parametrize("kept", [False, True], ids=["new", "with a state"])
def test_a_folder_that_cannot_be_written_to_is_reported(
    run: Run, box: Sandbox, home: Path, kept: bool
) -> None:
    if kept:
        run("sync-id", "1048")
    calls = len(box.xero.calls)

    with read_only(home):
        ran = run("sync", "--json")

    assert ran.code == 5
    assert str(home) in ran.json["error"]["message"]
    assert "not yours to write to" in ran.json["error"]["hint"]
    assert "backup" not in ran.out
    assert len(box.xero.calls) == calls


def test_a_lock_that_cannot_be_written_to_is_reported(run: Run, box: Sandbox, home: Path) -> None:
    (home / "state.sqlite3.lock").touch(0o400)
    with read_only(home / "state.sqlite3.lock"):
        ran = run("sync", "--json")

    assert ran.code == 5
    assert "state.sqlite3.lock" in ran.json["error"]["message"]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("name", ["state.sqlite3", "state.sqlite3.lock"])
def test_a_link_is_not_followed(run: Run, box: Sandbox, home: Path, name: str) -> None:
    diary = home.parent / "diary"
    diary.write_text("Dear diary")
    (home / name).symlink_to(diary)

    ran = run("sync")

    assert ran.code == 5
    assert "is a link" in ran.err
    assert diary.read_text() == "Dear diary"


def test_a_home_that_is_a_file_is_reported(
    run: Run, box: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = home.rename(home.with_name("before")) / "config.toml"
    home.write_text("a file")
    monkeypatch.setenv("INVOICESYNC_CONFIG", str(config))

    for typed in ("sync", "status", "log"):
        assert run(typed).code == (5 if typed == "sync" else 0)


def garbage(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(b"garbage " * 20 + content[160:])


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scribbled(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'{"kind":"invoice"', b'Dear diary voice"'))


def statement(sql: str) -> Callable[[Path], None]:
    """Change the file by a statement, past the indexes that would read what is changed."""

    def run(path: Path) -> None:
        with closing(sqlite3.connect(path)) as file:
            indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql <> ''"
            for (name,) in file.execute(indexes).fetchall():
                file.execute(f"DROP INDEX {name}")
            file.execute(sql)
            file.commit()

    return run


DAMAGE = {
    "garbage head": garbage,
    "truncated": truncated,
    **{
        f"no {table}": statement(f"DROP TABLE {table}")
        for table in ("facts", "records", "links", "journal", "events", "runs")
    },
    "records of no JSON": scribbled,
    "records of a list": statement("UPDATE records SET document = '[1]'"),
    "a state of no meaning": statement('UPDATE records SET document = \'{"kind": "invoice"}\''),
    "events of no JSON": statement("UPDATE events SET document = '{'"),
    "decisions of no JSON": statement(
        "UPDATE records SET decisions = 'x', draft = 'x', source = 'x'"
    ),
    "a kind of no meaning": statement("UPDATE records SET kind = 'bill'"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_state_is_reported_as_such(
    run: Run, box: Sandbox, home: Path, damage: str
) -> None:
    run("sync")
    DAMAGE[damage](home / "state.sqlite3")
    before = len(box.xero.writes())
    damaged = home.with_name("damaged")
    shutil.copytree(home, damaged)
    met = set()

    for typed in (*LOOKS, ("sync",), ("retry",), ("sync", "--dry-run")):
        shutil.rmtree(home)
        shutil.copytree(damaged, home)
        ran = run(*typed, "--json")
        met.add(ran.code)
        assert ran.code in {0, 3, 5}
        if ran.code == 5:
            assert "backup" in ran.json["error"]["hint"]

    assert 5 in met
    assert len(box.xero.writes()) == before
