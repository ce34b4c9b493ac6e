"""What has changed in Xero since a time: the header, and how Xero says that nothing has."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.load.ledger import Ledger
from invoicesync_sandbox.xero import XeroSwitches
from tests.kits.ledger_changes import changes_since
from tests.kits.rehearsal import Rehearsal

LINE = {"Description": "Candle", "Quantity": 1, "UnitAmount": 100, "AccountCode": "200"}


@pytest.fixture
def shop(tmp_path: Path) -> Rehearsal:
    return Rehearsal(tmp_path)


@pytest.fixture
def ledger(shop: Rehearsal) -> Iterator[Ledger]:
    world = Workspace(shop.environ, shop.network)
    with world.run(Call(), {}, dry_run=False) as deps:
        yield deps.ledger


def enter(shop: Rehearsal, count: int = 1) -> list[str]:
    """Sales invoices that somebody enters in Xero."""
    contact = shop.xero.add_contact(f"Somebody {shop.clock.now()}")
    return [shop.xero.add_invoice(contact, [LINE]) for _ in range(count)]


def test_header_has_the_documented_form(shop: Rehearsal, ledger: Ledger) -> None:
    """UTC, whole seconds, no zone; five minutes earlier than what was told last time."""
    moment = datetime(2026, 11, 3, 4, 6, 7, 890_000, tzinfo=timezone(timedelta(hours=-5)))

    changes_since(ledger, moment)

    asked = {
        call.headers.get("If-Modified-Since") for call in shop.xero.calls if "2.0" in call.path
    }
    assert asked == {"2026-11-03T09:01:07"}


@pytest.mark.parametrize("status", [200, 304])
@pytest.mark.parametrize("inclusive", [True, False])
def test_nothing_and_something(
    shop: Rehearsal, ledger: Ledger, status: int, inclusive: bool
) -> None:
    shop.xero.switches = XeroSwitches(
        nothing_modified_status=status,  # type: ignore[arg-type]
        modified_since_inclusive=inclusive,
    )
    enter(shop)
    shop.ticker.pass_time(3600)
    nothing = changes_since(ledger, shop.clock.now())
    (made,) = enter(shop)
    shop.ticker.pass_time(3600)

    something = changes_since(ledger, nothing.until)

    assert nothing.invoices == {}
    assert list(something.invoices) == [made]
    assert nothing.until <= shop.clock.now()


def test_what_was_being_written_while_xero_answered_is_in_the_next_answer(
    shop: Rehearsal, ledger: Ledger
) -> None:
    shop.ticker.pass_time(3600)
    first = changes_since(ledger, shop.clock.now())
    shop.ticker.pass_time(-60)
    (made,) = enter(shop)
    shop.ticker.pass_time(3600)

    assert list(changes_since(ledger, first.until).invoices) == [made]


def test_thousands_of_changes_take_a_call_for_each_thousand(
    shop: Rehearsal, ledger: Ledger
) -> None:
    since = shop.clock.now().astimezone(UTC)
    made = enter(shop, 1100)
    before = ledger.usage.calls

    found = changes_since(ledger, since)

    assert found.invoices.keys() >= set(made)
    assert ledger.usage.calls - before == 3
