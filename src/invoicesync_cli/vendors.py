"""The vendors, one row each: what is one's alone is read from its row, and nothing asks who it is.

The facts of sign-in come from Keap's "Getting started with OAuth", Xero's "PKCE flow" and "OAuth
2.0 scopes" and Intuit's "OAuth 2.0" pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

StandIn = Literal["root", "worker"]
"""What replaces a vendor in rehearsals and tests: an origin in place of its hosts, or the command
of a process in place of the one that reaches its program."""
Proof = Literal["body", "basic", "none"]
"""Where a client secret goes: into the form, into a Basic header, or there is none."""


@dataclass(frozen=True)
class OAuth:
    """A sign-in in a browser. `proof` says for each grant type how the client proves who it is."""

    authorize_path: str
    token_path: str
    scopes: tuple[str, ...]
    proof: Mapping[str, Proof]
    app_page: str
    """Where a user makes the app whose client id the config names."""
    waiting_hint: str
    """Why the browser may never come back: vendors refuse some mistakes on their own page."""
    pkce: bool = False
    refresh_life: timedelta | None = None
    """How long a refresh token lives unused, where the reply does not say."""
    account_parameter: str = ""
    """The landing address's parameter that names the account, where the code does not say it."""
    account_header: str = ""
    """The header by which each request names its account, where the token alone does not."""
    revoke_path: str = ""
    """Where a refresh token is withdrawn; blank where only a user can do it."""
    revoke_format: Literal["form", "json"] = "form"


NO_BROWSER = OAuth(
    authorize_path="",
    token_path="",
    scopes=(),
    proof={},
    app_page="",
    waiting_hint="",
    pkce=True,
)
"""Of a vendor to which nobody signs in by OAuth, and which so has no app and no client secret."""


@dataclass(frozen=True)
class DirectSignIn:
    """A sign-in without a browser, by a secret alone."""

    kind: Literal["api-key", "custom-connection"]
    secret: str
    """Which of the vendor's secrets it is by."""
    key_header: str = ""
    """A second header that a key may want, if the vendor refuses it as a bearer token."""
    scopes: tuple[str, ...] = ()
    chosen: bool = False
    """Whether the config has to ask for it, by `sign_in` and with a `client_id`."""


@dataclass(frozen=True)
class Vendor:
    """A vendor. `key` is its word in commands, the config, the state and the secrets' names."""

    key: str
    title: str
    """What users read."""
    product: str
    """Its full name, where it is introduced."""
    account: str
    """What an account of it is called, with its name."""
    package: str
    """The package with its adapter (`open_ledger`; Keap's is the source) and its `sign_in`."""
    hosts: Mapping[str, str]
    """Which host answers `login`, `token`, `revoke` and `api` requests; none of a vendor that is a
    program on somebody's PC."""
    oauth: OAuth
    """`NO_BROWSER` where the sign-in is another: then its secrets are read as they are."""
    secrets: tuple[str, ...]
    """What a person brings, in the store or in the environment."""
    pin: tuple[str, str]
    """The facts of the state that hold the id and the name of the account a profile belongs to."""
    account_facts: tuple[str, ...]
    """Facts of the state that were read from an account and mean nothing for another one."""
    disconnect: str
    """How a user takes the app's access away in the vendor's own pages."""
    pages: Mapping[str, str]
    """The address of each kind of document in the vendor's own pages, with its `{id}` (Keap: the
    order's, with its `{account}`); blank for none."""
    settings: tuple[str, ...] = ()
    """The keys of its section of the config that `init` asks for, as texts."""
    sign_in_options: tuple[str, ...] = ()
    """The options of `auth KEY`, beside those of every sign-in in a browser where it is one."""
    direct: DirectSignIn | None = None
    account_suffix: str = ""
    """What an account's id may end with and mean the same."""
    drafts: bool = False
    """Whether invoices may be in it without being approved."""
    reverses: bool = True
    """Whether its own invoices can go to Keap (R14)."""
    write_test: bool = False
    """Whether there are open questions about it, which `doctor --write-test` asks in a sample
    company (`write_test` of its package)."""
    number_limit: int = 0
    """How many characters a document number may have."""
    number_room: int = 10
    """How many of them a prefix has to leave for the id (R1, R17)."""
    number_refused: str = ""
    """Characters that a document number must not have, because it could not be looked up."""

    stand_in: StandIn = "root"

    @property
    def in_browser(self) -> bool:
        """Whether a person signs in on a page of the vendor's."""
        return self.oauth is not NO_BROWSER

    @property
    def variable(self) -> str:
        """The environment variable that names what stands in for it."""
        return f"INVOICESYNC_{self.key.upper()}_{self.stand_in.upper()}"

    def secret(self, name: str) -> str:
        """The full name of a secret: `keap.api-key`."""
        return f"{self.key}.{name}"

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The full names of all secrets."""
        return tuple(map(self.secret, self.secrets))

    def page(self, kind: str, ident: str, account: str = "") -> str:
        """Where a person sees a document; blank where that is not known."""
        known = self.pages.get(kind, "")
        if not ident or ("{account}" in known and not account):
            return ""
        return known.format(id=ident, account=self.account_id(account))

    def account_id(self, text: str) -> str:
        """An account's bare id: `iq146`, also where `https://iq146.infusionsoft.com` was said."""
        host = text.strip().lower().removeprefix("https://").partition("/")[0]
        return host.removesuffix(self.account_suffix)


