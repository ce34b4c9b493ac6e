"""What can only be seen to be wrong between keys."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from invoicesync_cli.config.notify_checks import mail_checks, ping_checks
from invoicesync_cli.config.sections import Config
from invoicesync_cli.config.wording import SettingFinding
from invoicesync_cli.vendors import KEAP, VENDORS


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
    room = ledger.number_room
    if len(prefix) > ledger.number_limit - room:
        yield (
            "invoices.number_prefix",
            f"this prefix leaves less than {room} of the {ledger.number_limit} places of a "
            "document number for the id.",
            f"Use at most {ledger.number_limit - room} characters.",
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


FAR = timedelta(days=366)
"""How far ahead a start may lie; what is later is a slip of the keyboard."""
FIRST_YEAR = 2001
"""The year in which Keap's first orders can be, as Infusionsoft."""


def _start(key: str, start: str) -> Iterator[SettingFinding]:
    """A start that is so far away that it has to be a slip; nothing would ever be sent."""
    try:
        day = date.fromisoformat(start)
    except ValueError:
        return
    if day - datetime.now(UTC).date() > FAR:
        yield (
            key,
            f'"{start}" is more than a year from now, and nothing before it would be sent.',
            'Write the date of the first invoice to carry over, such as "2026-01-31".',
        )
    if day.year < FIRST_YEAR:
        yield (
            key,
            f'"{start}" is before there was any Keap.',
            'Write the date of the first invoice to carry over, or "first" for all of them.',
        )


def _outer_blanks(values: Mapping[str, Any], table: str = "") -> Iterator[SettingFinding]:
    """Texts with blanks or tabs around them, which would match nothing."""
    for name, value in values.items():
        key = f"{table}{name}"
        if isinstance(value, Mapping):
            yield from _outer_blanks(value, f"{key}.")
        elif isinstance(value, str) and key != "invoices.number_prefix":
            if value != value.strip():
                yield (
                    key,
                    "there is a blank or a tab before or behind the text, inside its quotes.",
                    f'Write {name} = "{value.strip()}".',
                )
            elif re.search(r"[\x00-\x1f\x7f]", value):
                yield (
                    key,
                    "there is a tab or another sign inside the text that cannot be seen.",
                    "Type the text anew.",
                )


def _client_ids(config: Config) -> Iterator[SettingFinding]:
    """The user's own apps, without whose ids nobody can sign in."""
    for vendor in (KEAP, VENDORS[config.sync.destination]):
        section = config.vendor(vendor.key)
        if section.needs_app and not section.app_id:
            yield (
                f"{vendor.key}.client_id",
                f"the client id of your {vendor.title} app is not set.",
                f"Make an app at {vendor.oauth.app_page}, and copy its client id.",
            )


def cross_checks(config: Config) -> Iterator[SettingFinding]:
    """Problems that only show between keys."""
    yield from _prefix(config)
    yield from _start("sync.start", config.sync.start)
    yield from _start("reverse.start", config.reverse.start)
    yield from _client_ids(config)
    yield from _outer_blanks(config.model_dump(by_alias=True))
    for kind, account in config.payments.accounts.items():
        if not account.strip():
            yield (
                f"payments.accounts.{kind}",
                "this names no account.",
                "Name one, or drop the line: payments.account takes what has no account here.",
            )
    if config.reverse.enabled and not VENDORS[config.sync.destination].reverses:
        yield (
            "reverse.enabled",
            f"invoices do not go from {VENDORS[config.sync.destination].title} to Keap.",
            "Set it to false.",
        )
    yield from _pins(config.contacts.pins)
    yield from mail_checks(config.notify)
    yield from ping_checks(config.notify.ping_url)
    yield from config.ledger.problems(config)
