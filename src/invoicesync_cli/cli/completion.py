"""What the shell offers after Tab where the values are this machine's own: profiles and runs."""

from itertools import islice
from typing import Any

import typer

from invoicesync_cli.errors import InvoiceSyncError

NEWEST = 20
"""Runs that are offered."""


def profiles(incomplete: str) -> list[str]:
    """The profiles that have a config or a state."""
    from invoicesync_cli.paths import known_profiles

    try:
        return [name for name in known_profiles() if name.startswith(incomplete)]
    except (InvoiceSyncError, OSError):
        return []


def runs(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The newest runs of the profile, each with when it was and how it ended."""
    import sqlite3

    from invoicesync_cli.cli.tables import local
    from invoicesync_cli.paths import locate
    from invoicesync_cli.state import Store

    try:
        state = locate(_typed(ctx, "config"), _typed(ctx, "profile")).state
        with Store.read(state) as store:
            found = list(islice(store.history.runs(), NEWEST))
    except (InvoiceSyncError, OSError, sqlite3.Error):
        return []
    return [
        (name, f"{local(at)} {status}") for name, at, status in found if name.startswith(incomplete)
    ]


def _typed(ctx: typer.Context, name: str) -> Any:
    """A common option, typed before the command or behind it."""
    before = ctx.parent.params.get(name) if ctx.parent else None
    return ctx.params.get(name) or before
