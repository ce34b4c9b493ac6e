"""Signing in to QuickBooks Online: in a browser, with the user's own app."""

from pydantic import Field

from invoicesync_cli.auth.accounts import Account, asking
from invoicesync_cli.auth.refresh import Fresh
from invoicesync_cli.auth.sign_in import (
    SignedIn,
    SignInOptions,
    SignInSession,
    app_of,
    by_browser,
    done,
    keep_granted,
)
from invoicesync_cli.errors import SignInNeeded
from invoicesync_cli.http.client import Network, TokenSource
from invoicesync_cli.http.schemas import Schema, Text, read
from invoicesync_cli.services import Origins
from invoicesync_cli.vendors import QBO


class CompanyInfo(Schema):
    """A company."""

    name: Text = Field("", alias="CompanyName")


class CompanyAnswer(Schema):
    """QuickBooks' answer about one company."""

    info: CompanyInfo = Field(alias="CompanyInfo")


def sign_in(session: SignInSession, options: SignInOptions) -> SignedIn:
    """Sign in to the company that the person chooses on Intuit's page."""
    credentials = session.credentials
    settings = credentials.config.qbo
    app = app_of(session, options.redirect_uri)
    if settings.environment == "production" and app.redirect_uri.startswith("http:"):
        session.user.say(
            "Intuit takes http://localhost for development keys only. For those, set "
            'qbo.environment = "sandbox"; production keys need an https address.'
        )
    granted = by_browser(session, app)
    realm = granted.account or _realm(session)
    signer, where = Fresh(granted.tokens.access), credentials.where(QBO.key)
    found = account(where, settings.environment, credentials.network, signer, realm)
    session.pins.check(QBO.key, found)
    scopes = QBO.oauth.scopes
    keep_granted(session, granted, found, scopes)
    return done(session, "oauth", found, scopes)


def account(
    origins: Origins, environment: str, network: Network, tokens: TokenSource, realm: str
) -> Account:
    """The company behind a realm id. Raises `SignInNeeded` when the token is not for it."""
    host = origins.at("sandbox-api" if environment == "sandbox" else "api")
    with asking(network, host, QBO.title, tokens) as service:
        path = f"/v3/company/{realm}/companyinfo/{realm}"
        found = read(service.get(path, {"minorversion": "75"}), CompanyAnswer)
    return Account(realm, found.info.name)


def _realm(session: SignInSession) -> str:
    """The company's id, where only the code was pasted: the pinned one, or as typed."""
    known = session.pins.known(QBO.key).id
    try:
        realm = known or session.user.line(
            "Company id (the realmId= in the address that the browser landed on): ",
            session.ways.seconds,
        )
    except SignInNeeded:
        raise SignInNeeded(
            "The QuickBooks company id is missing: a code alone does not say which company.",
            hint="Start again, and paste the whole address of the page that the browser lands on, "
            f"with its realmId=: {session.credentials.command(QBO.key)}",
            code="no-realm",
        ) from None
    if not (realm.strip().isascii() and realm.strip().isdigit()):
        raise SignInNeeded(
            "That is no QuickBooks company id.",
            hint="Paste the whole address of the page that the browser lands on: it has the "
            "company id in it.",
            code="no-realm",
        )
    return realm.strip()
