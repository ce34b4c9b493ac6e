"""Representative runs: what the client says to the services on good days and bad ones."""

import contextlib
import io
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from invoicesync_cli.__main__ import main
from invoicesync_cli.errors import InvoiceSyncError
from invoicesync_cli.fetch import keap, limits
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbo import WorldName
from invoicesync_sandbox.serve import serving
from invoicesync_sandbox.shop.orders import CASES, fill_keap
from invoicesync_sandbox.world import Sandbox, environment
from tests.contract.exchanges import Ear, Exchange, listen
from tests.kits.faults import attempt
from tests.kits.rehearsal import START, Rehearsal
from tests.kits.reversing import ByHand, back, both_ways, rehearsal_of
from tests.kits.sign_in import SignInUser
from tests.kits.token_renewal import Profile
from tests.kits.undoing import approve, take_back
from tests.kits.verifying import VerifiedShop

LATER = 600.0
"""Seconds after which a lost answer is looked up and not asked for again."""
WITH_MONEY: dict[str, Any] = {"sync.mode": "invoices-and-payments"}


def demo_shop(home: Path) -> list[Exchange]:
    """Everything the demo shop has: invoices, contacts, payments, credits, refunds; then named
    invoices again, and a day later a run in which orders have changed."""
    rehearsal = Rehearsal(home, **WITH_MONEY)
    fill_keap(rehearsal.keap)
    heard = listen(rehearsal)
    rehearsal.sync()
    rehearsal.sync(command="sync-id", ids=(CASES["archived"], CASES["taxed-simple"]), by="order")
    rehearsal.sync(command="sync-id", ids=("1002", "999999"))
    rehearsal.ticker.pass_time(timedelta(days=8).total_seconds())
    rehearsal.keap.add_payment(order_id=CASES["unpaid"], amount="120.00")
    (paid,) = rehearsal.keap.payments_of(CASES["quantity"])
    rehearsal.keap.add_refund(paid.id)
    rehearsal.order()
    rehearsal.sync()
    return heard


def both_sides(home: Path) -> list[Exchange]:
    """Everything is compared with both ledgers: a month, all, and documents that were moved."""
    heard: list[Exchange] = []
    for to in ("xero", "qbo"):
        shop = VerifiedShop(home / to, to, orders=8)
        said = listen(shop.shop)
        paid, unpaid, third = shop.enter(("20.00", "Credit Card")), shop.enter(), shop.enter()
        shop.sync()
        shop.verify(date(2026, 11, 1), date(2026, 11, 30))
        shop.delete_payment(paid)
        shop.change_date(unpaid, date(2026, 10, 1))
        shop.change_contact(third)
        shop.verify(date(2026, 11, 1), date(2026, 11, 30))
        shop.verify()
        heard += said
    return heard


def every_setting(home: Path) -> list[Exchange]:
    """The demo shop under the settings that change what a document looks like."""
    heard: list[Exchange] = []
    for number, settings in enumerate(SETTINGS):
        rehearsal = Rehearsal(home / str(number), **WITH_MONEY | settings)
        fill_keap(rehearsal.keap)
        said = listen(rehearsal)
        rehearsal.sync()
        heard += said
    return heard


SETTINGS: tuple[dict[str, Any], ...] = (
    {"to": "xero", "xero.status": "draft", "tax.untaxed_invoices": "inclusive"},
    {"to": "xero", "xero.status": "submitted", "tax.untaxed_invoices": "exclusive"},
    {"to": "xero", "xero.sku_item_codes": True, "invoices.number_prefix": "K-"},
    {"to": "xero", "invoices.number": "invoice", "payments.credits": "skip"},
    {"to": "xero", "xero.tracking": {"Region": "North"}},
    {"to": "qbo", "tax.untaxed_invoices": "inclusive"},
    {"to": "qbo", "qbo.class": "Online:Candles", "qbo.location": "Leeds"},
    {"to": "qbo", "tax.untaxed_invoices": "exclusive", "qbo.match_items_by": "name"},
)


