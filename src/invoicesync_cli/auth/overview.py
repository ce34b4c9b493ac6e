"""Who is signed in where, by what is at hand: nobody is asked over the network."""

from datetime import datetime
from typing import Any

from invoicesync_cli.auth.accounts import Account
from invoicesync_cli.auth.credentials import Credentials
from invoicesync_cli.auth.pins import Pins
from invoicesync_cli.auth.records import SignIn, read_access
from invoicesync_cli.auth.stores import SecretsUnavailable, variable
from invoicesync_cli.errors import ConfigError
from invoicesync_cli.vendors import KEAP, VENDORS

Overview = dict[str, dict[str, Any]]


def services(credentials: Credentials, pins: Pins) -> tuple[Overview, list[str]]:
    """Every service as `auth status` shows it, and what else there is to say.

    Times are ISO 8601 UTC. Raises `ConfigError` when a sign-in was made against another root.
    """
    found: Overview = {}
    problems: list[str] = []
    for service in VENDORS:
        try:
            found[service] = _service(credentials, pins.known(service), service)
        except SecretsUnavailable as error:
            found[service] = _nobody(credentials, pins.known(service), service)
            if found[service]["needed"]:
                problems.append(f"{error.message} {error.hint}")
    return found, list(dict.fromkeys(problems))


def connections(credentials: Credentials, pins: Pins) -> dict[str, dict[str, object]]:
    """The two services of this profile, as `status` shows them."""
    found, _ = services(credentials, pins)
    return {
        service: {key: found[service][key] for key in ("signed_in", "name", "id", "hint")}
        for service in needed(credentials)
    }


def needed(credentials: Credentials) -> tuple[str, str]:
    """The services that a run of this profile talks to."""
    return (KEAP.key, credentials.config.sync.destination)


def variables(credentials: Credentials, service: str) -> list[str]:
    """The environment variables whose secrets the config's way to sign in would use."""
    vendor = VENDORS[service]
    section, direct = credentials.config.vendor(service), vendor.direct
    asked_for = direct is not None and section.signs_in_by(direct.kind)
    # A key in the environment goes before every other way, unless the config has to ask for it.
    names = [direct.secret] if direct and (asked_for or not direct.chosen) else []
    if not asked_for and not vendor.oauth.pkce:
        names.append("client-secret")
    return [variable(vendor.secret(name)) for name in names]


def _service(credentials: Credentials, pinned: Account, service: str) -> dict[str, Any]:
    shown = _nobody(credentials, pinned, service)
    if credentials.from_environment(service):
        direct, store = VENDORS[service].direct, credentials.environment
        return shown | {
            "signed_in": True,
            "scopes": list(direct.scopes if direct else ()),
            "storage": store.kind,
            "store": store.label,
            "hint": "",
        }
    try:
        kept = credentials.kept(service)
    except ConfigError:
        if shown["needed"]:
            raise
        # Rehearsed in the sandbox, and not used by this profile.
        return shown
    if kept is None:
        return shown
    why = _why_not(credentials, kept)
    access = read_access(credentials.store, service)
    return shown | {
        "signed_in": not why,
        "name": pinned.name or kept.name,
        "id": pinned.id or kept.account,
        "scopes": list(kept.scopes),
        "expires": _iso(kept.refresh_ends),
        "access_expires": _iso(access.ends if access else None),
        "signed_in_at": _iso(kept.at),
        "refreshed_at": _iso(kept.refreshed),
        "store": credentials.store.label,
        "hint": why,
    }


def _nobody(credentials: Credentials, pinned: Account, service: str) -> dict[str, Any]:
    wanted = service in needed(credentials)
    return {
        "signed_in": False,
        "name": pinned.name,
        "id": pinned.id,
        "scopes": [],
        "expires": None,
        "access_expires": None,
        "signed_in_at": None,
        "refreshed_at": None,
        "storage": credentials.config.auth.storage,
        "store": "",
        "needed": wanted,
        "hint": credentials.command(service) if wanted else "",
    }


def _why_not(credentials: Credentials, kept: SignIn) -> str:
    """What to do about a sign-in that cannot be used; blank for one that can."""
    command = credentials.command(kept.service)
    vendor = VENDORS[kept.service]
    if kept.kind == "oauth":
        now = credentials.network.timing.now()
        over = kept.refused or (kept.refresh_ends is not None and kept.refresh_ends <= now)
        secret = "" if vendor.oauth.pkce else vendor.secret("client-secret")
    else:
        over, secret = False, vendor.secret(vendor.direct.secret) if vendor.direct else ""
    if over:
        return command
    if secret and not credentials.secret(secret):
        return f"set {variable(secret)}, or {command}"
    return ""


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
