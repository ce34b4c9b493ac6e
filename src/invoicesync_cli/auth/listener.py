"""Waits on this machine for the browser to come back from a vendor. Bound to loopback only."""

import contextlib
import queue
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from invoicesync_cli.auth import pages
from invoicesync_cli.auth.oauth import Callback, Consent, same_place
from invoicesync_cli.errors import SignInNeeded

IDLE = 5.0
"""Seconds that a connection may say nothing; browsers open some in advance."""
NAVIGATION = {"document", ""}
"""What a browser says it wants when a person follows a redirect; old ones say nothing."""

SignInOutcome = Callback | SignInNeeded
Outcomes = queue.SimpleQueue[SignInOutcome]


class _Server(ThreadingHTTPServer):
    """Threads, because browsers keep connections open that they do not use."""

    daemon_threads = True
    # On Windows this option would let another program take over the port.
    allow_reuse_address = not hasattr(socket, "SO_EXCLUSIVEADDRUSE")

    def __init__(self, address: tuple[str, int], consent: Consent, outcomes: Outcomes) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)
        self.consent = consent
        self.outcomes = outcomes

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no event."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = IDLE
    server_version = "invoicesync"
    sys_version = ""

    def do_GET(self) -> None:
        """Judge a request and show in the browser what it was."""
        consent = self.server.consent
        name, command = consent.vendor.title, f"invoicesync auth {consent.vendor.key}"
        where = urlsplit(consent.redirect_uri)
        address = f"{where.scheme}://{where.netloc}{self.path}"
        if not (self._from_here(where.netloc) and same_place(address, consent.redirect_uri)):
            self._show(404, pages.not_here(command))
            return
        try:
            outcome: SignInOutcome = consent.read(address)
            status, page = 200, pages.allowed(name)
        except SignInNeeded as error:
            outcome = error
            if error.code == "consent-refused":
                status, page = 200, pages.refused(name, command)
            elif error.code == "wrong-state":
                status, page = 400, pages.wrong_state(command)
            else:
                # Somebody looked at the bare address: the answer is still to come.
                self._show(400, pages.not_here(command))
                return
        self._show(status, page)
        self.server.outcomes.put(outcome)

    def _from_here(self, netloc: str) -> bool:
        """Whether a person followed a redirect to our own address.

        Another site can make the browser load images or scripts from here, or point a name of its
        own at this machine; neither is an answer to a sign-in.
        """
        asked = self.headers.get("Sec-Fetch-Dest", "")
        port = urlsplit(f"//{netloc}").port or 80
        hosts = {netloc, *(f"{host}:{port}" for host in ("localhost", "127.0.0.1", "[::1]"))}
        return asked in NAVIGATION and self.headers.get("Host", netloc) in hosts

    def _show(self, status: int, page: str) -> None:
        body = page.encode()
        self.send_response(status)
        for header, value in pages.HEADERS.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Write nothing: the address holds the code."""


@contextlib.contextmanager
def listening(consent: Consent) -> Iterator[Outcomes]:
    """Listen at the consent's redirect address while the block runs; outcomes come as they arrive.

    Raises `SignInNeeded` when the port is taken.
    """
    outcomes: Outcomes = queue.SimpleQueue()
    where = urlsplit(consent.redirect_uri)
    host, port = where.hostname or "localhost", where.port or 80
    # Xero knows only the word localhost; browsers try 127.0.0.1 for it.
    bound = "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host
    try:
        server = _Server((bound, port), consent, outcomes)
    except OSError as error:
        raise SignInNeeded(
            f"Nothing can listen at {consent.redirect_uri}: {error.strerror or error}.",
            hint=f"Another program, or another sign-in, uses port {port}. End it, register another "
            f"redirect address with the app and set {consent.vendor.key}.redirect_uri, or "
            "use --no-browser.",
            code="port-in-use",
        ) from None
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield outcomes
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
