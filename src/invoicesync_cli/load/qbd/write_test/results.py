"""What a write test has found: the questions that each write answers, and the answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from invoicesync_cli.errors import ExitCode

WriteOutcome = Literal["written", "refused", "not-tried"]


@dataclass(frozen=True)
class OpenQuestion:
    """A question that is open, and what was found. Not `settled`: it could not be tried, and
    `found` says why. Not `counted_on`: invoicesync works otherwise, and needs to be changed."""

    question: str
    found: str
    settled: bool = True
    counted_on: bool = True

    def as_json(self) -> dict[str, Any]:
        """As `--json` shows it."""
        return {
            "question": self.question,
            "found": self.found,
            "settled": self.settled,
            "counted_on": self.counted_on,
        }


@dataclass
class OneWrite:
    """One of the writes: what it wrote, in how many seconds, and what it has shown."""

    number: int
    what: str
    outcome: WriteOutcome = "written"
    words: str = ""
    """QuickBooks' own, where it refused; why, where it was not tried."""
    ids: list[str] = field(default_factory=list)
    seconds: float = 0.0
    findings: list[OpenQuestion] = field(default_factory=list)

    def finds(self, question: str, found: str, *, counted_on: bool = True) -> None:
        """Note an answer."""
        self.findings.append(OpenQuestion(question, found, counted_on=counted_on))

    def leaves_open(self, question: str, why: str) -> None:
        """Note what could not be tried."""
        self.findings.append(OpenQuestion(question, why, settled=False))

    def as_json(self) -> dict[str, Any]:
        """As `--json` shows it."""
        return {
            "write": self.number,
            "what": self.what,
            "outcome": self.outcome,
            "message": self.words,
            "ids": self.ids,
            "seconds": f"{self.seconds:.3f}",
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass
class WriteTest:
    """A whole test. `customer` bears all that it wrote, `file` has the messages; `earlier` were
    taken back that an earlier test had left, `left` is what could not be taken back."""

    company: str
    product: str
    customer: str
    file: Path
    writes: list[OneWrite] = field(default_factory=list)
    afterwards: list[OpenQuestion] = field(default_factory=list)
    earlier: int = 0
    taken_back: int = 0
    left: list[str] = field(default_factory=list)
    calls: int = 0

    @property
    def findings(self) -> Iterator[OpenQuestion]:
        """All of them."""
        for write in self.writes:
            yield from write.findings
        yield from self.afterwards

    @property
    def exit_code(self) -> ExitCode:
        """6 where QuickBooks does otherwise than invoicesync counts on, 3 where something is left
        in the company file."""
        if not all(finding.counted_on for finding in self.findings):
            return ExitCode.DIFFERENCES
        return ExitCode.NEEDS_PERSON if self.left else ExitCode.OK

    def as_json(self) -> Mapping[str, Any]:
        """As `--json` shows it."""
        return {
            "company": self.company,
            "product": self.product,
            "customer": self.customer,
            "file": str(self.file),
            "writes": [write.as_json() for write in self.writes],
            "afterwards": [finding.as_json() for finding in self.afterwards],
            "earlier": self.earlier,
            "taken_back": self.taken_back,
            "left": self.left,
        }
