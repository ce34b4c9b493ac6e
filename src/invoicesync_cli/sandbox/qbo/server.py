"""QuickBooks as far as a sign-in goes: OAuth, and reading the company that was chosen."""

import uuid
from html import escape

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from invoicesync_cli.sandbox.base import Clock, Vendor, json_response
from invoicesync_cli.sandbox.qbo import sign_in
from invoicesync_cli.sandbox.qbo.sign_in import QboSignIn
from invoicesync_cli.sandbox.qbo.switches import QboSwitches

COMPANIES = {"9341450000000001": "Wick & Wax Ltd"}

_ROUTES = Map(
    [
        Rule(sign_in.AUTHORIZE, endpoint="authorize", methods=["GET", "POST"]),
        Rule(sign_in.TOKEN, endpoint="token", methods=["POST"]),
        Rule(sign_in.REVOKE, endpoint="revoke", methods=["POST"]),
        Rule("/v3/company/<realm>/companyinfo/<company>", endpoint="company", methods=["GET"]),
    ]
)


class QboSandbox(Vendor):
    """The simulated QuickBooks of one user, who may have several companies (name by realm id)."""

    name = "qbo"

    def __init__(
        self,
        clock: Clock | None = None,
        switches: QboSwitches | None = None,
        companies: dict[str, str] | None = None,
    ) -> None:
        super().__init__(clock)
        self.switches = switches or QboSwitches()
        self.companies = dict(companies or COMPANIES)
        self.sign_in = QboSignIn(self.clock, self.companies)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        endpoint, values = _ROUTES.bind_to_environ(request.environ).match()
        if endpoint == "authorize":
            return self.sign_in.authorize(request)
        if endpoint == "token":
            response = self.sign_in.token(request, self.switches)
        elif endpoint == "revoke":
            response = self.sign_in.revoke(request, self.switches)
        else:
            response = self._company(request, values["realm"], values["company"])
        response.headers["intuit_tid"] = f"1-{uuid.uuid4().hex[:8]}-{uuid.uuid4().hex[:24]}"
        return response

    def _company(self, request: Request, realm: str, company: str) -> Response:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        known = self.sign_in.access_tokens.get(value.strip())
        if scheme.lower() != "bearer" or known is None:
            return self._refused(401, "AuthenticationFailed", "3200", "Token revoked")
        if known.expires <= self.clock.now():
            return self._refused(401, "AuthenticationFailed", "3200", "Token expired")
        if known.realm != realm or realm != company:
            return self._refused(403, "ApplicationAuthorizationFailed", "3100", "")
        row = {
            "CompanyName": self.companies[realm],
            "LegalName": self.companies[realm],
            "Country": "GB",
            "FiscalYearStartMonth": "April",
            "SupportedLanguages": "en",
            "domain": "QBO",
            "sparse": False,
            "Id": "1",
            "SyncToken": "0",
        }
        now = self.clock.now().isoformat(timespec="milliseconds")
        if "json" in request.headers.get("Accept", ""):
            return json_response({"CompanyInfo": row, "time": now})
        fields = "".join(
            f"<{name}>{escape(str(text))}</{name}>"
            for name, text in row.items()
            if name not in {"domain", "sparse"}
        )
        return Response(
            f'<?xml version="1.0" encoding="UTF-8"?><IntuitResponse time="{now}" '
            'xmlns="http://schema.intuit.com/finance/v3"><CompanyInfo domain="QBO" '
            f'sparse="false">{fields}</CompanyInfo></IntuitResponse>',
            content_type="application/xml",
        )

    def _refused(self, status: int, name: str, code: str, detail: str) -> Response:
        """A refusal of the gateway: all keys in lower case."""
        message = f"message={name}; errorCode=00{code}; statusCode={status}"
        kind = "AUTHENTICATION" if status == 401 else "SERVICE"
        error = {"message": message, "detail": detail, "code": code, "element": None}
        body: dict[str, object] = {
            "warnings": None,
            "intuitObject": None,
            "fault": {"error": [error], "type": kind},
            "report": None,
            "queryResponse": None,
            "batchItemResponse": [],
            "attachableResponse": [],
            "syncErrorResponse": None,
            "requestId": None,
            "time": int(self.clock.now().timestamp() * 1000),
            "status": None,
            "cdcresponse": [],
        }
        return json_response(body, status)
