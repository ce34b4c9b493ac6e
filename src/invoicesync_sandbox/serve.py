"""The sandbox on loopback, for people and for programs of any kind."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

WsgiApp = Callable[..., Iterable[bytes]]

HOST = "127.0.0.1"
POLL = 0.02
"""Seconds between looks at whether the server should end."""


class _Quiet(WSGIRequestHandler):
    """Answers without writing a line per request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer without a date of this machine's: each service has a clock of its own,
        and a program takes the first of two dates."""
        self.send_response_only(code, message)


@contextlib.contextmanager
def serving(vendors: Mapping[str, WsgiApp], first_port: int = 0) -> Iterator[dict[str, str]]:
    """Serve each vendor on a port of its own while the block runs; gives their roots.

    Ports are taken from `first_port` on, or as the system gives them for 0.
    Raises `OSError` when a port is in use.
    """
    servers: dict[str, BaseWSGIServer] = {}
    threads: list[threading.Thread] = []
    try:
        for place, (name, vendor) in enumerate(vendors.items()):
            port = first_port + place if first_port else 0
            server = make_server(HOST, port, vendor, threaded=True, request_handler=_Quiet)
            servers[name] = server
            thread = threading.Thread(target=server.serve_forever, args=(POLL,), daemon=True)
            thread.start()
            threads.append(thread)
        yield {name: f"http://{HOST}:{server.server_port}" for name, server in servers.items()}
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()