KEAP = Vendor(
    key="keap",
    title="Keap",
    product="Keap",
    account="Keap account",
    package="invoicesync_cli.fetch",
    hosts={
        "login": "https://accounts.infusionsoft.com",
        "token": "https://api.infusionsoft.com",
        "api": "https://api.infusionsoft.com",
    },
    oauth=OAuth(
        authorize_path="/app/oauth/authorize",
        token_path="/token",  # noqa: S106 - a path
        scopes=("full",),
        proof={"authorization_code": "body", "refresh_token": "basic"},
        app_page="keys.developer.keap.com",
        waiting_hint="Keap shows its own page when keap.client_id is unknown or the redirect "
        "address is not https.",
        refresh_life=timedelta(days=45),
    ),
    secrets=("api-key", "client-secret"),
    pin=("keap_tenant", "keap_company"),
    account_facts=("keap_account",),
    disconnect="Keap has no call for that: delete the key under Settings > API Settings, or "
    "withdraw the app's access in Keap.",
    pages={"order": "https://{account}.infusionsoft.com/Job/manageJob.jsp?view=edit&ID={id}"},
    sign_in_options=("api_key", "app"),
    direct=DirectSignIn("api-key", secret="api-key", key_header="X-Keap-API-Key"),  # noqa: S106
    account_suffix=".infusionsoft.com",
)

XERO_DATA_SCOPES = (
    "accounting.invoices",
    "accounting.payments",
    "accounting.contacts",
    "accounting.settings.read",
)
"""Granular scopes; apps made since March 2026 can ask for no others."""

XERO = Vendor(
    key="xero",
    title="Xero",
    product="Xero",
    account="Xero organisation",
    package="invoicesync_cli.load.xero",
    hosts={
        "login": "https://login.xero.com",
        "token": "https://identity.xero.com",
        "revoke": "https://identity.xero.com",
        "api": "https://api.xero.com",
    },
    oauth=OAuth(
        authorize_path="/identity/connect/authorize",
        token_path="/connect/token",  # noqa: S106 - a path
        scopes=("offline_access", *XERO_DATA_SCOPES),
        proof={"authorization_code": "none", "refresh_token": "none"},
        app_page="developer.xero.com/app/manage (Mobile or desktop app: PKCE)",
        waiting_hint="Xero refuses a wrong xero.client_id, a redirect address that is not "
        "registered with the app exactly so, and scopes that the app may not have on its own "
        "page, and never comes back here: look at what the browser shows.",
        pkce=True,
        refresh_life=timedelta(days=60),
        account_header="Xero-Tenant-Id",
        revoke_path="/connect/revocation",
    ),
    secrets=("client-secret",),
    pin=("organisation_id", "organisation"),
    account_facts=("ledger_lists",),
    disconnect="In Xero you can disconnect invoicesync under Settings > Connected apps.",
    pages={
        "invoice": "https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID={id}",
        "payment": "https://go.xero.com/Bank/ViewTransaction.aspx?bankTransactionID={id}",
        "credit": "https://go.xero.com/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={id}",
        "refund": "https://go.xero.com/AccountsReceivable/ViewCreditNote.aspx?creditNoteID={id}",
    },
    settings=(
        "sign_in",
        "client_id",
        "redirect_uri",
        "account",
        "discount_account",
        "shipping_account",
        "finance_charge_account",
        "tax_type",
        "zero_tax_type",
        "status",
    ),
    sign_in_options=("organisation",),
    direct=DirectSignIn(
        "custom-connection",
        secret="client-secret",  # noqa: S106 - a name
        scopes=XERO_DATA_SCOPES,
        chosen=True,
    ),
    drafts=True,
    number_limit=255,
    number_refused=',"\\',
)

