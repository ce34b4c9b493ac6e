"""Xero's documents of a period as whole lists, a thousand a call, and single ones by their ids."""

from collections.abc import Iterator, Sequence
from datetime import date

from invoicesync_cli.load.found import Listed, ListedKind
from invoicesync_cli.load.xero.client import XeroClient
from invoicesync_cli.load.xero.finding import day_literal
from invoicesync_cli.load.xero.marked import ours
from invoicesync_cli.load.xero.schemas import InvoiceRow, NoteRow, PaymentRow
from invoicesync_cli.model import LedgerId, marked_order, money

PAYMENTS = ("ACCRECPAYMENT", "ARCREDITPAYMENT")
"""Payments of sales invoices, and money given back for credit notes."""


def listed(
    client: XeroClient, first: date | None, last: date | None, *, with_money: bool
) -> Iterator[Listed]:
    """Sales invoices, credit notes and payments by their dates.

    Somebody else's document need not make sense; one of ours, and every payment, has to.
    """
    for invoice in client.sifted(
        InvoiceRow, {"where": _dated("Type", "ACCREC", first, last)}, ours
    ):
        yield _sale(invoice)
    if not with_money:
        return
    where = _dated("Type", "ACCRECCREDIT", first, last)
    for note in client.sifted(NoteRow, {"where": where}, ours):
        yield _note(note)
    for kind in PAYMENTS:
        where = _dated("PaymentType", kind, first, last)
        for payment in client.all(PaymentRow, {"where": where}):
            yield _payment(payment)


def by_id(client: XeroClient, kind: ListedKind, ids: Sequence[LedgerId]) -> Iterator[Listed]:
    """Documents of a kind by their ids, forty a call."""
    if kind == "sale":
        yield from map(_sale, client.named(InvoiceRow, "IDs", ids))
    elif kind == "note":
        yield from map(
            _note, client.where(NoteRow, [f'CreditNoteID==guid("{ident}")' for ident in ids])
        )
    else:
        conditions = [f'PaymentID==guid("{ident}")' for ident in ids]
        yield from map(_payment, client.where(PaymentRow, conditions))


def _dated(field: str, kind: str, first: date | None, last: date | None) -> str:
    parts = [f'{field}=="{kind}"']
    parts += [f"Date>={day_literal(first)}"] if first else []
    parts += [f"Date<={day_literal(last)}"] if last else []
    return " AND ".join(parts)


def _sale(row: InvoiceRow) -> Listed:
    return Listed(
        kind="sale",
        id=LedgerId(row.id),
        total=money(row.total),
        alive=row.alive,
        date=row.day,
        number=row.number,
        order=marked_order(row.reference),
        currency=row.currency,
        tax=money(row.tax),
        open=money(row.due),
        contact_id=LedgerId(row.contact.id),
        contact=row.contact.name,
    )


def _note(row: NoteRow) -> Listed:
    return Listed(
        kind="note",
        id=LedgerId(row.id),
        total=money(row.total),
        alive=row.alive,
        date=row.day,
        number=row.number,
        reference=row.reference,
        order=marked_order(row.reference),
        open=money(row.left),
        contact_id=LedgerId(row.contact.id),
        contact=row.contact.name,
    )


def _payment(row: PaymentRow) -> Listed:
    return Listed(
        kind="payment",
        id=LedgerId(row.id),
        total=money(row.total),
        alive=row.alive,
        date=row.day,
        reference=row.reference,
        target=LedgerId(row.target),
        applied=money(row.total),
        account_id=row.account.account_id,
        account=row.account.code,
    )
