"""Where secrets are kept: each store keeps them, or says in a sentence why it cannot."""

# ruff: noqa: TID253 - only the tool itself has to start fast

import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError

from invoicesync_cli.auth.stores import (
    EnvironmentStore,
    FileStore,
    KeyringStore,
    SecretStore,
    SecretsUnavailable,
    check,
    open_store,
)
from invoicesync_cli.config import Auth, Config
from invoicesync_cli.errors import ExitCode
from invoicesync_cli.paths import Paths

LONG = "".join(f"{number:04}" for number in range(1024))
"""4,096 characters, as long as Intuit says that a token can get."""


class Vault(KeyringBackend):
    """A keyring as Windows' is: entries of at most 1,280 characters, and errors of its own."""

    priority = 1
    limit = 1280

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.breaks_at = ""

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password) > self.limit or (self.breaks_at and self.breaks_at in username):
            raise OSError(1783, "CredWrite", "The stub received bad data")
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.entries:
            raise PasswordDeleteError(service)
        del self.entries[service, username]


class Locked(Vault):
    """A keyring that the user has not unlocked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(f"{service}/{username}")


class Hanging(Vault):
    """A keyring that waits for a window that nobody sees."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self.released.wait(20)
        return super().get_password(service, username)


class PlaintextKeyring(Vault):
    """Named like the backend of keyrings.alt that does not encrypt."""


@pytest.fixture
def vault() -> Iterator[Vault]:
    before = keyring.get_keyring()
    found = Vault()
    keyring.set_keyring(found)
    yield found
    keyring.set_keyring(before)


def use(backend: KeyringBackend, patience: float = 3.0) -> KeyringStore:
    keyring.set_keyring(backend)
    return KeyringStore("/home/robin/profile", patience)


def keeps(store: SecretStore, name: str, secret: str) -> None:
    store.write(name, secret)
    assert store.read(name) == secret


@pytest.mark.parametrize("length", [1, 1200, 1201, 2400, 4096])
def test_a_keyring_with_windows_limit_keeps_tokens_of_any_length(vault: Vault, length: int) -> None:
    store = use(vault)

    keeps(store, "xero", LONG[:length])

    assert all(service == "invoicesync" for service, _ in vault.entries)
    store.delete("xero")
    assert store.read("xero") == ""
    assert vault.entries == {}


def test_nothing_is_left_of_a_longer_secret(vault: Vault) -> None:
    store = use(vault)
    keeps(store, "xero", LONG)
    keeps(store, "xero", LONG[::-1])
    assert len(vault.entries) == 5

    keeps(store, "xero", "short")

    assert len(vault.entries) == 1


def test_a_long_secret_cut_off_halfway_leaves_the_old_one_whole(vault: Vault) -> None:
    store = use(vault)
    keeps(store, "xero", LONG)
    vault.breaks_at = ".2"

    with pytest.raises(SecretsUnavailable):
        store.write("xero", LONG[::-1])

    assert use(vault).read("xero") == LONG


def test_profiles_do_not_share_entries(vault: Vault) -> None:
    keyring.set_keyring(vault)
    keeps(KeyringStore("/a"), "xero", "one")
    keeps(KeyringStore("/b"), "xero", "two")

    assert KeyringStore("/a").read("xero") == "one"


def test_deleting_what_is_not_there_is_no_error(vault: Vault) -> None:
    use(vault).delete("xero")


def test_an_error_of_the_backend_never_shows_the_secret(vault: Vault) -> None:
    store = use(vault)
    vault.limit = 3

    with pytest.raises(SecretsUnavailable) as caught:
        store.write("xero", "very secret")

    assert "very secret" not in caught.value.message + caught.value.hint
    assert "OSError" in caught.value.message


@pytest.mark.parametrize(
    ("backend", "code", "words"),
    [
        (NoKeyring, "no-keyring", "no keyring"),
        (Locked, "keyring-locked", "locked"),
        (NullKeyring, "keyring-forgets", "did not keep"),
    ],
)
@pytest.mark.usefixtures("vault")
def test_a_keyring_that_cannot_be_used_says_why_and_what_to_do(
    backend: type[KeyringBackend],
    code: str,
    words: str,
) -> None:
    with pytest.raises(SecretsUnavailable) as caught:
        check(use(backend()))

    assert (caught.value.code, caught.value.exit_code) == (code, ExitCode.SIGN_IN)
    assert words in caught.value.message
    assert 'storage = "file"' in caught.value.hint


@pytest.mark.usefixtures("vault")
def test_a_keyring_that_hangs_is_given_up_and_not_asked_again() -> None:
    backend = Hanging()
    store = use(backend, patience=0.05)
    try:
        for _ in range(3):
            with pytest.raises(SecretsUnavailable, match=r"did not answer within 0\.05 seconds"):
                store.read("xero")
        assert backend.asked == 1
    finally:
        backend.released.set()


@pytest.mark.usefixtures("vault")
def test_a_backend_that_does_not_encrypt_is_named_for_what_it_is() -> None:
    assert "PLAIN TEXT, not encrypted" in use(PlaintextKeyring()).label
    assert "PlaintextKeyring" in use(PlaintextKeyring()).label


