"""The ways in which Keap says no: its gateway, the web server behind it, and the application."""

import json

from werkzeug.wrappers import Response

from invoicesync_sandbox.keap.switches import KeapSwitches
from invoicesync_sandbox.wire import json_response

STATUS_WORDS = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
HTML = (
    "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
)


class BadQuery(Exception):
    """A query that Keap refuses with 400; the message says why."""


class Missing(Exception):
    """What was asked for by id is not there."""


class Unauthorised(Exception):
    """The gateway refuses a credential."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.response = _fault(401, text, code)


def error_response(status: int, message: str, resource: str) -> Response:
    """A refusal of the application itself, in the shape of REST v2."""
    return json_response(
        {
            "code": status,
            "message": message,
            "status": STATUS_WORDS[status],
            "details": [{"domain": "crm", "resource": resource}],
        },
        status,
    )


def html_response(status: int, title: str) -> Response:
    """A refusal of the web server in front of the application: a page, not JSON."""
    return Response(HTML.format(title=title), status, content_type="text/html;charset=utf-8")


def throttled(wait: int, switches: KeapSwitches) -> Response:
    """The two bodies that have been seen; `wait` is in seconds."""
    if switches.quota_body == "fault":
        text = "Rate limit quota violation. Quota limit exceeded."
        response = _fault(429, text, "policies.ratelimit.QuotaViolation")
    else:
        body = {"code": "429", "message": "Quota Exceeded", "status": "Request Throttled"}
        response = Response(
            json.dumps({**body, "details": None}), 429, content_type="application/json"
        )
    if switches.retry_after:
        response.headers["Retry-After"] = str(wait)
    return response


def _fault(status: int, text: str, code: str) -> Response:
    return json_response({"fault": {"faultstring": text, "detail": {"errorcode": code}}}, status)
