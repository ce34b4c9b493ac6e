"""Answers of Keap and Xero that are changed on their way to the tool."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from werkzeug.wrappers import Request, Response

from invoicesync_cli.http.client import Network, WsgiApp
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.world import INSIDE
from invoicesync_sandbox.xero import XeroSandbox
from tests.kits.rehearsal import Rehearsal

Json = dict[str, Any]
Change = Callable[[Json], object]


class Rewritten:
    """A service whose answers to one path are changed on their way."""

    def __init__(self, app: Any, path: str, change: Change) -> None:
        self.app = app
        self.path = path
        self.change = change

    def __call__(self, environ: Json, start_response: Any) -> Iterable[bytes]:
        """Answer as the service does, but for the change."""
        response = Response.from_app(self.app, environ, buffered=True)
        if str(environ["PATH_INFO"]).endswith(self.path) and response.status_code == 200:
            data = json.loads(response.get_data(as_text=True))
            self.change(data)
            response.set_data(json.dumps(data))
        return response(environ, start_response)


class Repeated(Rewritten):
    """A service whose first answer to one path is given to everything that is asked there."""

    first: Json | None = None

    def __call__(self, environ: Json, start_response: Any) -> Iterable[bytes]:
        """Answer as the first time, but for the change."""
        response = Response.from_app(self.app, environ, buffered=True)
        if str(environ["PATH_INFO"]).endswith(self.path):
            data = self.first or json.loads(response.get_data(as_text=True))
            self.first = data
            self.change(data)
            response = Response(json.dumps(data), headers=response.headers)
        return response(environ, start_response)


def rewrite(
    rehearsal: Rehearsal, path: str, change: Change, by: type[Rewritten] = Rewritten
) -> None:
    """Change what Keap answers to addresses that end in `path`."""
    keap = by(rehearsal.keap, path, change)
    apps: dict[str, WsgiApp] = {
        INSIDE["keap"]: keap,
        INSIDE["xero"]: rehearsal.xero,
        INSIDE["qbo"]: rehearsal.qbo,
    }
    rehearsal.network = Network(rehearsal.ticker.timing(), apps)


def each(rows: str, change: Change) -> Change:
    """The change of every row of a list."""

    def change_all(data: Json) -> None:
        for row in data.get(rows) or ():
            change(row)

    return change_all


def one(rows: str, number: str, change: Change) -> Change:
    """The change of the row of a list that has this id."""
    return each(rows, lambda row: change(row) if row.get("id") == number else None)


def put(place: str, value: Any) -> Change:
    """The change that puts a value somewhere: at `order_items.0.quantity`, say."""

    def change(row: Any) -> None:
        *way, last = place.split(".")
        for step in way:
            row = row[int(step) if isinstance(row, list) else step]
        row[int(last) if isinstance(row, list) else last] = value

    return change


HUNDRED = Item("PRODUCT", "100.00", name="Candles", taxable=True)


def arrive(rehearsal: Rehearsal, changes: Sequence[Change], *items: Item) -> list[str]:
    """An order for each change, changed on its way to the tool: their ids."""
    orders = [rehearsal.order(*(items or (HUNDRED,))) for _ in changes]
    by_order = dict(zip(orders, changes, strict=True))

    def listed(data: dict[str, Any]) -> None:
        for row in data.get("orders") or ():
            by_order[row["id"]](row)

    rewrite(rehearsal, "/orders", listed)
    return orders


def line(**fields: Any) -> Change:
    """The change of some fields of an order's first line."""
    return lambda order: order["order_items"][0].update(fields)


def whole(**fields: Any) -> Change:
    """The change of some fields of an order."""
    return lambda order: order.update(fields)


def leave_out_references(xero: XeroSandbox) -> None:
    """Let invoices list their payments without the references, as Xero's page has it."""
    answer = xero.handle

    def without(request: Request) -> Response:
        response = answer(request)
        if request.method == "GET" and "/Invoices" in request.path and response.is_json:
            data = response.get_json()
            for invoice in data.get("Invoices", ()):
                for payment in invoice.get("Payments", ()):
                    payment.pop("Reference", None)
            response.set_data(json.dumps(data))
        return response

    xero.handle = without  # type: ignore[method-assign]
