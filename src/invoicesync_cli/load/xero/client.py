"""Xero's Accounting API: the calls, and the envelopes they come in."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from invoicesync_cli.http.client import Network, Service, TokenSource
from invoicesync_cli.http.responses import (
    Reply,
    ServiceRefused,
    unreadable_answer,
    unreadable_rows,
)
from invoicesync_cli.http.schemas import BadRow, Schema, problem_of, read
from invoicesync_cli.load.xero.limits import LIMITS
from invoicesync_cli.load.xero.schemas import Element, Envelope, rows_adapter
from invoicesync_cli.load.xero.setup_schemas import LISTS, NEEDED
from invoicesync_cli.model import LedgerId
from invoicesync_cli.services import Origins

E = TypeVar("E", bound=Element)
S = TypeVar("S", bound=Schema)

API = "/api.xro/2.0"
ENVELOPES = {"Organisation": "Organisations"}
"""Collections that are called otherwise in the answer than in the address."""
PRICED = {"Invoices", "CreditNotes", "Items"}
"""Collections with unit prices: only they know the parameter for four decimals."""
PAGE = 1000
"""Xero's largest page."""
PAGES = 200
"""Pages of a list that are read at the most. Xero itself gives no more than 100,000 rows."""
NAMES = 40
"""Ids or numbers per list filter, Xero's advice."""
NAMES_LENGTH = 1600
"""Characters of a filter as it stands in the address. Xero answers an address of more than
about 2,048 as if there were no such page."""
FEW = 8
"""Conditions that are asked for one by one."""
READINGS = 3
NOT_MODIFIED = 304

NO_ENVELOPE = Envelope()


@dataclass(frozen=True, slots=True)
class Page(Generic[S]):
    """One answer: its rows, each read for itself, and what stands around them."""

    rows: tuple[S | BadRow, ...] = ()
    envelope: Envelope = NO_ENVELOPE

    @property
    def full(self) -> bool:
        """Whether it has as many rows as a page can have."""
        return len(self.rows) >= PAGE

    @property
    def good(self) -> list[S]:
        """The rows that make sense."""
        return [row for row in self.rows if not isinstance(row, BadRow)]

    def bad_ids(self, schema: type[Element]) -> set[str]:
        """The ids of the rows that make no sense; blank for those whose ids make none either."""
        return {schema.id_in(row.row) for row in self.rows if isinstance(row, BadRow)}

    def whole(self, bad_ids: Collection[str] = ("",)) -> list[S]:
        """The rows, when every one makes sense. Raises `TryLater`, with the ids of those that make
        none where these are given."""
        for row in self.rows:
            if isinstance(row, BadRow):
                raise unreadable_rows("Xero", row.problem, bad_ids)
        return self.good


@dataclass(frozen=True, slots=True)
class ChangedPage(Generic[E]):
    """A page of what has changed of a collection, and Xero's own time when it gave the first one.

    `unreadable` are the ids of the rows that make no sense; without `complete` one of them has no
    id that does.
    """

    rows: list[E]
    unreadable: frozenset[LedgerId]
    until: datetime
    complete: bool


