"""Made-up shops with every kind of money: both sides agree after a run, after it was taken back,
and after it was sent again."""

from pathlib import Path

import pytest

from invoicesync_cli.errors import ExitCode
from invoicesync_cli.model import DocumentKind, DocumentState
from tests.kits.undoing import send_again, take_back
from tests.kits.verifying import VerifiedShop


def differing(shop: VerifiedShop) -> list[object]:
    """What `verify` finds, and what of Keap's sums is neither in the ledger nor explained."""
    tally = shop.verify().tally
    rests = [sums.rest for sums in (*tally.sums.values(), *tally.months.values()) if sums.rest]
    return [*tally.differences, *rests]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_both_sides_agree_before_and_after(to: str, seed: int, tmp_path: Path) -> None:
    shop = VerifiedShop(tmp_path, to, orders=80, seed=seed)
    made = shop.sync().counts(DocumentKind.INVOICE)["created"]
    assert differing(shop) == []

    gone = take_back(shop.shop)

    assert (gone.exit_code, gone.counts(DocumentKind.INVOICE)["undone"]) == (ExitCode.OK, made)
    assert {item.state for item in gone.documents} == {DocumentState.UNDONE}
    assert differing(shop) == []

    again = send_again(shop.shop)

    assert again.counts(DocumentKind.INVOICE)["created"] == made
    assert differing(shop) == []
