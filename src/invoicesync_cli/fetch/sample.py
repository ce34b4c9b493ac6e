"""A sample of a Keap account: its newest orders and payments as they came, and what its lists
answer to the filters and page tokens that a run depends on. Nothing is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from invoicesync_cli.fetch.keap import KeapClient
from invoicesync_cli.fetch.lists import RawRows
from invoicesync_cli.fetch.readers import id_in
from invoicesync_cli.http.responses import ServiceRefused, WebPage

SIZE = 200
"""Orders and payments that are looked at."""
LOOKED_INTO = 10
"""Orders whose own lists of payments are read."""
ORDERS, PAYMENTS = ("/orders", "orders"), ("/sales/payments", "payments")
SETTLED = {"APPROVED", "COMPLETED"}
TRANSACTIONS, CONTACTS = ("/sales/transactions", "transactions"), ("/contacts", "contacts")


@dataclass(frozen=True)
class SampledList:
    """What a list answered: its rows and the token of the next page, or why it was refused."""

    asked: str
    rows: RawRows = field(default_factory=list)
    token: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Sample:
    """The newest rows of an account. `paid` are the payments of these orders, `allocations` the
    rows of some orders' own lists, by order id."""

    orders: RawRows
    payments: RawRows
    paid: RawRows
    allocations: Mapping[str, RawRows]


def take(keap: KeapClient) -> Sample:
    """The newest orders and payments of an account, and what belongs to these orders."""
    newest = {"order_by": "id desc", "page_size": str(SIZE)}
    orders, payments = (_objects(keap.rows(*of, newest)[0]) for of in (ORDERS, PAYMENTS))
    ids = [found for row in orders if (found := id_in(row, "id"))]
    paid = _objects(keap.rows_of_orders(ids))
    telling = [row for row in paid if _telling(row)] or paid
    listed = dict.fromkeys(order for row in telling for order in orders_of(row))
    wanted = [order for order in listed if order in ids][:LOOKED_INTO]
    return Sample(
        orders, payments, paid, {order: _objects(keap.allocation_rows(order)) for order in wanted}
    )


def orders_of(row: Any) -> list[str]:
    """The orders that a payment names."""
    named = row.get("order_ids")
    return [str(order) for order in named] if isinstance(named, list) else []


def ask(keap: KeapClient, of: tuple[str, str], params: Mapping[str, str]) -> SampledList:
    """What a list answers, also where it refuses."""
    path, name = of
    params_text = " ".join(f"{key}={value}" for key, value in params.items())
    try:
        rows, token = keap.rows(path, name, params)
    except (ServiceRefused, WebPage) as error:
        return SampledList(f"{path} {params_text}", refused=error.message)
    return SampledList(f"{path} {params_text}", rows, token)


def in_pages(keap: KeapClient, pages: int = 3) -> list[SampledList]:
    """The first pages of the orders, one order each, by the vendor's page tokens."""
    params: dict[str, str] = {"order_by": "id asc", "page_size": "1"}
    found: list[SampledList] = []
    for _ in range(pages):
        found.append(ask(keap, ORDERS, params))
        if not found[-1].token:
            break
        params = {**params, "page_token": found[-1].token}
    return found


def _objects(rows: RawRows) -> RawRows:
    return [row for row in rows if isinstance(row, Mapping)]


Test = Callable[[Any], bool]


def filters(sample: Sample) -> list[tuple[tuple[str, str], dict[str, str], Test, str]]:
    """Each filter that a run uses: list, parameters, what every row has to be like, and the id of
    a row that has to be there; blank where none is known."""
    found: list[tuple[tuple[str, str], dict[str, str], Test, str]] = []
    wide = {"page_size": str(SIZE)}

    def add(
        of: tuple[str, str], clause: str, fits: Test, row_id: str = "", order: str = ""
    ) -> None:
        by = {"order_by": order} if order else {}
        parameters = {"filter": clause, **by, **wide}
        found.append((of, parameters, lambda row: isinstance(row, Mapping) and fits(row), row_id))

    for of, rows in ((ORDERS, sample.orders), (PAYMENTS, sample.payments)):
        ids = sorted((int(one) for row in rows if (one := id_in(row, "id"))), reverse=True)
        if len(ids) > 1:
            # Each of these is bound when it is made.
            add(of, f"id>{ids[1]}", _above(ids[1]), str(ids[0]), "id asc")
    orders = [row for row in sample.orders if id_in(row, "id")]
    if orders:
        order, few = orders[0], [id_in(row, "id") for row in orders[:3]]
        add(ORDERS, f"ids=={','.join(few)}", lambda row: id_in(row, "id") in few, few[0])
        invoice = id_in(order, "invoice_id")
        add(
            ORDERS,
            f"invoice_id=={invoice}",
            lambda row: id_in(row, "invoice_id") == invoice,
            few[0],
        )
        changed = max(orders, key=lambda row: str(row.get("modification_time") or ""))
        since = str(changed.get("modification_time") or "")
        if since:
            add(
                ORDERS,
                f"modified_since_time=={since}",
                lambda row: str(row.get("modification_time") or "") >= since,
                order="modification_time asc",
            )
        person = id_in(order.get("contact") or {}, "id")
        add(CONTACTS, f"ids=={person}", lambda row: id_in(row, "id") == person)
    paid = [row for row in sample.paid if orders_of(row)]
    if paid:
        own = orders_of(paid[0])
        fits = _of_orders(own)
        add(PAYMENTS, f"order_ids=={','.join(own)}", fits, id_in(paid[0], "id"))
        day = f"{str(paid[0].get('payment_time'))[:10]}T00:00:00.000Z"
        add(PAYMENTS, f"since_time=={day}", lambda row: _latest(row) >= day, id_in(paid[0], "id"))
        failed = f"is_successful==false;since_time=={day}"
        add(TRANSACTIONS, failed, lambda row: str(row.get("status")) not in SETTLED)
        add(
            TRANSACTIONS,
            f"transaction_method==VOID;since_time=={day}",
            lambda _: True,
        )
    return found


def _above(least: int) -> Test:
    return lambda row: int(id_in(row, "id") or 0) > least


def _of_orders(own: Sequence[str]) -> Test:
    return lambda row: not set(own).isdisjoint(orders_of(row))


def _latest(row: Any) -> str:
    """The latest time of a payment: which of its times the filter looks at is not documented."""
    return max(str(row.get(name) or "") for name in ("payment_time", "update_time"))


def _telling(row: Any) -> bool:
    """Whether a payment is a refund, has one, or is on several orders."""
    several = len(orders_of(row)) > 1
    linked = row.get("refund_payment_id") not in (None, "", 0, "0")
    return bool(several or linked or row.get("type") == "Refund")
