"""QuickBooks of a sandbox that is served on loopback, as another process reaches it."""

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from invoicesync_sandbox.qbd.errors import SdkError

Line = dict[str, Any]


class RemoteWorker:
    """One conversation with the sandbox at `root`, line by line."""

    def __init__(self, root: str) -> None:
        self._place = urlsplit(root).netloc
        self._worker = str(uuid4())

    def answer(self, line: Line) -> Line:
        """The answer to a line."""
        connection = HTTPConnection(self._place)
        try:
            headers = {"Content-Type": "application/json"}
            body = json.dumps({"worker": self._worker, "line": line})
            connection.request("POST", "/worker", body, headers)
            found: Line = json.loads(connection.getresponse().read())
            return found
        finally:
            connection.close()


class RemoteDesktop:
    """The SDK's calls over such conversations, one for each session."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._sessions: dict[str, RemoteWorker] = {}

    def begin(self, app: str, path: str = "", mode: int = 2) -> str:
        """Begin a session: its ticket. Raises `SdkError`."""
        worker = RemoteWorker(self._root)
        _checked(worker.answer({"do": "open", "app_name": app, "file": path, "mode": mode}))
        ticket = str(uuid4())
        self._sessions[ticket] = worker
        return ticket

    def request(self, ticket: str, xml: str) -> str:
        """Process a message: the answer to it. Raises `SdkError`."""
        return str(_checked(self._sessions[ticket].answer({"do": "request", "xml": xml}))["xml"])

    def end(self, ticket: str) -> None:
        """End a session."""
        self._sessions.pop(ticket).answer({"do": "close"})

    def stamp(self, owner: str, file: str) -> bool:
        """Stamp the company file. Raises `SdkError`."""
        line = {"do": "stamp", "owner": owner, "file": file}
        return bool(_checked(RemoteWorker(self._root).answer(line))["ok"])


def _checked(answer: Line) -> Line:
    if "hresult" in answer:
        raise SdkError(int(answer["hresult"], 16), answer.get("message", ""))
    return answer
