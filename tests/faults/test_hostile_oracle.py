"""The oracle of the hostile scenes: what may differ after answers that made no sense, and no more.

Each tolerance is tried with the answer that it stands for, without it, and with more that differs.
"""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from invoicesync_cli.errors import ExitCode
from tests.kits.hostile.answers import Change
from tests.kits.hostile.between import Tampering
from tests.kits.hostile.rounds import Rounds, undisturbed, words
from tests.kits.hostile.scenes import SCENES, Scene, Step
from tests.kits.hostile.worlds import Ran, World

SEED = 1

pytestmark = pytest.mark.off_spec


TAKEN_BACK = Scene(
    "taken back",
    SCENES["xero"].world,
    (SCENES["xero"].steps[0], Step(1, "undo --id {plain} --yes")),
)


def judged(rounds: Rounds, scene: Scene, world: World, number: int = 0) -> list[str]:
    """What is found of the books right after a step."""
    return [what for what, _ in rounds._too_much(undisturbed(scene), world, number)]


def repaired(rounds: Rounds, scene: Scene, world: World, number: int = 0) -> list[str]:
    """What is found of books and records once the step was typed again."""
    line = words(world, scene.steps[number])
    return [what for what, _ in rounds._repaired(undisturbed(scene), world, number, line)]


def test_double_booking_is_noticed() -> None:
    """A payment is there twice."""
    rounds = Rounds("keap", SEED)
    scene = SCENES["xero"]
    world = scene.world(Tampering("", random.Random(0)))  # noqa: S311 - no secret
    scene.steps[0].enter(world)
    world.type("sync")
    assert list(rounds._too_much(undisturbed(scene), world, 0)) == []
    twin = next(row for row in world.r.xero.payments.values() if row.app)
    world.r.xero.payments.put(replace(twin, id="twin"))
    found = list(rounds._too_much(undisturbed(scene), world, 0))
    assert [what for what, _ in found] == ["wrong booking"]
    world.close()


def test_only_lines_may_differ_where_quickbooks_takes_no_shipping() -> None:
    """Its answer says so; another total is a wrong booking all the same."""
    rounds, scene = Rounds("qbo", SEED), SCENES["qbo"]
    world = scene.world(Tampering("", random.Random(0)))  # noqa: S311 - no secret
    scene.steps[0].enter(world)
    world.r.qbo.set_preferences(allow_shipping=False)
    world.type("sync")
    assert [what for what, _ in rounds._too_much(undisturbed(scene), world, 0)] == ["wrong booking"]
    said = Change("QueryResponse.Preferences.0.SalesFormsPrefs.AllowShipping", "false")
    world.tampering.changes.append(("qbo POST", said))
    assert list(rounds._too_much(undisturbed(scene), world, 0)) == []
    (sale,) = [row for row in world.r.qbo.invoices.values() if row.total == 116]
    world.r.qbo.invoices.put(replace(sale, total=sale.total + 1))
    assert [what for what, _ in rounds._too_much(undisturbed(scene), world, 0)] == ["wrong booking"]
    world.close()


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("merchant_accounts.0.name", "account_id"),
        ("payments.0.payment_method_type", "account_id"),
        ("payments.0.external_transaction_id", "reference"),
    ],
)
def test_only_what_keap_said_otherwise_may_differ_in_a_payment(said: str, other: str) -> None:
    rounds, scene = Rounds("keap", SEED), SCENES["xero"]
    world = scene.world(Tampering("", random.Random(0)))  # noqa: S311 - no secret
    scene.steps[0].enter(world)
    world.type("sync")
    payments, accounts = world.r.xero.payments, world.r.xero.accounts
    paid = next(row for row in payments.values() if row.app)
    new = next(one.id for one in accounts.values() if one.id != paid.account_id)
    changed_so: dict[str, Any] = {other: new}
    altered = replace(paid, **changed_so)
    payments.put(altered)
    assert [what for what, _ in rounds._too_much(undisturbed(scene), world, 0)] == ["wrong booking"]
    world.tampering.changes.append(("keap GET", Change(said, "-1")))
    assert list(rounds._too_much(undisturbed(scene), world, 0)) == []
    payments.put(replace(altered, amount=paid.amount + 1))
    found = [what for what, _ in rounds._too_much(undisturbed(scene), world, 0)]
    assert found == ["wrong booking"]
    world.close()


def test_failed_charges_may_be_missing_where_keap_said_so() -> None:
    rounds, scene = Rounds("keap", SEED), SCENES["xero"]
    world = scene.world(Tampering("", random.Random(0)))  # noqa: S311 - no secret
    paid = {("payment", "1:1001"): ("created", "")}
    failed = {("payment", "charge:1:a"): ("skipped", "payment-failed")}
    assert rounds._known(paid | failed, world) == paid | failed
    world.tampering.changes.append(("keap GET /sales/transactions", Change("", "null")))
    assert rounds._known(paid | failed, world) == paid
    world.close()


