"""The user's settings against a ledger's lists: all that is wrong there, with file and line."""

import difflib
from collections.abc import Sequence

from invoicesync_cli.config import Loaded, Problem, WrongSettings
from invoicesync_cli.model import LedgerAccount, LedgerFacts

SHOWN = 12
"""Entries of a list that a message shows."""


class SettingsCheck:
    """Collects what of the settings the ledger does not have, so that it is reported at once."""

    def __init__(self, ledger: str, found: LedgerFacts, loaded: Loaded) -> None:
        self.found = found
        self.loaded = loaded
        self._ledger = ledger
        self._problems: list[Problem] = []

    def wrong(self, key: str, message: str, hint: str, code: str) -> None:
        """Note a setting that cannot be used; `code` is the stable word for it."""
        self._problems.append(self.loaded.problem(key, message, hint, code))

    def unknown(
        self, key: str, what: str, value: str, code: str, listed: Sequence[tuple[str, str]]
    ) -> None:
        """Note a setting `value` that the ledger does not have; `listed` is what it has, with more
        about each."""
        near = difflib.get_close_matches(value, [name for name, _ in listed], 1, 0.6)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        message = f"{self._ledger} has no {what} {value!r}.{meant}"
        self.wrong(key, message, f"There are: {shown(listed)}.", code)

    def account(self, key: str, value: str, *, payments: bool = False) -> None:
        """Note an account of that code or id that takes no sales, or no payments, or is not there.

        Payments may name an account by its id; sales lines only go by its code.
        """
        named = [
            known
            for known in self.found.accounts
            if value == known.code or (payments and value == known.id)
        ]
        if any(known.payable if payments else known.usable for known in named):
            return
        if named:
            self._unfit(key, named[0], payments=payments)
        else:
            what = "account that takes payments" if payments else "account"
            self.unknown(key, what, value, "account-unknown", self._fit(payments=payments))

    def payment_accounts(self) -> None:
        """Note the accounts of [payments] that are not there or take no payments."""
        payments = self.loaded.config.payments
        if not self.loaded.config.sends_payments:
            return
        named = {"payments.account": payments.account} if payments.account else {}
        named |= {f"payments.accounts.{kind}": code for kind, code in payments.accounts.items()}
        for key, code in named.items():
            self.account(key, code, payments=True)

    def finish(self) -> None:
        """Raise `WrongSettings` with everything that was noted, if there is anything."""
        if self._problems:
            raise WrongSettings(self._problems)

    def _unfit(self, key: str, known: LedgerAccount, *, payments: bool) -> None:
        called = f"{self._ledger}'s account {known.code or known.id!r} ({known.name})"
        way_out = "name another account"
        if known.archived:
            what, way_out = "is archived", f"restore it in {self._ledger}, or {way_out}"
        elif payments:
            what = "takes no payments"
            way_out = f"let it take payments in {self._ledger}'s chart of accounts, or {way_out}"
        else:
            what = "is none for sales"
        hint = f"{way_out[0].upper()}{way_out[1:]}: {shown(self._fit(payments=payments))}."
        self.wrong(key, f"{called} {what}.", hint, "account-unknown")

    def _fit(self, *, payments: bool) -> list[tuple[str, str]]:
        """The accounts that can be named, each with its name; the likelier first."""
        fit = [
            known for known in self.found.accounts if (known.payable if payments else known.usable)
        ]
        kind = "bank" if payments else "income"
        likely = sorted(fit, key=lambda known: (known.kind != kind, not known.code))
        return [(known.code or known.id, known.name) for known in likely]


def shown(listed: Sequence[tuple[str, str]]) -> str:
    """A list in one line, its first entries."""
    shown = ", ".join(f"{name} ({more})" for name, more in listed[:SHOWN]) or "none"
    return shown + (f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else "")
