"""Replays an answer to a request that is sent again under the same `Idempotency-Key`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.xero.problems import Problem, gate_body
from invoicesync_sandbox.xero.switches import XeroSwitches

_LONGEST = 128
_METHODS = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True)
class _Kept:
    request: tuple[str, str, bytes]
    first: datetime
    status: int
    content_type: str
    body: bytes


class Replays:
    """The answers given to keys. A key belongs to an app, and dies a fixed time after its first
    use; errors are kept like successes.
    """

    def __init__(self, switches: XeroSwitches) -> None:
        self._switches = switches
        self._kept: dict[tuple[str, str], _Kept] = {}

    def find(self, app: str, request: Request, now: datetime) -> Response | None:
        """The answer to give again, if any.

        Raises `Problem` (400) for a key that is too long or belongs to another request.
        """
        key = key_of(request)
        if len(key) > _LONGEST:
            raise self._refused(f"Idempotency Key: longer than {_LONGEST} characters.")
        kept = self._kept.get((app, key)) if key else None
        if kept is None or now - kept.first >= timedelta(
            minutes=self._switches.idempotency_minutes
        ):
            return None
        if kept.request != _what(request):
            raise self._refused(f"Idempotency Key: {key} is used with a different request.")
        return Response(kept.body, kept.status, content_type=kept.content_type)

    def keep(self, app: str, request: Request, response: Response, now: datetime) -> None:
        """Remember the answer, if the request carries a key."""
        key = key_of(request)
        if key:
            self._kept[app, key] = _Kept(
                _what(request),
                now,
                response.status_code,
                response.content_type or "",
                response.get_data(),
            )

    def _refused(self, message: str) -> Problem:
        if self._switches.idempotency_error == "exception":
            body = {"ErrorNumber": 10, "Type": "ValidationException", "Message": message}
            return Problem(400, body)
        return Problem(400, gate_body(400, "BadRequest", message))


def key_of(request: Request) -> str:
    """The key that a request carries; blank where keys are ignored."""
    return request.headers.get("Idempotency-Key", "") if request.method in _METHODS else ""


def _what(request: Request) -> tuple[str, str, bytes]:
    return request.method, request.full_path, request.get_data()
