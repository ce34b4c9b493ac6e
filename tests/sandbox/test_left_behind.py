"""Whether a secret that a test leaves behind would be found."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.oauth import SignIn
from invoicesync_sandbox.world import API_KEY
from invoicesync_sandbox.xero import XeroSandbox
from tests.kits.left_behind import NotingServer, leaks


@pytest.mark.leaves_secrets
def test_a_token_is_found_wherever_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    servers = NotingServer()
    monkeypatch.setattr(SignIn, "__init__", lambda *given: servers.make(*given))
    token = XeroSandbox(Clock()).issue_token()
    (tmp_path / "run.log").write_text(f"Authorization: Bearer {token}\n")
    (tmp_path / "config.toml").write_text("[keap]\n")
    (tmp_path / "plan.json").write_text(f'{{"key": "{API_KEY}"}}')
    for folder in ("secrets", "deep"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "xero").write_text(token)
    with closing(sqlite3.connect(tmp_path / "state.sqlite3")) as state:
        state.execute("CREATE TABLE facts (value)")
        state.execute("INSERT INTO facts VALUES (?)", (f"it was {token}",))
        state.commit()

    found = set(leaks(tmp_path, servers.noted))

    assert found == {"run.log", "plan.json", "deep/xero", "state.sqlite3"}
