"""Lists of Keap's: read whole, in few calls, and never without end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Literal

import pytest
from werkzeug.wrappers import Request, Response

from invoicesync_cli.cli.command import Call
from invoicesync_cli.cli.workspace import Workspace
from invoicesync_cli.errors import ExitCode, TryLater
from invoicesync_cli.fetch import keap as keap_reader
from invoicesync_cli.fetch.keap import KeapClient
from invoicesync_cli.model import UnreadablePayment
from invoicesync_cli.sync import scan
from invoicesync_sandbox.keap import Item, KeapSwitches
from tests.kits.changed_answers import Repeated, one, rewrite
from tests.kits.rehearsal import Rehearsal

Style = Literal["opaque", "url"]
STYLES: tuple[Style, ...] = ("opaque", "url")
HUNDRED = Item("PRODUCT", "100.00", name="Candle")


@pytest.fixture
def r(tmp_path: Path) -> Rehearsal:
    return Rehearsal(tmp_path, **{"sync.mode": "invoices-and-payments"})


@contextmanager
def client(r: Rehearsal) -> Iterator[KeapClient]:
    """The reader of the rehearsal's Keap."""
    with Workspace(r.environ, r.network).run(Call(), {}, dry_run=True) as deps:
        yield deps.keap


def calls(r: Rehearsal, path: str) -> int:
    """How often a list was asked for."""
    return sum(call.path.endswith(path) for call in r.keap.calls)


# --- orders by range, payments by time ------------------------------------------------------------


def test_orders_of_a_range_are_read_lowest_first_in_few_calls(r: Rehearsal) -> None:
    ids = [int(r.order(id=number)) for number in range(2001, 2701)]
    r.keap.delete_order(2300)
    with client(r) as keap:
        found = [
            [int(order.order_id) for order in page] for page in keap.orders_between(2011, 2690)
        ]
        assert [number for page in found for number in page] == [
            number for number in ids if 2011 <= number <= 2690 and number != 2300
        ]
        assert len(found) == 2
        assert list(keap.orders_between(2300, 2300)) == []
        assert list(keap.orders_between(5, 4)) == []
    assert calls(r, "/orders") <= 4


def test_a_page_holds_no_more_orders_than_the_range_can(r: Rehearsal) -> None:
    for number in range(2001, 2021):
        r.order(id=number)
    with client(r) as keap:
        (page,) = keap.orders_between(2005, 2006)
    assert [order.order_id for order in page] == ["2005", "2006"]
    assert "page_size=2" in r.keap.calls[-1].query


@pytest.mark.parametrize("style", STYLES)
def test_payments_since_a_time_are_whole_rows(
    r: Rehearsal, monkeypatch: pytest.MonkeyPatch, style: Style
) -> None:
    monkeypatch.setattr(keap_reader, "WIDE_PAGE", 3)
    r.keap.switches = KeapSwitches(token_style=style)
    order, now = r.order(HUNDRED), r.clock.now()
    paid = [
        r.keap.add_payment(order_id=order, amount="1.00", time=now - timedelta(days=days))
        for days in (50, 34, 20, 0, 36, 1, 2, 3)
    ]
    rewrite(r, "/sales/payments", one("payments", paid[3].id, lambda row: row.update(amount=None)))
    with client(r) as keap:
        pages = list(keap.payments_since(now - timedelta(days=35)))
    rows = [row for page in pages for row in page]
    assert [row.id for row in rows] == [paid[at].id for at in (1, 2, 3, 5, 6, 7)]
    assert [row.id for row in rows if isinstance(row, UnreadablePayment)] == [paid[3].id]
    assert all(len(page) <= 3 for page in pages)


