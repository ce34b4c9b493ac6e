"""`retry` and `dismiss`: what is open, mended, tried again or put away."""

from collections.abc import Callable

from tests.cli.conftest import Run

from invoicesync_cli.sandbox.shop.orders import CASES
from invoicesync_cli.sandbox.world import Sandbox

Edit = Callable[[str, str], None]


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


def test_retry_without_ids_tries_everything_that_is_open(
    run: Run, box: Sandbox, edit: Edit
) -> None:
    run("sync")
    edit("skip_zero_total = true", "skip_zero_total = false")
    box.xero.set_lock_dates()

    ran = run("retry", "--json")

    created = {item["order_id"] for item in ran.invoices if item["state"] == "created"}
    assert created == {CASES["locked"], CASES["zero-total"]}
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
