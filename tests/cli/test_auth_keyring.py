"""A real Secret Service: gnome-keyring in login sessions of its own; and the same without one."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from invoicesync_sandbox.world import API_KEY
from tests.kits.sign_in import SignInUser

PROGRAMS = ("dbus-run-session", "gnome-keyring-daemon")
CLICK = f"""
import sys
sys.path[:0] = {[str(Path(__file__).parents[2])]!r}
from tests.kits.consent import click, fetch
fetch(click(sys.argv[1]))
"""
LONG = """
from invoicesync_cli.auth.stores import KeyringStore
store = KeyringStore("/test")
text = "".join(f"{n:04}" for n in range(1024))
store.write("long", text)
assert KeyringStore("/test").read("long") == text
store.delete("long")
assert KeyringStore("/test").read("long") == ""
"""

with_keyring = pytest.mark.skipif(
    not all(shutil.which(name) for name in PROGRAMS),
    reason="needs dbus-run-session and gnome-keyring-daemon (Debian: dbus, gnome-keyring)",
)


@dataclass
class Ended:
    """What a script left behind."""

    code: int
    text: str


@dataclass
class Session:
    """Shell scripts, each in a login session of its own; the keyring's files are shared."""

    user: SignInUser
    folder: Path
    bus: bool = True

    def run(self, *lines: str, unlock: bool = True) -> Ended:
        """Run the lines until one fails; `unlock` opens the keyring first, as a login does."""
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("DBUS_", "XDG_"))}
        environ |= {
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}",
            "BROWSER": f"{sys.executable} {self.folder / 'click.py'} %s",
        }
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "PYTHON_KEYRING_BACKEND"):
            environ.pop(name, None)
        opened = "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null"
        script = "\n".join(["set -e", *([opened] if self.bus and unlock else []), *lines])
        ran = subprocess.run(
            [*(["dbus-run-session", "--"] if self.bus else []), "sh", "-c", script],
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.user.hear(ran.stdout + ran.stderr)
        return Ended(ran.returncode, ran.stdout + ran.stderr)


@pytest.fixture
def session(user: SignInUser) -> Iterator[Session]:
    user.configure({"auth.storage": "keyring", "keap.sign_in": "api-key"})
    # Sockets have short names: a test's own folder can be too deep for them.
    with tempfile.TemporaryDirectory(prefix="keyring-") as folder:
        (Path(folder) / "click.py").write_text(CLICK)
        yield Session(user, Path(folder))


SIGN_IN = (
    f"echo {API_KEY} | invoicesync auth keap --api-key",
    "invoicesync auth xero --timeout 30",
)
RUN = ("invoicesync auth status", "invoicesync sync --max-invoices 1 --json || test $? = 3")


@with_keyring
def test_a_secret_service_keeps_the_secrets(session: Session, user: SignInUser) -> None:
    signed_in = session.run(*SIGN_IN)
    assert signed_in.code == 0, signed_in.text
    assert "kept in the keyring (SecretService Keyring)" in signed_in.text

    # Another login, such as tomorrow's.
    later = session.run(*RUN)

    assert later.code == 0, later.text
    assert later.text.count("kept in: keyring (SecretService Keyring)") == 2
    assert '"created": 1' in later.text
    assert user.kept() == []
    out = session.run("invoicesync auth logout keap", "invoicesync auth logout xero")
    assert out.code == 0, out.text
    assert session.run("invoicesync auth status").code == 4


@with_keyring
def test_a_secret_service_keeps_long_tokens(session: Session) -> None:
    ran = session.run(f"{sys.executable} -c '{LONG}'")

    assert ran.code == 0, ran.text


@with_keyring
def test_a_locked_keyring_is_given_up_soon(session: Session) -> None:
    assert session.run(SIGN_IN[0]).code == 0

    ran = session.run("invoicesync sync", unlock=False)

    assert ran.code == 4
    assert "The keyring" in ran.text
    assert "Unlock it" in ran.text


@pytest.mark.skipif(os.name == "nt", reason="runs a shell script")
def test_cron_has_no_keyring_and_says_so(session: Session) -> None:
    session.bus = False

    ran = session.run("invoicesync sync")

    assert ran.code == 4
    assert "There is no keyring on this machine: the system's own locked place" in ran.text
    assert 'storage = "file"' in ran.text


@pytest.mark.skipif(os.name == "nt", reason="runs a shell script")
def test_cron_works_with_files(session: Session, user: SignInUser) -> None:
    session.bus = False
    user.configure({"auth.storage": "file"})

    ran = session.run(*SIGN_IN, *RUN)

    assert ran.code == 0, ran.text
    assert '"created": 1' in ran.text
    assert user.kept() == ["keap", "keap.api-key", "xero", "xero.access"]
