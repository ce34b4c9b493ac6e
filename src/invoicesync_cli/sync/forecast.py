"""What a long run will cost, reckoned before it sends anything: calls, time, and the day's limit.

Keap's lists have no total count. So the first thousand orders are counted, and how many lie behind
them is reckoned from the highest id that there is, one call, by how close the ids are.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from invoicesync_cli.fetch.keap import PAGE, KeapOrder
from invoicesync_cli.fetch.limits import LIMITS as KEAP
from invoicesync_cli.fetch.lists import IDS
from invoicesync_cli.http.limits import ServiceLimits, Usage
from invoicesync_cli.progress import spoken
from invoicesync_cli.sync.context import CHUNK, RunContext
from invoicesync_cli.sync.invoices.planned import PlannedInvoice
from invoicesync_cli.transform.contacts import Matched, ToCreate

ROUND = 50
"""What is suggested for `--max-invoices` is a multiple of this."""
LONG = 60
"""Seconds of a run that is long enough for its forecast to be of use."""
KEPT_BACK = 10
"""Calls of a day that are left over: for the end of the run, and for what is looked up again."""


@dataclass(frozen=True)
class DayLimitReached:
    """A day's limit that will not do: whose, how many calls it has left today, and how many days
    the run would take by the limits of a day that the vendor has."""

    service: str
    left: int
    days: int


@dataclass(frozen=True)
class Forecast:
    """What is still to come, by the first orders of which any are to be sent.

    `estimated` says that only a part of the orders could be counted. `keap` and `ledger` are calls,
    `seconds` the least time that they take under the limits. Where the `day` will not do,
    `max_invoices` is how many it has room for; 0: none.
    """

    orders: int
    invoices: int
    estimated: bool
    keap: int
    ledger: int
    seconds: int
    day: DayLimitReached | None = None
    max_invoices: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As `--json` has it."""
        return {
            "orders": self.orders,
            "invoices": self.invoices,
            "estimated": self.estimated,
            "calls": {"keap": self.keap, "ledger": self.ledger},
            "seconds": self.seconds,
            "day": asdict(self.day) if self.day else None,
            "max_invoices": self.max_invoices,
        }


def forecast(
    context: RunContext, orders: Sequence[KeapOrder], plans: Sequence[PlannedInvoice]
) -> Forecast | None:
    """What a run will cost from here on; None while none of these orders is to be sent. They are
    read and judged already, and what lies before the first that is to be sent says nothing of what
    lies behind."""
    sending = [plan for plan in plans if plan.sends]
    if not sending:
        return None
    first = int(sending[0].order.order_id)
    counted = [order for order in orders if int(order.order_id) >= first]
    sample = _sample(context, len(counted), sending)
    behind = _behind(context, orders)
    most = context.config.sync.max_invoices or sample.invoices + behind
    there = sample.orders + behind
    reached = min(there, sample.orders_for(most))
    whole = _Cost(context, sample, reached, there)
    day = _short_day(context, whole)
    return Forecast(
        orders=reached,
        invoices=whole.invoices,
        estimated=reached > sample.orders,
        keap=whole.keap,
        ledger=whole.ledger,
        seconds=whole.seconds,
        day=day,
        max_invoices=_room(context, sample, whole, there) if day else None,
    )


@dataclass(frozen=True)
class _Sample:
    """What orders come to: those who have to be matched, and what is sent."""

    orders: int
    people: int
    contacts: int
    invoices: int
    payments: int

    def of(self, orders: int) -> "_Sample":
        """So many orders like these."""
        found = (self.people, self.contacts, self.invoices, self.payments)
        return _Sample(orders, *(round(number * orders / self.orders) for number in found))

    def orders_for(self, invoices: int) -> int:
        """How many orders like these come to so many invoices."""
        return ceil(invoices * self.orders / self.invoices)


