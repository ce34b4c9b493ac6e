"""One run: fetch, transform, load, batch by batch. Nothing here knows which ledger it is."""

from invoicesync_cli.sync.options import Options
from invoicesync_cli.sync.result import Result
from invoicesync_cli.sync.run import RunResources, run

__all__ = ["Options", "Result", "RunResources", "run"]
