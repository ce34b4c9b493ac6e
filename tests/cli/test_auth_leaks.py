"""Nothing secret shows: not in the home folder, on the screen, in a log, or in a process list."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from invoicesync_sandbox.world import API_KEY, CLIENT_SECRET
from tests.kits.command_line import Run
from tests.kits.sign_in import SignInUser

pytestmark = pytest.mark.usefixtures("user")


def test_a_whole_round_shows_no_secret(run: Run, user: SignInUser) -> None:
    for service in ("keap", "xero", "qbo"):
        assert run("auth", service, "-vv").code == 0
    assert run("sync", "-vv", "--max-invoices", "5").code in {0, 3}
    for name in ("keap.access", "xero.access"):
        path = user.secrets / name
        old = json.loads(path.read_text()) | {"ends": "2026-01-01T00:00:00+00:00"}
        path.write_text(json.dumps(old))
    assert run("sync", "-vv", "--json").code in {0, 3}
    for typed in (["status"], ["auth", "status"], ["config", "show"], ["log"], ["doctor"]):
        run(*typed, "-vv")
    for service in ("keap", "xero", "qbo"):
        assert run("auth", "logout", service, "-vv").code == 0

    assert user.leaks() == []


def test_a_round_that_fails_shows_no_secret(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    echo = {"error": "invalid_grant", "error_description": "no {body}"}
    for service in ("keap", "xero", "qbo"):
        vendor = user.box.vendors[service]
        worked = vendor.worked

        def quote(request: Any, worked: Any = worked) -> Any:
            from invoicesync_sandbox.wire import json_response

            if "token" not in request.path:
                return worked(request)
            fields = " ".join(request.form.values())
            reported = {**echo, "error_description": f"no such thing as {fields}"}
            return json_response(reported, 400)

        monkeypatch.setattr(vendor, "worked", quote)
        assert run("auth", service, "-vv").code == 4

    assert user.leaks() == []


def test_a_bug_shows_no_secret(run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("invoicesync_cli.auth.sign_in.write_sign_in", bug)

    ran = run("auth", "xero", "--json")

    assert (ran.code, "a bug" in ran.out) == (1, True)
    assert user.leaks() == []


def test_the_search_would_find_one(run: Run, user: SignInUser) -> None:
    run("auth", "xero")
    token = json.loads((user.secrets / "xero").read_text())["refresh_token"]
    note = user.home / "note.txt"
    note.write_text(f"my token is {token}")

    assert user.leaks() == [str(note)]

    note.unlink()


def test_what_is_shown_of_records_has_no_secret(run: Run, user: SignInUser) -> None:
    from invoicesync_cli.auth.oauth import Callback, Client
    from invoicesync_cli.auth.records import read_access, read_sign_in
    from invoicesync_cli.auth.stores import FileStore

    run("auth", "xero")
    store = FileStore(user.secrets)
    shown = [read_sign_in(store, "xero"), read_access(store, "xero"), Client("id", CLIENT_SECRET)]

    user.hear(repr([*shown, Callback(API_KEY)]))

    assert user.leaks() == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_secret_is_an_argument(run: Run, user: SignInUser) -> None:
    seen: list[str] = []

    def look(landing: str) -> str:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.append(path.read_text(errors="replace"))
            except OSError:
                continue
        return landing

    user.clicker.spoil = look
    run("auth", "qbo")

    assert seen
    for text in seen:
        user.hear(re.sub("\0", " ", text))
    assert user.leaks() == []
