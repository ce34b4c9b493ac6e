"""Runs that several contract tests look at, made once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract import walks
from tests.contract.exchanges import Exchange

WALKS: dict[str, Callable[[Path], list[Exchange]]] = {walk.__name__: walk for walk in walks.ALL}


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Exchange]]:
    """What was said in each representative run, by its name."""
    return {name: walk(tmp_path_factory.mktemp(name)) for name, walk in WALKS.items()}
