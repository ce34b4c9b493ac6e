"""The crash matrix: every place at which a run can end, found by running it."""

import os
from datetime import UTC, datetime


def sample() -> tuple[int, int]:
    """How many positions of each line a test run plays, and the seed that draws them: another one
    every day, or both as `INVOICESYNC_CRASH=3:20261129` has them."""
    given = os.environ.get("INVOICESYNC_CRASH", f"3:{datetime.now(UTC):%Y%m%d}")
    count, seed = given.split(":")
    return int(count), int(seed)
