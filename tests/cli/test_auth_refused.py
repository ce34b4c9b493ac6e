"""Sign-ins that fail: a sentence, a hint and an exit code each, and nothing is kept."""

import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from invoicesync_sandbox.world import API_KEY
from tests.kits.command_line import Run
from tests.kits.sign_in import LANDED, SignInUser

pytestmark = pytest.mark.usefixtures("user")


SERVICES = ("keap", "xero", "qbo")
each = pytest.mark.parametrize("service", SERVICES)


def refused(ran: Any, code: str, exit_code: int = 4) -> str:
    """The message of a refusal, which has a hint too."""
    assert ran.code == exit_code, ran.out + ran.err
    assert ran.json["error"]["code"] == code, ran.out
    assert ran.json["error"]["hint"]
    return str(ran.json["error"]["message"])


@each
def test_a_refused_consent(run: Run, user: SignInUser, service: str) -> None:
    user.clicker.decision = "cancel"

    message = refused(run("auth", service, "--json"), "consent-refused")

    assert message.startswith("Access was refused on")
    assert user.kept() == []
    for status, page, _ in user.clicker.pages:
        assert status == 200
        assert "Nothing was connected" in page
        assert f"invoicesync auth {service}" in page


@each
def test_a_forged_state(run: Run, user: SignInUser, service: str) -> None:
    user.clicker.spoil = lambda landing: landing.replace("state=", "state=forged")

    refused(run("auth", service, "--json"), "wrong-state")

    assert user.kept() == []
    assert [call for call in user.box.xero.calls if call.path == "/connect/token"] == []
    for status, page, _ in user.clicker.pages:
        assert status == 400
        assert "not expected" in page


def test_the_words_of_a_refusal_are_shown_and_not_obeyed(run: Run, user: SignInUser) -> None:
    words = "&error=server_error&error_description=%1b%5d0;owned%07%c2%9b2J%e2%80%ae"
    user.clicker.spoil = lambda landing: landing.replace("code=", "x=") + words

    ran = run("auth", "xero", "--timeout", "20")

    assert ran.code == 4
    assert r"(\u001b]0;owned\u0007\u009b2J\u202e)" in ran.err
    assert "\x1b" not in ran.err


@each
def test_an_address_of_another_site(run: Run, user: SignInUser, service: str) -> None:
    user.clicker.spoil = lambda landing: landing.replace("robin.example", "evil.example")

    ran = run("auth", service, "--redirect-uri", LANDED, "--json")

    assert LANDED in refused(ran, "wrong-address")
    assert user.kept() == []


@each
def test_a_code_that_has_expired(run: Run, user: SignInUser, service: str) -> None:
    def dawdle(landing: str) -> str:
        user.box.clock.advance(600)
        return landing

    user.clicker.spoil = dawdle

    refused(run("auth", service, "--json"), "code-refused")
    assert user.kept() == []


@pytest.mark.parametrize("service", ["keap", "qbo"])
def test_a_wrong_client_secret(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    variable = f"INVOICESYNC_{service.upper()}_CLIENT_SECRET"
    monkeypatch.setenv(variable, "not-the-secret")

    ran = run("auth", service, "--json")

    refused(ran, "wrong-client")
    assert variable in ran.json["error"]["hint"]
    assert "not-the-secret" not in ran.out + ran.err


def test_a_wrong_secret_of_a_custom_connection(run: Run, user: SignInUser) -> None:
    user.configure({"xero.sign_in": "custom-connection"})
    user.clicker.type("not-the-secret")

    ran = run("auth", "xero", "--json")

    assert "invalid_client" in refused(ran, "sign-in-refused")
    assert "not-the-secret" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("key", "code", "words"),
    [
        ("KeapAK-wrong", "wrong-key", "Invalid Access Token"),
        ("0123456789abcdef0123456789abcdef", "legacy-key", "legacy API keys"),
        ("", "input-needed", "is needed"),
    ],
)
def test_a_key_that_is_none(run: Run, user: SignInUser, key: str, code: str, words: str) -> None:
    user.clicker.type(f"{key}\n")

    ran = run("auth", "keap", "--api-key", "--json")

    assert words in refused(ran, code)
    assert not key or key not in ran.out + ran.err
    assert user.kept() == []


