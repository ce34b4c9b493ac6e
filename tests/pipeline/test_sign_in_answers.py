"""Whatever a service answers while somebody signs in or a token is renewed, it is no crash."""

import json
from collections.abc import Callable, Iterable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.auth.oauth import Client, TokenEndpoint
from invoicesync_cli.auth.records import Access
from invoicesync_cli.auth.refresh import Fresh
from invoicesync_cli.auth.tokens import ClientCredentials
from invoicesync_cli.errors import ExitCode, InvoiceSyncError
from invoicesync_cli.fetch import sign_in as keap
from invoicesync_cli.http.client import Network, WsgiApp
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.load.qbo import sign_in as qbo
from invoicesync_cli.load.xero import sign_in as xero
from invoicesync_cli.services import origins
from invoicesync_cli.vendors import VENDORS, XERO
from invoicesync_sandbox.world import INSIDE

ENVIRON = {f"INVOICESYNC_{name.upper()}_ROOT": root for name, root in INSIDE.items()}
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SIGNED = Fresh(Access("token", NOW))
TOKEN = {
    "access_token": "abc",
    "refresh_token": "def",
    "expires_in": 1800,
    "x_refresh_token_expires_in": 8726400,
    "scope": "full|x",
    "token_type": "Bearer",
}
WRONG: dict[str, Any] = {
    "null": None,
    "true": True,
    "text": "x",
    "blank": "",
    "list": [],
    "list of null": [None],
    "object": {},
    "negative": -1,
    "fraction": 0.5,
    "a million letters": "y" * 1_000_000,
    "nested": json.loads("[" * 300 + "]" * 300),
    "NaN": "@NaN",
    "1e400": "@1e400",
    "5000 digits": "@" + "9" * 5000,
    "control": "a\r\nb: c",
    "half a letter": "\ud800",
}


def network(body: bytes, status: int = 200) -> Network:
    """Every service answers the same."""

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        Request(environ).get_data()
        return Response(body, status, content_type="application/json")(environ, start)

    apps: dict[str, WsgiApp] = dict.fromkeys(INSIDE.values(), app)
    return Network(Timing(lambda: 0.0, lambda _: None, lambda: NOW), apps)


def refresh(service: str) -> Callable[[Network], object]:
    where = origins(service, ENVIRON)
    client = Client("id", "secret")
    return lambda found: TokenEndpoint(VENDORS[service], where, found).refresh(client, "old")


def custom(found: Network) -> object:
    where = origins("xero", ENVIRON)
    client = Client("id", "secret")
    return ClientCredentials(XERO, where, found, client, "invoicesync auth xero").headers()


ORGANISATION = "11111111-1111-4111-8111-111111111111"
READS: dict[str, tuple[Callable[[Network], object], Any]] = {
    "refresh keap": (refresh("keap"), TOKEN),
    "refresh xero": (refresh("xero"), TOKEN),
    "refresh qbo": (refresh("qbo"), TOKEN),
    "custom connection": (custom, TOKEN),
    "keap": (
        lambda found: keap.account(origins("keap", ENVIRON), found, SIGNED),
        {"tenant_id": "iq146", "application": {"company": {"name": "Wick & Wax"}}},
    ),
    "connections": (
        lambda found: xero.connections(origins("xero", ENVIRON), found, SIGNED),
        [{"tenantId": "1-2", "tenantName": "Wick & Wax", "tenantType": "ORGANISATION"}],
    ),
    "organisation": (
        lambda found: xero.account(origins("xero", ENVIRON), found, SIGNED),
        {"Organisations": [{"OrganisationID": ORGANISATION, "Name": "Wick & Wax"}]},
    ),
    "company": (
        lambda found: qbo.account(origins("qbo", ENVIRON), "production", found, SIGNED, "123"),
        {"CompanyInfo": {"CompanyName": "Wick & Wax"}},
    ),
}


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterable[tuple[Any, ...]]:
    """Where in an answer something can be replaced, the whole of it included."""
    yield path
    keys = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in keys:
        yield from places(data[key], (*path, key))


def replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The answer with one place changed."""
    if not path:
        return value
    made = deepcopy(data)
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return made


def body_of(data: Any) -> bytes:
    """JSON, with what begins with @ as it stands behind it."""
    text = json.dumps(data)
    for raw in (value[1:] for value in WRONG.values() if str(value).startswith("@")):
        text = text.replace(f'"@{raw}"', raw)
    return text.encode()


def ended(call: Callable[[Network], object], found: Network) -> InvoiceSyncError | None:
    """The error that a call ends with, if any."""
    try:
        call(found)
    except InvoiceSyncError as error:
        return error
    return None


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("wrong", WRONG)
def test_one_wrong_field_is_no_crash(name: str, wrong: str) -> None:
    call, good = READS[name]
    for path in places(good):
        error = ended(call, network(body_of(replaced(good, path, WRONG[wrong]))))
        if error:
            assert error.exit_code in {ExitCode.TRY_LATER, ExitCode.SIGN_IN}, path
            assert len(error.message) < 400, path
            assert error.hint, path


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 409, 429, 500, 503])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"error": {"a": 1}}',
        b'{"error": NaN}',
        b"[]",
        b"<html>",
        b'{"error_description": 5, "error": "invalid_grant"}',
    ],
    ids=lambda body: repr(body)[:20],
)
def test_odd_refusal_is_no_crash(name: str, status: int, body: bytes) -> None:
    call, _ = READS[name]
    with pytest.raises(InvoiceSyncError) as caught:
        call(network(body, status))
    error = caught.value
    refused = error.code == "sign-in-refused"
    assert refused or error.exit_code in {ExitCode.TRY_LATER, ExitCode.SIGN_IN}


def test_good_answers_are_read() -> None:
    tokens = refresh("qbo")(network(body_of(TOKEN)))
    assert getattr(tokens, "refresh_token") == "def"  # noqa: B009
    ids = {
        name: getattr(call(network(body_of(good))), "id", None)
        for name, (call, good) in READS.items()
    }
    assert (ids["keap"], ids["organisation"], ids["company"]) == ("iq146", ORGANISATION, "123")
    (organisation,) = xero.connections(
        origins("xero", ENVIRON), network(body_of(READS["connections"][1])), SIGNED
    )
    assert organisation == xero.Connected("1-2", "Wick & Wax")
