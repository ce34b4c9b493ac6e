"""The transport of one service with a wire in its place, on which a test puts what comes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.http.client import Connections, Service
from invoicesync_cli.http.limits import RateLimitedTransport, ServiceLimits, Timing, Window
from invoicesync_cli.http.responses import Reply
from invoicesync_cli.load.xero.limits import LIMITS as XERO

ORIGIN = "http://xero.localhost"
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECRET = "tok-3fa85f64-5717-4562-b3fc-2c963f66afa6"
LIMITS = replace(XERO, windows=(Window(60, 60.0),), trace="Trace-Id", day_resets="")
Answer = httpx.Response | Exception


@dataclass
class Tokens:
    """A bearer token, renewed up to `spare` times."""

    spare: int = 0
    number: int = 1

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {SECRET}-{self.number}"}

    def renew(self, used: Mapping[str, str]) -> bool:
        assert used == self.headers()
        if not self.spare:
            return False
        self.spare -= 1
        self.number += 1
        return True


def transport_to(
    answer: Callable[[httpx.Request], httpx.Response], limits: ServiceLimits, timing: Timing
) -> RateLimitedTransport:
    """The whole way to a service that a function stands for."""
    wire = Connections(httpx.MockTransport(answer), limits, timing)
    return RateLimitedTransport(wire, limits, timing)


@dataclass
class Wire:
    """A service that gives the answers it is told to, then good ones; time passes by sleeping."""

    answers: list[Answer] = field(default_factory=list)
    limits: ServiceLimits = LIMITS
    tokens: Any = field(default_factory=Tokens)
    takes: float = 0.0
    """Seconds that every answer takes."""
    clock: float = 1000.0
    requests: list[httpx.Request] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock += seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.clock - 1000)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.headers.append(dict(request.headers))
        self.times.append(self.clock)
        self.clock += self.takes
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json={"ok": True})
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def service(self) -> Service:
        timing = Timing(lambda: self.clock, self.sleep, self.now)
        transport = transport_to(self.answer, self.limits, timing)
        return Service(ORIGIN, transport, self.limits, self.tokens)

    def get(self) -> Reply:
        with_service = self.service
        try:
            return with_service.get("/things")
        finally:
            with_service.close()

    def put(self, **more: Any) -> Reply:
        with_service = self.service
        try:
            return with_service.call("PUT", "/things", body=b"{}", **more)
        finally:
            with_service.close()

    def query(self) -> Reply:
        """A POST that changes nothing."""
        with_service = self.service
        try:
            return with_service.call("POST", "/query", body=b"{}", safe=True)
        finally:
            with_service.close()


def failed(call: Callable[[], Reply]) -> InvoiceSyncError:
    """The error that a call ends with."""
    with pytest.raises(InvoiceSyncError) as caught:
        call()
    return caught.value
