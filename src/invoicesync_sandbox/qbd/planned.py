"""What a test plans to go wrong."""

from dataclasses import dataclass
from typing import Literal

from invoicesync_sandbox.base import Planned
from invoicesync_sandbox.qbd.errors import Refused


@dataclass
class Refusal(Planned):
    """The next `times` requests `request` whose text has `match` are refused.

    With `done` the work is done all the same, and only the answer says otherwise.
    """

    request: str
    refused: Refused
    match: str = ""
    done: bool = False

    def takes(self, name: str, text: str) -> bool:
        """Whether it is for this request; counts it if so."""
        return name == f"{self.request}Rq" and self.match in text and self.counts()


@dataclass
class Breakdown(Planned):
    """What happens to the next `times` messages that write, after so many that go through.

    `drop` fails before any of the message is done and `lose` when all of it is, with an HRESULT;
    `die` ends QuickBooks when the first `done` requests are; `answer` does all of it, and gives
    `text` instead of the answer.
    """

    kind: Literal["drop", "lose", "die", "answer"]
    hresult: int
    done: int = 0
    text: str = ""
    writes_only: bool = True

    def takes(self, *, writes: bool) -> bool:
        """Whether it is for this message; counts it if so."""
        return (writes or not self.writes_only) and self.counts()
