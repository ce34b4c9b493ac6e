"""Accounts, tax codes and items: what the config names against what the ledger has."""

import difflib
from collections.abc import Iterator

from invoicesync_cli.doctor.checkup import Checkup
from invoicesync_cli.doctor.findings import NOT_ASKED, Area, Finding, Level, some
from invoicesync_cli.model import Invoice, LedgerSettings, TaxCode, TaxStyle
from invoicesync_cli.transform.lines import Lines, take_apart
from invoicesync_cli.transform.tax import fitting_base
from invoicesync_cli.transform.verdicts import Held

STYLES = {
    TaxStyle.LINE: "",
    TaxStyle.RATE: "tax codes of its own",
    TaxStyle.TOTAL: "as in the United States: codes say whether a line is taxed, and no rate",
    TaxStyle.FORM: "tax by the rate of a tax item, which nothing overrides",
    TaxStyle.OFF: "sales tax is switched off",
}
"""What kind of company it is, where there are several (R6)."""


def check_accounts(checkup: Checkup, known: frozenset[str]) -> Area:
    """The settings against the ledger's lists; `known` are keys that are wrong by themselves."""
    side = checkup.books
    title = "Accounts, tax codes and items"
    if side.facts is None:
        return Area(title, NOT_ASKED, done=False)
    findings = [finding for finding in side.wrong if finding.where not in known]
    findings += _payment_types(checkup)
    style = ""
    if side.settings:
        findings += _account_types(checkup, side.settings)
        findings += _items(checkup, side.settings)
        findings += _tax_rate(checkup, side.settings)
        style = STYLES[side.settings.tax_style]
    return Area(title, "; ".join(filter(None, (_in_short(side.settings), style))), findings)


def _in_short(settings: LedgerSettings | None) -> str:
    if settings is None:
        return "what the config names is not all there"
    codes = (settings.taxable, settings.untaxed)
    taxes = " and ".join(f"{code.name or code.code} ({code.rate:f} %)" for code in codes)
    return taxes if settings.tax_style in {TaxStyle.LINE, TaxStyle.RATE} else ""


def _account_types(checkup: Checkup, settings: LedgerSettings) -> Iterator[Finding]:
    """Accounts for sales that are none of income: Xero takes any but a bank account."""
    config = checkup.loaded.config
    by_code = {account.code: account for account in settings.facts.accounts if account.code}
    for key in ("account", "discount_account", "finance_charge_account", "shipping_account"):
        known = by_code.get(getattr(config.ledger, key, ""))
        if known and known.kind != "income":
            yield _of_key(
                checkup,
                "account-type",
                f"{config.sync.destination}.{key}",
                f"Account {known.code} ({known.name}) is none of revenue; sales go to it.",
                "Name a revenue account, unless it is meant so: invoicesync lookup accounts",
            )


def _items(checkup: Checkup, settings: LedgerSettings) -> Iterator[Finding]:
    """Items whose account takes no sales: lines of theirs would be held."""
    if not (settings.sku_accounts or settings.items):
        return
    usable = {account.code for account in settings.facts.accounts if account.usable}
    wrong = [
        item.code or item.name
        for item in settings.facts.items
        if item.account and item.account not in usable
    ]
    if wrong:
        yield Finding(
            "item-account",
            "warning",
            checkup.books.vendor.title,
            "Items whose sales account takes no sales or is archived, so that invoices with them "
            f"are held: {some(wrong)}.",
            f"Give them another sales account in {checkup.books.vendor.title}.",
        )


def _payment_types(checkup: Checkup) -> Iterator[Finding]:
    """Names in [payments.accounts] that no payment of this Keap account has."""
    types, sample = checkup.keap.payment_types, checkup.keap.sample
    if types is None or sample is None:
        return
    rows = [*sample.payments, *sample.paid]
    seen = {str(row.get("type") or "").strip() for row in rows} - {""}
    names = {name.casefold(): name for name in sorted({*types, *seen})}
    for kind in checkup.loaded.config.payments.accounts:
        if kind.strip().casefold() not in names:
            near = difflib.get_close_matches(kind.casefold(), list(names), 1, 0.6)
            meant = f"Did you mean {names[near[0]]!r}? " if near else ""
            listed = ", ".join(names.values()) or "none"
            yield _of_key(
                checkup,
                "payment-type-unknown",
                f"payments.accounts.{kind}",
                f"Keap has neither a payment type nor a merchant account {kind!r}; no payment goes "
                "to its account.",
                f"{meant}There are: {listed}.",
            )


def _tax_rate(checkup: Checkup, settings: LedgerSettings) -> Iterator[Finding]:
    """Whether Keap's tax is worked out by the rate of the code that it is booked under."""
    taxed = [
        (invoice, lines)
        for invoice in checkup.keap.invoices
        if (lines := _taken_apart(invoice)) and lines.tax
    ]
    if not taxed:
        return
    key = f"{checkup.books.vendor.key}.{'tax_type' if settings.items is None else 'taxable_code'}"
    if settings.tax_style is TaxStyle.OFF:
        yield Finding(
            "tax-code-unknown",
            "warning",
            checkup.books.vendor.title,
            f"Sales tax is switched off there, and Keap has tax on {len(taxed)} of its newest "
            "orders; such invoices are held.",
            "Switch sales tax on in the ledger's settings.",
        )
    if settings.tax_style not in {TaxStyle.LINE, TaxStyle.RATE}:
        return
    unfit = [invoice for invoice, lines in taxed if not _fits(checkup, lines, settings.taxable)]
    if unfit:
        code, numbers = settings.taxable, some([invoice.invoice_id for invoice in unfit])
        better = _better(checkup, settings, [lines for _, lines in taxed], len(taxed) - len(unfit))
        yield _of_key(
            checkup,
            "tax-rate",
            key,
            f"In {len(unfit)} of the newest {len(taxed)} taxed orders Keap's tax is not "
            f"{code.rate:f} % of any of their lines (invoice {numbers}). The amount is booked as "
            f"Keap has it, under {code.name or code.code}.",
            better or "Look at these orders in Keap, unless another rate is meant there.",
            hint_only=not better and len(unfit) * 2 < len(taxed),
        )


def _better(checkup: Checkup, settings: LedgerSettings, taxed: list[Lines], fitting: int) -> str:
    """The code whose rate more of the orders have, in words; blank for none."""
    counts = {
        code.name or code.code: sum(_fits(checkup, lines, code) for lines in taxed)
        for code in settings.facts.tax_codes
        if code.usable and code.rate
    }
    best = max(counts, key=lambda name: counts[name], default="")
    if not best or counts[best] <= fitting:
        return ""
    return f"{best} fits {counts[best]} of them: invoicesync lookup taxes"


def _fits(checkup: Checkup, lines: Lines, code: TaxCode) -> bool:
    charges = checkup.loaded.config.tax.tax_finance_charges
    return fitting_base(lines.goods, lines.tax, code.rate, charges) is not None


def _taken_apart(invoice: Invoice) -> Lines | None:
    try:
        return take_apart(invoice)
    except Held:
        return None


def _of_key(
    checkup: Checkup, code: str, key: str, message: str, hint: str, *, hint_only: bool = False
) -> Finding:
    level: Level = "hint" if hint_only else "warning"
    return Finding(code, level, key, message, hint, line=checkup.loaded.line(key))
