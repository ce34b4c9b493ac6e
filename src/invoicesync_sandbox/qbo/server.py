"""The gate of the simulated QuickBooks: who may come in, how often, and which call it is."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import NotSimulated, Vendor
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.limits import Full
from invoicesync_sandbox.qbo import company, wire
from invoicesync_sandbox.qbo.company import Company
from invoicesync_sandbox.qbo.errors import MESSAGES, Refused, gateway, unsupported
from invoicesync_sandbox.qbo.fields import KINDS
from invoicesync_sandbox.qbo.limits import Caller, QboLimits
from invoicesync_sandbox.qbo.planned import Match, Refusal
from invoicesync_sandbox.qbo.screens import Screens
from invoicesync_sandbox.qbo.sign_in import ACCOUNTING, QboSignIn
from invoicesync_sandbox.qbo.switches import QboSwitches
from invoicesync_sandbox.qbo.traffic import Overlap
from invoicesync_sandbox.qbo.worlds import WORLDS, WorldName
from invoicesync_sandbox.qbo.writing import Write
from invoicesync_sandbox.wire import from_json, json_response, wants_json

REALM = "9341450000000001"
TIME_OUT = 120
"""Seconds after which the gateway gives up waiting; the work goes on behind it."""
_COMPANY = "/v3/company/<realm>"
_SHORTEST_TOKEN = 30
_MALFORMED = "Malformed bearer token: too short or too long"
_TEST_CLIENT = "test-app"

_ROUTES = Map(
    [
        Rule(f"{_COMPANY}/companyinfo/<row_id>", endpoint="info", methods=["GET"]),
        Rule(f"{_COMPANY}/preferences", endpoint="preferences", methods=["GET"]),
        Rule(f"{_COMPANY}/query", endpoint="query", methods=["GET", "POST"]),
        Rule(f"{_COMPANY}/batch", endpoint="batch", methods=["POST"]),
        Rule(f"{_COMPANY}/cdc", endpoint="cdc", methods=["GET"]),
        Rule(f"{_COMPANY}/<entity>", endpoint="write", methods=["POST"]),
        Rule(f"{_COMPANY}/<entity>/<row_id>", endpoint="read", methods=["GET"]),
        Rule(f"{_COMPANY}/<path:rest>", endpoint="other"),
    ]
)


class QboSandbox(Vendor, Screens):
    """The simulated QuickBooks of one user: sign-in, and the Accounting API of each company.

    `companies` are names by realm id, all of the kind `world`. The attributes and what a person
    does in the screens are the first company's; `other` gives the screens of the rest.
    """

    name = "qbo"

    def __init__(
        self,
        clock: Clock | None = None,
        switches: QboSwitches | None = None,
        companies: dict[str, str] | None = None,
        world: WorldName = "uk",
    ) -> None:
        Vendor.__init__(self, clock)
        self.companies = dict(companies or {REALM: WORLDS[world].name})
        realm = next(iter(self.companies))
        known = switches or QboSwitches()
        Screens.__init__(self, self.clock, known, world, realm, self.companies[realm])
        self.sign_in: QboSignIn = QboSignIn(self.clock, self.companies, known)
        self._others: dict[str, Screens] = {}
        """The other companies of `companies`, from when they are first asked for."""
        self.company = Company(self)
        self._world: WorldName = world
        self._reached = {realm: self.company}
        self.batch_item_seconds = 0.0
        """What each item of a batch takes, in seconds of a clock that does not run by itself."""

    @property
    def enforce_limits(self) -> bool:
        """Whether calls over a limit are refused; they are counted in any case."""
        return self.company.limits.enforced

    @enforce_limits.setter
    def enforce_limits(self, enforced: bool) -> None:
        for realm in self.companies:
            self._reach(realm).limits.enforced = enforced

    def other(self, realm: str) -> Screens:
        """The screens of another of the `companies`."""
        self._reach(realm)
        return self._others[realm]

    def _reach(self, realm: str) -> Company:
        """One of the `companies`, which may have been added since."""
        if realm not in self._reached:
            with self.lock:
                name = self.companies[realm]
                books = Screens(self.clock, self.switches, self._world, realm, name)
                self._others.setdefault(realm, books)
                self._reached.setdefault(realm, Company(self._others[realm]))
        return self._reached[realm]

    def issue_token(self, expires_in: float | None = None, *, realm: str = "") -> str:
        """An access token of `expires_in` seconds, of the first company unless another is named."""
        realm = realm or self.realm
        return self.sign_in.issue(_TEST_CLIENT, (ACCOUNTING,), realm, expires_in=expires_in)

    def refuse(
        self,
        entity: str = "",
        match: Match = "",
        code: str = "6000",
        message: str = "",
        detail: str = "",
        times: int = 1,
        *,
        after_commit: bool = False,
    ) -> Refusal:
        """Plan a refusal of writes of `entity` (any if blank), in batches too; see `Refusal`."""
        refused = Refused(code, detail or MESSAGES.get(code, ""), message=message)
        planned = Refusal(entity, match, refused, after_commit, times=times)
        self.company.refusals.append(planned)
        return planned

    def handle(self, request: Request) -> Response:
        """Answer one request that the limits have let through."""
        endpoint, values = _ROUTES.bind_to_environ(request.environ).match()
        return self._api(request, endpoint, values)

    def _answer(self, request: Request) -> Response:
        response = super()._answer(request)
        response.headers["intuit_tid"] = f"1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]}"
        response.headers["QBO-Version"] = "1900.100"
        return response

    def counted(self, request: Request) -> tuple[QboLimits, Caller] | None:
        """Calls for a company with a good token for it."""
        parts = request.path.split("/")
        token = self.sign_in.live(request)
        if token is None or parts[1:4] != ["v3", "company", token.account]:
            return None
        if token.account not in self.companies:
            return None
        caller = Caller(token.client_id, batch=request.path.endswith("/batch"))
        return self._reach(token.account).limits, caller

    def throttled(self, request: Request, full: list[Full]) -> Response:
        """The switches' status and body."""
        wait = max(found.wait or 1 for found in full)
        return wire.throttled(self.clock.now(), self.switches, wait, as_json=wants_json(request))

    def progress(self, request: Request) -> Response:
        """The answer to a call in progress, which may not overlap with some others."""
        traffic = self._reach(request.path.split("/")[3]).traffic
        request_id = request.args.get("requestid", "") if request.method == "POST" else ""
        with traffic.passing(self._serials(request), request_id) as overlap:
            request.environ["qbo.overlap"] = self._with_work(overlap, request_id)
            response = super().progress(request)
        if self._took_too_long(request):
            return Response(wire.TIMED_OUT, 504, content_type="text/html; charset=utf-8")
        return response

    def _with_work(self, overlap: Overlap, request_id: str) -> Overlap:
        """The overlap with what nobody waits for any more, too."""
        if not request_id or self.switches.working_id == "ignored":
            return overlap
        repeated = any(one.request.args.get("requestid") == request_id for one in self.at_work)
        return replace(overlap, repeated=overlap.repeated or repeated)

    def _serials(self, request: Request) -> frozenset[str]:
        """The lists that a request writes to and that take one write at a time."""
        if not self.switches.one_name_at_a_time or request.method != "POST":
            return frozenset()
        word = request.path.rsplit("/", 1)[-1]
        if word != "batch":
            found = [word]
        else:
            body = _json(request)
            items = body.get("BatchItemRequest", []) if isinstance(body, Mapping) else []
            found = [name.lower() for item in items for name in item]
        return frozenset(KINDS[name].serial for name in found if name in KINDS) - {""}

    def _took_too_long(self, request: Request) -> bool:
        """Let the time pass that a batch takes, and say whether the gateway has given up."""
        if not self.batch_item_seconds or not request.path.endswith("/batch"):
            return False
        body = _json(request)
        items = body.get("BatchItemRequest", []) if isinstance(body, Mapping) else []
        seconds = len(items) * self.batch_item_seconds
        if not self.clock.runs:
            self.clock.advance(min(seconds, TIME_OUT))
        return seconds > TIME_OUT

    def _api(self, request: Request, endpoint: str, values: Mapping[str, Any]) -> Response:
        refusal = self._not_signed_in(request, values["realm"])
        if refusal is not None:
            return refusal
        reached = self._reach(values["realm"])
        as_json = wants_json(request)
        now = self.clock.now()
        try:
            content = self._content(request, reached, endpoint, values)
        except Refused as refused:
            fault = {"Fault": refused.fault(named=False)}
            return wire.answer(fault, refused.status, now, as_json=as_json)
        if self.switches.names_escaped:
            content = wire.escaped(content)
        return wire.answer(content, 200, now, as_json=as_json)

    def _content(
        self, request: Request, reached: Company, endpoint: str, values: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What is answered. Raises `Refused`, `NotSimulated`."""
        if endpoint == "info":
            return reached.info()
        if endpoint == "preferences":
            return reached.preferences()
        if endpoint == "query":
            return reached.query(_statement(request))
        if endpoint == "cdc":
            return reached.changed(
                request.args.get("entities", ""), request.args.get("changedSince", "")
            )
        if endpoint == "read":
            return reached.read(company.kind_of(values["entity"]), values["row_id"])
        if endpoint == "other":
            if values["rest"].endswith("/send"):
                raise NotSimulated("the sending of mails")
            raise unsupported(f"{request.method} {values['rest']}")
        return self._written(request, reached, endpoint, values)

    def _written(
        self, request: Request, reached: Company, endpoint: str, values: Mapping[str, Any]
    ) -> dict[str, Any]:
        overlap: Overlap = request.environ.get("qbo.overlap", Overlap())
        request_id = request.args.get("requestid", "")
        body = _body(request)
        if endpoint == "batch":
            return reached.batch(body, request_id, overlap)
        write = Write(
            company.kind_of(values["entity"]),
            request.args.get("operation", "create"),
            body,
            tuple(request.args.get("include", "").split(",")),
        )
        return reached.write(write, request_id, overlap)

    def _not_signed_in(self, request: Request, realm: str) -> Response | None:
        """The gateway's refusal of a call without a good token for the company."""
        value, known = self.sign_in.bearer(request)
        if known is None:
            detail = "Token revoked" if len(value) >= _SHORTEST_TOKEN else _MALFORMED
            return self._refused(401, "AuthenticationFailed", "3200", detail)
        if known.expires <= self.clock.now():
            return self._refused(401, "AuthenticationFailed", "3200", "Token expired")
        own = known.account == realm and realm in self.companies
        if not own or ACCOUNTING not in known.scopes:
            return self._refused(403, "ApplicationAuthorizationFailed", "3100", "")
        return None

    def _refused(self, status: int, name: str, code: str, detail: str) -> Response:
        time = wire.milliseconds(self.clock.now())
        asked = {"WWW-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'}
        headers = asked if status == 401 else {}
        return json_response(gateway(status, name, code, detail, time), status, headers)


def _json(request: Request) -> Any:
    """The body, None if it is no JSON."""
    try:
        return from_json(request.get_data())
    except (ValueError, RecursionError):
        return None


def _body(request: Request) -> Mapping[str, Any]:
    """The object of a request body. Raises `Refused`."""
    if request.mimetype != "application/json":
        raise unsupported(f"with content of the type {request.mimetype or 'nothing'}")
    body = _json(request)
    if not isinstance(body, Mapping):
        raise Refused("2010", "Property Name:the body specified is unsupported or invalid")
    return body


def _statement(request: Request) -> str:
    """The statement of a query. Raises `Refused`."""
    if request.method == "GET":
        return request.args.get("query", "")
    if request.mimetype != "application/text":
        raise unsupported(f"query with content of the type {request.mimetype or 'nothing'}")
    try:
        return request.get_data().decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("4000", "QueryParserError: the query is no UTF-8.") from None
