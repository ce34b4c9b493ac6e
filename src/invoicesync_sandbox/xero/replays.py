"""Which requests Xero takes for the same one: those under the same `Idempotency-Key`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import AtWork
from invoicesync_sandbox.replays import Replays
from invoicesync_sandbox.xero.errors import Problem, gate_body
from invoicesync_sandbox.xero.switches import XeroSwitches

_LONGEST = 128
_METHODS = frozenset({"POST", "PUT", "PATCH"})


class XeroReplays:
    """The answers given to keys. A key belongs to an app, and dies a fixed time after its first
    use; errors are kept like successes.
    """

    def __init__(self, switches: XeroSwitches) -> None:
        self._switches = switches
        life = timedelta(minutes=switches.idempotency_minutes)
        self._answers = Replays[tuple[bytes, int, str]](life, switches.idempotency_keys_kept)

    def at_work(self, request: Request, at_work: Sequence[AtWork]) -> AtWork | None:
        """What is being worked on under the key of a request, where Xero knows of it by now.

        Raises `Problem` (409) where it says no more than that.
        """
        switch, key = self._switches.working_key, key_of(request)
        if not key or switch == "ignored":
            return None
        same = next((one for one in at_work if key_of(one.request) == key), None)
        if same and switch == "refused":
            message = f"Idempotency Key: {key} is used by a request that is in progress."
            raise Problem(409, gate_body(409, "Conflict", message))
        return same

    def find(self, app: str, request: Request, now: datetime) -> Response | None:
        """The answer to give again, if any.

        Raises `Problem` (400) for a key that is too long or belongs to another request.
        """
        key = key_of(request)
        if len(key) > _LONGEST:
            raise self._refused(f"Idempotency Key: longer than {_LONGEST} characters.")
        kept = self._answers.find((app, key), now) if key else None
        if kept is None:
            return None
        if kept.request != _what(request):
            raise self._refused(f"Idempotency Key: {key} is used with a different request.")
        body, status, content_type = kept.answer
        return Response(body, status, content_type=content_type)

    def keep(self, app: str, request: Request, response: Response, now: datetime) -> None:
        """Remember the answer, if the request carries a key."""
        key = key_of(request)
        if key:
            answer = response.get_data(), response.status_code, response.content_type or ""
            self._answers.keep((app, key), _what(request), answer, now)

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
