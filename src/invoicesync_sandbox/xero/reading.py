"""Lists: filters, order, pages, and what has changed since."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from operator import ge, gt
from typing import Any

from werkzeug.wrappers import Request

from invoicesync_sandbox.fields import sorted_rows
from invoicesync_sandbox.xero.books import Books
from invoicesync_sandbox.xero.errors import Problem, QueryParseError
from invoicesync_sandbox.xero.query import Asked, parse_order, parse_where
from invoicesync_sandbox.xero.switches import XeroSwitches

_ROW_LIMIT = 100_000
_PAGE_SIZE = 100
_LARGEST_PAGE = 1000


class Query:
    """The parameters of a call, found in any case of their names."""

    def __init__(self, request: Request) -> None:
        self._values = {name.lower(): value for name, value in request.args.items()}

    def text(self, name: str) -> str:
        """The value, blank when it is absent."""
        return self._values.get(name.lower(), "")

    def flag(self, name: str, *, absent: bool = False) -> bool:
        """Whether it is `true`."""
        value = self.text(name).lower()
        return value == "true" if value in {"true", "false"} else absent

    def number(self, name: str) -> int | None:
        """The number, None when it is absent or no number."""
        value = self.text(name).removeprefix("-")
        return int(self.text(name)) if value.isascii() and value.isdigit() else None

    def listed(self, name: str) -> set[str]:
        """The members of a comma list in lower case, none when it is absent."""
        parts = (part.strip().strip('"').lower() for part in self.text(name).split(","))
        return {part for part in parts if part}

    @property
    def unit_places(self) -> int:
        """Decimal places of unit amounts: 2, or 4 with `unitdp=4`."""
        return 4 if self.text("unitdp") == "4" else 2


@dataclass(frozen=True)
class Listing:
    """What a list can be asked; `order` is the one when none is asked for."""

    asked: Asked
    order: str
    paged: bool = True
    dated: bool = True
    """Whether it can be asked for what has changed since, and searched."""
    searched: tuple[str, ...] = ()
    """The attributes that `searchTerm` looks into."""
    summaries: bool = False
    """Whether there is `summaryOnly`."""


@dataclass(frozen=True)
class Selection:
    """The rows of an answer; `pagination` is None for an unpaged list."""

    rows: list[Any]
    pagination: dict[str, int] | None


class NothingModified(Problem):
    """304 for a list that has not changed."""

    def __init__(self) -> None:
        super().__init__(304, "")


def select(
    listing: Listing,
    rows: Iterable[Any],
    request: Request,
    books: Books,
    *,
    force_page: bool = False,
) -> Selection:
    """The rows that are asked for. `force_page` for parameters that page by themselves.

    Raises `QueryParseError`, and `Problem` for a header that cannot be read.
    """
    query, switches = Query(request), books.switches
    found = list(rows)
    too_many = len(found) > _ROW_LIMIT
    since = modified_since(request, switches) if listing.dated else None
    if since:
        compare = ge if switches.modified_since_inclusive else gt
        found = [row for row in found if compare(row.updated, since)]
    term = query.text("searchTerm").casefold() if listing.dated else ""
    if term:
        found = [
            row
            for row in found
            if any(term in getattr(row, name).casefold() for name in listing.searched)
        ]
    optimised = True
    if query.text("where"):
        where = parse_where(query.text("where"), listing.asked, books)
        optimised = where.optimised
        found = [row for row in found if where.takes(row)]
    order, ordered = parse_order(query.text("order") or listing.order, listing.asked)
    found = sorted_rows(found, order, books)
    paged = listing.paged and (force_page or query.number("page") is not None)
    if (too_many and not (optimised and ordered)) or (len(found) > _ROW_LIMIT and not paged):
        raise QueryParseError(f"More than {_ROW_LIMIT} rows: use optimised filters and pages")
    if since and not found and switches.nothing_modified_status == 304:
        raise NothingModified
    return _page(found, query) if paged else Selection(found, None)


def _page(found: list[Any], query: Query) -> Selection:
    page = max(query.number("page") or 1, 1)
    asked = query.number("pageSize")
    size = _PAGE_SIZE if asked is None else min(max(asked, 1), _LARGEST_PAGE)
    pagination = {
        "page": page,
        "pageSize": size,
        "pageCount": -(-len(found) // size),
        "itemCount": len(found),
    }
    return Selection(found[(page - 1) * size : page * size], pagination)


def modified_since(request: Request, switches: XeroSwitches) -> datetime | None:
    """The `If-Modified-Since` header in UTC: the documented form, ISO, or that of HTTP."""
    value = request.headers.get("If-Modified-Since", "")
    if not value:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(value)
        except ValueError:
            continue
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if switches.bad_modified_since_refused:
        raise Problem(412, "The If-Modified-Since header cannot be read.")
    return None


def collection(name: str, selection: Selection, view: Callable[[Any], Any]) -> dict[str, Any]:
    """The answer's collection, with the pagination where there are pages."""
    content: dict[str, Any] = {name: [view(row) for row in selection.rows]}
    if selection.pagination:
        return {"pagination": selection.pagination, **content}
    return content
