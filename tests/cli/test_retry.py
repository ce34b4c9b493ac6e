"""`retry` and `dismiss`: what is open, corrected, tried again or put away."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentState, Reason
from invoicesync_cli.state import Store
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Edit, Run


def open_ones(run: Run) -> set[str]:
    """The orders that the next run still tells of."""
    return {item["order_id"] for item in run("sync", "--json").invoices}


def test_an_unlocked_period_lets_the_held_invoice_through(run: Run, box: Sandbox) -> None:
    run("sync")
    assert CASES["locked"] in open_ones(run)
    box.xero.set_lock_dates()

    ran = run("sync", "--json")

    created = [item["order_id"] for item in ran.invoices if item["state"] == "created"]
    assert created == [CASES["locked"]]
    assert CASES["locked"] not in open_ones(run)


def test_a_pin_lets_the_ambiguous_contact_through(run: Run, box: Sandbox, edit: Edit) -> None:
    run("sync")
    person = box.keap.orders[CASES["ambiguous"]].contact_id
    chosen = next(item for item in box.xero.contacts.values() if item.name == "Emma Field")
    edit(
        "[payments.accounts]", f'[contacts.pins]\n"{person}" = "{chosen.id}"\n\n[payments.accounts]'
    )

    ran = run("retry", str(int(CASES["ambiguous"]) - 2), "--json")

    assert ran.json["command"] == "retry"
    assert ran.invoices[0]["state"] == "created"
    booked = box.xero.invoices[ran.invoices[0]["ledger_id"]]
    assert booked.contact_id == chosen.id


def test_retry_without_ids_tries_everything_that_is_open(run: Run, box: Sandbox) -> None:
    run("sync")
    box.xero.set_lock_dates()

    ran = run("retry", "--json")

    created = {item["order_id"] for item in ran.invoices if item["state"] == "created"}
    assert created == {CASES["locked"]}
    assert ran.data["invoices"]["held"] == 5


def test_retry_with_nothing_open(run: Run, box: Sandbox) -> None:
    assert run("retry").code == 0


def test_a_dismissed_one_stays_away_until_named(run: Run, box: Sandbox) -> None:
    run("sync")
    locked = CASES["locked"]

    ran = run("dismiss", locked, "--reason", "entered by hand", "--json")

    assert ran.code == 0
    assert [item["state"] for item in ran.invoices] == ["dismissed"]
    box.xero.set_lock_dates()
    assert locked not in open_ones(run)
    assert run("sync", "--from-start", "--json").data["invoices"]["created"] == 0
    assert run("status", "--json").data["open"]["held"] == 5
    latest = run("log", "--id", locked, "--json").invoices[0]
    assert (latest["state"], latest["message"]) == ("dismissed", "entered by hand")
    assert run("sync-id", locked, "--json").data["invoices"]["created"] == 1


def test_dismissing_everything_ends_exit_code_three(run: Run, box: Sandbox) -> None:
    run("sync")
    held = [entry["invoice_id"] for entry in run("log", "--failed", "--json").invoices]

    run("dismiss", *held, "--reason", "done by hand")

    assert run("sync").code == 0


def test_what_is_in_the_ledger_cannot_be_dismissed(run: Run, box: Sandbox) -> None:
    run("sync-id", "1048")

    ran = run("dismiss", "1048", "4711", "--reason", "no", "--json")

    states = [(item["state"], item["reason"]) for item in ran.invoices]
    assert states == [("created", ""), ("failed", "not-found")]
    assert ran.code == 3


def test_a_reason_is_asked_for(run: Run, box: Sandbox) -> None:
    assert run("dismiss", "1001").code == 2


@pytest.fixture(params=["xero", "qbo"])
def shop(request: pytest.FixtureRequest) -> Any:
    """The demo shop with its books in each ledger."""
    return request.getfixturevalue({"xero": "box", "qbo": "company"}[request.param])


def an_order(shop: Sandbox, paid: str = "") -> tuple[str, str]:
    """An order of 100.00 by somebody new, and what was paid on it: order and payment id."""
    person = shop.keap.add_contact(
        given_name="Ada", family_name="Moss", emails=("ada@example.com",)
    )
    order = shop.keap.add_order(
        contact_id=person,
        order_time=shop.clock.now() - timedelta(days=2),
        items=[Item("PRODUCT", "100.00", name="Candle")],
    )
    if not paid:
        return order.id, ""
    return order.id, shop.keap.add_payment(order_id=order.id, amount=paid).id


def money_of(run: Run, order: str) -> list[tuple[str, str, str]]:
    """What the last entries of the log say of an order's payments, oldest first."""
    entries = run("log", "--id", order, "--json").data["entries"]
    return [
        (item["state"], item["reason"], item["total"])
        for item in reversed(entries)
        if item["kind"] == "payment"
    ]


def test_a_dismissed_change_of_the_order_leaves_its_money_to_come(run: Run, shop: Sandbox) -> None:
    """R12: `dismiss` closes that one hold, never the order."""
    order, _ = an_order(shop)
    run("sync-id", order, "--by", "order")
    shop.keap.edit_order(order, items=[Item("PRODUCT", "90.00", name="Candle")])
    assert run("sync", "--json").code == 3
    run("dismiss", order, "--by", "order", "--reason", "discount given by hand")
    shop.keap.add_payment(order_id=order, amount="90.00")

    run("sync")

    assert money_of(run, order) == [("created", "", "90.00")]


