"""The three vendors' sign-ins: what each calls things, and how its token endpoint wants a client.

The facts come from Keap's "Getting started with OAuth", Xero's "PKCE flow" and "OAuth 2.0 scopes"
and Intuit's "OAuth 2.0" pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Proof = Literal["body", "basic", "none"]
"""Where a client secret goes: into the form, into a Basic header, or there is none."""


@dataclass(frozen=True)
class Provider:
    """One vendor's OAuth. `proof` tells for each grant type how the client proves who it is."""

    service: str
    name: str
    authorize_path: str
    token_path: str
    scopes: tuple[str, ...]
    proof: Mapping[str, Proof]
    pkce: bool = False
    refresh_life: timedelta | None = None
    """How long a refresh token lives unused, where the reply does not tell."""
    waiting_hint: str = ""
    """Why the browser may never come back: vendors refuse some mistakes on their own page."""


KEAP = Provider(
    service="keap",
    name="Keap",
    authorize_path="/app/oauth/authorize",
    token_path="/token",  # noqa: S106 - a path
    scopes=("full",),
    proof={"authorization_code": "body", "refresh_token": "basic"},
    refresh_life=timedelta(days=45),
    waiting_hint="Keap shows its own page when keap.client_id is unknown or the redirect address "
    "is not https.",
)

XERO_DATA_SCOPES = (
    "accounting.invoices",
    "accounting.payments",
    "accounting.contacts",
    "accounting.settings.read",
)
"""Granular scopes; apps made since March 2026 can ask for no others."""

XERO = Provider(
    service="xero",
    name="Xero",
    authorize_path="/identity/connect/authorize",
    token_path="/connect/token",  # noqa: S106 - a path
    scopes=("offline_access", *XERO_DATA_SCOPES),
    proof={"authorization_code": "none", "refresh_token": "none"},
    pkce=True,
    refresh_life=timedelta(days=60),
    waiting_hint="Xero refuses a wrong xero.client_id, a redirect address that is not registered "
    "with the app exactly so, and scopes that the app may not have on its own page, and never "
    "comes back here: look at what the browser shows.",
)

QBO = Provider(
    service="qbo",
    name="QuickBooks",
    authorize_path="/connect/oauth2",
    token_path="/oauth2/v1/tokens/bearer",  # noqa: S106 - a path
    scopes=("com.intuit.quickbooks.accounting",),
    proof={"authorization_code": "basic", "refresh_token": "basic"},
    waiting_hint="Intuit refuses a redirect address that is not registered for these keys exactly "
    "so, and localhost for production keys, on its own page: look at what the browser shows.",
)

PROVIDERS: Mapping[str, Provider] = {"keap": KEAP, "xero": XERO, "qbo": QBO}
