"""Credentials in requests: what they may be made of, and what of a request is never shown."""

from typing import Any
from urllib.parse import parse_qsl, quote_plus

from invoicesync_cli.errors import SignInNeeded
from invoicesync_cli.vendors import VENDORS

KEY_HEADERS = {row.direct.key_header for row in VENDORS.values() if row.direct} - {""}
SIGNATURES = ("Authorization", *KEY_HEADERS)
CREDENTIALS = {"client_secret", "code", "code_verifier", "refresh_token", "token"}


def checked(secret: str, what: str, hint: str) -> str:
    """A secret that a request can carry. Raises `SignInNeeded`, without a word of it, for others.

    Copied from a web page or a file of several lines, a key may come with a line break or with a
    letter that nobody sees; an error about such a request would quote the whole of it.
    """
    if secret.isascii() and (secret.isprintable() or not secret):
        return secret
    raise SignInNeeded(
        f"{what} is damaged: there is a line break in it, or a letter that no key has.",
        hint=hint,
        code="damaged-credential",
    )


def secrets_of(request: Any) -> tuple[str, ...]:
    """What a request was signed with, and the credentials in its form, also as they stand in it."""
    found = [request.headers.get(name, "").rpartition(" ")[2] for name in SIGNATURES]
    if request.headers.get("Content-Type") == "application/x-www-form-urlencoded":
        fields = parse_qsl(request.content.decode("ascii", "replace"))
        values = [value for name, value in fields if name in CREDENTIALS]
        found += [*values, *map(quote_plus, values)]
    return tuple(value for value in found if value)
