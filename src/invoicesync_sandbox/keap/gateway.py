"""Keap's gateway: who is calling, whether he may call now, and the bodies of refusals."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import Clock, json_response
from invoicesync_sandbox.keap.limits import API_KEY, OAUTH, TENANT, Meter, Quota, headers
from invoicesync_sandbox.keap.switches import KeapSwitches
from invoicesync_sandbox.oauth import SignIn

STATUS_WORDS = {400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
HTML = (
    "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
)


@dataclass(frozen=True)
class Caller:
    """Whoever a credential stands for, and the product (API keys or OAuth) it belongs to."""

    credential: str
    by_key: bool


class Refused(Exception):
    """The gateway answers by itself with `response`."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class Gateway:
    """Credentials and limits of one account.

    The quotas may be replaced; with `enforce_limits` off calls are only counted. The limit per
    second is enforced only while the clock runs: no call takes time when it stands still.
    """

    def __init__(
        self, clock: Clock, tenant_id: str, api_keys: Iterable[str], sign_in: SignIn
    ) -> None:
        self.clock = clock
        self.sign_in = sign_in
        self.tenant_id = tenant_id
        self.api_keys = set(api_keys)
        self.enforce_limits = True
        self.key_quota = API_KEY
        self.oauth_quota = OAUTH
        self.tenant_quota = TENANT
        self._callers: dict[Caller, Meter] = {}
        self._products = {True: Meter(), False: Meter()}
        self._tenant = Meter()

    def admit(self, request: Request, switches: KeapSwitches) -> Caller:
        """The caller behind the credential, or `Refused` with 401."""
        key = request.headers.get("X-Keap-API-Key", "")
        if key and switches.key_header_accepts_keys:
            return self._by_key(key)
        value, token = self.sign_in.bearer(request)
        if not value:
            raise _unauthorised("Invalid access token", "oauth.v2.InvalidAccessToken")
        if token is None:
            return self._by_key(value if switches.bearer_accepts_keys else "")
        if token.expires <= self.clock.now():
            raise _unauthorised(
                "Access Token expired", "keymanagement.service.access_token_expired"
            )
        return Caller(value, by_key=False)

    def meter(self, caller: Caller, switches: KeapSwitches) -> None:
        """Count the call, or `Refused` with 429 when there are no calls left."""
        now = self.clock.now()
        quota, own = self._quota(caller), self._callers.setdefault(caller, Meter())
        shared = self._products[caller.by_key]
        if self.enforce_limits:
            spike = quota.per_second if self.clock.runs else None
            whole = self.tenant_quota
            waits = (
                own.wait(now, second=spike, minute=quota.per_minute, day=quota.per_day),
                shared.wait(now, day=quota.per_day),
                self._tenant.wait(now, minute=whole.per_minute, day=whole.per_day),
            )
            if any(waits):
                raise Refused(_throttled(max(waits), switches))
        for meter in (own, shared, self._tenant):
            meter.count(now)

    def limit_headers(self, caller: Caller, switches: KeapSwitches) -> dict[str, str]:
        """The headers on every answer to a known caller."""
        now = self.clock.now()
        own, shared = self._callers[caller], self._products[caller.by_key]
        return headers(
            now,
            product=(self._quota(caller), own.in_minute(now), shared.in_day(now)),
            tenant=(self.tenant_quota, self._tenant.in_minute(now), self._tenant.in_day(now)),
            tenant_id=self.tenant_id,
            blank=switches.blank_quota_headers,
        )

    def _quota(self, caller: Caller) -> Quota:
        return self.key_quota if caller.by_key else self.oauth_quota

    def _by_key(self, key: str) -> Caller:
        if key not in self.api_keys:
            raise _unauthorised(
                "Invalid Access Token", "keymanagement.service.invalid_access_token"
            )
        return Caller(key, by_key=True)


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


def _fault(status: int, text: str, code: str) -> Response:
    return json_response({"fault": {"faultstring": text, "detail": {"errorcode": code}}}, status)


def _unauthorised(text: str, code: str) -> Refused:
    return Refused(_fault(401, text, code))


def _throttled(wait: int, switches: KeapSwitches) -> Response:
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
