"""`reverse-sync` as it is typed, and what the other commands say of an order that came from the
ledger."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run

Enter = Callable[..., str]
REVERSE = '\n[reverse]\nenabled = true\nstart = "2026-11-01"\n'


@pytest.fixture
def shop(box: Sandbox, home: Path) -> Sandbox:
    """The demo shop with this way switched on."""
    config = home / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + REVERSE, encoding="utf-8")
    return box


@pytest.fixture
def enter(shop: Sandbox) -> Enter:
    """Enter an invoice in Xero: its id."""

    def entered(number: str, price: str = "10.00", **contact: Any) -> str:
        there = shop.xero.add_contact(**{"name": f"Buyer of {number}", **contact})
        day = shop.xero.today().isoformat()
        line = {"Description": "By hand", "Quantity": "1", "UnitAmount": price}
        return shop.xero.add_invoice(
            there,
            [{**line, "AccountCode": "200", "TaxType": "OUTPUT2"}],
            Date=day,
            DueDate=day,
            InvoiceNumber=number,
        )

    return entered


def test_what_is_entered_is_said_and_a_second_time_nothing(
    run: Run, shop: Sandbox, enter: Enter
) -> None:
    enter("INV-1", "100.00", email="new@example.com")
    before = len(shop.keap.orders)

    would = run("reverse-sync", "--dry-run")
    assert (would.code, len(shop.keap.orders)) == (0, before)
    assert "Would be entered in Keap: 1 invoice, 120.00 GBP" in would.out
    assert would.out.rstrip().endswith("Nothing was changed.")

    done = run("reverse-sync")
    assert done.code == 0
    assert "Entered in Keap: 1 invoice, 120.00 GBP; Keap has 120.00 GBP of them" in done.out
    assert len(shop.keap.orders) == before + 1
    assert run("reverse-sync").out == "Invoices to Keap: nothing to do.\n"
    order = max(shop.keap.orders, key=int)
    assert "made from INV-1" in run("explain", "INV-1", "--by", "ledger").out
    assert f"Keap invoice {order}" in run("log").out.replace("invoice ", "Keap invoice ")


def test_data_are_those_of_a_run(run: Run, shop: Sandbox, enter: Enter) -> None:
    ledger_id = enter("INV-1", "100.00", email="new@example.com")

    data = run("reverse-sync", "--json").data

    (document,) = data["documents"]
    assert data["invoices"]["created"] == 1
    assert data["totals"] == {"currency": "GBP", "keap": "120.00", "ledger": "120.00"}
    assert (document["kind"], document["state"], document["number"]) == (
        "invoice",
        "created",
        "INV-1",
    )
    assert (document["ledger_id"], document["total"]) == (ledger_id, "120.00")
    assert document["order_id"] == max(shop.keap.orders, key=int)


def test_what_is_held_is_found_by_its_number_in_the_ledger(
    run: Run, shop: Sandbox, enter: Enter
) -> None:
    for name in ("A", "B"):
        shop.keap.add_contact(given_name=name, emails=("twin@example.com",))
    enter("INV-7", "5.00", email="twin@example.com")

    assert run("reverse-sync").code == 3
    assert "INV-7" in run("todo").out
    told = run("explain", "INV-7", "--by", "ledger")
    assert "Invoice INV-7 in the ledger" in told.out
    assert "contact-ambiguous" in told.out
    assert 'invoicesync dismiss "INV-7" --by ledger' in told.out
    assert run("dismiss", "INV-7", "--by", "ledger", "--reason", "not ours").code == 0
    assert run("todo").out == "Nothing is open.\n"
    assert run("reverse-sync").code == 0
    assert run("explain", "INV-8", "--by", "ledger").code == 3
    assert run("dismiss", "INV-8", "--by", "ledger", "--reason", "x").code == 3


def test_an_id_of_keaps_is_still_a_number(run: Run, shop: Sandbox) -> None:
    assert run("explain", "INV-7").code == 2
    assert run("dismiss", "INV-7", "--reason", "x").code == 2


def test_other_commands_know_where_such_an_order_came_from(
    run: Run, shop: Sandbox, enter: Enter
) -> None:
    invoice = enter("INV-1", "100.00", email="new@example.com")
    run("sync")
    run("reverse-sync")
    order = max(shop.keap.orders, key=int)
    invoices = len(shop.xero.invoices)
    # Payments are not sent to Keap: that it is paid in the ledger is no difference.
    shop.xero.pay(invoice)

    verified = run("verify", "--json").data
    assert verified["differences"] == []
    assert not [one for one in verified["explained"] if one["order_id"] == order]
    assert "INV-1" not in run("adopt", "--dry-run").out
    kept = run("undo", "--id", order, "--yes")
    assert "it stays as it is" in kept.out
    assert shop.xero.invoices[invoice].status == "PAID"
    again = run("sync-id", order, "--recreate")
    assert "is not sent back" in again.out
    assert len(shop.xero.invoices) == invoices
    assert {row["differences"] for row in verified["sums"]} == {0}


def test_a_scheduled_run_goes_both_ways_and_is_silent_without_news(
    run: Run, shop: Sandbox, enter: Enter
) -> None:
    enter("INV-1", "100.00", email="new@example.com")
    before = len(shop.keap.orders)

    first = run("sync", "--scheduled", "--json").data
    numbers = [one["number"] for one in first["documents"] if one["state"] == "created"]
    assert "INV-1" in numbers
    assert len(shop.keap.orders) == before + 1
    assert run("sync", "--scheduled").out == ""
    assert len(shop.keap.orders) == before + 1


def test_a_run_that_is_typed_goes_one_way(run: Run, shop: Sandbox, enter: Enter) -> None:
    enter("INV-1")
    before = len(shop.keap.orders)

    run("sync")

    assert len(shop.keap.orders) == before


def test_without_a_day_to_begin_at_it_says_what_to_set(run: Run, box: Sandbox) -> None:
    ended = run("reverse-sync")

    assert ended.code == 5
    assert "reverse.start" in ended.err
    assert run("reverse-sync", "--since-date", "2026-11-01", "--dry-run").code == 0
