"""Gives the first answer again to a write that is sent again under the same request id."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from invoicesync_sandbox.base import Clock
from invoicesync_sandbox.qbo.faults import Refused, business
from invoicesync_sandbox.qbo.switches import QboSwitches

LONGEST = 50
LONGEST_OF_BATCH = 36
LONGEST_ITEM = 10
_TOO_LONG = f"You cannot enter more than {LONGEST} characters in the request_id field"


@dataclass(frozen=True)
class _Kept:
    what: str
    first: datetime
    answer: dict[str, Any]
    refused: Refused | None


class Replays:
    """The answers given to the request ids of one company. In a batch an item's is the batch's
    with its `bId` behind it.
    """

    def __init__(self, clock: Clock, switches: QboSwitches) -> None:
        self._clock = clock
        self._switches = switches
        self._kept: dict[str, _Kept] = {}

    def once(self, key: str, what: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The answer of `work`, or the one that was given before under this key.

        `what` tells one request from another. Raises `Refused`: what `work` raises, or 600 where
        the first answer is not to be had again.
        """
        if not key:
            return work()
        kept = self._find(key)
        if kept is not None:
            return self._again(kept, what)
        answer: dict[str, Any] = {}
        try:
            answer = work()
        except Refused as refused:
            if self._switches.faults_replayed:
                self._keep(key, _Kept(what, self._clock.now(), {}, refused))
            raise
        self._keep(key, _Kept(what, self._clock.now(), answer, None))
        return answer

    def _keep(self, key: str, answer: _Kept) -> None:
        self._kept.pop(key, None)
        self._kept[key] = answer
        most = self._switches.request_ids_kept
        while most is not None and len(self._kept) > most:
            del self._kept[next(iter(self._kept))]

    def _find(self, key: str) -> _Kept | None:
        kept, hours = self._kept.get(key), self._switches.requestid_hours
        if kept is None or hours is None:
            return kept
        return kept if self._clock.now() - kept.first < timedelta(hours=hours) else None

    def _again(self, kept: _Kept, what: str) -> dict[str, Any]:
        changed = kept.what != what and self._switches.changed_body == "refuse"
        if changed or not self._switches.replays:
            raise duplicate()
        if kept.refused is not None:
            raise kept.refused
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
