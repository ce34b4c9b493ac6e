"""What can only be seen to be wrong between keys."""

from collections.abc import Iterator, Mapping

from invoicesync_cli.config.sections import Config, SettingFinding
from invoicesync_cli.vendors import VENDORS

NUMBER_ROOM = 10
"""Places that a prefix has to leave for the id (R1)."""


def _pins(pins: Mapping[str, str]) -> Iterator[SettingFinding]:
    """Problems of pins: they go by ids, and whatever else is pinned would never be met."""
    for person, contact in pins.items():
        if not (person.isascii() and person.isdigit()):
            yield (
                f"contacts.pins.{person}",
                "this is no Keap contact id.",
                'Write the id of the Keap contact in digits: "1234" = "…".',
            )
        elif not contact:
            yield (
                f"contacts.pins.{person}",
                "this names no contact of the ledger.",
                "Give the id that `invoicesync lookup contacts` shows, or drop the line.",
            )


def _prefix(config: Config) -> Iterator[SettingFinding]:
    """Problems of the prefix of document numbers, which hang on the ledger."""
    prefix, ledger = config.invoices.number_prefix, VENDORS[config.sync.destination]
    if len(prefix) > ledger.number_limit - NUMBER_ROOM:
        yield (
            "invoices.number_prefix",
            f"this prefix leaves less than {NUMBER_ROOM} of the {ledger.number_limit} places of a "
            "document number for the id.",
            f"Use at most {ledger.number_limit - NUMBER_ROOM} characters.",
        )
    if not all(" " <= letter <= "~" for letter in prefix):
        yield (
            "invoices.number_prefix",
            "document numbers hold printable ASCII characters only.",
            "Use plain letters, digits and signs.",
        )
    if any(letter in ledger.number_refused for letter in prefix):
        yield (
            "invoices.number_prefix",
            f"{ledger.title} could not look up numbers that have one of these in them: "
            f"{' '.join(ledger.number_refused)}",
            "Use plain letters, digits and signs.",
        )


def cross_checks(config: Config) -> Iterator[SettingFinding]:
    """Problems that only show between keys."""
    yield from _prefix(config)
    for kind, account in config.payments.accounts.items():
        if not account.strip():
            yield (
                f"payments.accounts.{kind}",
                "this names no account.",
                "Name one, or drop the line: payments.account takes what has no account here.",
            )
    yield from _pins(config.contacts.pins)
    yield from config.ledger.problems(config)
