"""`auth qbd` by COM, with the sandbox's worker as a process in place of the real one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from invoicesync_sandbox.configs import DESKTOP
from invoicesync_sandbox.qbd import QbdSandbox
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.world import worker_command
from tests.kits.command_line import Run


@pytest.fixture
def qbd(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[QbdSandbox]:
    """QuickBooks on loopback, with a config for it."""
    box = QbdSandbox()
    with serving({"qbd": box}) as roots:
        monkeypatch.setenv("INVOICESYNC_QBD_WORKER", worker_command(roots["qbd"]))
        home.mkdir(exist_ok=True)
        (home / "config.toml").write_text(DESKTOP, encoding="utf-8")
        yield box


def test_the_company_is_pinned_and_another_one_refused(run: Run, qbd: QbdSandbox) -> None:
    ran = run("auth", "qbd", "--json")
    assert (ran.code, ran.data["name"], ran.data["sign_in"]) == (0, "Wick & Wax LLC", "com")
    assert run("auth", "status", "--json").data["services"]["qbd"]["signed_in"]

    qbd.books.company_name = "Another LLC"

    ran = run("auth", "qbd", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (4, "wrong-account")


def test_one_that_may_only_be_read_is_refused(run: Run, qbd: QbdSandbox) -> None:
    qbd.host.writable = False
    ran = run("auth", "qbd", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (4, "read-only")


def test_an_old_quickbooks_is_refused(run: Run, qbd: QbdSandbox) -> None:
    qbd.host.newest = "12.0"
    ran = run("auth", "qbd", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (5, "quickbooks-too-old")


@pytest.mark.parametrize(("consent", "code"), [("refused", 4), ("asked", 4)])
def test_a_user_who_does_not_let_it_in(run: Run, qbd: QbdSandbox, consent: str, code: int) -> None:
    qbd.consent = consent  # type: ignore[assignment]
    assert run("auth", "qbd").code == code


def test_a_window_that_waits_is_reported(run: Run, qbd: QbdSandbox) -> None:
    qbd.dialog = True
    ran = run("auth", "qbd", "--json")
    assert (ran.code, ran.json["error"]["code"]) == (7, "quickbooks-not-ready")
