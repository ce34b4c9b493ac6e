"""The credentials of one profile: where each service's come from, and what signs its requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from invoicesync_cli.auth.oauth import Client, TokenEndpoint
from invoicesync_cli.auth.records import SignIn, read_sign_in
from invoicesync_cli.auth.refresh import Refreshing, Remedy
from invoicesync_cli.auth.stores import EnvironmentStore, SecretStore, open_store, variable
from invoicesync_cli.auth.tokens import Unsigned, direct_tokens
from invoicesync_cli.config import Config
from invoicesync_cli.errors import ConfigError, SignInNeeded
from invoicesync_cli.http.client import Network, TokenSource
from invoicesync_cli.http.signing import checked
from invoicesync_cli.paths import Paths
from invoicesync_cli.services import Origins, origins
from invoicesync_cli.vendors import VENDORS


@dataclass(frozen=True)
class Credentials:
    """What a profile signs its requests with. A secret of the environment goes before the store."""

    config: Config
    paths: Paths
    network: Network
    environ: Mapping[str, str]
    stored_in: Mapping[str, str] = field(default_factory=dict)
    """Where a service's sign-in was put when it was made, by what the state remembers."""

    @cached_property
    def environment(self) -> EnvironmentStore:
        """The secrets of the environment."""
        return EnvironmentStore(self.environ)

    @cached_property
    def store(self) -> SecretStore:
        """The store of the config."""
        return open_store(self.config, self.paths)

    def secret(self, name: str) -> str:
        """A secret, or blank. Raises `SecretsUnavailable`, and `SignInNeeded` for a damaged one."""
        again = f"Sign in again: {self.command(name.partition('.')[0])}"
        return self.environment.read(name) or checked(
            self.store.read(name).strip(), f"The secret {name} in the store", again
        )

    def where(self, service: str) -> Origins:
        """The service's hosts. Raises `ConfigError`."""
        return origins(service, self.environ)

    def command(self, service: str) -> str:
        """The command that signs in, for this profile."""
        profile = f" --profile {self.paths.profile}" if self.paths.profile else ""
        return f"invoicesync auth {service}{profile}"

    def lock(self, service: str) -> Path:
        """The file whose OS lock says that tokens are being renewed or stored."""
        return self.paths.state.with_name(f"sign-in-{service}.lock")

    def entries(self, service: str) -> list[str]:
        """The names of everything that the store may hold for a service."""
        return [service, f"{service}.access", *VENDORS[service].secret_names]

    def from_environment(self, service: str) -> bool:
        """Whether the environment alone is enough to sign in."""
        vendor = VENDORS[service]
        direct = vendor.direct
        if direct is None:
            return False
        section = self.config.vendor(service)
        chosen = not direct.chosen or (section.signs_in_by(direct.kind) and section.app_id)
        return bool(chosen and self.environment.read(vendor.secret(direct.secret)))

    def kept(self, service: str) -> SignIn | None:
        """The sign-in of the store, if it is the kind that the config asks for.

        Raises `ConfigError` when it was made against another root, `SecretsUnavailable` when the
        store cannot be used.
        """
        found = read_sign_in(self.store, service)
        if found:
            self.check_root(found)
        vendor, section = VENDORS[service], self.config.vendor(service)
        direct = vendor.direct
        if found and direct and direct.chosen:
            wanted = section.signs_in_by(direct.kind)
            return found if (found.kind == direct.kind) == wanted else None
        if found and not vendor.in_browser and not section.signs_in_by(found.kind):
            return None
        return found

    def account(self, service: str) -> str:
        """The account of the sign-in in the store; blank for one that the environment brings."""
        kept = None if self.from_environment(service) else self.kept(service)
        return kept.account if kept else ""

    def check_root(self, sign_in: SignIn) -> None:
        """Raise `ConfigError` unless the sign-in was made against the root that is in use."""
        root = self.where(sign_in.service).root
        if sign_in.root != root:
            own = "the vendor's own hosts"
            raise ConfigError(
                f"The sign-in for {VENDORS[sign_in.service].title} was made against "
                f"{sign_in.root or own}, now it is {root or own}.",
                hint="Use another INVOICESYNC_HOME or --profile for the sandbox, so that real and "
                "rehearsed secrets never mix.",
                code="root-differs",
            )

    def tokens(self, service: str) -> TokenSource:
        """What signs the requests to a service. Raises `SignInNeeded` when nobody is signed in."""
        if self.from_environment(service):
            return self._direct(service, self.config.vendor(service).app_id)
        kept = self.kept(service)
        if kept is None:
            raise self._missing(service)
        if kept.kind == "oauth":
            return self._refreshing(kept)
        if not VENDORS[service].in_browser:
            names = VENDORS[service].secret_names
            return Unsigned(next(filter(None, map(self.secret, names)), ""))
        return self._direct(service, kept.client_id)

    def _direct(self, service: str, client_id: str) -> TokenSource:
        vendor = VENDORS[service]
        assert vendor.direct  # noqa: S101 - whoever is signed in so could be
        client = Client(client_id, self._required(vendor.secret(vendor.direct.secret), service))
        return direct_tokens(
            vendor, self.where(service), self.network, client, self.command(service)
        )

    def _refreshing(self, kept: SignIn) -> TokenSource:
        vendor = VENDORS[kept.service]
        secret, header = "", vendor.oauth.account_header
        if not vendor.oauth.pkce:
            secret = self._required(vendor.secret("client-secret"), kept.service)
        return Refreshing(
            kept,
            secret,
            self.store,
            TokenEndpoint(vendor, self.where(kept.service), self.network),
            self.network.timing,
            self.lock(kept.service),
            Remedy(vendor.title, self.command(kept.service)),
            {header: kept.account} if header else {},
        )

    def _required(self, name: str, service: str) -> str:
        found = self.secret(name)
        if found:
            return found
        what = name.partition(".")[2].replace("api-key", "API key").replace("-", " ")
        raise SignInNeeded(
            f"The {what} of {VENDORS[service].title} is in neither the environment nor the store.",
            hint=f"Set {variable(name)} as it was at sign-in, or sign in again without it: "
            f"{self.command(service)}",
            code="secret-missing",
        )

    def _missing(self, service: str) -> SignInNeeded:
        name, now = VENDORS[service].title, self.config.auth.storage
        then = self.stored_in.get(service)
        if then and then != now:
            return SignInNeeded(
                f"The sign-in for {name} was put into the {then} store, the config now says "
                f'auth.storage = "{now}".',
                hint=f"Set it back, or sign in again: {self.command(service)}",
            )
        return SignInNeeded(
            f"Nobody is signed in to {name}.", hint=f"Sign in: {self.command(service)}"
        )
