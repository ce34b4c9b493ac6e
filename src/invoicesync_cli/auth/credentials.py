"""The credentials of one profile: where each service's come from, and what signs its requests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from invoicesync_cli.auth.accounts import NAMES
from invoicesync_cli.auth.oauth import TokenEndpoint
from invoicesync_cli.auth.providers import PROVIDERS
from invoicesync_cli.auth.records import SignIn, read_sign_in
from invoicesync_cli.auth.refresh import Mending, Refreshing
from invoicesync_cli.auth.stores import EnvironmentStore, SecretStore, open_store, variable
from invoicesync_cli.auth.tokens import KeapKey, XeroCustomConnection
from invoicesync_cli.config import Config
from invoicesync_cli.errors import ConfigError, SignInNeeded
from invoicesync_cli.http.client import Network, TokenSource
from invoicesync_cli.http.signing import checked
from invoicesync_cli.paths import Paths
from invoicesync_cli.services import Origins, origins

SECRETS = {
    "keap": ("keap.api-key", "keap.client-secret"),
    "xero": ("xero.client-secret",),
    "qbo": ("qbo.client-secret",),
}
"""The secrets that a person brings, by service. The environment may bring them too."""


@dataclass(frozen=True)
class Credentials:
    """What a profile signs its requests with. A secret of the environment goes before the store."""

    config: Config
    paths: Paths
    network: Network
    environ: Mapping[str, str]
    stored_in: Callable[[str], str] = field(default=lambda _: "")
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
        return [service, f"{service}.access", *SECRETS[service]]

    def from_environment(self, service: str) -> bool:
        """Whether the environment alone is enough to sign in."""
        if service == "keap":
            return bool(self.environment.read("keap.api-key"))
        xero = self.config.xero
        custom = xero.sign_in == "custom-connection" and bool(xero.client_id)
        return service == "xero" and custom and bool(self.environment.read("xero.client-secret"))

    def kept(self, service: str) -> SignIn | None:
        """The sign-in of the store, if it is the kind that the config asks for.

        Raises `ConfigError` when it was made against another root, `SecretsUnavailable` when the
        store cannot be used.
        """
        found = read_sign_in(self.store, service)
        if found:
            self.check_root(found)
        custom = self.config.xero.sign_in == "custom-connection"
        if found and service == "xero" and (found.kind == "custom-connection") != custom:
            return None
        return found

    def check_root(self, sign_in: SignIn) -> None:
        """Raise `ConfigError` unless the sign-in was made against the root that is in use."""
        root = self.where(sign_in.service).root
        if sign_in.root != root:
            own = "the vendor's own hosts"
            raise ConfigError(
                f"The sign-in for {NAMES[sign_in.service]} was made against "
                f"{sign_in.root or own}, now it is {root or own}.",
                hint="Use another INVOICESYNC_HOME or --profile for the sandbox, so that real and "
                "rehearsed secrets never mix.",
                code="root-differs",
            )

    def tokens(self, service: str) -> TokenSource:
        """What signs the requests to a service. Raises `SignInNeeded` when nobody is signed in."""
        if service == "keap" and self.from_environment("keap"):
            return KeapKey(self.environment.read("keap.api-key"))
        if self.from_environment(service):
            return self._custom_connection(self.config.xero.client_id)
        kept = self.kept(service)
        if kept is None:
            raise self._missing(service)
        if kept.kind == "api-key":
            return KeapKey(self._required("keap.api-key", service))
        if kept.kind == "custom-connection":
            return self._custom_connection(kept.client_id)
        return self._refreshing(kept)

    def _custom_connection(self, client_id: str) -> TokenSource:
        secret = self._required("xero.client-secret", "xero")
        return XeroCustomConnection(
            self.where("xero"), self.network, client_id, secret, self.command("xero")
        )

    def _refreshing(self, kept: SignIn) -> TokenSource:
        provider = PROVIDERS[kept.service]
        secret = ""
        if not provider.pkce:
            secret = self._required(f"{kept.service}.client-secret", kept.service)
        return Refreshing(
            kept,
            secret,
            self.store,
            TokenEndpoint(provider, self.where(kept.service), self.network),
            self.network.timing,
            self.lock(kept.service),
            Mending(provider.name, self.command(kept.service)),
            {"Xero-Tenant-Id": kept.account} if kept.service == "xero" else {},
        )

    def _required(self, name: str, service: str) -> str:
        found = self.secret(name)
        if found:
            return found
        what = name.partition(".")[2].replace("api-key", "API key").replace("-", " ")
        raise SignInNeeded(
            f"The {what} of {NAMES[service]} is in neither the environment nor the store.",
            hint=f"Set {variable(name)} as it was at sign-in, or sign in again without it: "
            f"{self.command(service)}",
            code="secret-missing",
        )

    def _missing(self, service: str) -> SignInNeeded:
        name, now, then = NAMES[service], self.config.auth.storage, self.stored_in(service)
        if then and then != now:
            return SignInNeeded(
                f"The sign-in for {name} was put into the {then} store, the config now says "
                f'auth.storage = "{now}".',
                hint=f"Set it back, or sign in again: {self.command(service)}",
            )
        return SignInNeeded(
            f"Nobody is signed in to {name}.", hint=f"Sign in: {self.command(service)}"
        )
