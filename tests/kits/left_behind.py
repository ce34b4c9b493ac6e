"""What a test leaves behind in its folder: no token, key or code that a simulated service gave out
may stand in it, but in a store of secrets."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from invoicesync_sandbox.oauth import SignIn
from invoicesync_sandbox.world import API_KEY, CLIENT_SECRET

ALWAYS = frozenset({API_KEY, CLIENT_SECRET})
STORES = {"secrets", "keyring"}
"""The folders that are there to keep secrets."""
PROGRAMS = {".py", ".pyc"}
"""What a test writes to be run, not to be kept."""


class Noting(dict[str, Any]):
    """Tokens or codes by their values, all of which are noted for ever."""

    def __init__(self, noted: set[str]) -> None:
        super().__init__()
        self._noted = noted

    def __setitem__(self, value: str, what: Any) -> None:
        self._noted.add(value)
        super().__setitem__(value, what)


class NotingServer:
    """Stands in for the making of sign-in servers, and notes whatever they give out."""

    def __init__(self) -> None:
        self.noted: set[str] = set(ALWAYS)
        self._make = SignIn.__init__

    def make(self, server: SignIn, *given: Any, **named: Any) -> None:
        """In place of `SignIn.__init__`."""
        self._make(server, *given, **named)
        server.access_tokens = Noting(self.noted)
        server.refresh_tokens = Noting(self.noted)
        server.codes = Noting(self.noted)


def leaks(folder: Path, noted: Iterable[str]) -> Iterator[str]:
    """The files below a folder in which one of these stands, stores of secrets aside."""
    wanted = [value.encode() for value in noted]
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        if STORES & set(path.relative_to(folder).parts) or path.suffix in PROGRAMS:
            continue
        content = path.read_bytes()
        if any(value in content for value in wanted):
            yield str(path.relative_to(folder))
