"""A run as a person reads it: what was done, what was not and why, and what it comes to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from invoicesync_cli.cli.money import amount, money_of, reasons_of, table_of
from invoicesync_cli.cli.report import Screen

if TYPE_CHECKING:
    from invoicesync_cli.state.missing import Missing

LISTED = 200
"""Created documents that are listed one by one on a terminal; more are counted."""
KINDS = {"invoice": "Invoices", "payment": "Payments", "credit": "Credits", "refund": "Refunds"}
STATES = {"new": "not sent yet", "sending": "without a known outcome"}
"""What an open state is called where its name does not say it."""


def show_run(screen: Screen, result: Any, missing: "Sequence[Missing]", *, logged: bool) -> None:
    """What a run did, or a dry run would do; `missing` is what the ledger has not after it.

    `logged` says that there will be a log to look into.
    """
    _documents(screen, result)
    would = "would be " if result.dry_run else ""
    for kind, title in KINDS.items():
        counts = ", ".join(
            f"{count} {state if state == 'unchanged' else would + state}"
            for state, count in result.counts(kind).items()
            if count
        )
        if counts or kind == "invoice":
            screen.line(f"{title}: {counts or 'nothing to do'}.")
    if screen.verbose:
        calls = result.calls
        screen.line(f"Calls: {calls['keap']} to Keap, {calls['ledger']} to the ledger.")
    _sums(screen, result, missing)
    if result.exit_code and result.dry_run:
        screen.note("Something would need you: see above.")
    elif result.exit_code and logged:
        screen.note("Something needs you: see above, or `invoicesync log --failed`.")


def _documents(screen: Screen, result: Any) -> None:
    from invoicesync_cli.model import State

    dry = result.dry_run
    done = "that would be created" if dry else "created"
    documents = result.documents
    created = [item for item in documents if item.state is State.CREATED]
    others = [item for item in documents if item.state is not State.CREATED]
    invoices = [item for item in created if item.kind == "invoice"]
    money = [item for item in created if item.kind != "invoice"]
    listed = len(created) <= LISTED or screen.verbose
    if invoices and listed:
        table_of(screen, invoices, f"Invoices {done}")
    if money and listed:
        money_of(screen, money, f"Payments, credits and refunds {done}")
    noted = [item for item in created if item.message and (item.reason or item in invoices)]
    if noted:
        reasons_of(
            screen, noted, f"{'Would be created' if dry else 'Created'}, but look at", would=dry
        )
    if others:
        reasons_of(screen, others, "Would be left out" if dry else "Left out", would=dry)


def _sums(screen: Screen, result: Any, missing: "Sequence[Missing]") -> None:
    """What was created comes to, and what Keap has and the ledger has not."""
    dry, count = result.dry_run, result.counts("invoice")["created"]
    if count:
        keap, ledger = (amount(total, result.currency) for total in result.totals())
        created, has = ("Would be created", "would have") if dry else ("Created", "has")
        screen.line(f"{created}: {_counted(count)}, {keap}; the ledger {has} {ledger} of them")
    if missing:
        where = "Would not be in the ledger" if dry else "Not in the ledger"
        screen.line(f"{where}: {'; '.join(_parts(missing))}")
    if dry:
        screen.line("Nothing was changed.")


def _parts(missing: "Sequence[Missing]") -> list[str]:
    """Invoices by state, then each other kind; every part with its sums by currency."""
    parts = []
    for kind in KINDS:
        found = [item for item in missing if item.kind == kind]
        counts: dict[str, int] = {}
        for item in found:
            counts[item.state] = counts.get(item.state, 0) + item.count
        named = {
            state: f"{count:,}" if kind == "invoice" else _counted(count, kind)
            for state, count in counts.items()
        }
        told = " and ".join(f"{text} {STATES.get(state, state)}" for state, text in named.items())
        if told:
            parts.append(f"{told}, {' and '.join(_by_currency(found))}")
    return parts


def _by_currency(found: "Sequence[Missing]") -> list[str]:
    from decimal import Decimal

    sums: dict[str, Decimal] = {}
    for item in found:
        sums[item.currency] = sums.get(item.currency, Decimal(0)) + item.total
    return [amount(total, currency) for currency, total in sums.items()]


def _counted(count: int, kind: str = "invoice") -> str:
    return f"{count:,} {kind}{'' if count == 1 else 's'}"
