"""Which invoices are sent at all (rule R8)."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from invoicesync_cli.config import Config
from invoicesync_cli.model import (
    ZERO,
    DocumentState,
    Invoice,
    Payment,
    Reason,
    dismiss_command,
    money,
)
from invoicesync_cli.transform.dates import local_date
from invoicesync_cli.transform.paid import is_paid, paid_enough
from invoicesync_cli.transform.verdicts import Skip


def before_start(invoice: Invoice, start: str, zone: ZoneInfo) -> bool:
    """Whether an invoice lies before `sync.start` (`first`, `id:1234` or a date)."""
    if start == "first":
        return False
    if start.startswith("id:"):
        return not (invoice.invoice_id.isdigit() and int(invoice.invoice_id) >= int(start[3:]))
    return local_date(invoice.order_time, zone) < date.fromisoformat(start)


def needs_payments(config: Config) -> bool:
    """Whether the choice of invoices looks at what is paid."""
    return config.sync.mode == "paid-only" or config.invoices.order_status != "any"


def skip_of(
    invoice: Invoice, payments: Sequence[Payment], config: Config, *, named: bool = False
) -> Skip | None:
    """The first ground, in the order of R8, that keeps an invoice back; None if there is none.

    One that is `named` by `sync-id` is sent whatever the user's own settings would skip.
    """
    settings = config.invoices
    total = f"{money(invoice.total)} {invoice.currency}"
    when = settings.paid_only_when
    if config.sync.mode == "paid-only" and not paid_enough(invoice, payments, when):
        message = f"Not {'fully ' if when == 'fully-paid' else ''}paid yet, and mode is paid-only."
        return Skip(
            DocumentState.WAITING, Reason.UNPAID, message, "It is sent by itself once it is paid."
        )
    status = "paid" if is_paid(invoice, payments) else "unpaid"
    hint = f"invoicesync sync-id {invoice.invoice_id} sends it all the same."
    if settings.order_status not in {"any", status} and not named:
        message = f"The invoice is {status}, and invoices.order_status is {settings.order_status}."
        return Skip(DocumentState.SKIPPED, Reason.ORDER_STATUS, message, hint)
    if settings.skip_zero_total and invoice.total == ZERO and not named:
        message = "The total is zero, and invoices.skip_zero_total is on."
        return Skip(DocumentState.SKIPPED, Reason.ZERO_TOTAL, message, hint)
    if invoice.total < ZERO:
        return Skip(
            DocumentState.HELD,
            Reason.NEGATIVE_TOTAL,
            f"Keap's total is {total}; an invoice cannot be negative.",
            "Enter it as a credit note by hand, then: "
            + dismiss_command(invoice.invoice_id, "entered by hand"),
        )
    return None
