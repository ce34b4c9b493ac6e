"""Whole runs to QuickBooks Desktop: totals, taking back, noticing, looking up, and what is held."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.errors import ConfigError
from invoicesync_cli.model import DocumentKind, DocumentState, Reason
from invoicesync_cli.statement.figures import Period
from invoicesync_cli.sync import Options
from invoicesync_cli.sync.linking import adopt
from invoicesync_cli.sync.taking_back import undo
from invoicesync_cli.sync.undo.scope import Target
from invoicesync_cli.verify import verify
from invoicesync_sandbox.keap import Item
from invoicesync_sandbox.qbd import QbdSwitches, sale
from invoicesync_sandbox.qbd.rows import Customer
from invoicesync_sandbox.shop.generator import generate
from tests.kits.qbd_shop import check_messages, content, desktop, everything
from tests.kits.rehearsal import only

TAXED = (
    Item("PRODUCT", "100.00", name="Candle", taxable=True),
    Item("TAX", "10.25", name="Tax"),
)


@pytest.mark.parametrize("tax_line_in", ["subtotal", "tax"])
def test_every_total_is_keaps_and_a_second_run_sends_nothing(
    tmp_path: Path, tax_line_in: str
) -> None:
    rehearsal = desktop(tmp_path, QbdSwitches(tax_line_in=tax_line_in))  # type: ignore[arg-type]
    generate(rehearsal.keap, 60)

    result = rehearsal.sync()

    made = [one for one in result.documents if one.state is DocumentState.CREATED]
    assert len([one for one in made if one.kind is DocumentKind.INVOICE]) > 40
    for one in made:
        assert one.ledger_total == one.total, one
    for row in rehearsal.qbd.invoices.values():
        if row.memo.startswith("Keap order"):
            order = rehearsal.keap.orders[row.memo.removeprefix("Keap order ").partition(",")[0]]
            assert row.total == order.total
    before = len(rehearsal.qbd.writes_sent())
    rehearsal.sync()
    assert len(rehearsal.qbd.writes_sent()) == before
    check_messages(rehearsal)


def test_verify_finds_no_difference_and_undo_takes_back_all_of_it(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path)
    everything(rehearsal)
    before = content(rehearsal)
    rehearsal.sync()
    world = Workspace(rehearsal.environ, rehearsal.network)

    with world.run(Call(), {}, dry_run=False) as resources:
        found = verify(resources, Period(None, None))
    assert list(found.tally.differences) == []

    with world.run(Call(), {}, dry_run=False, asks_keap=False) as resources:
        result = undo(resources, Target(run="last"), dry_run=False, confirm=None)
    assert result.exit_code == 0, result.as_json()
    living = [line for line in content(rehearsal) if "VOID:" not in line and "Keap " in line]
    assert [line for line in living if line.startswith(("Invoice", "CreditMemo", "Rec"))] == []
    assert before.keys() <= content(rehearsal).keys()
    check_messages(rehearsal)


def test_what_is_voided_or_deleted_there_is_noticed(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path)
    orders = [rehearsal.order() for _ in range(3)]
    rehearsal.keap.add_payment(order_id=orders[2], amount="100.00")
    rehearsal.sync()
    ids = {
        row.memo.partition(",")[0].removeprefix("Keap order "): row.id
        for row in rehearsal.qbd.invoices.values()
    }
    rehearsal.ticker.pass_time(3600)
    rehearsal.qbd.void_invoice(ids[orders[0]])
    rehearsal.qbd.delete(ids[orders[1]])
    rehearsal.qbd.delete_payment(next(iter(rehearsal.qbd.payments)))

    found = {(one.order_id, str(one.kind)): one for one in rehearsal.sync().documents}

    for key in ((orders[0], "invoice"), (orders[1], "invoice"), (orders[2], "payment")):
        assert found[key].reason is Reason.CHANGED_AFTER_SYNC, key


def test_a_lost_state_takes_everything_up_by_its_marker(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path)
    everything(rehearsal)
    rehearsal.sync()
    before = content(rehearsal)
    for file in tmp_path.glob("state.sqlite3*"):
        file.unlink()

    rehearsal.configure({"invoices.number_prefix": "X"})
    rehearsal.sync()

    assert content(rehearsal) == before


def test_adopt_links_what_somebody_entered_by_hand(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path)
    person = rehearsal.person(
        given_name="Olivia", family_name="Turner", emails=("olivia.turner@example.org",)
    )
    order = rehearsal.order(contact=person)
    rehearsal.qbd.enter_invoice(
        "Olivia Turner",
        [sale("100.00", item="Sales", taxed=False)],
        ref=order,
        txn_date=rehearsal.clock.now().date(),
    )
    with Workspace(rehearsal.environ, rehearsal.network).run(
        Call(), {}, dry_run=False
    ) as resources:
        result = adopt(resources, Options(command="adopt"))

    assert only(result).reason is Reason.ADOPTED
    rehearsal.sync()
    assert len([row for row in rehearsal.qbd.invoices.values() if row.total == 100]) == 1


def test_a_number_that_does_not_fit_is_held(tmp_path: Path) -> None:
    """Of credits and refunds it is the payment's id that makes the number."""
    rehearsal = desktop(tmp_path)
    order = rehearsal.order()
    paid = rehearsal.keap.add_payment(order_id=order, amount="30.00", type="Credit")
    keap = rehearsal.keap
    moved = replace(keap.payments.pop(paid.id), id="12345678901")
    keap.payments[moved.id] = moved
    keap._by_order[order] = [moved.id]

    found = {str(one.kind): one for one in rehearsal.sync().documents}

    assert (found["credit"].state, found["credit"].reason) == (
        DocumentState.HELD,
        Reason.NUMBER_TOO_LONG,
    )
    assert not rehearsal.qbd.credit_memos


