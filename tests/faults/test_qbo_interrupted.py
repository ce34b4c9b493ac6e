"""Runs to QuickBooks that end in the middle: by hand, by a signal, or with the machine."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from werkzeug.wrappers import Request

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.errors import Interrupted
from invoicesync_cli.http.client import Network
from invoicesync_cli.load.qbo.rehearsed import sign_in_to_qbo
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.configs import for_quickbooks
from invoicesync_sandbox.qbo import QboSwitches
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.world import environment
from tests.kits.faults import Trouble, attempt, between, killed_at_commit
from tests.kits.qbo_faults import CREATES, check_books, everything, forms, quickbooks
from tests.kits.rehearsal import Rehearsal

FORGETS = QboSwitches(requestid_hours=0.0)


def test_ctrl_c_while_a_batch_is_under_way(tmp_path: Path) -> None:
    rehearsal = quickbooks(tmp_path, FORGETS)
    everything(rehearsal)
    place = between(rehearsal)["qbo"]
    place.planned = [Trouble("after", text=CREATES["invoice"], killed=KeyboardInterrupt)]

    ended = attempt(rehearsal)

    assert isinstance(ended, Interrupted)
    assert ended.exit_code == 130
    with rehearsal.state() as state:
        assert len(state.records_in(DocumentKind.INVOICE, DocumentState.SENDING)) == 4
    rehearsal.sync()
    check_books(rehearsal)


@pytest.mark.parametrize("kind", [kind for kind in CREATES if kind != "receipt"])
@pytest.mark.parametrize(("where", "seconds"), [("before", 0), ("after", 0), ("after", 600)])
def test_the_process_dies_at_a_request(
    tmp_path: Path, kind: str, where: Literal["before", "after"], seconds: int
) -> None:
    rehearsal = quickbooks(tmp_path, FORGETS)
    rehearsal.qbo.set_preferences(warn_duplicate_numbers=False)
    everything(rehearsal)
    place = between(rehearsal)["qbo"]
    place.planned = [Trouble(where, text=CREATES[kind], killed=SystemExit)]
    assert isinstance(attempt(rehearsal), SystemExit)
    rehearsal.ticker.pass_time(seconds)
    rehearsal.sync()
    check_books(rehearsal)


@pytest.mark.parametrize("document", ["invoice", "sales-receipt-when-paid"])
@pytest.mark.parametrize("where", ["before", "after"])
def test_the_process_dies_at_any_commit(
    tmp_path: Path, where: Literal["before", "after"], document: str
) -> None:
    at, died = 1, True
    while died:
        rehearsal = quickbooks(tmp_path / str(at), FORGETS, **{"qbo.document": document})
        rehearsal.qbo.set_preferences(warn_duplicate_numbers=False)
        everything(rehearsal)
        rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="100.00")
        with killed_at_commit(at, where, SystemExit):
            died = isinstance(attempt(rehearsal), SystemExit)
        rehearsal.ticker.pass_time(600 * (at % 2))
        rehearsal.sync()
        check_books(rehearsal)
        at += 1
    assert at > 15


@pytest.fixture
def on_loopback(tmp_path: Path) -> Iterator[tuple[Rehearsal, dict[str, str]]]:
    """A shop that a process of its own can reach, and the environment to reach it with."""
    rehearsal = quickbooks(tmp_path / "inside", QboSwitches(requestid_hours=0.1))
    # Its clock stands still, so that every call would be of the same second.
    rehearsal.qbo.enforce_limits = False
    everything(rehearsal)
    with serving({"keap": rehearsal.keap, "qbo": rehearsal.qbo}) as roots:
        kept = {name: value for name, value in os.environ.items() if "INVOICESYNC" not in name}
        environ = {**kept, **environment(roots, tmp_path / "outside", for_quickbooks("uk"))}
        qbo = rehearsal.qbo
        credentials = Workspace(environ, Network()).credentials(Call())
        sign_in_to_qbo(credentials, qbo.realm, qbo.companies[qbo.realm], qbo.sign_in.grant)
        yield rehearsal, environ


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill like that")
@pytest.mark.parametrize(("kind", "minutes"), [("invoice", 1), ("invoice", 10), ("payment", 10)])
def test_a_killed_process_leaves_nothing_that_the_next_cannot_settle(
    on_loopback: tuple[Rehearsal, dict[str, str]], kind: str, minutes: int
) -> None:
    """A real process, a real file, and SIGKILL while QuickBooks is at work."""
    rehearsal, environ = on_loopback
    running: list[subprocess.Popen[bytes]] = []
    entity = CREATES[kind].partition(":")[0]

    def kill(request: Request) -> None:
        if f"{entity}:{{" in request.get_data(as_text=True) and len(running) == 1:
            running[0].kill()
            running[0].wait()
            running.append(running[0])

    rehearsal.qbo.in_progress = kill
    command = [sys.executable, "-m", "invoicesync_cli", "sync", "--json"]
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        running.append(process)
        assert process.wait() == -signal.SIGKILL

    # The ledger's clock stands still, so that only this machine's tells the key's age.
    rehearsal.ticker.pass_time(60 * minutes)
    ended = subprocess.run(command, env=environ, capture_output=True, check=False)

    answer: Any = json.loads(ended.stdout)
    assert ended.returncode == 0, answer
    assert sorted(forms(rehearsal)) == sorted(rehearsal.keap.orders)
    assert all(len(rows) == 1 for rows in forms(rehearsal).values())
    assert len([row for row in rehearsal.qbo.payments.values() if row.total]) == 4
    assert len(rehearsal.qbo.credit_memos) == len(rehearsal.qbo.refund_receipts) == 1
    again = subprocess.run(command, env=environ, capture_output=True, check=False)
    assert json.loads(again.stdout)["data"]["invoices"]["created"] == 0
