"""One Keap invoice becomes one draft, with a reason for every field."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from invoicesync_cli.model import (
    ZERO,
    Decision,
    Draft,
    DraftLine,
    Invoice,
    LedgerSettings,
    LineType,
    Payment,
    Reason,
    TaxCode,
    TaxMode,
    TaxStyle,
    dismiss_command,
    marker,
)
from invoicesync_cli.transform.accounts import Route, account_of
from invoicesync_cli.transform.dates import due_date, invoice_date
from invoicesync_cli.transform.items import NativeLines, item_of, native_lines
from invoicesync_cli.transform.lines import (
    Figures,
    Lines,
    Valued,
    as_amount,
    quantity_and_price,
    take_apart,
)
from invoicesync_cli.transform.number import document_number
from invoicesync_cli.transform.receipts import receipt_of
from invoicesync_cli.transform.settings import DraftSettings, lock_hint
from invoicesync_cli.transform.taxation import Taxed, tax_of
from invoicesync_cli.transform.tracking import tracking_of
from invoicesync_cli.transform.verdicts import Held

_NO_CENTS = """
    BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
    BHD IQD JOD KWD LYD OMR TND CLF UYW
"""
NO_CENTS = frozenset(_NO_CENTS.split())
"""Currencies whose smallest unit is no hundredth (ISO 4217). Keap gives amounts of orders in the
smallest unit, and what that is of these nobody has seen."""


def make_draft(
    invoice: Invoice, payments: Sequence[Payment], rules: DraftSettings, decisions: list[Decision]
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
    ledger = rules.ledger
    taxed = tax_of(invoice, lines, ledger, rules.config.tax)
    decisions.append(taxed.decision)
    _check_sign(invoice, taxed)
    own = NativeLines()
    if ledger.items:
        own = native_lines(lines.goods, taxed.codes, ledger.taxable, taxed.mode, ledger.items)
    draft_lines, note = _draft_lines(lines, taxed, own, rules, decisions)
    receipt = None
    if ledger.receipts and rules.config.sends_payments:
        receipt, receipt_decision = receipt_of(invoice, payments, day, taxed.expected_total, rules)
        decisions.append(receipt_decision)
    draft = Draft(
        order_id=invoice.order_id,
        invoice_id=invoice.invoice_id,
        number=number,
        reference=reference,
        person_id=invoice.person_id,
        date=day,
        due_date=due,
        currency=invoice.currency,
        tax_mode=taxed.mode,
        lines=tuple(draft_lines),
        keap_total=invoice.total,
        expected_total=taxed.expected_total,
        expected_tax=taxed.expected_tax,
        stated_tax=taxed.document,
        tax_after_discount=own.tax_after_discount,
        receipt=receipt,
        note=note,
        tracking=ledger.tracking.document,
    )
    decisions += [
        Decision(pair.category, pair.option, "R15", "set for every document")
        for pair in draft.tracking
    ]
    check_lock_date(draft, rules)
    _check_number(draft, ledger)
    return draft


def check_currency(invoice: Invoice, rules: DraftSettings) -> None:
    """Raise `Held` (currency-differs) unless Keap account, order and ledger agree (R7), and the
    amounts can be read."""
    if invoice.currency != rules.keap_currency:
        raise Held(
            Reason.CURRENCY_DIFFERS,
            f"The order is in {invoice.currency}, the Keap account is in {rules.keap_currency}.",
            hint="Set keap.currency if the account's currency was read wrongly. Otherwise enter "
            "this order by hand, then: " + dismiss_command(invoice.invoice_id, "entered by hand"),
            by_ledger=False,
        )
    if invoice.currency in NO_CENTS:
        raise Held(
            Reason.CURRENCY_DIFFERS,
            f"{invoice.currency} has no hundredths, and Keap's unit of its amounts is not known.",
            hint="Enter this order by hand, then: "
            + dismiss_command(invoice.invoice_id, "entered by hand"),
            by_ledger=False,
        )
    if invoice.currency not in rules.ledger.facts.currencies:
        known = ", ".join(rules.ledger.facts.currencies)
        raise Held(
            Reason.CURRENCY_DIFFERS,
            f"The order is in {invoice.currency}, which the ledger does not have ({known}).",
            hint=f"Add {invoice.currency} to the ledger's currencies; the next sync goes on.",
        )


def check_lock_date(draft: Draft, rules: DraftSettings) -> None:
    """Raise `Held` (period-locked) for a date on or before the ledger's lock date (R13)."""
    lock = rules.ledger.facts.lock_date
    if lock and draft.date <= lock:
        raise Held(
            Reason.PERIOD_LOCKED,
            f"The invoice is dated {draft.date}, the ledger is locked up to {lock}.",
            hint=lock_hint(draft.invoice_id),
        )


