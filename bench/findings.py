"""Everything that has been measured, kept in a file so that a run that was ended can go on."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

from bench import floor
from bench.deep import Deep
from bench.measured import Measured

LEDGERS = ("xero", "qbo")
THOUSAND = 1000
LATENCY = 1.0
"""Seconds that the ledger takes for each write when time is measured."""
FIRST, KNOWN, AFTER, QUIET = "sync", "known buyers", "right after", "nothing new"
LOOKS = ("status", "log --limit 20", "todo", "report", "verify")


@dataclass
class Taken:
    """What was taken by command: time and memory, and calls to Keap and to the ledger."""

    measured: dict[str, Measured] = field(default_factory=dict)
    calls: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Wall:
    """Seconds for a thousand paid orders of new buyers under the ledger's real limits, and how many
    calls a client makes for each that makes one for each thing."""

    seconds: float
    calls_each: float


@dataclass
class Findings:
    """Everything, by ledger; `keep` is the file that it is written to. `again` is the sync of the
    fewest orders once more, after the others: a machine is not as fast at all times."""

    keep: Path
    taken: dict[str, dict[int, Taken]] = field(default_factory=dict)
    again: dict[str, Measured] = field(default_factory=dict)
    walls: dict[str, Wall] = field(default_factory=dict)
    startup: dict[str, float] = field(default_factory=dict)
    transform: dict[str, float] = field(default_factory=dict)
    deep: dict[str, Deep] = field(default_factory=dict)

    @classmethod
    def read(cls, keep: Path) -> "Findings":
        """What a file has, nothing where there is none."""
        found = cls(keep)
        if not keep.exists():
            return found
        data = json.loads(keep.read_text(encoding="utf-8"))
        for to, sizes in data["taken"].items():
            found.taken[to] = {int(size): _taken(taken) for size, taken in sizes.items()}
        found.again = _measured(data.get("again", {}))
        found.walls = {to: Wall(**wall) for to, wall in data["walls"].items()}
        found.startup, found.transform = data["startup"], data["transform"]
        found.deep = {to: _deep(deep) for to, deep in data["deep"].items()}
        return found

    def write(self) -> None:
        """Keep what there is so far."""
        data = asdict(self) | {"keep": str(self.keep)}
        self.keep.write_text(json.dumps(data, indent=1), encoding="utf-8")

    @property
    def sizes(self) -> list[int]:
        """The numbers of orders, of whichever ledger."""
        return sorted({size for sizes in self.taken.values() for size in sizes})

    def measured(self, to: str, size: int, name: str) -> Measured | None:
        """A command with so many orders; None where that was not measured."""
        return self._at(to, size).measured.get(name)

    def calls(self, to: str, size: int, name: str) -> tuple[int, int] | None:
        """Its calls to Keap and to the ledger, likewise."""
        return self._at(to, size).calls.get(name)

    def _at(self, to: str, size: int) -> Taken:
        return self.taken.get(to, {}).get(size) or Taken()

    def cpu(self, to: str, size: int) -> float | None:
        """Milliseconds of our own CPU for an invoice and its payment; where that was measured
        twice, the mean of both."""
        found = self.measured(to, size, FIRST)
        if found is None:
            return None
        again = self.again.get(to) if size == self.sizes[0] else None
        return mean([found.cpu, again.cpu if again else found.cpu]) * 1000 / size

    def memory(self, to: str, size: int, name: str = FIRST) -> float | None:
        """MiB at the peak."""
        found = self.measured(to, size, name)
        return found.mebibytes if found else None

    def to_floor(self, to: str) -> float:
        """How many times the least time that the limits allow."""
        return self.walls[to].seconds / floor.seconds(to, THOUSAND, LATENCY)

    def one_by_one(self, to: str) -> float:
        """How many times our time a client takes that makes one call for each thing."""
        taken = floor.one_by_one(to, self.walls[to].calls_each, THOUSAND, LATENCY)
        return taken / self.walls[to].seconds


def _taken(data: dict[str, Any]) -> Taken:
    calls = {name: (keap, ledger) for name, (keap, ledger) in data["calls"].items()}
    return Taken(_measured(data["measured"]), calls)


def _deep(data: dict[str, Any]) -> Deep:
    measured = _measured(data["measured"])
    return Deep(**data | {"before": Measured(**data["before"]), "measured": measured})


def _measured(data: dict[str, Any]) -> dict[str, Measured]:
    return {name: Measured(**found) for name, found in data.items()}
