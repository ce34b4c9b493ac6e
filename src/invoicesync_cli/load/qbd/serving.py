"""Answering the Web Connector all the time, for runs of this process and of others beside it."""

import contextlib
from collections.abc import Callable, Iterator

from invoicesync_cli.auth import Credentials
from invoicesync_cli.errors import SignInNeeded
from invoicesync_cli.load.qbd.web_connector.carrier import serving
from invoicesync_cli.load.qbd.web_connector.relay import key_of, relaying
from invoicesync_cli.load.qbd.web_connector.sessions import Sessions
from invoicesync_cli.vendors import QBD


@contextlib.contextmanager
def answering(credentials: Credentials, wanted: Callable[[], bool]) -> Iterator[Sessions]:
    """Answer while the block runs. `wanted` says whether there is something to do where no run
    waits.

    Raises `SignInNeeded`, and `TryLater` when the port is taken.
    """
    credentials.tokens(QBD.key)
    password, config = credentials.secret(QBD.secret("password")), credentials.config.qbd
    if not password:
        raise SignInNeeded(
            "The password of the Web Connector is not among the secrets.",
            hint=f"Make a new one: {credentials.command(QBD.key)}",
            code="secret-missing",
        )
    sessions = Sessions(key_of(password), config.company_file, wanted=wanted)
    with (
        relaying(sessions, password) as relay_port,
        serving(sessions, config, password, relay_port),
        contextlib.closing(sessions),
    ):
        yield sessions
