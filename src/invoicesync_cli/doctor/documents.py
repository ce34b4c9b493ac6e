"""What is to come and what is there: currency, time zone, lock dates, numbers, pinned contacts."""

from collections.abc import Iterator
from datetime import date, datetime

from invoicesync_cli.config import Loaded
from invoicesync_cli.doctor.checkup import Checkup
from invoicesync_cli.doctor.findings import NOT_ASKED, Area, Finding, Level, of_error, some
from invoicesync_cli.errors import ConfigError
from invoicesync_cli.model import DocumentKind, Invoice, LedgerFacts, LedgerId, marked_order
from invoicesync_cli.sync.adoption import OTHER_MACHINE
from invoicesync_cli.sync.preflight import time_zone
from invoicesync_cli.sync.run import LOOK_BACK
from invoicesync_cli.vendors import KEAP


def check_documents(checkup: Checkup) -> Area:
    """What would become of the next documents."""
    findings = [*_zone(checkup), *_pinned_people(checkup)]
    checked = NOT_ASKED
    facts = checkup.books.facts
    if facts:
        findings += _currency(checkup, facts)
        findings += _locked(checkup, facts)
        findings += _numbers(checkup, facts)
        findings += _elsewhere(checkup)
        findings += _pinned_contacts(checkup)
        locked = f"locked up to {facts.lock_date}" if facts.lock_date else "no lock date"
        numbers = len(checkup.books.numbers)
        looked = "no new invoice whose number could be taken"
        if numbers:
            of = "the next invoice" if numbers == 1 else f"each of the next {numbers} invoices"
            looked = f"looked up whether another document has the number of {of}"
        checked = f"{facts.currencies[0]}; {locked}; {looked}"
    return Area("Currency, dates and numbers", checked, findings, done=facts is not None)


def _zone(checkup: Checkup) -> Iterator[Finding]:
    if checkup.keap.account:
        try:
            time_zone(checkup.keap.account.time_zone)
        except ConfigError as error:
            yield from of_error(error, KEAP.title)


def _currency(checkup: Checkup, facts: LedgerFacts) -> Iterator[Finding]:
    """R7: one currency for Keap, which the ledger has to have."""
    account, chosen = checkup.keap.account, checkup.loaded.config.keap.currency
    if account is None:
        return
    named = chosen != "auto"
    currency = chosen if named else account.currency
    where, title = ("keap.currency" if named else KEAP.title), checkup.books.vendor.title
    line = checkup.loaded.line(where) if named else 0
    if named and account.currency and account.currency != chosen:
        yield Finding(
            "currency-differs",
            "warning",
            where,
            f"The Keap account is in {account.currency}, the config says {chosen}: orders in "
            f"{account.currency} are held.",
            'Set keap.currency = "auto".',
            line=line,
        )
    if currency and currency not in facts.currencies:
        yield Finding(
            "currency-differs",
            "error",
            where,
            f"Keap's orders are in {currency}, and {title} has {', '.join(facts.currencies)}: "
            "every invoice would be held.",
            f"Add {currency} to the currencies in {title}, or sign in to the right "
            f"{checkup.books.vendor.account}.",
            line=line,
        )
    elif currency and currency != facts.currencies[0]:
        yield Finding(
            "currency-differs",
            "hint",
            where,
            f"Keap's orders are in {currency}, the books in {facts.currencies[0]}: {title} "
            "translates by its own rates.",
            line=line,
        )


def _locked(checkup: Checkup, facts: LedgerFacts) -> Iterator[Finding]:
    """R13: what is dated up to the lock date would be held."""
    lock, loaded = facts.lock_date, checkup.loaded
    if lock is None:
        return
    way_out = "Start after it, or move the lock date in the ledger."
    start = _first_day(loaded)
    if start and start <= lock:
        yield Finding(
            "period-locked",
            "warning",
            "sync.start",
            f"The books are locked up to {lock}, and sync.start is {start}: what is dated up to "
            "then is held.",
            way_out,
            line=loaded.line("sync.start"),
        )
    early = [] if start else [one for one in _unknown(checkup) if _day(checkup, one) <= lock]
    if early:
        yield Finding(
            "period-locked",
            "warning",
            "sync.start",
            f"The books are locked up to {lock}. Dated up to then, and so held, of Keap's newest "
            f"orders: {len(early)} (invoice {some([one.invoice_id for one in early])}).",
            way_out,
            line=loaded.line("sync.start"),
        )
    open_ones = checkup.state.open_up_to(lock)
    if open_ones:
        yield Finding(
            "period-locked",
            "warning",
            checkup.books.vendor.title,
            f"Open documents dated up to {lock}, in the locked period: {open_ones:,}.",
            "See what they are: invoicesync todo",
        )


