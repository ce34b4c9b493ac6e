"""Sign-in: who signs the requests of a run, by the config and the environment."""

import os
from collections.abc import Callable, Mapping

from invoicesync_cli.auth.tokens import KeapKey, XeroCustomConnection
from invoicesync_cli.config import Config
from invoicesync_cli.errors import SignInNeeded
from invoicesync_cli.http import Network, TokenSource
from invoicesync_cli.services import Origins


def keap_tokens(environ: Mapping[str, str] | None = None) -> TokenSource:
    """Keap's key from the environment. Raises `SignInNeeded` without one."""
    environ = os.environ if environ is None else environ
    key = environ.get("INVOICESYNC_KEAP_API_KEY", "").strip()
    if not key:
        raise SignInNeeded(
            "There is no Keap API key.",
            hint="Make one in Keap under Settings > API Settings (Personal Access Token or "
            "Service Account Key) and put it into INVOICESYNC_KEAP_API_KEY.",
        )
    return KeapKey(key)


def xero_tokens(
    config: Config, origins: Origins, network: Network, environ: Mapping[str, str] | None = None
) -> TokenSource:
    """Xero's custom connection. Raises `SignInNeeded` when it is not set up."""
    environ = os.environ if environ is None else environ
    secret = environ.get("INVOICESYNC_XERO_CLIENT_SECRET", "").strip()
    if config.xero.sign_in != "custom-connection" or not (config.xero.client_id and secret):
        raise SignInNeeded(
            "Nobody is signed in to Xero.",
            hint='Set xero.sign_in = "custom-connection" and xero.client_id in the config, and '
            "put the secret into INVOICESYNC_XERO_CLIENT_SECRET.",
        )
    return XeroCustomConnection(origins, network, config.xero.client_id, secret)


def connections(
    config: Config, fact: Callable[[str], str], environ: Mapping[str, str]
) -> dict[str, dict[str, object]]:
    """Who is signed in where, by what is at hand; nobody is asked. `fact` reads the state."""
    ledger = config.sync.destination
    ready = config.xero.sign_in == "custom-connection" and bool(config.xero.client_id)
    return {
        "keap": {
            "signed_in": bool(environ.get("INVOICESYNC_KEAP_API_KEY")),
            "name": fact("keap_company"),
            "id": fact("keap_tenant"),
        },
        ledger: {
            "signed_in": ready and bool(environ.get("INVOICESYNC_XERO_CLIENT_SECRET")),
            "name": fact("organisation"),
            "id": fact("organisation_id"),
        },
    }
