"""Runs in which something goes wrong, and what comes after them: mixins for a shop."""

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.kits.shop.base import Shop
from tests.kits.shop.choices import ORDER, SOLD, SOON, WAITS
from tests.kits.shop.disturbances import (
    AT_WORK,
    DISTURBANCES,
    KILLS,
    NTH,
    WRITTEN,
    Disturbance,
    Dying,
)


class Disturbing(Shop):
    """The way to the ledger, the ledger, the machine and its clock have their troubles."""

    @rule(
        order=ORDER,
        planned=DISTURBANCES,
        seconds=WAITS,
        touched=st.sampled_from([0, 0, 1, 3]),
    )
    def run_in_trouble(
        self,
        order: tuple[int, bool, int, str],
        planned: tuple[Disturbance | Dying, ...],
        seconds: int,
        touched: int,
    ) -> None:
        """A new order, and a run in which something goes wrong while somebody saves orders that
        are read; time passes."""
        self.enter_all([order])
        self.touched = touched
        self.run_disturbed(planned)
        self.shop.ticker.pass_time(seconds)

    @rule(
        order=ORDER,
        hours=st.sampled_from([-10, -1, 1, 10]),
        planned=DISTURBANCES,
        seconds=WAITS,
    )
    def run_with_a_wrong_clock(
        self,
        order: tuple[int, bool, int, str],
        hours: int,
        planned: tuple[Disturbance | Dying, ...],
        seconds: int,
    ) -> None:
        """A run in trouble while this machine's clock is wrong; then it is put right."""
        self.enter_all([order])
        self.set_clock(timedelta(hours=hours))
        self.run_disturbed(planned)
        self.set_clock(timedelta(0))
        self.shop.ticker.pass_time(seconds)

    @rule()
    def run_a_year_ahead(self) -> None:
        """One run with a clock that is a year ahead."""
        self.set_clock(timedelta(days=365))
        self.sync()
        self.set_clock(timedelta(0))

    @rule(
        cents=st.integers(min_value=200, max_value=9_999),
        trouble=st.sampled_from(["currency", "total"]),
    )
    def enter_what_cannot_be_sent(self, cents: int, trouble: str) -> None:
        """An order in another currency, or whose lines do not add up."""
        self.enter(Decimal(cents) / 100, "", 1, trouble=trouble)


class Interrupting(Shop):
    """A run ends where something has just been sent, and the next one comes soon."""

    @rule(
        orders=SOLD,
        written=WRITTEN,
        at=NTH,
        where=st.sampled_from(["before", "after", "after"]),
        kill=KILLS,
        soon=SOON,
    )
    def run_that_dies(
        self,
        orders: list[tuple[int, bool, int, str]],
        written: str,
        at: int,
        where: Literal["before", "after"],
        kill: type[BaseException],
        soon: int,
    ) -> None:
        """The process dies between a request and its commit."""
        self.enter_all(orders)
        self.run_disturbed([Disturbance("killed", written, at, where=where, kill=kill)])
        self.shop.ticker.pass_time(soon)
        self.sync()

    @rule(
        orders=SOLD,
        written=WRITTEN,
        at=NTH,
        seconds=AT_WORK,
        kill=st.sampled_from([ConnectionResetError, SystemExit]),
        soon=SOON,
    )
    def run_while_the_ledger_is_at_work(
        self,
        orders: list[tuple[int, bool, int, str]],
        written: str,
        at: int,
        seconds: int,
        kill: type[BaseException],
        soon: int,
    ) -> None:
        """The ledger takes long over a request, to which nobody gets an answer any more."""
        self.enter_all(orders)
        self.run_disturbed([Disturbance("at work", written, at, seconds=seconds, kill=kill)])
        self.shop.ticker.pass_time(soon)
        self.sync()
