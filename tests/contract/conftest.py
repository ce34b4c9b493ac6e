"""Runs that several contract tests look at, made once."""

import pytest

from tests.contract.exchanges import Exchange
from tests.contract.runs import RUNS


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Exchange]]:
    """What was said in each representative run, by its name."""
    return {name: run(tmp_path_factory.mktemp(name)) for name, run in RUNS.items()}
