"""Invoice date and due date (rules R2 and R3)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from invoicesync_cli.model import Decision, Invoice, Payment, money
from invoicesync_cli.transform.paid import real_money


def local_date(time: datetime, zone: ZoneInfo) -> date:
    """The calendar date of an aware time in the Keap account's time zone (R2)."""
    return time.astimezone(zone).date()


def invoice_date(invoice: Invoice, zone: ZoneInfo) -> tuple[date, Decision]:
    """The invoice date and why."""
    day = local_date(invoice.order_time, zone)
    because = f"Keap's order time {invoice.order_time:%Y-%m-%d %H:%M} UTC is this day in {zone.key}"
    return day, Decision("date", day.isoformat(), "R2", because)


def due_date(
    invoice: Invoice, day: date, payments: Sequence[Payment], zone: ZoneInfo, due_days: int
) -> tuple[date, Decision]:
    """The due date by the first rule that fits, and why (R3)."""
    early = [payment for payment in payments if local_date(payment.time, zone) <= day]
    received = real_money(early, invoice.order_id)
    if received >= invoice.total:
        because = f"paid in full when it was made ({money(received)} of {money(invoice.total)})"
        return day, Decision("due_date", day.isoformat(), "R3.1", because)
    if invoice.instalments:
        last = invoice.instalments[-1].due_date
        because = f"the last of {len(invoice.instalments)} instalments of the payment plan"
        return last, Decision("due_date", last.isoformat(), "R3.2", because)
    due = day + timedelta(days=due_days)
    because = f"invoice date + {due_days} days (invoices.due_days)"
    return due, Decision("due_date", due.isoformat(), "R3.3", because)
