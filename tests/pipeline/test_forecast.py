"""What a run says that it will cost, and what it costs."""

import importlib
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import TryLater
from invoicesync_cli.load.xero.limits import LIMITS
from invoicesync_cli.model import DocumentKind
from invoicesync_cli.sync.context import RunContext
from invoicesync_cli.sync.forecast import Forecast, forecast, in_words
from invoicesync_sandbox.shop.generator import generate
from tests.kits.rehearsal import Rehearsal

FAR = 500_000
"""An order id that lets a thousand orders look like the beginning of half a million."""


def shop(home: Path, orders: int, *, to: str = "xero", **settings: Any) -> Rehearsal:
    """A shop with so many paid orders, each of a new buyer."""
    rehearsal = Rehearsal(home, to=to, **{"sync.mode": "invoices-and-payments", **settings})
    generate(rehearsal.keap, orders)
    return rehearsal


def long_shop(home: Path, *, to: str = "xero") -> Rehearsal:
    """A shop that seems to have half a million orders."""
    rehearsal = shop(home, 1000, to=to)
    rehearsal.order(id=FAR)
    return rehearsal


@pytest.mark.parametrize("to", ["xero", "qbo"])
@pytest.mark.parametrize(
    ("orders", "settings"),
    [
        (320, {}),
        (320, {"sync.mode": "invoices"}),
        (1300, {}),
        (1900, {"sync.max_invoices": 1050}),
    ],
    ids=["one chunk", "no money", "two chunks", "no more than"],
)
def test_forecast_is_what_the_run_costs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    to: str,
    orders: int,
    settings: dict[str, Any],
) -> None:
    rehearsal = shop(tmp_path, orders, to=to, **settings)
    before: dict[str, int] = {}

    def noted(context: RunContext, *judged: Any) -> Forecast | None:
        found = forecast(context, *judged)
        usage = {"keap": context.keap.service.usage, "ledger": context.ledger.usage}
        before.update({name: used.calls for name, used in usage.items()})
        return found

    monkeypatch.setattr(importlib.import_module("invoicesync_cli.sync.run"), "forecast", noted)

    result = rehearsal.sync()

    found = result.forecast
    assert found
    created = result.counts(DocumentKind.INVOICE)["created"]
    assert (found.invoices, found.estimated) == (created, orders > 1000)
    to_come = {name: calls - before[name] for name, calls in result.calls.items()}
    # New payments of orders that were left over are looked into once more, with their orders.
    beside = 2 if "sync.max_invoices" in settings else 0
    assert {"keap": found.keap + beside, "ledger": found.ledger} == to_come
    assert (found.day, found.max_invoices) == (None, None)


@pytest.mark.parametrize("plan", LIMITS.days)
def test_day_of_each_plan_of_xero_that_will_not_do_is_said_beforehand(
    tmp_path: Path, plan: int
) -> None:
    rehearsal = long_shop(tmp_path)
    rehearsal.xero.limits.day = plan

    found = rehearsal.sync(dry_run=True).forecast

    assert found
    assert found.estimated
    assert found.invoices == pytest.approx(FAR, rel=0.01)
    assert found.day
    assert found.day.service == "Xero"
    assert found.day.left == plan - 5
    # 60 calls for a thousand orders of new buyers: contacts, invoices, payments.
    assert found.day.days == pytest.approx(FAR / 1000 * 60 / plan, abs=1)
    assert found.max_invoices == pytest.approx(plan / 60 * 1000, rel=0.05)
    words = " ".join(in_words(found, "Xero"))
    assert f"Calls left today, Xero: {plan - 5:,}. That will not do" in words
    assert f"--max-invoices {found.max_invoices}" in words


def test_quickbooks_has_no_limit_of_a_day(tmp_path: Path) -> None:
    found = long_shop(tmp_path, to="qbo").sync(dry_run=True).forecast

    assert found
    assert found.invoices == pytest.approx(FAR, rel=0.01)
    assert (found.day, found.max_invoices) == (None, None)
    # 106 batches for a thousand orders, 38 a minute.
    assert found.seconds / 3600 == pytest.approx(FAR / 1000 * 106 / 38 / 60, rel=0.05)


def test_what_is_suggested_fits_into_the_day(tmp_path: Path) -> None:
    rehearsal = shop(tmp_path, 400)
    rehearsal.xero.limits.day = 26
    with pytest.raises(TryLater) as ended:
        rehearsal.sync()
    said: Any = ended.value.partial
    suggested = said["forecast"]["max_invoices"]
    assert suggested

    fresh = shop(tmp_path / "again", 400, **{"sync.max_invoices": suggested})
    fresh.xero.limits.day = 26
    result = fresh.sync()

    assert result.counts(DocumentKind.INVOICE)["created"] == suggested
    assert result.counts(DocumentKind.PAYMENT)["created"] == suggested
    assert result.forecast
    assert result.forecast.day is None


def test_no_room_for_any_is_not_suggested_as_no_limit(tmp_path: Path) -> None:
    rehearsal = shop(tmp_path, 60)
    rehearsal.xero.limits.day = 9

    found = rehearsal.sync(dry_run=True).forecast

    assert found
    assert found.max_invoices == 0
    words = " ".join(in_words(found, "Xero"))
    assert "--max-invoices" not in words
    assert "no room" in words


def test_only_a_run_over_new_orders_is_foreseen(tmp_path: Path) -> None:
    rehearsal = shop(tmp_path, 3)
    first = rehearsal.sync()
    assert first.forecast
    assert first.forecast.invoices == 3

    later = rehearsal.order()

    assert rehearsal.sync().forecast is None
    assert rehearsal.sync(command="sync-id", ids=(later,), by="order").forecast is None


def test_what_lies_before_the_start_says_nothing_of_what_lies_behind(tmp_path: Path) -> None:
    rehearsal = shop(tmp_path, 1000, **{"sync.start": "id:1991"})
    rehearsal.order(id=FAR)

    found = rehearsal.sync(dry_run=True).forecast

    assert found
    assert found.invoices == pytest.approx(FAR, rel=0.01)


def test_orders_far_apart_are_reckoned_to_go_on_so(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path)
    person = rehearsal.person()
    for number in range(1000):
        rehearsal.order(contact=person, id=10 * number + 10)
    rehearsal.order(contact=person, id=40_000)

    found = rehearsal.sync(dry_run=True).forecast

    assert found
    assert found.orders == pytest.approx(4000, rel=0.01)
