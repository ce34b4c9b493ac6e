"""Where config, state and secrets live."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from invoicesync_cli.errors import UsageError

APP = "invoicesync"
PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Paths:
    """The files of one profile."""

    config: Path
    state: Path
    secrets: Path
    profile: str = ""

    @property
    def lock(self) -> Path:
        """The file whose OS lock says that a run is active."""
        return self.state.with_name(self.state.name + ".lock")

    @property
    def contacts(self) -> Path:
        """The file that the ledger's contacts are kept in from run to run."""
        return self.state.with_name("contacts.sqlite3")


def locate(
    config: str | None = None, profile: str | None = None, environ: Mapping[str, str] | None = None
) -> Paths:
    """The paths that hold for these options and environment; options go first.

    Raises `UsageError` for a profile name that could leave its folder.
    """
    environ = os.environ if environ is None else environ
    name = profile or environ.get("INVOICESYNC_PROFILE", "")
    if name and not PROFILE.fullmatch(name):
        raise UsageError(
            f"{name!r} is no profile name.",
            hint="Use letters, digits, dots, dashes and underscores, starting with a letter.",
        )
    home = environ.get("INVOICESYNC_HOME")
    if home:
        base = _inside(Path(home).expanduser().absolute(), name)
        found = Paths(base / "config.toml", base / "state.sqlite3", base / "secrets", name)
    else:
        found = _platform(name)
    named = config or environ.get("INVOICESYNC_CONFIG")
    if named:
        chosen = Path(named).expanduser().absolute()
        found = Paths(chosen, found.state, found.secrets, name)
    return found


def known_profiles(environ: Mapping[str, str] | None = None) -> list[str]:
    """The names of the profiles that there are folders for."""
    places = locate(profile="x", environ=environ)
    folders = {places.config.parent.parent, places.state.parent.parent}
    found = {path.name for folder in folders if folder.is_dir() for path in folder.iterdir()}
    return sorted(filter(PROFILE.fullmatch, found))


def _inside(base: Path, profile: str) -> Path:
    return base / "profiles" / profile if profile else base


def _platform(profile: str) -> Paths:
    from platformdirs import PlatformDirs

    dirs = PlatformDirs(APP, appauthor=False)
    config = _inside(Path(dirs.user_config_dir), profile)
    data = _inside(Path(dirs.user_data_dir), profile)
    return Paths(config / "config.toml", data / "state.sqlite3", data / "secrets", profile)


def private_folder(folder: Path) -> None:
    """Make `folder` and its parents; what is new is readable by its owner only."""
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    for part in reversed(missing):
        part.mkdir(mode=0o700, exist_ok=True)
