"""`reverse-sync`: invoices made in the ledger become orders in Keap."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from invoicesync_cli.cli.arguments import DryRun, a_date
from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.progress import progress
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.cli.run_report import LIST, LISTED
from invoicesync_cli.cli.tables import amount, counted, reasons_of, table_of
from invoicesync_cli.errors import UsageError

if TYPE_CHECKING:
    from invoicesync_cli.sync import Result


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "reverse-sync", help="Carry invoices made in the ledger into Keap as orders.")
    def _reverse(
        call: Call,
        since_date: Annotated[
            date | None,
            typer.Option(
                metavar="DATE",
                help="Invoices dated on or after this day, instead of reverse.start.",
                parser=a_date,
            ),
        ] = None,
        max_invoices: Annotated[
            int | None, typer.Option(min=0, help="At most so many invoices (0: no limit).")
        ] = None,
        dry_run: DryRun = False,
    ) -> Report:
        from invoicesync_cli.cli.workspace import Workspace
        from invoicesync_cli.reverse import reverse
        from invoicesync_cli.sync import Options
        from invoicesync_cli.vendors import VENDORS

        ledger = VENDORS[Workspace().config(call, complete=False).config.sync.destination]
        if not ledger.reverses:
            raise UsageError(
                f"Invoices do not go from {ledger.title} to Keap.",
                hint="Enter such a sale in Keap; it then goes to the ledger by itself.",
            )
        options = Options(command="reverse-sync", since_date=since_date, dry_run=dry_run)
        settings = {} if max_invoices is None else {"sync.max_invoices": max_invoices}
        with (
            progress(call) as shown,
            Workspace().run(call, settings, dry_run=dry_run, progress=shown) as resources,
        ):
            result = reverse(resources, options)

        def text(screen: Screen) -> None:
            _show(screen, result)

        return Report(result.as_json(), text, result.exit_code, result.messages)


def _show(screen: Screen, result: "Result") -> None:
    """What was entered in Keap, or would be, and what was left out and why."""
    from invoicesync_cli.model import DocumentKind, DocumentState

    would = "would be " if result.dry_run else ""
    invoices, created = [DocumentKind.INVOICE], [DocumentState.CREATED]
    counts = result.counts(DocumentKind.INVOICE)
    if not screen.quiet and counts["created"] and counts["created"] <= LISTED:
        done = "that would be entered in Keap" if result.dry_run else "entered in Keap"
        table_of(screen, result.chosen(created, invoices), f"Invoices {done}")
    others = [state for state in DocumentState if state not in created]
    changed = None if screen.verbose else True
    title = "Would be left out" if result.dry_run else "Left out"
    reasons_of(screen, result.chosen(others, changed=changed), title, would=result.dry_run)
    before = sum(result.as_before().values()) if changed else 0
    if not screen.quiet:
        said = [f"{count:,} {would}{state}" for state, count in counts.items() if count]
        screen.line(f"Invoices to Keap: {', '.join(said) or 'nothing to do'}.")
        if counts["created"]:
            keap, ledger = (amount(total, result.currency) for total in result.totals())
            done = "Would be entered in Keap" if result.dry_run else "Entered in Keap"
            what = counted(counts["created"], "invoice")
            has = "would have" if result.dry_run else "has"
            screen.line(f"{done}: {what}, {ledger}; Keap {has} {keap} of them")
    if before:
        screen.line(f"Open as before: {before:,}. {LIST}")
    if result.dry_run:
        screen.line("Nothing was changed.")
    elif result.exit_code and not before:
        screen.note(f"Something needs you. {LIST}")
