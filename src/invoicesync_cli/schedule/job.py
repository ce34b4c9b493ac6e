"""What a schedule entry starts: the program by its absolute path, its options and variables."""

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from invoicesync_cli.errors import ConfigError
from invoicesync_cli.paths import APP, Paths
from invoicesync_cli.printable import HIDDEN
from invoicesync_cli.vendors import VENDORS

PLACES = ("XDG_CONFIG_HOME", "XDG_DATA_HOME")
"""What says where config and state are, unless `INVOICESYNC_HOME` does."""
NETWORK = (
    *("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "https_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
)
SECRET = ("_API_KEY", "_SECRET", "_PASSWORD")
"""How the names of variables with secrets of ours end."""


@dataclass(frozen=True)
class Job:
    """A scheduled run of one profile. `name` is its own, for what is kept for each."""

    name: str
    title: str
    program: tuple[str, ...]
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    left_out: tuple[str, ...]
    """Variables that are set and hold a secret, which no entry may contain."""
    log: Path
    """Where a system that keeps no output of its own can put it."""
    stays: bool = False
    """Whether it is a program that runs all the time, and not one run after the other."""

    @property
    def command(self) -> tuple[str, ...]:
        """The program with its arguments."""
        return (*self.program, *self.arguments)


def job_name(paths: Paths) -> str:
    """The name of a profile's job: of one state there is one."""
    place = hashlib.sha256(str(paths.state.resolve()).encode(errors="surrogateescape"))
    return "-".join(filter(None, (APP, paths.profile, place.hexdigest()[:8])))


def job_of(
    paths: Paths, environ: Mapping[str, str], *, config_named: bool, stays: bool = False
) -> Job:
    """The job of a profile as it is called now; with `stays` its `serve`. Raises `ConfigError` for
    a path that has a character in it that entries cannot have."""
    config = ("--config", str(paths.config)) if config_named else ()
    profile = ("--profile", paths.profile) if paths.profile else ()
    environment, left_out = _variables(environ)
    job = Job(
        name=job_name(paths),
        title=f"{APP} (profile {paths.profile})" if paths.profile else APP,
        program=_program(sys.argv[0]),
        arguments=(*config, *profile, *(("serve",) if stays else ("sync", "--scheduled"))),
        environment=environment,
        left_out=left_out,
        log=paths.state.with_name("scheduled.log"),
        stays=stays,
    )
    for text in (*job.command, *job.environment.values()):
        if HIDDEN.search(text):
            raise ConfigError(
                f"No schedule entry can contain {text!r}.",
                hint="Move it to a folder whose name has no control character in it.",
                code="path-unusable",
            )
    return job


def _program(typed: str) -> tuple[str, ...]:
    """The program by the path that it was started by, which outlives an update of what is behind
    it; the interpreter with our module where that is no program."""
    path = Path(typed).absolute()
    if path.stem == APP and path.is_file() and os.access(path, os.X_OK):
        return (str(path),)
    return (sys.executable, "-m", "invoicesync_cli")


def _variables(environ: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What a run needs of the environment, and the names of what it may not get because of a
    secret in it."""
    home = environ.get("INVOICESYNC_HOME")
    carried = {"INVOICESYNC_HOME": str(Path(home).expanduser().absolute())} if home else {}
    roots = [vendor.variable for vendor in VENDORS.values()]
    names = (*roots, *NETWORK, *(() if home else PLACES))
    carried |= {name: environ[name] for name in names if environ.get(name)}
    with_password = [name for name in NETWORK if "@" in carried.get(name, "")]
    secrets = [n for n in environ if n.startswith("INVOICESYNC_") and n.endswith(SECRET)]
    for name in with_password:
        del carried[name]
    return carried, (*sorted(secrets), *with_password)
