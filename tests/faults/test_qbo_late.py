"""Answers that come too late, payments that look alike, and a company that is another one."""

import copy
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.errors import ExitCode, SignInNeeded
from invoicesync_cli.load.qbo.rehearsed import sign_in_to_qbo
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.qbo import QboSwitches
from tests.kits.faults import Trouble, attempt, between, failure
from tests.kits.qbo_faults import CREATES, check_books, everything, forms, quickbooks
from tests.kits.rehearsal import Rehearsal

FORGETS = QboSwitches(requestid_hours=0.0)


def postpone(rehearsal: Rehearsal, kind: str) -> list[dict[str, Any]]:
    """The gateway gives up on the first such request at once; QuickBooks gets to it later."""
    app = rehearsal.qbo
    waiting: list[dict[str, Any]] = []
    entity = CREATES[kind].partition(":")[0]

    def gateway(environ: dict[str, Any], start: Any) -> Any:
        body = Request(environ).get_data()
        environ["wsgi.input"] = io.BytesIO(body)
        if f"{entity}:{{".encode() in body and not waiting:
            waiting.append({**copy.copy(environ), "wsgi.input": io.BytesIO(body)})
            return Response("", 504)(environ, start)
        return app(environ, start)

    apps = rehearsal.network.apps
    rehearsal.network.apps = {at: gateway if one is app else one for at, one in apps.items()}
    return waiting


@pytest.mark.parametrize("kind", ["invoice", "payment", "credit memo", "refund"])
@pytest.mark.parametrize("replays", [True, False])
def test_request_that_is_worked_on_after_its_repetition(
    tmp_path: Path, kind: str, replays: bool
) -> None:
    """It goes out again under the same ids, so that QuickBooks does not do it twice."""
    rehearsal = quickbooks(tmp_path, QboSwitches(replays=replays))
    rehearsal.qbo.set_preferences(warn_duplicate_numbers=False)
    everything(rehearsal)
    waiting = postpone(rehearsal, kind)
    rehearsal.sync()
    (late,) = waiting
    run_wsgi_app(rehearsal.qbo, late)
    check_books(rehearsal)


AFTERWARDS = {
    "remembers": QboSwitches(),
    "forgets": FORGETS,
    "keeps the last": QboSwitches(request_ids_kept=1),
    "does not repeat": QboSwitches(replays=False),
}
"""What becomes of request ids once the work is done; QuickBooks knows them while it is at it."""


def at_work(
    rehearsal: Rehearsal, kind: str, seconds: float, how: type[BaseException], whole: bool
) -> list[Any]:
    """The connection of the first such request breaks; QuickBooks goes on and is done later.

    Until then it answers repetitions with 600, the `whole` of them or item by item.
    """
    app, sought = rehearsal.qbo, re.compile(CREATES[kind].encode())
    begun: list[str] = []
    waiting: list[Any] = []

    def gateway(environ: dict[str, Any], start: Any) -> Any:
        request = Request(environ)
        body, key = request.get_data(), request.args.get("requestid", "")
        environ["wsgi.input"] = io.BytesIO(body)
        if waiting and rehearsal.clock.now() >= waiting[0][0]:
            run_wsgi_app(app, waiting.pop()[1])
        if sought.search(body) and not begun:
            due = rehearsal.clock.now() + timedelta(seconds=seconds)
            waiting.append((due, {**copy.copy(environ), "wsgi.input": io.BytesIO(body)}))
            begun.append(key)
            raise how
        if waiting and key in begun:
            return known(json.loads(body), whole=whole)(environ, start)
        return app(environ, start)

    apps = rehearsal.network.apps
    rehearsal.network.apps = {at: gateway if one is app else one for at, one in apps.items()}
    return waiting


