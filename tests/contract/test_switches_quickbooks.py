"""What nobody knows for sure about QuickBooks: the tool is right whichever way it is."""

import functools
from collections import defaultdict
from collections.abc import Callable, Collection
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicesync_cli.errors import ConfigError
from invoicesync_sandbox.oauth import App
from invoicesync_sandbox.qbo import QboSandbox, QboSwitches, WorldName
from invoicesync_sandbox.shop.company import CLOSE_DATE, fill_qbo
from invoicesync_sandbox.shop.orders import fill_keap
from invoicesync_sandbox.world import CLIENT_ID, CLIENT_SECRET, INSIDE
from tests.contract.switches import Outcomes, Setting, differing, named, other_settings, outcomes
from tests.kits.faults import attempt, payments_of
from tests.kits.rehearsal import Rehearsal

WITH_MONEY: dict[str, Any] = {"sync.mode": "invoices-and-payments"}
SETTINGS = list(other_settings("qbo"))
AMERICAN = {"override_needs_tax_code", "override_without_taxable_line", "shipping_taxed"}
"""Questions that only arise in the United States; the last one where sales tax is off."""


def company_for(name: str) -> WorldName:
    """The kind of company in which a question arises."""
    if name == "tax_off_code":
        return "us-no-tax"
    return "us" if name in AMERICAN else "uk"


def rehearsal_with(home: Path, setting: Setting | None, company: WorldName) -> Rehearsal:
    """The demo company, in a QuickBooks that is otherwise than usual."""
    rehearsal = Rehearsal(home, to="qbo", company=company, **WITH_MONEY)
    if setting:
        _, name, value = setting
        # Some are read when the company is made.
        qbo = QboSandbox(rehearsal.clock, QboSwitches(**{name: value}), world=company)
        # People fill in what their own company asks for, whatever that is.
        otherwise, qbo.switches = qbo.switches, QboSwitches()
        fill_qbo(qbo)
        qbo.switches = otherwise
        qbo.sign_in.apps[CLIENT_ID] = App(CLIENT_ID, CLIENT_SECRET)
        qbo.sign_in.access_tokens = rehearsal.qbo.sign_in.access_tokens
        qbo.sign_in.refresh_tokens = rehearsal.qbo.sign_in.refresh_tokens
        rehearsal.qbo = qbo
        rehearsal.network.apps = {INSIDE["keap"]: rehearsal.keap, INSIDE["qbo"]: qbo}
    rehearsal.qbo.set_preferences(close_date=CLOSE_DATE)
    return rehearsal


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Callable[[WorldName], Outcomes]:
    """What comes of the demo shop in a kind of company, with every switch as it is likeliest."""

    @functools.cache
    def play(company: WorldName) -> Outcomes:
        rehearsal = rehearsal_with(tmp_path_factory.mktemp("usual"), None, company)
        fill_keap(rehearsal.keap)
        return outcomes(rehearsal.sync().documents)

    return play


@pytest.mark.parametrize("setting", SETTINGS, ids=named)
def test_demo_shop_is_carried_over_rightly(
    tmp_path: Path, usual: Callable[[WorldName], Outcomes], setting: Setting
) -> None:
    name = setting[1]
    company = company_for(name)
    rehearsal = rehearsal_with(tmp_path, setting, company)
    fill_keap(rehearsal.keap)
    if name in STOPPED:
        with pytest.raises(ConfigError) as stopped:
            rehearsal.sync()
        assert stopped.value.code == STOPPED[name]
        assert ours(rehearsal.qbo) == {}
        return

    result = rehearsal.sync()

    other = differing(usual(company), outcomes(result.documents))
    assert {now for _, now in other.values()} <= ALLOWED.get(name, set())
    held = {item.order_id for item in result.documents if item.reason == "totals-differ"}
    check(rehearsal, held)
    before = writes(rehearsal)
    rehearsal.sync()
    assert writes(rehearsal) == before


STOPPED = {"expense_account_required": "item-missing"}
"""Answers under which the tool ends before it sends anything, and with which code."""
NOT_BOOKED = {("held", "totals-differ"), ("waiting", "invoice-not-synced")}
ALLOWED = {
    # The tax that was stated went unheard: the invoice is held, and its money waits.
    "override_needs_tax_code": NOT_BOOKED,
    "tax_override_beyond": NOT_BOOKED,
    # A tax that fits no rate is taken as it is.
    "tax_override_tolerance": {("created", "")},
}
"""What may come out otherwise than usual: held with its reason, or even better."""


def writes(rehearsal: Rehearsal) -> int:
    """How many batches have sent something to create so far."""
    return sum(b'"operation"' in call.body for call in rehearsal.qbo.calls)


def ours(qbo: QboSandbox) -> dict[str, list[Any]]:
    """The invoices with the marker of an order, by order id."""
    found: dict[str, list[Any]] = {}
    for row in qbo.invoices.values():
        if row.private_note.startswith("Keap order "):
            order = row.private_note.removeprefix("Keap order ").partition(",")[0]
            found.setdefault(order, []).append(row)
    return found


def check(rehearsal: Rehearsal, held: Collection[str] = ()) -> None:
    """Each order is there at most once with its total, unless it is `held` for that, and each
    customer's orders with no more money than they received: what is left of one is put onto
    another by QuickBooks itself."""
    qbo = rehearsal.qbo
    booked = ours(qbo)
    assert booked
    left: dict[str, Decimal] = defaultdict(Decimal)
    for order_id, rows in booked.items():
        (row,) = rows
        assert order_id in held or row.total == rehearsal.keap.orders[order_id].total
        assert 0 <= row.balance <= row.total
        came = sum((item.amount for item in payments_of(rehearsal, order_id)), Decimal(0))
        left[row.customer_id] += came - (row.total - row.balance)
    assert min(left.values()) >= 0
    references = [(row.private_note, row.ref) for row in qbo.payments.values() if row.ref]
    assert len(references) == len(set(references))


@pytest.mark.parametrize(
    "setting", [setting for setting in SETTINGS if setting[1] not in STOPPED], ids=named
)
def test_day_of_lost_answers_books_everything_once(tmp_path: Path, setting: Setting) -> None:
    rehearsal = rehearsal_with(tmp_path, setting, company_for(setting[1]))
    for after, wait in ((2, 100.0), (3, 100.0), (4, 900.0), (5, 1800.0)):
        order = rehearsal.order()
        rehearsal.keap.add_payment(order_id=order, amount="70.00")
        rehearsal.keap.add_payment(order_id=order, amount="30.00", type="Credit")
        rehearsal.qbo.fail(kind="lose", path="/batch$", after=after, times=9)
        attempt(rehearsal)
        rehearsal.qbo.faults.clear()
        rehearsal.ticker.pass_time(wait)
        attempt(rehearsal)
    rehearsal.sync()

    check(rehearsal)
    booked = ours(rehearsal.qbo)
    assert booked.keys() == rehearsal.keap.orders.keys()
    assert all(row.balance == 0 for (row,) in booked.values())
