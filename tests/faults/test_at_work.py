"""A ledger that is still at work on a request, whose key it may have forgotten: nothing twice."""

from pathlib import Path
from typing import Any

import pytest

from invoicesync_sandbox.keap import Item
from tests.kits import faults, qbo_faults
from tests.kits.bookkeepers import LEDGERS
from tests.kits.bookkeeping import Keys
from tests.kits.shop.disturbances import Disturbance, Hit

CHECKS = {"xero": faults.check_booked, "qbo": qbo_faults.check_books}


@pytest.mark.parametrize("seconds", [2, 119])
@pytest.mark.parametrize("how", [ConnectionResetError, SystemExit])
@pytest.mark.parametrize(
    "keys",
    [Keys("never", "ignore"), Keys("young", "refuse"), Keys("last", "ignore"), Keys("long")],
    ids=lambda keys: f"{keys.remembered}-{keys.at_work}",
)
@pytest.mark.parametrize("target", ["invoice", "payment", "credit", "application", "refund"])
@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_what_is_at_work_is_not_sent_again(
    to: str, target: str, keys: Keys, how: Any, seconds: int, tmp_path: Path
) -> None:
    """The connection breaks, or the process dies; whoever comes next waits until it must be done,
    looks, and sends what is not there."""
    books = LEDGERS[to](tmp_path, "authorised")
    books.behave(keys, strict=False)
    shop = books.shop
    paid, credited = (shop.order(Item("PRODUCT", "100.00", name="Candle")) for _ in range(2))
    first = shop.keap.add_payment(order_id=paid, amount="25.00")
    shop.keap.add_payment(order_id=paid, amount="30.00")
    if to == "qbo":
        shop.keap.add_refund(first.id, "10.00")
    shop.keap.add_payment(order_id=credited, amount="40.00", type="Credit")
    place = faults.between(shop)[to]
    hit = Hit(Disturbance("at work", target, seconds=seconds, kill=how), books)
    place.planned = [hit]

    faults.attempt(shop)
    shop.sync()

    assert not hit.vendor.at_work
    assert hit.seen or (to, target) == ("xero", "refund")
    CHECKS[to](shop)
