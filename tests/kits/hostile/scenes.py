"""What is done in a world, step by step: what people enter there, and what is then typed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from invoicesync_sandbox.keap import Address, Instalment, Item
from tests.kits.hostile.between import Tampering
from tests.kits.hostile.worlds import World
from tests.kits.rehearsal import START
from tests.kits.reversing import FROM, ByHand

SETTINGS = {
    "xero": "--xero-client-id sandbox-client --tax-type OUTPUT2 --zero-tax-type ZERORATEDOUTPUT",
    "qbo": "--qbo-client-id sandbox-client --qbo-default-item Sales --qbo-redirect-uri "
    "https://example.com/landed",
}
"""What `init` needs for a ledger."""
WITH_MONEY = {
    "sync.mode": "invoices-and-payments",
    "invoices.due_days": 14,
    "auth.storage": "file",
}
REVERSE = {"reverse.enabled": True, "reverse.start": FROM}
GOODS = (
    Item("PRODUCT", "100.00", name="Candle", sku="TIL", taxable=True),
    Item("SHIPPING", "8.00", name="Postage"),
    Item("DISCOUNT", "10.00", name="Ten off"),
    Item("TAX", "18.00", name="VAT"),
)


@dataclass(frozen=True)
class Step:
    """What people enter, and the command that is typed on that day.

    `{name}` in the command is an id that the scene has entered. A command that `changes` the books
    is typed again after answers that made no sense.
    """

    day: float
    command: str
    enter: Callable[[World], object] = lambda _: None
    changes: bool = True


@dataclass(frozen=True)
class Scene:
    """A world of its own, and the steps in it."""

    name: str
    world: Callable[[Tampering], World]
    steps: tuple[Step, ...]


def _day(number: float) -> Any:
    return START + timedelta(days=number) - timedelta(hours=2)


def _enter_shop(world: World) -> None:
    """Orders with every kind of money, and people who are in the ledger and who are not."""
    r, keap, ids, on = world.r, world.r.keap, world.ids, _day(0)
    address = Address(line1="1 High Street", locality="Leeds", postal_code="LS1 1AA")
    person = r.person(emails=("alice@example.com",), company="Wick", billing=address)
    ids["taxed"] = r.order(*GOODS, contact=person, order_time=on)
    ids["plain"] = r.order(Item("OTHER", "100.00", name="Something"), order_time=on)
    ids["twice"], ids["credited"] = r.order(order_time=on), r.order(order_time=on)
    ids["refunded"], ids["shared"] = r.order(order_time=on), r.order(order_time=on)
    ids["also shared"] = r.order(order_time=on)
    ids["failed"], ids["foreign"] = r.order(order_time=on), r.order(order_time=on, currency="USD")
    plan = (
        Instalment(due_date=on.date(), amount=Decimal(50)),
        Instalment(due_date=on.date() + timedelta(days=30), amount=Decimal(50)),
    )
    ids["plan"] = r.order(order_time=on, plan=plan)
    ids["gift"] = r.order(Item("PRODUCT", "0.00", name="Gift"), order_time=on)
    keap.add_payment(order_id=ids["taxed"], amount="116.00", time=on)
    for amount in ("25.00", "75.00"):
        keap.add_payment(order_id=ids["twice"], amount=amount, time=on)
    keap.add_payment(order_id=ids["credited"], amount="30.00", type="Credit", time=on)
    paid = keap.add_payment(order_id=ids["refunded"], amount="100.00", time=on)
    keap.add_refund(paid.id, "40.00", time=on)
    shares = {ids["shared"]: Decimal(30), ids["also shared"]: Decimal(100)}
    keap.add_payment(allocations=shares, amount="130.00", time=on)
    keap.add_failed_charge(ids["failed"], "100.00", time=on)
    keap.add_payment(order_id=ids["plan"], amount="50.00", status="PENDING", time=on)


def _change_everything(world: World) -> None:
    """People change things on both sides, and enter new ones."""
    r, ids, on = world.r, world.ids, _day(1)
    ids["new"] = r.order(order_time=on)
    r.keap.add_payment(order_id=ids["new"], amount="100.00", time=on)
    r.keap.add_payment(order_id=ids["plain"], amount="60.00", time=on)
    r.keap.add_payment(order_id=ids["plain"], amount="15.00", type="Credit", time=on)
    (first, *_) = [row for row in r.keap.payments.values() if ids["twice"] in row.order_ids]
    r.keap.add_refund(first.id, "5.00", time=on)
    r.keap.edit_order(ids["credited"], items=(Item("PRODUCT", "70.00", name="Candle"),))
    ledger: Any = r.xero if world.to == "xero" else r.qbo
    marker = f"Keap order {ids['plan']},"
    note = "reference" if world.to == "xero" else "private_note"
    (made,) = [row for row in ledger.invoices.values() if getattr(row, note).startswith(marker)]
    ledger.void_invoice(made.id)


def _enter_by_hand(world: World) -> None:
    """Somebody has entered in the ledger what Keap has as well."""
    r, ids = world.r, world.ids
    ids["by hand"] = order = r.order(contact="101", order_time=_day(10))
    if world.to == "xero":
        (alice,) = [row.id for row in r.xero.contacts.values() if row.email == "alice@example.com"]
        line = {
            "Description": "Candle",
            "Quantity": 1,
            "UnitAmount": Decimal(100),
            "AccountCode": "200",
            "TaxType": "ZERORATEDOUTPUT",
        }
        r.xero.add_invoice(alice, [line], InvoiceNumber=order, Date=_day(10).date().isoformat())
        return
    from invoicesync_sandbox.qbo.screens import sale

    customers = [row for row in r.qbo.customers.values() if row.email == "alice@example.com"]
    items = [row.id for row in r.qbo.items.values() if row.name == "Sales"]
    codes = [row.id for row in r.qbo.tax_codes.values() if row.name == "0.0% Z"]
    r.qbo.enter_invoice(
        customers[0].id,
        [sale(Decimal(100), item=items[0], tax_code=codes[0])],
        DocNumber=order,
        TxnDate=_day(10).date().isoformat(),
    )


REPORT = """automatic_payout_id,automatic_payout_effective_at,created,currency,gross,fee,net,\
reporting_category,source_id,charge_id
po_1,2026-11-21,2026-11-20,gbp,116.00,0.30,115.70,charge,txn_1,txn_1
po_1,2026-11-21,2026-11-20,gbp,25.00,0.30,24.70,charge,txn_2,txn_2
po_1,2026-11-21,2026-11-20,gbp,9.00,0.30,8.70,charge,txn_nowhere,txn_nowhere
"""


def _save_report(world: World) -> None:
    """Somebody has loaded down a payout report."""
    (world.folder / "payout.csv").write_text(REPORT, encoding="utf-8")


def _enter_sales(world: World) -> None:
    """Somebody has invoiced people in the ledger, whom Keap knows and whom it does not."""
    hand, ids = ByHand(world.r), world.ids
    world.r.person(given_name="Jane", family_name="Doe", emails=("jane@example.com",))
    jane = hand.contact("Jane Doe", email="jane@example.com", first="Jane", last="Doe")
    mill = hand.contact("Old Mill Bakery", city="Hull", email="mill@example.com")
    ids["kept"] = hand.invoice(jane, ("Candle", "2", "12.50"))
    ids["paid"] = hand.invoice(mill, ("Candle", "3", "4.99"), ("Wax", "1", "7.01"))
    ids["altered"] = hand.invoice(mill, ("Hours", "2.75", "33.33"), tax="none")
    hand.pay(ids["paid"])


def _go_on_selling(world: World) -> None:
    """More of it, and an order in Keap; what became an order is changed in the ledger."""
    hand, ids = ByHand(world.r), world.ids
    acme = hand.contact("Acme Ltd", phone="0113 496 0000")
    day = _day(1).date()
    ids["new"] = hand.invoice(acme, ("Candle", "1", "10.00"), day=day, number="HAND-8")
    hand.void(hand.invoice(acme, ("Void", "1", "1.00"), day=day, number="HAND-9"))
    hand.change(ids["altered"], "50.00")
    ids["forth"] = world.r.order(order_time=_day(1))
    world.r.keap.add_payment(order_id=ids["forth"], amount="100.00", time=_day(1))


INIT = "init --no-input --config other.toml --destination {to} --mode invoices {settings}"
"""`init` reads the ledger's lists to check what is typed."""
LOOKS = (
    Step(3, "explain {twice}", changes=False),
    Step(3.01, "explain {credited} --json", changes=False),
    Step(3.02, "doctor", changes=False),
    Step(3.03, "doctor --json", changes=False),
    Step(3.04, "verify", changes=False),
    Step(3.05, "verify --json", changes=False),
    Step(3.06, "lookup accounts", changes=False),
    Step(3.07, "lookup taxes --json", changes=False),
    Step(3.08, "lookup items", changes=False),
    Step(3.09, "lookup contacts", changes=False),
    Step(3.10, "lookup organisations", changes=False),
    Step(3.11, "lookup tracking", changes=False),
    Step(3.12, "auth status", changes=False),
    Step(3.13, "sync --dry-run", changes=False),
    Step(3.14, "undo --id {twice} --dry-run", changes=False),
    Step(3.15, INIT, changes=False),
    Step(3.16, "match payout.csv", _save_report, changes=False),
    Step(3.17, "match payout.csv --json", changes=False),
)
MONEY = (
    Step(0, "sync", _enter_shop),
    Step(1, "sync", _change_everything),
    *LOOKS,
    Step(4, "sync-id {plan} --recreate"),
    Step(4.1, "undo --id {twice} --yes"),
    Step(4.2, "retry {twice}"),
    Step(4.3, "sync --scheduled"),
    Step(10, "sync", lambda world: world.r.keap.delete_order(world.ids["failed"])),
    Step(10.5, "adopt", _enter_by_hand),
    Step(10.6, "sync --from-start"),
)
DRAFTS = (
    Step(0, "sync", _enter_shop),
    Step(1, "approve --id {twice},{taxed} --yes"),
    Step(2, "sync"),
    Step(3, "approve last --dry-run", changes=False),
)
RECEIPTS = (
    Step(0, "sync", _enter_shop),
    Step(1, "sync", lambda world: world.r.keap.edit_order(world.ids["twice"], total="90.00")),
    Step(2, "undo --id {taxed} --yes"),
    Step(3, "retry {taxed}"),
)


