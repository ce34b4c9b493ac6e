"""OAuth as every simulated vendor speaks it: apps, codes, and a consent page a person can click."""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from urllib.parse import urlencode, urlsplit

from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import Clock, json_response

CODE_SECONDS = 300
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; background: #eef1f4; color: #1d2733; margin: 0; }
main { max-width: 30rem; margin: 4rem auto; padding: 2rem; background: #fff; border-radius: 8px; }
h1 { font-size: 1.3rem; margin-top: 0; } .sandbox { color: #8a4b00; font-size: .85rem; }
label { display: block; padding: .3rem 0; } button { font: inherit; padding: .5rem 1.2rem; }
"""


@dataclass
class App:
    """An app that a developer has made at the vendor's. `secret` is blank for one without."""

    id: str
    secret: str = ""
    name: str = "invoicesync"
    redirects: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Asked:
    """What the app wants to know of the person; `challenge` is PKCE's, blank without."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str = ""


@dataclass(frozen=True)
class Code:
    """A code that was given out. `choice` is the account that was chosen; `expires` is UTC."""

    asked: Asked
    choice: str
    expires: datetime


class OwnPage(Exception):
    """The vendor refuses on a page of its own: the browser never goes back to the app."""


class TokenRefusal(Exception):
    """A refusal of a token endpoint."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        body = {"error": error, "error_description": description}
        self.response = json_response({key: value for key, value in body.items() if value}, status)


class Consents:
    """The consent pages of one vendor and the codes that they give out, each good once."""

    def __init__(self, vendor: str, clock: Clock) -> None:
        self.vendor = vendor
        self.clock = clock
        self.code_seconds = CODE_SECONDS
        self.codes: dict[str, Code] = {}

    def answer(
        self,
        request: Request,
        asked: Asked,
        app: App,
        choices: Mapping[str, str],
        allow: Callable[[str], Mapping[str, str]],
    ) -> Response:
        """The page, or what follows a click on it.

        `choices` are the accounts to choose from, with their names; `allow` is told which one was
        chosen and gives what the vendor adds to the address.
        """
        if request.method != "POST":
            return self._page(asked, app, choices)
        back = {"state": asked.state} if asked.state else {}
        if request.form.get("decision") != "allow":
            return redirect(asked.redirect_uri, {"error": "access_denied", **back})
        choice = request.form.get("choice", "")
        if choice not in choices:
            raise OwnPage("Choose one of the accounts.")
        extra = allow(choice)
        return redirect(asked.redirect_uri, {"code": self.issue(asked, choice), **extra, **back})

    def issue(self, asked: Asked, choice: str) -> str:
        """A new code."""
        code = secrets.token_urlsafe(32)
        expires = self.clock.now() + timedelta(seconds=self.code_seconds)
        self.codes[code] = Code(asked, choice, expires)
        return code

    def spend(self, form: Mapping[str, str], client_id: str) -> Code:
        """The code of a token request, which cannot be used again. Raises `TokenRefusal`."""
        code = self.codes.pop(form.get("code", ""), None)
        if code is None or code.expires <= self.clock.now():
            raise TokenRefusal("invalid_grant", "The code is unknown, used or expired.")
        asked = code.asked
        if (client_id, form.get("redirect_uri", "")) != (asked.client_id, asked.redirect_uri):
            raise TokenRefusal("invalid_grant", "The code was given to another app or address.")
        if asked.challenge and asked.challenge != challenge(form.get("code_verifier", "")):
            raise TokenRefusal("invalid_grant", "The code verifier does not fit.")
        return code

    def own_page(self, problem: OwnPage) -> Response:
        """The page that a refusal ends on."""
        text = f"<h1>Sorry, something went wrong</h1><p>{escape(str(problem))}</p>"
        return self._html(text, 400)

    def _page(self, asked: Asked, app: App, choices: Mapping[str, str]) -> Response:
        radios = "".join(
            f'<label><input type="radio" name="choice" value="{escape(key)}"'
            f"{' checked' if place == 0 else ''}> {escape(name)}</label>"
            for place, (key, name) in enumerate(choices.items())
        )
        listed = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in asked.scopes)
        return self._html(
            f"<h1>{escape(app.name)} wants access to {self.vendor}</h1><ul>{listed}</ul>"
            f'<form method="post">{radios}<p>'
            '<button id="allow" name="decision" value="allow">Allow access</button> '
            '<button id="cancel" name="decision" value="cancel">Cancel</button></p></form>'
        )

    def _html(self, content: str, status: int = 200) -> Response:
        return Response(
            f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
            f"<title>{self.vendor} (sandbox)</title><style>{STYLE}</style></head><body><main>"
            f'<p class="sandbox">This is the sandbox, not {self.vendor}.</p>{content}'
            "</main></body></html>",
            status,
            content_type="text/html; charset=utf-8",
        )


def redirect(address: str, params: Mapping[str, str]) -> Response:
    """Send the browser back to the app."""
    joint = "&" if urlsplit(address).query else "?"
    return Response("", 302, {"Location": f"{address}{joint}{urlencode(params)}"})


def challenge(verifier: str) -> str:
    """PKCE's S256 challenge of a verifier; one that breaks the rules has none."""
    if not VERIFIER.fullmatch(verifier):
        return ""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def basic_client(request: Request) -> tuple[str, str]:
    """Client id and secret of a Basic header; blanks without one."""
    login = request.authorization
    if login is None or login.type != "basic":
        return "", ""
    return login.username or "", login.password or ""


def proven(apps: Mapping[str, App], client_id: str, secret: str, status: int = 400) -> App:
    """The app that has shown its secret. Raises `TokenRefusal`."""
    app = apps.get(client_id)
    if app is None or not secrets.compare_digest(app.secret.encode(), secret.encode()):
        raise TokenRefusal(
            "invalid_client", "The client is unknown or its secret is wrong.", status
        )
    return app
