"""Runs that end in the middle: by hand, by a signal, or with the machine."""

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

from invoicesync_cli.errors import Interrupted
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.world import environment
from tests.kits.faults import (
    Trouble,
    attempt,
    between,
    check_booked,
    killed_at_commit,
    sent,
)
from tests.kits.rehearsal import Rehearsal


@pytest.fixture
def shop(tmp_path: Path) -> Rehearsal:
    """Three orders, one of them paid, one credited."""
    rehearsal = Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})
    rehearsal.order()
    rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="100.00")
    rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="30.00", type="Credit")
    return rehearsal


def test_ctrl_c_while_a_batch_is_under_way(shop: Rehearsal) -> None:
    places = between(shop)
    places["xero"].planned = [
        Trouble("after", method="PUT", path="/Invoices", killed=KeyboardInterrupt)
    ]

    ended = attempt(shop)

    assert isinstance(ended, Interrupted)
    assert ended.exit_code == 130
    with shop.state() as state:
        assert len(state.records_in(DocumentKind.INVOICE, DocumentState.SENDING)) == 3
        last = state.history.last_run()
    assert last
    assert last["status"] == "interrupted"
    shop.sync()
    check_booked(shop)
    assert places["xero"].twice == []


@pytest.mark.parametrize("path", ["/Contacts", "/Invoices", "/CreditNotes", "/Allocations"])
@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("seconds", [0, 600])
def test_the_process_dies_at_a_request(
    shop: Rehearsal, path: str, where: Literal["before", "after"], seconds: int
) -> None:
    places = between(shop)
    places["xero"].planned = [Trouble(where, method="PUT", path=path, killed=SystemExit)]
    assert isinstance(attempt(shop), SystemExit)
    shop.ticker.pass_time(seconds)
    shop.sync()
    check_booked(shop)
    assert places["xero"].twice == []


@pytest.mark.parametrize("where", ["before", "inside", "after"])
@pytest.mark.parametrize("seconds", [0, 600])
def test_the_process_dies_at_any_commit(
    tmp_path: Path, where: Literal["before", "inside", "after"], seconds: int
) -> None:
    at, died = 1, True
    while died:
        rehearsal = Rehearsal(tmp_path / str(at), **{"sync.mode": "invoices-and-payments"})
        rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="25.00")
        rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="30.00", type="Credit")
        places = between(rehearsal)
        with killed_at_commit(at, where, SystemExit):
            died = isinstance(attempt(rehearsal), SystemExit)
        rehearsal.ticker.pass_time(seconds)
        rehearsal.sync()
        check_booked(rehearsal)
        assert places["xero"].twice == []
        at += 1
    assert at > 10


@pytest.fixture
def on_loopback(tmp_path: Path) -> Iterator[tuple[Rehearsal, dict[str, str]]]:
    """A shop that a process of its own can reach, and the environment to reach it with."""
    rehearsal = Rehearsal(tmp_path / "inside")
    for _ in range(3):
        rehearsal.order()
    with serving({"keap": rehearsal.keap, "xero": rehearsal.xero}) as roots:
        home = tmp_path / "outside"
        kept = {name: value for name, value in os.environ.items() if "INVOICESYNC" not in name}
        yield rehearsal, {**kept, **environment(roots, home)}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill like that")
@pytest.mark.parametrize("path", ["/Contacts", "/Invoices"])
@pytest.mark.parametrize("minutes", [1, 10])
def test_a_killed_process_leaves_nothing_that_the_next_cannot_settle(
    on_loopback: tuple[Rehearsal, dict[str, str]], path: str, minutes: int
) -> None:
    """A real process, a real file, and SIGKILL while Xero is at work."""
    rehearsal, environ = on_loopback
    running: list[subprocess.Popen[bytes]] = []

    def kill(request: Request) -> None:
        if request.method == "PUT" and request.path.endswith(path) and len(running) == 1:
            running[0].kill()
            running[0].wait()
            running.append(running[0])

    rehearsal.xero.in_progress = kill
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
    assert sorted(sent(rehearsal)) == sorted(rehearsal.keap.orders)
    assert all(len(rows) == 1 for rows in sent(rehearsal).values())
    numbers = [contact.contact_number for contact in rehearsal.xero.contacts.values()]
    assert len([number for number in numbers if number]) == 3
    again = subprocess.run(command, env=environ, capture_output=True, check=False)
    assert json.loads(again.stdout)["data"]["invoices"]["created"] == 0
