"""`auth status` and `auth logout`: what is there, what is missing, and how to be rid of it."""

import json
from urllib.parse import parse_qsl

import pytest

from invoicesync_cli.cli.tables import local
from invoicesync_sandbox.world import API_KEY
from tests.kits.command_line import Run
from tests.kits.json_schema import faults_in
from tests.kits.sign_in import SignInUser

pytestmark = pytest.mark.usefixtures("user")


def test_before_anybody_has_signed_in(run: Run, user: SignInUser) -> None:
    ran = run("auth", "status", "--json")

    assert (ran.code, ran.json["command"], ran.json["error"]) == (4, "auth status", None)
    services = ran.data["services"]
    assert {name: item["hint"] for name, item in services.items()} == {
        "keap": "invoicesync auth keap",
        "xero": "invoicesync auth xero",
        "qbo": "",
        "qbd": "",
    }
    assert {name: item["needed"] for name, item in services.items()} == {
        "keap": True,
        "xero": True,
        "qbo": False,
        "qbd": False,
    }
    text = run("auth", "status")
    assert text.code == 4
    assert "Keap: not signed in\n  to do: invoicesync auth keap" in text.out
    assert user.kept() == []


def test_halfway(run: Run, user: SignInUser) -> None:
    run("auth", "keap")

    ran = run("auth", "status", "--json")
    keap, xero = ran.data["services"]["keap"], ran.data["services"]["xero"]
    assert ran.code == 4
    assert (keap["signed_in"], keap["name"], keap["id"]) == (True, "Wick & Wax", "iq146")
    assert (keap["scopes"], keap["storage"], keap["hint"]) == (["full"], "file", "")
    assert (xero["signed_in"], xero["hint"]) == (False, "invoicesync auth xero")
    text = run("auth", "status").out
    assert "Keap: signed in to Wick & Wax (iq146)" in text
    assert "Xero: not signed in\n  to do: invoicesync auth xero" in text
    assert f"kept in: files in {user.secrets}" in text


def test_status_names_what_is_missing_as_well(run: Run, user: SignInUser) -> None:
    shown = run("status").out
    assert "keap: not signed in\n  to do: invoicesync auth keap\n" in shown
    assert "xero: not signed in\n  to do: invoicesync auth xero\n" in shown
    run("auth", "xero")

    ran = run("status", "--json")

    found = {name: item["hint"] for name, item in ran.data["connections"].items()}
    assert found == {"keap": "invoicesync auth keap", "xero": ""}
    assert faults_in(ran.json) == []
    assert run("status").out.count("to do: ") == 1


def test_afterwards(run: Run, user: SignInUser) -> None:
    run("auth", "keap")
    run("auth", "xero")

    ran = run("auth", "status", "--json")
    xero = ran.data["services"]["xero"]
    assert ran.code == 0
    assert (xero["name"], xero["id"]) == ("Wick & Wax Ltd", user.box.xero.tenant_id)
    assert "offline_access" in xero["scopes"]
    assert xero["signed_in_at"] < xero["access_expires"] < xero["expires"]
    text = run("auth", "status")
    assert text.code == 0
    assert "to do: " not in text.out
    assert f"token good until: {local(xero['access_expires'])}" in text.out


def test_a_profile_is_named_in_what_there_is_to_do(run: Run, user: SignInUser) -> None:
    folder = user.home / "profiles" / "north"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text((user.home / "config.toml").read_text())

    ran = run("auth", "status", "--profile", "north", "--json")

    assert ran.data["services"]["keap"]["hint"] == "invoicesync auth keap --profile north"
    assert run("auth", "keap", "--profile", "north").code == 0
    assert user.kept() == []
    assert (folder / "secrets" / "keap").exists()
    assert run("auth", "status", "--json").data["services"]["keap"]["signed_in"] is False


