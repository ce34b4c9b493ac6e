"""What a run was asked to do, beside what the config says."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from invoicesync_cli.model import DocumentState

if TYPE_CHECKING:
    from invoicesync_cli.sync.plan_file import Plan


@dataclass(frozen=True)
class Options:
    """The options of `sync` and `sync-id`. Dates (Keap account's zone) and ids are inclusive.

    `undone` says that what was taken back in the ledger is named too; of a `plan` only that is sent
    which comes out as it stands there,
    and only where the plan is for this `profile`.
    """

    command: str = "sync"
    since_date: date | None = None
    since_id: str = ""
    from_start: bool = False
    until_date: date | None = None
    only: str = ""
    dry_run: bool = False
    ids: tuple[str, ...] = ()
    by: str = "invoice"
    recreate: bool = False
    undone: bool = False
    plan: "Plan | None" = None
    profile: str = ""
    number: str = ""
    """The form of the numbers that `adopt` looks for, with `{order}` and `{invoice}`; blank for
    those of the config."""

    @property
    def again(self) -> frozenset[DocumentState]:
        """The states that are judged again although they ended something (rules, last table)."""
        if self.command == "sync-id":
            return frozenset({DocumentState.SKIPPED, DocumentState.DISMISSED})
        return frozenset({DocumentState.SKIPPED}) if self.named or self.ranged else frozenset()

    @property
    def sends_undone(self) -> bool:
        """Whether what was taken back is sent again, where a document of it is named."""
        return self.undone or self.ranged or self.command in {"sync-id", "apply"}

    @property
    def named(self) -> bool:
        """Whether the run is about named documents only."""
        return bool(self.ids) or self.plan is not None

    @property
    def tries_refused(self) -> bool:
        """Whether what the ledger refused is sent again though nothing about it has changed."""
        return self.named and self.command != "explain"

    @property
    def ranged(self) -> bool:
        """Whether a range was named, whose skipped documents are judged again."""
        return bool(self.since_date or self.since_id or self.from_start)
