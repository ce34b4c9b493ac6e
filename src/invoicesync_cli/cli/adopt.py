"""`adopt`: linking what the ledger has already for Keap's orders; nothing is sent to either."""

import string
from typing import TYPE_CHECKING, Annotated

import typer

from invoicesync_cli.cli.arguments import DryRun, SinceDate, UntilDate, days_of
from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.progress import progress
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.cli.run_report import LIST, LISTED
from invoicesync_cli.cli.tables import amount, counted, money_of, reasons_of, table_of
from invoicesync_cli.errors import UsageError

if TYPE_CHECKING:
    from invoicesync_cli.sync import Result

FIELDS = {"order", "invoice"}


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "adopt", help="Link what the ledger has already, entered by hand or elsewhere.")
    def _adopt(
        call: Call,
        since_date: SinceDate = None,
        until_date: UntilDate = None,
        number: Annotated[
            str | None,
            typer.Option(
                "--number",
                metavar="FORMAT",
                help='How the documents are numbered, such as "INV-{invoice}" or "{order}".',
                callback=a_format,
            ),
        ] = None,
        dry_run: DryRun = False,
    ) -> Report:
        from invoicesync_cli.cli.workspace import Workspace
        from invoicesync_cli.sync import Options
        from invoicesync_cli.sync.linking import adopt

        since, until = days_of(None, since_date, until_date)
        options = Options(
            command="adopt",
            since_date=since,
            until_date=until,
            number=number or "",
            dry_run=dry_run,
        )
        with (
            progress(call) as shown,
            Workspace().run(call, {}, dry_run=dry_run, progress=shown) as resources,
        ):
            result = adopt(resources, options)

        def text(screen: Screen) -> None:
            _show(screen, result)

        return Report(result.as_json(), text, result.exit_code, result.messages)


def a_format(text: str | None) -> str | None:
    """The form of a number, with `{order}` or `{invoice}` in it, None where none was typed. Raises
    `UsageError`."""
    if text is None:
        return None
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        parts = [("", "", "", None)]
    named = {name for _, name, _, _ in parts if name is not None}
    plain = not any(form or conversion for _, _, form, conversion in parts)
    if not named or not named <= FIELDS or not plain:
        raise UsageError(
            f"--number {text!r} is no form of a number.",
            hint='It holds {order} or {invoice}, which stand for the ids: --number "INV-{invoice}"',
        )
    return text


def _show(screen: Screen, result: "Result") -> None:
    """What was linked, or would be, and what is not clear."""
    from invoicesync_cli.model import DocumentKind, DocumentState

    would = "would be " if result.dry_run else ""
    invoices, created = [DocumentKind.INVOICE], [DocumentState.CREATED]
    money = [kind for kind in DocumentKind if kind not in invoices]
    counts = {kind: result.counts(kind) for kind in DocumentKind}
    linked = sum(found["created"] for found in counts.values())
    if not screen.quiet and linked and (screen.verbose or linked <= LISTED):
        done = f"that {would}linked" if would else "linked"
        table_of(screen, result.chosen(created, invoices), f"Invoices {done}")
        money_of(screen, result.chosen(created, money), f"Payments, credits and refunds {done}")
    unclear = [state for state in DocumentState if state not in created]
    changed = None if screen.verbose else True
    title = "Would not be clear" if result.dry_run else "Not clear"
    reasons_of(screen, result.chosen(unclear, changed=changed), title, would=result.dry_run)
    before = sum(result.as_before().values()) if changed else 0
    if not screen.quiet:
        for kind, found in counts.items():
            said = [
                f"{count:,} {word}"
                for word, count in (
                    (f"{would}linked", found["created"]),
                    (f"{would}held", found["held"]),
                    ("known before", found["unchanged"]),
                )
                if count
            ]
            if said or kind == "invoice":
                screen.line(f"{kind.title()}s: {', '.join(said) or 'nothing to link'}.")
        if counts[DocumentKind.INVOICE]["created"]:
            keap, ledger = (amount(total, result.currency) for total in result.totals())
            what = counted(counts[DocumentKind.INVOICE]["created"], "invoice")
            done = f"{would}linked".capitalize()
            screen.line(f"{done}: {what}, {keap}; the ledger has {ledger} of them")
    if before:
        screen.line(f"Not clear, as before: {before:,}. {LIST}")
    if result.dry_run:
        screen.line("Nothing was changed.")
    elif result.exit_code and not before:
        screen.note(f"Something needs you. {LIST}")
    elif linked:
        screen.note(
            "Nothing was sent to either side. What is still to be sent: invoicesync sync --dry-run"
        )
