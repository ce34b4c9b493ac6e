"""The command line against both services over real HTTP on loopback."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.__main__ import main
from invoicesync_cli.auth.rehearsed import sign_in_to_qbo
from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.fetch import keap, quota
from invoicesync_cli.load.qbo import client
from invoicesync_sandbox.configs import for_quickbooks
from invoicesync_sandbox.qbo import WorldName
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.world import Sandbox, environment


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


Run = Callable[..., Ran]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process."""

    def call(*typed: str) -> Ran:
        capfd.readouterr()
        code = main(typed)
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return Ran(code, out, err)

    return call


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own, with nothing in it, and no service set."""
    for name in [name for name in os.environ if name.startswith("INVOICESYNC_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    monkeypatch.setenv("INVOICESYNC_HOME", str(folder))
    return folder


@pytest.fixture
def box(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The demo shop on loopback, with its environment set as `sandbox` prints it."""
    sandbox = Sandbox()
    # Nobody has to be polite to a stand-in: no test waits.
    monkeypatch.setattr(keap, "LIMITS", replace(quota.LIMITS, windows=()))
    sandbox.keap.enforce_limits = False
    with serving(sandbox.vendors) as roots:
        for name, value in environment(roots, home).items():
            monkeypatch.setenv(name, value)
        yield sandbox


@pytest.fixture
def company(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The demo shop with its books in QuickBooks, in the United Kingdom."""
    with books("uk", home, monkeypatch) as sandbox:
        yield sandbox


@pytest.fixture
def american(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The demo shop with its books in QuickBooks, in the United States."""
    with books("us", home, monkeypatch) as sandbox:
        yield sandbox


@contextlib.contextmanager
def books(world: WorldName, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The demo shop on loopback with its books in QuickBooks, signed in to."""
    sandbox = Sandbox(company=world)
    monkeypatch.setattr(keap, "LIMITS", replace(quota.LIMITS, windows=()))
    monkeypatch.setattr(client, "LIMITS", replace(client.LIMITS, windows=()))
    sandbox.keap.enforce_limits = sandbox.qbo.enforce_limits = False
    with serving(sandbox.vendors) as roots:
        variables = environment(roots, home, for_quickbooks(world))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        credentials, realm = Workspace(variables).credentials(Call()), sandbox.qbo.realm
        name = sandbox.qbo.companies[realm]
        sign_in_to_qbo(credentials, realm, name, sandbox.qbo.sign_in.grant)
        yield sandbox


@pytest.fixture
def edit(home: Path) -> Callable[[str, str], None]:
    """Replace a piece of the config file by another."""

    def replace(old: str, new: str) -> None:
        path = home / "config.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace
