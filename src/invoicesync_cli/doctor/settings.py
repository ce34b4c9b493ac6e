"""The config by itself: what cannot be used, what deserves a second thought, what does nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from invoicesync_cli.config import Loaded, problems_of
from invoicesync_cli.doctor.findings import Area, Finding, Level, of_error, of_problem
from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.vendors import KEAP, ledgers

SHOWN = 3
"""Keys that a message names."""
MAIL = ("to", "from", "smtp_host", "smtp_port", "smtp_security", "smtp_user")


def check_settings(path: Path, loaded: Loaded | None) -> Area:
    """The file at `path`; `loaded` is what it says, None where it cannot be used at all."""
    try:
        findings = [of_problem(problem) for problem in problems_of(path)]
    except InvoiceSyncError as error:
        findings = of_error(error, str(path))
    if loaded:
        findings += warnings_of(loaded)
        findings += _contradictions(loaded)
        findings += _idle(loaded)
    return Area("Settings", str(path), findings)


def warnings_of(loaded: Loaded) -> Iterator[Finding]:
    """What the ledger's section warns of."""
    for code, key, message, hint in loaded.config.ledger.warnings():
        yield _of_key(loaded, code, "warning", key, f"{message[0].upper()}{message[1:]}", hint)


def _contradictions(loaded: Loaded) -> Iterator[Finding]:
    """Settings by which nothing would come over, or everybody would be made anew."""
    config = loaded.config
    if config.sync.mode == "off" and not config.reverse.enabled:
        yield _of_key(
            loaded,
            "nothing-sent",
            "warning",
            "sync.mode",
            'The mode is "off": nothing is sent.',
            'Set sync.mode = "invoices-and-payments", or one of the other modes.',
        )
    if config.sync.mode == "paid-only" and config.invoices.order_status == "unpaid":
        yield _of_key(
            loaded,
            "nothing-sent",
            "warning",
            "invoices.order_status",
            'Only unpaid orders are to be sent, and in mode "paid-only" these wait: nothing is '
            "ever sent.",
            'Set invoices.order_status = "any", or another sync.mode.',
        )
    if config.reverse.enabled and not config.reverse.start:
        yield _of_key(
            loaded,
            "reverse-start",
            "error",
            "reverse.start",
            "It is missing: from which day on do invoices go from the ledger to Keap?",
            'Set a date, such as reverse.start = "2026-12-01".',
        )
    if not config.contacts.match:
        what = "is held" if config.contacts.when_missing == "hold" else "becomes a new contact"
        yield _of_key(
            loaded,
            "match-empty",
            "warning",
            "contacts.match",
            f"Nobody is looked for in the ledger: everybody who is not pinned {what}.",
            'Set contacts.match = ["email", "name", "company-city"].',
        )


def _idle(loaded: Loaded) -> Iterator[Finding]:
    """Settings of the file that do nothing beside the others."""
    config = loaded.config
    for ledger in ledgers():
        if ledger != config.sync.destination:
            why = f'sync.destination is "{config.sync.destination}"'
            yield from _unused(loaded, [ledger], why)
    if config.sync.mode != "paid-only":
        why = f'it is for mode "paid-only", and this is "{config.sync.mode}"'
        yield from _unused(loaded, ["invoices.paid_only_when"], why)
    if not config.sends_payments:
        why = f'mode "{config.sync.mode}" sends no payments'
        yield from _unused(loaded, ["payments", "sync.max_payments"], why)
    if not config.keap.needs_app:
        why = f'keap.sign_in is "{config.keap.sign_in}"'
        yield from _unused(loaded, [f"{KEAP.key}.client_id", f"{KEAP.key}.redirect_uri"], why)
    if config.ledger.signs_in_by("custom-connection"):
        key = f"{config.sync.destination}.redirect_uri"
        yield from _unused(loaded, [key], "a custom connection needs no browser")
    if not config.reverse.enabled:
        yield from _unused(loaded, ["reverse.start"], "reverse.enabled is false")
    if config.notify.email == "off":
        keys = [f"notify.{name}" for name in MAIL]
        yield from _unused(loaded, keys, 'notify.email is "off"')


def _unused(loaded: Loaded, keys: Iterable[str], why: str) -> Iterator[Finding]:
    """One finding for those of the keys, or of what is below them, that the file sets."""
    wanted = tuple(keys)
    found = [
        key
        for key, origin in loaded.origins.items()
        if origin == "file" and any(key == one or key.startswith(f"{one}.") for one in wanted)
    ]
    if found:
        table, do = found[0].partition(".")[0], "do" if len(found) > 1 else "does"
        many = len(found) > SHOWN
        names = f"{len(found)} settings of [{table}]" if many else ", ".join(found)
        message = f"{names} {do} nothing: {why}."
        yield _of_key(loaded, "setting-unused", "hint", found[0], message)


def _of_key(
    loaded: Loaded, code: str, level: Level, key: str, message: str, hint: str = ""
) -> Finding:
    return Finding(code, level, key, message, hint, line=loaded.line(key))
