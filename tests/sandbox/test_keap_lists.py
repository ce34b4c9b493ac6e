"""The sandbox's Keap: filters, sorting and paging of its lists."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from invoicesync_sandbox.clock import Clock
from invoicesync_sandbox.keap import Address, Item, KeapSandbox, KeapSwitches
from tests.kits.keap_app import switch

START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def keap() -> KeapSandbox:
    """Orders 1001 to 1005, ordered on 1 to 5 November and entered a day later each."""
    account = KeapSandbox(Clock(START), KeapSwitches(token_style="opaque"))
    for person in ("Ada", "Bob"):
        account.add_contact(given_name=person, emails=(f"{person.lower()}@example.com",))
    for day in range(5):
        when = START + timedelta(days=day)
        account.add_order(
            contact_id=101 + day % 2,
            order_time=when,
            creation_time=when + timedelta(days=1),
            items=[Item("PRODUCT", "10.00", name=f"Product {day}")],
            title=f"Order {day}",
            invoice_id=500 + day,
        )
    return account


def answer(keap: KeapSandbox, path: str, query: dict[str, str]) -> TestResponse:
    """The answer to a read."""
    return Client(keap).get(
        f"/crm/rest/v2{path}",
        query_string=query,
        headers={"Authorization": "Bearer KeapAK-sandbox"},
    )


def get(keap: KeapSandbox, path: str = "/orders", /, **query: str) -> Any:
    """The JSON answer to a read that is allowed."""
    reply = answer(keap, path, query)
    assert reply.status_code == 200, reply.text
    return reply.json


def refused(keap: KeapSandbox, path: str = "/orders", /, **query: str) -> Any:
    """The JSON answer to a read that is not."""
    reply = answer(keap, path, query)
    assert reply.status_code == 400, reply.text
    return reply.json


def ids(keap: KeapSandbox, **query: str) -> list[int]:
    """Which orders of 1001 to 1005 a query finds, as 1 to 5."""
    return [int(order["id"]) - 1000 for order in get(keap, **query)["orders"]]


def walk(keap: KeapSandbox, **query: str) -> list[int]:
    """All pages of a query, one after the other."""
    found: list[int] = []
    token = ""
    while True:
        page = get(keap, **query, **({"page_token": token} if token else {}))
        found += [int(order["id"]) - 1000 for order in page["orders"]]
        token = page.get("next_page_token", "")
        if not token:
            return found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("id==1002", [2]),
        ("id!=1002", [1, 3, 4, 5]),
        ("id>1002;id<=1004", [3, 4]),
        ("id<1002", [1]),
        ("id>=1005", [5]),
        ("ids==1005,1001,9999", [1, 5]),
        ("contact_id==102", [2, 4]),
        ("contact_id==102;id>1002", [4]),
        ("invoice_id==503", [4]),
        ("product_id==3", [3]),
        ("title==order 2", [3]),
        ("title==ORDER*", [1, 2, 3, 4, 5]),
        ("title==order", []),
        ("order_type==OFFLINE", []),
        ("paid==false", [1, 2, 3, 4, 5]),
        ("shipping_locality==Leeds", []),
    ],
)
def test_order_filters(keap: KeapSandbox, query: str, found: list[int]) -> None:
    assert ids(keap, filter=query) == found


@pytest.mark.parametrize(
    "query",
    [
        "colour==red",
        "contact_id>101",
        "ids!=1001",
        "id=1001",
        "id~1001",
        "id==abc",
        "ids==1001,",
        "ids==1001 1002",
        "paid==yes",
        "order_type==online",
        "id==1001;",
        "created_since_time==2026-11-01",
        "created_since_time==2026-11-01T00:00:00.000",
        "created_since_time==2026-11-01T00:00:00.000 00:00",
        "created_since_time==2026-13-01T00:00:00.000Z",
        "created_since_time>=2026-11-01T00:00:00.000Z",
    ],
)
def test_bad_filters_are_refused(keap: KeapSandbox, query: str) -> None:
    error = refused(keap, filter=query)

    assert error["code"] == 400
    assert isinstance(error["message"], str)
    assert error["status"] == "INVALID_ARGUMENT"
    assert error["details"][0].keys() == {"domain", "resource"}


def test_unknown_parameters_are_ignored(keap: KeapSandbox) -> None:
    assert ids(keap, since="2026-11-04T00:00:00.000Z", contact_id="101") == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("bounds", "found"), [("inclusive", [2, 3, 4]), ("exclusive", [3])])
def test_time_bounds(keap: KeapSandbox, bounds: str, found: list[int]) -> None:
    switch(keap, bounds=bounds)
    period = (
        "created_since_time==2026-11-03T12:00:00.000Z;created_until_time==2026-11-05T12:00:00.000Z"
    )

    assert ids(keap, filter=period) == found
    assert ids(keap, filter=period.replace("created", "modified")) == found


@pytest.mark.parametrize(("reads", "found"), [("creation_time", [3, 4, 5]), ("order_time", [4, 5])])
def test_which_date_the_created_filter_reads(
    keap: KeapSandbox, reads: str, found: list[int]
) -> None:
    switch(keap, created_filter_reads=reads)

    assert ids(keap, filter="created_since_time==2026-11-04T11:00:00.000Z") == found


def test_a_time_in_another_zone(keap: KeapSandbox) -> None:
    assert ids(keap, filter="created_since_time==2026-11-06T07:00:00.000-05:00") == [5]


def test_times_without_milliseconds(keap: KeapSandbox) -> None:
    query = "created_since_time==2026-11-04T12:00:00Z"
    refused(keap, filter=query)

    switch(keap, milliseconds_required=False)
    assert ids(keap, filter=query) == [3, 4, 5]


def test_shipping_filters(keap: KeapSandbox) -> None:
    keap.edit_order(1003, shipping=Address("1 Quay", locality="Hull", region_code="GB-KHL"))

    assert ids(keap, filter="shipping_locality==hull;shipping_country_code==GBR") == [3]
    assert ids(keap, filter="shipping_region_code==GB-KHL") == [3]


def test_too_long_id_lists(keap: KeapSandbox) -> None:
    assert ids(keap, filter="ids==1001,1002,1003") == [1, 2, 3]

    switch(keap, max_listed_ids=2)
    refused(keap, filter="ids==1001,1002,1003")
    assert ids(keap, filter="ids==1001,1002") == [1, 2]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("email==ADA@example.com", ["101"]),
        ("email==b*", ["102"]),
        ("given_name==ad*", ["101"]),
        ("ids==102,101", ["101", "102"]),
        ("contact_ids==102", ["102"]),
        ("contact_id>101", ["102"]),
        ("billing_address_locality==Leeds", []),
    ],
)
def test_contact_filters(keap: KeapSandbox, query: str, found: list[str]) -> None:
    rows = get(keap, "/contacts", filter=query)["contacts"]

    assert [row["id"] for row in rows] == found


def test_the_email_filter_looks_at_every_slot(keap: KeapSandbox) -> None:
    keap.edit_contact(102, emails=("bob@example.com", "bob@home.example"))

    rows = get(keap, "/contacts", filter="email==bob@home.example")["contacts"]
    assert [row["id"] for row in rows] == ["102"]


@pytest.mark.parametrize(
    ("order_by", "found"),
    [
        ("id asc", [1, 2, 3, 4, 5]),
        ("id desc", [5, 4, 3, 2, 1]),
        ("id", [1, 2, 3, 4, 5]),
        ("order_time desc", [5, 4, 3, 2, 1]),
        ("modification_time asc", [1, 3, 4, 5, 2]),
    ],
)
def test_sorting(keap: KeapSandbox, order_by: str, found: list[int]) -> None:
    keap.clock.set(START + timedelta(days=9))
    keap.edit_order(1002, title="Edited")

    assert ids(keap, order_by=order_by) == found
    assert walk(keap, order_by=order_by, page_size="2") == found


@pytest.mark.parametrize("order_by", ["total asc", "id up", "id:asc", "-id"])
def test_bad_sorting_is_refused(keap: KeapSandbox, order_by: str) -> None:
    refused(keap, order_by=order_by)


@pytest.mark.parametrize(("setting", "first"), [("asc", 1), ("desc", 5)])
def test_default_order(keap: KeapSandbox, setting: str, first: int) -> None:
    switch(keap, default_order=setting)

    assert ids(keap)[0] == first


def test_default_page_size(keap: KeapSandbox) -> None:
    assert len(ids(keap)) == 5

    switch(keap, default_page_size=3)
    assert len(ids(keap)) == 3


@pytest.mark.parametrize("size", ["1001", "-1", "many", "2.5"])
def test_bad_page_sizes_are_refused(keap: KeapSandbox, size: str) -> None:
    refused(keap, page_size=size)


def test_the_largest_page(keap: KeapSandbox) -> None:
    assert len(ids(keap, page_size="1000")) == 5


@pytest.mark.parametrize(("setting", "found"), [("default", [1, 2, 3, 4, 5]), ("empty", [])])
def test_a_page_size_of_nothing(keap: KeapSandbox, setting: str, found: list[int]) -> None:
    switch(keap, page_size_zero=setting)

    assert ids(keap, page_size="0") == found
    assert not get(keap, page_size="0")["next_page_token"]


@pytest.mark.parametrize(
    ("setting", "end"),
    [("absent", {}), ("empty", {"next_page_token": ""}), ("null", {"next_page_token": None})],
)
def test_the_end_of_a_list(keap: KeapSandbox, setting: str, end: dict[str, Any]) -> None:
    switch(keap, end_of_list=setting)

    page = get(keap, page_size="5")
    assert {name: value for name, value in page.items() if name != "orders"} == end
    assert get(keap, page_size="4")["next_page_token"]


def test_a_token_belongs_to_its_query(keap: KeapSandbox) -> None:
    token = get(keap, page_size="2", filter="id>1001")["next_page_token"]

    assert ids(keap, page_size="2", filter="id>1001", page_token=token) == [4, 5]
    refused(keap, page_size="2", page_token=token)
    refused(keap, page_size="2", filter="id>1001", order_by="id desc", page_token=token)
    refused(keap, "/contacts", page_token=token)


def test_a_tampered_token_is_refused(keap: KeapSandbox) -> None:
    token = get(keap, page_size="2")["next_page_token"]

    for other in (f"{token[:-2]}AA", "2", f"€{token}", f"{token}!"):
        refused(keap, page_token=other)


@pytest.mark.parametrize(("cursor", "rest"), [("value", [3, 4, 5]), ("count", [4, 5])])
def test_rows_that_move_between_two_pages(keap: KeapSandbox, cursor: str, rest: list[int]) -> None:
    switch(keap, cursor=cursor)
    token = get(keap, page_size="2")["next_page_token"]
    keap.delete_order(1001)

    assert ids(keap, page_token=token) == rest


def test_an_order_that_changes_between_two_pages_comes_again_at_the_end(
    keap: KeapSandbox,
) -> None:
    query = {"order_by": "modification_time asc", "page_size": "3"}
    token = get(keap, **query)["next_page_token"]
    keap.clock.set(START + timedelta(days=9))
    keap.edit_order(1001, title="Edited")

    assert ids(keap, page_token=token, **query) == [4, 5, 1]