@pytest.mark.parametrize("style", STYLES)
def test_lists_by_token_are_read_whole(
    r: Rehearsal, monkeypatch: pytest.MonkeyPatch, style: Style
) -> None:
    """What was seen of a live account is the whole address of the next page in place of a token."""
    monkeypatch.setattr(keap_reader, "PAGE", 2)
    monkeypatch.setattr(keap_reader, "WIDE_PAGE", 2)
    r.keap.switches = KeapSwitches(token_style=style, default_page_size=2)
    orders = [r.order(HUNDRED, order_time=r.clock.now()) for _ in range(5)]
    for order in orders:
        r.keap.add_failed_charge(order, "100.00")
    shared = r.keap.add_payment(
        order_ids=orders, amount="15.00", allocations=dict(zip(orders, range(1, 6), strict=True))
    )
    for amount in ("1.00", "2.00", "3.00"):
        r.keap.add_payment(order_id=orders[0], amount=amount)
    with client(r) as keap:
        since = r.clock.now() - timedelta(days=1)
        assert len(keap.failed_charges(since)) == 5
        assert len({o.order_id for page in keap.orders_modified(since) for o in page}) == 5
        money = keap.payments_of(orders)
    (split,) = (item for item in money[orders[0]].payments if item.id == shared.id)  # type: ignore[index]
    assert [int(amount) for _, amount in split.allocations] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("read", range(1, 6))
def test_orders_of_one_second_are_read_whole_while_they_change(
    r: Rehearsal, monkeypatch: pytest.MonkeyPatch, read: int
) -> None:
    """After an import a page holds no more than a second; a change moves the rows behind it."""
    monkeypatch.setattr(keap_reader, "PAGE", 2)
    r.keap.switches = KeapSwitches(cursor="count")
    since = r.clock.now() - timedelta(days=1)
    orders = [r.order(HUNDRED) for _ in range(7)]
    found = set()
    with client(r) as keap:
        for place, page in enumerate(keap.orders_modified(since), start=1):
            found |= {order.order_id for order in page}
            if place == read:
                r.ticker.pass_time(60)
                for order in orders[:3]:
                    r.keap.edit_order(order, title="Imported")
    assert found == {*orders}


