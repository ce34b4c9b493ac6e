"""What is disturbed: a shop as it was before, and the command whose process comes to harm."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any
from unittest.mock import patch

from invoicesync_cli import __version__
from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.fetch import keap as keap_reader
from invoicesync_cli.model import DocumentKind, DocumentState
from invoicesync_cli.sync import Options, plan_file, run, scan
from invoicesync_cli.sync.linking import adopt
from invoicesync_cli.vendors import VENDORS, Vendor, ledgers
from invoicesync_sandbox.keap import Item
from tests.kits.bookkeepers import LEDGERS, Books
from tests.kits.bookkeeping import Keys, Memory
from tests.kits.desktop_bookkeeper import Connector, DesktopBooks
from tests.kits.elsewhere import elsewhere
from tests.kits.lost_state import copied as kept
from tests.kits.lost_state import lose_state, restored
from tests.kits.qbo_faults import apply_by_hand
from tests.kits.reversing import FROM, ByHand, back, both_ways
from tests.kits.undoing import approve, send_again, take_back

CANDLE = Item("PRODUCT", "100.00", name="Candle")
Act = Callable[[Books], object]


@dataclass(frozen=True)
class Scenario:
    """A shop that `prepare` makes, and the `command` that is run in it.

    With `small` batches, pages and chunks a few orders need several of each. A `status` of
    `draft` means what each ledger knows in its place: a draft in Xero, a sales receipt in
    QuickBooks. Scheduled runs may come `between` two attempts at the command. What a ledger has to
    know for it is declared in its row of the vendors, which `needs` looks at. QuickBooks Desktop is
    `polled` by the Web Connector, or beside the process.
    """

    name: str
    prepare: Act
    command: Act
    needs: Callable[[Vendor], bool] = lambda _: True
    settings: dict[str, Any] = field(default_factory=dict)
    status: str = "authorised"
    small: bool = True
    between: bool = False
    polled: bool = False

    def prepared(self, home: Path, ledger: str, memory: Memory) -> Books:
        """The shop as it is before the command, with a ledger of that memory for keys."""
        books = LEDGERS[ledger](home, self.status)
        books.behave(Keys(memory), strict=memory == "long")
        if ledger == "qbo":
            apply_by_hand(books.shop.qbo)
        if self.polled and isinstance(books, DesktopBooks):
            books.connector = Connector()
        books.shop.configure(self.settings)
        with self.batches(ledger):
            self.prepare(books)
        return books

    @property
    def ledgers(self) -> list[str]:
        """The ledgers that know what it needs."""
        return [key for key in ledgers() if self.needs(VENDORS[key])]

    @contextlib.contextmanager
    def batches(self, ledger: str) -> Iterator[None]:
        """Everything inside goes out in batches of this scenario's size."""
        with contextlib.ExitStack() as stack:
            if self.small:
                for target, name, value in (
                    (keap_reader, "PAGE", 8),
                    (keap_reader, "WIDE_PAGE", 8),
                    (scan, "CHUNK", 5),
                    *LEDGERS[ledger].smaller_batches(),
                ):
                    stack.enter_context(patch.object(target, name, value))
            yield


def sync(books: Books) -> object:
    """A plain run."""
    return books.shop.sync()


# --- what is in Keap ------------------------------------------------------------------------------


def every_kind(books: Books) -> None:
    """Orders that need every kind of write, of new people and of one whom the ledger knows."""
    shop, keap = books.shop, books.shop.keap
    elsewhere(shop).contact("Robin Hill", "robin@example.com")
    robin = shop.person(given_name="Robin", family_name="Hill", emails=("robin@example.com",))
    shop.order(Item("OTHER", "100.00", name="Something"), contact=robin)
    parts, credited, refunded, given_back, beyond = (shop.order(CANDLE) for _ in range(5))
    for amount in ("25.00", "25.00", "50.00"):
        keap.add_payment(order_id=parts, amount=amount)
    keap.add_payment(order_id=credited, amount="30.00", type="Credit")
    keap.add_payment(order_id=credited, amount="70.00")
    keap.add_refund(keap.add_payment(order_id=refunded, amount="100.00").id, "40.00")
    keap.add_refund(keap.add_payment(order_id=given_back, amount="100.00").id)
    keap.add_payment(order_id=beyond, amount="130.00")
    one, other = shop.order(CANDLE, contact=robin), shop.order(CANDLE, contact=robin)
    keap.add_payment(
        order_ids=(one, other), amount="150.00", allocations={one: "50.00", other: "100.00"}
    )
    taxed = Item("PRODUCT", "100.00", name="Lamp", taxable=True)
    keap.add_payment(order_id=shop.order(taxed, Item("TAX", "20.00")), amount="120.00")
    shop.order(CANDLE, currency="GBP" if keap.currency == "USD" else "USD")


