"""`report`: the month-end statement, held against the books themselves."""

import csv
import io
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_sandbox.shop.orders import CASES
from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run
from tests.kits.qbo_company import ours

Sums = dict[str, Decimal]


def summed(pairs: Iterable[tuple[str, Decimal]]) -> Sums:
    """What each key comes to, without those that come to nothing."""
    found: Sums = {}
    for key, amount in pairs:
        found[key] = found.get(key, Decimal(0)) + amount
    return {key: amount for key, amount in found.items() if amount}


def rows(data: list[dict[str, Any]], key: str, amount: str) -> Sums:
    """The same of a section of the statement."""
    return summed((item[key], Decimal(item[amount])) for item in data)


def booked(box: Sandbox) -> list[Any]:
    """Xero's invoices that this tool has made."""
    found = box.xero.invoices.values()
    return [one for one in found if one.app and one.status not in {"VOIDED", "DELETED"}]


def test_sales_and_tax_are_what_xero_has(run: Run, box: Sandbox) -> None:
    run("sync")

    ran = run("report", "--json")

    invoices = booked(box)
    lines = [line for invoice in invoices for line in invoice.lines]
    assert ran.code == 3
    assert len(invoices) == sum(item["count"] for item in ran.data["months"])
    assert rows(ran.data["sales"], "account", "gross") == summed(
        (line.account_code, line.line_amount + line.tax_amount) for line in lines
    )
    notes = [
        note.lines[0]
        for note in box.xero.credit_notes.values()
        if note.number[:3] in {"CR-", "RF-"}
    ]
    assert rows(ran.data["credits"], "account", "tax") == summed(
        (line.account_code, line.tax_amount) for line in notes
    )
    assert rows(ran.data["tax"], "code", "tax") == summed(
        [(line.tax_type, line.tax_amount) for line in lines]
        + [(line.tax_type, -line.tax_amount) for line in notes]
    )
    assert rows(ran.data["money"], "account", "total")["091"] == sum(
        payment.amount
        for payment in box.xero.payments.values()
        if box.xero.accounts[payment.account_id].code == "091" and payment.status == "AUTHORISED"
    )


@pytest.mark.parametrize("fixture", ["company", "american"])
def test_sales_go_by_item_in_quickbooks(
    fixture: str, run: Run, request: pytest.FixtureRequest
) -> None:
    box: Sandbox = request.getfixturevalue(fixture)
    run("sync")

    data = run("report", "--json").data

    forms = ours(box.qbo.invoices)
    items = {item.id: item.name for item in box.qbo.items.values()}
    nets = summed(
        (items[line.item_id], line.amount)
        for form in forms
        for line in form.lines
        if line.item_id in items
    )
    assert {key: rows(data["sales"], "account", "net")[key] for key in nets} == nets
    assert sum(rows(data["sales"], "account", "gross").values()) == sum(
        form.total for form in forms
    )
    assert sum(rows(data["sales"], "account", "tax").values()) == sum(form.tax for form in forms)


def test_a_month_is_that_month(run: Run, box: Sandbox) -> None:
    run("sync")

    october = run("report", "--month", "2026-10", "--json").data
    both = run("report", "--json").data

    invoices = [one for one in booked(box) if (one.date.year, one.date.month) == (2026, 10)]
    (month,) = october["months"]
    assert Decimal(month["ledger"]) == sum(one.total for one in invoices)
    assert Decimal(month["keap"]) - Decimal(month["explained"]) == Decimal(month["ledger"])
    assert both["months"][0] == month
    assert october["period"] == {"from": "2026-10-01", "until": "2026-10-31"}
    dates = {item["date"] for item in october["open"] if item["date"]}
    assert max(dates) <= "2026-10-31"
    assert run("report", "--month", "2026-10", "--since-date", "2026-10-02").code == 2
    assert run("report", "--since-date", "2026-10-02", "--until-date", "2026-10-01").code == 2
    assert run("report", "--month", "October").code == 2


