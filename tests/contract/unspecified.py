"""Endpoints that no document of a vendor has as an operation, and where the vendor has them."""

XERO_PKCE = 'Xero, "The PKCE flow"'
INTUIT_OAUTH = 'Intuit, "Set up OAuth 2.0", and its discovery document'
UNSPECIFIED: dict[str, dict[tuple[str, str], str]] = {
    "keap": {
        ("GET", "/app/oauth/authorize"): 'Keap, "Getting started with OAuth" (in the browser)',
        ("POST", "/token"): 'Keap, "Getting started with OAuth"',
    },
    "xero": {
        ("GET", "/identity/connect/authorize"): f"{XERO_PKCE} (in the browser)",
        ("POST", "/connect/token"): f"{XERO_PKCE}, and the schema `AccessToken` of "
        "`xero/xero-identity.yaml`",
        ("POST", "/connect/revocation"): 'Xero, "Token types": revocation',
    },
    "qbo": {
        ("GET", "/connect/oauth2"): f"{INTUIT_OAUTH} (in the browser)",
        ("POST", "/oauth2/v1/tokens/bearer"): INTUIT_OAUTH,
        ("POST", "/v2/oauth2/tokens/revoke"): INTUIT_OAUTH,
    },
}
"""By service, method and path."""
