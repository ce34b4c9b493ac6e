"""Answers that make sense, but to another question: an element that repeats another one, rows that
nobody has asked for. Their ids are good ones, of other documents."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.model import DocumentKind, DocumentState, Reason
from tests.kits.crash.books import books, differences, records
from tests.kits.qbo_faults import CREATES, apply_by_hand
from tests.kits.rehearsal import Rehearsal
from tests.kits.undoing import take_back

Json = dict[str, Any]
XERO = {"contact": "/Contacts", "invoice": "/Invoices", "payment": "/Payments"}
XERO["note"] = "/CreditNotes"


def shop(home: Path, to: str) -> Rehearsal:
    """Orders of three people, each with money of every kind."""
    r = Rehearsal(home, to=to, **{"sync.mode": "invoices-and-payments"})
    apply_by_hand(r.qbo)
    for _ in range(3):
        order = r.order()
        paid = r.keap.add_payment(order_id=order, amount="70.00")
        r.keap.add_payment(order_id=order, amount="30.00", type="Credit")
        r.keap.add_refund(paid.id, "20.00")
    return r


def once(
    r: Rehearsal, change: Callable[[Json], None], matches: Callable[[Request], bool]
) -> list[Request]:
    """Let the first answer of the ledger to a request that matches be changed; it is in the list
    then."""
    ledger: Any = r.xero if r.to == "xero" else r.qbo
    answer = ledger.handle
    done: list[Request] = []

    def handle(request: Request) -> Response:
        request.get_data(cache=True)
        response: Response = answer(request)
        if not done and matches(request):
            done.append(request)
            data = json.loads(response.get_data())
            change(data)
            response.set_data(json.dumps(data))
        return response

    ledger.handle = handle
    return done


def repeat_first(data: Json) -> None:
    """The first element comes in the place of each."""
    (rows,) = [rows for rows in data.values() if isinstance(rows, list) and rows]
    places = [row.get("bId") for row in rows]
    rows[:] = [copy.deepcopy(rows[0]) for _ in rows]
    for row, place in zip(rows, places, strict=True):
        if place:
            row["bId"] = place


def mix_up(data: Json) -> None:
    """Each element comes in the place of the one before."""
    (rows,) = [rows for rows in data.values() if isinstance(rows, list) and rows]
    places = [row.get("bId") for row in rows]
    rows[:] = [*rows[1:], rows[0]]
    for row, place in zip(rows, places, strict=True):
        if place:
            row["bId"] = place


def creates(to: str, kind: str) -> Callable[[Request], bool]:
    """Whether a request creates things of a kind."""
    if to == "xero":
        return lambda request: request.method == "PUT" and request.path.endswith(XERO[kind])
    what = {"contact": "customer", "note": "credit memo"}.get(kind, kind)
    return lambda request: bool(re.search(CREATES[what], request.get_data(as_text=True)))


@pytest.mark.parametrize("change", [repeat_first, mix_up])
@pytest.mark.parametrize(
    ("to", "kind"),
    [("xero", kind) for kind in XERO]
    + [("qbo", kind) for kind in (*XERO, "refund", "application")],
)
def test_answer_of_another_document_is_not_believed(
    tmp_path: Path, to: str, kind: str, change: Callable[[Json], None]
) -> None:
    usual = shop(tmp_path / "usual", to)
    usual.sync()
    r = shop(tmp_path / "other", to)
    done = once(r, change, creates(to, kind))

    r.sync()

    assert done
    assert differences(books(usual), books(r)) == []
    assert differences(records(usual), records(r)) == []


def of_another_entity(data: Json) -> None:
    """What QuickBooks has answered to a question for its settings."""
    for item in data["BatchItemResponse"]:
        item["QueryResponse"] = {"Preferences": [{"Id": "1"}], "maxResults": 1}


def of_another_id(data: Json) -> None:
    """Rows that were asked for before, or by somebody else."""
    for row in data.get("Invoices", ()):
        row["InvoiceID"] = "00000000-0000-4000-8000-000000000001"
    for item in data.get("BatchItemResponse", ()):
        for row in item["QueryResponse"].get("Invoice", ()):
            row["Id"] = "9999"


@pytest.mark.parametrize(
    ("to", "change"), [("xero", of_another_id), ("qbo", of_another_id), ("qbo", of_another_entity)]
)
def test_answer_to_another_question_says_of_nothing_that_it_is_gone(
    tmp_path: Path, to: str, change: Callable[[Json], None]
) -> None:
    r = shop(tmp_path, to)
    r.sync()

    def looks(request: Request) -> bool:
        asked = request.get_data(as_text=True)
        return "from Invoice where Id IN" in asked or "IDs" in request.args

    done = once(r, change, looks)
    taken_back = take_back(r, ids=tuple(r.keap.orders)[:1])
    assert done
    assert {item.state for item in taken_back.documents} == {DocumentState.UNDONE}
    ledger: Any = r.xero if to == "xero" else r.qbo
    assert [row.status.upper() for row in ledger.invoices.values()].count("VOIDED") == 1


def hide(r: Rehearsal, number: str, times: int) -> Callable[[], None]:
    """Let every answer about an invoice of this number be an empty one, until it has gone out under
    more than so many keys, or what is given back is called."""
    ledger: Any = r.xero if r.to == "xero" else r.qbo
    answer = ledger.handle
    keys: set[str] = set()

    def handle(request: Request) -> Response:
        request.get_data(cache=True)
        response: Response = answer(request)
        asked = request.full_path + request.get_data(as_text=True)
        if number not in asked or "Invoice" not in asked:
            return response
        if creates(r.to, "invoice")(request):
            keys.add(request.headers.get("Idempotency-Key") or request.args["requestid"])
        if len(keys) <= times:
            items = [{"bId": "1", "QueryResponse": {}}]
            response.set_data(json.dumps({"Invoices": [], "BatchItemResponse": items}))
        return response

    ledger.handle = handle
    return lambda: setattr(ledger, "handle", answer)


@pytest.mark.parametrize("undone", [False, True])
@pytest.mark.parametrize(("to", "times"), [("xero", 1), ("xero", 99), ("qbo", 99)])
def test_invoice_that_a_look_did_not_show_is_ours(
    tmp_path: Path, to: str, times: int, undone: bool
) -> None:
    """Then the ledger refuses it for the number that it has itself, or the next run meets it by its
    marker. It was made here, and so `undo` takes it back."""
    r = Rehearsal(tmp_path, to=to)
    order = r.order()
    if undone:
        r.sync()
        take_back(r, ids=(order,))
    again = {"command": "retry", "ids": (order,), "by": "order", "undone": True} if undone else {}
    end = hide(r, f"{order}-2" if undone else order, times)
    r.sync(**again)
    end()
    r.sync(**again)
    with r.state() as state:
        record = state.record(DocumentKind.INVOICE, order)
    assert record
    assert (record.state, record.document.reason) == (DocumentState.CREATED, "")
    assert [item.state for item in take_back(r, ids=(order,)).documents] == [DocumentState.UNDONE]


@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_time_to_come_in_an_answer_hides_no_change(tmp_path: Path, to: str) -> None:
    """The next look begins where this one has ended, by the ledger's own word."""
    r = Rehearsal(tmp_path, to=to)
    order = r.order()
    r.sync()
    r.ticker.pass_time(3600)

    def spoil(data: Json) -> None:
        data["time"] = "2099-01-01T00:00:00Z"
        data["DateTimeUTC"] = "/Date(4070908800000)/"

    done = once(r, spoil, lambda request: "cdc" in request.path or "where" in request.args)
    r.sync()
    assert done
    ledger: Any = r.xero if to == "xero" else r.qbo
    (made,) = [row for row in ledger.invoices.values() if row.number == order]
    ledger.void_invoice(made.id)
    r.ticker.pass_time(3600)
    assert [item.reason for item in r.sync().documents] == [Reason.CHANGED_AFTER_SYNC]


@pytest.mark.parametrize("rows", [-1, "text", {"a": 1}, True], ids=str)
def test_rows_that_are_no_list_end_no_command(tmp_path: Path, rows: Any) -> None:
    r = shop(tmp_path, "qbo")

    def spoil(data: Json) -> None:
        for item in data["BatchItemResponse"]:
            item["QueryResponse"] = dict.fromkeys(item["QueryResponse"], rows)

    done = once(r, spoil, lambda request: "select * from" in request.get_data(as_text=True))
    r.sync()
    assert done
