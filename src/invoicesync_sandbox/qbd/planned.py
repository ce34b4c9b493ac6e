"""What a test plans to go wrong."""

from dataclasses import dataclass
from typing import Literal

from invoicesync_sandbox.qbd.errors import Refused


@dataclass
class Refusal:
    """The next `times` requests `request` whose text has `match` are refused.

    With `done` the work is done all the same, and only the answer says otherwise.
    """

    request: str
    refused: Refused
    match: str = ""
    times: int = 1
    done: bool = False

    def takes(self, name: str, text: str) -> bool:
        """Whether it is for this request; counts it if so."""
        if self.times <= 0 or name != f"{self.request}Rq" or self.match not in text:
            return False
        self.times -= 1
        return True


@dataclass
class Breakdown:
    """What happens to the next `times` messages that write, after so many that go through.

    `drop` fails before any of the message is done and `lose` when all of it is, with an HRESULT;
    `die` ends QuickBooks when the first `done` requests are; `answer` does all of it, and gives
    `text` instead of the answer.
    """

    kind: Literal["drop", "lose", "die", "answer"]
    hresult: int
    times: int = 1
    after: int = 0
    done: int = 0
    text: str = ""
    writes_only: bool = True

    def takes(self, *, writes: bool) -> bool:
        """Whether it is for this message; counts it if so."""
        if self.writes_only and not writes:
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times <= 0:
            return False
        self.times -= 1
        return True