def known(batch: Any, *, whole: bool) -> Response:
    """What QuickBooks says to a request id that it is working on."""
    error = {"Message": "Duplicate Request ID", "Detail": "", "code": "600", "element": ""}
    fault = {"Fault": {"Error": [error], "type": "ValidationFault"}}
    items = [{"bId": item["bId"], **fault} for item in batch["BatchItemRequest"]]
    said = fault if whole else {"BatchItemResponse": items}
    return Response(json.dumps(said), 400 if whole else 200, content_type="application/json")


@pytest.mark.parametrize("kind", ["invoice", "payment", "credit memo", "application", "refund"])
@pytest.mark.parametrize("ids", AFTERWARDS)
@pytest.mark.parametrize(("how", "whole"), [(ConnectionResetError, True), (SystemExit, False)])
def test_request_that_is_still_being_worked_on(
    tmp_path: Path, kind: str, ids: str, how: type[BaseException], whole: bool
) -> None:
    """Whether this run or one that follows at once finds it, and whatever is known of it later."""
    rehearsal = quickbooks(tmp_path, AFTERWARDS[ids])
    rehearsal.qbo.set_preferences(warn_duplicate_numbers=False)
    everything(rehearsal)
    waiting = at_work(rehearsal, kind, 115, how, whole)
    attempt(rehearsal)
    rehearsal.sync()
    rehearsal.ticker.pass_time(120)
    rehearsal.sync()
    assert not waiting
    check_books(rehearsal)


@pytest.mark.parametrize("seconds", [0, 600])
@pytest.mark.parametrize("booked", [0, 1])
@pytest.mark.parametrize("where", ["before", "after"])
def test_payments_of_one_reference_are_told_apart(
    tmp_path: Path, seconds: int, booked: int, where: Any
) -> None:
    """Two cheques on one slip: same reference, same amount, same invoice."""
    rehearsal = quickbooks(tmp_path, FORGETS)
    order = rehearsal.order()
    pay: dict[str, Any] = {"order_id": order, "amount": "30.00", "external_transaction_id": "slip"}
    if booked:
        rehearsal.keap.add_payment(**pay)
        rehearsal.sync()
    for _ in range(2 - booked):
        rehearsal.keap.add_payment(**pay)
    place = between(rehearsal)["qbo"]
    place.planned = [
        Trouble(where, text=CREATES["payment"], killed=ConnectionResetError),
        Trouble(where, at=2, text=CREATES["payment"], killed=SystemExit),
    ]
    attempt(rehearsal)
    place.planned = []
    rehearsal.ticker.pass_time(seconds)
    rehearsal.sync()
    check_books(rehearsal)
    with rehearsal.state() as state:
        ids = [
            row.document.ledger_id
            for row in state.records_in(DocumentKind.PAYMENT, DocumentState.CREATED)
        ]
    assert len(set(ids)) == 2


@pytest.mark.parametrize("seconds", [0, 600])
def test_payment_over_several_orders_whose_answer_is_lost(tmp_path: Path, seconds: int) -> None:
    rehearsal = quickbooks(tmp_path, FORGETS)
    ids = [rehearsal.order(), rehearsal.order()]
    rehearsal.keap.add_payment(
        order_ids=ids, amount="150.00", allocations={ids[0]: "100.00", ids[1]: "50.00"}
    )
    place = between(rehearsal)["qbo"]
    place.planned = [Trouble("after", text=CREATES["payment"], killed=SystemExit)]
    attempt(rehearsal)
    rehearsal.ticker.pass_time(seconds)
    rehearsal.sync()
    rehearsal.sync()
    assert sorted(row.total for row in rehearsal.qbo.payments.values()) == [50, 100]
    assert [forms(rehearsal)[order][0].balance for order in ids] == [0, 50]


