"""A service of no vendor's, what it answers, and a clock that nobody waits for."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.http.limits import ServiceLimits, Timing

LIMITS = ServiceLimits("Xero", windows=(), timeout=60.0)
API = "https://api.vendor.example"
ENVIRONMENT = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Time:
    """A clock that goes on by itself with every look at it, and by sleeping."""

    def __init__(self, step: float = 0.0) -> None:
        self.seconds = 0.0
        self.step = step

    def monotonic(self) -> float:
        self.seconds += self.step
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    @property
    def timing(self) -> Timing:
        return Timing(self.monotonic, self.sleep)


def failed(call: Callable[[], object]) -> InvoiceSyncError:
    """The error that a call ends with."""
    with pytest.raises(InvoiceSyncError) as caught:
        call()
    return caught.value


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port of this machine, where `serve` answers whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    try:
                        serve(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)
