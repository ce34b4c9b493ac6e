"""`approve`: what was drafted in Xero becomes authorised, unless somebody has changed it."""

from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode, TryLater
from invoicesync_cli.model import DocumentKind
from invoicesync_sandbox.keap import Item
from tests.kits.faults import Trouble, between
from tests.kits.rehearsal import Rehearsal
from tests.kits.undoing import approve

CANDLE = Item("PRODUCT", "100.00", name="Candle", taxable=True)
TAX = Item("TAX", "20.00", name="Tax")


@pytest.fixture(params=["draft", "submitted"])
def r(request: pytest.FixtureRequest, tmp_path: Path) -> Rehearsal:
    """A rehearsal in which invoices are not approved by the run that sends them."""
    return rehearse(tmp_path, request.param)


def rehearse(home: Path, status: str = "draft") -> Rehearsal:
    """The same with one status."""
    settings = {"sync.mode": "invoices-and-payments", "xero.status": status}
    return Rehearsal(home, **settings)


def statuses(r: Rehearsal) -> dict[str, str]:
    """The status of every invoice of ours, by number."""
    return {row.number: row.status for row in r.xero.invoices.values() if row.number.isdigit()}


def change(r: Rehearsal, number: str, **fields: Any) -> None:
    """Somebody changes an invoice in Xero."""
    (row,) = r.xero.invoices.find("number", number)
    r.xero.edit_invoice(row.id, **fields)


def test_run_is_approved_and_the_next_books_its_money(r: Rehearsal) -> None:
    orders = [r.order(CANDLE, TAX) for _ in range(3)]
    r.keap.add_payment(order_id=orders[0], amount="120.00")
    r.sync()
    before = statuses(r)

    shown = approve(r, dry_run=True)

    assert (statuses(r), len(shown.documents)) == (before, 3)
    assert {item.message for item in shown.documents} == {"It would be approved."}

    done = approve(r)

    assert set(statuses(r).values()) == {"AUTHORISED"}
    assert (done.exit_code, done.counts(DocumentKind.INVOICE)["created"]) == (ExitCode.OK, 3)
    r.sync()
    assert statuses(r)[orders[0]] == "PAID"
    again = approve(r)
    assert (again.documents, again.exit_code) == ([], ExitCode.OK)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"Date": "2026-11-01"}, "is 2026-11-01"),
        ({"DueDate": "2027-01-01"}, "is 2027-01-01"),
        ({"Reference": "Rang up"}, "is Rang up"),
        (
            {"LineItems": [{"Description": "Candle", "UnitAmount": 90, "AccountCode": "200"}]},
            "the total was",
        ),
        (
            {
                "LineItems": [
                    {
                        "Description": "Candle",
                        "UnitAmount": 100,
                        "AccountCode": "201",
                        "TaxType": "OUTPUT2",
                    }
                ]
            },
            "the account of line 1 was 200, is 201",
        ),
    ],
)
def test_draft_that_somebody_changed_is_left_alone(
    tmp_path: Path, fields: dict[str, Any], said: str
) -> None:
    r = rehearse(tmp_path)
    changed, other = r.order(CANDLE, TAX), r.order(CANDLE, TAX)
    r.sync()
    change(r, changed, **fields)

    result = approve(r)

    found = {item.order_id: item for item in result.documents}
    assert (found[changed].state, found[changed].reason) == ("created", "changed-in-ledger")
    assert said in found[changed].message
    assert result.exit_code is ExitCode.NEEDS_PERSON
    assert statuses(r) == {changed: "DRAFT", other: "AUTHORISED"}


@pytest.mark.parametrize(
    ("tracking", "said"),
    [
        ([{"Name": "Region", "Option": "South"}], "was Region: North, is Region: South"),
        ([], "was Region: North, is nothing"),
    ],
)
def test_draft_that_is_tracked_otherwise_is_left_alone(
    tmp_path: Path, tracking: list[dict[str, str]], said: str
) -> None:
    r = rehearse(tmp_path)
    r.configure({"xero.tracking": {"Region": "North"}})
    changed, other = r.order(CANDLE, TAX), r.order(CANDLE, TAX)
    r.sync()
    line = {
        "Description": "Candle",
        "UnitAmount": 100,
        "AccountCode": "200",
        "TaxType": "OUTPUT2",
        "Tracking": tracking,
    }
    change(r, changed, LineItems=[line])

    result = approve(r)

    found = {item.order_id: item for item in result.documents}
    assert found[changed].reason == "changed-in-ledger"
    assert f"the tracking of line 1 {said}" in found[changed].message
    assert statuses(r) == {changed: "DRAFT", other: "AUTHORISED"}


def test_document_of_every_shape_is_as_it_was_sent(tmp_path: Path) -> None:
    """Nothing that the tool sends looks as if somebody had changed it."""
    r = rehearse(tmp_path)
    r.order(Item("PRODUCT", "3.33", 3, name="Tea  light ", taxable=True), TAX)
    r.order(CANDLE, Item("DISCOUNT", "-10.00", name="Sale"), Item("SHIPPING", "8.00", name="Post"))
    r.order(Item("PRODUCT", "0.00", name="Sample"), Item("PRODUCT", "12.345", 7, name="Odd\tprice"))
    r.order(Item("PRODUCT", "5.00", name="x" * 5000))
    r.configure({"tax.untaxed_invoices": "inclusive"})
    r.sync()

    assert approve(r).exit_code is ExitCode.OK
    assert set(statuses(r).values()) == {"AUTHORISED"}


def test_closed_period_stays_a_draft(tmp_path: Path) -> None:
    r = rehearse(tmp_path)
    order = r.order()
    r.sync()
    r.xero.set_lock_dates(r.clock.now().date())

    (document,) = approve(r).documents

    assert (document.reason, statuses(r)[order]) == ("period-locked", "DRAFT")


def test_fifty_go_with_each_call(tmp_path: Path) -> None:
    r = rehearse(tmp_path)
    for _ in range(60):
        r.order()
    r.sync()
    before = len(r.xero.calls)

    approve(r)

    assert set(statuses(r).values()) == {"AUTHORISED"}
    assert sum(call.method == "POST" for call in r.xero.calls[before:] if "Inv" in call.path) == 2


@pytest.mark.parametrize("how", [SystemExit, ConnectionResetError])
@pytest.mark.parametrize("at", range(1, 6))
def test_approval_goes_on_wherever_it_ended(
    tmp_path: Path, at: int, how: type[BaseException]
) -> None:
    r = rehearse(tmp_path)
    order = r.order()
    r.sync()
    place = between(r)["xero"]
    place.planned.append(Trouble("after", at, killed=how))
    try:
        approve(r)
    except (SystemExit, TryLater):
        approve(r)

    assert statuses(r) == {order: "AUTHORISED"}
    with r.state() as state:
        assert state.journal.open() == []
