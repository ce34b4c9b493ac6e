"""One Keap invoice becomes one draft, with a reason for every field."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from invoicesync_cli.config import Config
from invoicesync_cli.errors import Held
from invoicesync_cli.model import (
    ZERO,
    Booking,
    Decision,
    Draft,
    DraftLine,
    Invoice,
    LineKind,
    Payment,
    TaxCode,
    TaxMode,
)
from invoicesync_cli.transform import tax as taxes
from invoicesync_cli.transform.accounts import Items, account_of
from invoicesync_cli.transform.dates import due_date, invoice_date
from invoicesync_cli.transform.lines import Lines, Valued, quantity_and_price, take_apart
from invoicesync_cli.transform.number import document_number, marker

NO_LOCK_HINT = "Move the lock date in the ledger, or enter this document by hand and dismiss it."


@dataclass(frozen=True)
class Rules:
    """Everything a draft depends on beside the invoice itself."""

    config: Config
    booking: Booking
    items: Items
    zone: ZoneInfo
    keap_currency: str


@dataclass(frozen=True)
class _Taxed:
    """The tax side of a draft: how amounts are meant, and code and amount for each line."""

    mode: TaxMode
    codes: tuple[TaxCode, ...]
    stated: tuple[Decimal | None, ...]
    expected_tax: Decimal
    expected_total: Decimal
    decision: Decision


def make_draft(
    invoice: Invoice, payments: Sequence[Payment], rules: Rules, decisions: list[Decision]
) -> Draft:
    """The draft of an invoice without its contact; `decisions` gets the reason for every field.

    Raises `Held` with the first ground that keeps it from being sent, in the order of R8; the
    decisions made up to there are in the list all the same.
    """
    settings = rules.config.invoices
    number, number_decision = document_number(invoice, settings)
    reference = marker(invoice.order_id, invoice.invoice_id)
    day, day_decision = invoice_date(invoice, rules.zone)
    due, due_decision = due_date(invoice, day, payments, rules.zone, settings.due_days)
    decisions += [
        number_decision,
        Decision("reference", reference, "R1", "the marker by which the document is found again"),
        day_decision,
        due_decision,
    ]
    check_currency(invoice, rules)
    decisions.append(Decision("currency", invoice.currency, "R7", "as the Keap account's"))
    lines = take_apart(invoice)
    decisions += lines.decisions
    taxed = _tax(invoice, lines, rules)
    decisions.append(taxed.decision)
    _check_sign(invoice, taxed)
    draft_lines = _lines(lines, taxed, rules, decisions)
    draft = Draft(
        order_id=invoice.order_id,
        invoice_id=invoice.invoice_id,
        number=number,
        reference=reference,
        person_id=invoice.person_id,
        contact=invoice.buyer,
        date=day,
        due_date=due,
        currency=invoice.currency,
        tax_mode=taxed.mode,
        lines=tuple(draft_lines),
        keap_total=invoice.total,
        expected_total=taxed.expected_total,
        expected_tax=taxed.expected_tax,
    )
    check_lock_date(draft, rules)
    return draft


def check_currency(invoice: Invoice, rules: Rules) -> None:
    """Raise `Held` (currency-differs) unless Keap account, order and ledger agree (R7)."""
    if invoice.currency != rules.keap_currency:
        raise Held(
            "currency-differs",
            f"The order is in {invoice.currency}, the Keap account is in {rules.keap_currency}.",
            hint="Set keap.currency if the account's currency was read wrongly; else enter this "
            "order by hand and dismiss it.",
            by_ledger=False,
        )
    if invoice.currency not in rules.booking.facts.currencies:
        known = ", ".join(rules.booking.facts.currencies)
        raise Held(
            "currency-differs",
            f"The order is in {invoice.currency}, which the ledger does not have ({known}).",
            hint=f"Add {invoice.currency} to the ledger's currencies; the next sync goes on.",
        )


def check_lock_date(draft: Draft, rules: Rules) -> None:
    """Raise `Held` (period-locked) for a date on or before the ledger's lock date (R13)."""
    lock = rules.booking.facts.lock_date
    if lock and draft.date <= lock:
        raise Held(
            "period-locked",
            f"The invoice is dated {draft.date}, the ledger is locked up to {lock}.",
            hint=NO_LOCK_HINT,
        )


