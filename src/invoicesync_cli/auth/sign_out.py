"""Signing out: first at the vendor, then everything is deleted here."""

import json
from urllib.parse import urlencode

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
from invoicesync_cli.vendors import VENDORS


def sign_out(credentials: Credentials, pins: Pins, service: str) -> tuple[bool, list[str]]:
    """Withdraw a sign-in at the vendor, delete it here, and free the profile.

    Gives whether anybody was signed in, and what there is to say.
    Raises `TryLater` when the vendor cannot be reached; then nothing is deleted, because the
    tokens would go on working without anybody able to withdraw them.
    """
    messages: list[str] = []
    vendor = VENDORS[service]
    with held(credentials.lock(service), LOCK_PATIENCE, f"{vendor.title} sign-in"):
        kept = read_sign_in(credentials.store, service)
        if kept:
            credentials.check_root(kept)
            messages.append(_withdraw(credentials, kept))
        for name in credentials.entries(service):
            credentials.store.delete(name)
    pins.forget(service)
    messages += [
        f"{variable(name)} is still set in the environment and signs in without a store."
        for name in vendor.secret_names
        if credentials.environment.read(name) and credentials.from_environment(service)
    ]
    if kept is None:
        messages.insert(0, f"Nobody was signed in to {vendor.title}.")
    return kept is not None, messages


def _withdraw(credentials: Credentials, kept: SignIn) -> str:
    """Withdraw the refresh token (RFC 7009), where that is possible: a sentence about it."""
    vendor = VENDORS[kept.service]
    oauth = vendor.oauth
    if not kept.refresh_token or not oauth.revoke_path:
        return vendor.disconnect
    form, headers = {"token": kept.refresh_token}, {}
    if oauth.pkce:
        form["client_id"] = kept.client_id
    else:
        secret = credentials.secret(vendor.secret("client-secret"))
        if not secret:
            return (
                f"It was not withdrawn at {vendor.title}, which wants the client secret. "
                f"{vendor.disconnect}"
            )
        headers["Authorization"] = basic(Client(kept.client_id, secret))
    body = json.dumps(form)
    if oauth.revoke_format == "form":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(form)
    origin = credentials.where(vendor.key).at("revoke")
    service = credentials.network.service(origin, ServiceLimits(vendor.title, windows=()), None)
    try:
        reply = service.ask("POST", oauth.revoke_path, body=body.encode(), headers=headers)
    finally:
        service.close()
    if reply.good:
        return f"The sign-in was withdrawn at {vendor.title}."
    found = failure(reply)
    if isinstance(found, TryLater):
        raise found
    return f"{vendor.title} did not know the sign-in any more. {vendor.disconnect}"
