"""A key or a token that is damaged is named for what it is, and never shown."""

import json
import os
from pathlib import Path

import pytest

from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run
from tests.kits.sign_in import SignInUser

SECRET = "KeapAK-5f2c9d41e7"
DAMAGED = {
    "line feed": f"{SECRET}\nsecond line",
    "carriage return": f"{SECRET}\r\nX: y",
    "zero-width space": f"{SECRET}\u200b",
    "no-break space": f"Keap\u00a0{SECRET}",
    "letter": f"{SECRET}é",
    "tab": f"{SECRET}\tx",
    "delete": f"{SECRET}\x7f",
    "no text": os.fsdecode(SECRET.encode() + b"\xff"),
}


WAYS = [
    *((command, ()) for command in ("sync", "auth keap", "explain 1001")),
    ("sync", ("-vv",)),
    ("sync", ("--json",)),
]


@pytest.mark.parametrize(("command", "how"), WAYS, ids=lambda part: "".join(part).replace(" ", "-"))
@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_keap_key_of_the_environment(
    run: Run,
    box: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: str,
    how: tuple[str, ...],
    damage: str,
) -> None:
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", DAMAGED[damage])
    file = tmp_path / "recorded.jsonl"

    ran = run(*command.split(), "--record", str(file), *how)

    assert ran.code == 4
    assert "INVOICESYNC_KEAP_API_KEY" in ran.out + ran.err
    assert "Copy it again" in ran.out + ran.err
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    assert SECRET not in ran.out + ran.err + kept
    assert box.keap.calls == []


@pytest.mark.parametrize("space", [" {}", "{}\n", "\r\n{}\r\n", "\u00a0{}\u00a0"])
def test_space_around_a_key_is_no_damage(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch, space: str
) -> None:
    good = os.environ["INVOICESYNC_KEAP_API_KEY"]
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", space.format(good))
    assert run("auth", "keap").code == 0


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_xero_secret_of_the_environment(
    run: Run, box: Sandbox, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setenv("INVOICESYNC_XERO_CLIENT_SECRET", DAMAGED[damage])
    ran = run("sync", "-vv")
    assert ran.code == 4
    assert "INVOICESYNC_XERO_CLIENT_SECRET" in ran.err
    assert SECRET not in ran.out + ran.err


@pytest.mark.parametrize("damage", [name for name in DAMAGED if name != "no text"])
@pytest.mark.parametrize("how", [(), ("-vv",), ("--json",)], ids=["plain", "log", "json"])
@pytest.mark.parametrize("service", ["keap", "xero"])
def test_damaged_token_in_the_store(
    run: Run, user: SignInUser, service: str, how: tuple[str, ...], damage: str
) -> None:
    for name in ("keap", "xero"):
        assert run("auth", name).code == 0
    file = user.secrets / f"{service}.access"
    kept = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(kept | {"token": DAMAGED[damage]}), encoding="utf-8")

    ran = run("sync", *how)

    assert ran.code == 4
    assert f"invoicesync auth {service}" in ran.out + ran.err
    assert SECRET not in ran.out + ran.err


def test_damaged_key_that_is_piped_in(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, write = os.pipe()
    os.write(write, f"{SECRET}\u200b\n".encode())
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        ran = run("auth", "keap", "--api-key")
    assert ran.code == 4
    assert "What was typed is damaged" in ran.err
    assert SECRET not in ran.out + ran.err
