"""Refusals that a test has planned."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from invoicesync_sandbox.base import Planned
from invoicesync_sandbox.qbo.errors import Refused
from invoicesync_sandbox.wire import to_json

Match = str | Callable[[Mapping[str, Any]], bool]


@dataclass
class Refusal(Planned):
    """What is said to the next `times` writes that match, alone or in a batch.

    `match` is searched for in the object's JSON, or called with the object. With `after_commit` the
    work is done nevertheless.
    """

    entity: str
    match: Match
    refused: Refused
    after_commit: bool

    def takes(self, entity: str, body: Mapping[str, Any]) -> bool:
        """Whether this is for that object; counts it if so."""
        return self.entity in {"", entity} and self._fits(body) and self.counts()

    def _fits(self, body: Mapping[str, Any]) -> bool:
        if callable(self.match):
            return self.match(body)
        return re.search(self.match, to_json(body)) is not None