def _check_sign(invoice: Invoice, taxed: _Taxed) -> None:
    if taxed.expected_total < ZERO:
        raise Held(
            "negative-total",
            f"The invoice would come to {taxed.expected_total} {invoice.currency} in the ledger.",
            hint="Enter it as a credit note by hand and dismiss it.",
        )


def _tax(invoice: Invoice, lines: Lines, rules: Rules) -> _Taxed:
    if lines.tax:
        return _taxed_by_keap(invoice, lines, rules)
    return _untaxed(invoice, lines, rules)


def _taxed_by_keap(invoice: Invoice, lines: Lines, rules: Rules) -> _Taxed:
    booking = rules.booking
    charges = rules.config.tax.tax_finance_charges
    base = taxes.find_base(lines.goods, lines.tax, booking.taxable.rate, charges)
    shares = taxes.share(lines.tax, [lines.goods[place].value for place in base.lines])
    stated = dict(zip(base.lines, shares, strict=True))
    places = range(len(lines.goods))
    return _Taxed(
        TaxMode.EXCLUSIVE,
        tuple(booking.taxable if place in stated else booking.untaxed for place in places),
        tuple(stated.get(place) for place in places),
        lines.tax,
        invoice.total,
        Decision("tax", f"{lines.tax}", base.rule, base.because),
    )


def _untaxed(invoice: Invoice, lines: Lines, rules: Rules) -> _Taxed:
    booking, settings = rules.booking, rules.config.tax
    how = settings.untaxed_invoices
    codes = tuple(
        booking.untaxed
        if how == "exempt"
        or (line.kind is LineKind.FINANCE_CHARGE and not settings.tax_finance_charges)
        else booking.taxable
        for line in lines.goods
    )
    part = taxes.inside if how == "inclusive" else taxes.added
    tax = sum(
        (part(line.value, code.rate) for line, code in zip(lines.goods, codes, strict=True)), ZERO
    )
    total = invoice.total + tax if how == "exclusive" else invoice.total
    because = f"Keap has no tax on it, and tax.untaxed_invoices is {how!r}"
    return _Taxed(
        TaxMode.INCLUSIVE if how == "inclusive" else TaxMode.EXCLUSIVE,
        codes,
        (None,) * len(codes),
        tax,
        total,
        Decision("tax", f"{tax}", "R6.B", because),
    )


def _lines(lines: Lines, taxed: _Taxed, rules: Rules, decisions: list[Decision]) -> list[DraftLine]:
    drafted = []
    for valued, code, stated in zip(lines.goods, taxed.codes, taxed.stated, strict=True):
        account, item_code, decision = account_of(valued, rules.booking, rules.items)
        decisions += [decision, _tax_code_decision(valued, code, stated)]
        line = _line(valued, rules.booking.unit_places, account, item_code)
        drafted.append(replace(line, tax_code=code.code, tax=stated))
    return drafted


def _line(valued: Valued, places: int, account: str, item_code: str) -> DraftLine:
    quantity, price, description = quantity_and_price(valued, places)
    return DraftLine(
        description=description,
        quantity=quantity,
        unit_price=price,
        amount=valued.value,
        account=account,
        tax_code="",
        item_code=item_code,
    )


def _tax_code_decision(valued: Valued, code: TaxCode, stated: Decimal | None) -> Decision:
    amount = "" if stated is None else f", {stated} of Keap's tax"
    because = f"{code.name} at {code.rate:f} %{amount}"
    return Decision(f"line {valued.line.id} tax code", code.code, "R6", because)
