"""The service that the Web Connector polls: SOAP over HTTP, on this machine only."""

import contextlib
import hmac
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from errno import EACCES, EADDRINUSE
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request, Response

from invoicesync_cli import __version__
from invoicesync_cli.errors import TryLater
from invoicesync_cli.load.qbd.web_connector import qwc, relay, soap
from invoicesync_cli.load.qbd.web_connector.sessions import Sessions
from invoicesync_cli.services import is_loopback

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SMALL = 1 << 20
"""Bytes of a call while no answer is expected; what QuickBooks tells of the company has 20,000."""
LARGE = 64 << 20
"""Bytes of a call with an answer."""
FIRST_DELAY = 0.5
"""Seconds that the first wrong password costs; each further one costs twice as much."""
LONGEST_DELAY = 15.0
PORT_IN_USE = "port-in-use"
LOOK = 0.05
"""Seconds between looks at whether the server should end."""
UNHEARD = 30.0
"""Seconds that a connection may say nothing."""
LOG = logging.getLogger("invoicesync")
PAGE = (
    "<!doctype html><title>invoicesync</title><p>invoicesync waits here for the QuickBooks Web "
    "Connector. There is nothing to do on this page; docs/desktop.md has the help.</p>"
)


class WebConnectorService:
    """The service as a WSGI application. `hosts` are the names by which it may be called, beside
    those of this machine; `relay_port` is that at which other commands' messages are taken."""

    def __init__(
        self,
        sessions: Sessions,
        password: str,
        hosts: Iterable[str] = (),
        *,
        relay_port: int = 0,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        self._sessions = sessions
        self._password = password
        self._hosts = frozenset(hosts)
        self._relay = relay_port
        self._closed = threading.Event()
        self._pause = pause or self._waited
        self._wrong = 0
        self._one_by_one = threading.Lock()
        self._busy = 0
        self._idle = threading.Condition()
        self._operations: dict[str, Callable[..., str | tuple[str, ...]]] = {
            "serverVersion": self._server_version,
            "clientVersion": self._client_version,
            "authenticate": self._authenticate,
            "sendRequestXML": self._send_request,
            "receiveResponseXML": self._receive_response,
            "connectionError": self._connection_error,
            "getLastError": self._last_error,
            "closeConnection": self._close_connection,
        }

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        with self._idle:
            self._busy += 1
        response = self._answer(Request(environ))
        response.call_on_close(self._written)
        return response(environ, start_response)

    def close(self) -> None:
        """Keep nobody waiting any more, and let what is being answered be written."""
        self._closed.set()
        with self._idle:
            self._idle.wait_for(lambda: not self._busy, timeout=1.0)

    def _written(self) -> None:
        with self._idle:
            self._busy -= 1
            self._idle.notify_all()

    def _answer(self, request: Request) -> Response:
        if not self._is_for_us(request):
            return Response("This service answers the Web Connector only.", 403)
        if request.method == "GET" and request.path.endswith((qwc.PATH, qwc.SUPPORT)):
            return Response(PAGE, content_type="text/html; charset=utf-8")
        if request.method == "GET" and request.path == relay.PATH and self._relay:
            return Response(str(self._relay))
        if request.method != "POST" or not request.path.endswith(qwc.PATH):
            return Response("There is nothing here.", 404)
        if "xml" not in request.headers.get("Content-Type", ""):
            return Response("This is no call of the Web Connector's.", 415)
        if request.content_length is None:
            # What comes in pieces of no known length could not be bounded before it is read.
            return _fault("The length of the call is missing.", 411)
        request.max_content_length = LARGE if self._sessions.takes_long else SMALL
        try:
            call = soap.read(request.get_data(cache=False))
            result = self._operations.get(call.operation, _unknown)(call.parameters.get)
        except RequestEntityTooLarge:
            return _fault("The call is too large.", 413)
        except (soap.NotUnderstood, HTTPException) as error:
            return _fault(str(error), 400)
        return _xml(soap.reply(call.operation, result), 200)

    def _is_for_us(self, request: Request) -> bool:
        """Whether it was meant for this service.

        A web page can point a name of its own at this machine, or make a browser send a form here;
        the Web Connector is no browser.
        """
        host = urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
        return "Origin" not in request.headers and (is_loopback(host) or host in self._hosts)

    def _server_version(self, _: "Parameters") -> str:
        return f"invoicesync {__version__}"

    def _client_version(self, _: "Parameters") -> str:
        return ""

    def _authenticate(self, given: "Parameters") -> tuple[str, ...]:
        # Both are compared whole, and always.
        user = _same(given("strUserName", ""), qwc.USER)
        password = _same(given("strPassword", ""), self._password)
        if not (user and password):
            self._delay()
            return "", "nvu"
        self._wrong = 0
        ticket, where = self._sessions.authenticated()
        LOG.debug("The Web Connector came: %s", where or "the open company file")
        return ticket, where

    def _send_request(self, given: "Parameters") -> str:
        return self._sessions.asked(given("ticket", ""))

    def _receive_response(self, given: "Parameters") -> str:
        response, hresult = given("response", ""), given("hresult", "")
        words = given("message", "")
        return str(self._sessions.answered(given("ticket", ""), response, hresult, words))

    def _connection_error(self, given: "Parameters") -> str:
        return self._sessions.not_opened(
            given("ticket", ""), given("hresult", ""), given("message", "")
        )

    def _last_error(self, given: "Parameters") -> str:
        return self._sessions.last_error(given("ticket", ""))

    def _close_connection(self, given: "Parameters") -> str:
        return self._sessions.closed(given("ticket", ""))

    def _delay(self) -> None:
        """Let whoever tries passwords wait, one after the other."""
        with self._one_by_one:
            self._wrong += 1
            LOG.warning("Somebody said a wrong password to the Web Connector's service.")
            self._pause(min(FIRST_DELAY * 2 ** min(self._wrong - 1, 16), LONGEST_DELAY))

    def _waited(self, seconds: float) -> None:
        self._closed.wait(seconds)


Parameters = Callable[[str, str], str]
"""What a parameter of the call is, or what it is without."""


class _Server(ThreadedWSGIServer):
    """Threads, because a call waits for what there is to do."""

    daemon_threads = True

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002, ARG002 - its name there
        """What went wrong in a call; nothing that came with it."""
        LOG.error("The Web Connector's service: %s", message % args if args else message)

    def handle_error(self, request: object, client_address: object) -> None:
        """Somebody who hangs up is no event."""


class _Handler(WSGIRequestHandler):
    """Answers without a line for each call: a line could show what nobody should see."""

    timeout = UNHEARD
    server_version = "invoicesync"
    sys_version = ""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


@contextlib.contextmanager
def listening(service: WebConnectorService, place: tuple[str, int]) -> Iterator[int]:
    """Serve at a host and port of this machine while the block runs; gives the port.

    Raises `TryLater` when the port is taken.
    """
    host, port = place
    try:
        server = _bound(host, port, service)
    except OSError as error:
        if error.errno not in {EADDRINUSE, EACCES}:
            raise
        raise TryLater(
            f"Port {port} is taken by another program.",
            hint="End that program (another invoicesync, perhaps), or set qbd.listen to another "
            "port, and add the file that auth qbd then writes to the Web Connector.",
            code=PORT_IN_USE,
            unknown=False,
        ) from None
    thread = threading.Thread(target=server.serve_forever, args=(LOOK,), daemon=True)
    thread.start()
    try:
        yield server.port
    finally:
        service.close()
        server.shutdown()
        server.server_close()
        thread.join()


def _bound(host: str, port: int, app: WebConnectorService) -> _Server:
    """Werkzeug would end the program where the port is taken; it takes a socket that is bound."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1" if host == "localhost" else host, port))
        bound.listen()
        return _Server(host, bound.getsockname()[1], app, handler=_Handler, fd=bound.fileno())


def _unknown(_: Parameters) -> str:
    raise soap.NotUnderstood("There is no such operation.")


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())


def _fault(words: str, status: int) -> Response:
    response = _xml(soap.fault(words), status)
    response.headers["Connection"] = "close"
    return response


def _xml(body: bytes, status: int) -> Response:
    return Response(body, status, content_type="text/xml; charset=utf-8")
