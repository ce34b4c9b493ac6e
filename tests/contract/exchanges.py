"""What goes over the wire between the client and a service: each request with its answer."""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from tests.kits.rehearsal import Rehearsal


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. `query` is decoded, a name may stand in it more than once.

    `status` is 0 where the connection broke instead of an answer.
    """

    service: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    sent_headers: Headers = field(default_factory=Headers)
    sent: bytes = b""
    status: int = 0
    got_headers: Headers = field(default_factory=Headers)
    got: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def body(self) -> Any:
        """What was sent, as data."""
        return json.loads(self.sent)

    @property
    def answer(self) -> Any:
        """What came back, as data."""
        return json.loads(self.got)

    def sending(self, body: Any) -> "Exchange":
        """The same exchange with another body sent."""
        return replace(self, sent=json.dumps(body).encode())

    def answering(self, answer: Any) -> "Exchange":
        """The same exchange with another answer."""
        return replace(self, got=json.dumps(answer).encode())


@dataclass
class Ear:
    """A WSGI application before a service that keeps everything that passes."""

    service: str
    app: Callable[..., Iterable[bytes]]
    heard: list[Exchange]

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        sent = request.get_data(cache=True)
        environ["wsgi.input"] = io.BytesIO(sent)
        asked = Exchange(
            self.service,
            request.method,
            request.path,
            tuple(request.args.items(multi=True)),
            Headers(request.headers),
            sent,
        )
        try:
            body, status, headers = run_wsgi_app(self.app, environ, buffered=True)
        except ConnectionError:
            self.heard.append(asked)
            raise
        answer = Response(b"".join(body), status, headers)
        self.heard.append(
            replace(asked, status=answer.status_code, got_headers=headers, got=answer.get_data())
        )
        return answer(environ, start)


def listen(rehearsal: Rehearsal) -> list[Exchange]:
    """Keep what the client and both services say to each other from now on."""
    heard: list[Exchange] = []
    names = {"keap.localhost": "keap", "xero.localhost": "xero", "qbo.localhost": "qbo"}
    rehearsal.network.apps = {
        origin: Ear(names[origin.partition("//")[2]], app, heard)
        for origin, app in rehearsal.network.apps.items()
    }
    return heard
