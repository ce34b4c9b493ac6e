"""Keap's lists, page by page, each of which comes to an end whatever Keap answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from invoicesync_cli.errors import TryLater
from invoicesync_cli.fetch.readers import fingerprint, id_in
from invoicesync_cli.http.responses import ServiceRefused, WebPage, unreadable_answer

IDS = 150
"""Ids per list filter, so that an address stays short."""
MOST_PAGES = 20_000
"""No list is longer: a day's calls would not be enough to read it."""
TOO_MANY = {400, 413, 414, 422}
"""Refusals that a list filter can earn by its length, of Keap's or of the server before it; how
long it may be is not documented."""

LONGEST_TOKEN = 4000
"""Characters of a page's token; an address with a longer one is refused by any server."""

RawRows = list[Any]
Params = Mapping[str, str]


class Lists:
    """Reads lists by `get`, which gives the answer to a path and its parameters.

    A page without rows is the last: other lists of Keap's name a next page even behind the end.
    """

    def __init__(self, get: Callable[[str, Params], Mapping[str, Any]]) -> None:
        self._get = get
        self._ids = IDS

    def page(self, path: str, name: str, params: Params) -> tuple[RawRows, str]:
        """The rows of one page, and the token of the next; blank for none."""
        data = self._get(path, params)
        rows, token = data.get(name), data.get("next_page_token")
        if rows is None and data.keys() <= {name, "next_page_token"}:
            rows = []
        if not isinstance(rows, list):
            raise senseless(f"{path} gave no list")
        return rows, _token(path, token)

    def by_token(self, path: str, name: str, params: Params) -> Iterator[RawRows]:
        """A list by the vendor's page tokens."""
        seen: set[str] = set()
        token = ""
        for _ in range(MOST_PAGES):
            asked = {**params, "page_token": token} if token else params
            rows, token = self.page(path, name, asked)
            if rows:
                yield rows
            if not rows or not token:
                return
            new = {fingerprint(row) for row in rows} - seen
            if not new:
                break
            seen |= new
        raise _endless(path)

    def by_id(
        self,
        path: str,
        name: str,
        clause: str = "",
        *,
        after: int = 0,
        last: int | None = None,
        size: int,
    ) -> Iterator[RawRows]:
        """The rows with an id above `after`, lowest first, up to `last`, `size` to a page.

        Each page begins behind the highest id of the one before, so that no row is missed or seen
        twice while the list changes.
        """
        for _ in range(MOST_PAGES):
            # No more rows than ids can be left.
            most = size if last is None else min(size, last - after)
            params = {
                "filter": f"{clause};id>{after}" if clause else f"id>{after}",
                "order_by": "id asc",
                "page_size": str(most),
            }
            rows, token = self.page(path, name, params)
            ids = [int(found) for row in rows if (found := id_in(row, "id"))]
            highest = max(ids, default=0)
            if last is not None:
                rows = [row for row in rows if int(id_in(row, "id") or 0) <= last]
            if rows:
                yield rows
            if not rows or not token or (last is not None and highest >= last):
                return
            if highest <= after or ids != sorted(ids):
                raise senseless(f"the pages of its list {path} do not advance by id")
            after = highest
        raise _endless(path)

    def of_ids(
        self, path: str, name: str, field: str, ids: Sequence[str], params: Params
    ) -> Iterator[RawRows]:
        """The rows of these ids. A list that Keap refuses is asked for again in halves."""
        waiting = list(ids)
        while waiting:
            part = waiting[: self._ids]
            asked = {"filter": f"{field}=={','.join(part)}", **params}
            try:
                yield from list(self.by_token(path, name, asked))
            except (ServiceRefused, WebPage) as error:
                if error.reply.status not in TOO_MANY or len(part) == 1:
                    raise
                self._ids = len(part) // 2
            else:
                waiting = waiting[len(part) :]


def _token(path: str, token: object) -> str:
    """The token of the next page. Keap has been seen to give its whole address instead."""
    if not token:
        return ""
    if not isinstance(token, str | int):
        raise senseless(f"the next page of {path} has no address")
    found = str(token)
    if len(found) > LONGEST_TOKEN or not (found.isascii() and found.isprintable()):
        raise senseless(f"the next page of {path} has no address that could be asked for")
    if "://" not in found:
        return found
    try:
        named = parse_qs(urlsplit(found).query).get("page_token", [""])[0]
    except ValueError:
        named = ""
    if not named:
        raise senseless(f"the next page of {path} has no address")
    return named


def senseless(problem: str) -> TryLater:
    """The error that an answer of Keap's is not what was asked for."""
    return unreadable_answer("Keap", problem)


def _endless(path: str) -> TryLater:
    return senseless(f"its list {path} does not end")
