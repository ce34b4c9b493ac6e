"""A run may end anywhere: the books come to what an undisturbed run makes of them.

A sample of the crash matrix, another one every day; `nox -s crash-matrix` plays all of it.
"""

import random
from collections.abc import Iterator

import pytest

from tests.kits.crash import sample
from tests.kits.crash.books import differences
from tests.kits.crash.harm import Position
from tests.kits.crash.matrix import AFTERMATHS, Matrix, drawn, matrices

COUNT, SEED = sample()


@pytest.fixture
def matrix(request: pytest.FixtureRequest) -> Iterator[Matrix]:
    with request.param as found:
        yield found


@pytest.mark.parametrize("matrix", matrices(), indirect=True, ids=lambda line: line.name)
def test_run_that_ended_anywhere_is_made_good(matrix: Matrix) -> None:
    chance = random.Random(f"{SEED} {matrix.name}")  # noqa: S311 - a sample
    aftermath = chance.choice(matrix.aftermaths)
    positions = matrix.different(aftermath)

    played = [
        outcome
        for position in chance.sample(positions, COUNT)
        for outcome in matrix.wrong(position, [aftermath])
    ]
    first, after, second = drawn(matrix, chance)
    played += matrix.wrong(first, [after], second)

    assert {name: wrong for name, _, wrong in played if wrong} == {}
    assert all(struck for _, struck, _ in played[:-1])


@pytest.mark.parametrize(
    ("scenario", "ledger", "position"),
    [
        # Of an invoice made anew, the money was left out by the same command.
        ("recreated", "xero", Position("commit", 25, "after")),
        # A pay-out that was taken back was taken for the one whose answer had not come.
        ("sent again", "qbd", Position("message", 5, "before")),
    ],
)
def test_position_that_was_wrong_once(scenario: str, ledger: str, position: Position) -> None:
    with Matrix(scenario, ledger) as matrix:
        ((name, struck, wrong),) = matrix.wrong(position, [AFTERMATHS["at once"]])

    assert (struck, wrong) == (True, []), name


def test_matrix_finds_its_positions_and_sees_what_is_wrong() -> None:
    """Every request and every commit is one; a document too many in the books is seen."""
    at_once = AFTERMATHS["at once"]
    with Matrix("later money", "xero") as matrix:
        undisturbed = matrix.undisturbed(at_once)
        positions = matrix.positions(at_once)

    counted = undisturbed.first.counted
    assert len(positions) == 4 * counted["request"] + 2 * counted["commit"]
    twice = undisturbed.books + type(undisturbed.books)([next(iter(undisturbed.books))])
    assert len(differences(undisturbed.books, twice)) == 2
