"""The whole command line: the list of its commands."""

import functools
from collections.abc import Callable
from typing import Any

import typer
from typer.main import get_command

from invoicesync_cli.cli.command import COMMON, ROOT, VERSION, parameters, takes

EPILOG = (
    "invoicesync help COMMAND says more about a command. "
    "Keap was called Infusionsoft before. Questions and problems: see the README, or open an "
    "issue where you got invoicesync from."
)


@functools.cache
def application() -> typer.Typer:
    """The whole command line."""
    from invoicesync_cli.cli import (
        adopt,
        auth,
        backup,
        config,
        doctor,
        explain,
        init,
        log,
        lookup,
        match,
        notify,
        pause,
        retry,
        reverse,
        sandbox,
        schedule,
        serve,
        statement,
        status,
        sync,
        todo,
        undo,
        verify,
    )

    app = typer.Typer(
        name="invoicesync",
        help="Carries Keap invoices and payments into Xero or QuickBooks Online: once, to the "
        "cent, and says why.",
        epilog=EPILOG,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    def root(**values: Any) -> None:
        ROOT.clear()
        ROOT.update({name: values[name] for name in COMMON})

    app.callback()(takes(root, parameters({**COMMON, **VERSION})))
    for part in (
        init,
        sync,
        todo,
        explain,
        retry,
        undo,
        adopt,
        reverse,
        log,
        status,
        doctor,
        pause,
        schedule,
        serve,
        notify,
        lookup,
        verify,
        statement,
        match,
        auth,
        config,
        backup,
        sandbox,
    ):
        part.register(app)
    return app


@functools.cache
def parser() -> Callable[..., Any]:
    """What takes a command line apart and runs it. Typer would make it anew at every call."""
    return get_command(application())
