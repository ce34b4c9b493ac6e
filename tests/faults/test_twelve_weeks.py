"""Twelve weeks of a shop with a run a day: the books are those of one run at the end."""

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_sandbox.keap import KeapSandbox, KeapSwitches
from invoicesync_sandbox.shop.generator import generate
from invoicesync_sandbox.shop.orders import VAT, fill_keap
from invoicesync_sandbox.world import INSIDE
from tests.kits.bookkeepers import LEDGERS, Books
from tests.kits.bookkeeping import Keys, Moved, Sold
from tests.kits.shop import audit
from tests.kits.shop.choices import DAY
from tests.kits.shop.in_keap import Editing, Raising, Refunding, Sharing
from tests.kits.shop.knowledge import Money, Sale
from tests.kits.shop.meanwhile import Deciding, Keeping

DAYS = 84
PARTS = (Decimal("0.3"), Decimal("0.5"), Decimal(1))


class Season(Deciding, Editing, Keeping, Raising, Refunding, Sharing):
    """A shop through the year, by a seeded schedule."""

    small = False

    def take_over(self, *, odd: bool) -> None:
        """Learn of all that Keap holds already; `odd` orders may not be bookable."""
        for order in self.keap.orders.values():
            self.sales[order.id] = Sale("odd" if odd else "", totals={order.total})
            self.people.append(order.contact_id)
        for payment in self.keap.payments.values():
            kind = "credit" if payment.type in {"Credit", "Adjustment"} else "payment"
            known = Money("refund" if payment.refund_of else kind, payment.amount)
            known.original = payment.refund_of or ""
            self.money[payment.id] = known

    def play_day(self, day: int, chance: random.Random) -> None:
        """What people do on a day, and the run of the night."""
        for _ in range(chance.randint(0, 2)):
            self.enter_order(
                cents=chance.randint(200, 20_000),
                known=chance.random() < 0.5,
                days=chance.choice((0, 0, 1, 3)),
                paid=chance.choice(("", "half", "all")),
            )
        for often, act in self._actions(chance):
            if chance.random() < often:
                act()
        if day % 7 == 5:
            self.books.approve()
        if day % 28 == 20:
            self.books.lock((self.now - timedelta(days=chance.choice((2, 10)))).date())
        if day % 28 == 26:
            self.books.lock(None)
        ended = self.sync()
        assert ended.code in {0, 3}, ended
        audit.check_once(self)
        self.shop.ticker.pass_time(DAY)

    def _actions(self, chance: random.Random) -> Iterator[tuple[float, Callable[[], Any]]]:
        """What can be done today, with how often it is."""
        pick, part = chance.randrange(100), chance.choice(PARTS)
        back = chance.choice((0, 0, 3, 20, 60))
        first = None
        if self.owing():
            kind = chance.choice(("Credit Card", "Cash", "PayPal", "Credit", "Adjustment"))
            pending = chance.random() < 0.2
            yield 0.6, lambda: self.pay_late(None, pick, part, back, kind, pending)
            yield 0.02, lambda: self.raise_what_is_owed(pick)
        yield 0.3, self.settle_what_is_pending
        if self.refundable():
            yield 0.3, lambda: self.refund(first, pick, part, back)
        cents = chance.randint(200, 9_999)
        yield 0.1, lambda: self.buy_twice_and_pay_once(cents, cents + 700, part, back)
        if self.movable():
            yield 0.06, lambda: self.move_money(first, pick, pick + 1, part)
        if self.editable():
            how = chance.choice(("amount", "day", "void", "delete"))
            yield 0.08, lambda: self.edit_money(first, pick, how)
        yield 0.05, lambda: self.edit_order(first, pick, chance.choice(("title", "price")))
        yield 0.02, lambda: self.delete_order(first, pick)
        if self.taken():
            yield 0.05, lambda: self.take_money_back(pick, chance.random() < 0.5)
            yield 0.05, lambda: self.end_invoice(pick)
            yield 0.04, lambda: self.enter_money_by_hand(cents, part)
        if self.remakable():
            yield 0.1, lambda: self.make_anew(pick)
        yield 0.05, lambda: self.dismiss(first, pick)

    def quiet_week(self) -> None:
        """The books are open, drafts are approved, and for a week nobody does anything."""
        self.books.lock(None)
        for day in range(8):
            self.ended = self.sync()
            if day < 2:
                self.books.approve()
            self.shop.ticker.pass_time(DAY)
        self.ended = self.sync()


