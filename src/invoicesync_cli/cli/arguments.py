"""Options and arguments that several commands have, and how their values are read."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from invoicesync_cli.errors import UsageError
from invoicesync_cli.vendors import VENDORS, ledgers

if TYPE_CHECKING:
    Service = str
    LedgerKey = str
else:
    Service = Literal[tuple(VENDORS)]
    LedgerKey = Literal[ledgers()]

LONGEST_ID = 18
YEARS = range(1900, 2200)


def a_date(text: str) -> date:
    """A day as an option has it. Python takes weeks, and dates without dashes, and any year too."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.isoformat() != text or found.year not in YEARS:
        raise typer.BadParameter(f"{text!r} is no date; write it as 2026-01-31.")
    return found


def a_month(text: str) -> date | None:
    """The first day of a month as an option has it, or None where none was typed."""
    if not text:
        return None
    try:
        return a_date(f"{text}-01")
    except typer.BadParameter:
        raise typer.BadParameter(f"{text!r} is no month; write it as 2026-01.") from None


def days_of(
    month: date | None, since: date | None, until: date | None
) -> tuple[date | None, date | None]:
    """The first and the last day of a period as it was typed. Raises `UsageError`."""
    if month:
        if since or until:
            raise UsageError(
                "--month and a date do not go together.",
                hint="Use --month, or --since-date and --until-date.",
            )
        return month, (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if since and until and since > until:
        raise UsageError(
            f"{since} is later than {until}.", hint="Exchange --since-date and --until-date."
        )
    return since, until


def an_id(text: str) -> str:
    """One of Keap's ids, or blank where none was typed. Raises `UsageError`."""
    if text and not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise UsageError(f"{text!r} is no Keap id.", hint="An id is a number, such as 1234.")
    return text


def some_ids(typed: Sequence[str] | None) -> list[str]:
    """Ids with commas or blanks between them, each once. Raises `UsageError`."""
    ids = [an_id(part.strip()) for word in typed or () for part in word.split(",") if part.strip()]
    if typed and not ids:
        raise UsageError("No id was given.", hint="Ids are numbers, such as 1234,1235.")
    return list(dict.fromkeys(ids))


def ids_by(typed: Sequence[str], by: str) -> list[str]:
    """What was typed as ids: Keap's are numbers, the ledger's numbers and ids can be anything.
    Raises `UsageError`."""
    return list(dict.fromkeys(typed)) if by == "ledger" else some_ids(typed)


Ids = Annotated[
    list[str], typer.Argument(metavar="ID[,ID…]", help="Invoice ids.", callback=some_ids)
]
IdKind = Literal["invoice", "order"]
By = Annotated[IdKind, typer.Option("--by", help="Which of Keap's ids these are.")]
AnyIdKind = Literal["invoice", "order", "ledger"]
ByAny = Annotated[
    AnyIdKind,
    typer.Option("--by", help="Which of Keap's ids these are, or the ledger's numbers or ids."),
]
AnyId = Annotated[str, typer.Argument(metavar="ID", help="The invoice's id.")]
AnyIds = Annotated[list[str], typer.Argument(metavar="ID[,ID…]", help="Invoice ids.")]
Month = Annotated[
    date | None, typer.Option("--month", metavar="MONTH", help="Such as 2026-10.", parser=a_month)
]
SinceDate = Annotated[
    date | None,
    typer.Option("--since-date", metavar="DATE", help="From this day on.", parser=a_date),
]
UntilDate = Annotated[
    date | None,
    typer.Option("--until-date", metavar="DATE", help="Up to this day.", parser=a_date),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done; write nothing.")]
To = Annotated[
    LedgerKey | None,
    typer.Option("--to", help="The ledger to rehearse with: xero, unless a company is named."),
]
