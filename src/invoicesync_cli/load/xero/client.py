"""Xero's Accounting API: the calls, and the envelopes they come in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from invoicesync_cli.errors import TryLater
from invoicesync_cli.http.client import Network, Service, TokenSource
from invoicesync_cli.http.limits import ServiceLimits
from invoicesync_cli.http.responses import Reply, ServiceRefused, count_of
from invoicesync_cli.services import Origins

API = "/api.xro/2.0"
ENVELOPES = {"Organisation": "Organisations"}
"""Collections that are called otherwise in the answer than in the address."""
PRICED = {"Invoices", "CreditNotes", "Items"}
"""Collections with unit prices: only they know the parameter for four decimals."""
PAGE = 1000
"""Xero's largest page."""
NAMES = 40
"""Ids or numbers per list filter, Xero's advice."""
NAMES_LENGTH = 1600
"""Characters of a list filter as it stands in the address. Xero answers an address of more than
about 2,048 as if there were no such page."""
READINGS = 3
NOT_MODIFIED = 304

LIMITS = ServiceLimits(
    name="Xero",
    # 60 a minute and 5 at once per organisation and app (Xero's "OAuth 2.0 API limits").
    windows=((60, 60.0),),
    in_flight=4,
    # A batch of fifty invoices can take its time.
    timeout=100.0,
    day_left=lambda headers: count_of(headers.get("X-DayLimit-Remaining", "")),
    trace="Xero-Correlation-Id",
    day_resets="tomorrow",
)


@dataclass(frozen=True, slots=True)
class Changed:
    """What of a collection has changed, and Xero's own time when it said so."""

    elements: list[Any]
    until: datetime


class XeroClient:
    """Calls to one organisation."""

    def __init__(self, origins: Origins, network: Network, tokens: TokenSource) -> None:
        self.service: Service = network.service(origins.at("api"), LIMITS, tokens)

    def collection(self, name: str, params: Mapping[str, str] | None = None) -> list[Any]:
        """One page of a collection such as `Accounts`."""
        reply = self.service.get(f"{API}/{name}", {**_decimals(name), **(params or {})})
        return elements(reply, ENVELOPES.get(name, name))

    def pages(self, name: str, params: Mapping[str, str]) -> Iterator[list[Any]]:
        """A whole collection, a page at a time, elements perhaps more than once."""
        for reply in self._replies(name, params, {}):
            yield elements(reply, name)

    def changed(self, name: str, since: datetime, where: str) -> Changed:
        """The elements of a collection that have changed since a time of Xero's clock.

        The header has the form of Xero's page "Requests and responses": UTC, whole seconds, no
        zone. Where nothing has changed an empty list and a 304 both say so.
        """
        stamp = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        found: list[Any] = []
        until = since
        for reply in self._replies(name, {"where": where}, {"If-Modified-Since": stamp}):
            found += elements(reply, name)
            if until == since:
                until = told_at(reply) or self.service.usage.server_time or since
        return Changed(found, until)

    def _replies(
        self, name: str, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> Iterator[Reply]:
        """The pages of a collection as they were answered.

        An element that changes meanwhile moves to the end, and one behind it slips onto a page
        that was read already. Then fewer were seen than there are, and all is read again.
        """
        seen: set[str] = set()
        for _ in range(READINGS):
            page = count = 1
            while page <= count:
                asked = {**params, "page": str(page), "pageSize": str(PAGE)}
                reply = self.service.call(
                    "GET", f"{API}/{name}", params={**_decimals(name), **asked}, headers=headers
                )
                found = elements(reply, name)
                yield reply
                if reply.status == NOT_MODIFIED:
                    return
                seen.update(str(element.get(f"{name.removesuffix('s')}ID")) for element in found)
                paging = reply.json().get("pagination") or {}
                count = int(paging.get("pageCount") or page + (len(found) == PAGE))
                page += 1
            if len(seen) >= int(paging.get("itemCount") or 0):
                return

    def named(self, name: str, list_filter: str, values: Sequence[str]) -> Iterator[Any]:
        """The elements of a collection that a list filter such as `InvoiceNumbers` names."""
        for part in _filters(values):
            for page in self.pages(name, {list_filter: part}):
                yield from page

    def one(self, name: str, ident: str) -> Any:
        """The element of an id or number, or None where Xero has none."""
        try:
            reply = self.service.get(f"{API}/{name}/{quote(ident, safe='')}", _decimals(name))
        except ServiceRefused as error:
            # Only Xero itself can know that it has none, and it marks its answers.
            if error.reply.status == 404 and error.reply.trace:
                return None
            raise
        return next(iter(elements(reply, name)), None)

    def put(self, name: str, body: bytes, key: str, key_age: float) -> Reply:
        """Create the elements of a batch; each is answered for itself."""
        return self.service.call(
            "PUT",
            f"{API}/{name}",
            params={"summarizeErrors": "false", **_decimals(name)},
            body=body,
            headers={"Idempotency-Key": key},
            keyed=True,
            key_age=key_age,
        )

    def close(self) -> None:
        """Close the connections."""
        self.service.close()


def _decimals(name: str) -> dict[str, str]:
    """The parameter for unit prices of four decimals, where there are unit prices."""
    return {"unitdp": "4"} if name in PRICED else {}


def told_at(reply: Reply) -> datetime | None:
    """Xero's clock when it answered, by the envelope."""
    if reply.status == NOT_MODIFIED:
        return None
    return moment(reply.json().get("DateTimeUTC"))


def moment(value: object) -> datetime | None:
    """The time in Xero's `/Date(1439434356790+0000)/`, whose milliseconds are UTC whatever the
    offset says; None for anything else."""
    found = re.fullmatch(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/", str(value or ""))
    if not found:
        return None
    try:
        return datetime.fromtimestamp(int(found.group(1)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def elements(reply: Reply, name: str) -> list[Any]:
    """The elements of an answer's collection."""
    if reply.status == NOT_MODIFIED:
        return []
    data = reply.json()
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, list) or not all(isinstance(element, dict) for element in found):
        raise TryLater(
            f"Xero's answer has no {name}.",
            hint="Nothing was done with it. Try again later.",
            code="odd-answer",
        )
    return found


def _filters(values: Sequence[str]) -> Iterator[str]:
    """Comma lists of the values, each short enough for an address."""
    part: list[str] = []
    room = NAMES_LENGTH
    for value in values:
        # The comma counts as well: it is written %2C.
        needs = len(quote(value, safe="")) + 3
        if part and (len(part) == NAMES or needs > room):
            yield ",".join(part)
            part, room = [], NAMES_LENGTH
        part.append(value)
        room -= needs
    if part:
        yield ",".join(part)
