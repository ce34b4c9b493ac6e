"""Between the tool and the services: answers of one of them that are hostile, now and then."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from invoicesync_cli.http.client import WsgiApp
from tests.kits.hostile.answers import ENDLESS, Change, Menu, changed, repeated
from tests.kits.hostile.memory import Share

IDENTITY = re.compile(r"token|/connections|revo|userinfo|openid")
"""Addresses at which a service says who is who."""
ID = re.compile(r"/(\d+|[0-9a-f]{8}-[0-9a-f-]{27})(?=/|$)")
ROWS = re.compile(r"MAXRESULTS (\d+)")
SERVICES = ("keap", "xero", "qbo", "identity")
ENOUGH = 400
"""Requests to one address in one command: so many that it does not end by itself."""


class DoesNotEnd(Exception):
    """A command asks and asks."""


@dataclass
class Tampering:
    """Every service of a world; while `armed`, a `share` of the answers of one is hostile.

    `menus` say by address what was done so far, `done` what was done by this command.
    """

    service: str
    chance: random.Random
    menus: dict[str, Menu] = field(default_factory=dict)
    armed: bool = False
    share: float = 0.5
    done: list[str] = field(default_factory=list)
    changes: list[tuple[str, Change]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    endless: dict[str, Any] = field(default_factory=dict)
    memory: Share = field(default_factory=Share)
    kinds: Counter[str] = field(default_factory=Counter)

    def arm(self, share: float) -> None:
        """Begin a command whose answers are hostile."""
        self.armed, self.share = True, share
        self.done, self.changes = [], []
        self.asked, self.endless = Counter(), {}

    def disarm(self) -> None:
        """Let the services answer as they do."""
        self.memory.asked()
        self.armed = False

    def before(self, name: str, app: WsgiApp) -> WsgiApp:
        """What stands in the place of a service."""

        def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            self.memory.asked()
            request = Request(environ)
            response = self._ask(app, request) if self.armed else None
            if response is None:
                return app(environ, start)
            if self._about(name, request):
                response = self._spoil(f"{name} {address(request)}", request, response)
            body = response(environ, start)
            self.memory.answered()
            return body

        return answer

    def _ask(self, app: WsgiApp, request: Request) -> Response:
        request.get_data(cache=True)
        import io

        request.environ["wsgi.input"] = io.BytesIO(request.get_data())
        body, status, headers = run_wsgi_app(app, request.environ, buffered=True)
        return Response(b"".join(body), status, headers)

    def _about(self, name: str, request: Request) -> bool:
        identity = bool(IDENTITY.search(request.path))
        return self.service == ("identity" if identity else name)

    def _spoil(self, where: str, request: Request, response: Response) -> Response:
        self.asked[where] += 1
        if self.asked[where] > ENOUGH:
            raise DoesNotEnd(where)
        body = response.get_data()
        data = _json(body)
        if where in self.endless:
            return self._page(where, request, response)
        if self.chance.random() >= self.share:
            return response
        menu = self.menus.setdefault(where, Menu(self.chance, self.kinds))
        change = menu.pick(body, data)
        self.changes.append((where, change))
        self.done.append(f"{where}: {change}")
        if change.what == ENDLESS:
            self.endless[where] = data
            return self._page(where, request, response)
        spoilt = changed(change, body, data)
        spoilt.status_code = response.status_code
        _keep_date(spoilt, response)
        return spoilt

    def _page(self, where: str, request: Request, response: Response) -> Response:
        """One more page of a list that was there before and does not end."""
        data, count = self.endless[where], self.asked[where]
        wanted = ROWS.search(request.get_data(as_text=True))
        page = repeated(data, min(int(wanted[1]), 1000) if wanted else 1)
        if isinstance(page, dict):
            page["next_page_token"] = f"again-{count}"
            page["pagination"] = {
                "page": count,
                "pageSize": 1,
                "pageCount": 10**9,
                "itemCount": 10**9,
            }
        endless = Response(json.dumps(page), response.status_code, content_type="application/json")
        _keep_date(endless, response)
        return endless


def address(request: Request) -> str:
    """Method and path of a request, ids aside; of a batch, also what it is about."""
    path = ID.sub("/*", request.path)
    kind = ""
    if path.endswith("/batch"):
        text = request.get_data(as_text=True)
        kind = " of writes" if '"operation"' in text else " of queries"
    return f"{request.method} {path}{kind}"


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _keep_date(spoilt: Response, response: Response) -> None:
    if "Date" in response.headers:
        spoilt.headers["Date"] = response.headers["Date"]
