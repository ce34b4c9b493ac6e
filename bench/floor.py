"""The least that a ledger's limits allow, reckoned: nothing is read, nothing fails."""

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Limits:
    """What a vendor takes: documents a call, calls a minute and at once, calls a day by plan."""

    batch: int
    minute: int
    at_once: int
    days: tuple[tuple[str, int], ...] = ()


LIMITS = {
    # Xero's "OAuth 2.0 API limits", in force since March 2026.
    "xero": Limits(50, 60, 5, (("Starter", 1000), ("every other plan", 5000))),
    # Intuit's "Limits and throttles": 30 items a batch, 40 batches a minute; no limit of a day.
    "qbo": Limits(30, 40, 10),
}
KINDS = 3
"""What an order of a new customer comes to: a contact, an invoice, a payment."""


def calls(to: str, orders: int) -> int:
    """Writes that cannot be avoided for paid orders, each of a new customer."""
    return KINDS * ceil(orders / LIMITS[to].batch)


def seconds(to: str, orders: int, latency: float) -> float:
    """What they take by the limit of a minute, or by the answers where those are slower."""
    limits, least = LIMITS[to], calls(to, orders)
    return max(least * 60 / limits.minute, least * latency / limits.at_once)


def one_by_one(to: str, calls_each: float, orders: int, latency: float) -> float:
    """Seconds of a client that makes one call after the other, for each order so many."""
    # Only QuickBooks' batches have a limit of their own; single calls may be 500 a minute.
    pause = {"xero": 60 / 60, "qbo": 60 / 500}[to]
    return orders * calls_each * max(latency, pause)
