"""What rows and answers show in a write test, in words."""

from decimal import Decimal

from invoicesync_cli.load.qbd.answers import Answer, MessageAnswer, Outcome
from invoicesync_cli.load.qbd.refusals import refused
from invoicesync_cli.load.qbd.schemas import InvoiceRow, SalesRow
from invoicesync_cli.load.qbd.write_test.results import OneWrite
from invoicesync_cli.model import Reason, money

SUBTOTAL, SALES_TAX = "in Subtotal, as other lines", "in SalesTaxTotal"


def where(row: InvoiceRow) -> str:
    """Where the tax of 8.25 is, in an invoice of 108.25."""
    subtotal, tax = money(row.subtotal), money(row.sales_tax_total)
    if (subtotal, tax) == (Decimal("108.25"), Decimal(0)):
        return SUBTOTAL
    if (subtotal, tax) == (Decimal(100), Decimal("8.25")):
        return SALES_TAX
    return f"Subtotal {subtotal}, SalesTaxTotal {tax}"


def sum_of(row: SalesRow) -> Decimal:
    """The total of a form, by its sums."""
    return money(row.subtotal + row.sales_tax_total)


def note_total(write: OneWrite, found: Decimal, sent: Decimal) -> None:
    """Note whether a total is what was sent."""
    as_sent = "as sent" if found == sent else f"and {sent} was sent"
    write.finds("The total", f"{found}, {as_sent}", counted_on=found == sent)


def by_id(answer: MessageAnswer) -> dict[str, Answer]:
    """The answers by the ids of their requests."""
    return {one.request_id: one for one in answer.answers}


def accepted(answer: Answer | None) -> str:
    """Whether a request was carried out, with QuickBooks' words where not."""
    if answer is None:
        return "there is no answer to it"
    if answer.outcome is Outcome.DONE:
        return "accepted"
    return f"refused: {answer.words} ({answer.code})"


def means(answer: Answer) -> Reason | None:
    """As what a run would hold it; None where it is accepted."""
    return None if answer.outcome is Outcome.DONE else refused(answer).reason
