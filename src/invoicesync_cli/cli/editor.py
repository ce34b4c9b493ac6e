"""Opening a file in the user's own editor."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from invoicesync_cli.errors import ConfigError

USUAL = ("sensible-editor", "nano", "vim", "vi")
"""Editors that systems come with, where none is set, the easier first."""


def open_in_editor(path: Path, environ: Mapping[str, str]) -> None:
    """Open a file in $VISUAL or $EDITOR, else in what the system has, and wait until it is closed.

    Raises `ConfigError` when there is none, or it fails.
    """
    command = [*_editor(environ), str(path)]
    try:
        code = subprocess.run(command, check=False).returncode  # noqa: S603 - the user's own editor
        why = f"it ended with {code}" if code else ""
    except OSError as error:
        why = error.strerror or str(error)
    if why:
        raise ConfigError(
            f"The editor {command[0]} did not work: {why}.",
            hint=f"Set VISUAL or EDITOR to the editor that you use, or open {path} in one, then "
            "run: invoicesync config check",
            code="editor-failed",
        )


def _editor(environ: Mapping[str, str]) -> list[str]:
    chosen = environ.get("VISUAL") or environ.get("EDITOR")
    if chosen and os.name == "nt":
        # A path there has backslashes, and perhaps blanks.
        return [chosen] if Path(chosen).exists() else shlex.split(chosen, posix=False)
    if chosen:
        return shlex.split(chosen)
    if os.name == "nt":
        return ["notepad"]
    found = next(filter(shutil.which, USUAL), None)
    if found is None and sys.platform == "darwin":
        return ["open", "-W", "-t"]
    return [found or USUAL[-1]]
