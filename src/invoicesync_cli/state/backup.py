"""Config and state of a profile as one file, for another machine; and back from it.

The file is a ZIP archive: `backup.json` says what it is, `state.sqlite3` is a copy of the state as
it was at one moment, `config.toml` the config, each where there was one. Secrets are never in it.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from errno import EINVAL
from pathlib import Path

from invoicesync_cli.errors import ConfigError, UsageError
from invoicesync_cli.lock import only_run
from invoicesync_cli.paths import Paths, private_folder
from invoicesync_cli.state.checking import flaw
from invoicesync_cli.state.codec import dump, load
from invoicesync_cli.state.opening import put_away, renamed, save_copy, usable

FORM = 1
"""The form of the file; a newer one is not read."""
ABOUT, STATE, CONFIG = "backup.json", "state.sqlite3", "config.toml"
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
"""What reading a damaged archive ends with."""


@dataclass(frozen=True)
class About:
    """What a backup says of itself. `made_at` is in UTC, `parts` is the SHA-256 of each by name."""

    form: int
    made_at: datetime
    version: str
    profile: str = ""
    parts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Restored:
    """What a backup was restored to: the files written, and those that were there before and were
    given another name."""

    about: About
    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def back_up(paths: Paths, target: Path, about: About) -> None:
    """Write config and state to the file at `target`, all of it or nothing, for its owner only.

    A backup that is there is replaced, any other file is not: `UsageError`. Raises `ConfigError`
    when there is nothing to back up or the state cannot be read.
    """
    if target.exists() and not _is_backup(target):
        raise UsageError(
            f"{target} is there, and is no backup.", hint="Name a file that is not there yet."
        )
    parts = {
        name: path for name, path in ((STATE, paths.state), (CONFIG, paths.config)) if path.exists()
    }
    if not parts:
        raise ConfigError(
            f"There is nothing to back up: neither {paths.config} nor {paths.state} is there.",
            hint="Name the company with --profile where it has a profile of its own.",
            code="nothing-to-back-up",
        )
    with tempfile.TemporaryDirectory(prefix=".invoicesync-", dir=target.parent) as folder:
        made = Path(folder, "backup")
        with (
            os.fdopen(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            if STATE in parts:
                copy = Path(folder, STATE)
                with usable(paths.state):
                    save_copy(paths.state, copy)
                parts[STATE] = copy
            for name, path in parts.items():
                archive.write(path, name)
            sums = {name: _sum(path) for name, path in parts.items()}
            archive.writestr(ABOUT, dump(About, replace(about, parts=sums)))
            archive.close()
            file.flush()
            os.fsync(file.fileno())
        made.replace(target)


def restore(paths: Paths, source: Path, day: date, *, force: bool) -> Restored:
    """Put config and state of the backup at `source` in place.

    What is there already is only replaced with `force`, and stays beside it with the day in its
    name. Raises `UsageError` when there is no such file, `ConfigError` when it is damaged, no
    backup, of a newer version, or would replace something: then nothing was written. Raises
    `RunActive`.
    """
    if not source.is_file():
        raise UsageError(f"There is no file {source}.", hint="Name one that `backup` has written.")
    with tempfile.TemporaryDirectory(prefix="invoicesync-") as folder:
        about, parts = _unpacked(source, Path(folder))
        places = {STATE: paths.state, CONFIG: paths.config}
        taken = [places[name] for name in parts if places[name].exists()]
        if taken and not force:
            raise ConfigError(
                f"{' and '.join(map(str, taken))} would be replaced.",
                hint="With --force they get another name, and the backup takes their place. Or "
                "restore it under another name with --profile NAME.",
                code="would-replace",
            )
        with only_run(paths.lock):
            kept = tuple(
                put_away(paths, day) if path == paths.state else renamed(path, day)
                for path in taken
            )
            for name, part in parts.items():
                _put_in_place(part, places[name])
    return Restored(about, tuple(places[name] for name in parts), kept)


def _is_backup(path: Path) -> bool:
    """Whether a file can be taken for a backup of ours, so that a newer one may replace it."""
    with contextlib.suppress(*UNREADABLE, OSError), zipfile.ZipFile(path) as archive:
        return ABOUT in archive.namelist()
    return False


def _unpacked(source: Path, folder: Path) -> tuple[About, dict[str, Path]]:
    """What the backup says of itself, and its parts, unpacked into a folder and looked through."""
    parts: dict[str, Path] = {}
    with _readable(source):
        with zipfile.ZipFile(source) as archive:
            about = load(About, archive.read(ABOUT))
            if about.form > FORM:
                raise ConfigError(
                    f"{source} was made by a newer version of invoicesync ({about.version}).",
                    hint="Upgrade invoicesync on this machine.",
                    code="backup-newer",
                )
            for name in about.parts.keys() & {STATE, CONFIG}:
                parts[name] = folder / name
                with archive.open(name) as packed, parts[name].open("xb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
        if not parts or {name: _sum(path) for name, path in parts.items()} != about.parts:
            raise EOFError("its parts are not what was saved")
    if STATE in parts and (found := flaw(parts[STATE])):
        raise _damaged(source, found)
    return about, parts


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _readable(source: Path) -> Iterator[None]:
    """Turn what a damaged archive ends with into our error."""
    try:
        yield
    except UNREADABLE as error:
        raise _damaged(source, str(error)) from None
    except OSError as error:
        # A place before the start of the file, or behind its end.
        if error.errno != EINVAL:
            raise
        raise _damaged(source, "it is not whole") from None


def _damaged(source: Path, why: str) -> ConfigError:
    return ConfigError(
        f"{source} is damaged, or no backup: {why}.",
        hint="Nothing was changed. Take another backup, or copy the file again.",
        code="backup-damaged",
    )


def _put_in_place(part: Path, target: Path) -> None:
    """Copy a file to its place, all of it or nothing, for its owner only."""
    private_folder(target.parent)
    unfinished = target.with_name(f"{target.name}-unfinished")
    unfinished.unlink(missing_ok=True)
    with (
        part.open("rb") as packed,
        os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file,
    ):
        shutil.copyfileobj(packed, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)
