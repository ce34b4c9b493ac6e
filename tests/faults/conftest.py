"""What several modules of fault tests are given."""

from pathlib import Path

import pytest

from tests.kits.rehearsal import Rehearsal


@pytest.fixture(params=["xero", "qbo"])
def r(request: pytest.FixtureRequest, tmp_path: Path) -> Rehearsal:
    """A rehearsal with each ledger, payments and all."""
    settings = {"sync.mode": "invoices-and-payments"}
    return Rehearsal(tmp_path / "home", to=request.param, **settings)
