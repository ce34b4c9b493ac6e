"""The gate of the simulated Xero: who may come in, how often, and which call it is."""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import Fault, NotSimulated, Vendor
from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.limits import Full
from invoicesync_sandbox.oauth import Token
from invoicesync_sandbox.wire import json_response, text_response, wants_json
from invoicesync_sandbox.xero import resources
from invoicesync_sandbox.xero.entities import INVOICES, READ_ONLY, SETTINGS, WRITTEN, Entity, Scopes
from invoicesync_sandbox.xero.errors import (
    NotFound,
    Problem,
    Refused,
)
from invoicesync_sandbox.xero.limits import XeroLimits
from invoicesync_sandbox.xero.replays import XeroReplays
from invoicesync_sandbox.xero.resources import ApiCall
from invoicesync_sandbox.xero.screens import Screens
from invoicesync_sandbox.xero.sign_in import DEFAULT_SCOPES, XeroSignIn
from invoicesync_sandbox.xero.switches import XeroSwitches
from invoicesync_sandbox.xero.wire import answer, envelope

API = "/api.xro/2.0"
# 52 comma-separated ids pass and 53 do not: that is 2,048 characters of query, commas encoded.
_LONGEST_QUERY = 2048
# What Xero has at this level and the sandbox has not.
_ELSEWHERE = re.compile(
    "/(BankTransactions|BankTransfers|BatchPayments|BrandingThemes|Budgets"
    "|ContactGroups|Employees|Journals|LinkedTransactions|ManualJournals|Overpayments"
    "|PaymentServices|Prepayments|PurchaseOrders|Quotes|RepeatingInvoices|Reports|Setup"
    "|Users|[A-Za-z]+/[^/]+/(Attachments|Email|History|OnlineInvoice|pdf))"
    "(/.*)?"
)

Endpoint = tuple[Callable[..., dict[str, Any]], Scopes]
"""What answers, and the scopes of which one is needed (the reading form will do for a GET)."""


def _rules() -> Iterator[Rule]:
    def rule(method: str, path: str, work: Callable[..., Any], scopes: Scopes) -> Rule:
        return Rule(path, methods=[method], endpoint=(work, scopes))

    def of(work: Callable[..., Any], entity: Entity) -> Callable[..., Any]:
        return lambda call, **path: work(call, entity, **path)

    yield rule("GET", "/Organisation", resources.organisation, SETTINGS)
    yield rule("GET", "/Currencies", resources.currencies, SETTINGS)
    yield rule("GET", "/TrackingCategories", resources.tracking_categories, SETTINGS)
    for entity in (*READ_ONLY, *WRITTEN):
        path = f"/{entity.collection}"
        yield rule("GET", path, of(resources.get_all, entity), entity.scopes)
    for entity in WRITTEN:
        path, one = f"/{entity.collection}", f"/{entity.collection}/<key>"
        yield rule("PUT", path, of(resources.put, entity), entity.scopes)
        yield rule("POST", path, of(resources.post, entity), entity.scopes)
        yield rule("GET", one, of(resources.get_one, entity), entity.scopes)
        yield rule("POST", one, of(resources.post_one, entity), entity.scopes)
    path = "/CreditNotes/<key>/Allocations"
    yield rule("PUT", path, resources.put_allocations, INVOICES)
    yield rule("DELETE", f"{path}/<allocation>", resources.delete_allocation, INVOICES)


# Made once: it takes more time than all the rest of a sandbox.
_ROUTES = Map(list(_rules()), strict_slashes=False)