@pytest.mark.parametrize("lost", [True, False])
def test_another_company_never_gets_what_was_meant_for_this_one(tmp_path: Path, lost: bool) -> None:
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    if lost:
        place = between(rehearsal)["qbo"]
        place.planned = [Trouble("before", text=CREATES["invoice"], killed=SystemExit)]
        attempt(rehearsal)
        place.planned = []
    else:
        rehearsal.sync()
        rehearsal.order()
    qbo, other = rehearsal.qbo, "9341450000000002"
    qbo.companies[other] = "Somebody Else Ltd"
    credentials = Workspace(rehearsal.environ, rehearsal.network).credentials(Call())
    sign_in_to_qbo(credentials, other, "Somebody Else Ltd", qbo.sign_in.grant)
    qbo.sign_in.access_tokens.clear()

    error = failure(rehearsal)

    assert isinstance(error, SignInNeeded)
    assert error.exit_code == ExitCode.SIGN_IN
    assert "Somebody Else Ltd" in error.message
    assert not qbo.other(other).invoices
    sign_in_to_qbo(credentials, qbo.realm, qbo.companies[qbo.realm], qbo.sign_in.grant)
    qbo.sign_in.access_tokens.clear()
    rehearsal.sync()
    check_books(rehearsal)


def test_invoice_voided_while_its_answer_is_lost_is_not_made_again(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path, FORGETS)
    order = rehearsal.order()
    place = between(rehearsal)["qbo"]
    place.planned = [Trouble("after", text=CREATES["invoice"], killed=SystemExit)]
    attempt(rehearsal)
    for seconds in (0, 600):
        rehearsal.ticker.pass_time(seconds)
        for rows in forms(rehearsal).values():
            rehearsal.qbo.void_invoice(rows[0].id)
        rehearsal.sync()
        assert forms(rehearsal) == {}
    with rehearsal.state() as state:
        record = state.record(DocumentKind.INVOICE, order)
    assert record
    assert (record.state, record.document.reason) == (DocumentState.HELD, "changed-after-sync")
    rehearsal.sync(command="sync-id", ids=(order,), recreate=True)
    assert [row.number for row in forms(rehearsal)[order]] == [f"{order}-2"]


def test_payment_voided_while_its_answer_is_lost_is_not_made_again(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path, FORGETS)
    rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="100.00")
    place = between(rehearsal)["qbo"]
    place.planned = [Trouble("after", text=CREATES["payment"], killed=SystemExit)]
    attempt(rehearsal)
    (payment,) = rehearsal.qbo.payments
    rehearsal.qbo.void_payment(payment)
    rehearsal.sync()
    rehearsal.sync()
    assert list(rehearsal.qbo.payments) == [payment]


def test_deposited_payment_is_left_alone(tmp_path: Path) -> None:
    """What a bookkeeper has done with the money does not matter to later runs."""
    rehearsal = quickbooks(tmp_path)
    everything(rehearsal)
    rehearsal.sync()
    for payment in list(rehearsal.qbo.payments.values()):
        if payment.total:
            rehearsal.qbo.deposit(payment.id)
    rehearsal.ticker.pass_time(8 * 86400)
    rehearsal.sync()
    check_books(rehearsal)


@pytest.mark.parametrize("ids", AFTERWARDS)
@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("how", [ConnectionResetError, SystemExit])
def test_money_goes_onto_an_invoice_made_anew_once(
    tmp_path: Path, ids: str, where: Any, how: type[BaseException]
) -> None:
    """The payment has outlived its invoice; no answer comes to its being put onto the new one."""
    rehearsal = quickbooks(tmp_path, AFTERWARDS[ids])
    order = rehearsal.order()
    rehearsal.keap.add_payment(order_id=order, amount="100.00")
    rehearsal.sync()
    rehearsal.qbo.void_invoice(forms(rehearsal)[order][0].id)
    place = between(rehearsal)["qbo"]
    place.planned = [Trouble(where, text='"operation":"update"', killed=how)]
    attempt(rehearsal, command="sync-id", ids=(order,), recreate=True)
    place.planned = []
    rehearsal.sync()
    (payment,) = rehearsal.qbo.payments.values()
    (form,) = forms(rehearsal)[order]
    assert [payment.total, payment.unapplied, form.balance] == [100, 0, 0]
    check_books(rehearsal)