def sold(books: Books) -> None:
    """A few orders with money of every kind, carried over."""
    shop, keap = books.shop, books.shop.keap
    parts, credited, refunded = (shop.order(CANDLE) for _ in range(3))
    keap.add_payment(order_id=parts, amount="60.00")
    keap.add_payment(order_id=credited, amount="30.00", type="Credit")
    keap.add_payment(order_id=credited, amount="70.00")
    keap.add_refund(keap.add_payment(order_id=refunded, amount="100.00").id, "15.00")
    one, other = shop.order(CANDLE), shop.order(CANDLE)
    keap.add_payment(
        order_ids=(one, other), amount="90.00", allocations={one: "50.00", other: "40.00"}
    )
    books.shop.sync()
    books.shop.ticker.pass_time(3600)


def sold_before(books: Books) -> None:
    """What was carried over gets more money of every kind, with a new order beside it."""
    sold(books)
    shop, keap = books.shop, books.shop.keap
    parts, credited, refunded = list(keap.orders)[:3]
    keap.add_payment(order_id=parts, amount="20.00")
    keap.add_payment(order_id=parts, amount="20.00", type="Credit")
    paid = [item for item in keap.payments.values() if item.type not in {"Credit", "Refund"}]
    keap.add_refund(next(item.id for item in paid if credited in item.order_ids))
    keap.add_refund(next(item.id for item in paid if refunded in item.order_ids), "25.00")
    keap.add_payment(order_id=shop.order(CANDLE), amount="100.00")


def removed_by_hand(books: Books) -> None:
    """Of what was carried over, two invoices with all their money and a credit note are gone."""
    sold(books)
    orders = list(books.shop.keap.orders)
    gone = {orders[0], orders[3]}
    for moved in list(books.moved()):
        if moved.order in gone or moved.kind == "credit":
            books.end_money(moved, by_void=False)
    for invoice in list(books.sold()):
        if invoice.order in gone:
            books.end_invoice(invoice)
    books.shop.ticker.pass_time(3600)
    books.shop.sync()


def entered_elsewhere(books: Books) -> None:
    """Some orders were entered in the ledger by hand before this tool came."""
    shop, there = books.shop, elsewhere(books.shop)
    today = shop.clock.now().date()
    robin = shop.person(given_name="Robin", family_name="Hill", emails=("robin@example.com",))
    contact = there.contact("Robin Hill", "robin@example.com")
    for price, paid, credited in (
        ("80.00", "80.00", ""),
        ("90.00", "30.00", "20.00"),
        ("99", "", ""),
    ):
        number = f"R-{price}"
        order = shop.order(Item("PRODUCT", price, name="Candle"), contact=robin)
        invoice = there.invoice(contact, number, price, today)
        if paid:
            payment = shop.keap.add_payment(order_id=order, amount=paid)
            there.pay(invoice, paid, today, str(payment.external_transaction_id))
        if credited:
            shop.keap.add_payment(order_id=order, amount=credited, type="Credit")
            there.credit(invoice, contact, f"C{number}", credited, today)
    there.edit(invoice, number=order)
    late = shop.order(CANDLE, contact=robin)
    shop.keap.add_payment(order_id=late, amount="100.00")
    shop.order(CANDLE)


def state_lost(books: Books) -> None:
    """The state is gone, numbers have a prefix since, and more has come in."""
    sold_before(books)
    lose_state(books.shop)
    books.shop.configure({"invoices.number_prefix": "K-"})


def state_older(books: Books) -> None:
    """The state is one of before a run, which has carried over more money of every kind."""
    sold_before(books)
    backup = kept(books.shop, books.shop.home / "backup")
    books.shop.sync()
    restored(books.shop, backup)
    books.shop.keap.add_payment(order_id=books.shop.order(CANDLE), amount="100.00")


def undone_since(books: Books) -> None:
    """The state is one of before everything was taken back, and more has come in."""
    sold(books)
    backup = kept(books.shop, books.shop.home / "backup")
    take_back(books.shop)
    restored(books.shop, backup)
    books.shop.keap.add_payment(order_id=books.shop.order(CANDLE), amount="100.00")


def taken_back(books: Books) -> None:
    """What was carried over was taken back."""
    sold(books)
    take_back(books.shop)
    books.shop.ticker.pass_time(3600)


def planned(books: Books) -> None:
    """A plan was kept, and something more has come in since."""
    every_kind(books)
    shop = books.shop
    world = Workspace(shop.environ, shop.network)
    with world.run(Call(), {}, dry_run=True) as found:
        result = run(found, Options(dry_run=True))
        own = plan_file.books_of(found.state, found.loaded, "")
        created = result.chosen([DocumentState.CREATED])
        plan_file.save(_plan(books), own, created, found.state, found.now(), __version__)
    shop.order(CANDLE)


