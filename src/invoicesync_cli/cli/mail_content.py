"""What a mail about scheduled runs says: how the run ended, what was done, and what is open."""

import platform
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from invoicesync_cli.auth import Pins
from invoicesync_cli.cli.tables import STATES, amount, counted, local
from invoicesync_cli.config import Config
from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import DocumentKind
from invoicesync_cli.notify.letter import Group, Letter, LetterRow
from invoicesync_cli.notify.memory import Memory
from invoicesync_cli.notify.occasions import Ended
from invoicesync_cli.paths import Paths
from invoicesync_cli.state import Store
from invoicesync_cli.state.history import stamp
from invoicesync_cli.state.todo import (
    OpenDocument,
    OpenGroup,
    Pages,
    left_out,
    open_documents,
    open_groups,
)
from invoicesync_cli.vendors import VENDORS

if TYPE_CHECKING:
    from datetime import date

LISTED = 10
"""Documents of a group that a mail lists."""
LISTED_IN_ALL = 60
FAILED = {
    ExitCode.BUG: "the run failed unexpectedly",
    ExitCode.USAGE: "the schedule entry is wrong",
    ExitCode.SIGN_IN: "sign-in needed",
    ExitCode.CONFIG: "the configuration is wrong",
    ExitCode.TRY_LATER: "a service is down or a limit is reached",
    ExitCode.RUN_ACTIVE: "another run is still active",
    ExitCode.INTERRUPTED: "the run was interrupted",
}
"""How a run failed, for the subject of a mail."""


@dataclass(frozen=True)
class MailContext:
    """Whose runs they are, and their records; no `state` where it cannot be opened."""

    config: Config
    paths: Paths
    pages: Pages
    state: Store | None
    worded: Callable[[str], str]
    """Words the commands of a text for the profile."""

    @property
    def company(self) -> str:
        """The organisation as the ledger calls it; before anybody has signed in, this tool."""
        name = Pins(self.state).known(self.config.sync.destination).name if self.state else ""
        return name or " ".join(filter(None, ("invoicesync", self.paths.profile)))


def about_run(books: MailContext, memory: Memory, ended: Ended, notes: Sequence[str]) -> Letter:
    """The mail after a scheduled run; `memory` is what was remembered before it."""
    groups = _groups(books)
    need = _need(groups, len(ended.new))
    says = [*_end(memory, ended), *notes]
    if books.config.notify.email == "daily" and books.state:
        says += _done(books.state, memory.daily_at)
    if ended.error:
        subject = FAILED.get(ended.error.exit_code, "the run failed")
    elif memory.failures and need:
        subject = f"works again; {need}"
    else:
        subject = "works again" if memory.failures else need or "nothing needs you"
    says.append(f"{need[0].upper()}{need[1:]}." if need else "Nothing needs you.")
    skipped = left_out(books.state.db, memory.mailed) if books.state else []
    return _letter(books, subject, says, groups, ended, skipped)


def as_test(books: MailContext, ended: Ended) -> Letter:
    """A mail to see that mail arrives, with what is open."""
    says = ["Mail from invoicesync arrives here: this one was sent to try it."]
    return _letter(books, "a test of mail", says, _groups(books), ended)


def _letter(
    books: MailContext,
    subject: str,
    says: Sequence[str],
    groups: Sequence[OpenGroup],
    ended: Ended,
    skipped: Sequence[OpenGroup] = (),
) -> Letter:
    shown = [*_shown(books, groups, ended), *_left_out(skipped)]
    return Letter(
        company=books.company,
        subject=subject,
        says=[books.worded(said) for said in says],
        groups=shown,
        commands=[
            (books.worded(command), purpose)
            for command, purpose in _commands(groups, skipped, books)
        ],
        foot=(
            f"Sent by invoicesync on {platform.node()}, {local(stamp(ended.at))}.",
            f"Settings: [notify] in {books.paths.config}",
        ),
    )


def _groups(books: MailContext) -> list[OpenGroup]:
    return open_groups(books.state.db) if books.state else []


def _need(groups: Sequence[OpenGroup], new: int) -> str:
    total = sum(group.count for group in groups if group.state.needs_person)
    if not total:
        return ""
    verb = "needs" if total == 1 else "need"
    if not new or new == total:
        return f"{counted(total, 'document')} {verb} you"
    return f"{counted(new, 'new document')} {'needs' if new == 1 else 'need'} you, {total:,} in all"


def _end(memory: Memory, ended: Ended) -> Iterator[str]:
    """How the run ended, where that is worth a word."""
    at = local(stamp(ended.at))
    if ended.error:
        error = ended.error
        yield f"The scheduled run of {at} failed (exit code {int(error.exit_code)})."
        yield from filter(None, (*error.message.split("\n"), error.hint))
        if memory.failing:
            yield f"Runs have failed since {local(memory.failing.since)}."
    elif memory.failing:
        yield (
            f"The scheduled run of {at} worked again. Runs had failed since "
            f"{local(memory.failing.since)}: {memory.failing.said}"
        )