class XeroClient:
    """Calls to one organisation. Every call raises `TryLater` for an answer that makes no sense."""

    def __init__(self, origins: Origins, network: Network, tokens: TokenSource) -> None:
        self.service: Service = network.service(origins.at("api"), LIMITS, tokens)

    def setup_list(self, name: str) -> list[Any]:
        """One of the setup lists, as plain data; a row that cannot be read is left out.

        Raises `TryLater` where a line could be sold on another account for want of it.
        """
        reply = self.service.get(f"{API}/{name}", _decimals(name))
        page = page_of(reply, ENVELOPES.get(name, name), LISTS[name])
        rows = page.whole() if name in NEEDED else page.good
        return [row.model_dump(mode="json", by_alias=True) for row in rows]

    def all(self, schema: type[E], params: Mapping[str, str]) -> Iterator[E]:
        """The rows of a list, perhaps more than once, whose every row has to make sense."""
        for page in self.pages(schema, params):
            yield from page.whole(page.bad_ids(schema))

    def readable(self, schema: type[E], params: Mapping[str, str]) -> Iterator[E]:
        """The rows of a list, perhaps more than once; one that makes no sense is left out."""
        for page in self.pages(schema, params):
            yield from page.good

    def sifted(
        self, schema: type[E], params: Mapping[str, str], matters: Callable[[Any], bool]
    ) -> Iterator[E]:
        """The rows of a list, perhaps more than once; one that makes no sense is left out unless
        it matters by what it came as. Raises `TryLater` for one that does."""
        for page in self.pages(schema, params):
            for row in page.rows:
                if not isinstance(row, BadRow):
                    yield row
                elif matters(row.row):
                    raise unreadable_answer("Xero", row.problem)

    def changed(self, schema: type[E], since: datetime, where: str) -> Iterator[ChangedPage[E]]:
        """The rows of a list that have changed since a time of Xero's clock.

        Where nothing has changed an empty list and a 304 both say so.
        """
        until: datetime | None = None
        for page in self.pages(schema, {"where": where}, since):
            until = until or page.envelope.answered_at or self.service.usage.server_time or since
            ids = page.bad_ids(schema)
            unreadable = frozenset(LedgerId(ident) for ident in ids - {""})
            yield ChangedPage(page.good, unreadable, until, complete="" not in ids)

    def changed_page(
        self,
        name: str,
        schema: type[S],
        where: str,
        statuses: str,
        since: datetime | None,
        number: int,
    ) -> Page[S]:
        """A page of a list that is sorted by the time of the last change, from a time on."""
        headers = {"If-Modified-Since": _stamp(since)} if since else {}
        asked = {
            **_decimals(name),
            "where": where,
            "Statuses": statuses,
            "order": "UpdatedDateUTC ASC",
            "page": str(number),
            "pageSize": str(PAGE),
        }
        reply = self.service.call("GET", f"{API}/{name}", params=asked, headers=headers)
        return page_of(reply, name, schema)

    def named(
        self,
        schema: type[E],
        list_filter: str,
        values: Sequence[str],
        params: Mapping[str, str] | None = None,
    ) -> Iterator[E]:
        """The rows that a list filter such as `InvoiceNumbers` names."""
        for part in _parts(values, NAMES, len("%2C")):
            rows = self.all(schema, {list_filter: ",".join(part), **(params or {})})
            yield from _asked_for(rows, part) if list_filter == "IDs" else rows

    def with_ids(self, schema: type[E], field: str, ids: Iterable[str]) -> Iterator[E]:
        """The rows of these ids, where there is no list filter for them."""
        asked = list(dict.fromkeys(ids))
        conditions = [f'{field}==guid("{ident}")' for ident in asked]
        return _asked_for(self.any_of(schema, conditions), asked)

    def where(self, schema: type[E], conditions: Sequence[str]) -> Iterator[E]:
        """The rows to which any of these conditions applies.

        Each is asked for by itself while they are few: a filter with OR is slow, and refused in
        organisations with more than 100,000 rows.
        """
        if len(conditions) > FEW:
            yield from self.any_of(schema, conditions)
            return
        for one in conditions:
            yield from self.all(schema, {"where": one})

    def one(self, schema: type[E], ident: str) -> E | None:
        """The row of an id, or None where Xero has none."""
        name = schema.COLLECTION
        try:
            reply = self.service.get(f"{API}/{name}/{quote(ident, safe='')}", _decimals(name))
        except ServiceRefused as error:
            # Only Xero itself can know that it has none, and it marks its answers.
            if error.reply.status == 404 and error.reply.trace:
                return None
            raise
        page = page_of(reply, name, schema)
        return next(_asked_for(page.whole(page.bad_ids(schema)), [ident]), None)

    def put(self, name: str, body: bytes, key: str, *, once: bool) -> Reply:
        """Create the elements of a batch, each answered for itself.

        Never sent again here but after a 401, and after a 429 unless it is to be sent `once`: Xero
        has not worked on a request that it refuses so.
        """
        return self.service.call(
            "PUT",
            f"{API}/{name}",
            params={"summarizeErrors": "false", **_decimals(name)},
            body=body,
            headers={"Idempotency-Key": key},
            once=once,
        )

    def update(self, name: str, body: bytes, key: str) -> Reply:
        """Change the elements of a batch, each answered for itself; repeated as `put` is."""
        return self.service.call(
            "POST",
            f"{API}/{name}",
            params={"summarizeErrors": "false", **_decimals(name)},
            body=body,
            headers={"Idempotency-Key": key},
        )

    def change(self, path: str, body: bytes, key: str) -> Reply:
        """Change one object; a refusal is a `ServiceRefused`."""
        return self.service.call(
            "POST", f"{API}/{path}", body=body, headers={"Idempotency-Key": key}
        )

    def delete(self, path: str) -> Reply:
        """Delete one object, which knows no keys; a refusal is a `ServiceRefused`."""
        return self.service.call("DELETE", f"{API}/{path}")

    def any_of(self, schema: type[E], conditions: Sequence[str]) -> Iterator[E]:
        """The rows to which any of these conditions applies, as many as an address holds at once;
        one by one where Xero would not join them."""
        for part in _parts(conditions, NAMES, len("%20OR%20")):
            try:
                yield from list(self.all(schema, {"where": " OR ".join(part)}))
            except ServiceRefused:
                if len(part) == 1:
                    raise
                for one in part:
                    yield from self.all(schema, {"where": one})

    def close(self) -> None:
        """Close the connections."""
        self.service.close()

    def pages(
        self, schema: type[E], params: Mapping[str, str], since: datetime | None = None
    ) -> Iterator[Page[E]]:
        """The pages of a list, or of what has changed of it since a time of Xero's clock.

        A row that changes meanwhile moves to the end, and one behind it slips onto a page that
        was read already. Then fewer were seen than there are, and all is read again. A page that
        brings nothing new is the last.
        """
        name = schema.COLLECTION
        headers = {"If-Modified-Since": _stamp(since)} if since else {}
        seen: set[str] = set()
        for _ in range(READINGS):
            read_now: set[str] = set()
            for number in range(1, PAGES + 1):
                asked = {**_decimals(name), **params, "page": str(number), "pageSize": str(PAGE)}
                reply = self.service.call("GET", f"{API}/{name}", params=asked, headers=headers)
                page = page_of(reply, name, schema)
                yield page
                bad = page.bad_ids(schema) - {""}
                new = ({row.id for row in page.good} | bad) - read_now
                read_now |= new
                paging = page.envelope.pagination
                last = paging.pages or number + (len(page.rows) >= PAGE)
                if not new or number >= last:
                    break
            else:
                raise unreadable_answer("Xero", f"its list of {name} does not end")
            seen |= read_now
            if len(seen) >= paging.items:
                return


