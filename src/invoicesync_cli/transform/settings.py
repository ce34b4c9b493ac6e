"""What every verdict is made by: the config, the ledger's lists, the Keap account."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from invoicesync_cli.config import Config
from invoicesync_cli.model import (
    LedgerAccount,
    LedgerSettings,
    Merchants,
    Payment,
    dismiss_command,
)
from invoicesync_cli.transform.accounts import Items


def lock_hint(invoice_id: str) -> str:
    """What to do about a document in a locked period."""
    command = dismiss_command(invoice_id, "entered by hand")
    return f"Move the lock date in the ledger. Or enter this document by hand, then: {command}"


@dataclass(frozen=True)
class DraftSettings:
    """Everything a draft depends on beside the invoice itself.

    `merchants` are Keap's merchant accounts, as far as they matter.
    """

    config: Config
    ledger: LedgerSettings
    items: Items
    zone: ZoneInfo
    keap_currency: str
    merchants: Merchants = field(default_factory=Merchants)

    def receiving(self, payment: Payment) -> LedgerAccount | None:
        """The account that takes a payment: by its type, by its merchant, or the default (R10).

        The config's accounts are found in the ledger before anything is judged; None is what a
        ledger with a default of its own may be left to.
        """
        named = self._named()
        merchant = self.merchants.names.get(payment.merchant_account_id, "")
        for name in (payment.type, merchant):
            if _folded(name) in named:
                return self.payable(named[_folded(name)])
        return self.payable(self.config.payments.account or self.ledger.deposit)

    def lacks_merchant(self, payment: Payment) -> bool:
        """Whether the account hangs on a merchant account that may be one which cannot be read."""
        named = self._named()
        unread = payment.merchant_account_id and not self.merchants.complete
        known = payment.merchant_account_id in self.merchants.names
        return bool(named and unread and not known and _folded(payment.type) not in named)

    def _named(self) -> dict[str, str]:
        """The accounts that the config names, by payment type or merchant account."""
        named = self.config.payments.accounts
        return {_folded(name): account for name, account in named.items()}

    def payable(self, wanted: str) -> LedgerAccount | None:
        """The account of a code or id, if it is there and takes payments."""
        known = self.ledger.facts.accounts
        return next(
            (item for item in known if item.payable and wanted and wanted in {item.code, item.id}),
            None,
        )


def _folded(name: str) -> str:
    return name.strip().casefold()
