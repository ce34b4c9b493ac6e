"""What a bookkeeper finds in any ledger: what is sold, and what money has moved."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

ORDER = re.compile(r"Keap order (\d+)")
PAID = re.compile(r"(?:txn_|keap-)(\d+)$")
NOTE = re.compile(r"(CR|RF)-(\d+)")
KINDS = {"CR": "credit", "RF": "refund"}
Memory = Literal["long", "young", "last", "never"]


@dataclass(frozen=True)
class Sold:
    """An invoice or sales receipt that this tool made, alive or not. Money is in major units."""

    id: str
    order: str
    total: Decimal
    due: Decimal
    alive: bool
    approved: bool


@dataclass(frozen=True)
class Moved:
    """What this tool made of a Keap payment, credit or refund, alive or not.

    `payment` is Keap's id, `whole` says whether all of it is where it belongs: on its invoice, or
    paid out.
    """

    id: str
    kind: str
    payment: str
    order: str
    amount: Decimal
    alive: bool
    whole: bool


@dataclass(frozen=True)
class Keys:
    """What a ledger makes of the keys under which requests come again.

    It remembers them `long`, only while they are `young`, only the `last` one, or `never`. One that
    is being worked on it may `know`, `refuse` or `ignore`.
    """

    remembered: Memory = "long"
    at_work: Literal["know", "refuse", "ignore"] = "know"
    answered: bool = True
    """Whether a known one gets its first answer, where there is a choice."""
