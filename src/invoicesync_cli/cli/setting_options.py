"""The options of `init`: one for each setting that it asks for, by the setting's own name."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import typer

from invoicesync_cli.cli.arguments import LedgerKey
from invoicesync_cli.cli.command import OptionTable
from invoicesync_cli.vendors import VENDORS, ledgers

GENERAL: dict[str, tuple[Any, str]] = {
    "sync.destination": (LedgerKey, "The ledger."),
    "sync.mode": (
        Literal["invoices", "invoices-and-payments", "paid-only", "off"],
        "What is carried over.",
    ),
    "sync.start": (str, "From where on: first, an invoice id, or a date."),
    "auth.storage": (Literal["keyring", "file"], "Where secrets are kept."),
    "keap.sign_in": (Literal["api-key", "oauth"], "How to sign in to Keap."),
    "keap.client_id": (str, "Of your own Keap app, for oauth."),
    "keap.redirect_uri": (str, "Of your own Keap app, for oauth."),
    "keap.currency": (Literal["auto", "AUD", "EUR", "GBP", "NZD", "USD"], "What Keap sells in."),
    "tax.untaxed_invoices": (
        Literal["exempt", "inclusive", "exclusive"],
        "What becomes of an invoice without tax.",
    ),
    "tax.tax_finance_charges": (bool, "Whether finance charges bear tax."),
    "payments.account": (str, "The account that payments go to."),
    "payments.accounts": (list[str], "Another account by payment type or merchant account."),
    "invoices.due_days": (int, "Days until an invoice is due."),
    "reverse.enabled": (bool, "Whether the ledger's invoices become orders in Keap."),
    "reverse.start": (str, "From which day on those do."),
    "notify.email": (Literal["off", "problems", "daily"], "When to send mail."),
    "notify.to": (str, "Who gets the mail."),
    "notify.from": (str, "Who it is from."),
    "notify.smtp_host": (str, "The mail server."),
    "notify.smtp_port": (int, "Its port."),
    "notify.smtp_security": (Literal["starttls", "tls", "none"], "How it is spoken to."),
    "notify.smtp_user": (str, "The user there, where it wants one."),
    "notify.ping_url": (str, "An address that is called after each scheduled run."),
}
"""Settings whatever the ledger is: the type, and a few words."""

PLAIN = {"to", "from", "email", "accounts", "enabled"}
"""Names that would say too little without their table."""


@dataclass(frozen=True)
class SettingOption:
    """The option for a setting: its name, type and help."""

    name: str
    type: Any
    help: str


def _all() -> Iterator[tuple[str, tuple[Any, str]]]:
    yield from GENERAL.items()
    for ledger in ledgers():
        for name in VENDORS[ledger].settings:
            yield f"{ledger}.{name}", (str, f"For {VENDORS[ledger].title}.")


def _options() -> dict[str, SettingOption]:
    found = dict(_all())
    uses = Counter(key.partition(".")[2] for key in found)
    made = {}
    for key, (kind, text) in found.items():
        table, _, name = key.partition(".")
        bare = table == "sync" or (uses[name] == 1 and name not in PLAIN)
        word = (name if bare else f"{table}-{name}").replace("_", "-")
        declared = f"--{word}/--no-{word}" if kind is bool else f"--{word}"
        made[key] = SettingOption(declared, kind, text)
    return made


OPTIONS = _options()
"""The option of every setting that `init` asks for."""


def parameter_of(key: str) -> str:
    """The parameter that stands for a setting."""
    return key.replace(".", "__")


def setting_options() -> OptionTable:
    """The options as a command declares them; what is not typed is None."""
    return {
        parameter_of(key): (
            Annotated[
                option.type | None,
                typer.Option(
                    option.name,
                    help=option.help,
                    metavar="NAME=ACCOUNT" if option.type == list[str] else None,
                    show_default=False,
                ),
            ],
            None,
        )
        for key, option in OPTIONS.items()
    }
