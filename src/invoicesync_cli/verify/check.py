"""The comparison: both sides read as lists, Keap's page by page, and what is left over then."""

import datetime as dt
from dataclasses import dataclass, field

from invoicesync_cli.statement import Period
from invoicesync_cli.sync import RunResources
from invoicesync_cli.sync.preflight import Preflight
from invoicesync_cli.verify.books import Books
from invoicesync_cli.verify.comparison import Comparison
from invoicesync_cli.verify.left_over import LeftOver
from invoicesync_cli.verify.payments import MoneyCheck
from invoicesync_cli.verify.sales import SaleCheck
from invoicesync_cli.verify.tally import Tally

MARGIN = dt.timedelta(days=31)
"""How far before the period the order is dated whose id is the first that is read: orders are
entered late, and dated anew."""
ORDERS = "Comparing Keap's orders"
PAYMENTS = "Comparing Keap's payments"
NO_MONEY = 'sync.mode is "{}": payments, credits and refunds are not compared.'


@dataclass
class Verified:
    """What a comparison has found; `calls` is how many it took of Keap and of the ledger."""

    period: Period
    tally: Tally
    calls: dict[str, int]
    messages: list[str] = field(default_factory=list)


def verify(resources: RunResources, period: Period) -> Verified:
    """Compare both sides for the days of a period; one without a first day begins at `sync.start`.

    Nothing is written to either; to the state only what is known of both accounts. Raises what
    reading may raise.
    """
    config, state, progress = resources.loaded.config, resources.state, resources.progress
    preflight = Preflight(state, resources.keap, resources.ledger, resources.loaded, resources.now)
    preflight.check_organisation()
    account, zone = preflight.account, preflight.zone
    period = Period(period.first or preflight.first_day, period.last)
    chosen = config.keap.currency
    comparison = Comparison(
        config=config,
        state=state,
        keap=resources.keap,
        ledger=resources.ledger,
        zone=zone,
        period=period,
        tally=Tally(account.currency if chosen == "auto" else chosen),
        books=Books(resources.ledger),
        money=config.sends_payments,
        applies_credits=lambda: bool(preflight.rules()) and resources.ledger.applies_credits,
    )
    comparison.books.read(period, progress, money=comparison.money)
    sales = SaleCheck(comparison)
    first = 1
    if period.first:
        first = state.first_order_since((period.first - MARGIN).isoformat())
    progress.phase(ORDERS)
    for orders in resources.keap.orders_after(first - 1):
        sales.page(orders)
        progress.advance(len(orders))
    since = None
    if period.first:
        # A day earlier, wherever Keap's own clock stands.
        since = dt.datetime.combine(period.first, dt.time(), zone) - dt.timedelta(days=1)
    money = MoneyCheck(comparison, since)
    if comparison.money:
        progress.phase(PAYMENTS)
        for rows in resources.keap.payments_since(since):
            money.page(rows)
            progress.advance(len(rows))
    else:
        comparison.messages.append(NO_MONEY.format(config.sync.mode))
    LeftOver(comparison, sales, money).settle()
    sales.finish()
    tally = comparison.tally
    tally.months = dict(sorted(tally.months.items()))
    problems = [row.problem for row in resources.keap.nameless]
    calls = {
        "keap": resources.keap.service.usage.calls,
        "ledger": resources.ledger.usage.calls,
    }
    return Verified(period, tally, calls, [*comparison.messages, *problems])