def _asked_for(rows: Iterable[E], ids: Iterable[str]) -> Iterator[E]:
    """Rows that all have one of these ids: what is missing in an answer to another question may not
    be taken for gone. Raises `TryLater`."""
    wanted = {ident.lower() for ident in ids}
    for row in rows:
        if row.id.lower() not in wanted:
            raise unreadable_answer("Xero", f"its {row.COLLECTION} are others than were asked for")
        yield row


def _stamp(since: datetime) -> str:
    """A time as the header `If-Modified-Since` has it, by Xero's page "Requests and responses":
    UTC, whole seconds, no zone."""
    return since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _decimals(name: str) -> dict[str, str]:
    """The parameter for unit prices of four decimals, where there are unit prices."""
    return {"unitdp": "4"} if name in PRICED else {}


OBJECT = TypeAdapter(dict[str, Any])


def page_of(reply: Reply, name: str, schema: type[S]) -> Page[S]:
    """The collection of an answer. Raises `TryLater` where there is none."""
    if reply.status == NOT_MODIFIED:
        return Page()
    data = read(reply, OBJECT)
    try:
        rows = rows_adapter(schema).validate_python(data.get(name))
        return Page(rows, Envelope.model_validate(data))
    except (ValidationError, RecursionError) as error:
        raise unreadable_answer("Xero", f"of its {name}, {problem_of(error)}") from None


def _parts(values: Sequence[str], most: int, joint: int) -> Iterator[list[str]]:
    """The values in lists, each short enough for an address; `joint` is the length of what stands
    between two of them."""
    part: list[str] = []
    room = NAMES_LENGTH
    for value in values:
        needs = len(quote(value, safe="")) + joint
        if part and (len(part) == most or needs > room):
            yield part
            part, room = [], NAMES_LENGTH
        part.append(value)
        room -= needs
    if part:
        yield part
