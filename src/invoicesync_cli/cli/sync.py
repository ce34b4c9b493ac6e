"""`sync` and `sync-id`: one run."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from invoicesync_cli.cli.arguments import By, DryRun, Ids, a_date, an_id
from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.progress import progress
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.cli.run_report import show_run
from invoicesync_cli.errors import UsageError
from invoicesync_cli.vendors import VENDORS

if TYPE_CHECKING:
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.sync import Options, Result, RunResources

PAUSED = "Scheduled runs are paused, until: invoicesync resume"


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "sync", help="Carry new Keap invoices into the ledger: one run.")
    def _sync(
        call: Call,
        since_date: Annotated[
            date | None,
            typer.Option(
                metavar="DATE", help="Invoices dated on or after this day.", parser=a_date
            ),
        ] = None,
        since_id: Annotated[
            str,
            typer.Option(
                metavar="ID",
                help="Invoices with this invoice id or a later one.",
                callback=an_id,
            ),
        ] = "",
        from_start: Annotated[
            bool, typer.Option("--from-start", help="Everything again from sync.start on.")
        ] = False,
        until_date: Annotated[
            date | None,
            typer.Option(metavar="DATE", help="No invoice dated after this day.", parser=a_date),
        ] = None,
        order_status: Annotated[
            Literal["paid", "unpaid", "any"] | None,
            typer.Option(help="Overrides invoices.order_status."),
        ] = None,
        max_invoices: Annotated[
            int | None, typer.Option(min=0, help="At most so many invoices (0: no limit).")
        ] = None,
        max_payments: Annotated[
            int | None, typer.Option(min=0, help="At most so many payments (0: no limit).")
        ] = None,
        only: Annotated[
            Literal["invoices", "payments"] | None,
            typer.Option(help="Only the one or the other."),
        ] = None,
        scheduled: Annotated[
            bool,
            typer.Option(
                "--scheduled",
                help="As a schedule starts it: obeys `pause`, silent without news, mail, ping.",
            ),
        ] = False,
        dry_run: DryRun = False,
        save: Annotated[
            str,
            typer.Option(
                metavar="FILE", help="With --dry-run: keep the plan, to be carried out by `apply`."
            ),
        ] = "",
    ) -> Report:
        from invoicesync_cli.machine import named_file
        from invoicesync_cli.sync import Options

        if save and not dry_run:
            raise UsageError("--save goes with --dry-run: it keeps what would be done.")

        if save:
            # Nobody waits for a run whose plan cannot be kept.
            named_file(save)

        def work() -> Report:
            _exclusive(since_date=since_date, since_id=since_id, from_start=from_start)
            if since_date and until_date and since_date > until_date:
                raise UsageError("--since-date lies after --until-date.")
            options = Options(
                since_date=since_date,
                since_id=since_id,
                from_start=from_start,
                until_date=until_date,
                only=only or "",
                dry_run=dry_run,
            )
            settings: dict[str, object] = {
                "invoices.order_status": order_status,
                "sync.max_invoices": max_invoices,
                "sync.max_payments": max_payments,
            }
            typed = {k: v for k, v in settings.items() if v is not None}
            return run(call, options, typed, only_news=scheduled, save=save, back=scheduled)

        if scheduled and not dry_run:
            return _on_schedule(call, work)
        return work()

    @command(app, "apply", help="Carry out a plan that sync --dry-run --save kept, and no more.")
    def _apply(
        call: Call,
        file: Annotated[str, typer.Argument(metavar="FILE", help="The plan.")],
    ) -> Report:
        from pathlib import Path

        from invoicesync_cli.cli.workspace import Workspace
        from invoicesync_cli.sync import Options
        from invoicesync_cli.sync.plan_file import read

        plan, profile = read(Path(file).expanduser()), Workspace().paths(call).profile
        options = Options(command="apply", ids=plan.orders, by="order", plan=plan, profile=profile)
        return run(call, options, {})

    @command(
        app,
        "sync-id",
        help="Carry these invoices over, at once; ids as Keap lists them.",
        epilog="Keap's list of orders can show both ids, as Invoice Id and Order Id; they are "
        "mostly the same. What a printed invoice and the report All Sales Itemized call the "
        "invoice number is the order id: --by order.",
    )
    def _sync_id(
        call: Call,
        ids: Ids,
        by: By = "invoice",
        no_payments: Annotated[
            bool, typer.Option("--no-payments", help="The invoices only.")
        ] = False,
        recreate: Annotated[
            bool,
            typer.Option("--recreate", help="Make a document anew that was voided or deleted."),
        ] = False,
        dry_run: DryRun = False,
    ) -> Report:
        from invoicesync_cli.sync import Options

        options = Options(
            command="sync-id",
            ids=tuple(ids),
            by=by,
            only="invoices" if no_payments else "",
            recreate=recreate,
            dry_run=dry_run,
        )
        return run(call, options, {})


def scheduled_run(call: Call) -> Report:
    """One run as a schedule starts it. Raises what it ends by, once it was mailed."""
    from invoicesync_cli.sync import Options

    return _on_schedule(call, lambda: run(call, Options(), {}, only_news=True, back=True))


def _on_schedule(call: Call, work: Callable[[], Report]) -> Report:
    from invoicesync_cli.cli.scheduled import scheduled

    return scheduled(call, work, _nothing_done)


def run(
    call: Call,
    options: "Options",
    settings: Mapping[str, object],
    workspace: "Workspace | None" = None,
    *,
    only_news: bool = False,
    save: str = "",
    back: bool = False,
) -> Report:
    """Do one run and report it; with `only_news`, not a word where no outcome has changed. `save`
    is the file for the plan of a dry run, `back` says that the way from the ledger to Keap is a
    part of it, where that is set."""
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.reverse import also
    from invoicesync_cli.state.missing import not_in_ledger
    from invoicesync_cli.sync import run as run_once

    workspace = workspace or Workspace()
    with (
        progress(call) as show,
        workspace.run(call, settings, dry_run=options.dry_run, progress=show) as resources,
    ):
        result = run_once(resources, options, also) if back else run_once(resources, options)
        missing = not_in_ledger(resources.state.db)
        paused = options.command == "sync" and resources.state.is_paused()
        settings_used = resources.loaded.config.sync
        off, ledger = settings_used.mode == "off", VENDORS[settings_used.destination].title
        saved = [_saved(call, workspace, save, resources, result)] if save else []
    messages = [*result.messages, *saved, *([PAUSED] if paused else [])]

    def text(screen: Screen) -> None:
        if not only_news or any(result.chosen(changed=True)):
            demo = options.command == "demo"
            named = demo or bool(options.ids)
            show_run(screen, result, missing, ledger, logged=not demo, named=named)

    return Report(
        data=result.as_json(),
        text=text,
        exit_code=result.exit_code,
        # That nothing is sent by the user's own setting is no news.
        messages=[] if only_news and off and not call.json else messages,
    )


def _saved(
    call: Call, workspace: "Workspace", file: str, resources: "RunResources", result: "Result"
) -> str:
    """Keep what a dry run would create; a sentence that says so."""
    from pathlib import Path

    from invoicesync_cli import __version__
    from invoicesync_cli.model import DocumentState
    from invoicesync_cli.sync.plan_file import books_of, save

    profile = workspace.paths(call).profile
    count = save(
        Path(file).expanduser(),
        books_of(resources.state, resources.loaded, profile),
        result.chosen([DocumentState.CREATED]),
        resources.state,
        resources.now(),
        __version__,
    )
    return f"Kept as a plan: {count:,} documents in {file}. To carry it out: invoicesync apply FILE"


def _nothing_done() -> Report:
    from invoicesync_cli.sync import Result

    return Report(Result("", dry_run=False).as_json(), lambda _: None)


def _exclusive(**options: object) -> None:
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} cannot go together.")