def _numbers(checkup: Checkup, facts: LedgerFacts) -> Iterator[Finding]:
    """Numbers that the next invoices would have, and somebody else's documents have."""
    title, loaded = checkup.books.vendor.title, checkup.loaded
    others = [
        number
        for number, document in checkup.books.taken.items()
        if marked_order(document.reference) != checkup.books.numbers[number].order_id
    ]
    if others:
        yield Finding(
            "number-taken",
            "warning",
            title,
            f"Of the next {len(checkup.books.numbers)} document numbers, documents that "
            f"invoicesync did not make have {len(others)}: {some(others)}. Such invoices are held.",
            "Look at these documents first: they may be the same sales, entered by hand or by "
            "another product.",
        )
    if facts.counts_on and not loaded.config.invoices.number_prefix:
        yield Finding(
            "numbers-counted",
            "hint",
            title,
            f"{title} gives its own invoices the next number (custom transaction numbers are off), "
            "which may be one that a Keap order will have.",
            "Switch custom transaction numbers on in QuickBooks under Account and settings > "
            "Sales, or set invoices.number_prefix before the first run.",
        )


def _elsewhere(checkup: Checkup) -> Iterator[Finding]:
    """Documents of ours that another machine has made, or a state that is lost."""
    strange = checkup.books.strange
    if strange:
        yield Finding(
            "other-runs",
            "warning",
            checkup.books.vendor.title,
            f"Documents that invoicesync made, and no record here knows: {len(strange)} "
            f"({some([document.number for document in strange])}).",
            "Another machine or profile carries the same orders, or the state here is lost or an "
            "older copy. Let one of them run only: two at the same minute may book a payment "
            "twice. The next run here takes these documents up.",
        )
    seen = checkup.state.get_meta(OTHER_MACHINE)
    if seen and not strange and checkup.now - datetime.fromisoformat(seen) < LOOK_BACK:
        yield Finding(
            "other-runs",
            "warning",
            checkup.books.vendor.title,
            f"On {seen[:10]} {checkup.books.vendor.title} had documents with our marker that this "
            "machine had not made.",
            "Another machine or profile carries the same orders, an older copy of the state was "
            "put back, or somebody has copied a document. Let one machine run only.",
        )


def _pinned_people(checkup: Checkup) -> Iterator[Finding]:
    people = checkup.keap.people
    for person in checkup.loaded.config.contacts.pins:
        if people is not None and person.isdecimal() and person not in people:
            yield _pin(checkup, person, f"Keap has no contact {person}.", "hint")


def _pinned_contacts(checkup: Checkup) -> Iterator[Finding]:
    pinned, title = checkup.books.pinned, checkup.books.vendor.title
    for person, ident in checkup.loaded.config.contacts.pins.items():
        found = pinned.get(LedgerId(ident)) if pinned is not None else None
        if pinned is not None and (found is None or found.archived):
            why = f"is archived ({found.name})" if found else "does not exist"
            message = (
                f"{title}'s contact {ident} {why}: invoices for Keap contact {person} are held."
            )
            yield _pin(checkup, person, message, "warning")


def _pin(checkup: Checkup, person: str, message: str, level: Level) -> Finding:
    key = f"contacts.pins.{person}"
    hint = "Correct the pin or drop it: invoicesync lookup contacts"
    return Finding("pin-unknown", level, key, message, hint, line=checkup.loaded.line(key))


def _first_day(loaded: Loaded) -> date | None:
    try:
        return date.fromisoformat(loaded.config.sync.start)
    except ValueError:
        return None


def _unknown(checkup: Checkup) -> list[Invoice]:
    """The newest orders that no record knows."""
    orders = [invoice.order_id for invoice in checkup.keap.invoices]
    known = checkup.state.records(DocumentKind.INVOICE, orders)
    return [one for one in checkup.keap.invoices if one.order_id not in known]


def _day(checkup: Checkup, invoice: Invoice) -> date:
    """The day of an order where its Keap account is."""
    when: datetime = invoice.order_time
    assert checkup.keap.account  # noqa: S101 - there are no orders without it
    try:
        return when.astimezone(time_zone(checkup.keap.account.time_zone)).date()
    except ConfigError:
        return when.date()