def test_it_asks_nobody(run: Run, box: Sandbox) -> None:
    run("sync")
    calls = len(box.keap.calls), len(box.xero.calls)

    run("report")

    assert (len(box.keap.calls), len(box.xero.calls)) == calls


@pytest.mark.usefixtures("box")
def test_what_is_open_has_no_tax_and_no_sum_of_invoices_and_their_payments(run: Run) -> None:
    run("sync")

    lines = run("report").out.splitlines()

    start = next(place for place, line in enumerate(lines) if line.split()[:1] == ["open"])
    assert lines[start].split() == ["open", "count", "amount"]
    below = lines[start + 1 :]
    table = below[: next(place for place, line in enumerate(below) if not line.strip())]
    assert any("period-locked" in line for line in table)
    assert not any(line.strip().startswith("total") for line in table)


def test_nothing_open_is_exit_zero(run: Run, box: Sandbox) -> None:
    run("sync")

    ran = run("report", "--since-date", "2026-11-20", "--until-date", "2026-11-30", "--json")

    assert [item for item in ran.data["open"] if item["state"] in {"held", "failed"}] == [
        item for item in ran.data["open"] if not item["date"]
    ]
    for item in ran.data["open"]:
        run("dismiss", item["invoice_id"], "--reason", "entered by hand")
    assert run("report", "--since-date", "2026-11-20").code == 0


def test_each_section_of_the_spreadsheet_ends_with_its_total(run: Run, box: Sandbox) -> None:
    run("sync")

    table = list(csv.DictReader(io.StringIO(run("report", "--csv").out)))

    assert list(table[0]) == ["section", "key", "count", "net", "tax", "gross"]
    assert {"open", "open USD", "instalments"} <= {row["section"] for row in table}
    for section in {row["section"] for row in table}:
        *parts, total = [row for row in table if row["section"] == section]
        assert total["key"] == "total"
        for name in ("net", "tax", "gross"):
            assert Decimal(total[name]) == sum(Decimal(part[name]) for part in parts)
    totals = {row["section"]: row["gross"] for row in table if row["key"] == "total"}
    # An order in dollars and its payment, which no sum of pounds has.
    assert totals["open USD"] == "200.00"
    sales = next(row for row in table if (row["section"], row["key"]) == ("sales", "total"))
    assert Decimal(sales["gross"]) == sum(one.total for one in booked(box))


def test_the_page_has_all_of_it_and_no_more(run: Run, box: Sandbox, tmp_path: Path) -> None:
    contact = box.keap.contacts[str(box.keap.orders[CASES["locked"]].contact_id)]
    contact.given_name = "<script>alert(1)</script>"
    contact.family_name = "\u202eEvil"
    run("sync")
    page = tmp_path / "statement.html"

    ran = run("report", "--html", str(page))

    text = page.read_text(encoding="utf-8")
    data = run("report", "--json").data
    assert ran.code == 3
    assert "<script" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"(src|href|url\()\s*=?\s*[\"']?(https?:)?//", text)
    for month in data["months"]:
        assert f"{Decimal(month['ledger']):,.2f}" in text
    for item in data["open"]:
        assert item["hint"].split('"')[0].split("'")[0][:30] in text
    assert page.stat().st_mode & 0o077 == 0


def test_what_a_new_state_has_taken_up_is_in_the_statement(
    run: Run, box: Sandbox, home: Path
) -> None:
    """The ledger has it, whoever knows of it: nothing is missing but which accounts money is on."""
    run("sync")
    before = run("report", "--json").data
    for path in home.glob("state.sqlite3*"):
        path.unlink()

    run("sync")

    after = run("report", "--json").data
    assert (after["months"], after["sales"]) == (before["months"], before["sales"])
    assert sum(item["count"] for item in after["money"]) == sum(
        item["count"] for item in before["money"]
    )
    assert {(item["account"], item["name"]) for item in after["money"]} == {("", "")}


def test_what_was_never_synced_is_an_empty_statement(run: Run, box: Sandbox) -> None:
    ran = run("report", "--json")

    assert ran.code == 0
    assert ran.data["months"] == ran.data["sales"] == ran.data["open"] == []
    assert run("report").code == 0
