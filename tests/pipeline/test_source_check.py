"""What the check of an account's own data says: how this Keap is, and what is wrong with it."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.doctor.source_check import NOTHING, Observation, check_source
from invoicesync_sandbox.keap import Item, KeapSwitches
from invoicesync_sandbox.shop.orders import fill_keap
from invoicesync_sandbox.shop.people import PEOPLE
from tests.kits.rehearsal import Rehearsal


def check(r: Rehearsal) -> list[Observation]:
    """What the check finds in the rehearsal's Keap."""
    with Workspace(r.environ, r.network).run(Call(), {}, dry_run=True) as deps:
        return check_source(deps.keap)


def found(r: Rehearsal, code: str) -> Observation:
    """The only finding of a code."""
    (finding,) = (item for item in check(r) if item.code == code)
    return finding


@pytest.fixture
def shop(tmp_path: Path) -> Rehearsal:
    """The demo shop: each kind of order and money."""
    r = Rehearsal(tmp_path)
    fill_keap(r.keap)
    return r


def test_demo_shop_has_one_order_that_does_not_add_up(shop: Rehearsal) -> None:
    findings = check(shop)
    assert {item.code: item.level for item in findings if item.level != "hint"} == {
        "lines": "warning"
    }
    (lines,) = (item for item in findings if item.code == "lines")
    assert (lines.named, lines.examples) == ("invoice", ("1025",))
    assert lines.message == (
        "orders whose lines come to their total, with discounts taken off: 52; "
        "orders whose lines do not come to their total: 1"
    )
    filters = [item.message for item in findings if item.code == "filter"]
    assert len(filters) == 10
    assert all(message.endswith("does what it should") for message in filters)


def test_it_only_reads_and_not_much(shop: Rehearsal) -> None:
    before = {order.id: order.modification_time for order in shop.keap.orders.values()}
    check(shop)
    assert {call.method for call in shop.keap.calls} == {"GET"}
    assert len(shop.keap.calls) <= 35
    assert {order.id: order.modification_time for order in shop.keap.orders.values()} == before


def test_report_names_nobody(shop: Rehearsal) -> None:
    """It is to be sent in as it is."""
    said = json.dumps([item.message for item in check(shop)]).lower()
    for person in PEOPLE.values():
        for name in (
            person.get("given_name"),
            person.get("family_name"),
            *person.get("emails", ()),
        ):
            assert not name or f" {name.lower()}" not in said


@pytest.mark.parametrize(
    ("switches", "code", "words"),
    [
        ({"discount_style": "negative_price"}, "discounts", "negative price and no figure"),
        ({"discount_style": "positive_price"}, "discounts", "positive price and no figure"),
        ({"discount_style": "discount_figure"}, "discounts", "no price and a figure"),
        ({"discount_style": "both"}, "discounts", "negative price and a figure"),
        ({"allocation_unit": "major"}, "allocation-unit", "allocations are in major units"),
        ({"allocation_unit": "minor"}, "allocation-unit", "allocations are in cents"),
        ({"total_paid_net_of_refunds": False}, "total-paid", "total_paid counts refunds"),
        ({"total_paid_net_of_refunds": True}, "total-paid", "total_paid is net of refunds"),
        ({"refund_sign": "negative"}, "refunds", "refunds below zero, of type Refund"),
        ({"refund_sign": "positive"}, "refunds", "refunds above zero, of type Refund"),
        ({"refund_link": "on_refund"}, "refunds", "links on the refund"),
        ({"refund_link": "on_original"}, "refunds", "links on the payment"),
        ({"order_status": "draft"}, "order-status", "paid orders are DRAFT"),
        ({"order_status": "absent"}, "order-status", "paid orders are NONE"),
        ({"invoice_number": "invoice_id"}, "ids", "and it as invoice_number"),
        ({"token_style": "opaque"}, "page-token", "3 pages of an order each"),
        ({"token_style": "url"}, "page-token", "3 pages of an order each"),
        ({"default_page_size": 7}, "page", "7 orders to a page (a full page), by rising id"),
        ({"default_order": "desc", "default_page_size": 9}, "page", "by falling id"),
    ],
)
def test_what_nobody_knows_of_keap_is_settled(
    shop: Rehearsal, switches: dict[str, Any], code: str, words: str
) -> None:
    shop.keap.switches = KeapSwitches(**switches)
    finding = found(shop, code)
    assert words in finding.message
    assert finding.level == "hint"
    assert finding.seen


def test_what_a_payment_does_to_its_order_is_seen(tmp_path: Path) -> None:
    r = Rehearsal(tmp_path)
    order = r.order()
    r.ticker.pass_time(3600)
    r.keap.add_payment(order_id=order, amount="100.00")
    assert "changed no order" in found(r, "payment-touches-order").message
    r.keap.switches = KeapSwitches(payment_touches_order=True)
    assert found(r, "payment-touches-order").message == NOTHING


