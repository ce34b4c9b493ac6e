"""A command line for every test; and the client says nothing that specifications do not."""

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from werkzeug.wrappers import Request

from invoicesync_cli.model import Document
from invoicesync_cli.model.reasons import check_reason
from invoicesync_cli.state.history import History
from invoicesync_sandbox.base import Vendor
from invoicesync_sandbox.oauth import SignIn
from tests.contract.specification import folder
from tests.kits.command_line import Run
from tests.kits.crash import sample
from tests.kits.left_behind import NotingServer, leaks

if TYPE_CHECKING:
    from tests.contract.overheard import Overheard


MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files that need no disk
ENOUGH = 512 << 20
"""Bytes that have to be free there."""


# The same examples on every machine, however busy that is.
settings.register_profile(
    "fixed",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("fixed")


def pytest_configure() -> None:
    """Keep what tests write in memory where there is room for it, unless TMPDIR says where.

    The tool waits for the disk at every commit of its state; in tests that was most of the time.
    A shell lets what it starts with `&` ignore Ctrl-C, and so would the programs under test. They
    would also be compiled anew at each start where Python is told to keep no bytecode.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    if "TMPDIR" not in os.environ and roomy and shutil.disk_usage(MEMORY).free > ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: the collector of garbage need not go through it again
    and again. It did so for a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_report_header() -> str:
    """Which sample of the crash matrix is played."""
    count, seed = sample()
    return f"crash matrix: INVOICESYNC_CRASH={count}:{seed}"


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores with `-n auto`: some tests wait, and each process collects all
    tests anew."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def overheard() -> "Overheard | None":
    """The client's requests in all tests, where that is asked for (`INVOICESYNC_OVERHEAR=1`) and
    the specifications are at hand."""
    if not os.environ.get("INVOICESYNC_OVERHEAR") or folder() is None:
        return None
    from tests.contract.overheard import Overheard

    return Overheard()


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process."""
    return Run(capfd)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own, with nothing in it, and no service set."""
    for name in [name for name in os.environ if name.startswith("INVOICESYNC_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    monkeypatch.setenv("INVOICESYNC_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _as_wide_as_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests in parallel run in processes that have a terminal's width set."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(autouse=True)
def _without_a_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """No keyring of this machine answers; a test that wants one sets one."""
    import keyring

    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)


@pytest.fixture(autouse=True)
def _as_the_rules_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever any test makes the tool write down has a reason that its state can have."""
    log = History.log

    def checked(history: History, run: str, document: Document) -> None:
        check_reason(document.state, document.reason)
        log(history, run, document)

    monkeypatch.setattr(History, "log", checked)


@pytest.fixture(autouse=True)
def _leaves_no_secret(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    """No token, key or code of the sandbox stands in what a test leaves behind. One that puts a
    secret there itself is marked."""
    if "tmp_path" not in request.fixturenames:
        yield
        return
    folder: Path = request.getfixturevalue("tmp_path")
    servers = NotingServer()

    def make(server: SignIn, *given: Any, **named: Any) -> None:
        servers.make(server, *given, **named)

    monkeypatch.setattr(SignIn, "__init__", make)
    yield
    if request.node.get_closest_marker("leaves_secrets") is None:
        assert list(leaks(folder, servers.noted)) == []


@pytest.fixture(autouse=True)
def _as_specified(
    overheard: "Overheard | None", monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Listens at every sandbox. A test that leaves the specification on purpose is marked."""
    if overheard is None or request.node.get_closest_marker("off_spec"):
        yield
        return
    log = Vendor._log

    def listening(vendor: Vendor, asked: Request, body: bytes, status: int) -> None:
        overheard.hear(vendor.name, asked, body)
        log(vendor, asked, body, status)

    monkeypatch.setattr(Vendor, "_log", listening)
    yield
    assert overheard.problems() == set()
