"""`sync` and `sync-id`: one run."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import typer

from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.report import Report
from invoicesync_cli.cli.run_report import show_run
from invoicesync_cli.errors import UsageError
from invoicesync_cli.printable import printable

LONGEST_ID = 18
YEARS = range(1900, 2200)


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "sync", help="Carry new Keap invoices into the ledger: one run.")
    def _sync(
        call: Call,
        since_date: Annotated[
            str, typer.Option(metavar="DATE", help="Invoices dated on or after this day.")
        ] = "",
        since_id: Annotated[
            str, typer.Option(metavar="ID", help="Invoices with this invoice id or a later one.")
        ] = "",
        from_start: Annotated[
            bool, typer.Option("--from-start", help="Everything again from sync.start on.")
        ] = False,
        until_date: Annotated[
            str, typer.Option(metavar="DATE", help="No invoice dated after this day.")
        ] = "",
        order_status: Annotated[
            str, typer.Option(metavar="paid|unpaid|any", help="Overrides invoices.order_status.")
        ] = "",
        max_invoices: Annotated[
            int | None, typer.Option(min=0, help="At most so many invoices (0: no limit).")
        ] = None,
        max_payments: Annotated[
            int | None, typer.Option(min=0, help="At most so many payments (0: no limit).")
        ] = None,
        only: Annotated[
            str, typer.Option(metavar="invoices|payments", help="Only the one or the other.")
        ] = "",
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Show what would be done; write nothing.")
        ] = False,
    ) -> Report:
        from invoicesync_cli.sync import Options

        _exclusive(since_date=since_date, since_id=since_id, from_start=from_start)
        since, until = a_date(since_date, "--since-date"), a_date(until_date, "--until-date")
        if since and until and since > until:
            raise UsageError("--since-date lies after --until-date.")
        options = Options(
            since_date=since,
            since_id=_an_id(since_id),
            from_start=from_start,
            until_date=until,
            only=one_of(only, ("", "invoices", "payments"), "--only"),
            dry_run=dry_run,
        )
        settings: dict[str, object] = {
            "invoices.order_status": one_of(
                order_status, ("", "paid", "unpaid", "any"), "--order-status"
            )
            or None,
            "sync.max_invoices": max_invoices,
            "sync.max_payments": max_payments,
        }
        return run(call, options, {k: v for k, v in settings.items() if v is not None})

    @command(app, "sync-id", help="Carry these invoices over, at once; ids as Keap lists them.")
    def _sync_id(
        call: Call,
        ids: Annotated[list[str], typer.Argument(metavar="ID[,ID…]", help="Invoice ids.")],
        by: Annotated[
            str, typer.Option(metavar="invoice|order", help="Which of Keap's ids these are.")
        ] = "invoice",
        no_payments: Annotated[
            bool, typer.Option("--no-payments", help="The invoices only.")
        ] = False,
        recreate: Annotated[
            bool,
            typer.Option("--recreate", help="Make a document anew that was voided or deleted."),
        ] = False,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Show what would be done; write nothing.")
        ] = False,
    ) -> Report:
        from invoicesync_cli.sync import Options

        options = Options(
            command="sync-id",
            ids=id_list(ids),
            by=one_of(by, ("invoice", "order"), "--by"),
            only="invoices" if no_payments else "",
            recreate=recreate,
            dry_run=dry_run,
        )
        return run(call, options, {})


def run(call: Call, options: Any, settings: Mapping[str, object], world: Any = None) -> Report:
    """Do one run and report it."""
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.state.missing import not_in_ledger
    from invoicesync_cli.sync import run as run_once

    world = world or Workspace()
    with (
        progress(call) as tell,
        world.run(call, settings, dry_run=options.dry_run, tell=tell) as deps,
    ):
        result = run_once(deps, options)
        missing = not_in_ledger(deps.state.db)
    return Report(
        data=result.as_json(),
        text=lambda screen: show_run(screen, result, missing, logged=options.command != "demo"),
        exit_code=result.exit_code,
        messages=result.messages,
    )


@contextlib.contextmanager
def progress(call: Call) -> Iterator[Callable[[str], None]]:
    """A line on stderr that says how far the run is; only on a terminal."""
    if call.screen.quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.text import Text

    with call.screen.err.status("working") as status:
        yield lambda text: status.update(Text(printable(text)))


def id_list(typed: Sequence[str]) -> tuple[str, ...]:
    """Ids from arguments with commas or blanks between them, each once.

    Raises `UsageError` for what is no id.
    """
    ids = [part.strip() for word in typed for part in word.split(",") if part.strip()]
    for one in ids:
        if not one.isascii() or not one.isdigit() or len(one) > LONGEST_ID:
            raise UsageError(f"{one!r} is no Keap id.", hint="Ids are numbers, such as 1234,1235.")
    if not ids:
        raise UsageError("No id was given.", hint="Ids are numbers, such as 1234,1235.")
    return tuple(dict.fromkeys(ids))


def a_date(text: str, option: str) -> date | None:
    """A date option. Raises `UsageError` for what is no date."""
    if not text:
        return None
    with contextlib.suppress(ValueError):
        found = date.fromisoformat(text)
        # Python takes weeks and dates without dashes too, and years that no clock can be set to.
        if found.isoformat() == text and found.year in YEARS:
            return found
    raise UsageError(f"{option}: {text!r} is no date.", hint="Write it as 2026-01-31.")


def _an_id(text: str) -> str:
    return id_list([text])[0] if text else ""


def one_of(value: str, allowed: Sequence[str], option: str) -> str:
    """An option with a few values. Raises `UsageError` for any other."""
    if value not in allowed:
        names = ", ".join(name for name in allowed if name)
        raise UsageError(f"{option}: {value!r} is none of {names}.")
    return value


def _exclusive(**options: object) -> None:
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} cannot go together.")
