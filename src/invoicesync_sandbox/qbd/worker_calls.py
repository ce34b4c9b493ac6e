"""The conversation with a COM worker, line by line: what it asks of QuickBooks, and the answers.

A line is an object: `{"id": 1, "do": "open", "app_name": "invoicesync", "file": "", "mode": 2}`,
`{"id": 2, "do": "request", "xml": "…"}` or `{"id": 3, "do": "close"}`. The answer has the id, and
`ok`, `xml`, or `hresult` with `message`. The stand-in for the Web Connector says `stamp`, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from invoicesync_sandbox.base import NotSimulated, Planned
from invoicesync_sandbox.qbd.errors import BAD_TICKET, UNEXPECTED, SdkError


@dataclass
class WorkerFault(Planned):
    """What happens at the next `times` requests, after so many that go through.

    The worker ends without a line (`exit`), never answers (`hang`) or says something else
    (`noise`); with `done` QuickBooks has carried the request out before that.
    """

    kind: Literal["exit", "hang", "noise"]
    done: bool = False


class Desktop(Protocol):
    """What the worker reaches of QuickBooks."""

    worker_faults: list[WorkerFault]

    def begin(self, app: str, path: str = "", mode: int = 2) -> str:
        """Begin a session: its ticket."""

    def request(self, ticket: str, xml: str) -> str:
        """Process a message: the answer to it."""

    def end(self, ticket: str) -> None:
        """End a session."""

    def stamp(self, owner: str, file: str) -> bool:
        """Stamp the company file for an application of the Web Connector."""


class WorkerCalls:
    """One worker's calls; `answer` may be called without any process, too."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self._ticket = ""

    def answer(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a line; one with `fault` says what the worker does instead."""
        answer: dict[str, Any] = {"id": line.get("id")}
        fault = None
        if line.get("do") == "request":
            faults = self._desktop.worker_faults
            fault = next((one for one in faults if one.counts()), None)
        if fault and not fault.done:
            return answer | {"fault": fault.kind}
        try:
            answer |= self._done(line)
        except SdkError as error:
            answer |= {"hresult": error.code, "message": str(error)}
        except NotSimulated as what:
            message = f"The sandbox does not simulate {what}."
            answer |= {"hresult": SdkError(UNEXPECTED).code, "message": message}
        return answer | {"fault": fault.kind} if fault else answer

    def _done(self, line: Mapping[str, Any]) -> dict[str, Any]:
        what = line.get("do")
        if what == "open":
            path, mode = str(line.get("file", "")), int(line.get("mode", 2))
            self._ticket = self._desktop.begin(str(line["app_name"]), path, mode)
            return {"ok": True}
        if what == "request":
            if not self._ticket:
                raise SdkError(BAD_TICKET)
            return {"xml": self._desktop.request(self._ticket, str(line["xml"]))}
        if what == "stamp":
            return {"ok": self._desktop.stamp(str(line["owner"]), str(line["file"]))}
        if what == "close":
            self._desktop.end(self._ticket)
            self._ticket = ""
            return {"ok": True}
        raise NotSimulated(f"the word {what}")


class InProcess:
    """A worker without a process: a line in, a line out, as whoever starts one expects it."""

    def __init__(self, desktop: Desktop) -> None:
        self._calls = WorkerCalls(desktop)

    def ask(self, line: Mapping[str, Any], limit: float) -> dict[str, Any]:  # noqa: ARG002 - nothing takes time
        """The answer to a line. Raises `OSError` where a worker would end or hang."""
        answer = self._calls.answer(line)
        if "fault" in answer:
            raise BrokenPipeError(f"The worker is to {answer['fault']}.")
        return answer

    def close(self) -> None:
        """End the session, as the end of a process does."""
        self._calls.answer({"do": "close"})
