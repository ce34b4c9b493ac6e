"""The PC with QuickBooks, and somebody there: adds our file to the Web Connector, which polls."""

import contextlib
import functools
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import fromstring

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.sync import run
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.http.client import Network
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.load.qbd.rehearsed import sign_in_to_desktop
from invoicesync_cli.load.qbd.web_connector.qwc import FILE_NAME
from invoicesync_cli.sync import Options
from invoicesync_sandbox.configs import DESKTOP
from invoicesync_sandbox.qbd import QbdSandbox
from invoicesync_sandbox.qbd.qwc import NotAdded
from invoicesync_sandbox.qbd.web_connector import Desktop, Kill, Killed, WebConnector
from invoicesync_sandbox.world import INSIDE, Sandbox, environment

PASSWORD = "abcde-fghjk-mnpqr-stuvw"
PAUSE = 0.02
"""Seconds between two polls, and between two calls of a session that waits."""
LONG = 60.0
WITH_LINES = ("Invoice", "SalesReceipt", "CreditMemo")
FORMS = (*WITH_LINES, "ReceivePayment", "Check", "ARRefundCreditCard")
OWN = {"TxnID", "ListID", "TimeCreated", "TimeModified", "EditSequence", "TxnNumber", "TxnLineID"}
"""What QuickBooks gives a row, and what differs from one company file to the other."""
OF_ATTEMPT = {"CreditMemo", "Check", "ARRefundCreditCard"}
"""What is found again by an ExternalGUID that is another one at each attempt to make it."""


class QuickBooksPC:
    """QuickBooks with its company file, and a Web Connector that has the file of a profile."""

    def __init__(self, qbd: QbdSandbox, home: Path, password: str = PASSWORD) -> None:
        self.qbd = qbd
        self.desktop: Desktop = qbd
        self.file = home / FILE_NAME
        self.password = password
        self.connector: WebConnector | None = None
        self.statuses: list[str] = []
        self.kills: list[Kill] = []
        self.known: set[tuple[str, str]] = set()
        """What its Web Connector has."""
        self._over = threading.Event()

    @contextlib.contextmanager
    def polls(self) -> Iterator[None]:
        """Let the Web Connector poll, as soon as it can, while the block runs."""
        self._over.clear()
        thread = threading.Thread(target=self._poll, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join(LONG)
            assert not thread.is_alive()

    def update(self) -> str:
        """One poll: what the status column says then."""
        connector = self.added()
        connector.kills = self.kills
        return connector.update()

    def added(self) -> WebConnector:
        """The Web Connector with our file. Raises `NotAdded` and `OSError` while it cannot be."""
        if self.connector is None:
            text = self.file.read_text(encoding="utf-8")
            self.connector = WebConnector(
                self.desktop, text, self.password, wait=self._wait, known=self.known
            )
        return self.connector

    def _wait(self, _: float) -> None:
        self._over.wait(PAUSE)

    def _poll(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(FileNotFoundError, Killed):
                try:
                    self.statuses.append(self.update())
                except NotAdded as why:
                    self.statuses.append(str(why))
            self._over.wait(PAUSE)


def books(qbd: QbdSandbox) -> list[str]:
    """What is in a company file, without ids and times: a text for each customer and document."""
    found = []
    for name in ("Customer", *FORMS):
        asked = "<IncludeLineItems>true</IncludeLineItems>" if name in WITH_LINES else ""
        root = fromstring(qbd.send(f"<{name}QueryRq>{asked}</{name}QueryRq>"))  # noqa: S314 - ours
        for row in root.iter(f"{name}Ret"):
            own = OWN | ({"ExternalGUID"} if name in OF_ATTEMPT else set())
            texts = [
                f"{one.tag}={one.text}" for one in row.iter() if one.text and one.tag not in own
            ]
            found.append(f"{name} {' '.join(texts)}")
    return sorted(found)


@functools.cache
def demo_books() -> tuple[str, ...]:
    """The demo shop's books after one sync by a worker in this process, which nothing disturbs."""
    box = Sandbox(company="us")
    clock = box.clock
    timing = Timing(lambda: clock.now().timestamp(), clock.advance, clock.now)
    with tempfile.TemporaryDirectory() as home:
        variables = environment(INSIDE, Path(home), DESKTOP)
        network = Network(timing, apps=box.apps(), programs=box.programs())
        workspace, call = Workspace(variables, network), Call()
        sign_in_to_desktop(workspace.credentials(call), box.qbd.books.company_name)
        run(call, Options(), {}, workspace)
    return tuple(books(box.qbd))


class Halting:
    """QuickBooks, where a message that writes, the `number`th that comes, is the end of somebody:
    `halt` is called when it is there and not done yet."""

    def __init__(self, qbd: QbdSandbox, number: int) -> None:
        self._qbd = qbd
        self._left = number
        self.halt: Callable[[], object] = lambda: None
        self.begin, self.end, self.stamp = qbd.begin, qbd.end, qbd.stamp

    def request(self, ticket: str, xml: str) -> str:
        """The answer to a message."""
        self._left -= "AddRq" in xml
        if self._left == 0 and "AddRq" in xml:
            self.halt()
        return self._qbd.request(ticket, xml)
