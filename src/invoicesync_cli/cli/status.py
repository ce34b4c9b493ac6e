"""`status`: how things stand, without asking anybody."""

from typing import TYPE_CHECKING, Any

import typer

from invoicesync_cli.cli.command import Call, command
from invoicesync_cli.cli.layout import STYLES
from invoicesync_cli.cli.report import Report, Screen
from invoicesync_cli.cli.tables import STATES, counted, ended, local, verified_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from invoicesync_cli.state import Store
    from invoicesync_cli.state.todo import OpenGroup

OPEN = (
    ("skipped", ("skipped",)),
    ("held", ("held",)),
    # What a run has left before its end settles by itself, with the next one.
    ("waiting", ("waiting", "new", "sending")),
    ("failed", ("failed",)),
)
"""The states of records that count as each of the contract's."""


def register(app: typer.Typer) -> None:
    """Add the command."""

    @command(app, "status", help="Connections, processing, last run, and what is open.")
    def _status(call: Call) -> Report:
        data, roots = _gather(call)
        return Report(data=data, text=lambda screen: _show(screen, data, roots))


def _gather(call: Call) -> tuple[dict[str, Any], dict[str, str]]:
    from datetime import UTC, datetime

    from invoicesync_cli.auth import Pins, connections
    from invoicesync_cli.cli.schedule import next_run, serves
    from invoicesync_cli.cli.workspace import Workspace
    from invoicesync_cli.notify.memory import recall, warnings
    from invoicesync_cli.state.history import stamp
    from invoicesync_cli.state.todo import open_groups
    from invoicesync_cli.state.verified import last_verify

    workspace, due = Workspace(), next_run(call)
    with workspace.look(call) as (loaded, state):
        everywhere = workspace.all_origins().items()
        roots = {vendor: where.root for vendor, where in everywhere if where.root}
        cursor, counts, verified = state.cursor(), state.counts(), last_verify(state)
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        left = {
            name: int(text.split()[0])
            for name in ("keap", "ledger")
            if (text := state.get_meta(f"calls_left_{name}")).endswith(today)
        }
        data = {
            "connections": connections(workspace.credentials(call, loaded, state), Pins(state)),
            "processing": "off" if state.is_paused() else "on",
            "cursor": {"order_id": cursor[0], "invoice_id": cursor[1]},
            "last_run": _last_run(state, workspace.paths(call).lock),
            "in_ledger": {"invoices": state.invoices_in_ledger()},
            "open": {name: sum(counts.get(one, 0) for one in states) for name, states in OPEN},
            "reasons": _reasons(open_groups(state.db)),
            "calls_left_today": left,
            "next_run": stamp(due) if due else None,
            "serves": serves(call),
            "verified": verified.as_json() if verified else None,
            "sandbox": any(where.root for where in workspace.origins(loaded)),
            "warnings": warnings(recall(state)),
        }
    return data, roots


def _reasons(groups: "Sequence[OpenGroup]") -> list[dict[str, Any]]:
    """How many documents are open in each state for each reason, whatever their currency."""
    counts: dict[tuple[str, str], int] = {}
    for group in groups:
        key = (group.state, group.reason)
        counts[key] = counts.get(key, 0) + group.count
    return [
        {"state": state, "reason": reason, "count": count}
        for (state, reason), count in counts.items()
    ]


def _last_run(state: "Store", lock: "Path") -> dict[str, str] | None:
    """The newest run; one that never noted its end, and is not at work, was killed."""
    from invoicesync_cli.lock import is_held

    last: dict[str, str] | None = state.history.last_run()
    if last and last["status"] == "running" and not is_held(lock):
        last["status"] = "did not end"
    return last


def _show(screen: Screen, data: dict[str, Any], roots: dict[str, str]) -> None:
    for name, root in roots.items():
        screen.line(f"{name}: all requests go to {root}", style="bold yellow")
    for name, connection in data["connections"].items():
        state = "signed in" if connection["signed_in"] else "not signed in"
        who = f" ({connection['name']})" if connection["name"] else ""
        screen.line(f"{name}: {state}{who}", style="" if connection["signed_in"] else "red")
        if connection["hint"]:
            screen.line(f"  to do: {connection['hint']}", style="yellow")
    if data["processing"] == "off":
        screen.line(
            "Processing: off, scheduled runs do nothing. To go on: invoicesync resume",
            style="bold yellow",
        )
    else:
        screen.line("Processing: on")
    for warning in data["warnings"]:
        screen.line(warning, style="bold yellow")
    screen.line(f"In the ledger: {counted(data['in_ledger']['invoices'])}")
    screen.line(f"Settled up to: {_settled(data)}")
    last = data["last_run"]
    screen.line(
        f"Last run: {local(last['at'])}, {ended(last['status'])}" if last else "Last run: none yet"
    )
    if data["verified"]:
        screen.line(f"Last verify: {verified_line(data['verified'])}")
    screen.line(f"Next run: {_next(data)}")
    listed = ", ".join(f"{count:,} {name}" for name, count in data["open"].items() if count)
    screen.line(f"Open: {listed or 'nothing'}")
    for group in data["reasons"]:
        why = group["reason"] or STATES[group["state"]]
        screen.line(f"  {group['count']:,} {group['state']}: {why}", STYLES.get(group["state"], ""))
    if data["reasons"]:
        screen.line("  List: invoicesync todo")
    for name, left in data["calls_left_today"].items():
        screen.line(f"Calls left today, {name}: {left:,}")


def _next(data: dict[str, Any]) -> str:
    if data["serves"]:
        return "when QuickBooks' Web Connector comes and one is due"
    due = data["next_run"]
    return local(due) if due else "none is scheduled (invoicesync schedule)"


def _settled(data: dict[str, Any]) -> str:
    """The last invoice before which none is open, however many are settled after it."""
    reached = data["cursor"]["invoice_id"]
    if reached:
        return f"invoice {reached}; none before it is open"
    later = "; later ones are settled" if data["in_ledger"]["invoices"] else ""
    return f"nothing yet: the first invoice is open{later}" if data["reasons"] else "nothing yet"
