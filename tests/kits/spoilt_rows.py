"""A document of the ledger that makes no sense in its answers."""

import json
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import fromstring, tostring

from werkzeug.wrappers import Request, Response

from tests.kits.lost_state import ledger
from tests.kits.rehearsal import Rehearsal

IDS = ("InvoiceID", "PaymentID", "Id")
AMOUNTS = {"Total", "Amount", "TotalAmt"}
IN_DESKTOP = ("Subtotal", "BalanceRemaining", "TotalAmount")


class Spoilt:
    """The answers of a ledger in which the amount of an invoice or a payment is a word."""

    def __init__(self, r: Rehearsal, ident: str, *, everywhere: bool = False, id_too: bool = False):
        self.r, self.ident, self.everywhere, self.id_too = r, ident, everywhere, id_too
        self.rows = 0
        self.answer = ledger(r).handle
        ledger(r).handle = self.handle

    def end(self) -> None:
        """Let them be as they are."""
        ledger(self.r).handle = self.answer

    def handle(self, request: Request) -> Response:
        """An answer, the list of changes' or any."""
        response: Response = self.answer(request)
        changes = request.path.endswith("/cdc") or "If-Modified-Since" in request.headers
        if response.is_json and (changes or self.everywhere):
            data = json.loads(response.get_data())
            for row in self._rows(data):
                self.rows += 1
                row |= dict.fromkeys(AMOUNTS & row.keys(), "ten")
                if self.id_too:
                    row |= dict.fromkeys(IDS)
            response.set_data(json.dumps(data))
        return response

    def _rows(self, data: Any) -> Iterator[dict[str, Any]]:
        parts = data if isinstance(data, list) else data.values() if isinstance(data, dict) else ()
        for part in parts:
            yield from self._rows(part)
        if isinstance(data, dict) and self.ident in map(data.get, IDS) and AMOUNTS & data.keys():
            yield data


class SpoiltInDesktop:
    """The same of QuickBooks Desktop's answers, those about what has changed or any."""

    def __init__(self, r: Rehearsal, ident: str, *, everywhere: bool = False):
        self.r, self.ident, self.everywhere = r, ident, everywhere
        self.rows = 0
        self.answer = r.qbd.request
        r.qbd.request = self.request  # type: ignore[method-assign]

    def end(self) -> None:
        """Let them be as they are."""
        self.r.qbd.request = self.answer  # type: ignore[method-assign]

    def request(self, ticket: str, xml: str) -> str:
        """An answer."""
        answer = self.answer(ticket, xml)
        if not (self.everywhere or "ModifiedDateRangeFilter" in xml):
            return answer
        head, mark, body = answer.rpartition("?>")
        root = fromstring(body)  # noqa: S314 - ours
        for row in root.iter():
            if row.tag.endswith("Ret") and row.findtext("TxnID") == self.ident:
                self.rows += 1
                for name in IN_DESKTOP:
                    for amount in row.findall(name):
                        amount.text = "ten"
        return head + mark + tostring(root, encoding="unicode")