BACK = (
    Step(0, "reverse-sync", _enter_sales),
    Step(1, "reverse-sync", _go_on_selling),
    Step(1.5, "reverse-sync --dry-run", changes=False),
    Step(2, "sync"),
    Step(3, "verify", changes=False),
    Step(4, "sync --scheduled", lambda world: ByHand(world.r).void(world.ids["kept"])),
    Step(5, "reverse-sync", changes=False),
)


def _world(to: str, **settings: Any) -> Callable[[Tampering], World]:
    return lambda tampering: World(to, tampering, **{**WITH_MONEY, **settings})


def _with_sign_ins(to: str) -> Callable[[Tampering], World]:
    """A world in which everybody signs in at a browser."""

    def made(tampering: Tampering) -> World:
        settings = {f"{name}.redirect_uri": "https://example.com/landed" for name in ("keap", to)}
        kinds = {"keap.sign_in": "oauth", **({"xero.sign_in": "pkce"} if to == "xero" else {})}
        world = World(to, tampering, **{**WITH_MONEY, **settings, **kinds})
        del world.r.environ["INVOICESYNC_KEAP_API_KEY"]
        for name in ("keap", to):
            ran = world.type(f"auth {name}")
            assert ran.code == 0, ran
        return world

    return made


def _sign_ins(to: str) -> tuple[Step, ...]:
    """Hours pass between the commands, so that tokens have to be renewed."""
    renewed = [
        Step(hour / 8, f"lookup {what}", changes=False)
        for hour, what in enumerate(["organisations", "items"] * 8, 9)
    ]
    signed = [
        Step(4, f"auth {to}"),
        Step(4.25, "auth keap"),
        Step(4.5, f"auth logout {to}"),
        Step(4.75, f"auth {to}"),
        Step(5, "auth logout keap"),
        Step(5.25, "auth keap"),
    ]
    return (
        Step(0, "sync", _enter_shop),
        Step(0.5, "auth status", changes=False),
        Step(1, "sync", _change_everything),
        *renewed,
        *signed,
        *(replace(step, day=step.day + 2) for step in signed),
        Step(8, "doctor", changes=False),
        Step(8.5, "sync"),
    )


SCENES = {
    "xero": Scene("xero", _world("xero"), MONEY),
    "qbo": Scene("qbo", _world("qbo"), MONEY),
    "drafts": Scene("drafts", _world("xero", **{"xero.status": "draft"}), DRAFTS),
    "receipts": Scene(
        "receipts", _world("qbo", **{"qbo.document": "sales-receipt-when-paid"}), RECEIPTS
    ),
    "back from xero": Scene("back from xero", _world("xero", **REVERSE), BACK),
    "back from qbo": Scene("back from qbo", _world("qbo", **REVERSE), BACK),
    "signed in to xero": Scene("signed in to xero", _with_sign_ins("xero"), _sign_ins("xero")),
    "signed in to qbo": Scene("signed in to qbo", _with_sign_ins("qbo"), _sign_ins("qbo")),
}
OF_SERVICE = {
    # Not where a receipt is written for one payment: it hangs on whether Keap's can be read.
    "keap": ("xero", "qbo", "drafts", "back from xero", "back from qbo"),
    "xero": ("xero", "drafts", "back from xero"),
    "qbo": ("qbo", "receipts", "back from qbo"),
    "identity": ("signed in to xero", "signed in to qbo"),
}
"""The scenes in which the answers of a service are hostile."""
