"""What can only be seen to be wrong between keys."""

from collections.abc import Iterator, Mapping

from invoicesync_cli.config.sections import Config

NUMBER_ROOM = 10
"""Places that a prefix has to leave for the id (R1)."""
NUMBER_LIMITS = {"xero": 255, "qbo": 21}


def _pins(pins: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
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


def across(config: Config) -> Iterator[tuple[str, str, str]]:
    """Problems that only show between keys: key, message, hint."""
    ledger = config.sync.destination
    prefix = config.invoices.number_prefix
    limit = NUMBER_LIMITS[ledger]
    if len(prefix) > limit - NUMBER_ROOM:
        yield (
            "invoices.number_prefix",
            f"this prefix leaves less than {NUMBER_ROOM} of the {limit} places of a document "
            "number for the id.",
            f"Use at most {limit - NUMBER_ROOM} characters.",
        )
    if not all(" " <= letter <= "~" for letter in prefix):
        yield (
            "invoices.number_prefix",
            "document numbers hold printable ASCII characters only.",
            "Use plain letters, digits and signs.",
        )
    if ledger == "xero" and any(letter in ',"\\' for letter in prefix):
        yield (
            "invoices.number_prefix",
            "Xero could not look up numbers with a comma, a quotation mark or a backslash.",
            "Use plain letters, digits and signs.",
        )
    if ledger == "xero" and config.sends_payments and not config.payments.account:
        yield (
            "payments.account",
            f'mode "{config.sync.mode}" needs the Xero account that receives payments.',
            'Name its code or id, or set sync.mode = "invoices".',
        )
    for kind, account in config.payments.accounts.items():
        if not account.strip():
            yield (
                f"payments.accounts.{kind}",
                "this names no account.",
                "Name one, or drop the line: payments.account takes what has no account here.",
            )
    yield from _pins(config.contacts.pins)
    if ledger == "xero" and config.sync.mode != "off":
        for key, what in (("tax_type", "taxed"), ("zero_tax_type", "untaxed")):
            if not getattr(config.xero, key):
                yield (
                    f"xero.{key}",
                    f"the Xero tax type for {what} lines is not set.",
                    "In the United Kingdom these are OUTPUT2 and ZERORATEDOUTPUT, in Australia "
                    "OUTPUT and EXEMPTOUTPUT, in New Zealand OUTPUT2 and ZERORATED.",
                )
        if not config.xero.account:
            yield "xero.account", "the default account is not set.", 'In most books it is "200".'
