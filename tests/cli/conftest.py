"""The command line against both services over real HTTP on loopback."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from invoicesync_cli import schedule
from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.http import limits
from invoicesync_cli.load.qbd.web_connector import first_session
from invoicesync_cli.load.qbo import writing as qbo_writing
from invoicesync_cli.load.qbo.rehearsed import sign_in_to_qbo
from invoicesync_cli.load.xero import writing as xero_writing
from invoicesync_sandbox.configs import DESKTOP, for_quickbooks
from invoicesync_sandbox.qbo import WorldName
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.world import Sandbox, environment
from tests.kits.command_line import Edit, Ran, Run
from tests.kits.consent import Clicker
from tests.kits.interviewing import Answers, clear
from tests.kits.left_behind import leaks
from tests.kits.mail_server import PASSWORD as MAIL_PASSWORD
from tests.kits.mail_server import (
    Certificate,
    MailServer,
    certificate,
    mail_server,
)
from tests.kits.notified import notify
from tests.kits.quickbooks_pc import PASSWORD, QuickBooksPC
from tests.kits.schedulers import FakeTools
from tests.kits.sign_in import SignInUser, free_port


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """What `-v` sets up is for the length of one program."""
    logger = logging.getLogger("invoicesync")
    before = (logger.handlers, logger.level, logger.propagate)
    yield
    logger.handlers, logger.level, logger.propagate = before


@pytest.fixture
def box(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The demo shop on loopback, with its environment set as `sandbox` prints it."""
    sandbox = Sandbox()
    unlimited(sandbox, monkeypatch)
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
    unlimited(sandbox, monkeypatch)
    with serving(sandbox.vendors) as roots:
        variables = environment(roots, home, for_quickbooks(world))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        credentials, realm = Workspace(variables).credentials(Call()), sandbox.qbo.realm
        name = sandbox.qbo.companies[realm]
        sign_in_to_qbo(credentials, realm, name, sandbox.qbo.sign_in.grant)
        yield sandbox


def unlimited(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait: these services take any number of calls, and are asked again at once."""
    monkeypatch.setattr(limits.Pace, "earliest", lambda _, now: now)
    monkeypatch.setattr(limits, "back_off", lambda _: 0.0)
    for writing in (xero_writing, qbo_writing):
        # They work on nothing once they have answered, or never will.
        monkeypatch.setattr(writing, "AT_WORK", 0.0)
    for service in (sandbox.keap, sandbox.xero, sandbox.qbo):
        service.enforce_limits = False


@pytest.fixture
def tools(tmp_path: Path, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    """The tools of every system, and a user's home for what they keep in it."""
    user = tmp_path / "user"
    monkeypatch.setenv("HOME", str(user))
    for name in [*schedule.job.NETWORK, *schedule.job.PLACES, "XDG_RUNTIME_DIR"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(schedule, "manager_runs", lambda: False)
    made = FakeTools(tmp_path / "tools", user)
    monkeypatch.setenv("PATH", str(made.folder))
    return made


@pytest.fixture
def edit(home: Path) -> Edit:
    """Replace a piece of the config file by another."""

    def replace(old: str, new: str) -> None:
        path = home / "config.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


@pytest.fixture
def user(
    box: Sandbox, home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SignInUser]:
    """Somebody who signs in to the demo shop's services; nothing secret may show in all they do."""
    with contextlib.closing(SignInUser(box, home, monkeypatch)) as found:
        run.hear = found.hear
        yield found


@pytest.fixture
def port() -> int:
    """A port for the Web Connector's service."""
    return free_port()


@pytest.fixture
def shop(home: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The demo shop, whose books are in QuickBooks Desktop on another PC; the password of the Web
    Connector may stand in no file but among the secrets."""
    sandbox = Sandbox(company="us")
    unlimited(sandbox, monkeypatch)
    monkeypatch.setattr(first_session, "new_password", lambda: PASSWORD)
    by_web_connector = f'transport = "web-connector"\nlisten = "127.0.0.1:{port}"'
    config = DESKTOP.replace('transport = "com"', by_web_connector)
    with serving(sandbox.vendors) as roots:
        for name, value in environment(roots, home, config).items():
            monkeypatch.setenv(name, value)
        yield sandbox
    assert list(leaks(home, [PASSWORD])) == []


@pytest.fixture
def pc(shop: Sandbox, home: Path) -> QuickBooksPC:
    """That PC."""
    return QuickBooksPC(shop.qbd, home)


@pytest.fixture
def signed_in(pc: QuickBooksPC, run: Run) -> QuickBooksPC:
    """That PC, after a sign-in."""
    with pc.polls():
        assert run("auth", "qbd", "--timeout", "60").code == 0
    return pc


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The certificate of the mail server."""
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def mail(
    trusted: Certificate, home: Path, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MailServer]:
    """A mail server with STARTTLS and a login, whose certificate this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
    monkeypatch.setenv("INVOICESYNC_SMTP_PASSWORD", MAIL_PASSWORD)
    with mail_server(trusted.context) as server:
        notify(home, server.port)
        yield server


@pytest.fixture
def empty(box: Sandbox, home: Path) -> Sandbox:
    """The demo shop, and nothing set up yet."""
    clear(home)
    return box


@pytest.fixture
def clicker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clicker]:
    """Somebody at the keyboard and in the browser."""
    found = Clicker(monkeypatch)
    yield found
    found.close()


@pytest.fixture
def answer(run: Run, clicker: Clicker) -> Answers:
    """Run `init` and type these answers, a line each."""

    def answered(*lines: str, options: tuple[str, ...] = ()) -> Ran:
        clicker.type("".join(f"{line}\n" for line in lines))
        return run("init", *options)

    return answered