def lost_answers(home: Path) -> list[Exchange]:
    """Each kind of write loses its answer, or never arrives, and is looked for."""
    rehearsal = Rehearsal(home, **WITH_MONEY)
    heard = listen(rehearsal)
    for path in ("Contacts", "Invoices", "Payments", "CreditNotes", "Allocations"):
        order = rehearsal.order(Item("PRODUCT", "100.00", name=f"Candle for {path}"))
        rehearsal.keap.add_payment(order_id=order, amount="80.00")
        rehearsal.keap.add_payment(order_id=order, amount="20.00", type="Credit")
        rehearsal.xero.fail(kind="drop", method="PUT", path=f"/{path}$")
        rehearsal.xero.fail(kind="lose", method="PUT", path=f"/{path}$", times=9)
        attempt(rehearsal)
        rehearsal.xero.faults.clear()
        rehearsal.ticker.pass_time(LATER)
        attempt(rehearsal)
    return heard


def refusals(home: Path) -> list[Exchange]:
    """Xero refuses some elements of a batch: a locked period, an archived account, a number that
    is taken, a contact that is there already."""
    rehearsal = Rehearsal(home, **WITH_MONEY)
    rehearsal.sync()
    heard = listen(rehearsal)
    rehearsal.order()
    locked = rehearsal.order(order_time=START - timedelta(days=40))
    rehearsal.order(Item("PRODUCT", "5.00", name="Wick", sku="TIL"))
    rehearsal.xero.set_lock_dates(period=(START - timedelta(days=20)).date())
    taken = rehearsal.order()
    other = next(iter(rehearsal.xero.contacts))
    line = {"Description": "x", "Quantity": "1", "UnitAmount": "1", "AccountCode": "200"}
    rehearsal.xero.add_invoice(other, [line], InvoiceNumber=taken)
    attempt(rehearsal)
    attempt(rehearsal, command="sync-id", ids=(locked, taken), by="order")
    return heard


def other_currency(home: Path) -> list[Exchange]:
    """Keap bills in a currency that Xero does not have yet, and keeps it in its profile alone."""
    rehearsal = Rehearsal(home, **WITH_MONEY)
    rehearsal.keap.currency = rehearsal.keap.profile.currency = "USD"
    rehearsal.keap.fail(
        path="getConfiguration", status=200, body="{}", content_type="application/json"
    )
    heard = listen(rehearsal)
    rehearsal.order()
    rehearsal.sync()
    return heard


def signed_in(home: Path) -> list[Exchange]:
    """A profile that is signed in by OAuth at both services; its tokens have run out."""
    rehearsal = Rehearsal(
        home,
        **WITH_MONEY | {"xero.sign_in": "pkce", "keap.sign_in": "oauth", "auth.storage": "file"},
    )
    box = Profile(home, rehearsal.clock).box
    box.xero.set_lock_dates()
    rehearsal.keap, rehearsal.xero = box.keap, box.xero
    rehearsal.network.apps = box.apps()
    rehearsal.environ.pop("INVOICESYNC_KEAP_API_KEY")
    heard = listen(rehearsal)
    rehearsal.sync()
    return heard


def quickbooks(home: Path) -> list[Exchange]:
    """The demo shop carried into a QuickBooks company of each kind. Answers are lost, and looked
    up long after."""
    heard: list[Exchange] = []
    for company in get_args(WorldName):
        rehearsal = Rehearsal(home / company, to="qbo", company=company, **WITH_MONEY)
        fill_keap(rehearsal.keap)
        said = listen(rehearsal)
        rehearsal.qbo.fail(kind="lose", path="/batch$", after=8, times=9)
        attempt(rehearsal)
        rehearsal.qbo.faults.clear()
        rehearsal.ticker.pass_time(LATER)
        rehearsal.sync()
        rehearsal.sync(command="sync-id", ids=(CASES["taxed-simple"], "999999"), by="order")
        heard += said
    return [exchange for exchange in heard if exchange.service == "qbo"]


def quickbooks_receipts(home: Path) -> list[Exchange]:
    """Paid orders become sales receipts."""
    rehearsal = Rehearsal(
        home, to="qbo", **WITH_MONEY | {"qbo.document": "sales-receipt-when-paid"}
    )
    fill_keap(rehearsal.keap)
    heard = listen(rehearsal)
    rehearsal.sync()
    return [exchange for exchange in heard if exchange.service == "qbo"]


