"""The instalments of payment plans: what of them is paid, due and overdue, on either ledger."""

import csv
import io
import re
import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_sandbox.keap import Instalment, Item
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run

TODAY = date(2026, 12, 10)
DAYS = (date(2027, 1, 3), date(2026, 11, 3), date(2026, 12, 3))


@pytest.fixture(params=["box", "company"])
def shop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The demo shop on the 10th of December, with its books in Xero and in QuickBooks."""
    for command in ("explain", "statement"):
        monkeypatch.setattr(f"invoicesync_cli.cli.{command}.today", lambda: TODAY)
    found: Sandbox = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def order(shop: Sandbox) -> str:
    """An order of 300.00 in three instalments; 140.00 are paid."""
    person = shop.keap.add_contact(given_name="Petra", family_name="Plan")
    made = shop.keap.add_order(
        contact_id=person,
        items=[Item("PRODUCT", "300.00", name="Course")],
        order_time=shop.clock.now(),
        plan=[Instalment(day, "100.00") for day in DAYS],
    )
    shop.keap.add_payment(order_id=made.id, amount="140.00")
    return made.id


def of_order(data: dict[str, Any], order: str) -> list[tuple[str, str, str, str]]:
    """The instalments of an order in a statement: day, amount, what is left, and state."""
    return [
        (item["date"], item["amount"], item["left"], item["state"])
        for item in data["instalments"]
        if item["order_id"] == order
    ]


def test_what_is_paid_due_and_overdue_is_in_the_statement_and_in_explain(
    run: Run, shop: Sandbox, order: str
) -> None:
    run("sync")

    data = run("report", "--json").data

    expected = [
        ("2026-11-03", "100.00", "0.00", "paid"),
        ("2026-12-03", "100.00", "60.00", "overdue"),
        ("2027-01-03", "100.00", "100.00", "due"),
    ]
    assert of_order(data, order) == expected
    explained = run("explain", order, "--by", "order", "--json").data["instalments"]
    kept = run("explain", order, "--by", "order", "--offline", "--json").data["instalments"]
    assert explained == kept
    assert [(one["date"], one["amount"], one["left"], one["state"]) for one in kept] == expected
    text = run("explain", order, "--by", "order").out
    assert "2026-12-03  100.00 GBP, overdue, 40.00 GBP of it paid" in text
    assert f"overdue since 2026-12-03: 60.00 GBP of invoice {order}, Petra Plan" in (
        run("report").out
    )


def test_a_month_has_what_is_due_in_it(run: Run, shop: Sandbox, order: str) -> None:
    run("sync")

    december = run("report", "--month", "2026-12", "--json").data

    assert of_order(december, order) == [("2026-12-03", "100.00", "60.00", "overdue")]


def test_a_later_payment_and_another_plan_are_seen_by_the_next_run(
    run: Run, shop: Sandbox, order: str
) -> None:
    run("sync")
    shop.keap.add_payment(order_id=order, amount="60.00")
    run("sync")
    states = [item[3] for item in of_order(run("report", "--json").data, order)]
    assert states == ["paid", "paid", "due"]

    shop.keap.edit_order(order, plan=[Instalment(DAYS[1], "200.00"), Instalment(DAYS[0], "100.00")])
    run("sync")
    amounts = [item[1] for item in of_order(run("report", "--json").data, order)]
    assert amounts == ["200.00", "100.00"]

    shop.keap.edit_order(order, plan=[Instalment(DAYS[0], "300.00")])
    run("sync")
    assert of_order(run("report", "--json").data, order) == []


def test_the_table_and_the_page_add_up(run: Run, shop: Sandbox, order: str, tmp_path: Path) -> None:
    run("sync")
    page = tmp_path / "statement.html"

    found = csv.DictReader(io.StringIO(run("report", "--csv").out))
    rows = {row["key"]: row for row in found if row["section"] == "instalments"}
    run("report", "--html", str(page))

    # The demo shop has a plan of its own: 100.00 paid, 100.00 overdue, 100.00 due.
    assert [(key, row["count"], row["gross"]) for key, row in rows.items()] == [
        ("paid", "2", "240.00"),
        ("due", "2", "200.00"),
        ("overdue", "2", "160.00"),
        ("total", "6", "600.00"),
    ]
    text = re.sub(r"\s+", " ", page.read_text(encoding="utf-8"))
    assert "<h2>Instalments</h2>" in text
    assert '<th scope="row">overdue</th><td class="n">2</td><td class="n">160.00</td>' in text
    assert "Petra Plan" in text
    assert '<td class="n">60.00</td><td class="alarm">overdue</td>' in text


def test_a_cancelled_sale_has_none(run: Run, shop: Sandbox, order: str) -> None:
    run("sync")
    run("undo", "--id", order, "--by", "order", "--yes")

    assert of_order(run("report", "--json").data, order) == []


def test_a_state_of_before_plans_were_kept_learns_them_with_the_next_run(
    run: Run, shop: Sandbox, order: str, home: Path
) -> None:
    run("sync")
    with closing(sqlite3.connect(home / "state.sqlite3")) as file:
        file.executescript("DROP TABLE plans; PRAGMA user_version = 3;")

    before = run("report", "--json")
    offline = run("explain", order, "--by", "order", "--offline", "--json")
    run("sync")

    assert before.code == 3
    assert before.data["instalments"] == offline.data["instalments"] == []
    left = [Decimal(item[2]) for item in of_order(run("report", "--json").data, order)]
    assert sum(left) == Decimal("160.00")
