"""Signing out: the vendor is told first, then everything is deleted here."""

import json
from urllib.parse import urlencode

from invoicesync_cli.auth.accounts import NAMES
from invoicesync_cli.auth.credentials import Credentials
from invoicesync_cli.auth.oauth import Client, basic
from invoicesync_cli.auth.pins import Pins
from invoicesync_cli.auth.records import SignIn, read_sign_in
from invoicesync_cli.auth.refresh import LOCK_PATIENCE
from invoicesync_cli.auth.stores import variable
from invoicesync_cli.errors import TryLater
from invoicesync_cli.http.limits import ServiceLimits
from invoicesync_cli.http.responses import failure
from invoicesync_cli.lock import held

BY_HAND = {
    "keap": "Keap cannot be told from here: delete the key under Settings > API Settings, or "
    "withdraw the app's access in Keap.",
    "xero": "In Xero you can disconnect invoicesync under Settings > Connected apps.",
    "qbo": "In QuickBooks you can disconnect invoicesync under Apps > My apps.",
}


def sign_out(credentials: Credentials, pins: Pins, service: str) -> tuple[bool, list[str]]:
    """Withdraw a sign-in at the vendor, delete it here, and free the profile.

    Gives whether anybody was signed in, and what there is to say.
    Raises `TryLater` when the vendor cannot be reached; then nothing is deleted, because the
    tokens would go on working without anybody able to withdraw them.
    """
    told: list[str] = []
    with held(credentials.lock(service), LOCK_PATIENCE, f"{NAMES[service]} sign-in"):
        kept = read_sign_in(credentials.store, service)
        if kept:
            credentials.check_root(kept)
            told.append(_withdraw(credentials, kept))
        for name in credentials.entries(service):
            credentials.store.delete(name)
    pins.forget(service)
    told += [
        f"{variable(name)} is still set in the environment and signs in without a store."
        for name in (f"{service}.api-key", f"{service}.client-secret")
        if credentials.environment.read(name) and credentials.from_environment(service)
    ]
    return kept is not None, told if kept else [f"Nobody was signed in to {NAMES[service]}.", *told]


def _withdraw(credentials: Credentials, kept: SignIn) -> str:
    """Tell the vendor, where that is possible: a sentence about what came of it."""
    service, name = kept.service, NAMES[kept.service]
    if not kept.refresh_token or service == "keap":
        return BY_HAND[service]
    path, headers, body = "/connect/revocation", {}, b""
    if service == "xero":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode({"token": kept.refresh_token, "client_id": kept.client_id}).encode()
    else:
        secret = credentials.secret("qbo.client-secret")
        if not secret:
            return (
                f"It was not withdrawn at {name}, which wants the client secret. {BY_HAND['qbo']}"
            )
        path = "/v2/oauth2/tokens/revoke"
        headers = {"Authorization": basic(Client(kept.client_id, secret))}
        body = json.dumps({"token": kept.refresh_token}).encode()
    origin = credentials.where(service).at("revoke")
    vendor = credentials.network.service(origin, ServiceLimits(name, windows=()), None)
    try:
        reply = vendor.ask("POST", path, body=body, headers=headers)
    finally:
        vendor.close()
    if reply.good:
        return f"The sign-in was withdrawn at {name}."
    found = failure(reply)
    if isinstance(found, TryLater):
        raise found
    return f"{name} did not know the sign-in any more. {BY_HAND[service]}"
