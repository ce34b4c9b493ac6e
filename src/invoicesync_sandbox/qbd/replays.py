"""Message sets: what QuickBooks remembers of messages, so that none is carried out twice.

Intuit's error recovery: a message under a known `newMessageSetID` is not executed again, its
stored state comes back. The memory belongs to the company file and the application.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from invoicesync_sandbox.qbd.errors import NOT_PROCESSED, Status
from invoicesync_sandbox.qbd.message import Answer, Message
from invoicesync_sandbox.qbd.rows import Row
from invoicesync_sandbox.qbd.switches import QbdSwitches

LONGEST_ID = 23
CLEAR_ALL = "ClearAllMessageSets"
FOUND = "0"
NO_SUCH_OLD = "600"
OTHER_CONTENT = "9001"
NOTHING_STORED = "9002"
TOO_LONG = "9004"
NOT_STORED = "9005"


@dataclass(frozen=True)
class Done:
    """The state of one request; `row` is what it made or changed."""

    name: str
    request_id: str
    status: Status
    row: Row | None = None
    recovery: Mapping[str, Any] | None = None


@dataclass
class MessageSet:
    """The state of a message."""

    digest: str
    done: list[Done] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What becomes of a message: whether it is executed, and the state that is shown if not."""

    status: str = ""
    executed: bool = True
    known: MessageSet | None = None


class MessageSets:
    """The message sets of one application in one company file."""

    def __init__(self, switches: QbdSwitches) -> None:
        self._switches = switches
        self._sets: dict[str, MessageSet] = {}
        self.unstorable = 0
        """How many more message sets cannot be stored."""

    def plan(self, message: Message) -> Plan:
        """What becomes of a message; forgets what its `oldMessageSetID` says."""
        new, old = message.new_id, message.old_id
        if new is None and old is None:
            return Plan()
        if any(one is not None and len(one) > LONGEST_ID for one in (new, old) if one != CLEAR_ALL):
            return Plan(TOO_LONG, executed=False)
        if old is not None and (new != old or message.requests):
            known = self._forget(old)
            if new is None:
                return Plan(FOUND if known else NO_SUCH_OLD, executed=bool(message.requests))
        assert new is not None  # noqa: S101 - there is one of the two, and it is not the old one
        stored = self._sets.get(new)
        if new == old and not message.requests:
            if stored is not None:
                return Plan(FOUND, executed=False, known=stored)
            if self._switches.unknown_query_stores:
                self._store(new, MessageSet(message.digest))
            return Plan(NOTHING_STORED, executed=False)
        if stored is not None:
            if stored.digest != message.digest:
                return Plan(OTHER_CONTENT, executed=False)
            return Plan(FOUND, executed=False, known=stored)
        if self.unstorable > 0:
            return Plan(NOT_STORED, executed=self._switches.unstored == "done")
        return Plan(FOUND)

    def keep(self, message: Message, done: list[Done], *, whole: bool = True) -> None:
        """Store the state of a message that was carried out, or of the half that was."""
        if message.new_id is None:
            return
        if self.unstorable > 0:
            self.unstorable -= 1
            return
        if not whole and self._switches.half_done == "forgotten":
            return
        found = list(done)
        if not whole and self._switches.half_done == "not-processed":
            found += [
                Done(one.name, one.id, NOT_PROCESSED) for one in message.requests[len(done) :]
            ]
        self._store(message.new_id, MessageSet(message.digest, found))

    def forget(self) -> None:
        """Forget all of them."""
        self._sets.clear()

    def _forget(self, old: str) -> bool:
        if old == CLEAR_ALL:
            self._sets.clear()
            return True
        return self._sets.pop(old, None) is not None

    def _store(self, new: str, state: MessageSet) -> None:
        self._sets[new] = state
        most = self._switches.message_sets_kept
        while most is not None and len(self._sets) > most:
            del self._sets[next(iter(self._sets))]


def recovered(one: Done) -> Answer:
    """The stored answer to a request."""
    name = one.name.removesuffix("Rq") + "Rs"
    return Answer(name, one.request_id, one.status, recovery=one.recovery)
