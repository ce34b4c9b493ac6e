"""`backup` and `restore`: config and state as one file, for another machine."""

from pathlib import Path
from typing import Annotated

import typer

from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.cli.tables import local

NEXT = (
    "Sign in on this machine: invoicesync auth status says where.",
    "The next sync asks the ledger for what was made since then, and books nothing twice.",
    "Let only one machine go on with it: on the old one, invoicesync schedule remove.",
)


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @command(app, "backup", help="Save config and state, never secrets, as one file.")
    def _backup(
        call: Call,
        file: Annotated[str, typer.Argument(metavar="FILE", help="The file to write.")],
    ) -> Report:
        return _saved(call, Path(file).expanduser().absolute())

    @command(app, "restore", help="Put config and state of a backup in place.")
    def _restore(
        call: Call,
        file: Annotated[str, typer.Argument(metavar="FILE", help="What `backup` has written.")],
        *,
        force: Annotated[
            bool, typer.Option("--force", help="Replace what is there; it is kept beside.")
        ] = False,
    ) -> Report:
        return _restored(call, Path(file).expanduser().absolute(), force=force)


def _saved(call: Call, file: Path) -> Report:
    from datetime import UTC, datetime

    from invoicesync_cli import __version__
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.state.backup import FORM, About, back_up
    from invoicesync_cli.state.codec import as_json

    paths = Workspace().paths(call)
    about = About(FORM, datetime.now(UTC), __version__, paths.profile)
    back_up(paths, file, about)
    call.acts = True
    size = file.stat().st_size
    data = {"file": str(file), "bytes": size, **as_json(About, about)}

    def text(screen: Screen) -> None:
        screen.line(f"Saved: {file} ({max(size // 1024, 1):,} KB), config and state, no secrets.")
        screen.note("On the other machine: invoicesync restore FILE, then sign in there.")

    return Report(data, text)


def _restored(call: Call, file: Path, *, force: bool) -> Report:
    from datetime import datetime

    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.state.backup import About, restore
    from invoicesync_cli.state.codec import as_json

    call.acts = True
    today = datetime.now().astimezone().date()
    done = restore(Workspace().paths(call), file, today, force=force)
    about = as_json(About, done.about)
    data = {
        "file": str(file),
        "written": [str(path) for path in done.written],
        "kept": [str(path) for path in done.kept],
        **about,
    }

    def text(screen: Screen) -> None:
        screen.line(f"Restored, as of {local(about['made_at'])}:")
        for path in done.written:
            screen.line(f"  {path}")
        for path in done.kept:
            screen.line(f"What was there before is now {path}")
        for sentence in NEXT:
            screen.line(sentence)

    return Report(data, text)
