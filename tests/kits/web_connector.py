"""The service for the Web Connector on loopback, QuickBooks, and Web Connectors that poll."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TypeVar

from invoicesync_cli.load.qbd.web_connector import qwc
from invoicesync_cli.load.qbd.web_connector.relay import key_of
from invoicesync_cli.load.qbd.web_connector.service import WebConnectorService, listening
from invoicesync_cli.load.qbd.web_connector.sessions import Sessions
from invoicesync_sandbox.qbd import soap
from invoicesync_sandbox.qbd.web_connector import Desktop, WebConnector

PASSWORD = "correct-horse-battery"
FILE_ID = "{b2a8e6a0-7d43-4f0e-8f57-0d3c9a1e5b22}"


T = TypeVar("T")


def in_background(work: Callable[[], T]) -> "Future[T]":
    """Work in a thread of its own: its outcome, once it has one."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is asked for
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


class Counter:
    """QuickBooks with every message that reaches it; `held` keeps the answers back."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self.messages: list[str] = []
        self.reached = threading.Event()
        self.held: threading.Event | None = None
        self.begin, self.end, self.stamp = desktop.begin, desktop.end, desktop.stamp

    def request(self, ticket: str, xml: str) -> str:
        """The answer to a message."""
        if "HostQueryRq/><CompanyQueryRq" not in xml:
            self.messages.append(xml)
            self.reached.set()
            if self.held:
                assert self.held.wait(30)
        return self._desktop.request(ticket, xml)


class Polled:
    """Sessions, and how they are reached: `root` is the address on loopback."""

    def __init__(self, sessions: Sessions, root: str) -> None:
        self.sessions = sessions
        self.root = root
        self._known: set[tuple[str, str]] = set()

    @property
    def port(self) -> int:
        """Where the service listens."""
        return int(self.root.rpartition(":")[2])

    def connector(
        self,
        desktop: Desktop,
        password: str = PASSWORD,
        wait: Callable[[float], None] = lambda _: None,
    ) -> WebConnector:
        """A Web Connector that has our file."""
        text = qwc.text(self.root, FILE_ID, 15)
        return WebConnector(desktop, text, password, wait=wait, known=self._known)

    def call(self, operation: str, **parameters: str) -> str:
        """One call as the Web Connector makes it."""
        return soap.Service(f"{self.root}{qwc.PATH}").text(operation, **parameters)

    def authenticate(self, password: str = PASSWORD) -> list[str]:
        """The answers to a log-in."""
        service = soap.Service(f"{self.root}{qwc.PATH}")
        return service.texts("authenticate", strUserName=qwc.USER, strPassword=password)


@contextlib.contextmanager
def polled(
    sessions: Sessions | None = None,
    pause: Callable[[float], None] = lambda _: None,
    relay_port: int = 0,
) -> Iterator[Polled]:
    """The service, served while the block runs."""
    found = sessions or Sessions(key_of(PASSWORD), hold=0.05)
    service = WebConnectorService(found, PASSWORD, pause=pause, relay_port=relay_port)
    with listening(service, ("127.0.0.1", 0)) as port:
        yield Polled(found, f"http://localhost:{port}")
