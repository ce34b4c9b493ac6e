"""A QuickBooks sign-in without a browser, for rehearsals on the sandbox."""

from collections.abc import Callable

from invoicesync_cli.auth.credentials import Credentials
from invoicesync_cli.auth.records import SignIn, write_sign_in
from invoicesync_cli.vendors import QBO


def sign_in_to_qbo(
    credentials: Credentials, realm: str, name: str, grant: Callable[[str, str], str]
) -> None:
    """Keep a sign-in to the company `realm`, with a refresh token of the sandbox's `grant`."""
    client_id, where = credentials.config.qbo.client_id, credentials.where(QBO.key)
    made = SignIn(
        service=QBO.key,
        kind="oauth",
        root=where.root,
        account=realm,
        name=name,
        at=credentials.network.timing.now(),
        client_id=client_id,
        scopes=QBO.oauth.scopes,
        refresh_token=grant(client_id, realm),
    )
    write_sign_in(credentials.store, made)
