"""Where secrets are kept: the OS keyring, files of the owner's, or the environment (read only)."""

import contextlib
import os
import re
import secrets
import stat
import sys
from collections.abc import Callable, Mapping
from errno import ELOOP, EMLINK, EPERM
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from invoicesync_cli.config import Config
from invoicesync_cli.errors import SignInNeeded
from invoicesync_cli.http.signing import checked
from invoicesync_cli.paths import Paths, private_folder
from invoicesync_cli.patience import Failed, within

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "invoicesync"
KEYRING_PATIENCE = 3.0
"""Seconds that a keyring gets to answer; a locked one may wait for ever."""
PART = 1200
"""Characters per keyring entry. Windows takes 2,560 bytes of UTF-16, which is 1,280 characters."""
SPLIT = re.compile(r"invoicesync-parts:(\d+):([0-9a-f]{8})")
"""What an entry holds whose secret is spread over numbered others."""

KEYRING = "the system's own locked place for passwords"
USE_FILES = (
    'On a server or under cron, where there is no keyring, set storage = "file" under [auth] in '
    "the config and sign in again."
)


class SecretsUnavailable(SignInNeeded):
    """The store cannot be used just now, so nobody can be signed in."""

    code = "secrets-unavailable"


class SecretStore(Protocol):
    """Named secrets. Every method raises `SecretsUnavailable` when the store cannot be used."""

    @property
    def kind(self) -> str:
        """`keyring`, `file` or `environment`."""
        ...

    @property
    def label(self) -> str:
        """The store as a person knows it; says so when it keeps secrets in plain text."""
        ...

    def read(self, name: str) -> str:
        """The secret of that name, or blank."""
        ...

    def write(self, name: str, secret: str) -> None:
        """Keep a secret durably: when this returns, it can be read again."""
        ...

    def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is none to forget."""
        ...


def open_store(config: Config, paths: Paths) -> SecretStore:
    """The store that `auth.storage` names, for this profile. No other is ever taken instead."""
    if config.auth.storage == "file":
        return FileStore(paths.secrets)
    return KeyringStore(paths.secrets.parent.as_posix())


class KeyringStore:
    """The operating system's keyring. `profile` keeps the entries of several profiles apart."""

    kind = "keyring"

    def __init__(self, profile: str, patience: float = KEYRING_PATIENCE) -> None:
        self._profile = profile
        self._patience = patience
        self._problem: SecretsUnavailable | None = None

    @property
    def label(self) -> str:
        """The backend's name, such as "keyring (SecretService Keyring)"."""
        backend = self._answer(_backend)
        name = f"{type(backend).__module__}.{type(backend).__name__}"
        if is_plaintext(backend):
            return f"keyring (PLAIN TEXT, not encrypted: {name})"
        return f"keyring ({getattr(backend, 'name', '') or name})"

    def read(self, name: str) -> str:
        """The secret of that name, or blank."""
        found = self._get(name)
        split = SPLIT.fullmatch(found)
        if not split:
            return found
        parts = [self._get(part) for part in _part_names(name, split)]
        return "".join(parts) if all(parts) else ""

    def write(self, name: str, secret: str) -> None:
        """Keep a secret, in several entries when it is long, and read it back."""
        before = SPLIT.fullmatch(self._get(name))
        parts = [secret[start : start + PART] for start in range(0, len(secret), PART)]
        if len(parts) > 1:
            head = f"invoicesync-parts:{len(parts)}:{secrets.token_hex(4)}"
            split = SPLIT.fullmatch(head)
            for entry, part in zip(_part_names(name, split), parts, strict=True):
                self._set(entry, part)
        else:
            head = secret
        self._set(name, head)
        if self.read(name) != secret:
            raise SecretsUnavailable(
                f"The {self.label} did not keep what was written to it.",
                hint=USE_FILES,
                code="keyring-forgets",
            )
        for entry in _part_names(name, before):
            self._drop(entry)

    def delete(self, name: str) -> None:
        """Forget a secret and its parts."""
        found = self._get(name)
        for entry in [*_part_names(name, SPLIT.fullmatch(found)), *([name] if found else [])]:
            self._drop(entry)

    def _get(self, name: str) -> str:
        return self._answer(lambda: _backend().get_password(SERVICE, self._entry(name))) or ""

    def _set(self, name: str, text: str) -> None:
        self._answer(lambda: _backend().set_password(SERVICE, self._entry(name), text))

    def _drop(self, name: str) -> None:
        from keyring.errors import PasswordDeleteError

        def drop() -> None:
            with contextlib.suppress(PasswordDeleteError):
                _backend().delete_password(SERVICE, self._entry(name))

        self._answer(drop)

    def _entry(self, name: str) -> str:
        return f"{self._profile}/{name}"

    def _answer(self, ask: Callable[[], T]) -> T:
        """What the keyring answers. Once it has failed, it is not asked again."""
        if self._problem is None:
            outcome = within(self._patience, ask)
            if not isinstance(outcome, Failed):
                return outcome
            self._problem = _explain(outcome.error, self._patience)
        raise self._problem


