"""What a run has sent, as the journal and the records have it."""

from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_cli.state import Store


def unsettled(state: Store) -> bool:
    """Whether anything was sent whose outcome is not known."""
    sending = (state.records_in(kind, DocumentState.SENDING) for kind in DocumentKind)
    return bool(state.journal.open()) or any(sending)
