"""What a line is tracked by: categories in Xero, classes in QuickBooks (rule R15)."""

from collections.abc import Mapping

from invoicesync_cli.model import Decision, LineType, Tracking, TrackingPair
from invoicesync_cli.transform.lines import Valued
from invoicesync_cli.transform.names import folded


def tracking_of(
    valued: Valued, kind: LineType, tracking: Tracking
) -> tuple[tuple[TrackingPair, ...], list[Decision]]:
    """What a line is tracked by, and why: the SKU's own entry goes before the general one, category
    by category. The ledger's own discount and shipping lines have no SKU."""
    own = _of_sku(valued.line.sku, tracking.by_sku) if kind is LineType.ITEM else ()
    categories = {pair.category for pair in own}
    found = (*own, *(pair for pair in tracking.general if pair.category not in categories))
    field = f"line {valued.line.id} tracking"
    decisions = [
        Decision(
            field,
            str(pair),
            "R15",
            f"set for the SKU {valued.line.sku!r}" if pair in own else "set for every line",
        )
        for pair in found
    ]
    return found, decisions


def _of_sku(sku: str, by_sku: Mapping[str, tuple[TrackingPair, ...]]) -> tuple[TrackingPair, ...]:
    """The entry of an SKU: as it is written, else without case and outer blanks."""
    if not folded(sku):
        return ()
    if sku in by_sku:
        return by_sku[sku]
    return next((found for name, found in by_sku.items() if folded(name) == folded(sku)), ())
