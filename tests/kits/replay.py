"""Replays a recording: services that answer as they did, so that a user's problem is a test.

    replay = Replay(Path("problem.jsonl"))
    result = replay.sync(tmp_path)

The client starts with an empty state. Each request is answered by the next recorded one with the
same address, and of the same kind where everything goes to one address; what was never asked is in
`unknown` and answered with 404. Names in the config have to be those of the recording, or ids.
"""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import simplejson
from werkzeug.wrappers import Request, Response

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.http.client import Network
from invoicesync_cli.http.limits import Timing
from invoicesync_cli.http.masking import QUOTED
from invoicesync_cli.sync import Options, Result, run
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.world import INSIDE, environment

SERVICES = {"keap": "Keap", "xero": "Xero", "qbo": "QuickBooks"}
TOKEN = {"access_token": "replayed", "token_type": "Bearer", "expires_in": 1800, "scope": ""}
"""Answers a sign-in that is not part of the recording."""

Row = Mapping[str, Any]
Address = tuple[str, str, str]


@dataclass
class Replay:
    """One recording, and the services that answer from it."""

    file: Path
    unknown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        lines = self.file.read_text(encoding="utf-8").splitlines()
        self.rows: list[Row] = [json.loads(line, parse_float=Decimal) for line in lines[1:]]
        self._by_query: dict[Address, deque[Row]] = defaultdict(deque)
        self._by_path: dict[Address, deque[Row]] = defaultdict(deque)
        self._last: dict[Address, Row] = {}
        for row in self.rows:
            for known, address in ((self._by_query, _exact(row)), (self._by_path, _rough(row))):
                known[address].append(row)
        self._used: set[int] = set()
        self.clock = Clock(datetime.fromisoformat(self.rows[0]["at"]))

    def network(self) -> Network:
        """Both services, in time that stands still but for waits."""
        apps = {INSIDE[name]: self._app(service) for name, service in SERVICES.items()}
        ticks = [0.0]

        def sleep(seconds: float) -> None:
            ticks[0] += seconds
            self.clock.advance(seconds)

        return Network(Timing(lambda: ticks[0], sleep, self.clock.now), apps)

    def sync(self, home: Path, **options: Any) -> Result:
        """One run, with the fields of `Options`; `home` may hold a config file."""
        wanted = Options(**options)
        world = Workspace(environment(INSIDE, home), self.network())
        with world.run(Call(), {}, dry_run=wanted.dry_run) as deps:
            return run(deps, wanted)

    def _app(self, service: str) -> Callable[..., Iterable[bytes]]:
        def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            request = Request(environ)
            request.get_data()
            row = self._row(service, request)
            if row is None:
                return self._unheard(request)(environ, start)
            if "lost" in row:
                raise ConnectionError(row["lost"])
            return _response(row)(environ, start)

        return answer

    def _row(self, service: str, request: Request) -> Row | None:
        """The next recorded request with this address, else with this path, else the last."""
        query = json.dumps(sorted(map(list, request.args.items(multi=True))))
        path = request.path + _kind(request.get_json(silent=True))
        exact: Address = (f"{service} {request.method}", path, query)
        rough: Address = (*exact[:2], "")
        for known, address in ((self._by_query, exact), (self._by_path, rough)):
            while known[address]:
                row = known[address].popleft()
                if id(row) not in self._used:
                    self._used.add(id(row))
                    self._last[exact] = row
                    return row
        return self._last.get(exact) if request.method == "GET" else None

    def _unheard(self, request: Request) -> Response:
        if request.path.endswith("token"):
            return Response(json.dumps(TOKEN), content_type="application/json")
        self.unknown.append(f"{request.method} {request.full_path}")
        return Response("This is not in the recording.", 404, content_type="text/plain")


def _exact(row: Row) -> Address:
    # "Xero sign-in" is at Xero as well.
    service = row["service"].split()[0]
    path = row["path"] + _kind((row["sent"] or {}).get("json"))
    return (f"{service} {row['method']}", path, json.dumps(sorted(row["query"])))


def _rough(row: Row) -> Address:
    return (*_exact(row)[:2], "")


def _kind(body: Any) -> str:
    """What a batch is about: its operations, entities and statements, without what is quoted."""
    if not isinstance(body, dict):
        return ""
    words: list[str] = []
    for item in body.get("BatchItemRequest", ()):
        said = [name for name in item if name not in {"bId", "optionsData"}]
        words += [item.get("operation", ""), *said, QUOTED.sub("''", item.get("Query", ""))]
    return "".join(f"|{word}" for word in words)


def _response(row: Row) -> Response:
    got = row["got"] or {"text": ""}
    headers = {
        name: value for name, value in row["headers"].items() if name.lower() != "content-length"
    }
    text = got.get("text", "")
    body = simplejson.dumps(got["json"], use_decimal=True) if "json" in got else text
    return Response(body, row["status"], headers)