def test_a_dismissed_change_of_a_payment_leaves_the_rest_to_come(run: Run, shop: Sandbox) -> None:
    order, payment = an_order(shop, "40.00")
    run("sync-id", order, "--by", "order")
    shop.keap.edit_payment(payment, amount="35.00")
    run("sync")

    dismissed = run("dismiss", order, "--by", "order", "--reason", "a slip", "--json")

    assert [(item["kind"], item["state"]) for item in dismissed.data["documents"]] == [
        ("invoice", "created"),
        ("payment", "dismissed"),
    ]
    shop.keap.add_payment(order_id=order, amount="60.00")
    run("sync")
    assert money_of(run, order)[-1] == ("created", "", "60.00")


def put(home: Path, order: str, state: DocumentState, *, batch: bool = False) -> None:
    """Leave the record of an invoice as a run that was interrupted would."""
    with Store.open(home / "state.sqlite3") as file, file.transaction():
        record = file.records_of([order], "order")[0]
        document = replace(record.document, state=state, reason=Reason.NONE, message="", hint="")
        file.save(replace(record, document=document))
        if batch:
            file.journal.begin("r", "invoice", "key", b"{}", {order: order}, datetime.now(UTC))


@pytest.mark.parametrize("state", [DocumentState.NEW, DocumentState.SENDING])
def test_what_an_interrupted_run_left_is_open(
    run: Run, box: Sandbox, home: Path, state: DocumentState
) -> None:
    locked = CASES["locked"]
    run("sync")
    put(home, locked, state)

    assert run("status", "--json").data["open"]["waiting"] >= 1
    assert {item["order_id"] for item in run("retry", "--json").invoices} >= {locked}
    put(home, locked, state)
    ran = run("dismiss", locked, "--by", "order", "--reason", "by hand", "--json")
    assert [item["state"] for item in ran.invoices] == ["dismissed"]


def test_what_is_on_its_way_cannot_be_dismissed_before_it_is_looked_up(
    run: Run, box: Sandbox, home: Path
) -> None:
    """Else it could be in the ledger without a record."""
    locked = CASES["locked"]
    run("sync")
    put(home, locked, DocumentState.SENDING, batch=True)

    ran = run("dismiss", locked, "--by", "order", "--reason", "by hand", "--json")

    assert ran.code == 3
    assert [(item["state"], item["reason"]) for item in ran.invoices] == [
        ("held", "outcome-unknown")
    ]
    assert "invoicesync sync" in ran.invoices[0]["hint"]
    with Store.open(home / "state.sqlite3") as file:
        assert file.records_of([locked], "order")[0].state is DocumentState.SENDING


def test_an_order_id_that_was_taken_for_an_invoice_id_is_said(run: Run, box: Sandbox) -> None:
    """Invoice ids of this shop are two behind its order ids from 1027 on."""
    run("sync-id", CASES["sums-differ"], "--by", "order")

    ran = run("dismiss", "1027", "1025", "99", "--reason", "by hand", "--json")

    found = {item["invoice_id"]: (item["state"], item["hint"]) for item in ran.invoices}
    assert found["1025"] == ("dismissed", "")
    assert found["1027"][0] == found["99"][0] == "failed"
    assert "--by order" in found["1027"][1]
    assert "--by order" not in found["99"][1]
    assert ran.code == 3


def test_dismissing_where_nothing_is_open_says_so(run: Run, box: Sandbox) -> None:
    run("sync-id", "1048")

    ran = run("dismiss", "1048", "--reason", "no")

    assert "Nothing of invoice 1048 is open." in ran.err


def test_skipped_ones_are_tried_again_only_by_name(run: Run, box: Sandbox, edit: Edit) -> None:
    run("sync")
    edit("skip_zero_total = true", "skip_zero_total = false")
    zero = CASES["zero-total"]

    assert zero not in {item["order_id"] for item in run("retry", "--json").invoices}
    ran = run("retry", zero, "--by", "order", "--json")
    assert [item["state"] for item in ran.invoices] == ["created"]


def test_retry_of_a_booked_invoice_does_not_offer_to_make_it_anew(run: Run, box: Sandbox) -> None:
    """Only its failed charge is on the list."""
    order, _ = an_order(box)
    box.keap.add_failed_charge(order, "100.00", error="Do not honour")
    run("sync-id", order, "--by", "order")

    ran = run("retry", order, "--by", "order", "--json")

    assert ran.code == 0
    (invoice,) = ran.invoices
    assert (invoice["state"], invoice["reason"], invoice["hint"]) == (
        "skipped",
        "already-synced",
        "",
    )


def test_each_that_was_named_is_said_what_became_of_it(run: Run, box: Sandbox) -> None:
    """Also what waits or is in the ledger already; without ids these are groups."""
    run("sync")

    out = run("retry", "1001,1047").out

    assert "  held       invoice 1001 (order 1001)  72.00 GBP" in out
    assert "  waiting    payment 1001 (order 1001)  72.00 GBP" in out
    assert "  skipped    invoice 1047 (order 1049)  120.00 GBP" in out
    assert "only its money was tried again" in out


def test_nothing_to_retry_settles_nothing_else(run: Run, box: Sandbox) -> None:
    """What an earlier run has held needs a person all the same, and the cursor is where it was."""
    run("sync")
    for entry in run("todo", "--json").invoices:
        if entry["invoice_id"] != "1030":
            run("dismiss", entry["invoice_id"], "--reason", "by hand")
    cursor = run("sync", "--json").data["cursor"]

    ran = run("retry", "--undone", "--json")

    assert (ran.code, ran.json["status"]) == (3, "partial")
    assert ran.data["documents"] == []
    assert cursor["order_id"]
    assert ran.data["cursor"] == cursor