def test_failed_charges_are_read_once_a_run(r: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CHUNK", 2)
    orders = [r.order(HUNDRED) for _ in range(7)]
    for order in orders:
        r.keap.add_failed_charge(order, "100.00")
    reported = [item.order_id for item in r.sync().documents if item.reason == "payment-failed"]
    assert reported == orders
    assert sum("is_successful" in call.query for call in r.keap.calls) == 1


def test_earlier_failed_charges_are_read_beside_those_that_were_read(r: Rehearsal) -> None:
    now, order = r.clock.now(), r.order(HUNDRED)
    for days in (1, 5, 9):
        r.keap.add_failed_charge(order, f"{days}.00", time=now - timedelta(days=days))
    with client(r) as keap:
        assert len(keap.failed_charges(now - timedelta(days=5))) == 2
        assert len(keap.failed_charges(now - timedelta(days=3))) == 2
        found = keap.failed_charges(now - timedelta(days=9))
    assert sorted(int(charge.amount) for charge in set(found)) == [1, 5, 9]
    assert calls(r, "/sales/transactions") == 2


# --- lists without end ----------------------------------------------------------------------------


def alternating() -> Callable[[dict[str, Any]], None]:
    """Tokens a, b, a, b…"""
    turn = count()
    return lambda data: data.update(next_page_token="ab"[next(turn) % 2])


def ever_new() -> Callable[[dict[str, Any]], None]:
    """A token that was never there before, with the same rows."""
    turn = count()
    return lambda data: data.update(next_page_token=f"t{next(turn)}")


def nowhere() -> Callable[[dict[str, Any]], None]:
    """The address of a next page without a token in it."""
    return lambda data: data.update(next_page_token="https://api.example.com/orders?page=2")


def an_object() -> Callable[[dict[str, Any]], None]:
    """No token at all."""
    return lambda data: data.update(next_page_token={"page": 2})


ENDLESS = [alternating, ever_new, nowhere, an_object]


@pytest.mark.parametrize("tokens", ENDLESS)
@pytest.mark.parametrize("path", ["/orders", "/sales/payments", "/sales/transactions", "/contacts"])
def test_list_that_never_ends_stops_the_run(
    r: Rehearsal, tokens: Callable[[], Callable[[dict[str, Any]], None]], path: str
) -> None:
    """Its next pages have the rows that were read already, whatever is asked for."""
    for _ in range(2):
        r.keap.add_failed_charge(r.order(HUNDRED), "100.00")
    order = r.order(HUNDRED)
    r.keap.add_payment(order_id=order, amount="40.00")
    rewrite(r, path, tokens(), Repeated)
    with pytest.raises(TryLater) as stopped:
        r.sync()
    assert stopped.value.exit_code == ExitCode.TRY_LATER
    assert path in stopped.value.message
    assert calls(r, path) <= 6


def test_list_in_another_order_than_asked_for_stops_the_run(
    r: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next page would begin behind rows that nobody has seen."""
    monkeypatch.setattr(keap_reader, "PAGE", 2)
    for _ in range(4):
        r.order(HUNDRED)
    rewrite(r, "/orders", lambda data: data["orders"].reverse())
    with pytest.raises(TryLater, match="do not advance by id"):
        r.sync()


FRONT = "<html><head><title>400 Bad Request</title></head><h1>Error: Bad Request</h1></html>"
"""What the server before Keap answers to what it does not like."""


def refuse_long(r: Rehearsal, most: int, status: int) -> None:
    """The server before Keap refuses lists of more than `most` ids, with a page of its own."""
    answer = r.keap.handle

    def front(request: Request) -> Response:
        if request.args.get("filter", "").count(",") >= most:
            return Response(FRONT, status, content_type="text/html;charset=utf-8")
        return answer(request)

    r.keap.handle = front  # type: ignore[method-assign]


@pytest.mark.parametrize("status", [400, 413, 414])
def test_list_that_is_too_long_for_the_front_server_is_asked_for_in_parts(
    r: Rehearsal, status: int
) -> None:
    """Keap's front server has been seen to refuse in HTML, not as Keap itself does."""
    orders = [r.order(HUNDRED) for _ in range(40)]
    refuse_long(r, 12, status)
    assert r.sync().exit_code == ExitCode.OK
    assert {row.reference.split(",")[0] for row in r.xero.invoices.values()} >= {
        f"Keap order {order}" for order in orders
    }


def test_page_in_the_place_of_a_list_stops_the_run(r: Rehearsal) -> None:
    """One id is not too long: it is a maintenance page, or a proxy."""
    r.order(HUNDRED)
    refuse_long(r, 0, 400)
    with pytest.raises(TryLater, match="a web page"):
        r.sync()


@pytest.mark.parametrize("body", ['{"message": "Invalid fields"}', FRONT])
def test_settings_that_cannot_be_asked_for_so_are_read_from_the_profile(
    r: Rehearsal, body: str
) -> None:
    """How several modules are asked for is documented in two ways."""
    r.keap.fail(status=400, path="getConfiguration", body=body, times=9)
    r.order(HUNDRED)
    assert r.sync().exit_code == ExitCode.OK
    assert calls(r, "/businessProfile") == 1


@pytest.mark.parametrize("rows", ["orders", 7, {"id": "1"}], ids=str)
def test_list_that_is_none_stops_the_run(r: Rehearsal, rows: Any) -> None:
    r.order(HUNDRED)
    rewrite(r, "/orders", lambda data: data.update(orders=rows))
    with pytest.raises(TryLater, match="gave no list"):
        r.sync()


def test_page_without_rows_is_the_last_one(r: Rehearsal) -> None:
    """Another list of Keap's has been seen to name a next page behind its end."""
    order = r.order(HUNDRED)
    r.keap.add_payment(order_id=order, amount="100.00")

    def behind(data: dict[str, Any]) -> None:
        if not data["payments"]:
            data["next_page_token"] = "more"

    rewrite(r, "/sales/payments", behind)
    assert r.sync().exit_code == ExitCode.OK
    r.ticker.pass_time(3600)
    assert r.sync().exit_code == ExitCode.OK