def test_any_other_backend_is_named(vault: Vault) -> None:
    assert use(vault).label == f"keyring ({vault.name})"


def test_files_are_kept(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "deep" / "secrets")
    assert store.read("xero") == ""

    keeps(store, "xero", LONG)
    keeps(store, "xero", "shorter")

    store.delete("xero")
    store.delete("xero")
    assert store.read("xero") == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_files_are_for_the_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        FileStore(folder).write("xero", "token")
    finally:
        os.umask(before)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_loose_modes_are_taken_back_by_whoever_reads(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    store = FileStore(folder)
    store.write("xero", "token")
    folder.chmod(0o777)
    (folder / "xero").chmod(0o644)

    assert store.read("xero") == "token"

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "xero").stat().st_mode) == 0o600


def link_to_file(folder: Path, elsewhere: Path) -> None:
    (folder / "xero").rename(elsewhere / "xero")
    (folder / "xero").symlink_to(elsewhere / "xero")


def link_to_folder(folder: Path, elsewhere: Path) -> None:
    folder.rename(elsewhere / "secrets")
    folder.symlink_to(elsewhere / "secrets")


def hard_link(folder: Path, elsewhere: Path) -> None:
    (elsewhere / "xero").hardlink_to(folder / "xero")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize(
    ("trap", "words"),
    [
        (link_to_file, "xero is a link"),
        (link_to_folder, "secrets is a link"),
        (hard_link, "xero is a hard link"),
    ],
)
def test_a_link_in_place_of_a_secret_is_refused(
    tmp_path: Path, trap: Callable[[Path, Path], None], words: str
) -> None:
    folder, elsewhere = tmp_path / "secrets", tmp_path / "elsewhere"
    elsewhere.mkdir()
    store = FileStore(folder)
    store.write("xero", "token")
    trap(folder, elsewhere)
    before = {path: path.read_bytes() for path in elsewhere.rglob("xero")}

    with pytest.raises(SecretsUnavailable, match=words):
        store.read("xero")
    with pytest.raises(SecretsUnavailable, match=words):
        store.write("xero", "renewed")

    assert {path: path.read_bytes() for path in elsewhere.rglob("xero")} == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such owners")
def test_what_is_another_users_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "secrets"
    store = FileStore(folder)
    store.write("xero", "token")
    before = (folder / "xero").read_bytes()
    user = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: user)

    for act in (
        lambda: store.read("xero"),
        lambda: store.write("xero", "renewed"),
        lambda: store.delete("xero"),
    ):
        with pytest.raises(SecretsUnavailable, match="secrets belongs to another user") as caught:
            act()
        assert "belong to the user who runs invoicesync" in caught.value.hint

    assert (folder / "xero").read_bytes() == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_another_users_in_our_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    store = FileStore(folder)
    store.write("xero", "token")
    os.chown(folder / "xero", 12345, 12345)

    with pytest.raises(SecretsUnavailable, match="xero belongs to another user"):
        store.read("xero")


def test_a_write_that_fails_leaves_the_old_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileStore(tmp_path / "secrets")
    store.write("xero", "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SecretsUnavailable, match="No space left on device"):
        store.write("xero", "new")
    monkeypatch.undo()

    assert store.read("xero") == "old"
    keeps(store, "xero", "newer")


def test_a_file_is_on_the_disk_before_it_takes_the_old_ones_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileStore(tmp_path / "secrets")
    store.write("xero", "old")
    at_flush: list[str] = []
    flush = os.fsync

    def look(handle: int) -> None:
        at_flush.append(store.read("xero"))
        flush(handle)

    monkeypatch.setattr("os.fsync", look)

    store.write("xero", "new")

    flushes = 1 if sys.platform == "win32" else 2
    assert at_flush == ["old", "new"][:flushes]


@pytest.mark.skipif(os.name == "nt", reason="needs a file in a folder's place")
def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("a file")

    with pytest.raises(SecretsUnavailable, match="secrets cannot be used") as caught:
        FileStore(tmp_path / "secrets").write("xero", "token")

    assert "belong to the user" in caught.value.hint


def test_the_environment_is_read_and_never_written() -> None:
    store = EnvironmentStore({"INVOICESYNC_KEAP_API_KEY": " KeapAK-1\n"})

    assert store.read("keap.api-key") == "KeapAK-1"
    assert store.read("qbo.client-secret") == ""
    with pytest.raises(SecretsUnavailable, match="INVOICESYNC_KEAP_API_KEY cannot be set"):
        store.write("keap.api-key", "KeapAK-2")
    store.delete("keap.api-key")
    assert store.read("keap.api-key") == "KeapAK-1"


@pytest.mark.parametrize("storage", ["keyring", "file"])
def test_the_config_decides_and_nothing_else(tmp_path: Path, storage: str) -> None:
    config = Config(auth=Auth.model_validate({"storage": storage}))
    paths = Paths(tmp_path / "config.toml", tmp_path / "state.sqlite3", tmp_path / "secrets")

    assert open_store(config, paths).kind == storage
