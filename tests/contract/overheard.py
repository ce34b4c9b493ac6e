"""What the client says in any test, held against the vendors' specifications."""

import json
import re
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

from tests.contract.check import problems
from tests.contract.departures import ALWAYS, CUSTOM_CONNECTION, left
from tests.contract.exchanges import Exchange

CLIENT = "invoicesync/"
ANYWHERE = (*ALWAYS, CUSTOM_CONNECTION)
WORD = re.compile(r"[A-Za-z]{1,24}")


class Overheard:
    """Checks each kind of request once: the same fields with values of the same form."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._new: list[Exchange] = []

    def hear(self, service: str, request: Request, body: bytes) -> None:
        """Take note of a request of the client."""
        if not request.headers.get("User-Agent", "").startswith(CLIENT):
            return
        query = tuple(request.args.items(multi=True))
        reported = [service, request.method, _form(request.path)]
        reported += [f"{name}={_form(value)}" for name, value in query]
        reported += [repr(sorted(name for name, _ in request.headers)), _shape_of(body)]
        if "\n".join(reported) in self._known:
            return
        self._known.add("\n".join(reported))
        headers = Headers(request.headers)
        self._new.append(Exchange(service, request.method, request.path, query, headers, body))

    def problems(self) -> set[str]:
        """What the specifications do not say of the requests since the last look."""
        heard, self._new = self._new, []
        return {
            f"{exchange}: {problem}"
            for exchange in heard
            for problem in left(problems(exchange), ANYWHERE)
        }


def _shape_of(body: bytes) -> str:
    try:
        return json.dumps(_shape(json.loads(body))) if body else ""
    except ValueError:
        return _form(body.decode("utf-8", "replace"))


def _shape(value: Any) -> Any:
    """The fields of a body and the forms of their values; a list's elements each once."""
    if isinstance(value, dict):
        return {name: _shape(inner) for name, inner in sorted(value.items())}
    if isinstance(value, list):
        return sorted({json.dumps(_shape(inner)) for inner in value})
    return _form(value) if isinstance(value, str) else type(value).__name__


def _form(text: str) -> str:
    """A word as it is, for it may be one of a few; of anything else the kind of its signs."""
    if WORD.fullmatch(text):
        return text
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", text))[:60]