def test_prices_with_fractions_are_seen(tmp_path: Path) -> None:
    r = Rehearsal(tmp_path)
    r.order(Item("PRODUCT", "74.9925", 3, name="Candle"))
    assert found(r, "lines").message == (
        "orders whose lines come to their total, with fractions of a cent: 1"
    )


def test_empty_account_tells_nothing_and_is_no_trouble(tmp_path: Path) -> None:
    findings = check(Rehearsal(tmp_path))
    assert {item.level for item in findings} == {"hint"}
    assert all(not item.seen for item in findings)


# --- what would be booked wrongly -----------------------------------------------------------------


def alter(r: Rehearsal, path: str, change: Callable[[Request, dict[str, Any]], None]) -> None:
    """Change the answers to a path, knowing what was asked."""
    answer = r.keap.handle

    def altered(request: Request) -> Response:
        response = answer(request)
        if request.path.endswith(path):
            data = response.get_json()
            change(request, data)
            response.set_data(json.dumps(data))
        return response

    r.keap.handle = altered  # type: ignore[method-assign]


def test_totals_that_are_no_cents_are_an_error(shop: Rehearsal) -> None:
    """A currency without decimals, say: a hundredth would be booked."""

    def in_yen(_: Request, data: dict[str, Any]) -> None:
        for row in data["orders"]:
            row["total"]["formatted_amount"] = f"¥{row['total']['amount']:,}"

    alter(shop, "/orders", in_yen)
    finding = found(shop, "order-unit")
    assert (finding.level, len(finding.examples)) == ("error", 5)


def test_payments_in_cents_are_an_error(shop: Rehearsal) -> None:
    def in_cents(_: Request, data: dict[str, Any]) -> None:
        for row in data["payments"]:
            row["amount"] = int(row["amount"] * 100)

    alter(shop, "/sales/payments", in_cents)
    finding = found(shop, "payment-unit")
    assert (finding.level, finding.named) == ("error", "payment")


def test_payments_that_do_not_agree_are_a_warning(shop: Rehearsal) -> None:
    def less(_: Request, data: dict[str, Any]) -> None:
        for row in data["orders"]:
            if row["id"] == "1003":
                row["total_paid"]["amount"] -= 1

    alter(shop, "/orders", less)
    finding = found(shop, "total-paid")
    assert (finding.level, finding.examples) == ("warning", ("1003",))


@pytest.mark.parametrize("clause", ["id>", "ids==", "invoice_id==", "modified_since_time=="])
@pytest.mark.parametrize("how", ["ignored", "empty", "refused"])
def test_filter_that_does_something_else_is_an_error(
    shop: Rehearsal, clause: str, how: str
) -> None:
    answer = shop.keap.handle

    def odd(request: Request) -> Response:
        if request.path.endswith("/orders") and request.args.get("filter", "").startswith(clause):
            if how == "refused":
                return Response('{"message": "Invalid filter"}', 400, mimetype="application/json")
            if how == "empty":
                return Response('{"orders": []}', mimetype="application/json")
            plain = {**request.environ, "QUERY_STRING": "page_size=200"}
            return answer(Request(plain))
        return answer(request)

    shop.keap.handle = odd  # type: ignore[method-assign]
    wrong = [item for item in check(shop) if item.level == "error"]
    silent = how == "empty" and clause == "modified_since_time=="
    assert [item.code for item in wrong] == ([] if silent else ["filter"])
    assert all(clause in item.message for item in wrong)


@pytest.mark.parametrize("how", ["repeated", "refused"])
def test_page_token_that_leads_nowhere_is_an_error(shop: Rehearsal, how: str) -> None:
    answer = shop.keap.handle

    def stuck(request: Request) -> Response:
        if "page_token" not in request.args:
            return answer(request)
        if how == "refused":
            return Response('{"message": "Invalid token"}', 400, mimetype="application/json")
        plain = {**request.environ, "QUERY_STRING": "page_size=1&order_by=id asc"}
        return answer(Request(plain))

    shop.keap.handle = stuck  # type: ignore[method-assign]
    assert found(shop, "page-token").level == "error"


def test_order_that_cannot_be_read_is_named(shop: Rehearsal) -> None:
    def broken(_: Request, data: dict[str, Any]) -> None:
        for row in data["orders"]:
            if row["id"] == "1004":
                row["order_time"] = "yesterday"

    alter(shop, "/orders", broken)
    finding = found(shop, "lines")
    assert "orders that cannot be read: 1" in finding.message
    assert set(finding.examples) == {"1004", "1025"}


def test_amounts_are_compared_exactly(tmp_path: Path) -> None:
    """A payment that happens to be a hundred times another is what it is."""
    r = Rehearsal(tmp_path)
    r.keap.switches = replace(r.keap.switches, allocation_unit="major")
    r.keap.add_payment(order_id=r.order(), amount=Decimal("100.00"))
    assert found(r, "payment-unit").message == "payments are in major units: 1"
