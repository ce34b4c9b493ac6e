"""What several contract tests are given: representative runs, made once, and an adapter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.sync.preflight import Preflight
from invoicesync_cli.vendors import ledgers
from tests.contract.exchanges import Exchange
from tests.contract.runs import RUNS
from tests.kits.adapters import Adapter
from tests.kits.rehearsal import Rehearsal


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Exchange]]:
    """What was said in each representative run, by its name."""
    return {name: run(tmp_path_factory.mktemp(name)) for name, run in RUNS.items()}


@pytest.fixture(params=ledgers())
def adapter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Adapter]:
    """An adapter of each ledger, at its simulated service."""
    rehearsal = Rehearsal(tmp_path, to=request.param, **{"sync.mode": "invoices-and-payments"})
    world = Workspace(rehearsal.environ, rehearsal.network)
    with world.run(Call(), {}, dry_run=False) as deps:
        setup = Preflight(deps.state, deps.keap, deps.ledger, deps.loaded, deps.now)
        yield Adapter(rehearsal, deps.ledger, setup.rules(), deps.keap.orders_by_id)
