"""A token source that refreshes: one process at a time, the new refresh token kept before use."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from invoicesync_cli.auth.oauth import Client, TokenEndpoint, TokenRefused, Tokens
from invoicesync_cli.auth.records import (
    Access,
    SignIn,
    read_access,
    read_sign_in,
    write_access,
    write_sign_in,
)
from invoicesync_cli.auth.stores import SecretStore
from invoicesync_cli.errors import SignInNeeded, TryLater
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.lock import held

LOCK_PATIENCE = 90.0
"""Seconds to wait for another process that refreshes; its request ends before that."""


@dataclass(frozen=True)
class Remedy:
    """How to say that somebody has to sign in again: the vendor's name, and the command."""

    name: str
    command: str


class Refreshing:
    """Bearer headers from a kept sign-in; `extra` headers go with each, such as Xero's tenant.

    Access tokens are shared with other processes through the store, so whoever comes second uses
    what the first has got.
    """

    def __init__(
        self,
        sign_in: SignIn,
        client_secret: str,
        store: SecretStore,
        endpoint: TokenEndpoint,
        timing: Timing,
        lock: Path,
        remedy: Remedy,
        extra: Mapping[str, str],
    ) -> None:
        self._sign_in = sign_in
        self._client_secret = client_secret
        self._store = store
        self._endpoint = endpoint
        self._timing = timing
        self._lock_path = lock
        self._remedy = remedy
        self._extra = dict(extra)
        self._threads = threading.Lock()
        self._access = read_access(store, sign_in.service)

    def headers(self) -> dict[str, str]:
        """The bearer header, with a new token when the old one is about to end."""
        with self._threads:
            if not self._access or not self._access.good_at(self._timing.now()):
                self._access = self._renewed(used="")
            return {"Authorization": f"Bearer {self._access.token}", **self._extra}

    def renew(self, used: Mapping[str, str]) -> bool:
        """Get a new token, unless another thread or process already has."""
        with self._threads:
            token = used.get("Authorization", "").removeprefix("Bearer ")
            if self._access and self._access.token == token:
                self._access = self._renewed(used=token)
            return True

    def _renewed(self, used: str) -> Access:
        with held(self._lock_path, LOCK_PATIENCE, f"{self._remedy.name} sign-in"):
            kept = self._kept()
            access = self._elsewhere(used)
            if access:
                return access
            try:
                return self._refresh(kept)
            except TokenRefused as refusal:
                return self._after_refusal(refusal, kept, used)

    def _after_refusal(self, refusal: TokenRefused, refused: SignIn, used: str) -> Access:
        """Read the store once more: another program may have refreshed without our lock."""
        again = self._kept()
        if again.refresh_token == refused.refresh_token:
            raise self._dead(refusal, again)
        try:
            return self._elsewhere(used) or self._refresh(again)
        except TokenRefused as second:
            raise self._dead(second, again) from None

    def _refresh(self, kept: SignIn) -> Access:
        client = Client(kept.client_id, self._client_secret)
        tokens = self._ask(client, kept.refresh_token)
        # The old refresh token is spent. Until the new one is kept, nothing else may happen.
        write_sign_in(
            self._store,
            kept.renewed(tokens.refresh_token, tokens.refresh_ends, self._timing.now()),
        )
        write_access(self._store, kept.service, tokens.access)
        return tokens.access

    def _ask(self, client: Client, refresh_token: str) -> Tokens:
        try:
            return self._endpoint.refresh(client, refresh_token)
        except TryLater as error:
            if error.code != "connection-lost":
                raise
            # The answer was lost on its way. Xero takes the old token for another half hour; where
            # it is spent, asking again does no further harm.
            return self._endpoint.refresh(client, refresh_token)

    def _kept(self) -> SignIn:
        found = read_sign_in(self._store, self._sign_in.service)
        if found is None:
            raise SignInNeeded(
                f"Nobody is signed in to {self._remedy.name} any more.",
                hint=f"Sign in again: {self._remedy.command}",
            )
        return found

    def _elsewhere(self, used: str) -> Access | None:
        """An access token that another process has got in the meantime."""
        found = read_access(self._store, self._sign_in.service)
        if found and found.token != used and found.good_at(self._timing.now()):
            return found
        return None

    def _dead(self, refusal: TokenRefused, refused: SignIn) -> SignInNeeded:
        name, command = self._remedy.name, self._remedy.command
        if refusal.wrong_client:
            return SignInNeeded(
                f"{name} refused the client id or secret: {refusal.words}",
                hint=f"The app may have been deleted or have a new secret. Sign in again: "
                f"{command}",
                code="wrong-client",
            )
        write_sign_in(self._store, replace(refused, refused=True))
        return SignInNeeded(
            f"{name} takes the kept sign-in no longer: {refusal.words}",
            hint=f"It has expired, was withdrawn at {name}, or its renewal was cut off halfway. "
            f"Sign in again: {command}",
            code="sign-in-expired",
        )


class Fresh:
    """Headers from tokens that were got just now, before anything is kept."""

    def __init__(self, access: Access, extra: Mapping[str, str] | None = None) -> None:
        self._headers = {"Authorization": f"Bearer {access.token}", **(extra or {})}

    def headers(self) -> dict[str, str]:
        """The same every time."""
        return dict(self._headers)

    def renew(self, used: Mapping[str, str]) -> bool:  # noqa: ARG002 - the protocol's parameter
        """A new token that is refused stays refused."""
        return False