@dataclass(frozen=True)
class Contents:
    """Living documents: invoices by order, money by Keap's id, order and kind."""

    invoices: dict[str, Sold]
    money: dict[tuple[str, str, str], Moved]

    @classmethod
    def of(cls, books: Books) -> "Contents":
        """What is in the books."""
        return cls(
            {row.order: replace(row, id="") for row in books.sold() if row.alive},
            {
                (row.payment, row.order, row.kind): replace(row, id="")
                for row in books.moved()
                if row.alive
            },
        )


def season(to: str, home: Path, fill: Callable[[KeapSandbox], None], status: str) -> Season:
    """A shop with what it has sold so far."""
    theirs: type[Season] = type("Season", (Season,), {"to": to})
    shop = theirs()
    shop.open_shop(status, Keys(), strict=True, keap=KeapSwitches())
    fill(shop.keap)
    shop.take_over(odd=status == "authorised")
    return shop


def at_one_go(played: Season, home: Path, status: str) -> Books:
    """The books of one run over the same Keap, on a ledger that nothing was booked in before."""
    books = LEDGERS[played.to](home, status)
    books.behave(Keys(), strict=True)
    shop = books.shop
    shop.clock.set(played.shop.clock.now())
    shop.network.apps = {**shop.network.apps, INSIDE["keap"]: played.keap}
    shop.sync()
    books.approve()
    shop.sync()
    return books


def outcomes(played: Season) -> None:
    """Every order, payment, credit and refund has one record, with which it has come to an end."""
    found: dict[tuple[str, str, str], list[Any]] = {}
    for document in played.records():
        kind = "invoice" if document.kind is DocumentKind.INVOICE else "money"
        if kind == "invoice" or document.payment_id:
            key = (kind, document.order_id, document.payment_id)
            found.setdefault(key, []).append(document)
    assert all(len(documents) == 1 for documents in found.values()), found
    wanted = {("invoice", order, "") for order in played.keap.orders}
    for payment in played.keap.payments.values():
        if not played.money[payment.id].changed:
            wanted |= {("money", order, payment.id) for order in played.shares(payment)}
    assert wanted <= found.keys(), wanted - found.keys()
    unfinished = {DocumentState.NEW, DocumentState.SENDING}
    assert not [one for (one,) in found.values() if one.state in unfinished]


def departures(played: Season) -> tuple[set[str], set[str]]:
    """Orders and payments that may differ from one run at the end, because a person decided so:
    what was changed in Keap after it was booked, removed in the ledger, entered there, dismissed,
    and what hangs on those."""
    orders = {
        order
        for order, sale in played.sales.items()
        if sale.changed or sale.removed or sale.dismissed or sale.remade
    }
    payments = {
        payment
        for payment, known in played.money.items()
        if known.changed or known.removed or known.dismissed or known.by_hand or known.remade
    }
    payments |= {payment for payment, known in played.money.items() if known.original in payments}
    for payment in payments:
        row = played.keap.payments.get(payment)
        orders |= set(row.order_ids if row else ())
        orders |= {one.order for one in played.moved(payment, ever=True)}
    return orders, payments


FILLED: dict[str, Callable[[KeapSandbox], None]] = {
    "demo": lambda keap: fill_keap(keap, VAT),
    "generated": lambda keap: generate(keap, 30, seed=7),
}


@pytest.mark.parametrize("shop", sorted(FILLED))
@pytest.mark.parametrize("to", ["xero", "qbo"])
def test_a_run_a_day_comes_to_what_one_run_comes_to(to: str, shop: str, tmp_path: Path) -> None:
    status = "draft" if shop == "generated" else "authorised"
    played = season(to, tmp_path, FILLED[shop], status)
    chance = random.Random(f"{to} {shop}")  # noqa: S311 - a schedule, not a secret
    with contextlib.closing(played):
        for day in range(DAYS):
            played.play_day(day, chance)
        played.quiet_week()
        audit.check_settled(played, played.ended, days=80)
        outcomes(played)
        fresh = at_one_go(played, tmp_path / "fresh", status)
        daily, once = Contents.of(played.books), Contents.of(fresh)
        orders, payments = departures(played)

        def apart(which: Contents) -> tuple[dict[str, Sold], dict[Any, Moved]]:
            invoices = {key: row for key, row in which.invoices.items() if key not in orders}
            money = {
                key: row
                for key, row in which.money.items()
                if key[0] not in payments and key[1] not in orders
            }
            return invoices, money

        assert apart(daily) == apart(once)
        booked = len(daily.invoices)
        assert booked - len(orders & daily.invoices.keys()) > booked / 2