class _Cost:
    """The calls for so many orders like those of a sample, of `there` are: the ones of the sample
    are judged already, the others are read and judged a whole chunk at a time."""

    def __init__(self, context: RunContext, sample: _Sample, orders: int, there: int) -> None:
        self._context = context
        starts = range(sample.orders, orders, CHUNK)
        judged = [sample.of(min(CHUNK, there - start)) for start in starts]
        sent = [sample.of(min(orders, sample.orders))]
        sent += [sample.of(min(CHUNK, orders - start)) for start in starts]
        self.invoices = sum(part.invoices for part in sent)
        self.keap = sum(map(self._judging, judged)) + sum(map(self._money_read, sent))
        self.keap += self._lists_of_money()
        self.ledger = sum(map(self._matching, judged)) + sum(map(self._sending, sent))

    @property
    def seconds(self) -> int:
        """The least that they take under the limits, the services asked one after the other."""
        limits = self._context.ledger.capabilities.limits
        return ceil(KEAP.seconds(self.keap) + limits.seconds(self.ledger))

    def _judging(self, part: _Sample) -> int:
        """Keap's calls: the orders, their payments, who bought."""
        return _calls(part.orders, PAGE) + _calls(part.invoices, IDS) + _calls(part.people, IDS)

    def _money_read(self, part: _Sample) -> int:
        """Keap's calls for the payments once the invoices are there."""
        return _calls(part.invoices, IDS) if self._context.sends_money else 0

    def _lists_of_money(self) -> int:
        """Keap's calls for the lists that a run with money reads once: voids, payments, and the
        merchant accounts where these decide."""
        named = bool(self._context.config.payments.accounts)
        return 2 + named if self._context.sends_money else 0

    def _matching(self, part: _Sample) -> int:
        """The ledger's calls for who the buyers are."""
        matched = self._context.ledger.capabilities.matched_each
        return _calls(part.people, matched) if matched else 0

    def _sending(self, part: _Sample) -> int:
        """The ledger's calls that send, and those that look before and after."""
        capabilities = self._context.ledger.capabilities
        sent = (part.contacts, part.invoices, part.payments)
        return sum(_calls(number, capabilities.batch) for number in sent) + capabilities.looks_each


def _calls(number: int, each: int) -> int:
    return -(-number // each)


def _sample(context: RunContext, orders: int, sending: Sequence[PlannedInvoice]) -> _Sample:
    new = {plan.match.contact.number for plan in sending if isinstance(plan.match, ToCreate)}
    known = {
        plan.order.person.id
        for plan in sending
        if isinstance(plan.match, Matched) and plan.match.step == "link"
    }
    apart = [plan for plan in sending if plan.draft and not plan.draft.receipt]
    paid = sum(plan.order.invoice.total_paid > 0 for plan in apart if plan.order.invoice)
    return _Sample(
        orders=orders,
        people=len({plan.order.person.id for plan in sending} - known),
        contacts=len(new),
        invoices=len(sending),
        payments=paid if context.sends_money and context.ledger.approves else 0,
    )


def _behind(context: RunContext, orders: Sequence[KeapOrder]) -> int:
    """About how many orders lie behind these, none where the list has ended with them."""
    if len(orders) < CHUNK:
        return 0
    ids = [int(order.order_id) for order in orders]
    first, last = min(ids), max(ids)
    further = context.keap.highest_order() - last
    return max(0, round(further * len(ids) / (last - first + 1)))


def _days(context: RunContext) -> list[tuple[str, ServiceLimits, Usage, str]]:
    """Whose days are limited, and which calls count there."""
    ledger = context.ledger
    return [
        (KEAP.name, KEAP, context.keap.service.usage, "keap"),
        (context.ledger_title, ledger.capabilities.limits, ledger.usage, "ledger"),
    ]


def _short_day(context: RunContext, cost: _Cost) -> DayLimitReached | None:
    """The limit of a day that will not do; of two the one that takes longer."""
    found = []
    for name, limits, usage, which in _days(context):
        left, needed = usage.day_left, getattr(cost, which) + KEPT_BACK
        if left is not None and needed > left:
            # The plan is not said: the smallest one that the rest of today fits into.
            day = next((most for most in limits.days if most >= left), max(left, 1))
            found.append(DayLimitReached(name, left, 1 + _calls(needed - left, day)))
    return max(found, key=lambda day: day.days, default=None)


def _room(context: RunContext, sample: _Sample, whole: _Cost, there: int) -> int:
    """How many invoices the rest of today has room for."""
    count = whole.invoices // ROUND * ROUND
    shares = [
        usage.day_left / max(1, getattr(whole, which))
        for _, _, usage, which in _days(context)
        if usage.day_left is not None
    ]
    count = min(count, int(whole.invoices * min(shares)) // ROUND * ROUND + ROUND)
    while count > 0:
        orders = sample.orders_for(count)
        if _short_day(context, _Cost(context, sample, orders, there)) is None:
            break
        count -= ROUND
    return max(count, 0)


def in_words(found: Forecast, ledger: str) -> list[str]:
    """A forecast for a person; what to do where a day's limit will not do."""
    about = "about " if found.estimated else ""
    lines = [
        f"To send: {about}{found.invoices:,} invoices. That takes {about}{found.ledger:,} calls of "
        f"{ledger} and {found.keap:,} of {KEAP.name}, and {spoken(found.seconds)} or more by their "
        "limits."
    ]
    day = found.day
    if day:
        room = (
            f"To stop before that: --max-invoices {found.max_invoices}"
            if found.max_invoices
            else "There is no room for more today."
        )
        lines.append(
            f"Calls left today, {day.service}: {day.left:,}. That will not do: the run ends there "
            "with its state saved, and the next one goes on. With one run a day all of it takes "
            f"about {day.days:,} days. {room}"
        )
    return lines
