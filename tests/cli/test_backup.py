"""`backup` and `restore`: a company goes on elsewhere, and a damaged file changes nothing."""

import os
import zipfile
from pathlib import Path

import pytest

from invoicesync_cli.lock import only_run
from invoicesync_cli.state import Store
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run


@pytest.fixture
def saved(run: Run, box: Sandbox, home: Path, tmp_path: Path) -> Path:
    """A backup of a profile that has synced."""
    assert box.xero.enforce_limits is False
    run("sync")
    assert (home / "state.sqlite3").exists()
    file = tmp_path / "books.zip"
    ran = run("backup", str(file))
    assert ran.code == 0, ran.err
    return file


def files_under(folder: Path) -> dict[str, bytes]:
    """What there is, but for the lock, which every run leaves."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def test_another_machine_goes_on_where_this_one_was(
    run: Run, box: Sandbox, saved: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(box.xero.invoices), run("status", "--json").data["open"]
    config = (home / "config.toml").read_text()
    other = tmp_path / "other"
    monkeypatch.setenv("INVOICESYNC_HOME", str(other))

    ran = run("restore", str(saved), "--json")

    assert ran.code == 0, ran.err
    assert (other / "config.toml").read_text() == config
    assert run("status", "--json").data["open"] == before[1]
    for name in ("config.toml", "state.sqlite3"):
        assert os.name == "nt" or (other / name).stat().st_mode & 0o077 == 0
    assert run("sync").code == 3
    assert len(box.xero.invoices) == before[0]


@pytest.mark.usefixtures("company")
def test_no_secret_is_in_it_and_nobody_else_can_read_it(
    run: Run, home: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "books.zip"
    run("sync")
    run("backup", str(saved))
    with zipfile.ZipFile(saved) as archive:
        assert sorted(archive.namelist()) == ["backup.json", "config.toml", "state.sqlite3"]
        held = b"".join(archive.read(name) for name in archive.namelist())
    secrets = [file.read_bytes() for file in (home / "secrets").rglob("*") if file.is_file()]
    assert secrets
    assert [one for one in secrets if one in held] == []
    assert os.name == "nt" or saved.stat().st_mode & 0o077 == 0


def test_a_copy_is_whole_while_a_run_is_writing(run: Run, saved: Path, home: Path) -> None:
    with only_run(home / "state.sqlite3.lock"), Store.open(home / "state.sqlite3") as state:
        state.db.execute("BEGIN IMMEDIATE")
        state.set_meta("half", "done")

        ran = run("backup", str(saved))

        state.db.execute("ROLLBACK")
    assert ran.code == 0, ran.err
    with zipfile.ZipFile(saved) as archive:
        assert b"half" not in archive.read("state.sqlite3")


def test_nothing_is_overwritten_without_force_and_then_kept(
    run: Run, saved: Path, home: Path
) -> None:
    (home / "config.toml").write_text((home / "config.toml").read_text() + "# by hand\n")
    before = files_under(home)

    refused = run("restore", str(saved))

    assert refused.code == 5
    assert "--force" in refused.err
    assert files_under(home) == before

    ran = run("restore", str(saved), "--force", "--json")

    assert ran.code == 0, ran.err
    assert "# by hand" not in (home / "config.toml").read_text()
    kept = [Path(path) for path in ran.data["kept"]]
    assert {path.suffix for path in kept} == {".toml", ".sqlite3"}
    assert any("# by hand" in path.read_text() for path in kept if path.suffix == ".toml")


def test_a_damaged_file_leaves_nothing_behind(
    run: Run, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, other = saved.read_bytes(), tmp_path / "other"
    monkeypatch.setenv("INVOICESYNC_HOME", str(other))
    step = len(whole) // 40
    torn = [whole[:end] for end in range(0, len(whole), step)]
    flipped = [
        whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        for at in (*range(0, len(whole), step), *range(len(whole) - 60, len(whole), 7))
    ]
    for damaged in (*torn, *flipped):
        saved.write_bytes(damaged)
        ran = run("restore", str(saved))
        # What an archive can lose without harm, such as the time of a file, is no damage.
        assert ran.code == 5 or (ran.code == 0 and damaged in flipped), ran.err
        if ran.code == 5:
            assert not other.exists()
        else:
            assert run("config", "check").code == 0
            for file in other.iterdir():
                file.unlink()
            other.rmdir()


def test_what_is_no_backup_is_neither_restored_nor_replaced(
    run: Run, saved: Path, home: Path
) -> None:
    config = (home / "config.toml").read_text()

    assert run("backup", str(home / "config.toml")).code == 2
    assert (home / "config.toml").read_text() == config
    assert run("restore", str(home / "config.toml"), "--force").code == 5
    assert run("restore", str(saved.with_name("nowhere.zip"))).code == 2
    assert (home / "config.toml").read_text() == config


def test_nothing_is_restored_under_a_run(run: Run, saved: Path, home: Path) -> None:
    with only_run(home / "state.sqlite3.lock"):
        assert run("restore", str(saved), "--force").code == 8


def test_a_newer_form_is_refused(run: Run, saved: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.zip"
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(newer, "w") as new:
        for name in old.namelist():
            held = old.read(name)
            new.writestr(name, held.replace(b'"form":1', b'"form":2'))

    ran = run("restore", str(newer), "--force")

    assert ran.code == 5
    assert "newer version" in ran.err


def test_an_empty_home_has_nothing_to_back_up(run: Run, tmp_path: Path) -> None:
    assert run("backup", str(tmp_path / "new.zip")).code == 5
    assert not (tmp_path / "new.zip").exists()
