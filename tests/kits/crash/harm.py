"""What can happen to a process, and where."""

from dataclasses import dataclass
from typing import Literal

What = Literal["request", "question", "message", "commit"]
How = Literal["before", "after", "lost", "dropped", "cut off", "half", "half, up again"]
WAYS: dict[What, tuple[How, ...]] = {
    "request": ("before", "after", "lost", "cut off"),
    "question": ("before", "after", "lost", "cut off"),
    "message": ("before", "after", "lost", "dropped", "cut off", "half", "half, up again"),
    "commit": ("before", "after"),
}


class Killed(BaseException):
    """The process is gone. Nobody may catch this and do anything that others would see."""


@dataclass(frozen=True, order=True)
class Position:
    """Where something happens to a process: at its request, or its commit, number `at` (from 1).

    `before` it or `after` it the process is killed. Of a request, the answer can also be `lost`
    while the process lives; `cut off` it reaches no service from then on. A message goes to
    QuickBooks Desktop: it can be `dropped` on its way while the process lives, and QuickBooks can
    end when `half` of it is done, and be up again at once or not. A question is a message that only
    asks.
    """

    what: What
    at: int
    how: How

    def __str__(self) -> str:
        return f"{self.how} {self.what} {self.at}"