@pytest.mark.parametrize("key", ["KeapAK-wrong", "0123456789abcdef0123456789abcdef"])
def test_a_wrong_key_of_the_environment_is_named_with_its_variable(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """Signing in would ask for no other key as long as it is there."""
    user.configure({"keap.sign_in": "api-key"})
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", key)

    ran = run("auth", "keap", "--json")

    assert ran.code == 4
    assert "key in INVOICESYNC_KEAP_API_KEY is" in str(ran.json["error"])
    assert key not in ran.out + ran.err


def test_a_legacy_key_is_answered_with_what_replaced_it(run: Run, user: SignInUser) -> None:
    user.clicker.type("0123456789abcdef0123456789abcdef")

    hint = run("auth", "keap", "--api-key", "--json").json["error"]["hint"]

    assert "Personal Access Tokens and Service Account Keys" in hint


def test_a_key_of_another_account_than_expected(run: Run, user: SignInUser) -> None:
    user.clicker.type(API_KEY)

    ran = run("auth", "keap", "--api-key", "--app", "zz9.infusionsoft.com", "--json")

    assert "iq146" in refused(ran, "wrong-account")


def test_another_keap_account_than_the_pinned_one(run: Run, user: SignInUser) -> None:
    assert run("auth", "keap").code == 0
    kept = (user.secrets / "keap").read_text()
    user.box.keap.profile.tenant_id = user.box.keap.limits.tenant_id = "zz9"

    message = refused(run("auth", "keap", "--json"), "wrong-account")

    assert "iq146" in message
    assert "zz9" in message
    assert (user.secrets / "keap").read_text() == kept
    assert run("auth", "logout", "keap").code == 0
    assert run("auth", "keap", "--json").data["id"] == "zz9"


def test_another_organisation_than_the_pinned_one(run: Run, user: SignInUser) -> None:
    other = user.box.xero.add_organisation("Harbour Candles")
    assert run("auth", "xero").code == 0
    kept = (user.secrets / "xero").read_text()
    user.clicker.account = "Harbour Candles"

    message = refused(
        run("auth", "xero", "--organisation", "Harbour Candles", "--json"), "wrong-account"
    )

    assert "Wick & Wax Ltd" in message
    assert "Harbour Candles" in message
    assert (user.secrets / "xero").read_text() == kept
    assert run("auth", "logout", "xero").code == 0
    ran = run("auth", "xero", "--organisation", "Harbour Candles", "--json")
    assert ran.data["id"] == other


def test_another_company_than_the_pinned_one(run: Run, user: SignInUser) -> None:
    assert run("auth", "qbo").code == 0
    user.box.qbo.companies["1002"] = "Harbour Candles"
    user.clicker.account = "Harbour Candles"

    assert "Harbour Candles" in refused(run("auth", "qbo", "--json"), "wrong-account")


def test_the_pinned_organisation_is_found_among_several(run: Run, user: SignInUser) -> None:
    user.box.xero.add_organisation("Harbour Candles")
    assert run("auth", "xero").code == 0
    user.clicker.account = "Harbour Candles"

    assert run("auth", "xero", "--json").data["name"] == "Wick & Wax Ltd"


@pytest.mark.parametrize("by", ["name", "id"])
def test_one_of_several_organisations_is_named(run: Run, user: SignInUser, by: str) -> None:
    other = user.box.xero.add_organisation("Harbour Candles")
    granted_both(run, user)

    named = {"name": "harbour candles", "id": other}[by]
    ran = run("auth", "xero", "--organisation", named, "--json")

    assert (ran.data["name"], ran.data["id"]) == ("Harbour Candles", other)


def granted_both(run: Run, user: SignInUser) -> None:
    """Let the app into both organisations, and be signed in to neither."""
    run("auth", "xero")
    run("auth", "logout", "xero")
    user.clicker.account = "Harbour Candles"


def test_several_organisations_and_nobody_to_ask(run: Run, user: SignInUser) -> None:
    user.box.xero.add_organisation("Harbour Candles")
    granted_both(run, user)

    ran = run("auth", "xero", "--json")

    message = refused(ran, "organisation-open")
    assert "Harbour Candles" in message
    assert "Wick & Wax Ltd" in message
    assert "--organisation" in ran.json["error"]["hint"]


def test_an_organisation_that_was_not_granted(run: Run, user: SignInUser) -> None:
    ran = run("auth", "xero", "--organisation", "Nobody Ltd", "--json")

    assert "Wick & Wax Ltd" in refused(ran, "organisation-unknown")
    assert user.kept() == []


def test_a_login_that_xero_refuses_on_its_own_page(run: Run, user: SignInUser) -> None:
    user.register(LANDED)

    ran = run("auth", "xero", "--timeout", "0.3", "--json")

    assert "within 0.3 seconds" in refused(ran, "timed-out")
    hint = ran.json["error"]["hint"]
    assert user.redirect in hint
    assert "accounting.settings.read" in hint
    assert "on its own page" in hint


@each
def test_an_answer_that_is_never_pasted(run: Run, user: SignInUser, service: str) -> None:
    user.clicker.spoil = lambda _: "about:blank"
    args = ("auth", service, "--redirect-uri", LANDED, "--json")

    refused(run(*args, "--timeout", "0.2"), "timed-out")
    user.clicker.hang_up()
    refused(run(*args), "nothing-entered")


@each
def test_nobody_may_be_asked(run: Run, user: SignInUser, service: str) -> None:
    ran = run("auth", service, "--redirect-uri", LANDED, "--no-browser", "--no-input", "--json")

    assert "--no-input" in refused(ran, "input-needed")
    assert user.clicker.opened == []


def test_a_secret_that_nobody_may_be_asked_for(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INVOICESYNC_QBO_CLIENT_SECRET")
    user.clicker.type("sandbox-secret\n")

    ran = run("auth", "qbo", "--no-input", "--json")

    refused(ran, "input-needed")
    assert "INVOICESYNC_QBO_CLIENT_SECRET" in ran.json["error"]["hint"]
    assert user.clicker.opened == []


def test_something_else_was_pasted(run: Run, user: SignInUser) -> None:
    user.clicker.type("I do not know what to paste\n")

    refused(run("auth", "keap", "--no-browser", "--json"), "no-code")


def test_a_port_that_is_taken(run: Run, user: SignInUser) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", urlsplit(user.redirect).port or 0))
        other.listen()

        ran = run("auth", "xero", "--json")

    assert user.redirect in refused(ran, "port-in-use")
    assert "--no-browser" in ran.json["error"]["hint"]


@pytest.mark.parametrize(
    ("service", "settings", "words"),
    [
        ("keap", {"keap.client_id": ""}, "keap.client_id is not set"),
        ("xero", {"xero.client_id": ""}, "xero.client_id is not set"),
        (
            "qbo",
            {"qbo.redirect_uri": "", "qbo.environment": "production"},
            "qbo.redirect_uri is not set",
        ),
        ("xero", {"xero.redirect_uri": "http://robin.example/cb"}, "no redirect address"),
        ("xero", {"xero.redirect_uri": "localhost:8743"}, "no redirect address"),
        ("xero", {"xero.redirect_uri": "http://localhost:x/cb"}, "no redirect address"),
    ],
)
def test_a_config_that_does_not_allow_it(
    run: Run, user: SignInUser, service: str, settings: dict[str, str], words: str
) -> None:
    user.configure(settings)

    ran = run("auth", service, "--json")

    assert ran.code == 5
    assert words in ran.json["error"]["message"]
    assert user.clicker.opened == []


@pytest.mark.parametrize(
    ("backend", "code"),
    [
        ("keyring.backends.fail.Keyring", "no-keyring"),
        ("keyring.backends.null.Keyring", "keyring-forgets"),
    ],
)
def test_a_keyring_that_cannot_be_used_shows_before_anybody_has_clicked(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch, backend: str, code: str
) -> None:
    import keyring

    user.configure({"auth.storage": "keyring"})
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)

    for service in SERVICES:
        ran = run("auth", service, "--json")
        refused(ran, code)
        assert 'storage = "file"' in ran.json["error"]["hint"]
    assert user.clicker.opened == []


@each
def test_a_service_that_is_down(run: Run, user: SignInUser, service: str) -> None:
    user.box.vendors[service].fail(path="token", status=503, body="maintenance")

    ran = run("auth", service, "--json")

    assert "503" in refused(ran, "service-down", 7)
    assert user.kept() == []


def test_another_root_than_the_sign_in_was_made_against(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("auth", "keap").code == 0
    assert run("auth", "xero").code == 0
    monkeypatch.setenv("INVOICESYNC_XERO_ROOT", "https://xero.example")

    for typed in (["sync"], ["auth", "xero"], ["auth", "status"], ["auth", "logout", "xero"]):
        assert "xero.example" in refused(run(*typed, "--json"), "root-differs", 5)
    assert "xero" in user.kept()


def test_secrets_copied_to_another_place_stay_tied_to_their_root(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("auth", "xero").code == 0
    (user.home / "state.sqlite3").unlink()
    monkeypatch.setenv("INVOICESYNC_XERO_ROOT", "https://xero.example")

    assert "made against" in refused(run("auth", "logout", "xero", "--json"), "root-differs", 5)


def test_a_service_that_there_is_not(run: Run, user: SignInUser) -> None:
    assert run("auth", "logout", "sage").code == 2
    assert run("auth", "sage").code == 2
    assert user.kept() == []


def test_a_missing_config(run: Run, user: SignInUser) -> None:
    (user.home / "config.toml").unlink()

    for typed in (["keap"], ["xero"], ["qbo"], ["status"], ["logout", "xero"]):
        refused(run("auth", *typed, "--json"), "config-missing", 5)
