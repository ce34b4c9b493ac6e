"""The channel by the Web Connector: by a service of this command's own, or a `serve` beside it."""

import contextlib
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

from invoicesync_cli.config import desktop
from invoicesync_cli.config.sections import Qbd
from invoicesync_cli.errors import ConfigError, SignInNeeded, TryLater
from invoicesync_cli.load.qbd.carriers import Reach
from invoicesync_cli.load.qbd.channel import Channel
from invoicesync_cli.load.qbd.web_connector.relay import beside, key_of
from invoicesync_cli.load.qbd.web_connector.service import (
    PORT_IN_USE,
    WebConnectorService,
    listening,
)
from invoicesync_cli.load.qbd.web_connector.sessions import Sessions
from invoicesync_cli.progress import Waiting

VISITOR = "the Web Connector"


class WebConnectorChannel:
    """A `Channel` with a service of its own, which ends when the session has ended."""

    def __init__(self, config: Qbd, password: str, wait: float) -> None:
        """Wait `wait` seconds for the Web Connector. Raises `TryLater` when the port is taken."""
        self._wait = wait
        self._sessions = sessions = Sessions(key_of(password), config.company_file)
        self._stack = ExitStack()
        self._stack.enter_context(serving(sessions, config, password))
        # In the other order at the end: the session ends while it is still answered.
        self._stack.callback(sessions.ended)
        self._stack.enter_context(sessions.run())

    def exchange(self, message: str, limit: float) -> str:
        """The answer to a message."""
        return self._sessions.exchange(message, limit=limit, wait=self._wait)

    def close(self) -> None:
        """Let the session end, and listen no more."""
        self._stack.close()


class Shown:
    """A channel whose first wait, which may be long, is shown."""

    def __init__(self, channel: Channel, waiting: Waiting, wait: float) -> None:
        self._channel = channel
        self._waiting = waiting
        self._wait = wait
        self._met = threading.Event()

    def exchange(self, message: str, limit: float) -> str:
        """The answer to a message."""
        if self._met.is_set():
            return self._channel.exchange(message, limit)
        with self._waiting(VISITOR, self._wait):
            answer = self._channel.exchange(message, limit)
        self._met.set()
        return answer

    def close(self) -> None:
        """End the session."""
        self._channel.close()


def open_channel(reach: Reach) -> Channel:
    """The way to QuickBooks. Raises `TryLater` when another program has the port."""
    config, password = reach.config, reach.password
    wait = config.wait_seconds
    if not password:
        raise SignInNeeded(
            "The password of the Web Connector is not among the secrets.",
            hint="Make a new one: invoicesync auth qbd",
            code="secret-missing",
        )
    channel: Channel
    try:
        channel = WebConnectorChannel(config, password, wait)
    except TryLater as error:
        found = beside(config.place[1], password, wait) if error.code == PORT_IN_USE else None
        if found is None:
            raise
        channel = found
    return Shown(channel, reach.network.waiting, wait)


@contextlib.contextmanager
def serving(sessions: Sessions, config: Qbd, password: str, relay_port: int = 0) -> Iterator[None]:
    """Answer the Web Connector while the block runs.

    Raises `ConfigError` for an address that others could reach, and `TryLater` when the port is
    taken.
    """
    for key, problem, hint in (*desktop.listening(config.listen), *desktop.found_at(config.url)):
        raise ConfigError(f"{key}: {problem}", hint=hint, code="address-refused")
    service = WebConnectorService(sessions, password, hosts(config.url), relay_port=relay_port)
    with listening(service, config.place):
        yield


def hosts(url: str) -> Iterable[str]:
    """The names by which the service may be called, beside those of this machine."""
    return filter(None, [urlsplit(url).hostname])
