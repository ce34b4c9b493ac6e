"""What the checks find: each with a code, where it is, and what to do about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from invoicesync_cli.config import Problem, WrongSettings
from invoicesync_cli.errors import ExitCode, InvoiceSyncError

Level = Literal["error", "warning", "hint"]
LEVELS: Sequence[Level] = ("error", "warning", "hint")
"""The worst first."""
WORST = (ExitCode.CONFIG, ExitCode.SIGN_IN, ExitCode.TRY_LATER)
"""Exit codes of errors, the worst first: a config has to be edited, somebody has to sign in, and a
service that is down comes back by itself."""
NOT_ASKED = "not checked, the ledger could not be asked"
NAMED = 5
"""How many ids or numbers a message names."""


@dataclass(frozen=True)
class Finding:
    """One thing that a check found.

    An `error` stops runs, or would book wrongly; a `warning` is what would be held, left out or
    come to an end; a `hint` is good to know. `where` is a key of the config or a service, `line`
    that of the key in the file, 0 where there is none. `exit_code` only counts for an error.
    """

    code: str
    level: Level
    where: str
    message: str
    hint: str = ""
    exit_code: ExitCode = ExitCode.CONFIG
    line: int = 0

    def as_json(self) -> dict[str, Any]:
        """As the contract has it, and the line."""
        return {
            "code": self.code,
            "level": self.level,
            "where": self.where,
            "message": self.message,
            "hint": self.hint,
            "line": self.line or None,
        }


@dataclass
class Area:
    """A part of the check: its title, what was looked at, and what was found.

    `details` is what else was seen, and is as the tool expects it to be. With `done` false it could
    not be looked at, and `checked` says why.
    """

    title: str
    checked: str
    findings: list[Finding] = field(default_factory=list)
    details: tuple[str, ...] = ()
    done: bool = True

    def __post_init__(self) -> None:
        self.findings.sort(key=_rank)

    @property
    def rank(self) -> int:
        """The rank of its worst finding; areas without one come last."""
        return min(map(_rank, self.findings), default=len(LEVELS))


def of_problem(problem: Problem) -> Finding:
    """A setting that cannot be used."""
    where = problem.key or problem.where
    # Behind its place it goes on in lower case; here it is a sentence of its own.
    message = f"{problem.message[0].upper()}{problem.message[1:]}"
    return Finding(problem.code, "error", where, message, problem.hint, line=problem.line)


def of_error(error: InvoiceSyncError, where: str) -> list[Finding]:
    """What ended a part of the check early."""
    if isinstance(error, WrongSettings):
        return [of_problem(problem) for problem in error.problems]
    return [Finding(error.code, "error", where, error.message, error.hint, error.exit_code)]


def exit_code(findings: Iterable[Finding]) -> ExitCode:
    """That of the worst error; 0 without any."""
    codes = {finding.exit_code for finding in findings if finding.level == "error"}
    return next((code for code in WORST if code in codes), max(codes, default=ExitCode.OK))


def some(names: Sequence[str]) -> str:
    """Some of these names, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _rank(finding: Finding) -> int:
    return LEVELS.index(finding.level)