def _check_number(draft: Draft, ledger: LedgerSettings) -> None:
    if len(draft.number) > ledger.number_limit:
        raise Held(
            Reason.NUMBER_TOO_LONG,
            f"Its number {draft.number} is longer than the ledger's {ledger.number_limit} "
            "characters.",
            hint="Use a shorter invoices.number_prefix, or enter it by hand, then: "
            + dismiss_command(draft.invoice_id, "entered by hand"),
        )


def _check_sign(invoice: Invoice, taxed: Taxed) -> None:
    if taxed.expected_total < ZERO:
        raise Held(
            Reason.NEGATIVE_TOTAL,
            f"The invoice would come to {taxed.expected_total} {invoice.currency} in the ledger.",
            hint="Enter it as a credit note by hand, then: "
            + dismiss_command(invoice.invoice_id, "entered by hand"),
        )


def _draft_lines(
    lines: Lines, taxed: Taxed, own: NativeLines, rules: DraftSettings, decisions: list[Decision]
) -> tuple[list[DraftLine], str]:
    """The lines of the draft, and what a person should know of them."""
    drafted, notes = [], []
    sides = zip(lines.goods, taxed.codes, taxed.stated, taxed.nets, strict=True)
    for place, (valued, code, stated, net) in enumerate(sides):
        if rules.ledger.items:
            type_ = own.type_of(place)
            route = item_of(valued, type_, rules.ledger.items, rules.items)
        else:
            route = account_of(valued, rules.ledger, rules.items)
        decisions += [route.decision, _tax_code_decision(valued, code, stated, rules.ledger)]
        tracking, tracked = tracking_of(valued, route.type, rules.ledger.tracking)
        decisions += tracked
        line = _line(valued, code, route, rules.ledger, taxed.mode)
        drafted.append(replace(line, tax=stated, net=net, tracking=tracking))
        notes.append(route.note)
    return drafted, " ".join(dict.fromkeys(note for note in notes if note))


def _line(
    valued: Valued, code: TaxCode, route: Route, ledger: LedgerSettings, mode: TaxMode
) -> DraftLine:
    figures: Figures = quantity_and_price(valued, ledger.unit_places)
    if ledger.items:
        bare = route.type is not LineType.ITEM or mode is TaxMode.INCLUSIVE
        figures = as_amount(valued, ledger.unit_places, bare=bare)
    return DraftLine(
        description=figures[2],
        quantity=figures[0],
        unit_price=figures[1],
        amount=valued.value,
        account=route.account,
        tax_code=code.code,
        item_code=route.item_code,
        type=route.type,
    )


def _tax_code_decision(
    valued: Valued, code: TaxCode, stated: Decimal | None, ledger: LedgerSettings
) -> Decision:
    amount = "" if stated is None else f", {stated} of Keap's tax"
    # In the United States a code only says whether a line is taxed, not by how much.
    rated = ledger.tax_style in {TaxStyle.LINE, TaxStyle.RATE, TaxStyle.FORM}
    rate = f" at {code.rate:f} %" if rated else ""
    because = f"{code.name}{rate}{amount}"
    return Decision(f"line {valued.line.id} tax code", code.code, "R6", because)
