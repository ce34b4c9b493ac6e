"""The state file: what was done with every document, and what is being done right now."""

from invoicesync_cli.state.store import Store

__all__ = ["Store"]
