"""Keap and the ledger held against each other, document by document and to the cent."""

from invoicesync_cli.verify.check import Verified, verify
from invoicesync_cli.verify.differences import Difference, What

__all__ = ["Difference", "Verified", "What", "verify"]