QBO = Vendor(
    key="qbo",
    title="QuickBooks",
    product="QuickBooks Online",
    account="QuickBooks company",
    package="invoicesync_cli.load.qbo",
    hosts={
        "login": "https://appcenter.intuit.com",
        "token": "https://oauth.platform.intuit.com",
        "revoke": "https://developer.api.intuit.com",
        "api": "https://quickbooks.api.intuit.com",
        "sandbox-api": "https://sandbox-quickbooks.api.intuit.com",
    },
    oauth=OAuth(
        authorize_path="/connect/oauth2",
        token_path="/oauth2/v1/tokens/bearer",  # noqa: S106 - a path
        scopes=("com.intuit.quickbooks.accounting",),
        proof={"authorization_code": "basic", "refresh_token": "basic"},
        app_page="developer.intuit.com",
        waiting_hint="Intuit refuses a redirect address that is not registered for these keys "
        "exactly so, and localhost for production keys, on its own page: look at what the "
        "browser shows.",
        account_parameter="realmId",
        revoke_path="/v2/oauth2/tokens/revoke",
        revoke_format="json",
    ),
    secrets=("client-secret",),
    pin=("qbo_realm", "qbo_company"),
    account_facts=("ledger_lists",),
    disconnect="In QuickBooks you can disconnect invoicesync under Apps > My apps.",
    pages={
        "invoice": "https://app.qbo.intuit.com/app/invoice?txnId={id}",
        "payment": "https://app.qbo.intuit.com/app/recvpayment?txnId={id}",
        "credit": "https://app.qbo.intuit.com/app/creditmemo?txnId={id}",
        "refund": "https://app.qbo.intuit.com/app/refundreceipt?txnId={id}",
    },
    settings=(
        "environment",
        "client_id",
        "redirect_uri",
        "taxable_code",
        "non_taxable_code",
        "document",
        "match_items_by",
        "default_item",
        "discount_item",
        "shipping_item",
        "finance_charge_item",
        "unmatched_item",
    ),
    number_limit=21,
)

QBD = Vendor(
    key="qbd",
    title="QuickBooks Desktop",
    product="QuickBooks Desktop (preview)",
    account="QuickBooks company file",
    package="invoicesync_cli.load.qbd",
    hosts={},
    oauth=NO_BROWSER,
    secrets=("password",),
    pin=("qbd_file", "qbd_company"),
    account_facts=("ledger_lists",),
    disconnect="In QuickBooks you can shut invoicesync out under Edit > Preferences > Integrated "
    "Applications > Company Preferences.",
    pages={},
    settings=(
        "transport",
        "company_file",
        "tax",
        "tax_item",
        "zero_tax_item",
        "document",
        "match_items_by",
        "default_item",
        "discount_item",
        "shipping_item",
        "finance_charge_item",
        "unmatched_item",
        "unmatched_account",
    ),
    sign_in_options=("renew", "timeout"),
    reverses=False,
    write_test=True,
    number_limit=11,
    number_room=8,
    stand_in="worker",
)

VENDORS: dict[str, Vendor] = {row.key: row for row in (KEAP, XERO, QBO, QBD)}
"""Every vendor by its key, as commands list them."""


def ledgers() -> tuple[str, ...]:
    """The keys of the ledgers there are: everything but the source."""
    return tuple(key for key in VENDORS if key != KEAP.key)
