"""The way to QuickBooks Desktop as an application, so that trouble is planned there as for the
others: a line of the worker's conversation is a request, and what it is answered a response."""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from invoicesync_cli.programs import ProgramEnded
from tests.kits.rehearsal import Rehearsal

App = Callable[..., Iterable[bytes]]
NOT_READY = {
    "down": "0x80040401",
    "down, on a page": "0x80040414",
    "no more today": "0x80040422",
    "token expired": "0x8004040D",
    "gateway": "0x80040424",
    "too many": "0x80040410",
    "inner error": "0x80040421",
    "web page": "0x80040408",
    "captive portal": "0x80040417",
}
"""What QuickBooks says when it has done nothing, by what a web service would say then."""
SPOILT = {
    "gateway": "<html>504 Gateway Time-out</html>",
    "web page": "<!DOCTYPE html><html></html>",
    "half": "<QBXML><QBXMLMsgsRs><Invoice",
    "other": "<QBXML><QBXMLMsgsRs></QBXMLMsgsRs></QBXML>",
    "nothing": "",
}
"""Answers of QuickBooks that say nothing of what was done."""


class WiredWorker:
    """The worker, whose lines go to an application."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._name = str(uuid.uuid4())

    def ask(self, line: Mapping[str, Any], limit: float) -> dict[str, Any]:  # noqa: ARG002 - nothing takes time
        """The answer to a line."""
        if line["do"] == "close":
            # Whatever becomes of the way there: QuickBooks notices that nobody is left.
            return {"id": line["id"], "ok": True}
        body = json.dumps({"worker": self._name, "line": line})
        environ = EnvironBuilder("/worker", method="POST", data=body).get_environ()
        parts, status, _ = run_wsgi_app(self._app, environ, buffered=True)
        try:
            answer = json.loads(b"".join(parts))
        except ValueError:
            raise ProgramEnded(f"its process said something else ({status})") from None
        return {**answer, "id": line["id"]}

    def close(self) -> None:
        """Its session has ended with it."""


def not_ready(what: str) -> Response:
    """QuickBooks has done nothing."""
    return _answer(hresult=NOT_READY[what], message="Could not start QuickBooks.")


def spoilt(what: str) -> Response:
    """What comes in place of an answer."""
    return _answer(xml=SPOILT[what])


def _answer(**fields: str) -> Response:
    return Response(json.dumps(fields), content_type="application/json")


def wire(rehearsal: Rehearsal, app: App) -> None:
    """Send every worker's lines to this application."""
    programs = rehearsal.network.programs
    rehearsal.network.programs = dict.fromkeys(programs, lambda: WiredWorker(app))
