"""What an undo, or an approval, did: like a run's result, with what was taken back counted too."""

from collections.abc import Iterable

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import Document
from invoicesync_cli.sync.result import COUNTED, Result


class UndoResult(Result):
    """The result of one `undo` or `approve` of a target; `target` is the run that was meant."""

    counted = (*COUNTED, "undone")

    def __init__(self, run: str, *, dry_run: bool) -> None:
        super().__init__(run, dry_run=dry_run)
        self.target = ""
        self.left_alone = 0
        """How many documents stay that were to go, or could not be found."""
        self.changed = 0
        """How many documents were taken back or approved, or would be."""
        self.declined = False
        """Whether whoever was asked said no."""

    def change(self, documents: Iterable[Document]) -> None:
        """Take in what was taken back or approved, or would be."""
        for document in documents:
            self.report([document])
            self.changed += 1

    def leave_alone(self, documents: Iterable[Document]) -> None:
        """Take in what stays though it was named."""
        for document in documents:
            self.report([document])
            self.left_alone += 1

    @property
    def exit_code(self) -> ExitCode:
        """3 when anything that was named stays; what else is open does not count here."""
        return ExitCode.NEEDS_PERSON if self.left_alone else ExitCode.OK
