"""A sign-in to QuickBooks Desktop for rehearsals on the sandbox, without asking it."""

from invoicesync_cli.auth.credentials import Credentials
from invoicesync_cli.auth.records import SignIn, write_sign_in
from invoicesync_cli.vendors import QBD


def sign_in_to_desktop(credentials: Credentials, company: str) -> None:
    """Keep a sign-in by COM to the company of that name."""
    made = SignIn(
        service=QBD.key,
        kind="com",
        root=credentials.where(QBD.key).root,
        account=company,
        name=company,
        at=credentials.network.timing.now(),
    )
    write_sign_in(credentials.store, made)
