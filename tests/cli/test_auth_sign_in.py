"""`auth keap|xero|qbo` at a desktop: who is signed in, what is shown, what is kept."""

import socket
import webbrowser
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.world import API_KEY, CLIENT_ID
from tests.kits.command_line import Run
from tests.kits.consent import click, fetch
from tests.kits.json_schema import faults_in
from tests.kits.sign_in import LANDED, SignInUser

pytestmark = pytest.mark.usefixtures("user")


SERVICES = ("keap", "xero", "qbo")


@pytest.mark.parametrize(
    ("service", "name", "ident"),
    [
        ("keap", "Wick & Wax", "iq146"),
        ("xero", "Wick & Wax Ltd", ""),
        ("qbo", "Wick & Wax Ltd", "9341450000000001"),
    ],
)
def test_signing_in_shows_whose_account_it_is(
    run: Run, user: SignInUser, service: str, name: str, ident: str
) -> None:
    ran = run("auth", service, "--json")

    assert ran.code == 0, ran.err
    assert ran.json["command"] == f"auth {service}"
    assert faults_in(ran.json) == []
    assert (ran.data["name"], ran.data["id"]) == (name, ident or user.box.xero.tenant_id)
    assert (ran.data["signed_in"], ran.data["storage"]) == (True, "file")
    assert user.clicker.opened[0] in ran.err


def test_a_person_reads_whose_account_it_is_and_where_the_secret_went(
    run: Run, user: SignInUser
) -> None:
    ran = run("auth", "qbo")

    assert "Signed in to QuickBooks: Wick & Wax Ltd (9341450000000001)." in ran.out
    assert f"files in {user.secrets}" in ran.out
    assert "invoicesync auth logout qbo" in ran.err


def test_a_sync_works_with_what_was_signed_in(run: Run, user: SignInUser) -> None:
    assert run("auth", "keap").code == 0
    assert run("auth", "xero").code == 0

    ran = run("sync", "--json", "--max-invoices", "5")

    assert ran.data["invoices"]["created"] == 5
    data = [call for call in user.box.xero.calls if call.path.startswith("/api.xro")]
    assert {call.headers["Xero-Tenant-Id"] for call in data} == {user.box.xero.tenant_id}
    connections = run("status", "--json").data["connections"]
    assert [item["signed_in"] for item in connections.values()] == [True, True]
    assert connections["xero"]["name"] == "Wick & Wax Ltd"


def test_xero_is_asked_as_its_guide_wants_it(run: Run, user: SignInUser) -> None:
    run("auth", "xero")

    asked = dict(parse_qsl(urlsplit(user.clicker.opened[0]).query))
    assert asked["scope"].split() == [
        "offline_access",
        "accounting.invoices",
        "accounting.payments",
        "accounting.contacts",
        "accounting.settings.read",
    ]
    assert (asked["redirect_uri"], asked["client_id"]) == (user.redirect, CLIENT_ID)
    assert asked["code_challenge_method"] == "S256"
    (exchange,) = [call for call in user.box.xero.calls if call.path == "/connect/token"]
    sent = dict(parse_qsl(exchange.body.decode()))
    assert 43 <= len(sent["code_verifier"]) <= 128
    assert "Authorization" not in exchange.headers
    assert "client_secret" not in sent


def test_every_sign_in_has_its_own_state_and_verifier(run: Run, user: SignInUser) -> None:
    run("auth", "xero")
    run("auth", "xero")

    first, second = (dict(parse_qsl(urlsplit(url).query)) for url in user.clicker.opened)
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]


