"""What every verdict is made by: the config, the ledger's lists, the Keap account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from invoicesync_cli.config import Config
from invoicesync_cli.model import LedgerAccount, LedgerSettings, Payment, dismiss_command
from invoicesync_cli.transform.accounts import Items


def lock_hint(invoice_id: str) -> str:
    """What to do about a document in a locked period."""
    command = dismiss_command(invoice_id, "entered by hand")
    return f"Move the lock date in the ledger. Or enter this document by hand, then: {command}"


@dataclass(frozen=True)
class DraftSettings:
    """Everything a draft depends on beside the invoice itself.

    `merchants` are the names of Keap's merchant accounts by id, as far as they matter.
    """

    config: Config
    ledger: LedgerSettings
    items: Items
    zone: ZoneInfo
    keap_currency: str
    merchants: Mapping[str, str] = field(default_factory=dict)

    def receiving(self, payment: Payment) -> LedgerAccount | None:
        """The account that takes a payment: by its type, by its merchant, or the default (R10).

        The config's accounts are found in the ledger before anything is judged; None is what a
        ledger with a default of its own may be left to.
        """
        named = self.config.payments.accounts
        folded = {name.strip().casefold(): account for name, account in named.items()}
        for name in (payment.type, self.merchants.get(payment.merchant_account_id, "")):
            if name.strip().casefold() in folded:
                return self.payable(folded[name.strip().casefold()])
        return self.payable(self.config.payments.account or self.ledger.deposit)

    def payable(self, wanted: str) -> LedgerAccount | None:
        """The account of a code or id, if it is there and takes payments."""
        known = self.ledger.facts.accounts
        return next(
            (item for item in known if item.payable and wanted and wanted in {item.code, item.id}),
            None,
        )
