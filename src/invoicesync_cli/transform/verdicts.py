"""What the rules say of a document that is not sent: its state, the reason, and the way out."""

from dataclasses import dataclass

from invoicesync_cli.model import DocumentState, Reason
from invoicesync_cli.model.reasons import check_reason


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a document is not sent now.

    Raises `ValueError` for a reason that may not stand in its state.
    """

    state: DocumentState
    reason: Reason
    message: str
    hint: str = ""

    def __post_init__(self) -> None:
        check_reason(self.state, self.reason)


class Held(Exception):
    """A person has to decide on this document; the run goes on with the others.

    `message` shows the figures, `hint` the way out; `by_ledger` says whether a change in the ledger
    alone could put it right.
    """

    def __init__(
        self, reason: Reason, message: str, *, hint: str = "", by_ledger: bool = True
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.hint = hint
        self.by_ledger = by_ledger
