"""Which writes QuickBooks takes for the same one: those under the same request id."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.qbo.errors import Refused, business
from invoicesync_sandbox.qbo.switches import QboSwitches
from invoicesync_sandbox.replays import Kept, Replays

LONGEST = 50
LONGEST_OF_BATCH = 36
LONGEST_ITEM = 10
_TOO_LONG = f"You cannot enter more than {LONGEST} characters in the request_id field"


class QboReplays:
    """The answers given to the request ids of one company. In a batch an item's is the batch's
    with its `bId` behind it.
    """

    def __init__(self, clock: Clock, switches: QboSwitches) -> None:
        self._clock = clock
        self._switches = switches
        hours = switches.requestid_hours
        life = None if hours is None else timedelta(hours=hours)
        self._answers = Replays[dict[str, Any] | Refused](life, switches.request_ids_kept)

    def once(self, key: str, what: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The answer of `work`, or the one that was given before under this key.

        `what` is what makes a request the same. Raises `Refused`: what `work` raises, or 600 where
        the first answer is not to be had again.
        """
        if not key:
            return work()
        kept = self._answers.find(key, self._clock.now())
        if kept is not None:
            return self._again(kept, what)
        try:
            answer = work()
        except Refused as refused:
            if self._switches.faults_replayed:
                self._answers.keep(key, what, refused, self._clock.now())
            raise
        self._answers.keep(key, what, answer, self._clock.now())
        return answer

    def _again(self, kept: Kept[dict[str, Any] | Refused], what: str) -> dict[str, Any]:
        changed = kept.request != what and self._switches.changed_body == "refuse"
        if changed or not self._switches.replays:
            raise duplicate()
        if isinstance(kept.answer, Refused):
            raise kept.answer
        return kept.answer


def duplicate() -> Refused:
    """The request id is known, and the first answer is not to be had."""
    return Refused("600", "Duplicate Request ID : this request has been sent before.")


def check(request_id: str, *, batch: bool = False) -> None:
    """Raise `Refused` for a request id that is too long."""
    if len(request_id) > (LONGEST_OF_BATCH if batch else LONGEST):
        raise business(_TOO_LONG)


def item_key(request_id: str, item_id: str) -> str:
    """The key of one item of a batch; blank without a request id. Raises `Refused`."""
    if not request_id:
        return ""
    if len(item_id) > LONGEST_ITEM:
        raise business(_TOO_LONG)
    return request_id + item_id