def test_only_the_account_of_items_may_differ_where_xero_said_that_it_has_none() -> None:
    """R5: a line whose SKU is no item's is sold on the usual account."""
    rounds, scene = Rounds("xero", SEED), SCENES["drafts"]
    world = scene.world(Tampering("", random.Random(0)))  # noqa: S311 - no secret
    scene.steps[0].enter(world)
    world.type("sync")
    invoices = world.r.xero.invoices
    (sold,) = [row for row in invoices.values() if row.total == 116]
    candle, *others = sold.lines

    def book(**differing: Any) -> list[str]:
        invoices.put(replace(sold, lines=(replace(candle, **differing), *others)))
        return judged(rounds, scene, world)

    assert candle.account_code == "201"
    assert book(account_code="200") == ["wrong booking"]
    for where, said in (("Accounts", "list"), ("Items", "null")):
        world.tampering.changes.append((f"xero GET /api.xro/2.0/{where}", Change("Items", said)))
        assert judged(rounds, scene, world) == ["wrong booking"]
    world.tampering.changes.append(("xero GET /api.xro/2.0/Items", Change("Items", "list")))
    assert judged(rounds, scene, world) == []
    assert repaired(rounds, scene, world) == ["as the ledger said"]
    assert book(account_code="460") == ["wrong booking"]
    assert book(account_code="200", unit_amount=Decimal(99)) == ["wrong booking"]
    assert book(account_code="200", tax_type="NONE") == ["wrong booking"]
    assert book() == []
    contacts = world.r.xero.contacts
    buyer = next(row for row in contacts.values() if row.contact_number.startswith("keap-"))
    contacts.put(replace(buyer, email="eve@example.com"))
    assert judged(rounds, scene, world) == ["wrong booking"]
    world.close()


def test_only_names_and_numbers_may_differ_where_a_ledger_said_others() -> None:
    """An order made of an invoice is called by its number; its figures are the invoice's."""
    rounds, scene = Rounds("xero", SEED), SCENES["back from xero"]
    world = scene.world(Tampering("", random.Random(0)))  # noqa: S311 - no secret
    scene.steps[0].enter(world)
    world.type("reverse-sync")
    assert judged(rounds, scene, world) == []
    order = next(row for row in world.r.keap.orders.values() if "Made from" in str(row.notes))
    order.title = "Xero invoice A-WORD"
    assert judged(rounds, scene, world) == ["wrong booking"]
    number = ("xero GET /api.xro/2.0/Invoices", Change("Invoices.0.InvoiceNumber", "text"))
    world.tampering.changes.append((number[0], Change("Invoices.0.Total", "-1")))
    assert judged(rounds, scene, world) == ["wrong booking"]
    world.tampering.changes.append(number)
    assert judged(rounds, scene, world) == []
    assert repaired(rounds, scene, world) == ["as the ledger said"]
    order.order_time += timedelta(days=1)
    assert judged(rounds, scene, world) == ["wrong booking"]
    assert repaired(rounds, scene, world) == ["books or records differ"]
    world.close()


def test_records_of_orders_made_of_invoices_are_known_by_their_turn_where_numbers_changed() -> None:
    rounds = Rounds("xero", SEED)
    world = SCENES["back from xero"].world(Tampering("", random.Random(0)))  # noqa: S311
    due = {("invoice", "made of A"): ("created", ""), ("invoice", "made of B"): ("held", "x")}
    other = {("invoice", "made of A"): ("created", ""), ("invoice", "made of C"): ("held", "x")}
    worse = {("invoice", "made of A"): ("created", ""), ("invoice", "made of C"): ("failed", "x")}
    assert rounds._known(other, world) != rounds._known(due, world)
    named = Change("Invoices.1.InvoiceNumber", "text")
    world.tampering.changes.append(("xero GET /api.xro/2.0/Invoices", named))
    assert rounds._known(other, world) == rounds._known(due, world)
    assert rounds._known(worse, world) != rounds._known(due, world)
    world.close()


def test_only_what_undo_was_told_is_gone_may_still_be_there() -> None:
    """And only while `verify` finds it."""
    rounds, scene = Rounds("xero", SEED), TAKEN_BACK
    world = scene.world(Tampering("", random.Random(0)))  # noqa: S311 - no secret
    scene.steps[0].enter(world)
    world.type("sync")
    invoices = world.r.xero.invoices
    (there,) = [row for row in invoices.values() if row.number == world.ids["plain"]]
    (other,) = [row for row in invoices.values() if row.number == world.ids["twice"]]
    world.type(words(world, scene.steps[1]))
    assert repaired(rounds, scene, world, 1) == []
    invoices.put(there)
    assert judged(rounds, scene, world, 1) == []
    assert repaired(rounds, scene, world, 1) == ["as the ledger said"]
    invoices.put(replace(other, id="twin"))
    assert judged(rounds, scene, world, 1) == ["wrong booking"]
    assert repaired(rounds, scene, world, 1) == ["books or records differ"]
    world.close()


@pytest.mark.parametrize("beyond", ["total", "missing", "not found"])
def test_what_undo_was_told_is_gone_is_wrong_where_more_differs(
    monkeypatch: pytest.MonkeyPatch, beyond: str
) -> None:
    rounds, scene = Rounds("xero", SEED), TAKEN_BACK
    world = scene.world(Tampering("", random.Random(0)))  # noqa: S311 - no secret
    scene.steps[0].enter(world)
    world.type("sync")
    invoices = world.r.xero.invoices
    (there,) = [row for row in invoices.values() if row.number == world.ids["plain"]]
    (other,) = [row for row in invoices.values() if row.number == world.ids["failed"]]
    world.type(words(world, scene.steps[1]))
    invoices.put(replace(there, total=there.total + 1) if beyond == "total" else there)
    if beyond == "missing":
        invoices.put(replace(other, status="VOIDED"))
    if beyond == "not found":
        typed = world.type
        blind = Ran(ExitCode.NEEDS_PERSON, "", "")
        monkeypatch.setattr(world, "type", lambda line: blind if line == "verify" else typed(line))
    assert repaired(rounds, scene, world, 1) == ["books or records differ"]
    world.close()