def test_the_environment_is_named_where_it_signs_in(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.configure({"xero.sign_in": "custom-connection"})
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", API_KEY)
    monkeypatch.setenv("INVOICESYNC_XERO_CLIENT_SECRET", "sandbox-secret")

    ran = run("auth", "status", "--json")

    assert ran.code == 0
    stored = {name: item["storage"] for name, item in ran.data["services"].items()}
    assert stored == {"keap": "environment", "xero": "environment", "qbo": "file", "qbd": "file"}


def test_a_sign_in_that_has_run_out_is_missing(run: Run, user: SignInUser) -> None:
    run("auth", "xero")
    change(user, "xero", refresh_ends="2026-01-01T00:00:00+00:00")

    ran = run("auth", "status", "--json")

    xero = ran.data["services"]["xero"]
    assert (xero["signed_in"], xero["hint"]) == (False, "invoicesync auth xero")


def test_a_sign_in_that_the_vendor_has_refused_is_missing(run: Run, user: SignInUser) -> None:
    run("auth", "keap")
    run("auth", "xero")
    user.box.xero.sign_in.refresh_tokens.clear()
    change(user, "xero.access", ends="2026-01-01T00:00:00+00:00")

    ran = run("sync", "--json")

    assert (ran.code, ran.json["error"]["code"]) == (4, "sign-in-expired")
    assert "invoicesync auth xero" in ran.json["error"]["hint"]
    assert run("auth", "status", "--json").data["services"]["xero"]["signed_in"] is False
    assert run("auth", "xero").code == 0
    assert run("auth", "status").code == 0


def test_a_client_secret_that_is_gone_is_missing(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("auth", "keap")
    monkeypatch.delenv("INVOICESYNC_KEAP_CLIENT_SECRET")

    keap = run("auth", "status", "--json").data["services"]["keap"]

    assert keap["signed_in"] is False
    assert "INVOICESYNC_KEAP_CLIENT_SECRET" in keap["hint"]
    assert "INVOICESYNC_KEAP_CLIENT_SECRET" in run("sync").err


def test_another_store_than_at_sign_in_is_never_taken_silently(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keyring
    from keyring.backends.null import Keyring as Backend

    run("auth", "keap")
    user.configure({"auth.storage": "keyring"})
    backend = Backend()  # type: ignore[no-untyped-call]
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)

    ran = run("sync")

    assert ran.code == 4
    assert "was put into the file store" in ran.err


def test_no_keyring_is_a_message_and_no_error(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keyring
    from keyring.backends.fail import Keyring as Backend

    user.configure({"auth.storage": "keyring"})
    backend = Backend()  # type: ignore[no-untyped-call]
    monkeypatch.setattr(keyring.core, "_keyring_backend", backend)

    ran = run("auth", "status", "--json")

    assert ran.code == 4
    assert ran.json["messages"][0].startswith(
        "There is no keyring on this machine: the system's own locked place"
    )
    assert 'storage = "file"' in ran.json["messages"][0]
    assert run("status").code == 0
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", API_KEY)
    assert run("auth", "status", "--json").data["services"]["keap"]["signed_in"] is True


def test_a_rehearsal_of_what_is_not_needed_is_in_nobodys_way(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in ("keap", "xero", "qbo"):
        run("auth", service)
    monkeypatch.delenv("INVOICESYNC_QBO_ROOT")

    ran = run("auth", "status", "--json")

    assert (ran.code, ran.data["services"]["qbo"]["signed_in"]) == (0, False)
    assert run("auth", "logout", "qbo").code == 5
    assert "qbo" in user.kept()


@pytest.mark.parametrize("service", ["keap", "xero", "qbo"])
def test_logging_out_leaves_nothing(run: Run, user: SignInUser, service: str) -> None:
    run("auth", service)

    ran = run("auth", "logout", service, "--json")

    assert (ran.code, ran.json["command"], ran.data["signed_in"]) == (0, "auth logout", False)
    assert user.kept() == []
    found = run("auth", "status", "--json").data["services"][service]
    assert (found["signed_in"], found["name"], found["id"]) == (False, "", "")


def test_a_logout_revokes_the_token_at_xero(run: Run, user: SignInUser) -> None:
    run("auth", "xero")
    token = json.loads((user.secrets / "xero").read_text())["refresh_token"]

    ran = run("auth", "logout", "xero", "--json")

    assert ran.json["messages"] == ["The sign-in was withdrawn at Xero."]
    call = user.box.xero.calls[-1]
    assert call.path == "/connect/revocation"
    assert dict(parse_qsl(call.body.decode()))["token"] == token
    assert user.box.xero.sign_in.refresh_tokens == {}


def test_a_logout_revokes_the_token_at_quickbooks(run: Run, user: SignInUser) -> None:
    run("auth", "qbo")

    ran = run("auth", "logout", "qbo", "--json")

    assert ran.json["messages"] == ["The sign-in was withdrawn at QuickBooks."]
    assert not user.box.qbo.sign_in.refresh_tokens
    assert not user.box.qbo.sign_in.access_tokens


def test_a_logout_of_keap_says_where_its_key_is_removed(run: Run, user: SignInUser) -> None:
    run("auth", "keap")

    assert "Settings > API Settings" in run("auth", "logout", "keap").err
    assert user.kept() == []


def test_a_vendor_that_cannot_be_asked_to_log_out_keeps_the_sign_in(
    run: Run, user: SignInUser
) -> None:
    run("auth", "xero")
    user.box.xero.fail(path="revocation", status=503)

    assert run("auth", "logout", "xero").code == 7

    assert user.kept() == ["xero", "xero.access"]
    assert run("auth", "logout", "xero").code == 0


def test_a_sign_in_that_the_vendor_no_longer_knows_can_be_deleted(
    run: Run, user: SignInUser
) -> None:
    run("auth", "qbo")
    user.box.qbo.sign_in.refresh_tokens.clear()

    ran = run("auth", "logout", "qbo", "--json")

    assert ran.code == 0
    assert "did not know" in ran.json["messages"][0]
    assert user.kept() == []


def test_quickbooks_logout_without_the_secret_says_what_is_left(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("auth", "qbo")
    monkeypatch.delenv("INVOICESYNC_QBO_CLIENT_SECRET")

    ran = run("auth", "logout", "qbo", "--json")

    assert "not withdrawn at QuickBooks" in ran.json["messages"][0]
    assert user.kept() == []


def test_a_logout_of_nobody_says_so(run: Run, user: SignInUser) -> None:
    ran = run("auth", "logout", "xero", "--json")

    assert (ran.code, ran.json["messages"]) == (0, ["Nobody was signed in to Xero."])
    assert "Signed out" not in run("auth", "logout", "xero").out
    assert user.box.xero.calls == []


def test_a_key_of_the_environment_outlives_a_logout_and_is_named(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", API_KEY)

    messages = run("auth", "logout", "keap", "--json").json["messages"]

    assert any(text.startswith("INVOICESYNC_KEAP_API_KEY is still set") for text in messages)
    assert user.kept() == []


def change(user: SignInUser, name: str, **fields: object) -> None:
    """Change a kept record, as time or another program would."""
    path = user.secrets / name
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))