class FileStore:
    """A file a secret, readable by the owner only: for cron and servers without a keyring."""

    kind = "file"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def label(self) -> str:
        """Where the files are."""
        return f"files in {self._folder}"

    def read(self, name: str) -> str:
        """The secret of that name, or blank."""
        try:
            self._check(name)
            return (self._folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise self._unusable(error) from None

    def write(self, name: str, secret: str) -> None:
        """Keep a secret: written beside the old one, flushed to the disk, then put in its place."""
        beside = self._folder / f".{name}.new"
        try:
            private_folder(self._folder)
            with contextlib.suppress(FileNotFoundError):
                self._check(name)
            beside.unlink(missing_ok=True)
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(secret)
                file.flush()
                os.fsync(handle)
            beside.replace(self._folder / name)
            _flush_folder(self._folder)
        except OSError as error:
            raise self._unusable(error) from None

    def delete(self, name: str) -> None:
        """Forget a secret."""
        try:
            _check_own(self._folder, 0o700)
            for path in (self._folder / name, self._folder / f".{name}.new"):
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unusable(error) from None

    def _check(self, name: str) -> None:
        """Raise `OSError` unless folder and file are the user's own, and take them from others.

        The folder comes first: once it is private, nobody can put another file in the place of one
        that was looked at.
        """
        _check_own(self._folder, 0o700)
        _check_own(self._folder / name, 0o600)

    def _unusable(self, error: Exception) -> SecretsUnavailable:
        why = getattr(error, "strerror", None) or type(error).__name__
        return SecretsUnavailable(
            f"The secrets in {self._folder} cannot be used: {why}.",
            hint="The folder and its files have to belong to the user who runs invoicesync.",
        )


class EnvironmentStore:
    """Secrets that the environment brings along, such as `INVOICESYNC_KEAP_API_KEY`; read only."""

    kind = "environment"
    label = "the environment"

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def read(self, name: str) -> str:
        """The secret of that name (`keap.api-key`), or blank. Raises as `checked` does."""
        found = self._environ.get(variable(name), "").strip()
        return checked(
            found, f"What {variable(name)} holds", "Copy it again, whole and in one line."
        )

    def write(self, name: str, secret: str) -> None:  # noqa: ARG002 - the protocol's parameter
        """Nothing is ever written to the environment."""
        raise SecretsUnavailable(
            f"{variable(name)} cannot be set from here.",
            hint="Set it in the environment, or unset it there to keep the secret in the store.",
        )

    def delete(self, name: str) -> None:
        """What is in the environment stays until the user unsets it."""


def variable(name: str) -> str:
    """The environment variable that may bring a secret: `keap.api-key` in, its variable out."""
    return "INVOICESYNC_" + re.sub(r"[.-]", "_", name).upper()


def is_plaintext(backend: object) -> bool:
    """Whether a keyring backend is one of those that do not encrypt."""
    scheme = str(getattr(backend, "scheme", ""))
    return "plaintext" in type(backend).__name__.lower() or scheme.startswith("no encryption")


def check(store: SecretStore) -> None:
    """Write, read and delete something, so that a sign-in finds out before anybody has clicked.

    Raises `SecretsUnavailable`.
    """
    store.write("check", "written to see whether secrets can be kept")
    store.delete("check")


def _backend() -> "KeyringBackend":
    """The backend that answers: of a chain, the first."""
    import keyring
    from keyring.backends.chainer import ChainerBackend

    found = keyring.get_keyring()
    if isinstance(found, ChainerBackend):
        found = next(iter(found.backends), found)
    return found


def _explain(error: BaseException | None, patience: float) -> SecretsUnavailable:
    """A sentence for a failure; its own text is left out, it could quote the secret."""
    from keyring.errors import InitError, KeyringLocked, NoKeyringError

    if isinstance(error, NoKeyringError):
        return SecretsUnavailable(
            f"There is no keyring on this machine: {KEYRING}.", hint=USE_FILES, code="no-keyring"
        )
    if error is None or isinstance(error, KeyringLocked | InitError):
        took = f" did not answer within {patience:g} seconds" if error is None else " is locked"
        return SecretsUnavailable(
            f"The keyring ({KEYRING}){took}.",
            hint=f"Unlock it (log in to the desktop, or open its own program) and try again. "
            f"{USE_FILES}",
            code="keyring-locked",
        )
    return SecretsUnavailable(
        f"The keyring refused to work ({type(error).__name__}).", hint=USE_FILES
    )


def _part_names(name: str, split: "re.Match[str] | None") -> list[str]:
    if not split:
        return []
    return [f"{name}.{split.group(2)}.{number}" for number in range(int(split.group(1)))]


def _check_own(path: Path, mode: int) -> None:
    """Raise `OSError` for a link, and for what is another user's or has another name as well: any
    of them may be a trap. What others can read is given `mode`, where its disk knows modes."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise OSError(ELOOP, f"{path.name} is a link, and it is not followed")
    if sys.platform == "win32":
        return
    if found.st_uid != os.geteuid():
        raise OSError(EPERM, f"{path.name} belongs to another user")
    if found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode):
        raise OSError(EMLINK, f"{path.name} is a hard link: it has another name as well")
    if found.st_mode & 0o077:
        with contextlib.suppress(PermissionError):
            path.chmod(mode)


def _flush_folder(folder: Path) -> None:
    """Make the new name as durable as the contents; Windows has no such call and needs none."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
