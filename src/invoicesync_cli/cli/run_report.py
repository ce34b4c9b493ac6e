"""A run as a person reads it: what was done, what was not and why, and what it comes to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from invoicesync_cli.cli.report import Screen
from invoicesync_cli.cli.tables import STATES, amount, counted, money_of, reasons_of, table_of

if TYPE_CHECKING:
    from invoicesync_cli.model import Document, DocumentState
    from invoicesync_cli.state.missing import Missing
    from invoicesync_cli.sync import Result

LISTED = 200
"""Documents that are listed one by one where that was not asked for by -v; more are counted."""
FEW = 20
"""Documents of which each is said what became of it when they were asked for by their ids."""
LIST = "List: invoicesync todo"
NOT_APPROVED = (
    "Not approved yet, and no money goes onto them before: approve them in the ledger, or by "
    "invoicesync approve last"
)
"""What is said of new invoices in a ledger that has them as drafts, or submitted."""


def show_run(
    screen: Screen,
    result: "Result",
    missing: "Sequence[Missing]",
    ledger: str,
    *,
    logged: bool,
    named: bool,
) -> None:
    """What a run did, or a dry run would do; `missing` is what the `ledger` has not after it.

    `logged` says that there will be a log to look into, `named` that certain documents were asked
    for: then all of them are shown, also those that stand as they did before.
    """
    from invoicesync_cli.model import DocumentKind

    changed = None if named or screen.verbose else True
    if screen.quiet:
        _needing_a_person(screen, result, changed)
        return
    _created(screen, result, listed=named or result.dry_run)
    each = bool(screen.verbose) or (named and _few(result))
    _left_out(screen, result, ledger, changed, each=each)
    would = "would be " if result.dry_run else ""
    for kind in DocumentKind:
        counts = ", ".join(
            f"{count:,} {state if state == 'unchanged' else would + state}"
            for state, count in result.counts(kind).items()
            if count
        )
        if counts or kind == "invoice":
            screen.line(f"{kind.title()}s: {counts or 'nothing to do'}.")
    if screen.verbose:
        calls = result.calls
        screen.line(f"Calls: {calls['keap']} to Keap, {calls['ledger']} to the ledger.")
    before = "" if changed is None else _counts_of(result.as_before())
    if before:
        screen.line(f"Open as before: {before}. {LIST}")
    _sums(screen, result, missing)
    if result.dry_run:
        screen.line("Nothing was changed.")
        if result.exit_code and not before:
            screen.note("Something would need you: see above.")
    elif result.exit_code and logged and not before:
        screen.note(f"Something needs you. {LIST}")


def _created(screen: Screen, result: "Result", *, listed: bool) -> None:
    """What was created: one by one with -v, and where somebody waits to see just that."""
    from invoicesync_cli.model import DocumentKind, DocumentState

    dry, invoices = result.dry_run, [DocumentKind.INVOICE]
    money = [kind for kind in DocumentKind if kind not in invoices]
    created, done = [DocumentState.CREATED], "that would be created" if dry else "created"
    few = sum(result.counts(kind)["created"] for kind in DocumentKind) <= LISTED
    if screen.verbose or (listed and few):
        table_of(screen, result.chosen(created, invoices), f"Invoices {done}")
        money_of(screen, result.chosen(created, money), f"Payments, credits and refunds {done}")
    noted = (
        item
        for item in result.chosen(created)
        if item.message and (item.reason or item.kind in invoices)
    )
    reasons_of(screen, noted, f"{'Would be created' if dry else 'Created'}, but look at", would=dry)


def _few(result: "Result") -> bool:
    from invoicesync_cli.model import DocumentKind

    return sum(sum(result.counts(kind).values()) for kind in DocumentKind) <= FEW


def _left_out(
    screen: Screen, result: "Result", ledger: str, changed: bool | None, *, each: bool
) -> None:
    """What needs a person or is not as in a plan, one by one; what waits or was skipped otherwise,
    by reason unless `each` is."""
    from invoicesync_cli.model import DocumentState, Reason

    others = [state for state in DocumentState if state is not DocumentState.CREATED]
    one_by_one = [state for state in others if each or state.needs_person]
    dry = result.dry_run
    title = "Would be left out" if dry else "Left out"
    reasons_of(screen, result.chosen(one_by_one, changed=changed), title, would=dry)
    grouped = [state for state in others if state not in one_by_one]
    rest = result.chosen(grouped, changed=changed)
    if not each:
        _not_as_planned(screen, result, changed)
        rest = (item for item in rest if item.reason is not Reason.PLAN_DIFFERS)
    _groups(screen, rest, ledger, dry=dry)


def _not_as_planned(screen: Screen, result: "Result", changed: bool | None) -> None:
    from invoicesync_cli.model import DocumentState, Reason

    waiting = result.chosen([DocumentState.WAITING], changed=changed)
    differing = (item for item in waiting if item.reason is Reason.PLAN_DIFFERS)
    reasons_of(screen, differing, "Not as in the plan", would=result.dry_run)


def _needing_a_person(screen: Screen, result: "Result", changed: bool | None) -> None:
    from invoicesync_cli.model import DocumentState

    needing = [state for state in DocumentState if state.needs_person]
    title = "Would be left out" if result.dry_run else "Left out"
    reasons_of(screen, result.chosen(needing, changed=changed), title, would=result.dry_run)
    _not_as_planned(screen, result, changed)
    before = {state: count for state, count in result.as_before().items() if state in needing}
    if changed and before:
        screen.line(f"Open as before: {_counts_of(before)}. {LIST}")
    elif result.exit_code and not result.dry_run:
        screen.line(f"Something needs you. {LIST}")


def _counts_of(counts: "Mapping[DocumentState, int]") -> str:
    return ", ".join(f"{count:,} {STATES.get(state, state)}" for state, count in counts.items())


@dataclass
class _Group:
    """What waits or was skipped for the same reason: how many, their sums, what is said of all."""

    why: str
    meaning: str
    count: int = 0
    sums: "dict[str, Decimal]" = field(default_factory=dict)

    def add(self, item: "Document", why: str) -> None:
        self.count += 1
        self.sums[item.currency] = self.sums.get(item.currency, Decimal()) + (item.total or 0)
        self.why = why if why == self.why else self.meaning


def _groups(screen: Screen, documents: "Iterable[Document]", ledger: str, *, dry: bool) -> None:
    """What waits or was skipped: a line for all of a kind that do so for the same reason."""
    from invoicesync_cli.model import Reason

    groups: dict[tuple[str, str, str], _Group] = {}
    for item in documents:
        why = f"{item.message} {item.hint}".strip()
        # Of what is only undone there is no more to say of all than that.
        meaning = item.reason.meaning_in(item.state) if item.reason else ""
        groups.setdefault((item.kind, item.state, item.reason), _Group(why, meaning)).add(item, why)
    for (kind, state, reason), group in groups.items():
        sums = " and ".join(amount(total, currency) for currency, total in group.sums.items())
        what, named = counted(group.count, kind), f": {reason}" if reason else ""
        if reason == Reason.INVOICE_NOT_APPROVED:
            does = _waits_for_approval(group.count, dry=dry)
            screen.line(f"{what} {does} to be approved in {ledger}, {sums}{named}.")
        else:
            would = "would be " if dry else ""
            screen.line(f"{what} {would}{state}, {sums}{named}. {group.why}".rstrip())
    if groups:
        screen.line()


def _waits_for_approval(count: int, *, dry: bool) -> str:
    verb = "would wait" if dry else ("waits" if count == 1 else "wait")
    return f"{verb} for {'its invoice' if count == 1 else 'their invoices'}"


def _sums(screen: Screen, result: "Result", missing: "Sequence[Missing]") -> None:
    """What was created comes to, and what Keap has and the ledger has not."""
    from invoicesync_cli.model import DocumentKind

    dry, count = result.dry_run, result.counts(DocumentKind.INVOICE)["created"]
    if count:
        keap, ledger = (amount(total, result.currency) for total in result.totals())
        created, has = ("Would be created", "would have") if dry else ("Created", "has")
        screen.line(f"{created}: {counted(count)}, {keap}; the ledger {has} {ledger} of them")
        if not (result.approves or dry):
            screen.line(NOT_APPROVED)
    if missing:
        where = "Would not be in the ledger" if dry else "Not in the ledger"
        screen.line(f"{where}: {'; '.join(_parts(missing))}")


def _parts(missing: "Sequence[Missing]") -> list[str]:
    """Invoices by state, then each other kind; every part with its sums by currency."""
    from invoicesync_cli.model import DocumentKind

    parts = []
    for kind in DocumentKind:
        found = [item for item in missing if item.kind == kind]
        counts: dict[str, int] = {}
        for item in found:
            counts[item.state] = counts.get(item.state, 0) + item.count
        named = {
            state: f"{count:,}" if kind == "invoice" else counted(count, kind)
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
