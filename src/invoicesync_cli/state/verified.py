"""The outcome of the last comparison of both sides, kept for `status` and `report`."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from invoicesync_cli.state.codec import dump, load
from invoicesync_cli.state.store import Store

FACT = "verified"


@dataclass(frozen=True, slots=True)
class LastVerify:
    """When both sides were compared (ISO, UTC), for which days (None: open), what was found."""

    at: str
    differences: int
    explained: int
    first: dt.date | None = None
    last: dt.date | None = None

    def as_json(self) -> dict[str, Any]:
        """As `--json` shows it."""
        return {
            "at": self.at,
            "period": {
                "from": self.first.isoformat() if self.first else None,
                "until": self.last.isoformat() if self.last else None,
            },
            "differences": self.differences,
            "explained": self.explained,
        }


def last_verify(state: Store) -> LastVerify | None:
    """The last outcome, None where both sides were never compared."""
    text = state.get_meta(FACT)
    return load(LastVerify, text) if text else None


def remember(state: Store, outcome: LastVerify) -> None:
    """Keep an outcome."""
    state.set_meta(FACT, dump(LastVerify, outcome))