def test_money_in_a_bank_deposit_is_reported_when_its_invoice_is_made_anew(tmp_path: Path) -> None:
    """QuickBooks lets nobody change it: it is not booked twice, nor said to be on the invoice."""
    rehearsal = quickbooks(tmp_path)
    order = rehearsal.order()
    rehearsal.keap.add_payment(order_id=order, amount="100.00")
    rehearsal.sync()
    (payment,) = rehearsal.qbo.payments.values()
    rehearsal.qbo.void_invoice(payment.lines[0].txn_id)
    rehearsal.qbo.deposit(payment.id)
    result = rehearsal.sync(command="sync-id", ids=(order,), recreate=True)
    (money,) = [item for item in result.documents if item.kind is DocumentKind.PAYMENT]
    assert money.state.open
    assert "deposit" in money.hint
    rehearsal.sync()
    assert list(rehearsal.qbo.payments) == [payment.id]
    assert result.exit_code == ExitCode.NEEDS_PERSON


@pytest.mark.parametrize("kind", ["payment", "credit memo", "refund"])
@pytest.mark.parametrize("seconds", [0, 600])
def test_money_voided_while_its_answer_is_lost_is_reported(
    tmp_path: Path, kind: str, seconds: int
) -> None:
    """R12: never made again by itself; told once, and made anew when that is asked for."""
    rehearsal = quickbooks(tmp_path, FORGETS)
    order = everything(rehearsal)[kind]
    place = between(rehearsal)["qbo"]
    place.planned = [Trouble("after", text=CREATES[kind], killed=SystemExit)]
    attempt(rehearsal)
    place.planned = []
    qbo = rehearsal.qbo
    tables: dict[str, tuple[Any, Any]] = {
        "payment": (qbo.payments, qbo.void_payment),
        "credit memo": (qbo.credit_memos, qbo.void_credit_memo),
        "refund": (qbo.refund_receipts, qbo.void_refund_receipt),
    }
    table, void = tables[kind]
    lost = next(row.id for row in table.values() if row.total)
    void(lost)
    rehearsal.ticker.pass_time(seconds)
    result = rehearsal.sync()
    reported = [item for item in result.documents if item.ledger_id == lost]
    assert [(item.state, item.reason) for item in reported] == [
        (DocumentState.HELD, "changed-after-sync")
    ]
    before = set(table)
    rehearsal.sync()
    assert set(table) == before
    rehearsal.sync(command="sync-id", ids=(order,), recreate=True)
    assert [row.status for row in table.values()].count("voided") == 1
    assert len(table) == len(before) + 1


@pytest.mark.parametrize("where", ["before", "after"])
def test_credit_used_elsewhere_while_its_application_is_lost_is_reported(
    tmp_path: Path, where: Any
) -> None:
    """That the memo is used up does not say that it is on its own invoice."""
    rehearsal = quickbooks(tmp_path, FORGETS)
    person = rehearsal.person()
    other = rehearsal.order(contact=person)
    rehearsal.sync()
    order = rehearsal.order(contact=person)
    rehearsal.keap.add_payment(order_id=order, amount="30.00", type="Credit")
    place = between(rehearsal)["qbo"]
    place.planned = [Trouble(where, text=CREATES["application"], killed=SystemExit)]
    attempt(rehearsal)
    place.planned = []
    (memo,) = rehearsal.qbo.credit_memos
    if where == "before":
        rehearsal.qbo.use_credit_for(memo, forms(rehearsal)[other][0].id)
    result = rehearsal.sync()
    with rehearsal.state() as state:
        (record,) = state.records_in(DocumentKind.CREDIT, DocumentState.CREATED)
    assert [forms(rehearsal)[key][0].balance for key in (other, order)] == (
        [70, 100] if where == "before" else [100, 70]
    )
    assert ("used up" in record.document.message) == (where == "before")
    assert not result.exit_code
