"""Keap's REST v2: the WSGI application behind `/crm/rest/v2`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import entities, writing
from invoicesync_sandbox.keap.errors import (
    BadQuery,
    Missing,
    Unauthorised,
    error_response,
    html_response,
    throttled,
)
from invoicesync_sandbox.keap.limits import Caller, KeapLimits
from invoicesync_sandbox.keap.order_views import ORDER
from invoicesync_sandbox.keap.reading import Pages, Resource
from invoicesync_sandbox.keap.screens import Screens
from invoicesync_sandbox.keap.settings import (
    MODULES,
    Profile,
    configuration_json,
    profile_json,
    user_json,
)
from invoicesync_sandbox.keap.sign_in import KeapSignIn
from invoicesync_sandbox.keap.switches import KeapSwitches
from invoicesync_sandbox.keap.views import CONTACT_FIELDS, contact_view
from invoicesync_sandbox.keap.wire import Json, without_empty
from invoicesync_sandbox.limits import Full
from invoicesync_sandbox.wire import json_response

PREFIX = "/crm/rest/v2"
ROUTES = Map(
    [
        Rule(PREFIX + path, endpoint=endpoint, methods=["GET"])
        for path, endpoint in (
            ("/orders", entities.ORDERS),
            ("/orders/<order_id>", "one_order"),
            ("/orders/<order_id>/payments", "list_allocations"),
            ("/sales/payments", entities.PAYMENTS),
            ("/sales/transactions", entities.TRANSACTIONS),
            ("/contacts", "list_contacts"),
            ("/contacts/<contact_id>", "one_contact"),
            ("/products", entities.PRODUCTS),
            ("/settings/applications:getConfiguration", "configuration"),
            ("/settings/applications:isEnabled", "enabled"),
            ("/businessProfile", "profile_page"),
            ("/merchants", "list_merchants"),
            ("/oauth/connect/userinfo", "user"),
        )
    ]
    + [
        Rule(f"{PREFIX}/orders", endpoint="create_order", methods=["POST"]),
        Rule(f"{PREFIX}/contacts", endpoint="create_contact", methods=["POST"]),
    ],
    merge_slashes=False,
)


class KeapSandbox(Screens):
    """A Keap account: filled by its methods, read and added to through REST v2.

    `api_keys`, `limits`, `switches` and the `profile` of the business may be changed at any time.
    """

    name = "keap"

    def __init__(
        self,
        clock: Clock | None = None,
        switches: KeapSwitches | None = None,
        *,
        currency: str = "GBP",
        time_zone: str = "Europe/London",
        company: str = "Wick & Wax",
        tenant_id: str = "iq146",
        api_keys: Iterable[str] = ("KeapAK-sandbox",),
    ) -> None:
        super().__init__(clock, switches, currency=currency, time_zone=time_zone)
        self.profile = Profile(company, currency, time_zone, tenant_id)
        self.api_keys = set(api_keys)
        self.sign_in: KeapSignIn = KeapSignIn(self.clock, self.profile, lambda: self.switches)
        self.limits: KeapLimits = KeapLimits(self.clock, tenant_id, lambda: self.switches)
        self._pages = Pages(secret=tenant_id)

    def issue_token(self, expires_in: float | None = None) -> str:
        """An access token of `expires_in` seconds."""
        return self.sign_in.issue("test-app", ("full",), expires_in=expires_in)

    def counted(self, request: Request) -> tuple[KeapLimits, Caller] | None:
        """Calls with a good credential."""
        try:
            return self.limits, self._caller(request)
        except Unauthorised:
            return None

    def throttled(self, _request: Request, full: list[Full]) -> Response:
        """429, with how long to wait if this Keap says so."""
        return throttled(max(found.wait or 0 for found in full), self.switches)

    def handle(self, request: Request) -> Response:
        """Answer as Keap does: the gateway first, then the web server, then the application."""
        try:
            self._caller(request)
            if request.method == "GET" and request.get_data():
                return html_response(400, "Bad Request")
            endpoint, values = ROUTES.bind_to_environ(request.environ).match()
            return self._called(endpoint, request, values)
        except Unauthorised as refusal:
            return refusal.response
        except MethodNotAllowed:
            return error_response(405, "Method not allowed", request.path)
        except NotFound:
            return html_response(404, "Not Found")
        except BadQuery as error:
            return error_response(400, str(error), request.path)
        except Missing as error:
            return error_response(404, str(error), request.path)

    def _called(
        self, endpoint: str | Resource, request: Request, values: Mapping[str, Any]
    ) -> Response:
        """The answer of a list, or of the method of that name."""
        if isinstance(endpoint, Resource):
            return self._list(endpoint, request)
        answer: Response = getattr(self, f"_{endpoint}")(request, **values)
        return answer

    def _caller(self, request: Request) -> Caller:
        """The caller behind the credential. Raises `Unauthorised`."""
        key = request.headers.get("X-Keap-API-Key", "")
        if key:
            return self._by_key(key)
        value, token = self.sign_in.bearer(request)
        if not value:
            raise Unauthorised("Invalid access token", "oauth.v2.InvalidAccessToken")
        if token is None:
            return self._by_key(value)
        if token.expires <= self.clock.now():
            code = "keymanagement.service.access_token_expired"
            raise Unauthorised("Access Token expired", code)
        return Caller(value, by_key=False)

    def _by_key(self, key: str) -> Caller:
        if key not in self.api_keys:
            code = "keymanagement.service.invalid_access_token"
            raise Unauthorised("Invalid Access Token", code)
        return Caller(key, by_key=True)

    def _shown(self, value: Json, status: int = 200) -> Response:
        absent = self.switches.empty_fields == "absent"
        return json_response(without_empty(value) if absent else value, status)

    def _list(
        self, resource: Resource, request: Request, show: Callable[[Any], Json] | None = None
    ) -> Response:
        return self._shown(self._page(resource, request, show))

    def _page(
        self, resource: Resource, request: Request, show: Callable[[Any], Json] | None = None
    ) -> Json:
        page = self._pages.page(resource, request, self, show)
        token = page.get("next_page_token")
        if token and self.switches.token_style == "url":  # noqa: S105 - of pages
            asked = {**request.args.to_dict(), "page_token": token}
            page["next_page_token"] = f"{request.base_url}/?{urlencode(asked)}"
        return page

    def _one_order(self, _: Request, order_id: str) -> Response:
        return self._shown(ORDER.view(self, _found(self.orders, order_id, "Order")))

    def _list_allocations(self, request: Request, order_id: str) -> Response:
        _found(self.orders, order_id, "Order")
        return self._list(entities.allocations(order_id), request)

    def _list_contacts(self, request: Request) -> Response:
        fields = self._fields(request)
        return self._list(entities.CONTACTS, request, lambda row: contact_view(self, row, fields))

    def _one_contact(self, request: Request, contact_id: str) -> Response:
        contact = _found(self.contacts, contact_id, "Contact")
        return self._shown(contact_view(self, contact, self._fields(request)))

    def _create_order(self, request: Request) -> Response:
        order = writing.create_order(self, request)
        return self._shown(ORDER.view(self, order, "full"), 201)

    def _create_contact(self, request: Request) -> Response:
        contact = self.contacts[writing.create_contact(self, request)]
        return self._shown(contact_view(self, contact, self._fields(request)), 201)

    def _list_merchants(self, request: Request) -> Response:
        response = self._page(entities.MERCHANTS, request)
        return self._shown({"default_merchant_account_id": self.merchants[0].id, **response})

    def _configuration(self, request: Request) -> Response:
        modules = _comma_list(request, "fields")
        unknown = [module for module in modules if module not in MODULES]
        if unknown:
            msg = f"Invalid fields: {', '.join(unknown)}"
            raise BadQuery(msg)
        return self._shown(configuration_json(self.profile, modules, self.merchants[0].id))

    def _enabled(self, _: Request) -> Response:
        return json_response({"isEnabled": True})

    def _profile_page(self, _: Request) -> Response:
        return self._shown(profile_json(self.profile))

    def _user(self, _: Request) -> Response:
        return self._shown(user_json(self.profile, tenant=self.switches.userinfo_tenant))

    def _fields(self, request: Request) -> list[str]:
        asked = _comma_list(request, "fields")
        known = [name for name in asked if name in CONTACT_FIELDS]
        if len(known) < len(asked) and self.switches.unknown_contact_fields == "refused":
            msg = f"Invalid fields: {', '.join(sorted(set(asked) - set(known)))}"
            raise BadQuery(msg)
        return known or list(self.switches.contact_fields)


def _comma_list(request: Request, name: str) -> list[str]:
    """A list parameter, written once with commas or repeated."""
    return [part for value in request.args.getlist(name) for part in value.split(",") if part]


def _found(rows: dict[str, Any], wanted: str, kind: str) -> Any:
    if wanted not in rows:
        msg = f"{kind} with id {wanted} not found"
        raise Missing(msg)
    return rows[wanted]
