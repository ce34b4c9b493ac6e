"""Nothing secret shows: not in the home folder, on the screen, in a log, or in a process list."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from invoicesync_sandbox.world import API_KEY, CLIENT_SECRET, Sandbox
from tests.kits.sign_in import SignInDesk

Run = Any
"""The fixture of conftest.py."""


@pytest.fixture
def desk(box: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SignInDesk]:
    with closing(SignInDesk(box, home, monkeypatch)) as found:
        yield found


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """What -vv sets up is for the length of one program."""
    logger = logging.getLogger("invoicesync")
    before = (logger.handlers, logger.level, logger.propagate)
    yield
    logger.handlers, logger.level, logger.propagate = before


@pytest.fixture
def run(run: Run, desk: SignInDesk) -> Run:
    return desk.listened(run)


def test_a_whole_round_shows_no_secret(run: Run, desk: SignInDesk) -> None:
    for service in ("keap", "xero", "qbo"):
        assert run("auth", service, "-vv").code == 0
    assert run("sync", "-vv", "--max-invoices", "5").code in {0, 3}
    for name in ("keap.access", "xero.access"):
        path = desk.secrets / name
        old = json.loads(path.read_text()) | {"ends": "2026-01-01T00:00:00+00:00"}
        path.write_text(json.dumps(old))
    assert run("sync", "-vv", "--json").code in {0, 3}
    for typed in (["status"], ["auth", "status"], ["config", "show"], ["log"], ["doctor"]):
        run(*typed, "-vv")
    for service in ("keap", "xero", "qbo"):
        assert run("auth", "logout", service, "-vv").code == 0

    assert desk.leaks() == []


def test_a_round_that_fails_shows_no_secret(
    run: Run, desk: SignInDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    echo = {"error": "invalid_grant", "error_description": "no {body}"}
    for service in ("keap", "xero", "qbo"):
        vendor = desk.box.vendors[service]
        handle = vendor.handle

        def quote(request: Any, handle: Any = handle) -> Any:
            from invoicesync_sandbox.base import json_response

            if "token" not in request.path:
                return handle(request)
            fields = " ".join(request.form.values())
            told = {**echo, "error_description": f"no such thing as {fields}"}
            return json_response(told, 400)

        monkeypatch.setattr(vendor, "handle", quote)
        assert run("auth", service, "-vv").code == 4

    assert desk.leaks() == []


def test_a_bug_shows_no_secret(run: Run, desk: SignInDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("invoicesync_cli.auth.sign_in.write_sign_in", bug)

    ran = run("auth", "xero", "--json")

    assert (ran.code, "a bug" in ran.out) == (1, True)
    assert desk.leaks() == []


def test_the_search_would_find_one(run: Run, desk: SignInDesk) -> None:
    run("auth", "xero")
    token = json.loads((desk.secrets / "xero").read_text())["refresh_token"]
    note = desk.home / "note.txt"
    note.write_text(f"my token is {token}")

    assert desk.leaks() == [str(note)]

    note.unlink()


def test_what_is_shown_of_records_has_no_secret(run: Run, desk: SignInDesk) -> None:
    from invoicesync_cli.auth.oauth import Callback, Client
    from invoicesync_cli.auth.records import read_access, read_sign_in
    from invoicesync_cli.auth.stores import FileStore

    run("auth", "xero")
    store = FileStore(desk.secrets)
    shown = [read_sign_in(store, "xero"), read_access(store, "xero"), Client("id", CLIENT_SECRET)]

    desk.hear(repr([*shown, Callback(API_KEY)]))

    assert desk.leaks() == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_secret_is_an_argument(run: Run, desk: SignInDesk) -> None:
    seen: list[str] = []

    def look(landing: str) -> str:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.append(path.read_text(errors="replace"))
            except OSError:
                continue
        return landing

    desk.clicker.spoil = look
    run("auth", "qbo")

    assert seen
    for text in seen:
        desk.hear(re.sub("\0", " ", text))
    assert desk.leaks() == []
