"""The user's settings against a ledger's lists: what is missing there, with file and line."""

import difflib
from collections.abc import Sequence

from invoicesync_cli.config import Loaded
from invoicesync_cli.errors import ConfigError
from invoicesync_cli.model import LedgerFacts

SHOWN = 12
"""Entries of a list that a message shows."""


def check_payments(ledger: str, found: LedgerFacts, loaded: Loaded) -> None:
    """Raise `ConfigError` for an account of [payments] that is not there or takes no payments."""
    if not loaded.config.sends_payments:
        return
    payments = loaded.config.payments
    named = {"payments.account": payments.account} if payments.account else {}
    named |= {f"payments.accounts.{kind}": code for kind, code in payments.accounts.items()}
    payable = [known for known in found.accounts if known.payable]
    for key, code in named.items():
        if not any(code in {known.code, known.id} for known in payable):
            listed = [(known.code or known.id, known.name) for known in payable]
            what = "account that takes payments"
            raise unknown(ledger, loaded, key, what, code, "account-unknown", listed)


def unknown(
    ledger: str,
    loaded: Loaded,
    key: str,
    what: str,
    value: str,
    code: str,
    listed: Sequence[tuple[str, str]],
) -> ConfigError:
    """The error for a setting `value` that the ledger does not have; `listed` is what it has, with
    more about each. `code` is the stable word for it."""
    near = difflib.get_close_matches(value, [name for name, _ in listed], 1, 0.6)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    return ConfigError(
        f"{loaded.where(key)}: {ledger} has no {what} {value!r}.{meant}",
        hint=f"There are: {shown(listed)}.",
        code=code,
    )


def shown(listed: Sequence[tuple[str, str]]) -> str:
    """A list in one line, its first entries."""
    shown = ", ".join(f"{name} ({more})" for name, more in listed[:SHOWN]) or "none"
    return shown + (f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else "")
