"""Runs that end in the middle: by hand, by a signal, or with the machine."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from tests.kits.faults import Trouble, attempt, between, check_booked, sent
from tests.kits.qbo_faults import CREATES, check_books, everything, forms, quickbooks
from tests.kits.rehearsal import Rehearsal


def xero_shop(home: Path, **settings: Any) -> Rehearsal:
    """Three orders, one of them paid, one credited."""
    rehearsal = Rehearsal(home, **{"sync.mode": "invoices-and-payments", **settings})
    rehearsal.order()
    rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="100.00")
    rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="30.00", type="Credit")
    return rehearsal


def qbo_shop(home: Path, **settings: Any) -> Rehearsal:
    """Orders that need every kind of write. The company forgets the ids of requests, and takes a
    number twice: nothing but the tool keeps it from having anything twice."""
    rehearsal = quickbooks(home, QboSwitches(requestid_hours=0.0), **settings)
    rehearsal.qbo.set_preferences(warn_duplicate_numbers=False)
    everything(rehearsal)
    return rehearsal


@dataclass(frozen=True)
class Ledger:
    """A ledger, as far as these tests need to know which one it is."""

    shop: Callable[..., Rehearsal]
    orders: int
    writes: Mapping[str, dict[str, Any]]
    """How `Trouble` knows the request that makes things of a kind."""
    check: Callable[[Rehearsal], None]
    """Sees that everything is in the books once, with its money, and that the state says so."""


LEDGERS = {
    "xero": Ledger(
        xero_shop,
        3,
        {
            path: {"method": "PUT", "path": path}
            for path in ("/Contacts", "/Invoices", "/CreditNotes", "/Allocations")
        },
        check_booked,
    ),
    "qbo": Ledger(
        qbo_shop,
        4,
        {kind: {"text": text} for kind, text in CREATES.items() if kind != "receipt"},
        check_books,
    ),
}
INVOICES = {"xero": "/Invoices", "qbo": "invoice"}


@pytest.mark.parametrize("to", LEDGERS)
def test_ctrl_c_while_a_batch_is_under_way(tmp_path: Path, to: str) -> None:
    ledger = LEDGERS[to]
    rehearsal = ledger.shop(tmp_path)
    place = between(rehearsal)[to]
    place.planned = [Trouble("after", killed=KeyboardInterrupt, **ledger.writes[INVOICES[to]])]

    ended = attempt(rehearsal)

    assert isinstance(ended, Interrupted)
    assert ended.exit_code == 130
    with rehearsal.state() as state:
        under_way = state.records_in(DocumentKind.INVOICE, DocumentState.SENDING)
        last = state.history.last_run()
    assert len(under_way) == ledger.orders
    assert last
    assert last["status"] == "interrupted"
    rehearsal.sync()
    ledger.check(rehearsal)
    assert place.twice == []


@pytest.fixture
def kept_environment() -> dict[str, str]:
    """What a process of its own gets, without any setting of this machine's own profile."""
    return {name: value for name, value in os.environ.items() if "INVOICESYNC" not in name}


@pytest.fixture
def xero_on_loopback(
    tmp_path: Path, kept_environment: dict[str, str]
) -> Iterator[tuple[Rehearsal, dict[str, str]]]:
    """A shop that a process of its own can reach, and the environment to reach it with."""
    rehearsal = Rehearsal(tmp_path / "inside")
    for _ in range(3):
        rehearsal.order()
    with serving({"keap": rehearsal.keap, "xero": rehearsal.xero}) as roots:
        yield rehearsal, {**kept_environment, **environment(roots, tmp_path / "outside")}


@pytest.fixture
def qbo_on_loopback(
    tmp_path: Path, kept_environment: dict[str, str]
) -> Iterator[tuple[Rehearsal, dict[str, str]]]:
    """The same with QuickBooks, payments and all."""
    rehearsal = quickbooks(tmp_path / "inside", QboSwitches(requestid_hours=0.1))
    # Its clock stands still, so that every call would be of the same second.
    rehearsal.qbo.enforce_limits = False
    everything(rehearsal)
    with serving({"keap": rehearsal.keap, "qbo": rehearsal.qbo}) as roots:
        settings = environment(roots, tmp_path / "outside", for_quickbooks("uk"))
        environ = {**kept_environment, **settings}
        qbo = rehearsal.qbo
        credentials = Workspace(environ, Network()).credentials(Call())
        sign_in_to_qbo(credentials, qbo.realm, qbo.companies[qbo.realm], qbo.sign_in.grant)
        yield rehearsal, environ


def killed_and_run_again(
    rehearsal: Rehearsal,
    environ: dict[str, str],
    at_work: Callable[[Request], bool],
    minutes: int,
) -> None:
    """A real process, a real file, and SIGKILL while the ledger is at work on such a request; some
    minutes later another process, which has to finish it, and one that finds nothing to do."""
    running: list[subprocess.Popen[bytes]] = []

    def kill(request: Request) -> None:
        if at_work(request) and len(running) == 1:
            running[0].kill()
            running[0].wait()
            running.append(running[0])

    getattr(rehearsal, rehearsal.to).in_progress = kill
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
    booked: Any = sent(rehearsal) if rehearsal.to == "xero" else forms(rehearsal)
    assert sorted(booked) == sorted(rehearsal.keap.orders)
    assert all(len(rows) == 1 for rows in booked.values())
    again = subprocess.run(command, env=environ, capture_output=True, check=False)
    assert json.loads(again.stdout)["data"]["invoices"]["created"] == 0


can_kill = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="this system cannot kill like that"
)


@can_kill
@pytest.mark.parametrize("path", ["/Contacts", "/Invoices"])
@pytest.mark.parametrize("minutes", [1, 10])
def test_a_killed_process_leaves_nothing_that_the_next_cannot_settle_in_xero(
    xero_on_loopback: tuple[Rehearsal, dict[str, str]], path: str, minutes: int
) -> None:
    rehearsal, environ = xero_on_loopback

    def at_work(request: Request) -> bool:
        return request.method == "PUT" and request.path.endswith(path)

    killed_and_run_again(rehearsal, environ, at_work, minutes)

    numbers = [contact.contact_number for contact in rehearsal.xero.contacts.values()]
    assert len([number for number in numbers if number]) == 3


@can_kill
@pytest.mark.parametrize(("kind", "minutes"), [("invoice", 1), ("invoice", 10), ("payment", 10)])
def test_a_killed_process_leaves_nothing_that_the_next_cannot_settle_in_quickbooks(
    qbo_on_loopback: tuple[Rehearsal, dict[str, str]], kind: str, minutes: int
) -> None:
    rehearsal, environ = qbo_on_loopback
    entity = CREATES[kind].partition(":")[0]

    def at_work(request: Request) -> bool:
        return f"{entity}:{{" in request.get_data(as_text=True)

    killed_and_run_again(rehearsal, environ, at_work, minutes)

    assert len([row for row in rehearsal.qbo.payments.values() if row.total]) == 4
    assert len(rehearsal.qbo.credit_memos) == len(rehearsal.qbo.refund_receipts) == 1