def test_the_page_says_what_to_do_next_and_fetches_nothing(run: Run, user: SignInUser) -> None:
    run("auth", "xero")

    ((status, page, headers),) = user.clicker.pages
    assert status == 200
    assert "go back to the terminal" in page
    assert "http" not in page
    assert "<script" not in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_only_this_machine_is_listened_on(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound: list[Any] = []
    bind = socket.socket.bind

    def look(self: socket.socket, where: Any) -> None:
        bound.append(where)
        bind(self, where)

    monkeypatch.setattr("socket.socket.bind", look)

    run("auth", "xero")

    assert bound == [("127.0.0.1", urlsplit(user.redirect).port)]


def test_nothing_listens_any_more_afterwards(run: Run, user: SignInUser) -> None:
    run("auth", "xero")

    where = urlsplit(user.redirect)
    with socket.socket() as probe:
        assert probe.connect_ex((where.hostname or "", where.port or 0)) != 0


def test_what_is_no_answer_to_the_sign_in_is_passed_over(run: Run, user: SignInUser) -> None:
    shown: list[int] = []

    def look_around(landing: str) -> str:
        root = landing.partition("/callback")[0]
        for path, headers in (
            ("/favicon.ico", {}),
            ("/callback", {}),
            ("/callback?x=1", {}),
            ("/callback?error=access_denied", {}),
            ("/callback?error=access_denied&state=x", {}),
            ("/callback?code=stolen&state=x", {"Sec-Fetch-Dest": "image"}),
            ("/callback?code=stolen&state=x", {"Host": "evil.example"}),
        ):
            shown.append(fetch(root + path, headers=headers)[0])
        return landing

    user.clicker.spoil = look_around

    assert run("auth", "xero").code == 0
    assert shown == [404, 400, 400, 400, 400, 404, 404]


def test_a_browser_that_only_opens_connections_does_not_hold_up(run: Run, user: SignInUser) -> None:
    idle = socket.socket()

    def connect_first(landing: str) -> str:
        where = urlsplit(landing)
        idle.connect(("127.0.0.1", where.port or 0))
        return landing

    user.clicker.spoil = connect_first
    with idle:
        assert run("auth", "xero").code == 0


def test_a_landing_address_with_https_is_pasted(run: Run, user: SignInUser) -> None:
    user.configure({"xero.redirect_uri": LANDED, "qbo.redirect_uri": LANDED})

    for service in SERVICES:
        ran = run("auth", service)
        assert ran.code == 0, ran.err
        assert f"begins with {LANDED}" in ran.err


def test_the_option_goes_before_the_configs_redirect_address(run: Run, user: SignInUser) -> None:
    assert run("auth", "xero", "--redirect-uri", LANDED).code == 0

    asked = dict(parse_qsl(urlsplit(user.clicker.opened[0]).query))
    assert asked["redirect_uri"] == LANDED


def test_without_a_browser_the_address_is_shown_and_the_answer_still_heard(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)

    def say(_: object, text: str) -> None:
        if "No browser" in text:
            user.clicker.open(text.splitlines()[1])

    monkeypatch.setattr("invoicesync_cli.cli.prompt.Terminal.say", say)

    assert run("auth", "xero").code == 0


def test_without_a_browser_the_landing_address_can_be_typed(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")

    def say(_: object, text: str) -> None:
        user.clicker.type(click(text.splitlines()[1]) + "\n")

    monkeypatch.setattr("invoicesync_cli.cli.prompt.Terminal.say", say)

    assert run("auth", "xero").code == 0
    assert user.clicker.pages == []


@pytest.mark.parametrize("named", [True, False])
def test_a_key_is_read_from_stdin_checked_and_kept(run: Run, user: SignInUser, named: bool) -> None:
    """Also where the user's own data does not name the account, as in a recording."""
    user.box.keap.switches = replace(user.box.keap.switches, userinfo_tenant=named)
    user.clicker.type(f"{API_KEY}\n")

    ran = run("auth", "keap", "--api-key", "--json")

    assert (ran.code, ran.data["id"], ran.data["sign_in"]) == (0, "iq146", "api-key")
    assert user.kept() == ["keap", "keap.api-key"]
    first = user.box.keap.calls[0]
    assert first.path == "/crm/rest/v2/oauth/connect/userinfo"
    assert first.headers["Authorization"] == f"Bearer {API_KEY}"


def test_a_key_that_the_bearer_header_does_not_take_goes_into_keaps_own(
    run: Run, user: SignInUser
) -> None:
    """Keap takes keys in both; a front of its own may not."""
    keap = user.box.keap
    answer = keap.handle

    def refuse(request: Request) -> Response:
        bearer = request.headers.get("Authorization", "").startswith("Bearer KeapAK-")
        if bearer and "X-Keap-API-Key" not in request.headers:
            return Response('{"message": "Invalid access token"}', 401, mimetype="application/json")
        return answer(request)

    keap.handle = refuse  # type: ignore[method-assign]
    user.clicker.type(API_KEY)

    assert run("auth", "keap", "--api-key").code == 0
    assert run("auth", "xero").code == 0
    assert run("sync", "--max-invoices", "1", "--json").data["invoices"]["created"] == 1
    assert keap.calls[-1].headers["X-Keap-Api-Key"] == API_KEY


def test_the_environments_key_is_checked_and_never_written(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.configure({"keap.sign_in": "api-key"})
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", API_KEY)

    ran = run("auth", "keap", "--json")

    assert (ran.code, ran.data["storage"], ran.data["id"]) == (0, "environment", "iq146")
    assert faults_in(ran.json) == []
    assert user.kept() == []


@pytest.mark.parametrize(
    "typed", ["iq146", "iq146.infusionsoft.com", "https://IQ146.infusionsoft.com/"]
)
def test_the_expected_account_may_be_written_with_its_ending(
    run: Run, user: SignInUser, typed: str
) -> None:
    user.clicker.type(API_KEY)

    assert run("auth", "keap", "--api-key", "--app", typed).code == 0


def test_a_custom_connection_signs_in_with_its_secret(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.configure({"xero.sign_in": "custom-connection", "keap.sign_in": "api-key"})
    user.clicker.type("sandbox-secret\n")

    ran = run("auth", "xero", "--json")

    assert (ran.code, ran.data["id"]) == (0, user.box.xero.tenant_id)
    assert user.kept() == ["xero", "xero.client-secret"]
    monkeypatch.setenv("INVOICESYNC_KEAP_API_KEY", API_KEY)
    assert run("sync", "--max-invoices", "1", "--json").data["invoices"]["created"] == 1


def test_a_client_secret_that_was_typed_is_kept_and_one_of_the_environment_is_not(
    run: Run, user: SignInUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("auth", "qbo").code == 0
    assert user.kept() == ["qbo", "qbo.access"]

    monkeypatch.delenv("INVOICESYNC_QBO_CLIENT_SECRET")
    user.clicker.type("sandbox-secret\n", end=False)
    assert run("auth", "qbo").code == 0

    assert user.kept() == ["qbo", "qbo.access", "qbo.client-secret"]


def test_a_sign_in_of_another_kind_leaves_nothing_of_the_old_one(
    run: Run, user: SignInUser
) -> None:
    assert run("auth", "keap").code == 0
    assert user.kept() == ["keap", "keap.access"]
    user.clicker.type(API_KEY)

    assert run("auth", "keap", "--api-key").code == 0

    assert user.kept() == ["keap", "keap.api-key"]


def test_the_config_may_still_lack_what_only_the_services_can_tell(
    run: Run, user: SignInUser
) -> None:
    user.configure({"payments.account": "", "xero.tax_type": ""})

    assert run("sync").code == 5
    assert run("auth", "xero").code == 0
    assert run("auth", "status").code == 4


def test_first_look_at_keaps_data_comes_with_the_sign_in(run: Run, user: SignInUser) -> None:
    """What is not as it should be is said, and the sign-in has worked all the same."""
    ran = run("auth", "keap", "--json")

    assert ran.code == 0
    (found,) = ran.data["findings"]
    assert (found["code"], found["level"]) == ("keap-lines", "warning")
    assert "their total: 1 (invoice 1025)." in found["message"]
    assert "(invoice 1025)" in run("auth", "keap").out
    assert "findings" not in run("auth", "xero", "--json").data


def test_first_look_that_fails_is_no_failed_sign_in(run: Run, user: SignInUser) -> None:
    user.box.keap.fail(path="/orders", status=503, times=100)

    ran = run("auth", "keap", "--json")

    assert (ran.code, ran.data["signed_in"]) == (0, True)
    assert [found["level"] for found in ran.data["findings"]] == ["warning"]
    assert run("auth", "status").code == 4  # Xero