class XeroSandbox(Vendor, Screens):
    """The simulated Xero of one organisation: identity service and Accounting API.

    `organisation` overrides details by the vendor's names. Calls come from apps, known by the
    tokens that they carry; what a person does in Xero's screens are methods.
    """

    name = "xero"

    def __init__(
        self,
        clock: Clock | None = None,
        switches: XeroSwitches | None = None,
        organisation: dict[str, Any] | None = None,
        day_limit: int = 1000,
    ) -> None:
        Vendor.__init__(self, clock)
        Screens.__init__(self, self.clock, switches or XeroSwitches(), organisation)
        name = str(self.organisation["Name"])
        self.sign_in: XeroSignIn = XeroSignIn(self.clock, self.tenant_id, name, self.switches)
        self.others: dict[str, Screens] = {}
        """Further organisations of the user, by tenant id."""
        self.limits: XeroLimits = XeroLimits(
            self.tenant_id, day_limit, self.switches.app_minute_problem
        )
        self.replays = XeroReplays(self.switches)

    def add_organisation(self, name: str) -> str:
        """A further organisation that the user can connect apps to: its tenant id."""
        other = Screens(self.clock, self.switches, {"Name": name})
        self.others[other.tenant_id] = other
        self.sign_in.organisations[other.tenant_id] = name
        return other.tenant_id

    def issue_token(
        self,
        scopes: tuple[str, ...] = DEFAULT_SCOPES,
        expires_in: float | None = None,
        *,
        client_id: str = "test-app",
        bound: bool = False,
    ) -> str:
        """An access token of `expires_in` seconds; a `bound` one needs no tenant header."""
        tenant_id = self.tenant_id if bound else ""
        return self.sign_in.issue(client_id, scopes, tenant_id, expires_in=expires_in)

    def handle(self, request: Request) -> Response:
        """One call, let through by the limits."""
        try:
            if request.path.lower().startswith("/connections"):
                return self._connections(request)
            if request.path.startswith(API):
                return self._api(request)
            raise NotFound
        except Problem as problem:
            as_json = wants_json(request) or isinstance(problem, Refused)
            return answer(problem.body, problem.status, problem.headers, as_json=as_json)

    def counted(self, request: Request) -> tuple[XeroLimits, str] | None:
        """Calls of the API with a good token, of others if the switch says so."""
        token = self.sign_in.live(request)
        if token and (request.path.startswith(API) or self.switches.identity_counts):
            return self.limits, token.client_id
        return None

    def throttled(self, _request: Request, full: list[Full]) -> Response:
        """429, with the limit's name. Retry-After is promised for stretches of time only."""
        headers = {"X-Rate-Limit-Problem": full[0].name}
        if full[0].wait is not None:
            headers["Retry-After"] = str(full[0].wait)
        return text_response(self.switches.rate_limit_body, 429, headers)

    def _answer(self, request: Request) -> Response:
        response = super()._answer(request)
        response.headers["Xero-Correlation-Id"] = str(uuid.uuid4())
        return response

    def _fault(self, request: Request) -> Fault | None:
        """An internal error is kept under the request's key and repeated, as at the vendor's."""
        fault = super()._fault(request)
        token = self.sign_in.live(request)
        if fault and fault.kind == "reply" and fault.status == 500 and token:
            self.replays.keep(token.client_id, request, fault.answer(), self.clock.now())
        return fault

    def _signed_in(self, request: Request) -> Token:
        """The token of a call. Raises `Refused`."""
        token = self.sign_in.bearer(request)[1]
        if token is None:
            raise Refused(401, "Unauthorized", "AuthenticationUnsuccessful")
        if token.expires <= self.clock.now():
            expired = token.expires.astimezone(UTC).strftime("%m/%d/%Y %H:%M:%S")
            detail = f"TokenExpired: token expired at {expired}"
            raise Refused(401, "Unauthorized", detail)
        return token

    def _connections(self, request: Request) -> Response:
        token = self._signed_in(request)
        own = {row.id: row for row in self.sign_in.connections_of(token.client_id)}
        connection_id = request.path.lower().removeprefix("/connections").strip("/")
        if request.method == "GET" and not connection_id:
            event = request.args.get("authEventId", "").lower()
            found = [row for row in own.values() if event in {"", row.auth_event_id}]
            return json_response([row.view() for row in found])
        if request.method == "DELETE" and connection_id in own:
            del self.sign_in.connections[connection_id]
            return Response("", 204)
        raise NotFound

    def _api(self, request: Request) -> Response:
        if len(request.query_string) > _LONGEST_QUERY:
            raise NotFound
        token = self._signed_in(request)
        tenant = self._tenant(request, token)
        if request.content_length and request.content_length > self.switches.body_limit:
            raise Problem(413, "The request body is too large.")
        (work, scopes), arguments = self._route(request)
        self._check_scope(request, token, scopes)
        before = self.replays.at_work(request, self.at_work)
        if before:
            if not self.clock.runs:
                self.clock.set(before.done)
            self.finish_work()
        now = self.clock.now()
        replayed = self.replays.find(token.client_id, request, now)
        if replayed is not None:
            return replayed
        call = ApiCall(self.others.get(tenant, self), request, token.client_id)
        as_json = wants_json(request)
        try:
            body = envelope(self.now(), work(call, **arguments))
            response = answer(body, 200, {}, as_json=as_json)
        except Problem as problem:
            response = answer(problem.body, problem.status, problem.headers, as_json=as_json)
        self.replays.keep(token.client_id, request, response, now)
        return response

    def _tenant(self, request: Request, token: Token) -> str:
        """The organisation that a call is for. Raises `Refused`."""
        connected = {row.tenant_id for row in self.sign_in.connections_of(token.client_id)}
        named = request.headers.get("Xero-Tenant-Id", "").lower() or token.account
        if named not in connected or token.account not in {"", named}:
            raise Refused(403, "Forbidden", "AuthenticationUnsuccessful")
        return named

    def _check_scope(self, request: Request, token: Token, scopes: tuple[str, str]) -> None:
        enough = set(scopes)
        if request.method == "GET":
            enough |= {f"{scope}.read" for scope in scopes}
        if enough.intersection(token.scopes):
            return
        misspelt = self.switches.scope_error_misspelt
        name = "insufficent_scope" if misspelt else "insufficient_scope"
        challenge = {"WWW-Authenticate": f'Bearer error="{name}"'}
        raise Refused(401, "Unauthorized", "AuthorizationUnsuccessful", challenge)

    def _route(self, request: Request) -> tuple[Endpoint, dict[str, str]]:
        adapter = _ROUTES.bind("api.xero.com")
        path = request.path.removeprefix(API)
        try:
            endpoint, arguments = adapter.match(path, method=request.method)
        except MethodNotAllowed:
            raise NotSimulated(f"{request.method} {path}") from None
        except HTTPException:
            if _ELSEWHERE.fullmatch(path):
                raise NotSimulated(f"{request.method} {path}") from None
            raise NotFound from None
        return endpoint, dict(arguments)
