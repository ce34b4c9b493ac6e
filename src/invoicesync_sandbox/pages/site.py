"""The pages as a web server on loopback: which page is asked for, and by whom."""

import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from invoicesync_sandbox.base import Vendor
from invoicesync_sandbox.pages.layout import Page, Typed, Wrong, render

OWN_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


Act = Callable[[str, Typed], str]
"""Does something with the row of that id and gives the sentence about it. Raises `ValueError` in
the vendor's words, or `LookupError` for what is not there."""


class Section(Protocol):
    """The pages of one service."""

    @property
    def key(self) -> str:
        """The first part of its addresses."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def vendor(self) -> Vendor:
        """The service."""

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Its lists: the second part of their addresses, and their names. The first is shown
        first."""

    @property
    def acts(self) -> Mapping[str, Act]:
        """What can be done there."""

    def page(self, part: str, row_id: str) -> Page:
        """The list `part`, or one row of it. Raises `LookupError` if there is none."""


class Site:
    """A WSGI application. What other web pages send here is refused: it has to be typed here."""

    def __init__(self, sections: Iterable[Section]) -> None:
        self._sections = {section.key: section for section in sections}
        self._token = secrets.token_urlsafe(16)
        self._said: dict[str, str] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            response = self._answer(Request(environ))
        except HTTPException as error:
            found = error.get_response(environ)
            response = Response(found.get_data(), found.status_code, content_type="text/html")
        response.headers.update(HEADERS)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.host.rpartition(":")[0] not in OWN_NAMES and request.host not in OWN_NAMES:
            return _refusal("These pages answer to 127.0.0.1 and localhost only.")
        key, _, below = request.path.strip("/").partition("/")
        if not key:
            return redirect(f"/{next(iter(self._sections))}/", 303)
        section = self._sections.get(key)
        if section is None:
            raise NotFound
        part, _, row_id = below.partition("/")
        part = part or section.parts[0][0]
        if request.method in {"GET", "HEAD"}:
            return self._show(section, part, row_id, said=self._said.pop(request.path, ""))
        if request.method != "POST" or not self._typed_here(request):
            return _refusal("Not sent from one of these pages. Open the page anew and try again.")
        return self._do(request, section, part, row_id)

    def _typed_here(self, request: Request) -> bool:
        own = {None, f"http://{request.host}"}
        return (
            request.headers.get("Origin") in own
            and request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}
            and hmac.compare_digest(request.form.get("token", "").encode(), self._token.encode())
        )

    def _do(self, request: Request, section: Section, part: str, row_id: str) -> Response:
        act = section.acts.get(request.form.get("act", ""))
        if act is None:
            raise NotFound
        try:
            with section.vendor.lock:
                said = act(row_id, Typed(request.form))
        except ValueError as error:
            whose = "" if isinstance(error, Wrong) else f"{section.name} says: "
            return self._show(section, part, row_id, refused=f"{whose}{error}", status=422)
        except LookupError:
            raise NotFound from None
        to = request.path
        try:
            with section.vendor.lock:
                section.page(part, row_id)
        except LookupError:
            to = f"/{section.key}/{part}"
        self._said[to] = said
        return redirect(to, 303)

    def _show(
        self,
        section: Section,
        part: str,
        row_id: str,
        *,
        said: str = "",
        refused: str = "",
        status: int = 200,
    ) -> Response:
        try:
            with section.vendor.lock:
                page = section.page(part, row_id)
        except LookupError:
            raise NotFound from None
        html = render(
            page,
            section=section,
            sections=self._sections.values(),
            part=part,
            token=self._token,
            said=said,
            refused=refused,
        )
        return Response(html, status, content_type="text/html; charset=utf-8")


def _refusal(why: str) -> Response:
    return Response(why, 403, content_type="text/plain; charset=utf-8")
