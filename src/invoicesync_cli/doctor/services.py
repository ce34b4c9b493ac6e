"""Both services by themselves: who is signed in, what Keap's data say, what is left of the day."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from invoicesync_cli.auth.overview import services
from invoicesync_cli.doctor.checkup import Checkup, KeapSide, LedgerSide, Side
from invoicesync_cli.doctor.findings import Area, Finding, of_error, some
from invoicesync_cli.doctor.source_check import Observation, check_source
from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.fetch.keap import KeapClient
from invoicesync_cli.fetch.sample import SIZE
from invoicesync_cli.vendors import KEAP

ENDS_SOON = timedelta(days=7)
"""How long before a sign-in ends it is said."""
AHEAD = timedelta(minutes=2)
"""How far this machine's clock may be off; tokens and keys are good for minutes."""
CALLS = 0.07
"""Calls that an invoice with its payment costs, on either side, at the most."""

SHOWN_IN_KEAP = "Look at these orders in Keap; a run says of each what does not agree."
NOT_TO_BE_SENT = (
    "Send nothing before this is understood. Please report it, with the output of: invoicesync "
    "doctor --json"
)
WHAT_TO_DO = {"lines": SHOWN_IN_KEAP, "total-paid": SHOWN_IN_KEAP}
"""What to do about an observation of Keap's data, by its code."""


def check_keap(checkup: Checkup) -> Area:
    """Keap: the sign-in, its data as far as they were read, and its limits."""
    side = checkup.keap
    findings = [*side.problems, *_sign_in(checkup, side), *_limits(checkup, side), *_clock(side)]
    findings += _of_observations(side.observations)
    return Area(KEAP.title, _keap_in_short(side), findings, _details(side.observations))


def first_look(keap: KeapClient) -> Area:
    """Keap's own data alone, right after a sign-in. Whatever goes wrong is a finding."""
    checked = "its newest orders and payments, and what its lists answer"
    try:
        seen = check_source(keap)
        return Area(KEAP.title, checked, list(_of_observations(seen)), _details(seen))
    except InvoiceSyncError as error:
        findings = [replace(found, level="warning") for found in of_error(error, KEAP.title)]
        return Area(KEAP.title, "its newest orders could not all be read", findings)


def check_ledger(checkup: Checkup) -> Area:
    """The ledger: the sign-in, its limits, and what of its settings a person should know."""
    side = checkup.books
    findings = [*side.problems, *_sign_in(checkup, side), *_limits(checkup, side), *_clock(side)]
    title = side.vendor.title
    findings += [Finding("ledger-setting", "hint", title, notice) for notice in side.notices]
    return Area(title, _ledger_in_short(side), findings)


def _details(observations: Iterable[Observation]) -> tuple[str, ...]:
    return tuple(f"{seen.code}: {seen.message}" for seen in observations if seen.level == "hint")


def _of_observations(observations: Iterable[Observation]) -> Iterator[Finding]:
    """What of Keap's own data would be held, left out, or booked wrongly."""
    for seen in observations:
        if seen.level != "hint":
            named = f" ({seen.named} {some(seen.examples)})" if seen.examples else ""
            hint = WHAT_TO_DO.get(seen.code, NOT_TO_BE_SENT)
            message = f"Of the newest orders and payments: {seen.message}{named}."
            yield Finding(f"keap-{seen.code}", seen.level, KEAP.title, message, hint)


def _keap_in_short(side: KeapSide) -> str:
    if side.account is None:
        return "could not be asked"
    account, sample = side.account, side.sample
    parts = [f"{account.company or 'the account'} ({account.tenant})", account.currency]
    parts.append(account.time_zone)
    if sample:
        parts.append(f"its newest {len(sample.orders)} orders and {len(sample.payments)} payments")
    return ", ".join(filter(None, [*parts, _left(side)]))


def _ledger_in_short(side: LedgerSide) -> str:
    if side.facts is None:
        return "could not be asked"
    facts = side.facts
    lists = (
        f"{len(facts.accounts)} accounts, {len(facts.tax_codes)} tax codes, "
        f"{len(facts.items)} items"
    )
    return ", ".join(filter(None, (facts.organisation, facts.currencies[0], lists, _left(side))))


def _left(side: Side) -> str:
    left = side.usage.day_left
    return "" if left is None else f"{left:,} calls left today"


def _sign_in(checkup: Checkup, side: Side) -> Iterator[Finding]:
    """What will come of the sign-in, as far as is known without asking."""
    title, key = side.vendor.title, side.vendor.key
    try:
        found = services(checkup.credentials, checkup.pins)[0][key]
    except InvoiceSyncError:
        # Reading the service has found that too.
        return
    again = f"Sign in again: {checkup.credentials.command(key)}"
    wanted = set(side.vendor.oauth.scopes) - {"offline_access"}
    if found["signed_in"] and found["signed_in_at"] and found["scopes"]:
        missing = sorted(wanted - set(found["scopes"]))
        if missing:
            yield Finding(
                "scope-missing",
                "warning",
                title,
                f"The sign-in lacks rights that a run may need: {', '.join(missing)}.",
                again,
            )
    if found["signed_in"] and found["expires"]:
        left = datetime.fromisoformat(found["expires"]) - checkup.now
        if left < ENDS_SOON:
            yield Finding(
                "sign-in-ends",
                "warning",
                title,
                f"The sign-in ends on {found['expires'][:10]} unless a run renews it before.",
                f"Let `invoicesync sync` run before then. {again}",
            )


def _limits(checkup: Checkup, side: Side) -> Iterator[Finding]:
    """Whether what is left of the day is enough for what is still to come."""
    left, orders = side.usage.day_left, _still_to_come(checkup)
    if left is not None and orders * CALLS > left:
        yield Finding(
            "day-limit",
            "warning",
            side.vendor.title,
            f"Up to {orders:,} orders are still to come, which takes up to "
            f"{round(orders * CALLS):,} calls; {left:,} are left today.",
            "A run that comes to the limit ends with 7, and the next one goes on where it was: it "
            "takes some days. A later sync.start makes it fewer.",
        )


def _still_to_come(checkup: Checkup) -> int:
    """How many orders no run has read yet, at the most; 0 where that is not known."""
    side, progress = checkup.keap, checkup.state.progress()
    start = checkup.loaded.config.sync.start
    if side.sample is None or not side.invoices or (progress and progress.complete):
        return 0
    reached = progress.position if progress else 0
    if len(side.sample.orders) < SIZE:
        return sum(int(invoice.order_id) > reached for invoice in side.invoices)
    if start != "first" and not start.startswith("id:"):
        # How many there are since a day does not show by their ids.
        return 0
    first = int(start.removeprefix("id:")) if start != "first" else 0
    return max(0, int(side.invoices[0].order_id) - max(first - 1, reached))


def _clock(side: Side) -> Iterator[Finding]:
    """Whether this machine's clock is right."""
    if side.skew is not None and abs(side.skew) > AHEAD:
        minutes = abs(side.skew).total_seconds() / 60
        way = "ahead of" if side.skew > timedelta(0) else "behind"
        yield Finding(
            "clock",
            "warning",
            side.vendor.title,
            f"This machine's clock is {minutes:,.0f} minutes {way} {side.vendor.title}'s.",
            "Let the system set it by the network (NTP). By a wrong clock sign-ins end early, and "
            "payments of the last days can be overlooked.",
        )
