"""A row of the page of findings."""

from dataclasses import dataclass

from invoicesync_cli.doctor.findings import LEVELS, Level


@dataclass(frozen=True)
class Row:
    """A code, the levels that it can have (`-` between them), what is the case, what to do."""

    code: str
    level: str
    meaning: str
    remedy: str

    @property
    def levels(self) -> list[Level]:
        """The levels, the worst first."""
        return [level for level in LEVELS if level in self.level.split("/")]


ERROR, WARNING, HINT = "error", "warning", "hint"
