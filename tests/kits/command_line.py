"""The command line in this process, with what a command left behind."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from invoicesync_cli.__main__ import main

Edit = Callable[[str, str], None]
"""Changes a text in the config file of a test."""


@dataclass
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as the one JSON document that it has to be."""
        return json.loads(self.out)

    @property
    def data(self) -> Any:
        """The document's data."""
        return self.json["data"]

    @property
    def invoices(self) -> Any:
        """The invoices among the data's documents or log entries."""
        listed = self.data.get("documents", self.data.get("entries"))
        return [item for item in listed if item["kind"] == "invoice"]


def at_terminal(monkeypatch: pytest.MonkeyPatch, columns: int = 80) -> None:
    """Let commands of this process believe that somebody sees their output, without a pager."""
    for name in ("layout", "report", "progress"):
        monkeypatch.setattr(f"invoicesync_cli.cli.{name}.is_terminal", lambda _: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("PAGER", "")


class Run:
    """Runs commands: `run("sync", "--dry-run")`. Whoever has to hear what is shown sets `hear`."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self._captured = captured
        self.hear: Callable[[str], object] = lambda _: None

    def __call__(self, *typed: str) -> Ran:
        """Run a command to its end."""
        self.hear("")
        self._captured.readouterr()
        code = main(typed)
        out, err = self._captured.readouterr()
        self.hear(out + err)
        assert "Traceback" not in out + err
        return Ran(code, out, err)
