"""Rules R1 to R3 as functions: number, dates, and the grounds that go with them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from invoicesync_cli.model import Decision, Instalment, Invoice, Payment
from invoicesync_cli.transform.dates import due_date, invoice_date
from invoicesync_cli.transform.number import document_number
from tests.kits.keap_side import (
    CANDLE,
    DAY,
    EVENING,
    NEW_YORK,
    OTHER,
    config_of,
    invoice,
    payment,
)


@pytest.mark.parametrize(
    ("chosen", "prefix", "number", "because"),
    [
        ("order", "", "812", "Keap's order id (invoices.number)"),
        ("invoice", "WW-", "WW-811", "Keap's invoice id after the prefix 'WW-' (invoices.number)"),
    ],
)
def test_number_is_reported_with_its_origin(
    chosen: str, prefix: str, number: str, because: str
) -> None:
    """R1: `number_prefix` + the id chosen by `invoices.number`."""
    settings = {"invoices.number": chosen, "invoices.number_prefix": prefix}
    found = document_number(invoice(CANDLE), config_of(settings).invoices)
    assert found == (number, Decision("number", number, "R1", because))


def test_invoice_date_is_reported_with_the_instant_and_the_zone() -> None:
    """R2, the example: New York, `2026-11-04T04:30:00Z` → 3 November."""
    because = "Keap's order time 2026-11-04 04:30 UTC is this day in America/New_York"
    found = invoice_date(invoice(CANDLE), NEW_YORK)
    assert found == (DAY, Decision("date", "2026-11-03", "R2", because))


def due(made: Invoice, *payments: Payment, days: int = 14) -> tuple[date, Decision]:
    """When an invoice of 3 November falls due, and why."""
    return due_date(made, DAY, payments, NEW_YORK, days)


def reported(day: str, rule: str, because: str) -> tuple[date, Decision]:
    """A due date as it should come, with its decision."""
    return date.fromisoformat(day), Decision("due_date", day, rule, because)


def test_paid_when_made_is_due_on_its_day() -> None:
    """R3.1: the total is just covered; what came is told, with what was due."""
    because = "paid in full when it was made (100.00 of 100.00)"
    assert due(invoice(CANDLE), payment("60"), payment("40")) == reported(
        "2026-11-03", "R3.1", because
    )


def test_money_counts_by_the_sellers_day() -> None:
    """R3.1: dated on or before the invoice date, in the Keap account's time zone."""
    late = EVENING.replace(hour=5, minute=0)
    assert due(invoice(CANDLE), payment("100", time=late))[1].rule == "R3.3"
    assert due(invoice(CANDLE), payment("100", time=late - timedelta(seconds=1)))[1].rule == "R3.1"
    elsewhere = due_date(invoice(CANDLE), DAY, [payment("100")], ZoneInfo("UTC"), 14)
    assert elsewhere[1].rule == "R3.3"


def test_money_of_another_order_does_not_count() -> None:
    """R3.1: of a payment over several orders, only this order's part."""
    shared = payment("200", allocations=((OTHER, Decimal(101)), (invoice().order_id, Decimal(99))))
    assert due(invoice(CANDLE), shared)[1].rule == "R3.3"
    assert due(invoice(CANDLE), payment("100", order_ids=(OTHER,)))[1].rule == "R3.3"


PLAN = tuple(
    Instalment(day, Decimal(50)) for day in (date(2027, 1, 3), date(2026, 11, 3), date(2026, 12, 3))
)


@pytest.mark.parametrize(("plan", "day"), [(PLAN, "2027-01-03"), (PLAN[1:], "2026-12-03")])
def test_plan_is_reported_with_the_number_of_its_instalments(
    plan: tuple[Instalment, ...], day: str
) -> None:
    """R3.2, the example: plan 3 Nov / 3 Dec / 3 Jan → due 3 Jan; two are a plan already."""
    because = f"the last of {len(plan)} instalments of the payment plan"
    assert due(invoice(CANDLE, plan=plan)) == reported(day, "R3.2", because)


@pytest.mark.parametrize(("days", "day"), [(14, "2026-11-17"), (0, "2026-11-03")])
def test_days_are_reported_with_their_setting(days: int, day: str) -> None:
    """R3.3, the example: 3 Nov, unpaid, `due_days = 14` → 17 Nov; a plan of one is no plan."""
    because = f"invoice date + {days} days (invoices.due_days)"
    assert due(invoice(CANDLE, plan=PLAN[:1]), days=days) == reported(day, "R3.3", because)


def test_order_time_of_the_morning_is_the_same_day() -> None:
    """R2: nothing is taken off where the zone is on the same day."""
    noon = datetime(2026, 11, 4, 12, 0, tzinfo=UTC)
    assert invoice_date(invoice(CANDLE, order_time=noon), NEW_YORK)[0] == date(2026, 11, 4)
