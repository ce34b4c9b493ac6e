"""Two runs that are started together: one works, the other says who does."""

import re

from invoicesync_sandbox.world import Sandbox
from tests.kits.command_line import Run
from tests.kits.processes import PATIENCE, makes_invoices, program, silent


def test_the_second_says_who_is_at_work_and_a_killed_one_stands_in_nobodys_way(
    run: Run, box: Sandbox
) -> None:
    with program("sync") as first, silent(box.xero, makes_invoices) as came:
        assert came.wait(PATIENCE)
        asked = len(box.keap.calls)

        with program("sync") as second:
            _, said = second.communicate(timeout=PATIENCE)

        assert second.returncode == 8
        assert re.search(rf"pid {first.pid}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\dZ", said)
        assert len(box.keap.calls) == asked
        first.kill()
        first.wait(PATIENCE)
    # What Xero was at work on has been made; nobody has heard of it.
    with program("sync") as third:
        third.communicate(timeout=PATIENCE)
    assert third.returncode == 3
    references = [row.reference for row in box.xero.invoices.values() if "Keap" in row.reference]
    assert len(references) == len(set(references)) == 46


def test_of_many_started_at_once_each_works_or_says_that_another_does(
    run: Run, box: Sandbox
) -> None:
    started = [program("sync") for _ in range(4)]
    ends = []
    for one in started:
        with one:
            one.communicate(timeout=PATIENCE)
            ends.append(one.returncode)

    assert set(ends) <= {3, 8}
    assert 3 in ends
    references = [row.reference for row in box.xero.invoices.values() if "Keap" in row.reference]
    assert len(references) == len(set(references)) == 46
