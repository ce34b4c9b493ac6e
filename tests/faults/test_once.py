"""Whatever people do and whatever fails: everything is in the ledger once, and nothing is lost."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.kits.shop.in_keap import Editing, Raising, Refunding, Sharing
from tests.kits.shop.in_trouble import Disturbing, Interrupting
from tests.kits.shop.meanwhile import (
    Deciding,
    Keeping,
    Limiting,
    Locking,
    Losing,
    Setting,
)

EXAMPLES, _, SEED = os.environ.get("INVOICESYNC_EXAMPLES", "").partition(":")
"""How often the machine is played, and from which seed: `2000:7`. Blank: some, always the same."""
USUAL = {"xero": 40, "qbo": 40, "qbd": 12}
SETTINGS = settings(
    stateful_step_count=10,
    deadline=None,
    derandomize=not SEED,
    database=None,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


class Everything(
    Deciding,
    Disturbing,
    Editing,
    Interrupting,
    Keeping,
    Limiting,
    Locking,
    Losing,
    Raising,
    Refunding,
    Setting,
    Sharing,
):
    """A shop in which anything may happen."""


@pytest.mark.parametrize("to", ["xero", "qbo", "qbd"])
def test_everything_is_booked_once(to: str) -> None:
    machine: Any = type("Everything", (Everything,), {"to": to})
    if SEED:
        machine = seed(int(SEED))(machine)
    played = settings(SETTINGS, max_examples=int(EXAMPLES or USUAL[to]))
    run_state_machine_as_test(machine, settings=played)
