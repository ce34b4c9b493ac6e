"""Linking what the ledger has already for Keap's orders, entered by hand or by another program."""

from invoicesync_cli.sync.linking.run import adopt

__all__ = ["adopt"]
