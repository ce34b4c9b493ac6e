"""The reference of a payment (rule R10)."""

from invoicesync_cli.model import LedgerSettings, Payment


def reference_of(payment: Payment, ledger: LedgerSettings) -> str:
    """The gateway's transaction id, else one of our own; never the invoice's.

    An id that is longer than the ledger holds is left to the memo.
    """
    given = payment.reference.strip()
    return given if given and len(given) <= ledger.reference_limit else f"keap-{payment.id}"


def memo_of(payment: Payment, ledger: LedgerSettings) -> str:
    """The gateway's transaction id where it does not fit into the reference; else blank."""
    given = payment.reference.strip()
    return given if len(given) > ledger.reference_limit else ""
