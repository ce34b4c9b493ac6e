"""Whatever people do and whatever fails: everything is in the ledger once, and nothing is lost."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.kits.shop.in_keap import Editing, Paying, Raising, Refunding, Sharing
from tests.kits.shop.meanwhile import Deciding, Disturbing, Keeping, Limiting, Locking, Losing

EXAMPLES = int(os.environ.get("INVOICESYNC_EXAMPLES", "8"))
"""How often each machine is played: 8 take some seconds, 500 look deep."""
SETTINGS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=8,
    deadline=None,
    derandomize="INVOICESYNC_EXAMPLES" not in os.environ,
    database=None,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


class SharedMoney(Sharing):
    """Payments over several orders, moved and split."""


class LostAnswers(Disturbing, Refunding):
    """Answers that are lost, clocks that lie, keys that are forgotten."""


class Dismissals(Deciding, Editing, Paying):
    """What was changed and dismissed, and money that comes later."""


class LeftMoney(Limiting, Refunding, Paying):
    """Limits that leave money for the next run."""


class Adjustments(Raising, Locking):
    """Adjustments up and down."""


class LateRefunds(Refunding, Locking):
    """Refunds that are typed in long after everything was settled."""


class LostState(Losing, Keeping, Refunding):
    """A state file that is lost."""


class HandWork(Keeping, Deciding, Refunding, Paying):
    """What is removed in the ledger, and made anew."""


class Everything(
    Deciding,
    Disturbing,
    Editing,
    Keeping,
    Limiting,
    Locking,
    Losing,
    Raising,
    Refunding,
    Sharing,
):
    """All of it."""


MACHINES: tuple[type[Any], ...] = (
    SharedMoney,
    LostAnswers,
    Dismissals,
    LeftMoney,
    Adjustments,
    LateRefunds,
    LostState,
    HandWork,
    Everything,
)


@pytest.mark.parametrize("to", ["xero", "qbo"])
@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.__name__)
def test_everything_is_booked_once(machine: type[RuleBasedStateMachine], to: str) -> None:
    theirs = type(machine.__name__, (machine,), {"to": to})
    run_state_machine_as_test(theirs, settings=SETTINGS)