def _done(state: Store, since: str) -> Iterator[str]:
    """What the runs since the last daily mail have done."""
    runs = failed = 0
    created: Counter[DocumentKind] = Counter()
    sums: Counter[str] = Counter()
    for status, data in state.history.runs_since(since):
        runs += 1
        failed += status in {"error", "interrupted"}
        for kind in DocumentKind:
            created[kind] += data[f"{kind}s"]["created"]
        totals = data["totals"]
        cents = Decimal(totals["ledger"]).scaleb(2)
        sums[totals["currency"]] += int(cents)
    then = f"Since {local(since)}" if since else "So far"
    failures = f", {failed:,} of which failed" if failed else ""
    yield f"{then}: {counted(runs, 'run')}{failures}."
    parts = [counted(count, kind) for kind, count in created.items() if count]
    money = [amount(Decimal(cents).scaleb(-2), name) for name, cents in sums.items() if cents]
    if parts:
        came = f"; the invoices come to {' and '.join(money)} in the ledger" if money else ""
        yield f"Created: {', '.join(parts)}{came}."
    else:
        yield "Nothing new came from Keap."


def _shown(books: MailContext, groups: Sequence[OpenGroup], ended: Ended) -> Iterator[Group]:
    """What needs a person, listed up to a limit; what settles by itself, in a sentence each."""
    assert books.state or not groups  # noqa: S101 - groups come from the state
    today, left = ended.at.astimezone().date(), LISTED_IN_ALL
    for group in groups:
        title = _titled(group, STATES.get(group.state, group.state))
        if not group.state.needs_person or books.state is None:
            meaning = group.reason.meaning_in(group.state)
            yield Group(title, meaning or "It settles by itself, with the next run.")
            continue
        found = list(_rows(books, books.state, group, today, ended, min(LISTED, left)))
        left -= len(found)
        more = group.count - len(found)
        said = f"and {more:,} more: invoicesync todo --reason {group.reason}" if more else ""
        yield Group(title, group.reason.meaning_in(group.state), found, books.worded(said))


def _left_out(skipped: Sequence[OpenGroup]) -> Iterator[Group]:
    """What rules of the user's have left out since the last mail, in a sentence for each reason."""
    for group in skipped:
        yield Group(_titled(group, f"newly {group.state}"), group.reason.meaning_in(group.state))


def _titled(group: OpenGroup, state: str) -> str:
    why = f": {group.reason}" if group.reason else ""
    return f"{counted(group.count, 'document')} {state}{why}, " + amount(
        group.total, group.currency
    )


def _rows(
    books: MailContext, state: Store, group: OpenGroup, today: "date", ended: Ended, limit: int
) -> Iterator[LetterRow]:
    """The first documents of a group: what is new, then the oldest."""

    def is_new(item: OpenDocument) -> bool:
        return (item.record.kind, item.record.key) in ended.new

    found = open_documents(state.db, group, today, books.pages)
    if ended.new:
        first = [item for item in found if is_new(item)][:limit]
        others = (
            item for item in open_documents(state.db, group, today, books.pages) if not is_new(item)
        )
        chosen = [*first, *islice(others, limit - len(first))]
    else:
        chosen = list(islice(found, limit))
    ledger = VENDORS[books.pages.ledger].title
    for item in chosen:
        document = item.document
        day = document.date.isoformat() if document.date else "no date"
        yield LetterRow(
            f"{document.kind} {document.invoice_id or '-'} (order {document.order_id or '-'})",
            amount(document.total, document.currency),
            f"{day}, {counted(item.age, 'day')}",
            document.contact,
            is_new(item),
            f"{document.message} {books.worded(document.hint)}".strip(),
            [
                (title, item.links[name])
                for name, title in (("keap", "See it in Keap"), ("ledger", f"See it in {ledger}"))
                if item.links[name]
            ],
        )


def _commands(
    groups: Sequence[OpenGroup], skipped: Sequence[OpenGroup], books: MailContext
) -> Iterator[tuple[str, str]]:
    needing = [group for group in groups if group.state.needs_person]
    if needing:
        yield "invoicesync todo", "everything that is open, with what to do"
        yield "invoicesync explain ID", "why one invoice is as it is"
        yield "invoicesync retry", "once you have put things right: try what is open again"
    if skipped:
        yield "invoicesync log --skipped", "what was left out, one by one, and why"
    yield "invoicesync status", "how things stand"
    if books.state and not books.state.is_paused():
        yield "invoicesync pause", "let scheduled runs do nothing, until: invoicesync resume"
