"""A run as a person reads it: what was done, what was not and why, and what it comes to."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from invoicesync_cli.cli.report import Screen
from invoicesync_cli.cli.tables import amount, money_of, reasons_of, table_of

if TYPE_CHECKING:
    from decimal import Decimal

    from invoicesync_cli.model import Document
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
    from invoicesync_cli.model import DocumentState

    dry = result.dry_run
    done = "that would be created" if dry else "created"
    documents = result.documents
    created = [item for item in documents if item.state is DocumentState.CREATED]
    others = [item for item in documents if item.state is not DocumentState.CREATED]
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
    grouped = [] if screen.verbose else [item for item in others if not item.state.needs_person]
    listed_one_by_one = [item for item in others if screen.verbose or item.state.needs_person]
    if listed_one_by_one:
        title = "Would be left out" if dry else "Left out"
        reasons_of(screen, listed_one_by_one, title, would=dry)
    _groups(screen, grouped, would="would be " if dry else "")


def _groups(screen: Screen, documents: "Sequence[Document]", *, would: str) -> None:
    """What waits or was skipped: a line for all of a kind that do so for the same reason."""
    groups: dict[tuple[str, str, str], list[Document]] = {}
    for item in documents:
        groups.setdefault((item.kind, item.state, item.reason), []).append(item)
    for (kind, state, reason), found in groups.items():
        said = {f"{item.message} {item.hint}".strip() for item in found}
        sums = " and ".join(_by_currency([(item.currency, item.total) for item in found]))
        why = said.pop() if len(said) == 1 else ""
        counted = _counted(len(found), kind)
        screen.line(f"{counted} {would}{state}, {sums}: {reason}. {why}".rstrip())
    if groups:
        screen.line()


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
        said = " and ".join(f"{text} {STATES.get(state, state)}" for state, text in named.items())
        if said:
            sums = _by_currency((item.currency, item.total) for item in found)
            parts.append(f"{said}, {' and '.join(sums)}")
    return parts


def _by_currency(amounts: "Iterable[tuple[str, Decimal | None]]") -> list[str]:
    from invoicesync_cli.model import ZERO

    sums: dict[str, Decimal] = {}
    for currency, total in amounts:
        sums[currency] = sums.get(currency, ZERO) + (total or ZERO)
    return [amount(total, currency) for currency, total in sums.items()]


def _counted(count: int, kind: str = "invoice") -> str:
    return f"{count:,} {kind}{'' if count == 1 else 's'}"