def sold_by_hand(books: Books) -> None:
    """Invoices were entered in the ledger: for somebody whom Keap knows, for somebody new, for one
    who has no e-mail, and two that Keap cannot be told."""
    shop = books.shop
    shop.configure({"reverse.enabled": True, "reverse.start": FROM})
    hand = ByHand(shop)
    shop.person(given_name="Sandy", family_name="Brook", emails=("sandy@example.com",))
    sandy = hand.contact("Sandy Brook", email="sandy@example.com")
    new, bare = hand.contact("Jo Moor", email="jo@example.com"), hand.contact("Acme Ltd")
    for who in (sandy, new, bare, sandy, new):
        hand.invoice(who, ("Candle", "2", "12.50"), ("Hours", "2.5", "20.00"))
    hand.void(hand.invoice(new, ("Void", "1", "1.00")))
    shop.person(emails=("twin@example.com",))
    shop.person(emails=("twin@example.com",))
    twin = hand.contact("Which Twin", email="twin@example.com")
    hand.invoice(twin, ("Candle", "1", "9.00"))


def sold_on_both_sides(books: Books) -> None:
    """The same, and orders in Keap that are to go to the ledger."""
    sold_by_hand(books)
    every_kind(books)


def many(books: Books) -> None:
    """More orders than one batch takes, each of somebody new, many of them paid."""
    for number in range(63):
        order = books.shop.order(CANDLE)
        if number % 2:
            books.shop.keap.add_payment(order_id=order, amount="100.00")


def drafted(books: Books) -> None:
    """Invoices lie in the ledger as drafts, and their money waits."""
    sold(books)


def old_and_new(books: Books) -> None:
    """Orders of which some are paid days later, under another number than their order's."""
    shop = books.shop
    shop.configure({"invoices.number": "invoice", "invoices.number_prefix": "I/"})
    days_ago = shop.clock.now() - timedelta(days=9)
    for number in range(4):
        order = shop.order(CANDLE, order_time=days_ago)
        if number:
            amount = Decimal(25 * number)
            shop.keap.add_payment(order_id=order, amount=amount, time=days_ago)


# --- what is run ----------------------------------------------------------------------------------


def back_in(books: Books) -> object:
    """From the ledger to Keap."""
    return back(books.shop)


def both_in(books: Books) -> object:
    """A scheduled run with both directions."""
    return both_ways(books.shop)


def _recreate(books: Books) -> object:
    orders = tuple(books.shop.keap.orders)
    return books.shop.sync(command="sync-id", ids=orders, by="order", recreate=True)


def _adopt(books: Books) -> object:
    wanted = Options(command="adopt")
    world = Workspace(books.shop.environ, books.shop.network)
    with world.run(Call(), {}, dry_run=False) as resources:
        return adopt(resources, wanted)


def _send_again(books: Books) -> object:
    with books.shop.state() as state:
        left = [state.records_in(kind, DocumentState.UNDONE) for kind in DocumentKind]
    return send_again(books.shop) if any(left) else None


def _apply(books: Books) -> object:
    plan = plan_file.read(_plan(books))
    return books.shop.sync(command="apply", ids=plan.orders, by="order", plan=plan)


def _take_back(books: Books) -> object:
    return take_back(books.shop, run=_first_run(books))


def _approve(books: Books) -> object:
    return approve(books.shop, run=_first_run(books))


def _first_run(books: Books) -> str:
    """By its name: which run was the last changes with every run."""
    with books.shop.state() as state:
        return str(state.db.execute("SELECT min(run) FROM runs").fetchone()[0])


def _plan(books: Books) -> Path:
    return books.shop.home / "kept.plan"


DRAFTS: Callable[[Vendor], bool] = attrgetter("drafts")
REVERSES: Callable[[Vendor], bool] = attrgetter("reverses")
ON_A_PC: Callable[[Vendor], bool] = lambda one: not one.hosts  # noqa: E731 - beside the others
SCENARIOS = {
    item.name: item
    for item in (
        Scenario("everything", every_kind, sync),
        Scenario("receipts", every_kind, sync, lambda one: not one.drafts, status="draft"),
        Scenario("overpaid", every_kind, sync, settings={"payments.skip_overpayment": False}),
        Scenario("later money", sold_before, sync),
        Scenario("limited", every_kind, sync, settings={"sync.max_payments": 3}),
        Scenario("few at a time", old_and_new, sync, settings={"sync.max_invoices": 2}),
        Scenario("recreated", removed_by_hand, _recreate, between=True),
        Scenario("adopted", entered_elsewhere, _adopt),
        Scenario("state lost", state_lost, sync),
        Scenario("state older", state_older, sync),
        Scenario("undone since", undone_since, sync),
        Scenario("undo", sold, _take_back, between=True),
        Scenario("sent again", taken_back, _send_again, between=True),
        Scenario("apply", planned, _apply, between=True),
        Scenario("drafts", every_kind, sync, DRAFTS, status="draft"),
        Scenario("approve", drafted, _approve, DRAFTS, status="draft", between=True),
        Scenario("to Keap", sold_by_hand, back_in, REVERSES),
        Scenario("both ways", sold_on_both_sides, both_in, REVERSES),
        Scenario("everything, polled", every_kind, sync, ON_A_PC, polled=True),
        Scenario("undo, polled", sold, _take_back, ON_A_PC, between=True, polled=True),
        Scenario("many", many, sync, small=False),
    )
}