def test_by_the_forms_own_rate_what_would_differ_is_held_before_it_is_sent(tmp_path: Path) -> None:
    settings = {"qbd.tax": "rate", "qbd.tax_item": "Alameda County"}
    rehearsal = desktop(tmp_path, **settings)
    right = rehearsal.order(*TAXED)
    wrong = rehearsal.order(TAXED[0], Item("TAX", "9.00", name="Tax"))

    found = {one.order_id: one for one in rehearsal.sync().documents}

    assert (found[right].state, found[right].ledger_total) == (
        DocumentState.CREATED,
        Decimal("110.25"),
    )
    assert found[wrong].reason is Reason.TOTALS_DIFFER
    assert len([row for row in rehearsal.qbd.invoices.values() if row.memo.startswith("Keap")]) == 1


def test_a_tax_group_is_no_item_for_a_line(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path, **{"qbd.tax_item": "Both"})
    rehearsal.qbd.add_tax_group("Both", "Keap sales tax", "Alameda County")
    rehearsal.order(*TAXED)

    with pytest.raises(ConfigError, match="group of tax items"):
        rehearsal.sync()
    assert rehearsal.qbd.writes_sent() == []


def test_a_refund_of_a_card_payment_goes_to_a_card_where_a_method_is_named(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path, **{"qbd.refund_method": "Visa"})
    order = rehearsal.order()
    keap = rehearsal.keap
    paid = keap.add_payment(order_id=order, amount="100.00", type="Credit Card")
    keap.add_refund(paid.id, "40.00")

    rehearsal.sync()

    (refund,) = rehearsal.qbd.card_refunds.values()
    assert refund.amount == Decimal("40.00")
    assert not rehearsal.qbd.checks
    check_messages(rehearsal)


def test_a_paid_order_becomes_a_sales_receipt(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path, **{"qbd.document": "sales-receipt-when-paid"})
    order = rehearsal.order(*TAXED)
    rehearsal.keap.add_payment(order_id=order, amount="110.25")

    result = rehearsal.sync()

    (receipt,) = rehearsal.qbd.sales_receipts.values()
    assert receipt.total == Decimal("110.25")
    assert {one.state for one in result.documents} == {DocumentState.CREATED}
    assert not rehearsal.qbd.payments
    check_messages(rehearsal)


def test_ten_thousand_customers_are_read_by_iterator_though_it_is_lost(tmp_path: Path) -> None:
    rehearsal = desktop(tmp_path, **{"sync.mode": "invoices"})
    first = next(iter(rehearsal.qbd.customers.values()))
    for number in range(10_000):
        rehearsal.qbd.customers.put(
            replace(
                first,
                id=f"9{number:07X}-1",
                name=f"Buyer {number}",
                kept={"Email": f"b{number}@example.com"},
            )
        )
    honest, seen = rehearsal.qbd.request, []

    def forgetful(ticket: str, xml: str) -> str:
        seen.append(xml)
        if 'iterator="Continue"' in xml and len([one for one in seen if "Continue" in one]) == 9:
            rehearsal.qbd.lose_iterators()
        return honest(ticket, xml)

    rehearsal.qbd.request = forgetful  # type: ignore[method-assign]
    with Workspace(rehearsal.environ, rehearsal.network).ledger(Call()) as ledger:
        ids = [contact.id for contact in ledger.contacts() if contact.customer]

    assert len(ids) == len(set(ids)) == len(rehearsal.qbd.books.tables[Customer])
    assert max(xml.count("EntityQueryRq") for xml in seen) == 2
    assert len(seen) < 40
