"""The way back: invoices made in the ledger become orders in Keap, in the steps of a run."""

from invoicesync_cli.reverse.run import also, reverse

__all__ = ["also", "reverse"]