def taken_back(home: Path) -> list[Exchange]:
    """Everything that a run can have sent is taken back, drafts are approved; in both ledgers."""
    heard: list[Exchange] = []
    for to in ("xero", "qbo"):
        for status in ("authorised", "draft"):
            receipts = {"qbo.document": "sales-receipt-when-paid"}
            settings = WITH_MONEY | receipts | {"to": to, "xero.status": status}
            rehearsal = Rehearsal(home / f"{to}-{status}", **settings)
            if status == "draft":
                # What a batch does not void is voided one by one.
                switches = replace(rehearsal.qbo.switches, batch_void="ignored")
                rehearsal.qbo.switches = switches
            order, refunded = rehearsal.order(), rehearsal.order()
            rehearsal.keap.add_payment(order_id=order, amount="60.00")
            rehearsal.keap.add_payment(order_id=order, amount="40.00", type="Credit")
            paid = rehearsal.keap.add_payment(order_id=refunded, amount="100.00")
            rehearsal.keap.add_refund(paid.id, "30.00")
            rehearsal.keap.add_payment(order_id=rehearsal.order(), amount="100.00")
            said = listen(rehearsal)
            rehearsal.sync()
            if (to, status) == ("xero", "draft"):
                approve(rehearsal, ids=(order,), by="order")
            take_back(rehearsal)
            heard += said
    return heard


def whole_command_line(home: Path) -> list[Exchange]:
    """Signing in everywhere, every command that looks at a service, and signing out again."""
    heard: list[Exchange] = []
    box = Sandbox()
    box.keap.enforce_limits = box.xero.enforce_limits = False
    ears = {name: Ear(name, vendor, heard) for name, vendor in box.vendors.items()}
    with pytest.MonkeyPatch.context() as patch, serving(ears) as roots:
        patch.setattr(keap, "LIMITS", replace(limits.LIMITS, windows=()))
        for name in [name for name in os.environ if name.startswith("INVOICESYNC_")]:
            patch.delenv(name)
        for name, value in environment(roots, home).items():
            patch.setenv(name, value)
        with contextlib.closing(SignInUser(box, home, patch)):
            for typed in COMMANDS:
                with (
                    contextlib.redirect_stdout(io.StringIO()),
                    contextlib.redirect_stderr(io.StringIO()),
                ):
                    code = main(typed.split())
                assert code in {0, 3}, (typed, code)
    return [exchange for exchange in heard if not clicked(exchange)]


COMMANDS = (
    "auth keap",
    "auth xero",
    "auth qbo",
    "auth status",
    "sync",
    "retry",
    "explain 1002",
    "status",
    "lookup accounts",
    "lookup taxes",
    "lookup items",
    "lookup contacts",
    "lookup organisations",
    "auth logout keap",
    "auth logout xero",
    "auth logout qbo",
)


def clicked(exchange: Exchange) -> bool:
    """Whether it was the browser's: what a person does on a consent page is no call of the tool."""
    return exchange.method == "POST" and "auth" in exchange.path and "token" not in exchange.path


def from_ledger(home: Path) -> list[Exchange]:
    """Invoices that were entered in either ledger go to Keap, with lost answers on the way."""
    heard: list[Exchange] = []
    for to in ("xero", "qbo"):
        rehearsal = rehearsal_of(home / to, to)
        hand = ByHand(rehearsal)
        said = listen(rehearsal)
        rehearsal.keap.add_product("Tealights", sku="TIL")
        hand.mixed()
        hand.invoice(hand.contact("Jo"), ("Tealights", "3", "4.00"), sku="TIL")
        for path in ("contacts", "orders"):
            rehearsal.keap.fail(kind="lose", method="POST", path=f"/{path}$")
            with contextlib.suppress(InvoiceSyncError):
                back(rehearsal)
            rehearsal.ticker.pass_time(LATER)
        back(rehearsal)
        rehearsal.ticker.pass_time(LATER)
        both_ways(rehearsal)
        heard += said
    return heard


RUNS: dict[str, Callable[[Path], list[Exchange]]] = {
    run.__name__: run
    for run in (
        demo_shop,
        both_sides,
        every_setting,
        lost_answers,
        refusals,
        other_currency,
        signed_in,
        quickbooks,
        quickbooks_receipts,
        taken_back,
        from_ledger,
        whole_command_line,
    )
}
"""Every run by its name, each in a home folder of its own."""
